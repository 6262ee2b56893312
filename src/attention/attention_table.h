/* What is known of every partner, in memory. Private to src/attention. */
#ifndef SRC_ATTENTION_ATTENTION_TABLE_H
#define SRC_ATTENTION_ATTENTION_TABLE_H

#include <pthread.h>
#include <stdatomic.h>

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

enum {
    ATTENTION_ZONE_BYTES = 64,
    ATTENTION_AGE_MS = 5000 /* no table is made anew more often, and it is said how old it is */
};

/* Judged by one basis; {0} is none. */
struct attention_table {
    bool valid;
    int64_t audit;       /* the newest row of the history that is in it */
    struct fact_id fact; /* the newest fact */
    struct attention_basis basis;
    char zone[ATTENTION_ZONE_BYTES]; /* of the basis */
    struct attention_known *rows;    /* ascending by partner */
    size_t count, cap;
    struct attention_place *places; /* as many, in the order of urgency */
};
void attention_table_free(struct attention_table *table);
/* Reads all of it, inside a read. ERR_CANCELLED, with the table not valid, when `stopping`, which
 * may be NULL, becomes true. */
MUST_CHECK enum err attention_table_make(struct ctx *ctx, struct attention_table *table,
                                         const atomic_bool *stopping);
/* AGED: many partners have changed since. OVER: it is judged by another basis, or not valid. */
enum attention_age { ATTENTION_FRESH, ATTENTION_AGED, ATTENTION_OVER };
/* Inside a read. Brings it up to date where few partners have changed, or `makes_all`. Else it is
 * as it was, and so old. */
MUST_CHECK enum err attention_table_refresh(struct ctx *ctx, struct attention_table *table,
                                            bool makes_all, enum attention_age *ret_age);
/* Whether it is judged by today's basis. */
MUST_CHECK enum err attention_table_is_of_today(struct ctx *ctx,
                                                const struct attention_table *table, bool *ret_is);
struct attention_known *attention_find(const struct attention_table *table, struct partner_id id);

struct attention {
    pthread_mutex_t lock;
    struct attention_table table;
    /* Of the keeper, see attention_keep; `services` NULL: there is none. */
    const struct services *services;
    pthread_t thread;
    pthread_cond_t rung, made;
    bool is_rung, is_urgent;
    bool is_making;
    atomic_bool stopping;
};
/* Locked, inside a read: up to date, or what the keeper made last. ERR_BUSY where it has not made
 * any yet. */
MUST_CHECK enum err attention_refresh(struct ctx *ctx, struct attention *attention);

/* In the reporting currency at the rate of the day that is reckoned by; false: no rate. */
struct rate_book;
bool attention_convert(struct rate_book *book, struct day day, struct money money,
                       struct money *ret_converted);

#endif
