/* One JSON object a line, written whole. */
#include "lib/base/log.h"

#include <errno.h>
#include <unistd.h>

#include "lib/base/buf.h"

/* A field is at most 6 KiB when each of its bytes is escaped. */
enum { LINE_BYTES_MAX = 16 * 1024, FIELD_BYTES_MAX = 1024, FIELD_ESCAPED_MAX = 7 * 1024 };

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_DEBUG:
        return "debug";
    case LOG_INFO:
        return "info";
    case LOG_WARNING:
        return "warning";
    case LOG_ERROR:
        return "error";
    }
    return "";
}

static void add_escaped(struct buf *line, struct str text)
{
    buf_add_char(line, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"' || c == '\\')
            buf_format(line, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            buf_format(line, "\\u%04x", c);
        else
            buf_add_char(line, (char)c);
    }
    buf_add_char(line, '"');
}

/* At most FIELD_BYTES_MAX bytes, ending with a whole character. */
static struct str cut_field(struct str text)
{
    size_t end = FIELD_BYTES_MAX;
    if (text.len <= end)
        return text;
    while (end > 0 && ((unsigned char)text.ptr[end] & 0xC0) == 0x80)
        end--;
    return str_slice(text, 0, end);
}

static void add_field(struct buf *line, const struct log_field *field)
{
    bool text = field->type == LOG_FIELD_TEXT;
    struct str value = cut_field(field->text);
    if (text && !value.len)
        return;
    buf_format(line, ",\"%s\":", field->name);
    if (!text)
        buf_add_int(line, field->number);
    else
        add_escaped(line, str_is_utf8(value) ? value : STR("(not UTF-8)"));
}

void log_write(const struct log *log, enum log_level level, const char *event,
               const struct log_field *fields, size_t count)
{
    if (level < log->least)
        return;
    struct arena arena;
    struct buf line;
    arena_init(&arena, LINE_BYTES_MAX * 4);
    buf_init(&line, &arena, LINE_BYTES_MAX);
    buf_add(&line, STR("{\"time\":\""));
    time_render(clock_now_ms(&log->clock), &line);
    buf_format(&line, "\",\"level\":\"%s\",\"event\":\"%s\"", level_name(level), event);
    size_t added = 0;
    while (added < count && line.len + FIELD_ESCAPED_MAX < LINE_BYTES_MAX)
        add_field(&line, &fields[added++]);
    if (added < count)
        buf_add(&line, STR(",\"cut\":true"));
    buf_add(&line, STR("}\n"));
    /* A log that cannot be written has nowhere to say so. */
    ssize_t written;
    do
        written = write(log->fd, line.ptr, line.len);
    while (written < 0 && errno == EINTR);
    arena_finish(&arena);
}
