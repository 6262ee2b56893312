/* One action on many partners: all or none, an audit row for each that changes. */
#include "src/account/account.h"
#include "src/core/limits.h"
#include "src/partner/partner_bulk_store.h"
#include "src/partner/partner_record.h"
#include "src/partner/partner_rules.h"
#include "src/partner/partner_store.h"

enum { TAGS_TEXT_BYTES = 2 * LIMIT_TAGS * (LIMIT_TAG_BYTES + 2) };

/* One partner's share of the action; says whether it changed anything. */
typedef enum err bulk_step(struct ctx *ctx, struct partner_id id, const void *what,
                           bool *ret_changed);

static enum err check_count(struct ctx *ctx, size_t count)
{
    if (count <= LIMIT_BULK_PARTNERS)
        return OK;
    return CTX_FAULT_FIELD(ctx, ERR_TOO_LARGE, "too_many_partners", "ids",
                           "One action takes at most %d partners.", LIMIT_BULK_PARTNERS);
}

struct bulk {
    const struct partner_id *ids;
    size_t count;
    bulk_step *step;
    const void *what;
};

static enum err one(struct ctx *ctx, const struct bulk *bulk, size_t index, bool *ret_changed)
{
    struct partner_brief brief;
    TRY(partner_brief(ctx, bulk->ids[index], &brief));
    return bulk->step(ctx, brief.id, bulk->what, ret_changed);
}

/* Each in an arena that is emptied after it, so that many need no more memory than one. */
static enum err for_all(struct ctx *ctx, const struct bulk *bulk, size_t *ret_changed)
{
    struct arena *arena = ctx->arena, step_arena;
    size_t changed = 0;
    TRY(check_count(ctx, bulk->count));
    enum err err = OK;
    arena_init(&step_arena, LIMIT_ARENA_BYTES);
    ctx->arena = &step_arena;
    for (size_t i = 0; i < bulk->count && err == OK; i++) {
        bool this_one = false;
        err = one(ctx, bulk, i, &this_one);
        changed += this_one;
        arena_reset(&step_arena);
    }
    ctx->arena = arena;
    arena_finish(&step_arena);
    if (err == OK && ret_changed)
        *ret_changed = changed;
    return err;
}

/* ---- the manager ---- */

static enum err assign_one(struct ctx *ctx, struct partner_id id, const void *what,
                           bool *ret_changed)
{
    const struct user *user = what;
    struct bulk_manager before;
    struct audit_changes changes;
    bool found;
    TRY(bulk_store_manager(ctx, id, &before, &found));
    if (!found)
        return partner_not_found(ctx);
    if (user_id_equal(before.id, user->id))
        return OK;
    TRY(bulk_store_set_manager(ctx, id, user->id));
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, partner_field_name(PARTNER_MANAGER),
                       user_id_text(before.id, ctx->arena), user_id_text(user->id, ctx->arena));
    audit_changed_text(&changes, "manager_name", before.name, user->name);
    *ret_changed = true;
    return audit_record(ctx, partner_subject(id), "assigned", &changes);
}

enum err partner_assign(struct ctx *ctx, const struct partner_id *ids, size_t count,
                        struct user_id manager, size_t *ret_changed)
{
    struct user user;
    enum err err = user_get(ctx, manager, &user);
    if (err == OK)
        err = user_check_manager(ctx, manager);
    if (err != OK)
        return partner_blame(ctx, err, "manager_invalid", "manager");
    struct bulk bulk = {ids, count, assign_one, &user};
    return for_all(ctx, &bulk, ret_changed);
}

/* ---- the status ---- */

/* The sentence that is set, with the partner that it is about. */
static enum err name_partner(struct ctx *ctx, enum err err, const struct partner *partner)
{
    struct str name = str_slice(partner->fields[PARTNER_NAME], 0, LIMIT_NAME_BYTES);
    if (err != ERR_CONFLICT && err != ERR_FORBIDDEN)
        return err;
    return fault_set_field(&ctx->fault, err, ctx->fault.code, str_from_c(ctx->fault.field),
                           "%.*s: %s", STR_ARG(name), ctx->fault.sentence);
}

