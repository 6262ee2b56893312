/* Formulas over sums, to the cent. */
#include "src/metric/metric_rules.h"

#include "lib/base/time.h"
#include "src/metric/metric_catalogue.h"
#include "tests/support/test.h"

static const struct currency eur = {"EUR"}, usd = {"USD"}, jpy = {"JPY"}, kwd = {"KWD"};
static const struct currency none = {""};

/* Sums in an arena, and the result of one metric over them. */
struct sheet {
    struct arena arena;
    struct metric_sums sums;
    struct metric_result result;
};

static void sheet_open(struct sheet *sheet)
{
    arena_init(&sheet->arena, 1024 * 1024);
    metric_sums_init(&sheet->sums, &sheet->arena, eur, eur);
    sheet->sums.delivered = UINT32_MAX;
}

static void sheet_close(struct sheet *sheet)
{
    arena_finish(&sheet->arena);
}
#define SCOPED_SHEET CLEANUP(sheet_close) struct sheet

static void add(struct sheet *sheet, enum fact_kind kind, struct currency currency,
                struct metric_sum sum)
{
    int64_t rate = currency_equal(currency, eur) ? METRIC_RATE_ONE : 0;
    CHECK(metric_sums_add(&sheet->sums, (int)kind, currency, &sum, rate));
}

static struct str text_of(struct sheet *sheet, const struct metric_value *value,
                          enum metric_unit unit)
{
    struct buf buf;
    buf_init(&buf, &sheet->arena, 100);
    metric_value_render(value, unit, &buf);
    return buf_str(&buf);
}

/* The only value; "no data" without one. */
static struct str value_of(struct sheet *sheet, const char *code)
{
    const struct metric *metric = metric_find(str_from_c(code));
    CHECK(metric);
    metric_evaluate(metric, &sheet->sums, &sheet->result);
    if (sheet->result.count == 0)
        return STR("no data");
    CHECK_INT(1, sheet->result.count);
    return text_of(sheet, &sheet->result.values[0], metric->unit);
}

static struct str companion_of(struct sheet *sheet, const char *code, size_t index)
{
    const struct metric *metric = metric_find(str_from_c(code));
    metric_evaluate(metric, &sheet->sums, &sheet->result);
    if (!sheet->result.companions[index].has)
        return STR("no data");
    return text_of(sheet, &sheet->result.companions[index].value, metric->companions[index].unit);
}

static struct str reporting_of(struct sheet *sheet, const char *code)
{
    const struct metric *metric = metric_find(str_from_c(code));
    metric_evaluate(metric, &sheet->sums, &sheet->result);
    return sheet->result.has_reporting ? text_of(sheet, &sheet->result.reporting, metric->unit)
                                       : STR("no data");
}

TEST(metric_evaluate, divides_money_exactly_and_rounds_once)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    add(&sheet, FACT_ORDER, eur, (struct metric_sum){.facts = 12, .amount_minor = 88227353});
    CHECK_STR("73522.79", value_of(&sheet, "aov"));
    CHECK_STR("EUR", currency_str(&sheet.result.values[0].currency));
    CHECK_INT(12, sheet.result.n);
    CHECK_STR("882273.53", value_of(&sheet, "sales"));
    CHECK_STR("12", value_of(&sheet, "orders"));
}

TEST(metric_evaluate, rounds_half_to_even)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    add(&sheet, FACT_ORDER, eur, (struct metric_sum){.facts = 2, .amount_minor = 25});
    CHECK_STR("0.12", value_of(&sheet, "aov"));
    add(&sheet, FACT_ORDER, eur, (struct metric_sum){.facts = 0, .amount_minor = 2});
    CHECK_STR("0.14", value_of(&sheet, "aov"));
    add(&sheet, FACT_ORDER, eur, (struct metric_sum){.facts = 0, .amount_minor = -54});
    CHECK_STR("-0.14", value_of(&sheet, "aov"));
}

TEST(metric_evaluate, says_no_data_and_not_zero_where_a_denominator_is_zero)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    CHECK_STR("no data", value_of(&sheet, "aov"));
    CHECK_STR("no data", value_of(&sheet, "price_avg"));
    CHECK_STR("no data", value_of(&sheet, "margin"));
    CHECK_STR("no data", value_of(&sheet, "order_date_avg"));
    CHECK_STR("no data", value_of(&sheet, "cost_per_purchase"));
    CHECK_STR("no data", value_of(&sheet, "days_to_first_order"));
    CHECK_STR("no data", companion_of(&sheet, "sales_converted", 0));
    CHECK_STR("no data", companion_of(&sheet, "order_date_avg", 0));
    CHECK_STR("no data", companion_of(&sheet, "partners_converted", 0));
    CHECK_STR("no data", companion_of(&sheet, "partners_converted", 1));
}

