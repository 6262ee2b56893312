/* Reading the rollups: one partner by its own days, everybody else by the organisation's. */
#include "src/ledger/rollup.h"

#include <stdlib.h>

#include "src/ledger/ledger_store.h"
#include "src/ledger/rollup_store.h"

/* Up to so many partners are read one by one; more are picked out of all. */
enum { SET_SMALL = 64 };

/* ---- visiting ---- */

struct reading {
    const struct rollup_query *query;
    bool picks; /* only partners of the set */
    rollup_visit *visit;
    void *self;
};

static int compare_ids(const void *left, const void *right)
{
    const struct partner_id *a = left, *b = right;
    return (a->v > b->v) - (a->v < b->v);
}

static bool is_asked_for(const struct reading *reading, int64_t partner)
{
    struct partner_id id = {partner};
    const struct rollup_query *query = reading->query;
    return !reading->picks ||
           bsearch(&id, query->partners, query->partner_count, sizeof(id), compare_ids);
}

static void pass_on(void *self, const struct sum *sum)
{
    const struct reading *reading = self;
    struct rollup_row row = {.day = {sum->key.day},
                             .partner = {sum->key.partner},
                             .product = {sum->key.product},
                             .kind = (enum fact_kind)sum->key.kind,
                             .totals = sum->totals};
    if (!is_asked_for(reading, sum->key.partner))
        return;
    memcpy(row.currency.code, sum->key.currency, sizeof(row.currency.code));
    reading->visit(reading->self, &row);
}

/* A window of a century is cut to the days that there are. */
static enum err cut_range(struct ctx *ctx, struct rollup_range *range)
{
    struct rollup_days_found days;
    TRY(rollup_store_days(ctx, &days));
    if (!days.any || range->from_day < days.first)
        range->from_day = days.first;
    if (!days.any || range->to_day > days.last + 1)
        range->to_day = days.any ? days.last + 1 : days.first;
    return OK;
}

static enum err read_set(struct ctx *ctx, enum sum_table table, struct rollup_range *range,
                         struct reading *reading)
{
    const struct rollup_query *query = reading->query;
    range->leave_out = ROLLUP_PARTNER;
    reading->picks = query->partners && query->partner_count > SET_SMALL;
    if (!query->partners || reading->picks)
        return rollup_store_read(ctx, table, range, pass_on, reading);
    for (size_t i = 0; i < query->partner_count; i++) {
        range->partner = query->partners[i];
        TRY(rollup_store_read(ctx, table, range, pass_on, reading));
    }
    return OK;
}

static enum err read_table(struct ctx *ctx, enum sum_table table, const struct rollup_query *query,
                           struct reading *reading)
{
    struct rollup_range range = {.from_day = query->from.v,
                                 .to_day = query->to.v,
                                 .kinds = query->kinds,
                                 .product = query->product,
                                 .partner = query->partner,
                                 .leave_out = ROLLUP_ORGANISATION};
    TRY(cut_range(ctx, &range));
    if (query->partner.v)
        return rollup_store_read(ctx, table, &range, pass_on, reading);
    return read_set(ctx, table, &range, reading);
}

enum err rollup_read(struct ctx *ctx, const struct rollup_query *query, rollup_visit *visit,
                     void *self)
{
    struct reading reading = {.query = query, .visit = visit, .self = self};
    return read_table(ctx, SUM_PARTNER, query, &reading);
}

enum err rollup_read_products(struct ctx *ctx, const struct rollup_query *query,
                              rollup_visit *visit, void *self)
{
    struct reading reading = {.query = query, .visit = visit, .self = self};
    return read_table(ctx, SUM_PRODUCT, query, &reading);
}

enum err rollup_read_channel(struct ctx *ctx, const struct rollup_query *query, rollup_visit *visit,
                             void *self)
{
    struct reading reading = {.query = query, .visit = visit, .self = self};
    struct rollup_range range = {
        .from_day = query->from.v, .to_day = query->to.v, .kinds = query->kinds};
    if (ctx_partner_scope(ctx))
        return CTX_FAULT(ctx, ERR_FORBIDDEN, "channel", "These are the numbers of all partners.");
    return rollup_store_read(ctx, SUM_CHANNEL, &range, pass_on, &reading);
}

static int64_t utc_day(int64_t at_ms)
{
    return at_ms / MS_PER_DAY - (at_ms % MS_PER_DAY < 0);
}

static struct part_query part_of(const struct rollup_moves *moves)
{
    return (struct part_query){.from_day = utc_day(moves->part.from_ms),
                               .to_day = utc_day(moves->part.to_ms) + 1,
                               .from_ms = moves->part.from_ms,
                               .to_ms = moves->part.to_ms,
                               .kinds = moves->kinds,
                               .partner = moves->recorded,
                               .product = moves->product};
}

enum err rollup_read_moves(struct ctx *ctx, const struct rollup_moves *moves,
                           rollup_move_visit *visit, void *self)
{
    struct part_query asked = part_of(moves);
    return rollup_store_moves(ctx, &asked, visit, self);
}

