/* Statements of products. Private to src/product. */
#ifndef SRC_PRODUCT_PRODUCT_STORE_H
#define SRC_PRODUCT_PRODUCT_STORE_H

#include "src/product/product.h"

MUST_CHECK enum err product_store_get(struct ctx *ctx, struct product_id id,
                                      struct product *ret_product, bool *ret_found);
MUST_CHECK enum err product_store_by_external(struct ctx *ctx, struct external_id external,
                                              struct product *ret_product, bool *ret_found);
/* Of those that are not archived. */
MUST_CHECK enum err product_store_by_code(struct ctx *ctx, struct str code,
                                          struct product *ret_product, bool *ret_found);
/* Of those that are not archived; at most `PRODUCT_CANDIDATES`. */
enum { PRODUCT_CANDIDATES = 4 };
MUST_CHECK enum err product_store_by_name(struct ctx *ctx, struct str name_key,
                                          struct product ret_products[PRODUCT_CANDIDATES],
                                          size_t *ret_count);
struct product_query {
    struct partner_id partner;
    bool archived;
    struct str prefix, after_name; /* folded */
    int64_t after_id, limit;
};
MUST_CHECK enum err product_store_list(struct ctx *ctx, const struct product_query *query,
                                       struct product_page *page);
MUST_CHECK enum err product_store_insert(struct ctx *ctx, const struct product *product);
/* Every column, where the row still has product->version; sets the next one. ERR_STALE else. */
MUST_CHECK enum err product_store_update(struct ctx *ctx, const struct product *product);

MUST_CHECK enum err product_store_externals(struct ctx *ctx, struct product_id id,
                                            struct external_id *ret_externals, size_t *ret_count);
MUST_CHECK enum err product_store_add_external(struct ctx *ctx, struct product_id id,
                                               struct external_id external);
/* `ret_changed` NULL: it does not matter whether it was new, and may be done with others. */
MUST_CHECK enum err product_store_carry(struct ctx *ctx, struct product_id product,
                                        struct partner_id partner, int64_t *ret_changed);
MUST_CHECK enum err product_store_drop(struct ctx *ctx, struct product_id product,
                                       struct partner_id partner, int64_t *ret_changed);

#endif
