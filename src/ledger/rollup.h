/*
 * The rollups: exact sums of the facts by day, in the same transaction as the facts. Every metric
 * is computed from these. Read with a connection (ctx->conn); what the actor may not see is not
 * there.
 *
 * A day is the partner's for one partner and the organisation's for a group or the channel. A fact
 * whose day is the same in both is one row of the calendar ROLLUP_BOTH; another is a row of each.
 * Readers here choose the calendars; nobody else needs to.
 */
#ifndef SRC_LEDGER_ROLLUP_H
#define SRC_LEDGER_ROLLUP_H

#include "src/ledger/ledger.h"

/* Stored as these numbers. */
enum rollup_calendar { ROLLUP_BOTH = 0, ROLLUP_PARTNER = 1, ROLLUP_ORGANISATION = 2 };

/* Reversals are taken off: a fact and its reversal are 0 together. */
struct rollup_totals {
    int64_t facts;
    int64_t quantity_milli;
    int64_t amount; /* minor units of the row's currency */
    int64_t cost;   /* minor units */
    int64_t costed; /* Σ amount of those facts that say their cost: the base of a margin */
    /*
     * Σ (at_ms − day × MS_PER_DAY), the day as the row names it: with facts × day it gives the mean
     * time, see rollup_mean_ms.
     */
    int64_t time_ms;
};

/* Sums of one day, or (where the reader says so) of a window. */
struct rollup_row {
    struct day day;
    struct partner_id partner; /* the surviving one after merges; unset for the channel */
    struct product_id product; /* set by rollup_read_products only */
    enum fact_kind kind;
    struct currency currency; /* unset for facts without money */
    struct rollup_totals totals;
};

struct rollup_query {
    struct day from, to; /* [from, to) */
    unsigned kinds;      /* bits FACT_KIND_BIT; 0: all */
    /*
     * Whose: one partner by its own days (`partner`), or a set by the organisation's days
     * (`partners`, ascending by id, without doubles; NULL: all partners).
     */
    struct partner_id partner;
    const struct partner_id *partners;
    size_t partner_count;
    struct product_id product; /* rollup_read_products: only this one */
};

/* Called for every row; a partner's rows come in the order of days. Rows whose totals are all 0 are
 * left out. */
typedef void rollup_visit(void *self, const struct rollup_row *row);

/* Per day, partner, kind and currency. */
MUST_CHECK enum err rollup_read(struct ctx *ctx, const struct rollup_query *query,
                                rollup_visit *visit, void *self);
/* Per day, product, partner, kind and currency, of facts that name a product. time_ms is 0. */
MUST_CHECK enum err rollup_read_products(struct ctx *ctx, const struct rollup_query *query,
                                         rollup_visit *visit, void *self);
/* Per day, kind and currency of the whole channel, by the organisation's days: as many rows as
 * days. ERR_FORBIDDEN for an actor that sees one partner only. */
MUST_CHECK enum err rollup_read_channel(struct ctx *ctx, const struct rollup_query *query,
                                        rollup_visit *visit, void *self);

/* An instant to another, for a part of a day. */
struct rollup_part {
    int64_t from_ms, to_ms; /* [from, to) */
};
/*
 * What a fact adds to sums, from the fact itself: a reversal takes off what its fact added. For
 * whoever keeps sums and adds what is recorded after them. ERR_FORBIDDEN for the facts of all
 * partners where the actor sees one only.
 */
struct rollup_move {
    struct partner_id recorded; /* as the fact has it, merged or not */
    enum fact_kind kind;
    struct currency currency; /* unset for facts without money */
    int64_t at_ms;
    int64_t facts, quantity_milli, amount;
};
typedef void rollup_move_visit(void *self, const struct rollup_move *move);
struct rollup_moves {
    struct rollup_part part;    /* when they happened */
    struct partner_id recorded; /* of this partner only; unset: of all */
    unsigned kinds;             /* 0: all */
    struct product_id product;
};
/* In no order. */
MUST_CHECK enum err rollup_read_moves(struct ctx *ctx, const struct rollup_moves *moves,
                                      rollup_move_visit *visit, void *self);
/* Those that were recorded after a fact and up to another, of all partners. */
MUST_CHECK enum err rollup_read_moves_after(struct ctx *ctx, const struct rollup_moves *moves,
                                            const struct fact_range *range,
                                            rollup_move_visit *visit, void *self);

/* The first and the last day that any rollup has; `ret_any` false: there are no facts. */
MUST_CHECK enum err rollup_days(struct ctx *ctx, struct day *ret_first, struct day *ret_last,
                                bool *ret_any);
/* Bits of the kinds that any source ever delivered, for "no data" instead of 0. */
MUST_CHECK enum err rollup_kinds(struct ctx *ctx, unsigned *ret_kinds);

/* When the first and the last fact of a kind happened that still counts; 0 when there is none. */
struct rollup_span {
    int64_t first_ms, last_ms;
};
/* Of the query's partner or set, by its days; `kinds` is one bit. */
MUST_CHECK enum err rollup_read_span(struct ctx *ctx, const struct rollup_query *query,
                                     struct rollup_span *ret_span);

/* The mean of the times: Σ time_ms and Σ facts × day over rows, rounded half to even. */
struct rollup_mean {
    int64_t facts;
    int128 sum_ms;
};
void rollup_mean_add(struct rollup_mean *mean, const struct rollup_row *row);
/* False without facts. */
MUST_CHECK bool rollup_mean_ms(const struct rollup_mean *mean, int64_t *ret_at_ms);
/* Adds, checked: false, with `sum` untouched, on overflow. */
MUST_CHECK bool rollup_totals_add(struct rollup_totals *sum, const struct rollup_totals *add);

/* ---- the display ---- */

/* A product on display: put on, and not taken off later, in the order of their times. */
struct display_row {
    struct partner_id partner;
    struct product_id product;
    int64_t since_ms; /* when it was put on last */
};
typedef void display_visit(void *self, const struct display_row *row);
/* As it stood at an instant (ctx->now_ms: now), of a partner or (unset) of every partner, ordered
 * by partner and product. */
MUST_CHECK enum err display_read(struct ctx *ctx, struct partner_id partner, int64_t as_of_ms,
                                 display_visit *visit, void *self);

#endif
