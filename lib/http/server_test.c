/* Deadlines, limits, clients that go away, and the end of the server. */
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/base/time.h"
#include "lib/http/wire_test.h"

#define HOST "Host: x\r\n"
#define HELLO "GET /hello HTTP/1.1\r\n" HOST "\r\n"
#define SLOW "GET /slow HTTP/1.1\r\n" HOST "\r\n"

enum { SHORT_MS = 200, DRIBBLE_MS = 20, LONG_MS = 600 };

static void pause_ms(int ms)
{
    struct timespec pause = {ms / 1000, (long)(ms % 1000) * 1000 * 1000};
    nanosleep(&pause, NULL);
}

static struct http_options impatient(struct wire *wire)
{
    struct http_options options = wire_options(wire);
    options.header_deadline_ms = SHORT_MS;
    options.body_deadline_ms = SHORT_MS;
    options.idle_timeout_ms = SHORT_MS;
    return options;
}

/* Sends a byte every now and then until the server has enough of it. */
static int64_t dribble(int fd, char c)
{
    int64_t begin_ms = monotonic_ms();
    char got;
    while (monotonic_ms() - begin_ms < LONG_MS * 10) {
        if (send(fd, &c, 1, MSG_NOSIGNAL) != 1 || recv(fd, &got, 1, MSG_DONTWAIT | MSG_PEEK) >= 0)
            break;
        pause_ms(DRIBBLE_MS);
    }
    return monotonic_ms() - begin_ms;
}

TEST(http_deadline, closes_a_connection_that_never_asks)
{
    SCOPED_WIRE wire = {0};
    struct http_options options = impatient(&wire);
    wire_start(&wire, &options);
    SCOPED_FD fd = wire_connect(&wire);
    CHECK(wire_is_closed(fd));
}

TEST(http_deadline, ends_headers_that_trickle)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    struct http_options options = impatient(&wire);
    wire_start(&wire, &options);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "GET /hello HTTP/1.1\r\nX-Test: ");
    CHECK(dribble(fd, 'x') < LONG_MS * 5);
    CHECK_INT(408, wire_read(fd, &text));
    CHECK(wire_wait(&wire.finished, 1));
    CHECK_INT(408, atomic_load(&wire.last_status));
}

TEST(http_deadline, ends_a_request_line_that_trickles)
{
    SCOPED_WIRE wire = {0};
    struct http_options options = impatient(&wire);
    wire_start(&wire, &options);
    SCOPED_FD fd = wire_connect(&wire);
    CHECK(dribble(fd, 'x') < LONG_MS * 5);
}

TEST(http_deadline, ends_a_whole_body_that_trickles)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    struct http_options options = impatient(&wire);
    wire_start(&wire, &options);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "POST /whole HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\n");
    CHECK(dribble(fd, 'x') < LONG_MS * 5);
    CHECK_INT(408, wire_read(fd, &text));
    CHECK_INT(0, atomic_load(&wire.handled));
}

TEST(http_deadline, lets_a_file_take_long_as_long_as_it_goes_on)
{
    /* Longer in all than the deadline, and each pause far shorter, also on a busy machine. */
    enum { DEADLINE_MS = 1000, PAUSE_MS = 100, BYTES = 15 };
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    struct http_options options = impatient(&wire);
    options.body_deadline_ms = DEADLINE_MS;
    wire_start(&wire, &options);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "POST /upload HTTP/1.1\r\n" HOST "Content-Length: 15\r\n\r\n");
    for (int i = 0; i < BYTES; i++) {
        wire_send(fd, "x");
        pause_ms(PAUSE_MS);
    }
    CHECK_INT(201, wire_read(fd, &text));
    wire_send(fd, "POST /upload HTTP/1.1\r\n" HOST "Content-Length: 15\r\n\r\nx");
    CHECK_INT(408, wire_read(fd, &text));
}

