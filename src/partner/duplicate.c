/* Pairs that may be one partner: the list of them, and people's judgement. */
#include "src/core/audit.h"
#include "src/partner/duplicate_rules.h"
#include "src/partner/duplicate_store.h"
#include "src/partner/partner_record.h"

static const struct {
    enum duplicate_reason reason;
    const char *name;
} reasons[] = {
    {DUPLICATE_EXTERNAL_ID, "external_id"}, {DUPLICATE_NAME, "name"},
    {DUPLICATE_DOMAIN, "domain"},           {DUPLICATE_PHONE, "phone"},
    {DUPLICATE_SPELLING, "spelling"},
};

const char *duplicate_reason_name(enum duplicate_reason reason)
{
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (reasons[i].reason == reason)
            return reasons[i].name;
    return NULL;
}

enum err duplicate_list(struct ctx *ctx, const struct duplicate_filter *filter,
                        const struct page *page, struct duplicate_page *ret_page)
{
    size_t limit = (size_t)page->limit;
    struct duplicate_page found = {.rows = ARENA_ARRAY(ctx->arena, struct duplicate, limit + 1)};
    int64_t *ranks = ARENA_ARRAY(ctx->arena, int64_t, limit + 1);
    struct duplicate_query query = {*filter, {0, 0}, page->limit + 1};
    if (page->has_cursor)
        query.after = (struct duplicate_place){page->after_int, page->after_id};
    if (partner_id_is_set(filter->partner)) {
        struct partner_brief brief;
        TRY(partner_brief(ctx, filter->partner, &brief));
        query.filter.partner = brief.id;
    }
    TRY(duplicate_store_list(ctx, &query, &found, ranks));
    if (found.count > limit) {
        found.count = limit;
        found.next = page_cursor(ctx, "certainty", (struct str){NULL, 0}, ranks[limit - 1],
                                 found.rows[limit - 1].id.v);
    }
    *ret_page = found;
    return OK;
}

/* ---- judgement ---- */

/* In the history of both. */
static enum err record(struct ctx *ctx, const struct duplicate *pair, const char *action)
{
    struct audit_changes of_a, of_b;
    audit_changes_init(&of_a, ctx);
    audit_changes_init(&of_b, ctx);
    audit_changed_text(&of_a, "other", STR(""), partner_id_text(pair->b, ctx->arena));
    audit_changed_text(&of_b, "other", STR(""), partner_id_text(pair->a, ctx->arena));
    TRY(audit_record(ctx, partner_subject(pair->a), action, &of_a));
    return audit_record(ctx, partner_subject(pair->b), action, &of_b);
}

static enum err judge(struct ctx *ctx, struct duplicate_id id, bool dismiss)
{
    struct duplicate pair;
    bool found;
    TRY(duplicate_store_get(ctx, id, &pair, &found));
    if (!found)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "duplicate_not_found", "There is no such pair.");
    if (dismiss == (pair.dismissed_ms != 0))
        return OK;
    TRY(duplicate_store_judge(ctx, id, dismiss ? ctx->now_ms : 0));
    return record(ctx, &pair, dismiss ? "kept apart" : "may be the same");
}

enum err duplicate_dismiss(struct ctx *ctx, struct duplicate_id id)
{
    return judge(ctx, id, true);
}

enum err duplicate_reopen(struct ctx *ctx, struct duplicate_id id)
{
    return judge(ctx, id, false);
}
