/* All SQL of rows that belong to nobody, and of owners. */
#include "src/intake/unassigned_store.h"

#include "lib/db/db.h"

enum {
    KEEP,
    CHANGE,
    FIND,
    LIST,
    GET,
    DELETE,
    DELETE_KEY,
    ANY,
    DELETE_OF,
    COUNT_OWNER,
    OWNER_GET,
    OWNER_SET,
    STRANGER_SET
};

#define SELECT                                                                                 \
    "SELECT u.id, u.import_id, u.file, u.file_row, u.entity, u.source, u.external_id,"         \
    " u.system, u.owner, COALESCE(s.name, '') AS owner_name, u.at_ms, u.quantity_milli,"       \
    " u.amount, u.cost, u.currency, u.product_id, u.ref, u.note, u.fields FROM unassigned_row" \
    " u LEFT JOIN import_stranger s ON s.system = u.system AND s.external_id = u.owner"

static const struct query queries[] = {
    [KEEP] = {"unassigned keep",
              "INSERT INTO unassigned_row (id, import_id, file, file_row, entity, source,"
              " external_id, system, owner, at_ms, quantity_milli, amount, cost, currency,"
              " product_id, ref, note, fields) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
              " $11, $12, $13, $14, $15, $16, $17, $18)"
              " ON CONFLICT (source, entity, external_id) DO NOTHING",
              NULL},
    [CHANGE] = {"unassigned change",
                "UPDATE unassigned_row SET system = $4, owner = $5, at_ms = $6,"
                " quantity_milli = $7, amount = $8, cost = $9, currency = $10, product_id = $11,"
                " ref = $12, note = $13, fields = $14"
                " WHERE entity = $1 AND source = $2 AND external_id = $3 AND (system <> $4"
                " OR owner <> $5 OR at_ms <> $6 OR quantity_milli <> $7"
                " OR amount IS DISTINCT FROM CAST($8 AS BIGINT)"
                " OR cost IS DISTINCT FROM CAST($9 AS BIGINT) OR currency <> $10"
                " OR product_id IS DISTINCT FROM CAST($11 AS BIGINT) OR ref <> $12"
                " OR note <> $13 OR fields <> $14)",
                NULL},
    [FIND] = {"unassigned find",
              SELECT " WHERE u.source = $1 AND u.entity = $2 AND u.external_id = $3", NULL},
    [LIST] = {"unassigned list",
              SELECT " WHERE u.id > $1 AND (CAST($2 AS BIGINT) = 0 OR u.import_id = $2)"
                     " AND (CAST($3 AS BIGINT) = 0 OR (u.owner = $5"
                     " AND (CAST($4 AS TEXT) = '' OR u.system = $4))) ORDER BY u.id LIMIT $6",
              NULL},
    [GET] = {"unassigned get", SELECT " WHERE u.id = $1", NULL},
    [DELETE] = {"unassigned delete", "DELETE FROM unassigned_row WHERE id = $1", NULL},
    [DELETE_KEY] = {"unassigned delete key",
                    "DELETE FROM unassigned_row WHERE source = $1 AND entity = $2"
                    " AND external_id = $3",
                    NULL},
    [ANY] = {"unassigned any", "SELECT id FROM unassigned_row WHERE source = $1 LIMIT 1", NULL},
    [DELETE_OF] = {"unassigned delete of", "DELETE FROM unassigned_row WHERE import_id = $1", NULL},
    [COUNT_OWNER] = {"unassigned count owner",
                     "SELECT COUNT(*) AS n FROM unassigned_row WHERE system = $1 AND owner = $2",
                     NULL},
    [OWNER_GET] = {"owner get",
                   "SELECT partner_id FROM import_owner WHERE system = $1 AND owner = $2", NULL},
    [OWNER_SET] = {"owner set",
                   "INSERT INTO import_owner (system, owner, partner_id) VALUES ($1, $2, $3)"
                   " ON CONFLICT (system, owner) DO UPDATE SET partner_id = excluded.partner_id",
                   NULL},
    [STRANGER_SET] = {"stranger set",
                      "INSERT INTO import_stranger (system, external_id, name)"
                      " VALUES ($1, $2, $3) ON CONFLICT (system, external_id)"
                      " DO UPDATE SET name = excluded.name",
                      NULL},
};
const struct query_table unassigned_queries = {"unassigned", queries, ARRAY_LEN(queries)};

