/* All SQL of proofs. */
#include "lib/db/db.h"
#include "src/domain/domain_store.h"

enum { NEWEST, INSERT, UPDATE, OWNER };

static const struct query queries[] = {
    [NEWEST] = {"domain proof newest",
                "SELECT id, domain, token, created_ms, expires_ms, verified_ms, checked_ms,"
                " missing_since_ms, ended_ms FROM domain_proof WHERE partner_id = $1"
                " ORDER BY id DESC LIMIT 1",
                NULL},
    [INSERT] = {"domain proof insert",
                "INSERT INTO domain_proof (id, partner_id, domain, token, created_ms, expires_ms)"
                " VALUES ($1, $2, $3, $4, $5, $6)",
                NULL},
    [UPDATE] = {"domain proof update",
                "UPDATE domain_proof SET verified_ms = $2, checked_ms = $3, missing_since_ms = $4,"
                " ended_ms = $5 WHERE id = $1",
                NULL},
    [OWNER] = {"domain proof owner",
               "SELECT f.partner_id FROM domain_proof f JOIN partner p ON p.id = f.partner_id"
               " WHERE f.domain = $1 AND f.verified_ms IS NOT NULL AND f.ended_ms IS NULL"
               " AND p.archived_ms IS NULL AND p.merged_into IS NULL AND p.domain = f.domain"
               " ORDER BY f.id LIMIT 1",
               NULL},
};
const struct query_table domain_proof_queries = {"domain proof", queries, ARRAY_LEN(queries)};

enum err domain_store_proof(struct ctx *ctx, struct partner_id partner,
                            struct domain_proof_row *ret_row, bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[NEWEST], DB_ARGS(db_int(partner.v)));
    *ret_found = db_rows_next(rows);
    *ret_row = (struct domain_proof_row){.proof = {.partner = partner}};
    if (*ret_found) {
        struct domain_proof *proof = &ret_row->proof;
        proof->id = db_rows_int(rows, "id");
        proof->domain = db_rows_copy(rows, "domain", ctx->arena);
        proof->created_ms = db_rows_int(rows, "created_ms");
        proof->expires_ms = db_rows_int(rows, "expires_ms");
        proof->verified_ms = db_rows_int(rows, "verified_ms");
        proof->checked_ms = db_rows_int(rows, "checked_ms");
        proof->missing_since_ms = db_rows_int(rows, "missing_since_ms");
        ret_row->token = db_rows_copy(rows, "token", ctx->arena);
        ret_row->ended_ms = db_rows_int(rows, "ended_ms");
    }
    return db_rows_close(rows);
}

enum err domain_store_add_proof(struct ctx *ctx, const struct domain_proof_row *row)
{
    const struct domain_proof *proof = &row->proof;
    return db_run(ctx->conn, &queries[INSERT],
                  DB_ARGS(db_int(proof->id), db_int(proof->partner.v), db_text(proof->domain),
                          db_text(row->token), db_int(proof->created_ms),
                          db_int(proof->expires_ms)),
                  NULL);
}

enum err domain_store_set_proof(struct ctx *ctx, const struct domain_proof_row *row)
{
    const struct domain_proof *proof = &row->proof;
    return db_run(ctx->conn, &queries[UPDATE],
                  DB_ARGS(db_int(proof->id), db_int_or_null(proof->verified_ms),
                          db_int_or_null(proof->checked_ms),
                          db_int_or_null(proof->missing_since_ms), db_int_or_null(row->ended_ms)),
                  NULL);
}

enum err domain_store_owner(struct ctx *ctx, struct str domain, struct partner_id *ret_owner)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[OWNER], DB_ARGS(db_text(domain)));
    ret_owner->v = db_rows_next(rows) ? db_rows_int(rows, "partner_id") : 0;
    return db_rows_close(rows);
}
