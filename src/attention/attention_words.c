/* The reasons in words, with their numbers. */
#include <stdlib.h>

#include "src/attention/attention.h"

static struct str money_text(struct ctx *ctx, int64_t minor, struct currency currency)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, 2 * MONEY_TEXT_MAX);
    money_render((struct money){minor, currency}, &buf);
    buf_format(&buf, " %s", currency.code);
    return buf_str(&buf);
}

static struct str day_text(struct ctx *ctx, int32_t day)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, TIME_TEXT_MAX);
    day_render((struct day){day}, &buf);
    return buf_str(&buf);
}

static struct str silent(struct ctx *ctx, const struct attention_basis *basis,
                         const struct attention_past *past)
{
    long long tenths = attention_gap_tenths(past);
    return arena_format(ctx->arena,
                        "No order for %d days; it usually orders every %lld.%lld days (%d days with"
                        " orders since %.*s).",
                        basis->clock.reckoned - past->last_day, tenths / 10, tenths % 10,
                        past->order_days, STR_ARG(day_text(ctx, past->first_day)));
}

static struct str falling(struct ctx *ctx, const struct attention_item *item)
{
    const struct attention_past *past = &item->past;
    return arena_format(ctx->arena,
                        "Sales fell by %lld %%: %.*s in the last %d days, %.*s in the %d before"
                        " (%d orders).",
                        (long long)attention_fall_percent(past),
                        STR_ARG(money_text(ctx, past->sales_now, item->currency)),
                        ATTENTION_WINDOW_DAYS,
                        STR_ARG(money_text(ctx, past->sales_before, item->currency)),
                        ATTENTION_WINDOW_DAYS, past->orders_before);
}

struct str attention_sentence(struct ctx *ctx, const struct attention_basis *basis,
                              const struct attention_item *item, enum attention_reason reason)
{
    struct arena *arena = ctx->arena;
    switch (reason) {
    case ATTENTION_SILENT:
        return silent(ctx, basis, &item->past);
    case ATTENTION_FALLING:
        return falling(ctx, item);
    case ATTENTION_NO_ACTION:
        return arena_format(arena, "Nobody called, visited or changed anything for %d days.",
                            basis->clock.today - item->past.acted_day);
    case ATTENTION_DUPLICATE:
        return item->duplicates == 1 ? STR("Another partner may be the same.")
                                     : arena_format(arena, "%lld other partners may be the same.",
                                                    (long long)item->duplicates);
    case ATTENTION_UNASSIGNED:
        return arena_format(arena, "%lld row%s of %.*s belong%s to no partner yet.",
                            (long long)item->unassigned, item->unassigned == 1 ? "" : "s",
                            STR_ARG(item->name), item->unassigned == 1 ? "s" : "");
    case ATTENTION_BAD_ROWS:
        return arena_format(arena, "%lld row%s of %.*s had errors.", (long long)item->bad_rows,
                            item->bad_rows == 1 ? "" : "s", STR_ARG(item->name));
    case ATTENTION_DNS:
        return item->dns_sentence;
    case ATTENTION_REASON_COUNT:
        break;
    }
    abort();
}

struct day attention_since(struct ctx *ctx, const struct attention_basis *basis,
                           const struct attention_item *item, enum attention_reason reason)
{
    switch (reason) {
    case ATTENTION_SILENT:
        return (struct day){item->past.last_day};
    case ATTENTION_FALLING:
        return (struct day){basis->clock.reckoned - ATTENTION_WINDOW_DAYS};
    case ATTENTION_NO_ACTION:
        return (struct day){item->past.acted_day};
    case ATTENTION_DNS:
        return zone_day(zones_find(ctx->services->zones, basis->time_zone), item->dns_ms);
    case ATTENTION_DUPLICATE:
    case ATTENTION_UNASSIGNED:
    case ATTENTION_BAD_ROWS:
    case ATTENTION_REASON_COUNT:
        break;
    }
    return zone_day(zones_find(ctx->services->zones, basis->time_zone), item->since_ms);
}

const char *attention_formula(enum attention_reason reason)
{
    switch (reason) {
    case ATTENTION_SILENT:
        return "days since the last order ≥ 2 × mean gap and ≥ 14, where mean gap = (last − first "
               "day with orders) ÷ (days with orders − 1), of at least 4 days with orders in 730 "
               "days; at stake: sales ÷ days with orders × (days late ÷ mean gap), at most a "
               "year's";
    case ATTENTION_FALLING:
        return "sales of the last 30 whole days ≤ 70 % of those of the 30 before, in the partner's "
               "currency, where these had at least 3 orders; at stake: the difference";
    case ATTENTION_NO_ACTION:
        return "no change by a user, call, visit or funnel contact for 90 days";
    case ATTENTION_DUPLICATE:
        return "an open pair of partners that may be one";
    case ATTENTION_UNASSIGNED:
        return "rows of an import that belong to no partner; at stake: the orders among them";
    case ATTENTION_BAD_ROWS:
        return "rows with errors in an import of the last 14 days";
    case ATTENTION_DNS:
        return "the verdict on the domain became bad, its name servers changed, or the proof that "
               "it is the partner's was lost, until somebody has seen it or it is healthy again";
    case ATTENTION_REASON_COUNT:
        break;
    }
    abort();
}

struct str attention_silence(const struct attention_basis *basis, enum attention_reason reason)
{
    if (reason == ATTENTION_NO_ACTION)
        return basis->clock.acts ? STR("")
                                 : STR("No source delivers calls, visits or funnel contacts.");
    if (reason != ATTENTION_SILENT && reason != ATTENTION_FALLING)
        return STR("");
    return basis->any_order ? STR("") : STR("No source delivers orders.");
}
