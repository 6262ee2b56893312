/* The steps that every change of a record shares: version, differences, audit. */
#include "src/partner/partner_record.h"

#include "src/partner/partner_search.h"
#include "src/partner/partner_store.h"

struct audit_subject partner_subject(struct partner_id id)
{
    return (struct audit_subject){"partner", id.v, id};
}

enum err partner_not_found(struct ctx *ctx)
{
    return CTX_FAULT(ctx, ERR_NOT_FOUND, "partner_not_found", "There is no such partner.");
}

enum err partner_record_open(struct ctx *ctx, struct partner_id id, int64_t version,
                             struct partner *ret_partner)
{
    struct partner partner;
    TRY(partner_get(ctx, id, &partner));
    if (version && version != partner.version)
        return CTX_FAULT(ctx, ERR_STALE, "stale",
                         "Somebody else changed this partner in the meantime.");
    *ret_partner = partner;
    return OK;
}

void partner_record_differences(struct audit_changes *changes, const struct partner *before,
                                const struct partner *after)
{
    bool is_new = !partner_id_is_set(before->id);
    for (enum partner_field field = 0; field < PARTNER_FIELD_COUNT; field++)
        audit_changed_text(changes, partner_field_name(field), before->fields[field],
                           after->fields[field]);
    /* Names as they were then; the ids above stay right when a name changes. */
    if (!user_id_equal(before->manager, after->manager))
        audit_changed_text(changes, "manager_name", before->manager_name, after->manager_name);
    if (is_new || before->status != after->status)
        audit_changed_text(changes, "status",
                           is_new ? STR("") : str_from_c(partner_status_name(before->status)),
                           str_from_c(partner_status_name(after->status)));
    audit_changed_time(changes, "archived_at", before->archived_ms, after->archived_ms);
    audit_changed_text(changes, "merged_into",
                       partner_id_is_set(before->merged_into)
                           ? partner_id_text(before->merged_into, changes->ctx->arena)
                           : STR(""),
                       partner_id_is_set(after->merged_into)
                           ? partner_id_text(after->merged_into, changes->ctx->arena)
                           : STR(""));
}

enum err partner_record_save(struct ctx *ctx, const struct partner *before, struct partner *after,
                             const char *action, bool *ret_changed)
{
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    partner_record_differences(&changes, before, after);
    if (changes.count) {
        after->updated_ms = ctx->now_ms;
        TRY(partner_store_update(ctx, after));
        TRY(audit_record(ctx, partner_subject(after->id), action, &changes));
        TRY(partner_search_refresh(ctx, after->id));
        after->version++;
    }
    if (ret_changed)
        *ret_changed = changes.count > 0;
    return OK;
}

enum err partner_instant(struct ctx *ctx, int64_t at_ms, int64_t *ret_at_ms)
{
    if (at_ms && (at_ms < TIME_MIN_MS || at_ms > ctx->now_ms + MS_PER_DAY))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "at_invalid", "at",
                               "This has not happened yet, or before 1900.");
    *ret_at_ms = at_ms ? at_ms : ctx->now_ms;
    return OK;
}

enum err partner_blame(struct ctx *ctx, enum err err, const char *code, const char *field)
{
    if (err != ERR_NOT_FOUND && err != ERR_CONFLICT && err != ERR_INVALID)
        return err;
    return fault_set_field(&ctx->fault, ERR_INVALID, code, str_from_c(field), "%s",
                           ctx->fault.sentence);
}
