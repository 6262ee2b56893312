/* Cells as values. */
#include "src/intake/value_rules.h"

#include "tests/support/test.h"

TEST(value_present, is_empty_for_what_stands_for_nothing)
{
    CHECK_STR("", value_present(STR("  ")));
    CHECK_STR("", value_present(STR(" NULL ")));
    CHECK_STR("", value_present(STR("\\N")));
    CHECK_STR("", value_present(STR("000000000000000AAA")));
    CHECK_STR("Nullmeier", value_present(STR(" Nullmeier ")));
    CHECK_STR("0", value_present(STR("0")));
}

TEST(value_bool, takes_what_systems_write)
{
    bool value = false;
    CHECK(value_bool(STR(" TRUE "), &value) && value);
    CHECK(value_bool(STR("0"), &value) && !value);
    CHECK(value_bool(STR("Yes"), &value) && value);
    CHECK(!value_bool(STR(""), &value));
    CHECK(!value_bool(STR("maybe"), &value));
}

TEST(value_reference, gives_a_short_salesforce_id_its_three_characters)
{
    struct arena arena;
    arena_init(&arena, 1 << 16);
    CHECK_STR("001bm00001ZL8U9AAL",
              value_reference(STR("001bm00001ZL8U9"), REFERENCE_SALESFORCE, &arena));
    CHECK_STR("006bm00000LKJNNAA5",
              value_reference(STR("006bm00000LKJNN"), REFERENCE_SALESFORCE, &arena));
    CHECK_STR("001bm00001ZL8U9AAL",
              value_reference(STR("001bm00001ZL8U9AAL"), REFERENCE_SALESFORCE, &arena));
    CHECK_STR("001bm00001ZL8U9AAL/won",
              value_reference(STR("001bm00001ZL8U9/won"), REFERENCE_SALESFORCE, &arena));
    struct str odd = STR("001bm00001ZL8U9/\0x");
    CHECK_INT(odd.len + 3, value_reference(odd, REFERENCE_SALESFORCE, &arena).len);
    CHECK_STR("some other id 1",
              value_reference(STR("some other id 1"), REFERENCE_SALESFORCE, &arena));
    CHECK_STR("001bm00001ZL8U9", value_reference(STR("001bm00001ZL8U9"), REFERENCE_PLAIN, &arena));
    arena_finish(&arena);
}

/* ---- numbers ---- */

static void check_decimal(enum decimal_style style, int64_t mantissa, int scale, const char *text)
{
    struct decimal value = {0, 0};
    if (!value_decimal(str_from_c(text), style, &value))
        test_fail(__FILE__, __LINE__, "\"%s\" is refused", text);
    if (value.mantissa != mantissa || value.scale != scale)
        test_fail(__FILE__, __LINE__, "\"%s\" is %lld e-%d", text, (long long)value.mantissa,
                  value.scale);
}

TEST(value_decimal, takes_separators_of_either_kind)
{
    check_decimal(DECIMALS_AUTO, 123450, 2, "1,234.50");
    check_decimal(DECIMALS_AUTO, 123450, 2, "1.234,50");
    check_decimal(DECIMALS_AUTO, 1234567, 0, "1,234,567");
    check_decimal(DECIMALS_AUTO, 1234567, 0, "1.234.567");
    check_decimal(DECIMALS_AUTO, 125, 1, "12,5");
    check_decimal(DECIMALS_AUTO, 1234, 0, "1,234");
    check_decimal(DECIMALS_AUTO, 1234, 3, "1.234");
    check_decimal(DECIMALS_AUTO, 125, 3, "0,125");
    check_decimal(DECIMALS_AUTO, 12345678, 0, "1,23,45,678");
    check_decimal(DECIMALS_AUTO, 123450, 2, "1 234,50");
    check_decimal(DECIMALS_AUTO, 123450, 2,
                  "1\xe2\x80\xaf"
                  "234,50");
    check_decimal(DECIMALS_AUTO, 123450, 2, "1'234.50");
    check_decimal(DECIMALS_AUTO, 5, 1, ".5");
}

TEST(value_decimal, follows_the_style_of_the_column)
{
    check_decimal(DECIMALS_COMMA, 1234, 3, "1,234");
    check_decimal(DECIMALS_COMMA, 1234, 0, "1.234");
    check_decimal(DECIMALS_POINT, 1234, 0, "1,234");
    check_decimal(DECIMALS_POINT, 1234, 3, "1.234");
}

