/* Numbers as people and systems write them. */
#include "src/intake/value_rules.h"

#include <string.h>

#include "lib/base/money.h"

enum { DIGITS_MAX = 60 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- what stands around a number ---- */

/* A sign of a currency at the start of the text, 0: none. */
static size_t sign_len(struct str text)
{
    static const struct str signs[] = {
        STR_INIT("US$"), STR_INIT("CA$"), STR_INIT("HK$"), STR_INIT("NZ$"), STR_INIT("AU$"),
        STR_INIT("R$"),  STR_INIT("A$"),  STR_INIT("C$"),  STR_INIT("S$"),  STR_INIT("$"),
        STR_INIT("€"),   STR_INIT("£"),   STR_INIT("¥"),   STR_INIT("￥"),  STR_INIT("₹"),
        STR_INIT("₽"), STR_INIT("₩"),   STR_INIT("₺"),   STR_INIT("₴"),   STR_INIT("₪"),
        STR_INIT("₫"),   STR_INIT("฿"),   STR_INIT("zł"),  STR_INIT("Kč"),  STR_INIT("kr."),
        STR_INIT("kr"),  STR_INIT("Fr."), STR_INIT("Rs."), STR_INIT("Rs"),  STR_INIT("Ft"),
        STR_INIT("лв"),  STR_INIT("lei"),
    };
    struct currency currency;
    if (text.len >= 3 && currency_parse(str_slice(text, 0, 3), &currency) &&
        (text.len == 3 || !is_letter(text.ptr[3])))
        return 3;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (str_starts_with(text, signs[i]))
            return signs[i].len;
    return 0;
}

/* A blank of any width, 0: none. */
static size_t blank_len(struct str text)
{
    static const struct str blanks[] = {
        STR_INIT(" "),            /* and those that do not break: */
        STR_INIT("\xc2\xa0"),     /* U+00A0 */
        STR_INIT("\xe2\x80\xaf"), /* U+202F */
        STR_INIT("\xe2\x80\x89"), /* U+2009 */
    };
    for (size_t i = 0; i < ARRAY_LEN(blanks); i++)
        if (str_starts_with(text, blanks[i]))
            return blanks[i].len;
    return 0;
}

static struct str skip(struct str text, size_t len)
{
    return str_slice(text, len, text.len);
}

static struct str skip_blanks(struct str text)
{
    size_t len;
    while ((len = blank_len(text)) > 0)
        text = skip(text, len);
    return text;
}

/* U+2212 is what typographers call minus. */
static size_t minus_len(struct str text)
{
    if (str_starts_with(text, STR("-")))
        return 1;
    return str_starts_with(text, STR("\xe2\x88\x92")) ? 3 : 0;
}

/* Everything before the first digit or point, each part once. */
struct surround {
    bool is_negative, has_sign, has_currency, is_open;
};

static bool take_part(struct str *text, struct surround *around)
{
    size_t len = minus_len(*text);
    if (len > 0 || str_starts_with(*text, STR("+"))) {
        if (around->has_sign)
            return false;
        around->has_sign = true;
        around->is_negative = len > 0;
        *text = skip(*text, len ? len : 1);
        return true;
    }
    len = sign_len(*text);
    if (!len || around->has_currency)
        return false;
    around->has_currency = true;
    *text = skip(*text, len);
    return true;
}

static bool take_before(struct str *text, struct surround *around)
{
    *text = skip_blanks(*text);
    if (str_starts_with(*text, STR("("))) {
        around->is_open = around->has_sign = around->is_negative = true;
        *text = skip_blanks(skip(*text, 1));
    }
    while (text->len && !is_digit(text->ptr[0]) && text->ptr[0] != '.' && text->ptr[0] != ',') {
        if (!take_part(text, around))
            return false;
        *text = skip_blanks(*text);
    }
    return text->len > 0;
}

static bool take_after(struct str text, struct surround *around)
{
    text = skip_blanks(text);
    while (text.len && text.ptr[0] != ')') {
        if (!take_part(&text, around))
            return false;
        text = skip_blanks(text);
    }
    if (!around->is_open)
        return text.len == 0;
    return text.len && skip_blanks(skip(text, 1)).len == 0;
}

/* ---- the digits ---- */

/* The number itself: digits, and between them '.', ',' and ' ' for any other mark of thousands. */
struct figure {
    char marks[DIGITS_MAX + 1];
    size_t len;
    size_t points, commas;
};

/* A mark that can only stand between thousands, before a digit. */
static size_t thousands_len(struct str text)
{
    size_t len = blank_len(text);
    if (str_starts_with(text, STR("'")))
        len = 1;
    else if (str_starts_with(text, STR("\xe2\x80\x99")))
        len = 3;
    return len && text.len > len && is_digit(text.ptr[len]) ? len : 0;
}

static bool take_figure(struct str *text, struct figure *figure)
{
    *figure = (struct figure){.len = 0};
    while (text->len) {
        char c = text->ptr[0];
        size_t len = 1;
        if (!is_digit(c) && c != '.' && c != ',') {
            len = thousands_len(*text);
            c = ' ';
        }
        if (!len)
            break;
        if (figure->len == DIGITS_MAX)
            return false;
        figure->marks[figure->len++] = c;
        figure->points += c == '.';
        figure->commas += c == ',';
        *text = skip(*text, len);
    }
    return figure->len > 0;
}

static size_t last_mark(const struct figure *figure, char mark)
{
    size_t at = figure->len;
    while (at > 0 && figure->marks[at - 1] != mark)
        at--;
    return at; /* behind it; 0: none */
}

/* "1,234" or "12.345": may be thousands. */
static bool may_be_thousands(const struct figure *figure, char mark)
{
    size_t behind = last_mark(figure, mark);
    return figure->len - behind == 3 && behind >= 2 && behind <= 4 && figure->marks[0] != '0';
}

/* What the separators say: '.', ',', or 0 for both ways. */
static char point_of(const struct figure *figure)
{
    size_t point = last_mark(figure, '.'), comma = last_mark(figure, ',');
    if (point && comma)
        return point > comma ? '.' : ',';
    if (figure->points > 1)
        return ',';
    if (figure->commas > 1)
        return '.';
    char mark = point ? '.' : ',';
    return may_be_thousands(figure, mark) ? '\0' : mark;
}

static char point_by_style(const struct figure *figure, enum decimal_style style)
{
    switch (style) {
    case DECIMALS_POINT:
        return '.';
    case DECIMALS_COMMA:
        return ',';
    case DECIMALS_AUTO:
        break;
    }
    /* "1,234" is a thousand to most; "1.234" is what a program writes. */
    char point = point_of(figure);
    return point ? point : '.';
}

/* Thousands are apart by one mark, three digits each; Indian ones two but for the last. */
static bool thousands_are_good(const struct figure *figure, size_t end)
{
    char mark = '\0';
    size_t digits = 0;
    for (size_t i = 0; i < end; i++) {
        char c = figure->marks[i];
        if (is_digit(c)) {
            digits++;
            continue;
        }
        bool is_good =
            mark ? c == mark && (digits == 2 || digits == 3) : digits >= 1 && digits <= 3;
        if (!is_good)
            return false;
        mark = c;
        digits = 0;
    }
    return !mark || digits == 3;
}

/* As parse_decimal takes it. */
static bool write_figure(const struct figure *figure, char point, bool is_negative,
                         struct decimal *ret_value)
{
    char text[DIGITS_MAX + 2];
    size_t len = 0, behind = last_mark(figure, point);
    size_t end = behind ? behind - 1 : figure->len;
    if ((point == '.' ? figure->points : figure->commas) > 1 || !thousands_are_good(figure, end))
        return false;
    if (is_negative)
        text[len++] = '-';
    for (size_t i = 0; i < figure->len; i++) {
        char c = figure->marks[i];
        bool is_point = i + 1 == behind;
        if (i > end && !is_digit(c))
            return false;
        if (is_digit(c) || is_point)
            text[len++] = is_point ? '.' : c;
    }
    return parse_decimal((struct str){text, len}, VALUE_SCALE_MAX, ret_value);
}

bool value_decimal(struct str text, enum decimal_style style, struct decimal *ret_value)
{
    struct surround around = {.is_negative = false};
    struct figure figure;
    struct str rest = str_trim(text);
    if (!take_before(&rest, &around) || !take_figure(&rest, &figure) || !take_after(rest, &around))
        return false;
    return write_figure(&figure, point_by_style(&figure, style), around.is_negative, ret_value);
}

void value_hint_decimal(struct value_hints *hints, struct str text)
{
    struct surround around = {.is_negative = false};
    struct figure figure;
    struct str rest = str_trim(text);
    if (!take_before(&rest, &around) || !take_figure(&rest, &figure) ||
        !take_after(rest, &around) || figure.points + figure.commas == 0)
        return;
    switch (point_of(&figure)) {
    case '.':
        hints->point++;
        break;
    case ',':
        hints->comma++;
        break;
    default:
        hints->unclear++;
    }
}

/* ---- durations ---- */

bool value_duration(struct str text, struct decimal *ret_seconds)
{
    enum { PARTS_MAX = 3, PART_MAX = 100000 };
    struct str rest = str_trim(text), part;
    int64_t seconds = 0, value;
    int parts = 0;
    while (str_split(&rest, ':', &part)) {
        int64_t max = parts ? 59 : PART_MAX;
        if (parts++ == PARTS_MAX || !part.len || !is_digit(part.ptr[0]) ||
            !parse_int64(part, 0, max, &value))
            return false;
        seconds = seconds * 60 + value;
    }
    if (parts < 2)
        return false;
    *ret_seconds = (struct decimal){seconds, 0};
    return true;
}
