/* Metrics as they are asked for: who may, drill-down, rankings, the report and what is kept of it.
 */
#include "src/metric/metric.h"

#include <stdio.h>

#include "lib/db/db.h"
#include "src/metric/metric_catalogue.h"
#include "src/metric/metric_render.h"
#include "src/metric/metric_test.h"
#include "src/metric/rate.h"
#include "tests/support/database.h"

static const struct metric_query everything = {.wanted = 0};

static struct fact_id order(struct stage *stage, int partner, int64_t minor)
{
    struct fact_draft draft = stage_fact(stage, FACT_ORDER);
    draft.partner = stage->partners[partner];
    draft.amount.minor = minor;
    return stage_record(stage, &draft);
}

static struct metric_query of_partner(const struct stage *stage, int partner)
{
    return (struct metric_query){.scope = {.partner = stage->partners[partner]}};
}

#define SCOPED_STAGE CLEANUP(stage_close) struct stage

TEST(metric_values, of_a_group_divide_sums_and_are_no_mean_of_means)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    order(&stage, 0, 1000);
    order(&stage, 2, 100);
    order(&stage, 2, 100);
    struct metric_query gold = {.scope = {.tier = STR("gold")}};
    CHECK_STR("4.00 EUR", stage_value(&stage, "aov", &gold));
    CHECK_STR("2", stage_value(&stage, "partners_selling", &gold));
    struct metric_query vip = {.scope = {.tag = STR("vip")}};
    CHECK_STR("1.00 EUR", stage_value(&stage, "aov", &vip));
    struct metric_query nobody = {.scope = {.tag = STR("nobody")}};
    CHECK_STR("no data", stage_value(&stage, "aov", &nobody));
    CHECK_STR("0", stage_value(&stage, "orders", &nobody));
}

TEST(metric_values, say_no_data_until_a_source_delivers_the_kind)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    CHECK_STR("no data", stage_value(&stage, "orders", &everything));
    order(&stage, 0, 1000);
    struct metric_query other = of_partner(&stage, 1);
    CHECK_STR("0", stage_value(&stage, "orders", &other));
    CHECK_STR("0.00 EUR", stage_value(&stage, "sales", &other));
    CHECK_STR("no data", stage_value(&stage, "visits", &other));
    CHECK_STR("no data", stage_value(&stage, "sla_attainment", &other));
}

TEST(metric_values, count_the_day_of_the_partner_and_for_groups_of_the_organisation)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    /* 2024-05-15T22:30Z is the 16th in Vienna and in Apia, the 15th in Honolulu. */
    struct fact_draft draft = stage_fact(&stage, FACT_ORDER);
    draft.partner = stage.partners[3];
    draft.at_ms = WORLD_START_MS + 10 * MS_PER_HOUR + 30 * MS_PER_MINUTE;
    stage_record(&stage, &draft);
    struct metric_query query = of_partner(&stage, 3);
    CHECK(day_parse(STR("2024-05-15"), &query.days.from));
    CHECK(day_parse(STR("2024-05-16"), &query.days.to));
    query.days.from_given = query.days.to_given = true;
    CHECK_STR("1", stage_value(&stage, "orders", &query));
    query.scope = (struct metric_scope){.country = STR("DE")};
    CHECK_STR("0", stage_value(&stage, "orders", &query));
    query.days.from.v++;
    query.days.to.v++;
    CHECK_STR("1", stage_value(&stage, "orders", &query));
}

TEST(metric_values, stay_with_the_survivor_of_a_merger_and_lose_what_was_reversed)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    order(&stage, 0, 1000);
    struct fact_id wrong = order(&stage, 1, 3000);
    order(&stage, 1, 500);
    stage_merge(&stage, stage.partners[1], stage.partners[0]);
    struct metric_query query = of_partner(&stage, 0);
    CHECK_STR("45.00 EUR", stage_value(&stage, "sales", &query));
    stage_reverse(&stage, wrong);
    CHECK_STR("15.00 EUR", stage_value(&stage, "sales", &query));
    query = of_partner(&stage, 1);
    CHECK_STR("2", stage_value(&stage, "orders", &query));
    CHECK_STR("1", stage_value(&stage, "partners_selling", &everything));
}

/* ---- who may ---- */

struct asking {
    struct metric_query query;
    struct metric_values values;
    struct metric_facts facts;
    struct metric_leader_page leaders;
    struct page page;
};

static enum err ask_values(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    return metric_values(ctx, &asking->query, &asking->values);
}

