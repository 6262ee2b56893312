/* What a fact must be, and what it counts. Private to src/ledger. */
#ifndef SRC_LEDGER_FACT_H
#define SRC_LEDGER_FACT_H

#include "src/ledger/sums.h"

/* One row holds at most ±2^61: some thousand facts of the largest kind. */
#define FACT_QUANTITY_MAX_MILLI INT64_C(1000000000000000)
#define FACT_MONEY_MAX_MINOR INT64_C(10000000000000000)
/* From here on a fact is held against the totals before it is recorded; below, two million a day
 * of the same kind could not overflow one. */
#define FACT_HUGE INT64_C(1000000000000)

/* ERR_INVALID with the field. */
MUST_CHECK enum err fact_check_draft(const struct fact_draft *draft, struct fault *fault);
/* Whether any of its numbers is over FACT_HUGE. */
bool fact_is_huge(const struct fact_draft *draft);
/* Whether a draft says what a fact says; the partners are compared by the caller. */
bool fact_says_the_same(const struct fact *fact, const struct fact_draft *draft);
/* The fact as a draft, its texts borrowed. */
struct fact_draft fact_to_draft(const struct fact *fact);

/* What a fact adds to the rollups: at most two rows of a partner, two of a product, one of the
 * channel, one of the kind. */
enum { FACT_SHARES_MAX = 6 };
struct fact_shares {
    struct sum_key keys[FACT_SHARES_MAX];
    struct rollup_totals totals[FACT_SHARES_MAX];
    size_t count;
};
struct fact_place {
    struct partner_id partner; /* in whose totals it counts */
    const struct zone *partner_zone, *organisation_zone;
};
/* `draft->reverses` set: the opposite sign. */
void fact_share(const struct fact_draft *draft, const struct fact_place *place,
                struct fact_shares *ret_shares);

#endif
