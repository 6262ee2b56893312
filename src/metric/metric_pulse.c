/* Today so far, beside the same day of last week: until the same time of day, and the whole day. */
#include "src/metric/metric_pulse_book.h"
#include "src/metric/metric_render.h"
#include "src/metric/metric_sums.h"

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

static void set_day(struct metric_frame *frame, struct day day)
{
    frame->heading.window = (struct metric_window){day, {day.v + 1}};
}

enum which { TODAY, SO_FAR, WEEK };

static const struct pulse_sum *sum_of(const struct pulse_line *line, enum which which)
{
    switch (which) {
    case TODAY:
        return &line->today;
    case SO_FAR:
        return &line->so_far;
    case WEEK:
        break;
    }
    return &line->week;
}

static enum err add_line(struct metric_frame *frame, struct metric_sums *sums,
                         const struct pulse_line *line, enum which which)
{
    const struct pulse_sum *part = sum_of(line, which);
    struct metric_sum sum = {
        .facts = part->facts, .quantity_milli = part->quantity_milli, .amount_minor = part->amount};
    int64_t rate = 0;
    if (!sum.facts && !sum.quantity_milli && !sum.amount_minor)
        return OK;
    if (currency_is_set(line->currency))
        TRY(rate_of_day(frame->ctx, frame->heading.reporting, line->currency,
                        frame->heading.window.from, &rate));
    if (metric_sums_add(sums, (int)line->kind, line->currency, &sum, rate))
        return OK;
    return CTX_FAULT(frame->ctx, ERR_INVALID, "sum_too_large", "A sum is too large.");
}

static enum err add_lines(struct metric_frame *frame, const struct pulse_lines *lines,
                          enum which which, struct metric_values *ret_values)
{
    struct metric_sums sums;
    metric_sums_init(&sums, frame->ctx->arena, frame->heading.reporting, frame->usual);
    sums.delivered = frame->delivered;
    for (size_t i = 0; i < lines->count; i++)
        TRY(add_line(frame, &sums, &lines->rows[i], which));
    metric_values_of(frame, &sums, ret_values);
    return OK;
}

static struct rollup_part part_of_day(const struct metric_frame *frame, struct day day)
{
    return (struct rollup_part){metric_frame_start_ms(frame, day),
                                metric_frame_start_ms(frame, (struct day){day.v + 1})};
}

static enum err read_days(struct metric_frame *frame, struct day today, int64_t minutes,
                          struct metric_pulse *pulse)
{
    struct day last_week = {today.v - DAYS_OF_WEEK};
    struct pulse_days days = {part_of_day(frame, today), part_of_day(frame, last_week)};
    struct pulse_lines lines;
    TRY(pulse_books_read(frame, &days, minutes, &lines));
    set_day(frame, today);
    TRY(add_lines(frame, &lines, TODAY, &pulse->today));
    set_day(frame, last_week);
    TRY(add_lines(frame, &lines, SO_FAR, &pulse->last_week_so_far));
    return add_lines(frame, &lines, WEEK, &pulse->last_week);
}

static enum err read_last_recorded(struct ctx *ctx, int64_t *ret_at_ms)
{
    struct fact_id newest = {0};
    if (ctx_partner_scope(ctx) == 0)
        TRY(ledger_newest(ctx, &newest));
    *ret_at_ms = fact_id_is_set(newest) ? id_time_ms(newest.v) : 0;
    return OK;
}

enum err metric_pulse(struct ctx *ctx, const struct metric_scope *scope,
                      struct metric_pulse *ret_pulse)
{
    struct metric_query query = {.scope = *scope};
    struct metric_frame frame;
    struct metric_pulse pulse = {.as_of_ms = ctx->now_ms};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        TRY(metric_want(ctx, str_from_c(codes[i]), &query.wanted));
    TRY(metric_frame_open_bare(ctx, &query, &frame));
    struct day today = {frame.heading.window.to.v - 1};
    int64_t minutes = (ctx->now_ms - metric_frame_start_ms(&frame, today)) / MS_PER_MINUTE;
    TRY(read_days(&frame, today, minutes, &pulse));
    TRY(read_last_recorded(ctx, &pulse.last_recorded_ms));
    *ret_pulse = pulse;
    return OK;
}

/* ---- how it looks ---- */

static void put_values(struct json_writer *writer, const char *key,
                       const struct metric_values *values)
{
    json_key(writer, key);
    metric_values_render(values, writer);
}

void metric_pulse_render(const struct metric_pulse *pulse, struct json_writer *writer)
{
    struct buf day;
    buf_init(&day, writer->buf->arena, TIME_TEXT_MAX);
    day_render(pulse->today.heading.window.from, &day);
    json_begin_object(writer);
    json_put_time(writer, "as_of", pulse->as_of_ms);
    json_put_str(writer, "day", buf_str(&day));
    json_put_time_or_null(writer, "last_recorded_at", pulse->last_recorded_ms);
    put_values(writer, "today", &pulse->today);
    put_values(writer, "last_week_so_far", &pulse->last_week_so_far);
    put_values(writer, "last_week", &pulse->last_week);
    json_end_object(writer);
}

#define VALUES(name_, help_)                                            \
    {                                                                   \
        .name = (name_), .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, \
        .schema = &metric_values_schema, .help = (help_)                \
    }
static const struct field fields[] = {
    {.name = "as_of", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "day",
     .type = FIELD_DAY,
     .flags = FIELD_REQUIRED,
     .help = "Today, as the organisation (for one partner: as the partner) has it."},
    {.name = "last_recorded_at",
     .type = FIELD_TIME,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "When the ledger took its last fact, of any partner; null for who sees one only."},
    VALUES("today", "All that is recorded of today."),
    VALUES("last_week_so_far",
           "The same weekday a week ago, as many minutes after the day's "
           "beginning as it is now. Its links lead to the facts of the whole day."),
    VALUES("last_week", "The whole of that day."),
};
const struct schema metric_pulse_schema =
    SCHEMA("Pulse", "Today so far beside the same day of last week.", fields);