static enum err ask_facts(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    return metric_facts(ctx, &asking->query, &asking->page, &asking->facts);
}

static enum err ask_leaders(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    return metric_leaders(ctx, &asking->query, &asking->page, &asking->leaders);
}

TEST(metric_values, of_a_partners_user_are_its_own_and_no_others)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    order(&stage, 0, 1000);
    order(&stage, 1, 700);
    struct asking asking = {.page = {.limit = 10}};
    struct ctx *ctx = world_as_partner(&stage.world, stage.partners[1]);
    CHECK_OK(metric_want(ctx, STR("sales"), &asking.query.wanted));
    CHECK_OK(ctx_read(ctx, ask_values, &asking));
    CHECK_INT(700, asking.values.results[0].values[0].number.mantissa);
    CHECK(partner_id_equal(stage.partners[1], asking.values.heading.scope.partner));
    CHECK_OK(ctx_read(ctx, ask_facts, &asking));
    CHECK_INT(1, asking.facts.page.count);
    asking.query.scope.partner = stage.partners[0];
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(ctx, ask_values, &asking));
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(ctx, ask_facts, &asking));
    asking.query.scope = (struct metric_scope){.tier = STR("gold")};
    CHECK_ERR(ERR_FORBIDDEN, ctx_read(ctx, ask_values, &asking));
    asking.query.scope = (struct metric_scope){.tag = STR("vip")};
    CHECK_ERR(ERR_FORBIDDEN, ctx_read(ctx, ask_values, &asking));
}

TEST(metric_values, refuse_a_partner_with_a_group_and_a_window_of_nothing)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    struct asking asking = {.query = of_partner(&stage, 0)};
    asking.query.scope.tier = STR("gold");
    struct ctx *ctx = world_as(&stage.world, ROLE_MANAGER);
    CHECK_ERR(ERR_INVALID, ctx_read(ctx, ask_values, &asking));
    CHECK_STR("partner", str_from_c(ctx->fault.field));
    asking.query.scope.tier = STR("");
    asking.query.days = (struct metric_days){true, true, {100}, {100}};
    CHECK_ERR(ERR_INVALID, ctx_read(ctx, ask_values, &asking));
    CHECK_STR("from", str_from_c(ctx->fault.field));
}

/* ---- down to the facts ---- */

TEST(metric_facts, pages_through_the_facts_of_a_group_and_no_others)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    for (int i = 0; i < 60; i++)
        order(&stage, i % STAGE_PARTNERS, 100);
    struct fact_draft visit = stage_fact(&stage, FACT_VISIT);
    stage_record(&stage, &visit);
    stage_merge(&stage, stage.partners[1], stage.partners[0]);
    struct asking asking = {.query = {.scope = {.tier = STR("gold")}}, .page = {.limit = 7}};
    struct ctx *ctx = world_as(&stage.world, ROLE_MANAGER);
    CHECK_OK(metric_want(ctx, STR("orders"), &asking.query.wanted));
    size_t count = 0;
    do {
        CHECK_OK(ctx_read(ctx, ask_facts, &asking));
        const struct fact_page *page = &asking.facts.page;
        CHECK(page->count <= 7);
        for (size_t i = 0; i < page->count; i++)
            CHECK_INT(FACT_ORDER, page->rows[i].kind);
        count += page->count;
        if (page->count) {
            asking.page.has_cursor = true;
            asking.page.after_int = page->rows[page->count - 1].at_ms;
            asking.page.after_id = page->rows[page->count - 1].id.v;
        }
    } while (asking.facts.page.next.len);
    /* P0, P2 and P4, and what P1 brought. */
    CHECK_INT(40, count);
}

/* ---- partners by a metric ---- */

TEST(metric_leaders, are_ranked_highest_first_page_by_page)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    for (int i = 0; i < STAGE_PARTNERS; i++)
        order(&stage, i, i == 4 ? 200 : 100 * (i + 1));
    struct asking asking = {.page = {.limit = 4}};
    struct ctx *ctx = world_as(&stage.world, ROLE_ANALYST);
    CHECK_OK(metric_want(ctx, STR("sales"), &asking.query.wanted));
    CHECK_OK(ctx_read(ctx, ask_leaders, &asking));
    const struct metric_leader_page *leaders = &asking.leaders;
    CHECK_INT(4, leaders->count);
    CHECK_STR("P5", leaders->rows[0].name);
    CHECK_INT(600, leaders->rows[0].key);
    CHECK_STR("P3", leaders->rows[1].name);
    CHECK_STR("P2", leaders->rows[2].name);
    CHECK_STR("P1", leaders->rows[3].name);
    CHECK(leaders->next.len);
    asking.page.has_cursor = true;
    asking.page.after_int = leaders->rows[3].key;
    asking.page.after_id = leaders->rows[3].partner.v;
    CHECK_OK(ctx_read(ctx, ask_leaders, &asking));
    CHECK_INT(2, leaders->count);
    CHECK_STR("P4", leaders->rows[0].name);
    CHECK_STR("P0", leaders->rows[1].name);
    CHECK(!leaders->next.len);
}

