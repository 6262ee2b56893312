/*
 * What was recorded between two points of the ledger, read once and shown to any number of views:
 * each fact where they are few, else how many there are. Lives in the context's arena; all of it
 * inside one read by an actor that sees everything. Private to src/live.
 */
#ifndef SRC_LIVE_LIVE_ROUND_H
#define SRC_LIVE_LIVE_ROUND_H

#include "src/live/live_view.h"

/* More facts at once than a person could read are told as totals. */
enum { LIVE_ROUND_FACTS = 50 };

/* The partner in whose totals a fact counts, as it is now. */
struct live_card {
    struct partner partner;
    struct partner_marks marks;
    bool has_marks;
};
struct live_fact {
    struct fact fact;
    struct live_card *card; /* shared by facts of the same partner */
};
struct live_tallies;
struct live_totals {
    int64_t facts;
    int64_t kinds[FACT_KIND_COUNT];
};

struct live_round {
    struct ctx *ctx;
    struct fact_range range;
    bool is_bulk;
    struct live_fact *facts; /* unless it is bulk */
    size_t count;
    struct live_tallies *tallies;  /* of bulk, by product: made when a view asks */
    const struct live_totals *all; /* of bulk: of the whole channel; NULL: not known */
};

/* At most `limit` facts one by one. The range's partner, kinds and product narrow what is read. */
MUST_CHECK enum err live_round_read(struct ctx *ctx, const struct fact_range *range, size_t limit,
                                    struct live_round *ret_round);
/* Bulk, of which it is known how much it is: a view of the channel reads none of it. `all` is
 * borrowed. */
void live_round_of_bulk(struct ctx *ctx, const struct fact_range *range,
                        const struct live_totals *all, struct live_round *ret_round);
bool live_round_is_empty(const struct live_round *round);
/* Whether the view is told of the fact. */
MUST_CHECK enum err live_round_wants(struct live_round *round, const struct live_view *view,
                                     size_t index, bool *ret_wants);

/* Of bulk: what the view is told. */
MUST_CHECK enum err live_round_sum(struct live_round *round, const struct live_view *view,
                                   struct live_totals *ret_totals);

#endif
