/* Opening and closing, the pool of readers, and what is passed on to the driver. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/db/driver.h"

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000, MS_PER_S = 1000 };

/* ---- readers ---- */

static void pool_init(struct db_pool *pool)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->given, &attributes);
    pthread_condattr_destroy(&attributes);
}

static struct timespec in_ms(int64_t timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(timeout_ms % MS_PER_S) * NS_PER_MS;
    until.tv_sec += timeout_ms / MS_PER_S + until.tv_nsec / NS_PER_S;
    until.tv_nsec %= NS_PER_S;
    return until;
}

/* Takes an idle connection, or the right to open one (NULL). False when none came in time. */
static bool pool_take(struct db *db, struct db_conn **ret_conn)
{
    struct db_pool *pool = &db->pool;
    struct timespec until = in_ms(db->options.busy_timeout_ms);
    pthread_mutex_lock(&pool->lock);
    int waited = 0;
    while (!pool->idle && pool->opened == db->options.readers && waited == 0)
        waited = pthread_cond_timedwait(&pool->given, &pool->lock, &until);
    bool got = pool->idle || pool->opened < db->options.readers;
    *ret_conn = pool->idle;
    if (pool->idle)
        pool->idle = pool->idle->next;
    else if (got)
        pool->opened++;
    pool->taken += got;
    pthread_mutex_unlock(&pool->lock);
    return got;
}

/* `conn` NULL: the connection could not be opened. */
static void pool_give(struct db *db, struct db_conn *conn)
{
    struct db_pool *pool = &db->pool;
    pthread_mutex_lock(&pool->lock);
    pool->taken--;
    if (conn) {
        conn->next = pool->idle;
        pool->idle = conn;
    } else {
        pool->opened--;
    }
    pthread_cond_signal(&pool->given);
    pthread_mutex_unlock(&pool->lock);
}

/* Waits until every reader is given back. */
static void pool_finish(struct db *db)
{
    struct db_pool *pool = &db->pool;
    pthread_mutex_lock(&pool->lock);
    while (pool->taken)
        pthread_cond_wait(&pool->given, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
    while (pool->idle) {
        struct db_conn *conn = pool->idle;
        pool->idle = conn->next;
        db->driver->disconnect(conn);
    }
    pthread_cond_destroy(&pool->given);
    pthread_mutex_destroy(&pool->lock);
}

static enum err begin_read(struct db *db, struct fault *fault, struct db_conn **conn)
{
    if (!*conn)
        TRY(db->driver->connect(db, false, fault, conn));
    (*conn)->fault = fault;
    (*conn)->failed = OK;
    return db->driver->control(*conn, DB_BEGIN_READ);
}

enum err db_reader_take(struct db *db, struct fault *fault, struct db_conn **ret_conn)
{
    struct db_conn *conn;
    if (!pool_take(db, &conn))
        return db_fault(fault, ERR_BUSY, "readers", "all are taken");
    enum err err = begin_read(db, fault, &conn);
    if (err != OK) {
        pool_give(db, conn);
        return err;
    }
    *ret_conn = conn;
    return OK;
}

void db_reader_give(struct db_conn *conn)
{
    struct fault ignored;
    statements_reset(conn);
    conn->fault = &ignored;
    enum err err = conn->db->driver->control(conn, DB_COMMIT);
    (void)err; /* a failed read ends its transaction by itself, and nothing was written */
    conn->fault = NULL;
    pool_give(conn->db, conn);
}

/* ---- opening and closing ---- */

static const struct db_driver *const drivers[] = {&sqlite_driver, &postgres_driver};

static const struct db_driver *find_driver(struct str url)
{
    for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
        if (str_starts_with(url, str_from_c(drivers[i]->scheme)))
            return drivers[i];
    return NULL;
}

static char *copy_location(const struct db_driver *driver, struct str url)
{
    struct str location = driver->takes_url ? url : str_slice(url, strlen(driver->scheme), url.len);
    char *text = db_alloc(location.len + 1);
    if (location.len)
        memcpy(text, location.ptr, location.len);
    return text;
}

static enum err connect_writer(struct db *db, struct fault *fault)
{
    TRY(db->driver->connect(db, true, fault, &db->writer.conn));
    enum err err = writer_start(db, fault);
    if (err != OK)
        db->driver->disconnect(db->writer.conn);
    return err;
}

static void free_db(struct db *db)
{
    free(db->location);
    free(db->read_location);
    free(db);
}

static enum err make_db(const struct db_options *options, struct db **ret_db, struct fault *fault)
{
    const struct db_driver *driver = find_driver(options->url);
    if (!driver) {
        enum err set = fault_set(fault, ERR_UNSUPPORTED, "engine",
                                 "A database address begins with \"sqlite:\" or \"postgres://\".");
        (void)set; /* it is this one, which an analysis of this file alone cannot know */
        return ERR_UNSUPPORTED;
    }
    struct db *db = db_alloc(sizeof(*db));
    *db = (struct db){.driver = driver, .options = *options, .hooks = options->hooks};
    db->location = copy_location(driver, options->url);
    if (options->read_url.len)
        db->read_location = copy_location(driver, options->read_url);
    db->options.url = db->options.read_url = (struct str){NULL, 0};
    *ret_db = db;
    return OK;
}

enum err db_open(const struct db_options *options, struct db **ret_db, struct fault *fault)
{
    struct db *db;
    TRY(make_db(options, &db, fault));
    enum err err = connect_writer(db, fault);
    if (err != OK) {
        free_db(db);
        return err;
    }
    pool_init(&db->pool);
    *ret_db = db;
    return OK;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    writer_stop(db);
    pool_finish(db);
    db->driver->disconnect(db->writer.conn);
    free_db(db);
}

/* ---- passed on ---- */

int64_t db_others_version(struct db *db)
{
    return atomic_load(&db->others_version);
}

int64_t db_others_changes(struct db *db)
{
    return atomic_load(&db->others_changes);
}

void db_note_change(struct db_conn *conn)
{
    conn->is_change = true;
}

bool db_is_shared(const struct db *db)
{
    return db->driver->is_shared;
}

enum err db_lease_take(struct db *db, const char *name, bool *ret_taken, struct fault *fault)
{
    if (db_is_shared(db))
        return db->driver->lease_take(db, name, ret_taken, fault);
    *ret_taken = true;
    return OK;
}

void db_lease_give(struct db *db, const char *name)
{
    if (db_is_shared(db))
        db->driver->lease_give(db, name);
}

enum err db_backup(struct db *db, struct str path, db_progress *progress, void *self,
                   struct fault *fault)
{
    struct db_backup_order order = {path, progress, self};
    return db->driver->backup(db, &order, fault);
}

enum err db_restore(const struct db_options *options, struct str path, struct fault *fault)
{
    struct db *db;
    TRY(make_db(options, &db, fault));
    enum err err = db->driver->restore ? db->driver->restore(db, path, fault)
                                       : fault_set(fault, ERR_UNSUPPORTED, "restore",
                                                   "A backup of this engine is itself a database.");
    free_db(db);
    return err;
}

enum err db_check(struct db *db, struct fault *fault)
{
    return db->driver->check(db, fault);
}

int64_t db_size_bytes(struct db *db)
{
    return db->driver->size_bytes(db);
}

const char *db_engine(const struct db *db)
{
    return db->engine;
}
