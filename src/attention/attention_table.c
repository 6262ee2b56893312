/* The table of all partners: read as a whole once, then brought up to date by what was written. */
#include "src/attention/attention_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/ledger/rollup.h"
#include "src/metric/rate.h"
#include "src/organisation/organisation.h"

enum {
    /* So many are looked at one by one; more, and the whole table is read anew. */
    CHANGED_MAX = 64,
    /* Rows of the history are numbered by the clocks of several processes. */
    CLOCKS_MS = 10000,
    FACTS_MAX = 5000,
    PIECE_DAYS = 31
};
static const unsigned action_kinds =
    FACT_KIND_BIT(FACT_CALL_MADE) | FACT_KIND_BIT(FACT_CALL_RECEIVED) | FACT_KIND_BIT(FACT_VISIT) |
    FACT_KIND_BIT(FACT_FUNNEL_CALL) | FACT_KIND_BIT(FACT_FUNNEL_CONTACT_TO) |
    FACT_KIND_BIT(FACT_FUNNEL_CONTACT_BY);

void attention_table_free(struct attention_table *table)
{
    free(table->rows);
    free(table->places);
    *table = (struct attention_table){.valid = false};
}

/* ---- rows ---- */

static size_t position_of(const struct attention_table *table, struct partner_id id)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->rows[middle].partner.v < id.v)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct attention_known *attention_find(const struct attention_table *table, struct partner_id id)
{
    size_t at = position_of(table, id);
    bool found = at < table->count && partner_id_equal(table->rows[at].partner, id);
    return found ? &table->rows[at] : NULL;
}

static void make_room(struct attention_table *table)
{
    if (table->count < table->cap)
        return;
    table->cap = table->cap ? table->cap * 2 : 1024;
    table->rows = realloc(table->rows, table->cap * sizeof(table->rows[0]));
    table->places = realloc(table->places, table->cap * sizeof(table->places[0]));
    if (!table->rows || !table->places)
        abort();
}

static void remove_row(struct attention_table *table, struct partner_id id)
{
    struct attention_known *row = attention_find(table, id);
    if (!row)
        return;
    size_t behind = table->count - (size_t)(row - table->rows) - 1;
    memmove(row, row + 1, behind * sizeof(*row));
    table->count--;
}

static struct attention_known *row_for(struct attention_table *table, struct partner_id id)
{
    struct attention_known *row = attention_find(table, id);
    if (row)
        return row;
    make_room(table);
    size_t at = position_of(table, id);
    row = &table->rows[at];
    memmove(row + 1, row, (table->count - at) * sizeof(*row));
    table->count++;
    return row;
}

struct filling {
    struct attention_table *table;
    const struct zone *zone;
    const atomic_bool *stopping; /* NULL: it is not stopped */
    bool visited;
};

static void visit_partner(void *self, const struct attention_partner *partner)
{
    struct filling *filling = self;
    filling->visited = true;
    *row_for(filling->table, partner->id) = (struct attention_known){
        .partner = partner->id,
        .manager = partner->manager,
        .currency = partner->currency,
        .past = {.looked_after = partner->looked_after,
                 .acted_day = zone_day(filling->zone, partner->acted_ms).v},
    };
}

static void visit_rollup(void *self, const struct rollup_row *row)
{
    struct attention_table *table = self;
    struct attention_known *known = attention_find(table, row->partner);
    if (!known || row->totals.facts <= 0)
        return;
    if (row->kind == FACT_ORDER)
        attention_add_orders(&known->past, &table->basis.clock, row->day.v, row->totals.facts,
                             currency_equal(row->currency, known->currency) ? row->totals.amount
                                                                            : 0);
    else if (row->day.v > known->past.acted_day)
        known->past.acted_day = row->day.v;
}

static bool is_stopped(const struct filling *filling)
{
    return filling->stopping && atomic_load(filling->stopping);
}

/* In the order of days, some weeks at a time, so that it can be stopped. */
static enum err read_rollups(struct ctx *ctx, const struct filling *filling,
                             const struct partner_id *ids, size_t count)
{
    struct attention_table *table = filling->table;
    struct day end = {table->basis.clock.today + 1};
    struct rollup_query query = {
        .to = {table->basis.clock.reckoned - ATTENTION_LOOK_BACK_DAYS},
        .kinds = FACT_KIND_BIT(FACT_ORDER) | action_kinds,
        .partners = ids,
        .partner_count = count,
    };
    int32_t step = ids ? ATTENTION_LOOK_BACK_DAYS : PIECE_DAYS;
    while (query.to.v < end.v) {
        query.from = query.to;
        query.to.v = query.from.v + step < end.v ? query.from.v + step : end.v;
        if (is_stopped(filling))
            return CTX_FAULT(ctx, ERR_CANCELLED, "stopped", "The server stops.");
        TRY(rollup_read(ctx, &query, visit_rollup, table));
    }
    return OK;
}

