/* SQL of what facts add to sums, for sums that are kept. */
#include <string.h>

#include "lib/db/db.h"
#include "src/ledger/rollup_store.h"

enum { MOVES_ALL, MOVES_ONE, MOVES_AFTER };

/* What a fact adds to sums: a reversal, which tells the same, takes it off. */
#define SIGN "(CASE WHEN f.reverses IS NULL THEN 1 ELSE -1 END)"
#define MOVES                                                                                    \
    "SELECT f.partner_id AS partner_id, f.kind AS kind, f.currency AS currency,"                 \
    " f.at_ms AS at_ms, " SIGN " AS facts, " SIGN " * f.quantity_milli AS quantity_milli, " SIGN \
    " * COALESCE(f.amount, 0) AS amount"
#define OF_MOVES                                                                   \
    " AND f.at_ms >= $3 AND f.at_ms < $4 AND (CAST($5 AS BIGINT) = 0 OR"           \
    " (CAST($5 AS BIGINT) & (CAST(1 AS BIGINT) << CAST(f.kind AS INTEGER))) <> 0)" \
    " AND (CAST($6 AS BIGINT) = 0 OR f.product_id = $6)"

static const struct query queries[] = {
    [MOVES_ALL] = {"rollup moves", MOVES " FROM fact f WHERE f.day >= $1 AND f.day < $2" OF_MOVES,
                   NULL},
    [MOVES_ONE] = {"rollup moves of partner",
                   "WITH RECURSIVE days (day) AS (SELECT CAST($1 AS BIGINT) UNION ALL"
                   " SELECT day + 1 FROM days WHERE day + 1 < CAST($2 AS BIGINT)) " MOVES
                   " FROM days CROSS JOIN fact f WHERE f.day = days.day"
                   " AND f.partner_id = $7" OF_MOVES,
                   NULL},
    [MOVES_AFTER] = {"rollup moves after",
                     MOVES " FROM fact f WHERE f.id > $1 AND f.id <= $2" OF_MOVES, NULL},
};
const struct query_table rollup_move_queries = {"rollup move", queries, ARRAY_LEN(queries)};

static enum err check_actor(struct ctx *ctx)
{
    return ctx_partner_scope(ctx) == 0
               ? OK
               : CTX_FAULT(ctx, ERR_FORBIDDEN, "channel", "These are the facts of all partners.");
}

static enum err pass_moves(struct db_rows *rows, rollup_move_visit *visit, void *self)
{
    while (db_rows_next(rows)) {
        struct str currency = db_rows_text(rows, "currency");
        struct rollup_move move = {.recorded = {db_rows_int(rows, "partner_id")},
                                   .kind = (enum fact_kind)db_rows_int(rows, "kind"),
                                   .at_ms = db_rows_int(rows, "at_ms"),
                                   .facts = db_rows_int(rows, "facts"),
                                   .quantity_milli = db_rows_int(rows, "quantity_milli"),
                                   .amount = db_rows_int(rows, "amount")};
        if (currency.len && currency.len < sizeof(move.currency.code))
            memcpy(move.currency.code, currency.ptr, currency.len);
        visit(self, &move);
    }
    return db_rows_close(rows);
}

enum err rollup_store_moves(struct ctx *ctx, const struct part_query *query,
                            rollup_move_visit *visit, void *self)
{
    struct db_value values[] = {db_int(query->from_day), db_int(query->to_day),
                                db_int(query->from_ms),  db_int(query->to_ms),
                                db_int(query->kinds),    db_int(query->product.v),
                                db_int(query->partner.v)};
    bool one = query->partner.v != 0;
    struct db_args args = {values, ARRAY_LEN(values) - !one};
    if (!one)
        TRY(check_actor(ctx));
    return pass_moves(db_select(ctx->conn, &queries[one ? MOVES_ONE : MOVES_ALL], args), visit,
                      self);
}

enum err rollup_store_moves_after(struct ctx *ctx, const struct part_query *query,
                                  const struct fact_range *range, rollup_move_visit *visit,
                                  void *self)
{
    TRY(check_actor(ctx));
    return pass_moves(
        db_select(ctx->conn, &queries[MOVES_AFTER],
                  DB_ARGS(db_int(range->after.v), db_int(range->to.v), db_int(query->from_ms),
                          db_int(query->to_ms), db_int(query->kinds), db_int(query->product.v))),
        visit, self);
}
