/* The server's own state, for its parts. Private. */
#ifndef LIB_HTTP_SERVER_H
#define LIB_HTTP_SERVER_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "lib/http/connections.h"
#include "lib/http/http.h"
#include "lib/http/mailbox.h"
#include "lib/http/router.h"
#include "lib/http/stream.h"
#include "lib/http/workers.h"

enum { LANE_COUNT = 2 }; /* of enum http_lane */

struct http_server {
    struct http_options options; /* its texts are copies in `arena` */
    struct arena arena;
    struct router *router;
    struct workers *lanes[LANE_COUNT];
    struct rate_limit *rate;
    struct MHD_Daemon *daemon;
    int mhd_epoll_fd;
    struct mailbox *mailbox;
    struct streams streams;
    int listen_fd;
    int port;
    uint64_t seed;
    pthread_t event_thread;
    int grace_ms; /* set before `stopping` */
    atomic_bool stopping;
    /* The event thread's own. */
    struct connections connections;
    struct work_list handed[LANE_COUNT]; /* in this turn of the loop */
    size_t active;                       /* exchanges begun and not ended */
    int64_t closing_ms;                  /* when it began to stop */
    bool closing;
    bool shut; /* the grace is over */
    uint64_t ids_made;
    struct http_exchange *idle; /* used ones */
    size_t idle_count;
    /* For http_server_counts. */
    atomic_uint_fast64_t requests;
    atomic_uint_fast64_t bytes_sent;
    atomic_uint_fast64_t refused;
    atomic_uint_fast32_t open_connections;
};

/* How long a client may take nothing of its answer. libmicrohttpd counts whole seconds. */
int64_t server_stall_ms(const struct http_options *options);
/* Event thread: the connection's socket is closed, or about to be. */
void server_forget(struct http_server *server, struct connection *connection);

#endif
