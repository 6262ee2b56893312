/* Sums of each point of a series, from the rollups and the directory. */
#include "src/metric/metric_sums.h"

#include <stdlib.h>

#include "lib/base/map.h"
#include "src/metric/metric_tally.h"

/* One pass over rows. */
struct pass {
    struct metric_frame *frame;
    struct metric_points *points;
    struct map archived; /* of the channel: what its rows hold of archived partners */
    bool overflow;
    enum fact_kind selling; /* of pass_selling */
    struct metric_tally sellers;
};

struct metric_window metric_points_window(const struct metric_points *points,
                                          const struct metric_frame *frame, size_t index)
{
    return points->stepped ? metric_step_point(points->step, frame->heading.window, index)
                           : frame->heading.window;
}

static size_t point_of(const struct pass *pass, struct day day)
{
    if (!pass->points->stepped)
        return 0;
    return metric_step_index(pass->points->step, pass->frame->heading.window, day);
}

/* SIZE_MAX when the instant is in no point. */
static size_t point_of_time(const struct pass *pass, int64_t at_ms)
{
    struct day day = zone_day(pass->frame->zone, at_ms);
    const struct metric_window *window = &pass->frame->heading.window;
    return day.v >= window->from.v && day.v < window->to.v ? point_of(pass, day) : SIZE_MAX;
}

struct metric_sum metric_sum_of(const struct rollup_row *row)
{
    const struct rollup_totals *totals = &row->totals;
    return (struct metric_sum){
        .facts = totals->facts,
        .quantity_milli = totals->quantity_milli,
        .amount_minor = totals->amount,
        .cost_minor = totals->cost,
        .costed_minor = totals->costed,
        .at_ms_sum = totals->time_ms + (int128)totals->facts * row->day.v * MS_PER_DAY,
    };
}

/* ---- what archived partners have in the channel's rows ---- */

struct row_key {
    int32_t day, kind;
    struct currency currency;
};

static struct row_key key_of(const struct rollup_row *row)
{
    return (struct row_key){row->day.v, (int32_t)row->kind, row->currency};
}

static struct str key_bytes(const struct row_key *key)
{
    return (struct str){(const char *)key, sizeof(*key)};
}

static void add_to(struct metric_sum *total, const struct metric_sum *sum, int sign)
{
    total->facts += sign * sum->facts;
    total->quantity_milli += sign * sum->quantity_milli;
    total->amount_minor += sign * sum->amount_minor;
    total->cost_minor += sign * sum->cost_minor;
    total->costed_minor += sign * sum->costed_minor;
    total->at_ms_sum += sign * sum->at_ms_sum;
}

/* A part of a row of the channel, so that it fits where that does. */
static void visit_archived(void *self, const struct rollup_row *row)
{
    struct pass *pass = self;
    struct arena *arena = pass->frame->ctx->arena;
    struct row_key *key = ARENA_NEW(arena, struct row_key);
    struct metric_sum sum = metric_sum_of(row);
    *key = key_of(row);
    struct metric_sum *total = map_find(&pass->archived, key_bytes(key));
    if (!total) {
        total = ARENA_NEW(arena, struct metric_sum);
        map_put(&pass->archived, key_bytes(key), total);
    }
    add_to(total, &sum, 1);
}

static struct metric_sum without_archived(const struct pass *pass, const struct rollup_row *row)
{
    struct metric_sum sum = metric_sum_of(row);
    struct row_key key = key_of(row);
    const struct metric_sum *archived =
        pass->archived.count ? map_find(&pass->archived, key_bytes(&key)) : NULL;
    if (archived)
        add_to(&sum, archived, -1);
    return sum;
}

/* ---- sums ---- */

static void visit_sums(void *self, const struct rollup_row *row)
{
    struct pass *pass = self;
    struct metric_frame *frame = pass->frame;
    struct metric_sum sum = without_archived(pass, row);
    int64_t rate =
        currency_is_set(row->currency) ? rate_book_find(&frame->book, row->currency, row->day) : 0;
    struct metric_sums *sums = &pass->points->points[point_of(pass, row->day)];
    pass->overflow |= !metric_sums_add(sums, (int)row->kind, row->currency, &sum, rate);
}

static enum err pass_result(const struct pass *pass)
{
    struct ctx *ctx = pass->frame->ctx;
    TRY(pass->frame->book.failed);
    if (pass->overflow)
        return CTX_FAULT(ctx, ERR_INVALID, "sum_too_large",
                         "A sum of this window is too large; ask for a shorter one.");
    return OK;
}

static enum err read_rows(struct pass *pass, struct rollup_query *query, rollup_visit *visit)
{
    struct metric_frame *frame = pass->frame;
    if (product_id_is_set(frame->heading.scope.product))
        TRY(rollup_read_products(frame->ctx, query, visit, pass));
    else
        TRY(rollup_read(frame->ctx, query, visit, pass));
    return pass_result(pass);
}