TEST(metric_leaders, with_money_that_no_rate_converts_stand_at_the_end)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    struct fact_draft dollars = stage_fact(&stage, FACT_ORDER);
    dollars.partner = stage.partners[1];
    dollars.amount = (struct money){900000, {"USD"}};
    stage_record(&stage, &dollars);
    order(&stage, 0, 100);
    struct asking asking = {.page = {.limit = 10}};
    struct ctx *ctx = world_as(&stage.world, ROLE_ANALYST);
    CHECK_OK(metric_want(ctx, STR("sales"), &asking.query.wanted));
    CHECK_OK(ctx_read(ctx, ask_leaders, &asking));
    CHECK_STR("P0", asking.leaders.rows[0].name);
    CHECK_STR("P1", asking.leaders.rows[1].name);
    CHECK_INT(INT64_MIN, asking.leaders.rows[1].key);
}

struct listing {
    struct partner_metric_query query;
    struct partner_metric_values values;
};

static enum err list_values(struct ctx *ctx, void *arg)
{
    struct listing *listing = arg;
    return metric_partner_metrics.values(ctx, &listing->query, &listing->values);
}

TEST(partner_metrics, give_the_list_of_partners_a_value_for_each_by_id)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    order(&stage, 4, 300);
    order(&stage, 2, 100);
    struct listing listing = {.query = {.code = STR("sales")}};
    CHECK(metric_partner_metrics.exists(STR("aov")));
    CHECK(!metric_partner_metrics.exists(STR("name")));
    CHECK_OK(stage_read(&stage, list_values, &listing));
    CHECK_INT(2, listing.values.count);
    CHECK(partner_id_equal(stage.partners[2], listing.values.rows[0].partner));
    CHECK_INT(100, listing.values.rows[0].key);
    CHECK_STR("1.00", listing.values.rows[0].text);
    CHECK_STR("EUR", currency_str(&listing.values.rows[0].currency));
    CHECK(partner_id_equal(stage.partners[4], listing.values.rows[1].partner));
    struct ctx *ctx = world_as_partner(&stage.world, stage.partners[4]);
    CHECK_OK(ctx_read(ctx, list_values, &listing));
    CHECK_INT(1, listing.values.count);
}

/* ---- the live report ---- */

struct reporting {
    struct partner_id partner;
    struct metric_days days;
    struct metric_report report;
};

static enum err read_report(struct ctx *ctx, void *arg)
{
    struct reporting *reporting = arg;
    return metric_report_read(ctx, reporting->partner, &reporting->days, &reporting->report);
}

static struct fact_id deal(struct stage *stage, enum fact_kind kind, const char *ref)
{
    struct fact_draft draft = stage_fact(stage, kind);
    draft.ref = str_from_c(ref);
    return stage_record(stage, &draft);
}

TEST(metric_report, shows_the_latest_ten_orders_that_count)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    struct fact_id last = {0};
    for (int i = 0; i < 14; i++) {
        struct fact_draft draft = stage_fact(&stage, FACT_ORDER);
        draft.at_ms = WORLD_START_MS - (100 - i) * (int64_t)MS_PER_DAY;
        last = stage_record(&stage, &draft);
    }
    stage_reverse(&stage, last);
    struct reporting reporting = {.partner = stage.partners[0]};
    CHECK_OK(stage_read(&stage, read_report, &reporting));
    const struct metric_report *report = &reporting.report;
    CHECK_INT(METRIC_LATEST_ORDERS, report->latest.count);
    CHECK_INT(WORLD_START_MS - INT64_C(88) * MS_PER_DAY, report->last_order_ms);
    CHECK_INT(WORLD_START_MS - INT64_C(97) * MS_PER_DAY, report->latest.rows[9].at_ms);
    CHECK_INT(0, report->recent.values[0].number.mantissa);
}

