/* The routes of exchange rates. */
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/metric/metric.h"
#include "src/metric/rate.h"

enum { RATES_MAX = 10000 };

static const struct field rate_fields[] = {
    {.name = "day", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .example = "2026-05-29"},
    {.name = "currency",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .min = 3,
     .max = 3,
     .help = "ISO 4217.",
     .example = "USD"},
    {.name = "rate",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .max = 32,
     .help = "Units of the reporting currency for one unit of this one, up to nine decimals; null "
             "takes the rate away.",
     .example = "0.9217"},
};
static const struct schema rate_schema =
    SCHEMA("ExchangeRate", "What a currency was worth on a day.", rate_fields);

static const struct field list_fields[] = {
    PAGE_FIELDS,
    {.name = "currency", .type = FIELD_TEXT, .min = 3, .max = 3, .help = "Only this currency."},
    {.name = "from", .type = FIELD_DAY, .help = "The first day."},
    {.name = "to", .type = FIELD_DAY, .help = "The day after the last."},
};
static const struct schema list_query = SCHEMA(NULL, NULL, list_fields);

static const struct field put_fields[] = {
    {.name = "rates",
     .type = FIELD_OBJECTS,
     .flags = FIELD_REQUIRED,
     .schema = &rate_schema,
     .max_items = RATES_MAX},
};
static const struct schema put_body = SCHEMA("ExchangeRates", "Rates to be set.", put_fields);

static const struct field put_answer_fields[] = {
    {.name = "changed",
     .type = FIELD_INT,
     .flags = FIELD_REQUIRED,
     .help = "Rates that were not so before."},
};
static const struct schema put_answer = SCHEMA(NULL, NULL, put_answer_fields);

static enum err read_currency(struct ctx *ctx, const struct form *form, struct currency *currency)
{
    if (currency_parse(form_text(form, "currency"), currency))
        return OK;
    return CTX_FAULT_FIELD(ctx, ERR_INVALID, "currency_invalid", "currency",
                           "\"%.*s\" is no currency of ISO 4217.",
                           STR_ARG(form_text(form, "currency")));
}

static void render(const struct rate *rate, struct json_writer *writer)
{
    struct buf day;
    buf_init(&day, writer->buf->arena, TIME_TEXT_MAX);
    day_render(rate->day, &day);
    json_begin_object(writer);
    json_put_str(writer, "day", buf_str(&day));
    json_put_str(writer, "currency", currency_str(&rate->currency));
    json_put_str(writer, "rate", rate_text(rate->nano, writer->buf->arena));
    json_end_object(writer);
}

static struct responded get_rates(struct ctx *ctx, struct request *request)
{
    const struct form *form = request->query;
    struct rate_filter filter = {
        .from = {(int32_t)form_int_or(form, "from", INT32_MIN)},
        .to = {(int32_t)form_int_or(form, "to", INT32_MAX)},
    };
    struct page page;
    struct rate_page rates;
    enum err err = page_from_form(ctx, form, "rates", &page);
    if (err == OK && form_has(form, "currency"))
        err = read_currency(ctx, form, &filter.currency);
    if (err == OK)
        err = rate_list(ctx, &filter, &page, &rates);
    if (err != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < rates.count; i++)
        render(&rates.rows[i], &request->json);
    respond_list_end(request, rates.next);
    return respond_json(ctx, request, 200);
}

static enum err read_rate(struct ctx *ctx, const struct form *form, struct rate *ret_rate)
{
    struct rate rate = {.day = {(int32_t)form_int(form, "day")}};
    TRY(read_currency(ctx, form, &rate.currency));
    if (form_has(form, "rate") && !rate_parse(form_text(form, "rate"), &rate.nano))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "rate_invalid", "rate",
                               "A rate is a decimal over 0 with at most nine decimals.");
    *ret_rate = rate;
    return OK;
}

static enum err put_all(struct ctx *ctx, const struct form *body, size_t *ret_changed)
{
    const struct form_value *given = form_get(body, "rates");
    struct rate *rates = ARENA_ARRAY(ctx->arena, struct rate, given->count);
    for (size_t i = 0; i < given->count; i++) {
        enum err err = read_rate(ctx, given->objects[i], &rates[i]);
        if (err != OK) {
            ctx->fault.row = (int64_t)i + 1;
            return err;
        }
    }
    return rate_save(ctx, rates, given->count, ret_changed);
}

static struct responded put_rates(struct ctx *ctx, struct request *request)
{
    size_t changed = 0;
    enum err err = put_all(ctx, request->body, &changed);
    if (err != OK)
        return respond_fault(ctx, request);
    json_begin_object(&request->json);
    json_put_int(&request->json, "changed", (int64_t)changed);
    json_end_object(&request->json);
    return respond_json(ctx, request, 200);
}

static const struct route routes[] = {
    ROUTE("GET", "/api/v1/rates", ROLES_STAFF, SCOPE_READ, ACCESS_READ, .id = "listRates",
          .summary = "List exchange rates", .tag = "Exchange rates",
          .notes =
              "Newest day first. Rates are towards the organisation's currency, and those of an "
              "earlier one are not listed. A fact is converted at the rate of its day, or at "
              "the latest before it.",
          .query = &list_query, .answer = &rate_schema, .answers_list = true, .success = 200,
          .handle = get_rates),
    ROUTE("PUT", "/api/v1/rates", ROLES_ADMIN, SCOPE_ADMINISTRATION, ACCESS_WRITE, .id = "setRates",
          .summary = "Set exchange rates", .tag = "Exchange rates", .body = &put_body,
          .answer = &put_answer, .success = 200, .handle = put_rates),
};
const struct route_table rate_routes = {routes, ARRAY_LEN(routes)};
