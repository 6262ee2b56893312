/* A load client: one thread, epoll, as little work for a request as can be. */
#include "tests/bench/load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/parse.h"

enum { EVENTS_MAX = 64, HEAD_MAX = 16 * 1024, ROOM = HEAD_MAX + LOAD_BODY_MAX };

struct connection {
    int fd;
    struct str request;
    size_t sent;
    double began;
    char *answer; /* what came of it; the body is dropped beyond ROOM */
    size_t got;
    size_t head_len; /* 0: the head is not whole yet */
    size_t body_len;
    int status;
    bool is_open;
};

struct run {
    const struct load *load;
    struct load_result *result;
    struct connection *connections;
    int epoll;
    int open;
};

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        bench_fail("no connection to port %d: %s", port, strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    return fd;
}

/* ---- sending ---- */

static void watch(struct run *run, struct connection *connection, int how, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};
    epoll_ctl(run->epoll, how, connection->fd, &event);
}

static void send_rest(struct run *run, struct connection *connection)
{
    while (connection->sent < connection->request.len) {
        ssize_t sent =
            send(connection->fd, connection->request.ptr + connection->sent,
                 connection->request.len - connection->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
            watch(run, connection, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return;
        }
        if (sent < 0)
            bench_fail("the server closed a connection: %s", strerror(errno));
        connection->sent += (size_t)sent;
    }
}

static void begin_request(struct run *run, struct connection *connection)
{
    int number = (int)(connection - run->connections);
    connection->sent = connection->got = connection->head_len = connection->body_len = 0;
    if (!run->load->next(run->load->self, number, &connection->request)) {
        connection->is_open = false;
        close(connection->fd);
        run->open--;
        return;
    }
    connection->began = bench_now_s();
    send_rest(run, connection);
}

/* ---- receiving ---- */

static struct str header(struct str head, const char *name)
{
    struct str line;
    size_t len = strlen(name);
    while (str_split(&head, '\n', &line))
        if (line.len > len && line.ptr[len] == ':' && strncasecmp(line.ptr, name, len) == 0)
            return str_trim(str_slice(line, len + 1, line.len));
    return (struct str){NULL, 0};
}

/* "HTTP/1.1 201 Created" */
static void read_head(struct connection *connection)
{
    size_t end;
    int64_t number;
    if (!str_find((struct str){connection->answer, connection->got}, STR("\r\n\r\n"), &end))
        return;
    struct str head = {connection->answer, end + 2};
    if (!parse_int64(str_slice(head, 9, 12), 100, 599, &number))
        bench_fail("this is no answer: %.40s", connection->answer);
    connection->status = (int)number;
    if (!parse_int64(header(head, "content-length"), 0, INT64_MAX, &number))
        number = 0;
    connection->head_len = end + 4;
    connection->body_len = (size_t)number;
}

static void end_request(struct run *run, struct connection *connection)
{
    struct load_result *result = run->result;
    size_t whole = connection->head_len + connection->body_len;
    struct str body = {connection->answer + connection->head_len,
                       (whole < ROOM ? whole : ROOM) - connection->head_len};
    bench_times_add(&result->times, bench_now_s() - connection->began);
    result->requests++;
    if (connection->status / 100 != 2 && result->refused++ == 0)
        snprintf(result->first_refusal, sizeof(result->first_refusal), "%.*s", STR_ARG(body));
    if (run->load->answered)
        run->load->answered(run->load->self, (int)(connection - run->connections),
                            connection->status, body);
    begin_request(run, connection);
}

static void receive(struct run *run, struct connection *connection)
{
    size_t at = connection->got < ROOM ? connection->got : ROOM - 1;
    ssize_t got = recv(connection->fd, connection->answer + at, ROOM - at, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0)
        bench_fail("the server closed a connection after %lld requests",
                   (long long)run->result->requests);
    connection->got += (size_t)got;
    if (!connection->head_len)
        read_head(connection);
    if (connection->head_len && connection->got >= connection->head_len + connection->body_len)
        end_request(run, connection);
}

/* ---- the run ---- */

static void open_all(struct run *run)
{
    for (int i = 0; i < run->load->connections; i++) {
        struct connection *connection = &run->connections[i];
        connection->answer = malloc(ROOM);
        if (!connection->answer)
            abort();
        connection->fd = connect_to(run->load->port);
        connection->is_open = true;
        run->open++;
        watch(run, connection, EPOLL_CTL_ADD, EPOLLIN);
    }
}

static void turn(struct run *run)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(run->epoll, events, EVENTS_MAX, -1);
    for (int i = 0; i < count; i++) {
        struct connection *connection = events[i].data.ptr;
        if (connection->is_open && (events[i].events & EPOLLOUT)) {
            watch(run, connection, EPOLL_CTL_MOD, EPOLLIN);
            send_rest(run, connection);
        }
        if (connection->is_open && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
            receive(run, connection);
    }
}

void load_run(const struct load *load, struct load_result *ret_result)
{
    *ret_result = (struct load_result){0};
    struct run run = {.load = load, .result = ret_result, .epoll = epoll_create1(0)};
    run.connections = calloc((size_t)load->connections, sizeof(struct connection));
    if (!run.connections)
        abort();
    open_all(&run);
    double began = bench_now_s();
    for (int i = 0; i < load->connections; i++)
        begin_request(&run, &run.connections[i]);
    while (run.open)
        turn(&run);
    ret_result->seconds = bench_now_s() - began;
    for (int i = 0; i < load->connections; i++)
        free(run.connections[i].answer);
    free(run.connections);
    close(run.epoll);
}
