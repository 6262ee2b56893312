/* Statements of the list of partners. Private to src/partner. */
#ifndef SRC_PARTNER_PARTNER_LIST_STORE_H
#define SRC_PARTNER_PARTNER_LIST_STORE_H

#include "src/core/limits.h"
#include "src/partner/partner.h"

/* One more order than the user has: by id, for those who take all. */
enum { LIST_SORT_ID = PARTNER_SORT_COUNT, LIST_SORT_COUNT };
/* Whether the key of the order is a text or a number. */
bool list_sort_is_text(int sort);
/* Whether an index has the order. */
bool list_sort_is_indexed(int sort);

/* From where a list starts: all partners in order, or those that an index has for one restriction,
 * which are then sorted. The numbers stand in the statement. */
enum list_source {
    LIST_WALK = 0,
    LIST_FROM_WORD = 1,
    LIST_FROM_MANAGER = 2,
    LIST_FROM_TAG = 3,
    LIST_FROM_PRODUCT = 4,
    LIST_FROM_PARENT = 5,
    LIST_FROM_COUNTRY = 6,
    LIST_FROM_TIER = 7,
    LIST_FROM_STATUS = 8,
    LIST_FROM_SELF = 9, /* a partner's user has but one */
};

/* A filter as the statements take it. */
struct list_filter {
    const struct partner_filter *given;
    struct str words[LIMIT_SEARCH_WORDS]; /* the rarest first */
    struct str ends[LIMIT_SEARCH_WORDS];
    size_t word_count;
    enum list_source source;
    size_t rare_words; /* LIST_FROM_WORD: so many of the words are rare enough to be joined */
};

struct list_restriction {
    enum list_source source;
    size_t word; /* LIST_FROM_WORD: which */
};
/* How many partners (or words) one restriction leaves, counted up to `limit`. Not for
 * LIST_FROM_SELF: it is one. */
MUST_CHECK enum err list_store_hits(struct ctx *ctx, const struct list_filter *filter,
                                    const struct list_restriction *restriction, int64_t limit,
                                    int64_t *ret_hits);
/* All partners, also those that no list shows. */
MUST_CHECK enum err list_store_partners(struct ctx *ctx, int64_t *ret_count);

struct list_order {
    int sort; /* enum partner_sort, LIST_SORT_ID */
    bool descending;
};
/* A row's place in an order. */
struct list_place {
    struct partner_id id;
    struct str text; /* the key, where it is a text … */
    int64_t number;  /* … or a number */
};
struct list_places {
    struct list_place *rows;
    size_t count, limit;
};
/* Before the first row of an order. */
struct list_place list_start(const struct list_order *order);
/* At most `places->limit` places after `after`, into its rows, which have room for them. */
MUST_CHECK enum err list_store_places(struct ctx *ctx, const struct list_filter *filter,
                                      const struct list_order *order,
                                      const struct list_place *after, struct list_places *places);
/*
 * The same in the order of names, for LIST_FROM_WORD: hits of the rare words by their index alone.
 * A partner comes as often in a row as it has words that begin so. It may not be what the filter
 * wants: ask list_store_fits.
 */
MUST_CHECK enum err list_store_hits_by_name(struct ctx *ctx, const struct list_filter *filter,
                                            bool descending, const struct list_place *after,
                                            struct list_places *places);
/* Whether the filter is true of the partner, but for the rare words. */
MUST_CHECK enum err list_store_fits(struct ctx *ctx, const struct list_filter *filter,
                                    struct partner_id id, bool *ret_fits);
MUST_CHECK enum err list_store_count(struct ctx *ctx, const struct list_filter *filter,
                                     int64_t *ret_count);
/* What the list shows of one partner; `ret_found` false when the actor may not see it. */
MUST_CHECK enum err list_store_row(struct ctx *ctx, struct partner_id id,
                                   struct partner_row *ret_row, bool *ret_found);
/* At most two products that have this code or folded name, by a select: the noun stands later. */
MUST_CHECK enum err list_store_products(struct ctx *ctx, struct str text,
                                        struct product_id ret_ids[2], size_t *ret_count);

#endif
