/* The writer: many jobs in one commit, each alone in its failure. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/db/db_test.h"
#include "tests/support/test.h"

enum { JOBS = 8, MANY = 64 };

/* ---- jobs that are submitted while the writer is held up, so that they form one group ---- */

struct batch;

struct item_job {
    struct db_job job;
    struct batch *batch;
    int64_t id;
    enum { ADDS, FAILS_AFTER, FAILS_BEFORE, IGNORES_FAILURE } does;
    enum err result;
    struct fault fault;
};

struct batch {
    struct db *db;
    struct item_job jobs[MANY];
    size_t count;
    sem_t held, go, done;
    int groups;      /* ended by a commit */
    int rolled_back; /* ended otherwise */
    int began, kept, dropped;
    enum err refusal; /* what before_commit answers */
    bool writes_before_commit;
};

static struct item_job *item_job_of(struct db_job *job)
{
    return (struct item_job *)(void *)job;
}

static enum err run_item_job(struct db_conn *conn, struct db_job *job)
{
    struct item_job *item = item_job_of(job);
    enum err ignored;
    switch (item->does) {
    case ADDS:
        return item_add_in(conn, item->id, NULL);
    case FAILS_AFTER:
        TRY(item_add_in(conn, item->id, NULL));
        return fault_set(job->fault, ERR_INVALID, "test", "It fails after it wrote.");
    case FAILS_BEFORE:
        return fault_set(job->fault, ERR_INVALID, "test", "It fails before it wrote.");
    case IGNORES_FAILURE:
        TRY(item_add_in(conn, item->id, NULL));
        ignored = item_add_in(conn, item->id, NULL);
        (void)ignored;
        return OK;
    }
    return OK;
}

static void end_item_job(struct db_job *job, enum err result)
{
    item_job_of(job)->result = result;
    sem_post(&item_job_of(job)->batch->done);
}

static enum err hold(struct db_conn *conn, struct db_job *job)
{
    struct batch *batch = item_job_of(job)->batch;
    (void)conn;
    sem_post(&batch->held);
    sem_wait(&batch->go);
    return OK;
}

static void batch_open(struct batch *batch, struct db *db)
{
    *batch = (struct batch){.db = db};
    sem_init(&batch->held, 0, 0);
    sem_init(&batch->go, 0, 0);
    sem_init(&batch->done, 0, 0);
    for (size_t i = 0; i < MANY; i++) {
        struct item_job *item = &batch->jobs[i];
        item->batch = batch;
        item->id = (int64_t)i + 1;
        item->job = (struct db_job){
            .run = run_item_job, .done = end_item_job, .fault = &item->fault, .weight = 1};
    }
}

/* Runs the first `count` jobs in as few groups as their weights allow. */
static void batch_run(struct batch *batch, size_t count)
{
    struct item_job holder = {.batch = batch,
                              .job = {.run = hold, .done = end_item_job, .fault = NULL}};
    db_submit(batch->db, &holder.job);
    sem_wait(&batch->held);
    for (size_t i = 0; i < count; i++)
        db_submit(batch->db, &batch->jobs[i].job);
    sem_post(&batch->go);
    for (size_t i = 0; i < count + 1; i++)
        sem_wait(&batch->done);
}

static void batch_close(struct batch *batch)
{
    db_close(batch->db);
    sem_destroy(&batch->held);
    sem_destroy(&batch->go);
    sem_destroy(&batch->done);
}

static void count_began(void *self)
{
    ((struct batch *)self)->began++;
}

static void count_ended(void *self, bool kept)
{
    struct batch *batch = self;
    batch->kept += kept;
    batch->dropped += !kept;
}

static enum err before_commit(void *self, struct db_conn *conn)
{
    struct batch *batch = self;
    if (batch->writes_before_commit)
        TRY(item_add_in(conn, 1000 + batch->groups, NULL));
    return batch->refusal;
}

static void count_group(void *self, bool committed)
{
    struct batch *batch = self;
    batch->groups += committed;
    batch->rolled_back += !committed;
}

static void batch_hook(struct batch *batch)
{
    struct db_hooks hooks = {.self = batch,
                             .job_began = count_began,
                             .job_ended = count_ended,
                             .before_commit = before_commit,
                             .group_ended = count_group};
    db_set_hooks(batch->db, &hooks);
}

