/* The sample channel, by the answers that are known of it. */
#include "lib/db/db.h"
#include "src/app/sample.h"
#include "src/ledger/ledger.h"
#include "tests/support/test.h"
#include "tests/support/world.h"

#define OF_ORDERS " FROM rollup_channel WHERE kind = 1"
static const struct query sales = {"test sales",
                                   "SELECT CAST(SUM(amount) AS BIGINT) AS n" OF_ORDERS, NULL};
static const struct query orders = {"test orders",
                                    "SELECT CAST(SUM(facts) AS BIGINT) AS n" OF_ORDERS, NULL};
static const struct query units = {
    "test units",
    "SELECT CAST(SUM(quantity_milli) AS BIGINT) AS n FROM rollup_channel WHERE kind = 2", NULL};
static const struct query sellers = {
    "test sellers", "SELECT COUNT(DISTINCT partner_id) AS n FROM fact WHERE kind = 1", NULL};
static const struct query brakes_sales = {
    "test brakes sales",
    "SELECT CAST(SUM(f.amount) AS BIGINT) AS n FROM fact f JOIN partner p ON p.id = f.partner_id"
    " WHERE f.kind = 1 AND p.name = 'Brakes and Gears'",
    NULL};
static const struct query brakes_orders = {
    "test brakes orders",
    "SELECT COUNT(*) AS n FROM fact f JOIN partner p ON p.id = f.partner_id"
    " WHERE f.kind = 1 AND p.name = 'Brakes and Gears'",
    NULL};
static const struct query last_order = {"test last order",
                                        "SELECT MAX(at_ms) AS n FROM fact WHERE kind = 1", NULL};
static const struct query partners = {
    "test partners", "SELECT COUNT(*) AS n FROM partner WHERE archived_ms IS NULL", NULL};

struct shown {
    struct world world;
    struct import import;
};

static void open(struct shown *shown)
{
    struct services *services = &shown->world.services;
    struct db_hooks hooks;
    world_open(&shown->world);
    services->ledger = ledger_new(services);
    services->partner_listener = &ledger_partner_listener;
    ledger_hooks(services->ledger, &hooks);
    db_set_hooks(services->db, &hooks);
}

static void close(struct shown *shown)
{
    struct ledger *ledger = shown->world.services.ledger;
    world_close(&shown->world);
    ledger_free(ledger);
}

static void load(struct shown *shown)
{
    struct ctx *ctx = world_as(&shown->world, ROLE_ADMIN);
    if (sample_load(ctx, NULL, &shown->import) != OK)
        test_fail(__FILE__, __LINE__, "%s %s", ctx->fault.sentence, ctx->fault.detail);
}

static void check_answers(struct shown *shown)
{
    struct world *world = &shown->world;
    CHECK_INT(7754857020, world_number(world, &sales));
    CHECK_INT(3616, world_number(world, &orders));
    CHECK_INT(204114000, world_number(world, &units));
    CHECK_INT(632, world_number(world, &sellers));
    CHECK_INT(88227353, world_number(world, &brakes_sales));
    CHECK_INT(12, world_number(world, &brakes_orders));
    CHECK_INT(701, world_number(world, &partners));
}

TEST(sample_load, gives_the_known_answers_and_changes_nothing_the_second_time)
{
    struct shown shown;
    open(&shown);
    load(&shown);
    check_answers(&shown);
    CHECK_INT(58949, shown.import.outcome.created);
    load(&shown);
    CHECK_INT(0, shown.import.changes);
    CHECK_INT(58949, shown.import.outcome.unchanged);
    check_answers(&shown);
    close(&shown);
}

TEST(sample_load, brings_the_orders_up_to_yesterday)
{
    struct shown shown;
    open(&shown);
    load(&shown);
    int64_t day = world_number(&shown.world, &last_order) / MS_PER_DAY;
    int64_t today = world_as(&shown.world, ROLE_ADMIN)->now_ms / MS_PER_DAY;
    CHECK_INT(today - 1, day);
    close(&shown);
}

TEST(sample_load, can_be_undone)
{
    struct shown shown;
    struct import_undo_report report;
    open(&shown);
    load(&shown);
    CHECK_OK(import_undo(world_as(&shown.world, ROLE_ADMIN), shown.import.id, NULL, &report));
    CHECK_INT(61467, report.facts_reversed);
    CHECK_INT(0, world_number(&shown.world, &sales));
    CHECK_INT(0, world_number(&shown.world, &orders));
    CHECK_INT(0, world_number(&shown.world, &partners));
    close(&shown);
}
