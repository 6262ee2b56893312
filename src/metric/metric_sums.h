/* Reads sums and what does not follow from them, for each point of a series. Private to src/metric.
 */
#ifndef SRC_METRIC_METRIC_SUMS_H
#define SRC_METRIC_METRIC_SUMS_H

#include "src/metric/metric_frame.h"

/* A window cut into steps; `points` holds the sums of each. */
struct metric_points {
    bool stepped; /* false: one point, the whole window */
    enum metric_step step;
    struct metric_sums *points;
    size_t count;
};

/* The part of the window in a point. */
struct metric_window metric_points_window(const struct metric_points *points,
                                          const struct metric_frame *frame, size_t index);
/* Fills the points; in the frame's context's arena. */
MUST_CHECK enum err metric_sums_read(struct metric_frame *frame, struct metric_points *points);
/* A partner's first order since it became active, counted in the point in which it did. */
struct first_order {
    struct partner_id partner;
    size_t point;
    int64_t ms; /* from becoming active to the order; 0 for an order of the same day before it */
};
typedef void first_order_visit(void *self, const struct first_order *first);
MUST_CHECK enum err metric_first_orders_read(struct metric_frame *frame,
                                             const struct metric_points *points,
                                             first_order_visit *visit, void *self);
/* Of a row of a rollup. */
struct metric_sum metric_sum_of(const struct rollup_row *row);

/* What the formulas make of the sums. */
void metric_values_of(const struct metric_frame *frame, const struct metric_sums *sums,
                      struct metric_values *ret_values);

#endif
