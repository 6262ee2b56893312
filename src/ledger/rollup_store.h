/* Statements of the rollups and the display. Private to src/ledger. */
#ifndef SRC_LEDGER_ROLLUP_STORE_H
#define SRC_LEDGER_ROLLUP_STORE_H

#include "src/ledger/sums.h"

struct db_conn;

/* Adds a change to its row; a row that becomes 0 in everything goes. */
MUST_CHECK enum err rollup_store_add(struct db_conn *conn, const struct sum *sum);
/* The row's totals; 0 where there is none. */
MUST_CHECK enum err rollup_store_get(struct ctx *ctx, const struct sum_key *key,
                                     struct rollup_totals *ret_totals);

/* Which rows: days [from, to), those of one partner or (unset) all, and of which calendars. */
struct rollup_range {
    int64_t from_day, to_day;
    struct partner_id partner;
    unsigned kinds;                 /* 0: all */
    struct product_id product;      /* of rollup_product */
    enum rollup_calendar leave_out; /* a calendar that does not count; ROLLUP_BOTH: none */
};
/* `key` of SUM_PARTNER, SUM_PRODUCT or SUM_CHANNEL. */
typedef void rollup_store_visit(void *self, const struct sum *sum);
/* What the actor may see; in the order of days within a partner. */
MUST_CHECK enum err rollup_store_read(struct ctx *ctx, enum sum_table table,
                                      const struct rollup_range *range, rollup_store_visit *visit,
                                      void *self);
struct rollup_days_found {
    int64_t first, last;
    bool any;
};
/* The first and last day of a partner's row; quick. */
MUST_CHECK enum err rollup_store_days(struct ctx *ctx, struct rollup_days_found *ret_days);
/* The same of every rollup. */
MUST_CHECK enum err rollup_store_extent(struct ctx *ctx, struct rollup_days_found *ret_days);
/* All facts ever recorded, by kind: FACT_KIND_COUNT numbers. */
MUST_CHECK enum err rollup_store_kinds(struct ctx *ctx, int64_t *ret_facts);

/* The time of the first or last fact of a kind that still counts: of one partner (with those that
 * were merged into it) or of all, in UTC days [from, to) and instants; 0: none. */
struct span_query {
    int64_t from_day, to_day, from_ms, to_ms;
    enum fact_kind kind;
    struct partner_id partner;
    bool last;
};
MUST_CHECK enum err rollup_store_span(struct ctx *ctx, const struct span_query *query,
                                      int64_t *ret_at_ms);

/* See rollup_read_moves. */
struct part_query {
    int64_t from_day, to_day, from_ms, to_ms; /* as in struct span_query */
    unsigned kinds;
    struct partner_id partner;
    struct product_id product;
};
MUST_CHECK enum err rollup_store_moves(struct ctx *ctx, const struct part_query *query,
                                       rollup_move_visit *visit, void *self);
MUST_CHECK enum err rollup_store_moves_after(struct ctx *ctx, const struct part_query *query,
                                             const struct fact_range *range,
                                             rollup_move_visit *visit, void *self);

/* ---- the display ---- */

MUST_CHECK enum err display_store_add(struct ctx *ctx, const struct fact_draft *draft,
                                      struct partner_id partner, struct fact_id id);
MUST_CHECK enum err display_store_remove(struct ctx *ctx, const struct fact *fact,
                                         struct partner_id partner);
MUST_CHECK enum err display_store_merge(struct ctx *ctx, struct partner_id from,
                                        struct partner_id into);
MUST_CHECK enum err display_store_read(struct ctx *ctx, struct partner_id partner, int64_t as_of_ms,
                                       display_visit *visit, void *self);
/* How many switches of the ledger are missing there, and how many there are not in the ledger. */
MUST_CHECK enum err display_store_differences(struct ctx *ctx, int64_t *ret_count);
MUST_CHECK enum err display_store_rebuild(struct ctx *ctx);

#endif
