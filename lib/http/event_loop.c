/*
 * One turn takes all answers that came, lets libmicrohttpd work on all sockets that are ready, and
 * hands over all requests that are complete: under load a lock or a wake-up serves many requests.
 * That is why the loop is ours and not libmicrohttpd's own, which wakes for each.
 */
#include "lib/http/event_loop.h"

#include <signal.h>
#include <sys/socket.h>

#include "lib/base/time.h"
#include "lib/http/exchange.h"
#include "lib/http/stream_socket.h"

enum { SWEEP_MS = 1000, SWEEP_LEAST_MS = 20, FOREVER = -1 };

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* About once a second, more often where a deadline is only some seconds. */
static int sweep_interval(const struct http_options *options)
{
    int least = smaller(smaller(options->header_deadline_ms, options->body_deadline_ms),
                        options->idle_timeout_ms);
    int interval = smaller(least / 4, SWEEP_MS);
    return interval < SWEEP_LEAST_MS ? SWEEP_LEAST_MS : interval;
}

static void take_answers(struct http_server *server)
{
    struct work *work = mailbox_take(server->mailbox);
    while (work) {
        struct http_exchange *exchange = (struct http_exchange *)(void *)work;
        work = work->next;
        exchange_resume(exchange);
    }
}

static void hand_over(struct http_server *server)
{
    for (size_t lane = 0; lane < LANE_COUNT; lane++)
        workers_add(server->lanes[lane], &server->handed[lane]);
}

/* First the listener and idle connections, after the grace all. A handler's exchange cannot be
 * taken from it: that is waited for. */
static void close_down(struct http_server *server, int64_t now_ms)
{
    if (!server->closing) {
        server->closing = true;
        server->closing_ms = now_ms;
        MHD_quiesce_daemon(server->daemon);
        shutdown(server->listen_fd, SHUT_RDWR);
        connections_shut(&server->connections, false);
        streams_end(&server->streams);
    }
    if (!server->shut && (!server->active || now_ms - server->closing_ms >= server->grace_ms)) {
        server->shut = true;
        connections_shut(&server->connections, true);
    }
}

static bool is_over(const struct http_server *server)
{
    return server->shut && !server->active;
}

/* -1: only something that happens ends the sleep. */
static int sleep_ms(const struct http_server *server, int64_t next_sweep_ms, int64_t now_ms)
{
    unsigned long long wanted_ms;
    if (is_over(server))
        return 0;
    if (MHD_get_timeout(server->daemon, &wanted_ms) == MHD_YES && !wanted_ms)
        return 0;
    if (!server->connections.count && !server->closing)
        return FOREVER;
    int64_t until_ms = next_sweep_ms;
    if (server->closing && !server->shut && server->closing_ms + server->grace_ms < until_ms)
        until_ms = server->closing_ms + server->grace_ms;
    return until_ms > now_ms ? (int)(until_ms - now_ms) : 0;
}

/* Signals are for other threads; libmicrohttpd is told that SIGPIPE is taken care of. */
static void block_signals(void)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
}

void *event_loop(void *arg)
{
    struct http_server *server = arg;
    int interval_ms = sweep_interval(&server->options);
    int64_t next_sweep_ms = 0;
    int64_t stall_ms = server_stall_ms(&server->options);
    const int fds[MAILBOX_FDS] = {server->mhd_epoll_fd, server->streams.epoll_fd};
    block_signals();
    while (!is_over(server)) {
        int64_t now_ms = monotonic_ms();
        if (now_ms >= next_sweep_ms) {
            connections_sweep(&server->connections, now_ms);
            streams_look(&server->streams, now_ms, server->options.heartbeat_ms, stall_ms);
            next_sweep_ms = now_ms + interval_ms;
        }
        if (atomic_load_explicit(&server->stopping, memory_order_acquire))
            close_down(server, now_ms);
        take_answers(server);
        stream_sockets_run(&server->streams);
        MHD_run(server->daemon);
        hand_over(server);
        int timeout_ms = sleep_ms(server, next_sweep_ms, monotonic_ms());
        if (timeout_ms)
            mailbox_sleep(server->mailbox, fds, timeout_ms);
    }
    return NULL;
}
