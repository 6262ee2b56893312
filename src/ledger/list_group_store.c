/* SQL of the facts of a group of partners, newest first: which they are, not what they say. */
#include "lib/db/db.h"
#include "src/ledger/ledger_store.h"

enum { OF_FEW, OF_MANY, SIZE };

/* As the numbers of a group have them. */
#define IN_GROUP(manager, tier, country, tag)                                 \
    " p.archived_ms IS NULL AND p.merged_into IS NULL"                        \
    " AND (CAST(" manager " AS BIGINT) = 0 OR p.manager_id = " manager ")"    \
    " AND (CAST(" tier " AS TEXT) = '' OR p.tier = " tier ")"                 \
    " AND (CAST(" country " AS TEXT) = '' OR p.country = " country ")"        \
    " AND (CAST(" tag " AS TEXT) = '' OR EXISTS (SELECT 1 FROM partner_tag t" \
    "  WHERE t.partner_id = p.id AND t.tag = " tag "))"
#define MEMBERS IN_GROUP("$11", "$12", "$13", "$14")
#define OF_LIST                                                                    \
    " f.at_ms >= $3 AND f.at_ms < $4"                                              \
    " AND (f.at_ms < $5 OR (f.at_ms = $5 AND f.id < $6))"                          \
    " AND (CAST($7 AS BIGINT) = 0 OR"                                              \
    " (CAST($7 AS BIGINT) & (CAST(1 AS BIGINT) << CAST(f.kind AS INTEGER))) <> 0)" \
    " AND (CAST($8 AS BIGINT) = 0 OR f.product_id = $8)"                           \
    " AND (CAST($10 AS BIGINT) IS NULL OR f.source_id = $10)"                      \
    " ORDER BY f.at_ms DESC, f.id DESC LIMIT $9"

static const struct query queries[] = {
    /* Each member's days by the index: a partner and those that were merged into it. */
    [OF_FEW] = {"fact list of few",
                "WITH RECURSIVE days (day) AS (SELECT CAST($1 AS BIGINT) UNION ALL"
                " SELECT day + 1 FROM days WHERE day + 1 < CAST($2 AS BIGINT))"
                " SELECT f.id AS id FROM (SELECT p.id AS id FROM partner p WHERE" MEMBERS
                " UNION ALL SELECT m.member_id FROM fact_partner m"
                " JOIN partner p ON p.id = m.partner_id WHERE" MEMBERS ") g"
                " CROSS JOIN days CROSS JOIN fact f"
                " WHERE f.day = days.day AND f.partner_id = g.id AND" OF_LIST,
                NULL},
    /* All facts of the days by the index, and whether they are of a member. */
    [OF_MANY] = {"fact list of many",
                 "SELECT f.id AS id FROM fact f WHERE f.day >= $1 AND f.day < $2"
                 " AND EXISTS (SELECT 1 FROM partner p WHERE p.id = COALESCE("
                 "(SELECT m.partner_id FROM fact_partner m WHERE m.member_id = f.partner_id),"
                 " f.partner_id) AND" MEMBERS ") AND" OF_LIST,
                 NULL},
    [SIZE] = {"fact group size",
              "SELECT COUNT(*) AS n FROM (SELECT p.id FROM partner p WHERE" IN_GROUP(
                  "$2", "$3", "$4", "$5") " LIMIT $1) AS members",
              NULL},
};
const struct query_table ledger_list_group_queries = {"ledger list group", queries,
                                                      ARRAY_LEN(queries)};

enum err ledger_store_group_size(struct ctx *ctx, const struct fact_group *group, int64_t most,
                                 int64_t *ret_size)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[SIZE],
                  DB_ARGS(db_int(most), db_int(group->manager.v), db_text(group->tier),
                          db_text(group->country), db_text(group->tag)));
    int64_t size = db_rows_next(rows) ? db_rows_int(rows, "n") : 0;
    TRY(db_rows_close(rows));
    *ret_size = size;
    return OK;
}

enum err ledger_store_list_group(struct ctx *ctx, const struct fact_filter *filter,
                                 const struct fact_span *span, struct fact *rows, size_t *count)
{
    const struct fact_group *group = &filter->group;
    struct fact_id *ids = ARENA_ARRAY(ctx->arena, struct fact_id, (size_t)span->limit);
    struct db_value source;
    size_t found = 0;
    TRY(ledger_store_source_value(ctx, filter->source, &source));
    struct db_rows *result =
        db_select(ctx->conn, &queries[span->of_few ? OF_FEW : OF_MANY],
                  DB_ARGS(db_int(span->from_day), db_int(span->to_day), db_int(span->from_ms),
                          db_int(span->to_ms), db_int(span->before_ms), db_int(span->before_id),
                          db_int(filter->kinds), db_int(filter->product.v), db_int(span->limit),
                          source, db_int(group->manager.v), db_text(group->tier),
                          db_text(group->country), db_text(group->tag)));
    while (db_rows_next(result))
        ids[found++].v = db_rows_int(result, "id");
    TRY(db_rows_close(result));
    for (size_t i = 0; i < found; i++) {
        bool is_there;
        TRY(ledger_store_get(ctx, ids[i], &rows[*count], &is_there));
        *count += is_there;
    }
    return OK;
}
