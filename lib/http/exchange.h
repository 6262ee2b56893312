/*
 * What a request is made of inside lib/http.
 *
 * Ownership: the event thread owns an exchange, but for the time between `exchange_hand_over` and
 * the answer (or http_piece_done), when the handler does. In that time the connection is
 * suspended, so libmicrohttpd cannot end it, even when the client is gone. It comes back through
 * the mailbox, so libmicrohttpd only ever sees one thread. Private.
 */
#ifndef LIB_HTTP_EXCHANGE_H
#define LIB_HTTP_EXCHANGE_H

#include <microhttpd.h>

#include "lib/http/connections.h"
#include "lib/http/head.h"
#include "lib/http/router.h"
#include "lib/http/server.h"
#include "lib/http/target.h"
#include "lib/http/workers.h"

enum exchange_step {
    STEP_HEAD, /* the headers are not checked yet */
    STEP_BODY, /* taking the body */
    STEP_DROP, /* reading the rest for nothing; the answer is there or follows from `refusal` */
    STEP_AWAY, /* the handler has it, or the mailbox */
    STEP_DONE  /* the answer is with libmicrohttpd */
};

/* Of a body: all of it, or what is not handed over yet. */
struct body {
    char *ptr;
    size_t len;
    size_t cap;
    int64_t received_bytes;
    int64_t dropped_bytes;
    bool complete;
};

struct answer_header {
    struct answer_header *next;
    const char *name;
    const char *value;
};

struct answer {
    struct answer_header *headers;
    struct answer_header **headers_end;
    struct MHD_Response *response; /* until it is queued */
    bool is_stream;                /* has no response: its socket is to be taken */
    int status;                    /* 0: none yet */
    int64_t size_bytes;
};

enum { REQUEST_ID_MAX = 64 };

struct http_exchange {
    struct work work; /* first: a work is its exchange */
    struct http_server *server;
    struct connection *connection;
    struct MHD_Connection *mhd; /* NULL: the stream has its socket */
    enum exchange_step step;
    struct http_request request;
    void *state;
    struct str raw_target; /* a copy; libmicrohttpd cuts up its own */
    const char *target_at; /* where libmicrohttpd's own is */
    struct refusal refusal;
    struct framing framing;
    enum exchange_step next_step; /* once it is back */
    struct body body;
    struct str piece;
    bool piece_last;
    bool piece_given; /* at least one */
    struct answer answer;
    struct http_stream *stream; /* NULL: none was opened */
    int64_t started_us;
    int64_t retry_after_ms; /* with a refusal for now */
    struct route_match match;
    struct target target;
    const struct head_field *fields; /* in the arena; what they say is libmicrohttpd's */
    size_t field_count;
    bool is_old; /* HTTP/1.0 */
    char id[REQUEST_ID_MAX + 1];
    /* Kept from request to request. */
    struct arena arena;
    struct http_exchange *next_idle;
};

/* Event thread. A fresh or used one, for a request whose first line is read. */
struct http_exchange *exchange_begin(struct http_server *server, struct MHD_Connection *mhd,
                                     struct connection *connection, const char *target);
/* Event thread. Tells the product, and keeps the memory for the next. */
void exchange_end(struct http_exchange *exchange, enum MHD_RequestTerminationCode how);
void exchange_free(struct http_exchange *exchange);

/* Event thread. Suspends the connection; the exchange goes to its lane's workers at the end of the
 * loop's turn. */
void exchange_hand_over(struct http_exchange *exchange);
/* Event thread. The exchange is back from its handler. */
void exchange_resume(struct http_exchange *exchange);
/* Event thread. Has the product write the refusal's answer. */
void exchange_refuse(struct http_exchange *exchange);
/* Event thread. Gives the answer to libmicrohttpd. */
enum MHD_Result exchange_respond(struct http_exchange *exchange);
/* What a worker does with it. */
void exchange_run(void *server, struct work *work);

#endif
