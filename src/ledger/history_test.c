/*
 * Random histories: facts, reversals, mergers and changes of zones, in jobs of which some fail, in
 * groups, with restarts and runs of keys in between. What the rollups say afterwards is held
 * against a recomputation that is as simple as it can be.
 */
#include <stdlib.h>

#include "lib/db/db.h"
#include "src/ledger/ledger_state.h"
#include "src/ledger/ledger_test.h"

enum { FACTS_MAX = 1500, ACTIONS_MAX = 8, JOBS_MAX = 5, ROWS_MAX = 4 * FACTS_MAX, ROUNDS = 60 };

struct known_fact {
    struct fact_draft draft;
    struct fact_id id;
    bool reversed;
};

/* What happened, as the test knows it. */
struct history {
    struct books books;
    uint64_t random;
    struct known_fact facts[FACTS_MAX];
    size_t count;
    int survivor[BOOKS_PARTNERS];
    const char *zones[BOOKS_PARTNERS];
};

static const char *const zone_choice[] = {
    "Europe/Vienna", "Pacific/Auckland", "Pacific/Apia", "Pacific/Honolulu", "UTC", "Asia/Kolkata"};

static uint64_t next_random(struct history *history)
{
    history->random ^= history->random << 13;
    history->random ^= history->random >> 7;
    history->random ^= history->random << 17;
    return history->random;
}

static int64_t below(struct history *history, int64_t bound)
{
    return (int64_t)(next_random(history) % (uint64_t)bound);
}

/* ---- jobs ---- */

enum action_type { RECORD, REPEAT, REVERSE, SET_ZONE, MERGE };
struct action {
    enum action_type type;
    struct fact_draft draft;
    size_t fact; /* of the history */
    int partner, into;
    const char *zone;
    struct fact_outcome outcome;
};
struct job {
    struct history *history;
    struct action actions[ACTIONS_MAX];
    size_t count;
    bool fails;
};

static struct fact_draft random_fact(struct history *history)
{
    static const char currencies[3][4] = {"EUR", "USD", "JPY"};
    struct fact_draft draft = books_order(&history->books);
    draft.partner = history->books.partners[below(history, BOOKS_PARTNERS)];
    draft.kind = (enum fact_kind)(1 + below(history, FACT_KIND_COUNT - 1));
    /* Half hours: midnight of every zone is among them. */
    draft.at_ms += (below(history, 24 * 48) - 12 * 48) * 30 * MS_PER_MINUTE - below(history, 2);
    draft.quantity_milli = below(history, 10000) - 2000;
    draft.has_amount = below(history, 3) > 0 || draft.kind == FACT_COST;
    draft.has_cost = below(history, 3) == 0;
    draft.amount.minor = below(history, 1000000) - 100000;
    draft.cost_minor = below(history, 1000);
    memcpy(draft.amount.currency.code, currencies[below(history, 3)], 4);
    bool display = draft.kind == FACT_DISPLAY_ON || draft.kind == FACT_DISPLAY_OFF;
    if (display || below(history, 2))
        draft.product = history->books.products[below(history, BOOKS_PRODUCTS)];
    return draft;
}

static void plan_action(struct history *history, struct action *action)
{
    int64_t choice = below(history, 100);
    action->type = RECORD;
    action->partner = (int)below(history, BOOKS_PARTNERS);
    if (choice < 12 && history->count)
        action->type = REVERSE;
    else if (choice < 22 && history->count)
        action->type = REPEAT;
    else if (choice < 26)
        action->type = SET_ZONE;
    else if (choice < 28)
        action->type = MERGE;
    if (history->count)
        action->fact = (size_t)below(history, (int64_t)history->count);
    action->zone = zone_choice[below(history, (int64_t)ARRAY_LEN(zone_choice))];
    action->into = (int)below(history, BOOKS_PARTNERS);
    if (action->type == RECORD)
        action->draft = random_fact(history);
}

