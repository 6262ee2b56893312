/* How long partners took from becoming active to their first order. */
#include "src/metric/metric_sums.h"
#include "src/metric/metric_tally.h"

enum { DAYS_FIRST = 32 };

/* A partner that became active, and what it sold first since. */
struct beginner {
    struct partner_id partner;
    int64_t active_ms;
    struct day active_day;
    size_t point;
    bool found;
    struct rollup_row first;
};

struct beginners {
    struct metric_frame *frame;
    const struct metric_points *points;
    struct beginner *rows;
    size_t count, cap;
    struct metric_tally index; /* slot->point: where in `rows` */
};

static void grow(struct beginners *all)
{
    size_t cap = all->cap ? all->cap * 2 : 64;
    struct beginner *rows = ARENA_ARRAY(all->frame->ctx->arena, struct beginner, cap);
    for (size_t i = 0; i < all->count; i++)
        rows[i] = all->rows[i];
    all->rows = rows;
    all->cap = cap;
}

static void visit_activation(void *self, const struct conversion *conversion)
{
    struct beginners *all = self;
    struct day day = zone_day(all->frame->zone, conversion->active_ms);
    if (!metric_frame_has(all->frame, conversion->partner))
        return;
    if (all->count == all->cap)
        grow(all);
    metric_tally_of(&all->index, conversion->partner.v)->point = all->count;
    all->rows[all->count++] = (struct beginner){
        .partner = conversion->partner,
        .active_ms = conversion->active_ms,
        .active_day = day,
        .point = all->points->stepped
                     ? metric_step_index(all->points->step, all->frame->heading.window, day)
                     : 0,
    };
}

static void visit_order(void *self, const struct rollup_row *row)
{
    struct beginners *all = self;
    if (row->totals.facts <= 0 || !all->count || !metric_frame_has(all->frame, row->partner))
        return;
    size_t at = metric_tally_of(&all->index, row->partner.v)->point;
    struct beginner *beginner = &all->rows[at];
    if (!partner_id_equal(beginner->partner, row->partner) || beginner->found ||
        row->day.v < beginner->active_day.v)
        return;
    beginner->found = true;
    beginner->first = *row;
}

/* The first order of the day that was found. */
static enum err first_time(const struct metric_frame *frame, const struct beginner *beginner,
                           int64_t *ret_at_ms)
{
    struct rollup_query query = {.from = beginner->first.day,
                                 .to = {beginner->first.day.v + 1},
                                 .kinds = FACT_KIND_BIT(FACT_ORDER)};
    struct rollup_span span;
    if (frame->whose == METRIC_OF_PARTNER) {
        query.partner = beginner->partner;
    } else {
        query.partners = &beginner->partner;
        query.partner_count = 1;
    }
    TRY(rollup_read_span(frame->ctx, &query, &span));
    *ret_at_ms = span.first_ms;
    return OK;
}

/* Of a partner whenever it became active, of a series and of a group in the window. */
static enum err read_beginners(struct beginners *all)
{
    struct metric_frame *frame = all->frame;
    const struct metric_window *window = &frame->heading.window;
    bool any_time = frame->whose == METRIC_OF_PARTNER && !all->points->stepped;
    struct conversion_query query = {
        .partner = frame->heading.scope.partner,
        .from_ms = any_time ? TIME_MIN_MS : metric_frame_start_ms(frame, window->from),
        .to_ms = metric_frame_start_ms(frame, window->to),
    };
    return metric_store_activations(frame->ctx, &query, visit_activation, all);
}

static bool all_found(const struct beginners *all)
{
    for (size_t i = 0; i < all->count; i++)
        if (!all->rows[i].found)
            return false;
    return true;
}

/* Most sell soon: a few days are read first, then twice as many, until all have been found. */
static enum err read_orders(struct beginners *all)
{
    struct metric_frame *frame = all->frame;
    struct day first, last;
    bool any;
    int32_t from = all->rows[0].active_day.v;
    for (size_t i = 1; i < all->count; i++)
        if (all->rows[i].active_day.v < from)
            from = all->rows[i].active_day.v;
    TRY(rollup_days(frame->ctx, &first, &last, &any));
    if (!any)
        return OK;
    if (from < first.v)
        from = first.v;
    for (int32_t days = DAYS_FIRST; from <= last.v && !all_found(all); days *= 2) {
        int32_t to = last.v + 1 - from > days ? from + days : last.v + 1;
        struct metric_window window = {{from}, {to}};
        struct rollup_query query = metric_frame_rollup(frame, window);
        query.kinds = FACT_KIND_BIT(FACT_ORDER);
        TRY(rollup_read(frame->ctx, &query, visit_order, all));
        from = to;
    }
    return OK;
}

enum err metric_first_orders_read(struct metric_frame *frame, const struct metric_points *points,
                                  first_order_visit *visit, void *self)
{
    struct beginners all = {.frame = frame, .points = points};
    metric_tally_init(&all.index, frame->ctx->arena);
    TRY(read_beginners(&all));
    if (!all.count)
        return OK;
    TRY(read_orders(&all));
    for (size_t i = 0; i < all.count; i++) {
        const struct beginner *beginner = &all.rows[i];
        struct first_order first = {beginner->partner, beginner->point, 0};
        int64_t at_ms;
        if (!beginner->found)
            continue;
        TRY(first_time(frame, beginner, &at_ms));
        if (at_ms > beginner->active_ms)
            first.ms = at_ms - beginner->active_ms;
        visit(self, &first);
    }
    return OK;
}