/* ---- groups ---- */

TEST(writer, commits_all_waiting_jobs_at_once)
{
    struct batch batch;
    batch_open(&batch, item_db(test_directory()));
    batch_hook(&batch);
    batch_run(&batch, JOBS);
    CHECK_INT(2, batch.groups); /* the one that held the others up, and theirs */
    CHECK_INT(JOBS + 1, batch.kept);
    CHECK_INT(JOBS, item_count(batch.db));
    batch_close(&batch);
}

TEST(writer, rolls_a_failing_job_back_alone)
{
    struct batch batch;
    batch_open(&batch, item_db(test_directory()));
    batch_hook(&batch);
    batch.jobs[1].does = FAILS_AFTER;
    batch.jobs[3].does = FAILS_BEFORE;
    batch.jobs[JOBS - 1].does = FAILS_AFTER;
    batch_run(&batch, JOBS);
    CHECK_INT(2, batch.groups);
    CHECK_INT(JOBS + 1, batch.began);
    CHECK_INT(3, batch.dropped);
    for (size_t i = 0; i < JOBS; i++) {
        bool fails = batch.jobs[i].does != ADDS;
        CHECK_INT(fails ? ERR_INVALID : OK, batch.jobs[i].result);
        CHECK_INT(!fails, item_exists(batch.db, batch.jobs[i].id));
    }
    CHECK_STR("It fails after it wrote.", str_from_c(batch.jobs[1].fault.sentence));
    batch_close(&batch);
}

TEST(writer, leaves_nothing_of_a_failing_job_that_is_alone)
{
    struct batch batch;
    batch_open(&batch, item_db(test_directory()));
    batch_hook(&batch);
    batch.jobs[0].does = FAILS_AFTER;
    batch_run(&batch, 1);
    CHECK_INT(ERR_INVALID, batch.jobs[0].result);
    CHECK_INT(1, batch.groups);
    CHECK_INT(1, batch.rolled_back);
    CHECK_INT(0, item_count(batch.db));
    batch_run(&batch, 0);
    batch_close(&batch);
}

TEST(writer, fails_a_job_that_hides_a_failed_statement)
{
    struct batch batch;
    batch_open(&batch, item_db(test_directory()));
    batch.jobs[1].does = IGNORES_FAILURE;
    batch_run(&batch, 3);
    CHECK_INT(OK, batch.jobs[0].result);
    CHECK_INT(ERR_CONFLICT, batch.jobs[1].result);
    CHECK_INT(OK, batch.jobs[2].result);
    CHECK_INT(2, item_count(batch.db));
    batch_close(&batch);
}

TEST(writer, ends_a_group_by_the_weight_of_its_jobs)
{
    struct batch batch;
    uint32_t full = item_options(".").group_rows;
    batch_open(&batch, item_db(test_directory()));
    batch_hook(&batch);
    for (size_t i = 0; i < JOBS; i++)
        batch.jobs[i].job.weight = full / 2;
    batch.jobs[JOBS - 1].job.weight = full * 10;
    batch_run(&batch, JOBS);
    /* The holder; 1 2, 3 4, 5 6; 7, which the heavy one does not fit beside; and that one. */
    CHECK_INT(1 + 3 + 1 + 1, batch.groups);
    CHECK_INT(JOBS, item_count(batch.db));
    batch_close(&batch);
}

/* ---- hooks ---- */

TEST(before_commit, writes_into_the_group)
{
    struct batch batch;
    batch_open(&batch, item_db(test_directory()));
    batch.writes_before_commit = true;
    batch_hook(&batch);
    batch_run(&batch, JOBS);
    CHECK_INT(JOBS + 2, item_count(batch.db));
    CHECK(item_exists(batch.db, 1000) && item_exists(batch.db, 1001));
    batch_close(&batch);
}

TEST(before_commit, fails_the_whole_group)
{
    struct batch batch;
    batch_open(&batch, item_db(test_directory()));
    batch.refusal = ERR_STORAGE_FULL;
    batch_hook(&batch);
    batch.jobs[2].does = FAILS_AFTER;
    batch_run(&batch, JOBS);
    for (size_t i = 0; i < JOBS; i++)
        CHECK_INT(i == 2 ? ERR_INVALID : ERR_STORAGE_FULL, batch.jobs[i].result);
    CHECK_INT(ERR_STORAGE_FULL, batch.jobs[0].fault.err);
    CHECK(batch.jobs[0].fault.code && batch.jobs[0].fault.sentence[0]);
    CHECK_INT(ERR_INVALID, batch.jobs[2].fault.err);
    CHECK_INT(0, batch.groups);
    CHECK_INT(0, item_count(batch.db));
    batch_close(&batch);
}

