/* Numbers and flags out of text. */
#include "lib/base/parse.h"

static bool take_sign(struct str *text)
{
    bool negative = text->len && text->ptr[0] == '-';
    if (text->len && (text->ptr[0] == '-' || text->ptr[0] == '+'))
        *text = str_slice(*text, 1, text->len);
    return negative;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool parse_int64(struct str text, int64_t min, int64_t max, int64_t *ret_value)
{
    int64_t value = 0;
    bool negative = take_sign(&text);
    if (!text.len)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int digit = text.ptr[i] - '0';
        if (!is_digit(text.ptr[i]) || __builtin_mul_overflow(value, 10, &value))
            return false;
        if (negative ? __builtin_sub_overflow(value, digit, &value)
                     : __builtin_add_overflow(value, digit, &value))
            return false;
    }
    if (value < min || value > max)
        return false;
    *ret_value = value;
    return true;
}

static bool all_digits(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_digit(text.ptr[i]))
            return false;
    return true;
}

/* Splits at the point and drops the zeros that carry no value; false when there are no digits. */
static bool split_decimal(struct str text, int max_scale, struct str *ret_whole,
                          struct str *ret_fraction)
{
    size_t point = text.len;
    bool has_point = str_find_char(text, '.', &point);
    struct str whole = str_slice(text, 0, point);
    struct str fraction = str_slice(text, point + has_point, text.len);
    if (!all_digits(whole) || !all_digits(fraction))
        return false;
    if (has_point ? str_is_empty(fraction) : str_is_empty(whole))
        return false;
    while (whole.len && whole.ptr[0] == '0')
        whole = str_slice(whole, 1, whole.len);
    while (fraction.len > (size_t)max_scale && fraction.ptr[fraction.len - 1] == '0')
        fraction = str_slice(fraction, 0, fraction.len - 1);
    *ret_whole = whole;
    *ret_fraction = fraction;
    return fraction.len <= (size_t)max_scale;
}

static bool add_digits(struct str digits, int64_t *mantissa)
{
    const int64_t limit = INT64_C(1000000000000000000); /* 18 digits */
    for (size_t i = 0; i < digits.len; i++) {
        if (*mantissa >= limit / 10)
            return false;
        *mantissa = *mantissa * 10 + (digits.ptr[i] - '0');
    }
    return true;
}

bool parse_decimal(struct str text, int max_scale, struct decimal *ret_value)
{
    bool minus = take_sign(&text);
    struct str whole, fraction;
    int64_t mantissa = 0;
    if (!split_decimal(text, max_scale, &whole, &fraction))
        return false;
    if (!add_digits(whole, &mantissa) || !add_digits(fraction, &mantissa))
        return false;
    *ret_value = (struct decimal){minus ? -mantissa : mantissa, (int)fraction.len};
    return true;
}

bool parse_bool(struct str text, bool *ret_value)
{
    static const struct {
        struct str word;
        bool value;
    } words[] = {
        {STR_INIT("true"), true}, {STR_INIT("false"), false}, {STR_INIT("yes"), true},
        {STR_INIT("no"), false},  {STR_INIT("1"), true},      {STR_INIT("0"), false},
        {STR_INIT("t"), true},    {STR_INIT("f"), false},     {STR_INIT("y"), true},
        {STR_INIT("n"), false},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (!str_equal_nocase(text, words[i].word))
            continue;
        *ret_value = words[i].value;
        return true;
    }
    return false;
}