static enum err pass_sums(struct pass *pass)
{
    struct metric_frame *frame = pass->frame;
    bool of_product = product_id_is_set(frame->heading.scope.product);
    struct rollup_query query = metric_frame_rollup(frame, frame->heading.window);
    query.kinds = metric_frame_kinds(frame);
    if (!query.kinds)
        return OK;
    if (frame->whose != METRIC_OF_CHANNEL || of_product) {
        TRY(metric_frame_exact(frame, frame->heading.window, &query));
        query.kinds = metric_frame_kinds(frame);
        return read_rows(pass, &query, visit_sums);
    }
    if (frame->archived.count) {
        struct rollup_query archived = query;
        archived.partners = frame->archived.ids;
        archived.partner_count = frame->archived.count;
        map_init(&pass->archived, frame->ctx->arena,
                 entropy_uint64(&frame->ctx->services->entropy));
        TRY(rollup_read(frame->ctx, &archived, visit_archived, pass));
    }
    TRY(rollup_read_channel(frame->ctx, &query, visit_sums, pass));
    return pass_result(pass);
}

/* ---- partners that sold ---- */

static void count_seller(struct pass *pass, const struct metric_tally_slot *slot)
{
    if (slot->count > 0)
        pass->points->points[slot->point].beside.partners_selling++;
}

/* A partner's rows come in the order of days, so it is counted when its next point begins. */
static void visit_selling(void *self, const struct rollup_row *row)
{
    struct pass *pass = self;
    size_t point = point_of(pass, row->day);
    if (!metric_frame_has(pass->frame, row->partner))
        return;
    struct metric_tally_slot *slot = metric_tally_of(&pass->sellers, row->partner.v);
    if (slot->point != point) {
        count_seller(pass, slot);
        slot->count = 0;
        slot->point = point;
    }
    slot->count += row->totals.facts;
}

static enum err pass_selling(struct pass *pass)
{
    struct metric_frame *frame = pass->frame;
    struct rollup_query query = metric_frame_rollup(frame, frame->heading.window);
    bool of_product = product_id_is_set(frame->heading.scope.product);
    if (!metric_frame_wants(frame, FORMULA_PARTNERS_SELLING))
        return OK;
    query.kinds = FACT_KIND_BIT(of_product ? FACT_ITEM : FACT_ORDER);
    metric_tally_init(&pass->sellers, frame->ctx->arena);
    TRY(read_rows(pass, &query, visit_selling));
    for (size_t i = 0; i < pass->sellers.capacity; i++)
        if (pass->sellers.slots[i].id)
            count_seller(pass, &pass->sellers.slots[i]);
    return OK;
}

/* ---- the span of the orders ---- */

static enum err pass_span(struct pass *pass)
{
    struct metric_frame *frame = pass->frame;
    if (!metric_frame_wants(frame, FORMULA_ORDER_GAP))
        return OK;
    for (size_t i = 0; i < pass->points->count; i++) {
        struct metric_sums *sums = &pass->points->points[i];
        struct rollup_query query;
        struct rollup_span span;
        if (metric_sums_facts(sums, FACT_ORDER) < 2)
            continue;
        TRY(metric_frame_exact(frame, metric_points_window(pass->points, frame, i), &query));
        query.kinds = FACT_KIND_BIT(FACT_ORDER);
        TRY(rollup_read_span(frame->ctx, &query, &span));
        sums->beside.has_span = true;
        sums->beside.first_order_ms = span.first_ms;
        sums->beside.last_order_ms = span.last_ms;
    }
    return OK;
}

/* ---- the display ---- */

struct display_pass {
    const struct metric_frame *frame;
    int64_t count;
};

static void visit_display(void *self, const struct display_row *row)
{
    struct display_pass *pass = self;
    struct product_id product = pass->frame->heading.scope.product;
    bool asked = !product_id_is_set(product) || product_id_equal(product, row->product);
    pass->count += asked && metric_frame_has(pass->frame, row->partner);
}

static enum err pass_display(struct pass *pass)
{
    struct metric_frame *frame = pass->frame;
    bool delivered = (frame->delivered & FACT_KIND_BIT(FACT_DISPLAY_ON)) != 0;
    if (!delivered || !metric_frame_wants(frame, FORMULA_ON_DISPLAY))
        return OK;
    for (size_t i = 0; i < pass->points->count; i++) {
        struct display_pass display = {frame, 0};
        struct day to = metric_points_window(pass->points, frame, i).to;
        TRY(display_read(frame->ctx, frame->heading.scope.partner,
                         metric_frame_start_ms(frame, to) - 1, visit_display, &display));
        pass->points->points[i].beside.on_display = display.count;
    }
    return OK;
}

/* ---- conversions ---- */

struct duration {
    size_t point;
    int64_t ms;
};

struct conversion_pass {
    struct pass pass;
    struct duration *durations;
    size_t count, cap;
};

