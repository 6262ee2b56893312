/* Texts of records as times, quantities and money. */
#include "src/intake/plan_values.h"

#include "lib/json/json.h"

/* ---- how columns are written ---- */

static enum date_order date_order_of(struct str said, const struct plan_settings *settings)
{
    if (settings->mapping->dates != DATES_AUTO)
        return settings->mapping->dates;
    if (str_equal(said, STR("day_first")))
        return DATES_DAY_FIRST;
    if (str_equal(said, STR("month_first")))
        return DATES_MONTH_FIRST;
    return settings->dates;
}

static enum decimal_style decimals_of(struct str said, const struct plan_settings *settings)
{
    if (settings->mapping->decimals != DECIMALS_AUTO)
        return settings->mapping->decimals;
    if (str_equal(said, STR("comma")))
        return DECIMALS_COMMA;
    return str_equal(said, STR("point")) ? DECIMALS_POINT : DECIMALS_AUTO;
}

static struct str said_of(const struct json *analysis, const struct template *value)
{
    struct str key, column = template_column(value);
    const struct json *said;
    void *it = NULL;
    while (column.len && json_next(analysis, &it, &key, &said))
        if (str_equal(key, column))
            return json_text(said);
    return (struct str){NULL, 0};
}

enum err plan_style_read(const struct plan_settings *settings, const struct mapping_record *rule,
                         struct plan_style *ret_style, struct fault *fault)
{
    struct json_doc *doc;
    struct str json = settings->analysis_json.len ? settings->analysis_json : STR("{}");
    TRY(json_parse(json, &doc, fault));
    const struct json *analysis = json_root(doc);
    ret_style->at = date_order_of(said_of(analysis, &rule->fields[RECORD_AT]), settings);
    for (size_t i = 0; i < RECORD_FIELD_COUNT; i++)
        ret_style->numbers[i] = decimals_of(said_of(analysis, &rule->fields[i]), settings);
    json_doc_free(doc);
    return OK;
}

/* ---- values ---- */

static const struct plan_bad_cell all_is_well;

static struct plan_bad_cell bad(enum record_field field, const char *reason)
{
    return (struct plan_bad_cell){field, str_from_c(reason)};
}

static struct plan_bad_cell type_time(const struct plan_settings *settings,
                                      const struct plan_style *style, struct plan_record *record)
{
    struct value_time time;
    struct str text = record->texts[RECORD_AT];
    if (!text.len)
        return all_is_well;
    if (!value_time_parse(text, style->at, &time))
        return bad(RECORD_AT, "This is no date.");
    record->at_ms = value_time_ms(&time, settings->zone);
    if (record->at_ms < TIME_MIN_MS || record->at_ms > TIME_MAX_MS)
        return bad(RECORD_AT, "This date is not in the years 1900 to 2199.");
    return all_is_well;
}

