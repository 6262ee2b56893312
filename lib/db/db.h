/*
 * The database: a closed table of statements, readers in parallel, one writer that commits many
 * waiting jobs together. Only *_store.c includes this header, and whoever opens the database.
 *
 * Portable dialect: `$1` parameters; BIGINT, TEXT and BYTEA columns; booleans are BIGINT 0 or 1;
 * optional parameters are cast (`CAST($2 AS BIGINT) IS NULL OR …`), and so are sums
 * (`CAST(SUM(n) AS BIGINT)`); no LIKE, no OFFSET, no rowid; a LIMIT and a stable ORDER BY on every
 * list.
 */
#ifndef LIB_DB_DB_H
#define LIB_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

struct db;      /* an open database; thread-safe */
struct db_conn; /* a connection inside a transaction; one thread at a time */
struct db_rows; /* a running select */

/*
 * One statement. `postgres` is NULL where both engines take the same text. Where all parameters of
 * `postgres` are arrays, it takes many rows at once: the driver collects those of one db_run after
 * the other and sends them together.
 */
struct query {
    const char *name;
    const char *sql;
    const char *postgres;
};

/* A parameter that is an array, in such a text. */
#define DB_INTS(number) "CAST($" #number " AS BIGINT[])"
#define DB_TEXTS(number) "CAST($" #number " AS TEXT[])"

/* Every store exports its statements as one of these, so that a test prepares them all. */
struct query_table {
    const char *name;
    const struct query *queries;
    size_t count;
};

/* ---- values ---- */

enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BYTES };

struct db_value {
    enum db_type type;
    int64_t integer;
    struct str bytes; /* text or bytes; borrowed for the call */
};

struct db_args {
    const struct db_value *values;
    size_t count;
};

#define DB_ARGS(...)                                          \
    ((struct db_args){(const struct db_value[]){__VA_ARGS__}, \
                      sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)})
#define DB_NO_ARGS ((struct db_args){NULL, 0})

static inline struct db_value db_int(int64_t value)
{
    return (struct db_value){DB_INT, value, {NULL, 0}};
}
static inline struct db_value db_text(struct str text)
{
    return (struct db_value){DB_TEXT, 0, text};
}
static inline struct db_value db_bytes(struct str bytes)
{
    return (struct db_value){DB_BYTES, 0, bytes};
}
static inline struct db_value db_null(void)
{
    return (struct db_value){DB_NULL, 0, {NULL, 0}};
}
/* NULL for 0: ids and instants that may be absent. */
static inline struct db_value db_int_or_null(int64_t value)
{
    return value ? db_int(value) : db_null();
}
/* NULL for empty text. */
static inline struct db_value db_text_or_null(struct str text)
{
    return text.len ? db_text(text) : db_null();
}

/* ---- statements ---- */

/*
 * Runs a statement that returns nothing. On failure the fault of the connection is set:
 * ERR_CONFLICT for a unique or foreign key that is violated, ERR_STORAGE_FULL, ERR_READ_ONLY,
 * ERR_BUSY, ERR_CORRUPT, ERR_IO, or ERR_INTERNAL for a statement that is wrong. `ret_changed`: the
 * rows changed. NULL: an engine may run it later, at the latest before the job ends, so that a
 * failure may be the job's instead of this call's.
 */
MUST_CHECK enum err db_run(struct db_conn *conn, const struct query *query, struct db_args args,
                           int64_t *ret_changed);

/*
 * Starts a select (or a statement with RETURNING). Never NULL: a failure is kept and told by
 * db_rows_close. Close it before the same query is started again on this connection.
 *
 *     struct db_rows *rows = db_select(conn, &queries[PARTNER_NAMES], DB_ARGS(db_int(limit)));
 *     while (db_rows_next(rows))
 *         use(db_rows_int(rows, "id"), db_rows_text(rows, "name"));
 *     TRY(db_rows_close(rows));
 */