static enum err act(struct ctx *ctx, struct history *history, struct action *action)
{
    struct books *books = &history->books;
    struct fact_id reversal;
    switch (action->type) {
    case RECORD:
        return ledger_record(ctx, &action->draft, &action->outcome);
    case REPEAT:
        TRY(ledger_record(ctx, &history->facts[action->fact].draft, &action->outcome));
        return action->outcome.result == FACT_REPEATED ? OK : ERR_INTERNAL;
    case REVERSE:
        if (history->facts[action->fact].reversed)
            return OK;
        return ledger_reverse(ctx, history->facts[action->fact].id, STR(""), (struct import_id){0},
                              &reversal);
    case SET_ZONE:
        return books_change_zone(ctx, books->partners[action->partner], action->zone);
    case MERGE:
        break;
    }
    int from = history->survivor[action->partner], into = history->survivor[action->into];
    return from == into ? OK
                        : books_change_owner(ctx, books->partners[from], books->partners[into]);
}

static enum err run(struct ctx *ctx, void *arg)
{
    struct job *job = arg;
    for (size_t i = 0; i < job->count; i++)
        TRY(act(ctx, job->history, &job->actions[i]));
    return job->fails ? ERR_CONFLICT : OK;
}

static void remember(struct history *history, const struct action *action)
{
    int from = history->survivor[action->partner], into = history->survivor[action->into];
    if (action->type == RECORD) {
        CHECK_INT(FACT_RECORDED, action->outcome.result);
        history->facts[history->count++] =
            (struct known_fact){action->draft, action->outcome.id, false};
    } else if (action->type == REVERSE) {
        history->facts[action->fact].reversed = true;
    } else if (action->type == SET_ZONE) {
        history->zones[action->partner] = action->zone;
    } else if (action->type == MERGE && from != into) {
        for (int i = 0; i < BOOKS_PARTNERS; i++)
            if (history->survivor[i] == from)
                history->survivor[i] = into;
    }
}

/* A merger changes what later actions of the same group mean, so it stands alone. */
static void plan_jobs(struct history *history, struct job *jobs, size_t *ret_count)
{
    *ret_count = 1 + (size_t)below(history, JOBS_MAX);
    for (size_t i = 0; i < *ret_count; i++) {
        struct job *job = &jobs[i];
        *job = (struct job){.history = history, .fails = below(history, 5) == 0};
        job->count = 1 + (size_t)below(history, ACTIONS_MAX);
        for (size_t a = 0; a < job->count; a++) {
            plan_action(history, &job->actions[a]);
            if (job->actions[a].type != MERGE)
                continue;
            jobs[0] = *job;
            jobs[0].actions[0] = job->actions[a];
            jobs[0].count = 1;
            *ret_count = 1;
            return;
        }
    }
}

static void play_round(struct history *history)
{
    struct job jobs[JOBS_MAX];
    struct books_job work[JOBS_MAX];
    size_t count;
    plan_jobs(history, jobs, &count);
    for (size_t i = 0; i < count; i++)
        work[i] = (struct books_job){.work = run, .arg = &jobs[i]};
    books_group(&history->books, work, count);
    for (size_t i = 0; i < count; i++)
        for (size_t a = 0; a < jobs[i].count && work[i].result == OK; a++)
            remember(history, &jobs[i].actions[a]);
}

/* ---- the recomputation ---- */

struct table {
    struct rollup_row rows[ROWS_MAX];
    size_t count;
};

static bool same_key(const struct rollup_row *a, const struct rollup_row *b)
{
    return a->day.v == b->day.v && a->partner.v == b->partner.v && a->product.v == b->product.v &&
           a->kind == b->kind && currency_equal(a->currency, b->currency);
}

static void add_row(struct table *table, const struct rollup_row *row)
{
    size_t i = 0;
    while (i < table->count && !same_key(&table->rows[i], row))
        i++;
    if (i == table->count) {
        CHECK(table->count < ROWS_MAX);
        table->rows[table->count] = *row;
        table->rows[table->count++].totals = (struct rollup_totals){0};
    }
    CHECK(rollup_totals_add(&table->rows[i].totals, &row->totals));
}

