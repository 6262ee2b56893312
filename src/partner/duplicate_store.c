/* All SQL of pairs that may be one partner, but for what keeps them up to date. */
#include "src/partner/duplicate_store.h"

#include "lib/db/db.h"

enum { LIST, GET, JUDGE };

/* A partner's user sees no pair: the other one is none of its business. */
#define SELECT                                                                             \
    "SELECT d.id, d.low_id, d.high_id, d.reasons, d.rank, d.found_ms, d.dismissed_ms,"     \
    " d.dismissed_by, a.name AS a_name, a.city AS a_city, a.country AS a_country,"         \
    " b.name AS b_name, b.city AS b_city, b.country AS b_country FROM partner_duplicate d" \
    " JOIN partner a ON a.id = d.low_id JOIN partner b ON b.id = d.high_id"                \
    " WHERE CAST($1 AS BIGINT) = 0"

static const struct query queries[] = {
    [LIST] = {"duplicate list",
              SELECT " AND (d.rank, d.id) > ($2, $3)"
                     " AND (d.dismissed_ms IS NULL) = (CAST($4 AS BIGINT) = 0)"
                     " AND (CAST($5 AS BIGINT) = 0 OR d.low_id = $5 OR d.high_id = $5)"
                     " AND a.archived_ms IS NULL AND b.archived_ms IS NULL"
                     " AND a.merged_into IS NULL AND b.merged_into IS NULL"
                     " ORDER BY d.rank, d.id LIMIT $6",
              NULL},
    [GET] = {"duplicate get", SELECT " AND d.id = $2", NULL},
    [JUDGE] = {"duplicate judge",
               "UPDATE partner_duplicate SET dismissed_ms = $2, dismissed_by = $3 WHERE id = $1",
               NULL},
};
const struct query_table duplicate_queries = {"duplicate", queries, ARRAY_LEN(queries)};

static void read_pair(struct ctx *ctx, struct db_rows *rows, struct duplicate *ret)
{
    struct arena *arena = ctx->arena;
    *ret = (struct duplicate){
        .id = {db_rows_int(rows, "id")},
        .a = {db_rows_int(rows, "low_id")},
        .b = {db_rows_int(rows, "high_id")},
        .a_name = db_rows_copy(rows, "a_name", arena),
        .b_name = db_rows_copy(rows, "b_name", arena),
        .a_city = db_rows_copy(rows, "a_city", arena),
        .b_city = db_rows_copy(rows, "b_city", arena),
        .a_country = db_rows_copy(rows, "a_country", arena),
        .b_country = db_rows_copy(rows, "b_country", arena),
        .reasons = (unsigned)db_rows_int(rows, "reasons"),
        .found_ms = db_rows_int(rows, "found_ms"),
        .dismissed_ms = db_rows_int(rows, "dismissed_ms"),
        .dismissed_by = db_rows_copy(rows, "dismissed_by", arena),
    };
}

enum err duplicate_store_list(struct ctx *ctx, const struct duplicate_query *query,
                              struct duplicate_page *page, int64_t *ret_ranks)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[LIST],
                  DB_ARGS(db_int(ctx_partner_scope(ctx)), db_int(query->after.rank),
                          db_int(query->after.id), db_int(query->filter.dismissed),
                          db_int(query->filter.partner.v), db_int(query->limit)));
    while (db_rows_next(rows)) {
        ret_ranks[page->count] = db_rows_int(rows, "rank");
        read_pair(ctx, rows, &page->rows[page->count++]);
    }
    return db_rows_close(rows);
}

enum err duplicate_store_get(struct ctx *ctx, struct duplicate_id id,
                             struct duplicate *ret_duplicate, bool *ret_found)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[GET], DB_ARGS(db_int(ctx_partner_scope(ctx)), db_int(id.v)));
    bool found = db_rows_next(rows);
    if (found)
        read_pair(ctx, rows, ret_duplicate);
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

enum err duplicate_store_judge(struct ctx *ctx, struct duplicate_id id, int64_t at_ms)
{
    return db_run(
        ctx->conn, &queries[JUDGE],
        DB_ARGS(db_int(id.v), db_int_or_null(at_ms), db_text(at_ms ? ctx->actor.name : STR(""))),
        NULL);
}
