/* Events that wait for one client: a ring of shared texts. Not locked. Private to stream*.c. */
#ifndef LIB_HTTP_STREAM_QUEUE_H
#define LIB_HTTP_STREAM_QUEUE_H

#include <stdatomic.h>
#include <sys/uio.h>

#include "lib/http/http.h"

/* The text stands in the frame of a chunk (RFC 9112, section 7.1), made once for all. */
struct http_event {
    atomic_size_t owners;
    size_t text_at, text_len;
    size_t framed_len;
    bool is_frame; /* no text of the product's: a head, or the end of a body in chunks */
    char bytes[];
};

/* {0} is empty. */
struct stream_queue {
    struct http_event **slots;
    size_t slot_count;
    size_t first, count;
    size_t sent_bytes; /* of the first event */
    size_t cost_bytes;
    bool framed; /* the client takes chunks from us */
};

/* What is sent to every client as it is. */
struct http_event *event_new_frame(struct str bytes);
/* What it counts against the limit of a queue. */
size_t event_cost(const struct http_event *event);

void queue_append(struct stream_queue *queue, struct http_event *event);
void queue_prepend(struct stream_queue *queue, struct http_event *event);
/* What is to be sent next, borrowed until it is skipped. */
size_t queue_parts(const struct stream_queue *queue, struct iovec *parts, size_t max);
/* So many bytes of it are sent. Returns how many of the product's that completes. */
size_t queue_skip(struct stream_queue *queue, size_t bytes);
/* Gives back what a burst took; idle streams are many and stay small. Only while it is empty. */
void queue_shrink(struct stream_queue *queue);
void queue_finish(struct stream_queue *queue);

#endif
