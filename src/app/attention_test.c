/* What needs attention, on a real ledger: its order, its reasons, and how it follows changes. */
#include <time.h>

#include "src/attention/attention.h"

#include "lib/db/db.h"
#include "src/metric/metric_test.h"

static void close_office(struct stage *stage)
{
    struct attention *attention = stage->world.services.attention;
    attention_stop(attention);
    stage_close(stage);
    attention_free(attention);
}
#define SCOPED_OFFICE CLEANUP(close_office) struct stage

/* A stage whose partners are all known to be silent about nothing yet. */
static void open_office(struct stage *stage)
{
    stage_open(stage);
    stage->world.services.attention = attention_new();
}

static void record(struct stage *stage, int partner, enum fact_kind kind, int days_ago)
{
    struct fact_draft draft = stage_fact(stage, kind);
    draft.partner = stage->partners[partner];
    draft.at_ms = WORLD_START_MS - days_ago * (int64_t)MS_PER_DAY;
    draft.amount.minor = 1000 * (partner + 1);
    stage_record(stage, &draft);
}

/* Four orders, ten days apart, the last some days ago. */
static void order_until(struct stage *stage, int partner, int days_ago)
{
    for (int i = 3; i >= 0; i--)
        record(stage, partner, FACT_ORDER, days_ago + 10 * i);
}

struct asking {
    struct attention_filter filter;
    struct page page;
    struct attention_page found;
    struct attention_summary summary;
};

static enum err ask(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    TRY(attention_summarise(ctx, &asking->filter.group, &asking->summary));
    return attention_list(ctx, &asking->filter, &asking->page, &asking->found);
}

static struct asking asked(struct stage *stage, unsigned reasons)
{
    struct asking asking = {.filter = {.reasons = reasons}, .page = {.limit = 10}};
    CHECK_OK(stage_read(stage, ask, &asking));
    return asking;
}

static size_t count_of(struct stage *stage, enum attention_reason reason)
{
    return asked(stage, ATTENTION_BIT(reason)).found.count;
}

TEST(attention_list, names_whom_to_call_by_what_is_at_stake_page_by_page)
{
    SCOPED_OFFICE stage;
    open_office(&stage);
    order_until(&stage, 0, 30);
    order_until(&stage, 1, 30);
    order_until(&stage, 2, 19);
    record(&stage, 3, FACT_ORDER, 1);
    struct asking asking = {.page = {.limit = 1}};
    CHECK_OK(stage_read(&stage, ask, &asking));
    CHECK_INT(2, asking.summary.total);
    CHECK_STR("P1", asking.found.rows[0].name);
    CHECK_INT(4000, asking.found.rows[0].stake.minor); /* two order days of 20.00 */
    CHECK_STR("Max Manager", asking.found.rows[0].manager_name);
    CHECK_STR("No order for 30 days; it usually orders every 10.0 days (4 days with orders since"
              " 2024-03-16).",
              attention_sentence(&stage.world.ctx, &asking.found.basis, &asking.found.rows[0],
                                 ATTENTION_SILENT));
    CHECK(asking.found.next.len);
    CHECK_OK(page_continue(&stage.world.ctx, asking.found.next, &asking.page));
    CHECK_OK(stage_read(&stage, ask, &asking));
    CHECK_INT(1, asking.found.count);
    CHECK_STR("P0", asking.found.rows[0].name);
    CHECK(!asking.found.next.len);
}

static enum err merge_last(struct ctx *ctx, void *arg)
{
    const struct stage *stage = arg;
    struct partner merged;
    return partner_merge(ctx, stage->partners[2], stage->partners[0], &merged);
}

TEST(attention_list, follows_facts_changes_merges_and_archives_at_once)
{
    SCOPED_OFFICE stage;
    open_office(&stage);
    order_until(&stage, 0, 30);
    order_until(&stage, 1, 30);
    order_until(&stage, 2, 30);
    record(&stage, 3, FACT_ORDER, 1);
    CHECK_INT(3, count_of(&stage, ATTENTION_SILENT));
    record(&stage, 0, FACT_ORDER, 0);
    CHECK_INT(2, count_of(&stage, ATTENTION_SILENT));
    stage_archive(&stage, stage.partners[1]);
    CHECK_INT(1, count_of(&stage, ATTENTION_SILENT));
    CHECK_OK(ctx_write(world_as(&stage.world, ROLE_MANAGER), merge_last, &stage));
    CHECK_INT(0, count_of(&stage, ATTENTION_SILENT));
}

