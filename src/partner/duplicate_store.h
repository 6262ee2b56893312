/* Statements of pairs that may be one partner. Private to src/partner. */
#ifndef SRC_PARTNER_DUPLICATE_STORE_H
#define SRC_PARTNER_DUPLICATE_STORE_H

#include "src/partner/partner.h"

/* Where a page of pairs goes on: after this rank and id. */
struct duplicate_place {
    int64_t rank, id;
};
/* At most `limit` pairs, the most certain first, into a page that has room for them;
 * `ret_ranks[i]` is the rank of row i. */
struct duplicate_query {
    struct duplicate_filter filter;
    struct duplicate_place after;
    int64_t limit;
};
MUST_CHECK enum err duplicate_store_list(struct ctx *ctx, const struct duplicate_query *query,
                                         struct duplicate_page *page, int64_t *ret_ranks);
MUST_CHECK enum err duplicate_store_get(struct ctx *ctx, struct duplicate_id id,
                                        struct duplicate *ret_duplicate, bool *ret_found);
/* `at_ms` 0: open again. */
MUST_CHECK enum err duplicate_store_judge(struct ctx *ctx, struct duplicate_id id, int64_t at_ms);

#endif
