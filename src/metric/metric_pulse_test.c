/* The pulse of today, beside the same day of last week. */
#include "src/metric/metric_test.h"

#define SCOPED_STAGE CLEANUP(stage_close) struct stage

struct beat {
    struct metric_scope scope;
    struct metric_pulse pulse;
};

static enum err feel(struct ctx *ctx, void *arg)
{
    struct beat *beat = arg;
    return metric_pulse(ctx, &beat->scope, &beat->pulse);
}

static struct fact_id order_at(struct stage *stage, int partner, int64_t at_ms)
{
    struct fact_draft draft = stage_fact(stage, FACT_ORDER);
    draft.partner = stage->partners[partner];
    draft.at_ms = at_ms;
    return stage_record(stage, &draft);
}

static int64_t last_week(int64_t offset_ms)
{
    return WORLD_START_MS - 7 * MS_PER_DAY + offset_ms;
}

/* The results come in the order of the catalogue. */
static struct str number(struct stage *stage, const struct metric_values *values, const char *code)
{
    struct buf buf;
    buf_init(&buf, &stage->world.arena, 100);
    for (size_t i = 0; i < values->count; i++)
        if (str_equal(str_from_c(values->results[i].metric->code), str_from_c(code)))
            for (size_t j = 0; j < values->results[i].count; j++)
                metric_value_render(&values->results[i].values[j], values->results[i].metric->unit,
                                    &buf);
    return buf_str(&buf);
}

TEST(metric_pulse, has_last_week_until_the_same_time_and_the_whole_day)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    order_at(&stage, 0, WORLD_START_MS);
    order_at(&stage, 0, last_week(-1));
    order_at(&stage, 1, last_week(-MS_PER_HOUR));
    order_at(&stage, 1, last_week(0));                 /* not before this time of day */
    order_at(&stage, 2, last_week(-15 * MS_PER_HOUR)); /* the day before, in Vienna */
    struct beat beat = {0};
    CHECK_OK(stage_read(&stage, feel, &beat));
    CHECK_STR("1", number(&stage, &beat.pulse.today, "orders"));
    CHECK_STR("2", number(&stage, &beat.pulse.last_week_so_far, "orders"));
    CHECK_STR("25.00", number(&stage, &beat.pulse.last_week_so_far, "sales"));
    CHECK_STR("3", number(&stage, &beat.pulse.last_week, "orders"));
    CHECK_STR("37.50", number(&stage, &beat.pulse.last_week, "sales"));
    CHECK_INT(WORLD_START_MS, beat.pulse.as_of_ms);
    CHECK_INT(beat.pulse.today.heading.window.from.v - 7,
              beat.pulse.last_week_so_far.heading.window.from.v);
}

TEST(metric_pulse, counts_a_reversed_fact_no_more_and_a_merged_partners_with_the_survivors)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    stage_reverse(&stage, order_at(&stage, 0, last_week(-MS_PER_HOUR)));
    order_at(&stage, 1, last_week(-MS_PER_HOUR));
    stage_merge(&stage, stage.partners[1], stage.partners[0]);
    struct beat all = {0}, one = {.scope = {.partner = stage.partners[0]}};
    struct beat gold = {.scope = {.tier = STR("gold")}},
                silver = {.scope = {.tier = STR("silver")}};
    CHECK_OK(stage_read(&stage, feel, &all));
    CHECK_STR("1", number(&stage, &all.pulse.last_week_so_far, "orders"));
    CHECK_OK(stage_read(&stage, feel, &one));
    CHECK_STR("1", number(&stage, &one.pulse.last_week_so_far, "orders"));
    CHECK_OK(stage_read(&stage, feel, &gold));
    CHECK_STR("1", number(&stage, &gold.pulse.last_week_so_far, "orders"));
    CHECK_OK(stage_read(&stage, feel, &silver));
    CHECK_STR("0", number(&stage, &silver.pulse.last_week_so_far, "orders"));
}

TEST(metric_pulse, leaves_archived_partners_out_and_other_products)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    order_at(&stage, 3, last_week(-MS_PER_HOUR));
    stage_archive(&stage, stage.partners[3]);
    struct fact_draft item = stage_fact(&stage, FACT_ITEM);
    item.at_ms = last_week(-MS_PER_HOUR);
    item.product = stage.products[0];
    stage_record(&stage, &item);
    item.product = stage.products[1];
    item.external_id = STR("I-2");
    item.quantity_milli = 5000;
    stage_record(&stage, &item);
    struct beat all = {0}, product = {.scope = {.product = stage.products[1]}};
    CHECK_OK(stage_read(&stage, feel, &all));
    CHECK_STR("0", number(&stage, &all.pulse.last_week_so_far, "orders"));
    CHECK_STR("6", number(&stage, &all.pulse.last_week_so_far, "units"));
    CHECK_OK(stage_read(&stage, feel, &product));
    CHECK_STR("5", number(&stage, &product.pulse.last_week_so_far, "units"));
    CHECK_STR("5", number(&stage, &product.pulse.last_week, "units"));
}

TEST(metric_pulse, of_a_partners_user_is_its_own_and_says_nothing_of_others)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    order_at(&stage, 0, last_week(-MS_PER_HOUR));
    order_at(&stage, 1, last_week(-MS_PER_HOUR));
    struct beat own = {0}, other = {.scope = {.partner = stage.partners[0]}};
    struct beat group = {.scope = {.tier = STR("gold")}};
    CHECK_OK(ctx_read(world_as_partner(&stage.world, stage.partners[1]), feel, &own));
    CHECK_STR("1", number(&stage, &own.pulse.last_week_so_far, "orders"));
    CHECK_INT(0, own.pulse.last_recorded_ms);
    CHECK_ERR(ERR_NOT_FOUND,
              ctx_read(world_as_partner(&stage.world, stage.partners[1]), feel, &other));
    CHECK_ERR(ERR_FORBIDDEN,
              ctx_read(world_as_partner(&stage.world, stage.partners[1]), feel, &group));
}

TEST(metric_pulse, says_no_data_where_no_source_delivers)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    struct beat beat = {0};
    CHECK_OK(stage_read(&stage, feel, &beat));
    CHECK_STR("", number(&stage, &beat.pulse.today, "orders"));
    CHECK_STR("", number(&stage, &beat.pulse.last_week_so_far, "orders"));
    CHECK_INT(0, beat.pulse.last_recorded_ms);
    order_at(&stage, 0, last_week(0));
    CHECK_OK(stage_read(&stage, feel, &beat));
    CHECK_STR("0", number(&stage, &beat.pulse.last_week_so_far, "orders"));
    CHECK_STR("", number(&stage, &beat.pulse.last_week_so_far, "visits"));
    CHECK(beat.pulse.last_recorded_ms > 0);
}
