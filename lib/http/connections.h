/*
 * The open connections and their absolute deadlines. libmicrohttpd's own time-out starts again with
 * every byte; here a look at all of them, about once a second, shuts the sockets that are over
 * their time, whereupon libmicrohttpd finds them closed. Private, event thread.
 */
#ifndef LIB_HTTP_CONNECTIONS_H
#define LIB_HTTP_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/compiler.h"

enum { PEER_TEXT_MAX = 46 };

struct sockaddr;

struct connection {
    struct connection *newer;
    struct connection *older;
    int fd;
    bool tls;
    bool used;           /* had a request */
    bool is_taken;       /* `fd` is a stream's, and libmicrohttpd has another in its place */
    bool reading;        /* a request is being read: passing the deadline gets a 408 */
    int said_status;     /* of the bare answer that went out before it was shut; 0: none */
    int64_t deadline_ms; /* monotonic; 0: none; below 0: it passed and the socket is shut */
    char peer[PEER_TEXT_MAX];
};

/* {0} is none. */
struct connections {
    struct connection *newest;
    size_t count;
};

/* Right after accept, and right before the socket is closed. */
struct connection *connections_open(struct connections *connections, int fd,
                                    const struct sockaddr *address, bool tls);
void connections_close(struct connections *connections, struct connection *connection);
void connections_sweep(const struct connections *connections, int64_t now_ms);
/* Shuts those that have no request, or all. */
void connections_shut(const struct connections *connections, bool all);

/* Sets the deadline, 0 for none. False when the old one passed. */
bool connection_allow_until(struct connection *connection, int64_t deadline_ms, bool reading);
/* Nothing of an answer is sent yet: gives a bare one, 413 or else 503, and shuts the socket. */
void connection_cut(struct connection *connection, int status);

#endif
