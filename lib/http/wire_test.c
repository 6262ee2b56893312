/* See wire_test.h. */
#include "lib/http/wire_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/parse.h"

enum { WAIT_MS = 10000, BIG_BYTES = 1024 * 1024, BODY_MAX = 64 * 1024 };

static const struct http_route routes[] = {
    {.method = "GET", .path = "/hello"},
    {.method = "GET", .path = "/echo"},
    {.method = "GET", .path = "/later"},
    {.method = "GET", .path = "/slow", .lane = HTTP_SLOW},
    {.method = "GET", .path = "/big"},
    {.method = "GET", .path = "/file"},
    {.method = "GET", .path = "/partners/{id}"},
    {.method = "POST", .path = "/whole", .body = HTTP_BODY_WHOLE, .body_max_bytes = BODY_MAX},
    {.method = "POST", .path = "/upload", .body = HTTP_BODY_FILE, .body_max_bytes = BODY_MAX},
    {.method = "POST", .path = "/pieces", .body = HTTP_BODY_PIECES},
    {.method = "POST", .path = "/refused", .body = HTTP_BODY_WHOLE, .body_max_bytes = BODY_MAX},
};

/* ---- the product ---- */

static int admit(void *self, struct http_exchange *exchange)
{
    struct wire *wire = self;
    atomic_fetch_add(&wire->admitted, 1);
    return str_equal(http_request(exchange)->path, STR("/refused")) ? 403 : 0;
}

static void echo(struct http_exchange *exchange)
{
    const struct http_request *request = http_request(exchange);
    struct buf buf;
    struct str name, value;
    size_t at = 0;
    buf_init(&buf, http_arena(exchange), WIRE_TEXT_MAX);
    buf_format(&buf, "%.*s %.*s peer=%.*s tls=%d", STR_ARG(request->method), STR_ARG(request->path),
               STR_ARG(request->peer), request->tls);
    buf_format(&buf, " id=%.*s test=%.*s", STR_ARG(request->id),
               STR_ARG(http_header(exchange, "x-test")));
    buf_format(&buf, " cookie=%.*s", STR_ARG(http_cookie(exchange, "b")));
    while (http_query_next(exchange, &at, &name, &value))
        buf_format(&buf, " %.*s=[%.*s]", STR_ARG(name), STR_ARG(value));
    http_add_header(exchange, "X-Extra", STR("yes"));
    http_answer(exchange, 200, "text/plain", buf_str(&buf));
}

static void *answer_later(void *arg)
{
    struct timespec pause = {0, 20 * 1000 * 1000};
    nanosleep(&pause, NULL);
    http_answer(arg, 200, "text/plain", STR("later"));
    return NULL;
}

static void start_later(struct http_exchange *exchange)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, answer_later, exchange))
        abort();
    pthread_detach(thread);
}

static void wait_while_held(struct wire *wire)
{
    struct timespec pause = {0, 1000 * 1000};
    atomic_fetch_add(&wire->held, 1);
    while (atomic_load(&wire->hold))
        nanosleep(&pause, NULL);
}

static void answer_file(struct http_exchange *exchange)
{
    char path[] = "/tmp/rapport-wire-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, "from a file", 11) != 11)
        abort();
    unlink(path);
    http_answer_file(exchange, 200, "text/plain", fd, 11);
}

static void answer_upload(struct http_exchange *exchange)
{
    const struct http_request *request = http_request(exchange);
    char *text = arena_alloc(http_arena(exchange), (size_t)request->body_bytes + 1);
    ssize_t len = read(request->body_fd, text, (size_t)request->body_bytes);
    http_answer(exchange, 201, "text/plain", (struct str){text, len < 0 ? 0 : (size_t)len});
}

static void handle(void *self, struct http_exchange *exchange)
{
    struct wire *wire = self;
    const struct http_request *request = http_request(exchange);
    struct str path = request->path;
    atomic_fetch_add(&wire->handled, 1);
    if (str_equal(path, STR("/slow")))
        wait_while_held(wire);
    if (str_equal(path, STR("/echo")))
        echo(exchange);
    else if (str_equal(path, STR("/later")))
        start_later(exchange);
    else if (str_equal(path, STR("/file")))
        answer_file(exchange);
    else if (str_equal(path, STR("/upload")))
        answer_upload(exchange);
    else if (str_equal(path, STR("/whole")))
        http_answer(exchange, 200, "text/plain", request->body);
    else if (str_equal(path, STR("/big")))
        http_answer(exchange, 200, "text/plain",
                    (struct str){arena_alloc(http_arena(exchange), BIG_BYTES), BIG_BYTES});
    else if (str_starts_with(path, STR("/partners/")))
        http_answer(exchange, 200, "text/plain", http_param(exchange, "id"));
    else
        http_answer(exchange, 200, "text/plain", STR("hello"));
}

struct pieces {
    struct buf seen;
    int64_t bytes;
};

/* Answers how long each piece was; "stop" at the start of a piece ends it early. */
static void piece(void *self, struct http_exchange *exchange, struct str bytes, bool last)
{
    struct pieces *pieces = http_state(exchange);
    (void)self;
    if (!pieces) {
        pieces = ARENA_NEW(http_arena(exchange), struct pieces);
        buf_init(&pieces->seen, http_arena(exchange), WIRE_TEXT_MAX);
        http_set_state(exchange, pieces);
    }
    pieces->bytes += (int64_t)bytes.len;
    buf_format(&pieces->seen, "%zu%s ", bytes.len, last ? " last" : "");
    if (last || str_starts_with(bytes, STR("stop")))
        http_answer(exchange, 200, "text/plain", buf_str(&pieces->seen));
    else
        http_piece_done(exchange);
}

