/* The SQLite driver: opening a connection, and the care of its write-ahead log. */
#include "lib/db/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/time.h"

enum {
    FILE_MODE = 0600,
    READER_CACHE_SHARE = 8, /* a reader's cache is this part of the writer's */
    BUSY_POLL_US = 500,     /* short: between two commits of a busy process the gap is short too */
    /* A page that many commits change is written to the database once in so many pages of log. */
    CHECKPOINT_PAGES = 16384,
    /* How long a checkpoint may wait for readers before the log goes on growing. */
    CHECKPOINT_WAIT_MS = 20,
    STATEMENT_MAX = 64
};

static struct sqlite_conn *conn_of(struct db_conn *conn)
{
    return (struct sqlite_conn *)(void *)conn;
}

/* ---- waiting for another process ---- */

static int on_busy(void *self, int count)
{
    struct sqlite_conn *conn = self;
    if (count == 0)
        conn->busy_since_ms = monotonic_ms();
    if (monotonic_ms() - conn->busy_since_ms >= conn->busy_limit_ms)
        return 0;
    nanosleep(&(struct timespec){.tv_nsec = BUSY_POLL_US * 1000L}, NULL);
    return 1;
}

static int on_commit(void *self, sqlite3 *handle, const char *name, int pages)
{
    (void)handle;
    (void)name;
    ((struct sqlite_conn *)self)->wal_pages = pages;
    return SQLITE_OK;
}

/* ---- the file ---- */

static enum err fail_errno(struct fault *fault, const char *path)
{
    int number = errno;
    if (number == ENOENT)
        return fault_set(fault, ERR_NOT_FOUND, "database_absent", "There is no database at %s.",
                         path);
    enum err err = number == ENOSPC || number == EDQUOT                     ? ERR_STORAGE_FULL
                   : number == EACCES || number == EPERM || number == EROFS ? ERR_READ_ONLY
                                                                            : ERR_IO;
    return db_fault(fault, err, path, strerror(number));
}

/* Makes the file ourselves, for its mode: the engine gives its side files the same. */
static enum err make_file(const char *path, struct fault *fault)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return errno == EEXIST ? OK : fail_errno(fault, path);
    close(fd);
    return OK;
}

static enum err find_file(const struct db *db, struct fault *fault)
{
    struct stat info;
    if (db->options.create)
        TRY(make_file(db->location, fault));
    if (stat(db->location, &info) != 0)
        return fail_errno(fault, db->location);
    if (!S_ISREG(info.st_mode))
        return fault_set(fault, ERR_CORRUPT, "not_a_database", "%s is no database: it is no file.",
                         db->location);
    return OK;
}

/* ---- settings ---- */

static enum err set(struct sqlite_conn *conn, struct fault *fault, const char *sql)
{
    int result = sqlite3_exec(conn->handle, sql, NULL, NULL, NULL);
    return sqlite_fail(fault, conn->handle, result, sql);
}

static enum err set_number(struct sqlite_conn *conn, struct fault *fault, const char *format,
                           int64_t number)
{
    char sql[STATEMENT_MAX];
    snprintf(sql, sizeof(sql), "%s%lld", format, (long long)number);
    return set(conn, fault, sql);
}