TEST(metric_report, counts_open_deals_over_all_time_and_ended_ones_in_the_window)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    struct reporting reporting = {.partner = stage.partners[0]};
    CHECK_OK(stage_read(&stage, read_report, &reporting));
    CHECK(!reporting.report.has_deals);
    struct fact_draft old = stage_fact(&stage, FACT_DEAL_REGISTERED);
    old.at_ms -= INT64_C(1000) * MS_PER_DAY;
    old.ref = STR("D0");
    stage_record(&stage, &old);
    deal(&stage, FACT_DEAL_REGISTERED, "D1");
    deal(&stage, FACT_DEAL_REGISTERED, "D2");
    deal(&stage, FACT_DEAL_WON, "D1");
    struct fact_id lost = deal(&stage, FACT_DEAL_LOST, "D2");
    CHECK_OK(stage_read(&stage, read_report, &reporting));
    CHECK(reporting.report.has_deals);
    CHECK_INT(1, reporting.report.deals_open);
    CHECK_INT(1, reporting.report.deals_won);
    CHECK_INT(1, reporting.report.deals_lost);
    stage_reverse(&stage, lost);
    CHECK_OK(stage_read(&stage, read_report, &reporting));
    CHECK_INT(2, reporting.report.deals_open);
    CHECK_INT(0, reporting.report.deals_lost);
}

/* ---- what is kept ---- */

static struct str kept_report(struct stage *stage, struct ctx *ctx, int partner)
{
    static const struct metric_days days = {.from_given = false};
    struct str json;
    if (metric_report_json(ctx, stage->partners[partner], &days, &json) != OK)
        test_fail(__FILE__, __LINE__, "%s (%s)", ctx->fault.sentence, ctx->fault.detail);
    return json;
}

static bool has(struct str text, const char *needle)
{
    return str_find(text, str_from_c(needle), NULL);
}

TEST(metric_report_json, is_taken_again_until_the_partner_changes)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    order(&stage, 0, 1000);
    struct str first = kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 0);
    CHECK(has(first, "\"10.00\""));
    struct str again = kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 0);
    CHECK(again.ptr != first.ptr && str_equal(first, again));
    CHECK(kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 0).ptr == again.ptr);
    order(&stage, 0, 500);
    struct str changed = kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 0);
    CHECK(has(changed, "\"15.00\""));
}

TEST(metric_report_json, is_not_what_it_was_after_any_change_that_shows_in_it)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    struct fact_id id = order(&stage, 0, 1000);
    CHECK(has(kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 0), "\"prospect\""));
    stage_activate(&stage, stage.partners[0], WORLD_START_MS - MS_PER_DAY);
    CHECK(has(kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 0), "\"active\""));
    stage_reverse(&stage, id);
    CHECK(has(kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 0), "\"0.00\""));
    /* The first visit of all turns "no data" into 0 for everybody. */
    const char *none = "\"visits\":{\"number\":null", *zero = "\"visits\":{\"number\":\"0\"";
    CHECK(has(kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 0), none));
    struct fact_draft visit = stage_fact(&stage, FACT_VISIT);
    visit.partner = stage.partners[1];
    stage_record(&stage, &visit);
    CHECK(has(kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 0), zero));
    order(&stage, 1, 777);
    stage_merge(&stage, stage.partners[1], stage.partners[0]);
    CHECK(has(kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 0), "\"7.77\""));
}

TEST(metric_report_json, is_made_anew_when_the_partners_day_is_over)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    order(&stage, 4, 1000);
    kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 4);
    world_set_now(&stage.world, WORLD_START_MS + 12 * MS_PER_HOUR - 1);
    struct str before = kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 4);
    CHECK(has(before, "\"to\":\"2024-05-16\""));
    world_set_now(&stage.world, WORLD_START_MS + 12 * MS_PER_HOUR);
    struct str after = kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 4);
    CHECK(has(after, "\"to\":\"2024-05-17\""));
}

