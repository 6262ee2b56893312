/* SQL of sums of a part of a day, from the facts themselves. */
#include <string.h>

#include "lib/db/db.h"
#include "src/ledger/rollup_store.h"

enum { PART_ALL, PART_ONE };

#define SUMS                                                     \
    "f.kind AS kind, f.currency AS currency, COUNT(*) AS facts," \
    " CAST(SUM(f.quantity_milli) AS BIGINT) AS quantity_milli,"  \
    " CAST(COALESCE(SUM(f.amount), 0) AS BIGINT) AS amount"
/* Facts that are reversed and their reversals do not count. */
#define OF_PART                                                                    \
    " AND f.at_ms >= $3 AND f.at_ms < $4 AND (CAST($5 AS BIGINT) = 0 OR"           \
    " (CAST($5 AS BIGINT) & (CAST(1 AS BIGINT) << CAST(f.kind AS INTEGER))) <> 0)" \
    " AND (CAST($6 AS BIGINT) = 0 OR f.product_id = $6)"                           \
    " AND f.reverses IS NULL AND NOT EXISTS"                                       \
    " (SELECT 1 FROM fact_reversal r WHERE r.fact_id = f.id)"

static const struct query queries[] = {
    [PART_ALL] = {"rollup part",
                  "SELECT COALESCE(p.partner_id, f.partner_id) AS partner_id, " SUMS
                  " FROM fact f LEFT JOIN fact_partner p ON p.member_id = f.partner_id"
                  " WHERE f.day >= $1 AND f.day < $2" OF_PART
                  " AND (CAST($7 AS BIGINT) = 0 OR COALESCE(p.partner_id, f.partner_id) = $7)"
                  " GROUP BY COALESCE(p.partner_id, f.partner_id), f.kind, f.currency"
                  " ORDER BY 1, 2, 3",
                  NULL},
    [PART_ONE] = {"rollup part of partner",
                  "WITH RECURSIVE days (day) AS (SELECT CAST($1 AS BIGINT) UNION ALL"
                  " SELECT day + 1 FROM days WHERE day + 1 < CAST($2 AS BIGINT))"
                  " SELECT CAST($7 AS BIGINT) AS partner_id, " SUMS
                  " FROM days CROSS JOIN (SELECT CAST($7 AS BIGINT) AS id UNION ALL"
                  " SELECT p.member_id FROM fact_partner p WHERE p.partner_id = $7) m"
                  " CROSS JOIN fact f WHERE f.day = days.day AND f.partner_id = m.id" OF_PART
                  " GROUP BY f.kind, f.currency ORDER BY 2, 3",
                  NULL},
};
const struct query_table rollup_part_queries = {"rollup part", queries, ARRAY_LEN(queries)};

/* Of no day, without what only rollups keep. */
static void read_sum(struct db_rows *rows, struct sum *ret_sum)
{
    struct str currency = db_rows_text(rows, "currency");
    *ret_sum = (struct sum){.key = {.table = SUM_PARTNER,
                                    .partner = db_rows_int(rows, "partner_id"),
                                    .kind = (uint8_t)db_rows_int(rows, "kind")},
                            .totals = {.facts = db_rows_int(rows, "facts"),
                                       .quantity_milli = db_rows_int(rows, "quantity_milli"),
                                       .amount = db_rows_int(rows, "amount")}};
    if (currency.len && currency.len < sizeof(ret_sum->key.currency))
        memcpy(ret_sum->key.currency, currency.ptr, currency.len);
}

enum err rollup_store_part(struct ctx *ctx, const struct part_query *query,
                           rollup_store_visit *visit, void *self)
{
    int64_t scope = ctx_partner_scope(ctx);
    bool one = query->partner.v != 0;
    if (scope && one && query->partner.v != scope)
        return OK;
    struct db_rows *rows =
        db_select(ctx->conn, &queries[one ? PART_ONE : PART_ALL],
                  DB_ARGS(db_int(query->from_day), db_int(query->to_day), db_int(query->from_ms),
                          db_int(query->to_ms), db_int(query->kinds), db_int(query->product.v),
                          db_int(one ? query->partner.v : scope)));
    while (db_rows_next(rows)) {
        struct sum sum;
        read_sum(rows, &sum);
        visit(self, &sum);
    }
    return db_rows_close(rows);
}
