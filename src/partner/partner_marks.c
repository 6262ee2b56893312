/* Tags and external ids of a partner. */
#include "src/core/limits.h"
#include "src/partner/partner_record.h"
#include "src/partner/partner_rules.h"
#include "src/partner/partner_search.h"
#include "src/partner/partner_store.h"

/* A change of what hangs on the record is a change of the record: its version counts. */
static enum err record(struct ctx *ctx, struct partner_id id, struct str old_value,
                       struct str new_value, const char *field)
{
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, field, old_value, new_value);
    TRY(partner_store_touch(ctx, id));
    return audit_record(ctx, partner_subject(id), "changed", &changes);
}

enum err partner_marks_get(struct ctx *ctx, struct partner_id id, struct partner_marks *ret_marks)
{
    return partner_store_marks(ctx, id, ret_marks);
}

/* ---- external ids ---- */

struct str partner_external_text(struct ctx *ctx, struct external_id external)
{
    return arena_format(ctx->arena, "%.*s:%.*s", STR_ARG(external.system), STR_ARG(external.id));
}

static enum err check_room(struct ctx *ctx, struct partner_id id)
{
    int64_t count = 0;
    if (partner_id_is_set(id))
        TRY(partner_store_count_externals(ctx, id, &count));
    if (count >= LIMIT_EXTERNAL_IDS)
        return CTX_FAULT_FIELD(ctx, ERR_TOO_LARGE, "external_ids_full", "external_ids",
                               "A partner has at most %d external ids.", LIMIT_EXTERNAL_IDS);
    return OK;
}

enum err partner_check_external(struct ctx *ctx, struct partner_id id, struct external_id given,
                                struct external_id *ret_external)
{
    struct external_id external;
    struct partner_id owner;
    *ret_external = (struct external_id){{NULL, 0}, {NULL, 0}};
    if (!given.system.len && !given.id.len)
        return OK;
    TRY(external_id_normalise(ctx->arena, &ctx->fault, given, &external));
    TRY(partner_store_by_external(ctx, external, &owner));
    if (partner_id_is_set(owner) && !partner_id_equal(owner, id))
        return CTX_FAULT_FIELD(ctx, ERR_CONFLICT, "external_id_taken", "external_ids",
                               "The id %.*s of %.*s belongs to the partner %.*s.",
                               STR_ARG(external.id), STR_ARG(external.system),
                               STR_ARG(partner_id_text(owner, ctx->arena)));
    if (partner_id_is_set(owner))
        return OK;
    TRY(check_room(ctx, id));
    *ret_external = external;
    return OK;
}

enum err partner_add_external(struct ctx *ctx, struct partner_id id, struct external_id external)
{
    struct partner_brief brief;
    struct external_id added;
    TRY(partner_brief(ctx, id, &brief));
    TRY(external_id_normalise(ctx->arena, &ctx->fault, external, &external));
    TRY(partner_check_external(ctx, brief.id, external, &added));
    if (!added.id.len)
        return OK;
    TRY(partner_store_add_external(ctx, brief.id, added));
    TRY(record(ctx, brief.id, STR(""), partner_external_text(ctx, added), "external_ids"));
    return partner_search_refresh(ctx, brief.id);
}

enum err partner_remove_external(struct ctx *ctx, struct partner_id id, struct external_id external)
{
    struct partner_brief brief;
    int64_t changed;
    TRY(partner_brief(ctx, id, &brief));
    TRY(external_id_normalise(ctx->arena, &ctx->fault, external, &external));
    TRY(partner_store_remove_external(ctx, brief.id, external, &changed));
    if (!changed)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "external_id_not_found",
                         "The partner has no such external id.");
    TRY(partner_search_refresh(ctx, brief.id));
    return record(ctx, brief.id, partner_external_text(ctx, external), STR(""), "external_ids");
}

static bool has_external(const struct external_id *externals, size_t count,
                         struct external_id external)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(externals[i].system, external.system) &&
            str_equal(externals[i].id, external.id))
            return true;
    return false;
}

enum err partner_set_externals(struct ctx *ctx, struct partner_id id,
                               const struct external_id *externals, size_t count)
{
    struct partner_marks marks;
    struct external_id *wanted = ARENA_ARRAY(ctx->arena, struct external_id, count);
    for (size_t i = 0; i < count; i++)
        TRY(external_id_normalise(ctx->arena, &ctx->fault, externals[i], &wanted[i]));
    TRY(partner_marks_get(ctx, id, &marks));
    for (size_t i = 0; i < marks.external_count; i++)
        if (!has_external(wanted, count, marks.externals[i]))
            TRY(partner_remove_external(ctx, id, marks.externals[i]));
    for (size_t i = 0; i < count; i++)
        TRY(partner_add_external(ctx, id, wanted[i]));
    return OK;
}

/* ---- tags ---- */

enum err partner_add_tag(struct ctx *ctx, struct partner_id id, struct str tag)
{
    struct partner_brief brief;
    struct partner_marks marks;
    int64_t changed;
    TRY(partner_brief(ctx, id, &brief));
    TRY(partner_normalise_tag(ctx->arena, &ctx->fault, tag, &tag));
    TRY(partner_store_add_tag(ctx, brief.id, tag, &changed));
    if (!changed)
        return OK;
    TRY(partner_store_marks(ctx, brief.id, &marks));
    if (marks.tag_count > LIMIT_TAGS)
        return CTX_FAULT_FIELD(ctx, ERR_TOO_LARGE, "tags_full", "tags",
                               "A partner has at most %d tags.", LIMIT_TAGS);
    return record(ctx, brief.id, STR(""), tag, "tags");
}

enum err partner_remove_tag(struct ctx *ctx, struct partner_id id, struct str tag)
{
    struct partner_brief brief;
    int64_t changed;
    TRY(partner_brief(ctx, id, &brief));
    TRY(partner_normalise_tag(ctx->arena, &ctx->fault, tag, &tag));
    TRY(partner_store_remove_tag(ctx, brief.id, tag, &changed));
    return changed ? record(ctx, brief.id, tag, STR(""), "tags") : OK;
}

static bool has_tag(const struct str *tags, size_t count, struct str tag)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(tags[i], tag))
            return true;
    return false;
}

enum err partner_set_tags(struct ctx *ctx, struct partner_id id, const struct str *tags,
                          size_t count)
{
    struct partner_marks marks;
    struct str *wanted = ARENA_ARRAY(ctx->arena, struct str, count);
    for (size_t i = 0; i < count; i++)
        TRY(partner_normalise_tag(ctx->arena, &ctx->fault, tags[i], &wanted[i]));
    TRY(partner_marks_get(ctx, id, &marks));
    for (size_t i = 0; i < marks.tag_count; i++)
        if (!has_tag(wanted, count, marks.tags[i]))
            TRY(partner_remove_tag(ctx, id, marks.tags[i]));
    for (size_t i = 0; i < count; i++)
        TRY(partner_add_tag(ctx, id, wanted[i]));
    return OK;
}