static enum err read_all(struct ctx *ctx, struct filling *filling)
{
    struct attention_table *table = filling->table;
    table->count = 0;
    TRY(attention_store_partners(ctx, (struct partner_id){0}, visit_partner, filling));
    TRY(read_rollups(ctx, filling, NULL, 0));
    for (size_t i = 0; i < table->count; i++)
        table->rows[i].verdict = attention_judge(&table->rows[i].past, &table->basis.clock);
    return OK;
}

/* `ids` ascending, without doubles. */
static enum err read_some(struct ctx *ctx, struct filling *filling,
                          const struct attention_changed *changed)
{
    struct attention_table *table = filling->table;
    if (!changed->count)
        return OK;
    for (size_t i = 0; i < changed->count; i++) {
        filling->visited = false;
        TRY(attention_store_partners(ctx, changed->ids[i], visit_partner, filling));
        if (!filling->visited)
            remove_row(table, changed->ids[i]);
    }
    TRY(read_rollups(ctx, filling, changed->ids, changed->count));
    for (size_t i = 0; i < changed->count; i++) {
        struct attention_known *row = attention_find(table, changed->ids[i]);
        if (row)
            row->verdict = attention_judge(&row->past, &table->basis.clock);
    }
    return OK;
}

/* ---- the order ---- */

int attention_compare_places(const void *a, const void *b)
{
    const struct attention_place *left = a, *right = b;
    if (left->stake != right->stake)
        return left->stake > right->stake ? -1 : 1;
    if (left->sales != right->sales)
        return left->sales > right->sales ? -1 : 1;
    return (left->id > right->id) - (left->id < right->id);
}

bool attention_convert(struct rate_book *book, struct day day, struct money money,
                       struct money *ret_converted)
{
    enum { SCALE_STEPS = 9 };
    int shift = currency_exponent(book->reporting) - currency_exponent(money.currency);
    int128 numerator = money.minor, denominator = 1;
    int64_t minor;
    int64_t rate = rate_book_find(book, money.currency, day);
    if (!rate)
        return false;
    numerator *= rate;
    for (int i = 0; i < SCALE_STEPS; i++)
        denominator *= 10;
    for (; shift > 0; shift--)
        numerator *= 10;
    for (; shift < 0; shift++)
        denominator *= 10;
    if (!int64_divide_round(numerator, denominator, &minor))
        return false;
    *ret_converted = (struct money){minor, book->reporting};
    return true;
}

static bool is_one_currency(const struct attention_table *table)
{
    for (size_t i = 1; i < table->count; i++)
        if (!currency_equal(table->rows[i].currency, table->rows[0].currency))
            return false;
    return true;
}

/* What no rate makes comparable stands behind what is, but before what has nothing. */
static int64_t rank_of(struct rate_book *book, struct day day, struct money money)
{
    struct money converted;
    if (!currency_is_set(book->reporting))
        return money.minor;
    if (money.minor <= 0)
        return 0;
    return attention_convert(book, day, money, &converted) ? converted.minor : 1;
}

static enum err rank(struct ctx *ctx, struct attention_table *table)
{
    struct day day = {table->basis.clock.reckoned};
    struct rate_book book;
    rate_book_init(&book, ctx, table->basis.reporting, (struct day){day.v + 1});
    if (is_one_currency(table))
        book.reporting = (struct currency){""};
    for (size_t i = 0; i < table->count; i++) {
        struct attention_known *row = &table->rows[i];
        struct money stake = {row->verdict.stake_minor, row->currency};
        struct money sales = {row->past.sales_year, row->currency};
        row->rank_stake = rank_of(&book, day, stake);
        row->rank_sales = rank_of(&book, day, sales);
        table->places[i] =
            (struct attention_place){row->rank_stake, row->rank_sales, row->partner.v, i};
    }
    TRY(book.failed);
    if (table->count)
        qsort(table->places, table->count, sizeof(table->places[0]), attention_compare_places);
    return OK;
}

/* ---- what has changed ---- */

static int compare_ids(const void *a, const void *b)
{
    const struct partner_id *left = a, *right = b;
    return (left->v > right->v) - (left->v < right->v);
}

static void sort_ids(struct attention_changed *changed)
{
    size_t kept = 0;
    if (changed->count)
        qsort(changed->ids, changed->count, sizeof(changed->ids[0]), compare_ids);
    for (size_t i = 0; i < changed->count; i++)
        if (!kept || !partner_id_equal(changed->ids[kept - 1], changed->ids[i]))
            changed->ids[kept++] = changed->ids[i];
    changed->count = kept;
}

static enum err add_facts(struct ctx *ctx, const struct fact_range *range,
                          struct attention_changed *changed)
{
    int64_t facts;
    struct fact_tallies tallies;
    TRY(ledger_count_after(ctx, range, FACTS_MAX + 1, &facts));
    changed->all |= facts > FACTS_MAX;
    if (changed->all || !facts)
        return OK;
    TRY(ledger_tally_after(ctx, range, &tallies));
    for (size_t i = 0; i < tallies.count && changed->count < changed->cap; i++)
        changed->ids[changed->count++] = tallies.rows[i].partner;
    return OK;
}

