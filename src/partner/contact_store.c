/* All SQL of contacts. */
#include "src/partner/contact_store.h"

#include "lib/db/db.h"

enum { GET, BY_EXTERNAL, PRIMARY, OLDEST, COUNT, LIST, INSERT, UPDATE };

#define SELECT "SELECT " CONTACT_COLUMNS " FROM contact"
#define SCOPE(scope) " AND (CAST(" scope " AS BIGINT) = 0 OR partner_id = " scope ")"

static const struct query queries[] = {
    [GET] = {"contact get", SELECT " WHERE id = $1" SCOPE("$2"), NULL},
    [BY_EXTERNAL] = {"contact by external id",
                     SELECT
                     " WHERE system = $1 AND external_id = $2 AND external_id <> ''" SCOPE("$3"),
                     NULL},
    [PRIMARY] = {"contact primary",
                 SELECT
                 " WHERE partner_id = $1 AND is_primary = 1 AND archived_ms IS NULL" SCOPE("$2"),
                 NULL},
    [OLDEST] = {"contact oldest",
                SELECT " WHERE partner_id = $1 AND id <> $2 AND archived_ms IS NULL"
                       " ORDER BY id LIMIT 1",
                NULL},
    [COUNT] = {"contact count",
               "SELECT COUNT(*) AS n FROM contact WHERE partner_id = $1 AND archived_ms IS NULL",
               NULL},
    [LIST] = {"contact list",
              SELECT " WHERE partner_id = $1 AND id > $3"
                     " AND (archived_ms IS NOT NULL) = (CAST($4 AS BIGINT) = 1)" SCOPE(
                         "$2") " ORDER BY id LIMIT $5",
              NULL},
    [INSERT] = {"contact insert",
                "INSERT INTO contact (id, version, partner_id, name, title, email, phone, mobile,"
                " is_primary, system, external_id, created_ms, updated_ms, archived_ms, erased_ms)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
                NULL},
    [UPDATE] = {"contact update",
                "UPDATE contact SET version = version + 1, partner_id = $3, name = $4, title = $5,"
                " email = $6, phone = $7, mobile = $8, is_primary = $9, system = $10,"
                " external_id = $11, created_ms = $12, updated_ms = $13, archived_ms = $14,"
                " erased_ms = $15 WHERE id = $1 AND version = $2",
                NULL},
};
const struct query_table contact_queries = {"contact", queries, ARRAY_LEN(queries)};

void contact_store_read(struct ctx *ctx, struct db_rows *rows, struct contact *ret_contact)
{
    struct arena *arena = ctx->arena;
    *ret_contact = (struct contact){
        .id = {db_rows_int(rows, "id")},
        .partner = {db_rows_int(rows, "partner_id")},
        .is_primary = db_rows_int(rows, "is_primary") == 1,
        .external = {db_rows_copy(rows, "system", arena), db_rows_copy(rows, "external_id", arena)},
        .created_ms = db_rows_int(rows, "created_ms"),
        .updated_ms = db_rows_int(rows, "updated_ms"),
        .archived_ms = db_rows_int(rows, "archived_ms"),
        .erased_ms = db_rows_int(rows, "erased_ms"),
        .version = db_rows_int(rows, "version"),
    };
    for (enum contact_field field = 0; field < CONTACT_FIELD_COUNT; field++)
        ret_contact->fields[field] = db_rows_copy(rows, contact_field_name(field), arena);
}

/* At most one row. */
static enum err read_one(struct ctx *ctx, struct db_rows *rows, struct contact *ret_contact,
                         bool *ret_found)
{
    bool found = db_rows_next(rows);
    if (found)
        contact_store_read(ctx, rows, ret_contact);
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

enum err contact_store_get(struct ctx *ctx, struct contact_id id, struct contact *ret_contact,
                           bool *ret_found)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[GET], DB_ARGS(db_int(id.v), db_int(ctx_partner_scope(ctx))));
    return read_one(ctx, rows, ret_contact, ret_found);
}

enum err contact_store_by_external(struct ctx *ctx, struct external_id external,
                                   struct contact *ret_contact, bool *ret_found)
{
    struct db_rows *rows = db_select(
        ctx->conn, &queries[BY_EXTERNAL],
        DB_ARGS(db_text(external.system), db_text(external.id), db_int(ctx_partner_scope(ctx))));
    return read_one(ctx, rows, ret_contact, ret_found);
}

enum err contact_store_primary(struct ctx *ctx, struct partner_id partner,
                               struct contact *ret_contact, bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[PRIMARY],
                                     DB_ARGS(db_int(partner.v), db_int(ctx_partner_scope(ctx))));
    return read_one(ctx, rows, ret_contact, ret_found);
}

enum err contact_store_oldest(struct ctx *ctx, struct partner_id partner, struct contact_id other,
                              struct contact *ret_contact, bool *ret_found)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[OLDEST], DB_ARGS(db_int(partner.v), db_int(other.v)));
    return read_one(ctx, rows, ret_contact, ret_found);
}

enum err contact_store_count(struct ctx *ctx, struct partner_id partner, int64_t *ret_count)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[COUNT], DB_ARGS(db_int(partner.v)));
    int64_t count = db_rows_next(rows) ? db_rows_int(rows, "n") : 0;
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

enum err contact_store_list(struct ctx *ctx, const struct contact_query *query,
                            struct contact_page *page)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[LIST],
                  DB_ARGS(db_int(query->partner.v), db_int(ctx_partner_scope(ctx)),
                          db_int(query->after_id), db_int(query->archived), db_int(query->limit)));
    while (db_rows_next(rows))
        contact_store_read(ctx, rows, &page->rows[page->count++]);
    return db_rows_close(rows);
}

/* The parameters of both the insert and the update. */
static enum err run_record(struct ctx *ctx, int query, const struct contact *contact,
                           int64_t *ret_changed)
{
    return db_run(
        ctx->conn, &queries[query],
        DB_ARGS(db_int(contact->id.v), db_int(contact->version), db_int(contact->partner.v),
                db_text(contact->fields[CONTACT_NAME]), db_text(contact->fields[CONTACT_TITLE]),
                db_text(contact->fields[CONTACT_EMAIL]), db_text(contact->fields[CONTACT_PHONE]),
                db_text(contact->fields[CONTACT_MOBILE]), db_int(contact->is_primary),
                db_text(contact->external.system), db_text(contact->external.id),
                db_int(contact->created_ms), db_int(contact->updated_ms),
                db_int_or_null(contact->archived_ms), db_int_or_null(contact->erased_ms)),
        ret_changed);
}

enum err contact_store_insert(struct ctx *ctx, const struct contact *contact)
{
    return run_record(ctx, INSERT, contact, NULL);
}

enum err contact_store_update(struct ctx *ctx, const struct contact *contact)
{
    int64_t changed;
    TRY(run_record(ctx, UPDATE, contact, &changed));
    return changed ? OK
                   : CTX_FAULT(ctx, ERR_STALE, "stale",
                               "Somebody else changed this contact in the meantime.");
}
