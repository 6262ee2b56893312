/* Lists of facts, newest first: days are read from the newest back, a few at first, then more,
 * until the page is full. */
#include "src/ledger/ledger_state.h"

#include "src/ledger/ledger_store.h"

enum {
    DAYS_FIRST = 8,
    DAYS_MOST = 1024,
    /* So few are read one by one: each costs a look into the index for each day. */
    FEW_PARTNERS = 500
};

static bool is_group(const struct fact_group *group)
{
    return user_id_is_set(group->manager) || group->tier.len || group->country.len ||
           group->tag.len;
}

static int64_t utc_day_before(int64_t at_ms)
{
    int64_t day = at_ms / MS_PER_DAY;
    return at_ms % MS_PER_DAY < 0 ? day - 1 : day;
}

/* The window cut to what there is; `to` is exclusive. False when nothing can be in it. */
static enum err cut_window(struct ctx *ctx, const struct fact_filter *filter,
                           const struct page *page, struct fact_span *ret_span, bool *ret_any)
{
    struct fact_span span = {.from_ms = filter->from_ms ? filter->from_ms : TIME_MIN_MS,
                             .to_ms = filter->to_ms ? filter->to_ms : TIME_MAX_MS + 1,
                             .before_ms = TIME_MAX_MS + 1};
    int64_t first, last;
    TRY(ledger_store_days(ctx, &first, &last, ret_any));
    if (!*ret_any)
        return OK;
    if (page->has_cursor) {
        span.before_ms = page->after_int;
        span.before_id = page->after_id;
    }
    int64_t newest_ms = span.before_ms < span.to_ms ? span.before_ms : span.to_ms - 1;
    span.from_day = utc_day_before(span.from_ms);
    span.to_day = utc_day_before(newest_ms) + 1;
    if (span.from_day < first)
        span.from_day = first;
    if (span.to_day > last + 1)
        span.to_day = last + 1;
    *ret_any = span.from_day < span.to_day;
    *ret_span = span;
    return OK;
}

static enum err read_days(struct ctx *ctx, const struct fact_filter *filter,
                          const struct fact_span *span, struct fact *rows, size_t *count)
{
    return is_group(&filter->group) ? ledger_store_list_group(ctx, filter, span, rows, count)
                                    : ledger_store_list(ctx, filter, span, rows, count);
}

static enum err fill(struct ctx *ctx, const struct fact_filter *filter, struct fact_span span,
                     struct fact *rows, size_t *count)
{
    int64_t partners = filter->partner.v ? 1 : INT64_MAX;
    if (is_group(&filter->group))
        TRY(ledger_store_group_size(ctx, &filter->group, FEW_PARTNERS + 1, &partners));
    if (!partners)
        return OK;
    span.of_few = partners <= FEW_PARTNERS;
    size_t most = (size_t)span.limit;
    int64_t from_day = span.from_day, step = span.of_few ? DAYS_FIRST : 1;
    while (*count < most && span.to_day > from_day) {
        span.from_day = span.to_day - step > from_day ? span.to_day - step : from_day;
        span.limit = (int64_t)(most - *count);
        TRY(read_days(ctx, filter, &span, rows, count));
        span.to_day = span.from_day;
        if (step < DAYS_MOST)
            step *= 2;
    }
    return OK;
}

/* A partner's user sees its own facts only, whatever was asked for. */
static enum err narrow(struct ctx *ctx, const struct fact_filter *filter,
                       struct fact_filter *ret_filter)
{
    int64_t scope = ctx_partner_scope(ctx);
    *ret_filter = *filter;
    if (scope && is_group(&filter->group))
        return CTX_FAULT(ctx, ERR_FORBIDDEN, "group",
                         "Facts of groups are for the vendor's own staff.");
    if (filter->partner.v && is_group(&filter->group))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "partner_and_group", "partner",
                               "Ask for one partner or for a group, not for both.");
    if (scope && filter->partner.v && filter->partner.v != scope)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "partner_not_found", "There is no such partner.");
    if (scope)
        ret_filter->partner.v = scope;
    if (filter->open_deals && !ret_filter->partner.v)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "field_missing", "partner",
                               "partner: say whose open deals are wanted.");
    if (filter->open_deals)
        ret_filter->kinds = FACT_KIND_BIT(FACT_DEAL_REGISTERED);
    return OK;
}

enum err ledger_list(struct ctx *ctx, const struct fact_filter *filter, const struct page *page,
                     struct fact_page *ret_page)
{
    struct fact_filter narrowed;
    struct fact_span span;
    bool any;
    size_t limit = (size_t)page->limit;
    struct fact_page result = {.rows = ARENA_ARRAY(ctx->arena, struct fact, limit + 1)};
    TRY(narrow(ctx, filter, &narrowed));
    TRY(cut_window(ctx, &narrowed, page, &span, &any));
    if (any) {
        span.limit = (int64_t)limit + 1;
        TRY(fill(ctx, &narrowed, span, result.rows, &result.count));
    }
    if (result.count > limit) {
        result.count = limit;
        const struct fact *last = &result.rows[limit - 1];
        result.next =
            page_cursor(ctx, LEDGER_LIST_ORDER, (struct str){NULL, 0}, last->at_ms, last->id.v);
    }
    *ret_page = result;
    return OK;
}

enum err ledger_list_after(struct ctx *ctx, const struct fact_range *range, int64_t limit,
                           struct fact_page *ret_page)
{
    struct fact_range narrowed = *range;
    int64_t scope = ctx_partner_scope(ctx);
    if (scope && range->partner.v && range->partner.v != scope)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "partner_not_found", "There is no such partner.");
    if (scope)
        narrowed.partner.v = scope;
    return ledger_store_list_after(ctx, &narrowed, limit, ret_page);
}

enum err ledger_list_import(struct ctx *ctx, struct import_id import, struct fact_id after,
                            int64_t limit, struct fact_page *ret_page)
{
    return ledger_store_list_import(ctx, import, after, limit, ret_page);
}