/* "/there" is there without a route. */
static bool missing(void *self, struct http_exchange *exchange)
{
    (void)self;
    if (!str_equal(http_request(exchange)->path, STR("/there")))
        return false;
    http_answer(exchange, 200, "text/plain", STR("there without a route"));
    return true;
}

static void refuse(void *self, struct http_exchange *exchange, int status, struct str sentence)
{
    (void)self;
    struct str body = arena_format(http_arena(exchange), "refused: %.*s", STR_ARG(sentence));
    http_answer(exchange, status, "text/plain", body);
}

static void finished(void *self, struct http_exchange *exchange, int status, int64_t sent_bytes,
                     int64_t duration_us)
{
    struct wire *wire = self;
    (void)exchange;
    (void)duration_us;
    atomic_store(&wire->last_status, status);
    atomic_store(&wire->last_sent_bytes, sent_bytes);
    atomic_fetch_add(&wire->finished, 1);
}

/* ---- the server ---- */

struct http_options wire_options(struct wire *wire)
{
    return (struct http_options){
        .address = STR("127.0.0.1:0"),
        .routes = routes,
        .route_count = ARRAY_LEN(routes),
        .handler = {.self = wire,
                    .admit = admit,
                    .handle = handle,
                    .piece = piece,
                    .missing = missing,
                    .refuse = refuse,
                    .finished = finished},
        .quick_workers = 2,
        .slow_workers = 1,
        .queue_max = 1000,
        .connections_max = 1000,
        .connections_peer_max = 1000,
        .header_bytes_max = 8 * 1024,
        .arena_bytes_max = 4 * 1024 * 1024,
        .piece_bytes = 1024,
        .header_deadline_ms = 5000,
        .body_deadline_ms = 5000,
        .idle_timeout_ms = 5000,
        .spool_directory = "/tmp",
    };
}

void wire_start(struct wire *wire, const struct http_options *options)
{
    struct http_options standard = wire_options(wire);
    struct fault fault;
    CHECK_OK(http_server_start(options ? options : &standard, &wire->server, &fault));
}

void wire_stop(struct wire *wire)
{
    atomic_store(&wire->hold, false);
    http_server_stop(wire->server, 1000);
    wire->server = NULL;
}

/* ---- the client ---- */

int wire_connect(const struct wire *wire)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct timeval patience = {.tv_sec = WAIT_MS / 1000};
    address.sin_port = htons((uint16_t)http_server_port(wire->server));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(fd >= 0);
    CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0);
    CHECK(connect(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)) == 0);
    return fd;
}

void wire_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void wire_send_bytes(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        CHECK(sent > 0);
        bytes += sent;
        len -= (size_t)sent;
    }
}

void wire_send(int fd, const char *text)
{
    wire_send_bytes(fd, text, strlen(text));
}

static int64_t content_length(struct str head)
{
    struct str line;
    int64_t length = 0;
    while (str_split(&head, '\n', &line)) {
        line = str_trim(line);
        if (str_starts_with(line, STR("Content-Length: ")) &&
            !parse_int64(str_slice(line, 16, line.len), 0, INT64_MAX, &length))
            return -1;
    }
    return length;
}

static int status_of(struct str text)
{
    int64_t status = 0;
    bool good = str_starts_with(text, STR("HTTP/1.1 ")) &&
                parse_int64(str_slice(text, 9, 12), 100, 599, &status);
    return good ? (int)status : -1;
}

static bool is_complete(const struct wire_text *text)
{
    struct str all = {text->bytes, text->len};
    size_t end;
    if (!str_find(all, STR("\r\n\r\n"), &end))
        return false;
    struct str head = str_slice(all, 0, end);
    return status_of(all) == 100 || (int64_t)(all.len - end - 4) >= content_length(head);
}

int wire_read(int fd, struct wire_text *ret_text)
{
    ret_text->len = 0;
    while (ret_text->len < WIRE_TEXT_MAX && !is_complete(ret_text)) {
        ssize_t len = recv(fd, ret_text->bytes + ret_text->len, 1, 0);
        if (len <= 0)
            break;
        ret_text->len += (size_t)len;
    }
    return ret_text->len ? status_of((struct str){ret_text->bytes, ret_text->len}) : 0;
}

bool wire_is_closed(int fd)
{
    char dropped[4096];
    ssize_t len;
    do
        len = recv(fd, dropped, sizeof(dropped), 0);
    while (len > 0);
    return len == 0 || errno == ECONNRESET;
}

int wire_status(const struct wire *wire, const char *request)
{
    struct wire_text text;
    SCOPED_FD fd = wire_connect(wire);
    wire_send(fd, request);
    return wire_read(fd, &text);
}

struct str wire_body(const struct wire_text *text)
{
    struct str all = {text->bytes, text->len};
    size_t end;
    return str_find(all, STR("\r\n\r\n"), &end) ? str_slice(all, end + 4, all.len) : STR("");
}

bool wire_has(const struct wire_text *text, const char *needle)
{
    return str_find((struct str){text->bytes, text->len}, str_from_c(needle), NULL);
}

bool wire_wait(atomic_int *value, int least)
{
    struct timespec pause = {0, 1000 * 1000};
    for (int i = 0; i < WAIT_MS; i++) {
        if (atomic_load(value) >= least)
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}
