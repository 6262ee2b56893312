/* Today so far, beside the same day of last week. */
#include "src/metric/metric_frame.h"
#include "src/metric/metric_render.h"

enum { DAYS_OF_WEEK = 7 };

static const char *const codes[] = {"orders",
                                    "sales",
                                    "units",
                                    "calls_made",
                                    "calls_received",
                                    "visits",
                                    "funnel_calls",
                                    "funnel_contacts_with",
                                    "funnel_contacts_by"};

static struct metric_days one_day(struct day day)
{
    return (struct metric_days){true, true, day, {day.v + 1}};
}

enum err metric_pulse(struct ctx *ctx, const struct metric_scope *scope,
                      struct metric_pulse *ret_pulse)
{
    struct metric_query query = {.scope = *scope};
    struct metric_frame frame;
    struct metric_pulse pulse;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        TRY(metric_want(ctx, str_from_c(codes[i]), &query.wanted));
    TRY(metric_frame_open(ctx, &query, &frame));
    struct day today = {frame.heading.window.to.v - 1};
    query.days = one_day(today);
    TRY(metric_values(ctx, &query, &pulse.today));
    query.days = one_day((struct day){today.v - DAYS_OF_WEEK});
    TRY(metric_values(ctx, &query, &pulse.last_week));
    pulse.as_of_ms = ctx->now_ms;
    *ret_pulse = pulse;
    return OK;
}

void metric_pulse_render(const struct metric_pulse *pulse, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_time(writer, "as_of", pulse->as_of_ms);
    json_key(writer, "today");
    metric_values_render(&pulse->today, writer);
    json_key(writer, "last_week");
    metric_values_render(&pulse->last_week, writer);
    json_end_object(writer);
}

static const struct field fields[] = {
    {.name = "as_of", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "today",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .schema = &metric_values_schema,
     .help = "From the beginning of today."},
    {.name = "last_week",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .schema = &metric_values_schema,
     .help = "The whole of the same weekday, a week ago."},
};
const struct schema metric_pulse_schema =
    SCHEMA("Pulse", "Today so far beside the same day of last week.", fields);
