/* The world of the tests of metrics. */
#include "lib/db/db.h"
#include "src/metric/metric_catalogue.h"
#include "src/metric/metric_test.h"

static const struct query set_merged = {
    "test set merged", "UPDATE partner SET merged_into = $2 WHERE id = $1 OR merged_into = $1",
    NULL};
static const struct query add_product = {
    "test add product",
    "INSERT INTO product (id, name, name_key, created_ms) VALUES ($1, $2, $2, 0)", NULL};

const char *const stage_zones[STAGE_ZONES] = {"Europe/Vienna",    "Europe/Vienna", "Pacific/Apia",
                                              "Pacific/Honolulu", "UTC",           "Asia/Kolkata"};

/* A failure of the product ends the test with its words. */
static void expect(const struct ctx *ctx, enum err err)
{
    if (err != OK)
        test_fail(__FILE__, __LINE__, "%s (%s)", ctx->fault.sentence, ctx->fault.detail);
}

static struct ctx *manager(struct stage *stage)
{
    return world_as(&stage->world, ROLE_MANAGER);
}

static void open_services(struct stage *stage)
{
    struct services *services = &stage->world.services;
    struct db_hooks hooks;
    services->ledger = ledger_new(services);
    services->partner_listener = &ledger_partner_listener;
    services->touches = touches_new();
    services->metrics = metrics_new(4 * 1024 * 1024);
    ledger_hooks(services->ledger, &hooks);
    touches_hook(services->touches, &hooks);
    db_set_hooks(services->db, &hooks);
}

struct creation {
    int index;
    struct partner partner;
};

static void give(struct partner_change *change, enum partner_field field, const char *text)
{
    change->fields[field].given = true;
    change->fields[field].text = str_from_c(text);
}

static enum err create(struct ctx *ctx, void *arg)
{
    struct creation *creation = arg;
    struct partner_change change = {0};
    int i = creation->index;
    char name[] = {'P', (char)('0' + i), 0};
    give(&change, PARTNER_NAME, name);
    give(&change, PARTNER_TIME_ZONE, stage_zones[i]);
    give(&change, PARTNER_TIER, i % 2 ? "silver" : "gold");
    give(&change, PARTNER_COUNTRY, i < 3 ? "AT" : "DE");
    give(&change, PARTNER_CURRENCY, "EUR");
    TRY(partner_create(ctx, &change, PARTNER_PROSPECT, WORLD_START_MS - INT64_C(400) * MS_PER_DAY,
                       &creation->partner));
    return i == 1 || i == 2 ? partner_add_tag(ctx, creation->partner.id, STR("vip")) : OK;
}

void stage_open(struct stage *stage)
{
    *stage = (struct stage){0};
    world_open(&stage->world);
    open_services(stage);
    for (int i = 0; i < STAGE_PARTNERS; i++) {
        struct creation creation = {.index = i};
        struct ctx *ctx = manager(stage);
        expect(ctx, ctx_write(ctx, create, &creation));
        stage->partners[i] = creation.partner.id;
    }
    for (int i = 0; i < STAGE_PRODUCTS; i++) {
        char name[] = {'W', (char)('0' + i), 0};
        stage->products[i].v = ctx_next_id(manager(stage));
        struct db_args args = DB_ARGS(db_int(stage->products[i].v), db_text(str_from_c(name)));
        world_run(&stage->world, &add_product, &args);
    }
}

void stage_close(struct stage *stage)
{
    struct services services = stage->world.services;
    world_close(&stage->world);
    metrics_free(services.metrics);
    ledger_free(services.ledger);
    touches_free(services.touches);
}

struct fact_draft stage_fact(struct stage *stage, enum fact_kind kind)
{
    struct fact_draft draft = {.partner = stage->partners[0],
                               .kind = kind,
                               .at_ms = WORLD_START_MS,
                               .quantity_milli = 1000,
                               .has_amount = true,
                               .amount = {1250, {"EUR"}},
                               .source = STR("shop")};
    draft.external_id = arena_format(&stage->world.arena, "O-%d", stage->next++);
    return draft;
}

