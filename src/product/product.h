/* What is sold. */
#ifndef SRC_PRODUCT_PRODUCT_H
#define SRC_PRODUCT_PRODUCT_H

#include "lib/base/money.h"
#include "src/core/ctx.h"
#include "src/partner/partner.h"

struct product {
    struct product_id id;
    struct str name;
    struct str code; /* the vendor's article number; may be empty */
    struct str category;
    struct str subcategory;
    bool has_cost;
    struct money cost; /* standard cost of goods for one unit */
    int64_t version;
};
/* Texts given by people and files; empty: not given. */
struct product_draft {
    struct str name, code, category, subcategory;
    struct str cost, currency;
};

MUST_CHECK enum err product_get(struct ctx *ctx, struct product_id id, struct product *ret_product);
/* By printed id, external id ("system:id"), code, or unambiguous name. */
MUST_CHECK enum err product_find(struct ctx *ctx, struct str text, struct product_id *ret_id);
MUST_CHECK enum err product_find_external(struct ctx *ctx, struct external_id external,
                                          struct product_id *ret_id);
/* Creates it, or updates the one with this external id (or code); `ret_created`, `ret_changed` say
 * which. */
MUST_CHECK enum err product_save(struct ctx *ctx, const struct product_draft *draft,
                                 struct external_id external, struct product *ret_product,
                                 bool *ret_created, bool *ret_changed);
/* What product_save would do, on any connection and without writing. `ret_id` is unset for a new
 * one.
 */
MUST_CHECK enum err product_check(struct ctx *ctx, const struct product_draft *draft,
                                  struct external_id external, struct product_id *ret_id,
                                  bool *ret_changes);
MUST_CHECK enum err product_archive(struct ctx *ctx, struct product_id id);
/* Notes that the partner carries it; nothing when known. */
MUST_CHECK enum err product_carried_by(struct ctx *ctx, struct product_id product,
                                       struct partner_id partner);

#endif
