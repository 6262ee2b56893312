/*
 * The ledger: what happened at each partner, never changed, and the rollups that are exact in the
 * same transaction. See docs/guide/metrics.md for what each kind means.
 */
#ifndef SRC_LEDGER_LEDGER_H
#define SRC_LEDGER_LEDGER_H

#include "lib/base/money.h"
#include "src/core/ctx.h"
#include "src/core/page.h"
#include "src/partner/partner.h"

/* Stored as these numbers: append only. */
enum fact_kind {
    FACT_ORDER = 1,
    FACT_ITEM = 2,
    FACT_CALL_MADE = 3,
    FACT_CALL_RECEIVED = 4,
    FACT_VISIT = 5,
    FACT_DISPLAY_ON = 6,
    FACT_DISPLAY_OFF = 7,
    FACT_SHELF_SOLD = 8,
    FACT_FUNNEL_CALL = 9,
    FACT_FUNNEL_CONTACT_TO = 10,
    FACT_FUNNEL_CONTACT_BY = 11,
    FACT_DEAL_REGISTERED = 12,
    FACT_DEAL_WON = 13,
    FACT_DEAL_LOST = 14,
    FACT_ACCOUNT_OPENED = 15,
    FACT_COST = 16,
    FACT_PARTNER_CONVERTED = 17,
    FACT_KIND_COUNT
};
/* "order", "call.made", … */
const char *fact_kind_name(enum fact_kind kind);
MUST_CHECK bool fact_kind_parse(struct str name, enum fact_kind *ret_kind);
/* All names from the first kind on, NULL at the end: for FIELD_ENUM, whose value is kind - 1. */
extern const char *const fact_kind_names[];

/* A fact as it comes in. Texts are borrowed for the call. */
struct fact_draft {
    struct partner_id partner;
    enum fact_kind kind;
    int64_t at_ms;
    int64_t quantity_milli; /* thousandths of the kind's unit; 1000 where nothing is given */
    bool has_amount;
    struct money amount; /* its currency is set whenever has_amount or has_cost */
    bool has_cost;
    int64_t cost_minor; /* cost of goods of an item, in the amount's currency */
    struct product_id product;
    struct contact_id contact;
    struct str source;      /* "salesforce", "shop"; required */
    struct str external_id; /* unique within the source; required */
    struct str ref;         /* the order of an item, the deal of an outcome; may be empty */
    struct str note;
    struct fact_id reverses; /* set by ledger_reverse only */
    struct import_id import; /* the import that brought it */
};

enum fact_result { FACT_RECORDED, FACT_REPEATED, FACT_DIFFERS };
/*
 * FACT_REPEATED: this source and external id were recorded before with the same content; nothing is
 * written. FACT_DIFFERS: with another content; nothing is written, and the caller says so for the
 * row. Content is everything but the import; a partner counts as the one it was merged into.
 */
struct fact_outcome {
    enum fact_result result;
    struct fact_id id; /* of the new fact, or of the one that was there; unset when ledger_check
                          answers FACT_RECORDED */
};

/*
 * Inside a write. Rollup changes are summed in services->ledger and written once for all facts of a
 * group. ERR_INVALID with the field, before anything is written, for a draft that cannot be
 * recorded: text too long, number out of bounds, a total that would overflow. ERR_NOT_FOUND for a
 * partner that is not there. The product and the contact are the caller's to check.
 */
MUST_CHECK enum err ledger_record(struct ctx *ctx, const struct fact_draft *draft,
                                  struct fact_outcome *ret_outcome);
/* What ledger_record would do, on any connection and without writing: the same checks, the same
 * result. A draft without a partner is one of a partner that is yet to be created. */
MUST_CHECK enum err ledger_check(struct ctx *ctx, const struct fact_draft *draft,
                                 struct fact_outcome *ret_outcome);
/*
 * Inside a write: records the reversal of a fact, once, with the original's partner, time and
 * content; ERR_CONFLICT when it is reversed already or is a reversal itself.
 */
MUST_CHECK enum err ledger_reverse(struct ctx *ctx, struct fact_id id, struct str note,
                                   struct import_id import, struct fact_id *ret_id);

/* ---- reading facts ---- */

/* A fact as it stands in the ledger. Texts in the context's arena. */
struct fact {
    struct fact_id id;
    struct partner_id partner; /* as recorded: merges do not change it */
    enum fact_kind kind;
    int64_t at_ms;
    int64_t recorded_ms;
    int64_t quantity_milli;
    bool has_amount;
    struct money amount;
    bool has_cost;
    int64_t cost_minor;
    struct product_id product;
    struct contact_id contact;
    struct str partner_name, product_name; /* as they are called now; empty: no such record */
    struct str source, external_id, ref, note;
    struct fact_id reverses;    /* set: this is a reversal */
    struct fact_id reversed_by; /* set: it counts no more */
    struct import_id import;
};

/* Partners that meet all of what is set, neither archived nor merged; their facts with those of
 * the partners that were merged into them. As metric_scope of src/metric has groups. */
struct fact_group {
    struct user_id manager;
    struct str tier, country, tag;
};
/* What is asked for; zero members do not restrict. */
struct fact_filter {
    struct partner_id partner; /* with the partners that were merged into it */
    struct fact_group group;   /* not with a partner */
    unsigned kinds;            /* bits FACT_KIND_BIT */
    struct product_id product;
    struct str source;
    int64_t from_ms, to_ms; /* when it happened, [from, to) */
    /* Deals of the partner that are neither won nor lost, as its live report counts them. */
    bool open_deals;
};
#define FACT_KIND_BIT(kind) (1U << (unsigned)(kind))

