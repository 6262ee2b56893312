/* A load client: keep-alive connections from one thread, each with one request on its way. */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include "lib/base/str.h"
#include "tests/bench/bench.h"

struct load {
    int port; /* on 127.0.0.1 */
    int connections;
    /* The next request of a connection, whole and borrowed until its answer; false: no more. */
    bool (*next)(void *self, int connection, struct str *ret_request);
    /* May be NULL. The body is borrowed for the call, and cut at LOAD_BODY_MAX. */
    void (*answered)(void *self, int connection, int status, struct str body);
    void *self;
};
enum { LOAD_BODY_MAX = 1024 * 1024 };

struct load_result {
    int64_t requests;
    int64_t refused;         /* answers that were not 2xx */
    char first_refusal[400]; /* the answer's body */
    double seconds;
    struct bench_times times; /* of each request */
};
/* A connection that breaks ends the bench. Finish `ret_result->times`. */
void load_run(const struct load *load, struct load_result *ret_result);

#endif
