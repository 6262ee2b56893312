/* From a number down to the facts it was made of. */
#include "src/core/limits.h"
#include "src/metric/metric_frame.h"
#include "src/metric/metric_tally.h"

/* Facts looked at for one page of a group: past it the page ends early and says where it goes on.
 */
enum { LOOKED_AT_MAX = 20000 };

/* Facts of a group are picked out of the channel's. */
struct pick {
    const struct metric_frame *frame;
    const struct fact_filter *filter;
    struct metric_tally known; /* slot->count: 1 in the group, 2 not */
    size_t limit;
    struct fact_page found;
};

/* A fact keeps the partner that it was recorded for; it counts for the one that it was merged into.
 */
static enum err is_picked(struct pick *pick, const struct fact *fact, bool *ret_picked)
{
    struct metric_tally_slot *slot = metric_tally_of(&pick->known, fact->partner.v);
    struct partner_brief brief;
    if (!slot->count) {
        TRY(partner_brief(pick->frame->ctx, fact->partner, &brief));
        slot->count = metric_frame_has(pick->frame, brief.id) ? 1 : 2;
    }
    *ret_picked = slot->count == 1;
    return OK;
}

static struct str cursor_after(const struct pick *pick, const struct fact *fact)
{
    return page_cursor(pick->frame->ctx, LEDGER_LIST_ORDER, STR(""), fact->at_ms, fact->id.v);
}

/* Takes what belongs to the group from one page of the channel. */
static enum err pick_from(struct pick *pick, const struct fact_page *page)
{
    struct fact_page *found = &pick->found;
    for (size_t i = 0; i < page->count; i++) {
        bool picked;
        TRY(is_picked(pick, &page->rows[i], &picked));
        if (!picked)
            continue;
        if (found->count == pick->limit) {
            found->next = cursor_after(pick, &found->rows[found->count - 1]);
            return OK;
        }
        found->rows[found->count++] = page->rows[i];
    }
    return OK;
}

static enum err list_group(struct pick *pick, const struct page *page)
{
    struct ctx *ctx = pick->frame->ctx;
    struct page all = *page;
    struct fact_page part = {0};
    pick->limit = (size_t)page->limit;
    pick->found.rows = ARENA_ARRAY(ctx->arena, struct fact, pick->limit);
    metric_tally_init(&pick->known, ctx->arena);
    all.limit = LIMIT_PAGE_MAX;
    for (size_t looked_at = 0; looked_at < LOOKED_AT_MAX; looked_at += part.count) {
        TRY(ledger_list(ctx, pick->filter, &all, &part));
        TRY(pick_from(pick, &part));
        if (pick->found.next.len || !part.next.len)
            return OK;
        const struct fact *last = &part.rows[part.count - 1];
        all.has_cursor = true;
        all.after_int = last->at_ms;
        all.after_id = last->id.v;
    }
    pick->found.next = part.next;
    return OK;
}

static bool is_filtered(const struct metric_frame *frame)
{
    return frame->whose == METRIC_OF_GROUP ||
           (frame->whose == METRIC_OF_CHANNEL && frame->archived.count);
}

static struct fact_filter filter_of(const struct metric_frame *frame, const struct metric *metric)
{
    const struct metric_window *window = &frame->heading.window;
    struct fact_filter filter = {
        .partner = frame->heading.scope.partner,
        .kinds = metric->kinds,
        .product = frame->heading.scope.product,
        .from_ms = metric_frame_start_ms(frame, window->from),
        .to_ms = metric_frame_start_ms(frame, window->to),
    };
    /* What stands on display was put there at any time before. */
    if (metric->rule == FORMULA_ON_DISPLAY)
        filter.from_ms = 0;
    return filter;
}

enum err metric_facts(struct ctx *ctx, const struct metric_query *query, const struct page *page,
                      struct metric_facts *ret_facts)
{
    struct metric_frame frame;
    TRY(metric_frame_open(ctx, query, &frame));
    const struct metric *metric = metric_frame_row(&frame, metric_only(query->wanted));
    struct metric_facts facts = {.heading = frame.heading};
    if (metric && metric->kinds) {
        struct fact_filter filter = filter_of(&frame, metric);
        struct pick pick = {.frame = &frame, .filter = &filter};
        if (is_filtered(&frame))
            TRY(list_group(&pick, page));
        else
            TRY(ledger_list(ctx, &filter, page, &pick.found));
        facts.page = pick.found;
    }
    *ret_facts = facts;
    return OK;
}
