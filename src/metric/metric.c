/* Values, series and facts of metrics. */
#include "src/metric/metric.h"

#include "src/core/limits.h"
#include "src/metric/metric_sums.h"

enum err metric_want(struct ctx *ctx, struct str code, uint32_t *wanted)
{
    for (size_t i = 0; metric_at(i); i++) {
        if (str_equal(code, str_from_c(metric_at(i)->code))) {
            *wanted |= UINT32_C(1) << i;
            return OK;
        }
    }
    return CTX_FAULT_FIELD(ctx, ERR_INVALID, "metric_unknown", "metrics",
                           "There is no metric \"%.*s\"; see the catalogue.", STR_ARG(code));
}

static size_t wanted_count(uint32_t wanted)
{
    size_t count = 0;
    for (size_t i = 0; metric_at(i); i++)
        count += !wanted || (wanted & (UINT32_C(1) << i)) != 0;
    return count;
}

/* The results of one point, in the order of the catalogue. */
static struct metric_result *evaluate(const struct metric_frame *frame,
                                      const struct metric_sums *sums)
{
    struct metric_result *results =
        ARENA_ARRAY(sums->arena, struct metric_result, wanted_count(frame->wanted));
    size_t count = 0;
    for (size_t i = 0; metric_at(i); i++) {
        const struct metric *metric = metric_frame_row(frame, i);
        if (frame->wanted && !(frame->wanted & (UINT32_C(1) << i)))
            continue;
        if (metric)
            metric_evaluate(metric, sums, &results[count++]);
        else
            results[count++] = (struct metric_result){.metric = metric_at(i)};
    }
    return results;
}

void metric_values_of(const struct metric_frame *frame, const struct metric_sums *sums,
                      struct metric_values *ret_values)
{
    *ret_values = (struct metric_values){.heading = frame->heading,
                                         .results = evaluate(frame, sums),
                                         .count = wanted_count(frame->wanted)};
}

/* ---- the window before ---- */

/* Nothing is known of days before the first fact: no data, not 0. */
static enum err find_previous(struct metric_frame *frame, const struct metric_query *query,
                              struct metric_previous *ret_previous)
{
    struct metric_previous previous = {.asked = query->compare};
    struct day first, last;
    bool any = false;
    previous.window = metric_window_previous(frame->heading.window);
    if (query->compare)
        TRY(rollup_days(frame->ctx, &first, &last, &any));
    previous.has = any && previous.window.to.v > first.v;
    *ret_previous = previous;
    return OK;
}

/* The same frame over other days. */
static struct metric_frame frame_of(const struct metric_frame *frame, struct metric_window window)
{
    struct metric_frame other = *frame;
    other.heading.window = window;
    rate_book_init(&other.book, frame->ctx, frame->heading.reporting, window.to);
    return other;
}

static enum err read_whole(struct metric_frame *frame, struct metric_result **ret_results)
{
    struct metric_points points = {.stepped = false};
    TRY(metric_sums_read(frame, &points));
    *ret_results = evaluate(frame, &points.points[0]);
    return OK;
}

enum err metric_values(struct ctx *ctx, const struct metric_query *query,
                       struct metric_values *ret_values)
{
    struct metric_frame frame;
    struct metric_values values;
    TRY(metric_frame_open(ctx, query, &frame));
    values = (struct metric_values){.heading = frame.heading, .count = wanted_count(frame.wanted)};
    TRY(read_whole(&frame, &values.results));
    TRY(find_previous(&frame, query, &values.previous));
    if (values.previous.has) {
        struct metric_frame before = frame_of(&frame, values.previous.window);
        TRY(read_whole(&before, &values.before));
    }
    *ret_values = values;
    return OK;
}

/* ---- step by step ---- */

static enum err read_steps(struct metric_frame *frame, enum metric_step step,
                           struct metric_point **ret_points, size_t *ret_count)
{
    struct metric_points points = {.stepped = true, .step = step};
    TRY(metric_sums_read(frame, &points));
    struct metric_point *read = ARENA_ARRAY(frame->ctx->arena, struct metric_point, points.count);
    for (size_t i = 0; i < points.count; i++)
        read[i] = (struct metric_point){metric_points_window(&points, frame, i),
                                        evaluate(frame, &points.points[i])};
    *ret_points = read;
    *ret_count = points.count;
    return OK;
}

enum err metric_series(struct ctx *ctx, const struct metric_query *query, enum metric_step step,
                       struct metric_series *ret_series)
{
    struct metric_frame frame;
    TRY(metric_frame_open(ctx, query, &frame));
    if (metric_step_points(step, frame.heading.window) > LIMIT_SERIES_POINTS)
        return CTX_FAULT_FIELD(ctx, ERR_TOO_LARGE, "series_too_long", "by",
                               "A series has at most %d points; ask for a shorter window or longer "
                               "steps.",
                               LIMIT_SERIES_POINTS);
    struct metric_series series = {
        .heading = frame.heading, .step = step, .metric_count = wanted_count(frame.wanted)};
    TRY(read_steps(&frame, step, &series.points, &series.count));
    TRY(find_previous(&frame, query, &series.previous));
    if (series.previous.has) {
        struct metric_frame before = frame_of(&frame, series.previous.window);
        TRY(read_steps(&before, step, &series.before, &series.before_count));
    }
    *ret_series = series;
    return OK;
}
