/*
 * When a partner needs attention, from what is known of its orders and of those who look after it.
 * Pure. Days are the organisation's, as numbers since 1970.
 *
 * silent: of the order days of the last ATTENTION_LOOK_BACK_DAYS there are at least
 * ATTENTION_ORDER_DAYS_MIN, and the last is at least ATTENTION_SILENT_DAYS_MIN days and
 * ATTENTION_SILENT_TIMES times the partner's own mean gap ago; the gap is (last order day − first
 * order day) ÷ (order days − 1). At stake: sales per order day × order days that did not come, at
 * most those of a year.
 * falling: sales of the last 30 whole days are at least ATTENTION_FALL_PERCENT % below those of the
 * 30 before, in which there were at least ATTENTION_ORDERS_BEFORE_MIN orders. At stake: the
 * difference.
 * dns: a check of the partner's domain found a change for the worse that nobody has seen yet.
 * no_action: no change by a user, call, visit or funnel contact for ATTENTION_ACTION_DAYS days.
 */
#ifndef SRC_ATTENTION_ATTENTION_RULES_H
#define SRC_ATTENTION_ATTENTION_RULES_H

#include <stdbool.h>
#include <stdint.h>

enum {
    ATTENTION_LOOK_BACK_DAYS = 730,
    ATTENTION_ORDER_DAYS_MIN = 4,
    ATTENTION_SILENT_TIMES = 2,
    ATTENTION_SILENT_DAYS_MIN = 14,
    ATTENTION_WINDOW_DAYS = 30,
    ATTENTION_FALL_PERCENT = 30,
    ATTENTION_ORDERS_BEFORE_MIN = 3,
    ATTENTION_ACTION_DAYS = 90,
    ATTENTION_QUIET_DAYS = 14, /* without any order of the channel: its data ends there */
    ATTENTION_YEAR_DAYS = 365
};

enum attention_reason {
    ATTENTION_SILENT,
    ATTENTION_FALLING,
    ATTENTION_NO_ACTION,
    ATTENTION_DUPLICATE,
    ATTENTION_UNASSIGNED,
    ATTENTION_BAD_ROWS,
    ATTENTION_DNS,
    ATTENTION_REASON_COUNT
};
#define ATTENTION_BIT(reason) (1U << (unsigned)(reason))

/* When it is judged. */
struct attention_clock {
    int32_t today;
    int32_t
        reckoned; /* by it silence and sales are judged: today, or the day after the data ends */
    bool acts;    /* some source delivers calls, visits or funnel contacts */
};
/* `last_order`: of the whole channel, up to today. */
struct attention_clock attention_clock_of(int32_t today, bool any_order, int32_t last_order);

/* What is known of one partner; amounts in its own currency, in minor units. */
struct attention_past {
    bool looked_after;           /* neither suspended nor ended */
    int32_t acted_day;           /* the last action, or when the record was made */
    int32_t first_day, last_day; /* with orders … */
    int32_t order_days;          /* … so many; 0: none */
    int32_t orders_before;       /* in the 30 days before the last 30 */
    int64_t sales, sales_year, sales_now, sales_before;
};
/* Orders of one day, the days in order; what leaves 64 bits stays at its bound. */
void attention_add_orders(struct attention_past *past, const struct attention_clock *clock,
                          int32_t day, int64_t orders, int64_t amount_minor);

struct attention_verdict {
    unsigned reasons;    /* bits, of the first three */
    int64_t stake_minor; /* the larger one where two reasons have one */
};
struct attention_verdict attention_judge(const struct attention_past *past,
                                         const struct attention_clock *clock);
/* The mean gap in tenths of a day, rounded; of at least two order days. */
int64_t attention_gap_tenths(const struct attention_past *past);
/* By how much sales fell, in whole percent. */
int64_t attention_fall_percent(const struct attention_past *past);

#endif