/* ---- jobs ---- */

struct job {
    const struct fact_draft *draft;
    struct fact_outcome outcome;
    struct fact_id fact;
    struct partner_id partner, into;
    int64_t at_ms;
};

static enum err record(struct ctx *ctx, void *arg)
{
    struct job *job = arg;
    return ledger_record(ctx, job->draft, &job->outcome);
}

struct fact_id stage_record(struct stage *stage, const struct fact_draft *draft)
{
    struct job job = {.draft = draft};
    struct ctx *ctx = manager(stage);
    expect(ctx, ctx_write(ctx, record, &job));
    return job.outcome.id;
}

static enum err reverse(struct ctx *ctx, void *arg)
{
    struct job *job = arg;
    struct fact_id reversal;
    return ledger_reverse(ctx, job->fact, STR("wrong"), (struct import_id){0}, &reversal);
}

void stage_reverse(struct stage *stage, struct fact_id id)
{
    struct job job = {.fact = id};
    struct ctx *ctx = manager(stage);
    expect(ctx, ctx_write(ctx, reverse, &job));
}

static enum err merge(struct ctx *ctx, void *arg)
{
    const struct job *job = arg;
    TRY(db_run(ctx->conn, &set_merged, DB_ARGS(db_int(job->partner.v), db_int(job->into.v)), NULL));
    return ctx->services->partner_listener->merged(ctx, job->partner, job->into);
}

void stage_merge(struct stage *stage, struct partner_id from, struct partner_id into)
{
    struct job job = {.partner = from, .into = into};
    struct ctx *ctx = manager(stage);
    expect(ctx, ctx_write(ctx, merge, &job));
}

static enum err activate(struct ctx *ctx, void *arg)
{
    const struct job *job = arg;
    TRY(partner_move(ctx, job->partner, 0, PARTNER_ONBOARDING, job->at_ms - MS_PER_DAY));
    return partner_move(ctx, job->partner, 0, PARTNER_ACTIVE, job->at_ms);
}

void stage_activate(struct stage *stage, struct partner_id partner, int64_t at_ms)
{
    struct job job = {.partner = partner, .at_ms = at_ms};
    struct ctx *ctx = manager(stage);
    expect(ctx, ctx_write(ctx, activate, &job));
}

static enum err archive(struct ctx *ctx, void *arg)
{
    const struct job *job = arg;
    return partner_archive(ctx, job->partner, 0);
}

void stage_archive(struct stage *stage, struct partner_id partner)
{
    struct job job = {.partner = partner};
    struct ctx *ctx = manager(stage);
    expect(ctx, ctx_write(ctx, archive, &job));
}

enum err stage_read(struct stage *stage, ctx_work *work, void *arg)
{
    return ctx_read(world_as(&stage->world, ROLE_ANALYST), work, arg);
}

/* ---- values ---- */

struct asking {
    struct metric_query query;
    struct metric_values values;
};

static enum err ask(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    return metric_values(ctx, &asking->query, &asking->values);
}

struct str stage_value(struct stage *stage, const char *code, const struct metric_query *query)
{
    struct asking asking = {.query = *query};
    struct ctx *ctx = world_as(&stage->world, ROLE_ANALYST);
    struct buf buf;
    asking.query.wanted = 0;
    CHECK_OK(metric_want(ctx, str_from_c(code), &asking.query.wanted));
    expect(ctx, ctx_read(ctx, ask, &asking));
    const struct metric_result *result = &asking.values.results[0];
    buf_init(&buf, &stage->world.arena, 1000);
    for (size_t i = 0; i < result->count; i++) {
        buf_add(&buf, i ? STR(", ") : STR(""));
        metric_value_render(&result->values[i], result->metric->unit, &buf);
        if (currency_is_set(result->values[i].currency))
            buf_format(&buf, " %s", result->values[i].currency.code);
    }
    return result->count ? buf_str(&buf) : STR("no data");
}
