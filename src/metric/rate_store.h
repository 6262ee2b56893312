/* Statements of the exchange rates. Private to src/metric. */
#ifndef SRC_METRIC_RATE_STORE_H
#define SRC_METRIC_RATE_STORE_H

#include "src/metric/rate.h"

MUST_CHECK enum err rate_store_find(struct ctx *ctx, struct currency reporting,
                                    const struct rate *rate, int64_t *ret_nano);
/* `rate->nano` 0 deletes it. */
MUST_CHECK enum err rate_store_put(struct ctx *ctx, struct currency reporting,
                                   const struct rate *rate);
/* Where a page goes on: rates before this day, or of this day and after this currency. */
struct rate_place {
    struct day day;
    struct str currency;
};
/* Adds at most `page->limit` rates to a page that has room for them. */
MUST_CHECK enum err rate_store_list(struct ctx *ctx, struct currency reporting,
                                    const struct rate_filter *filter,
                                    const struct rate_place *after, struct rate_page *page);
/* Of the day or the latest before it; 0: there is none. */
MUST_CHECK enum err rate_store_latest(struct ctx *ctx, struct currency reporting,
                                      struct currency currency, struct day day, int64_t *ret_nano);
/* All of one currency before `to`, by day. */
MUST_CHECK enum err rate_store_history(struct ctx *ctx, struct currency reporting,
                                       struct currency currency, struct day to,
                                       struct rate_page *ret_rates);

#endif
