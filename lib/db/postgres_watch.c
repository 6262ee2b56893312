/*
 * The PostgreSQL driver: a connection of its own that hears of the commits of others at once, and
 * holds leases. Both are beside the writer's transactions: a lease that is kept must not look like
 * a change of the data. What is not heard is seen by the writer's looks.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib/base/time.h"
#include "lib/db/postgres.h"

enum {
    LISTEN_MS = 1000,
    KEEP_EVERY_MS = DB_LEASE_MS / 8,
    LONGEST_PAUSE_MS = 2000,
    NUMBER_MAX = 24,
    LEASE_ARGUMENTS = 3
};

struct pg_watch {
    struct db *db;
    pthread_t thread;
    pthread_mutex_t lock; /* of the link; never held while waiting for a notice */
    PGconn *link;         /* NULL: not connected */
    int wake[2];          /* a pipe: written to when it is time to end */
    atomic_bool stopping;
    int64_t kept_ms; /* when the leases were kept last */
    char holder[NUMBER_MAX];
};

/* The database's own clock counts, for those of the machines differ. */
#define NOW_MS "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"

/* The server's process of this connection, and when it began. */
#define ME "(SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()) me"
#define STARTED_MS "CAST(EXTRACT(EPOCH FROM me.backend_start) * 1000 AS BIGINT)"

/* A lease ends with its time, or with the connection of its holder: who is killed holds nothing. */
static const char take_lease[] =
    "INSERT INTO db_lease (name, holder, until_ms, backend_pid, backend_ms)"
    " SELECT $1, CAST($2 AS BIGINT), " NOW_MS " + CAST($3 AS BIGINT), me.pid, " STARTED_MS
    " FROM " ME " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder,"
    " until_ms = excluded.until_ms, backend_pid = excluded.backend_pid,"
    " backend_ms = excluded.backend_ms"
    " WHERE db_lease.holder = excluded.holder OR db_lease.until_ms < " NOW_MS
    " OR NOT EXISTS (SELECT 1 FROM pg_stat_activity me WHERE me.pid = db_lease.backend_pid"
    " AND " STARTED_MS " = db_lease.backend_ms) RETURNING 1";
static const char give_lease[] =
    "DELETE FROM db_lease WHERE name = $1 AND holder = CAST($2 AS BIGINT)";
static const char keep_all[] = "UPDATE db_lease SET until_ms = " NOW_MS " + CAST($2 AS BIGINT),"
                               " backend_pid = me.pid, backend_ms = " STARTED_MS " FROM " ME
                               " WHERE holder = CAST($1 AS BIGINT) AND until_ms >= " NOW_MS;
static const char give_all[] = "DELETE FROM db_lease WHERE holder = CAST($1 AS BIGINT)";

/* ---- hearing ---- */

/* Others' notices only: those of our own writer carry its process number. */
static bool hear(struct pg_watch *watch)
{
    bool heard = false;
    PGnotify *notice;
    int own = atomic_load(&watch->db->writer_process);
    while ((notice = PQnotifies(watch->link))) {
        heard = heard || notice->be_pid != own;
        PQfreemem(notice);
    }
    return heard;
}

static void tell(struct pg_watch *watch, bool heard)
{
    struct db *db = watch->db;
    struct db_hooks hooks;
    if (!heard)
        return;
    writer_look(db);
    pthread_mutex_lock(&db->writer.lock);
    hooks = db->hooks;
    pthread_mutex_unlock(&db->writer.lock);
    if (hooks.others_committed)
        hooks.others_committed(hooks.self);
}

/* With the lock held. Leases need not survive a crash of the server. */
static bool connect_again(struct pg_watch *watch)
{
    struct fault ignored;
    PQfinish(watch->link);
    watch->link = NULL;
    if (pg_open_link(watch->db, true, &ignored, &watch->link) != OK)
        return false;
    return pg_simple(watch->link, "LISTEN rapport_commit; SET synchronous_commit = off", "listen",
                     &ignored) == OK;
}

static bool is_alive(struct pg_watch *watch)
{
    return watch->link && PQstatus(watch->link) == CONNECTION_OK;
}

/* ---- asking ---- */

