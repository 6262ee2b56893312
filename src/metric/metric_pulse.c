/* Today so far, beside the same day of last week: until the same time of day, and the whole day. */
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

/* ---- a part of a day ---- */

struct pass {
    struct metric_frame *frame;
    struct metric_sums sums;
    bool overflow;
};

static void visit_part(void *self, const struct rollup_row *row)
{
    struct pass *pass = self;
    struct metric_frame *frame = pass->frame;
    struct metric_sum sum = metric_sum_of(row);
    int64_t rate = 0;
    if (!metric_frame_has(frame, row->partner))
        return;
    if (currency_is_set(row->currency))
        rate = rate_book_find(&frame->book, row->currency, frame->heading.window.from);
    pass->overflow |= !metric_sums_add(&pass->sums, (int)row->kind, row->currency, &sum, rate);
}

/* The first `length_ms` of the frame's one day. */
static enum err read_part(struct metric_frame *frame, int64_t length_ms,
                          struct metric_values *ret_values)
{
    struct metric_window day = frame->heading.window;
    struct rollup_query query = metric_frame_rollup(frame, day);
    struct rollup_part part = {.from_ms = metric_frame_start_ms(frame, day.from)};
    int64_t end_ms = metric_frame_start_ms(frame, day.to);
    struct pass pass = {.frame = frame};
    part.to_ms = part.from_ms + length_ms < end_ms ? part.from_ms + length_ms : end_ms;
    query.kinds = metric_frame_kinds(frame);
    metric_sums_init(&pass.sums, frame->ctx->arena, frame->heading.reporting, frame->usual);
    pass.sums.delivered = frame->delivered;
    TRY(rollup_read_part(frame->ctx, &query, &part, visit_part, &pass));
    TRY(frame->book.failed);
    if (pass.overflow)
        return CTX_FAULT(frame->ctx, ERR_INVALID, "sum_too_large", "A sum is too large.");
    metric_values_of(frame, &pass.sums, ret_values);
    return OK;
}

/* ---- the pulse ---- */

static void set_day(struct metric_frame *frame, struct day day)
{
    frame->heading.window = (struct metric_window){day, {day.v + 1}};
    rate_book_init(&frame->book, frame->ctx, frame->heading.reporting, frame->heading.window.to);
}

static enum err read_whole(struct metric_frame *frame, struct metric_values *ret_values)
{
    struct metric_points points = {.stepped = false};
    TRY(metric_sums_read(frame, &points));
    metric_values_of(frame, &points.points[0], ret_values);
    return OK;
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
    TRY(metric_frame_open(ctx, &query, &frame));
    struct day today = {frame.heading.window.to.v - 1};
    set_day(&frame, today);
    TRY(read_whole(&frame, &pulse.today));
    set_day(&frame, (struct day){today.v - DAYS_OF_WEEK});
    TRY(read_whole(&frame, &pulse.last_week));
    TRY(read_part(&frame, ctx->now_ms - metric_frame_start_ms(&frame, today),
                  &pulse.last_week_so_far));
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
    VALUES("last_week_so_far", "The same weekday a week ago, as long after the day's beginning as "
                               "it is now. Its links lead to the facts of the whole day."),
    VALUES("last_week", "The whole of that day."),
};
const struct schema metric_pulse_schema =
    SCHEMA("Pulse", "Today so far beside the same day of last week.", fields);
