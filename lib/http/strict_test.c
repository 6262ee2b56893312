/* Every refusal that lib/http makes by itself, over raw sockets. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/http/wire_test.h"

#define GET "GET /hello HTTP/1.1\r\n"
#define POST "POST /whole HTTP/1.1\r\n"
#define HOST "Host: x\r\n"

/* The product's answer with this status, and nothing reached the handler. */
static bool is_refused(const char *bytes, size_t len, int status)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send_bytes(fd, bytes, len);
    int got = wire_read(fd, &text);
    bool good = got == status && wire_has(&text, "refused: ") && !atomic_load(&wire.handled);
    if (!good)
        printf("\n    got %.*s\n", (int)text.len, text.bytes);
    return good;
}

#define CHECK_REFUSED(status, literal) CHECK(is_refused((literal), sizeof(literal) - 1, (status)))

TEST(http_strict, refuses_two_Content_Lengths)
{
    CHECK_REFUSED(400, POST HOST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc");
    CHECK_REFUSED(400, POST HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc");
}

/* libmicrohttpd answers these before it asks us. */
static bool is_closed_with(const char *request, int status)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, request);
    return wire_read(fd, &text) == status && wire_is_closed(fd) && !atomic_load(&wire.handled) &&
           wire_wait(&wire.finished, 1) && atomic_load(&wire.last_status) == status;
}

TEST(http_strict, refuses_a_Content_Length_that_is_a_list_or_no_number)
{
    CHECK(is_closed_with(POST HOST "Content-Length: 3, 3\r\n\r\nabc", 400));
    CHECK(is_closed_with(POST HOST "Content-Length: 3 \r\n\r\nabc", 400));
    CHECK(is_closed_with(POST HOST "Content-Length: +3\r\n\r\nabc", 400));
    CHECK(is_closed_with(POST HOST "Content-Length: 0x3\r\n\r\nabc", 400));
    CHECK(is_closed_with(POST HOST "Content-Length: -3\r\n\r\nabc", 400));
    CHECK(is_closed_with(POST HOST "Content-Length:\r\n\r\nabc", 400));
    CHECK(is_closed_with(POST HOST "Content-Length: 99999999999999999999999\r\n\r\nabc", 413));
    CHECK_REFUSED(413, POST HOST "Content-Length: 9999999999999999999\r\n\r\nabc");
}

TEST(http_strict, refuses_requests_without_a_version_or_with_another_protocol)
{
    SCOPED_WIRE wire = {0};
    wire_start(&wire, NULL);
    CHECK_INT(400, wire_status(&wire, "GET /hello\r\n" HOST "\r\n"));
    CHECK_INT(400, wire_status(&wire, "GET /hello HTTP/1.1 \r\n" HOST "\r\n"));
    CHECK_INT(400, wire_status(&wire, "GET /hello http/1.1\r\n" HOST "\r\n"));
    CHECK_INT(505, wire_status(&wire, "GET /hello HTTP/2.0\r\n" HOST "\r\n"));
    CHECK_INT(505, wire_status(&wire, "GET /hello HTTP/0.9\r\n" HOST "\r\n"));
    CHECK_INT(400, wire_status(&wire, GET HOST "X-Test\r\n\r\n"));
    CHECK_INT(0, atomic_load(&wire.handled));
}