TEST(attention_list, takes_an_order_back_with_its_reversal)
{
    SCOPED_OFFICE stage;
    open_office(&stage);
    order_until(&stage, 0, 30);
    record(&stage, 3, FACT_ORDER, 1);
    struct fact_draft late = stage_fact(&stage, FACT_ORDER);
    struct fact_id id = stage_record(&stage, &late);
    CHECK_INT(0, count_of(&stage, ATTENTION_SILENT));
    stage_reverse(&stage, id);
    CHECK_INT(1, count_of(&stage, ATTENTION_SILENT));
}

TEST(attention_list, is_reckoned_where_the_orders_of_the_channel_end)
{
    SCOPED_OFFICE stage;
    open_office(&stage);
    order_until(&stage, 0, 400);
    order_until(&stage, 1, 430);
    struct asking asking = asked(&stage, 0);
    CHECK_INT(1, asking.found.count);
    CHECK_STR("P1", asking.found.rows[0].name);
    CHECK_INT(asking.found.basis.last_order + 1, asking.found.basis.clock.reckoned);
    CHECK_INT(asking.found.basis.clock.today - 400, asking.found.basis.last_order);
}

TEST(attention_list, says_what_it_cannot_judge)
{
    SCOPED_OFFICE stage;
    open_office(&stage);
    struct asking asking = asked(&stage, 0);
    CHECK_INT(0, asking.found.count);
    CHECK(attention_silence(&asking.found.basis, ATTENTION_SILENT).len);
    CHECK(attention_silence(&asking.found.basis, ATTENTION_NO_ACTION).len);
    CHECK(!attention_silence(&asking.found.basis, ATTENTION_DUPLICATE).len);
    record(&stage, 0, FACT_ORDER, 1);
    record(&stage, 0, FACT_CALL_MADE, 1);
    asking = asked(&stage, 0);
    CHECK(!attention_silence(&asking.found.basis, ATTENTION_SILENT).len);
    CHECK(!attention_silence(&asking.found.basis, ATTENTION_NO_ACTION).len);
}

TEST(attention_list, misses_actions_of_users_and_calls)
{
    SCOPED_OFFICE stage;
    open_office(&stage);
    record(&stage, 0, FACT_CALL_MADE, 0);
    world_set_now(&stage.world, WORLD_START_MS + 89 * (int64_t)MS_PER_DAY);
    CHECK_INT(0, count_of(&stage, ATTENTION_NO_ACTION));
    world_set_now(&stage.world, WORLD_START_MS + 90 * (int64_t)MS_PER_DAY);
    CHECK_INT(STAGE_PARTNERS, count_of(&stage, ATTENTION_NO_ACTION));
    record(&stage, 1, FACT_VISIT, -89);
    CHECK_INT(STAGE_PARTNERS - 1, count_of(&stage, ATTENTION_NO_ACTION));
}

static void check_group(struct stage *stage, struct metric_scope group, int64_t silent)
{
    struct asking asking = {.filter = {.group = group}, .page = {.limit = 10}};
    CHECK_OK(stage_read(stage, ask, &asking));
    CHECK_INT(silent, asking.found.count);
    CHECK_INT(silent, asking.summary.total);
    CHECK_INT(silent, asking.summary.items[ATTENTION_SILENT]);
}

TEST(attention_list, of_a_group_has_its_partners_only)
{
    SCOPED_OFFICE stage;
    open_office(&stage);
    order_until(&stage, 0, 30);
    order_until(&stage, 1, 30);
    record(&stage, 3, FACT_ORDER, 1);
    check_group(&stage, (struct metric_scope){0}, 2);
    check_group(&stage, (struct metric_scope){.manager = stage.world.admin}, 0);
    check_group(&stage, (struct metric_scope){.manager = stage.world.manager}, 2);
    check_group(&stage, (struct metric_scope){.tier = STR("gold")}, 1);
    check_group(&stage, (struct metric_scope){.country = STR("AT")}, 2);
    check_group(&stage, (struct metric_scope){.country = STR("AT"), .tier = STR("silver")}, 1);
    check_group(&stage, (struct metric_scope){.tag = STR("vip")}, 1);
    check_group(&stage, (struct metric_scope){.tag = STR("vip"), .tier = STR("gold")}, 0);
}

