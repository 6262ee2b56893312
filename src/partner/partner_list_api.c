/* Routes of the list of partners: pages, count, export. */
#include "lib/csv/csv.h"
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/partner/partner_filter.h"
#include "src/partner/partner_view.h"

/* ---- how a row looks ---- */

#define TEXT_OR_NULL(name_, ...)                                                                   \
    {                                                                                              \
        .name = (name_), .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, __VA_ARGS__ \
    }

static const struct field manager_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "usr", .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct schema manager_schema = SCHEMA(NULL, NULL, manager_fields);

static const struct field parent_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "ptn", .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct schema parent_schema = SCHEMA(NULL, NULL, parent_fields);

static const struct field row_contact_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "con", .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    TEXT_OR_NULL("email"),
    TEXT_OR_NULL("phone"),
};
static const struct schema row_contact_schema = SCHEMA(NULL, NULL, row_contact_fields);

static const struct field metric_fields[] = {
    {.name = "value",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "null: no data.",
     .example = "73522.79"},
    TEXT_OR_NULL("currency", .help = "Of money: the reporting currency."),
};
static const struct schema metric_schema = SCHEMA(NULL, NULL, metric_fields);

static const struct field column_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .example = "sales"},
    {.name = "value",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "null: no data."},
    TEXT_OR_NULL("currency", .help = "Of money: the reporting currency."),
};
static const struct schema column_schema = SCHEMA(NULL, NULL, column_fields);

static const struct field row_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "ptn", .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .example = "Brakes and Gears"},
    {.name = "status", .type = FIELD_ENUM, .names = partner_status_names, .flags = FIELD_REQUIRED},
    TEXT_OR_NULL("tier"),
    TEXT_OR_NULL("city"),
    TEXT_OR_NULL("region"),
    TEXT_OR_NULL("country"),
    TEXT_OR_NULL("domain"),
    TEXT_OR_NULL("phone"),
    {.name = "manager", .type = FIELD_OBJECT, .schema = &manager_schema, .flags = FIELD_REQUIRED},
    {.name = "parent",
     .type = FIELD_OBJECT,
     .schema = &parent_schema,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "contact",
     .type = FIELD_OBJECT,
     .schema = &row_contact_schema,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "The primary contact."},
    {.name = "tags", .type = FIELD_TEXTS, .flags = FIELD_REQUIRED},
    {.name = "created_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "updated_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "active_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "archived_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "version", .type = FIELD_INT, .flags = FIELD_REQUIRED},
    {.name = "metric",
     .type = FIELD_OBJECT,
     .schema = &metric_schema,
     .help = "The metric that the list is sorted by; only then."},
    {.name = "metrics",
     .type = FIELD_OBJECTS,
     .schema = &column_schema,
     .max_items = LIMIT_LIST_METRICS,
     .help = "Those that were asked for, in that order; only then."},
};
static const struct schema row_schema =
    SCHEMA("PartnerRow", "A partner as the list shows it.", row_fields);

static void put_named(struct json_writer *writer, const char *key, struct str id, struct str name)
{
    json_key(writer, key);
    json_begin_object(writer);
    json_put_str(writer, "id", id);
    json_put_str(writer, "name", name);
    json_end_object(writer);
}

static void put_contact(struct json_writer *writer, const struct partner_row *row)
{
    json_key(writer, "contact");
    if (!contact_id_is_set(row->contact)) {
        json_add_null(writer);
        return;
    }
    json_begin_object(writer);
    json_put_str(writer, "id", contact_id_text(row->contact, writer->buf->arena));
    json_put_str(writer, "name", row->contact_name);
    json_put_str_or_null(writer, "email", row->contact_email);
    json_put_str_or_null(writer, "phone", row->contact_phone);
    json_end_object(writer);
}

static void put_people(struct json_writer *writer, const struct partner_row *row)
{
    struct arena *arena = writer->buf->arena;
    put_named(writer, "manager", user_id_text(row->manager, arena), row->manager_name);
    if (partner_id_is_set(row->parent)) {
        put_named(writer, "parent", partner_id_text(row->parent, arena), row->parent_name);
    } else {
        json_key(writer, "parent");
        json_add_null(writer);
    }
    put_contact(writer, row);
}

static void put_metric(struct json_writer *writer, const struct partner_row *row)
{
    json_key(writer, "metric");
    json_begin_object(writer);
    json_put_str_or_null(writer, "value", row->metric_value);
    json_put_str_or_null(writer, "currency", currency_str(&row->metric_currency));
    json_end_object(writer);
}

static void put_columns(struct json_writer *writer, const struct partner_row *row,
                        const struct partner_columns *columns)
{
    json_key(writer, "metrics");
    json_begin_array(writer);
    for (size_t i = 0; i < columns->count; i++) {
        const struct partner_metric_value *value = partner_columns_find(columns, i, row->id);
        json_begin_object(writer);
        json_put_str(writer, "code", columns->codes[i]);
        json_put_str_or_null(writer, "value", value ? value->text : STR(""));
        json_put_str_or_null(writer, "currency", value ? currency_str(&value->currency) : STR(""));
        json_end_object(writer);
    }
    json_end_array(writer);
}

