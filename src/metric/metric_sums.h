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
/* The part of it that is about first orders, in metric_first_order.c. */
MUST_CHECK enum err metric_first_orders_read(struct metric_frame *frame,
                                             struct metric_points *points);
/* Of a row of a rollup. */
struct metric_sum metric_sum_of(const struct rollup_row *row);

#endif
