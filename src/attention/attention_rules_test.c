/* Silence, falling sales and missing actions, at their bounds. */
#include "src/attention/attention_rules.h"

#include "lib/base/compiler.h"
#include "tests/support/test.h"

enum { TODAY = 20000 };

static struct attention_clock now(void)
{
    return (struct attention_clock){.today = TODAY, .reckoned = TODAY, .acts = true};
}

static struct attention_past fresh(void)
{
    return (struct attention_past){.looked_after = true, .acted_day = TODAY};
}

/* `count` order days of 10.00, `gap` days apart, the last `ago` days before today. */
static struct attention_past steady(int count, int gap, int ago)
{
    struct attention_clock clock = now();
    struct attention_past past = fresh();
    for (int i = count - 1; i >= 0; i--)
        attention_add_orders(&past, &clock, TODAY - ago - i * gap, 1, 1000);
    return past;
}

static bool has(const struct attention_past *past, enum attention_reason reason)
{
    struct attention_clock clock = now();
    return (attention_judge(past, &clock).reasons & ATTENTION_BIT(reason)) != 0;
}

static bool silent(int count, int gap, int ago)
{
    struct attention_past past = steady(count, gap, ago);
    return has(&past, ATTENTION_SILENT);
}

TEST(attention_judge, calls_silent_what_is_twice_its_own_gap_ago)
{
    CHECK(!silent(4, 10, 19));
    CHECK(silent(4, 10, 20));
    CHECK(!silent(4, 90, 179));
    CHECK(silent(4, 90, 180));
    CHECK(!silent(3, 10, 200)); /* too few to know a gap */
    CHECK(!silent(30, 1, 13));  /* not for less than two weeks */
    CHECK(silent(30, 1, 14));
}

TEST(attention_judge, counts_days_with_orders_and_not_orders)
{
    struct attention_clock clock = now();
    struct attention_past past = fresh();
    for (int i = 0; i < 9; i++)
        attention_add_orders(&past, &clock, TODAY - 100, 1, 1000);
    CHECK_INT(1, past.order_days);
    CHECK(!has(&past, ATTENTION_SILENT));
}

TEST(attention_judge, puts_the_missed_order_days_at_stake_but_not_more_than_a_years)
{
    struct attention_clock clock = now();
    struct attention_past past = steady(5, 10, 40); /* three gaps late: 40 ÷ 10 − 1 */
    CHECK_INT(3000, attention_judge(&past, &clock).stake_minor);
    past = steady(5, 10, 700);
    CHECK_INT(36500, attention_judge(&past, &clock).stake_minor);
    CHECK_INT(100, attention_gap_tenths(&past));
}

static struct attention_past sold(int64_t before, int64_t orders, int64_t after)
{
    struct attention_clock clock = now();
    struct attention_past past = fresh();
    attention_add_orders(&past, &clock, TODAY - 60, orders, before);
    attention_add_orders(&past, &clock, TODAY - 1, 1, after);
    return past;
}

TEST(attention_judge, calls_falling_what_lost_a_third_of_enough_orders)
{
    struct attention_clock clock = now();
    struct attention_past past = sold(1000, 3, 700);
    CHECK(has(&past, ATTENTION_FALLING));
    CHECK_INT(300, attention_judge(&past, &clock).stake_minor);
    past = sold(1000, 3, 701);
    CHECK(!has(&past, ATTENTION_FALLING));
    past = sold(1000, 2, 0);
    CHECK(!has(&past, ATTENTION_FALLING));
    past = sold(0, 5, 0);
    CHECK(!has(&past, ATTENTION_FALLING));
    past = sold(1000, 3, -500);
    CHECK_INT(150, attention_fall_percent(&past));
}

TEST(attention_add_orders, leaves_today_and_other_days_out_of_the_two_windows)
{
    struct attention_clock clock = now();
    struct attention_past past = fresh();
    attention_add_orders(&past, &clock, TODAY - 61, 1, 1);
    attention_add_orders(&past, &clock, TODAY - 60, 1, 10);
    attention_add_orders(&past, &clock, TODAY - 31, 1, 100);
    attention_add_orders(&past, &clock, TODAY - 30, 1, 1000);
    attention_add_orders(&past, &clock, TODAY - 1, 1, 10000);
    attention_add_orders(&past, &clock, TODAY, 1, 100000);
    CHECK_INT(110, past.sales_before);
    CHECK_INT(2, past.orders_before);
    CHECK_INT(11000, past.sales_now);
    CHECK_INT(11111, past.sales_year);
    CHECK_INT(111111, past.sales);
    CHECK_INT(6, past.order_days);
    CHECK_INT(TODAY, past.last_day);
}

TEST(attention_judge, misses_actions_only_where_somebody_records_them)
{
    struct attention_clock clock = now();
    struct attention_past past = fresh();
    past.acted_day = TODAY - 89;
    CHECK(!has(&past, ATTENTION_NO_ACTION));
    past.acted_day = TODAY - 90;
    CHECK(has(&past, ATTENTION_NO_ACTION));
    clock.acts = false;
    CHECK_INT(0, attention_judge(&past, &clock).reasons);
}

TEST(attention_judge, leaves_partners_alone_that_nobody_looks_after_any_more)
{
    struct attention_past past = steady(5, 10, 90);
    past.looked_after = false;
    past.acted_day = 0;
    struct attention_clock clock = now();
    CHECK_INT(0, attention_judge(&past, &clock).reasons);
}

TEST(attention_clock_of, stops_where_the_orders_of_the_whole_channel_end)
{
    CHECK_INT(TODAY, attention_clock_of(TODAY, false, 0).reckoned);
    CHECK_INT(TODAY, attention_clock_of(TODAY, true, TODAY - 14).reckoned);
    CHECK_INT(TODAY - 14, attention_clock_of(TODAY, true, TODAY - 15).reckoned);
    CHECK_INT(3000, attention_clock_of(TODAY, true, 2999).reckoned);
}
