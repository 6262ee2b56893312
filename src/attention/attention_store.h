/* Statements of attention. Private to src/attention. */
#ifndef SRC_ATTENTION_ATTENTION_STORE_H
#define SRC_ATTENTION_ATTENTION_STORE_H

#include "src/attention/attention.h"

struct attention_partner {
    struct partner_id id;
    struct user_id manager;
    struct currency currency;
    bool looked_after;
    int64_t acted_ms; /* the last change by a user, or when it was made */
};
typedef void attention_partner_visit(void *self, const struct attention_partner *partner);
/* Those that are neither archived nor merged, ascending by id; `only` unset: all. */
MUST_CHECK enum err attention_store_partners(struct ctx *ctx, struct partner_id only,
                                             attention_partner_visit *visit, void *self);

/* The last day up to `today` on which the channel had an order. */
MUST_CHECK enum err attention_store_last_order(struct ctx *ctx, struct day today,
                                               struct day *ret_day, bool *ret_any);

/* The newest row of the history; 0: none. */
MUST_CHECK enum err attention_store_history(struct ctx *ctx, int64_t *ret_audit);
/* Whose history grew after a row of it, or who was merged away; `all` when more than `most` did, or
 * when something happened after another row that concerns all. */
struct attention_since {
    int64_t partners, all; /* rows of the history */
    size_t most;
};
struct attention_changed {
    struct partner_id *ids;
    size_t count, cap;
    bool all;
};
MUST_CHECK enum err attention_store_changed(struct ctx *ctx, const struct attention_since *since,
                                            struct attention_changed *changed);

/* Open pairs, the most certain first. */
struct attention_pair {
    struct duplicate_id id;
    struct partner_id a, b;
};
struct attention_pairs {
    struct attention_pair *rows;
    size_t count;
};
MUST_CHECK enum err attention_store_pairs(struct ctx *ctx, struct attention_pairs *ret_pairs);

/* Imports with rows that belong to nobody, and those since `bad_since_ms` with refused ones.
 * `rows` has money per currency. */
struct attention_imported {
    struct import_id id;
    struct str name;
    int64_t finished_ms, unassigned, bad_rows;
    struct currency currency; /* of the unassigned orders; not set: none, or several */
    int64_t amount_minor;
};
struct attention_imports {
    struct attention_imported *rows;
    size_t count;
};
MUST_CHECK enum err attention_store_imports(struct ctx *ctx, int64_t bad_since_ms,
                                            struct attention_imports *ret_imports);
/* Partners whose domain has changed for the worse, until somebody has seen it. */
struct attention_domain {
    struct partner_id partner;
    int64_t since_ms;
};
struct attention_domains {
    struct attention_domain *rows;
    size_t count;
};
MUST_CHECK enum err attention_store_domains(struct ctx *ctx, struct attention_domains *ret_domains);
/* What changed, in words. */
MUST_CHECK enum err attention_store_domain(struct ctx *ctx, struct partner_id partner,
                                           struct str *ret_sentence);
/* Names of a partner and its manager. */
MUST_CHECK enum err attention_store_names(struct ctx *ctx, struct attention_item *item);
MUST_CHECK enum err attention_store_pair_found(struct ctx *ctx, struct duplicate_id id,
                                               int64_t *ret_ms);

#endif
