/* The shapes of the answers with numbers, for the API's documentation. */
#include "src/metric/metric_render.h"

#define TEXT(name_, help_)                                                            \
    {                                                                                 \
        .name = (name_), .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .help = (help_) \
    }
#define CURRENCY                                                                          \
    {                                                                                     \
        .name = "currency", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, \
        .min = 3, .max = 3, .help = "ISO 4217; null where the number is no money."        \
    }

static const char *const units[] = {"count", "units",   "money",   "ratio", "time",
                                    "days",  "seconds", "minutes", NULL};
#define UNIT                                                                        \
    {                                                                               \
        .name = "unit", .type = FIELD_ENUM, .flags = FIELD_REQUIRED, .names = units \
    }

/* ---- the catalogue ---- */

static const struct field companion_fields[] = {
    TEXT("code", NULL),
    TEXT("name", NULL),
    TEXT("formula", NULL),
    UNIT,
};
static const struct schema companion_schema =
    SCHEMA("MetricCompanion", "A number that stands beside a metric.", companion_fields);

static const struct field metric_fields[] = {
    TEXT("code", "What the API and the command line call it."),
    TEXT("name", NULL),
    TEXT("formula", "How it is computed."),
    UNIT,
    {.name = "kinds",
     .type = FIELD_TEXTS,
     .flags = FIELD_REQUIRED,
     .max_items = FACT_KIND_COUNT,
     .help = "Kinds of facts that it reads."},
    {.name = "companions",
     .type = FIELD_OBJECTS,
     .flags = FIELD_REQUIRED,
     .schema = &companion_schema,
     .max_items = 2},
    TEXT("facts", "Where its facts are listed."),
};
const struct schema metric_schema =
    SCHEMA("Metric", "A number with a printed formula.", metric_fields);

/* ---- values ---- */

static const struct field amount_fields[] = {
    TEXT("value", "A decimal; an instant where the unit is time."),
    CURRENCY,
    {.name = "n", .type = FIELD_INT, .help = "Facts it was made of."},
};
static const struct schema amount_schema =
    SCHEMA("MetricAmount", "A number in one currency, or without one.", amount_fields);

static const struct field beside_fields[] = {
    TEXT("code", NULL),
    {.name = "name", .type = FIELD_TEXT},
    {.name = "formula", .type = FIELD_TEXT},
    {.name = "unit", .type = FIELD_ENUM, .names = units},
    {.name = "value",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "null: no data."},
};
static const struct schema beside_schema =
    SCHEMA("MetricCompanionValue", "The value of a companion.", beside_fields);

#define NUMBER_FIELDS                                                                            \
    {.name = "value",                                                                            \
     .type = FIELD_TEXT,                                                                         \
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,                                                   \
     .help = "A decimal, or an instant where the unit is time. null: no data, or several "       \
             "currencies: see values."},                                                         \
        CURRENCY,                                                                                \
        {.name = "values",                                                                       \
         .type = FIELD_OBJECTS,                                                                  \
         .flags = FIELD_REQUIRED,                                                                \
         .schema = &amount_schema,                                                               \
         .max_items = 200,                                                                       \
         .help = "One, or one for each currency; none: no data."},                               \
        {.name = "reporting",                                                                    \
         .type = FIELD_OBJECT,                                                                   \
         .flags = FIELD_REQUIRED | FIELD_NULLABLE,                                               \
         .schema = &amount_schema,                                                               \
         .help = "Money of all currencies in the reporting currency, each fact at the rate "     \
                 "of its day; null where a rate is missing."},                                   \
    {                                                                                            \
        .name = "n", .type = FIELD_INT, .flags = FIELD_REQUIRED, .help = "Facts it was made of." \
    }
#define RESULT_FIELDS                                                         \
    NUMBER_FIELDS,                                                            \
    {                                                                         \
        .name = "companions", .type = FIELD_OBJECTS, .flags = FIELD_REQUIRED, \
        .schema = &beside_schema, .max_items = 2                              \
    }

static const struct field previous_fields[] = {
    NUMBER_FIELDS,
    TEXT("facts", "Where the facts it was made of are listed."),
};
static const struct schema previous_schema =
    SCHEMA("MetricPrevious", "The value in the window before.", previous_fields);