static void add_duration(struct conversion_pass *pass, size_t point, int64_t ms)
{
    struct arena *arena = pass->pass.frame->ctx->arena;
    if (pass->count == pass->cap) {
        size_t cap = pass->cap ? pass->cap * 2 : 64;
        struct duration *copy = ARENA_ARRAY(arena, struct duration, cap);
        for (size_t i = 0; i < pass->count; i++)
            copy[i] = pass->durations[i];
        pass->durations = copy;
        pass->cap = cap;
    }
    pass->durations[pass->count++] = (struct duration){point, ms};
}

/* It was open from the point in which it began to the one in which it ended: one up there and one
 * down behind, until close_open adds them along. */
static void add_open(const struct pass *pass, const struct conversion *conversion)
{
    const struct metric_points *points = pass->points;
    int64_t end_ms = conversion->active_ms ? conversion->active_ms : conversion->ended_ms;
    size_t first = point_of_time(pass, conversion->since_ms);
    size_t last = end_ms ? point_of_time(pass, end_ms) : SIZE_MAX;
    points->points[first == SIZE_MAX ? 0 : first].beside.prospects_open++;
    if (last != SIZE_MAX && last + 1 < points->count)
        points->points[last + 1].beside.prospects_open--;
}

static void close_open(const struct metric_points *points)
{
    for (size_t i = 1; i < points->count; i++)
        points->points[i].beside.prospects_open += points->points[i - 1].beside.prospects_open;
}

static void visit_conversion(void *self, const struct conversion *conversion)
{
    struct conversion_pass *pass = self;
    const struct metric_frame *frame = pass->pass.frame;
    if (!metric_frame_has(frame, conversion->partner))
        return;
    add_open(&pass->pass, conversion);
    size_t at =
        conversion->active_ms ? point_of_time(&pass->pass, conversion->active_ms) : SIZE_MAX;
    if (at != SIZE_MAX && conversion->active_ms >= conversion->since_ms)
        add_duration(pass, at, conversion->active_ms - conversion->since_ms);
}

static int compare_durations(const void *a, const void *b)
{
    const struct duration *left = a, *right = b;
    if (left->point != right->point)
        return left->point < right->point ? -1 : 1;
    return (left->ms > right->ms) - (left->ms < right->ms);
}

/* Medians of each point; of an even number the mean of the middle two. */
static void set_medians(struct conversion_pass *pass)
{
    size_t from = 0;
    if (pass->count)
        qsort(pass->durations, pass->count, sizeof(pass->durations[0]), compare_durations);
    while (from < pass->count) {
        size_t to = from;
        while (to < pass->count && pass->durations[to].point == pass->durations[from].point)
            to++;
        struct metric_beside *beside =
            &pass->pass.points->points[pass->durations[from].point].beside;
        size_t count = to - from;
        beside->conversions_timed = (int64_t)count;
        beside->conversion_ms = (int128)pass->durations[from + (count - 1) / 2].ms +
                                pass->durations[from + count / 2].ms;
        from = to;
    }
}

static enum err pass_conversions(const struct pass *pass)
{
    struct metric_frame *frame = pass->frame;
    struct conversion_pass conversions = {.pass = *pass};
    const struct metric_window *window = &frame->heading.window;
    struct conversion_query query = {frame->heading.scope.partner,
                                     metric_frame_start_ms(frame, window->from),
                                     metric_frame_start_ms(frame, window->to)};
    if (!metric_frame_wants(frame, FORMULA_PROSPECT_RATE))
        return OK;
    TRY(metric_store_conversions(frame->ctx, &query, visit_conversion, &conversions));
    close_open(conversions.pass.points);
    set_medians(&conversions);
    return OK;
}

static void visit_first_order(void *self, const struct first_order *first)
{
    struct pass *pass = self;
    struct metric_beside *beside = &pass->points->points[first->point].beside;
    beside->first_orders++;
    beside->first_order_ms_sum += first->ms;
}

enum err metric_sums_read(struct metric_frame *frame, struct metric_points *points)
{
    struct pass pass = {.frame = frame, .points = points};
    points->count = points->stepped ? metric_step_points(points->step, frame->heading.window) : 1;
    points->points = ARENA_ARRAY(frame->ctx->arena, struct metric_sums, points->count);
    for (size_t i = 0; i < points->count; i++) {
        metric_sums_init(&points->points[i], frame->ctx->arena, frame->heading.reporting,
                         frame->usual);
        points->points[i].delivered = frame->delivered;
    }
    TRY(pass_sums(&pass));
    TRY(pass_selling(&pass));
    TRY(pass_span(&pass));
    TRY(pass_display(&pass));
    TRY(pass_conversions(&pass));
    if (metric_frame_wants(frame, FORMULA_FIRST_ORDER))
        TRY(metric_first_orders_read(frame, points, visit_first_order, &pass));
    if (arena_failed(frame->ctx->arena))
        return CTX_FAULT(frame->ctx, ERR_MEMORY, "memory",
                         "This needs more memory than one request may use.");
    return OK;
}
