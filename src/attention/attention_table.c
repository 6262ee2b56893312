/* The table of all partners: read as a whole once, then brought up to date by what was written. */
#include "src/attention/attention_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/ledger/rollup.h"
#include "src/metric/rate.h"
#include "src/organisation/organisation.h"

enum {
    /* So many are looked at one by one; more, and the whole table is read anew … */
    CHANGED_MAX = 64,
    /* … but no more often than this, and it is said how old it is. */
    AGE_MAX_MS = 5000,
    /* Rows of the history are numbered by the clocks of several processes. */
    CLOCKS_MS = 10000,
    FACTS_MAX = 5000
};
static const unsigned action_kinds =
    FACT_KIND_BIT(FACT_CALL_MADE) | FACT_KIND_BIT(FACT_CALL_RECEIVED) | FACT_KIND_BIT(FACT_VISIT) |
    FACT_KIND_BIT(FACT_FUNNEL_CALL) | FACT_KIND_BIT(FACT_FUNNEL_CONTACT_TO) |
    FACT_KIND_BIT(FACT_FUNNEL_CONTACT_BY);

struct attention *attention_new(void)
{
    struct attention *attention = calloc(1, sizeof(*attention));
    if (!attention || pthread_mutex_init(&attention->lock, NULL))
        abort();
    return attention;
}

void attention_free(struct attention *attention)
{
    if (!attention)
        return;
    pthread_mutex_destroy(&attention->lock);
    free(attention->rows);
    free(attention->places);
    free(attention);
}

/* ---- rows ---- */

