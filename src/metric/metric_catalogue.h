/* The rows of the catalogue. Private to src/metric. */
#ifndef SRC_METRIC_METRIC_CATALOGUE_H
#define SRC_METRIC_METRIC_CATALOGUE_H

#include "src/metric/metric.h"

/* NULL when there is none with this code. */
const struct metric *metric_find(struct str code);
/*
 * The row as it reads for one product: an order names no product, so its lines stand in for it, and
 * the printed formula says so. NULL where a product has no such number.
 */
const struct metric *metric_of_product(const struct metric *metric);

/* The index of the one metric that is wanted. */
size_t metric_only(uint32_t wanted);

#endif
