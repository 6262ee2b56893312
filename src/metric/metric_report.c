/* A partner's live report. */
#include "lib/base/map.h"
#include "src/core/limits.h"
#include "src/metric/metric_cache.h"
#include "src/metric/metric_render.h"
#include "src/metric/metric_sums.h"

/* Pages of orders that were all taken back, before the list of the latest ends short. */
enum { LATEST_ROUNDS = 20 };

static bool counts(const struct fact *fact)
{
    return !fact_id_is_set(fact->reverses) && !fact_id_is_set(fact->reversed_by);
}

static void go_on_after(struct page *page, const struct fact_page *part)
{
    const struct fact *last = &part->rows[part->count - 1];
    page->has_cursor = true;
    page->after_int = last->at_ms;
    page->after_id = last->id.v;
}

/* The orders that count, newest first. */
static enum err read_latest(struct ctx *ctx, struct metric_report *report)
{
    struct fact_filter filter = {.partner = report->partner.id, .kinds = FACT_KIND_BIT(FACT_ORDER)};
    struct page page = {.limit = METRIC_LATEST_ORDERS};
    struct fact_page *latest = &report->latest;
    latest->rows = ARENA_ARRAY(ctx->arena, struct fact, METRIC_LATEST_ORDERS);
    for (int round = 0; round < LATEST_ROUNDS; round++) {
        struct fact_page part;
        TRY(ledger_list(ctx, &filter, &page, &part));
        for (size_t i = 0; i < part.count && latest->count < METRIC_LATEST_ORDERS; i++)
            if (counts(&part.rows[i]))
                latest->rows[latest->count++] = part.rows[i];
        if (!part.next.len || latest->count == METRIC_LATEST_ORDERS)
            break;
        go_on_after(&page, &part);
    }
    report->last_order_ms = latest->count ? latest->rows[0].at_ms : 0;
    return OK;
}

/* ---- deals ---- */

struct deal {
    struct str name, external_id;
};

struct deals {
    struct arena *arena;
    struct map ended;
    struct deal *registered;
    size_t count, cap;
};

static void visit_deal(void *self, const struct deal_row *row)
{
    struct deals *deals = self;
    struct deal deal = {arena_str(deals->arena, row->deal),
                        arena_str(deals->arena, row->external_id)};
    if (row->kind != FACT_DEAL_REGISTERED) {
        map_put(&deals->ended, deal.name, deals);
        return;
    }
    if (deals->count == deals->cap) {
        deals->cap = deals->cap ? deals->cap * 2 : 64;
        struct deal *registered = ARENA_ARRAY(deals->arena, struct deal, deals->cap);
        for (size_t i = 0; i < deals->count; i++)
            registered[i] = deals->registered[i];
        deals->registered = registered;
    }
    deals->registered[deals->count++] = deal;
}

/* Over all time: a deal of years ago may be open still. */
static enum err read_open_deals(struct ctx *ctx, struct metric_report *report)
{
    struct deals deals = {.arena = ctx->arena};
    map_init(&deals.ended, ctx->arena, entropy_uint64(&ctx->services->entropy));
    TRY(metric_store_deals(ctx, report->partner.id, visit_deal, &deals));
    for (size_t i = 0; i < deals.count; i++)
        report->deals_open += !map_find(&deals.ended, deals.registered[i].name) &&
                              !map_find(&deals.ended, deals.registered[i].external_id);
    return OK;
}

static enum err read_deals(const struct metric_frame *frame, const struct metric_sums *sums,
                           struct metric_report *report)
{
    unsigned kinds = FACT_KIND_BIT(FACT_DEAL_REGISTERED) | FACT_KIND_BIT(FACT_DEAL_WON) |
                     FACT_KIND_BIT(FACT_DEAL_LOST);
    report->has_deals = (frame->delivered & kinds) != 0;
    report->deals_won = metric_sums_facts(sums, FACT_DEAL_WON);
    report->deals_lost = metric_sums_facts(sums, FACT_DEAL_LOST);
    if (!(frame->delivered & FACT_KIND_BIT(FACT_DEAL_REGISTERED)))
        return OK;
    return read_open_deals(frame->ctx, report);
}

