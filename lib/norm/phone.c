/* Phone numbers. */
#include "lib/norm/norm.h"

#include "lib/norm/phone_library.h"

/* libphonenumber itself stops here; a longer text is no number with an extension. */
enum { PHONE_BYTES_MAX = 250, PHONE_DIGITS_MIN = 3 };

/* Most cells that hold no number ("n/a", "-") need no library to say so. */
static bool has_digits(struct str text)
{
    int digits = 0;
    for (size_t i = 0; i < text.len; i++)
        digits += (text.ptr[i] >= '0' && text.ptr[i] <= '9') || (unsigned char)text.ptr[i] >= 0x80;
    return digits >= PHONE_DIGITS_MIN;
}

/* ---- North America, without the library ---- */

/*
 * The common ways to write ten digits there take the library fifteen microseconds, an import has a
 * hundred thousand of them, and what it does with them is simple. Anything else is left to it; a
 * test compares the two.
 */
static bool take(struct str *rest, char c)
{
    bool is_there = rest->len > 0 && rest->ptr[0] == c;
    if (is_there)
        *rest = str_slice(*rest, 1, rest->len);
    return is_there;
}

static bool take_separator(struct str *rest)
{
    return take(rest, ' ') || take(rest, '-') || take(rest, '.');
}

static bool take_digits(struct str *rest, size_t count, char *digits)
{
    for (size_t i = 0; i < count; i++) {
        if (i >= rest->len || rest->ptr[i] < '0' || rest->ptr[i] > '9')
            return false;
        digits[i] = rest->ptr[i];
    }
    *rest = str_slice(*rest, count, rest->len);
    return true;
}

static bool is_north_american(struct country country)
{
    return str_equal(country_str(&country), STR("US")) ||
           str_equal(country_str(&country), STR("CA"));
}

/* "(512) 757-6000", "512.757.6000", "+1 512-757-6000", "15127576000" */
static bool parse_north_american(struct str text, struct country country, char digits[10])
{
    struct str rest = text;
    bool is_international = take(&rest, '+');
    bool has_one = take(&rest, '1');
    if (is_international ? !has_one : !is_north_american(country))
        return false;
    if (has_one)
        take_separator(&rest);
    bool is_open = take(&rest, '(');
    if (!take_digits(&rest, 3, digits) || digits[0] < '2' || is_open != take(&rest, ')'))
        return false;
    take_separator(&rest);
    if (!take_digits(&rest, 3, digits + 3))
        return false;
    take_separator(&rest);
    return take_digits(&rest, 4, digits + 6) && rest.len == 0;
}

bool phone_parse(struct str text, struct country country, struct arena *arena, struct str *ret_e164)
{
    char e164[PHONE_TEXT_MAX], digits[10];
    if (parse_north_american(text, country, digits)) {
        *ret_e164 = arena_format(arena, "+1%.10s", digits);
        return true;
    }
    if (text.len > PHONE_BYTES_MAX || !has_digits(text))
        return false;
    if (!phone_library_parse(text.ptr, text.len, country_is_set(country) ? country.code : "ZZ",
                             e164))
        return false;
    *ret_e164 = arena_str(arena, str_from_c(e164));
    return true;
}

struct str phone_render(struct str e164, struct arena *arena)
{
    char text[PHONE_TEXT_MAX];
    bool is_e164 = e164.len > 1 && e164.len < PHONE_TEXT_MAX && e164.ptr[0] == '+';
    if (!is_e164 || !phone_library_render(e164.ptr, e164.len, text))
        return e164;
    return arena_str(arena, str_from_c(text));
}
