/* See stream.h; the contract is in http.h. */
#include "lib/http/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/time.h"
#include "lib/http/exchange.h"

enum {
    /* The kernel doubles it. Without a cap it would queue megabytes for a reader that stalls. */
    SEND_BUFFER_BYTES = 16 * 1024,
    /* Only for clients of HTTP/1.0; chunks are made in the connection's own memory. */
    BLOCK_BYTES = 512,
    SLOTS_FIRST = 4,
    /* What an event costs a stream beside its bytes, so that one limit bounds both. */
    EVENT_COST_BYTES = 32
};

struct http_event {
    atomic_size_t owners;
    size_t len;
    char bytes[];
};

/* Guarded by the server's lock, but for `exchange`, which does not change. */
struct http_stream {
    struct http_exchange *exchange;
    struct http_stream *newer;
    struct http_stream *older;
    struct http_stream *next_ready;
    struct http_event **slots; /* a ring */
    size_t slot_count;
    size_t first;
    size_t waiting;
    size_t first_sent_bytes; /* of the first event */
    size_t waiting_bytes;
    size_t waiting_max_bytes;
    int64_t last_sent_ms;
    bool is_ready;
    bool asleep; /* suspended by read_stream */
    bool ended;
    bool dropped;
};

/* ---- events ---- */

struct http_event *http_event_new(struct str bytes)
{
    struct http_event *event = malloc(sizeof(*event) + bytes.len);
    if (!event)
        abort();
    atomic_init(&event->owners, 1);
    event->len = bytes.len;
    if (bytes.len)
        memcpy(event->bytes, bytes.ptr, bytes.len);
    return event;
}

void http_event_free(struct http_event *event)
{
    if (event && atomic_fetch_sub(&event->owners, 1) == 1)
        free(event);
}

/* ---- the queue of a stream, locked ---- */

static void grow(struct http_stream *stream)
{
    size_t count = stream->slot_count ? stream->slot_count * 2 : SLOTS_FIRST;
    struct http_event **slots = calloc(count, sizeof(struct http_event *));
    if (!slots)
        abort();
    for (size_t i = 0; i < stream->waiting; i++)
        slots[i] = stream->slots[(stream->first + i) % stream->slot_count];
    free(stream->slots);
    stream->slots = slots;
    stream->slot_count = count;
    stream->first = 0;
}

static void append(struct http_stream *stream, struct http_event *event)
{
    if (stream->waiting == stream->slot_count)
        grow(stream);
    atomic_fetch_add(&event->owners, 1);
    stream->slots[(stream->first + stream->waiting) % stream->slot_count] = event;
    stream->waiting++;
    stream->waiting_bytes += event->len + EVENT_COST_BYTES;
}

static void remove_first(struct http_stream *stream)
{
    struct http_event *event = stream->slots[stream->first];
    stream->first = (stream->first + 1) % stream->slot_count;
    stream->waiting--;
    stream->waiting_bytes -= event->len + EVENT_COST_BYTES;
    stream->first_sent_bytes = 0;
    http_event_free(event);
}

/* A burst may have made it long; idle streams are many and stay small. */
static void forget_queue(struct http_stream *stream)
{
    while (stream->waiting)
        remove_first(stream);
    if (stream->slot_count > SLOTS_FIRST) {
        free(stream->slots);
        stream->slots = NULL;
        stream->slot_count = 0;
        stream->first = 0;
    }
}

static size_t take_bytes(struct http_stream *stream, char *bytes, size_t max_bytes)
{
    size_t taken = 0;
    while (stream->waiting && taken < max_bytes) {
        const struct http_event *event = stream->slots[stream->first];
        size_t left = event->len - stream->first_sent_bytes;
        size_t len = left < max_bytes - taken ? left : max_bytes - taken;
        memcpy(bytes + taken, event->bytes + stream->first_sent_bytes, len);
        stream->first_sent_bytes += len;
        taken += len;
        if (len == left)
            remove_first(stream);
    }
    return taken;
}

static void mark_ready(struct streams *streams, struct http_stream *stream)
{
    if (stream->is_ready)
        return;
    stream->is_ready = true;
    stream->next_ready = streams->ready;
    streams->ready = stream;
}

static void push_one(struct streams *streams, struct http_stream *stream, struct http_event *event)
{
    if (stream->ended || stream->dropped)
        return;
    if (stream->waiting_bytes + event->len + EVENT_COST_BYTES <= stream->waiting_max_bytes) {
        append(stream, event);
    } else {
        forget_queue(stream);
        stream->dropped = true;
        streams->dropped++;
    }
    mark_ready(streams, stream);
}

/* ---- what libmicrohttpd asks for, on the event thread ---- */

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
    if (len)
        stream->last_sent_ms = monotonic_ms();
    if (stream->asleep)
        forget_queue(stream);
    pthread_mutex_unlock(&streams->lock);
    if (dropped)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    stream->exchange->answer.size_bytes += (int64_t)len;
    if (len)
        return (ssize_t)len;
    if (ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    MHD_suspend_connection(stream->exchange->mhd);
    return 0;
}

struct MHD_Response *stream_response(struct http_stream *stream)
{
    int bytes = SEND_BUFFER_BYTES;
    /* Where the system refuses, its own limit holds, and the queue's as before. */
    setsockopt(stream->exchange->connection->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream, stream,
                                             NULL);
}

/* ---- all streams of a server ---- */

void streams_init(struct streams *streams)
{
    *streams = (struct streams){.heartbeat = http_event_new(STR(":\n\n"))};
    if (pthread_mutex_init(&streams->lock, NULL))
        abort();
}

void streams_finish(struct streams *streams)
{
    assert(!streams->count);
    http_event_free(streams->heartbeat);
    pthread_mutex_destroy(&streams->lock);
}

void streams_take_ready(struct streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    struct http_stream *stream = streams->ready;
    streams->ready = NULL;
    for (; stream; stream = stream->next_ready) {
        stream->is_ready = false;
        if (stream->dropped)
            shutdown(stream->exchange->connection->fd, SHUT_RDWR);
        if (stream->asleep)
            MHD_resume_connection(stream->exchange->mhd);
        stream->asleep = false;
    }
    pthread_mutex_unlock(&streams->lock);
}

void streams_beat(struct streams *streams, int64_t now_ms, int heartbeat_ms)
{
    if (!heartbeat_ms)
        return;
    pthread_mutex_lock(&streams->lock);
    for (struct http_stream *each = streams->newest; each; each = each->older)
        if (each->asleep && now_ms - each->last_sent_ms >= heartbeat_ms)
            push_one(streams, each, streams->heartbeat);
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
    forget_queue(stream);
    pthread_mutex_unlock(&streams->lock);
    free(stream->slots);
    free(stream);
}

void http_stream_push(struct http_stream *const *targets, size_t count, struct http_event *event)
{
    if (!count || !event->len)
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