TEST(value_decimal, takes_signs_and_currencies_around)
{
    check_decimal(DECIMALS_AUTO, -7, 0, "-7");
    check_decimal(DECIMALS_AUTO, -700, 2, "7.00-");
    check_decimal(DECIMALS_AUTO, 7, 0, "+7");
    check_decimal(DECIMALS_AUTO, -1200, 2, "(12.00)");
    check_decimal(DECIMALS_AUTO, -1200, 2, "($ 12.00)");
    check_decimal(DECIMALS_AUTO, 123450, 2, "€ 1.234,50");
    check_decimal(DECIMALS_AUTO, 123450, 2, "1.234,50 €");
    check_decimal(DECIMALS_AUTO, -123450, 2, "-$1,234.50");
    check_decimal(DECIMALS_AUTO, -123450, 2, "$-1,234.50");
    check_decimal(DECIMALS_AUTO, 100, 0, "USD 100");
    check_decimal(DECIMALS_AUTO, 100, 0, "100 kr");
    check_decimal(DECIMALS_AUTO, -5, 0,
                  "\xe2\x88\x92"
                  "5");
}

TEST(value_decimal, refuses_what_is_no_number)
{
    static const char *const refused[] = {
        "",
        "-",
        "abc",
        "12a",
        "1,2,3",
        "1.2.3",
        "12,34.5.6",
        "--5",
        "1,,000",
        "5.",
        "1e5",
        "(5",
        "5)",
        "$ $5",
        "1 2",
        "12 34",
        "1.234,5,6",
        "1,0000.5",
        "0.1234567",
        "1'23",
        "USD",
        "1,234 567",
        "99999999999999999999",
    };
    struct decimal value;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (value_decimal(str_from_c(refused[i]), DECIMALS_AUTO, &value))
            test_fail(__FILE__, __LINE__, "\"%s\" is taken", refused[i]);
}

TEST(value_hint_decimal, counts_what_the_cells_say)
{
    struct value_hints hints = {0};
    static const char *const cells[] = {"1,234.50", "12.5", "1,000,000", "1.234,5",
                                        "1,234",    "7",    "x"};
    for (size_t i = 0; i < ARRAY_LEN(cells); i++)
        value_hint_decimal(&hints, str_from_c(cells[i]));
    CHECK_INT(3, hints.point);
    CHECK_INT(1, hints.comma);
    CHECK_INT(1, hints.unclear);
}

TEST(value_duration, is_in_seconds)
{
    struct decimal seconds;
    CHECK(value_duration(STR("0:01:30"), &seconds));
    CHECK_INT(90, seconds.mantissa);
    CHECK(value_duration(STR("1:30"), &seconds));
    CHECK_INT(90, seconds.mantissa);
    CHECK(value_duration(STR("26:00:00"), &seconds));
    CHECK_INT(93600, seconds.mantissa);
    CHECK(!value_duration(STR("90"), &seconds));
    CHECK(!value_duration(STR("0:60"), &seconds));
    CHECK(!value_duration(STR("0:-1"), &seconds));
    CHECK(!value_duration(STR("1:2:3:4"), &seconds));
    CHECK(!value_duration(STR("1:"), &seconds));
}

/* ---- times ---- */

static int64_t vienna_ms(const struct value_time *time)
{
    struct zones *zones = zones_new();
    int64_t ms = value_time_ms(time, zones_find(zones, STR("Europe/Vienna")));
    zones_free(zones);
    return ms;
}

/* `expected`: RFC 3339, or "" for refused; local times are those of Vienna. */
static void check_time(const char *expected, enum date_order order, const char *text)
{
    struct value_time time;
    int64_t expected_ms;
    bool is_time = value_time_parse(str_from_c(text), order, &time);
    if (is_time != (*expected != '\0'))
        test_fail(__FILE__, __LINE__, "\"%s\" is %s", text, is_time ? "taken" : "refused");
    if (!is_time)
        return;
    CHECK(time_parse(str_from_c(expected), &expected_ms));
    int64_t ms = vienna_ms(&time);
    if (ms != expected_ms)
        test_fail(__FILE__, __LINE__, "\"%s\" is %lld ms, not %lld", text, (long long)ms,
                  (long long)expected_ms);
}