static enum err move_one(struct ctx *ctx, struct partner_id id, const void *what, bool *ret_changed)
{
    const enum partner_status *to = what;
    struct partner partner;
    TRY(partner_get(ctx, id, &partner));
    if (partner.status == *to)
        return OK;
    *ret_changed = true;
    enum err err = partner_move(ctx, id, 0, *to, 0);
    return err == OK ? OK : name_partner(ctx, err, &partner);
}

enum err partner_move_all(struct ctx *ctx, const struct partner_id *ids, size_t count,
                          enum partner_status to, size_t *ret_changed)
{
    struct bulk bulk = {ids, count, move_one, &to};
    return for_all(ctx, &bulk, ret_changed);
}

/* ---- tags ---- */

static enum err check_room(struct ctx *ctx, struct partner_id id)
{
    struct partner partner;
    struct partner_marks marks;
    TRY(partner_store_marks(ctx, id, &marks));
    if (marks.tag_count <= LIMIT_TAGS)
        return OK;
    TRY(partner_get(ctx, id, &partner));
    return CTX_FAULT_FIELD(ctx, ERR_TOO_LARGE, "tags_full", "add",
                           "%.*s would have more than %d tags.",
                           STR_ARG(partner.fields[PARTNER_NAME]), LIMIT_TAGS);
}

/* One of a list: "vip, reseller". */
static void note(struct buf *list, struct str tag)
{
    buf_format(list, "%s%.*s", list->len ? ", " : "", STR_ARG(tag));
}

static enum err tag_one(struct ctx *ctx, struct partner_id id, const void *what, bool *ret_changed)
{
    const struct partner_tag_change *change = what;
    struct buf removed, added;
    struct audit_changes changes;
    int64_t rows;
    buf_init(&removed, ctx->arena, TAGS_TEXT_BYTES);
    buf_init(&added, ctx->arena, TAGS_TEXT_BYTES);
    for (size_t i = 0; i < change->remove_count; i++) {
        TRY(partner_store_remove_tag(ctx, id, change->remove[i], &rows));
        if (rows)
            note(&removed, change->remove[i]);
    }
    for (size_t i = 0; i < change->add_count; i++) {
        TRY(partner_store_add_tag(ctx, id, change->add[i], &rows));
        if (rows)
            note(&added, change->add[i]);
    }
    if (!removed.len && !added.len)
        return OK;
    TRY(check_room(ctx, id));
    TRY(partner_store_touch(ctx, id));
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, "tags", buf_str(&removed), buf_str(&added));
    *ret_changed = true;
    return audit_record(ctx, partner_subject(id), "changed", &changes);
}

static enum err normalise_tags(struct ctx *ctx, const struct str *tags, size_t count,
                               const struct str **ret_tags)
{
    struct str *normal = ARENA_ARRAY(ctx->arena, struct str, count);
    if (count > LIMIT_TAGS)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "tags_too_many", "add",
                               "One action takes at most %d tags.", LIMIT_TAGS);
    for (size_t i = 0; i < count; i++)
        TRY(partner_normalise_tag(ctx->arena, &ctx->fault, tags[i], &normal[i]));
    *ret_tags = normal;
    return OK;
}

enum err partner_tag_all(struct ctx *ctx, const struct partner_id *ids, size_t count,
                         const struct partner_tag_change *change, size_t *ret_changed)
{
    struct partner_tag_change normal = *change;
    struct bulk bulk = {ids, count, tag_one, &normal};
    TRY(normalise_tags(ctx, change->add, change->add_count, &normal.add));
    TRY(normalise_tags(ctx, change->remove, change->remove_count, &normal.remove));
    return for_all(ctx, &bulk, ret_changed);
}
