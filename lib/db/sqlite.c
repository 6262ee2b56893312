/* The SQLite driver: statements and transactions. */
#include "lib/db/sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/parse.h"

/* A driver's statement. */
struct sqlite_rows {
    struct db_rows base;
    sqlite3_stmt *stmt;
    size_t *argument_of; /* by the engine's number of the parameter - 1 */
    size_t parameter_count;
    size_t argument_count;
};

static struct sqlite_conn *conn_of(struct db_conn *conn)
{
    return (struct sqlite_conn *)(void *)conn;
}

static struct sqlite_rows *rows_of(struct db_rows *rows)
{
    return (struct sqlite_rows *)(void *)rows;
}

/* ---- failures ---- */

static enum err err_of_errno(int number)
{
    if (number == ENOSPC || number == EDQUOT || number == EFBIG)
        return ERR_STORAGE_FULL;
    if (number == EROFS || number == EACCES || number == EPERM)
        return ERR_READ_ONLY;
    return ERR_IO;
}

static enum err err_of_constraint(int extended)
{
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_FOREIGNKEY:
    case SQLITE_CONSTRAINT: /* a deferred foreign key, at the commit */
        return ERR_CONFLICT;
    default:
        return ERR_INTERNAL;
    }
}

/* The engine's last system error is often hidden by its own cleaning up, so the files are asked. */
static enum err err_of_files(sqlite3 *handle)
{
    sqlite3_file *files[2] = {NULL, NULL};
    enum err err = err_of_errno(sqlite3_system_errno(handle));
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &files[0]);
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &files[1]);
    for (size_t i = 0; i < ARRAY_LEN(files) && err == ERR_IO; i++) {
        int number = 0;
        if (files[i] && files[i]->pMethods)
            files[i]->pMethods->xFileControl(files[i], SQLITE_FCNTL_LAST_ERRNO, &number);
        err = err_of_errno(number);
    }
    return err;
}

enum err sqlite_err(sqlite3 *handle, int result)
{
    switch (result & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return OK;
    case SQLITE_CONSTRAINT:
        return err_of_constraint(handle ? sqlite3_extended_errcode(handle) : result);
    case SQLITE_FULL:
        return ERR_STORAGE_FULL;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return ERR_READ_ONLY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return ERR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return handle ? err_of_files(handle) : ERR_IO;
    case SQLITE_NOMEM:
        return ERR_MEMORY;
    case SQLITE_TOOBIG:
        return ERR_TOO_LARGE;
    default:
        return ERR_INTERNAL;
    }
}

enum err sqlite_fail(struct fault *fault, sqlite3 *handle, int result, const char *where)
{
    enum err err = sqlite_err(handle, result);
    if (err == OK)
        return OK;
    const char *words = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(result);
    return db_fault(fault, err, where, words);
}

static enum err fail(struct db_conn *conn, int result, const char *where)
{
    return sqlite_fail(conn->fault, conn_of(conn)->handle, result, where);
}

/* ---- statements ---- */

/* "$3" is argument 2. */
static bool argument_of_name(const char *name, size_t *ret_argument)
{
    int64_t number;
    if (!name || name[0] != '$' || !parse_int64(str_from_c(name + 1), 1, 999, &number))
        return false;
    *ret_argument = (size_t)number - 1;
    return true;
}

static bool read_parameters(struct sqlite_rows *rows)
{
    rows->parameter_count = (size_t)sqlite3_bind_parameter_count(rows->stmt);
    rows->argument_of = db_alloc((rows->parameter_count + 1) * sizeof(size_t));
    for (size_t i = 0; i < rows->parameter_count; i++) {
        const char *name = sqlite3_bind_parameter_name(rows->stmt, (int)i + 1);
        if (!argument_of_name(name, &rows->argument_of[i]))
            return false;
        if (rows->argument_of[i] >= rows->argument_count)
            rows->argument_count = rows->argument_of[i] + 1;
    }
    return true;
}

/* The engine's own texts move when it prepares the statement again. */
static void copy_columns(struct sqlite_rows *rows)
{
    struct db_rows *base = &rows->base;
    base->column_count = (size_t)sqlite3_column_count(rows->stmt);
    base->columns = db_alloc((base->column_count + 1) * sizeof(char *));
    for (size_t i = 0; i < base->column_count; i++) {
        base->columns[i] = strdup(sqlite3_column_name(rows->stmt, (int)i));
        if (!base->columns[i])
            abort();
    }
}

static void discard(struct db_rows *base)
{
    struct sqlite_rows *rows = rows_of(base);
    for (size_t i = 0; i < base->column_count; i++)
        free((char *)(uintptr_t)base->columns[i]);
    free(base->columns);
    free(rows->argument_of);
    sqlite3_finalize(rows->stmt);
    free(rows);
}

static enum err prepare(struct db_conn *conn, const struct query *query, struct db_rows **ret_rows)
{
    const char *rest = "";
    sqlite3_stmt *stmt;
    int result = sqlite3_prepare_v3(conn_of(conn)->handle, query->sql, -1,
                                    SQLITE_PREPARE_PERSISTENT, &stmt, &rest);
    if (result != SQLITE_OK)
        return fail(conn, result, query->name);
    struct sqlite_rows *rows = db_alloc(sizeof(*rows));
    rows->base.conn = conn;
    rows->base.query = query;
    rows->stmt = stmt;
    copy_columns(rows);
    if (!stmt || rest[strspn(rest, " \n;")] || !read_parameters(rows)) {
        discard(&rows->base);
        return db_fault(conn->fault, ERR_INTERNAL, query->name,
                        "it is not one statement with parameters $1, $2, …");
    }
    *ret_rows = &rows->base;
    return OK;
}

