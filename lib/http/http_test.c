/* What a client sees of a server that is used as meant. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/http/wire_test.h"

#define HOST "Host: x\r\n"
#define HEAD HOST "\r\n"

TEST(http, answers_request_after_request_on_one_connection)
{
    struct wire wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    int fd = wire_connect(&wire);
    for (int i = 0; i < 3; i++) {
        wire_send(fd, "GET /hello HTTP/1.1\r\n" HEAD);
        CHECK_INT(200, wire_read(fd, &text));
        CHECK_STR("hello", wire_body(&text));
        CHECK(wire_has(&text, "\r\nDate: "));
        CHECK(wire_has(&text, "\r\nContent-Type: text/plain\r\n"));
        CHECK(!wire_has(&text, "close"));
    }
    wire_close(&fd);
    wire_stop(&wire);
    CHECK_INT(3, atomic_load(&wire.finished));
    CHECK_INT(200, atomic_load(&wire.last_status));
    CHECK_INT(5, atomic_load(&wire.last_sent_bytes));
}

TEST(http, answers_requests_that_were_sent_together_in_their_order)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "GET /later HTTP/1.1\r\n" HEAD "POST /whole HTTP/1.1\r\n" HOST
                  "Content-Length: 3\r\n\r\nabcGET /hello HTTP/1.1\r\n" HEAD);
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_STR("later", wire_body(&text));
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_STR("abc", wire_body(&text));
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_STR("hello", wire_body(&text));
}

TEST(http, takes_a_request_byte_by_byte)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    const char *request = "POST /whole?a=b HTTP/1.1\r\n" HOST "X-Test: some value\r\n"
                          "Content-Length: 3\r\n\r\nabc";
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    for (const char *at = request; *at; at++)
        wire_send_bytes(fd, at, 1);
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_STR("abc", wire_body(&text));
}

TEST(http, hands_the_handler_what_the_request_says)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "GET /%65cho?q=a+b%26&n=%C3%A9&flag HTTP/1.1\r\n" HOST
                  "X-TEST:  two words \r\nCookie: a=1; b=two\r\nX-Request-Id: re-Q.1_\r\n\r\n");
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_STR("GET /echo peer=127.0.0.1 tls=0 id=re-Q.1_ test=two words cookie=two q=[a b&] "
              "n=[\xC3\xA9] flag=[]",
              wire_body(&text));
    CHECK(wire_has(&text, "\r\nX-Extra: yes\r\n"));
    wire_send(fd, "GET /partners/a%20b HTTP/1.1\r\n" HEAD);
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_STR("a b", wire_body(&text));
}

TEST(http, makes_a_request_id_when_the_given_one_is_not_well_formed)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "GET /echo HTTP/1.1\r\n" HOST "X-Request-Id: a b\r\n\r\n");
    CHECK_INT(200, wire_read(fd, &text));
    CHECK(!wire_has(&text, "id=a b"));
    CHECK(!wire_has(&text, "id= "));
}

TEST(http, believes_a_forwarded_address_only_of_the_trusted_proxy)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    struct http_options options = wire_options(&wire);
    const char *request = "GET /echo HTTP/1.1\r\n" HOST
                          "X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\nX-Forwarded-Proto: https\r\n\r\n";
    wire_start(&wire, &options);
    int fd = wire_connect(&wire);
    wire_send(fd, request);
    CHECK_INT(200, wire_read(fd, &text));
    CHECK(wire_has(&text, "peer=127.0.0.1 tls=0"));
    wire_close(&fd);
    wire_stop(&wire);
    options.trusted_proxy = STR("127.0.0.1");
    wire_start(&wire, &options);
    fd = wire_connect(&wire);
    wire_send(fd, request);
    CHECK_INT(200, wire_read(fd, &text));
    CHECK(wire_has(&text, "peer=192.0.2.7 tls=1"));
    wire_close(&fd);
}

TEST(http, answers_HEAD_without_a_body)
{
    SCOPED_WIRE wire = {0};
    char got[4096] = {0};
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "HEAD /hello HTTP/1.1\r\nConnection: close\r\n" HEAD);
    size_t len = 0;
    ssize_t more;
    while ((more = recv(fd, got + len, sizeof(got) - 1 - len, 0)) > 0)
        len += (size_t)more;
    CHECK(strstr(got, "HTTP/1.1 200 OK\r\n") == got);
    CHECK(strstr(got, "Content-Length: 5\r\n"));
    CHECK(strcmp(got + len - 4, "\r\n\r\n") == 0);
}

TEST(http, closes_when_the_client_asks_for_it)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "GET /hello HTTP/1.1\r\nConnection: close\r\n" HEAD);
    CHECK_INT(200, wire_read(fd, &text));
    CHECK(wire_has(&text, "Connection: close"));
    CHECK(wire_is_closed(fd));
    SCOPED_FD old = wire_connect(&wire);
    wire_send(old, "GET /hello HTTP/1.0\r\n\r\n");
    CHECK_INT(200, wire_read(old, &text));
    CHECK(wire_is_closed(old));
}

TEST(http, sends_files_and_large_answers_whole)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    char got[65536];
    size_t len = 0;
    ssize_t more;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "GET /file HTTP/1.1\r\n" HEAD);
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_STR("from a file", wire_body(&text));
    wire_send(fd, "GET /big HTTP/1.1\r\nConnection: close\r\n" HEAD);
    while ((more = recv(fd, got, sizeof(got), 0)) > 0)
        len += (size_t)more;
    CHECK(len > 1024 * 1024);
    CHECK(len < 1024 * 1024 + 400);
}

TEST(http, takes_whole_bodies_by_length_and_chunked)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "POST /whole HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nabcde");
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_STR("abcde", wire_body(&text));
    wire_send(fd, "POST /whole HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
                  "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_STR("abcde", wire_body(&text));
    wire_send(fd, "POST /whole HTTP/1.1\r\n" HEAD);
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_STR("", wire_body(&text));
}

TEST(http, takes_a_body_of_exactly_its_limit)
{
    SCOPED_WIRE wire = {0};
    static const char bytes[64 * 1024];
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "POST /whole HTTP/1.1\r\n" HOST "Content-Length: 65536\r\n\r\n");
    wire_send_bytes(fd, bytes, sizeof(bytes));
    CHECK_INT(200, wire_read(fd, &text));
    CHECK(wire_has(&text, "Content-Length: 65536"));
}

TEST(http, spools_files)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    for (int i = 0; i < 2; i++) {
        wire_send(fd, "POST /upload HTTP/1.1\r\n" HOST "Content-Length: 7\r\n\r\na file.");
        CHECK_INT(201, wire_read(fd, &text));
        CHECK_STR("a file.", wire_body(&text));
    }
}

TEST(http, hands_pieces_over_that_end_at_a_newline)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    for (int i = 0; i < 2; i++) {
        char line[128];
        wire_send(fd, "POST /pieces HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n");
        for (int row = 0; row < 25; row++) {
            int len = snprintf(line, sizeof(line), "64\r\n%099d\n\r\n", row);
            wire_send_bytes(fd, line, (size_t)len);
        }
        wire_send(fd, "0\r\n\r\n");
        CHECK_INT(200, wire_read(fd, &text));
        CHECK_STR("1000 1000 500 last ", wire_body(&text));
    }
}

TEST(http, hands_over_one_empty_piece_for_an_empty_stream)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "POST /pieces HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n");
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_STR("0 last ", wire_body(&text));
}

TEST(http, cuts_a_line_longer_than_a_piece)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    char bytes[2500];
    memset(bytes, 'x', sizeof(bytes));
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "POST /pieces HTTP/1.1\r\n" HOST "Content-Length: 2500\r\n\r\n");
    wire_send_bytes(fd, bytes, sizeof(bytes));
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_STR("1024 1024 452 last ", wire_body(&text));
}

TEST(http, drops_the_rest_of_a_stream_that_is_answered)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    char *bytes = calloc(1, 3 * 1024 * 1024);
    CHECK(bytes);
    memcpy(bytes, "stop", 4);
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "POST /pieces HTTP/1.1\r\n" HOST "Content-Length: 3145728\r\n\r\n");
    wire_send_bytes(fd, bytes, 3 * 1024 * 1024);
    free(bytes);
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_STR("1024 ", wire_body(&text));
    wire_send(fd, "GET /hello HTTP/1.1\r\n" HEAD);
    CHECK_INT(200, wire_read(fd, &text));
}

TEST(http, tells_a_client_that_waits_to_go_on)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd,
              "POST /whole HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    CHECK_INT(100, wire_read(fd, &text));
    wire_send(fd, "abc");
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_STR("abc", wire_body(&text));
}

TEST(http, refuses_a_client_that_waits_before_its_body)
{
    SCOPED_WIRE wire = {0};
    wire_start(&wire, NULL);
    CHECK_INT(413, wire_status(&wire, "POST /whole HTTP/1.1\r\n" HOST
                                      "Expect: 100-continue\r\nContent-Length: 70000\r\n\r\n"));
    CHECK_INT(403, wire_status(&wire, "POST /refused HTTP/1.1\r\n" HOST
                                      "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
    CHECK_INT(404, wire_status(&wire, "POST /nowhere HTTP/1.1\r\n" HOST
                                      "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
    CHECK_INT(0, atomic_load(&wire.handled));
}

TEST(http, lets_the_product_answer_what_has_no_route)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    struct http_counts counts;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "GET /there HTTP/1.1\r\n" HEAD "GET /nowhere HTTP/1.1\r\n" HEAD);
    CHECK_INT(200, wire_read(fd, &text));
    CHECK(wire_has(&text, "there without a route"));
    CHECK_INT(404, wire_read(fd, &text));
    CHECK_INT(0, atomic_load(&wire.handled));
    http_server_counts(wire.server, &counts);
    CHECK_INT(1, counts.refused);
}

TEST(http, counts_what_it_did)
{
    SCOPED_WIRE wire = {0};
    struct wire_text text;
    struct http_counts counts;
    wire_start(&wire, NULL);
    SCOPED_FD fd = wire_connect(&wire);
    wire_send(fd, "GET /hello HTTP/1.1\r\n" HEAD "GET /nowhere HTTP/1.1\r\n" HEAD);
    CHECK_INT(200, wire_read(fd, &text));
    CHECK_INT(404, wire_read(fd, &text));
    CHECK(wire_wait(&wire.finished, 2));
    http_server_counts(wire.server, &counts);
    CHECK_INT(2, counts.requests);
    CHECK_INT(1, counts.refused);
    CHECK_INT(1, counts.connections);
    CHECK_INT(0, counts.waiting);
    CHECK(counts.bytes_sent > 5);
}