TEST(http_strict, refuses_Content_Length_with_Transfer_Encoding)
{
    CHECK_REFUSED(400, POST HOST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n");
    CHECK_REFUSED(400, POST HOST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n");
}

TEST(http_strict, refuses_transfer_codings_but_chunked)
{
    CHECK_REFUSED(501, POST HOST "Transfer-Encoding: gzip\r\n\r\n");
    CHECK_REFUSED(501, POST HOST "Transfer-Encoding: gzip, chunked\r\n\r\n");
    CHECK_REFUSED(501, POST HOST "Transfer-Encoding: chunked, identity\r\n\r\n");
    CHECK_REFUSED(501, POST HOST "Transfer-Encoding: xchunked\r\n\r\n");
    CHECK_REFUSED(501, POST HOST "Transfer-Encoding: chunked \r\n\r\n");
    CHECK_REFUSED(501,
                  POST HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n");
    CHECK_REFUSED(400, "POST /whole HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(http_strict, refuses_no_or_two_Hosts)
{
    CHECK_REFUSED(400, GET "\r\n");
    CHECK_REFUSED(400, GET "X-Test: a\r\n\r\n");
    CHECK_REFUSED(400, GET HOST HOST "\r\n");
    CHECK_REFUSED(400, GET HOST "host: y\r\n\r\n");
    CHECK_REFUSED(400, GET "Host: \r\n\r\n");
    CHECK_REFUSED(400, GET "Host: a b\r\n\r\n");
    CHECK_REFUSED(400, GET "Host: a/b\r\n\r\n");
    CHECK_REFUSED(400, GET "Host: a@b\r\n\r\n");
}

TEST(http_strict, refuses_folded_headers)
{
    CHECK_REFUSED(400, GET HOST "X-Test: a\r\n b\r\n\r\n");
    CHECK_REFUSED(400, GET HOST "X-Test: a\r\n\tb\r\n\r\n");
    CHECK_REFUSED(400, GET "Host: x\r\n \r\n\r\n");
    CHECK_REFUSED(400, GET " Host: x\r\n\r\n");
}

TEST(http_strict, refuses_NUL_in_headers)
{
    CHECK_REFUSED(400, GET HOST "X-Test: a\0b\r\n\r\n");
    CHECK_REFUSED(400, GET HOST "X-Test: a\0\0X-Other: b\r\n\r\n");
    CHECK_REFUSED(400, GET HOST "X-Test: a\0\r\n\r\n");
    CHECK_REFUSED(400, GET HOST "X-Test: a\0\0\r\n\r\n");
    CHECK_REFUSED(400, GET HOST "X-Test:\0\r\n\r\n");
    CHECK_REFUSED(400, "GET /hello\0 HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(400, "GET /hello?a=\0b HTTP/1.1\r\n" HOST "\r\n");
}

TEST(http_strict, refuses_control_characters_in_headers)
{
    CHECK_REFUSED(400, GET HOST "X-Test: a\x01"
                                "b\r\n\r\n");
    CHECK_REFUSED(400, GET HOST "X-Test: a\x7f\r\n\r\n");
    CHECK_REFUSED(400, GET HOST "X-Test: a\rb\r\n\r\n");
    CHECK_REFUSED(400, GET HOST "X-Test: a\xff\r\n\r\n");
}

TEST(http_strict, refuses_lines_that_end_without_CR)
{
    CHECK_REFUSED(400, "GET /hello HTTP/1.1\n" HOST "\r\n");
    CHECK_REFUSED(400, GET "Host: x\n\r\n");
    CHECK_REFUSED(400, GET HOST "\n");
}

TEST(http_strict, refuses_white_space_before_the_colon)
{
    CHECK_REFUSED(400, GET "Host : x\r\n\r\n");
    CHECK_REFUSED(400, GET HOST "X-Test\t: x\r\n\r\n");
    CHECK_REFUSED(400, GET HOST "X Test: x\r\n\r\n");
    CHECK_REFUSED(400, GET HOST ": x\r\n\r\n");
    CHECK_REFUSED(400, GET HOST "X(Test): x\r\n\r\n");
}

TEST(http_strict, refuses_a_target_that_is_no_origin_form)
{
    CHECK_REFUSED(400, "GET http://x/hello HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(400, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(400, "GET hello HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(400, "GET /hello#part HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(400, "CONNECT x:443 HTTP/1.1\r\n" HOST "\r\n");
}

TEST(http_strict, refuses_more_than_one_space_in_the_request_line)
{
    CHECK_REFUSED(400, "GET  /hello HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(400, "GET /hello  HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(400, "GET /hel lo HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(400, "GET\t/hello /hello HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(400, "G(T /hello HTTP/1.1\r\n" HOST "\r\n");
}

TEST(http_strict, refuses_versions_but_1_0_and_1_1)
{
    CHECK_REFUSED(505, "GET /hello HTTP/1.2\r\n" HOST "\r\n");
    CHECK_REFUSED(505, "GET /hello HTTP/1.9\r\n" HOST "\r\n");
}

TEST(http_strict, refuses_escapes_and_queries_that_are_not_well_formed)
{
    CHECK_REFUSED(400, "GET /hello%zz HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(400, "GET /hello%00 HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(400, "GET /hello?a=%ff HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(400, "GET /hello?a=1&a=2 HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(400, "GET /x/../hello HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(400, "GET //hello HTTP/1.1\r\n" HOST "\r\n");
}

TEST(http_strict, refuses_unknown_paths_and_methods)
{
    CHECK_REFUSED(404, "GET /nowhere HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(501, "BREW /hello HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(405, "DELETE /hello HTTP/1.1\r\n" HOST "\r\n");
}

TEST(http_strict, says_which_methods_a_path_takes)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "POST /hello HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc" GET HOST "\r\n");
    CHECK_INT(405, wire_read(fd, &text));
    CHECK(wire_has(&text, "\r\nAllow: GET, HEAD\r\n"));
    CHECK_INT(200, wire_read(fd, &text));
}

TEST(http_strict, refuses_expectations_but_100_continue)
{
    CHECK_REFUSED(417, POST HOST "Expect: 200-ok\r\nContent-Length: 3\r\n\r\nabc");
}

TEST(http_strict, refuses_bodies_where_none_or_a_known_one_belongs)
{
    CHECK_REFUSED(413, GET HOST "Content-Length: 3\r\n\r\nabc");
    CHECK_REFUSED(413, GET HOST "Transfer-Encoding: chunked\r\n\r\n");
    CHECK_REFUSED(411, "POST /upload HTTP/1.1\r\n" HOST "\r\n");
    CHECK_REFUSED(411, "POST /pieces HTTP/1.1\r\n" HOST "\r\n");
}

static char *body_request(const char *head, size_t size_bytes)
{
    char *request = calloc(1, strlen(head) + size_bytes + 1);
    CHECK(request);
    memcpy(request, head, strlen(head));
    memset(request + strlen(head), 'x', size_bytes);
    return request;
}

TEST(http_strict, refuses_bodies_over_the_limit_and_keeps_the_connection)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    char *request = body_request(POST HOST "Content-Length: 65537\r\n\r\n", 65537);
    wire_send(fd, request);
    free(request);
    CHECK_INT(413, wire_read(fd, &text));
    request = body_request(
        "POST /upload HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n10001\r\n", 0x10001);
    wire_send(fd, request);
    free(request);
    wire_send(fd, "\r\n0\r\n\r\n");
    CHECK_INT(413, wire_read(fd, &text));
    wire_send(fd, GET HOST "\r\n");
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_INT(1, atomic_load(&wire.handled));
}

TEST(http_strict, cuts_a_client_that_never_stops_sending)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    char *request =
        body_request(POST HOST "Transfer-Encoding: chunked\r\n\r\n120000\r\n", 0x120000);
    wire_send(fd, request);
    free(request);
    CHECK_INT(413, wire_read(fd, &text));
    CHECK(wire_is_closed(fd));
    CHECK(wire_wait(&wire.finished, 1));
    CHECK_INT(413, atomic_load(&wire.last_status));
}

TEST(http_strict, refuses_chunks_that_are_not_well_formed)
{
    SCOPED_WIRE wire = {0};
    wire_start(&wire, NULL);
    CHECK_INT(400, wire_status(&wire, POST HOST "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"));
    CHECK_INT(400, wire_status(&wire, POST HOST "Transfer-Encoding: chunked\r\n\r\n 3\r\nabc"));
    CHECK_INT(400, wire_status(&wire, POST HOST "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n"));
    CHECK(wire_wait(&wire.finished, 3));
    CHECK_INT(400, atomic_load(&wire.last_status));
    CHECK_INT(0, atomic_load(&wire.handled));
}

TEST(http_strict, refuses_long_addresses_and_heads)
{
    char *request = body_request("GET /", 5000);
    char *whole = calloc(1, 20000);
    CHECK(whole);
    snprintf(whole, 20000, "%s HTTP/1.1\r\n" HOST "\r\n", request);
    CHECK(is_refused(whole, strlen(whole), 414));
    free(request);
    request = body_request("X-Test: ", 8200);
    snprintf(whole, 20000, GET HOST "%s\r\n\r\n", request);
    CHECK(is_refused(whole, strlen(whole), 431));
    free(request);
    size_t len = (size_t)snprintf(whole, 20000, GET HOST);
    for (int i = 0; i < 101; i++)
        len += (size_t)snprintf(whole + len, 20000 - len, "X-%d: y\r\n", i);
    snprintf(whole + len, 20000 - len, "\r\n");
    CHECK(is_refused(whole, strlen(whole), 431));
    free(whole);
}

TEST(http_strict, refuses_a_head_that_never_ends)
{
    SCOPED_WIRE wire = {0};
    char *request = body_request(GET HOST "X-Test: ", 60000);
    wire_start(&wire, NULL);
    CHECK_INT(431, wire_status(&wire, request));
    free(request);
    /* Some fit into libmicrohttpd's memory, some leave none for the answer, some do not fit. */
    for (size_t size_bytes = 9000; size_bytes < 20000; size_bytes += 500) {
        request = body_request(GET HOST "X-Test: ", size_bytes);
        memcpy(request + strlen(request) - 4, "\r\n\r\n", 4);
        CHECK_INT(431, wire_status(&wire, request));
        free(request);
    }
    request = body_request("GET /", 60000);
    CHECK_INT(414, wire_status(&wire, request));
    free(request);
    CHECK_INT(0, atomic_load(&wire.handled));
}

TEST(http_strict, limits_the_rate_of_an_address)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    struct http_options options = wire_options(&wire);
    options.rate_per_second = 1;
    wire_start(&wire, &options);
    SCOPED_FD fd = wire_connect(&wire);
    for (int i = 0; i < 10; i++) {
        wire_send(fd, GET HOST "\r\n");
        CHECK_INT(200, wire_read(fd, &text));
    }
    wire_send(fd, GET HOST "\r\n");
    CHECK_INT(429, wire_read(fd, &text));
    CHECK(wire_has(&text, "\r\nRetry-After: "));
}
