/* The lock guards the list and, with it, every socket from being closed while it is shut. */
#include "lib/http/connections.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/base/time.h"
#include "lib/http/peer.h"

enum { DEADLINE_PASSED = -1 };

struct connections {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t sweeper;
    struct connection *newest;
    int sweep_ms;
    bool stopping;
    bool shut_new;
};

#define BARE "Connection: close\r\nContent-Length: 0\r\n\r\n"
static const struct str too_late = STR_INIT("HTTP/1.1 408 Request Timeout\r\n" BARE);
static const struct str too_large = STR_INIT("HTTP/1.1 413 Content Too Large\r\n" BARE);

/* ---- the sweep ---- */

static void shut(const struct connection *connection)
{
    shutdown(connection->fd, SHUT_RDWR);
}

/* Not under TLS, where only libmicrohttpd can write. */
static void say(struct connection *connection, int status, struct str answer)
{
    if (connection->tls)
        return;
    if (send(connection->fd, answer.ptr, answer.len, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
        atomic_store(&connection->said_status, status);
}

static void end_if_over(struct connection *connection, int64_t now_ms)
{
    int_least64_t deadline = atomic_load(&connection->deadline_ms);
    if (deadline <= 0 || deadline > now_ms ||
        !atomic_compare_exchange_strong(&connection->deadline_ms, &deadline, DEADLINE_PASSED))
        return;
    if (atomic_load(&connection->reading))
        say(connection, 408, too_late);
    shut(connection);
}

static void wait_for_next(struct connections *connections)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + (int64_t)connections->sweep_ms * 1000000;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    int result = 0;
    while (!connections->stopping && result != ETIMEDOUT)
        result = pthread_cond_timedwait(&connections->wake, &connections->lock, &until);
}

static void *run_sweep(void *arg)
{
    struct connections *connections = arg;
    pthread_mutex_lock(&connections->lock);
    while (!connections->stopping) {
        int64_t now_ms = monotonic_ms();
        for (struct connection *each = connections->newest; each; each = each->older)
            end_if_over(each, now_ms);
        wait_for_next(connections);
    }
    pthread_mutex_unlock(&connections->lock);
    return NULL;
}

/* ---- the list ---- */

struct connections *connections_new(int sweep_ms)
{
    pthread_condattr_t attributes;
    struct connections *connections = calloc(1, sizeof(*connections));
    if (!connections || pthread_mutex_init(&connections->lock, NULL) ||
        pthread_condattr_init(&attributes) ||
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) ||
        pthread_cond_init(&connections->wake, &attributes))
        abort();
    pthread_condattr_destroy(&attributes);
    connections->sweep_ms = sweep_ms;
    if (pthread_create(&connections->sweeper, NULL, run_sweep, connections) == 0)
        return connections;
    pthread_cond_destroy(&connections->wake);
    pthread_mutex_destroy(&connections->lock);
    free(connections);
    return NULL;
}

void connections_free(struct connections *connections)
{
    if (!connections)
        return;
    pthread_mutex_lock(&connections->lock);
    connections->stopping = true;
    pthread_cond_signal(&connections->wake);
    pthread_mutex_unlock(&connections->lock);
    pthread_join(connections->sweeper, NULL);
    pthread_cond_destroy(&connections->wake);
    pthread_mutex_destroy(&connections->lock);
    free(connections);
}

struct connection *connections_open(struct connections *connections, int fd,
                                    const struct sockaddr *address, bool tls)
{
    struct connection *connection = calloc(1, sizeof(*connection));
    if (!connection)
        abort();
    connection->fd = fd;
    connection->tls = tls;
    peer_render(address, connection->peer);
    pthread_mutex_lock(&connections->lock);
    connection->older = connections->newest;
    if (connection->older)
        connection->older->newer = connection;
    connections->newest = connection;
    if (connections->shut_new)
        shut(connection);
    pthread_mutex_unlock(&connections->lock);
    return connection;
}

void connections_close(struct connections *connections, struct connection *connection)
{
    pthread_mutex_lock(&connections->lock);
    if (connection->newer)
        connection->newer->older = connection->older;
    else
        connections->newest = connection->older;
    if (connection->older)
        connection->older->newer = connection->newer;
    pthread_mutex_unlock(&connections->lock);
    free(connection);
}

bool connection_allow_until(struct connection *connection, int64_t deadline_ms, bool reading)
{
    atomic_store(&connection->reading, reading);
    int_least64_t before = atomic_load(&connection->deadline_ms);
    while (before >= 0)
        if (atomic_compare_exchange_weak(&connection->deadline_ms, &before, deadline_ms))
            return true;
    return false;
}

void connection_cut(struct connection *connection)
{
    if (atomic_exchange(&connection->deadline_ms, DEADLINE_PASSED) < 0)
        return;
    say(connection, 413, too_large);
    shut(connection);
}

void connections_shut(struct connections *connections, bool all)
{
    pthread_mutex_lock(&connections->lock);
    connections->shut_new = true;
    for (struct connection *each = connections->newest; each; each = each->older)
        if (all || (atomic_load(&each->deadline_ms) > 0 && !atomic_load(&each->reading)))
            shut(each);
    pthread_mutex_unlock(&connections->lock);
}