static const struct field result_fields[] = {
    TEXT("code", NULL),
    TEXT("name", NULL),
    TEXT("formula", "How it is computed."),
    UNIT,
    RESULT_FIELDS,
    TEXT("facts", "Where the facts it was made of are listed."),
    {.name = "previous",
     .type = FIELD_OBJECT,
     .flags = FIELD_NULLABLE,
     .schema = &previous_schema,
     .help = "With compare=previous; null where the window lies before the first fact."},
};
static const struct schema result_schema =
    SCHEMA("MetricValue", "A metric's value in a window.", result_fields);

static const struct field window_fields[] = {
    {.name = "from", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .help = "The first day."},
    {.name = "to", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .help = "The day after the last."},
    TEXT("time_zone", "Whose days these are."),
};
static const struct schema window_schema =
    SCHEMA("MetricWindow", "The days of the window.", window_fields);

#define OF_SCOPE(name_, type_, ...)                                                             \
    {                                                                                           \
        .name = (name_), .type = (type_), .flags = FIELD_REQUIRED | FIELD_NULLABLE, __VA_ARGS__ \
    }
static const struct field scope_fields[] = {
    OF_SCOPE("partner", FIELD_ID, .prefix = "ptn"), OF_SCOPE("manager", FIELD_ID, .prefix = "usr"),
    OF_SCOPE("tier", FIELD_TEXT, .help = NULL),     OF_SCOPE("country", FIELD_TEXT, .help = NULL),
    OF_SCOPE("product", FIELD_ID, .prefix = "prd"), OF_SCOPE("tag", FIELD_TEXT, .help = NULL),
};
static const struct schema scope_schema =
    SCHEMA("MetricScope", "Whose numbers: all null is the whole channel.", scope_fields);

#define HEADING_FIELDS                                                                             \
    {.name = "window", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .schema = &window_schema},   \
        {.name = "scope", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .schema = &scope_schema}, \
    {                                                                                              \
        .name = "reporting_currency", .type = FIELD_TEXT, .flags = FIELD_REQUIRED                  \
    }

static const struct field before_fields[] = {
    {.name = "from", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .help = "The first day."},
    {.name = "to", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .help = "The day after the last."},
};
static const struct schema before_schema =
    SCHEMA("MetricWindowBefore", "The days that a window is compared with.", before_fields);
#define PREVIOUS_WINDOW                                                            \
    {                                                                              \
        .name = "previous_window", .type = FIELD_OBJECT, .schema = &before_schema, \
        .help = "With compare=previous."                                           \
    }

static const struct field values_fields[] = {
    HEADING_FIELDS,
    PREVIOUS_WINDOW,
    {.name = "items",
     .type = FIELD_OBJECTS,
     .flags = FIELD_REQUIRED,
     .schema = &result_schema,
     .max_items = 32},
};
const struct schema metric_values_schema =
    SCHEMA("MetricValues", "Metrics of one scope in one window.", values_fields);

/* ---- series ---- */

