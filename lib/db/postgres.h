/*
 * Private to the PostgreSQL driver: its connection, its statements, and how values travel.
 *
 * A connection is always in libpq's pipeline mode. A statement whose answer nobody waits for is
 * sent and left *pending*; its answer is read, and its failure told, when the next one that is
 * waited for comes, or when a job is settled. Rows of one insert after the other are collected and
 * sent as arrays in one statement, where its text takes arrays. Such statements do not depend on
 * each other: a few collect side by side, and all are sent before any other statement.
 */
#ifndef LIB_DB_POSTGRES_H
#define LIB_DB_POSTGRES_H

#include <libpq-fe.h>

#include "lib/db/driver.h"

enum { PG_PARAMETERS_MAX = 40, PG_NAME_MAX = 16, PG_COLLECTING_MAX = 4 };

/* A growing piece of memory. */
struct pg_bytes {
    char *ptr;
    size_t len, capacity;
};
void pg_bytes_add(struct pg_bytes *bytes, const void *from, size_t len);
void pg_bytes_add_int32(struct pg_bytes *bytes, uint32_t value); /* in network order */
void pg_bytes_add_int64(struct pg_bytes *bytes, int64_t value);

/* ---- statements ---- */

/* A parameter of a prepared statement, as it is bound now. */
struct pg_parameter {
    Oid type;
    bool is_null;
    size_t offset, len; /* in the statement's `bound` */
};

/* The rows of a statement of arrays that are not sent yet: an array for each parameter. */
struct pg_column {
    struct pg_bytes elements;
    bool has_null;
};

/* A column of the current row; `ptr` lives as long as the row. */
struct pg_cell {
    const char *ptr;
    size_t len;
    bool is_null;
};

struct pg_rows {
    struct db_rows base;
    char name[PG_NAME_MAX]; /* on the server */
    uint64_t session;       /* of the connection that it was prepared in */
    bool is_many;
    size_t parameter_count;
    struct pg_parameter parameters[PG_PARAMETERS_MAX];
    Oid *column_types;
    struct pg_bytes bound;
    bool is_sent;
    PGresult *row;         /* the current one, where it came in just now */
    struct pg_cell *cells; /* of the current row */
    /* Rows that were read ahead because another statement needed the connection: of each column its
     * length, UINT32_MAX for NULL, and its bytes. */
    struct pg_bytes ahead;
    size_t ahead_at;
    int64_t changed;
    struct pg_column *columns; /* of a statement of arrays */
    size_t collected;          /* rows in them */
};

/* ---- connections ---- */

enum pg_transaction {
    PG_OUTSIDE,
    PG_BEGIN_PENDING, /* a reader's transaction begins with its first statement */
    PG_INSIDE
};

struct pg_conn {
    struct db_conn base;
    PGconn *link;     /* NULL: not connected */
    uint64_t session; /* counts connections: statements of an earlier one are gone */
    unsigned next_name;
    enum pg_transaction transaction;
    size_t pending;             /* statements that were sent and not answered */
    const char **pending_names; /* PENDING_MAX, for telling failures */
    size_t pending_first;
    struct pg_rows *streaming; /* the select whose rows come in now; NULL: none */
    /* The statements that have rows to send, in the order in which they got the first. */
    struct pg_rows *collecting[PG_COLLECTING_MAX];
    size_t collecting_count;
    /* The writer's own. */
    int64_t version, changes;         /* of the database, in this transaction */
    int64_t own_commits, own_changes; /* since the process began */
};

static inline struct pg_conn *pg_conn_of(struct db_conn *conn)
{
    return (struct pg_conn *)(void *)conn;
}
static inline struct pg_rows *pg_rows_of(struct db_rows *rows)
{
    return (struct pg_rows *)(void *)rows;
}

/* ---- opening: postgres_open.c ---- */

MUST_CHECK enum err pg_connect(struct db *db, bool is_writer, struct fault *fault,
                               struct db_conn **ret_conn);
void pg_disconnect(struct db_conn *conn);
/* Connects again when the connection is lost, for as long as `busy_timeout_ms`; the servers of the
 * URL are tried in order. ERR_BUSY when none answered. Outside a transaction only. */
