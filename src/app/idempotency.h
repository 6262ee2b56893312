/* Idempotency-Key: a repeated call gets the answer of the first and writes nothing. */
#ifndef SRC_APP_IDEMPOTENCY_H
#define SRC_APP_IDEMPOTENCY_H

#include "src/app/call.h"

/* Reads the header into the call; ERR_INVALID when it is malformed. */
MUST_CHECK enum err idempotency_read(struct call *call);
/* On the writer: answers from the record of the first call when there is one. ERR_CONFLICT when the
 * key was used for another request, or its answer was too long to be kept. */
MUST_CHECK enum err idempotency_find(struct call *call, bool *ret_replayed);
/* On the writer, with the answer made: keeps it, in the same transaction. */
MUST_CHECK enum err idempotency_save(struct call *call);

extern const struct query_table idempotency_queries;

#endif
