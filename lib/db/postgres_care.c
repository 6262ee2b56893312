/* The PostgreSQL driver: what others have committed, size and check. */
#include "lib/db/postgres.h"

static const struct query size_query = {
    "database size", "SELECT pg_database_size(current_database()) AS size_bytes", NULL};

/* ---- others ---- */

static const char look[] = "SELECT version, changes FROM db_commit WHERE id = 1";

static bool read_number(const PGresult *result, int column, int64_t *ret_number)
{
    return pg_read_int(PQftype(result, column), PQgetvalue(result, 0, column),
                       (size_t)PQgetlength(result, 0, column), ret_number);
}

enum err pg_read_turn(struct pg_conn *conn, const PGresult *result)
{
    int64_t version, changes;
    if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
        return pg_fail(conn->base.fault, conn->link, result, "turn");
    if (!read_number(result, 0, &version) || !read_number(result, 1, &changes))
        return db_fault(conn->base.fault, ERR_INTERNAL, "turn", "it has no numbers");
    conn->version = version;
    conn->changes = changes;
    return OK;
}

/* Between transactions. The numbers stay as they were when nobody answers. */
static void look_again(struct pg_conn *conn)
{
    PGresult *result = NULL;
    struct fault ignored;
    conn->base.fault = &ignored;
    enum err err = ERR_BUSY;
    if (PQstatus(conn->link) == CONNECTION_OK)
        err = pg_exchange(conn, look, &result);
    if (err == OK)
        err = pg_read_turn(conn, result);
    (void)err;
    PQclear(result);
    conn->base.fault = NULL;
}

int64_t pg_others_version(struct db_conn *base)
{
    struct pg_conn *conn = pg_conn_of(base);
    if (conn->transaction == PG_OUTSIDE)
        look_again(conn);
    return conn->version - conn->own_commits;
}

int64_t pg_others_changes(struct db_conn *base)
{
    const struct pg_conn *conn = pg_conn_of(base);
    return conn->changes - conn->own_changes;
}

void pg_care(struct db_conn *conn, bool idle)
{
    (void)conn; /* the server vacuums and checkpoints by itself */
    (void)idle;
}

/* ---- size and check ---- */

static enum err read_size(struct db_conn *conn, int64_t *ret_size_bytes)
{
    struct db_rows *rows = db_select(conn, &size_query, DB_NO_ARGS);
    if (db_rows_next(rows))
        *ret_size_bytes = db_rows_int(rows, "size_bytes");
    return db_rows_close(rows);
}

int64_t pg_size_bytes(struct db *db)
{
    struct fault ignored;
    struct db_conn *conn;
    int64_t size_bytes = 0;
    if (db_reader_take(db, &ignored, &conn) != OK)
        return 0;
    if (read_size(conn, &size_bytes) != OK)
        size_bytes = 0;
    db_reader_give(conn);
    return size_bytes;
}

/* Reads every row of every table: a damaged page is told by the server. */
static const char read_everything[] =
    "DO $$ DECLARE each regclass; BEGIN FOR each IN SELECT oid::regclass FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace LOOP"
    " EXECUTE format('SELECT count(t.*) FROM %s t', each); END LOOP; END $$";

static enum err check_with(struct db_conn *base)
{
    struct pg_conn *conn = pg_conn_of(base);
    TRY(pg_send_words(conn, "SET LOCAL statement_timeout = 0"));
    TRY(pg_send_words(conn, read_everything));
    return pg_settle(conn);
}

enum err pg_check(struct db *db, struct fault *fault)
{
    struct db_conn *conn;
    int64_t size_bytes;
    TRY(db_reader_take(db, fault, &conn));
    enum err err = read_size(conn, &size_bytes); /* begins the transaction */
    if (err == OK)
        err = check_with(conn);
    db_reader_give(conn);
    return err;
}
