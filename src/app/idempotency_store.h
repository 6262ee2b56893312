/* Statements of the kept answers. Private to src/app. */
#ifndef SRC_APP_IDEMPOTENCY_STORE_H
#define SRC_APP_IDEMPOTENCY_STORE_H

#include "src/core/ctx.h"

struct idempotency_row {
    struct str digest;
    int64_t status;
    int64_t version;
    struct str answer;
};

MUST_CHECK enum err idempotency_store_find(struct ctx *ctx, struct str key,
                                           struct idempotency_row *ret_row, bool *ret_found);
/* Also drops what is older than LIMIT_IDEMPOTENCY_DAYS, a few rows at a time. */
MUST_CHECK enum err idempotency_store_save(struct ctx *ctx, struct str key,
                                           const struct idempotency_row *row);

#endif
