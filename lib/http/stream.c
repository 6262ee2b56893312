/* See stream.h; the contract is in http.h. */
#include "lib/http/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/time.h"
#include "lib/http/exchange.h"

/* Only for clients of HTTP/1.0; chunks are made in the connection's own memory. */
enum { BLOCK_BYTES = 512 };

/* ---- pushing, locked ---- */

static void mark_ready(struct streams *streams, struct http_stream *stream)
{
    if (stream->is_ready)
        return;
    stream->is_ready = true;
    stream->next_ready = streams->ready;
    streams->ready = stream;
}

static void drop(struct streams *streams, struct http_stream *stream)
{
    stream->dropped = true;
    streams->dropped++;
}

static void push_one(struct streams *streams, struct http_stream *stream, struct http_event *event)
{
    if (stream->ended || stream->dropped)
        return;
    if (stream->queue.cost_bytes + event_cost(event) <= stream->waiting_max_bytes)
        queue_append(&stream->queue, event);
    else
        drop(streams, stream);
    mark_ready(streams, stream);
}

/* ---- what libmicrohttpd asks for, on the event thread ---- */

static size_t take_bytes(struct http_stream *stream, char *bytes, size_t max_bytes)
{
    struct iovec part;
    size_t taken = 0;
    while (taken < max_bytes && queue_parts(&stream->queue, &part, 1)) {
        size_t left = max_bytes - taken;
        size_t len = part.iov_len < left ? part.iov_len : left;
        memcpy(bytes + taken, part.iov_base, len);
        queue_skip(&stream->queue, len);
        taken += len;
    }
    return taken;
}

static ssize_t read_stream(void *self, uint64_t at, char *bytes, size_t max_bytes)
{
    struct http_stream *stream = self;
    struct streams *streams = &stream->exchange->server->streams;
    (void)at;
    pthread_mutex_lock(&streams->lock);
    size_t len = take_bytes(stream, bytes, max_bytes);
    bool dropped = stream->dropped;
    bool ended = stream->ended;
    stream->asleep = !len && !dropped && !ended;
    if (stream->asleep)
        queue_shrink(&stream->queue);
    pthread_mutex_unlock(&streams->lock);
    if (dropped)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    stream->exchange->answer.size_bytes += (int64_t)len;
    if (len) {
        stream->last_sent_ms = monotonic_ms();
        return (ssize_t)len;
    }
    if (ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    MHD_suspend_connection(stream->exchange->mhd);
    return 0;
}

struct MHD_Response *stream_response(struct http_stream *stream)
{
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream, stream,
                                             NULL);
}

/* ---- all streams of a server ---- */

void streams_init(struct streams *streams)
{
    *streams = (struct streams){.heartbeat = http_event_new(STR(":\n\n")),
                                .end = event_new_frame(STR("0\r\n\r\n")),
                                .epoll_fd = epoll_create1(EPOLL_CLOEXEC),
                                .spare_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (pthread_mutex_init(&streams->lock, NULL))
        abort();
}

void streams_finish(struct streams *streams)
{
    assert(!streams->count);
    http_event_free(streams->heartbeat);
    http_event_free(streams->end);
    if (streams->epoll_fd >= 0)
        close(streams->epoll_fd);
    if (streams->spare_fd >= 0)
        close(streams->spare_fd);
    pthread_mutex_destroy(&streams->lock);
}

/* Locked. libmicrohttpd asks for bytes, or finds its socket shut. */
static void wake(struct http_stream *stream)
{
    if (stream->dropped)
        shutdown(stream->exchange->connection->fd, SHUT_RDWR);
    if (stream->asleep)
        MHD_resume_connection(stream->exchange->mhd);
    stream->asleep = false;
}

struct http_stream *streams_take_ready(struct streams *streams)
{
    struct http_stream *due = NULL;
    pthread_mutex_lock(&streams->lock);
    for (struct http_stream *each = streams->ready; each; each = each->next_ready) {
        each->is_ready = false;
        if (!each->is_taken) {
            wake(each);
            continue;
        }
        each->next_due = due;
        due = each;
    }
    streams->ready = NULL;
    pthread_mutex_unlock(&streams->lock);
    return due;
}

void streams_look(struct streams *streams, int64_t now_ms, int heartbeat_ms, int64_t stall_ms)
{
    pthread_mutex_lock(&streams->lock);
    for (struct http_stream *each = streams->newest; each; each = each->older) {
        bool is_idle = each->asleep || (each->is_taken && !each->queue.count);
        if (heartbeat_ms && is_idle && now_ms - each->last_sent_ms >= heartbeat_ms)
            push_one(streams, each, streams->heartbeat);
        if (!each->dropped && each->blocked_ms && now_ms - each->blocked_ms >= stall_ms) {
            drop(streams, each);
            mark_ready(streams, each);
        }
    }
    pthread_mutex_unlock(&streams->lock);
}

void streams_end(struct streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    streams->ended = true;
    for (struct http_stream *each = streams->newest; each; each = each->older) {
        each->ended = true;
        mark_ready(streams, each);
    }
    pthread_mutex_unlock(&streams->lock);
}

/* ---- the product's side ---- */

struct http_stream *http_stream_open(struct http_exchange *exchange, size_t waiting_max_bytes)
{
    struct streams *streams = &exchange->server->streams;
    struct http_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        abort();
    assert(!exchange->stream);
    exchange->stream = stream;
    stream->exchange = exchange;
    stream->waiting_max_bytes = waiting_max_bytes;
    stream->last_sent_ms = monotonic_ms();
    pthread_mutex_lock(&streams->lock);
    stream->ended = streams->ended;
    stream->older = streams->newest;
    if (stream->older)
        stream->older->newer = stream;
    streams->newest = stream;
    streams->count++;
    pthread_mutex_unlock(&streams->lock);
    return stream;
}

static void unlink_ready(struct streams *streams, const struct http_stream *stream)
{
    struct http_stream **link = &streams->ready;
    while (*link != stream)
        link = &(*link)->next_ready;
    *link = stream->next_ready;
}

void stream_free(struct http_stream *stream)
{
    if (!stream)
        return;
    struct streams *streams = &stream->exchange->server->streams;
    pthread_mutex_lock(&streams->lock);
    if (stream->is_ready)
        unlink_ready(streams, stream);
    if (stream->newer)
        stream->newer->older = stream->older;
    else
        streams->newest = stream->older;
    if (stream->older)
        stream->older->newer = stream->newer;
    streams->count--;
    pthread_mutex_unlock(&streams->lock);
    queue_finish(&stream->queue);
    free(stream);
}

void http_stream_push(struct http_stream *const *targets, size_t count, struct http_event *event)
{
    if (!count || !event->text_len)
        return;
    struct http_server *server = targets[0]->exchange->server;
    pthread_mutex_lock(&server->streams.lock);
    for (size_t i = 0; i < count; i++)
        push_one(&server->streams, targets[i], event);
    pthread_mutex_unlock(&server->streams.lock);
    mailbox_wake(server->mailbox);
}

void http_stream_end(struct http_stream *stream)
{
    struct http_server *server = stream->exchange->server;
    pthread_mutex_lock(&server->streams.lock);
    stream->ended = true;
    mark_ready(&server->streams, stream);
    pthread_mutex_unlock(&server->streams.lock);
    mailbox_wake(server->mailbox);
}