static const struct field point_fields[] = {
    TEXT("label", "\"2026-05-31\", \"2026-W22\", \"2026-05\", \"2026-Q2\"."),
    {.name = "from", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "to", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    RESULT_FIELDS,
};
static const struct schema point_schema =
    SCHEMA("MetricPoint", "A metric's value in one step of the window.", point_fields);
static const struct field line_fields[] = {
    TEXT("code", NULL),
    TEXT("name", NULL),
    TEXT("formula", NULL),
    UNIT,
    TEXT("facts", NULL),
    {.name = "points",
     .type = FIELD_OBJECTS,
     .flags = FIELD_REQUIRED,
     .schema = &point_schema,
     .max_items = 5000},
    {.name = "previous",
     .type = FIELD_OBJECTS,
     .schema = &point_schema,
     .max_items = 5000,
     .help = "With compare=previous: the steps of the window before, in their order; none where "
             "it lies before the first fact."},
};
static const struct schema line_schema =
    SCHEMA("MetricLine", "One metric over the steps of a window.", line_fields);
static const struct field series_fields[] = {
    HEADING_FIELDS,
    PREVIOUS_WINDOW,
    TEXT("by", NULL),
    {.name = "items",
     .type = FIELD_OBJECTS,
     .flags = FIELD_REQUIRED,
     .schema = &line_schema,
     .max_items = 32},
};
const struct schema metric_series_schema =
    SCHEMA("MetricSeries", "Metrics of one scope, step by step.", series_fields);

static const struct field leader_fields[] = {
    {.name = "partner_id", .type = FIELD_ID, .prefix = "ptn", .flags = FIELD_REQUIRED},
    TEXT("partner_name", NULL),
    RESULT_FIELDS,
};
const struct schema metric_leader_schema =
    SCHEMA("MetricLeader", "A partner and its value of the metric.", leader_fields);

static const struct field product_fields[] = {
    {.name = "product_id", .type = FIELD_ID, .prefix = "prd", .flags = FIELD_REQUIRED},
    TEXT("product_name", NULL),
    {.name = "product_code",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "The vendor's article number."},
    RESULT_FIELDS,
};
const struct schema metric_product_schema =
    SCHEMA("MetricProduct", "A product and its value of the metric.", product_fields);

/* ---- the live report ---- */

#define NUMBER(name_, help_)                                                              \
    {                                                                                     \
        .name = (name_), .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED | FIELD_NULLABLE, \
        .help = (help_)                                                                   \
    }
#define OBJECT(name_, schema_, help_)                                                         \
    {                                                                                         \
        .name = (name_), .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .schema = &(schema_), \
        .help = (help_)                                                                       \
    }

static const struct field orders_fields[] = {
    NUMBER("number", "Orders in the window."),
    NUMBER("value", "Their total; null: no data, or several currencies: see the metric sales."),
    CURRENCY,
    {.name = "latest",
     .type = FIELD_OBJECTS,
     .flags = FIELD_REQUIRED,
     .schema = &fact_schema,
     .max_items = METRIC_LATEST_ORDERS,
     .help = "The last orders, whenever they were, newest first."},
};
static const struct schema orders_schema = SCHEMA(NULL, NULL, orders_fields);
static const struct field recent_fields[] = {
    {.name = "days", .type = FIELD_INT, .flags = FIELD_REQUIRED, .help = "Trailing, with today."},
    NUMBER("number", "Orders within these days."),
    {.name = "last_at",
     .type = FIELD_TIME,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "When the last order was."},
};
static const struct schema recent_schema = SCHEMA(NULL, NULL, recent_fields);
static const struct field phone_fields[] = {
    NUMBER("number", NULL),
    NUMBER("seconds", "Total duration."),
};
static const struct schema phone_schema = SCHEMA(NULL, NULL, phone_fields);
static const struct field visit_fields[] = {
    NUMBER("number", NULL),
    NUMBER("minutes", "Total duration."),
};
static const struct schema visit_schema = SCHEMA(NULL, NULL, visit_fields);
static const struct field deal_fields[] = {
    NUMBER("open", "Registered, and neither won nor lost yet."),
    NUMBER("won", "In the window."),
    NUMBER("lost", "In the window."),
};
static const struct schema deal_schema = SCHEMA(NULL, NULL, deal_fields);
static const struct field funnel_fields[] = {
    NUMBER("calls", "Calls made in the funnel."),
    NUMBER("contacts_with", "Contacts made with the partner."),
    NUMBER("contacts_by", "Contacts that the partner brought."),
};
static const struct schema funnel_schema = SCHEMA(NULL, NULL, funnel_fields);

static const struct field live_fields[] = {
    OBJECT("sales_orders", orders_schema, NULL),
    OBJECT("recent_orders", recent_schema, NULL),
    OBJECT("calls_made", phone_schema, "Phone calls to the partner."),
    OBJECT("visits", visit_schema, "Sales calls, in person or online."),
    OBJECT("calls_received", phone_schema, "Phone calls from the partner."),
    NUMBER("items_sold", "Units sold in the window."),
    NUMBER("on_display", "Products on display in the online store at the end of the window."),
    NUMBER("shelf_units", "Units bought off display shelves in the window."),
    OBJECT("deals", deal_schema, NULL),
    OBJECT("funnel", funnel_schema, NULL),
};
static const struct schema live_schema = SCHEMA(NULL, NULL, live_fields);

static const struct field partner_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "ptn", .flags = FIELD_REQUIRED},
    TEXT("name", NULL),
    TEXT("status", NULL),
    {.name = "manager_id", .type = FIELD_ID, .prefix = "usr", .flags = FIELD_REQUIRED},
    TEXT("manager_name", NULL),
    {.name = "active_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
static const struct schema partner_schema = SCHEMA(NULL, NULL, partner_fields);

static const struct field report_fields[] = {
    OBJECT("partner", partner_schema, NULL),
    HEADING_FIELDS,
    OBJECT("live", live_schema, "What it does, as it happens. null: no source delivers it."),
    {.name = "metrics",
     .type = FIELD_OBJECTS,
     .flags = FIELD_REQUIRED,
     .schema = &result_schema,
     .max_items = 32},
};
const struct schema metric_report_schema =
    SCHEMA("PartnerReport", "A partner's live report.", report_fields);
