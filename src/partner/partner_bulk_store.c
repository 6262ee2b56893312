/* All SQL of actions on many partners that the records' own statements do not do. */
#include "src/partner/partner_bulk_store.h"

#include "lib/db/db.h"

enum { MANAGER, SET_MANAGER };

static const struct query queries[] = {
    [MANAGER] = {"bulk manager",
                 "SELECT p.manager_id, u.name FROM partner p JOIN user_account u"
                 " ON u.id = p.manager_id"
                 " WHERE p.id = $1 AND (CAST($2 AS BIGINT) = 0 OR p.id = $2)",
                 NULL},
    [SET_MANAGER] = {"bulk set manager",
                     "UPDATE partner SET manager_id = $2, updated_ms = $3, version = version + 1"
                     " WHERE id = $1",
                     NULL},
};
const struct query_table partner_bulk_queries = {"partner bulk", queries, ARRAY_LEN(queries)};

enum err bulk_store_manager(struct ctx *ctx, struct partner_id id, struct bulk_manager *ret_manager,
                            bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[MANAGER],
                                     DB_ARGS(db_int(id.v), db_int(ctx_partner_scope(ctx))));
    bool found = db_rows_next(rows);
    if (found)
        *ret_manager = (struct bulk_manager){{db_rows_int(rows, "manager_id")},
                                             db_rows_copy(rows, "name", ctx->arena)};
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

enum err bulk_store_set_manager(struct ctx *ctx, struct partner_id id, struct user_id manager)
{
    return db_run(ctx->conn, &queries[SET_MANAGER],
                  DB_ARGS(db_int(id.v), db_int(manager.v), db_int(ctx->now_ms)), NULL);
}
