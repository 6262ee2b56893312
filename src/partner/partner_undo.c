/* Takes an action on many partners back, by the history that it left: all or none. */
#include "lib/json/json.h"
#include "src/account/account.h"
#include "src/core/limits.h"
#include "src/partner/partner_record.h"

enum { ROWS_MAX = 2 * LIMIT_BULK_PARTNERS };

struct undoing {
    struct ctx *ctx;
    const struct partner_action *action;
    size_t seen, found, changed;
};

/* ---- one partner ---- */

/* A row of the history, with what it changed. */
struct done {
    const struct audit_entry *entry;
    const struct json *changes;
    struct partner partner; /* as it is now */
};

static struct str side(const struct done *done, const char *field, const char *which)
{
    return json_text(json_get(json_get(done->changes, field), which));
}

/* Somebody has changed it since: what stood before is not taken back over that. */
static enum err refuse(struct ctx *ctx, const struct done *done)
{
    return CTX_FAULT(ctx, ERR_CONFLICT, "changed_since",
                     "%.*s has been changed since; nothing was taken back.",
                     STR_ARG(str_slice(done->partner.fields[PARTNER_NAME], 0, LIMIT_NAME_BYTES)));
}

static enum err undo_manager(struct ctx *ctx, const struct done *done, size_t *ret_changed)
{
    struct user_id before;
    struct str now = done->partner.fields[PARTNER_MANAGER];
    if (!str_equal(now, side(done, "manager", "new")) ||
        !user_id_parse(side(done, "manager", "old"), &before))
        return refuse(ctx, done);
    return partner_assign(ctx, &done->partner.id, 1, before, ret_changed);
}

static enum err undo_status(struct ctx *ctx, const struct done *done, size_t *ret_changed)
{
    enum partner_status before;
    struct str now = str_from_c(partner_status_name(done->partner.status));
    if (!str_equal(now, side(done, "status", "new")) ||
        !partner_status_parse(side(done, "status", "old"), &before))
        return refuse(ctx, done);
    return partner_move_all(ctx, &done->partner.id, 1, before, ret_changed);
}

/* "vip, reseller" */
static size_t split_tags(struct ctx *ctx, struct str list, const struct str **ret_tags)
{
    struct str *tags = ARENA_ARRAY(ctx->arena, struct str, LIMIT_TAGS);
    size_t count = 0;
    struct str tag;
    while (list.len && count < LIMIT_TAGS) {
        if (!str_split(&list, ',', &tag)) {
            tag = list;
            list.len = 0;
        }
        tags[count++] = str_trim(tag);
    }
    *ret_tags = tags;
    return count;
}

static enum err undo_tags(struct ctx *ctx, const struct done *done, size_t *ret_changed)
{
    struct partner_tag_change change;
    change.add_count = split_tags(ctx, side(done, "tags", "old"), &change.add);
    change.remove_count = split_tags(ctx, side(done, "tags", "new"), &change.remove);
    return partner_tag_all(ctx, &done->partner.id, 1, &change, ret_changed);
}

/* NULL for a row that no action on many partners leaves. */
typedef enum err undo_step(struct ctx *ctx, const struct done *done, size_t *ret_changed);
static undo_step *step_for(const struct done *done)
{
    static const struct {
        const char *field;
        undo_step *step;
    } steps[] = {{"manager", undo_manager}, {"status", undo_status}, {"tags", undo_tags}};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (json_get(done->changes, steps[i].field))
            return steps[i].step;
    return NULL;
}

static enum err undo_done(struct undoing *undoing, struct done *done)
{
    struct ctx *ctx = undoing->ctx;
    struct partner_id id = {done->entry->subject_id};
    size_t changed = 0;
    undo_step *step = step_for(done);
    if (!step)
        return OK;
    TRY(partner_get(ctx, id, &done->partner));
    undoing->found++;
    if (!partner_id_equal(done->partner.id, id))
        return refuse(ctx, done); /* it was merged */
    TRY(step(ctx, done, &changed));
    undoing->changed += changed;
    return OK;
}

static enum err undo_entry(struct undoing *undoing, const struct audit_entry *entry)
{
    struct ctx *ctx = undoing->ctx;
    struct done done = {.entry = entry};
    struct json_doc *doc;
    bool own =
        str_equal(entry->actor, ctx->actor.name) && user_id_equal(entry->user, ctx->actor.user);
    if (!own || !str_equal(entry->subject_type, STR("partner")))
        return OK;
    TRY(json_parse(entry->changes_json, &doc, &ctx->fault));
    done.changes = json_root(doc);
    enum err err = undo_done(undoing, &done);
    json_doc_free(doc);
    return err;
}

/* ---- all of them ---- */

/* The rows of a page that belong to it, the newest first; `*ret_more` until one is older. Each in
 * an arena of its own. */
static enum err undo_page(struct undoing *undoing, const struct audit_page *page, bool *ret_more)
{
    struct ctx *ctx = undoing->ctx;
    struct arena *arena = ctx->arena, step_arena;
    enum err err = OK;
    arena_init(&step_arena, LIMIT_ARENA_BYTES);
    ctx->arena = &step_arena;
    *ret_more = page->next.len > 0;
    for (size_t i = 0; i < page->count && err == OK; i++) {
        if (page->rows[i].id.v <= undoing->action->from) {
            *ret_more = false;
            break;
        }
        err = undo_entry(undoing, &page->rows[i]);
        undoing->seen++;
        arena_reset(&step_arena);
    }
    ctx->arena = arena;
    arena_finish(&step_arena);
    return err;
}

static enum err undo_all(struct undoing *undoing)
{
    struct page page = {
        .limit = LIMIT_PAGE_MAX, .has_cursor = true, .after_id = undoing->action->to};
    struct audit_page found;
    bool more = true;
    while (more) {
        if (undoing->seen > ROWS_MAX)
            return CTX_FAULT_FIELD(undoing->ctx, ERR_TOO_LARGE, "undo_too_large", "undo",
                                   "This is more than one action.");
        TRY(audit_list(undoing->ctx, (struct partner_id){0}, &page, &found));
        TRY(undo_page(undoing, &found, &more));
        if (found.count)
            page.after_id = found.rows[found.count - 1].id.v;
    }
    return OK;
}

enum err partner_undo(struct ctx *ctx, const struct partner_action *action, size_t *ret_partners,
                      size_t *ret_changed)
{
    struct undoing undoing = {.ctx = ctx, .action = action};
    TRY(undo_all(&undoing));
    if (!undoing.found)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "undo_not_found",
                         "There is nothing that you did under this name.");
    *ret_partners = undoing.found;
    *ret_changed = undoing.changed;
    return OK;
}
