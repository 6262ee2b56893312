/* What happens in the ledger when a partner becomes active, is merged, or when days begin at other
 * instants. */
#include "src/ledger/ledger_state.h"

#include "src/ledger/ledger_store.h"
#include "src/ledger/rebuild.h"
#include "src/ledger/rollup_store.h"
#include "src/organisation/organisation.h"

static enum err became_active(struct ctx *ctx, const struct partner *partner, int64_t at_ms)
{
    struct fact_outcome outcome;
    struct str id = partner_id_text(partner->id, ctx->arena);
    struct fact_draft draft = {
        .partner = partner->id,
        .kind = FACT_PARTNER_CONVERTED,
        .at_ms = at_ms,
        .quantity_milli = 1000,
        .source = STR("rapport"),
        .external_id = arena_format(ctx->arena, "converted:%.*s", STR_ARG(id)),
    };
    return ledger_record(ctx, &draft, &outcome);
}

/* Nothing to do before the first fact. */
static enum err rebuild_partner(struct ctx *ctx, struct partner_id partner)
{
    struct ledger_mark mark;
    struct rebuild_scope scope = {.partner = partner};
    int64_t differences;
    bool any;
    TRY(ledger_store_mark(ctx, &mark));
    if (!mark.exists)
        return OK;
    TRY(find_zone(ctx, mark.time_zone, &scope.organisation_zone));
    TRY(rebuild_days(ctx, &scope.from_day, &scope.to_day, &any));
    return any ? rebuild_scope_now(ctx, &scope, &differences) : OK;
}

static enum err merged(struct ctx *ctx, struct partner_id from, struct partner_id into)
{
    group_forget(ctx->services->ledger);
    TRY(ledger_store_merge(ctx, from, into));
    TRY(display_store_merge(ctx, from, into));
    TRY(rebuild_partner(ctx, from));
    return rebuild_partner(ctx, into);
}

static enum err zone_changed(struct ctx *ctx, struct partner_id id)
{
    group_forget(ctx->services->ledger);
    return rebuild_partner(ctx, id);
}

const struct partner_listener ledger_partner_listener = {
    .became_active = became_active, .merged = merged, .zone_changed = zone_changed};

static enum err organisation_zone_changed(struct ctx *ctx)
{
    struct ledger_mark mark;
    struct organisation organisation;
    struct rebuild_scope scope = {0};
    int64_t differences;
    bool any;
    TRY(ledger_store_mark(ctx, &mark));
    TRY(organisation_get(ctx, &organisation));
    if (!mark.exists || str_equal(mark.time_zone, organisation.time_zone))
        return OK;
    TRY(group_set_zone(ctx, organisation.time_zone));
    TRY(find_zone(ctx, organisation.time_zone, &scope.organisation_zone));
    TRY(rebuild_days(ctx, &scope.from_day, &scope.to_day, &any));
    return any ? rebuild_scope_now(ctx, &scope, &differences) : OK;
}

const struct organisation_listener ledger_organisation_listener = {.zone_changed =
                                                                       organisation_zone_changed};
