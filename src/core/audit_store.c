/* All SQL of the audit. */
#include "src/core/audit_store.h"

#include "lib/db/db.h"

enum { INSERT, LIST, NEXT_OF_SUBJECT, SET_CHANGES, MOVE_PARTNER };

static const struct query queries[] = {
    [INSERT] = {"audit insert",
                "INSERT INTO audit (id, actor, user_id, subject_type, subject_id, partner_id,"
                " action, changes, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                NULL},
    [LIST] = {"audit list",
              "SELECT id, actor, user_id, subject_type, subject_id, action, changes FROM audit"
              " WHERE (CAST($1 AS BIGINT) = 0 OR partner_id = $1) AND id < $2"
              " ORDER BY id DESC LIMIT $3",
              NULL},
    [NEXT_OF_SUBJECT] = {"audit next of subject",
                         "SELECT id, actor, user_id, subject_type, subject_id, action, changes"
                         " FROM audit WHERE subject_type = $1 AND subject_id = $2 AND id > $3"
                         " ORDER BY id LIMIT 1",
                         NULL},
    [MOVE_PARTNER] = {"audit move partner",
                      "UPDATE audit SET partner_id = $2 WHERE partner_id = $1", NULL},
    [SET_CHANGES] = {"audit set changes", "UPDATE audit SET changes = $2 WHERE id = $1", NULL},
};
const struct query_table audit_queries = {"audit", queries, ARRAY_LEN(queries)};

/* Everything that is changed, and not only added, leaves such a row. */
enum err audit_store_insert(struct ctx *ctx, const struct audit_row *row)
{
    db_note_change(ctx->conn);
    return db_run(ctx->conn, &queries[INSERT],
                  DB_ARGS(db_int(row->id), db_text(ctx->actor.name),
                          db_int_or_null(ctx->actor.user.v), db_text(str_from_c(row->subject.type)),
                          db_int(row->subject.id), db_int_or_null(row->subject.partner.v),
                          db_text(str_from_c(row->action)), db_text(row->changes_json),
                          db_text(ctx->request_id)),
                  NULL);
}

static void read_entry(struct ctx *ctx, struct db_rows *rows, struct audit_entry *ret_entry)
{
    ret_entry->id.v = db_rows_int(rows, "id");
    ret_entry->at_ms = id_time_ms(ret_entry->id.v);
    ret_entry->actor = db_rows_copy(rows, "actor", ctx->arena);
    ret_entry->user.v = db_rows_int(rows, "user_id");
    ret_entry->subject_type = db_rows_copy(rows, "subject_type", ctx->arena);
    ret_entry->subject_id = db_rows_int(rows, "subject_id");
    ret_entry->action = db_rows_copy(rows, "action", ctx->arena);
    ret_entry->changes_json = db_rows_copy(rows, "changes", ctx->arena);
}

enum err audit_store_list(struct ctx *ctx, struct partner_id partner, int64_t before_id,
                          int64_t limit, struct audit_page *page)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[LIST],
                                     DB_ARGS(db_int(partner.v), db_int(before_id), db_int(limit)));
    while (db_rows_next(rows))
        read_entry(ctx, rows, &page->rows[page->count++]);
    return db_rows_close(rows);
}

enum err audit_store_next_of(struct ctx *ctx, const struct audit_subject *subject, int64_t after_id,
                             struct audit_entry *ret_entry, bool *ret_found)
{
    struct db_rows *rows = db_select(
        ctx->conn, &queries[NEXT_OF_SUBJECT],
        DB_ARGS(db_text(str_from_c(subject->type)), db_int(subject->id), db_int(after_id)));
    bool found = db_rows_next(rows);
    if (found)
        read_entry(ctx, rows, ret_entry);
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

enum err audit_store_set_changes(struct ctx *ctx, int64_t id, struct str changes_json)
{
    return db_run(ctx->conn, &queries[SET_CHANGES], DB_ARGS(db_int(id), db_text(changes_json)),
                  NULL);
}

enum err audit_store_move_partner(struct ctx *ctx, struct partner_id from, struct partner_id into)
{
    return db_run(ctx->conn, &queries[MOVE_PARTNER], DB_ARGS(db_int(from.v), db_int(into.v)), NULL);
}