TEST(value_time, reads_iso_8601_and_its_relatives)
{
    check_time("2020-05-31T10:00:00Z", DATES_AUTO, "2020-05-31");
    check_time("2024-01-15T15:30:00Z", DATES_AUTO, "2024-01-15 10:30:00 -0500");
    check_time("2024-01-15T10:30:00.125Z", DATES_AUTO, "2024-01-15T10:30:00.125+0000");
    check_time("2024-01-15T10:30:00Z", DATES_AUTO, "2024-01-15T10:30:00Z");
    check_time("2024-01-15T05:00:00Z", DATES_AUTO, "2024-01-15T10:30+05:30");
    check_time("2024-01-15T10:30:00Z", DATES_AUTO, "2024-01-15 10:30:00 UTC");
    check_time("2024-01-15T09:30:00Z", DATES_AUTO, "2024-01-15 10:30");
    check_time("2024-07-15T08:30:00Z", DATES_AUTO, "2024/07/15 10:30");
    check_time("2020-05-31T10:00:00Z", DATES_AUTO, "20200531");
    check_time("2024-01-15T10:30:00.5Z", DATES_AUTO, "1705314600500");
}

TEST(value_time, reads_a_day_alone_as_its_noon)
{
    struct value_time time;
    CHECK(value_time_parse(STR("2020-05-31"), DATES_AUTO, &time));
    CHECK(!time.has_time && !time.has_offset);
}

TEST(value_time, reads_days_in_the_order_that_is_asked_for)
{
    check_time("2026-02-23T11:00:00Z", DATES_AUTO, "02/23/26");
    check_time("2026-02-23T11:00:00Z", DATES_AUTO, "23/02/26");
    check_time("2026-02-03T11:00:00Z", DATES_AUTO, "02/03/26");
    check_time("2026-03-02T11:00:00Z", DATES_DAY_FIRST, "02/03/26");
    check_time("2026-02-03T11:00:00Z", DATES_MONTH_FIRST, "2/3/2026");
    check_time("", DATES_MONTH_FIRST, "23/02/26");
    check_time("", DATES_DAY_FIRST, "02/23/26");
    check_time("2026-02-23T11:00:00Z", DATES_MONTH_FIRST, "23.02.2026");
    check_time("1970-01-02T11:00:00Z", DATES_DAY_FIRST, "02-01-70");
    check_time("2069-01-02T11:00:00Z", DATES_DAY_FIRST, "02-01-69");
}

TEST(value_time, reads_the_halves_of_the_day)
{
    check_time("2026-02-23T19:55:00Z", DATES_AUTO, "02/23/26 08:55 PM");
    check_time("2026-02-22T23:05:00Z", DATES_AUTO, "2/23/2026, 12:05AM");
    check_time("2026-02-23T11:05:00Z", DATES_AUTO, "2/23/2026 12:05:00 pm");
    check_time("", DATES_AUTO, "2/23/2026 13:05 PM");
    check_time("", DATES_AUTO, "2/23/2026 0:05 AM");
}

TEST(value_time, reads_names_of_months)
{
    check_time("2026-02-23T11:00:00Z", DATES_AUTO, "23 Feb 2026");
    check_time("2026-02-23T11:00:00Z", DATES_AUTO, "23-FEB-26");
    check_time("2026-09-03T10:00:00Z", DATES_AUTO, "September 3, 2026");
    check_time("2026-05-03T08:30:00Z", DATES_AUTO, "May 3, 2026 10:30");
}

TEST(value_time, refuses_what_is_no_time)
{
    static const char *const refused[] = {
        "",
        "today",
        "2026-02-30",
        "2026-13-01",
        "31/31/2026",
        "2026-02",
        "12",
        "2026-02-23T",
        "2026-02-23T25:00",
        "2026-02-23 10:60",
        "2026-2-3-4",
        "02/03/026",
        "2026-02-23 10:00 EST",
        "2026-02-23x",
        "1/2",
        "2026-02-23T10:00:00+99:00",
        "2026-02-23T10:00:00+05:3",
        "00/10/2026",
        "12345678901234567",
        "-1705314600500",
        "Feb 2026",
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        check_time("", DATES_AUTO, refused[i]);
}

TEST(value_hint_date, counts_what_the_cells_say)
{
    struct value_hints hints = {0};
    static const char *const cells[] = {"02/23/26",   "23/02/26", "02/03/26", "03/03/26",
                                        "2026-02-03", "23.02.26", "13/13/26", ""};
    for (size_t i = 0; i < ARRAY_LEN(cells); i++)
        value_hint_date(&hints, str_from_c(cells[i]));
    CHECK_INT(1, hints.month_first);
    CHECK_INT(1, hints.day_first);
    CHECK_INT(1, hints.either);
}
