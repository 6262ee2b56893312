/* Tests of days, instants and clocks. */
#include "lib/base/time.h"
#include "tests/support/test.h"

enum { ARENA_BYTES = 4096 };

static struct str day_text(int32_t v, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, TIME_TEXT_MAX);
    day_render((struct day){v}, &buf);
    return buf_str(&buf);
}

static int64_t instant(const char *text)
{
    int64_t at_ms = 0;
    if (!time_parse(str_from_c(text), &at_ms))
        test_fail(__FILE__, __LINE__, "%s is refused", text);
    return at_ms;
}

TEST(day_from_civil, counts_every_day_of_four_centuries_once)
{
    struct civil last = day_to_civil((struct day){-40000});
    for (int32_t v = -39999; v < 120000; v++) {
        struct civil civil = day_to_civil((struct day){v});
        CHECK_INT(v, day_from_civil(civil).v);
        bool same_month = civil.month == last.month && civil.day == last.day + 1;
        bool next_month = civil.month == last.month % 12 + 1 && civil.day == 1;
        CHECK(same_month || (next_month && last.day >= 28));
        last = civil;
    }
}

TEST(day_from_civil, knows_fixed_days)
{
    CHECK_INT(0, day_from_civil((struct civil){1970, 1, 1}).v);
    CHECK_INT(18413, day_from_civil((struct civil){2020, 5, 31}).v);
    CHECK_INT(-25567, day_from_civil((struct civil){1900, 1, 1}).v);
    CHECK_INT(11016, day_from_civil((struct civil){2000, 2, 29}).v);
}

TEST(day_weekday, is_the_iso_number)
{
    CHECK_INT(4, day_weekday((struct day){0}));
    CHECK_INT(3, day_weekday((struct day){-1}));
    CHECK_INT(1, day_weekday((struct day){-3}));
    CHECK_INT(7, day_weekday((struct day){-4}));
    CHECK_INT(7, day_weekday((struct day){18413}));
}

TEST(day_parse, reads_days_that_exist)
{
    struct day day;
    CHECK(day_parse(STR("2020-02-29"), &day));
    CHECK_INT(18321, day.v);
    CHECK(day_parse(STR("1900-01-01"), &day));
    CHECK_INT(-25567, day.v);
    CHECK(day_parse(STR("2199-12-31"), &day));
    CHECK_INT(TIME_MAX_MS / MS_PER_DAY - 1, day.v);
}

TEST(day_parse, refuses_others_and_leaves_the_output)
{
    static const struct str bad[] = {STR_INIT(""),           STR_INIT("2019-02-29"),
                                     STR_INIT("1900-02-29"), STR_INIT("2020-04-31"),
                                     STR_INIT("2020-13-01"), STR_INIT("2020-00-01"),
                                     STR_INIT("2020-01-00"), STR_INIT("2020-1-01"),
                                     STR_INIT("2020/01/01"), STR_INIT("2020-01-01 "),
                                     STR_INIT("20200101"),   STR_INIT("1899-12-31"),
                                     STR_INIT("2200-01-01"), STR_INIT("+200-01-01"),
                                     STR_INIT("2020-+1-01"), STR_INIT("2020-01--1"),
                                     STR_INIT("2020-01-1\0")};
    struct day day = {42};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CHECK(!day_parse(bad[i], &day));
    CHECK_INT(42, day.v);
}

TEST(day_render, writes_four_two_two)
{
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    CHECK_STR("1970-01-01", day_text(0, &arena));
    CHECK_STR("1969-12-31", day_text(-1, &arena));
    CHECK_STR("2020-02-29", day_text(18321, &arena));
    arena_finish(&arena);
}