static int bind_value(sqlite3_stmt *stmt, int at, const struct db_value *value,
                      sqlite3_destructor_type life)
{
    const char *bytes = value->bytes.len ? value->bytes.ptr : "";
    switch (value->type) {
    case DB_NULL:
        return sqlite3_bind_null(stmt, at);
    case DB_INT:
        return sqlite3_bind_int64(stmt, at, value->integer);
    case DB_TEXT:
        return sqlite3_bind_text64(stmt, at, bytes, value->bytes.len, life, SQLITE_UTF8);
    case DB_BYTES:
        return sqlite3_bind_blob64(stmt, at, bytes, value->bytes.len, life);
    }
    return SQLITE_MISUSE;
}

static enum err bind(struct db_rows *base, struct db_args args, bool copies)
{
    struct sqlite_rows *rows = rows_of(base);
    if (args.count != rows->argument_count)
        return db_fault(base->conn->fault, ERR_INTERNAL, base->query->name,
                        "it takes another number of arguments");
    for (size_t i = 0; i < rows->parameter_count; i++) {
        int result = bind_value(rows->stmt, (int)i + 1, &args.values[rows->argument_of[i]],
                                copies ? SQLITE_TRANSIENT : SQLITE_STATIC);
        if (result != SQLITE_OK)
            return fail(base->conn, result, base->query->name);
    }
    return OK;
}

static void step(struct db_rows *base)
{
    int result = sqlite3_step(rows_of(base)->stmt);
    base->on_row = result == SQLITE_ROW;
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        base->err = fail(base->conn, result, base->query->name);
}

static void reset(struct db_rows *base)
{
    sqlite3_reset(rows_of(base)->stmt);
}

static enum err run(struct db_rows *base, int64_t *ret_changed)
{
    step(base);
    if (ret_changed && base->err == OK)
        *ret_changed = sqlite3_changes64(conn_of(base->conn)->handle);
    if (base->err == OK && base->on_row)
        base->err = db_fault(base->conn->fault, ERR_INTERNAL, base->query->name,
                             "it returns rows: use db_select");
    base->on_row = false;
    reset(base);
    return base->err;
}

static int64_t column_int(struct db_rows *base, size_t column)
{
    return sqlite3_column_int64(rows_of(base)->stmt, (int)column);
}

static bool column_is_null(struct db_rows *base, size_t column)
{
    return sqlite3_column_type(rows_of(base)->stmt, (int)column) == SQLITE_NULL;
}

static struct str column_bytes(struct db_rows *base, size_t column)
{
    sqlite3_stmt *stmt = rows_of(base)->stmt;
    const char *bytes = sqlite3_column_blob(stmt, (int)column);
    return (struct str){bytes, (size_t)sqlite3_column_bytes(stmt, (int)column)};
}

/* ---- transactions ---- */

static const char *const control_sql[DB_CONTROL_COUNT] = {
    [DB_BEGIN_READ] = "BEGIN",
    [DB_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [DB_COMMIT] = "COMMIT",
    [DB_ROLLBACK] = "ROLLBACK",
    [DB_SAVEPOINT] = "SAVEPOINT job",
    [DB_RELEASE] = "RELEASE job",
    [DB_ROLLBACK_TO] = "ROLLBACK TO job",
};

static enum err control_once(struct db_conn *base, enum db_control what)
{
    struct sqlite_conn *conn = conn_of(base);
    sqlite3_stmt **stmt = &conn->control[what];
    int result = SQLITE_OK;
    if (!*stmt)
        result = sqlite3_prepare_v3(conn->handle, control_sql[what], -1, SQLITE_PREPARE_PERSISTENT,
                                    stmt, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(*stmt);
    enum err err = fail(base, result, control_sql[what]);
    sqlite3_reset(*stmt);
    return err;
}

static enum err control(struct db_conn *conn, enum db_control what)
{
    TRY(control_once(conn, what));
    return what == DB_ROLLBACK_TO ? control_once(conn, DB_RELEASE) : OK;
}

static bool in_transaction(struct db_conn *conn)
{
    return !sqlite3_get_autocommit(conn_of(conn)->handle);
}

/* ---- migrations ---- */

/* "INTEGER PRIMARY KEY" is the one spelling that makes the column the row's own key. */
static char *respell_keys(const char *sql)
{
    static const char portable[] = "BIGINT PRIMARY KEY", ours[] = "INTEGER PRIMARY KEY";
    struct str rest = str_from_c(sql);
    char *text = db_alloc(rest.len + rest.len / (sizeof(portable) - 1) + 1);
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

static enum err script(struct db_conn *conn, const struct migration *migration)
{
    char *sql = respell_keys(migration->sql);
    int result = sqlite3_exec(conn_of(conn)->handle, sql, NULL, NULL, NULL);
    free(sql);
    return fail(conn, result, migration->name);
}

const struct db_driver sqlite_driver = {
    .scheme = "sqlite:",
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .prepare = prepare,
    .discard = discard,
    .bind = bind,
    .step = step,
    .reset = reset,
    .run = run,
    .column_int = column_int,
    .column_is_null = column_is_null,
    .column_bytes = column_bytes,
    .control = control,
    .in_transaction = in_transaction,
    .script = script,
    .others_version = sqlite_others_version,
    .care = sqlite_care,
    .backup = sqlite_backup,
    .check = sqlite_check,
    .size_bytes = sqlite_size_bytes,
};
