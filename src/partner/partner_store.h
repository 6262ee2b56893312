/* Statements of partners' records. Private to src/partner. */
#ifndef SRC_PARTNER_PARTNER_STORE_H
#define SRC_PARTNER_PARTNER_STORE_H

#include "src/partner/partner.h"

struct db_rows;

/*
 * What partner_store_read reads, for a select of any *_store.c of this noun:
 * "SELECT " PARTNER_COLUMNS("$2") PARTNER_FROM " WHERE p.id = $1 AND " PARTNER_SCOPE("$2").
 * `scope` is the parameter with ctx_partner_scope. The note is the vendor's own: a partner's user
 * gets it empty.
 */
#define PARTNER_COLUMNS(scope)                                                                   \
    "p.id, p.name, p.status, p.address_line1, p.address_line2, p.city, p.region, p.postal_code," \
    " p.country, p.phone, p.phone2, p.domain, p.primary_dns, p.secondary_dns, p.sla, p.tier,"    \
    " p.manager_id, p.parent_id, p.currency, p.language, p.time_zone,"                           \
    " CASE WHEN CAST(" scope " AS BIGINT) = 0 THEN p.note ELSE '' END AS note, p.created_ms,"    \
    " p.updated_ms, p.active_ms, p.archived_ms, p.merged_into, p.version,"                       \
    " u.name AS manager_name, u.email AS manager_email, parent.name AS parent_name"
#define PARTNER_FROM                                             \
    " FROM partner p JOIN user_account u ON u.id = p.manager_id" \
    " LEFT JOIN partner parent ON parent.id = p.parent_id"
#define PARTNER_SCOPE(scope) "(CAST(" scope " AS BIGINT) = 0 OR p.id = " scope ")"

/* The row at hand, in ctx's arena. */
void partner_store_read(struct ctx *ctx, struct db_rows *rows, struct partner *ret_partner);

/* The row itself, also of a partner that was merged into another. */
MUST_CHECK enum err partner_store_get(struct ctx *ctx, struct partner_id id,
                                      struct partner *ret_partner, bool *ret_found);
MUST_CHECK enum err partner_store_insert(struct ctx *ctx, const struct partner *partner);
/* Every column, where the row still has partner->version; sets the next one. ERR_STALE else. */
MUST_CHECK enum err partner_store_update(struct ctx *ctx, const struct partner *partner);
/* `ret_merged_into` is set where the answer is the other partner's. */
MUST_CHECK enum err partner_store_brief(struct ctx *ctx, struct partner_id id,
                                        struct partner_brief *ret_brief,
                                        struct partner_id *ret_merged_into, bool *ret_found);
/* At most `limit` partners that this user is responsible for, without those that were merged into
 * others. */
MUST_CHECK enum err partner_store_of_manager(struct ctx *ctx, struct user_id manager, size_t limit,
                                             struct partner_id *ret_ids, size_t *ret_count);
MUST_CHECK enum err partner_store_parent_of(struct ctx *ctx, struct partner_id id,
                                            struct partner_id *ret_parent);
MUST_CHECK enum err partner_store_add_status(struct ctx *ctx, const struct partner *partner,
                                             const char *from, int64_t at_ms);

/* ---- finding ---- */

/* Enough to name the candidates in one sentence. */
enum { PARTNER_CANDIDATES = 4 };
struct partner_candidates {
    struct {
        struct partner_id id;
        struct str name, city;
    } rows[PARTNER_CANDIDATES];
    size_t count;
};
enum partner_name_kind {
    PARTNER_BY_NAME,    /* the folded name; not archived */
    PARTNER_BY_COMPANY, /* the company key; not archived */
    PARTNER_BY_ANY_NAME /* the folded name, also of archived partners */
};
/* Survivors of merges in place of those that were merged into them. */
MUST_CHECK enum err partner_store_by_name(struct ctx *ctx, enum partner_name_kind kind,
                                          struct str key, struct partner_candidates *ret_found);
/* Unset when nobody has it. */
MUST_CHECK enum err partner_store_by_external(struct ctx *ctx, struct external_id external,
                                              struct partner_id *ret_id);

/* ---- tags and external ids ---- */

MUST_CHECK enum err partner_store_marks(struct ctx *ctx, struct partner_id id,
                                        struct partner_marks *ret_marks);
MUST_CHECK enum err partner_store_count_externals(struct ctx *ctx, struct partner_id id,
                                                  int64_t *ret_count);
MUST_CHECK enum err partner_store_add_external(struct ctx *ctx, struct partner_id id,
                                               struct external_id external);
MUST_CHECK enum err partner_store_remove_external(struct ctx *ctx, struct partner_id id,
                                                  struct external_id external,
                                                  int64_t *ret_changed);
MUST_CHECK enum err partner_store_add_tag(struct ctx *ctx, struct partner_id id, struct str tag,
                                          int64_t *ret_changed);
MUST_CHECK enum err partner_store_remove_tag(struct ctx *ctx, struct partner_id id, struct str tag,
                                             int64_t *ret_changed);
MUST_CHECK enum err partner_store_touch(struct ctx *ctx, struct partner_id id);

#endif