static size_t position_of(const struct attention *attention, struct partner_id id)
{
    size_t low = 0, high = attention->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (attention->rows[middle].partner.v < id.v)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct attention_known *attention_find(const struct attention *attention, struct partner_id id)
{
    size_t at = position_of(attention, id);
    bool found = at < attention->count && partner_id_equal(attention->rows[at].partner, id);
    return found ? &attention->rows[at] : NULL;
}

static void make_room(struct attention *attention)
{
    if (attention->count < attention->cap)
        return;
    attention->cap = attention->cap ? attention->cap * 2 : 1024;
    attention->rows = realloc(attention->rows, attention->cap * sizeof(attention->rows[0]));
    attention->places = realloc(attention->places, attention->cap * sizeof(attention->places[0]));
    if (!attention->rows || !attention->places)
        abort();
}

static void remove_row(struct attention *attention, struct partner_id id)
{
    struct attention_known *row = attention_find(attention, id);
    if (!row)
        return;
    size_t behind = attention->count - (size_t)(row - attention->rows) - 1;
    memmove(row, row + 1, behind * sizeof(*row));
    attention->count--;
}

static struct attention_known *row_for(struct attention *attention, struct partner_id id)
{
    struct attention_known *row = attention_find(attention, id);
    if (row)
        return row;
    make_room(attention);
    size_t at = position_of(attention, id);
    row = &attention->rows[at];
    memmove(row + 1, row, (attention->count - at) * sizeof(*row));
    attention->count++;
    return row;
}

struct filling {
    struct attention *attention;
    const struct zone *zone;
    bool visited;
};

static void visit_partner(void *self, const struct attention_partner *partner)
{
    struct filling *filling = self;
    filling->visited = true;
    *row_for(filling->attention, partner->id) = (struct attention_known){
        .partner = partner->id,
        .manager = partner->manager,
        .currency = partner->currency,
        .past = {.looked_after = partner->looked_after,
                 .acted_day = zone_day(filling->zone, partner->acted_ms).v},
    };
}

static void visit_rollup(void *self, const struct rollup_row *row)
{
    struct attention *attention = self;
    struct attention_known *known = attention_find(attention, row->partner);
    if (!known || row->totals.facts <= 0)
        return;
    if (row->kind == FACT_ORDER)
        attention_add_orders(&known->past, &attention->clock, row->day.v, row->totals.facts,
                             currency_equal(row->currency, known->currency) ? row->totals.amount
                                                                            : 0);
    else if (row->day.v > known->past.acted_day)
        known->past.acted_day = row->day.v;
}

static enum err read_rollups(struct ctx *ctx, struct attention *attention,
                             const struct partner_id *ids, size_t count)
{
    struct rollup_query query = {
        .from = {attention->clock.reckoned - ATTENTION_LOOK_BACK_DAYS},
        .to = {attention->clock.today + 1},
        .kinds = FACT_KIND_BIT(FACT_ORDER) | action_kinds,
        .partners = ids,
        .partner_count = count,
    };
    return rollup_read(ctx, &query, visit_rollup, attention);
}

static enum err read_all(struct ctx *ctx, struct filling *filling)
{
    struct attention *attention = filling->attention;
    attention->count = 0;
    TRY(attention_store_partners(ctx, (struct partner_id){0}, visit_partner, filling));
    TRY(read_rollups(ctx, attention, NULL, 0));
    for (size_t i = 0; i < attention->count; i++)
        attention->rows[i].verdict = attention_judge(&attention->rows[i].past, &attention->clock);
    return OK;
}

/* `ids` ascending, without doubles. */
static enum err read_some(struct ctx *ctx, struct filling *filling,
                          const struct attention_changed *changed)
{
    struct attention *attention = filling->attention;
    if (!changed->count)
        return OK;
    for (size_t i = 0; i < changed->count; i++) {
        filling->visited = false;
        TRY(attention_store_partners(ctx, changed->ids[i], visit_partner, filling));
        if (!filling->visited)
            remove_row(attention, changed->ids[i]);
    }
    TRY(read_rollups(ctx, attention, changed->ids, changed->count));
    for (size_t i = 0; i < changed->count; i++) {
        struct attention_known *row = attention_find(attention, changed->ids[i]);
        if (row)
            row->verdict = attention_judge(&row->past, &attention->clock);
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

static bool is_one_currency(const struct attention *attention)
{
    for (size_t i = 1; i < attention->count; i++)
        if (!currency_equal(attention->rows[i].currency, attention->rows[0].currency))
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

static enum err rank(struct ctx *ctx, struct attention *attention)
{
    struct day day = {attention->clock.reckoned};
    struct rate_book book;
    rate_book_init(&book, ctx, attention->reporting, (struct day){day.v + 1});
    if (is_one_currency(attention))
        book.reporting = (struct currency){""};
    for (size_t i = 0; i < attention->count; i++) {
        struct attention_known *row = &attention->rows[i];
        struct money stake = {row->verdict.stake_minor, row->currency};
        struct money sales = {row->past.sales_year, row->currency};
        row->rank_stake = rank_of(&book, day, stake);
        row->rank_sales = rank_of(&book, day, sales);
        attention->places[i] =
            (struct attention_place){row->rank_stake, row->rank_sales, row->partner.v, i};
    }
    TRY(book.failed);
    if (attention->count)
        qsort(attention->places, attention->count, sizeof(attention->places[0]),
              attention_compare_places);
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

static enum err find_changed(struct ctx *ctx, const struct attention *attention,
                             struct fact_id newest, struct attention_changed *ret_changed)
{
    struct fact_range range = {.after = attention->fact, .to = newest};
    int64_t floor = id_floor(attention->as_of_ms - CLOCKS_MS);
    struct attention_since since = {.partners = floor < attention->audit ? floor : attention->audit,
                                    .all = attention->audit,
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

static bool is_same_basis(const struct attention *attention, const struct attention_basis *basis)
{
    const struct attention_clock *known = &attention->clock, *now = &basis->clock;
    return attention->valid && known->today == now->today && known->reckoned == now->reckoned &&
           known->acts == now->acts && currency_equal(attention->reporting, basis->reporting) &&
           str_equal(str_from_c(attention->zone), basis->time_zone);
}

static enum err fill(struct ctx *ctx, struct attention *attention, const struct state *state,
                     const struct attention_changed *changed)
{
    struct filling filling = {attention, state->zone, false};
    attention->valid = false;
    attention->clock = state->basis.clock;
    attention->reporting = state->basis.reporting;
    snprintf(attention->zone, sizeof(attention->zone), "%.*s", STR_ARG(state->basis.time_zone));
    TRY(changed ? read_some(ctx, &filling, changed) : read_all(ctx, &filling));
    TRY(rank(ctx, attention));
    attention->audit = state->audit;
    attention->fact = state->fact;
    attention->as_of_ms = ctx->now_ms;
    attention->valid = true;
    return OK;
}

static enum err update(struct ctx *ctx, struct attention *attention, const struct state *state)
{
    struct attention_changed changed;
    if (!is_same_basis(attention, &state->basis))
        return fill(ctx, attention, state, NULL);
    if (attention->audit >= state->audit && attention->fact.v >= state->fact.v) {
        attention->as_of_ms = ctx->now_ms;
        return OK;
    }
    TRY(find_changed(ctx, attention, state->fact, &changed));
    bool many = changed.all || changed.count > CHANGED_MAX;
    if (many && ctx->now_ms - attention->as_of_ms < AGE_MAX_MS)
        return OK;
    return fill(ctx, attention, state, many ? NULL : &changed);
}

enum err attention_refresh(struct ctx *ctx, struct attention *attention,
                           struct attention_basis *ret_basis)
{
    struct state state = {0};
    TRY(read_state(ctx, &state));
    TRY(update(ctx, attention, &state));
    state.basis.as_of_ms = attention->as_of_ms;
    *ret_basis = state.basis;
    return OK;
}
