/* The requests that the benches send, and what is to be sent next. */
#ifndef TESTS_BENCH_REQUESTS_H
#define TESTS_BENCH_REQUESTS_H

#include "tests/bench/load.h"
#include "tests/bench/product.h"

enum { REQUESTS_CONNECTIONS_MAX = 64 };

/* POST /api/v1/facts with rows [next, end), `per_request` in each: one as JSON, more as NDJSON. */
struct fact_posts {
    const struct product *product;
    enum row_ids ids;
    int64_t next, end;
    int64_t per_request;
    int64_t recorded; /* rows that the answers say are new */
    struct {
        char *text;
        size_t capacity;
    } buffers[REQUESTS_CONNECTIONS_MAX];
};
struct load_result fact_posts_run(struct fact_posts *posts, int port, int connections);

/* GET, `count` times: `path` gives the path of the request of that number. */
struct reads {
    const char *token; /* NULL: none */
    int64_t next, count;
    void (*path)(void *self, int64_t number, char *ret_path, size_t size_bytes);
    void *self;
    char texts[REQUESTS_CONNECTIONS_MAX][1024];
};
struct load_result reads_run(struct reads *reads, int port, int connections);

#endif
