/*
 * The writer: one thread takes every job that waits, runs each in its own savepoint of one
 * transaction, commits once, and then tells all of them.
 */
#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "lib/db/driver.h"

enum {
    LOOK_MS = 250,  /* how often an idle writer looks for the commits of others */
    REST_LOOKS = 4, /* idle for so many looks, it cares for the file */
    NS_PER_MS = 1000000,
    NS_PER_S = 1000000000
};

/* The jobs of one transaction. */
struct group {
    struct db *db;
    struct db_conn *conn;
    struct db_job *first;
    size_t count;
    size_t kept;
    enum err lost; /* why the whole transaction is gone; OK: it is not */
    struct fault fault;
    struct db_hooks hooks;
};

/* ---- the queue ---- */

static void wait_a_look(struct db_writer *writer)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)LOOK_MS * NS_PER_MS;
    until.tv_sec += until.tv_nsec / NS_PER_S;
    until.tv_nsec %= NS_PER_S;
    writer->waiting = true;
    pthread_cond_timedwait(&writer->wake, &writer->lock, &until);
    writer->waiting = false;
}

static uint64_t weight_of(const struct db_job *job)
{
    return job->weight ? job->weight : 1;
}

/* Moves the jobs of one group off the queue; NULL when there are none. */
static struct db_job *take_jobs(struct db *db, size_t *ret_count)
{
    struct db_writer *writer = &db->writer;
    struct db_job *first = writer->first, *last = NULL;
    uint64_t weight = 0;
    size_t count = 0;
    for (struct db_job *job = first; job; job = job->private.next) {
        if (last && weight + weight_of(job) > db->options.group_rows)
            break;
        weight += weight_of(job);
        last = job;
        count++;
    }
    if (last) {
        writer->first = last->private.next;
        last->private.next = NULL;
    }
    *ret_count = count;
    return first;
}

static void put_back(struct db_writer *writer, struct db_job *jobs)
{
    struct db_job *last = jobs;
    if (!jobs)
        return;
    while (last->private.next)
        last = last->private.next;
    pthread_mutex_lock(&writer->lock);
    last->private.next = writer->first;
    if (!writer->first)
        writer->last = last;
    writer->first = jobs;
    pthread_mutex_unlock(&writer->lock);
}

/* ---- one job ---- */

static void lose(struct group *group, enum err err)
{
    if (group->lost == OK)
        group->lost = err;
}

/* The engine gave the whole transaction up; what it told this job, it tells the others too. */
static enum err lose_by_job(struct group *group, struct db_job *job, enum err err)
{
    if (err == OK)
        err = db_fault(job->fault, ERR_INTERNAL, "job", "it ended the transaction");
    fault_clear(&group->fault);
    if (job->fault)
        group->fault = *job->fault;
    lose(group, err);
    return err;
}

static enum err end_savepoint(struct group *group, struct db_job *job, enum err result)
{
    const struct db_driver *driver = group->db->driver;
    struct fault fault;
    fault_clear(&fault);
    group->conn->fault = &fault;
    enum err err = driver->control(group->conn, result == OK ? DB_RELEASE : DB_ROLLBACK_TO);
    if (err == OK)
        return result;
    if (job->fault)
        *job->fault = fault;
    return lose_by_job(group, job, err);
}

/* A job that is alone needs no savepoint: when it fails, the transaction goes. */
static enum err run_in_savepoint(struct group *group, struct db_job *job)
{
    const struct db_driver *driver = group->db->driver;
    struct db_conn *conn = group->conn;
    bool alone = group->count == 1;
    if (!alone)
        TRY(driver->control(conn, DB_SAVEPOINT));
    enum err err = job->run(conn, job);
    if (err == OK && driver->settle)
        err = driver->settle(conn);
    if (err == OK)
        err = conn->failed;
    statements_reset(conn);
    if (!driver->in_transaction(conn))
        return lose_by_job(group, job, err);
    return alone ? err : end_savepoint(group, job, err);
}