struct db_rows *db_select(struct db_conn *conn, const struct query *query, struct db_args args);
bool db_rows_next(struct db_rows *rows);
/* NULL reads as 0, or as empty text. A column that the statement does not have is our mistake: it
 * aborts. */
int64_t db_rows_int(struct db_rows *rows, const char *column);
bool db_rows_is_null(struct db_rows *rows, const char *column);
/* Borrowed until the next db_rows_next or db_rows_close. Also for bytes. */
struct str db_rows_text(struct db_rows *rows, const char *column);
/* A copy in the arena. */
struct str db_rows_copy(struct db_rows *rows, const char *column, struct arena *arena);
MUST_CHECK enum err db_rows_close(struct db_rows *rows);

/* ---- connections and transactions ---- */

/* Where this connection tells its faults from now on; borrowed. */
void db_conn_set_fault(struct db_conn *conn, struct fault *fault);
bool db_conn_is_writer(const struct db_conn *conn);

/*
 * Takes a read-only connection out of the pool, inside one consistent snapshot; waits while all are
 * taken (ERR_BUSY after `busy_timeout_ms`). Give it back on the same thread.
 */
MUST_CHECK enum err db_reader_take(struct db *db, struct fault *fault, struct db_conn **ret_conn);
void db_reader_give(struct db_conn *conn);

/*
 * A piece of writing. The writer takes every job that waits, runs each in its own savepoint of one
 * transaction, commits once, and then calls every `done`. A job whose `run` fails is rolled back
 * alone; when the commit fails, all of them fail with its error. The struct is the caller's and
 * must live until `done`.
 */
struct db_job {
    /* A failed statement ends the job: it is rolled back even when `run` then returns OK. Where a
     * row may exist already, say ON CONFLICT. */
    enum err (*run)(struct db_conn *conn, struct db_job *job); /* on the writer thread */
    void (*done)(struct db_job *job, enum err result); /* on the writer thread; must not block */
    struct fault *fault;
    /* How much it writes, in rows: a group ends at about `db_options.group_rows`. 0 counts as 1. */
    uint32_t weight;
    struct {
        struct db_job *next;
        enum err result;
    } private;
};
/* Any thread. After db_close has begun, `done` is called with ERR_CANCELLED. */
void db_submit(struct db *db, struct db_job *job);
/* Submits and waits. Not on the writer thread. */
typedef enum err db_work(struct db_conn *conn, void *arg);
MUST_CHECK enum err db_write(struct db *db, db_work *work, void *arg, struct fault *fault);

/*
 * What the product does around a group. All on the writer thread. `job_ended(kept)` says whether
 * the job's savepoint stays; `before_commit` may write, and its failure rolls back the whole group.
 */
struct db_hooks {
    void *self;
    void (*job_began)(void *self);
    void (*job_ended)(void *self, bool kept);
    enum err (*before_commit)(void *self, struct db_conn *conn);
    void (*group_ended)(void *self, bool committed);
    /* Another process has committed; on a thread of the driver. PostgreSQL only: elsewhere it is
     * seen by looking. */
    void (*others_committed)(void *self);
};

/* ---- opening ---- */

struct db_options {
    /* "sqlite:/path/to/rapport.db", or "postgres://user@host,host2/name" with whatever libpq takes.
     */
    struct str url;
    struct str read_url;      /* where to read from, such as a replica; empty: the same */
    int readers;              /* connections in the reading pool */
    size_t cache_bytes;       /* SQLite's page cache of the writer; readers get an eighth each */
    int busy_timeout_ms;      /* how long to wait for another process, a server or a reader */
    int statement_timeout_ms; /* PostgreSQL: a statement that takes longer is ended; 0: none */
    uint32_t group_rows;      /* see db_job.weight */
    bool create; /* make the file when it is absent (mode 0600); otherwise ERR_NOT_FOUND */
    struct db_hooks hooks; /* zero: none */
    /* The target of a copy (copy.h): taken while it is unfinished, and without a look at foreign
     * keys, which the copy checks at its end. */
    bool copying;
};
MUST_CHECK enum err db_open(const struct db_options *options, struct db **ret_db,
                            struct fault *fault);
