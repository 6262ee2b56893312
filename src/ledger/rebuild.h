/* Rollups against the facts: what they should be, less what they are. Private to src/ledger. */
#ifndef SRC_LEDGER_REBUILD_H
#define SRC_LEDGER_REBUILD_H

#include "src/ledger/ledger_state.h"

/* Rollup days [from, to); of one partner (the surviving one) or, unset, of everybody and the
 * channel. */
struct rebuild_scope {
    int64_t from_day, to_day;
    struct partner_id partner;
    const struct zone *organisation_zone;
};

/*
 * Fills `ret_sums` (initialised, empty) with the differences: what has to be added to each row so
 * that it is what the facts say. `facts`, `rows` (may be NULL) grow by what was looked at. Inside a
 * write, changes of the group that are still in memory are allowed for.
 */
struct rebuild_counts {
    int64_t facts, rows;
};
MUST_CHECK enum err rebuild_compare(struct ctx *ctx, const struct rebuild_scope *scope,
                                    struct sums *ret_sums, struct rebuild_counts *counts);
/* Inside a write: compares and sets right, in pieces of days. Returns how many rows differed. */
MUST_CHECK enum err rebuild_scope_now(struct ctx *ctx, const struct rebuild_scope *scope,
                                      int64_t *ret_differences);
/* The days that facts and rollups reach over, a day wider on both sides. */
MUST_CHECK enum err rebuild_days(struct ctx *ctx, int64_t *ret_from, int64_t *ret_to,
                                 bool *ret_any);
/* How many days hold about REBUILD_FACTS facts: memory follows the facts of a piece. */
enum { REBUILD_FACTS = 500000, REBUILD_DAYS_MAX = 64 };
MUST_CHECK enum err rebuild_step(struct ctx *ctx, int64_t *ret_days);

#endif
