/* The PostgreSQL driver: connections to whichever of its servers answers and can write. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/time.h"
#include "lib/db/postgres.h"

enum {
    OLDEST_VERSION = 130000,
    VERSION_STEP = 10000,
    FIRST_PAUSE_MS = 20,
    LAST_PAUSE_MS = 500,
    SETTINGS_MAX = 512,
    /* A server that holds its turn and does nothing must not hold up the others. */
    IDLE_IN_TRANSACTION_MS = 30000,
    PENDING_NAMES = 256,
    NS_PER_MS = 1000000
};

enum err pg_simple(PGconn *link, const char *sql, const char *where, struct fault *fault)
{
    PGresult *result = PQexec(link, sql);
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    enum err err = good ? OK : pg_fail(fault, link, result, where);
    PQclear(result);
    return err;
}

/* ---- one connection ---- */

/* What the URL says comes before what stands above it, and after it what must hold. */
static PGconn *dial(const struct db *db, bool is_writer)
{
    const char *url = is_writer || !db->read_location ? db->location : db->read_location;
    const char *attributes = url == db->location ? "read-write" : "any";
    const char *const names[] = {"connect_timeout",
                                 "target_session_attrs",
                                 "tcp_user_timeout",
                                 "fallback_application_name",
                                 "dbname",
                                 "client_encoding",
                                 NULL};
    const char *const values[] = {"3", attributes, "10000", "rapport", url, "UTF8", NULL};
    return PQconnectdbParams(names, values, 1);
}

/* libpq tells over several lines. */
static enum err fail_connecting(struct fault *fault, const PGconn *link)
{
    char message[FAULT_SENTENCE_MAX];
    size_t len = 0;
    for (const char *from = PQerrorMessage(link); *from && len + 2 < sizeof(message); from++) {
        bool is_space = strchr("\n\t ", *from) != NULL;
        if (!is_space)
            message[len++] = *from;
        else if (len && message[len - 1] != ' ')
            message[len++] = ' ';
    }
    while (len && message[len - 1] == ' ')
        len--;
    return fault_set(fault, ERR_BUSY, "database_unreachable",
                     "The database cannot be reached: %.*s", (int)len, message);
}

static enum err check_version(const PGconn *link, struct fault *fault)
{
    int version = PQserverVersion(link);
    if (version >= OLDEST_VERSION)
        return OK;
    return fault_set(fault, ERR_UNSUPPORTED, "database_old",
                     "The database is PostgreSQL %d; 13 is the oldest that will do.",
                     version / VERSION_STEP);
}

/*
 * A writer's statements find few rows by a key. One that was planned while its table was empty
 * would go on reading all of it while an import fills it, so they take the index from the first row
 * on.
 */
static enum err set_up(const struct db *db, PGconn *link, bool is_writer, struct fault *fault)
{
    char sql[SETTINGS_MAX];
    snprintf(sql, sizeof(sql),
             "SET lock_timeout = %d; SET idle_in_transaction_session_timeout = %d;"
             " SET statement_timeout = %d; SET jit = off; SET TIME ZONE 'UTC';"
             " SET client_min_messages = error; SET enable_seqscan = %s",
             db->options.busy_timeout_ms, IDLE_IN_TRANSACTION_MS,
             is_writer ? 0 : db->options.statement_timeout_ms, is_writer ? "off" : "on");
    return pg_simple(link, sql, "settings", fault);
}

enum err pg_open_link(const struct db *db, bool is_writer, struct fault *fault, PGconn **ret_link)
{
    PGconn *link = dial(db, is_writer);
    enum err err = OK;
    if (PQstatus(link) != CONNECTION_OK)
        err = fail_connecting(fault, link);
    if (err == OK)
        err = check_version(link, fault);
    if (err == OK)
        err = set_up(db, link, is_writer, fault);
    if (err != OK) {
        PQfinish(link);
        return err;
    }
    *ret_link = link;
    return OK;
}

static void use_link(struct pg_conn *conn, PGconn *link)
{
    PQfinish(conn->link);
    pg_forget(conn);
    conn->link = link;
    conn->session++;
    if (conn->base.is_writer)
        atomic_store(&conn->base.db->writer_process, PQbackendPID(link));
    PQenterPipelineMode(link);
}

static void pause_ms(int64_t ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * NS_PER_MS};
    nanosleep(&pause, NULL);
}

