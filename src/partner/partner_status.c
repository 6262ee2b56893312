/* A partner's life: moves of status, archive, restore. */
#include "src/partner/partner_record.h"
#include "src/partner/partner_rules.h"
#include "src/partner/partner_store.h"

static enum err check_move(struct ctx *ctx, const struct partner *partner, enum partner_status to)
{
    unsigned roles = partner_move_roles(partner->status, to);
    if (!roles)
        return CTX_FAULT_FIELD(ctx, ERR_CONFLICT, "status_move", "status",
                               "A partner that is %s cannot become %s.",
                               partner_status_name(partner->status), partner_status_name(to));
    if (!(roles & (unsigned)ctx->actor.role))
        return CTX_FAULT_FIELD(ctx, ERR_FORBIDDEN, "status_role", "status",
                               "Only an administrator may move a partner from %s to %s.",
                               partner_status_name(partner->status), partner_status_name(to));
    return OK;
}

static enum err tell_became_active(struct ctx *ctx, const struct partner *partner)
{
    const struct partner_listener *listener = ctx->services->partner_listener;
    return listener && listener->became_active
               ? listener->became_active(ctx, partner, partner->active_ms)
               : OK;
}

enum err partner_move(struct ctx *ctx, struct partner_id id, int64_t version,
                      enum partner_status to, int64_t at_ms)
{
    struct partner before, after;
    TRY(partner_instant(ctx, at_ms, &at_ms));
    TRY(partner_record_open(ctx, id, version, &before));
    TRY(check_move(ctx, &before, to));
    after = before;
    after.status = to;
    bool first_active = to == PARTNER_ACTIVE && !before.active_ms;
    if (first_active)
        after.active_ms = at_ms;
    TRY(partner_record_save(ctx, &before, &after, "status", NULL));
    TRY(partner_store_add_status(ctx, &after, partner_status_name(before.status), at_ms));
    return first_active ? tell_became_active(ctx, &after) : OK;
}

enum err partner_archive(struct ctx *ctx, struct partner_id id, int64_t version)
{
    struct partner before, after;
    TRY(partner_record_open(ctx, id, version, &before));
    after = before;
    if (!after.archived_ms)
        after.archived_ms = ctx->now_ms;
    return partner_record_save(ctx, &before, &after, "archived", NULL);
}

enum err partner_restore(struct ctx *ctx, struct partner_id id, int64_t version)
{
    struct partner before, after;
    TRY(partner_record_open(ctx, id, version, &before));
    after = before;
    after.archived_ms = 0;
    return partner_record_save(ctx, &before, &after, "restored", NULL);
}
