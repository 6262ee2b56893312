/* All SQL of the kept answers. */
#include "src/app/idempotency_store.h"

#include "lib/db/db.h"
#include "src/core/limits.h"

enum { FIND, SAVE, EXPIRE };

static const struct query queries[] = {
    [FIND] = {"idempotency find",
              "SELECT request_digest, status, version, answer FROM idempotency"
              " WHERE actor = $1 AND idempotency_key = $2",
              NULL},
    [SAVE] = {"idempotency save",
              "INSERT INTO idempotency (actor, idempotency_key, request_digest, status, version,"
              " answer, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
              NULL},
    [EXPIRE] = {"idempotency expire",
                "DELETE FROM idempotency WHERE (actor, idempotency_key) IN"
                " (SELECT actor, idempotency_key FROM idempotency WHERE created_ms < $1"
                " ORDER BY created_ms LIMIT 4)",
                NULL},
};
const struct query_table idempotency_queries = {"idempotency", queries, ARRAY_LEN(queries)};

/* Names may be shared: two tokens of one name do not know each other's calls. */
static struct db_value actor_key(const struct ctx *ctx)
{
    const struct actor *actor = &ctx->actor;
    if (token_id_is_set(actor->token))
        return db_text(token_id_text(actor->token, ctx->arena));
    if (user_id_is_set(actor->user))
        return db_text(user_id_text(actor->user, ctx->arena));
    return db_text(STR("shell"));
}

enum err idempotency_store_find(struct ctx *ctx, struct str key, struct idempotency_row *ret_row,
                                bool *ret_found)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[FIND], DB_ARGS(actor_key(ctx), db_text(key)));
    bool found = db_rows_next(rows);
    if (found) {
        ret_row->digest = db_rows_copy(rows, "request_digest", ctx->arena);
        ret_row->status = db_rows_int(rows, "status");
        ret_row->version = db_rows_int(rows, "version");
        ret_row->answer = db_rows_copy(rows, "answer", ctx->arena);
    }
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

enum err idempotency_store_save(struct ctx *ctx, struct str key, const struct idempotency_row *row)
{
    int64_t oldest_ms = ctx->now_ms - (int64_t)LIMIT_IDEMPOTENCY_DAYS * MS_PER_DAY;
    TRY(db_run(ctx->conn, &queries[EXPIRE], DB_ARGS(db_int(oldest_ms)), NULL));
    return db_run(ctx->conn, &queries[SAVE],
                  DB_ARGS(actor_key(ctx), db_text(key), db_bytes(row->digest), db_int(row->status),
                          db_int(row->version), db_text(row->answer), db_int(ctx->now_ms)),
                  NULL);
}
