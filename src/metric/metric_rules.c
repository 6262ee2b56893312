/* The formulas of the catalogue, over sums of facts. */
#include "src/metric/metric_rules.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/time.h"

enum { LINES_FIRST = 16, FRACTION_DIGITS = 4, CONVERTED_SCALE = METRIC_RATE_SCALE + 4 };

const char *metric_unit_name(enum metric_unit unit)
{
    static const char *const names[METRIC_UNIT_COUNT_OF_UNITS] = {
        [METRIC_UNIT_COUNT] = "count",     [METRIC_UNIT_QUANTITY] = "units",
        [METRIC_UNIT_MONEY] = "money",     [METRIC_UNIT_RATIO] = "ratio",
        [METRIC_UNIT_TIME] = "time",       [METRIC_UNIT_DAYS] = "days",
        [METRIC_UNIT_SECONDS] = "seconds", [METRIC_UNIT_MINUTES] = "minutes",
    };
    return names[unit];
}

static int128 power_of_ten(int exponent)
{
    int128 power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

/* ---- sums ---- */

void metric_sums_init(struct metric_sums *sums, struct arena *arena, struct currency reporting,
                      struct currency usual)
{
    *sums = (struct metric_sums){.arena = arena, .reporting = reporting, .usual = usual};
}

static void grow(struct metric_sums *sums)
{
    size_t cap = sums->cap ? sums->cap * 2 : LINES_FIRST;
    struct metric_line *lines = ARENA_ARRAY(sums->arena, struct metric_line, cap);
    if (sums->count)
        memcpy(lines, sums->lines, sums->count * sizeof(*lines));
    sums->lines = lines;
    sums->cap = cap;
}

static int compare_lines(const struct metric_line *line, int kind, struct currency currency)
{
    if (line->kind != kind)
        return line->kind < kind ? -1 : 1;
    return memcmp(line->currency.code, currency.code, sizeof(currency.code));
}

/* Kept by kind and currency, so that results come in a stable order. */
static struct metric_line *line_of(struct metric_sums *sums, int kind, struct currency currency)
{
    size_t at = 0;
    while (at < sums->count && compare_lines(&sums->lines[at], kind, currency) < 0)
        at++;
    if (at < sums->count && compare_lines(&sums->lines[at], kind, currency) == 0)
        return &sums->lines[at];
    if (sums->count == sums->cap)
        grow(sums);
    memmove(&sums->lines[at + 1], &sums->lines[at], (sums->count - at) * sizeof(sums->lines[0]));
    sums->lines[at] = (struct metric_line){.kind = kind, .currency = currency};
    sums->count++;
    return &sums->lines[at];
}

static bool add128(int128 *total, int128 value)
{
    return !__builtin_add_overflow(*total, value, total);
}

static bool convert(int128 *total, int64_t minor, int64_t rate, struct currency currency)
{
    int128 scaled;
    int128 step = power_of_ten(FRACTION_DIGITS - currency_exponent(currency));
    return !__builtin_mul_overflow((int128)minor * rate, step, &scaled) && add128(total, scaled);
}

static bool add_converted(struct metric_converted *total, const struct metric_sum *sum,
                          int64_t rate, struct currency currency)
{
    if (rate == 0) {
        total->missing |= sum->amount_minor != 0 || sum->cost_minor != 0;
        return true;
    }
    return convert(&total->amount, sum->amount_minor, rate, currency) &&
           convert(&total->cost, sum->cost_minor, rate, currency) &&
           convert(&total->costed, sum->costed_minor, rate, currency);
}

bool metric_sums_add(struct metric_sums *sums, int kind, struct currency currency,
                     const struct metric_sum *sum, int64_t rate)
{
    struct metric_line *line = line_of(sums, kind, currency);
    struct metric_sum *total = &line->sum;
    bool fits = int64_add(total->facts, sum->facts, &total->facts) &&
                int64_add(total->quantity_milli, sum->quantity_milli, &total->quantity_milli) &&
                int64_add(total->amount_minor, sum->amount_minor, &total->amount_minor) &&
                int64_add(total->cost_minor, sum->cost_minor, &total->cost_minor) &&
                int64_add(total->costed_minor, sum->costed_minor, &total->costed_minor) &&
                add128(&total->at_ms_sum, sum->at_ms_sum);
    if (!fits || !currency_is_set(currency))
        return fits;
    return add_converted(&line->converted, sum, rate, currency);
}

int64_t metric_sums_facts(const struct metric_sums *sums, int kind)
{
    int64_t facts = 0;
    for (size_t i = 0; i < sums->count; i++)
        if (sums->lines[i].kind == kind)
            facts += sums->lines[i].sum.facts;
    return facts;
}

static int128 total_quantity(const struct metric_sums *sums, int kind)
{
    int128 quantity = 0;
    for (size_t i = 0; i < sums->count; i++)
        if (sums->lines[i].kind == kind)
            quantity += sums->lines[i].sum.quantity_milli;
    return quantity;
}

static int128 total_time(const struct metric_sums *sums, int kind)
{
    int128 at_ms = 0;
    for (size_t i = 0; i < sums->count; i++)
        if (sums->lines[i].kind == kind)
            at_ms += sums->lines[i].sum.at_ms_sum;
    return at_ms;
}

static bool delivered(const struct metric_sums *sums, int kind)
{
    return (sums->delivered & (UINT32_C(1) << kind)) != 0;
}

/* ---- numbers ---- */

static bool set_number(struct metric_value *value, int128 top, int128 bottom, int scale)
{
    int64_t mantissa;
    int128 scaled;
    if (bottom <= 0 || __builtin_mul_overflow(top, power_of_ten(scale), &scaled) ||
        !int64_divide_round(scaled, bottom, &mantissa))
        return false;
    value->number = (struct decimal){mantissa, scale};
    return true;
}

/* Top and bottom of a formula whose top is money; `n` facts were used. */
struct fraction {
    int128 top, bottom;
    int64_t n;
    bool fits;
};

static bool is_ratio(const struct metric *metric)
{
    return metric->rule == FORMULA_MARGIN;
}

static struct fraction fraction_of(const struct metric *metric, const struct metric_sums *sums,
                                   const struct metric_line *line)
{
    const struct metric_sum *sum = &line->sum;
    struct fraction fraction = {sum->amount_minor, 1, sum->facts, true};
    if (metric->rule == FORMULA_AMOUNT_PER_FACT)
        fraction.bottom = sum->facts;
    if (metric->rule == FORMULA_AMOUNT_PER_UNIT) {
        fraction.top = (int128)sum->amount_minor * 1000;
        fraction.bottom = sum->quantity_milli;
    }
    if (metric->rule == FORMULA_AMOUNT_PER_OTHER) {
        int64_t others = metric_sums_facts(sums, metric->other);
        fraction.bottom = others;
        fraction.n += others;
    }
    if (metric->rule == FORMULA_MARGIN) {
        fraction.top = (int128)sum->costed_minor - sum->cost_minor;
        fraction.bottom = sum->costed_minor;
    }
    return fraction;
}

static bool evaluate_line(const struct metric *metric, const struct metric_sums *sums,
                          const struct metric_line *line, struct metric_value *ret_value)
{
    struct fraction fraction = fraction_of(metric, sums, line);
    ret_value->currency = line->currency;
    ret_value->n = fraction.n;
    if (is_ratio(metric))
        return set_number(ret_value, fraction.top, fraction.bottom, METRIC_RATIO_SCALE);
    if (!set_number(ret_value, fraction.top, fraction.bottom, 0))
        return false;
    ret_value->number.scale = currency_exponent(line->currency);
    return true;
}

/* All currencies together: false when a rate is missing. */
static struct fraction converted_fraction(const struct metric *metric,
                                          const struct metric_sums *sums)
{
    struct fraction all = {0, metric->rule == FORMULA_AMOUNT ? 1 : 0, 0, true};
    for (size_t i = 0; i < sums->count; i++) {
        const struct metric_line *line = &sums->lines[i];
        const struct metric_converted *converted = &line->converted;
        if (line->kind != metric->kind || !currency_is_set(line->currency))
            continue;
        int128 top = converted->amount, bottom = 0;
        if (metric->rule == FORMULA_AMOUNT_PER_FACT)
            bottom = line->sum.facts;
        if (metric->rule == FORMULA_AMOUNT_PER_UNIT)
            bottom = line->sum.quantity_milli;
        if (metric->rule == FORMULA_MARGIN) {
            top = converted->costed - converted->cost;
            bottom = converted->costed;
        }
        all.fits =
            all.fits && !converted->missing && add128(&all.top, top) && add128(&all.bottom, bottom);
        all.n += line->sum.facts;
    }
    if (metric->rule == FORMULA_AMOUNT_PER_OTHER) {
        all.bottom = metric_sums_facts(sums, metric->other);
        all.n += metric_sums_facts(sums, metric->other);
    }
    return all;
}

static bool evaluate_reporting(const struct metric *metric, const struct metric_sums *sums,
                               struct metric_value *ret_value)
{
    struct fraction all = converted_fraction(metric, sums);
    int exponent = currency_exponent(sums->reporting);
    int128 unit = power_of_ten(CONVERTED_SCALE - exponent);
    *ret_value = (struct metric_value){.currency = sums->reporting, .n = all.n};
    if (!all.fits || !currency_is_set(sums->reporting))
        return false;
    if (is_ratio(metric))
        return set_number(ret_value, all.top, all.bottom, METRIC_RATIO_SCALE);
    if (metric->rule == FORMULA_AMOUNT_PER_UNIT &&
        __builtin_mul_overflow(all.top, (int128)1000, &all.top))
        return false;
    if (__builtin_mul_overflow(all.bottom, unit, &all.bottom) ||
        !set_number(ret_value, all.top, all.bottom, 0))
        return false;
    ret_value->number.scale = exponent;
    return true;
}

/* ---- results ---- */

/* As many as there can be: one, or one for each currency of the kind. */
static size_t values_max(const struct metric_result *result, const struct metric_sums *sums)
{
    size_t lines = 0;
    for (size_t i = 0; i < sums->count; i++)
        lines += sums->lines[i].kind == result->metric->kind;
    return lines ? lines : 1;
}

static void add_value(struct metric_result *result, const struct metric_sums *sums,
                      const struct metric_value *value)
{
    if (!result->values)
        result->values = ARENA_ARRAY(sums->arena, struct metric_value, values_max(result, sums));
    result->values[result->count++] = *value;
}

/* Everything in it was reversed. */
static bool is_empty(const struct metric_line *line)
{
    return line->sum.facts == 0 && line->sum.amount_minor == 0;
}

static bool sum_of_nothing(const struct metric *metric, const struct metric_sums *sums)
{
    if (metric->rule == FORMULA_AMOUNT)
        return delivered(sums, metric->kind);
    return metric->rule == FORMULA_AMOUNT_PER_OTHER && delivered(sums, metric->kind) &&
           metric_sums_facts(sums, metric->other) > 0;
}

static void evaluate_money(const struct metric *metric, const struct metric_sums *sums,
                           struct metric_result *result)
{
    for (size_t i = 0; i < sums->count; i++) {
        const struct metric_line *line = &sums->lines[i];
        struct metric_value value = {0};
        if (line->kind == metric->kind && currency_is_set(line->currency) && !is_empty(line) &&
            evaluate_line(metric, sums, line, &value))
            add_value(result, sums, &value);
    }
    if (!result->count && sum_of_nothing(metric, sums)) {
        struct metric_value nothing = {{0, currency_exponent(sums->usual)}, sums->usual, 0};
        add_value(result, sums, &nothing);
    }
    result->has_reporting = result->count && evaluate_reporting(metric, sums, &result->reporting);
}

struct rule {
    enum metric_formula rule;
    int kind, other;
};

static bool evaluate_share(const struct metric_sums *sums, const struct rule *rule,
                           struct metric_value *value)
{
    int64_t part = metric_sums_facts(sums, rule->kind);
    value->n = part + metric_sums_facts(sums, rule->other);
    return set_number(value, part, value->n, METRIC_RATIO_SCALE);
}

static bool evaluate_gap(const struct metric_sums *sums, struct metric_value *value)
{
    const struct metric_beside *beside = &sums->beside;
    return beside->has_span && set_number(value, beside->last_order_ms - beside->first_order_ms,
                                          (int128)(value->n - 1) * MS_PER_DAY, METRIC_DAYS_SCALE);
}

static bool evaluate_number(const struct metric_sums *sums, const struct rule *rule,
                            struct metric_value *value)
{
    const struct metric_beside *beside = &sums->beside;
    value->n = rule->kind ? metric_sums_facts(sums, rule->kind) : 0;
    bool known = rule->kind && delivered(sums, rule->kind);
    switch (rule->rule) {
    case FORMULA_FACTS:
        return known && set_number(value, value->n, 1, 0);
    case FORMULA_QUANTITY:
        return known &&
               set_number(value, total_quantity(sums, rule->kind), 1000, METRIC_QUANTITY_SCALE);
    case FORMULA_MEAN_TIME:
        return set_number(value, total_time(sums, rule->kind), value->n, 0);
    case FORMULA_SHARE:
        return evaluate_share(sums, rule, value);
    case FORMULA_PARTNERS_SELLING:
        return known && set_number(value, beside->partners_selling, 1, 0);
    case FORMULA_ORDER_GAP:
        return evaluate_gap(sums, value);
    case FORMULA_PROSPECT_RATE:
        return set_number(value, value->n, beside->prospects_open, METRIC_RATIO_SCALE);
    case FORMULA_CONVERSION_MEDIAN:
        value->n = beside->conversions_timed;
        return value->n &&
               set_number(value, beside->conversion_ms, (int128)2 * MS_PER_DAY, METRIC_DAYS_SCALE);
    case FORMULA_ON_DISPLAY:
        value->n = beside->on_display;
        return known && set_number(value, beside->on_display, 1, 0);
    case FORMULA_FIRST_ORDER:
        value->n = beside->first_orders;
        return set_number(value, beside->first_order_ms_sum, (int128)value->n * MS_PER_DAY,
                          METRIC_DAYS_SCALE);
    case FORMULA_AMOUNT:
    case FORMULA_AMOUNT_PER_FACT:
    case FORMULA_AMOUNT_PER_UNIT:
    case FORMULA_AMOUNT_PER_OTHER:
    case FORMULA_MARGIN:
    case FORMULA_ATTAINMENT:
        break;
    }
    return false;
}

static bool is_money(const struct metric *metric)
{
    return metric->unit == METRIC_UNIT_MONEY || is_ratio(metric);
}

static void evaluate_companions(const struct metric *metric, const struct metric_sums *sums,
                                struct metric_result *result)
{
    for (size_t i = 0; i < ARRAY_LEN(metric->companions); i++) {
        struct rule rule = {metric->companions[i].rule, metric->kind, metric->other};
        result->companions[i].has = metric->companions[i].code &&
                                    evaluate_number(sums, &rule, &result->companions[i].value);
    }
}

static int64_t facts_read(const struct metric *metric, const struct metric_sums *sums)
{
    int64_t facts = 0;
    for (size_t i = 0; i < sums->count; i++)
        if (metric->kinds & (UINT32_C(1) << sums->lines[i].kind))
            facts += sums->lines[i].sum.facts;
    return facts;
}

void metric_evaluate(const struct metric *metric, const struct metric_sums *sums,
                     struct metric_result *ret_result)
{
    struct metric_result result = {.metric = metric, .n = facts_read(metric, sums)};
    struct rule rule = {metric->rule, metric->kind, metric->other};
    struct metric_value value = {0};
    if (is_money(metric)) {
        evaluate_money(metric, sums, &result);
    } else if (evaluate_number(sums, &rule, &value)) {
        result.n = value.n;
        add_value(&result, sums, &value);
    }
    evaluate_companions(metric, sums, &result);
    *ret_result = result;
}

/* ---- text ---- */

static void render_decimal(struct decimal number, struct buf *buf)
{
    uint64_t rest = number.mantissa < 0 ? 0 - (uint64_t)number.mantissa : (uint64_t)number.mantissa;
    char digits[MONEY_TEXT_MAX];
    size_t at = sizeof(digits);
    for (int written = 0; rest || written <= number.scale; written++) {
        if (number.scale && written == number.scale)
            digits[--at] = '.';
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (number.mantissa < 0)
        digits[--at] = '-';
    buf_add(buf, (struct str){digits + at, sizeof(digits) - at});
}

void metric_value_render(const struct metric_value *value, enum metric_unit unit, struct buf *buf)
{
    struct decimal number = value->number;
    if (unit == METRIC_UNIT_TIME) {
        time_render(number.mantissa, buf);
        return;
    }
    while (unit != METRIC_UNIT_MONEY && number.scale > 0 && number.mantissa % 10 == 0) {
        number.mantissa /= 10;
        number.scale--;
    }
    render_decimal(number, buf);
}
