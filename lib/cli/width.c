/* Widths by Unicode's East Asian Width and general category, from ICU. */
#include "lib/cli/width.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

static size_t character_width(UChar32 c)
{
    if (c < 0)
        return 1;
    int8_t type = u_charType(c);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK ||
        (type == U_FORMAT_CHAR && c != 0xad) || (c >= 0x1160 && c <= 0x11ff))
        return 0;
    int32_t width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
    return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

/* The character at `*at`, which moves behind it; negative for bytes that are none. */
static UChar32 next_character(struct str text, size_t *at)
{
    const uint8_t *bytes = (const uint8_t *)text.ptr;
    UChar32 c;
    if (bytes[*at] < 0x80)
        return bytes[(*at)++];
    U8_NEXT(bytes, *at, text.len, c);
    return c;
}

size_t width_of(struct str text)
{
    size_t width = 0;
    for (size_t at = 0; at < text.len;) {
        UChar32 c = next_character(text, &at);
        width += c >= 0 && c < 0x80 ? 1 : character_width(c);
    }
    return width;
}

/* What a terminal would obey, or what would turn the direction of its line. */
static bool is_hidden(UChar32 c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200e && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static bool all_visible(struct str text)
{
    for (size_t at = 0; at < text.len;)
        if (is_hidden(next_character(text, &at)))
            return false;
    return true;
}

/* "␊" for a newline, "␛" for an escape; "�" where there is no picture. */
static void add_picture(struct buf *buf, UChar32 c)
{
    if (c >= 0 && c < 0x20)
        buf_format(buf, "\xe2\x90%c", (char)(0x80 + c));
    else
        buf_add(buf, c == 0x7f ? STR("\xe2\x90\xa1") : STR("\xef\xbf\xbd"));
}

struct str width_visible(struct str text, struct arena *arena)
{
    if (all_visible(text))
        return text;
    struct buf buf;
    buf_init(&buf, arena, text.len * 3);
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        UChar32 c = next_character(text, &at);
        if (is_hidden(c))
            add_picture(&buf, c);
        else
            buf_add(&buf, str_slice(text, from, at));
    }
    return buf_str(&buf);
}

struct str width_cut(struct str text, size_t columns, struct arena *arena)
{
    if (width_of(text) <= columns)
        return text;
    if (columns == 0)
        return (struct str){NULL, 0};
    size_t end = 0, width = 0;
    for (size_t at = 0; at < text.len; end = at) {
        UChar32 c = next_character(text, &at);
        width += character_width(c);
        if (width > columns - 1)
            break;
    }
    return arena_format(arena, "%.*s…", STR_ARG(str_slice(text, 0, end)));
}

void width_add_spaces(struct buf *buf, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_add_char(buf, ' ');
}

static void add_wrapped_line(struct buf *buf, struct str line, size_t indent, size_t columns)
{
    struct str rest = line, word;
    size_t column = indent;
    if (str_starts_with(line, STR(" "))) {
        buf_format(buf, "%.*s\n", STR_ARG(line));
        return;
    }
    while (str_split(&rest, ' ', &word)) {
        size_t width = width_of(word);
        if (column > indent && column + 1 + width > columns) {
            buf_add_char(buf, '\n');
            width_add_spaces(buf, indent);
            column = indent;
        } else if (column > indent) {
            buf_add_char(buf, ' ');
            column++;
        }
        buf_add(buf, word);
        column += width;
    }
    buf_add_char(buf, '\n');
}

void width_add_wrapped(struct buf *buf, struct str text, size_t indent, size_t columns)
{
    struct str rest = text, line;
    for (bool first = true; str_split(&rest, '\n', &line); first = false) {
        if (!first && line.len)
            width_add_spaces(buf, indent);
        add_wrapped_line(buf, line, indent, columns);
    }
}
