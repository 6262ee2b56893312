/* The routes of metrics. */
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/metric/metric_catalogue.h"
#include "src/metric/metric_render.h"

/* ---- what is asked ---- */

#define SCOPE_FIELDS                                                                              \
    {.name = "partner",                                                                           \
     .type = FIELD_ID,                                                                            \
     .prefix = "ptn",                                                                             \
     .help = "One partner, by its own days."},                                                    \
        {.name = "manager",                                                                       \
         .type = FIELD_ID,                                                                        \
         .prefix = "usr",                                                                         \
         .help = "Partners of this manager."},                                                    \
        {.name = "tier", .type = FIELD_TEXT, .help = "Partners of this tier."},                   \
        {.name = "country",                                                                       \
         .type = FIELD_TEXT,                                                                      \
         .min = 2,                                                                                \
         .max = 2,                                                                                \
         .help = "Partners in this country: ISO 3166-1, two letters.",                            \
         .example = "AT"},                                                                        \
        {.name = "tag", .type = FIELD_TEXT, .max = LIMIT_TAG_BYTES, .help = "Partners with it."}, \
    {                                                                                             \
        .name = "product", .type = FIELD_ID, .prefix = "prd",                                     \
        .help = "Only facts that name this product."                                              \
    }
#define WINDOW_FIELDS                                                                            \
    {.name = "from",                                                                             \
     .type = FIELD_DAY,                                                                          \
     .help = "The first day; 30 days before `to` when it is left out.",                          \
     .example = "2026-05-01"},                                                                   \
    {                                                                                            \
        .name = "to", .type = FIELD_DAY,                                                         \
        .help = "The day after the last; tomorrow when it is left out.", .example = "2026-06-01" \
    }
#define METRICS_FIELD                                                       \
    {                                                                       \
        .name = "metrics", .type = FIELD_TEXTS, .max = 40, .max_items = 32, \
        .help = "Codes, separated by commas; all when it is left out.",     \
        .example = "sales,orders,aov"                                       \
    }

static const char *const comparisons[] = {"previous", NULL};
#define COMPARE_FIELD                                                                     \
    {                                                                                     \
        .name = "compare", .type = FIELD_ENUM, .names = comparisons,                      \
        .help = "With the window before: as many whole months where the window is whole " \
                "months, else as many days."                                              \
    }
static const struct field values_query_fields[] = {METRICS_FIELD, SCOPE_FIELDS, WINDOW_FIELDS,
                                                   COMPARE_FIELD};
static const struct schema values_query = SCHEMA(NULL, NULL, values_query_fields);

static const struct field series_query_fields[] = {
    METRICS_FIELD,
    SCOPE_FIELDS,
    WINDOW_FIELDS,
    {.name = "by",
     .type = FIELD_ENUM,
     .flags = FIELD_REQUIRED,
     .names = metric_step_names,
     .help = "The length of a step; weeks are ISO 8601's.",
     .example = "month"},
    COMPARE_FIELD,
};
static const struct schema series_query = SCHEMA(NULL, NULL, series_query_fields);

static const struct field pulse_query_fields[] = {SCOPE_FIELDS};
static const struct schema pulse_query = SCHEMA(NULL, NULL, pulse_query_fields);

static const struct field list_query_fields[] = {PAGE_FIELDS, SCOPE_FIELDS, WINDOW_FIELDS};
static const struct schema list_query = SCHEMA(NULL, NULL, list_query_fields);

static const char *const ranking_orders[] = {"highest", "lowest", NULL};
static const struct field ranking_query_fields[] = {
    PAGE_FIELDS,
    SCOPE_FIELDS,
    WINDOW_FIELDS,
    {.name = "order",
     .type = FIELD_ENUM,
     .names = ranking_orders,
     .help = "Which stand first; highest when it is left out.",
     .example = "lowest"},
};
static const struct schema ranking_query = SCHEMA(NULL, NULL, ranking_query_fields);

static const struct field report_query_fields[] = {WINDOW_FIELDS};
static const struct schema report_query = SCHEMA(NULL, NULL, report_query_fields);

static struct metric_days read_days(const struct form *form)
{
    return (struct metric_days){
        .from_given = form_has(form, "from"),
        .to_given = form_has(form, "to"),
        .from = {(int32_t)form_int_or(form, "from", 0)},
        .to = {(int32_t)form_int_or(form, "to", 0)},
    };
}