/* What a page shows of each partner besides its record. */
struct shown {
    bool metric; /* that of the order */
    struct partner_columns columns;
};

static void put_row(struct json_writer *writer, const struct partner_row *row,
                    const struct shown *shown)
{
    json_begin_object(writer);
    json_put_str(writer, "id", partner_id_text(row->id, writer->buf->arena));
    json_put_str(writer, "name", row->name);
    json_put_str(writer, "status", row->status);
    json_put_str_or_null(writer, "tier", row->tier);
    json_put_str_or_null(writer, "city", row->city);
    json_put_str_or_null(writer, "region", row->region);
    json_put_str_or_null(writer, "country", row->country);
    json_put_str_or_null(writer, "domain", row->domain);
    json_put_str_or_null(writer, "phone", row->phone);
    put_people(writer, row);
    json_key(writer, "tags");
    json_begin_array(writer);
    for (size_t i = 0; i < row->tag_count; i++)
        json_add_str(writer, row->tags[i]);
    json_end_array(writer);
    json_put_time(writer, "created_at", row->created_ms);
    json_put_time(writer, "updated_at", row->updated_ms);
    json_put_time_or_null(writer, "active_at", row->active_ms);
    json_put_time_or_null(writer, "archived_at", row->archived_ms);
    json_put_int(writer, "version", row->version);
    if (shown->metric)
        put_metric(writer, row);
    if (shown->columns.count)
        put_columns(writer, row, &shown->columns);
    json_end_object(writer);
}

/* ---- what is asked ---- */

#define ORDER_FIELDS                                                                               \
    {.name = "sort",                                                                               \
     .type = FIELD_TEXT,                                                                           \
     .max = 80,                                                                                    \
     .help = "name (the default), status, country, city, manager, tier, domain, created,"          \
             " updated, active, or the code of a metric; with a minus in front: descending.",      \
     .example = "-sales"},                                                                         \
        {.name = "from",                                                                           \
         .type = FIELD_DAY,                                                                        \
         .help = "First day of the metric's window; default: 30 days ago."},                       \
    {                                                                                              \
        .name = "to", .type = FIELD_DAY, .help = "Day after the window's last; default: tomorrow." \
    }

static const struct field list_fields[] = {
    PAGE_FIELDS,
    PARTNER_FILTER_FIELDS,
    ORDER_FIELDS,
    {.name = "metrics",
     .type = FIELD_TEXTS,
     .max = 40,
     .max_items = LIMIT_LIST_METRICS,
     .help = "Codes of metrics to show with each partner, separated by commas.",
     .example = "sales,orders"},
};
static const struct schema list_schema = SCHEMA(NULL, NULL, list_fields);
static const struct field export_fields[] = {PARTNER_FILTER_FIELDS, ORDER_FIELDS};
static const struct schema export_schema = SCHEMA(NULL, NULL, export_fields);

static enum err read_order(struct ctx *ctx, const struct form *query,
                           struct partner_order *ret_order)
{
    *ret_order = (struct partner_order){
        .metric = {.from_given = form_has(query, "from"),
                   .to_given = form_has(query, "to"),
                   .from = {(int32_t)form_int(query, "from")},
                   .to = {(int32_t)form_int(query, "to")}},
    };
    return partner_order_parse(ctx, form_text(query, "sort"), ret_order);
}

static enum err read_asked(struct ctx *ctx, const struct form *query,
                           struct partner_filter *ret_filter, struct partner_order *ret_order)
{
    TRY(read_order(ctx, query, ret_order));
    return partner_filter_read(ctx, query, ret_filter);
}

static struct responded list_partners(struct ctx *ctx, struct request *request)
{
    struct partner_filter filter;
    struct partner_order order;
    struct page page;
    struct partner_page found;
    struct shown shown = {0};
    const struct form_value *codes = form_get(request->query, "metrics");
    if (read_asked(ctx, request->query, &filter, &order) != OK ||
        page_from_form(ctx, request->query, partner_order_text(ctx, &order), &page) != OK ||
        partner_columns_open(ctx, codes->texts, codes->count, &order.metric, &shown.columns) !=
            OK ||
        partner_list(ctx, &filter, &order, &page, &found) != OK)
        return respond_fault(ctx, request);
    shown.metric = order.sort == PARTNER_SORT_METRIC;
    respond_list_begin(request);
    for (size_t i = 0; i < found.count; i++)
        put_row(&request->json, &found.rows[i], &shown);
    respond_list_end(request, found.next);
    return respond_json(ctx, request, 200);
}

static const struct field count_fields[] = {
    {.name = "count", .type = FIELD_INT, .flags = FIELD_REQUIRED, .example = "701"},
};
static const struct schema count_schema =
    SCHEMA("PartnerCount", "How many partners a filter leaves.", count_fields);