static void run_job(struct group *group, struct db_job *job)
{
    struct db_hooks *hooks = &group->hooks;
    group->conn->fault = job->fault;
    group->conn->failed = OK;
    if (hooks->job_began)
        hooks->job_began(hooks->self);
    job->private.result = run_in_savepoint(group, job);
    if (hooks->job_ended)
        hooks->job_ended(hooks->self, job->private.result == OK);
    group->kept += job->private.result == OK;
    group->conn->fault = &group->fault;
}

/* ---- one group ---- */

/* What was not run because the transaction was lost before goes back to the queue. */
static void run_jobs(struct group *group)
{
    for (struct db_job *job = group->first; job; job = job->private.next) {
        run_job(group, job);
        if (group->lost == OK)
            continue;
        put_back(&group->db->writer, job->private.next);
        job->private.next = NULL;
    }
}

static enum err try_commit(struct group *group)
{
    struct db_hooks *hooks = &group->hooks;
    group->conn->failed = OK;
    if (hooks->before_commit)
        TRY(hooks->before_commit(hooks->self, group->conn));
    TRY(group->conn->failed);
    return group->db->driver->control(group->conn, DB_COMMIT);
}

static bool commit(struct group *group)
{
    if (group->lost == OK && group->kept > 0)
        lose(group, try_commit(group));
    if (group->lost == OK && group->kept > 0)
        return true;
    statements_reset(group->conn);
    if (group->db->driver->in_transaction(group->conn)) {
        struct fault ignored;
        group->conn->fault = &ignored;
        enum err err = group->db->driver->control(group->conn, DB_ROLLBACK);
        (void)err; /* it is gone either way, and the jobs have the reason already */
        group->conn->fault = &group->fault;
    }
    return false;
}

/* What failed all of them is told to each, also when whoever failed gave no reason. */
static void complete_fault(struct group *group)
{
    if (group->lost == OK || group->fault.err != OK)
        return;
    enum err err = db_fault(&group->fault, group->lost, "group", "it failed without a reason");
    (void)err;
}

/* A job's memory may be gone after its `done`. */
static void tell(struct group *group, bool committed)
{
    struct db_job *next;
    complete_fault(group);
    for (struct db_job *job = group->first; job; job = next) {
        next = job->private.next;
        enum err result = job->private.result;
        if (result == OK && !committed) {
            result = group->lost;
            if (job->fault)
                *job->fault = group->fault;
        }
        job->done(job, result);
    }
}

static void note_others(struct db *db)
{
    const struct db_driver *driver = db->driver;
    struct db_conn *conn = db->writer.conn;
    int64_t version = driver->others_version(conn);
    atomic_store(&db->others_version, version);
    atomic_store(&db->others_changes,
                 driver->others_changes ? driver->others_changes(conn) : version);
}

static void run_group(struct group *group)
{
    struct db *db = group->db;
    group->conn->fault = &group->fault;
    group->conn->is_change = false;
    fault_clear(&group->fault);
    enum err err = db->driver->control(group->conn, DB_BEGIN_WRITE);
    if (err != OK) {
        group->lost = err;
        for (struct db_job *job = group->first; job; job = job->private.next)
            job->private.result = OK;
        tell(group, false);
        return;
    }
    note_others(db);
    run_jobs(group);
    bool committed = commit(group);
    if (group->hooks.group_ended)
        group->hooks.group_ended(group->hooks.self, committed);
    tell(group, committed);
}

/* ---- the thread ---- */

/* Waits for jobs; cares for the file while there are none. False when it is time to end. */
static bool next_group(struct db *db, struct group *ret_group)
{
    struct db_writer *writer = &db->writer;
    int looks = 0;
    *ret_group = (struct group){.db = db, .conn = writer->conn};
    pthread_mutex_lock(&writer->lock);
    while (!writer->first && !writer->closing) {
        if (!writer->looks)
            wait_a_look(writer);
        writer->looks = false;
        if (writer->first || writer->closing)
            break;
        pthread_mutex_unlock(&writer->lock);
        note_others(db);
        if (++looks == REST_LOOKS)
            db->driver->care(writer->conn, true);
        pthread_mutex_lock(&writer->lock);
    }
    ret_group->first = take_jobs(db, &ret_group->count);
    ret_group->hooks = db->hooks;
    pthread_mutex_unlock(&writer->lock);
    return ret_group->first != NULL;
}

