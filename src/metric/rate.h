/* Exchange rates: what one unit of a currency was worth on a day. Private to src/metric. */
#ifndef SRC_METRIC_RATE_H
#define SRC_METRIC_RATE_H

#include "lib/base/money.h"
#include "lib/base/time.h"
#include "src/core/ctx.h"
#include "src/core/page.h"

/* Units of the reporting currency for one unit of `currency`, in 10^-9. */
struct rate {
    struct day day;
    struct currency currency;
    int64_t nano; /* 0 in a change: the rate is taken away */
};

/* A rate as people write it: over 0, at most 10^9, at most nine decimals. */
MUST_CHECK bool rate_parse(struct str text, int64_t *ret_nano);
struct str rate_text(int64_t nano, struct arena *arena);

struct rate_page {
    struct rate *rows;
    size_t count;
    int64_t limit;
    struct str next;
};
struct rate_filter {
    struct currency currency; /* not set: all */
    struct day from, to;      /* [from, to) */
};
/* Newest day first, of the reporting currency that the organisation has now. */
MUST_CHECK enum err rate_list(struct ctx *ctx, const struct rate_filter *filter,
                              const struct page *page, struct rate_page *ret_page);
/*
 * All or none. ERR_INVALID, with the row in the fault, for the reporting currency itself. An audit
 * row for the call.
 */
MUST_CHECK enum err rate_save(struct ctx *ctx, const struct rate *rates, size_t count,
                              size_t *ret_changed);

/* ---- conversion ---- */

/* The rates that one computation needs, read when they are first asked for. */
struct rate_book {
    struct ctx *ctx;
    struct currency reporting;
    struct day to; /* none is asked for from this day on */
    struct rate_history *histories;
    size_t count;
    enum err failed;
};
void rate_book_init(struct rate_book *book, struct ctx *ctx, struct currency reporting,
                    struct day to);
/* The rate of the day or the latest before it, in 10^-9; 0 when none is loaded, or when the book
 * has `failed`. */
int64_t rate_book_find(struct rate_book *book, struct currency currency, struct day day);

/* The same without a book, for one. */
MUST_CHECK enum err rate_of_day(struct ctx *ctx, struct currency reporting,
                                struct currency currency, struct day day, int64_t *ret_nano);

#endif
