/* Streams of events over raw sockets: order, slow readers, clients that leave, many, the end. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/time.h"
#include "lib/http/wire_test.h"

#define HOST "Host: x\r\n"
#define STREAM "GET /stream HTTP/1.1\r\n" HOST "\r\n"

enum { STREAMS_MAX = 4096, WAITING_MAX_BYTES = 64 * 1024, MANY = 2000, BEAT_MS = 100 };

/* The product: keeps the streams that are open and pushes to all of them. */
struct hub {
    struct wire wire; /* first: its handlers are called with it */
    pthread_mutex_t lock;
    struct http_stream *streams[STREAMS_MAX];
    size_t count;
    size_t waiting_max_bytes; /* 0: WAITING_MAX_BYTES */
    size_t connections_max;   /* 0: STREAMS_MAX */
    int stall_ms;             /* 0: long */
    atomic_int opened;
    atomic_bool pushing;
};

static void keep(struct hub *hub, struct http_stream *stream)
{
    pthread_mutex_lock(&hub->lock);
    if (hub->count == STREAMS_MAX)
        abort();
    hub->streams[hub->count++] = stream;
    pthread_mutex_unlock(&hub->lock);
}

static void forget(struct hub *hub, const struct http_stream *stream)
{
    pthread_mutex_lock(&hub->lock);
    for (size_t i = 0; i < hub->count; i++)
        if (hub->streams[i] == stream)
            hub->streams[i] = hub->streams[--hub->count];
    pthread_mutex_unlock(&hub->lock);
}

static void push(struct hub *hub, const char *text)
{
    struct http_event *event = http_event_new(str_from_c(text));
    pthread_mutex_lock(&hub->lock);
    http_stream_push(hub->streams, hub->count, event);
    pthread_mutex_unlock(&hub->lock);
    http_event_free(event);
}

static void handle(void *self, struct http_exchange *exchange)
{
    struct hub *hub = self;
    struct str path = http_request(exchange)->path;
    if (str_equal(path, STR("/hello"))) {
        http_answer(exchange, 200, "text/plain", STR("hello"));
        return;
    }
    struct http_stream *stream = http_stream_open(exchange, hub->waiting_max_bytes);
    http_set_state(exchange, stream);
    keep(hub, stream);
    if (str_equal(path, STR("/early"))) {
        struct http_event *event = http_event_new(STR("data: early\n\n"));
        http_stream_push(&stream, 1, event);
        http_event_free(event);
    }
    if (str_equal(path, STR("/changed")))
        http_answer(exchange, 409, "text/plain", STR("no"));
    else
        http_answer_stream(exchange);
    atomic_fetch_add(&hub->opened, 1);
}

static void finished(void *self, struct http_exchange *exchange, int status, int64_t sent_bytes,
                     int64_t duration_us)
{
    struct hub *hub = self;
    (void)duration_us;
    forget(hub, http_state(exchange));
    atomic_store(&hub->wire.last_status, status);
    atomic_store(&hub->wire.last_sent_bytes, sent_bytes);
    atomic_fetch_add(&hub->wire.finished, 1);
}

static void hub_start(struct hub *hub, int heartbeat_ms)
{
    static const struct http_route routes[] = {
        {.method = "GET", .path = "/hello"},
        {.method = "GET", .path = "/stream"},
        {.method = "GET", .path = "/early"},
        {.method = "GET", .path = "/changed"},
    };
    struct http_options options = wire_options(&hub->wire);
    options.routes = routes;
    options.route_count = ARRAY_LEN(routes);
    options.handler = (struct http_handler){.self = hub, .handle = handle, .finished = finished};
    options.connections_max = hub->connections_max ? hub->connections_max : STREAMS_MAX;
    if (hub->stall_ms)
        options.body_deadline_ms = hub->stall_ms;
    options.connections_peer_max = STREAMS_MAX;
    options.queue_max = STREAMS_MAX;
    options.heartbeat_ms = heartbeat_ms;
    /* The loop looks at its clock about four times in the least of these. */
    options.idle_timeout_ms = 4 * BEAT_MS;
    if (!hub->waiting_max_bytes)
        hub->waiting_max_bytes = WAITING_MAX_BYTES;
    pthread_mutex_init(&hub->lock, NULL);
    wire_start(&hub->wire, &options);
}