static enum err ask(struct pg_watch *watch, const char *sql, const char *const *values, int count,
                    bool *ret_has_row)
{
    if (!is_alive(watch) && !connect_again(watch))
        return ERR_BUSY;
    PGresult *result = PQexecParams(watch->link, sql, count, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    *ret_has_row = good && PQntuples(result) > 0;
    PQclear(result);
    return good ? OK : ERR_BUSY;
}

static enum err ask_locked(struct pg_watch *watch, const char *sql, const char *const *values,
                           int count, bool *ret_has_row)
{
    pthread_mutex_lock(&watch->lock);
    enum err err = ask(watch, sql, values, count, ret_has_row);
    bool heard = is_alive(watch) && hear(watch);
    pthread_mutex_unlock(&watch->lock);
    tell(watch, heard);
    return err;
}

/* ---- listening ---- */

/* What was told while nobody listened is unknown: it counts as heard. */
static void listen_once(struct pg_watch *watch, int *pause_ms)
{
    bool heard = false;
    pthread_mutex_lock(&watch->lock);
    if (is_alive(watch) && PQconsumeInput(watch->link))
        heard = hear(watch);
    if (!is_alive(watch)) {
        heard = connect_again(watch);
        *pause_ms = heard ? LISTEN_MS : LONGEST_PAUSE_MS;
    }
    pthread_mutex_unlock(&watch->lock);
    tell(watch, heard);
}

static void keep_leases(struct pg_watch *watch)
{
    bool ignored;
    char lease_ms[NUMBER_MAX];
    if (monotonic_ms() - watch->kept_ms < KEEP_EVERY_MS)
        return;
    watch->kept_ms = monotonic_ms();
    snprintf(lease_ms, sizeof(lease_ms), "%d", DB_LEASE_MS);
    const char *const values[] = {watch->holder, lease_ms};
    (void)ask_locked(watch, keep_all, values, ARRAY_LEN(values), &ignored);
}

static void *listen_on(void *arg)
{
    struct pg_watch *watch = arg;
    int pause_ms = LISTEN_MS;
    while (!atomic_load(&watch->stopping)) {
        pthread_mutex_lock(&watch->lock);
        int fd = is_alive(watch) ? PQsocket(watch->link) : -1;
        pthread_mutex_unlock(&watch->lock);
        struct pollfd polled[] = {{watch->wake[0], POLLIN, 0}, {fd, POLLIN, 0}};
        if (poll(polled, ARRAY_LEN(polled), pause_ms) > 0 && polled[0].revents)
            break;
        listen_once(watch, &pause_ms);
        keep_leases(watch);
    }
    return NULL;
}

/* ---- leases ---- */

enum err pg_lease_take(struct db *db, const char *name, bool *ret_taken, struct fault *fault)
{
    struct pg_watch *watch = db->watch;
    char lease_ms[NUMBER_MAX];
    snprintf(lease_ms, sizeof(lease_ms), "%d", DB_LEASE_MS);
    const char *const values[LEASE_ARGUMENTS] = {name, watch->holder, lease_ms};
    if (ask_locked(watch, take_lease, values, LEASE_ARGUMENTS, ret_taken) == OK)
        return OK;
    return fault_set(fault, ERR_BUSY, "database_unreachable",
                     "The database cannot be reached; try again in a moment.");
}

void pg_lease_give(struct db *db, const char *name)
{
    bool ignored;
    const char *const values[] = {name, db->watch->holder};
    (void)ask_locked(db->watch, give_lease, values, ARRAY_LEN(values), &ignored);
}

/* ---- life ---- */

enum err pg_watch_start(struct db *db, struct fault *fault)
{
    struct pg_watch *watch = db_alloc(sizeof(*watch));
    uint64_t holder;
    watch->db = db;
    if (getrandom(&holder, sizeof(holder), 0) != sizeof(holder) || pipe(watch->wake))
        abort();
    snprintf(watch->holder, sizeof(watch->holder), "%lld", (long long)(holder >> 1));
    pthread_mutex_init(&watch->lock, NULL);
    db->watch = watch;
    if (pthread_create(&watch->thread, NULL, listen_on, watch) == 0)
        return OK;
    return db_fault(fault, ERR_BUSY, "watch", "the system gave no thread");
}

void pg_watch_stop(struct db *db)
{
    struct pg_watch *watch = db->watch;
    bool ignored;
    if (!watch)
        return;
    atomic_store(&watch->stopping, true);
    if (write(watch->wake[1], "", 1) == 1)
        pthread_join(watch->thread, NULL);
    const char *const values[] = {watch->holder};
    if (is_alive(watch))
        (void)ask(watch, give_all, values, ARRAY_LEN(values), &ignored);
    PQfinish(watch->link);
    close(watch->wake[0]);
    close(watch->wake[1]);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
    db->watch = NULL;
}
