/* The server's own state, for its parts. Private. */
#ifndef LIB_HTTP_SERVER_H
#define LIB_HTTP_SERVER_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "lib/http/connections.h"
#include "lib/http/http.h"
#include "lib/http/router.h"
#include "lib/http/workers.h"

struct http_server {
    struct http_options options; /* its texts are copies in `arena` */
    struct arena arena;
    struct router *router;
    struct connections *connections;
    struct workers *lanes[2]; /* by enum http_lane */
    struct rate_limit *rate;
    struct MHD_Daemon *daemon;
    int listen_fd;
    int port;
    uint64_t seed;
    uint64_t ids_made;          /* event thread */
    struct http_exchange *idle; /* event thread: used exchanges */
    size_t idle_count;          /* event thread */
    pthread_mutex_t lock;       /* for `ended` */
    pthread_cond_t ended;       /* `active` reached 0 while stopping */
    atomic_size_t active;       /* exchanges begun and not ended */
    atomic_size_t resuming;     /* threads inside libmicrohttpd for give_back */
    atomic_bool stopping;
    atomic_uint_fast64_t requests;
    atomic_uint_fast64_t bytes_sent;
    atomic_uint_fast64_t refused;
    atomic_uint_fast32_t open_connections;
};

#endif
