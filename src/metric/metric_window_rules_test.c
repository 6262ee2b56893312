/* Windows and steps. */
#include "src/metric/metric_window_rules.h"

#include "tests/support/test.h"

static struct day day_of(const char *text)
{
    struct day day;
    CHECK(day_parse(str_from_c(text), &day));
    return day;
}

static struct metric_window window_of(const char *from, const char *to)
{
    return (struct metric_window){day_of(from), day_of(to)};
}

static void check_day(const char *expected, struct day day)
{
    CHECK_INT(day_of(expected).v, day.v);
}

static void check_label(const char *expected, enum metric_step step, const char *day)
{
    struct arena arena;
    struct buf buf;
    arena_init(&arena, 1000);
    buf_init(&buf, &arena, 100);
    metric_step_render(step, day_of(day), &buf);
    CHECK_STR(expected, buf_str(&buf));
    arena_finish(&arena);
}

TEST(metric_window_of, is_the_last_30_days_with_today)
{
    struct metric_days asked = {0};
    struct metric_window window;
    CHECK(metric_window_of(&asked, day_of("2026-03-01"), 36525, &window));
    check_day("2026-03-02", window.to);
    check_day("2026-01-31", window.from);
    CHECK_INT(METRIC_WINDOW_DAYS, window.to.v - window.from.v);
}

TEST(metric_window_of, ends_30_days_after_nothing_and_begins_30_days_before_its_end)
{
    struct metric_days asked = {.to_given = true, .to = day_of("2020-06-01")};
    struct metric_window window;
    CHECK(metric_window_of(&asked, day_of("2026-03-01"), 36525, &window));
    check_day("2020-05-02", window.from);
    asked = (struct metric_days){.from_given = true, .from = day_of("2020-06-01")};
    CHECK(metric_window_of(&asked, day_of("2026-03-01"), 36525, &window));
    check_day("2026-03-02", window.to);
}

TEST(metric_window_of, refuses_an_empty_and_an_endless_window)
{
    struct metric_days asked = {true, true, day_of("2020-06-01"), day_of("2020-06-01")};
    struct metric_window window;
    CHECK(!metric_window_of(&asked, day_of("2026-03-01"), 36525, &window));
    asked.to = day_of("2020-05-31");
    CHECK(!metric_window_of(&asked, day_of("2026-03-01"), 36525, &window));
    asked.to = day_of("2020-06-03");
    CHECK(metric_window_of(&asked, day_of("2026-03-01"), 2, &window));
    CHECK(!metric_window_of(&asked, day_of("2026-03-01"), 1, &window));
}

TEST(metric_step, names_iso_weeks_by_the_year_of_their_thursday)
{
    check_label("2020-W53", METRIC_BY_WEEK, "2021-01-01");
    check_label("2020-W53", METRIC_BY_WEEK, "2021-01-03");
    check_label("2021-W01", METRIC_BY_WEEK, "2021-01-04");
    check_label("2019-W01", METRIC_BY_WEEK, "2018-12-31");
    check_label("2018-W52", METRIC_BY_WEEK, "2018-12-30");
    check_label("2020-W22", METRIC_BY_WEEK, "2020-05-31");
}

TEST(metric_step, names_days_months_and_quarters)
{
    check_label("2020-05-31", METRIC_BY_DAY, "2020-05-31");
    check_label("2020-05", METRIC_BY_MONTH, "2020-05-31");
    check_label("2020-Q1", METRIC_BY_QUARTER, "2020-03-31");
    check_label("2020-Q2", METRIC_BY_QUARTER, "2020-04-01");
    check_label("2020-Q4", METRIC_BY_QUARTER, "2020-12-31");
}

TEST(metric_step_point, cuts_the_first_and_the_last_step_by_the_window)
{
    struct metric_window window = window_of("2020-02-15", "2020-07-02");
    CHECK_INT(3, metric_step_points(METRIC_BY_QUARTER, window));
    check_day("2020-02-15", metric_step_point(METRIC_BY_QUARTER, window, 0).from);
    check_day("2020-04-01", metric_step_point(METRIC_BY_QUARTER, window, 0).to);
    check_day("2020-04-01", metric_step_point(METRIC_BY_QUARTER, window, 1).from);
    check_day("2020-07-01", metric_step_point(METRIC_BY_QUARTER, window, 2).from);
    check_day("2020-07-02", metric_step_point(METRIC_BY_QUARTER, window, 2).to);
    CHECK_INT(1, metric_step_points(METRIC_BY_MONTH, window_of("2020-02-01", "2020-03-01")));
}

/* Every step of every window: the points touch, cover it, and hold exactly their days. */
TEST(metric_step_point, covers_each_day_of_the_window_once)
{
    for (enum metric_step step = METRIC_BY_DAY; step < METRIC_STEP_COUNT; step++) {
        for (int length = 1; length < 800; length += 13) {
            struct metric_window window = {{18000 + length * 7}, {18000 + length * 8}};
            size_t count = metric_step_points(step, window);
            int32_t at = window.from.v;
            for (size_t i = 0; i < count; i++) {
                struct metric_window point = metric_step_point(step, window, i);
                CHECK_INT(at, point.from.v);
                CHECK(point.to.v > point.from.v);
                CHECK_INT(i, metric_step_index(step, window, point.from));
                CHECK_INT(i, metric_step_index(step, window, (struct day){point.to.v - 1}));
                at = point.to.v;
            }
            CHECK_INT(window.to.v, at);
        }
    }
}

static void check_previous(const char *from, const char *to, const char *expected_from)
{
    struct metric_window previous = metric_window_previous(window_of(from, to));
    check_day(expected_from, previous.from);
    check_day(from, previous.to);
}

TEST(metric_window_previous, is_as_many_whole_months_or_else_as_many_days)
{
    check_previous("2026-03-01", "2026-04-01", "2026-02-01");
    check_previous("2026-01-01", "2026-04-01", "2025-10-01");
    check_previous("2024-01-01", "2025-01-01", "2023-01-01");
    check_previous("2026-03-02", "2026-04-01", "2026-01-31");
    check_previous("2026-03-01", "2026-03-31", "2026-01-30");
    check_previous("2026-03-10", "2026-03-11", "2026-03-09");
}
