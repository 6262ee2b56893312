/* See stream_queue.h. */
#include "lib/http/stream_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS_FIRST = 4,
    /* What an event costs a stream beside its text, so that one limit bounds both. */
    EVENT_COST_BYTES = 32,
    FRAME_HEAD_MAX = 20
};

/* ---- events ---- */

static struct http_event *event_new(struct str head, struct str text, struct str tail)
{
    struct http_event *event = malloc(sizeof(*event) + head.len + text.len + tail.len);
    if (!event)
        abort();
    atomic_init(&event->owners, 1);
    event->text_at = head.len;
    event->text_len = text.len;
    event->framed_len = head.len + text.len + tail.len;
    event->is_frame = false;
    memcpy(event->bytes, head.ptr, head.len);
    if (text.len)
        memcpy(event->bytes + head.len, text.ptr, text.len);
    memcpy(event->bytes + head.len + text.len, tail.ptr, tail.len);
    return event;
}

struct http_event *http_event_new(struct str bytes)
{
    char head[FRAME_HEAD_MAX];
    int len = snprintf(head, sizeof(head), "%zX\r\n", bytes.len);
    return event_new((struct str){head, (size_t)len}, bytes, STR("\r\n"));
}

struct http_event *event_new_frame(struct str bytes)
{
    struct http_event *event = event_new(STR(""), bytes, STR(""));
    event->is_frame = true;
    return event;
}

void http_event_free(struct http_event *event)
{
    if (event && atomic_fetch_sub(&event->owners, 1) == 1)
        free(event);
}

size_t event_cost(const struct http_event *event)
{
    return event->text_len + EVENT_COST_BYTES;
}

/* ---- the ring ---- */

static void grow(struct stream_queue *queue)
{
    size_t slot_count = queue->slot_count ? queue->slot_count * 2 : SLOTS_FIRST;
    struct http_event **slots = calloc(slot_count, sizeof(struct http_event *));
    if (!slots)
        abort();
    for (size_t i = 0; i < queue->count; i++)
        slots[i] = queue->slots[(queue->first + i) % queue->slot_count];
    free(queue->slots);
    queue->slots = slots;
    queue->slot_count = slot_count;
    queue->first = 0;
}

static void take(struct stream_queue *queue, struct http_event *event, size_t slot)
{
    atomic_fetch_add(&event->owners, 1);
    queue->slots[slot] = event;
    queue->count++;
    queue->cost_bytes += event_cost(event);
}

void queue_append(struct stream_queue *queue, struct http_event *event)
{
    if (queue->count == queue->slot_count)
        grow(queue);
    take(queue, event, (queue->first + queue->count) % queue->slot_count);
}

void queue_prepend(struct stream_queue *queue, struct http_event *event)
{
    if (queue->count == queue->slot_count)
        grow(queue);
    queue->first = (queue->first + queue->slot_count - 1) % queue->slot_count;
    take(queue, event, queue->first);
}

static void remove_first(struct stream_queue *queue)
{
    struct http_event *event = queue->slots[queue->first];
    queue->first = (queue->first + 1) % queue->slot_count;
    queue->count--;
    queue->cost_bytes -= event_cost(event);
    queue->sent_bytes = 0;
    http_event_free(event);
}

static struct iovec part_of(const struct stream_queue *queue, struct http_event *event)
{
    if (queue->framed)
        return (struct iovec){event->bytes, event->framed_len};
    return (struct iovec){event->bytes + event->text_at, event->text_len};
}

size_t queue_parts(const struct stream_queue *queue, struct iovec *parts, size_t max)
{
    size_t count = queue->count < max ? queue->count : max;
    for (size_t i = 0; i < count; i++)
        parts[i] = part_of(queue, queue->slots[(queue->first + i) % queue->slot_count]);
    if (count) {
        parts[0].iov_base = (char *)parts[0].iov_base + queue->sent_bytes;
        parts[0].iov_len -= queue->sent_bytes;
    }
    return count;
}

size_t queue_skip(struct stream_queue *queue, size_t bytes)
{
    size_t told = 0;
    while (bytes) {
        struct http_event *event = queue->slots[queue->first];
        size_t left = part_of(queue, event).iov_len - queue->sent_bytes;
        if (bytes < left) {
            queue->sent_bytes += bytes;
            break;
        }
        bytes -= left;
        told += event->is_frame ? 0 : event->text_len;
        remove_first(queue);
    }
    return told;
}

void queue_shrink(struct stream_queue *queue)
{
    if (queue->count || queue->slot_count <= SLOTS_FIRST)
        return;
    free(queue->slots);
    queue->slots = NULL;
    queue->slot_count = 0;
    queue->first = 0;
}

void queue_finish(struct stream_queue *queue)
{
    while (queue->count)
        remove_first(queue);
    free(queue->slots);
    queue->slots = NULL;
    queue->slot_count = 0;
}
