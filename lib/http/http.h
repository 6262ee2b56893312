/*
 * An HTTP/1.1 server on libmicrohttpd. Its event thread only moves bytes; requests are handled on
 * workers, or answered later from any thread. Reading is strict: the checks and limits below are
 * made before any of our product's code runs. Knows nothing of roles or JSON; those are src/core.
 */
#ifndef LIB_HTTP_HTTP_H
#define LIB_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

enum http_body {
    HTTP_BODY_NONE,  /* a body is refused with 413 */
    HTTP_BODY_WHOLE, /* in memory, up to the route's limit */
    HTTP_BODY_FILE,  /* spooled to an unlinked temporary file, up to the route's limit */
    HTTP_BODY_PIECES /* handed over piece by piece while it arrives; the client is held back
                        meanwhile */
};

/* Which workers run it: slow work (a password hash, an export, a preview) never delays quick
 * requests. */
enum http_lane { HTTP_QUICK, HTTP_SLOW };

struct http_route {
    const char *method;
    const char *path; /* "/api/v1/partners/{id}/facts"; a parameter is one whole segment */
    enum http_body body;
    enum http_lane lane;
    size_t body_max_bytes; /* 0 for HTTP_BODY_PIECES: any length */
    const void *row;       /* the product's row behind it */
};

/*
 * One request and its answer. Lives from its first line until the answer is sent or the client is
 * gone, and never ends while a handler or a later answer still owes it one.
 */
struct http_exchange;

/* Filled before `handle`; borrowed from the exchange. */
struct http_request {
    struct str method;
    struct str path; /* decoded, without the query; no NUL, no "..", no "//", no escaped "/" */
    struct str
        peer;      /* address of the client, "192.0.2.7"; behind a trusted proxy what it forwards */
    struct str id; /* of the request: ours, or a well-formed X-Request-Id of the client */
    struct str body; /* HTTP_BODY_WHOLE */
    int body_fd;     /* HTTP_BODY_FILE: at its start; -1 otherwise */
    int64_t body_bytes;
    bool tls;
    const struct http_route *route;
};
const struct http_request *http_request(const struct http_exchange *exchange);
/* Freed with the exchange. */
struct arena *http_arena(struct http_exchange *exchange);
/* Empty when absent. */
struct str http_header(const struct http_exchange *exchange, const char *name);
struct str http_param(const struct http_exchange *exchange, const char *name);
struct str http_cookie(const struct http_exchange *exchange, const char *name);
/* `ret_value` decoded; false when absent. A name given twice is refused before the handler. */
bool http_query(const struct http_exchange *exchange, const char *name, struct str *ret_value);
/* What counts as one client: an IPv4 address as text, or 64 bits of an IPv6 one. In the arena. */
struct str http_client(struct http_exchange *exchange);
/* Walks all of the query: `size_t at = 0; while (http_query_next(exchange, &at, &name, &value))`.
 */
bool http_query_next(const struct http_exchange *exchange, size_t *at, struct str *ret_name,
                     struct str *ret_value);
/*
 * How much the value of an Accept-Encoding wants a content coding, in thousandths; 0: not at all
 * (RFC 9110, section 12.5.3). "identity" that is not refused is wanted least: 1.
 */
int http_coding_weight(struct str accept_encoding, struct str coding);
/* What the product keeps with the exchange. */
void http_set_state(struct http_exchange *exchange, void *state);
void *http_state(const struct http_exchange *exchange);

/* ---- answering: exactly one http_answer_* per exchange, from any thread ---- */

/* Before the answer. Name and value are copied; CR and LF abort. */
void http_add_header(struct http_exchange *exchange, const char *name, struct str value);
/* `body` must live until the exchange ends: mostly http_arena. */
void http_answer(struct http_exchange *exchange, int status, const char *content_type,
                 struct str body);
/* Takes `fd`; sends `size_bytes` of it from its start. */
void http_answer_file(struct http_exchange *exchange, int status, const char *content_type, int fd,
                      int64_t size_bytes);

/* ---- an answer that goes on: server-sent events ---- */

/*
 * A stream of its exchange. The handle is borrowed: good until `finished` of the exchange returns,
 * so whoever keeps it forgets it there, under the lock that it pushes under. A stream ends when the
 * client leaves (under TLS that is seen at the next event or heartbeat), when it is dropped, by
 * http_stream_end, or when the server stops; its connection ends with it.
 */
struct http_stream;
/* The text of one or more events ("id: 7\ndata: x\n\n"), shared by all streams that it waits in. */
struct http_event;

/*
 * In the handler, before http_answer_stream; at most one per exchange. Events that are pushed
 * before the answer wait. What waits for a client that does not read is bounded by
 * `waiting_max_bytes` (each event counts 32 bytes more than its text): a stream over it is dropped,
 * that is, its connection is closed and what waits is forgotten. So is one whose client takes
 * nothing for the longer of body_deadline_ms and idle_timeout_ms.
 */
