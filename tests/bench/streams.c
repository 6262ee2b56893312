/* A reader of many streams: one thread, epoll. */
#include "tests/bench/streams.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_MAX = 256, BUFFER_BYTES = 64 * 1024, TAIL_BYTES = 16, WAIT_MAX_S = 30, LOOK_MS = 10 };

static const char fact_mark[] = "event: fact\n";

struct stream {
    int fd;
    char tail[TAIL_BYTES]; /* a mark may come in two pieces */
    size_t tail_len;
    int64_t facts;
};

struct streams {
    int epoll;
    int count;
    struct stream *rows;
    pthread_t thread;
    atomic_bool stopping;
    pthread_mutex_t lock; /* of what follows, and of the rows */
    int64_t wanted;       /* facts of each */
    int missing;          /* who has fewer */
    double last_s;        /* when the last one had them */
};

/* ---- reading ---- */

static int64_t count_marks(struct stream *stream, const char *bytes, size_t len)
{
    char text[TAIL_BYTES + BUFFER_BYTES];
    size_t mark = sizeof(fact_mark) - 1, total = stream->tail_len + len;
    int64_t count = 0;
    memcpy(text, stream->tail, stream->tail_len);
    memcpy(text + stream->tail_len, bytes, len);
    struct str rest = {text, total};
    for (size_t at; str_find(rest, (struct str){fact_mark, mark}, &at); count++)
        rest = str_slice(rest, at + mark, rest.len);
    stream->tail_len = rest.len < mark - 1 ? rest.len : mark - 1;
    memcpy(stream->tail, text + total - stream->tail_len, stream->tail_len);
    return count;
}

static void receive(struct streams *streams, struct stream *stream)
{
    char bytes[BUFFER_BYTES];
    ssize_t len = recv(stream->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len <= 0)
        bench_fail("the server ended a stream");
    pthread_mutex_lock(&streams->lock);
    bool had = stream->facts >= streams->wanted;
    stream->facts += count_marks(stream, bytes, (size_t)len);
    if (!had && stream->facts >= streams->wanted && --streams->missing == 0)
        streams->last_s = bench_now_s();
    pthread_mutex_unlock(&streams->lock);
}

static void *work(void *arg)
{
    struct streams *streams = arg;
    struct epoll_event events[EVENTS_MAX];
    while (!atomic_load(&streams->stopping)) {
        int count = epoll_wait(streams->epoll, events, EVENTS_MAX, LOOK_MS);
        for (int i = 0; i < count; i++)
            receive(streams, events[i].data.ptr);
    }
    return NULL;
}

void streams_expect(struct streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    streams->wanted++;
    streams->missing = 0;
    for (int i = 0; i < streams->count; i++)
        streams->missing += streams->rows[i].facts < streams->wanted;
    pthread_mutex_unlock(&streams->lock);
}

double streams_wait(struct streams *streams)
{
    double began = bench_now_s(), last = 0;
    int missing = 1;
    while (missing) {
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        pthread_mutex_lock(&streams->lock);
        missing = streams->missing;
        last = streams->last_s;
        pthread_mutex_unlock(&streams->lock);
        if (bench_now_s() - began > WAIT_MAX_S)
            bench_fail("%d of %d streams were not told", missing, streams->count);
    }
    return last;
}

/* ---- opening ---- */

static void begin(struct streams *streams, struct stream *stream, int port, struct str request)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char answer[4096];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = stream};
    stream->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (stream->fd < 0 || connect(stream->fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        send(stream->fd, request.ptr, request.len, MSG_NOSIGNAL) != (ssize_t)request.len)
        bench_fail("no stream can be opened: %s", strerror(errno));
    ssize_t len = recv(stream->fd, answer, sizeof(answer), 0);
    if (len < 12 || memcmp(answer, "HTTP/1.1 200", 12) != 0)
        bench_fail("no stream: %.*s", (int)(len < 0 ? 0 : len), answer);
    epoll_ctl(streams->epoll, EPOLL_CTL_ADD, stream->fd, &event);
}

struct streams *streams_open(int port, int count, const struct str *requests, int per_request)
{
    struct streams *streams = calloc(1, sizeof(*streams));
    struct stream *rows = calloc((size_t)count, sizeof(*rows));
    if (!streams || !rows)
        abort();
    *streams = (struct streams){.epoll = epoll_create1(0), .count = count, .rows = rows};
    for (int i = 0; i < count; i++)
        begin(streams, &rows[i], port, requests[i / per_request]);
    if (pthread_mutex_init(&streams->lock, NULL) ||
        pthread_create(&streams->thread, NULL, work, streams))
        bench_fail("no thread can be made");
    return streams;
}

void streams_close(struct streams *streams)
{
    atomic_store(&streams->stopping, true);
    pthread_join(streams->thread, NULL);
    pthread_mutex_destroy(&streams->lock);
    for (int i = 0; i < streams->count; i++)
        close(streams->rows[i].fd);
    close(streams->epoll);
    free(streams->rows);
    free(streams);
}
