/* What somebody listens to, and what of it was missed. */
#include "src/live/live_events.h"
#include "src/live/live_state.h"

enum {
    /* Who missed more than this, or was away while more than this was recorded, loads anew. */
    MISSED_MAX = 500,
    MISSED_SCAN_MAX = 20000
};

struct metric_scope live_view_scope(const struct live_view *view)
{
    return (struct metric_scope){
        .partner = view->partner,
        .manager = view->manager,
        .tier = str_from_c(view->tier),
        .country = str_from_c(view->country),
        .tag = str_from_c(view->tag),
    };
}

static bool is_group(const struct live_view *view)
{
    return user_id_is_set(view->manager) || view->tier[0] || view->country[0] || view->tag[0];
}

enum err live_view_wants(struct ctx *ctx, const struct live_view *view,
                         const struct fact_tally *what, bool *ret_wants)
{
    struct metric_scope scope = live_view_scope(view);
    bool kind = !view->kinds || (view->kinds & FACT_KIND_BIT(what->kind));
    if (kind && is_group(view))
        return metric_scope_has(ctx, &scope, what->partner, ret_wants);
    *ret_wants = kind && (!partner_id_is_set(view->partner) ||
                          partner_id_equal(view->partner, what->partner));
    return OK;
}

static enum err add_missed(struct ctx *ctx, const struct live_view *view, const struct fact *fact,
                           struct live_missed *missed)
{
    struct fact_tally what = {.kind = fact->kind};
    bool wanted;
    TRY(ledger_survivor(ctx, fact->partner, &what.partner));
    TRY(live_view_wants(ctx, view, &what, &wanted));
    if (wanted)
        missed->events[missed->count++] = live_fact_event(fact, view->is_partner, ctx->arena);
    return OK;
}

/* False: there is too much of it, or the reader knows more than this ledger does. */
static enum err read_facts(struct ctx *ctx, const struct live_view *view, struct fact_id after,
                           struct live_missed *missed, bool *ret_all)
{
    struct fact_range range = {after, missed->newest, view->partner, view->kinds};
    struct fact_page page;
    int64_t count;
    *ret_all = false;
    if (after.v > missed->newest.v)
        return OK;
    TRY(ledger_count_after(ctx, &range, MISSED_SCAN_MAX + 1, &count));
    if (count > MISSED_SCAN_MAX)
        return OK;
    TRY(ledger_list_after(ctx, &range, MISSED_MAX + 1, &page));
    if (page.count > MISSED_MAX)
        return OK;
    for (size_t i = 0; i < page.count; i++)
        TRY(add_missed(ctx, view, &page.rows[i], missed));
    *ret_all = true;
    return OK;
}

enum err live_missed(struct ctx *ctx, const struct live_view *view, struct fact_id after,
                     struct live_missed *ret_missed)
{
    struct live_missed missed = {.events =
                                     ARENA_ARRAY(ctx->arena, struct live_event, MISSED_MAX + 2)};
    bool all = true;
    TRY(ledger_newest(ctx, &missed.newest));
    if (fact_id_is_set(after))
        TRY(read_facts(ctx, view, after, &missed, &all));
    if (!all)
        missed.events[missed.count++] = live_mark_event(LIVE_RELOAD, missed.newest);
    missed.events[missed.count++] = live_mark_event(LIVE_READY, missed.newest);
    *ret_missed = missed;
    return OK;
}