static struct metric_scope read_whose(const struct form *form)
{
    return (struct metric_scope){
        .partner = {form_int_or(form, "partner", 0)},
        .manager = {form_int_or(form, "manager", 0)},
        .product = {form_int_or(form, "product", 0)},
        .tier = form_text(form, "tier"),
        .country = form_text(form, "country"),
        .tag = form_text(form, "tag"),
    };
}

static struct metric_query read_scope(const struct form *form)
{
    return (struct metric_query){.scope = read_whose(form), .days = read_days(form)};
}

static enum err read_query(struct ctx *ctx, const struct form *form, struct metric_query *ret_query)
{
    struct metric_query query = read_scope(form);
    const struct form_value *codes = form_get(form, "metrics");
    for (size_t i = 0; i < codes->count; i++)
        TRY(metric_want(ctx, codes->texts[i], &query.wanted));
    query.compare = form_has(form, "compare");
    *ret_query = query;
    return OK;
}

/* The metric in the path. */
static enum err read_one(struct ctx *ctx, const struct request *request,
                         struct metric_query *ret_query)
{
    struct str code = http_param(request->exchange, "code");
    *ret_query = read_scope(request->query);
    if (!metric_find(code))
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "metric_not_found",
                         "There is no metric with this code.");
    return metric_want(ctx, code, &ret_query->wanted);
}

/* ---- handlers ---- */

static struct responded get_catalogue(struct ctx *ctx, struct request *request)
{
    respond_list_begin(request);
    for (size_t i = 0; metric_at(i); i++)
        metric_render(metric_at(i), &request->json);
    respond_list_end(request, STR(""));
    return respond_json(ctx, request, 200);
}

static struct responded get_values(struct ctx *ctx, struct request *request)
{
    struct metric_query query;
    struct metric_values values;
    enum err err = read_query(ctx, request->query, &query);
    if (err == OK)
        err = metric_values(ctx, &query, &values);
    if (err == OK)
        metric_values_render(&values, &request->json);
    return respond_or_fault(ctx, request, err, 200);
}

static struct responded get_pulse(struct ctx *ctx, struct request *request)
{
    struct metric_scope scope = read_whose(request->query);
    struct metric_pulse pulse;
    enum err err = metric_pulse(ctx, &scope, &pulse);
    if (err == OK)
        metric_pulse_render(&pulse, &request->json);
    return respond_or_fault(ctx, request, err, 200);
}

static struct responded get_series(struct ctx *ctx, struct request *request)
{
    struct metric_query query;
    struct metric_series series;
    enum metric_step step = (enum metric_step)form_int(request->query, "by");
    enum err err = read_query(ctx, request->query, &query);
    if (err == OK)
        err = metric_series(ctx, &query, step, &series);
    if (err == OK)
        metric_series_render(&series, &request->json);
    return respond_or_fault(ctx, request, err, 200);
}

static struct responded get_facts(struct ctx *ctx, struct request *request)
{
    struct metric_query query;
    struct metric_facts facts;
    struct page page;
    enum err err = read_one(ctx, request, &query);
    if (err == OK)
        err = page_from_form(ctx, request->query, LEDGER_LIST_ORDER, &page);
    if (err == OK)
        err = metric_facts(ctx, &query, &page, &facts);
    if (err != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < facts.page.count; i++)
        fact_render(&facts.page.rows[i], &request->json);
    respond_list_end(request, facts.page.next);
    return respond_json(ctx, request, 200);
}

typedef enum err rank_use_case(struct ctx *ctx, const struct metric_query *query,
                               const struct page *page, struct metric_leader_page *ret_page);
typedef void render_leader(const struct metric_leader *leader, struct json_writer *writer);

static struct responded get_ranking(struct ctx *ctx, struct request *request, rank_use_case *rank,
                                    render_leader *render)
{
    struct metric_query query;
    struct metric_leader_page leaders;
    struct page page;
    enum err err = read_one(ctx, request, &query);
    query.lowest_first = form_int_or(request->query, "order", 0) == 1;
    if (err == OK)
        err = page_from_form(ctx, request->query, metric_ranking_order(ctx, &query), &page);
    if (err == OK)
        err = rank(ctx, &query, &page, &leaders);
    if (err != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < leaders.count; i++)
        render(&leaders.rows[i], &request->json);
    respond_list_end(request, leaders.next);
    return respond_json(ctx, request, 200);
}

