/* A partner's live report in JSON. */
#include <string.h>

#include "src/metric/metric_catalogue.h"
#include "src/metric/metric_render.h"

static const struct metric_result *result_of(const struct metric_report *report, const char *code)
{
    const struct metric_values *values = &report->values;
    size_t i = 0;
    while (i + 1 < values->count && strcmp(values->results[i].metric->code, code) != 0)
        i++;
    return &values->results[i];
}

static void put_number(struct json_writer *writer, const char *key,
                       const struct metric_result *result)
{
    json_put_str_or_null(writer, key, metric_result_text(result, writer->buf->arena));
}

/* The number of something and its total duration. */
static void put_calls(struct json_writer *writer, const struct metric_report *report,
                      const char *code, const char *unit)
{
    const struct metric_result *result = result_of(report, code);
    struct buf total;
    buf_init(&total, writer->buf->arena, MONEY_TEXT_MAX);
    if (result->companions[0].has)
        metric_value_render(&result->companions[0].value, METRIC_UNIT_SECONDS, &total);
    json_key(writer, code);
    json_begin_object(writer);
    put_number(writer, "number", result);
    json_put_str_or_null(writer, unit, buf_str(&total));
    json_end_object(writer);
}

static void put_orders(struct json_writer *writer, const struct metric_report *report)
{
    const struct metric_result *sales = result_of(report, "sales");
    struct str currency = sales->count == 1 ? currency_str(&sales->values[0].currency) : STR("");
    json_key(writer, "sales_orders");
    json_begin_object(writer);
    put_number(writer, "number", result_of(report, "orders"));
    put_number(writer, "value", sales);
    json_put_str_or_null(writer, "currency", currency);
    json_key(writer, "latest");
    json_begin_array(writer);
    for (size_t i = 0; i < report->latest.count; i++)
        fact_render(&report->latest.rows[i], writer);
    json_end_array(writer);
    json_end_object(writer);
    json_key(writer, "recent_orders");
    json_begin_object(writer);
    json_put_int(writer, "days", METRIC_WINDOW_DAYS);
    put_number(writer, "number", &report->recent);
    json_put_time_or_null(writer, "last_at", report->last_order_ms);
    json_end_object(writer);
}

static void put_count(struct json_writer *writer, const char *key, bool has, int64_t count)
{
    json_put_str_or_null(
        writer, key, has ? arena_format(writer->buf->arena, "%lld", (long long)count) : STR(""));
}

static void put_deals(struct json_writer *writer, const struct metric_report *report)
{
    json_key(writer, "deals");
    json_begin_object(writer);
    put_count(writer, "open", report->has_deals, report->deals_open);
    put_count(writer, "won", report->has_deals, report->deals_won);
    put_count(writer, "lost", report->has_deals, report->deals_lost);
    json_end_object(writer);
    json_key(writer, "funnel");
    json_begin_object(writer);
    put_number(writer, "calls", result_of(report, "funnel_calls"));
    put_number(writer, "contacts_with", result_of(report, "funnel_contacts_with"));
    put_number(writer, "contacts_by", result_of(report, "funnel_contacts_by"));
    json_end_object(writer);
}

static void put_live(struct json_writer *writer, const struct metric_report *report)
{
    json_key(writer, "live");
    json_begin_object(writer);
    put_orders(writer, report);
    put_calls(writer, report, "calls_made", "seconds");
    put_calls(writer, report, "visits", "minutes");
    put_calls(writer, report, "calls_received", "seconds");
    put_number(writer, "items_sold", result_of(report, "units"));
    put_number(writer, "on_display", result_of(report, "on_display"));
    put_number(writer, "shelf_units", result_of(report, "shelf_units"));
    put_deals(writer, report);
    json_end_object(writer);
}

static void put_partner(struct json_writer *writer, const struct partner *partner)
{
    struct arena *arena = writer->buf->arena;
    json_key(writer, "partner");
    json_begin_object(writer);
    json_put_str(writer, "id", partner_id_text(partner->id, arena));
    json_put_str(writer, "name", partner->fields[PARTNER_NAME]);
    json_put_str(writer, "status", str_from_c(partner_status_name(partner->status)));
    json_put_str(writer, "manager_id", user_id_text(partner->manager, arena));
    json_put_str(writer, "manager_name", partner->manager_name);
    json_put_time_or_null(writer, "active_at", partner->active_ms);
    json_end_object(writer);
}

void metric_report_render(const struct metric_report *report, struct json_writer *writer)
{
    json_begin_object(writer);
    put_partner(writer, &report->partner);
    metric_heading_put(&report->values.heading, writer);
    put_live(writer, report);
    json_key(writer, "metrics");
    json_begin_array(writer);
    for (size_t i = 0; i < report->values.count; i++)
        metric_result_render(&report->values.results[i], &report->values.heading, writer);
    json_end_array(writer);
    json_end_object(writer);
}
