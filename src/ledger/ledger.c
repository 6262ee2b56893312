/* Recording, checking and reversing facts. */
#include "src/ledger/ledger_state.h"

#include "src/core/audit.h"
#include "src/core/touch.h"
#include "src/ledger/ledger_store.h"
#include "src/ledger/rollup_store.h"
#include "src/product/product.h"

/* What the program itself records. */
#define OWN_SOURCE STR("rapport")

/* ---- has it been recorded ---- */

static enum err same_partner(struct ctx *ctx, struct partner_id recorded,
                             struct partner_id survivor, bool *ret_same)
{
    *ret_same = partner_id_equal(recorded, survivor);
    if (*ret_same)
        return OK;
    TRY(ledger_store_survivor(ctx, recorded, &recorded));
    *ret_same = partner_id_equal(recorded, survivor);
    return OK;
}

/* FACT_RECORDED, with an id that is unset, when there is no such fact yet. */
static enum err find_outcome(struct ctx *ctx, const struct fact_draft *draft,
                             struct partner_id survivor, int64_t source_id,
                             struct fact_outcome *ret_outcome)
{
    struct fact_key key = {source_id, draft->source, draft->external_id};
    struct fact fact;
    bool found, same;
    *ret_outcome = (struct fact_outcome){.result = FACT_RECORDED};
    TRY(lookup_fact(ctx, &key, &fact, &found));
    if (!found)
        return OK;
    TRY(same_partner(ctx, fact.partner, survivor, &same));
    ret_outcome->id = fact.id;
    ret_outcome->result = same && fact_says_the_same(&fact, draft) ? FACT_REPEATED : FACT_DIFFERS;
    return OK;
}

/* ---- the totals ---- */

static enum err too_much(struct ctx *ctx)
{
    return CTX_FAULT_FIELD(ctx, ERR_INVALID, "total_too_large", "amount",
                           "The totals of this day would become too large.");
}

/* Only for the few facts whose size could matter: what is in the database already counts too. */
static enum err check_total(struct ctx *ctx, const struct sum_key *key,
                            const struct rollup_totals *add)
{
    const struct rollup_totals *pending = sums_find(&ctx->services->ledger->sums, key);
    struct rollup_totals totals;
    if (key->table == SUM_KIND)
        return OK;
    TRY(rollup_store_get(ctx, key, &totals));
    if ((pending && !rollup_totals_add(&totals, pending)) || !rollup_totals_add(&totals, add))
        return too_much(ctx);
    return OK;
}

static enum err check_totals(struct ctx *ctx, const struct fact_draft *draft,
                             const struct fact_shares *shares)
{
    if (!fact_is_huge(draft))
        return OK;
    for (size_t i = 0; i < shares->count; i++)
        TRY(check_total(ctx, &shares->keys[i], &shares->totals[i]));
    return OK;
}

static enum err add_shares(struct ctx *ctx, const struct fact_shares *shares)
{
    struct sums *sums = &ctx->services->ledger->sums;
    size_t mark = sums_mark(sums);
    for (size_t i = 0; i < shares->count; i++) {
        if (sums_add(sums, &shares->keys[i], &shares->totals[i]))
            continue;
        sums_undo(sums, mark);
        return too_much(ctx);
    }
    return OK;
}

/* ---- recording ---- */

static bool is_display(const struct fact_draft *draft)
{
    return draft->kind == FACT_DISPLAY_ON || draft->kind == FACT_DISPLAY_OFF;
}

static enum err note_product(struct ctx *ctx, const struct fact_draft *draft,
                             struct partner_id partner)
{
    struct carried *carried = &ctx->services->ledger->carried;
    if (!product_id_is_set(draft->product) || fact_id_is_set(draft->reverses) ||
        !carried_add(carried, partner.v, draft->product.v))
        return OK;
    return product_carried_by(ctx, draft->product, partner);
}

static enum err write_fact(struct ctx *ctx, const struct fact_draft *draft, int64_t source_id,
                           const struct fact_place *place, struct fact_id *ret_id)
{
    struct fact_shares shares;
    struct fact_id id;
    fact_share(draft, place, &shares);
    TRY(check_totals(ctx, draft, &shares));
    TRY(add_shares(ctx, &shares));
    id.v = group_next_id(ctx);
    TRY(ledger_store_insert(ctx, draft, source_id, id));
    lookup_add(ctx, source_id, draft->external_id, id);
    if (is_display(draft) && !fact_id_is_set(draft->reverses))
        TRY(display_store_add(ctx, draft, place->partner, id));
    TRY(note_product(ctx, draft, place->partner));
    touch_partner(ctx, place->partner);
    touch_kind(ctx, (unsigned)draft->kind);
    *ret_id = id;
    return OK;
}