static void visit(void *self, const struct rollup_row *row)
{
    add_row(self, row);
}

struct view {
    enum { VIEW_PARTNER, VIEW_GROUP, VIEW_CHANNEL, VIEW_PRODUCTS } type;
    int partner; /* VIEW_PARTNER */
};

static int index_of(const struct history *history, struct partner_id partner)
{
    int i = 0;
    while (!partner_id_equal(history->books.partners[i], partner))
        i++;
    return i;
}

static void recompute(struct history *history, struct view view, struct table *table)
{
    table->count = 0;
    for (size_t i = 0; i < history->count; i++) {
        const struct fact_draft *draft = &history->facts[i].draft;
        int owner = history->survivor[index_of(history, draft->partner)];
        bool counts = !history->facts[i].reversed;
        if (!counts || (view.type == VIEW_PARTNER && owner != view.partner) ||
            (view.type == VIEW_PRODUCTS && !product_id_is_set(draft->product)))
            continue;
        const char *zone = view.type == VIEW_PARTNER ? history->zones[owner] : "Europe/Vienna";
        struct rollup_row row = {.kind = draft->kind};
        row.day = zone_day(zones_find(history->books.world.services.zones, str_from_c(zone)),
                           draft->at_ms);
        if (view.type != VIEW_CHANNEL)
            row.partner = history->books.partners[owner];
        if (view.type == VIEW_PRODUCTS)
            row.product = draft->product;
        if (draft->has_amount || draft->has_cost)
            row.currency = draft->amount.currency;
        row.totals.facts = 1;
        row.totals.quantity_milli = draft->quantity_milli;
        row.totals.amount = draft->has_amount ? draft->amount.minor : 0;
        row.totals.cost = draft->has_cost ? draft->cost_minor : 0;
        row.totals.costed = draft->has_cost && draft->has_amount ? draft->amount.minor : 0;
        if (view.type != VIEW_PRODUCTS)
            row.totals.time_ms = draft->at_ms - (int64_t)row.day.v * MS_PER_DAY;
        add_row(table, &row);
    }
}

struct reading {
    struct view view;
    struct rollup_query query;
    struct table *table;
};

static enum err read_view(struct ctx *ctx, void *arg)
{
    struct reading *reading = arg;
    if (reading->view.type == VIEW_CHANNEL)
        return rollup_read_channel(ctx, &reading->query, visit, reading->table);
    if (reading->view.type == VIEW_PRODUCTS)
        return rollup_read_products(ctx, &reading->query, visit, reading->table);
    return rollup_read(ctx, &reading->query, visit, reading->table);
}

static void check_view(struct history *history, struct view view, struct table *tables)
{
    struct reading reading = {.view = view, .table = &tables[1]};
    reading.query.from.v = 0;
    reading.query.to.v = 40000;
    if (view.type == VIEW_PARTNER)
        reading.query.partner = history->books.partners[view.partner];
    tables[1].count = 0;
    recompute(history, view, &tables[0]);
    CHECK_OK(ctx_read(world_as(&history->books.world, ROLE_MANAGER), read_view, &reading));
    CHECK_INT(tables[0].count, tables[1].count);
    for (size_t i = 0; i < tables[0].count; i++) {
        size_t before = tables[1].count;
        struct rollup_row negated = tables[0].rows[i];
        struct rollup_totals *totals = &negated.totals;
        *totals = (struct rollup_totals){-totals->facts, -totals->quantity_milli, -totals->amount,
                                         -totals->cost,  -totals->costed,         -totals->time_ms};
        add_row(&tables[1], &negated);
        CHECK_INT(before, tables[1].count);
    }
    for (size_t i = 0; i < tables[1].count; i++) {
        struct rollup_totals rest = tables[1].rows[i].totals;
        CHECK(!rest.facts && !rest.quantity_milli && !rest.amount && !rest.cost && !rest.costed &&
              !rest.time_ms);
    }
}