enum err pg_revive(struct pg_conn *conn)
{
    const struct db *db = conn->base.db;
    int64_t until_ms = monotonic_ms() + db->options.busy_timeout_ms;
    int64_t wait_ms = FIRST_PAUSE_MS;
    if (conn->link && PQstatus(conn->link) == CONNECTION_OK)
        return OK;
    for (;;) {
        PGconn *link;
        enum err err = pg_open_link(db, conn->base.is_writer, conn->base.fault, &link);
        if (err == OK) {
            use_link(conn, link);
            return OK;
        }
        if (err != ERR_BUSY || monotonic_ms() + wait_ms >= until_ms)
            return err;
        pause_ms(wait_ms);
        wait_ms = wait_ms * 2 < LAST_PAUSE_MS ? wait_ms * 2 : LAST_PAUSE_MS;
    }
}

/* ---- the first connection ---- */

static const char make_commit[] =
    "BEGIN; SELECT pg_advisory_xact_lock(hashtext('rapport'), hashtext(current_schema()));"
    " CREATE TABLE IF NOT EXISTS db_commit"
    " (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, changes BIGINT NOT NULL);"
    " CREATE TABLE IF NOT EXISTS db_lease"
    " (name TEXT PRIMARY KEY, holder BIGINT NOT NULL, until_ms BIGINT NOT NULL,"
    " backend_pid BIGINT NOT NULL, backend_ms BIGINT NOT NULL);"
    " INSERT INTO db_commit (id, version, changes) VALUES (1, 0, 0) ON CONFLICT (id) DO NOTHING; "
    "COMMIT";

/* Whether the statement has a row. */
static enum err ask(PGconn *link, const char *sql, bool *ret_has_row, struct fault *fault)
{
    PGresult *result = PQexec(link, sql);
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK;
    *ret_has_row = good && PQntuples(result) > 0;
    enum err err = good ? OK : pg_fail(fault, link, result, "db_commit");
    PQclear(result);
    return err;
}

static const char has_commit[] = "SELECT 1 WHERE to_regclass('db_commit') IS NOT NULL";
static const char has_others[] = "SELECT 1 FROM information_schema.tables WHERE table_schema ="
                                 " current_schema() AND table_type = 'BASE TABLE' LIMIT 1";

static enum err find_commit(PGconn *link, struct fault *fault)
{
    bool found;
    TRY(ask(link, has_commit, &found, fault));
    return found ? OK
                 : fault_set(fault, ERR_NOT_FOUND, "database_absent", "The database is empty.");
}

/* In the database of another program nothing is made. */
static enum err make_commit_row(PGconn *link, struct fault *fault)
{
    bool is_ours, is_used;
    TRY(ask(link, has_commit, &is_ours, fault));
    TRY(ask(link, has_others, &is_used, fault));
    if (is_used && !is_ours)
        return fault_set(fault, ERR_UNSUPPORTED, "database_foreign",
                         "This database belongs to another program; nothing was changed.");
    return pg_simple(link, make_commit, "db_commit", fault);
}

static enum err prepare_database(struct db *db, PGconn *link, struct fault *fault)
{
    int version = PQserverVersion(link);
    snprintf(db->engine, sizeof(db->engine), "PostgreSQL %d.%d", version / VERSION_STEP,
             version % VERSION_STEP);
    return db->options.create ? make_commit_row(link, fault) : find_commit(link, fault);
}

enum err pg_connect(struct db *db, bool is_writer, struct fault *fault, struct db_conn **ret_conn)
{
    PGconn *link;
    TRY(pg_open_link(db, is_writer, fault, &link));
    enum err err = is_writer ? prepare_database(db, link, fault) : OK;
    if (err != OK) {
        PQfinish(link);
        return err;
    }
    struct pg_conn *conn = db_alloc(sizeof(*conn));
    conn->base.db = db;
    conn->base.is_writer = is_writer;
    conn->base.fault = fault;
    conn->pending_names = db_alloc(PENDING_NAMES * sizeof(char *));
    use_link(conn, link);
    *ret_conn = &conn->base;
    return is_writer ? pg_watch_start(db, fault) : OK;
}

void pg_disconnect(struct db_conn *base)
{
    struct pg_conn *conn = pg_conn_of(base);
    if (base->is_writer)
        pg_watch_stop(base->db);
    statements_finish(base);
    PQfinish(conn->link);
    free(conn->pending_names);
    free(conn);
}
