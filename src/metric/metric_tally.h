/* Counts by a 64-bit id, in an arena. Private to src/metric. */
#ifndef SRC_METRIC_METRIC_TALLY_H
#define SRC_METRIC_METRIC_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"

struct metric_tally_slot {
    int64_t id; /* 0: free */
    int64_t count;
    size_t point; /* the caller's: which step of a series the count is of */
};

/* Open addressing; ids are not 0. */
struct metric_tally {
    struct arena *arena;
    struct metric_tally_slot *slots;
    size_t capacity; /* a power of two */
    size_t used;
};

void metric_tally_init(struct metric_tally *tally, struct arena *arena);
/* The slot of the id; all 0 but the id at first. Borrowed until the next call. */
struct metric_tally_slot *metric_tally_of(struct metric_tally *tally, int64_t id);

#endif