static void check_all(struct history *history)
{
    struct table *tables = malloc(2 * sizeof(*tables));
    CHECK(tables != NULL);
    for (int i = 0; i < BOOKS_PARTNERS; i++)
        check_view(history, (struct view){VIEW_PARTNER, i}, tables);
    check_view(history, (struct view){VIEW_GROUP, 0}, tables);
    check_view(history, (struct view){VIEW_CHANNEL, 0}, tables);
    check_view(history, (struct view){VIEW_PRODUCTS, 0}, tables);
    free(tables);
    struct ledger_report report = books_examine(&history->books, false);
    if (report.differences)
        test_fail(__FILE__, __LINE__, "%.*s", STR_ARG(report.first));
}

static void play(struct history *history, int rounds)
{
    for (int round = 0; round < rounds; round++) {
        play_round(history);
        if (round % 20 == 19)
            books_reopen(&history->books);
        history->books.world.services.ledger->run_keys = 40;
    }
}

static struct history *begin(void)
{
    static const char *const first[BOOKS_PARTNERS] = {
        "Europe/Vienna",    "Europe/Vienna", "Pacific/Auckland",
        "Pacific/Honolulu", "UTC",           "Asia/Kolkata"};
    struct history *history = calloc(1, sizeof(*history));
    CHECK(history != NULL);
    history->random = test_seed() | 1;
    books_open(&history->books);
    history->books.world.services.ledger->run_keys = 40;
    for (int i = 0; i < BOOKS_PARTNERS; i++) {
        history->survivor[i] = i;
        history->zones[i] = first[i];
    }
    return history;
}

TEST(ledger, keeps_every_rollup_exact_through_any_history)
{
    struct history *history = begin();
    play(history, ROUNDS);
    check_all(history);
    for (size_t i = 0; i < history->count; i++)
        CHECK_INT(FACT_REPEATED, books_record(&history->books, &history->facts[i].draft).result);
    books_close(&history->books);
    free(history);
}

static const struct query damage[] = {
    {"d", "UPDATE rollup_partner SET amount = amount + 1 WHERE kind < 4", NULL},
    {"d", "DELETE FROM rollup_product WHERE kind < 9", NULL},
    {"d", "UPDATE rollup_channel SET day = day + 1000 WHERE kind = 2", NULL},
    {"d", "UPDATE rollup_kind SET facts = facts + 1", NULL},
    {"d", "UPDATE display_event SET is_on = 1 - is_on", NULL},
    {"d", "UPDATE fact_key SET slot = -1 - slot", NULL},
};

TEST(ledger_doctor, finds_what_differs_and_sets_it_right)
{
    struct history *history = begin();
    struct db_args none = DB_NO_ARGS;
    play(history, ROUNDS / 2);
    for (size_t i = 0; i < ARRAY_LEN(damage); i++) {
        world_run(&history->books.world, &damage[i], &none);
        struct ledger_report report = books_examine(&history->books, false);
        CHECK(report.differences > 0 && report.first.len > 0);
    }
    struct ledger_report report = books_examine(&history->books, true);
    CHECK(report.repaired > 0);
    check_all(history);
    books_close(&history->books);
    free(history);
}

static const struct query move_organisation = {
    "move", "UPDATE organisation SET time_zone = 'Pacific/Auckland'", NULL};
static const struct query move_back = {"move",
                                       "UPDATE organisation SET time_zone = 'Europe/Vienna'", NULL};

TEST(ledger_doctor, makes_the_rollups_anew_for_another_zone_of_the_organisation)
{
    struct history *history = begin();
    struct db_args none = DB_NO_ARGS;
    play(history, ROUNDS / 4);
    world_run(&history->books.world, &move_organisation, &none);
    CHECK(books_examine(&history->books, false).differences > 0);
    CHECK(books_examine(&history->books, true).repaired > 0);
    CHECK_INT(0, books_examine(&history->books, false).differences);
    play(history, ROUNDS / 4);
    CHECK_INT(0, books_examine(&history->books, false).differences);
    world_run(&history->books.world, &move_back, &none);
    books_examine(&history->books, true);
    check_all(history);
    books_close(&history->books);
    free(history);
}
