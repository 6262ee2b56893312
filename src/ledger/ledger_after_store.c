/* SQL of what was recorded since: how far the ledger is, how much it became, and whose. */
#include "src/ledger/ledger.h"

#include <string.h>

#include "lib/db/db.h"

enum { NEWEST, COUNT_AFTER, TALLY_AFTER, MAKE_MONTHS };
/* A tally has a row for each partner and kind; more partners than this are not in one round. */
enum { TALLIES_MAX = 1000000, TALLIES_FIRST = 256 };

static const struct query queries[] = {
    [NEWEST] = {"fact newest", "SELECT MAX(id) AS id FROM fact", NULL},
    [COUNT_AFTER] = {"fact count after",
                     "SELECT COUNT(*) AS facts FROM (SELECT f.id FROM fact f"
                     " WHERE f.id > $1 AND f.id <= $2 ORDER BY f.id LIMIT $3) AS newer",
                     NULL},
    [TALLY_AFTER] = {"fact tally after",
                     "SELECT COALESCE(m.partner_id, t.partner_id) AS survivor, t.kind AS kind,"
                     " CAST(SUM(t.facts) AS BIGINT) AS facts"
                     " FROM (SELECT f.partner_id, f.kind, COUNT(*) AS facts FROM fact f"
                     "  WHERE f.id > $1 AND f.id <= $2"
                     "  AND (CAST($3 AS BIGINT) = 0 OR f.product_id = $3)"
                     "  GROUP BY f.partner_id, f.kind) AS t"
                     " LEFT JOIN fact_partner m ON m.member_id = t.partner_id"
                     " GROUP BY COALESCE(m.partner_id, t.partner_id), t.kind"
                     " ORDER BY survivor, kind LIMIT $4",
                     NULL},
    /* A file has no parts. */
    [MAKE_MONTHS] = {"fact months", "SELECT 0 * CAST($1 AS BIGINT) AS made",
                     "SELECT fact_months(CAST(now() AT TIME ZONE 'UTC' AS date),"
                     " CAST($1 AS BIGINT)) AS made"},
};
const struct query_table ledger_after_queries = {"ledger after", queries, ARRAY_LEN(queries)};

enum err ledger_newest(struct ctx *ctx, struct fact_id *ret_id)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[NEWEST], DB_NO_ARGS);
    int64_t id = db_rows_next(rows) ? db_rows_int(rows, "id") : 0;
    TRY(db_rows_close(rows));
    ret_id->v = id;
    return OK;
}

enum err ledger_make_months(struct ctx *ctx, int64_t months, int64_t *ret_made)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[MAKE_MONTHS], DB_ARGS(db_int(months)));
    int64_t made = db_rows_next(rows) ? db_rows_int(rows, "made") : 0;
    TRY(db_rows_close(rows));
    *ret_made = made;
    return OK;
}

enum err ledger_count_after(struct ctx *ctx, const struct fact_range *range, int64_t most,
                            int64_t *ret_count)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[COUNT_AFTER],
                  DB_ARGS(db_int(range->after.v), db_int(range->to.v), db_int(most)));
    int64_t count = db_rows_next(rows) ? db_rows_int(rows, "facts") : 0;
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

static struct fact_tally *add_tally(struct ctx *ctx, struct fact_tallies *tallies, size_t *cap)
{
    if (tallies->count == *cap) {
        size_t wanted = *cap ? *cap * 2 : TALLIES_FIRST;
        struct fact_tally *rows = ARENA_ARRAY(ctx->arena, struct fact_tally, wanted);
        if (tallies->count)
            memcpy(rows, tallies->rows, tallies->count * sizeof(*rows));
        tallies->rows = rows;
        *cap = wanted;
    }
    return &tallies->rows[tallies->count++];
}

enum err ledger_tally_after(struct ctx *ctx, const struct fact_range *range,
                            struct fact_tallies *ret_tallies)
{
    struct fact_tallies tallies = {0};
    size_t cap = 0;
    struct db_rows *rows = db_select(ctx->conn, &queries[TALLY_AFTER],
                                     DB_ARGS(db_int(range->after.v), db_int(range->to.v),
                                             db_int(range->product.v), db_int(TALLIES_MAX)));
    while (db_rows_next(rows))
        *add_tally(ctx, &tallies, &cap) = (struct fact_tally){
            .partner = {db_rows_int(rows, "survivor")},
            .kind = (enum fact_kind)db_rows_int(rows, "kind"),
            .facts = db_rows_int(rows, "facts"),
        };
    TRY(db_rows_close(rows));
    *ret_tallies = tallies;
    return OK;
}