TEST(metric_evaluate, counts_zero_only_where_a_source_delivers_the_facts)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    CHECK_STR("0", value_of(&sheet, "orders"));
    CHECK_STR("0.00", value_of(&sheet, "sales"));
    CHECK_STR("0", value_of(&sheet, "units"));
    CHECK_STR("0", value_of(&sheet, "on_display"));
    sheet.sums.delivered = UINT32_C(1) << FACT_VISIT;
    CHECK_STR("no data", value_of(&sheet, "orders"));
    CHECK_STR("no data", value_of(&sheet, "sales"));
    CHECK_STR("no data", value_of(&sheet, "units"));
    CHECK_STR("no data", value_of(&sheet, "on_display"));
    CHECK_STR("no data", value_of(&sheet, "partners_selling"));
    CHECK_STR("0", value_of(&sheet, "visits"));
    CHECK_STR("0", companion_of(&sheet, "visits", 0));
}

TEST(metric_evaluate, has_no_data_on_promises_that_no_source_delivers)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    CHECK_STR("no data", value_of(&sheet, "sla_attainment"));
    CHECK_INT(0, sheet.result.n);
}

TEST(metric_evaluate, keeps_currencies_apart)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    add(&sheet, FACT_ORDER, usd, (struct metric_sum){.facts = 3, .amount_minor = 1000});
    add(&sheet, FACT_ORDER, jpy, (struct metric_sum){.facts = 2, .amount_minor = 2501});
    add(&sheet, FACT_ORDER, kwd, (struct metric_sum){.facts = 1, .amount_minor = 1234});
    metric_evaluate(metric_find(STR("aov")), &sheet.sums, &sheet.result);
    CHECK_INT(3, sheet.result.count);
    CHECK_INT(6, sheet.result.n);
    struct metric_value *values = sheet.result.values;
    CHECK_STR("1250", text_of(&sheet, &values[0], METRIC_UNIT_MONEY));
    CHECK_STR("JPY", currency_str(&values[0].currency));
    CHECK_STR("1.234", text_of(&sheet, &values[1], METRIC_UNIT_MONEY));
    CHECK_STR("KWD", currency_str(&values[1].currency));
    CHECK_STR("3.33", text_of(&sheet, &values[2], METRIC_UNIT_MONEY));
    CHECK_INT(3, values[2].n);
    CHECK(!sheet.result.has_reporting);
}

TEST(metric_evaluate, divides_by_orders_that_have_a_total)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    add(&sheet, FACT_ORDER, eur, (struct metric_sum){.facts = 2, .amount_minor = 1000});
    add(&sheet, FACT_ORDER, none, (struct metric_sum){.facts = 3});
    CHECK_STR("5.00", value_of(&sheet, "aov"));
    CHECK_STR("5", value_of(&sheet, "orders"));
    CHECK_STR("10.00", value_of(&sheet, "sales"));
}

TEST(metric_evaluate, takes_the_average_price_over_units)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    add(&sheet, FACT_ITEM, eur,
        (struct metric_sum){.facts = 2, .amount_minor = 1000, .quantity_milli = 2500});
    CHECK_STR("4.00", value_of(&sheet, "price_avg"));
    CHECK_STR("2.5", value_of(&sheet, "units"));
    add(&sheet, FACT_ITEM, eur, (struct metric_sum){.quantity_milli = -3000});
    CHECK_STR("no data", value_of(&sheet, "price_avg"));
    CHECK_STR("-0.5", value_of(&sheet, "units"));
}

TEST(metric_evaluate, spreads_cost_over_all_orders)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    add(&sheet, FACT_ORDER, usd, (struct metric_sum){.facts = 3, .amount_minor = 500000});
    add(&sheet, FACT_COST, eur, (struct metric_sum){.facts = 2, .amount_minor = 1000});
    CHECK_STR("3.33", value_of(&sheet, "cost_per_purchase"));
    CHECK_INT(5, sheet.result.n);
}

TEST(metric_evaluate, costs_nothing_where_orders_had_no_cost)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    add(&sheet, FACT_ORDER, usd, (struct metric_sum){.facts = 3, .amount_minor = 500000});
    CHECK_STR("0.00", value_of(&sheet, "cost_per_purchase"));
    sheet.sums.delivered = UINT32_C(1) << FACT_ORDER;
    CHECK_STR("no data", value_of(&sheet, "cost_per_purchase"));
}

TEST(metric_evaluate, takes_the_margin_over_lines_with_a_cost)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    add(&sheet, FACT_ITEM, eur,
        (struct metric_sum){
            .facts = 5, .amount_minor = 99999, .cost_minor = 2000, .costed_minor = 3000});
    CHECK_STR("0.333333", value_of(&sheet, "margin"));
    add(&sheet, FACT_ITEM, eur, (struct metric_sum){.cost_minor = 4000});
    CHECK_STR("-1", value_of(&sheet, "margin"));
}