TEST(http_deadline, closes_a_kept_connection_that_is_idle)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    struct http_options options = impatient(&wire);
    wire_start(&wire, &options);
    SCOPED_FD fd = wire_connect(&wire);
    for (int i = 0; i < 4; i++) {
        wire_send(fd, HELLO);
        CHECK_INT(200, wire_read(fd, &text));
        pause_ms(SHORT_MS / 2);
    }
    CHECK_INT(0, wire_read(fd, &text));
    CHECK(wire_is_closed(fd));
}

TEST(http_deadline, does_not_run_while_the_handler_works)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    struct http_options options = impatient(&wire);
    atomic_store(&wire.hold, true);
    wire_start(&wire, &options);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, SLOW);
    pause_ms(LONG_MS);
    atomic_store(&wire.hold, false);
    CHECK_INT(200, wire_read(fd, &text));
}

/* ---- clients that go away ---- */

TEST(http_lifetime, outlives_a_client_that_leaves_while_the_handler_works)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    atomic_store(&wire.hold, true);
    wire_start(&wire, NULL);
    int gone = wire_connect(&wire);
    wire_send(gone, SLOW);
    CHECK(wire_wait(&wire.held, 1));
    wire_close(&gone);
    pause_ms(DRIBBLE_MS);
    CHECK_INT(0, atomic_load(&wire.finished));
    atomic_store(&wire.hold, false);
    CHECK(wire_wait(&wire.finished, 1));
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, HELLO);
    CHECK_INT(200, wire_read(fd, &text));
}

TEST(http_lifetime, outlives_clients_that_leave_before_a_later_answer)
{
    SCOPED_WIRE wire = {0};
    wire_start(&wire, NULL);
    for (int i = 0; i < 50; i++) {
        int fd = wire_connect(&wire);
        wire_send(fd, "GET /later HTTP/1.1\r\n" HOST "\r\n");
        wire_close(&fd);
    }
    CHECK(wire_wait(&wire.finished, atomic_load(&wire.handled)));
}

/* It leaves once its head is read: when its end comes together with its bytes, libmicrohttpd looks
 * again only at the deadline. */
TEST(http_lifetime, tells_of_a_client_that_leaves_in_its_body)
{
    SCOPED_WIRE wire = {0};
    const char *requests[] = {
        "POST /whole HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\nabc",
        "POST /upload HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\nabc",
        "POST /pieces HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\nabc",
    };
    wire_start(&wire, NULL);
    for (int i = 0; i < (int)ARRAY_LEN(requests); i++) {
        int fd = wire_connect(&wire);
        wire_send(fd, requests[i]);
        CHECK(wire_wait(&wire.admitted, i + 1));
        wire_close(&fd);
        CHECK(wire_wait(&wire.finished, i + 1));
        CHECK_INT(0, atomic_load(&wire.last_status));
    }
    CHECK_INT(0, atomic_load(&wire.handled));
}

TEST(http_lifetime, tells_of_a_client_that_leaves_in_its_head)
{
    SCOPED_WIRE wire = {0};
    struct http_options options = impatient(&wire);
    wire_start(&wire, &options);
    int fd = wire_connect(&wire);
    wire_send(fd, "GET /hello HTTP/1.1\r\n" HOST);
    wire_close(&fd);
    CHECK(wire_wait(&wire.finished, 1));
    /* Seen leaving, or only that its time was over. */
    int status = atomic_load(&wire.last_status);
    CHECK(status == 0 || status == 408);
    CHECK_INT(0, atomic_load(&wire.handled));
}

/* ---- limits ---- */