enum err rollup_read_moves_after(struct ctx *ctx, const struct rollup_moves *moves,
                                 const struct fact_range *range, rollup_move_visit *visit,
                                 void *self)
{
    struct part_query asked = part_of(moves);
    return rollup_store_moves_after(ctx, &asked, range, visit, self);
}

enum err rollup_days(struct ctx *ctx, struct day *ret_first, struct day *ret_last, bool *ret_any)
{
    struct rollup_days_found days;
    TRY(rollup_store_days(ctx, &days));
    ret_first->v = (int32_t)days.first;
    ret_last->v = (int32_t)days.last;
    *ret_any = days.any;
    return OK;
}

enum err rollup_kinds(struct ctx *ctx, unsigned *ret_kinds)
{
    int64_t facts[FACT_KIND_COUNT] = {0};
    unsigned kinds = 0;
    TRY(rollup_store_kinds(ctx, facts));
    for (enum fact_kind kind = FACT_ORDER; kind < FACT_KIND_COUNT; kind++)
        if (facts[kind] > 0)
            kinds |= FACT_KIND_BIT(kind);
    *ret_kinds = kinds;
    return OK;
}

enum err ledger_count_kinds(struct ctx *ctx, int64_t *ret_facts)
{
    return rollup_store_kinds(ctx, ret_facts);
}

/* ---- the first and the last ---- */

struct span_search {
    enum fact_kind kind;
    int64_t first_day, last_day; /* with facts that still count */
    bool any;
};

static void widen(void *self, const struct rollup_row *row)
{
    struct span_search *search = self;
    if (row->totals.facts <= 0)
        return;
    if (!search->any || row->day.v < search->first_day)
        search->first_day = row->day.v;
    if (!search->any || row->day.v > search->last_day)
        search->last_day = row->day.v;
    search->any = true;
}

/* The zone by whose days the query counts. */
static enum err zone_of(struct ctx *ctx, const struct rollup_query *query,
                        const struct zone **ret_zone)
{
    struct ledger_mark mark;
    struct partner_brief brief;
    if (query->partner.v) {
        TRY(partner_brief(ctx, query->partner, &brief));
        return find_zone(ctx, brief.time_zone, ret_zone);
    }
    TRY(ledger_store_mark(ctx, &mark));
    return find_zone(ctx, mark.time_zone, ret_zone);
}

static enum err read_edge(struct ctx *ctx, const struct rollup_query *query,
                          struct span_query *span, int64_t *ret_at_ms)
{
    size_t count = query->partners ? query->partner_count : 1;
    int64_t edge_ms = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t at_ms;
        span->partner = query->partners ? query->partners[i] : query->partner;
        TRY(rollup_store_span(ctx, span, &at_ms));
        bool further = span->last ? at_ms > edge_ms : at_ms < edge_ms;
        if (at_ms && (!edge_ms || further))
            edge_ms = at_ms;
    }
    *ret_at_ms = edge_ms;
    return OK;
}

/* One day holds the edge: which, the rollups know. */
static void set_day(struct span_query *span, const struct zone *zone, int64_t day)
{
    span->from_ms = zone_day_start_ms(zone, (struct day){(int32_t)day});
    span->to_ms = zone_day_start_ms(zone, (struct day){(int32_t)day + 1});
    span->from_day = day - 2;
    span->to_day = day + 3;
}

enum err rollup_read_span(struct ctx *ctx, const struct rollup_query *query,
                          struct rollup_span *ret_span)
{
    struct span_search search = {0};
    struct span_query span = {.kind = FACT_ORDER};
    const struct zone *zone;
    *ret_span = (struct rollup_span){0};
    while (span.kind < FACT_KIND_COUNT && FACT_KIND_BIT(span.kind) != query->kinds)
        span.kind++;
    TRY(rollup_read(ctx, query, widen, &search));
    if (!search.any)
        return OK;
    TRY(zone_of(ctx, query, &zone));
    set_day(&span, zone, search.first_day);
    TRY(read_edge(ctx, query, &span, &ret_span->first_ms));
    set_day(&span, zone, search.last_day);
    span.last = true;
    return read_edge(ctx, query, &span, &ret_span->last_ms);
}

/* ---- arithmetic ---- */

void rollup_mean_add(struct rollup_mean *mean, const struct rollup_row *row)
{
    mean->facts += row->totals.facts;
    mean->sum_ms += (int128)row->totals.facts * row->day.v * MS_PER_DAY + row->totals.time_ms;
}

bool rollup_mean_ms(const struct rollup_mean *mean, int64_t *ret_at_ms)
{
    return mean->facts > 0 && int64_divide_round(mean->sum_ms, mean->facts, ret_at_ms);
}

/* ---- the display ---- */

enum err display_read(struct ctx *ctx, struct partner_id partner, int64_t as_of_ms,
                      display_visit *visit, void *self)
{
    return display_store_read(ctx, partner, as_of_ms, visit, self);
}
