/* One request inside the dispatch. Private to src/app. */
#ifndef SRC_APP_CALL_H
#define SRC_APP_CALL_H

#include "lib/db/db.h"
#include "src/core/route.h"

struct dispatch;

/* Lives in the exchange's arena. */
struct call {
    struct ctx ctx;
    struct request request;
    struct db_job job;
    bool answered;              /* the route's code made its answer */
    struct str idempotency_key; /* empty: none */
    uint8_t request_digest[DIGEST_BYTES];
    struct piece_run *pieces; /* HTTP_BODY_PIECES */
};

struct call *call_new(struct dispatch *dispatch, struct http_exchange *exchange);
/* Guard, query and body. */
MUST_CHECK enum err call_open(struct call *call);
/* Answers with what the request holds. */
void call_answer(struct call *call);
/* Answers with ctx.fault. */
void call_refuse(struct call *call);

#endif
