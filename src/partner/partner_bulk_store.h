/* Statements of actions on many partners. Private to src/partner. */
#ifndef SRC_PARTNER_PARTNER_BULK_STORE_H
#define SRC_PARTNER_PARTNER_BULK_STORE_H

#include "src/partner/partner.h"

struct bulk_manager {
    struct user_id id;
    struct str name;
};
MUST_CHECK enum err bulk_store_manager(struct ctx *ctx, struct partner_id id,
                                       struct bulk_manager *ret_manager, bool *ret_found);
MUST_CHECK enum err bulk_store_set_manager(struct ctx *ctx, struct partner_id id,
                                           struct user_id manager);

#endif
