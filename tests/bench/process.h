/* Servers beside the bench: the product's own, and a bare libmicrohttpd as its baseline. */
#ifndef TESTS_BENCH_PROCESS_H
#define TESTS_BENCH_PROCESS_H

#include <sys/types.h>

#include "tests/bench/bench.h"

struct process {
    pid_t pid;
    int port;
    double started_s; /* from its start until it answered */
};

/* `$RAPPORT serve` on the data directory and a free port, without a limit of rate. */
struct process process_serve(const char *directory);
/* Answers every GET with 1 KiB of JSON: one thread, epoll. */
struct process process_hello(void);
/* Answers GET /stream with a stream, and tells all of them an event at GET /push: one thread,
 * epoll.
 */
struct process process_bare_streams(void);
/* Ends it by SIGTERM and waits. */
void process_stop(struct process *process);
/* Resident memory, in MiB. */
double process_memory_mib(const struct process *process);
/* Seconds of CPU so far. */
double process_cpu_s(const struct process *process);

#endif
