/* The world of the ledger's tests. */
#include <pthread.h>
#include <stdio.h>

#include "lib/db/db.h"
#include "src/ledger/ledger_test.h"

static const struct query set_zone = {"test set zone",
                                      "UPDATE partner SET time_zone = $2 WHERE id = $1", NULL};
static const struct query set_merged = {
    "test set merged", "UPDATE partner SET merged_into = $2 WHERE id = $1 OR merged_into = $1",
    NULL};
static const struct query add_partner = {
    "test add partner",
    "INSERT INTO partner (id, name, name_key, company_key, status, manager_id, currency,"
    " time_zone, created_ms, updated_ms)"
    " VALUES ($1, $2, $2, $2, 'active', $3, 'EUR', $4, 0, 0)",
    NULL};
static const struct query add_product = {
    "test add product",
    "INSERT INTO product (id, name, name_key, created_ms) VALUES ($1, $2, $2, 0)", NULL};

static void open_ledger(struct books *books)
{
    struct services *services = &books->world.services;
    struct db_hooks hooks;
    services->ledger = ledger_new(services);
    services->partner_listener = &ledger_partner_listener;
    services->organisation_listener = &ledger_organisation_listener;
    ledger_hooks(services->ledger, &hooks);
    db_set_hooks(services->db, &hooks);
}

static void fill(struct books *books)
{
    static const char *const zones[BOOKS_PARTNERS] = {
        "Europe/Vienna",    "Europe/Vienna", "Pacific/Auckland",
        "Pacific/Honolulu", "UTC",           "Asia/Kolkata"};
    struct world *world = &books->world;
    for (int i = 0; i < BOOKS_PARTNERS; i++) {
        char name[] = {'P', (char)('0' + i), 0};
        books->partners[i].v = id_next(world->services.ids);
        struct db_args args = DB_ARGS(db_int(books->partners[i].v), db_text(str_from_c(name)),
                                      db_int(world->manager.v), db_text(str_from_c(zones[i])));
        world_run(world, &add_partner, &args);
    }
    for (int i = 0; i < BOOKS_PRODUCTS; i++) {
        char name[] = {'W', (char)('0' + i), 0};
        books->products[i].v = id_next(world->services.ids);
        struct db_args args = DB_ARGS(db_int(books->products[i].v), db_text(str_from_c(name)));
        world_run(world, &add_product, &args);
    }
}

void books_open(struct books *books)
{
    *books = (struct books){0};
    world_open(&books->world);
    open_ledger(books);
    fill(books);
}

void books_close(struct books *books)
{
    struct ledger *ledger = books->world.services.ledger;
    world_close(&books->world);
    ledger_free(ledger);
}

void books_reopen(struct books *books)
{
    struct ledger *ledger = books->world.services.ledger;
    world_reopen(&books->world);
    ledger_free(ledger);
    open_ledger(books);
}

/* ---- one job ---- */

struct fact_draft books_order(struct books *books)
{
    struct fact_draft draft = {.partner = books->partners[0],
                               .kind = FACT_ORDER,
                               .at_ms = WORLD_START_MS,
                               .quantity_milli = 1000,
                               .has_amount = true,
                               .amount = {1250, {"EUR"}},
                               .source = STR("shop")};
    draft.external_id = arena_format(&books->world.arena, "O-%d", books->next++);
    return draft;
}

struct recording {
    const struct fact_draft *draft;
    struct fact_outcome outcome;
};

static enum err record(struct ctx *ctx, void *arg)
{
    struct recording *recording = arg;
    return ledger_record(ctx, recording->draft, &recording->outcome);
}

enum err books_try(struct books *books, const struct fact_draft *draft,
                   struct fact_outcome *ret_outcome)
{
    struct recording recording = {.draft = draft};
    TRY(ctx_write(world_as(&books->world, ROLE_MANAGER), record, &recording));
    *ret_outcome = recording.outcome;
    return OK;
}

/* A failure of the product ends the test with its words. */
static void expect(const struct ctx *ctx, enum err err)
{
    if (err != OK)
        test_fail(__FILE__, __LINE__, "%s (%s)", ctx->fault.sentence, ctx->fault.detail);
}

struct fact_outcome books_record(struct books *books, const struct fact_draft *draft)
{
    struct fact_outcome outcome;
    enum err err = books_try(books, draft, &outcome);
    expect(&books->world.ctx, err);
    return outcome;
}

struct reversing {
    struct fact_id id, reversal;
};

static enum err reverse(struct ctx *ctx, void *arg)
{
    struct reversing *reversing = arg;
    return ledger_reverse(ctx, reversing->id, STR("wrong"), (struct import_id){0},
                          &reversing->reversal);
}

struct fact_id books_reverse(struct books *books, struct fact_id id)
{
    struct reversing reversing = {.id = id};
    expect(&books->world.ctx,
           ctx_write(world_as(&books->world, ROLE_MANAGER), reverse, &reversing));
    return reversing.reversal;
}

enum err books_change_zone(struct ctx *ctx, struct partner_id partner, const char *zone)
{
    struct str name = str_from_c(zone);
    TRY(db_run(ctx->conn, &set_zone, DB_ARGS(db_int(partner.v), db_text(name)), NULL));
    return ledger_partner_listener.zone_changed(ctx, partner);
}

