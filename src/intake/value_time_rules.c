/* Dates and times as people and systems write them. */
#include "src/intake/value_rules.h"

#include <string.h>

enum {
    EPOCH_DIGITS_MIN = 11, /* milliseconds of 1973 and later; fewer digits may be a day */
    EPOCH_DIGITS_MAX = 14,
    CENTURY_TURN = 70, /* "69" is 2069, "70" is 1970 */
    OFFSET_HOURS_MAX = 18
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What is left of the text; the takers go over what they take. */
static char peek(struct str rest)
{
    return rest.len ? rest.ptr[0] : '\0';
}

static void drop(struct str *rest, size_t len)
{
    *rest = str_slice(*rest, len, rest->len);
}

static bool take_char(struct str *rest, char c)
{
    if (peek(*rest) != c || !rest->len)
        return false;
    drop(rest, 1);
    return true;
}

static bool take_word(struct str *rest, struct str word)
{
    if (rest->len < word.len || !str_equal_nocase(str_slice(*rest, 0, word.len), word))
        return false;
    drop(rest, word.len);
    return true;
}

static void take_blanks(struct str *rest)
{
    while (peek(*rest) == ' ')
        drop(rest, 1);
}

struct number {
    int value;
    size_t digits;
};

static bool take_number(struct str *rest, size_t digits_max, struct number *ret_number)
{
    struct number number = {0, 0};
    while (number.digits < digits_max && is_digit(peek(*rest))) {
        number.value = number.value * 10 + (rest->ptr[0] - '0');
        number.digits++;
        drop(rest, 1);
    }
    *ret_number = number;
    return number.digits > 0 && !is_digit(peek(*rest));
}

/* ---- the day ---- */

static int full_year(struct number year)
{
    if (year.digits != 2)
        return year.value;
    return year.value + (year.value < CENTURY_TURN ? 2000 : 1900);
}

static bool make_civil(int year, int month, int day, struct civil *ret_civil)
{
    struct civil civil = {year, month, day};
    if (year < 1000 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    struct civil back = day_to_civil(day_from_civil(civil));
    *ret_civil = civil;
    return back.year == year && back.month == month && back.day == day;
}

static bool take_month_name(struct str *rest, int *ret_month)
{
    static const struct str names[] = {
        STR_INIT("January"), STR_INIT("February"), STR_INIT("March"),    STR_INIT("April"),
        STR_INIT("May"),     STR_INIT("June"),     STR_INIT("July"),     STR_INIT("August"),
        STR_INIT("Sept"),    STR_INIT("October"),  STR_INIT("November"), STR_INIT("December"),
    };
    if (take_word(rest, STR("September"))) {
        *ret_month = 9;
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (take_word(rest, names[i]) || take_word(rest, str_slice(names[i], 0, 3))) {
            take_char(rest, '.');
            *ret_month = (int)i + 1;
            return true;
        }
    }
    return false;
}

static void take_separators(struct str *rest)
{
    while (rest->len && memchr(" ,-/", rest->ptr[0], 4))
        drop(rest, 1);
}

/* "Feb 23, 2026" */
static bool take_month_day(struct str *rest, struct civil *ret_civil)
{
    int month;
    struct number day, year;
    if (!take_month_name(rest, &month))
        return false;
    take_separators(rest);
    if (!take_number(rest, 2, &day))
        return false;
    take_separators(rest);
    if (!take_number(rest, 4, &year) || (year.digits != 4 && year.digits != 2))
        return false;
    return make_civil(full_year(year), month, day.value, ret_civil);
}

/* The three numbers of a day, in the order of the text. */
struct day_parts {
    struct number parts[3];
    char separator;
};

/* Month and year of "23 Feb 2026", as numbers. */
static bool take_named_rest(struct str *rest, struct day_parts *parts)
{
    int month;
    take_separators(rest);
    if (!take_month_name(rest, &month))
        return false;
    take_separators(rest);
    parts->parts[1] = (struct number){month, 2};
    parts->separator = '.';
    return take_number(rest, 4, &parts->parts[2]);
}

static bool take_parts(struct str *rest, struct day_parts *parts)
{
    if (!take_number(rest, 4, &parts->parts[0]))
        return false;
    parts->separator = peek(*rest);
    bool is_separator = parts->separator && memchr("/.-", parts->separator, 3);
    if (!is_separator || (rest->len > 1 && !is_digit(rest->ptr[1])))
        return take_named_rest(rest, parts);
    drop(rest, 1);
    return take_number(rest, 2, &parts->parts[1]) && take_char(rest, parts->separator) &&
           take_number(rest, 4, &parts->parts[2]);
}

static bool year_is_good(struct number year)
{
    return year.digits == 4 || year.digits == 2;
}

static bool order_parts(const struct day_parts *parts, enum date_order order,
                        struct civil *ret_civil)
{
    const struct number *part = parts->parts;
    if (part[0].digits == 4)
        return part[2].digits <= 2 &&
               make_civil(part[0].value, part[1].value, part[2].value, ret_civil);
    if (part[0].digits > 2 || !year_is_good(part[2]))
        return false;
    int year = full_year(part[2]);
    /* Nobody puts dots behind a month that stands first. */
    bool day_first = order == DATES_DAY_FIRST || parts->separator == '.';
    if (day_first)
        return make_civil(year, part[1].value, part[0].value, ret_civil);
    if (make_civil(year, part[0].value, part[1].value, ret_civil))
        return true;
    return order == DATES_AUTO && make_civil(year, part[1].value, part[0].value, ret_civil);
}

/* "20260223", before a 'T', a blank or the end. */
static bool take_compact(struct str *rest, struct civil *ret_civil)
{
    int64_t value;
    if (rest->len < 8 || (rest->len > 8 && is_digit(rest->ptr[8])) || !is_digit(rest->ptr[0]) ||
        !parse_int64(str_slice(*rest, 0, 8), 0, 99999999, &value))
        return false;
    drop(rest, 8);
    return make_civil((int)(value / 10000), (int)(value / 100 % 100), (int)(value % 100),
                      ret_civil);
}

static bool take_day(struct str *rest, enum date_order order, struct civil *ret_civil)
{
    struct day_parts parts;
    struct str start = *rest;
    if (!is_digit(peek(*rest)))
        return take_month_day(rest, ret_civil);
    if (take_compact(rest, ret_civil))
        return true;
    *rest = start;
    return take_parts(rest, &parts) && order_parts(&parts, order, ret_civil);
}

/* ---- the time of the day ---- */

/* ".123456" or ",5", as milliseconds. */
static int64_t take_fraction(struct str *rest)
{
    int64_t ms = 0, digits = 0;
    bool has_one =
        rest->len > 1 && (rest->ptr[0] == '.' || rest->ptr[0] == ',') && is_digit(rest->ptr[1]);
    if (!has_one)
        return 0;
    for (drop(rest, 1); is_digit(peek(*rest)); drop(rest, 1))
        if (digits++ < 3)
            ms = ms * 10 + (rest->ptr[0] - '0');
    for (; digits < 3; digits++)
        ms *= 10;
    return ms;
}

/* 12 AM is midnight. False for 13 PM. */
static bool take_half(struct str *rest, int *hour)
{
    take_blanks(rest);
    bool is_pm = take_word(rest, STR("PM")) || take_word(rest, STR("p.m."));
    if (!is_pm && !take_word(rest, STR("AM")) && !take_word(rest, STR("a.m.")))
        return *hour <= 23;
    if (*hour < 1 || *hour > 12)
        return false;
    *hour = *hour % 12 + (is_pm ? 12 : 0);
    return true;
}

static bool take_time(struct str *rest, int64_t *ret_ms)
{
    struct number hour, minute, second = {0, 2};
    int64_t ms = 0;
    if (!take_number(rest, 2, &hour) || !take_char(rest, ':') || !take_number(rest, 2, &minute))
        return false;
    if (take_char(rest, ':')) {
        if (!take_number(rest, 2, &second))
            return false;
        ms = take_fraction(rest);
    }
    if (minute.digits != 2 || minute.value > 59 || second.digits != 2 || second.value > 59 ||
        !take_half(rest, &hour.value))
        return false;
    *ret_ms = hour.value * (int64_t)MS_PER_HOUR + minute.value * (int64_t)MS_PER_MINUTE +
              second.value * (int64_t)MS_PER_SECOND + ms;
    return true;
}

/* Z, +05:30, -0500, +02; nothing else may follow. */
static bool take_offset(struct str *rest, struct value_time *time)
{
    struct number hours, minutes = {0, 2};
    take_blanks(rest);
    if (!rest->len)
        return true;
    time->has_offset = true;
    if (take_word(rest, STR("Z")) || take_word(rest, STR("UTC")) || take_word(rest, STR("GMT")))
        return rest->len == 0;
    bool is_west = peek(*rest) == '-';
    if (!is_west && peek(*rest) != '+')
        return false;
    drop(rest, 1);
    struct str digits = str_slice(*rest, 0, 2);
    drop(rest, digits.len);
    take_char(rest, ':');
    if (!take_number(&digits, 2, &hours) || hours.digits != 2 || hours.value > OFFSET_HOURS_MAX)
        return false;
    if (rest->len && (!take_number(rest, 2, &minutes) || minutes.digits != 2))
        return false;
    if (minutes.value > 59)
        return false;
    time->offset_ms = hours.value * (int64_t)MS_PER_HOUR + minutes.value * (int64_t)MS_PER_MINUTE;
    if (is_west)
        time->offset_ms = -time->offset_ms;
    return rest->len == 0;
}

static void take_between(struct str *rest)
{
    if (!take_char(rest, 'T')) {
        take_char(rest, ',');
        take_blanks(rest);
    }
}

/* ---- the whole ---- */

static bool from_epoch(struct str text, struct value_time *ret_time)
{
    int64_t ms;
    if (text.len < EPOCH_DIGITS_MIN || text.len > EPOCH_DIGITS_MAX || !is_digit(text.ptr[0]) ||
        !parse_int64(text, 0, TIME_MAX_MS, &ms))
        return false;
    *ret_time = (struct value_time){
        .civil = day_to_civil((struct day){(int32_t)(ms / MS_PER_DAY)}),
        .has_time = true,
        .ms_of_day = ms % MS_PER_DAY,
        .has_offset = true,
    };
    return true;
}

bool value_time_parse(struct str text, enum date_order order, struct value_time *ret_time)
{
    struct str rest = str_trim(text);
    struct value_time time = {.has_time = false};
    if (from_epoch(rest, ret_time))
        return true;
    if (!take_day(&rest, order, &time.civil))
        return false;
    if (rest.len) {
        take_between(&rest);
        time.has_time = true;
        if (!take_time(&rest, &time.ms_of_day) || !take_offset(&rest, &time))
            return false;
    }
    *ret_time = time;
    return true;
}

int64_t value_time_ms(const struct value_time *time, const struct zone *zone)
{
    struct day day = day_from_civil(time->civil);
    if (time->has_offset)
        return (int64_t)day.v * MS_PER_DAY + time->ms_of_day - time->offset_ms;
    return zone_local_ms(zone, day, time->has_time ? time->ms_of_day : 12 * (int64_t)MS_PER_HOUR);
}

void value_hint_date(struct value_hints *hints, struct str text)
{
    struct day_parts parts;
    struct str rest = str_trim(text);
    struct civil civil;
    if (!take_parts(&rest, &parts) || parts.separator == '.' || parts.parts[0].digits == 4)
        return;
    bool as_day = order_parts(&parts, DATES_DAY_FIRST, &civil);
    bool as_month = order_parts(&parts, DATES_MONTH_FIRST, &civil);
    if (as_day && as_month)
        hints->either += parts.parts[0].value != parts.parts[1].value;
    else if (as_day)
        hints->day_first++;
    else if (as_month)
        hints->month_first++;
}