struct http_stream *http_stream_open(struct http_exchange *exchange, size_t waiting_max_bytes);
/* The answer: status 200, text/event-stream. The request's headers and body are no more. */
void http_answer_stream(struct http_exchange *exchange);
/* Copies the bytes. The caller's until http_event_free; streams keep it as long as they need it. */
struct http_event *http_event_new(struct str bytes);
/* Any thread. NULL is fine. */
void http_event_free(struct http_event *event);
/*
 * Any thread; never waits for a client. One lock and one wake-up for all of them, which must be of
 * one server. Each stream sends its events in the order they were pushed. Nothing happens for a
 * stream that has ended.
 */
void http_stream_push(struct http_stream *const *streams, size_t count, struct http_event *event);
/* Any thread. Sends what waits, then ends the answer; `finished` follows. */
void http_stream_end(struct http_stream *stream);

/* ---- the product behind the server ---- */

struct http_handler {
    void *self;
    /*
     * On the event thread when the headers are read, before any of the body: quick checks only.
     * Return 0 to go on, or an HTTP status to refuse. May be NULL.
     */
    int (*admit)(void *self, struct http_exchange *exchange);
    /* On a worker, once the body is complete. Answers now, or keeps the exchange and answers later.
     */
    void (*handle)(void *self, struct http_exchange *exchange);
    /*
     * HTTP_BODY_PIECES only, on a worker, in order, instead of `handle`: pieces of up to
     * `piece_bytes` that end at a newline where there is one; `last` with the final one (which may
     * be empty). The next piece comes after http_piece_done. After an answer the rest of the body
     * is read and dropped.
     */
    void (*piece)(void *self, struct http_exchange *exchange, struct str piece, bool last);
    /*
     * On the event thread, for a path that no route has: true when it has answered with bytes that
     * are there already, such as a web page's; false lets it be a 404. May be NULL.
     */
    bool (*missing)(void *self, struct http_exchange *exchange);
    /*
     * On the event thread: refusals that lib/http makes by itself (400, 404, 405, 411, 413, 414,
     * 417, 429, 431, 501, 503, 505) and those of `admit` get their body here. Without one: a 408;
     * a 413 for a client that does not stop sending; and what libmicrohttpd cannot read at all.
     */
    void (*refuse)(void *self, struct http_exchange *exchange, int status, struct str sentence);
    /* On the event thread when all is sent or the client is gone: for the log and for counters.
     * Status 0: no answer was sent. A stream has its status however it ended. */
    void (*finished)(void *self, struct http_exchange *exchange, int status, int64_t sent_bytes,
                     int64_t duration_us);
};
void http_piece_done(struct http_exchange *exchange);

/* `routes` and what the handler points to are borrowed until the server is stopped. */
struct http_options {
    struct str address; /* "127.0.0.1:8420", "[::1]:0"; port 0 takes a free one */
    const struct http_route *routes;
    size_t route_count;
    struct http_handler handler;
    int quick_workers;
    int slow_workers;
    size_t queue_max; /* requests waiting for a worker; over it 503 with Retry-After */
    size_t connections_max;
    size_t connections_peer_max; /* from one address, without streams, which the product bounds; not
                                    counted behind a trusted proxy */
    size_t header_bytes_max;     /* request line and headers; a connection's memory is 8 KiB more */
    size_t arena_bytes_max;      /* per exchange */
    size_t piece_bytes;
    int header_deadline_ms; /* absolute, to the end of the headers: from accept, in a kept
                               connection from the end of the request line */
    int body_deadline_ms;   /* absolute for whole bodies; for files and pieces: without progress */
    int idle_timeout_ms;    /* absolute, from an answer to the end of the next request line */
    int heartbeat_ms;       /* of a stream that has nothing else to send; 0: none */
    uint32_t rate_per_second; /* requests from one address, with bursts of ten seconds' worth; 0: no
                                 limit. 429 with Retry-After */
    struct str trusted_proxy; /* the address whose X-Forwarded-For and X-Forwarded-Proto count;
                                 empty: none */
    struct str tls_certificate; /* PEM text; empty: no TLS */
    struct str tls_key;
    const char *spool_directory; /* for HTTP_BODY_FILE */
};

/*
 * Strict: refuses two or differing Content-Length, Content-Length with Transfer-Encoding, any
 * transfer coding but chunked, no or two Host, folded headers, NUL, control characters in headers,
 * white space before the colon, a target that is no origin form, HTTP other than 1.0 and 1.1. (RFC
 * 9112 sections 3, 5, 6.) ERR_CONFLICT when the port is taken.
 */
struct http_server;
MUST_CHECK enum err http_server_start(const struct http_options *options,
                                      struct http_server **ret_server, struct fault *fault);
/*
 * Takes no new connections, ends streams, lets running requests finish for `grace_ms`, then closes.
 * Returns when no handler owes an answer any more, however long that takes: what keeps exchanges
 * must run on until then. NULL is fine.
 */
void http_server_stop(struct http_server *server, int grace_ms);
int http_server_port(const struct http_server *server);

struct http_counts {
    uint64_t requests, bytes_sent, refused, streams_dropped;
    uint32_t connections, waiting, streams;
};
void http_server_counts(struct http_server *server, struct http_counts *ret_counts);

#endif