TEST(http_limits, refuses_what_would_wait_too_long_for_a_worker)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    struct http_options options = wire_options(&wire);
    options.queue_max = 1;
    atomic_store(&wire.hold, true);
    wire_start(&wire, &options);
    SCOPED_FD working = wire_connect(&wire);
    wire_send(working, SLOW);
    CHECK(wire_wait(&wire.held, 1));
    SCOPED_FD waiting = wire_connect(&wire);
    wire_send(waiting, SLOW);
    pause_ms(DRIBBLE_MS);
    SCOPED_FD refused = wire_connect(&wire);
    wire_send(refused, SLOW);
    CHECK_INT(503, wire_read(refused, &text));
    CHECK(wire_has(&text, "\r\nRetry-After: "));
    wire_send(refused, HELLO);
    CHECK_INT(200, wire_read(refused, &text));
    atomic_store(&wire.hold, false);
    CHECK_INT(200, wire_read(working, &text));
    CHECK_INT(200, wire_read(waiting, &text));
}

TEST(http_limits, closes_connections_over_the_number_of_one_address)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    struct http_options options = wire_options(&wire);
    options.connections_peer_max = 2;
    wire_start(&wire, &options);
    SCOPED_FD first = wire_connect(&wire);
    SCOPED_FD second = wire_connect(&wire);
    wire_send(first, HELLO);
    CHECK_INT(200, wire_read(first, &text));
    wire_send(second, HELLO);
    CHECK_INT(200, wire_read(second, &text));
    SCOPED_FD third = wire_connect(&wire);
    CHECK(wire_is_closed(third));
}

/* ---- start and stop ---- */

TEST(http_server, says_that_the_port_is_taken)
{
    SCOPED_WIRE wire = {0};
    char address[32];
    struct fault fault;
    struct http_server *second = NULL;
    struct http_options options = wire_options(&wire);
    wire_start(&wire, &options);
    snprintf(address, sizeof(address), "127.0.0.1:%d", http_server_port(wire.server));
    options.address = str_from_c(address);
    CHECK_ERR(ERR_CONFLICT, http_server_start(&options, &second, &fault));
    CHECK(!second);
}

TEST(http_server, refuses_addresses_and_certificates_that_are_none)
{
    struct wire wire = {0};
    struct fault fault;
    struct http_server *server = NULL;
    const char *addresses[] = {"",           "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                               "nowhere:80", "::1:80",    "[]:80",      "[127.0.0.1]:80",
                               ":80"};
    struct http_options options = wire_options(&wire);
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
        options.address = str_from_c(addresses[i]);
        CHECK_ERR(ERR_INVALID, http_server_start(&options, &server, &fault));
    }
    options = wire_options(&wire);
    options.tls_certificate = STR("not a certificate");
    options.tls_key = STR("not a key");
    CHECK_ERR(ERR_INVALID, http_server_start(&options, &server, &fault));
    CHECK(!server);
}

/* Made for this test alone: CN=localhost, P-256. */
static const char certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBfzCCASWgAwIBAgIUNzkveqFdFCKmMD2qFdFf0/T7ykQwCgYIKoZIzj0EAwIw\n"
    "FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDE2MTI0MVoYDzIxMjYxMDMx\n"
    "MTYxMjQxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAAR1W4u5nNaxd4sV2/1hEphV0FdqzsK4aMDm2ZzA3LNyH/ZQvet7nT/t\n"
    "P3WszIXMq43XXy82Coj86GkmJjgou/FLo1MwUTAdBgNVHQ4EFgQUwi9RCnCNGWLD\n"
    "q9BwpH8ZqSfH7VcwHwYDVR0jBBgwFoAUwi9RCnCNGWLDq9BwpH8ZqSfH7VcwDwYD\n"
    "VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA/ZSlebntsJDIaQr+OVKi\n"
    "okS9OKA+tCYQLxKOvw9gCycCIG19oU6guSey6eQ0zdokqVZet1t+d0cXwKgA8xBB\n"
    "edAe\n"
    "-----END CERTIFICATE-----\n";
static const char private_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgoRc/Tw5rUOJnEvbK\n"
    "wiA9rXSaothHczFmSXQQKphrnhOhRANCAAR1W4u5nNaxd4sV2/1hEphV0FdqzsK4\n"
    "aMDm2ZzA3LNyH/ZQvet7nT/tP3WszIXMq43XXy82Coj86GkmJjgou/FL\n"
    "-----END PRIVATE KEY-----\n";

