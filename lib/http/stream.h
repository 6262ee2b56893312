/*
 * Answers that go on: events wait here until the event thread moves them to their clients.
 *
 * One lock for all streams of a server. Whoever pushes only appends to queues and marks streams as
 * ready; the event thread, woken once, resumes those that sleep, and libmicrohttpd then asks for
 * bytes. A stream that has nothing to send is suspended and costs the loop nothing. Private.
 */
#ifndef LIB_HTTP_STREAM_H
#define LIB_HTTP_STREAM_H

#include <microhttpd.h>
#include <pthread.h>

#include "lib/http/http.h"

/* Of a server. Guarded by `lock`. */
struct streams {
    pthread_mutex_t lock;
    struct http_stream *newest;
    struct http_stream *ready; /* something changed since the event thread looked */
    struct http_event *heartbeat;
    size_t count;
    uint64_t dropped;
    bool ended; /* the server stops */
};

void streams_init(struct streams *streams);
void streams_finish(struct streams *streams);
/* Event thread, each turn: wakes the streams that have something to send or are to end. */
void streams_take_ready(struct streams *streams);
/* Event thread: a heartbeat for each that sent nothing for so long. */
void streams_beat(struct streams *streams, int64_t now_ms, int heartbeat_ms);
/* Event thread: ends all, and those that are still to be opened. */
void streams_end(struct streams *streams);

/* The answer of a stream for libmicrohttpd; NULL when there is no memory. */
struct MHD_Response *stream_response(struct http_stream *stream);
/* Event thread, after the product was told. NULL is fine. */
void stream_free(struct http_stream *stream);

#endif