/* Makes room for the facts of this month and of those that come, where the ledger is kept by month
 * of recording (PostgreSQL). Needs the writer. */
MUST_CHECK enum err ledger_make_months(struct ctx *ctx, int64_t months, int64_t *ret_made);
struct fact_page {
    struct fact *rows;
    size_t count;
    struct str next;
};
/* By the time it happened, newest first. Only what the actor may see: ERR_FORBIDDEN for a group
 * where that is one partner. A cursor's number is the time, its id the fact. */
#define LEDGER_LIST_ORDER "-at"
MUST_CHECK enum err ledger_list(struct ctx *ctx, const struct fact_filter *filter,
                                const struct page *page, struct fact_page *ret_page);
/* ERR_NOT_FOUND also for a fact that the actor may not see. */
MUST_CHECK enum err ledger_get(struct ctx *ctx, struct fact_id id, struct fact *ret_fact);
/* By its key, reversed or not; `ret_found` false: never recorded. Any connection. */
MUST_CHECK enum err ledger_find(struct ctx *ctx, struct str source, struct str external_id,
                                struct fact *ret_fact, bool *ret_found);
/* Facts that an import brought, reversals not included, in the order of recording: those after
 * `after`, at most `limit`. An undo reverses the ones that are not reversed_by. */
MUST_CHECK enum err ledger_list_import(struct ctx *ctx, struct import_id import,
                                       struct fact_id after, int64_t limit,
                                       struct fact_page *ret_page);
/* The fact that was recorded last; unset when there is none. Ids grow in the order of commits, of
 * all processes, so this is how far a reader of the ledger is. */
MUST_CHECK enum err ledger_newest(struct ctx *ctx, struct fact_id *ret_id);
/* Facts that were recorded after one and up to another; zero members do not restrict. */
struct fact_range {
    struct fact_id after, to;
    struct partner_id partner; /* with the partners that were merged into it */
    unsigned kinds;            /* bits FACT_KIND_BIT */
    struct product_id product;
};
/* In the order of recording, at most `limit`. Only what the actor may see. */
MUST_CHECK enum err ledger_list_after(struct ctx *ctx, const struct fact_range *range,
                                      int64_t limit, struct fact_page *ret_page);
/* How many they are, whatever partner, kind and product; counts no further than `most`. */
MUST_CHECK enum err ledger_count_after(struct ctx *ctx, const struct fact_range *range,
                                       int64_t most, int64_t *ret_count);
/* How many facts of each kind were ever recorded, reversals with them: FACT_KIND_COUNT numbers. */
MUST_CHECK enum err ledger_count_kinds(struct ctx *ctx, int64_t *ret_facts);
/* By the partner in whose totals they count and by kind, in this order; of all partners and kinds,
 * of the range's product. */
struct fact_tally {
    struct partner_id partner;
    enum fact_kind kind;
    int64_t facts;
};
struct fact_tallies {
    struct fact_tally *rows;
    size_t count;
};
MUST_CHECK enum err ledger_tally_after(struct ctx *ctx, const struct fact_range *range,
                                       struct fact_tallies *ret_tallies);
/* "3", "2.5": thousandths without the zeros that say nothing. */
void fact_quantity_render(int64_t milli, struct buf *buf);
/* How a fact looks in the API. */
struct json_writer;
void fact_render(const struct fact *fact, struct json_writer *writer);
extern const struct schema fact_schema;

/* ---- care ---- */

/* What `rapport doctor` found: rows of the projections that are not what the facts say. */
struct ledger_report {
    int64_t facts, rows; /* looked at */
    int64_t differences;
    int64_t repaired;
    struct str first; /* the first difference in words; empty: none */
};
typedef bool ledger_progress(void *self, int64_t done, int64_t total);
/*
 * Not inside a transaction: recomputes every rollup and the display from the facts, a few days at a
 * time, and looks every fact up by its key. With `repair` what differs is written anew. Also
 * rebuilds everything when the organisation's time zone is no longer the one the rollups were made
 * for. `progress` may be NULL; false from it stops with ERR_CANCELLED.
 */
struct ledger_doctor_options {
    bool repair;
    ledger_progress *progress;
    void *self;
};
MUST_CHECK enum err ledger_doctor(struct ctx *ctx, const struct ledger_doctor_options *options,
                                  struct ledger_report *ret_report);

/* ---- state of the process ---- */

/* `services` is borrowed. Its hooks go to db_set_hooks. */
struct ledger *ledger_new(const struct services *services);
void ledger_free(struct ledger *ledger);
/* Records `partner.converted`, moves and rebuilds rollups. */
extern const struct partner_listener ledger_partner_listener;
/* Makes all rollups anew for other days, in the same transaction. */
struct organisation_listener;
extern const struct organisation_listener ledger_organisation_listener;
struct db_hooks;
void ledger_hooks(struct ledger *ledger, struct db_hooks *ret_hooks);

struct query_table;
extern const struct query_table ledger_queries;
extern const struct query_table ledger_group_queries;
extern const struct query_table ledger_after_queries;
extern const struct query_table ledger_list_group_queries;
extern const struct query_table rollup_queries, rollup_move_queries;
struct route_table;
extern const struct route_table ledger_routes;
struct command_table;
extern const struct command_table ledger_commands;

#endif