TEST(http_server, speaks_nothing_but_TLS_when_it_has_a_certificate)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    struct http_options options = impatient(&wire);
    options.tls_certificate = str_from_c(certificate);
    options.tls_key = str_from_c(private_key);
    wire_start(&wire, &options);
    SCOPED_FD plain = wire_connect(&wire);
    wire_send(plain, HELLO);
    CHECK(wire_read(plain, &text) <= 0);
    CHECK(!wire_has(&text, "HTTP"));
    SCOPED_FD silent = wire_connect(&wire);
    CHECK(wire_is_closed(silent));
    CHECK_INT(0, atomic_load(&wire.handled));
}

TEST(http_server, lets_a_running_request_finish_when_it_stops)
{
    struct wire wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD idle = wire_connect(&wire);
    wire_send(idle, HELLO);
    CHECK_INT(200, wire_read(idle, &text));
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "GET /later HTTP/1.1\r\n" HOST "\r\n");
    CHECK(wire_wait(&wire.handled, 2));
    int64_t begin_ms = monotonic_ms();
    http_server_stop(wire.server, 5000);
    CHECK(monotonic_ms() - begin_ms < 4000);
    CHECK_INT(200, wire_read(fd, &text));
    CHECK(wire_has(&text, "Connection: close"));
    CHECK(wire_is_closed(fd));
    CHECK(wire_is_closed(idle));
}

static void *stop_soon(void *arg)
{
    struct wire *wire = arg;
    http_server_stop(wire->server, SHORT_MS);
    return NULL;
}

TEST(http_server, closes_after_the_grace_but_waits_for_the_handler)
{
    struct wire wire = {0};
    pthread_t stopper;
    atomic_store(&wire.hold, true);
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    SCOPED_FD reading = wire_connect(&wire);
    wire_send(fd, SLOW);
    wire_send(reading, "POST /whole HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\nabc");
    CHECK(wire_wait(&wire.held, 1));
    CHECK(pthread_create(&stopper, NULL, stop_soon, &wire) == 0);
    CHECK(wire_is_closed(fd));
    CHECK(wire_is_closed(reading));
    CHECK(wire_wait(&wire.finished, 1));
    CHECK_INT(1, atomic_load(&wire.finished));
    atomic_store(&wire.hold, false);
    pthread_join(stopper, NULL);
    CHECK_INT(2, atomic_load(&wire.finished));
}

/* ---- many at once ---- */

enum { CLIENTS = 8, ROUNDS = 60 };

struct client {
    const struct wire *wire;
    int answered;
};

static void *ask_again_and_again(void *arg)
{
    static const char *const requests[] = {
        HELLO,
        "GET /later HTTP/1.1\r\n" HOST "\r\n",
        "POST /pieces HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
        "3\r\na\nb\r\n0\r\n\r\n",
        "POST /whole HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc",
        "GET /nowhere HTTP/1.1\r\n" HOST "\r\n",
    };
    struct client *client = arg;
    struct wire_text text;
    for (int i = 0; i < ROUNDS; i++) {
        int fd = wire_connect(client->wire);
        wire_send(fd, requests[i % (int)ARRAY_LEN(requests)]);
        if (i % 4)
            client->answered += wire_read(fd, &text) > 0;
        wire_close(&fd);
    }
    return NULL;
}

TEST(http_server, serves_many_clients_of_whom_some_leave)
{
    SCOPED_WIRE wire = {0};
    struct client clients[CLIENTS] = {0};
    pthread_t threads[CLIENTS];
    wire_start(&wire, NULL);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i].wire = &wire;
        CHECK(pthread_create(&threads[i], NULL, ask_again_and_again, &clients[i]) == 0);
    }
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < CLIENTS; i++)
        CHECK_INT(ROUNDS / 4 * 3, clients[i].answered);
}