static enum err find_changed(struct ctx *ctx, const struct attention_table *table,
                             struct fact_id newest, struct attention_changed *ret_changed)
{
    struct fact_range range = {.after = table->fact, .to = newest};
    int64_t floor = id_floor(table->basis.as_of_ms - CLOCKS_MS);
    struct attention_since since = {.partners = floor < table->audit ? floor : table->audit,
                                    .all = table->audit,
                                    .most = FACTS_MAX};
    *ret_changed = (struct attention_changed){
        .ids = ARENA_ARRAY(ctx->arena, struct partner_id, 2 * FACTS_MAX), .cap = 2 * FACTS_MAX};
    TRY(attention_store_changed(ctx, &since, ret_changed));
    TRY(add_facts(ctx, &range, ret_changed));
    sort_ids(ret_changed);
    return OK;
}

/* ---- the refresh ---- */

struct state {
    struct attention_basis basis;
    const struct zone *zone;
    int64_t audit;
    struct fact_id fact;
};

static enum err read_state(struct ctx *ctx, struct state *state)
{
    struct organisation organisation;
    unsigned kinds;
    struct day last;
    TRY(organisation_get(ctx, &organisation));
    state->zone = zones_find(ctx->services->zones, organisation.time_zone);
    if (!state->zone || organisation.time_zone.len >= ATTENTION_ZONE_BYTES)
        return CTX_FAULT(ctx, ERR_CORRUPT, "time_zone", "The organisation's time zone is unknown.");
    struct day today = zone_day(state->zone, ctx->now_ms);
    struct attention_basis *basis = &state->basis;
    TRY(attention_store_last_order(ctx, today, &last, &basis->any_order));
    TRY(rollup_kinds(ctx, &kinds));
    basis->last_order = last.v;
    basis->clock = attention_clock_of(today.v, basis->any_order, last.v);
    basis->clock.acts = (kinds & action_kinds) != 0;
    basis->time_zone = organisation.time_zone;
    basis->reporting = organisation.currency;
    TRY(attention_store_history(ctx, &state->audit));
    return ledger_newest(ctx, &state->fact);
}

static bool is_same_basis(const struct attention_table *table, const struct attention_basis *basis)
{
    const struct attention_clock *known = &table->basis.clock, *now = &basis->clock;
    return table->valid && known->today == now->today && known->reckoned == now->reckoned &&
           known->acts == now->acts && currency_equal(table->basis.reporting, basis->reporting) &&
           str_equal(str_from_c(table->zone), basis->time_zone);
}

static enum err fill(struct ctx *ctx, struct filling *filling, const struct state *state,
                     const struct attention_changed *changed)
{
    struct attention_table *table = filling->table;
    table->valid = false;
    table->basis = state->basis;
    snprintf(table->zone, sizeof(table->zone), "%.*s", STR_ARG(state->basis.time_zone));
    table->basis.time_zone = str_from_c(table->zone);
    TRY(changed ? read_some(ctx, filling, changed) : read_all(ctx, filling));
    TRY(rank(ctx, table));
    table->audit = state->audit;
    table->fact = state->fact;
    table->basis.as_of_ms = ctx->now_ms;
    table->valid = true;
    return OK;
}

enum err attention_table_make(struct ctx *ctx, struct attention_table *table,
                              const atomic_bool *stopping)
{
    struct state state = {0};
    TRY(read_state(ctx, &state));
    struct filling filling = {.table = table, .zone = state.zone, .stopping = stopping};
    return fill(ctx, &filling, &state, NULL);
}

enum err attention_table_is_of_today(struct ctx *ctx, const struct attention_table *table,
                                     bool *ret_is)
{
    struct state state = {0};
    TRY(read_state(ctx, &state));
    *ret_is = is_same_basis(table, &state.basis);
    return OK;
}

enum err attention_table_refresh(struct ctx *ctx, struct attention_table *table, bool makes_all,
                                 enum attention_age *ret_age)
{
    struct attention_changed changed = {.all = true};
    struct state state = {0};
    TRY(read_state(ctx, &state));
    struct filling filling = {.table = table, .zone = state.zone};
    bool is_same = is_same_basis(table, &state.basis);
    *ret_age = ATTENTION_FRESH;
    if (is_same && table->audit >= state.audit && table->fact.v >= state.fact.v) {
        table->basis.as_of_ms = ctx->now_ms;
        return OK;
    }
    if (is_same)
        TRY(find_changed(ctx, table, state.fact, &changed));
    bool many = changed.all || changed.count > CHANGED_MAX;
    bool is_young = is_same && ctx->now_ms - table->basis.as_of_ms < ATTENTION_AGE_MS;
    if (many && (is_young || !makes_all)) {
        *ret_age = is_same ? ATTENTION_AGED : ATTENTION_OVER;
        return OK;
    }
    return fill(ctx, &filling, &state, many ? NULL : &changed);
}
