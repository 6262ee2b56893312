/* From an HTTP exchange to a route's code and back: guard, parsing, transaction, answer. */
#ifndef SRC_APP_DISPATCH_H
#define SRC_APP_DISPATCH_H

#include "lib/base/log.h"
#include "lib/http/http.h"
#include "src/core/ctx.h"
#include "src/core/route.h"

struct dispatch;

/* `services` and `log` are borrowed. `routes` are all rows of the product, in any order. */
struct dispatch *dispatch_new(const struct services *services, const struct log *log);
void dispatch_free(struct dispatch *dispatch);
/* The rows as lib/http wants them; owned by the dispatch. */
const struct http_route *dispatch_routes(const struct dispatch *dispatch, size_t *ret_count);
struct http_handler dispatch_handler(struct dispatch *dispatch);

/* What /metrics prints about requests. */
struct dispatch_counts {
    uint64_t by_class[6]; /* answers 1xx to 5xx; [0]: the client was gone */
    uint64_t duration_us;
};
void dispatch_counts(struct dispatch *dispatch, struct dispatch_counts *ret_counts);

#endif
