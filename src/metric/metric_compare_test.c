/* Numbers beside those of the window before, and rankings from the lowest on. */
#include "src/metric/metric_test.h"

#define SCOPED_STAGE CLEANUP(stage_close) struct stage

static void order(struct stage *stage, int partner, const char *day, int64_t minor)
{
    struct fact_draft draft = stage_fact(stage, FACT_ORDER);
    struct day at;
    CHECK(day_parse(str_from_c(day), &at));
    draft.partner = stage->partners[partner];
    draft.at_ms = (int64_t)at.v * MS_PER_DAY + 12 * MS_PER_HOUR;
    draft.amount.minor = minor;
    stage_record(stage, &draft);
}

struct asking {
    struct metric_query query;
    struct metric_values values;
    struct metric_series series;
    struct page page;
    struct metric_leader_page leaders;
};

static struct asking asking_of(struct stage *stage, const char *from, const char *to)
{
    struct asking asking = {.query = {.compare = true}};
    asking.query.days.from_given = asking.query.days.to_given = true;
    CHECK(day_parse(str_from_c(from), &asking.query.days.from));
    CHECK(day_parse(str_from_c(to), &asking.query.days.to));
    CHECK_OK(
        metric_want(world_as(&stage->world, ROLE_ANALYST), STR("sales"), &asking.query.wanted));
    return asking;
}

static enum err ask_values(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    return metric_values(ctx, &asking->query, &asking->values);
}

static enum err ask_months(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    return metric_series(ctx, &asking->query, METRIC_BY_MONTH, &asking->series);
}

static enum err ask_leaders(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    return metric_leaders(ctx, &asking->query, &asking->page, &asking->leaders);
}

static int64_t minor_of(const struct metric_result *result)
{
    return result->count ? result->values[0].number.mantissa : -1;
}

TEST(metric_values, stand_beside_those_of_the_window_before)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    order(&stage, 0, "2024-04-10", 500);
    order(&stage, 0, "2024-04-20", 300);
    order(&stage, 0, "2024-05-02", 1000);
    struct asking asking = asking_of(&stage, "2024-05-01", "2024-05-11");
    CHECK_OK(stage_read(&stage, ask_values, &asking));
    CHECK_INT(1000, minor_of(&asking.values.results[0]));
    CHECK(asking.values.previous.has);
    CHECK_INT(asking.query.days.from.v - 10, asking.values.previous.window.from.v);
    CHECK_INT(0, minor_of(&asking.values.before[0])); /* from April 21 on */
    asking = asking_of(&stage, "2024-05-01", "2024-06-01");
    CHECK_OK(stage_read(&stage, ask_values, &asking));
    CHECK_INT(800, minor_of(&asking.values.before[0]));
    asking.query.compare = false;
    CHECK_OK(stage_read(&stage, ask_values, &asking));
    CHECK(!asking.values.previous.asked && !asking.values.before);
}

TEST(metric_values, have_none_before_the_first_fact_of_all)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    struct asking asking = asking_of(&stage, "2024-05-01", "2024-06-01");
    CHECK_OK(stage_read(&stage, ask_values, &asking));
    CHECK(asking.values.previous.asked && !asking.values.previous.has);
    order(&stage, 0, "2024-05-01", 1000);
    CHECK_OK(stage_read(&stage, ask_values, &asking));
    CHECK(!asking.values.previous.has);
    order(&stage, 0, "2024-04-30", 700);
    CHECK_OK(stage_read(&stage, ask_values, &asking));
    CHECK_INT(700, minor_of(&asking.values.before[0]));
}

TEST(metric_series, has_the_steps_of_as_many_months_before)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    order(&stage, 0, "2023-12-31", 100);
    order(&stage, 0, "2024-01-31", 200);
    order(&stage, 0, "2024-02-29", 300);
    struct asking asking = asking_of(&stage, "2024-02-01", "2024-04-01");
    CHECK_OK(stage_read(&stage, ask_months, &asking));
    CHECK_INT(2, asking.series.count);
    CHECK_INT(2, asking.series.before_count);
    CHECK_INT(300, minor_of(&asking.series.points[0].results[0]));
    CHECK_INT(100, minor_of(&asking.series.before[0].results[0]));
    CHECK_INT(200, minor_of(&asking.series.before[1].results[0]));
}

/* ---- from the lowest on ---- */

TEST(metric_leaders, are_ranked_lowest_first_page_by_page_with_ties_as_from_the_top)
{
    static const int expected[] = {3, 0, 2, 1};
    SCOPED_STAGE stage;
    stage_open(&stage);
    order(&stage, 0, "2024-05-02", 500);
    order(&stage, 1, "2024-05-02", 900);
    order(&stage, 2, "2024-05-02", 500);
    order(&stage, 3, "2024-05-02", 100);
    struct asking asking = asking_of(&stage, "2024-05-01", "2024-06-01");
    asking.query.lowest_first = true;
    asking.page.limit = 1;
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        CHECK_OK(stage_read(&stage, ask_leaders, &asking));
        CHECK_INT(1, asking.leaders.count);
        CHECK(partner_id_equal(stage.partners[expected[i]], asking.leaders.rows[0].partner));
        CHECK_INT(i + 1 < ARRAY_LEN(expected), asking.leaders.next.len > 0);
        asking.page.has_cursor = true;
        asking.page.after_int = asking.leaders.rows[0].key;
        asking.page.after_id = asking.leaders.rows[0].partner.v;
    }
}

TEST(metric_leaders, that_no_rate_converts_stand_at_the_end_of_the_lowest_too)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    order(&stage, 0, "2024-05-02", 500);
    struct fact_draft dollars = stage_fact(&stage, FACT_ORDER);
    dollars.partner = stage.partners[1];
    dollars.amount = (struct money){1, {"USD"}};
    stage_record(&stage, &dollars);
    struct asking asking = asking_of(&stage, "2024-05-01", "2024-06-01");
    asking.query.lowest_first = true;
    asking.page.limit = 10;
    CHECK_OK(stage_read(&stage, ask_leaders, &asking));
    CHECK_INT(2, asking.leaders.count);
    CHECK(partner_id_equal(stage.partners[0], asking.leaders.rows[0].partner));
}
