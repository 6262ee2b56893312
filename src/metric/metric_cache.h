/*
 * Reports that are kept as they were sent, so that the next reader of an unchanged partner costs a
 * look-up. What is kept is never trusted: it is taken only while the mark of changes is the one
 * that it was made at. Private to src/metric.
 */
#ifndef SRC_METRIC_METRIC_CACHE_H
#define SRC_METRIC_METRIC_CACHE_H

#include "src/core/touch.h"
#include "src/metric/metric.h"

struct report_key {
    int64_t partner;
    int64_t scope; /* what the actor may see */
    struct metric_days days;
};
struct report_stamp {
    struct touch_mark mark;
    int64_t until_ms; /* its days are others from then on */
};

/* Any thread. `metrics` may be NULL: nothing is kept. The text lives as long as the arena; false
 * when there is none that is good at this instant. */
bool metric_cache_take(struct metrics *metrics, const struct report_key *key,
                       const struct report_stamp *now, struct arena *arena, struct str *ret_json);
struct pulse_books;
/* NULL where nothing is kept. */
struct pulse_books *metrics_books(struct metrics *metrics);
void metric_cache_keep(struct metrics *metrics, const struct report_key *key,
                       const struct report_stamp *stamp, struct str json);

#endif
