/* All SQL of saved views. */
#include "src/view/view_store.h"

#include "lib/db/db.h"

enum { LIST, GET, INSERT, UPDATE, DELETE };

#define COLUMNS "SELECT id, list, name, query, created_ms, updated_ms, version FROM saved_view"

static const struct query queries[] = {
    [LIST] = {"view list",
              COLUMNS " WHERE user_id = $1 AND (CAST($2 AS TEXT) = '' OR list = $2)"
                      " ORDER BY list, name LIMIT $3",
              NULL},
    [GET] = {"view get", COLUMNS " WHERE id = $1 AND user_id = $2", NULL},
    [INSERT] = {"view insert",
                "INSERT INTO saved_view (id, user_id, list, name, query, created_ms, updated_ms,"
                " version) VALUES ($1, $2, $3, $4, $5, $6, $6, 1)",
                NULL},
    [UPDATE] = {"view update",
                "UPDATE saved_view SET name = $2, query = $3, updated_ms = $4, version = $5"
                " WHERE id = $1",
                NULL},
    [DELETE] = {"view delete", "DELETE FROM saved_view WHERE id = $1 AND user_id = $2", NULL},
};
const struct query_table view_queries = {"view", queries, ARRAY_LEN(queries)};

static struct view read_view(struct db_rows *rows, struct arena *arena)
{
    return (struct view){
        .id = {db_rows_int(rows, "id")},
        .list = db_rows_copy(rows, "list", arena),
        .name = db_rows_copy(rows, "name", arena),
        .query = db_rows_copy(rows, "query", arena),
        .created_ms = db_rows_int(rows, "created_ms"),
        .updated_ms = db_rows_int(rows, "updated_ms"),
        .version = db_rows_int(rows, "version"),
    };
}

enum err view_store_list(struct ctx *ctx, struct user_id user, struct str list,
                         struct views *ret_views)
{
    struct views views = {.rows = ARENA_ARRAY(ctx->arena, struct view, VIEW_MAX)};
    struct db_rows *rows = db_select(ctx->conn, &queries[LIST],
                                     DB_ARGS(db_int(user.v), db_text(list), db_int(VIEW_MAX)));
    while (db_rows_next(rows))
        views.rows[views.count++] = read_view(rows, ctx->arena);
    TRY(db_rows_close(rows));
    *ret_views = views;
    return OK;
}

enum err view_store_get(struct ctx *ctx, struct user_id user, struct view_id id,
                        struct view *ret_view, bool *ret_found)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[GET], DB_ARGS(db_int(id.v), db_int(user.v)));
    bool found = db_rows_next(rows);
    struct view view = {0};
    if (found)
        view = read_view(rows, ctx->arena);
    TRY(db_rows_close(rows));
    *ret_view = view;
    *ret_found = found;
    return OK;
}

enum err view_store_insert(struct ctx *ctx, struct user_id user, const struct view *view)
{
    return db_run(ctx->conn, &queries[INSERT],
                  DB_ARGS(db_int(view->id.v), db_int(user.v), db_text(view->list),
                          db_text(view->name), db_text(view->query), db_int(view->created_ms)),
                  NULL);
}

enum err view_store_update(struct ctx *ctx, const struct view *view)
{
    return db_run(ctx->conn, &queries[UPDATE],
                  DB_ARGS(db_int(view->id.v), db_text(view->name), db_text(view->query),
                          db_int(view->updated_ms), db_int(view->version)),
                  NULL);
}

enum err view_store_delete(struct ctx *ctx, struct user_id user, struct view_id id,
                           int64_t *ret_rows)
{
    return db_run(ctx->conn, &queries[DELETE], DB_ARGS(db_int(id.v), db_int(user.v)), ret_rows);
}