enum err books_change_owner(struct ctx *ctx, struct partner_id from, struct partner_id into)
{
    TRY(db_run(ctx->conn, &set_merged, DB_ARGS(db_int(from.v), db_int(into.v)), NULL));
    return ledger_partner_listener.merged(ctx, from, into);
}

struct moving {
    struct partner_id partner, into;
    const char *zone;
};

static enum err move_zone(struct ctx *ctx, void *arg)
{
    const struct moving *moving = arg;
    return books_change_zone(ctx, moving->partner, moving->zone);
}

void books_set_zone(struct books *books, struct partner_id partner, const char *zone)
{
    struct moving moving = {.partner = partner, .zone = zone};
    expect(&books->world.ctx, ctx_write(world_as(&books->world, ROLE_MANAGER), move_zone, &moving));
}

static enum err merge(struct ctx *ctx, void *arg)
{
    const struct moving *moving = arg;
    return books_change_owner(ctx, moving->partner, moving->into);
}

void books_merge(struct books *books, struct partner_id from, struct partner_id into)
{
    struct moving moving = {.partner = from, .into = into};
    expect(&books->world.ctx, ctx_write(world_as(&books->world, ROLE_MANAGER), merge, &moving));
}

struct ledger_report books_examine(struct books *books, bool repair)
{
    struct ledger_doctor_options options = {.repair = repair};
    struct ledger_report report;
    struct ctx *ctx = world_as(&books->world, ROLE_ADMIN);
    expect(ctx, ledger_doctor(ctx, &options, &report));
    return report;
}

/* ---- totals ---- */

struct adding {
    struct rollup_query query;
    bool channel;
    struct rollup_totals totals;
};

static void add(void *self, const struct rollup_row *row)
{
    struct adding *adding = self;
    CHECK(rollup_totals_add(&adding->totals, &row->totals));
}

static enum err read_totals(struct ctx *ctx, void *arg)
{
    struct adding *adding = arg;
    return adding->channel ? rollup_read_channel(ctx, &adding->query, add, adding)
                           : rollup_read(ctx, &adding->query, add, adding);
}

static struct rollup_totals total(struct books *books, struct adding adding, enum fact_kind kind)
{
    struct ctx *ctx = world_as(&books->world, ROLE_MANAGER);
    adding.query.from.v = -30000;
    adding.query.to.v = 80000;
    adding.query.kinds = FACT_KIND_BIT(kind);
    expect(ctx, ctx_read(ctx, read_totals, &adding));
    return adding.totals;
}

struct rollup_totals books_totals(struct books *books, struct partner_id partner,
                                  enum fact_kind kind)
{
    return total(books, (struct adding){.query = {.partner = partner}}, kind);
}

struct rollup_totals books_channel(struct books *books, enum fact_kind kind)
{
    return total(books, (struct adding){.channel = true}, kind);
}

/* ---- groups ---- */

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool running, open;
    size_t left;
};

struct gated {
    struct db_job job;
    struct gate *gate;
    struct books_job *work;
    struct ctx ctx;
};

static enum err wait_at_gate(struct db_conn *conn, struct db_job *job)
{
    struct gate *gate = ((struct gated *)(void *)job)->gate;
    (void)conn;
    pthread_mutex_lock(&gate->lock);
    gate->running = true;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->open)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
    return OK;
}

static enum err run_gated(struct db_conn *conn, struct db_job *job)
{
    struct gated *gated = (struct gated *)(void *)job;
    gated->ctx.conn = conn;
    return gated->work->work(&gated->ctx, gated->work->arg);
}

static void end_gated(struct db_job *job, enum err result)
{
    struct gated *gated = (struct gated *)(void *)job;
    struct gate *gate = gated->gate;
    pthread_mutex_lock(&gate->lock);
    if (gated->work)
        gated->work->result = result;
    gate->left--;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

static void submit(struct books *books, struct gated *gated, struct gate *gate)
{
    gated->gate = gate;
    gated->ctx = *world_as(&books->world, ROLE_MANAGER);
    gated->job.run = gated->work ? run_gated : wait_at_gate;
    gated->job.done = end_gated;
    gated->job.fault = &gated->ctx.fault;
    db_submit(books->world.services.db, &gated->job);
}

void books_group(struct books *books, struct books_job *jobs, size_t count)
{
    struct gate gate = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .left = count + 1};
    struct gated first = {0};
    struct gated *gated = ARENA_ARRAY(&books->world.arena, struct gated, count);
    submit(books, &first, &gate);
    pthread_mutex_lock(&gate.lock);
    while (!gate.running)
        pthread_cond_wait(&gate.changed, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
    for (size_t i = 0; i < count; i++) {
        gated[i].work = &jobs[i];
        submit(books, &gated[i], &gate);
    }
    pthread_mutex_lock(&gate.lock);
    gate.open = true;
    pthread_cond_broadcast(&gate.changed);
    while (gate.left)
        pthread_cond_wait(&gate.changed, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
}
