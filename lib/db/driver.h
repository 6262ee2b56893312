/*
 * Private to lib/db: what the shared part and an engine's driver know of each other. The shared
 * part has the pool, the writer, the statement cache and the migrations; a driver has connections,
 * statements, the words of transactions, and care of the file.
 */
#ifndef LIB_DB_DRIVER_H
#define LIB_DB_DRIVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "lib/db/db.h"

/* The statements that a connection has prepared, by address of the query. */
struct statement_cache {
    struct db_rows **slots;
    size_t capacity; /* a power of two */
    size_t count;
};

/* A driver's connection begins with this. */
struct db_conn {
    struct db *db;
    struct fault *fault; /* borrowed; may be NULL */
    enum err failed;     /* of the first statement that failed since the transaction or job began */
    bool is_writer;
    bool is_change; /* see db_note_change; of the transaction that goes on */
    size_t running; /* selects that are not closed */
    struct db_conn *next;
    struct statement_cache statements;
};

/* A driver's statement begins with this: prepared once for a connection, running or not. */
struct db_rows {
    struct db_conn *conn;
    const struct query *query;
    const char **columns;
    size_t column_count;
    size_t column_hint; /* where the next column is likely: columns are mostly read in order */
    enum err err;
    bool running;
    bool on_row;
    bool at_end;
    bool is_stand_in; /* for a statement that could not be started; freed when closed */
};

enum db_control {
    DB_BEGIN_READ,
    DB_BEGIN_WRITE, /* takes the right to write, or fails */
    DB_COMMIT,      /* also ends a reading transaction */
    DB_ROLLBACK,
    DB_SAVEPOINT,
    DB_RELEASE,
    DB_ROLLBACK_TO, /* and release */
    DB_CONTROL_COUNT
};

struct db_backup_order {
    struct str path;
    db_progress *progress;
    void *self;
};

struct db_driver {
    const char *scheme; /* how its URLs begin */
    bool takes_url;     /* the whole of it; else what stands behind the scheme */
    bool is_shared;     /* see db_is_shared */
    /* The first connection is the writer's; it makes the database where that was asked for, and
     * writes the engine's name and version to db->engine. */
    enum err (*connect)(struct db *db, bool is_writer, struct fault *fault,
                        struct db_conn **ret_conn);
    void (*disconnect)(struct db_conn *conn);

    /* Failures are told to conn->fault. */
    enum err (*prepare)(struct db_conn *conn, const struct query *query, struct db_rows **ret_rows);
    void (*discard)(struct db_rows *rows);
    /* `copies`: the values must outlive the call. */
    enum err (*bind)(struct db_rows *rows, struct db_args args, bool copies);
    /* Of a select. Sets rows->on_row, and rows->err when it failed. */
    void (*step)(struct db_rows *rows);
    void (*reset)(struct db_rows *rows);
    /* A bound statement that returns nothing. `ret_changed` NULL: nobody waits, and the engine may
     * do it later and tell a failure when the job is settled. */
    enum err (*run)(struct db_rows *rows, int64_t *ret_changed);
    /* Does what was put off; the first failure is the connection's. NULL: nothing ever is. */
    enum err (*settle)(struct db_conn *conn);
    int64_t (*column_int)(struct db_rows *rows, size_t column);
    bool (*column_is_null)(struct db_rows *rows, size_t column);
    struct str (*column_bytes)(struct db_rows *rows, size_t column);

    enum err (*control)(struct db_conn *conn, enum db_control what);
    /* False when the engine itself gave the transaction up after a failure. */
    bool (*in_transaction)(struct db_conn *conn);
    /* A migration: several statements. */
    enum err (*script)(struct db_conn *conn, const struct migration *migration);

    /* On the writer, in or between transactions: grows when another process has committed. */
    int64_t (*others_version)(struct db_conn *conn);
    /* After it: see db_others_changes. NULL: the same. */
    int64_t (*others_changes)(struct db_conn *conn);
    /* On the writer, between transactions. `idle`: nobody waits. */
    void (*care)(struct db_conn *conn, bool idle);
    /* Of a shared database; see db_lease_take. */
    enum err (*lease_take)(struct db *db, const char *name, bool *ret_taken, struct fault *fault);
    void (*lease_give)(struct db *db, const char *name);
    enum err (*backup)(struct db *db, const struct db_backup_order *order, struct fault *fault);
    /* Into the place of a database that is not open: only its options and location are set. NULL: a
     * backup is itself a database. */
    enum err (*restore)(const struct db *db, struct str path, struct fault *fault);
    enum err (*check)(struct db *db, struct fault *fault);
    int64_t (*size_bytes)(struct db *db);
};

extern const struct db_driver sqlite_driver;
extern const struct db_driver postgres_driver;

enum { ENGINE_NAME_MAX = 48 };

struct db_pool {
    pthread_mutex_t lock;
    pthread_cond_t given;
    struct db_conn *idle;
    int opened;
    int taken;
};

struct db_writer {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct db_job *first, *last;
    bool waiting;
    bool looks; /* somebody else has committed: look now */
    bool closing;
    struct db_conn *conn;
};

struct db {
    const struct db_driver *driver;
    struct db_options options;
    char *location;      /* see takes_url */
    char *read_location; /* the readers' own; NULL: the same */
    char engine[ENGINE_NAME_MAX];
    struct db_hooks hooks;
    struct db_pool pool;
    struct db_writer writer;
    atomic_int_fast64_t others_version, others_changes;
    /* PostgreSQL's. */
    struct pg_watch *watch;
    atomic_int writer_process; /* the server's process of the writer's connection */
};

/* Aborts when the heap is empty, like an arena. */
void *db_alloc(size_t size_bytes);
/* Sets the fault with the sentence for `err`; `where` and `text` go to the operator. */
MUST_CHECK enum err db_fault(struct fault *fault, enum err err, const char *where,
                             const char *text);

MUST_CHECK enum err statement_find(struct db_conn *conn, const struct query *query,
                                   struct db_rows **ret_rows);
/* Ends selects that were left open. */
void statements_reset(struct db_conn *conn);
void statements_finish(struct db_conn *conn);

MUST_CHECK enum err writer_start(struct db *db, struct fault *fault);
/* An idle writer looks at once for the commits of others. Any thread. */
void writer_look(struct db *db);
/* Lets what waits finish. */
void writer_stop(struct db *db);

#endif
