/* How numbers look in JSON. */
#include "src/metric/metric_render.h"

#include <ctype.h>

#include "src/core/limits.h"

enum { PATH_BYTES_MAX = 2048 };

static struct str text_of(const char *text)
{
    return str_from_c(text);
}

/* ---- numbers ---- */

static struct str value_text(const struct metric_value *value, enum metric_unit unit,
                             struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, MONEY_TEXT_MAX * 2);
    metric_value_render(value, unit, &buf);
    return buf_str(&buf);
}

struct str metric_result_text(const struct metric_result *result, struct arena *arena)
{
    if (result->count != 1)
        return STR("");
    return value_text(&result->values[0], result->metric->unit, arena);
}

static void put_value(struct json_writer *writer, const struct metric_value *value,
                      enum metric_unit unit)
{
    json_put_str(writer, "value", value_text(value, unit, writer->buf->arena));
    json_put_str_or_null(writer, "currency", currency_str(&value->currency));
}

static void put_values(const struct metric_result *result, struct json_writer *writer)
{
    json_key(writer, "values");
    json_begin_array(writer);
    for (size_t i = 0; i < result->count; i++) {
        json_begin_object(writer);
        put_value(writer, &result->values[i], result->metric->unit);
        json_put_int(writer, "n", result->values[i].n);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void put_reporting(const struct metric_result *result, struct json_writer *writer)
{
    json_key(writer, "reporting");
    if (!result->has_reporting) {
        json_add_null(writer);
        return;
    }
    json_begin_object(writer);
    put_value(writer, &result->reporting, result->metric->unit);
    json_end_object(writer);
}

static void put_companions(const struct metric_result *result, bool in_full,
                           struct json_writer *writer)
{
    json_key(writer, "companions");
    json_begin_array(writer);
    for (size_t i = 0; i < ARRAY_LEN(result->companions); i++) {
        const struct metric_companion *row = &result->metric->companions[i];
        if (!row->code)
            continue;
        json_begin_object(writer);
        json_put_str(writer, "code", text_of(row->code));
        if (in_full) {
            json_put_str(writer, "name", text_of(row->name));
            json_put_str(writer, "formula", text_of(row->formula));
            json_put_str(writer, "unit", text_of(metric_unit_name(row->unit)));
        }
        json_put_str_or_null(writer, "value",
                             result->companions[i].has ? value_text(&result->companions[i].value,
                                                                    row->unit, writer->buf->arena)
                                                       : STR(""));
        json_end_object(writer);
    }
    json_end_array(writer);
}

/* Members of an open object. */
static void put_number(const struct metric_result *result, struct json_writer *writer)
{
    struct str currency = result->count == 1 ? currency_str(&result->values[0].currency) : STR("");
    json_put_str_or_null(writer, "value", metric_result_text(result, writer->buf->arena));
    json_put_str_or_null(writer, "currency", currency);
    put_values(result, writer);
    put_reporting(result, writer);
    json_put_int(writer, "n", result->n);
}

static void put_result(const struct metric_result *result, bool in_full, struct json_writer *writer)
{
    put_number(result, writer);
    put_companions(result, in_full, writer);
}

/* ---- links and headings ---- */

static void put_parameter(struct buf *path, const char *name, struct str value)
{
    static const char hex[] = "0123456789ABCDEF";
    if (!value.len)
        return;
    buf_format(path, "&%s=", name);
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~') {
            buf_add_char(path, (char)c);
            continue;
        }
        buf_add_char(path, '%');
        buf_add_char(path, hex[c >> 4]);
        buf_add_char(path, hex[c & 15]);
    }
}

static void put_id_parameter(struct buf *path, const char *name, const char *prefix, int64_t id)
{
    char text[ID_TEXT_MAX];
    if (!id)
        return;
    id_format(prefix, id, text);
    put_parameter(path, name, text_of(text));
}