static int64_t power_of_ten(int exponent)
{
    int64_t power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

static bool parse_quantity(struct str text, enum decimal_style style, int64_t divisor,
                           int64_t *ret_milli)
{
    struct decimal decimal;
    bool colon = str_find_char(text, ':', &(size_t){0});
    if (!(colon ? value_duration(text, &decimal) : value_decimal(text, style, &decimal)))
        return false;
    bool divides = divisor > 1 && !colon;
    int128 denominator = (int128)power_of_ten(decimal.scale) * (divides ? divisor : 1);
    return denominator <= INT64_MAX &&
           int64_divide_round((int128)decimal.mantissa * 1000, (int128)denominator, ret_milli);
}

/* A call of which nobody noted how long it took is one call and no seconds. */
static bool measures_time(const struct mapping_record *rule)
{
    return rule->make == MAKE_FACT &&
           (rule->kind == FACT_CALL_MADE || rule->kind == FACT_CALL_RECEIVED ||
            rule->kind == FACT_VISIT);
}

static struct plan_bad_cell type_quantity(const struct plan_style *style,
                                          struct plan_record *record)
{
    enum record_field field =
        record->texts[RECORD_QUANTITY].len ? RECORD_QUANTITY : RECORD_SUM_QUANTITY;
    struct str text = record->texts[field];
    record->quantity_milli = measures_time(record->rule) ? 0 : 1000;
    if (!text.len)
        return all_is_well;
    if (!parse_quantity(text, style->numbers[field], record->rule->quantity_divisor,
                        &record->quantity_milli))
        return bad(field, "This is no number.");
    return all_is_well;
}

static struct plan_bad_cell type_currency(const struct plan_settings *settings,
                                          struct plan_record *record)
{
    struct str text = record->texts[RECORD_CURRENCY];
    record->currency = settings->currency;
    if (text.len && !currency_parse(text, &record->currency))
        return bad(RECORD_CURRENCY, "This is no currency.");
    return all_is_well;
}

static bool price_times_quantity(struct decimal price, const struct plan_record *record,
                                 int64_t *ret_minor)
{
    int128 numerator = (int128)price.mantissa * record->quantity_milli;
    int64_t scale = power_of_ten(price.scale) * 1000;
    if (numerator > INT64_MAX * (int128)1000 || numerator < INT64_MIN * (int128)1000)
        return false;
    numerator *= power_of_ten(currency_exponent(record->currency));
    return int64_divide_round(numerator, scale, ret_minor);
}

/* The first of the fields that holds something; `per_unit` is multiplied by the quantity. */
static struct plan_bad_cell type_money(const struct plan_style *style, struct plan_record *record,
                                       const enum record_field fields[3], bool *ret_has,
                                       int64_t *ret_minor)
{
    size_t i = 0;
    while (i < 3 && !record->texts[fields[i]].len)
        i++;
    if (i == 3)
        return all_is_well;
    struct decimal decimal;
    struct money money;
    enum record_field field = fields[i];
    bool per_unit = field == RECORD_UNIT_PRICE || field == RECORD_UNIT_COST;
    if (!value_decimal(record->texts[field], style->numbers[field], &decimal))
        return bad(field, "This is no amount of money.");
    if (per_unit ? !price_times_quantity(decimal, record, &money.minor)
                 : !money_from_decimal(decimal, record->currency, &money))
        return bad(field, "This amount is too large.");
    *ret_has = true;
    *ret_minor = money.minor;
    return all_is_well;
}

/* 0 where the record has no such amount. */
static struct plan_bad_cell type_part(const struct plan_style *style,
                                      const struct plan_record *record, enum record_field field,
                                      int64_t *ret_minor)
{
    struct decimal decimal;
    struct money money;
    struct str text = record->texts[field];
    *ret_minor = 0;
    if (!text.len)
        return all_is_well;
    if (!value_decimal(text, style->numbers[field], &decimal))
        return bad(field, "This is no amount of money.");
    if (!money_from_decimal(decimal, record->currency, &money))
        return bad(field, "This amount is too large.");
    *ret_minor = money.minor;
    return all_is_well;
}

/* A refund is told with its tax: the same part of it as of all that was paid but the shipping is
 * for goods. It takes no more than there is. */
static struct plan_bad_cell take_refund(const struct plan_style *style, struct plan_record *record)
{
    int64_t refunded, gross, shipping;
    struct plan_bad_cell cell = type_part(style, record, RECORD_REFUNDED, &refunded);
    if (!cell.reason.len)
        cell = type_part(style, record, RECORD_GROSS, &gross);
    if (!cell.reason.len)
        cell = type_part(style, record, RECORD_SHIPPING, &shipping);
    if (cell.reason.len || !record->has_amount || refunded <= 0 || record->amount_minor <= 0)
        return cell;
    int128 paid = (int128)gross - shipping;
    int64_t goods = refunded;
    if (paid > record->amount_minor && paid <= INT64_MAX &&
        !int64_divide_round((int128)refunded * record->amount_minor, paid, &goods))
        return bad(RECORD_REFUNDED, "This amount is too large.");
    record->amount_minor -= goods < record->amount_minor ? goods : record->amount_minor;
    return all_is_well;
}

struct plan_bad_cell plan_type_record(const struct plan_settings *settings,
                                      const struct plan_style *style, struct plan_record *record)
{
    static const enum record_field amounts[3] = {RECORD_AMOUNT, RECORD_SUM, RECORD_UNIT_PRICE};
    static const enum record_field costs[3] = {RECORD_COST, RECORD_UNIT_COST, RECORD_UNIT_COST};
    enum record_make make = record->rule->make;
    struct plan_bad_cell cell = type_time(settings, style, record);
    if (make == MAKE_PARTNER || make == MAKE_CONTACT || cell.reason.len)
        return cell;
    if (!(cell = type_quantity(style, record)).reason.len &&
        !(cell = type_currency(settings, record)).reason.len &&
        !(cell = type_money(style, record, amounts, &record->has_amount, &record->amount_minor))
             .reason.len &&
        !(cell = type_money(style, record, costs, &record->has_cost, &record->cost_minor))
             .reason.len)
        cell = take_refund(style, record);
    if (cell.reason.len)
        return cell;
    bool needs_time = make == MAKE_FACT && !record->at_ms && !record->texts[RECORD_ORDER].len;
    return needs_time ? bad(RECORD_AT, "The date is missing.") : all_is_well;
}
