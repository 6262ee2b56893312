/* The audit's statements. Private to src/core. */
#ifndef SRC_CORE_AUDIT_STORE_H
#define SRC_CORE_AUDIT_STORE_H

#include "src/core/audit.h"

struct audit_row {
    int64_t id;
    struct audit_subject subject;
    const char *action;
    struct str changes_json;
};
MUST_CHECK enum err audit_store_insert(struct ctx *ctx, const struct audit_row *row);
/* Adds at most `limit` entries of the partner (0: all), with ids under `before_id`, newest first,
 * to a page that has room for them. */
MUST_CHECK enum err audit_store_list(struct ctx *ctx, struct partner_id partner, int64_t before_id,
                                     int64_t limit, struct audit_page *page);
MUST_CHECK enum err audit_store_next_of(struct ctx *ctx, const struct audit_subject *subject,
                                        int64_t after_id, struct audit_entry *ret_entry,
                                        bool *ret_found);
MUST_CHECK enum err audit_store_move_partner(struct ctx *ctx, struct partner_id from,
                                             struct partner_id into);
MUST_CHECK enum err audit_store_set_changes(struct ctx *ctx, int64_t id, struct str changes_json);

#endif