TEST(metric_report_json, notices_what_another_process_wrote)
{
    static const struct query rename = {
        "test rename", "UPDATE partner SET name = 'Renamed' WHERE name = 'P0'", NULL};
    SCOPED_STAGE stage;
    stage_open(&stage);
    kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 0);
    int64_t before = db_others_version(stage.world.services.db);
    struct fault fault;
    struct db *other;
    struct db_options options = {.url = test_database_migrated(stage.world.directory),
                                 .readers = 1,
                                 .cache_bytes = 1024 * 1024,
                                 .busy_timeout_ms = 5000,
                                 .group_rows = 10};
    CHECK_OK(db_open(&options, &other, &fault));
    struct world second = {.services = {.db = other}};
    world_run(&second, &rename, &(struct db_args){NULL, 0});
    db_close(other);
    for (int64_t until = monotonic_ms() + 5000; monotonic_ms() < until;)
        if (db_others_version(stage.world.services.db) != before)
            break;
    CHECK(has(kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 0), "\"Renamed\""));
}

TEST(metric_report_json, is_not_given_to_who_may_not_see_it)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    order(&stage, 0, 1000);
    kept_report(&stage, world_as(&stage.world, ROLE_ANALYST), 0);
    struct ctx *ctx = world_as_partner(&stage.world, stage.partners[1]);
    struct metric_days days = {.from_given = false};
    struct str json;
    CHECK_ERR(ERR_NOT_FOUND, metric_report_json(ctx, stage.partners[0], &days, &json));
    CHECK_OK(metric_report_json(ctx, stage.partners[1], &days, &json));
}

/* ---- exchange rates ---- */

struct saving {
    struct rate rates[2];
    size_t changed;
    struct rate_page page;
};

static enum err save(struct ctx *ctx, void *arg)
{
    struct saving *saving = arg;
    return rate_save(ctx, saving->rates, 2, &saving->changed);
}

static enum err list(struct ctx *ctx, void *arg)
{
    struct saving *saving = arg;
    struct rate_filter filter = {.from = {INT32_MIN}, .to = {INT32_MAX}};
    struct page page = {.limit = 1};
    return rate_list(ctx, &filter, &page, &saving->page);
}

TEST(rate_save, sets_changes_and_takes_away_rates)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    struct saving saving = {.rates = {{{19000}, {"USD"}, 0}, {{19001}, {"JPY"}, 0}}};
    CHECK(rate_parse(STR("0.92170"), &saving.rates[0].nano));
    CHECK(rate_parse(STR("0.0062"), &saving.rates[1].nano));
    CHECK_OK(ctx_write(world_as(&stage.world, ROLE_ADMIN), save, &saving));
    CHECK_INT(2, saving.changed);
    CHECK_OK(ctx_write(world_as(&stage.world, ROLE_ADMIN), save, &saving));
    CHECK_INT(0, saving.changed);
    CHECK_OK(stage_read(&stage, list, &saving));
    CHECK_INT(1, saving.page.count);
    CHECK(saving.page.next.len);
    CHECK_STR("JPY", currency_str(&saving.page.rows[0].currency));
    CHECK_STR("0.0062", rate_text(saving.page.rows[0].nano, &stage.world.arena));
    saving.rates[1].nano = 0;
    CHECK_OK(ctx_write(world_as(&stage.world, ROLE_ADMIN), save, &saving));
    CHECK_INT(1, saving.changed);
    CHECK_OK(stage_read(&stage, list, &saving));
    CHECK_STR("USD", currency_str(&saving.page.rows[0].currency));
    CHECK_STR("0.9217", rate_text(saving.page.rows[0].nano, &stage.world.arena));
}

TEST(rate_save, refuses_the_reporting_currency_and_changes_nothing)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    struct saving saving = {.rates = {{{19000}, {"USD"}, 5}, {{19000}, {"EUR"}, 5}}};
    struct ctx *ctx = world_as(&stage.world, ROLE_ADMIN);
    CHECK_ERR(ERR_INVALID, ctx_write(ctx, save, &saving));
    CHECK_INT(2, ctx->fault.row);
    CHECK_OK(stage_read(&stage, list, &saving));
    CHECK_INT(0, saving.page.count);
}

TEST(rate_parse, takes_decimals_over_zero)
{
    int64_t nano;
    CHECK(rate_parse(STR("1"), &nano));
    CHECK_INT(METRIC_RATE_ONE, nano);
    CHECK(rate_parse(STR("0.000000001"), &nano));
    CHECK_INT(1, nano);
    CHECK(rate_parse(STR("1000000000"), &nano));
    CHECK(!rate_parse(STR("1000000001"), &nano));
    CHECK(!rate_parse(STR("0"), &nano));
    CHECK(!rate_parse(STR("-1"), &nano));
    CHECK(!rate_parse(STR("0.0000000001"), &nano));
    CHECK(!rate_parse(STR("1,5"), &nano));
}