/* Sets the hooks before the first job. */
void db_set_hooks(struct db *db, const struct db_hooks *hooks);
/*
 * A number that changes when another process has committed to this database: compare it for
 * equality with the one that a cache was filled at. Own commits do not change it. Inside a job it
 * is exact for the job's transaction; elsewhere it lags behind by up to a quarter of a second. Any
 * thread; costs one atomic load.
 */
int64_t db_others_version(struct db *db);
/*
 * The same, only of transactions that said with db_note_change that they change what is kept for
 * long, and not only add to what grows all the time. An engine that cannot tell them apart counts
 * all.
 */
int64_t db_others_changes(struct db *db);
void db_note_change(struct db_conn *conn);

/*
 * Whether several machines may use it at once. There a lease is a name that one process at a time
 * holds until it gives it back, ends, or has been out of touch with the database for DB_LEASE_MS;
 * taking it again says whether it is still held. In a file there are no leases, for the system's
 * locks do that: it is always taken.
 */
enum { DB_LEASE_MS = 20000 };
bool db_is_shared(const struct db *db);
/* `ret_taken`: false while another process has it. ERR_BUSY when the database cannot be reached. */
MUST_CHECK enum err db_lease_take(struct db *db, const char *name, bool *ret_taken,
                                  struct fault *fault);
void db_lease_give(struct db *db, const char *name);

/* Lets running and waiting jobs finish and waits for taken readers, then closes. NULL is fine. */
void db_close(struct db *db);

/* ---- migrations ---- */

/* Append-only. `version` counts from 1 without gaps. `postgres` is NULL where the text is the same.
 */
struct migration {
    int version;
    const char *name;
    const char *sql; /* several statements, each ended by ";" */
    const char *postgres;
};
/*
 * Applies what is missing, each in its own transaction. ERR_UNSUPPORTED, with nothing changed, when
 * the database is newer than the last migration here; ERR_CONFLICT for a copy that is not finished.
 * In SQLite's text "BIGINT PRIMARY KEY" becomes
 * "INTEGER PRIMARY KEY", the spelling that makes it the row's own key.
 */
MUST_CHECK enum err db_migrate(struct db *db, const struct migration *migrations, size_t count,
                               struct fault *fault);
MUST_CHECK enum err db_version(struct db *db, int *ret_version, struct fault *fault);
/* Prepares every statement of the table; the fault names the first that does not. */
MUST_CHECK enum err db_prepare_all(struct db *db, const struct query_table *table,
                                   struct fault *fault);

/* ---- care ---- */

typedef void db_progress(void *self, int64_t done, int64_t total);
/*
 * A consistent copy while writers go on, synced to disk and then checked (SQLite: integrity and
 * foreign keys; PostgreSQL: an archive of its pg_dump, read through by pg_restore). Refuses a
 * `path` that exists (ERR_CONFLICT). On failure no file is left. ERR_UNSUPPORTED when the tools are
 * not installed. `progress` may be NULL; it counts pages, and only SQLite has it.
 */
MUST_CHECK enum err db_backup(struct db *db, struct str path, db_progress *progress, void *self,
                              struct fault *fault);
/*
 * Restores such an archive into an empty database of a server, whole or not at all: ERR_CONFLICT
 * when something is in it, ERR_NOT_FOUND without the file, ERR_INVALID when it is no backup made by
 * db_backup. What a backup of SQLite needs is a copy of the file.
 */
MUST_CHECK enum err db_restore(const struct db_options *options, struct str path,
                               struct fault *fault);
/* The engine's own check of the whole file: ERR_CORRUPT with the first complaint. */
MUST_CHECK enum err db_check(struct db *db, struct fault *fault);
/* Bytes on disk, with the write-ahead log. */
int64_t db_size_bytes(struct db *db);
/* Jobs that wait for the writer. */
size_t db_waiting(struct db *db);
/* "SQLite 3.40.1"; lives as long as the database. */
const char *db_engine(const struct db *db);

#endif
