/* Windows of days and the steps of a series. Pure. */
#ifndef SRC_METRIC_METRIC_WINDOW_RULES_H
#define SRC_METRIC_METRIC_WINDOW_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/compiler.h"
#include "lib/base/time.h"

enum { METRIC_WINDOW_DAYS = 30 };

/* Days [from, to) of one time zone. */
struct metric_window {
    struct day from, to;
};

/* Which days somebody asked for; what is not given has its default. */
struct metric_days {
    bool from_given, to_given;
    struct day from, to;
};

/*
 * `to` defaults to the day after today, `from` to METRIC_WINDOW_DAYS days before `to`: the last 30
 * days with today. False when the window is empty or longer than `days_max`.
 */
MUST_CHECK bool metric_window_of(const struct metric_days *asked, struct day today, int days_max,
                                 struct metric_window *ret_window);

/* The window before it to compare it with: of as many whole months where it is whole months, else
 * of as many days. */
struct metric_window metric_window_previous(struct metric_window window);

/* The steps of a series. Weeks are ISO 8601's, from Monday; a quarter is three calendar months. */
enum metric_step {
    METRIC_BY_DAY,
    METRIC_BY_WEEK,
    METRIC_BY_MONTH,
    METRIC_BY_QUARTER,
    METRIC_STEP_COUNT
};
/* "2020-05-31", "2020-W22", "2020-05", "2020-Q2" */
void metric_step_render(enum metric_step step, struct day day, struct buf *buf);
/* How many steps the window touches; the first and the last may be cut by it. */
size_t metric_step_points(enum metric_step step, struct metric_window window);
/* Which of them holds a day of the window. */
size_t metric_step_index(enum metric_step step, struct metric_window window, struct day day);
/* The part of the window in its `index`th step, from 0. */
struct metric_window metric_step_point(enum metric_step step, struct metric_window window,
                                       size_t index);

#endif