enum err ledger_record(struct ctx *ctx, const struct fact_draft *draft,
                       struct fact_outcome *ret_outcome)
{
    struct fact_place place;
    struct fact_outcome outcome;
    int64_t source_id;
    TRY(fact_check_draft(draft, &ctx->fault));
    TRY(group_open(ctx));
    TRY(group_place(ctx, draft->partner, &place));
    TRY(group_source(ctx, draft->source, &source_id));
    TRY(find_outcome(ctx, draft, place.partner, source_id, &outcome));
    if (!fact_id_is_set(outcome.id))
        TRY(write_fact(ctx, draft, source_id, &place, &outcome.id));
    *ret_outcome = outcome;
    return OK;
}

enum err ledger_check(struct ctx *ctx, const struct fact_draft *draft,
                      struct fact_outcome *ret_outcome)
{
    struct partner_brief brief = {.id = {0}};
    struct ledger_mark mark;
    int64_t source_id;
    TRY(fact_check_draft(draft, &ctx->fault));
    if (partner_id_is_set(draft->partner))
        TRY(partner_brief(ctx, draft->partner, &brief));
    *ret_outcome = (struct fact_outcome){.result = FACT_RECORDED};
    TRY(ledger_store_source(ctx, draft->source, &source_id));
    if (!source_id)
        return OK;
    TRY(ledger_store_mark(ctx, &mark));
    TRY(lookup_refresh(ctx, &mark));
    return find_outcome(ctx, draft, brief.id, source_id, ret_outcome);
}

/* Keys of the group that is being written are known already. */
static enum err open_keys(struct ctx *ctx)
{
    struct ledger_mark mark;
    if (ledger_store_is_write(ctx))
        return group_open(ctx);
    TRY(ledger_store_mark(ctx, &mark));
    return lookup_refresh(ctx, &mark);
}

enum err ledger_find(struct ctx *ctx, struct str source, struct str external_id,
                     struct fact *ret_fact, bool *ret_found)
{
    struct fact_key key = {.source = source, .external_id = external_id};
    *ret_found = false;
    TRY(ledger_store_source(ctx, source, &key.source_id));
    if (!key.source_id)
        return OK;
    TRY(open_keys(ctx));
    return lookup_fact(ctx, &key, ret_fact, ret_found);
}

/* ---- reversing ---- */

enum err ledger_get(struct ctx *ctx, struct fact_id id, struct fact *ret_fact)
{
    bool found;
    TRY(ledger_store_get(ctx, id, ret_fact, &found));
    return found ? OK : CTX_FAULT(ctx, ERR_NOT_FOUND, "fact_not_found", "There is no such fact.");
}

static enum err check_reversible(struct ctx *ctx, const struct fact *fact)
{
    if (fact_id_is_set(fact->reverses))
        return CTX_FAULT(ctx, ERR_CONFLICT, "is_reversal",
                         "This fact is itself a reversal; record the right fact anew.");
    if (fact_id_is_set(fact->reversed_by))
        return CTX_FAULT(ctx, ERR_CONFLICT, "reversed", "This fact is reversed already.");
    return OK;
}

static enum err audit_reversal(struct ctx *ctx, const struct fact *fact, struct fact_id reversal,
                               struct partner_id partner)
{
    struct audit_changes changes;
    struct audit_subject subject = {"fact", fact->id.v, partner};
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, "reversed_by", STR(""), fact_id_text(reversal, ctx->arena));
    return audit_record(ctx, subject, "reversed", &changes);
}

enum err ledger_reverse(struct ctx *ctx, struct fact_id id, struct str note,
                        struct import_id import, struct fact_id *ret_id)
{
    struct fact fact;
    struct fact_outcome outcome;
    struct fact_place place;
    TRY(ledger_get(ctx, id, &fact));
    TRY(check_reversible(ctx, &fact));
    struct fact_draft draft = fact_to_draft(&fact);
    draft.source = OWN_SOURCE;
    draft.external_id =
        arena_format(ctx->arena, "reversal:%.*s", STR_ARG(fact_id_text(id, ctx->arena)));
    draft.note = note;
    draft.reverses = id;
    draft.import = import;
    TRY(ledger_record(ctx, &draft, &outcome));
    if (outcome.result != FACT_RECORDED)
        return CTX_FAULT(ctx, ERR_CONFLICT, "reversal_taken",
                         "The external id of this reversal is taken by another fact.");
    TRY(group_place(ctx, fact.partner, &place));
    TRY(ledger_store_insert_reversal(ctx, id, outcome.id));
    if (is_display(&draft))
        TRY(display_store_remove(ctx, &fact, place.partner));
    TRY(audit_reversal(ctx, &fact, outcome.id, place.partner));
    *ret_id = outcome.id;
    return OK;
}
