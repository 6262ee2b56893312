/* The PostgreSQL driver: what others have committed, size, check, and backup by its own tool. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/db/postgres.h"

static const struct query size_query = {
    "database size", "SELECT pg_database_size(current_database()) AS size_bytes", NULL};

/* ---- others ---- */

static const char look[] = "SELECT version FROM db_commit WHERE id = 1";

/* Between transactions. The version stays as it was when nobody answers. */
static void look_again(struct pg_conn *conn)
{
    PGresult *result = NULL;
    struct fault ignored;
    conn->base.fault = &ignored;
    if (PQstatus(conn->link) == CONNECTION_OK && pg_exchange(conn, look, &result) == OK &&
        PQntuples(result) == 1)
        (void)pg_read_int(PQftype(result, 0), PQgetvalue(result, 0, 0),
                          (size_t)PQgetlength(result, 0, 0), &conn->version);
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

/* ---- backup ---- */

enum { WORDS_MAX = 4096, STATUS_NO_PROGRAM = 127 };

static void put_word(char *words, const char *keyword, const char *value)
{
    size_t at = strlen(words);
    at += (size_t)snprintf(words + at, WORDS_MAX - at, "%s='", keyword);
    for (; *value && at + 4 < WORDS_MAX; value++) {
        if (*value == '\'' || *value == '\\')
            words[at++] = '\\';
        words[at++] = *value;
    }
    snprintf(words + at, WORDS_MAX - at, "' ");
}

/* The connection as words without the password, which would stand in the list of processes. */
static enum err read_words(const struct db *db, char *ret_words, struct fault *fault)
{
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(db->location, &message);
    if (!options) {
        enum err err = db_fault(fault, ERR_INVALID, "address", message ? message : "wrong");
        PQfreemem(message);
        return err;
    }
    ret_words[0] = '\0';
    for (const PQconninfoOption *each = options; each->keyword; each++) {
        if (!each->val)
            continue;
        if (strcmp(each->keyword, "password") == 0)
            setenv("PGPASSWORD", each->val, 1);
        else
            put_word(ret_words, each->keyword, each->val);
    }
    PQconninfoFree(options);
    return OK;
}

extern char **environ;

static enum err run_tool(const char *const *words, struct fault *fault)
{
    pid_t pid;
    int status = 0;
    int failed = posix_spawnp(&pid, words[0], NULL, NULL, (char *const *)(uintptr_t)words, environ);
    if (failed == 0)
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    bool is_missing =
        failed == ENOENT || (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_NO_PROGRAM);
    if (is_missing)
        return fault_set(fault, ERR_UNSUPPORTED, "tool_missing",
                         "This needs PostgreSQL's own %s, which is not installed: on Debian, "
                         "apt install postgresql-client.",
                         words[0]);
    if (failed || !WIFEXITED(status) || WEXITSTATUS(status))
        return fault_set(fault, ERR_IO, "tool", "%s failed; its own words stand above.", words[0]);
    return OK;
}

enum err pg_backup(struct db *db, const struct db_backup_order *order, struct fault *fault)
{
    char words[WORDS_MAX], path[WORDS_MAX];
    if (order->path.len >= sizeof(path))
        return fault_set(fault, ERR_INVALID, "path", "The name of the file is too long.");
    snprintf(path, sizeof(path), "%.*s", STR_ARG(order->path));
    if (access(path, F_OK) == 0)
        return fault_set(fault, ERR_CONFLICT, "backup_exists", "%s exists; nothing was changed.",
                         path);
    TRY(read_words(db, words, fault));
    const char *const command[] = {"pg_dump", "--format=custom", "--no-owner", "--file",
                                   path,      "--dbname",        words,        NULL};
    enum err err = run_tool(command, fault);
    if (err != OK)
        unlink(path);
    return err;
}
