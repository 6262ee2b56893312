/* Slices of text. */
#include "lib/base/str.h"

#include <assert.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_from_c(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

bool str_is_empty(struct str text)
{
    return text.len == 0;
}

bool str_equal(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    if (a.len == 0)
        return true;
    assert(a.ptr && b.ptr);
    return memcmp(a.ptr, b.ptr, a.len) == 0;
}

bool str_equal_nocase(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

int str_compare(struct str a, struct str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.ptr, b.ptr, common) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_starts_with(struct str text, struct str prefix)
{
    return text.len >= prefix.len && str_equal(str_slice(text, 0, prefix.len), prefix);
}

bool str_ends_with(struct str text, struct str suffix)
{
    return text.len >= suffix.len &&
           str_equal(str_slice(text, text.len - suffix.len, text.len), suffix);
}

bool str_find(struct str text, struct str needle, size_t *ret_at)
{
    for (size_t at = 0; at + needle.len <= text.len; at++) {
        if (!str_equal(str_slice(text, at, at + needle.len), needle))
            continue;
        if (ret_at)
            *ret_at = at;
        return true;
    }
    return false;
}

bool str_find_char(struct str text, char c, size_t *ret_at)
{
    const char *found = text.len ? memchr(text.ptr, c, text.len) : NULL;
    if (found && ret_at)
        *ret_at = (size_t)(found - text.ptr);
    return found != NULL;
}

struct str str_slice(struct str text, size_t from, size_t to)
{
    if (to > text.len)
        to = text.len;
    if (from > to)
        from = to;
    return (struct str){text.ptr ? text.ptr + from : NULL, to - from};
}

struct str str_trim(struct str text)
{
    size_t from = 0, to = text.len;
    while (from < to && is_space(text.ptr[from]))
        from++;
    while (to > from && is_space(text.ptr[to - 1]))
        to--;
    return str_slice(text, from, to);
}

bool str_split(struct str *rest, char separator, struct str *ret_piece)
{
    size_t at;
    if (!rest->ptr)
        return false;
    if (str_find_char(*rest, separator, &at)) {
        *ret_piece = str_slice(*rest, 0, at);
        *rest = str_slice(*rest, at + 1, rest->len);
    } else {
        *ret_piece = *rest;
        *rest = (struct str){NULL, 0};
    }
    return true;
}

/* Bytes of the sequence that begins with `first`; 0 when none does. */
static size_t utf8_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if ((first & 0xf0) == 0xe0)
        return 3;
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* The second byte excludes overlong forms, surrogates and what is over U+10FFFF. */
static bool utf8_second_is_good(unsigned char first, unsigned char second)
{
    unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return second >= least && second <= most;
}

bool str_is_utf8(struct str text)
{
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    size_t i = 0;
    while (i < text.len) {
        size_t length = utf8_length(bytes[i]);
        if (!length || bytes[i] == 0 || length > text.len - i)
            return false;
        if (length > 1 && !utf8_second_is_good(bytes[i], bytes[i + 1]))
            return false;
        for (size_t k = 2; k < length; k++)
            if ((bytes[i + k] & 0xc0) != 0x80)
                return false;
        i += length;
    }
    return true;
}
