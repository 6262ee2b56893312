/* What is known of every partner, in memory. Private to src/attention. */
#ifndef SRC_ATTENTION_ATTENTION_TABLE_H
#define SRC_ATTENTION_ATTENTION_TABLE_H

#include <pthread.h>

#include "src/attention/attention_store.h"

struct attention_known {
    struct partner_id partner;
    struct user_id manager;
    struct currency currency;
    struct attention_past past;
    struct attention_verdict verdict;
    int64_t rank_stake, rank_sales;
    struct duplicate_id duplicate;
    int32_t duplicates;
    int64_t dns_ms;
    bool in_group; /* of the list that is made now */
};

/* Where something stands in the order. */
struct attention_place {
    int64_t stake, sales, id;
    size_t index;
};
/* Most urgent first: by what is at stake, by sales, by age. */
int attention_compare_places(const void *a, const void *b);

enum { ATTENTION_ZONE_BYTES = 64 };

struct attention {
    pthread_mutex_t lock;
    bool valid;
    int64_t as_of_ms;
    int64_t audit;       /* the newest row of the history that is in it */
    struct fact_id fact; /* the newest fact */
    struct attention_clock clock;
    char zone[ATTENTION_ZONE_BYTES];
    struct currency reporting;
    struct attention_known *rows; /* ascending by partner */
    size_t count, cap;
    struct attention_place *places; /* as many, in the order of urgency */
};

/* Locked, inside a read: brings it up to date. The basis is as of that. */
MUST_CHECK enum err attention_refresh(struct ctx *ctx, struct attention *attention,
                                      struct attention_basis *ret_basis);
struct attention_known *attention_find(const struct attention *attention, struct partner_id id);
/* In the reporting currency at the rate of the day that is reckoned by; false: no rate. */
struct rate_book;
bool attention_convert(struct rate_book *book, struct day day, struct money money,
                       struct money *ret_converted);

#endif
