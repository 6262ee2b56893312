/* All SQL of requests for access. */
#include "src/domain/domain_access_store.h"

#include "lib/db/db.h"

enum { TAKEN, COUNT, ADD, LIST, GET, REMOVE };

#define COLUMNS                                                                     \
    "SELECT a.id, a.partner_id, p.name AS partner_name, a.domain, a.email, a.name," \
    " a.password_hash, a.asked_ms FROM access_request a JOIN partner p ON p.id = a.partner_id"

static const struct query queries[] = {
    [TAKEN] = {"access taken",
               "SELECT (SELECT COUNT(*) FROM user_account WHERE email = $1)"
               " + (SELECT COUNT(*) FROM access_request WHERE email = $1) AS n",
               NULL},
    [COUNT] = {"access count", "SELECT COUNT(*) AS n FROM access_request WHERE partner_id = $1",
               NULL},
    [ADD] = {"access add",
             "INSERT INTO access_request (id, partner_id, domain, email, name, password_hash,"
             " asked_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
             NULL},
    [LIST] = {"access list",
              COLUMNS " WHERE (CAST($1 AS BIGINT) IS NULL OR a.partner_id = $1)"
                      " ORDER BY a.id LIMIT $2",
              NULL},
    [GET] = {"access get", COLUMNS " WHERE a.id = $1", NULL},
    [REMOVE] = {"access remove", "DELETE FROM access_request WHERE id = $1", NULL},
};
const struct query_table domain_access_queries = {"access", queries, ARRAY_LEN(queries)};

static enum err take_number(struct db_rows *rows, int64_t *ret_number)
{
    *ret_number = db_rows_next(rows) ? db_rows_int(rows, "n") : 0;
    return db_rows_close(rows);
}

enum err access_store_taken(struct ctx *ctx, struct str email, bool *ret_taken)
{
    int64_t count;
    TRY(take_number(db_select(ctx->conn, &queries[TAKEN], DB_ARGS(db_text(email))), &count));
    *ret_taken = count > 0;
    return OK;
}

enum err access_store_count(struct ctx *ctx, struct partner_id partner, int64_t *ret_count)
{
    return take_number(db_select(ctx->conn, &queries[COUNT], DB_ARGS(db_int(partner.v))),
                       ret_count);
}

enum err access_store_add(struct ctx *ctx, const struct access_request *request)
{
    return db_run(ctx->conn, &queries[ADD],
                  DB_ARGS(db_int(request->id.v), db_int(request->partner.v),
                          db_text(request->domain), db_text(request->email), db_text(request->name),
                          db_text(request->hash), db_int(request->asked_ms)),
                  NULL);
}

static struct access_request read_request(struct db_rows *rows, struct arena *arena)
{
    return (struct access_request){
        .id = {db_rows_int(rows, "id")},
        .partner = {db_rows_int(rows, "partner_id")},
        .partner_name = db_rows_copy(rows, "partner_name", arena),
        .domain = db_rows_copy(rows, "domain", arena),
        .email = db_rows_copy(rows, "email", arena),
        .name = db_rows_copy(rows, "name", arena),
        .hash = db_rows_copy(rows, "password_hash", arena),
        .asked_ms = db_rows_int(rows, "asked_ms"),
    };
}

enum err access_store_list(struct ctx *ctx, struct partner_id partner, int64_t limit,
                           struct access_requests *requests)
{
    requests->rows = ARENA_ARRAY(ctx->arena, struct access_request, (size_t)limit);
    struct db_rows *rows =
        db_select(ctx->conn, &queries[LIST], DB_ARGS(db_int_or_null(partner.v), db_int(limit)));
    while (db_rows_next(rows))
        requests->rows[requests->count++] = read_request(rows, ctx->arena);
    return db_rows_close(rows);
}

enum err access_store_get(struct ctx *ctx, struct access_id id, struct access_request *ret_request,
                          bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[GET], DB_ARGS(db_int(id.v)));
    *ret_found = db_rows_next(rows);
    if (*ret_found)
        *ret_request = read_request(rows, ctx->arena);
    return db_rows_close(rows);
}

enum err access_store_remove(struct ctx *ctx, struct access_id id)
{
    return db_run(ctx->conn, &queries[REMOVE], DB_ARGS(db_int(id.v)), NULL);
}
