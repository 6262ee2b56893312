/* The PostgreSQL driver: statements, transactions and migrations. */
#include "lib/db/postgres.h"

#include <stdlib.h>
#include <string.h>

enum { BEGIN_TRIES = 5 };

static const char begin_write[] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

static enum err wrong(struct db_rows *rows, const char *why)
{
    return db_fault(rows->conn->fault, ERR_INTERNAL, rows->query->name, why);
}

/* ---- statements ---- */

static enum err bind_value(struct pg_rows *rows, size_t at, const struct db_value *value)
{
    struct pg_parameter *parameter = &rows->parameters[at];
    parameter->is_null = value->type == DB_NULL;
    parameter->offset = rows->bound.len;
    if (!pg_put_value(&rows->bound, parameter->type, value))
        return wrong(&rows->base, "an argument has the wrong type");
    parameter->len = rows->bound.len - parameter->offset;
    return OK;
}

static enum err bind(struct db_rows *base, struct db_args args, bool copies)
{
    struct pg_rows *rows = pg_rows_of(base);
    (void)copies; /* they are always copied, into the message */
    if (args.count != rows->parameter_count)
        return wrong(base, "it takes another number of arguments");
    if (rows->is_many)
        return pg_collect(rows, args);
    rows->bound.len = 0;
    for (size_t i = 0; i < args.count; i++)
        TRY(bind_value(rows, i, &args.values[i]));
    /* So that a pointer into it is never NULL, which would mean the value NULL. */
    pg_bytes_add(&rows->bound, "", 1);
    return OK;
}

static void step(struct db_rows *base)
{
    struct pg_rows *rows = pg_rows_of(base);
    if (!rows->is_sent)
        base->err = pg_start(rows);
    if (base->err == OK)
        pg_next(rows);
    else
        base->on_row = false;
}

static void reset(struct db_rows *rows)
{
    pg_stop(pg_rows_of(rows));
}

static enum err run_now(struct db_rows *base, int64_t *ret_changed)
{
    step(base);
    reset(base);
    TRY(base->err);
    *ret_changed = pg_rows_of(base)->changed;
    return OK;
}

static enum err run(struct db_rows *base, int64_t *ret_changed)
{
    struct pg_rows *rows = pg_rows_of(base);
    int64_t ignored;
    if (rows->is_many)
        return ret_changed ? wrong(base, "it does not count what it changed") : OK;
    if (base->column_count)
        return wrong(base, "it returns rows: use db_select");
    if (ret_changed || !base->conn->is_writer)
        return run_now(base, ret_changed ? ret_changed : &ignored);
    TRY(pg_prepare_again(rows));
    return pg_send_later(rows);
}

/* ---- columns ---- */

static int64_t column_int(struct db_rows *base, size_t column)
{
    const struct pg_rows *rows = pg_rows_of(base);
    const struct pg_cell *cell = &rows->cells[column];
    int64_t value;
    return pg_read_int(rows->column_types[column], cell->ptr, cell->len, &value) ? value : 0;
}

static bool column_is_null(struct db_rows *base, size_t column)
{
    return pg_rows_of(base)->cells[column].is_null;
}

static struct str column_bytes(struct db_rows *base, size_t column)
{
    const struct pg_cell *cell = &pg_rows_of(base)->cells[column];
    return (struct str){cell->ptr, cell->len};
}

/* ---- transactions ---- */

/*
 * One row that every writer changes first. It orders the writers of all servers, so that a use case
 * is sequential code here too, and its version says whether others have written.
 */
static const char take_turn[] =
    "UPDATE db_commit SET version = version + 1 WHERE id = 1 RETURNING version - 1, changes";

static const char count_change[] = "UPDATE db_commit SET changes = changes + 1 WHERE id = 1";

static enum err begin_once(struct pg_conn *conn)
{
    TRY(pg_revive(conn));
    TRY(pg_send_words(conn, begin_write));
    conn->transaction = PG_INSIDE;
    PGresult *result = NULL;
    TRY(pg_exchange(conn, take_turn, &result));
    enum err err = pg_read_turn(conn, result);
    PQclear(result);
    return err;
}

static enum err end_writing(struct pg_conn *conn, const char *how)
{
    enum err err = pg_send_words(conn, how);
    if (err == OK)
        err = pg_settle(conn);
    conn->transaction = PG_OUTSIDE;
    return err;
}

/* Nothing was done yet: a connection that was lost is only replaced. */
static enum err begin_writing(struct pg_conn *conn)
{
    enum err err = OK;
    for (int i = 0; i < BEGIN_TRIES; i++) {
        err = begin_once(conn);
        if (err == OK || PQstatus(conn->link) == CONNECTION_OK)
            break;
        pg_forget(conn);
    }
    if (err != OK && conn->transaction == PG_INSIDE) {
        enum err ignored = end_writing(conn, "ROLLBACK");
        (void)ignored; /* the first failure is told */
    }
    conn->base.failed = OK;
    return err;
}

