/*
 * Sums of today and of the same day of last week. Those of groups and the channel are kept: after
 * the first time only what was recorded since is read, and what partners that came to the group
 * brought or those that left it took. Private to src/metric.
 */
#ifndef SRC_METRIC_METRIC_PULSE_BOOK_H
#define SRC_METRIC_METRIC_PULSE_BOOK_H

#include "src/metric/metric_frame.h"

struct pulse_books;
struct pulse_books *pulse_books_new(void);
void pulse_books_free(struct pulse_books *books);

struct pulse_days {
    struct rollup_part today, week; /* the whole days */
};
struct pulse_sum {
    int64_t facts, quantity_milli, amount;
};
struct pulse_line {
    enum fact_kind kind;
    struct currency currency;
    struct pulse_sum today, so_far, week;
};
struct pulse_lines {
    struct pulse_line *rows;
    size_t count;
};
/* With a bare frame; `minutes` of last week's day are so far. Any thread.
 * In the context's arena. */
MUST_CHECK enum err pulse_books_read(struct metric_frame *frame, const struct pulse_days *days,
                                     int64_t minutes, struct pulse_lines *ret_lines);

#endif
