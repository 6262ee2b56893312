/* Starts and stops the server; everything libmicrohttpd calls comes in here. */
#include "lib/http/server.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/rate_limit.h"
#include "lib/base/time.h"
#include "lib/http/exchange.h"
#include "lib/http/event_loop.h"
#include "lib/http/listen.h"
#include "lib/http/receive.h"

enum {
    /* Beside the request's head, the pool holds libmicrohttpd's list of it and the answer's head.
     */
    POOL_EXTRA_BYTES = 8 * 1024,
    RATE_KEYS_MAX = 64 * 1024,
    RATE_BURST_SECONDS = 10
};

/* ---- libmicrohttpd's callbacks, on the event thread ---- */

static struct connection *connection_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info->socket_context;
}

static void open_connection(struct http_server *server, struct MHD_Connection *mhd,
                            void **ret_connection)
{
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *address =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct connection *connection =
        connections_open(&server->connections, fd->connect_fd, address->client_addr,
                         server->options.tls_certificate.len > 0);
    connection_allow_until(connection, monotonic_ms() + server->options.header_deadline_ms, false);
    atomic_fetch_add(&server->open_connections, 1);
    *ret_connection = connection;
}

void server_forget(struct http_server *server, struct connection *connection)
{
    connections_close(&server->connections, connection);
    atomic_fetch_sub(&server->open_connections, 1);
}

/* libmicrohttpd counts without the sockets that were taken from it. */
static enum MHD_Result on_accept(void *self, const struct sockaddr *address, socklen_t size_bytes)
{
    const struct http_server *server = self;
    (void)address;
    (void)size_bytes;
    return server->connections.count < server->options.connections_max ? MHD_YES : MHD_NO;
}

static void on_connection(void *self, struct MHD_Connection *mhd, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = self;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        open_connection(server, mhd, socket_context);
        return;
    }
    struct connection *connection = *socket_context;
    if (!connection->is_taken)
        server_forget(server, connection);
    *socket_context = NULL;
}

/* The first request of a connection keeps the deadline that began with accept. */
static void *on_request_line(void *self, const char *target, struct MHD_Connection *mhd)
{
    struct http_server *server = self;
    struct connection *connection = connection_of(mhd);
    struct http_exchange *exchange = exchange_begin(server, mhd, connection, target ? target : "");
    if (connection->used)
        connection_allow_until(
            connection, exchange->started_us / 1000 + server->options.header_deadline_ms, true);
    else
        connection->reading = true;
    connection->used = true;
    return exchange;
}

/* lint: parameters: libmicrohttpd calls it so. */
static enum MHD_Result on_access(void *self, struct MHD_Connection *mhd, const char *url,
                                 const char *method, const char *version, const char *data,
                                 size_t *data_size, void **request_context)
{
    struct http_exchange *exchange = *request_context;
    (void)self;
    (void)mhd;
    (void)url;
    if (!exchange)
        return MHD_NO;
    if (exchange->step == STEP_HEAD)
        return receive_head(exchange, method, version);
    if (*data_size)
        return receive_body(exchange, data, data_size);
    enum MHD_Result result = receive_end(exchange);
    if (!exchange->mhd)
        *request_context = NULL;
    return result;
}

static void on_completed(void *self, struct MHD_Connection *mhd, void **request_context,
                         enum MHD_RequestTerminationCode how)
{
    (void)self;
    (void)mhd;
    if (*request_context)
        exchange_end(*request_context, how);
    *request_context = NULL;
}

/* Targets are decoded by us, once, from the copy that on_request_line took. */
static size_t leave_escaped(void *self, struct MHD_Connection *mhd, char *text)
{
    (void)self;
    (void)mhd;
    return strlen(text);
}

/* ---- start ---- */

static uint64_t random_seed(void)
{
    uint64_t seed = 0;
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, &seed, sizeof(seed)) != sizeof(seed))
        abort();
    close(fd);
    return seed;
}

static void copy_options(struct http_server *server, const struct http_options *options)
{
    struct http_options *copy = &server->options;
    *copy = *options;
    copy->address = arena_str(&server->arena, options->address);
    copy->trusted_proxy = arena_str(&server->arena, options->trusted_proxy);
    copy->tls_certificate = arena_str(&server->arena, options->tls_certificate);
    copy->tls_key = arena_str(&server->arena, options->tls_key);
    copy->spool_directory = arena_cstr(&server->arena, str_from_c(options->spool_directory));
}

static enum err start_workers(struct http_server *server, struct fault *fault)
{
    const struct http_options *options = &server->options;
    server->mailbox = mailbox_new();
    server->lanes[HTTP_QUICK] = workers_new(options->quick_workers, exchange_run, server);
    server->lanes[HTTP_SLOW] = workers_new(options->slow_workers, exchange_run, server);
    if (server->mailbox && server->lanes[HTTP_QUICK] && server->lanes[HTTP_SLOW] &&
        server->streams.epoll_fd >= 0 && server->streams.spare_fd >= 0)
        return OK;
    return fault_set(fault, ERR_BUSY, "threads", "The system gives no more threads or files.");
}

