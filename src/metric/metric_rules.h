/*
 * The formulas of the catalogue, over sums of facts. Pure.
 *
 * Divisions are exact in 128 bits and rounded once, half to even: money to the minor unit of its
 * currency, ratios to six decimals, days to four, instants to the millisecond.
 */
#ifndef SRC_METRIC_METRIC_RULES_H
#define SRC_METRIC_METRIC_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/money.h"
#include "lib/base/parse.h"

/* Decimals of what is neither money nor a count. */
enum { METRIC_RATIO_SCALE = 6, METRIC_DAYS_SCALE = 4, METRIC_QUANTITY_SCALE = 3 };

enum metric_unit {
    METRIC_UNIT_COUNT,
    METRIC_UNIT_QUANTITY, /* of the kind's own unit */
    METRIC_UNIT_MONEY,
    METRIC_UNIT_RATIO,
    METRIC_UNIT_TIME,
    METRIC_UNIT_DAYS,
    METRIC_UNIT_SECONDS,
    METRIC_UNIT_MINUTES,
    METRIC_UNIT_COUNT_OF_UNITS
};
const char *metric_unit_name(enum metric_unit unit);

/* ---- what formulas read ---- */

/* Of the facts of one kind in one currency; a reversal counts with the opposite sign. */
struct metric_sum {
    int64_t facts;
    int64_t quantity_milli;
    int64_t amount_minor;
    int64_t cost_minor;   /* cost of goods of the facts that carry it */
    int64_t costed_minor; /* amount of those facts */
    int128 at_ms_sum;     /* of the instants */
};

/* Money in the reporting currency, in 10^-13 of its major unit: exact until it is rounded once. */
struct metric_converted {
    int128 amount, cost, costed;
    bool missing; /* of some day no rate is loaded */
};

struct metric_line {
    int kind;
    struct currency currency; /* not set: facts without an amount */
    struct metric_sum sum;
    struct metric_converted converted;
};

/* What does not follow from sums. */
struct metric_beside {
    int64_t partners_selling;
    bool has_span; /* the two below are known */
    int64_t first_order_ms, last_order_ms;
    int64_t prospects_open;
    int64_t conversions_timed; /* conversions whose beginning is known … */
    int128 conversion_ms;      /* … and their median, doubled: the middle of two may be a half */
    int64_t on_display;
    int64_t first_orders;      /* partners whose first order lies in the window … */
    int128 first_order_ms_sum; /* … and the time it took them since they became active */
};

struct metric_sums {
    struct arena *arena;
    struct metric_line *lines;
    size_t count, cap;
    struct currency reporting;
    struct currency usual; /* the currency of a sum of nothing */
    uint32_t delivered;    /* bits of the kinds that any source ever delivered */
    struct metric_beside beside;
};

/* Units of the reporting currency for one unit of another: mantissa * 10^-9. */
enum { METRIC_RATE_SCALE = 9 };
#define METRIC_RATE_ONE INT64_C(1000000000)

void metric_sums_init(struct metric_sums *sums, struct arena *arena, struct currency reporting,
                      struct currency usual);
/*
 * Adds facts of one day. `rate`: of that day, in 10^-9; 0 where none is loaded. False, with the
 * sums unusable, when a sum leaves 64 bits.
 */
MUST_CHECK bool metric_sums_add(struct metric_sums *sums, int kind, struct currency currency,
                                const struct metric_sum *sum, int64_t rate);
/* Of one kind over all currencies. */
int64_t metric_sums_facts(const struct metric_sums *sums, int kind);

/* ---- formulas ---- */

enum metric_formula {
    FORMULA_FACTS,            /* number of facts of `kind` */
    FORMULA_QUANTITY,         /* Σ quantity of `kind` */
    FORMULA_AMOUNT,           /* Σ amount of `kind` */
    FORMULA_AMOUNT_PER_FACT,  /* Σ amount ÷ facts with an amount */
    FORMULA_AMOUNT_PER_UNIT,  /* Σ amount ÷ Σ quantity of facts with an amount */
    FORMULA_AMOUNT_PER_OTHER, /* Σ amount of `kind` ÷ facts of `other` */
    FORMULA_MARGIN,           /* Σ (amount − cost) ÷ Σ amount, of facts with a cost */
    FORMULA_MEAN_TIME,        /* Σ instant ÷ facts */
    FORMULA_SHARE,            /* facts of `kind` ÷ (facts of `kind` + facts of `other`) */
    FORMULA_PARTNERS_SELLING,
    FORMULA_ORDER_GAP, /* (last − first instant) ÷ (facts − 1) */
    FORMULA_PROSPECT_RATE,
    FORMULA_CONVERSION_MEDIAN,
    FORMULA_ON_DISPLAY,
    FORMULA_FIRST_ORDER,
    FORMULA_ATTAINMENT /* of promises that no source delivers yet */
};

struct metric_companion {
    const char *code, *name, *formula; /* code NULL: none */
    enum metric_unit unit;
    enum metric_formula rule;
};

/* A row of the catalogue. */
struct metric {
    const char *code, *name, *formula;
    enum metric_unit unit;
    enum metric_formula rule;
    int kind, other; /* 0: none */
    uint32_t kinds;  /* bits of all kinds it reads */
    struct metric_companion companions[2];
};

/* One number. Of METRIC_UNIT_TIME it is milliseconds since 1970. */
struct metric_value {
    struct decimal number;
    struct currency currency; /* not set where the number is no money and has no currency */
    int64_t n;                /* facts it was made of */
};

struct metric_result {
    const struct metric *metric;
    struct metric_value *values; /* one, or one a currency by code; none: no data */
    size_t count;
    bool has_reporting;
    struct metric_value reporting; /* all currencies, in the reporting currency */
    struct {
        bool has;
        struct metric_value value;
    } companions[2];
    int64_t n;
};

/* Never fails: what cannot be computed is "no data". The result lives in the arena of the sums. */
void metric_evaluate(const struct metric *metric, const struct metric_sums *sums,
                     struct metric_result *ret_result);

/* "73522.79": money with all its decimals, other numbers without trailing zeros, instants as RFC
 * 3339. */
void metric_value_render(const struct metric_value *value, enum metric_unit unit, struct buf *buf);

#endif