TEST(attention_list, shows_open_pairs_and_rows_that_belong_to_nobody)
{
    static const struct query pair = {
        "test pair",
        "INSERT INTO partner_duplicate (id, low_id, high_id, reasons, rank, found_ms)"
        " VALUES (7, $1, $2, 8, 1, $3)",
        NULL};
    static const struct query import = {
        "test import",
        "INSERT INTO import (id, state, actor, created_ms, finished_ms, bad_rows)"
        " VALUES (9, 'applied', 'x', $1, $1, 3)",
        NULL};
    static const struct query row = {
        "test row",
        "INSERT INTO unassigned_row (id, import_id, file, file_row, entity, source, external_id,"
        " system, owner, at_ms, quantity_milli, amount, currency, ref, note, fields)"
        " VALUES (1, 9, 1, 1, 'order', 's', 'e', 'x', 'o', $1, 1000, 777, 'EUR', '', '', '')",
        NULL};
    SCOPED_OFFICE stage;
    open_office(&stage);
    struct db_args sides =
        DB_ARGS(db_int(stage.partners[0].v), db_int(stage.partners[1].v), db_int(WORLD_START_MS));
    struct db_args at = DB_ARGS(db_int(WORLD_START_MS));
    world_run(&stage.world, &pair, &sides);
    world_run(&stage.world, &import, &at);
    world_run(&stage.world, &row, &at);
    struct asking asking = asked(&stage, 0);
    CHECK_INT(3, asking.found.count);
    CHECK_INT(9, asking.found.rows[0].import.v);
    CHECK_INT(777, asking.found.rows[0].stake.minor);
    CHECK_INT(3, asking.found.rows[0].bad_rows);
    CHECK_INT(7, asking.found.rows[1].duplicate.v);
    CHECK_INT(2, asking.summary.items[ATTENTION_DUPLICATE]);
    CHECK_INT(1, count_of(&stage, ATTENTION_UNASSIGNED));
    world_set_now(&stage.world, WORLD_START_MS + 20 * (int64_t)MS_PER_DAY);
    CHECK_INT(0, count_of(&stage, ATTENTION_BAD_ROWS));
    CHECK_INT(1, count_of(&stage, ATTENTION_UNASSIGNED));
}

TEST(attention_list, is_for_the_vendors_staff)
{
    SCOPED_OFFICE stage;
    open_office(&stage);
    struct asking asking = {.page = {.limit = 10}};
    CHECK_ERR(ERR_FORBIDDEN,
              ctx_read(world_as_partner(&stage.world, stage.partners[0]), ask, &asking));
}

/* Until the summary's day is this one; requests do not wait for that. */
static bool waits_for_day(struct stage *stage, int32_t day)
{
    struct timespec pause = {0, 5000000};
    for (int i = 0; i < 2000; i++) {
        struct asking asking = {.page = {.limit = 10}};
        enum err err = stage_read(stage, ask, &asking);
        if (err == OK && asking.summary.basis.clock.today == day)
            return true;
        CHECK(err == OK || err == ERR_BUSY);
        nanosleep(&pause, NULL);
    }
    return false;
}

TEST(attention_keep, has_the_table_made_before_anybody_asks_and_anew_on_a_new_day)
{
    SCOPED_OFFICE stage;
    open_office(&stage);
    order_until(&stage, 0, 13);
    record(&stage, 3, FACT_ORDER, 1);
    attention_keep(stage.world.services.attention, &stage.world.services);
    int32_t today = WORLD_START_MS / MS_PER_DAY;
    CHECK(waits_for_day(&stage, today));
    CHECK_INT(0, count_of(&stage, ATTENTION_SILENT));
    record(&stage, 1, FACT_ORDER, 0);
    CHECK_INT(0, count_of(&stage, ATTENTION_SILENT));
    world_set_now(&stage.world, WORLD_START_MS + 7 * (int64_t)MS_PER_DAY);
    CHECK(waits_for_day(&stage, today + 7));
    CHECK_INT(1, count_of(&stage, ATTENTION_SILENT));
}
