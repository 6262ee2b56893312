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

bool phone_parse(struct str text, struct country country, struct arena *arena, struct str *ret_e164)
{
    char e164[PHONE_TEXT_MAX];
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
