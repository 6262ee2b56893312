/* Statements of requests for access. Private to src/domain. */
#ifndef SRC_DOMAIN_DOMAIN_ACCESS_STORE_H
#define SRC_DOMAIN_DOMAIN_ACCESS_STORE_H

#include "src/domain/domain_access.h"

/* Whether there is a user, or a request that waits, with this address. */
MUST_CHECK enum err access_store_taken(struct ctx *ctx, struct str email, bool *ret_taken);
/* How many wait for the partner. */
MUST_CHECK enum err access_store_count(struct ctx *ctx, struct partner_id partner,
                                       int64_t *ret_count);
MUST_CHECK enum err access_store_add(struct ctx *ctx, const struct access_request *request);
MUST_CHECK enum err access_store_list(struct ctx *ctx, struct partner_id partner, int64_t limit,
                                      struct access_requests *requests);
MUST_CHECK enum err access_store_get(struct ctx *ctx, struct access_id id,
                                     struct access_request *ret_request, bool *ret_found);
MUST_CHECK enum err access_store_remove(struct ctx *ctx, struct access_id id);

#endif
