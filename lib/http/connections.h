/*
 * The open connections and their absolute deadlines. libmicrohttpd's own time-out starts again with
 * every byte; here a thread looks once a second for what is over its time and shuts the socket
 * down, on which the event thread finds it closed. Private.
 */
#ifndef LIB_HTTP_CONNECTIONS_H
#define LIB_HTTP_CONNECTIONS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/compiler.h"
#include "lib/base/str.h"

enum { PEER_TEXT_MAX = 46 };

struct sockaddr;
struct connections;

struct connection {
    struct connection *newer;
    struct connection *older;
    int fd;
    bool tls;
    /* Monotonic; 0: none; below 0: it passed and the socket is shut. */
    atomic_int_least64_t deadline_ms;
    /* Whether a request is being read, so that passing the deadline gets a 408. */
    atomic_bool reading;
    atomic_int said_status; /* of the bare answer that went out before it was shut; 0: none */
    bool used;              /* had a request; event thread */
    char peer[PEER_TEXT_MAX];
};

/* NULL when the thread cannot be had. */
struct connections *connections_new(int sweep_ms);
/* After the last connection is gone. NULL is fine. */
void connections_free(struct connections *connections);

/* Event thread: right after accept, and right before the socket is closed. */
struct connection *connections_open(struct connections *connections, int fd,
                                    const struct sockaddr *address, bool tls);
void connections_close(struct connections *connections, struct connection *connection);

/* Event thread: sets the deadline, 0 for none. False when the old one passed. */
bool connection_allow_until(struct connection *connection, int64_t deadline_ms, bool reading);
/* Event thread, nothing of an answer sent yet: says 413 in a bare answer and shuts the socket. */
void connection_cut(struct connection *connection);

/* Any thread: shuts those that have no request, or all; and those that come later too. */
void connections_shut(struct connections *connections, bool all);

#endif