/* ---- all of it ---- */

static bool is_default(const struct metric_frame *frame)
{
    static const struct metric_days none;
    struct metric_window window;
    return metric_window_of(&none, zone_day(frame->zone, frame->ctx->now_ms), LIMIT_WINDOW_DAYS,
                            &window) &&
           window.from.v == frame->heading.window.from.v &&
           window.to.v == frame->heading.window.to.v;
}

/* Most reports are of these days anyway. */
static enum err read_recent(const struct metric_frame *frame, struct metric_report *report)
{
    struct metric_query query = {.scope = {.partner = frame->partner.id}};
    struct metric_values values = report->values;
    TRY(metric_want(frame->ctx, STR("orders"), &query.wanted));
    report->recent = values.results[metric_only(query.wanted)];
    if (is_default(frame))
        return OK;
    TRY(metric_values(frame->ctx, &query, &values));
    report->recent = values.results[0];
    return OK;
}

enum err metric_report_read(struct ctx *ctx, struct partner_id partner,
                            const struct metric_days *days, struct metric_report *ret_report)
{
    struct metric_query query = {.scope = {.partner = partner}, .days = *days};
    struct metric_frame frame;
    struct metric_points points = {.stepped = false};
    TRY(metric_frame_open(ctx, &query, &frame));
    TRY(metric_sums_read(&frame, &points));
    struct metric_report report = {.partner = frame.partner};
    metric_values_of(&frame, &points.points[0], &report.values);
    TRY(read_latest(ctx, &report));
    TRY(read_recent(&frame, &report));
    TRY(read_deals(&frame, &points.points[0], &report));
    *ret_report = report;
    return OK;
}

/* ---- kept ---- */

struct report_job {
    struct partner_id asked;
    const struct metric_days *days;
    struct metric_report report;
};

static enum err read_report(struct ctx *ctx, void *arg)
{
    struct report_job *job = arg;
    return metric_report_read(ctx, job->asked, job->days, &job->report);
}

/* When "today" ends for the partner. */
static int64_t end_of_today_ms(const struct ctx *ctx, const struct metric_report *report)
{
    const struct zone *zone = zones_find(ctx->services->zones, report->partner.time_zone);
    struct day today = zone_day(zone, ctx->now_ms);
    return zone_day_start_ms(zone, (struct day){today.v + 1});
}

enum err metric_report_json(struct ctx *ctx, struct partner_id partner,
                            const struct metric_days *days, struct str *ret_json)
{
    struct report_key key = {partner.v, ctx_partner_scope(ctx), *days};
    struct report_stamp stamp = {touch_mark_of(ctx->services, partner), ctx->now_ms};
    struct report_job job = {.asked = partner, .days = days};
    struct json_writer writer;
    struct buf buf;
    if (metric_cache_take(ctx->services->metrics, &key, &stamp, ctx->arena, ret_json))
        return OK;
    TRY(ctx_read(ctx, read_report, &job));
    buf_init(&buf, ctx->arena, LIMIT_ANSWER_BYTES);
    json_writer_init(&writer, &buf);
    metric_report_render(&job.report, &writer);
    if (buf.overflowed || arena_failed(ctx->arena))
        return CTX_FAULT(ctx, ERR_MEMORY, "memory",
                         "This needs more memory than one request may use.");
    stamp.until_ms = end_of_today_ms(ctx, &job.report);
    /* A partner that was merged away answers as another, whose changes the mark does not follow. */
    if (partner_id_equal(job.report.partner.id, partner))
        metric_cache_keep(ctx->services->metrics, &key, &stamp, buf_str(&buf));
    *ret_json = buf_str(&buf);
    return OK;
}
