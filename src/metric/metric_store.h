/* Statements of groups and conversions. Private to src/metric. */
#ifndef SRC_METRIC_METRIC_STORE_H
#define SRC_METRIC_METRIC_STORE_H

#include "src/metric/metric.h"

struct partner_ids {
    struct partner_id *ids; /* ascending */
    size_t count;
};

/* The partners of a group: not archived, not merged, as the scope says (its product aside). `ids`
 * is never NULL, because to the ledger that means everybody. */
MUST_CHECK enum err metric_store_members(struct ctx *ctx, const struct metric_scope *scope,
                                         struct partner_ids *ret_ids);
/* Those that are archived and not merged. */
MUST_CHECK enum err metric_store_archived(struct ctx *ctx, struct partner_ids *ret_ids);

/* Adds those that were merged into one of them: whose facts count as theirs. */
MUST_CHECK enum err metric_store_add_merged(struct ctx *ctx, struct partner_ids *ids);

/* How a partner came to be active. */
struct conversion {
    struct partner_id partner;
    int64_t since_ms;  /* when it became prospect or onboarding */
    int64_t active_ms; /* when it first became active; 0: not yet */
    int64_t ended_ms;  /* when it ended before that; 0: not */
};
typedef void conversion_visit(void *self, const struct conversion *conversion);
/* Partners (or the one) that were prospects at some time of [from, to). */
struct conversion_query {
    struct partner_id partner;
    int64_t from_ms, to_ms;
};
MUST_CHECK enum err metric_store_conversions(struct ctx *ctx, const struct conversion_query *query,
                                             conversion_visit *visit, void *self);

/* Partners that first became active in [from, to); `since_ms` and `ended_ms` are not set. */
MUST_CHECK enum err metric_store_activations(struct ctx *ctx, const struct conversion_query *query,
                                             conversion_visit *visit, void *self);

/* Deals that were registered, won or lost and not taken back, of a partner and those that were
 * merged into it, over all days of the ledger. Texts are borrowed for the call. */
struct deal_row {
    enum fact_kind kind;
    struct str deal; /* the reference or, without one, the external id */
    struct str external_id;
};
typedef void deal_visit(void *self, const struct deal_row *row);
MUST_CHECK enum err metric_store_deals(struct ctx *ctx, struct partner_id partner,
                                       deal_visit *visit, void *self);

MUST_CHECK enum err metric_store_product(struct ctx *ctx, struct product_id id,
                                         struct str *ret_name, struct str *ret_code);
MUST_CHECK enum err metric_store_name(struct ctx *ctx, struct partner_id id, struct str *ret_name);

#endif
