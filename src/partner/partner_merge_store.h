/* Statements that move what hangs on one partner to another. Private to src/partner. */
#ifndef SRC_PARTNER_PARTNER_MERGE_STORE_H
#define SRC_PARTNER_PARTNER_MERGE_STORE_H

#include "src/partner/partner.h"

enum merge_kind {
    MERGE_CONTACTS,
    MERGE_EXTERNALS,
    MERGE_TAGS,     /* those that the other has not */
    MERGE_PRODUCTS, /* likewise */
    MERGE_EARLIER,  /* partners that were merged into it before */
    MERGE_CHILDREN, /* listed only: each is changed by partner_update */
    MERGE_KINDS
};
/* "contacts", …: in the history. */
const char *merge_kind_name(enum merge_kind kind);

/* At most MERGE_ITEMS_MAX of each kind: over it nothing is merged. */
enum { MERGE_ITEMS_MAX = 20000 };
struct merge_list {
    struct str *items; /* printed ids, or texts */
    size_t count;
};
struct merge_pair {
    struct partner_id from, into;
};
/* What of this kind moves; ERR_TOO_LARGE. */
MUST_CHECK enum err merge_store_list(struct ctx *ctx, enum merge_kind kind, struct merge_pair pair,
                                     struct merge_list *list);
/* Not for MERGE_CHILDREN. */
MUST_CHECK enum err merge_store_move(struct ctx *ctx, enum merge_kind kind, struct merge_pair pair);

#endif