struct str metric_facts_path(const struct metric *metric, const struct metric_heading *heading,
                             struct arena *arena)
{
    const struct metric_scope *scope = &heading->scope;
    struct buf path;
    buf_init(&path, arena, PATH_BYTES_MAX);
    buf_format(&path, "/api/v1/metrics/%s/facts?from=", metric->code);
    day_render(heading->window.from, &path);
    buf_add(&path, STR("&to="));
    day_render(heading->window.to, &path);
    put_id_parameter(&path, "partner", "ptn", scope->partner.v);
    put_id_parameter(&path, "manager", "usr", scope->manager.v);
    put_id_parameter(&path, "product", "prd", scope->product.v);
    put_parameter(&path, "tier", scope->tier);
    put_parameter(&path, "country", scope->country);
    put_parameter(&path, "tag", scope->tag);
    return buf_str(&path);
}

static void put_day(struct json_writer *writer, const char *key, struct day day)
{
    struct buf buf;
    buf_init(&buf, writer->buf->arena, TIME_TEXT_MAX);
    day_render(day, &buf);
    json_put_str(writer, key, buf_str(&buf));
}

static void put_id(struct json_writer *writer, const char *key, const char *prefix, int64_t id)
{
    char text[ID_TEXT_MAX] = "";
    if (id)
        id_format(prefix, id, text);
    json_put_str_or_null(writer, key, text_of(text));
}

void metric_heading_put(const struct metric_heading *heading, struct json_writer *writer)
{
    const struct metric_scope *scope = &heading->scope;
    json_key(writer, "window");
    json_begin_object(writer);
    put_day(writer, "from", heading->window.from);
    put_day(writer, "to", heading->window.to);
    json_put_str(writer, "time_zone", heading->time_zone);
    json_end_object(writer);
    json_key(writer, "scope");
    json_begin_object(writer);
    put_id(writer, "partner", "ptn", scope->partner.v);
    put_id(writer, "manager", "usr", scope->manager.v);
    json_put_str_or_null(writer, "tier", scope->tier);
    json_put_str_or_null(writer, "country", scope->country);
    put_id(writer, "product", "prd", scope->product.v);
    json_put_str_or_null(writer, "tag", scope->tag);
    json_end_object(writer);
    json_put_str(writer, "reporting_currency", currency_str(&heading->reporting));
}

static void put_row(const struct metric *metric, struct json_writer *writer)
{
    json_put_str(writer, "code", text_of(metric->code));
    json_put_str(writer, "name", text_of(metric->name));
    json_put_str(writer, "formula", text_of(metric->formula));
    json_put_str(writer, "unit", text_of(metric_unit_name(metric->unit)));
}

static void put_value_members(const struct metric_result *result,
                              const struct metric_heading *heading, struct json_writer *writer)
{
    put_row(result->metric, writer);
    put_result(result, true, writer);
    json_put_str(writer, "facts", metric_facts_path(result->metric, heading, writer->buf->arena));
}

void metric_result_render(const struct metric_result *result, const struct metric_heading *heading,
                          struct json_writer *writer)
{
    json_begin_object(writer);
    put_value_members(result, heading, writer);
    json_end_object(writer);
}

/* ---- the window before ---- */

/* A member of an open object; nothing where nobody asked. */
static void put_previous_window(const struct metric_previous *previous, struct json_writer *writer)
{
    if (!previous->asked)
        return;
    json_key(writer, "previous_window");
    json_begin_object(writer);
    put_day(writer, "from", previous->window.from);
    put_day(writer, "to", previous->window.to);
    json_end_object(writer);
}

static void put_previous(const struct metric_values *values, size_t index,
                         struct json_writer *writer)
{
    struct metric_heading before = values->heading;
    if (!values->previous.asked)
        return;
    json_key(writer, "previous");
    if (!values->previous.has) {
        json_add_null(writer);
        return;
    }
    before.window = values->previous.window;
    json_begin_object(writer);
    put_number(&values->before[index], writer);
    json_put_str(writer, "facts",
                 metric_facts_path(values->before[index].metric, &before, writer->buf->arena));
    json_end_object(writer);
}

/* ---- answers ---- */

