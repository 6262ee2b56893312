/* Numbers and flags out of text. */
#include "lib/base/parse.h"

enum { DECIMAL_DIGITS_MAX = 18 };

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

/* Trailing zeros of the fraction carry nothing. */
static void drop_zeros(struct decimal *value)
{
    while (value->scale > 0 && value->mantissa % 10 == 0) {
        value->mantissa /= 10;
        value->scale--;
    }
}

bool parse_decimal(struct str text, int max_scale, struct decimal *ret_value)
{
    struct decimal value = {0, 0};
    int digits = 0, significant = 0;
    bool point = false;
    bool negative = take_sign(&text);
    while (text.len && text.ptr[text.len - 1] == '0' && str_find_char(text, '.', NULL))
        text.len--, digits++;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(text.ptr[i]))
            return false;
        digits++;
        significant += significant || text.ptr[i] != '0';
        value.scale += point;
        if (significant > DECIMAL_DIGITS_MAX)
            return false;
        value.mantissa = value.mantissa * 10 + (text.ptr[i] - '0');
    }
    drop_zeros(&value);
    if (!digits || value.scale > max_scale)
        return false;
    if (negative)
        value.mantissa = -value.mantissa;
    *ret_value = value;
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
