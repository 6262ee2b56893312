/*
 * Answers that go on: events wait here until the event thread moves them to their clients.
 *
 * One lock for all streams of a server. Whoever pushes only appends to queues and marks streams as
 * ready; the event thread is woken once and sends. A stream's socket is taken from libmicrohttpd as
 * soon as the head is due (stream_socket.c), so that an open stream costs little and an event is
 * one system call. Under TLS, and for HEAD, libmicrohttpd keeps it and asks for bytes. Private.
 */
#ifndef LIB_HTTP_STREAM_H
#define LIB_HTTP_STREAM_H

#include <microhttpd.h>
#include <pthread.h>

#include "lib/http/stream_queue.h"

/* Guarded by the server's lock, but for `exchange`, which does not change, and what is the event
 * thread's own. */
struct http_stream {
    struct http_exchange *exchange;
    struct http_stream *newer;
    struct http_stream *older;
    struct http_stream *next_ready;
    struct stream_queue queue;
    size_t waiting_max_bytes;
    bool is_ready;
    bool asleep; /* libmicrohttpd has it, and is suspended */
    bool ended;
    bool dropped;
    /* The event thread's own. */
    struct http_stream *next_due;
    bool is_taken; /* its socket is ours: */
    int fd;
    bool said_end;
    int64_t last_sent_ms;
    int64_t blocked_ms; /* since when its socket takes nothing; 0: it does */
};

/* Of a server. Guarded by `lock`. */
struct streams {
    pthread_mutex_t lock;
    struct http_stream *newest;
    struct http_stream *ready; /* something changed since the event thread looked */
    struct http_event *heartbeat;
    struct http_event *end; /* of a body in chunks */
    size_t count;
    uint64_t dropped;
    bool ended; /* the server stops */
    /* The event thread's own. */
    int epoll_fd; /* of the sockets that are ours */
    int spare_fd; /* a socket that leads nowhere */
    size_t taken_count;
};

/* A descriptor below 0: the system gives no more. */
void streams_init(struct streams *streams);
void streams_finish(struct streams *streams);
/* Event thread: those that have something to send or are to end, since it looked last. Wakes what
 * libmicrohttpd has; the others are a list by `next_due`. */
struct http_stream *streams_take_ready(struct streams *streams);
/* Event thread: a heartbeat for each that sent nothing for so long (0: none), and an end for each
 * whose client took nothing for `stall_ms`. */
void streams_look(struct streams *streams, int64_t now_ms, int heartbeat_ms, int64_t stall_ms);
/* Event thread: ends all, and those that are still to be opened. */
void streams_end(struct streams *streams);

/* The answer of a stream that libmicrohttpd keeps; NULL when there is no memory. */
struct MHD_Response *stream_response(struct http_stream *stream);
/* Event thread, after the product was told. NULL is fine. */
void stream_free(struct http_stream *stream);

#endif
