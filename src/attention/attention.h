/*
 * Who needs attention and why, most urgent first: partners that are silent longer than usual for
 * them, whose sales fall, that nobody acted for, that may be doubles, whose domain has changed;
 * imports with rows that were refused or belong to nobody. Definitions: attention_rules.h and
 * docs/guide/metrics.md.
 */
#ifndef SRC_ATTENTION_ATTENTION_H
#define SRC_ATTENTION_ATTENTION_H

#include "lib/base/money.h"
#include "src/attention/attention_rules.h"
#include "src/core/ctx.h"
#include "src/core/page.h"
#include "src/metric/metric.h"
#include "src/partner/partner.h"

/* "silent", …; NULL-terminated, for FIELD_ENUM. */
extern const char *const attention_reason_names[];

/* Adds the reason; ERR_INVALID for a code that is none. */
MUST_CHECK enum err attention_want(struct ctx *ctx, struct str code, unsigned *reasons);

struct attention_filter {
    struct metric_scope group; /* of partners; unset: all, with the imports, which are nobody's */
    unsigned reasons;          /* bits; 0: all */
};

/* What somebody should look at: a partner or an import. Texts in the context's arena. */
struct attention_item {
    struct partner_id partner; /* unset: an import */
    struct str name;           /* of the partner, or of the import's first file */
    struct user_id manager;
    struct str manager_name;
    struct import_id import;
    unsigned reasons;
    struct currency currency; /* not set: there is no money in it */
    struct money stake;       /* 0: nothing that could be counted */
    bool has_reporting;
    struct money reporting; /* the stake in the reporting currency */
    struct attention_past past;
    struct duplicate_id duplicate; /* the most certain open pair */
    int64_t duplicates, unassigned, bad_rows;
    int64_t since_ms; /* of the duplicate or the import */
    int64_t dns_ms;   /* when the change at its domain was found; 0: none */
    struct str dns_sentence;
    /* What the order is by. */
    int64_t rank_stake, rank_sales;
};

/* By what it was judged. */
struct attention_basis {
    struct attention_clock clock;
    int64_t as_of_ms; /* changes of many partners at once show a few seconds later */
    struct str time_zone;
    struct currency reporting;
    bool any_order;
    int32_t last_order; /* of the channel; day */
};
struct attention_page {
    struct attention_basis basis;
    struct attention_item *rows;
    size_t count;
    struct str next;
};
#define ATTENTION_ORDER "urgency"
/* Inside a read; staff only: ERR_FORBIDDEN for who sees one partner. */
MUST_CHECK enum err attention_list(struct ctx *ctx, const struct attention_filter *filter,
                                   const struct page *page, struct attention_page *ret_page);

struct attention_summary {
    struct attention_basis basis;
    int64_t items[ATTENTION_REASON_COUNT]; /* with each reason */
    int64_t total;                         /* items with any */
};
MUST_CHECK enum err attention_summarise(struct ctx *ctx, const struct metric_scope *group,
                                        struct attention_summary *ret_summary);

/* One sentence with its numbers, the day since when, and the formula of the reason. */
struct str attention_sentence(struct ctx *ctx, const struct attention_basis *basis,
                              const struct attention_item *item, enum attention_reason reason);
struct day attention_since(struct ctx *ctx, const struct attention_basis *basis,
                           const struct attention_item *item, enum attention_reason reason);
const char *attention_formula(enum attention_reason reason);
/* Why a reason is not judged at all; empty: it is. */
struct str attention_silence(const struct attention_basis *basis, enum attention_reason reason);

/* State of the process: what is known of every partner, brought up to date by what was written
 * since. For services->attention. */
struct attention *attention_new(void);
/* From now on a thread keeps it made, so that no request waits for that: until it is there they get
 * ERR_BUSY, and where very much changes at once an older one, which says its age. `services` is
 * borrowed until attention_stop. */
void attention_keep(struct attention *attention, const struct services *services);
/* Before the database is closed. Any number of times; NULL is fine. */
void attention_stop(struct attention *attention);
/* Stops. NULL is fine. */
void attention_free(struct attention *attention);

struct query_table;
struct route_table;
struct command_table;
extern const struct query_table attention_queries;
extern const struct route_table attention_routes;
extern const struct command_table attention_commands;

#endif
