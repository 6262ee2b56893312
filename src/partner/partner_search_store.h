/* Statements that keep search words and duplicates. Private to src/partner. */
#ifndef SRC_PARTNER_PARTNER_SEARCH_STORE_H
#define SRC_PARTNER_PARTNER_SEARCH_STORE_H

#include "src/partner/duplicate_rules.h"
#include "src/partner/partner.h"
#include "src/partner/partner_search_rules.h"

/* ---- words ---- */

/* The words of all that the partner is found by; none for one that was merged into another, whose
 * names then count for the survivor. */
MUST_CHECK enum err search_store_read(struct ctx *ctx, struct partner_id id,
                                      struct search_words *words);
/* The words that are kept, in byte order. */
MUST_CHECK enum err search_store_words(struct ctx *ctx, struct partner_id id,
                                       struct search_words *words);
MUST_CHECK enum err search_store_add(struct ctx *ctx, struct partner_id id, struct str word);
/* Words hold the partner's name_key: brings it up to date after a change of the name. */
MUST_CHECK enum err search_store_rename(struct ctx *ctx, struct partner_id id);
MUST_CHECK enum err search_store_remove(struct ctx *ctx, struct partner_id id, struct str word);

/* ---- what is compared ---- */

/* `ret_found` false for a partner that is archived or merged. */
MUST_CHECK enum err match_store_features(struct ctx *ctx, struct partner_id id,
                                         struct duplicate_features *ret_features, bool *ret_found);
/* The partner's external ids, each "id" and a line break, in order. */
MUST_CHECK enum err match_store_externals(struct ctx *ctx, struct partner_id id,
                                          struct str *ret_text);
/* Empty when the partner was not looked at. */
MUST_CHECK enum err match_store_signature(struct ctx *ctx, struct partner_id id,
                                          struct str *ret_signature);
MUST_CHECK enum err match_store_save(struct ctx *ctx, const struct duplicate_features *features,
                                     struct str signature);
MUST_CHECK enum err match_store_remove(struct ctx *ctx, struct partner_id id);

/* ---- who may be the same ---- */

/* Ids without repetition, each with reasons that the index knows by itself. */
struct match_candidates {
    struct arena *arena;
    struct {
        struct partner_id id;
        unsigned reasons;
    } * rows;
    size_t count, cap;
};
void match_candidates_add(struct match_candidates *candidates, struct partner_id id,
                          unsigned reasons);

/* Each adds at most `limit`, and says how many it saw. */
MUST_CHECK enum err match_store_by_domain(struct ctx *ctx,
                                          const struct duplicate_features *features, int64_t limit,
                                          struct match_candidates *candidates, size_t *ret_seen);
MUST_CHECK enum err match_store_by_phone(struct ctx *ctx, struct partner_id id, struct str phone,
                                         int64_t limit, struct match_candidates *candidates);
MUST_CHECK enum err match_store_by_external(struct ctx *ctx, struct partner_id id, int64_t limit,
                                            struct match_candidates *candidates);
/* Those with this company key, and its neighbours in byte order, forwards and backwards, whose keys
 * are close. */
MUST_CHECK enum err match_store_by_name(struct ctx *ctx, const struct duplicate_features *features,
                                        int64_t limit, struct match_candidates *candidates);

/* ---- pairs ---- */

struct match_pair {
    struct duplicate_id id;
    struct partner_id other;
    unsigned reasons;
    bool dismissed;
    bool seen; /* still so */
};
struct match_pairs {
    struct match_pair *rows;
    size_t count;
};
MUST_CHECK enum err pair_store_of(struct ctx *ctx, struct partner_id id,
                                  struct match_pairs *ret_pairs);
MUST_CHECK enum err pair_store_insert(struct ctx *ctx, struct partner_id a, struct partner_id b,
                                      unsigned reasons);
MUST_CHECK enum err pair_store_update(struct ctx *ctx, struct duplicate_id id, unsigned reasons);
MUST_CHECK enum err pair_store_remove(struct ctx *ctx, struct duplicate_id id);
/* Those that nobody judged. */
MUST_CHECK enum err pair_store_remove_open(struct ctx *ctx, struct partner_id id);

#endif