static enum err set_common(struct sqlite_conn *conn, struct fault *fault)
{
    /* What only this engine would take is refused, so that no statement comes to rely on it. */
    sqlite3_db_config(conn->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(conn->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(conn->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(conn->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_extended_result_codes(conn->handle, 1);
    sqlite3_busy_handler(conn->handle, on_busy, conn);
    int64_t cache_bytes = (int64_t)conn->base.db->options.cache_bytes;
    if (!conn->base.is_writer)
        cache_bytes /= READER_CACHE_SHARE;
    TRY(set_number(conn, fault, "PRAGMA cache_size = -", cache_bytes / 1024 + 1));
    return set(conn, fault, "PRAGMA wal_autocheckpoint = 0");
}

static enum err check_writable(struct sqlite_conn *conn, struct fault *fault)
{
    if (sqlite3_db_readonly(conn->handle, "main"))
        return db_fault(fault, ERR_READ_ONLY, conn->base.db->location, "opened for reading only");
    return OK;
}

static enum err set_writer(struct sqlite_conn *conn, struct fault *fault)
{
    TRY(check_writable(conn, fault));
    TRY(set(conn, fault, "PRAGMA journal_mode = WAL"));
    TRY(set(conn, fault, "PRAGMA synchronous = FULL"));
    TRY(set(conn, fault,
            conn->base.db->options.copying ? "PRAGMA foreign_keys = OFF"
                                           : "PRAGMA foreign_keys = ON"));
    TRY(set(conn, fault, "PRAGMA temp_store = MEMORY"));
    /* What a person asked to have erased is not to be found in the file afterwards. */
    TRY(set(conn, fault, "PRAGMA secure_delete = ON"));
    sqlite3_wal_hook(conn->handle, on_commit, conn);
    conn->next_checkpoint_pages = CHECKPOINT_PAGES;
    return OK;
}

static enum err set_reader(struct sqlite_conn *conn, struct fault *fault)
{
    return set(conn, fault, "PRAGMA query_only = ON");
}

static enum err open_handle(struct sqlite_conn *conn, struct fault *fault)
{
    bool is_writer = conn->base.is_writer;
    const char *path = conn->base.db->location;
    int flags = SQLITE_OPEN_NOMUTEX | (is_writer ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
    TRY(sqlite_fail(fault, conn->handle, sqlite3_open_v2(path, &conn->handle, flags, NULL), path));
    TRY(set_common(conn, fault));
    TRY(is_writer ? set_writer(conn, fault) : set_reader(conn, fault));
    int result = sqlite3_prepare_v3(conn->handle, "PRAGMA data_version", -1,
                                    SQLITE_PREPARE_PERSISTENT, &conn->data_version, NULL);
    return sqlite_fail(fault, conn->handle, result, "data_version");
}

enum err sqlite_connect(struct db *db, bool is_writer, struct fault *fault,
                        struct db_conn **ret_conn)
{
    if (is_writer)
        TRY(find_file(db, fault));
    struct sqlite_conn *conn = db_alloc(sizeof(*conn));
    conn->base.db = db;
    conn->base.is_writer = is_writer;
    if (is_writer)
        snprintf(db->engine, sizeof(db->engine), "SQLite %s", sqlite3_libversion());
    conn->busy_limit_ms = db->options.busy_timeout_ms;
    enum err err = open_handle(conn, fault);
    if (err != OK) {
        sqlite_disconnect(&conn->base);
        return err;
    }
    *ret_conn = &conn->base;
    return OK;
}

void sqlite_disconnect(struct db_conn *base)
{
    struct sqlite_conn *conn = conn_of(base);
    statements_finish(base);
    for (int i = 0; i < DB_CONTROL_COUNT; i++)
        sqlite3_finalize(conn->control[i]);
    sqlite3_finalize(conn->data_version);
    sqlite3_close(conn->handle);
    free(conn);
}

/* ---- between transactions ---- */

int64_t sqlite_others_version(struct db_conn *base)
{
    struct sqlite_conn *conn = conn_of(base);
    int64_t version = sqlite3_step(conn->data_version) == SQLITE_ROW
                          ? sqlite3_column_int64(conn->data_version, 0)
                          : 0;
    sqlite3_reset(conn->data_version);
    return version;
}

/*
 * Copies the log into the database and starts it anew. Readers of older snapshots keep a part of it
 * alive; then the rest follows with the next checkpoint.
 */
static void checkpoint(struct sqlite_conn *conn)
{
    int pages = 0, copied = 0;
    conn->busy_limit_ms = CHECKPOINT_WAIT_MS;
    int result =
        sqlite3_wal_checkpoint_v2(conn->handle, NULL, SQLITE_CHECKPOINT_RESTART, &pages, &copied);
    conn->busy_limit_ms = conn->base.db->options.busy_timeout_ms;
    conn->next_checkpoint_pages = CHECKPOINT_PAGES + (result == SQLITE_OK ? 0 : pages);
    if (result == SQLITE_OK)
        conn->wal_pages = 0;
}

void sqlite_care(struct db_conn *base, bool idle)
{
    struct sqlite_conn *conn = conn_of(base);
    if (conn->wal_pages >= conn->next_checkpoint_pages || (idle && conn->wal_pages > 0))
        checkpoint(conn);
}
