/*
 * The numbers: every metric of the catalogue for one partner, a group or the channel, as values, as
 * a series, as a ranking of partners, and down to the facts it was made of.
 */
#ifndef SRC_METRIC_METRIC_H
#define SRC_METRIC_METRIC_H

#include "src/core/ctx.h"
#include "src/core/page.h"
#include "src/ledger/ledger.h"
#include "src/metric/metric_rules.h"
#include "src/metric/metric_window_rules.h"

/* ---- whose numbers ---- */

/*
 * Members that are not set do not restrict. A partner stands alone or with a product; the others
 * combine, and a partner must meet all of them. Archived partners are in no group.
 */
struct metric_scope {
    struct partner_id partner;
    struct user_id manager;
    struct str tier, country, tag;
    struct product_id product; /* only facts that name it */
};

/* Whether the actor may ask for it: ERR_FORBIDDEN, ERR_INVALID as below. Where it sees one partner
 * only, the scope becomes that partner. */
MUST_CHECK enum err metric_scope_check(struct ctx *ctx, struct metric_scope *scope);
bool metric_scope_is_group(const struct metric_scope *scope);
/* The partners of a group, its product aside. */
struct metric_members {
    const struct partner_id *ids; /* ascending */
    size_t count;
};
MUST_CHECK enum err metric_members(struct ctx *ctx, const struct metric_scope *scope,
                                   struct metric_members *ret_members);

struct metric_query {
    struct metric_scope scope;
    struct metric_days days;
    uint32_t wanted;   /* bits by index in the catalogue; 0: all */
    bool compare;      /* values and series: with the window before */
    bool lowest_first; /* rankings */
};
/* NULL past the end; never more than 32 rows. */
const struct metric *metric_at(size_t index);
/* Adds the metric; ERR_INVALID for a code that is not in the catalogue. */
MUST_CHECK enum err metric_want(struct ctx *ctx, struct str code, uint32_t *wanted);

/* ---- values ---- */

/* What a number is about, for its heading and its links. Texts in the context's arena. */
struct metric_heading {
    struct metric_scope scope; /* the partner is the surviving one after merges */
    struct metric_window window;
    struct str time_zone; /* whose days these are */
    struct currency reporting;
};

/* The window before; `has` false: not asked for, or before the first fact of all. */
struct metric_previous {
    bool asked, has;
    struct metric_window window;
};

struct metric_values {
    struct metric_heading heading;
    struct metric_result *results;
    size_t count;
    struct metric_previous previous;
    struct metric_result *before; /* as many, where there is a previous window */
};
/*
 * All use cases here run inside a read. ERR_NOT_FOUND for a partner that the actor may not see,
 * ERR_FORBIDDEN for a group or the channel when it sees one partner only, ERR_INVALID with the
 * field for a window that is empty or too long.
 */
MUST_CHECK enum err metric_values(struct ctx *ctx, const struct metric_query *query,
                                  struct metric_values *ret_values);

/* Orders, sales, items, calls, visits and funnel contacts of today and of the same weekday of last
 * week, in the days that metric_values has. */
struct metric_pulse {
    int64_t as_of_ms;
    int64_t last_recorded_ms; /* the channel's last fact; 0: none, or the actor sees one partner */
    struct metric_values today;            /* all that is recorded of it */
    struct metric_values last_week_so_far; /* as long after the day's beginning as it is now */
    struct metric_values last_week;        /* the whole day */
};
MUST_CHECK enum err metric_pulse(struct ctx *ctx, const struct metric_scope *scope,
                                 struct metric_pulse *ret_pulse);
struct json_writer;
void metric_pulse_render(const struct metric_pulse *pulse, struct json_writer *writer);

struct metric_point {
    struct metric_window window;
    struct metric_result *results; /* as many as the series has metrics */
};
struct metric_series {
    struct metric_heading heading;
    enum metric_step step;
    struct metric_point *points;
    size_t count;
    size_t metric_count;
    struct metric_previous previous;
    struct metric_point *before;
    size_t before_count;
};
/* ERR_TOO_LARGE for more than LIMIT_SERIES_POINTS points. */
MUST_CHECK enum err metric_series(struct ctx *ctx, const struct metric_query *query,
                                  enum metric_step step, struct metric_series *ret_series);

/* ---- partners and products by a metric ---- */

/* What its cursors are for. In the context's arena. */
const char *metric_ranking_order(struct ctx *ctx, const struct metric_query *query);

/* A partner, or a product. */
struct metric_leader {
    struct partner_id partner;
    struct product_id product;
    struct str name;
    struct str code; /* the article number of a product; may be empty */
    int64_t key; /* what the order is by; INT64_MIN: no rate gives it in the reporting currency */
    struct metric_result result;
};
struct metric_leader_page {
    struct metric_heading heading;
    struct metric_leader *rows;
    size_t count;
    struct str next;
};
/* Highest first, or lowest; ties by age. By the organisation's days; partners without data are not
 * in it, those without a rate stand at the end. `query->wanted` has one bit. */
MUST_CHECK enum err metric_leaders(struct ctx *ctx, const struct metric_query *query,
                                   const struct page *page, struct metric_leader_page *ret_page);
/* Highest first, of a partner, a group or the channel, by its days; products without data are not
 * in it. ERR_NOT_FOUND for a metric that says nothing about single products. */
MUST_CHECK enum err metric_products(struct ctx *ctx, const struct metric_query *query,
                                    const struct page *page, struct metric_leader_page *ret_page);

/* ---- down to the facts ---- */

struct metric_facts {
    struct metric_heading heading;
    struct fact_page page;
};
/* The facts of the window that the metric read, newest first, reversed ones and reversals with
 * them. `query->wanted` has one bit. */
MUST_CHECK enum err metric_facts(struct ctx *ctx, const struct metric_query *query,
                                 const struct page *page, struct metric_facts *ret_facts);

/* ---- a partner's live report ---- */

enum { METRIC_LATEST_ORDERS = 10 };

/* What a partner does, as it happens. A number that no source ever delivered is not there. */
struct metric_report {
    struct partner partner;
    struct metric_values values; /* all of the catalogue, in the window */
    struct fact_page latest;     /* the last orders that count, newest first */
    struct metric_result recent; /* `orders` within the last 30 days with today */
    int64_t last_order_ms;       /* 0: there is none */
    bool has_deals;
    int64_t deals_open;            /* registered, and neither won nor lost yet */
    int64_t deals_won, deals_lost; /* in the window */
};
/* Inside a read. */
MUST_CHECK enum err metric_report_read(struct ctx *ctx, struct partner_id partner,
                                       const struct metric_days *days,
                                       struct metric_report *ret_report);
/*
 * The same as JSON, ready to send; lives as long as the arena. Called without a transaction: what
 * is kept from before is compared with what has changed since and taken, else it is made in a read
 * of its own.
 */
MUST_CHECK enum err metric_report_json(struct ctx *ctx, struct partner_id partner,
                                       const struct metric_days *days, struct str *ret_json);

/* State of the process: reports that are kept, up to `max_bytes` of them. */
struct metrics *metrics_new(size_t max_bytes);
void metrics_free(struct metrics *metrics);

/* For services->partner_metrics. */
extern const struct partner_metrics metric_partner_metrics;

struct query_table;
struct route_table;
struct command_table;
extern const struct query_table metric_queries, rate_queries;
extern const struct route_table metric_routes, rate_routes;
extern const struct command_table metric_commands, rate_commands;

#endif