static void *writer_main(void *arg)
{
    struct db *db = arg;
    struct group group;
    while (next_group(db, &group)) {
        run_group(&group);
        db->driver->care(db->writer.conn, false);
    }
    return NULL;
}

enum err writer_start(struct db *db, struct fault *fault)
{
    struct db_writer *writer = &db->writer;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    note_others(db);
    if (pthread_create(&writer->thread, NULL, writer_main, db) == 0)
        return OK;
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->lock);
    return db_fault(fault, ERR_BUSY, "writer", "the system gave no thread");
}

void writer_look(struct db *db)
{
    struct db_writer *writer = &db->writer;
    pthread_mutex_lock(&writer->lock);
    writer->looks = true;
    if (writer->waiting)
        pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->lock);
}

void writer_stop(struct db *db)
{
    struct db_writer *writer = &db->writer;
    pthread_mutex_lock(&writer->lock);
    writer->closing = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->lock);
}

/* ---- submitting ---- */

void db_set_hooks(struct db *db, const struct db_hooks *hooks)
{
    pthread_mutex_lock(&db->writer.lock);
    db->hooks = *hooks;
    pthread_mutex_unlock(&db->writer.lock);
}

void db_submit(struct db *db, struct db_job *job)
{
    struct db_writer *writer = &db->writer;
    pthread_mutex_lock(&writer->lock);
    bool closing = writer->closing;
    job->private.next = NULL;
    job->private.result = OK;
    if (!closing) {
        if (writer->first)
            writer->last->private.next = job;
        else
            writer->first = job;
        writer->last = job;
        if (writer->waiting)
            pthread_cond_signal(&writer->wake);
    }
    pthread_mutex_unlock(&writer->lock);
    if (!closing)
        return;
    enum err err = fault_set(job->fault, ERR_CANCELLED, "closing", "The server is stopping.");
    job->done(job, err);
}

size_t db_waiting(struct db *db)
{
    size_t count = 0;
    pthread_mutex_lock(&db->writer.lock);
    for (const struct db_job *job = db->writer.first; job; job = job->private.next)
        count++;
    pthread_mutex_unlock(&db->writer.lock);
    return count;
}

/* A job and somebody who waits for it. */
struct waited_job {
    struct db_job job;
    db_work *work;
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool has_ended;
    enum err result;
};

static struct waited_job *waited_of(struct db_job *job)
{
    return (struct waited_job *)(void *)job;
}

static enum err run_waited(struct db_conn *conn, struct db_job *job)
{
    return waited_of(job)->work(conn, waited_of(job)->arg);
}

static void end_waited(struct db_job *job, enum err result)
{
    struct waited_job *waited = waited_of(job);
    pthread_mutex_lock(&waited->lock);
    waited->result = result;
    waited->has_ended = true;
    pthread_cond_signal(&waited->ended);
    pthread_mutex_unlock(&waited->lock);
}

enum err db_write(struct db *db, db_work *work, void *arg, struct fault *fault)
{
    assert(!pthread_equal(pthread_self(), db->writer.thread));
    struct waited_job waited = {.job = {.run = run_waited, .done = end_waited, .fault = fault},
                                .work = work,
                                .arg = arg,
                                .lock = PTHREAD_MUTEX_INITIALIZER,
                                .ended = PTHREAD_COND_INITIALIZER};
    db_submit(db, &waited.job);
    pthread_mutex_lock(&waited.lock);
    while (!waited.has_ended)
        pthread_cond_wait(&waited.ended, &waited.lock);
    pthread_mutex_unlock(&waited.lock);
    pthread_cond_destroy(&waited.ended);
    pthread_mutex_destroy(&waited.lock);
    return waited.result;
}
