/* Windows of days and the steps of a series. */
#include "src/metric/metric_window_rules.h"

#include <stdlib.h>

bool metric_window_of(const struct metric_days *asked, struct day today, int days_max,
                      struct metric_window *ret_window)
{
    struct metric_window window;
    window.to.v = asked->to_given ? asked->to.v : today.v + 1;
    window.from.v = asked->from_given ? asked->from.v : window.to.v - METRIC_WINDOW_DAYS;
    if (window.from.v >= window.to.v || window.to.v - window.from.v > days_max)
        return false;
    *ret_window = window;
    return true;
}

static int month_number(struct civil civil)
{
    return civil.year * 12 + civil.month - 1;
}

struct metric_window metric_window_previous(struct metric_window window)
{
    struct civil from = day_to_civil(window.from), to = day_to_civil(window.to);
    struct metric_window previous = {{window.from.v - (window.to.v - window.from.v)}, window.from};
    if (from.day == 1 && to.day == 1) {
        int month = 2 * month_number(from) - month_number(to);
        previous.from = day_from_civil((struct civil){month / 12, month % 12 + 1, 1});
    }
    return previous;
}

static struct day month_start(struct day day, int months)
{
    struct civil civil = day_to_civil(day);
    int month = month_number(civil) / months * months;
    return day_from_civil((struct civil){month / 12, month % 12 + 1, 1});
}

static struct day week_start(struct day day)
{
    return (struct day){day.v - (day_weekday(day) - 1)};
}

static struct day step_start(enum metric_step step, struct day day)
{
    switch (step) {
    case METRIC_BY_DAY:
        return day;
    case METRIC_BY_WEEK:
        return week_start(day);
    case METRIC_BY_MONTH:
        return month_start(day, 1);
    case METRIC_BY_QUARTER:
        return month_start(day, 3);
    case METRIC_STEP_COUNT:
        break;
    }
    abort();
}

/* A week belongs to the year of its Thursday. */
static void render_week(struct day day, struct buf *buf)
{
    struct day thursday = {week_start(day).v + 3};
    int year = day_to_civil(thursday).year;
    struct day new_year = day_from_civil((struct civil){year, 1, 1});
    buf_format(buf, "%04d-W%02d", year, (thursday.v - new_year.v) / 7 + 1);
}

void metric_step_render(enum metric_step step, struct day day, struct buf *buf)
{
    struct civil civil = day_to_civil(day);
    switch (step) {
    case METRIC_BY_DAY:
        day_render(day, buf);
        return;
    case METRIC_BY_WEEK:
        render_week(day, buf);
        return;
    case METRIC_BY_MONTH:
        buf_format(buf, "%04d-%02d", civil.year, civil.month);
        return;
    case METRIC_BY_QUARTER:
        buf_format(buf, "%04d-Q%d", civil.year, (civil.month - 1) / 3 + 1);
        return;
    case METRIC_STEP_COUNT:
        break;
    }
    abort();
}

/* Steps from the one that holds `from` to the one that holds `day`. */
static int steps_between(enum metric_step step, struct day from, struct day day)
{
    struct civil a = day_to_civil(from), b = day_to_civil(day);
    switch (step) {
    case METRIC_BY_DAY:
        return day.v - from.v;
    case METRIC_BY_WEEK:
        return (week_start(day).v - week_start(from).v) / 7;
    case METRIC_BY_MONTH:
        return (b.year - a.year) * 12 + b.month - a.month;
    case METRIC_BY_QUARTER:
        return (b.year - a.year) * 4 + (b.month - 1) / 3 - (a.month - 1) / 3;
    case METRIC_STEP_COUNT:
        break;
    }
    abort();
}

size_t metric_step_points(enum metric_step step, struct metric_window window)
{
    return (size_t)steps_between(step, window.from, (struct day){window.to.v - 1}) + 1;
}

size_t metric_step_index(enum metric_step step, struct metric_window window, struct day day)
{
    return (size_t)steps_between(step, window.from, day);
}

/* The first day of the step that stands `count` steps after the one that holds `day`. */
static struct day steps_after(enum metric_step step, struct day day, int count)
{
    struct day start = step_start(step, day);
    struct civil civil = day_to_civil(start);
    int month = civil.year * 12 + civil.month - 1;
    switch (step) {
    case METRIC_BY_DAY:
        return (struct day){start.v + count};
    case METRIC_BY_WEEK:
        return (struct day){start.v + 7 * count};
    case METRIC_BY_MONTH:
        month += count;
        break;
    case METRIC_BY_QUARTER:
        month += 3 * count;
        break;
    case METRIC_STEP_COUNT:
        abort();
    }
    return day_from_civil((struct civil){month / 12, month % 12 + 1, 1});
}

struct metric_window metric_step_point(enum metric_step step, struct metric_window window,
                                       size_t index)
{
    struct day start = steps_after(step, window.from, (int)index);
    struct day next = steps_after(step, window.from, (int)index + 1);
    return (struct metric_window){
        .from = start.v > window.from.v ? start : window.from,
        .to = next.v < window.to.v ? next : window.to,
    };
}
