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
    int64_t created_ms;
    int64_t archived_ms; /* 0: not */
    int64_t version;
};
/* Texts given by people and files; empty: not given. Without a currency the cost is in the
 * organisation's. */
struct product_draft {
    struct str name, code, category, subcategory;
    struct str cost, currency;
};
enum product_field {
    PRODUCT_NAME,
    PRODUCT_CODE,
    PRODUCT_CATEGORY,
    PRODUCT_SUBCATEGORY,
    PRODUCT_COST,
    PRODUCT_CURRENCY,
    PRODUCT_FIELD_COUNT
};
/* What is to be set. A field that is given empty is cleared. `version`: the one that the change was
 * made to, else ERR_STALE; 0: whatever it is. */
struct product_change {
    int64_t version;
    struct {
        bool given;
        struct str text;
    } fields[PRODUCT_FIELD_COUNT];
};

/* A partner's user sees what its own partner carries, without the cost. */
MUST_CHECK enum err product_get(struct ctx *ctx, struct product_id id, struct product *ret_product);
/* By printed id, external id ("system:id"), code, or unambiguous name. */
MUST_CHECK enum err product_find(struct ctx *ctx, struct str text, struct product_id *ret_id);
MUST_CHECK enum err product_find_external(struct ctx *ctx, struct external_id external,
                                          struct product_id *ret_id);
struct product_saved {
    struct product product;
    bool created;
    bool changed; /* also true when created */
};
/*
 * Creates it, or updates the one with this external id, else with this code, else (where neither is
 * given) with this name. What the draft leaves empty stays as it is.
 */
MUST_CHECK enum err product_save(struct ctx *ctx, const struct product_draft *draft,
                                 struct external_id external, struct product_saved *ret_saved);
/* ERR_CONFLICT when another product has the code or the external id, which may be empty. */
MUST_CHECK enum err product_create(struct ctx *ctx, const struct product_change *change,
                                   struct external_id external, struct product *ret_product);
/* ERR_CONFLICT when another product has the code. */
MUST_CHECK enum err product_update(struct ctx *ctx, struct product_id id,
                                   const struct product_change *change, struct product *ret_product,
                                   bool *ret_changed);
/* What product_save would do, on any connection and without writing. `ret_id` is unset for a new
 * one.
 */
MUST_CHECK enum err product_check(struct ctx *ctx, const struct product_draft *draft,
                                  struct external_id external, struct product_id *ret_id,
                                  bool *ret_changes);
/* Out of every list from now on; nothing is deleted. Version 0: whatever it is. */
MUST_CHECK enum err product_archive(struct ctx *ctx, struct product_id id, int64_t version);
MUST_CHECK enum err product_restore(struct ctx *ctx, struct product_id id, int64_t version);
/* A fact names both: notes that the partner carries it; nothing when known. */
MUST_CHECK enum err product_carried_by(struct ctx *ctx, struct product_id product,
                                       struct partner_id partner);
/* Somebody says that the partner carries it, or not: checked, and in the partner's history. Nothing
 * when it is so already. */
MUST_CHECK enum err product_set_carried(struct ctx *ctx, struct product_id product,
                                        struct partner_id partner, bool carried);
/* "name", "code", …: in the API, in files, on the command line. */
const char *product_field_name(enum product_field field);
/* At most LIMIT_EXTERNAL_IDS. */
MUST_CHECK enum err product_externals(struct ctx *ctx, struct product_id id,
                                      struct external_id **ret_externals, size_t *ret_count);
struct product_page {
    struct product *rows;
    size_t count;
    struct str next;
};
struct product_filter {
    struct partner_id partner; /* carried by it; unset: all */
    struct str prefix;         /* names that begin so, whatever the case and accents; empty: all */
    bool archived;             /* those that are archived, instead of the others */
};
/* By name. A partner's user gets what its own partner carries. */
MUST_CHECK enum err product_list(struct ctx *ctx, const struct product_filter *filter,
                                 const struct page *page, struct product_page *ret_page);

struct query_table;
struct route_table;
struct command_table;
extern const struct query_table product_queries;
extern const struct route_table product_routes;
extern const struct command_table product_commands;

#endif