static void hub_stop(struct hub *hub)
{
    atomic_store(&hub->pushing, false);
    wire_stop(&hub->wire);
    pthread_mutex_destroy(&hub->lock);
}
#define SCOPED_HUB CLEANUP(hub_stop) struct hub

static int open_stream(struct hub *hub, const char *request)
{
    int opened = atomic_load(&hub->opened);
    int fd = wire_connect(&hub->wire);
    wire_send(fd, request);
    CHECK(wire_wait(&hub->opened, opened + 1));
    return fd;
}

/* Reads until the text has come; what came before it is in `ret_text`. */
static bool read_until(int fd, const char *text, struct wire_text *ret_text)
{
    ret_text->len = 0;
    while (ret_text->len < WIRE_TEXT_MAX && !wire_has(ret_text, text)) {
        ssize_t len = recv(fd, ret_text->bytes + ret_text->len, WIRE_TEXT_MAX - ret_text->len, 0);
        if (len <= 0)
            return false;
        ret_text->len += (size_t)len;
    }
    return wire_has(ret_text, text);
}

static struct http_counts counts(const struct hub *hub)
{
    struct http_counts counts;
    http_server_counts(hub->wire.server, &counts);
    return counts;
}

static bool wait_for_dropped(const struct hub *hub, uint64_t least)
{
    struct timespec pause = {0, 1000 * 1000};
    for (int i = 0; i < 5000 && counts(hub).streams_dropped < least; i++)
        nanosleep(&pause, NULL);
    return counts(hub).streams_dropped >= least;
}

TEST(http_stream, sends_its_head_before_there_is_an_event)
{
    SCOPED_HUB hub = {0};
    struct wire_text text;
    hub_start(&hub, 0);
    SCOPED_FD fd = open_stream(&hub, STREAM);
    CHECK(read_until(fd, "\r\n\r\n", &text));
    CHECK(wire_has(&text, "HTTP/1.1 200 OK\r\n"));
    CHECK(wire_has(&text, "Content-Type: text/event-stream\r\n"));
    CHECK(wire_has(&text, " GMT\r\nConnection: close\r\n"));
    CHECK(wire_has(&text, "Transfer-Encoding: chunked\r\n"));
    CHECK_INT(1, counts(&hub).streams);
    push(&hub, "data: first\n\n");
    CHECK(read_until(fd, "data: first\n\n", &text));
}

TEST(http_stream, sends_what_was_pushed_before_the_answer)
{
    SCOPED_HUB hub = {0};
    struct wire_text text;
    hub_start(&hub, 0);
    SCOPED_FD fd = open_stream(&hub, "GET /early HTTP/1.1\r\n" HOST "\r\n");
    CHECK(read_until(fd, "data: early\n\n", &text));
}

