/* When a partner needs attention. */
#include "src/attention/attention_rules.h"

#include "lib/base/compiler.h"
#include "lib/base/money.h"

struct attention_clock attention_clock_of(int32_t today, bool any_order, int32_t last_order)
{
    bool ended = any_order && today - last_order > ATTENTION_QUIET_DAYS;
    return (struct attention_clock){.today = today, .reckoned = ended ? last_order + 1 : today};
}

static void add(int64_t *sum, int64_t amount)
{
    if (__builtin_add_overflow(*sum, amount, sum))
        *sum = amount > 0 ? INT64_MAX : INT64_MIN;
}

void attention_add_orders(struct attention_past *past, const struct attention_clock *clock,
                          int32_t day, int64_t orders, int64_t amount_minor)
{
    int32_t ago = clock->reckoned - day;
    if (!past->order_days)
        past->first_day = day;
    past->order_days += !past->order_days || past->last_day != day;
    past->last_day = day;
    add(&past->sales, amount_minor);
    if (ago >= 1 && ago <= ATTENTION_YEAR_DAYS)
        add(&past->sales_year, amount_minor);
    if (ago >= 1 && ago <= ATTENTION_WINDOW_DAYS)
        add(&past->sales_now, amount_minor);
    if (ago > ATTENTION_WINDOW_DAYS && ago <= 2 * ATTENTION_WINDOW_DAYS) {
        add(&past->sales_before, amount_minor);
        past->orders_before += (int32_t)(orders < INT32_MAX / 2 ? orders : INT32_MAX / 2);
    }
}

static bool is_silent(const struct attention_past *past, const struct attention_clock *clock)
{
    int64_t ago = clock->reckoned - past->last_day, span = past->last_day - past->first_day;
    return past->order_days >= ATTENTION_ORDER_DAYS_MIN && ago >= ATTENTION_SILENT_DAYS_MIN &&
           ago * (past->order_days - 1) >= ATTENTION_SILENT_TIMES * span;
}

static bool is_falling(const struct attention_past *past)
{
    return past->orders_before >= ATTENTION_ORDERS_BEFORE_MIN && past->sales_before > 0 &&
           attention_fall_percent(past) >= ATTENTION_FALL_PERCENT;
}

/* Sales per order day × (days that it is late ÷ gap). */
static int64_t missed(const struct attention_past *past, const struct attention_clock *clock)
{
    int128 span = past->last_day - past->first_day, gaps = past->order_days - 1;
    int128 late = (clock->reckoned - past->last_day) * gaps - span;
    int64_t most, stake;
    if (span == 0 || past->sales <= 0)
        return 0;
    if (late > ATTENTION_YEAR_DAYS * gaps)
        late = ATTENTION_YEAR_DAYS * gaps;
    most = INT64_MAX;
    return int64_divide_round((int128)past->sales * late, span * past->order_days, &stake) ? stake
                                                                                           : most;
}

struct attention_verdict attention_judge(const struct attention_past *past,
                                         const struct attention_clock *clock)
{
    struct attention_verdict verdict = {0};
    if (!past->looked_after)
        return verdict;
    if (is_silent(past, clock)) {
        verdict.reasons |= ATTENTION_BIT(ATTENTION_SILENT);
        verdict.stake_minor = missed(past, clock);
    }
    if (is_falling(past)) {
        int64_t lost = past->sales_before - past->sales_now;
        verdict.reasons |= ATTENTION_BIT(ATTENTION_FALLING);
        verdict.stake_minor = lost > verdict.stake_minor ? lost : verdict.stake_minor;
    }
    if (clock->acts && clock->today - past->acted_day >= ATTENTION_ACTION_DAYS)
        verdict.reasons |= ATTENTION_BIT(ATTENTION_NO_ACTION);
    return verdict;
}

int64_t attention_gap_tenths(const struct attention_past *past)
{
    int64_t tenths = 0;
    bool fits = int64_divide_round((int128)(past->last_day - past->first_day) * 10,
                                   past->order_days - 1, &tenths);
    return fits ? tenths : INT64_MAX;
}

int64_t attention_fall_percent(const struct attention_past *past)
{
    int128 lost = (int128)past->sales_before - past->sales_now;
    return (int64_t)(lost * 100 / past->sales_before);
}
