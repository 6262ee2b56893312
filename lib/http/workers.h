/* A pool of threads that run work in the order it came. Private. */
#ifndef LIB_HTTP_WORKERS_H
#define LIB_HTTP_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/compiler.h"

/* Part of what is to be worked on; in one queue at a time. */
struct work {
    struct work *next;
};

struct workers;

/* NULL when the threads cannot be had. `run` owns the work; the pool does not touch it again. */
struct workers *workers_new(int threads, size_t queue_max,
                            void (*run)(void *self, struct work *work), void *self);
/* Runs what waits, joins, frees. NULL is fine. */
void workers_free(struct workers *workers);
/* Any thread. */
void workers_add(struct workers *workers, struct work *work);
size_t workers_waiting(const struct workers *workers);
/* Whether `queue_max` wait: only the one thread that adds can rely on a no. */
bool workers_full(const struct workers *workers);

#endif