int64_t server_stall_ms(const struct http_options *options)
{
    int longest = options->idle_timeout_ms > options->body_deadline_ms ? options->idle_timeout_ms
                                                                       : options->body_deadline_ms;
    return longest;
}

static enum err start_daemon(struct http_server *server, struct fault *fault)
{
    const struct http_options *options = &server->options;
    bool tls = options->tls_certificate.len > 0;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (tls ? (unsigned)MHD_USE_TLS : 0);
    /* Behind a proxy all connections have its address. */
    size_t peer_max = options->trusted_proxy.len ? 0 : options->connections_peer_max;
    struct MHD_OptionItem tls_items[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)options->tls_certificate.ptr},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)options->tls_key.ptr},
        {MHD_OPTION_END, 0, NULL}};
    /* Its own strictness sends the head of its answer twice, or none; ours refuses more. */
    server->daemon = MHD_start_daemon(
        flags, 0, on_accept, server, on_access, server, MHD_OPTION_LISTEN_SOCKET, server->listen_fd,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_URI_LOG_CALLBACK,
        on_request_line, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 0,
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        options->header_bytes_max + POOL_EXTRA_BYTES, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)options->connections_max, MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)peer_max,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(server_stall_ms(options) / MS_PER_SECOND + 1),
        MHD_OPTION_ARRAY, tls ? tls_items : tls_items + 2, MHD_OPTION_END);
    if (server->daemon) {
        server->mhd_epoll_fd =
            MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
        return OK;
    }
    if (tls)
        return fault_set(fault, ERR_INVALID, "tls",
                         "The TLS certificate and key do not go together or are not PEM.");
    return fault_set(fault, ERR_INTERNAL, "http", "The HTTP server cannot be started.");
}

static enum err start(struct http_server *server, struct fault *fault)
{
    const struct http_options *options = &server->options;
    TRY(listen_open(options->address, &server->listen_fd, &server->port, fault));
    server->router = router_new(options->routes, options->route_count);
    if (options->rate_per_second)
        server->rate = rate_limit_new(options->rate_per_second,
                                      (double)options->rate_per_second * RATE_BURST_SECONDS,
                                      RATE_KEYS_MAX, server->seed);
    TRY(start_workers(server, fault));
    TRY(start_daemon(server, fault));
    if (pthread_create(&server->event_thread, NULL, event_loop, server) == 0)
        return OK;
    return fault_set(fault, ERR_BUSY, "threads", "The system gives no more threads.");
}

static void server_free(struct http_server *server)
{
    workers_free(server->lanes[HTTP_QUICK]);
    workers_free(server->lanes[HTTP_SLOW]);
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    mailbox_free(server->mailbox);
    while (server->idle) {
        struct http_exchange *exchange = server->idle;
        server->idle = exchange->next_idle;
        exchange_free(exchange);
    }
    streams_finish(&server->streams);
    rate_limit_free(server->rate);
    router_free(server->router);
    if (server->listen_fd >= 0)
        close(server->listen_fd);
    arena_finish(&server->arena);
    free(server);
}

enum err http_server_start(const struct http_options *options, struct http_server **ret_server,
                           struct fault *fault)
{
    struct http_server *server = calloc(1, sizeof(*server));
    if (!server)
        abort();
    arena_init(&server->arena, SIZE_MAX);
    server->listen_fd = -1;
    streams_init(&server->streams);
    server->seed = random_seed();
    copy_options(server, options);
    enum err err = start(server, fault);
    if (err != OK) {
        server_free(server);
        return err;
    }
    *ret_server = server;
    return OK;
}

void http_server_stop(struct http_server *server, int grace_ms)
{
    if (!server)
        return;
    server->grace_ms = grace_ms;
    atomic_store(&server->stopping, true);
    mailbox_wake(server->mailbox);
    pthread_join(server->event_thread, NULL);
    server_free(server);
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

void http_server_counts(struct http_server *server, struct http_counts *ret_counts)
{
    size_t waiting =
        workers_waiting(server->lanes[HTTP_QUICK]) + workers_waiting(server->lanes[HTTP_SLOW]);
    pthread_mutex_lock(&server->streams.lock);
    size_t streams = server->streams.count;
    uint64_t streams_dropped = server->streams.dropped;
    pthread_mutex_unlock(&server->streams.lock);
    *ret_counts = (struct http_counts){
        .requests = atomic_load(&server->requests),
        .bytes_sent = atomic_load(&server->bytes_sent),
        .refused = atomic_load(&server->refused),
        .streams_dropped = streams_dropped,
        .streams = (uint32_t)streams,
        .connections = (uint32_t)atomic_load(&server->open_connections),
        .waiting = (uint32_t)waiting,
    };
}