static struct responded count_partners(struct ctx *ctx, struct request *request)
{
    struct partner_filter filter;
    int64_t count;
    if (partner_filter_read(ctx, request->query, &filter) != OK ||
        partner_count(ctx, &filter, &count) != OK)
        return respond_fault(ctx, request);
    json_begin_object(&request->json);
    json_put_int(&request->json, "count", count);
    json_end_object(&request->json);
    return respond_json(ctx, request, 200);
}

/* ---- the whole list as a file ---- */

struct export
{
    struct ctx *ctx;
    struct buf file;
};

static struct str time_text(struct export *export, int64_t at_ms)
{
    struct buf text;
    buf_init(&text, export->ctx->arena, TIME_TEXT_MAX);
    if (at_ms)
        time_render(at_ms, &text);
    return buf_str(&text);
}

static struct str tags_text(struct export *export, const struct partner_row *row)
{
    struct buf text;
    buf_init(&text, export->ctx->arena, LIMIT_TAGS * (LIMIT_TAG_BYTES + 2));
    for (size_t i = 0; i < row->tag_count; i++)
        buf_format(&text, "%s%.*s", i ? ", " : "", STR_ARG(row->tags[i]));
    return buf_str(&text);
}

static const char *const export_columns[] = {
    "id",
    "name",
    "status",
    "tier",
    "city",
    "region",
    "country",
    "domain",
    "phone",
    "manager",
    "parent",
    "contact",
    "contact_email",
    "contact_phone",
    "tags",
    "created_at",
    "updated_at",
    "active_at",
    "archived_at",
    "metric",
    "metric_currency",
};

static void put_cells(struct buf *file, const struct str *cells, size_t count)
{
    for (size_t i = 0; i < count; i++)
        csv_write_cell(file, cells[i], i == 0);
    csv_write_end(file);
}

static enum err export_row(void *self, const struct partner_row *row)
{
    struct export *export = self;
    const struct str cells[] = {partner_id_text(row->id, export->ctx->arena),
                                row->name,
                                row->status,
                                row->tier,
                                row->city,
                                row->region,
                                row->country,
                                row->domain,
                                row->phone,
                                row->manager_name,
                                row->parent_name,
                                row->contact_name,
                                row->contact_email,
                                row->contact_phone,
                                tags_text(export, row),
                                time_text(export, row->created_ms),
                                time_text(export, row->updated_ms),
                                time_text(export, row->active_ms),
                                time_text(export, row->archived_ms),
                                row->metric_value,
                                currency_str(&row->metric_currency)};
    _Static_assert(ARRAY_LEN(cells) == ARRAY_LEN(export_columns), "a cell for each column");
    put_cells(&export->file, cells, ARRAY_LEN(cells));
    return OK;
}

static struct responded export_partners(struct ctx *ctx, struct request *request)
{
    struct partner_filter filter;
    struct partner_order order;
    struct export export = {.ctx = ctx};
    struct str header[ARRAY_LEN(export_columns)];
    for (size_t i = 0; i < ARRAY_LEN(header); i++)
        header[i] = str_from_c(export_columns[i]);
    buf_init(&export.file, ctx->arena, LIMIT_ANSWER_BYTES);
    put_cells(&export.file, header, ARRAY_LEN(header));
    if (read_asked(ctx, request->query, &filter, &order) != OK ||
        partner_list_each(ctx, &filter, &order, export_row, &export) != OK)
        return respond_fault(ctx, request);
    if (export.file.overflowed &&
        CTX_FAULT(ctx, ERR_TOO_LARGE, "export_too_large",
                  "The file would be too large; narrow the filter.") != OK)
        return respond_fault(ctx, request);
    return respond_text(ctx, request, 200, "text/csv; charset=utf-8", buf_str(&export.file));
}

static const struct route routes[] = {
    ROUTE("GET", "/api/v1/partners", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ, .id = "listPartners",
          .summary = "List and search partners", .tag = "Partners",
          .notes = "Fields that are given must all be true of a partner. A partner's user sees its"
                   " own partner only. Partners without data for the metric that the list is sorted"
                   " by come last.",
          .query = &list_schema, .answer = &row_schema, .answers_list = true, .success = 200,
          .handle = list_partners),
    ROUTE("GET", "/api/v1/partners/count", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ,
          .id = "countPartners", .summary = "Count the partners of a filter", .tag = "Partners",
          .query = &partner_filter_schema, .answer = &count_schema, .success = 200,
          .handle = count_partners),
    ROUTE("GET", "/api/v1/partners/export", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ,
          .id = "exportPartners", .summary = "Export the filtered list as CSV", .tag = "Partners",
          .notes = "At most 100,000 partners.", .query = &export_schema, .success = 200,
          .answer_type = "text/csv", .lane = HTTP_SLOW, .handle = export_partners),
};
const struct route_table partner_list_routes = {routes, ARRAY_LEN(routes)};
