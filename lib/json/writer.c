/* Writing: straight into a buffer, with commas and nesting kept by the writer. */
#include <assert.h>
#include <stdlib.h>

#include "lib/base/time.h"
#include "lib/json/json.h"

enum { DECIMAL_DIGITS_MAX = 24 };

void json_writer_init(struct json_writer *writer, struct buf *buf)
{
    *writer = (struct json_writer){.buf = buf};
}

/* ---- nesting ---- */

static bool is_inside(const struct json_writer *writer, char open)
{
    return writer->depth > 0 && writer->open[writer->depth] == open;
}

static void add_comma(struct json_writer *writer)
{
    if (writer->needs_comma[writer->depth]) {
        assert(writer->depth > 0); /* a second root */
        buf_add_char(writer->buf, ',');
    }
    writer->needs_comma[writer->depth] = true;
}

static void before_value(struct json_writer *writer)
{
    if (is_inside(writer, '{')) {
        assert(writer->after_key);
        writer->after_key = false;
        return;
    }
    add_comma(writer);
}

void json_begin(struct json_writer *writer, char bracket)
{
    before_value(writer);
    writer->depth++;
    assert(writer->depth < JSON_WRITE_DEPTH_MAX);
    writer->open[writer->depth] = bracket;
    writer->needs_comma[writer->depth] = false;
    buf_add_char(writer->buf, bracket);
}

void json_end(struct json_writer *writer, char bracket)
{
    char open = bracket == '}' ? '{' : '[';
    assert(is_inside(writer, open) && !writer->after_key);
    writer->depth--;
    buf_add_char(writer->buf, bracket);
}

/* ---- texts ---- */

/* Bytes of the character at `at`; 0 when they are not UTF-8. */
static size_t character_length(struct str text, size_t at)
{
    unsigned char first = (unsigned char)text.ptr[at];
    size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (length > text.len - at || !str_is_utf8(str_slice(text, at, at + length)))
        return 0;
    return length;
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Bytes from `at` on that stand in a JSON text as they are. */
static size_t plain_length(struct str text, size_t at)
{
    size_t end = at;
    while (end < text.len) {
        unsigned char c = (unsigned char)text.ptr[end];
        if (is_plain(c))
            end++;
        else if (c >= 0x80 && character_length(text, end))
            end += character_length(text, end);
        else
            break;
    }
    return end - at;
}

/* The escape of a control character that has a short one; 0 without. */
static char short_escape(unsigned char c)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static void add_escaped(struct buf *buf, unsigned char c)
{
    if (c == 0 || c >= 0x80)
        buf_add(buf, STR("\xef\xbf\xbd"));
    else if (short_escape(c))
        buf_format(buf, "\\%c", short_escape(c));
    else
        buf_format(buf, "\\u%04x", c);
}

static void add_quoted(struct buf *buf, struct str text)
{
    buf_add_char(buf, '"');
    for (size_t at = 0; at < text.len;) {
        size_t plain = plain_length(text, at);
        buf_add(buf, str_slice(text, at, at + plain));
        at += plain;
        if (at < text.len)
            add_escaped(buf, (unsigned char)text.ptr[at++]);
    }
    buf_add_char(buf, '"');
}

void json_key_str(struct json_writer *writer, struct str key)
{
    assert(is_inside(writer, '{') && !writer->after_key);
    add_comma(writer);
    add_quoted(writer->buf, key);
    buf_add_char(writer->buf, ':');
    writer->after_key = true;
}

/* ---- values ---- */

void json_add_raw(struct json_writer *writer, struct str json)
{
    before_value(writer);
    buf_add(writer->buf, json);
}

void json_add_int(struct json_writer *writer, int64_t value)
{
    before_value(writer);
    buf_add_int(writer->buf, value);
}

void json_add_str(struct json_writer *writer, struct str value)
{
    before_value(writer);
    add_quoted(writer->buf, value);
}

void json_add_time(struct json_writer *writer, int64_t at_ms)
{
    before_value(writer);
    buf_add_char(writer->buf, '"');
    time_render(at_ms, writer->buf);
    buf_add_char(writer->buf, '"');
}

/* Writes towards the front of `end`; returns how many characters. */
static size_t digits_before(char *end, uint64_t rest, int scale)
{
    char *at = end;
    for (int written = 0; rest || written <= scale; written++) {
        if (written == scale && written > 0)
            *--at = '.';
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    }
    return (size_t)(end - at);
}

void json_add_decimal(struct json_writer *writer, struct decimal value)
{
    char text[DECIMAL_DIGITS_MAX];
    char *end = text + sizeof(text);
    uint64_t size = value.mantissa < 0 ? 0 - (uint64_t)value.mantissa : (uint64_t)value.mantissa;
    assert(value.scale >= 0 && value.scale <= 18);
    size_t len = digits_before(end, size, value.scale);
    before_value(writer);
    if (value.mantissa < 0)
        buf_add_char(writer->buf, '-');
    buf_add(writer->buf, (struct str){end - len, len});
}

void json_add_money(struct json_writer *writer, struct money value)
{
    before_value(writer);
    buf_add_char(writer->buf, '"');
    money_render(value, writer->buf);
    buf_add_char(writer->buf, '"');
}
