/* Statements of facts, their keys and the ledger's state. Private to src/ledger. */
#ifndef SRC_LEDGER_LEDGER_STORE_H
#define SRC_LEDGER_LEDGER_STORE_H

#include "src/ledger/ledger_state.h"

/* ---- state ---- */

/* Whether ctx->conn is the writer's. */
bool ledger_store_is_write(const struct ctx *ctx);
/* See db_others_changes. */
int64_t ledger_store_others_changes(struct ctx *ctx);
MUST_CHECK enum err ledger_store_mark(struct ctx *ctx, struct ledger_mark *ret_mark);
MUST_CHECK enum err ledger_store_make(struct ctx *ctx, const struct ledger_mark *mark);
MUST_CHECK enum err ledger_store_set_zone(struct ctx *ctx, struct str time_zone);
/* 0 when there is no such source. */
MUST_CHECK enum err ledger_store_source(struct ctx *ctx, struct str name, int64_t *ret_id);
MUST_CHECK enum err ledger_store_add_source(struct ctx *ctx, struct str name, int64_t *ret_id);

/* ---- keys ---- */

typedef void ledger_key_visit(void *self, int64_t fact_id, int64_t source_id,
                              struct str external_id);
/* Of all facts after `after_id`, in the order of ids. */
MUST_CHECK enum err ledger_store_keys_after(struct ctx *ctx, int64_t after_id,
                                            ledger_key_visit *visit, void *self);
/* The filter of a run, in the arena, and the last fact it may hold. */
MUST_CHECK enum err ledger_store_run(struct ctx *ctx, int64_t run, struct arena *arena,
                                     struct str *ret_filter, int64_t *ret_last_fact_id);
/* The ids in a run's slot that may have the hash; see keys_entries_find. */
struct slot_search {
    size_t run;
    uint64_t hash;
    int64_t *ids; /* room for `max` */
    size_t max;
    size_t count; /* set: how many there are */
};
MUST_CHECK enum err ledger_store_slot(struct ctx *ctx, struct slot_search *search);

/* ---- facts ---- */

MUST_CHECK enum err ledger_store_insert(struct ctx *ctx, const struct fact_draft *draft,
                                        int64_t source_id, struct fact_id id);
/* Only what the actor may see. Texts in the arena. */
MUST_CHECK enum err ledger_store_get(struct ctx *ctx, struct fact_id id, struct fact *ret_fact,
                                     bool *ret_found);
MUST_CHECK enum err ledger_store_insert_reversal(struct ctx *ctx, struct fact_id id,
                                                 struct fact_id reversal);
/* The partner in whose totals a partner's facts count; itself unless it was merged. */
MUST_CHECK enum err ledger_store_survivor(struct ctx *ctx, struct partner_id partner,
                                          struct partner_id *ret_survivor);
MUST_CHECK enum err ledger_store_merge(struct ctx *ctx, struct partner_id from,
                                       struct partner_id into);

/* A day range in UTC and what restricts it; ids 0 and texts empty do not. */
struct fact_span {
    int64_t from_day, to_day;     /* [from, to) */
    int64_t from_ms, to_ms;       /* [from, to) */
    int64_t before_ms, before_id; /* after this row in the order newest first; 0: from the start */
    int64_t limit;
    bool of_few; /* the group has few partners */
};
/* Appends to `rows` at *count, newest first, at most span->limit. */
MUST_CHECK enum err ledger_store_list(struct ctx *ctx, const struct fact_filter *filter,
                                      const struct fact_span *span, struct fact *rows,
                                      size_t *count);
/* The same of a group: of few partners by their days, of many by all facts of the days. */
MUST_CHECK enum err ledger_store_list_group(struct ctx *ctx, const struct fact_filter *filter,
                                            const struct fact_span *span, struct fact *rows,
                                            size_t *count);
/* How many partners are in it; counts no further than `most`. */
MUST_CHECK enum err ledger_store_group_size(struct ctx *ctx, const struct fact_group *group,
                                            int64_t most, int64_t *ret_size);
/* A source as the lists take it: NULL for none given; one that nobody ever used has no facts. */
struct db_value;
MUST_CHECK enum err ledger_store_source_value(struct ctx *ctx, struct str name,
                                              struct db_value *ret_value);
MUST_CHECK enum err ledger_store_list_import(struct ctx *ctx, struct import_id import,
                                             struct fact_id after, int64_t limit,
                                             struct fact_page *ret_page);
MUST_CHECK enum err ledger_store_list_after(struct ctx *ctx, const struct fact_range *range,
                                            int64_t limit, struct fact_page *ret_page);
/* The first and last UTC day of any fact. */
MUST_CHECK enum err ledger_store_days(struct ctx *ctx, int64_t *ret_first, int64_t *ret_last,
                                      bool *ret_any);

/* Facts by kind: FACT_KIND_COUNT numbers. */
MUST_CHECK enum err ledger_store_kinds(struct ctx *ctx, int64_t *ret_facts);

/* What a fact counts, without its texts. */
typedef void ledger_count_visit(void *self, const struct fact_draft *draft);
/* Every fact of the UTC days [from, to), of one partner as recorded or (unset) of all. */
struct count_range {
    int64_t from_day, to_day;
    struct partner_id partner;
};
MUST_CHECK enum err ledger_store_count(struct ctx *ctx, const struct count_range *range,
                                       ledger_count_visit *visit, void *self);
typedef void ledger_partner_visit(void *self, struct partner_id partner);
/* The partner and those that were merged into it. */
MUST_CHECK enum err ledger_store_members(struct ctx *ctx, struct partner_id partner,
                                         ledger_partner_visit *visit, void *self);

#endif
