/* Raw sockets for the tests of lib/http, and a small product behind the server. */
#ifndef LIB_HTTP_WIRE_TEST_H
#define LIB_HTTP_WIRE_TEST_H

#include <stdatomic.h>

#include "lib/http/http.h"
#include "tests/support/test.h"

/* Routes: GET /hello, /echo, /later, /slow, /big, /file, /partners/{id}; POST /whole, /upload (a
 * file), /pieces, /refused. Without a route, but answered: /there. */
struct wire {
    struct http_server *server;
    atomic_int finished;
    atomic_int last_status;
    atomic_int admitted;
    atomic_int handled;
    atomic_int_least64_t last_sent_bytes;
    atomic_bool hold; /* while set, /slow does not answer */
    atomic_int held;
};

struct http_options wire_options(struct wire *wire);
/* Starts with the options above when NULL. */
void wire_start(struct wire *wire, const struct http_options *options);
void wire_stop(struct wire *wire);
#define SCOPED_WIRE CLEANUP(wire_stop) struct wire

int wire_connect(const struct wire *wire);
void wire_close(int *fd);
#define SCOPED_FD CLEANUP(wire_close) int

/* NUL-terminated text, or bytes. Fails the test when the peer takes no more. */
void wire_send(int fd, const char *text);
void wire_send_bytes(int fd, const char *bytes, size_t len);
/* One answer (head and body by Content-Length), or all until the end. In static-size memory of the
 * caller. */
enum { WIRE_TEXT_MAX = 64 * 1024 };
struct wire_text {
    char bytes[WIRE_TEXT_MAX];
    size_t len;
};
/* Reads until one answer is complete or the peer closes; 0 when nothing came, else its status. */
int wire_read(int fd, struct wire_text *ret_text);
/* Whether the peer closes within some seconds. */
bool wire_is_closed(int fd);
/* Sends the request on a new connection and returns the status of its first answer. */
int wire_status(const struct wire *wire, const char *request);
/* The text after the answer's head. */
struct str wire_body(const struct wire_text *text);
bool wire_has(const struct wire_text *text, const char *needle);
/* Waits until `*value` is at least `least`; false after some seconds. */
bool wire_wait(atomic_int *value, int least);

#endif