TEST(time_parse, reads_offsets_and_cuts_fractions)
{
    int64_t noon = INT64_C(1590926400000);
    CHECK_INT(noon, instant("2020-05-31T12:00:00Z"));
    CHECK_INT(noon, instant("2020-05-31t12:00:00z"));
    CHECK_INT(noon, instant("2020-05-31 17:45:00+05:45"));
    CHECK_INT(noon, instant("2020-05-31T02:00:00-10:00"));
    CHECK_INT(noon, instant("2020-05-31T12:00:00-00:00"));
    CHECK_INT(noon + 120, instant("2020-05-31T12:00:00.12Z"));
    CHECK_INT(noon + 123, instant("2020-05-31T12:00:00.1239999999999999Z"));
    CHECK_INT(-1, instant("1969-12-31T23:59:59.999Z"));
    CHECK_INT(TIME_MIN_MS, instant("1900-01-01T00:00:00Z"));
    CHECK_INT(TIME_MAX_MS - 1, instant("2199-12-31T23:59:59.999Z"));
}

TEST(time_parse, takes_a_leap_second_at_the_end_of_a_utc_day_only)
{
    int64_t at_ms = 42;
    CHECK_INT(instant("2017-01-01T00:00:00Z"), instant("2016-12-31T23:59:60Z"));
    CHECK_INT(instant("2017-01-01T00:00:00Z"), instant("2017-01-01T08:59:60+09:00"));
    CHECK(!time_parse(STR("2016-12-31T12:00:60Z"), &at_ms));
    CHECK(!time_parse(STR("2016-12-31T23:59:61Z"), &at_ms));
    CHECK_INT(42, at_ms);
}

TEST(time_parse, refuses_everything_else_and_leaves_the_output)
{
    static const struct str bad[] = {
        STR_INIT(""),
        STR_INIT("2020-05-31"),
        STR_INIT("2020-05-31T12:00Z"),
        STR_INIT("2020-05-31T12:00:00"),
        STR_INIT("2020-05-31T12:00:00 Z"),
        STR_INIT("2020-05-31T12:00:00.Z"),
        STR_INIT("2020-05-31T12:00:00,5Z"),
        STR_INIT("2020-05-31T24:00:00Z"),
        STR_INIT("2020-05-31T12:60:00Z"),
        STR_INIT("2020-05-31T-1:00:00Z"),
        STR_INIT("2020-05-31T12:00:00+0200"),
        STR_INIT("2020-05-31T12:00:00+24:00"),
        STR_INIT("2020-05-31T12:00:00+02:60"),
        STR_INIT("2020-05-31T12:00:00+02"),
        STR_INIT("2020-05-31T12:00:00ZZ"),
        STR_INIT("2020-05-31X12:00:00Z"),
        STR_INIT("2020-02-30T12:00:00Z"),
        STR_INIT("1900-01-01T00:00:00+00:01"),
        STR_INIT("2199-12-31T23:59:59-00:01"),
    };
    int64_t at_ms = 42;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CHECK(!time_parse(bad[i], &at_ms));
    CHECK_INT(42, at_ms);
}

TEST(time_render_http, writes_the_date_as_a_header_has_it)
{
    struct arena arena;
    struct buf buf;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&buf, &arena, TIME_TEXT_MAX);
    time_render_http(instant("1994-11-06T08:49:37.999Z"), &buf);
    CHECK_STR("Sun, 06 Nov 1994 08:49:37 GMT", buf_str(&buf));
    buf_clear(&buf);
    time_render_http(instant("2020-02-29T00:00:00Z"), &buf);
    CHECK_STR("Sat, 29 Feb 2020 00:00:00 GMT", buf_str(&buf));
    arena_finish(&arena);
}

TEST(time_render, writes_milliseconds_in_utc)
{
    static const char *const texts[] = {"1970-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z",
                                        "2020-02-29T12:34:56.007Z", "1900-01-01T00:00:00.000Z",
                                        "2199-12-31T23:59:59.999Z"};
    struct arena arena;
    struct buf buf;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&buf, &arena, TIME_TEXT_MAX);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        buf_clear(&buf);
        time_render(instant(texts[i]), &buf);
        CHECK_STR(texts[i], buf_str(&buf));
    }
    arena_finish(&arena);
}

TEST(clock_system, is_after_this_was_written_and_monotonic_never_steps_back)
{
    struct clock clock = clock_system();
    int64_t before = monotonic_ms();
    CHECK(clock_now_ms(&clock) > instant("2024-01-01T00:00:00Z"));
    CHECK(clock_now_ms(&clock) < instant("2100-01-01T00:00:00Z"));
    CHECK(monotonic_ms() >= before);
}