void metric_render(const struct metric *metric, struct json_writer *writer)
{
    json_begin_object(writer);
    put_row(metric, writer);
    json_key(writer, "kinds");
    json_begin_array(writer);
    for (int kind = 1; kind < FACT_KIND_COUNT; kind++)
        if (metric->kinds & (UINT32_C(1) << kind))
            json_add_str(writer, text_of(fact_kind_name((enum fact_kind)kind)));
    json_end_array(writer);
    json_key(writer, "companions");
    json_begin_array(writer);
    for (size_t i = 0; i < ARRAY_LEN(metric->companions) && metric->companions[i].code; i++) {
        const struct metric_companion *companion = &metric->companions[i];
        json_begin_object(writer);
        json_put_str(writer, "code", text_of(companion->code));
        json_put_str(writer, "name", text_of(companion->name));
        json_put_str(writer, "formula", text_of(companion->formula));
        json_put_str(writer, "unit", text_of(metric_unit_name(companion->unit)));
        json_end_object(writer);
    }
    json_end_array(writer);
    json_put_str(writer, "facts",
                 arena_format(writer->buf->arena, "/api/v1/metrics/%s/facts", metric->code));
    json_end_object(writer);
}

void metric_values_render(const struct metric_values *values, struct json_writer *writer)
{
    json_begin_object(writer);
    metric_heading_put(&values->heading, writer);
    put_previous_window(&values->previous, writer);
    json_key(writer, "items");
    json_begin_array(writer);
    for (size_t i = 0; i < values->count; i++) {
        json_begin_object(writer);
        put_value_members(&values->results[i], &values->heading, writer);
        put_previous(values, i, writer);
        json_end_object(writer);
    }
    json_end_array(writer);
    json_end_object(writer);
}

static void render_point(const struct metric_series *series, const struct metric_point *point,
                         size_t metric, struct json_writer *writer)
{
    struct buf label;
    buf_init(&label, writer->buf->arena, TIME_TEXT_MAX);
    metric_step_render(series->step, point->window.from, &label);
    json_begin_object(writer);
    json_put_str(writer, "label", buf_str(&label));
    put_day(writer, "from", point->window.from);
    put_day(writer, "to", point->window.to);
    put_result(&point->results[metric], false, writer);
    json_end_object(writer);
}

static void render_line(const struct metric_series *series, size_t metric,
                        struct json_writer *writer)
{
    const struct metric *row = series->points[0].results[metric].metric;
    json_begin_object(writer);
    put_row(row, writer);
    json_put_str(writer, "facts", metric_facts_path(row, &series->heading, writer->buf->arena));
    json_key(writer, "points");
    json_begin_array(writer);
    for (size_t i = 0; i < series->count; i++)
        render_point(series, &series->points[i], metric, writer);
    json_end_array(writer);
    if (series->previous.asked) {
        json_key(writer, "previous");
        json_begin_array(writer);
        for (size_t i = 0; i < series->before_count; i++)
            render_point(series, &series->before[i], metric, writer);
        json_end_array(writer);
    }
    json_end_object(writer);
}

const char *const metric_step_names[] = {"day", "week", "month", "quarter", NULL};

void metric_series_render(const struct metric_series *series, struct json_writer *writer)
{
    json_begin_object(writer);
    metric_heading_put(&series->heading, writer);
    put_previous_window(&series->previous, writer);
    json_put_str(writer, "by", text_of(metric_step_names[series->step]));
    json_key(writer, "items");
    json_begin_array(writer);
    for (size_t i = 0; i < series->metric_count; i++)
        render_line(series, i, writer);
    json_end_array(writer);
    json_end_object(writer);
}

void metric_leader_render(const struct metric_leader *leader, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_str(writer, "partner_id", partner_id_text(leader->partner, writer->buf->arena));
    json_put_str(writer, "partner_name", leader->name);
    put_result(&leader->result, false, writer);
    json_end_object(writer);
}

void metric_product_render(const struct metric_leader *leader, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_str(writer, "product_id", product_id_text(leader->product, writer->buf->arena));
    json_put_str(writer, "product_name", leader->name);
    json_put_str_or_null(writer, "product_code", leader->code);
    put_result(&leader->result, false, writer);
    json_end_object(writer);
}
