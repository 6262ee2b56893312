/*
 * libmicrohttpd has no way to give a socket away but an upgrade with status 101. So the descriptor
 * is doubled, and a socket that leads nowhere takes the number that libmicrohttpd knows: what it
 * does to end its connection, shutting and closing, does nothing to the client's.
 */
#include "lib/http/stream_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/time.h"

enum {
    PARTS_MAX = 16,
    EVENTS_MAX = 256,
    HEAD_MAX_BYTES = 16 * 1024,
    /* The kernel doubles it. Without a cap it would queue megabytes for a reader that stalls. */
    SEND_BUFFER_BYTES = 16 * 1024
};

/* ---- taking one ---- */

/* As libmicrohttpd writes it, which may have watched its socket and panics if it is not there. */
static void replace(int fd, int spare_fd, int mhd_epoll_fd)
{
    struct epoll_event nothing = {.events = 0};
    bool is_watched = epoll_ctl(mhd_epoll_fd, EPOLL_CTL_DEL, fd, NULL) == 0;
    if (dup2(spare_fd, fd) < 0 ||
        (is_watched && epoll_ctl(mhd_epoll_fd, EPOLL_CTL_ADD, fd, &nothing) != 0))
        abort();
}

static struct http_event *make_head(const struct http_exchange *exchange)
{
    struct clock clock = clock_system();
    struct arena arena;
    struct buf buf;
    arena_init(&arena, SIZE_MAX);
    buf_init(&buf, &arena, HEAD_MAX_BYTES);
    buf_add(&buf, STR("HTTP/1.1 200 OK\r\nDate: "));
    time_render_http(clock_now_ms(&clock), &buf);
    buf_add(&buf, STR("\r\nConnection: close\r\nContent-Type: text/event-stream\r\n"));
    if (!exchange->is_old)
        buf_add(&buf, STR("Transfer-Encoding: chunked\r\n"));
    for (const struct answer_header *each = exchange->answer.headers; each; each = each->next)
        buf_format(&buf, "%s: %s\r\n", each->name, each->value);
    buf_add(&buf, STR("\r\n"));
    /* The product's own headers are few and short. */
    if (buf.overflowed)
        abort();
    struct http_event *head = event_new_frame(buf_str(&buf));
    arena_finish(&arena);
    return head;
}

static void begin(struct http_exchange *exchange)
{
    struct http_stream *stream = exchange->stream;
    struct streams *streams = &exchange->server->streams;
    struct http_event *head = make_head(exchange);
    stream->is_taken = true;
    stream->fd = exchange->connection->fd;
    pthread_mutex_lock(&streams->lock);
    stream->queue.framed = !exchange->is_old;
    queue_prepend(&stream->queue, head);
    pthread_mutex_unlock(&streams->lock);
    http_event_free(head);
}

bool stream_take_socket(struct http_exchange *exchange)
{
    struct streams *streams = &exchange->server->streams;
    int mhd_fd = exchange->connection->fd, bytes = SEND_BUFFER_BYTES, yes = 1;
    struct epoll_event event = {.events = EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = exchange->stream};
    int fd = fcntl(mhd_fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return false;
    if (epoll_ctl(streams->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        close(fd);
        return false;
    }
    replace(mhd_fd, streams->spare_fd, exchange->server->mhd_epoll_fd);
    /* Where the system refuses, its own limit holds, and the queue's as before. */
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    exchange->connection->fd = fd;
    exchange->connection->is_taken = true;
    streams->taken_count++;
    begin(exchange);
    return true;
}

/* ---- sending ---- */

struct sending {
    struct iovec parts[PARTS_MAX];
    size_t count;
    bool is_over;
};

/* What is to be sent next, once so many bytes of it are sent. */
static void look(struct http_stream *stream, struct streams *streams, size_t sent_bytes,
                 struct sending *sending)
{
    struct stream_queue *queue = &stream->queue;
    pthread_mutex_lock(&streams->lock);
    if (sent_bytes)
        stream->exchange->answer.size_bytes += (int64_t)queue_skip(queue, sent_bytes);
    bool ends = stream->ended && !queue->count;
    if (ends && queue->framed && !stream->said_end) {
        stream->said_end = true;
        queue_append(queue, streams->end);
        ends = false;
    }
    sending->is_over = ends || stream->dropped;
    sending->count = queue_parts(queue, sending->parts, PARTS_MAX);
    if (!sending->count)
        queue_shrink(queue);
    pthread_mutex_unlock(&streams->lock);
}

/* Mostly it is one event. */
static ssize_t send_parts(int fd, struct sending *sending)
{
    struct msghdr message = {.msg_iov = sending->parts, .msg_iovlen = sending->count};
    if (sending->count == 1)
        return send(fd, sending->parts[0].iov_base, sending->parts[0].iov_len,
                    MSG_NOSIGNAL | MSG_DONTWAIT);
    return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Until nothing waits or the socket takes no more. False: it is over. */
static bool send_waiting(struct http_stream *stream, struct streams *streams)
{
    struct sending sending;
    look(stream, streams, 0, &sending);
    while (!sending.is_over && sending.count) {
        ssize_t len = send_parts(stream->fd, &sending);
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0) {
            if (!stream->blocked_ms)
                stream->blocked_ms = monotonic_ms();
            return errno == EAGAIN || errno == EWOULDBLOCK;
        }
        stream->last_sent_ms = monotonic_ms();
        stream->blocked_ms = 0;
        look(stream, streams, (size_t)len, &sending);
    }
    return !sending.is_over;
}

static void finish(struct http_stream *stream)
{
    struct http_exchange *exchange = stream->exchange;
    struct http_server *server = exchange->server;
    struct connection *connection = exchange->connection;
    int fd = connection->fd;
    server->streams.taken_count--;
    exchange_end(exchange, MHD_REQUEST_TERMINATED_COMPLETED_OK);
    server_forget(server, connection);
    close(fd);
}

static void run(struct http_stream *stream, struct streams *streams)
{
    if (!send_waiting(stream, streams))
        finish(stream);
}

/* The clients that take bytes again, and those that left. */
static void take_events(struct streams *streams)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(streams->epoll_fd, events, EVENTS_MAX, 0);
    for (int i = 0; i < count; i++) {
        if (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
            finish(events[i].data.ptr);
        else
            run(events[i].data.ptr, streams);
    }
}

void stream_sockets_run(struct streams *streams)
{
    struct http_stream *due = streams_take_ready(streams);
    while (due) {
        struct http_stream *stream = due;
        due = stream->next_due;
        run(stream, streams);
    }
    if (streams->taken_count)
        take_events(streams);
}