TEST(http_stream, may_be_answered_otherwise_after_it_was_opened)
{
    SCOPED_HUB hub = {0};
    struct wire_text text;
    hub_start(&hub, 0);
    SCOPED_FD fd = open_stream(&hub, "GET /changed HTTP/1.1\r\n" HOST "\r\n");
    CHECK_INT(409, wire_read(fd, &text));
    CHECK(wire_wait(&hub.wire.finished, 1));
    CHECK_INT(409, atomic_load(&hub.wire.last_status));
    wire_send(fd, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
    CHECK_INT(200, wire_read(fd, &text));
}

TEST(http_stream, has_no_body_for_HEAD_and_no_chunks_for_HTTP_1_0)
{
    SCOPED_HUB hub = {0};
    struct wire_text text;
    hub_start(&hub, 0);
    SCOPED_FD head = open_stream(&hub, "HEAD /stream HTTP/1.1\r\n" HOST "\r\n");
    CHECK_INT(200, wire_read(head, &text));
    CHECK(wire_wait(&hub.wire.finished, 1));
    CHECK_INT(200, atomic_load(&hub.wire.last_status));
    SCOPED_FD old = open_stream(&hub, "GET /stream HTTP/1.0\r\n" HOST "\r\n");
    CHECK(read_until(old, "\r\n\r\n", &text));
    CHECK(!wire_has(&text, "chunked"));
    push(&hub, "data: plain\n\n");
    CHECK(read_until(old, "data: plain\n\n", &text));
    http_stream_end(hub.streams[0]);
    CHECK(wire_is_closed(old));
}

TEST(http_stream, ends_after_what_waits_and_closes_the_connection)
{
    SCOPED_HUB hub = {0};
    struct wire_text text;
    hub_start(&hub, 0);
    SCOPED_FD fd = open_stream(&hub, STREAM);
    push(&hub, "data: last\n\n");
    pthread_mutex_lock(&hub.lock);
    http_stream_end(hub.streams[0]);
    pthread_mutex_unlock(&hub.lock);
    CHECK(read_until(fd, "0\r\n\r\n", &text));
    CHECK(wire_has(&text, "data: last\n\n"));
    CHECK(wire_wait(&hub.wire.finished, 1));
    CHECK_INT(200, atomic_load(&hub.wire.last_status));
    CHECK_INT(12, atomic_load(&hub.wire.last_sent_bytes));
    CHECK_INT(0, counts(&hub).streams);
    CHECK(wire_is_closed(fd));
    CHECK_INT(0, counts(&hub).connections);
}

/* The whole of what a client gets, without the frames of chunks, must be the numbers in order. */
static bool reads_numbers(int fd, int count)
{
    char line[64];
    size_t len = 0;
    int next = 0;
    while (next < count) {
        char c;
        if (recv(fd, &c, 1, 0) != 1)
            return false;
        if (c != '\n' && len < sizeof(line) - 1) {
            line[len++] = c;
            continue;
        }
        char wanted[32];
        snprintf(wanted, sizeof(wanted), "data: %d", next);
        line[len] = '\0';
        if (strncmp(line, "data: ", 6) == 0) {
            if (strcmp(line, wanted) != 0)
                return false;
            next++;
        }
        len = 0;
    }
    return true;
}

TEST(http_stream, keeps_the_order_for_everybody)
{
    enum { EVENTS = 1000, READERS = 3 };
    SCOPED_HUB hub = {0};
    char text[32];
    int fds[READERS];
    hub_start(&hub, 0);
    for (int i = 0; i < READERS; i++)
        fds[i] = open_stream(&hub, STREAM);
    for (int i = 0; i < EVENTS; i++) {
        snprintf(text, sizeof(text), "data: %d\n\n", i);
        push(&hub, text);
    }
    for (int i = 0; i < READERS; i++)
        CHECK(reads_numbers(fds[i], EVENTS));
    for (int i = 0; i < READERS; i++)
        wire_close(&fds[i]);
    CHECK_INT(0, counts(&hub).streams_dropped);
}

TEST(http_stream, drops_who_does_not_read_and_slows_nobody)
{
    enum { EVENT_BYTES = 8 * 1024, EVENTS = 2000 };
    SCOPED_HUB hub = {0};
    static char big[EVENT_BYTES + 1];
    struct wire_text text;
    memset(big, 'x', EVENT_BYTES);
    memcpy(big + EVENT_BYTES - 2, "\n\n", 2);
    hub_start(&hub, 0);
    SCOPED_FD slow = open_stream(&hub, STREAM);
    SCOPED_FD good = open_stream(&hub, STREAM);
    int pushed = 0;
    for (; pushed < EVENTS && !counts(&hub).streams_dropped; pushed++) {
        push(&hub, big);
        CHECK(read_until(good, "\n\n", &text));
    }
    /* What the sockets of both ends hold beside our own bound stays small. */
    CHECK(wait_for_dropped(&hub, 1));
    CHECK(pushed < EVENTS);
    CHECK(wire_wait(&hub.wire.finished, 1));
    CHECK_INT(1, counts(&hub).streams);
    CHECK(wire_is_closed(slow));
    push(&hub, "data: still here\n\n");
    CHECK(read_until(good, "data: still here\n\n", &text));
}

TEST(http_stream, is_dropped_by_one_event_over_its_limit)
{
    SCOPED_HUB hub = {0};
    hub_start(&hub, 0);
    char *huge = malloc(WAITING_MAX_BYTES + 1);
    CHECK(huge);
    memset(huge, 'x', WAITING_MAX_BYTES);
    huge[WAITING_MAX_BYTES] = '\0';
    SCOPED_FD fd = open_stream(&hub, STREAM);
    push(&hub, huge);
    free(huge);
    CHECK(wait_for_dropped(&hub, 1));
    CHECK(wire_is_closed(fd));
}

TEST(http_stream, beats_while_there_is_nothing_to_say)
{
    SCOPED_HUB hub = {0};
    struct wire_text text;
    hub_start(&hub, BEAT_MS);
    SCOPED_FD fd = open_stream(&hub, STREAM);
    for (int i = 0; i < 3; i++)
        CHECK(read_until(fd, ":\n\n", &text));
}

TEST(http_stream, sees_by_the_heartbeat_that_a_client_left)
{
    SCOPED_HUB hub = {0};
    hub_start(&hub, BEAT_MS);
    int fd = open_stream(&hub, STREAM);
    wire_close(&fd);
    CHECK(wire_wait(&hub.wire.finished, 1));
    CHECK_INT(200, atomic_load(&hub.wire.last_status));
    CHECK_INT(0, counts(&hub).streams);
    CHECK_INT(0, hub.count);
}

TEST(http_stream, sees_at_once_that_a_client_left)
{
    SCOPED_HUB hub = {0};
    struct wire_text text;
    hub_start(&hub, 0);
    int fd = open_stream(&hub, STREAM);
    CHECK(read_until(fd, "\r\n\r\n", &text));
    wire_close(&fd);
    CHECK(wire_wait(&hub.wire.finished, 1));
    CHECK_INT(0, counts(&hub).connections);
}

TEST(http_stream, is_dropped_when_its_client_takes_nothing_for_long)
{
    enum { MEGABYTE = 1024 * 1024, EVENTS = 2048 };
    SCOPED_HUB hub = {.waiting_max_bytes = 4 * MEGABYTE, .stall_ms = 4 * BEAT_MS};
    char kilobyte[1025];
    memset(kilobyte, 'x', 1024);
    kilobyte[1024] = '\0';
    hub_start(&hub, 0);
    SCOPED_FD fd = open_stream(&hub, STREAM);
    for (int i = 0; i < EVENTS; i++)
        push(&hub, kilobyte);
    CHECK(wait_for_dropped(&hub, 1));
    CHECK(wire_wait(&hub.wire.finished, 1));
    CHECK(wire_is_closed(fd));
}

TEST(http_stream, counts_as_a_connection_that_is_open)
{
    SCOPED_HUB hub = {.connections_max = 2};
    struct wire_text text;
    hub_start(&hub, 0);
    SCOPED_FD first = open_stream(&hub, STREAM);
    SCOPED_FD second = open_stream(&hub, STREAM);
    CHECK(read_until(first, "\r\n\r\n", &text) && read_until(second, "\r\n\r\n", &text));
    CHECK_INT(2, counts(&hub).connections);
    int third = wire_connect(&hub.wire);
    CHECK(wire_is_closed(third));
    wire_close(&third);
    wire_close(&first);
    CHECK(wire_wait(&hub.wire.finished, 1));
    SCOPED_FD fourth = open_stream(&hub, STREAM);
    CHECK(read_until(fourth, "\r\n\r\n", &text));
}

static void *push_on(void *arg)
{
    struct hub *hub = arg;
    struct timespec pause = {0, 200 * 1000};
    while (atomic_load(&hub->pushing)) {
        push(hub, "data: on and on\n\n");
        nanosleep(&pause, NULL);
    }
    return NULL;
}

TEST(http_stream, takes_pushes_from_threads_while_clients_come_and_go)
{
    enum { PUSHERS = 2, VISITS = 60 };
    SCOPED_HUB hub = {0};
    pthread_t threads[PUSHERS];
    struct wire_text text;
    hub_start(&hub, BEAT_MS);
    atomic_store(&hub.pushing, true);
    for (int i = 0; i < PUSHERS; i++)
        CHECK(pthread_create(&threads[i], NULL, push_on, &hub) == 0);
    bool came = true;
    for (int i = 0; i < VISITS; i++) {
        int fd = open_stream(&hub, STREAM);
        came = came && (i % 2 || read_until(fd, "data: on and on\n\n", &text));
        wire_close(&fd);
    }
    atomic_store(&hub.pushing, false);
    for (int i = 0; i < PUSHERS; i++)
        pthread_join(threads[i], NULL);
    CHECK(came);
    CHECK(wire_wait(&hub.wire.finished, VISITS));
    CHECK_INT(0, counts(&hub).streams);
}

TEST(http_stream, reaches_thousands_of_clients_with_one_push)
{
    SCOPED_HUB hub = {0};
    static int fds[MANY];
    struct wire_text text;
    hub_start(&hub, 0);
    for (int i = 0; i < MANY; i++) {
        fds[i] = wire_connect(&hub.wire);
        wire_send(fds[i], STREAM);
    }
    CHECK(wire_wait(&hub.opened, MANY));
    int64_t begin_ms = monotonic_ms();
    push(&hub, "data: to all\n\n");
    int64_t pushed_ms = monotonic_ms() - begin_ms;
    int reached = 0;
    for (int i = 0; i < MANY; i++)
        reached += read_until(fds[i], "data: to all\n\n", &text);
    int64_t all_ms = monotonic_ms() - begin_ms;
    for (int i = 0; i < MANY; i++)
        wire_close(&fds[i]);
    CHECK_INT(MANY, reached);
    CHECK(pushed_ms < 1000);
    CHECK(all_ms < 5000);
}

TEST(http_stream, ends_at_once_when_the_server_stops)
{
    SCOPED_HUB hub = {0};
    struct wire_text text;
    hub_start(&hub, 0);
    SCOPED_FD idle = open_stream(&hub, STREAM);
    SCOPED_FD told = open_stream(&hub, STREAM);
    push(&hub, "data: the last\n\n");
    int64_t begin_ms = monotonic_ms();
    http_server_stop(hub.wire.server, 5000);
    hub.wire.server = NULL;
    CHECK(monotonic_ms() - begin_ms < 2500);
    CHECK_INT(2, atomic_load(&hub.wire.finished));
    CHECK_INT(0, hub.count);
    CHECK(read_until(told, "0\r\n\r\n", &text));
    CHECK(wire_has(&text, "data: the last\n\n"));
    CHECK(wire_is_closed(idle));
}

TEST(http_stream, of_a_client_that_does_not_read_is_cut_when_the_grace_is_over)
{
    /* More than both sockets hold, less than the stream's limit. */
    enum { GRACE_MS = 200, MEGABYTE = 1024 * 1024, EVENTS = 2048 };
    SCOPED_HUB hub = {.waiting_max_bytes = 4 * MEGABYTE};
    char kilobyte[1025];
    memset(kilobyte, 'x', 1024);
    kilobyte[1024] = '\0';
    hub_start(&hub, 0);
    SCOPED_FD fd = open_stream(&hub, STREAM);
    for (int i = 0; i < EVENTS; i++)
        push(&hub, kilobyte);
    int64_t begin_ms = monotonic_ms();
    http_server_stop(hub.wire.server, GRACE_MS);
    hub.wire.server = NULL;
    CHECK(monotonic_ms() - begin_ms >= GRACE_MS);
    CHECK(wire_is_closed(fd));
    CHECK(monotonic_ms() - begin_ms < 5000);
    CHECK_INT(1, atomic_load(&hub.wire.finished));
}