static struct responded get_leaders(struct ctx *ctx, struct request *request)
{
    return get_ranking(ctx, request, metric_leaders, metric_leader_render);
}

static struct responded get_products(struct ctx *ctx, struct request *request)
{
    return get_ranking(ctx, request, metric_products, metric_product_render);
}

static struct responded get_report(struct ctx *ctx, struct request *request)
{
    struct partner_id partner;
    struct metric_days days = read_days(request->query);
    struct str json;
    enum err err = REQUEST_ID(ctx, request, "id", partner, &partner);
    if (err == OK)
        err = metric_report_json(ctx, partner, &days, &json);
    if (err != OK)
        return respond_fault(ctx, request);
    return respond_text(ctx, request, 200, "application/json", json);
}

static const struct route routes[] = {
    ROUTE("GET", "/api/v1/metrics", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_NONE, .id = "listMetrics",
          .summary = "The catalogue of metrics", .tag = "Metrics",
          .notes = "Every number of the product with its printed formula. Averages are exact "
                   "divisions, rounded once, half to even: money to its minor unit, ratios to six "
                   "decimals, days to four.",
          .answer = &metric_schema, .answers_list = true, .success = 200, .handle = get_catalogue),
    ROUTE("GET", "/api/v1/metrics/values", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ,
          .id = "getMetricValues", .summary = "Values of metrics in a window", .tag = "Metrics",
          .notes =
              "Of one partner, of a group, or of the whole channel when nothing restricts it. "
              "Days are the partner's for one partner and the organisation's otherwise. Amounts "
              "are per currency, and in the reporting currency where exchange rates are loaded. "
              "null means no data, never 0.",
          .query = &values_query, .answer = &metric_values_schema, .success = 200,
          .handle = get_values),
    ROUTE("GET", "/api/v1/metrics/series", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ,
          .id = "getMetricSeries", .summary = "Metrics by day, week, month or quarter",
          .tag = "Metrics", .query = &series_query, .answer = &metric_series_schema, .success = 200,
          .handle = get_series),
    ROUTE("GET", "/api/v1/pulse", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ, .id = "getPulse",
          .summary = "Today so far", .tag = "Metrics",
          .notes = "Orders, sales, items, calls, visits and funnel contacts of today beside the "
                   "same day of last week until the same time, and the whole of it. The stream "
                   "sends it again after each change.",
          .query = &pulse_query, .answer = &metric_pulse_schema, .success = 200,
          .handle = get_pulse),
    ROUTE(
        "GET", "/api/v1/metrics/{code}/facts", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ,
        .id = "listMetricFacts", .summary = "The facts that a number was made of", .tag = "Metrics",
        .notes = "Newest first. A reversal and the fact that it reverses are both listed and count "
                 "as nothing together. A page of a group may hold fewer facts than asked for and "
                 "still name a next one.",
        .query = &list_query, .answer = &fact_schema, .answers_list = true, .success = 200,
        .handle = get_facts),
    ROUTE("GET", "/api/v1/metrics/{code}/partners", ROLES_STAFF, SCOPE_READ, ACCESS_READ,
          .id = "listMetricPartners", .summary = "Partners by a metric", .tag = "Metrics",
          .notes = "By the organisation's days. Money of several currencies is ordered in the "
                   "reporting currency; where a rate is missing, a partner stands at the end.",
          .query = &ranking_query, .answer = &metric_leader_schema, .answers_list = true,
          .success = 200, .handle = get_leaders),
    ROUTE("GET", "/api/v1/metrics/{code}/products", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ,
          .id = "listMetricProducts", .summary = "Products by a metric, highest first",
          .tag = "Metrics",
          .notes = "Of one partner by its own days; of a group or the channel by the "
                   "organisation's. Only facts that name a product count. Money of several "
                   "currencies is ordered as partners are.",
          .query = &ranking_query, .answer = &metric_product_schema, .answers_list = true,
          .success = 200, .handle = get_products),
    ROUTE("GET", "/api/v1/partners/{id}/report", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_NONE,
          .id = "getPartnerReport", .summary = "A partner's live report", .tag = "Partners",
          .notes = "What the partner does as it happens, and every metric of the catalogue in the "
                   "window, by the partner's days.",
          .query = &report_query, .answer = &metric_report_schema, .success = 200,
          .handle = get_report),
};
const struct route_table metric_routes = {routes, ARRAY_LEN(routes)};
