/*
 * The frame of the benches: sizes from the environment, clocks, percentiles, and one line for each
 * figure beside its baseline. BENCH_FACTS says how many facts the ledger reads (default 200,000);
 * BENCH_FULL=1 measures at 1 and at 10 million; BENCH_DIRECTORY says on which disk.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/compiler.h"

/* Ends the program with the sentence. */
NORETURN void bench_fail(const char *format, ...) PRINTF_LIKE(1, 2);
#define BENCH_OK(call)                                                 \
    do {                                                               \
        if ((call) != OK)                                              \
            bench_fail("%s:%d: %s failed", __FILE__, __LINE__, #call); \
    } while (0)

bool bench_is_full(void);
/* How many facts the figures are taken at first; ten times as many at last. */
int64_t bench_facts(void);
/* A new directory, removed by bench_end. */
const char *bench_directory(void);
void bench_end(void);

double bench_now_s(void);
/* Of this process and of children that ended. */
double bench_cpu_s(void);

/* A heading for the lines that follow. */
void bench_title(const char *format, ...) PRINTF_LIKE(1, 2);
void bench_note(const char *format, ...) PRINTF_LIKE(1, 2);
/* `goal` is the least (or with `at_most` the greatest) share of the baseline; 0: no goal. */
struct bench_figure {
    const char *name;
    double value;
    const char *unit;
    const char *baseline_name; /* NULL: none */
    double baseline;
    double goal;
    bool at_most;
};
void bench_print(const struct bench_figure *figure);

/* Durations in microseconds. */
struct bench_times {
    uint32_t *us;
    size_t count;
    size_t capacity;
};
void bench_times_add(struct bench_times *times, double seconds);
/* `share` 0.5, 0.99, 1; sorts. 0 without any. */
double bench_times_ms(struct bench_times *times, double share);
void bench_times_finish(struct bench_times *times);

/* xorshift64*, seeded by the caller, so that every run sees the same rows. */
uint64_t bench_random(uint64_t *state);

#endif