static enum err commit(struct pg_conn *conn)
{
    enum pg_transaction was = conn->transaction;
    if (!conn->base.is_writer) {
        conn->transaction = PG_OUTSIDE;
        if (was != PG_INSIDE)
            return OK;
        TRY(pg_send_words(conn, "COMMIT"));
        return pg_flush_words(conn);
    }
    TRY(pg_settle(conn)); /* a commit after a failure would be a silent rollback */
    if (conn->base.is_change)
        TRY(pg_send_words(conn, count_change));
    TRY(pg_send_words(conn, "NOTIFY rapport_commit"));
    TRY(end_writing(conn, "COMMIT"));
    conn->own_commits++;
    conn->own_changes += conn->base.is_change;
    return OK;
}

static enum err rollback_to(struct pg_conn *conn)
{
    TRY(pg_send_words(conn, "ROLLBACK TO SAVEPOINT job"));
    TRY(pg_send_words(conn, "RELEASE SAVEPOINT job"));
    return pg_settle(conn);
}

static enum err control(struct db_conn *base, enum db_control what)
{
    struct pg_conn *conn = pg_conn_of(base);
    switch (what) {
    case DB_BEGIN_READ:
        conn->transaction = PG_BEGIN_PENDING;
        return OK;
    case DB_BEGIN_WRITE:
        return begin_writing(conn);
    case DB_COMMIT:
        return commit(conn);
    case DB_ROLLBACK:
        return end_writing(conn, "ROLLBACK");
    case DB_SAVEPOINT:
        return pg_send_words(conn, "SAVEPOINT job");
    case DB_RELEASE:
        return pg_send_words(conn, "RELEASE SAVEPOINT job");
    case DB_ROLLBACK_TO:
        return rollback_to(conn);
    case DB_CONTROL_COUNT:
        break;
    }
    return db_fault(base->fault, ERR_INTERNAL, "control", "there is no such word");
}

static enum err settle(struct db_conn *conn)
{
    return pg_settle(pg_conn_of(conn));
}

static bool in_transaction(struct db_conn *base)
{
    const struct pg_conn *conn = pg_conn_of(base);
    return conn->transaction == PG_INSIDE && PQstatus(conn->link) == CONNECTION_OK;
}

/* ---- migrations ---- */

/* Text is compared byte by byte, as everywhere else in the program, whatever the database's own
 * order is. */
static char *respell_texts(const char *sql)
{
    static const char portable[] = " TEXT", ours[] = " TEXT COLLATE \"C\"";
    struct str rest = str_from_c(sql);
    char *text = db_alloc(rest.len * (sizeof(ours) / sizeof(portable) + 1) + 1);
    char *end = text;
    size_t at;
    while (str_find(rest, str_from_c(portable), &at)) {
        memcpy(end, rest.ptr, at);
        memcpy(end + at, ours, sizeof(ours) - 1);
        end += at + sizeof(ours) - 1;
        rest = str_slice(rest, at + sizeof(portable) - 1, rest.len);
    }
    memcpy(end, rest.ptr, rest.len);
    return text;
}

static enum err script(struct db_conn *base, const struct migration *migration)
{
    struct pg_conn *conn = pg_conn_of(base);
    TRY(pg_settle(conn));
    char *sql = respell_texts(migration->postgres ? migration->postgres : migration->sql);
    PQexitPipelineMode(conn->link);
    enum err err = pg_simple(conn->link, sql, migration->name, base->fault);
    PQenterPipelineMode(conn->link);
    free(sql);
    return err;
}

const struct db_driver postgres_driver = {
    .scheme = "postgres",
    .takes_url = true,
    .is_shared = true,
    .connect = pg_connect,
    .disconnect = pg_disconnect,
    .prepare = pg_prepare,
    .discard = pg_discard,
    .bind = bind,
    .step = step,
    .reset = reset,
    .run = run,
    .settle = settle,
    .column_int = column_int,
    .column_is_null = column_is_null,
    .column_bytes = column_bytes,
    .control = control,
    .in_transaction = in_transaction,
    .script = script,
    .others_version = pg_others_version,
    .others_changes = pg_others_changes,
    .care = pg_care,
    .lease_take = pg_lease_take,
    .lease_give = pg_lease_give,
    .backup = pg_backup,
    .restore = pg_restore,
    .check = pg_check,
    .size_bytes = pg_size_bytes,
};