TEST(before_commit, is_not_asked_when_no_job_is_kept)
{
    struct batch batch;
    batch_open(&batch, item_db(test_directory()));
    batch_run(&batch, 0);
    batch.writes_before_commit = true;
    batch_hook(&batch);
    batch.jobs[0].does = FAILS_BEFORE;
    db_submit(batch.db, &batch.jobs[0].job);
    sem_wait(&batch.done);
    CHECK_INT(0, item_count(batch.db));
    batch_close(&batch);
}

/* ---- threads ---- */

enum { SUBMITTERS = 8, ITEMS_EACH = 40 };

struct submitter {
    pthread_t thread;
    struct db *db;
    int64_t first_id;
    int failures;
};

static void *submit_items(void *arg)
{
    struct submitter *submitter = arg;
    struct fault fault;
    for (int64_t i = 0; i < ITEMS_EACH; i++)
        submitter->failures += item_add(submitter->db, submitter->first_id + i, NULL, &fault) != OK;
    return NULL;
}

/* Inside one snapshot the number of rows stays the same; from one to the next it never falls. */
static void *read_items(void *arg)
{
    struct submitter *reader = arg;
    int64_t last = 0;
    while (last < (int64_t)SUBMITTERS * ITEMS_EACH) {
        int64_t counts[2] = {-1, -2};
        struct fault fault;
        struct db_conn *conn;
        if (db_reader_take(reader->db, &fault, &conn) != OK) {
            reader->failures++;
            return NULL;
        }
        for (int i = 0; i < 2; i++) {
            struct db_rows *rows = db_select(conn, &item_queries[ITEM_COUNT], DB_NO_ARGS);
            if (db_rows_next(rows))
                counts[i] = db_rows_int(rows, "n");
            reader->failures += db_rows_close(rows) != OK;
        }
        db_reader_give(conn);
        reader->failures += counts[0] != counts[1] || counts[0] < last;
        last = counts[0];
    }
    return NULL;
}

TEST(writer, takes_jobs_of_many_threads_while_readers_read)
{
    struct db *db = item_db(test_directory());
    struct submitter submitters[SUBMITTERS], readers[6];
    for (int i = 0; i < 6; i++) {
        readers[i] = (struct submitter){.db = db};
        pthread_create(&readers[i].thread, NULL, read_items, &readers[i]);
    }
    for (int64_t i = 0; i < SUBMITTERS; i++) {
        submitters[i] = (struct submitter){.db = db, .first_id = i * ITEMS_EACH + 1};
        pthread_create(&submitters[i].thread, NULL, submit_items, &submitters[i]);
    }
    int failures = 0;
    for (int i = 0; i < SUBMITTERS; i++) {
        pthread_join(submitters[i].thread, NULL);
        failures += submitters[i].failures;
    }
    for (int i = 0; i < 6; i++) {
        pthread_join(readers[i].thread, NULL);
        failures += readers[i].failures;
    }
    CHECK_INT(0, failures);
    CHECK_INT(SUBMITTERS * ITEMS_EACH, item_count(db));
    db_close(db);
}

TEST(db_close, lets_waiting_jobs_finish)
{
    const char *directory = test_directory();
    struct batch batch;
    batch_open(&batch, item_db(directory));
    for (size_t i = 0; i < MANY; i++)
        db_submit(batch.db, &batch.jobs[i].job);
    batch_close(&batch);
    for (size_t i = 0; i < MANY; i++)
        CHECK_INT(OK, batch.jobs[i].result);
    struct db *db = item_db(directory);
    CHECK_INT(MANY, item_count(db));
    db_close(db);
}

/* A job that submits others until one is turned away. */
struct prober {
    struct item_job item;
    struct item_job *probes;
    sem_t running;
    bool was_cancelled;
};

enum { PROBES = 5000 };

