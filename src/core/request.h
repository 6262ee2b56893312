/* What a handler gets and gives. Only *_api.c, core and app include it. */
#ifndef SRC_CORE_REQUEST_H
#define SRC_CORE_REQUEST_H

#include "lib/http/http.h"
#include "lib/json/json.h"
#include "src/core/ctx.h"
#include "src/core/form.h"

/* One request on its way: parsed fields and the answer under construction. */
struct request {
    struct http_exchange *exchange;
    const struct route *route;
    const struct form *query;          /* by the route's schema; never NULL */
    const struct form *body;           /* by the route's schema; NULL without one */
    void *input;                       /* what the route's `prepare` left for its `handle` */
    struct buf answer;                 /* JSON under construction */
    struct json_writer json;           /* writes into `answer` */
    struct str text;                   /* the answer where it is no JSON */
    struct http_stream *stream;        /* the answer goes on as this; NULL: it does not */
    void (*stream_ended)(void *state); /* when the exchange is over */
    void *stream_state;
    int64_t version; /* for ETag; 0: none */
    int status;
    const char *content_type; /* NULL: no body */
};

/* The proof that a handler answered: only respond_* make it. */
struct responded {
    enum err private_err;
};

/* The id in the path ("/partners/{id}"); ERR_NOT_FOUND when it is none of this type. */
#define REQUEST_ID(ctx, request, name, type, ret_id)                    \
    (type##_id_parse(http_param((request)->exchange, (name)), (ret_id)) \
         ? OK                                                           \
         : CTX_FAULT((ctx), ERR_NOT_FOUND, "not_found", "There is no " #type " with this id."))

/* The version in If-Match (`"7"`): ERR_NO_VERSION when absent, ERR_INVALID when it is none of ours.
 */
MUST_CHECK enum err request_version(struct ctx *ctx, struct request *request, int64_t *ret_version);

/* Answers with what request->json holds; the root must be closed. */
struct responded respond_json(struct ctx *ctx, struct request *request, int status);
/* The same with `ETag: "version"`. */
struct responded respond_versioned(struct ctx *ctx, struct request *request, int status,
                                   int64_t version);
struct responded respond_empty(struct ctx *ctx, struct request *request); /* 204 */
/* Another type of content (text/csv, text/plain); `text` in the arena. */
struct responded respond_text(struct ctx *ctx, struct request *request, int status,
                              const char *content_type, struct str text);
/* The answer is this stream of the request's exchange; `ended(state)` is called on the event thread
 * when it is over, and after that the stream is no more. */
struct responded respond_stream(struct request *request, struct http_stream *stream,
                                void (*ended)(void *state), void *state);
/* application/problem+json (RFC 9457) out of ctx->fault. Rolls the write back. */
struct responded respond_fault(struct ctx *ctx, struct request *request);
/* The same for a status that no error of ours has: what lib/http refuses by itself. */
struct responded respond_status(struct ctx *ctx, struct request *request, int status,
                                struct str sentence);
/* respond_fault when `err` is a failure, else respond_json(status). */
struct responded respond_or_fault(struct ctx *ctx, struct request *request, enum err err,
                                  int status);

/* `{"items": […], "next": "cursor" or null}` around a list. */
void respond_list_begin(struct request *request);
void respond_list_end(struct request *request, struct str next_cursor);

#endif
