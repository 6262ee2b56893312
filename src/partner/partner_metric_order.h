/* The list in the order of a metric: values of all partners, joined with those of the filter.
 * Private to src/partner. */
#ifndef SRC_PARTNER_PARTNER_METRIC_ORDER_H
#define SRC_PARTNER_PARTNER_METRIC_ORDER_H

#include "src/partner/partner_list_store.h"

struct metric_row {
    struct partner_id id;
    const struct partner_metric_value *value; /* NULL: no data */
};
struct metric_order {
    struct arena *arena;
    bool descending;
    struct partner_metric_values values;
    size_t at; /* in the values, while partners are taken */
    struct metric_row *rows;
    size_t count, cap;
};

/* ERR_INVALID with the field `sort` unless there is such a metric. */
MUST_CHECK enum err metric_order_check(struct ctx *ctx, struct str code);
/* ERR_INVALID for a metric that does not exist. Memory is of the arena of now. */
MUST_CHECK enum err metric_order_open(struct ctx *ctx, const struct partner_order *order,
                                      struct metric_order *metric);
/* In the order of ids. */
void metric_order_take(struct metric_order *metric, struct partner_id id);
/* Once all are taken: by value, then by id; those without data last. */
void metric_order_sort(struct metric_order *metric);
/* The places after that of the page's cursor: `number` is the value's key, `text` "1" where there
 * is one. */
void metric_order_places(const struct metric_order *metric, const struct page *page,
                         struct list_places *places);
/* Puts the value into a row of the list. */
void metric_order_show(const struct metric_order *metric, struct partner_row *row);

#endif