static enum err run(struct ctx *ctx, int query, struct db_args args, int64_t *ret_changed)
{
    return db_run(ctx->conn, &queries[query], args, ret_changed);
}

static struct db_value money_or_null(bool has, int64_t minor)
{
    return has ? db_int(minor) : db_null();
}

static enum err change(struct ctx *ctx, const struct unassigned *row, int64_t *ret_changed)
{
    const struct fact_draft *draft = &row->draft;
    return run(ctx, CHANGE,
               DB_ARGS(db_text(row->entity), db_text(draft->source), db_text(draft->external_id),
                       db_text(row->system), db_text(row->owner), db_int(draft->at_ms),
                       db_int(draft->quantity_milli),
                       money_or_null(draft->has_amount, draft->amount.minor),
                       money_or_null(draft->has_cost, draft->cost_minor),
                       db_text(currency_str(&draft->amount.currency)),
                       db_int_or_null(draft->product.v), db_text(draft->ref), db_text(draft->note),
                       db_text(row->fields_json)),
               ret_changed);
}

enum err unassigned_store_keep(struct ctx *ctx, const struct unassigned *row, bool *ret_new)
{
    int64_t changed;
    const struct fact_draft *draft = &row->draft;
    TRY(run(ctx, KEEP,
            DB_ARGS(db_int(ctx_next_id(ctx)), db_int(row->import.v), db_int(row->file),
                    db_int(row->row), db_text(row->entity), db_text(draft->source),
                    db_text(draft->external_id), db_text(row->system), db_text(row->owner),
                    db_int(draft->at_ms), db_int(draft->quantity_milli),
                    money_or_null(draft->has_amount, draft->amount.minor),
                    money_or_null(draft->has_cost, draft->cost_minor),
                    db_text(currency_str(&draft->amount.currency)),
                    db_int_or_null(draft->product.v), db_text(draft->ref), db_text(draft->note),
                    db_text(row->fields_json)),
            &changed));
    if (!changed)
        TRY(change(ctx, row, &changed));
    *ret_new = changed > 0;
    return OK;
}

static void read_draft(struct ctx *ctx, struct db_rows *rows, struct fact_draft *ret_draft)
{
    struct arena *arena = ctx->arena;
    *ret_draft = (struct fact_draft){
        .at_ms = db_rows_int(rows, "at_ms"),
        .quantity_milli = db_rows_int(rows, "quantity_milli"),
        .has_amount = !db_rows_is_null(rows, "amount"),
        .amount.minor = db_rows_int(rows, "amount"),
        .has_cost = !db_rows_is_null(rows, "cost"),
        .cost_minor = db_rows_int(rows, "cost"),
        .product = {db_rows_int(rows, "product_id")},
        .source = db_rows_copy(rows, "source", arena),
        .external_id = db_rows_copy(rows, "external_id", arena),
        .ref = db_rows_copy(rows, "ref", arena),
        .note = db_rows_copy(rows, "note", arena),
        .import = {db_rows_int(rows, "import_id")},
    };
    if (!currency_parse(db_rows_text(rows, "currency"), &ret_draft->amount.currency))
        ret_draft->amount.currency = (struct currency){""};
}

static void read_row(struct ctx *ctx, struct db_rows *rows, struct unassigned *ret_row)
{
    struct arena *arena = ctx->arena;
    *ret_row = (struct unassigned){
        .id = db_rows_int(rows, "id"),
        .import = {db_rows_int(rows, "import_id")},
        .file = db_rows_int(rows, "file"),
        .row = db_rows_int(rows, "file_row"),
        .entity = db_rows_copy(rows, "entity", arena),
        .system = db_rows_copy(rows, "system", arena),
        .owner = db_rows_copy(rows, "owner", arena),
        .owner_name = db_rows_copy(rows, "owner_name", arena),
        .fields_json = db_rows_copy(rows, "fields", arena),
    };
    read_draft(ctx, rows, &ret_row->draft);
    if (!fact_kind_parse(ret_row->entity, &ret_row->draft.kind))
        ret_row->draft.kind = FACT_KIND_COUNT;
}

