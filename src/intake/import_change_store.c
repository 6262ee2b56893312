/* All SQL of what an undo takes back. */
#include "src/intake/import_store.h"

#include "lib/db/db.h"

enum {
    ADD_CHANGE,
    CHANGES,
    DELETE_CHANGE,
    COUNT_CHANGES,
    MARK_ARCHIVED,
    UNMARK_ARCHIVED,
    IS_MARKED
};

static const struct query queries[] = {
    [ADD_CHANGE] = {"import add change",
                    "INSERT INTO import_change (id, import_id, entity, entity_id, field, old_value,"
                    " new_value) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    NULL},
    [CHANGES] = {"import changes",
                 "SELECT id, entity, entity_id, field, old_value, new_value FROM import_change"
                 " WHERE import_id = $1 ORDER BY id DESC LIMIT $2",
                 NULL},
    [DELETE_CHANGE] = {"import delete change", "DELETE FROM import_change WHERE id = $1", NULL},
    [COUNT_CHANGES] = {"import count changes",
                       "SELECT COUNT(*) AS n FROM import_change WHERE import_id = $1", NULL},
    [MARK_ARCHIVED] = {"import mark archived",
                       "INSERT INTO import_archived (entity, entity_id) VALUES ($1, $2)"
                       " ON CONFLICT (entity, entity_id) DO NOTHING",
                       NULL},
    [UNMARK_ARCHIVED] = {"import unmark archived",
                         "DELETE FROM import_archived WHERE entity = $1 AND entity_id = $2", NULL},
    [IS_MARKED] = {"import is marked",
                   "SELECT entity_id FROM import_archived WHERE entity = $1 AND entity_id = $2",
                   NULL},
};
const struct query_table import_change_queries = {"import change", queries, ARRAY_LEN(queries)};

static enum err run(struct ctx *ctx, int query, struct db_args args)
{
    return db_run(ctx->conn, &queries[query], args, NULL);
}

enum err import_store_add_change(struct ctx *ctx, struct import_id id,
                                 const struct import_change *change)
{
    return run(ctx, ADD_CHANGE,
               DB_ARGS(db_int(ctx_next_id(ctx)), db_int(id.v), db_text(change->entity),
                       db_int(change->entity_id), db_text(change->field),
                       db_text(change->old_value), db_text(change->new_value)));
}

enum err import_store_changes(struct ctx *ctx, struct import_id id, int64_t limit,
                              struct import_change *ret_changes, size_t *ret_count)
{
    size_t count = 0;
    struct arena *arena = ctx->arena;
    struct db_rows *rows =
        db_select(ctx->conn, &queries[CHANGES], DB_ARGS(db_int(id.v), db_int(limit)));
    while (db_rows_next(rows))
        ret_changes[count++] = (struct import_change){
            .id = db_rows_int(rows, "id"),
            .entity = db_rows_copy(rows, "entity", arena),
            .entity_id = db_rows_int(rows, "entity_id"),
            .field = db_rows_copy(rows, "field", arena),
            .old_value = db_rows_copy(rows, "old_value", arena),
            .new_value = db_rows_copy(rows, "new_value", arena),
        };
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

enum err import_store_delete_change(struct ctx *ctx, int64_t change_id)
{
    return run(ctx, DELETE_CHANGE, DB_ARGS(db_int(change_id)));
}

enum err import_store_count_changes(struct ctx *ctx, struct import_id id, int64_t *ret_count)
{
    int64_t count = 0;
    struct db_rows *rows = db_select(ctx->conn, &queries[COUNT_CHANGES], DB_ARGS(db_int(id.v)));
    if (db_rows_next(rows))
        count = db_rows_int(rows, "n");
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

enum err import_store_mark_archived(struct ctx *ctx, const char *entity, int64_t entity_id)
{
    return run(ctx, MARK_ARCHIVED, DB_ARGS(db_text(str_from_c(entity)), db_int(entity_id)));
}

enum err import_store_unmark_archived(struct ctx *ctx, const char *entity, int64_t entity_id,
                                      bool *ret_marked)
{
    int64_t changed;
    TRY(db_run(ctx->conn, &queries[UNMARK_ARCHIVED],
               DB_ARGS(db_text(str_from_c(entity)), db_int(entity_id)), &changed));
    *ret_marked = changed > 0;
    return OK;
}

enum err import_store_is_marked(struct ctx *ctx, const char *entity, int64_t entity_id,
                                bool *ret_marked)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[IS_MARKED],
                                     DB_ARGS(db_text(str_from_c(entity)), db_int(entity_id)));
    bool marked = db_rows_next(rows);
    TRY(db_rows_close(rows));
    *ret_marked = marked;
    return OK;
}
