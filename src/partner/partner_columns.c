/* Metrics that the list shows in columns of their own, whatever it is ordered by. */
#include "src/core/limits.h"
#include "src/partner/partner.h"

#include <stdlib.h>

static enum err check_column(struct ctx *ctx, struct str code)
{
    const struct partner_metrics *metrics = ctx->services->partner_metrics;
    if (metrics && metrics->exists(code))
        return OK;
    return CTX_FAULT_FIELD(ctx, ERR_INVALID, "metrics_unknown", "metrics",
                           "There is no metric \"%.*s\" to show.", STR_ARG(str_slice(code, 0, 80)));
}

enum err partner_columns_open(struct ctx *ctx, const struct str *codes, size_t count,
                              const struct partner_metric_query *window,
                              struct partner_columns *ret_columns)
{
    struct partner_columns columns = {.codes = codes, .count = count};
    if (count > LIMIT_LIST_METRICS)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "metrics_too_many", "metrics",
                               "The list shows at most %d metrics.", LIMIT_LIST_METRICS);
    for (size_t i = 0; i < count; i++) {
        struct partner_metric_query query = *window;
        query.code = codes[i];
        TRY(check_column(ctx, query.code));
        TRY(ctx->services->partner_metrics->values(ctx, &query, &columns.values[i]));
    }
    *ret_columns = columns;
    return OK;
}

static int compare_value(const void *key, const void *value)
{
    int64_t id = ((const struct partner_id *)key)->v;
    int64_t other = ((const struct partner_metric_value *)value)->partner.v;
    return (id > other) - (id < other);
}

const struct partner_metric_value *partner_columns_find(const struct partner_columns *columns,
                                                        size_t column, struct partner_id id)
{
    const struct partner_metric_values *values = &columns->values[column];
    if (!values->count)
        return NULL;
    return bsearch(&id, values->rows, values->count, sizeof(*values->rows), compare_value);
}