static enum err read_one(struct ctx *ctx, struct db_rows *rows, struct unassigned *ret_row,
                         bool *ret_found)
{
    bool found = db_rows_next(rows);
    if (found)
        read_row(ctx, rows, ret_row);
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

enum err unassigned_store_find(struct ctx *ctx, struct str source, struct str entity,
                               struct str external_id, struct unassigned *ret_row)
{
    bool found;
    struct unassigned row = {.id = 0};
    struct db_rows *rows = db_select(
        ctx->conn, &queries[FIND], DB_ARGS(db_text(source), db_text(entity), db_text(external_id)));
    TRY(read_one(ctx, rows, &row, &found));
    *ret_row = row;
    return OK;
}

enum err unassigned_store_get(struct ctx *ctx, int64_t id, struct unassigned *ret_row,
                              bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[GET], DB_ARGS(db_int(id)));
    return read_one(ctx, rows, ret_row, ret_found);
}

enum err unassigned_store_list(struct ctx *ctx, const struct unassigned_query *query,
                               struct unassigned *ret_rows, size_t *ret_count)
{
    size_t count = 0;
    struct db_rows *rows =
        db_select(ctx->conn, &queries[LIST],
                  DB_ARGS(db_int(query->after_id), db_int(query->import.v), db_int(query->by_owner),
                          db_text(query->system), db_text(query->owner), db_int(query->limit)));
    while (db_rows_next(rows))
        read_row(ctx, rows, &ret_rows[count++]);
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

enum err unassigned_store_delete(struct ctx *ctx, int64_t id)
{
    return run(ctx, DELETE, DB_ARGS(db_int(id)), NULL);
}

enum err unassigned_store_delete_key(struct ctx *ctx, struct str source, struct str entity,
                                     struct str external_id)
{
    return run(ctx, DELETE_KEY, DB_ARGS(db_text(source), db_text(entity), db_text(external_id)),
               NULL);
}

enum err unassigned_store_any(struct ctx *ctx, struct str source, bool *ret_any)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[ANY], DB_ARGS(db_text(source)));
    bool any = db_rows_next(rows);
    TRY(db_rows_close(rows));
    *ret_any = any;
    return OK;
}

enum err unassigned_store_delete_of(struct ctx *ctx, struct import_id import)
{
    return run(ctx, DELETE_OF, DB_ARGS(db_int(import.v)), NULL);
}

enum err unassigned_store_count_owner(struct ctx *ctx, struct str system, struct str owner,
                                      int64_t *ret_count)
{
    int64_t count = 0;
    struct db_rows *rows =
        db_select(ctx->conn, &queries[COUNT_OWNER], DB_ARGS(db_text(system), db_text(owner)));
    if (db_rows_next(rows))
        count = db_rows_int(rows, "n");
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

/* ---- owners ---- */

enum err owner_store_get(struct ctx *ctx, struct str system, struct str owner,
                         struct partner_id *ret_partner)
{
    struct partner_id partner = {0};
    struct db_rows *rows =
        db_select(ctx->conn, &queries[OWNER_GET], DB_ARGS(db_text(system), db_text(owner)));
    if (db_rows_next(rows))
        partner.v = db_rows_int(rows, "partner_id");
    TRY(db_rows_close(rows));
    *ret_partner = partner;
    return OK;
}

enum err owner_store_set(struct ctx *ctx, struct str system, struct str owner,
                         struct partner_id partner)
{
    return run(ctx, OWNER_SET, DB_ARGS(db_text(system), db_text(owner), db_int(partner.v)), NULL);
}

enum err stranger_store_set(struct ctx *ctx, struct external_id external, struct str name)
{
    return run(ctx, STRANGER_SET,
               DB_ARGS(db_text(external.system), db_text(external.id), db_text(name)), NULL);
}
