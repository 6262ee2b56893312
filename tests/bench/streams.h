/* Many open streams, read all the time by a thread of their own: when the last one had what was
 * told. */
#ifndef TESTS_BENCH_STREAMS_H
#define TESTS_BENCH_STREAMS_H

#include "lib/base/str.h"
#include "tests/bench/bench.h"

struct streams;
/* Opens them one after the other on 127.0.0.1 and waits until each has begun. `requests` are used
 * in turns, `per_request` times each; borrowed for the call. */
struct streams *streams_open(int port, int count, const struct str *requests, int per_request);
void streams_close(struct streams *streams);
/* From here on each is to get one "event: fact" more. */
void streams_expect(struct streams *streams);
/* Waits until the last one has got it; when that was, by bench_now_s. Ends the bench after half a
 * minute. */
double streams_wait(struct streams *streams);

#endif
