/* Statements of contacts. Private to src/partner. */
#ifndef SRC_PARTNER_CONTACT_STORE_H
#define SRC_PARTNER_CONTACT_STORE_H

#include "src/partner/partner.h"

struct db_rows;

/* What contact_store_read reads, of `FROM contact`. */
#define CONTACT_COLUMNS                                                                   \
    "id, partner_id, name, title, email, phone, mobile, is_primary, system, external_id," \
    " created_ms, updated_ms, archived_ms, erased_ms, version"

/* The row at hand, in ctx's arena. */
void contact_store_read(struct ctx *ctx, struct db_rows *rows, struct contact *ret_contact);

MUST_CHECK enum err contact_store_get(struct ctx *ctx, struct contact_id id,
                                      struct contact *ret_contact, bool *ret_found);
MUST_CHECK enum err contact_store_by_external(struct ctx *ctx, struct external_id external,
                                              struct contact *ret_contact, bool *ret_found);
/* The primary one of those that are not archived. */
MUST_CHECK enum err contact_store_primary(struct ctx *ctx, struct partner_id partner,
                                          struct contact *ret_contact, bool *ret_found);
/* The oldest that is not archived, besides `other`. */
MUST_CHECK enum err contact_store_oldest(struct ctx *ctx, struct partner_id partner,
                                         struct contact_id other, struct contact *ret_contact,
                                         bool *ret_found);
/* Those that are not archived. */
MUST_CHECK enum err contact_store_count(struct ctx *ctx, struct partner_id partner,
                                        int64_t *ret_count);
struct contact_query {
    struct partner_id partner;
    bool archived;
    int64_t after_id, limit;
};
MUST_CHECK enum err contact_store_list(struct ctx *ctx, const struct contact_query *query,
                                       struct contact_page *page);
MUST_CHECK enum err contact_store_insert(struct ctx *ctx, const struct contact *contact);
/* Every column, where the row still has contact->version; sets the next one. ERR_STALE else. */
MUST_CHECK enum err contact_store_update(struct ctx *ctx, const struct contact *contact);

#endif
