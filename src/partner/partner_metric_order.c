/* The list in the order of a metric. */
#include "src/partner/partner_metric_order.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROWS = 1024 };

enum err metric_order_check(struct ctx *ctx, struct str code)
{
    const struct partner_metrics *metrics = ctx->services->partner_metrics;
    if (metrics && metrics->exists(code))
        return OK;
    return CTX_FAULT_FIELD(ctx, ERR_INVALID, "sort_unknown", "sort",
                           "There is no column or metric \"%.*s\" to sort by.",
                           STR_ARG(str_slice(code, 0, 80)));
}

enum err metric_order_open(struct ctx *ctx, const struct partner_order *order,
                           struct metric_order *metric)
{
    *metric = (struct metric_order){.arena = ctx->arena, .descending = order->descending};
    TRY(metric_order_check(ctx, order->metric.code));
    return ctx->services->partner_metrics->values(ctx, &order->metric, &metric->values);
}

void metric_order_take(struct metric_order *metric, struct partner_id id)
{
    const struct partner_metric_values *values = &metric->values;
    while (metric->at < values->count && values->rows[metric->at].partner.v < id.v)
        metric->at++;
    bool has = metric->at < values->count && values->rows[metric->at].partner.v == id.v;
    if (metric->count == metric->cap) {
        size_t cap = metric->cap ? metric->cap * 2 : FIRST_ROWS;
        struct metric_row *more = ARENA_ARRAY(metric->arena, struct metric_row, cap);
        if (metric->count)
            memcpy(more, metric->rows, metric->count * sizeof(*more));
        metric->rows = more;
        metric->cap = cap;
    }
    metric->rows[metric->count++] = (struct metric_row){id, has ? &values->rows[metric->at] : NULL};
}

static int compare_ints(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_rows(const struct metric_row *a, const struct metric_row *b, bool descending)
{
    int order = compare_ints(!a->value, !b->value);
    if (!order && a->value)
        order = compare_ints(a->value->key, b->value->key) * (descending ? -1 : 1);
    return order ? order : compare_ints(a->id.v, b->id.v);
}

static int compare_up(const void *a, const void *b)
{
    return compare_rows(a, b, false);
}

static int compare_down(const void *a, const void *b)
{
    return compare_rows(a, b, true);
}

void metric_order_sort(struct metric_order *metric)
{
    if (metric->count)
        qsort(metric->rows, metric->count, sizeof(*metric->rows),
              metric->descending ? compare_down : compare_up);
}

/* The first row after the cursor's. A value may have changed since: its place is what counts. */
static size_t first_after(const struct metric_order *metric, const struct page *page)
{
    const struct partner_metric_value value = {.key = page->after_int};
    const struct metric_row last = {{page->after_id}, page->after_text.len ? &value : NULL};
    size_t low = 0, high = page->has_cursor ? metric->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_rows(&metric->rows[middle], &last, metric->descending) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void metric_order_places(const struct metric_order *metric, const struct page *page,
                         struct list_places *places)
{
    places->count = 0;
    for (size_t i = first_after(metric, page); i < metric->count && places->count < places->limit;
         i++) {
        const struct metric_row *row = &metric->rows[i];
        places->rows[places->count++] = (struct list_place){
            row->id, row->value ? STR("1") : STR(""), row->value ? row->value->key : 0};
    }
}

static int compare_value(const void *key, const void *value)
{
    return compare_ints(((const struct partner_id *)key)->v,
                        ((const struct partner_metric_value *)value)->partner.v);
}

void metric_order_show(const struct metric_order *metric, struct partner_row *row)
{
    const struct partner_metric_value *value =
        metric->values.count ? bsearch(&row->id, metric->values.rows, metric->values.count,
                                       sizeof(*metric->values.rows), compare_value)
                             : NULL;
    if (!value)
        return;
    row->metric_value = value->text;
    row->metric_currency = value->currency;
}