TEST(metric_evaluate, converts_the_rate_of_won_deals)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    add(&sheet, FACT_DEAL_WON, eur, (struct metric_sum){.facts = 2});
    add(&sheet, FACT_DEAL_LOST, none, (struct metric_sum){.facts = 1});
    CHECK_STR("2", value_of(&sheet, "sales_converted"));
    CHECK_STR("0.666667", companion_of(&sheet, "sales_converted", 0));
    CHECK_INT(3, sheet.result.companions[0].value.n);
}

TEST(metric_evaluate, means_times_beyond_64_bits_of_sum)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    int64_t at_ms;
    CHECK(time_parse(STR("2020-05-31T12:00:00Z"), &at_ms));
    int64_t facts = 1000000000;
    add(&sheet, FACT_ORDER, eur,
        (struct metric_sum){.facts = facts, .at_ms_sum = (int128)at_ms * facts + facts / 2 + 1});
    CHECK_STR("2020-05-31T12:00:00.001Z", value_of(&sheet, "order_date_avg"));
}

TEST(metric_evaluate, counts_days_between_orders)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    add(&sheet, FACT_ORDER, eur, (struct metric_sum){.facts = 4});
    CHECK_STR("no data", companion_of(&sheet, "order_date_avg", 0));
    sheet.sums.beside.has_span = true;
    sheet.sums.beside.first_order_ms = 1000;
    sheet.sums.beside.last_order_ms = 1000 + 7 * INT64_C(86400000);
    CHECK_STR("2.3333", companion_of(&sheet, "order_date_avg", 0));
    add(&sheet, FACT_ORDER, eur, (struct metric_sum){.facts = -3});
    CHECK_STR("no data", companion_of(&sheet, "order_date_avg", 0));
}

TEST(metric_evaluate, takes_the_median_of_an_even_number_in_the_middle)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    add(&sheet, FACT_PARTNER_CONVERTED, none, (struct metric_sum){.facts = 2});
    sheet.sums.beside.prospects_open = 8;
    sheet.sums.beside.conversions_timed = 2;
    sheet.sums.beside.conversion_ms = (int128)(1 + 4) * MS_PER_DAY;
    CHECK_STR("0.25", companion_of(&sheet, "partners_converted", 0));
    CHECK_STR("2.5", companion_of(&sheet, "partners_converted", 1));
}

TEST(metric_sums_add, gives_money_in_the_reporting_currency_at_the_rate_of_each_day)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    struct metric_sum ten = {.facts = 1, .amount_minor = 1000};
    struct metric_sum yen = {.facts = 2, .amount_minor = 1000};
    CHECK(metric_sums_add(&sheet.sums, FACT_ORDER, usd, &ten, 900000000));
    CHECK(metric_sums_add(&sheet.sums, FACT_ORDER, usd, &ten, 933333333));
    CHECK(metric_sums_add(&sheet.sums, FACT_ORDER, jpy, &yen, 6200000));
    CHECK(metric_sums_add(&sheet.sums, FACT_ORDER, eur, &ten, METRIC_RATE_ONE));
    /* 9 + 9.33333333 + 6.2 + 10 */
    CHECK_STR("34.53", reporting_of(&sheet, "sales"));
    CHECK_STR("6.91", reporting_of(&sheet, "aov"));
    CHECK_INT(3, sheet.result.count);
    CHECK(metric_sums_add(&sheet.sums, FACT_ORDER, usd, &ten, 0));
    CHECK_STR("no data", reporting_of(&sheet, "sales"));
}

TEST(metric_sums_add, refuses_a_sum_that_leaves_64_bits)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    struct metric_sum huge = {.facts = 1, .amount_minor = INT64_MAX};
    CHECK(metric_sums_add(&sheet.sums, FACT_ORDER, eur, &huge, METRIC_RATE_ONE));
    CHECK(!metric_sums_add(&sheet.sums, FACT_ORDER, eur, &huge, METRIC_RATE_ONE));
}

TEST(metric_evaluate, shows_no_currency_whose_orders_were_all_taken_back)
{
    SCOPED_SHEET sheet;
    sheet_open(&sheet);
    add(&sheet, FACT_ORDER, usd, (struct metric_sum){.facts = 1, .amount_minor = 700});
    add(&sheet, FACT_ORDER, usd, (struct metric_sum){.facts = -1, .amount_minor = -700});
    CHECK_STR("0.00", value_of(&sheet, "sales"));
    CHECK_STR("EUR", currency_str(&sheet.result.values[0].currency));
    add(&sheet, FACT_ORDER, jpy, (struct metric_sum){.facts = 1, .amount_minor = 700});
    CHECK_STR("700", value_of(&sheet, "sales"));
}

TEST(metric_catalogue, has_each_code_once_and_a_formula_for_each)
{
    size_t count = 0;
    for (; metric_at(count); count++) {
        CHECK(metric_find(str_from_c(metric_at(count)->code)) == metric_at(count));
        CHECK(metric_at(count)->formula[0] && metric_at(count)->name[0]);
    }
    CHECK_INT(22, count);
    CHECK(count <= 32);
    CHECK(!metric_find(STR("nothing")));
}
