/* Migrations, and the proof that every statement can be prepared. */
#include <assert.h>
#include <stdio.h>

#include "lib/db/driver.h"

enum { HAS_TABLE, HAS_COPY, COUNT_TABLES, LAST_VERSION, MAKE_TABLE, ADD_VERSION };

static const struct query queries[] = {
    [HAS_TABLE] = {"migration has table",
                   "SELECT COUNT(*) AS n FROM sqlite_master WHERE name = 'db_migration'",
                   "SELECT COUNT(*) AS n FROM information_schema.tables"
                   " WHERE table_schema = current_schema() AND table_name = 'db_migration'"},
    [HAS_COPY] = {"migration has copy",
                  "SELECT COUNT(*) AS n FROM sqlite_master WHERE name = 'db_copy'",
                  "SELECT COUNT(*) AS n FROM information_schema.tables"
                  " WHERE table_schema = current_schema() AND table_name = 'db_copy'"},
    [COUNT_TABLES] = {"migration count tables",
                      "SELECT COUNT(*) AS n FROM sqlite_master WHERE type = 'table'",
                      "SELECT COUNT(*) AS n FROM information_schema.tables"
                      " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
                      " AND table_name NOT IN ('db_commit', 'db_lease')"},
    [LAST_VERSION] = {"migration last version",
                      "SELECT CAST(MAX(version) AS BIGINT) AS version FROM db_migration", NULL},
    [MAKE_TABLE] = {"migration make table",
                    "CREATE TABLE IF NOT EXISTS db_migration"
                    " (version BIGINT PRIMARY KEY, name TEXT NOT NULL)",
                    NULL},
    [ADD_VERSION] = {"migration add version",
                     "INSERT INTO db_migration (version, name) VALUES ($1, $2)", NULL},
};

static enum err read_number(struct db_conn *conn, int query, const char *column,
                            int64_t *ret_number)
{
    struct db_rows *rows = db_select(conn, &queries[query], DB_NO_ARGS);
    int64_t number = db_rows_next(rows) ? db_rows_int(rows, column) : 0;
    TRY(db_rows_close(rows));
    *ret_number = number;
    return OK;
}

/* 0: no migration was ever applied. */
static enum err read_version(struct db_conn *conn, int64_t *ret_version)
{
    int64_t has_table;
    TRY(read_number(conn, HAS_TABLE, "n", &has_table));
    *ret_version = 0;
    return has_table ? read_number(conn, LAST_VERSION, "version", ret_version) : OK;
}

enum err db_version(struct db *db, int *ret_version, struct fault *fault)
{
    struct db_conn *conn;
    int64_t version;
    TRY(db_reader_take(db, fault, &conn));
    enum err err = read_version(conn, &version);
    db_reader_give(conn);
    if (err == OK)
        *ret_version = (int)version;
    return err;
}

/* ---- applying ---- */

/* One migration to be applied, unless another process was faster. */
struct step {
    const struct migration *migration;
    int last;
};

static enum err check_newer(int64_t version, int last, struct fault *fault)
{
    if (version <= last)
        return OK;
    return fault_set(
        fault, ERR_UNSUPPORTED, "database_newer",
        "The database has version %lld and this program knows %d: use a newer program.",
        (long long)version, last);
}

static enum err check_ours(struct db_conn *conn)
{
    int64_t tables;
    TRY(read_number(conn, COUNT_TABLES, "n", &tables));
    return tables == 0 ? OK
                       : fault_set(conn->fault, ERR_UNSUPPORTED, "database_foreign",
                                   "This database belongs to another program.");
}

static enum err apply(struct db_conn *conn, void *arg)
{
    const struct step *step = arg;
    const struct migration *migration = step->migration;
    int64_t version;
    TRY(read_version(conn, &version));
    TRY(check_newer(version, step->last, conn->fault));
    if (version >= migration->version)
        return OK;
    if (version == 0)
        TRY(check_ours(conn));
    TRY(db_run(conn, &queries[MAKE_TABLE], DB_NO_ARGS, NULL));
    TRY(conn->db->driver->script(conn, migration));
    return db_run(conn, &queries[ADD_VERSION],
                  DB_ARGS(db_int(migration->version), db_text(str_from_c(migration->name))), NULL);
}

static enum err check_finished(struct db *db, struct fault *fault)
{
    struct db_conn *conn;
    int64_t has_copy = 0;
    if (db->options.copying)
        return OK;
    TRY(db_reader_take(db, fault, &conn));
    enum err err = read_number(conn, HAS_COPY, "n", &has_copy);
    db_reader_give(conn);
    TRY(err);
    return has_copy ? fault_set(fault, ERR_CONFLICT, "database_copying",
                                "This database is a copy that is not finished: run the same copy"
                                " again.")
                    : OK;
}

enum err db_migrate(struct db *db, const struct migration *migrations, size_t count,
                    struct fault *fault)
{
    int version, last = (int)count;
    for (size_t i = 0; i < count; i++)
        assert(migrations[i].version == (int)i + 1);
    TRY(db_version(db, &version, fault));
    TRY(check_newer(version, last, fault));
    TRY(check_finished(db, fault));
    for (int i = version; i < last; i++) {
        struct step step = {&migrations[i], last};
        TRY(db_write(db, apply, &step, fault));
    }
    return OK;
}

/* ---- proof ---- */

static enum err prepare_all(struct db_conn *conn, void *arg)
{
    const struct query_table *table = arg;
    struct db_rows *rows;
    for (size_t i = 0; i < table->count; i++)
        if (table->queries[i].sql)
            TRY(statement_find(conn, &table->queries[i], &rows));
    return OK;
}

enum err db_prepare_all(struct db *db, const struct query_table *table, struct fault *fault)
{
    return db_write(db, prepare_all, (void *)(uintptr_t)table, fault);
}
