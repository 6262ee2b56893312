/* Statements of rows that belong to nobody, and of owners. Private to src/intake. */
#ifndef SRC_INTAKE_UNASSIGNED_STORE_H
#define SRC_INTAKE_UNASSIGNED_STORE_H

#include "src/intake/intake.h"
#include "src/ledger/ledger.h"

/* A row that is kept: a fact without its partner, or a contact. */
struct unassigned {
    int64_t id;
    struct import_id import;
    int64_t file, row;
    struct str entity; /* "contact", or the fact's kind */
    struct str system, owner, owner_name;
    struct str fields_json; /* of a contact */
    struct fact_draft draft;
};

/* `ret_new`: it is new, or says something else than before. */
MUST_CHECK enum err unassigned_store_keep(struct ctx *ctx, const struct unassigned *row,
                                          bool *ret_new);
/* Of a source and entity; `id` 0: there is none. */
MUST_CHECK enum err unassigned_store_find(struct ctx *ctx, struct str source, struct str entity,
                                          struct str external_id, struct unassigned *ret_row);
struct unassigned_query {
    struct import_id import; /* unset: all */
    bool by_owner;
    struct str system, owner; /* `system` empty: of any */
    int64_t after_id, limit;
};
MUST_CHECK enum err unassigned_store_list(struct ctx *ctx, const struct unassigned_query *query,
                                          struct unassigned *ret_rows, size_t *ret_count);
MUST_CHECK enum err unassigned_store_get(struct ctx *ctx, int64_t id, struct unassigned *ret_row,
                                         bool *ret_found);
MUST_CHECK enum err unassigned_store_delete(struct ctx *ctx, int64_t id);
/* Nothing when it is not there. */
MUST_CHECK enum err unassigned_store_delete_key(struct ctx *ctx, struct str source,
                                                struct str entity, struct str external_id);
/* Whether any row of this source is kept. */
MUST_CHECK enum err unassigned_store_any(struct ctx *ctx, struct str source, bool *ret_any);
MUST_CHECK enum err unassigned_store_delete_of(struct ctx *ctx, struct import_id import);
MUST_CHECK enum err unassigned_store_count_owner(struct ctx *ctx, struct str system,
                                                 struct str owner, int64_t *ret_count);

/* Unset when nobody gave this owner to a partner. */
MUST_CHECK enum err owner_store_get(struct ctx *ctx, struct str system, struct str owner,
                                    struct partner_id *ret_partner);
MUST_CHECK enum err owner_store_set(struct ctx *ctx, struct str system, struct str owner,
                                    struct partner_id partner);
MUST_CHECK enum err stranger_store_set(struct ctx *ctx, struct external_id external,
                                       struct str name);

#endif
