/* Saved views of lists. */
#include "src/view/view_store.h"

static enum err check_user(struct ctx *ctx)
{
    if (user_id_is_set(ctx->actor.user))
        return OK;
    return CTX_FAULT(ctx, ERR_INVALID, "views_of_users",
                     "Saved views belong to people who sign in; a token has none.");
}

static enum err not_found(struct ctx *ctx)
{
    return CTX_FAULT(ctx, ERR_NOT_FOUND, "view_not_found", "There is no saved view with this id.");
}

static bool is_list_name(struct str list)
{
    for (size_t i = 0; i < list.len; i++) {
        char c = list.ptr[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!good)
            return false;
    }
    return list.len > 0 && list.len <= VIEW_LIST_BYTES;
}

static enum err check_texts(struct ctx *ctx, const struct view *view)
{
    if (!is_list_name(view->list))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "list_invalid", "list",
                               "The list is named by at most %d of a-z, 0-9, - and _.",
                               VIEW_LIST_BYTES);
    if (!view->name.len || view->name.len > VIEW_NAME_BYTES)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "name_invalid", "name",
                               "The name has 1 to %d bytes.", VIEW_NAME_BYTES);
    if (view->query.len > VIEW_QUERY_BYTES)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "query_invalid", "query",
                               "The query has at most %d bytes.", VIEW_QUERY_BYTES);
    return OK;
}

/* Another view of the list with the name. */
static enum err check_name(struct ctx *ctx, const struct view *view, const struct views *views)
{
    for (size_t i = 0; i < views->count; i++) {
        const struct view *other = &views->rows[i];
        bool same = str_equal(other->list, view->list) && str_equal(other->name, view->name);
        if (same && !view_id_equal(other->id, view->id))
            return CTX_FAULT_FIELD(ctx, ERR_CONFLICT, "view_exists", "name",
                                   "There is a view with this name.");
    }
    return OK;
}

enum err view_list(struct ctx *ctx, struct str list, struct views *ret_views)
{
    TRY(check_user(ctx));
    return view_store_list(ctx, ctx->actor.user, list, ret_views);
}

enum err view_create(struct ctx *ctx, const struct view *draft, struct view *ret_view)
{
    struct view view = *draft;
    struct views views;
    TRY(check_user(ctx));
    TRY(check_texts(ctx, &view));
    TRY(view_store_list(ctx, ctx->actor.user, STR(""), &views));
    view.id.v = 0;
    TRY(check_name(ctx, &view, &views));
    if (views.count >= VIEW_MAX)
        return CTX_FAULT(ctx, ERR_TOO_LARGE, "views_full",
                         "A user has at most %d saved views; delete one first.", VIEW_MAX);
    view.id.v = ctx_next_id(ctx);
    view.created_ms = view.updated_ms = ctx->now_ms;
    view.version = 1;
    TRY(view_store_insert(ctx, ctx->actor.user, &view));
    *ret_view = view;
    return OK;
}

static enum err get(struct ctx *ctx, struct view_id id, struct view *ret_view)
{
    bool found;
    TRY(check_user(ctx));
    TRY(view_store_get(ctx, ctx->actor.user, id, ret_view, &found));
    return found ? OK : not_found(ctx);
}

enum err view_update(struct ctx *ctx, struct view_id id, const struct view_change *change,
                     struct view *ret_view)
{
    struct view view;
    struct views views;
    TRY(get(ctx, id, &view));
    if (view.version != change->version)
        return CTX_FAULT(ctx, ERR_STALE, "stale", "This view was changed in the meantime.");
    view.name = change->has_name ? change->name : view.name;
    view.query = change->has_query ? change->query : view.query;
    TRY(check_texts(ctx, &view));
    TRY(view_store_list(ctx, ctx->actor.user, view.list, &views));
    TRY(check_name(ctx, &view, &views));
    view.updated_ms = ctx->now_ms;
    view.version++;
    TRY(view_store_update(ctx, &view));
    *ret_view = view;
    return OK;
}

enum err view_delete(struct ctx *ctx, struct view_id id)
{
    int64_t rows;
    TRY(check_user(ctx));
    TRY(view_store_delete(ctx, ctx->actor.user, id, &rows));
    return rows ? OK : not_found(ctx);
}