MUST_CHECK enum err pg_revive(struct pg_conn *conn);
/* A connection with the settings of all. On failure nothing stays open. */
MUST_CHECK enum err pg_open_link(const struct db *db, bool is_writer, struct fault *fault,
                                 PGconn **ret_link);
/* One statement after the other, waited for; outside pipeline mode. */
MUST_CHECK enum err pg_simple(PGconn *link, const char *sql, const char *where,
                              struct fault *fault);

/* ---- failures: postgres_fault.c ---- */

/* What a result that failed means. */
enum err pg_err(const PGresult *result);
/* Tells it; `result` NULL: the connection failed. */
MUST_CHECK enum err pg_fail(struct fault *fault, const PGconn *link, const PGresult *result,
                            const char *where);

/* ---- values: postgres_value.c ---- */

/* Appends the value as the type's binary form, without its length. False when the type cannot hold
 * it. */
bool pg_put_value(struct pg_bytes *bytes, Oid type, const struct db_value *value);
/* The type of an array's elements; 0 for a type that is no array we fill. */
Oid pg_element_type(Oid array);
/* Whether columns of this type can be read. A sum without a cast cannot: it is a decimal. */
bool pg_is_readable(Oid type);
/* False for a type that is no number. */
bool pg_read_int(Oid type, const char *bytes, size_t len, int64_t *ret_value);

/* ---- the wire: postgres_wire.c ---- */

/* Sends what was collected, reads every pending answer, and keeps the first failure in the
 * connection. OK when none failed. */
MUST_CHECK enum err pg_settle(struct pg_conn *conn);
/* Sends a statement without parameters that nobody waits for. */
MUST_CHECK enum err pg_send_words(struct pg_conn *conn, const char *sql);
/* Sends what was sent with pg_send_words on its way; the answers are read later. */
MUST_CHECK enum err pg_flush_words(struct pg_conn *conn);
/* A statement without parameters whose rows are waited for; the result is the caller's to clear,
 * NULL on failure. */
MUST_CHECK enum err pg_exchange(struct pg_conn *conn, const char *sql, PGresult **ret_result);
/* Sends a bound statement; its rows are read with pg_next. */
MUST_CHECK enum err pg_start(struct pg_rows *rows);
/* The next row into rows->row, or the end. */
void pg_next(struct pg_rows *rows);
/* Throws the rest of its rows away. */
void pg_stop(struct pg_rows *rows);
/* Sends a bound statement whose answer nobody waits for. */
MUST_CHECK enum err pg_send_later(struct pg_rows *rows);
/* Adds a row to those of a statement of arrays. */
MUST_CHECK enum err pg_collect(struct pg_rows *rows, struct db_args args);
MUST_CHECK enum err pg_prepare(struct db_conn *conn, const struct query *query,
                               struct db_rows **ret_rows);
/* Prepares it again in a new connection. */
MUST_CHECK enum err pg_prepare_again(struct pg_rows *rows);
void pg_discard(struct db_rows *rows);
/* The connection was lost: nothing of it is awaited any more. */
void pg_forget(struct pg_conn *conn);

/* ---- notices and leases: postgres_watch.c ---- */

MUST_CHECK enum err pg_watch_start(struct db *db, struct fault *fault);
void pg_watch_stop(struct db *db);
enum err pg_lease_take(struct db *db, const char *name, bool *ret_taken, struct fault *fault);
void pg_lease_give(struct db *db, const char *name);

/* ---- care: postgres_care.c ---- */

enum err pg_check(struct db *db, struct fault *fault);
int64_t pg_size_bytes(struct db *db);
int64_t pg_others_version(struct db_conn *conn);
int64_t pg_others_changes(struct db_conn *conn);
/* Takes version and changes out of the row that tells them. */
MUST_CHECK enum err pg_read_turn(struct pg_conn *conn, const PGresult *result);
void pg_care(struct db_conn *conn, bool idle);

/* ---- the engine's own tools: postgres_tools.c ---- */

enum err pg_backup(struct db *db, const struct db_backup_order *order, struct fault *fault);
enum err pg_restore(const struct db *db, struct str path, struct fault *fault);

#endif