static enum err probe_until_cancelled(struct db_conn *conn, struct db_job *job)
{
    struct prober *prober = (struct prober *)(void *)job;
    (void)conn;
    sem_post(&prober->running);
    for (size_t i = 0; i < PROBES && !prober->was_cancelled; i++) {
        struct item_job *probe = &prober->probes[i];
        *probe = (struct item_job){.batch = prober->item.batch, .does = FAILS_BEFORE};
        probe->job =
            (struct db_job){.run = run_item_job, .done = end_item_job, .fault = &probe->fault};
        db_submit(prober->item.batch->db, &probe->job);
        prober->was_cancelled = probe->result == ERR_CANCELLED;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return OK;
}

TEST(db_submit, is_cancelled_once_the_close_has_begun)
{
    struct batch batch;
    batch_open(&batch, item_db(test_directory()));
    struct prober prober = {.item = {.batch = &batch},
                            .probes = calloc(PROBES, sizeof(struct item_job))};
    sem_init(&prober.running, 0, 0);
    prober.item.job = (struct db_job){.run = probe_until_cancelled, .done = end_item_job};
    db_submit(batch.db, &prober.item.job);
    sem_wait(&prober.running);
    batch_close(&batch);
    bool was_cancelled = prober.was_cancelled;
    free(prober.probes);
    sem_destroy(&prober.running);
    CHECK(was_cancelled);
}

TEST(db_waiting, counts_the_jobs_that_wait_for_the_writer)
{
    struct batch batch;
    batch_open(&batch, item_db(test_directory()));
    CHECK_INT(0, db_waiting(batch.db));
    struct item_job holder = {.batch = &batch, .job = {.run = hold, .done = end_item_job}};
    db_submit(batch.db, &holder.job);
    sem_wait(&batch.held);
    for (size_t i = 0; i < 3; i++)
        db_submit(batch.db, &batch.jobs[i].job);
    size_t waiting = db_waiting(batch.db);
    sem_post(&batch.go);
    batch_close(&batch);
    CHECK_INT(3, waiting);
}

/* ---- readers ---- */

TEST(reader, keeps_its_snapshot_while_others_write)
{
    struct db *db = item_db(test_directory());
    struct db_conn *conn;
    struct fault fault;
    CHECK_OK(item_add(db, 1, NULL, &fault));
    CHECK_OK(db_reader_take(db, &fault, &conn));
    for (int i = 0; i < 2; i++) {
        struct db_rows *rows = db_select(conn, &item_queries[ITEM_COUNT], DB_NO_ARGS);
        CHECK(db_rows_next(rows));
        CHECK_INT(1, db_rows_int(rows, "n"));
        CHECK_OK(db_rows_close(rows));
        CHECK_OK(item_add(db, 10 + i, NULL, &fault));
    }
    db_reader_give(conn);
    CHECK_INT(3, item_count(db));
    db_close(db);
}

TEST(reader, is_refused_after_the_wait_when_all_are_taken)
{
    struct db_options options = item_options(test_directory());
    struct db_conn *conns[2], *more;
    struct db *db;
    struct fault fault;
    options.readers = 2;
    options.busy_timeout_ms = 30;
    CHECK_OK(db_open(&options, &db, &fault));
    CHECK_OK(db_reader_take(db, &fault, &conns[0]));
    CHECK_OK(db_reader_take(db, &fault, &conns[1]));
    CHECK_ERR(ERR_BUSY, db_reader_take(db, &fault, &more));
    CHECK_INT(ERR_BUSY, fault.err);
    db_reader_give(conns[0]);
    CHECK_OK(db_reader_take(db, &fault, &conns[0]));
    db_reader_give(conns[0]);
    db_reader_give(conns[1]);
    db_close(db);
}

static void *give_later(void *arg)
{
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000000}, NULL);
    db_reader_give(arg);
    return NULL;
}

TEST(db_close, waits_for_readers_that_are_taken)
{
    struct db *db = item_db(test_directory());
    struct db_conn *conn;
    struct fault fault;
    pthread_t thread;
    CHECK_OK(db_reader_take(db, &fault, &conn));
    struct db_rows *rows = db_select(conn, &item_queries[ITEM_COUNT], DB_NO_ARGS);
    CHECK(db_rows_next(rows));
    pthread_create(&thread, NULL, give_later, conn);
    db_close(db);
    pthread_join(thread, NULL);
}
