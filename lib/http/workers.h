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
struct workers *workers_new(int threads, void (*run)(void *self, struct work *work), void *self);
/* Runs what waits, joins, frees. NULL is fine. */
void workers_free(struct workers *workers);
struct work_list {
    struct work *first;
    struct work *last;
    size_t count;
};

void work_list_add(struct work_list *list, struct work *work);

/* Any thread. Takes all of the list and empties it. */
void workers_add(struct workers *workers, struct work_list *list);
size_t workers_waiting(const struct workers *workers);
#endif
