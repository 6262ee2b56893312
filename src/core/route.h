/*
 * One row declares a route: who may call it, what it takes, what it answers, and the code behind
 * it. The guard, the OpenAPI document and the test of permissions come from these rows.
 */
#ifndef SRC_CORE_ROUTE_H
#define SRC_CORE_ROUTE_H

#include "src/core/request.h"

/*
 * Reads run `handle` on a worker inside a read snapshot. Writes run `handle` on the writer inside a
 * savepoint, and their answer is sent when the commit is on disk.
 */
enum access { ACCESS_NONE, ACCESS_READ, ACCESS_WRITE };

struct route {
    const char *method;
    const char *path;
    unsigned roles;   /* bits of enum role; required */
    enum scope scope; /* what a token needs */
    enum access access;
    const char *id;              /* operationId: "listPartners" */
    const char *summary;         /* "List partners" */
    const char *tag;             /* group in the documentation: "Partners" */
    const char *notes;           /* paragraphs for the documentation; may be NULL */
    const struct schema *query;  /* NULL: no query */
    const struct schema *body;   /* NULL: no JSON body; with `pieces`: what one piece's row is */
    const struct schema *answer; /* of the success; NULL: none */
    bool answers_list;           /* `answer` is the item of {"items": […], "next": …} */
    int success;                 /* status of the success: 200, 201, 204 */
    bool needs_version;          /* If-Match */
    bool holds_secret;           /* its body or answer; nothing of it is kept, so no Idempotency-Key
                                  */
    enum http_body raw_body;     /* instead of `body`: a file or pieces */
    const char *raw_type;        /* media type of raw_body, for the documentation */
    const char *answer_type;     /* media type of the answer when it is not JSON */
    size_t body_max_bytes;       /* 0: LIMIT_BODY_BYTES */
    enum http_lane lane;
    /* Before `handle`, on a worker with a read snapshot: costly parsing, hashing. Leaves
     * request->input. May be NULL. */
    enum err (*prepare)(struct ctx *ctx, struct request *request);
    /* Between `prepare` and `handle`: asks others over the network. Holds no worker meanwhile: it
     * returns at once, and `resume(call)` follows, once, from any thread. Not for ACCESS_READ. May
     * be NULL. */
    void (*ask)(struct ctx *ctx, struct request *request, void (*resume)(void *call), void *call);
    struct responded (*handle)(struct ctx *ctx, struct request *request);
    /* Rows that a write will add, for grouping; NULL counts as 1. */
    uint32_t (*weight)(const struct request *request);
    /* HTTP_BODY_PIECES: instead of `handle`. See src/core/stream.h. */
    const struct piece_handler *pieces;
};

/* A row without roles does not compile. ROUTE("GET", "/api/v1/partners", ROLES_SIGNED_IN,
 * SCOPE_READ, ACCESS_READ, .id = …, .handle = …) */
#define ROUTE(method_, path_, roles_, scope_, access_, ...)                         \
    {                                                                               \
        .method = (method_), .path = (path_),                                       \
        .roles = (roles_) + 0 * sizeof(char[(roles_) ? 1 : -1]), .scope = (scope_), \
        .access = (access_), __VA_ARGS__                                            \
    }

/* What each *_api.c exports: `const struct route_table partner_routes;` */
struct route_table {
    const struct route *routes;
    size_t count;
};

/*
 * A body of any length, piece by piece (whole lines). Each piece: `prepare` on a worker, `apply` on
 * the writer in a savepoint, `render` after its commit; what was rendered is the answer, in order.
 * `state` is made by `begin` and lives in the exchange's arena. The request's content_type and
 * status are the answer's, whoever of these sets them; before, they are application/x-ndjson and
 * the route's success.
 */
struct piece_handler {
    enum err (*begin)(struct ctx *ctx, struct request *request, void **ret_state);
    /* ctx->arena is the piece's own, reset after it. `ret_work` goes to apply; NULL: nothing to
     * write. */
    enum err (*prepare)(struct ctx *ctx, void *state, struct str piece, bool last, void **ret_work);
    enum err (*apply)(struct ctx *ctx, void *state, void *work);
    /* How many rows `apply` will write. */
    uint32_t (*weight)(const void *work);
    /* After the commit of the piece: its part of the answer. On the writer: quick. */
    void (*render)(struct ctx *ctx, void *state, void *work, struct buf *answer);
};

#endif
