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

enum err metric_values(struct ctx *ctx, const struct metric_query *query,
                       struct metric_values *ret_values)
{
    struct metric_frame frame;
    struct metric_points points = {.stepped = false};
    TRY(metric_frame_open(ctx, query, &frame));
    TRY(metric_sums_read(&frame, &points));
    metric_values_of(&frame, &points.points[0], ret_values);
    return OK;
}

enum err metric_series(struct ctx *ctx, const struct metric_query *query, enum metric_step step,
                       struct metric_series *ret_series)
{
    struct metric_frame frame;
    struct metric_points points = {.stepped = true, .step = step};
    TRY(metric_frame_open(ctx, query, &frame));
    if (metric_step_points(step, frame.heading.window) > LIMIT_SERIES_POINTS)
        return CTX_FAULT_FIELD(ctx, ERR_TOO_LARGE, "series_too_long", "by",
                               "A series has at most %d points; ask for a shorter window or longer "
                               "steps.",
                               LIMIT_SERIES_POINTS);
    TRY(metric_sums_read(&frame, &points));
    struct metric_series series = {.heading = frame.heading,
                                   .step = step,
                                   .count = points.count,
                                   .metric_count = wanted_count(frame.wanted)};
    series.points = ARENA_ARRAY(ctx->arena, struct metric_point, points.count);
    for (size_t i = 0; i < points.count; i++)
        series.points[i] = (struct metric_point){metric_points_window(&points, &frame, i),
                                                 evaluate(&frame, &points.points[i])};
    *ret_series = series;
    return OK;
}
