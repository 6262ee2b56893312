/* Statements of the organisation. Private to src/organisation. */
#ifndef SRC_ORGANISATION_ORGANISATION_STORE_H
#define SRC_ORGANISATION_ORGANISATION_STORE_H

#include "src/organisation/organisation.h"

MUST_CHECK enum err organisation_store_get(struct ctx *ctx, struct organisation *ret_organisation,
                                           bool *ret_found);
MUST_CHECK enum err organisation_store_insert(struct ctx *ctx,
                                              const struct organisation *organisation);
/* Where it still has organisation->version; sets the next one. ERR_STALE else. */
MUST_CHECK enum err organisation_store_update(struct ctx *ctx,
                                              const struct organisation *organisation);

#endif
