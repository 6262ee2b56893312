/* A shut socket stays open until libmicrohttpd closes it, so no descriptor is ever mistaken. */
#include "lib/http/connections.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "lib/base/str.h"
#include "lib/http/peer.h"

enum { DEADLINE_PASSED = -1 };

#define BARE "Connection: close\r\nContent-Length: 0\r\n\r\n"
static const struct str too_late = STR_INIT("HTTP/1.1 408 Request Timeout\r\n" BARE);
static const struct str too_large = STR_INIT("HTTP/1.1 413 Content Too Large\r\n" BARE);
static const struct str no_room = STR_INIT("HTTP/1.1 503 Service Unavailable\r\n" BARE);

static void shut(struct connection *connection)
{
    connection->deadline_ms = DEADLINE_PASSED;
    shutdown(connection->fd, SHUT_RDWR);
}

/* Not under TLS, where only libmicrohttpd can write. */
static void say(struct connection *connection, int status, struct str answer)
{
    if (connection->tls)
        return;
    if (send(connection->fd, answer.ptr, answer.len, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
        connection->said_status = status;
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
    connection->older = connections->newest;
    if (connection->older)
        connection->older->newer = connection;
    connections->newest = connection;
    connections->count++;
    return connection;
}

void connections_close(struct connections *connections, struct connection *connection)
{
    if (connection->newer)
        connection->newer->older = connection->older;
    else
        connections->newest = connection->older;
    if (connection->older)
        connection->older->newer = connection->newer;
    connections->count--;
    free(connection);
}

void connections_sweep(const struct connections *connections, int64_t now_ms)
{
    for (struct connection *each = connections->newest; each; each = each->older) {
        if (each->deadline_ms <= 0 || each->deadline_ms > now_ms)
            continue;
        if (each->reading)
            say(each, 408, too_late);
        shut(each);
    }
}

void connections_shut(const struct connections *connections, bool all)
{
    for (struct connection *each = connections->newest; each; each = each->older)
        if (all || (each->deadline_ms > 0 && !each->reading))
            shut(each);
}

bool connection_allow_until(struct connection *connection, int64_t deadline_ms, bool reading)
{
    if (connection->deadline_ms < 0)
        return false;
    connection->deadline_ms = deadline_ms;
    connection->reading = reading;
    return true;
}

void connection_cut(struct connection *connection, int status)
{
    if (connection->deadline_ms < 0)
        return;
    if (status == 413)
        say(connection, 413, too_large);
    else
        say(connection, 503, no_room);
    shut(connection);
}
