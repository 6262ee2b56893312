/* From a query to whose facts, by which days, in which currencies. */
#include "src/metric/metric_frame.h"

#include "src/core/limits.h"
#include "src/organisation/organisation.h"

bool metric_scope_is_group(const struct metric_scope *scope)
{
    return user_id_is_set(scope->manager) || scope->tier.len || scope->country.len ||
           scope->tag.len;
}

enum err metric_scope_check(struct ctx *ctx, struct metric_scope *scope)
{
    bool one_partner = ctx_partner_scope(ctx) != 0;
    if (one_partner && metric_scope_is_group(scope))
        return CTX_FAULT(ctx, ERR_FORBIDDEN, "group",
                         "Numbers of groups are for the vendor's own staff.");
    if (one_partner && !partner_id_is_set(scope->partner))
        scope->partner.v = ctx_partner_scope(ctx);
    if (partner_id_is_set(scope->partner) && metric_scope_is_group(scope))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "partner_and_group", "partner",
                               "Ask for one partner or for a group, not for both.");
    return OK;
}

static enum err open_days(struct metric_frame *frame, const struct metric_days *days)
{
    struct ctx *ctx = frame->ctx;
    frame->zone = zones_find(ctx->services->zones, frame->heading.time_zone);
    if (!frame->zone)
        return CTX_FAULT(ctx, ERR_CORRUPT, "time_zone", "The time zone %.*s is not known.",
                         STR_ARG(frame->heading.time_zone));
    struct day today = zone_day(frame->zone, ctx->now_ms);
    if (!metric_window_of(days, today, LIMIT_WINDOW_DAYS, &frame->heading.window))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "window_invalid", "from",
                               "The window must begin before it ends, and not last over %d days.",
                               LIMIT_WINDOW_DAYS);
    return OK;
}

/* A partner: its zone, its currency. */
static enum err open_partner(struct metric_frame *frame)
{
    frame->whose = METRIC_OF_PARTNER;
    TRY(partner_get(frame->ctx, frame->heading.scope.partner, &frame->partner));
    frame->heading.scope.partner = frame->partner.id;
    frame->heading.time_zone = frame->partner.time_zone;
    frame->usual = frame->partner.currency;
    return OK;
}

enum err metric_frame_read_set(struct metric_frame *frame)
{
    switch (frame->whose) {
    case METRIC_OF_PARTNER:
        break;
    case METRIC_OF_GROUP:
        return metric_store_members(frame->ctx, &frame->heading.scope, &frame->members);
    case METRIC_OF_CHANNEL:
        return metric_store_archived(frame->ctx, &frame->archived);
    }
    return OK;
}

enum err metric_frame_open_bare(struct ctx *ctx, const struct metric_query *query,
                                struct metric_frame *ret_frame)
{
    struct organisation organisation;
    struct metric_frame frame = {
        .ctx = ctx, .wanted = query->wanted, .heading = {.scope = query->scope}};
    TRY(metric_scope_check(ctx, &frame.heading.scope));
    TRY(organisation_get(ctx, &organisation));
    frame.heading.time_zone = organisation.time_zone;
    frame.heading.reporting = organisation.currency;
    frame.usual = organisation.currency;
    frame.whose = metric_scope_is_group(&frame.heading.scope) ? METRIC_OF_GROUP : METRIC_OF_CHANNEL;
    if (partner_id_is_set(frame.heading.scope.partner))
        TRY(open_partner(&frame));
    TRY(open_days(&frame, &query->days));
    TRY(rollup_kinds(ctx, &frame.delivered));
    rate_book_init(&frame.book, ctx, organisation.currency, frame.heading.window.to);
    *ret_frame = frame;
    return OK;
}

enum err metric_frame_open(struct ctx *ctx, const struct metric_query *query,
                           struct metric_frame *ret_frame)
{
    struct metric_frame frame;
    TRY(metric_frame_open_bare(ctx, query, &frame));
    TRY(metric_frame_read_set(&frame));
    *ret_frame = frame;
    return OK;
}

static bool is_in(const struct partner_ids *ids, struct partner_id partner)
{
    size_t low = 0, high = ids->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ids->ids[middle].v < partner.v)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ids->count && ids->ids[low].v == partner.v;
}

enum err metric_members(struct ctx *ctx, const struct metric_scope *scope,
                        struct metric_members *ret_members)
{
    struct partner_ids ids;
    TRY(metric_store_members(ctx, scope, &ids));
    *ret_members = (struct metric_members){ids.ids, ids.count};
    return OK;
}

bool metric_frame_has(const struct metric_frame *frame, struct partner_id partner)
{
    switch (frame->whose) {
    case METRIC_OF_PARTNER:
        return partner_id_equal(partner, frame->partner.id);
    case METRIC_OF_GROUP:
        return is_in(&frame->members, partner);
    case METRIC_OF_CHANNEL:
        break;
    }
    return !is_in(&frame->archived, partner);
}

const struct metric *metric_frame_row(const struct metric_frame *frame, size_t index)
{
    const struct metric *metric = metric_at(index);
    /* What goods cost the vendor is not for its partners to know. */
    if (metric->rule == FORMULA_MARGIN && ctx_partner_scope(frame->ctx) != 0)
        return NULL;
    return product_id_is_set(frame->heading.scope.product) ? metric_of_product(metric) : metric;
}

static bool row_has(const struct metric *metric, enum metric_formula rule)
{
    return metric->rule == rule ||
           (metric->companions[0].code && metric->companions[0].rule == rule) ||
           (metric->companions[1].code && metric->companions[1].rule == rule);
}

bool metric_frame_wants(const struct metric_frame *frame, enum metric_formula rule)
{
    for (size_t i = 0; metric_at(i); i++) {
        const struct metric *metric = metric_frame_row(frame, i);
        bool wanted = !frame->wanted || (frame->wanted & (UINT32_C(1) << i));
        if (wanted && metric && row_has(metric, rule))
            return true;
    }
    return false;
}

unsigned metric_frame_kinds(const struct metric_frame *frame)
{
    unsigned kinds = 0;
    for (size_t i = 0; metric_at(i); i++) {
        const struct metric *metric = metric_frame_row(frame, i);
        bool wanted = !frame->wanted || (frame->wanted & (UINT32_C(1) << i));
        if (wanted && metric)
            kinds |= metric->kinds;
    }
    return kinds;
}

int64_t metric_frame_start_ms(const struct metric_frame *frame, struct day day)
{
    return zone_day_start_ms(frame->zone, day);
}

struct rollup_query metric_frame_rollup(const struct metric_frame *frame,
                                        struct metric_window window)
{
    struct rollup_query query = {
        .from = window.from, .to = window.to, .product = frame->heading.scope.product};
    if (frame->whose == METRIC_OF_PARTNER)
        query.partner = frame->partner.id;
    if (frame->whose == METRIC_OF_GROUP) {
        query.partners = frame->members.ids;
        query.partner_count = frame->members.count;
    }
    return query;
}

enum err metric_frame_exact(struct metric_frame *frame, struct metric_window window,
                            struct rollup_query *ret_query)
{
    *ret_query = metric_frame_rollup(frame, window);
    if (frame->whose != METRIC_OF_CHANNEL || !frame->archived.count)
        return OK;
    struct metric_scope all = {0};
    if (!frame->members.ids)
        TRY(metric_store_members(frame->ctx, &all, &frame->members));
    ret_query->partners = frame->members.ids;
    ret_query->partner_count = frame->members.count;
    return OK;
}
