/* Several processes on one file: killed ones, busy ones, and how a cache notices them. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/time.h"
#include "lib/db/db_test.h"
#include "tests/support/test.h"

static void sleep_us(int64_t us)
{
    nanosleep(&(struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000}, NULL);
}

/* ---- killed ---- */

enum { KILLS = 12, WRITERS = 4, ID_STEP = 1000000 };

struct victim {
    struct db_options options;
    int acknowledge_fd;
    int64_t first_id;
    pthread_t thread;
    struct db *db;
};

/* Adds items for ever, and tells of each one that was acknowledged. */
static void *add_and_tell(void *arg)
{
    struct victim *victim = arg;
    struct fault fault;
    for (int64_t id = victim->first_id; item_add(victim->db, id, NULL, &fault) == OK; id++)
        if (write(victim->acknowledge_fd, &id, sizeof(id)) != (ssize_t)sizeof(id))
            break;
    return NULL;
}

static int write_until_killed(void *arg)
{
    struct victim *victim = arg;
    struct victim writers[WRITERS];
    struct fault fault;
    if (db_open(&victim->options, &victim->db, &fault) != OK)
        return 1;
    for (int64_t i = 0; i < WRITERS; i++) {
        writers[i] = *victim;
        writers[i].first_id += i * ID_STEP;
        pthread_create(&writers[i].thread, NULL, add_and_tell, &writers[i]);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
    return 2;
}

/* Every id that was told of is there, and no more than one per writer that was not. */
static void check_acknowledged(const char *directory, int fd, int64_t *count)
{
    struct db *db = item_db(directory);
    struct fault fault;
    int64_t id, told = 0;
    while (read(fd, &id, sizeof(id)) == (ssize_t)sizeof(id)) {
        CHECK(item_exists(db, id));
        told++;
    }
    int64_t there = item_count(db);
    CHECK(there - *count >= told && there - *count <= told + WRITERS);
    *count = there;
    CHECK_OK(db_check(db, &fault));
    db_close(db);
}

TEST(killed_process, loses_nothing_that_was_acknowledged)
{
    const char *directory = test_directory();
    uint64_t random = test_seed();
    int64_t count = 0, most = 0;
    db_close(item_db(directory));
    for (int i = 0; i < KILLS; i++) {
        int fds[2];
        CHECK_INT(0, pipe(fds));
        struct victim victim = {.options = item_options(directory),
                                .acknowledge_fd = fds[1],
                                .first_id = 1 + (int64_t)i * ID_STEP * WRITERS};
        int64_t before = count;
        pid_t pid = item_child_start(write_until_killed, &victim);
        close(fds[1]);
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        sleep_us(5000 + (int64_t)(random >> 40) % 40000);
        kill(pid, SIGKILL);
        CHECK_INT(128, item_child_wait(pid));
        check_acknowledged(directory, fds[0], &count);
        close(fds[0]);
        most = count - before > most ? count - before : most;
    }
    CHECK(most > 0);
}

/* ---- at the same time ---- */

enum { ITEMS_EACH = 150 };

static int add_many(void *arg)
{
    const struct victim *victim = arg;
    struct db *db;
    struct fault fault;
    if (db_open(&victim->options, &db, &fault) != OK)
        return 1;
    for (int64_t i = 0; i < ITEMS_EACH; i++)
        if (item_add(db, victim->first_id + i, NULL, &fault) != OK)
            return 2;
    db_close(db);
    return 0;
}

TEST(processes, write_one_file_at_the_same_time)
{
    const char *directory = test_directory();
    pid_t pids[3];
    db_close(item_db(directory));
    for (int64_t i = 0; i < 3; i++) {
        struct victim writer = {.options = item_options(directory), .first_id = i * ID_STEP};
        writer.options.busy_timeout_ms = 20000;
        pids[i] = item_child_start(add_many, &writer);
    }
    for (int i = 0; i < 3; i++)
        CHECK_INT(0, item_child_wait(pids[i]));
    struct db *db = item_db(directory);
    CHECK_INT(3 * ITEMS_EACH, item_count(db));
    db_close(db);
}

/* A process, or here another handle, that holds the right to write until it is told to go on. */
struct holder {
    struct db *db;
    struct fault fault;
    sem_t held, go;
    enum err result;
    pthread_t thread;
};

static enum err hold(struct db_conn *conn, void *arg)
{
    struct holder *holder = arg;
    TRY(item_add_in(conn, 500, NULL));
    sem_post(&holder->held);
    sem_wait(&holder->go);
    return OK;
}

static void *hold_the_writer(void *arg)
{
    struct holder *holder = arg;
    holder->result = db_write(holder->db, hold, holder, &holder->fault);
    return NULL;
}

TEST(busy_database, is_waited_for_as_long_as_was_asked_and_then_told)
{
    const char *directory = test_directory();
    struct db_options options = item_options(directory);
    struct holder holder = {.db = item_db(directory)};
    struct db *db;
    struct fault fault;
    sem_init(&holder.held, 0, 0);
    sem_init(&holder.go, 0, 0);
    options.busy_timeout_ms = 60;
    CHECK_OK(db_open(&options, &db, &fault));
    pthread_create(&holder.thread, NULL, hold_the_writer, &holder);
    sem_wait(&holder.held);
    int64_t began_ms = monotonic_ms();
    enum err err = item_add(db, 1, NULL, &fault);
    int64_t waited_ms = monotonic_ms() - began_ms;
    int64_t seen = item_count(db);
    sem_post(&holder.go);
    pthread_join(holder.thread, NULL);
    CHECK_ERR(ERR_BUSY, err);
    CHECK_INT(ERR_BUSY, fault.err);
    CHECK(waited_ms >= 60 && waited_ms < 2000);
    CHECK_INT(0, seen); /* reading goes on, and sees nothing of what is not committed */
    CHECK_OK(item_add(db, 1, NULL, &fault));
    CHECK_OK(holder.result);
    CHECK_INT(2, item_count(db));
    db_close(db);
    db_close(holder.db);
    sem_destroy(&holder.held);
    sem_destroy(&holder.go);
}

/* ---- noticing others ---- */

struct look {
    struct db *db;
    int64_t version;
};

static enum err look_at_version(struct db_conn *conn, void *arg)
{
    struct look *look = arg;
    (void)conn;
    look->version = db_others_version(look->db);
    return OK;
}

static int64_t version_inside(struct db *db)
{
    struct look look = {.db = db};
    struct fault fault;
    CHECK_OK(db_write(db, look_at_version, &look, &fault));
    return look.version;
}

TEST(db_others_version, changes_with_the_commits_of_others_only)
{
    const char *directory = test_directory();
    struct db *here = item_db(directory), *there = item_db(directory);
    struct fault fault;
    int64_t first = version_inside(here);
    CHECK_OK(item_add(here, 1, NULL, &fault));
    CHECK_OK(item_add(here, 2, NULL, &fault));
    CHECK_INT(first, version_inside(here));
    CHECK_OK(item_add(there, 3, NULL, &fault));
    int64_t second = version_inside(here);
    CHECK(second != first);
    CHECK_INT(second, version_inside(here));
    db_close(there);
    db_close(here);
}

TEST(db_others_version, is_noticed_without_writing)
{
    const char *directory = test_directory();
    struct db *here = item_db(directory), *there = item_db(directory);
    struct fault fault;
    int64_t first = version_inside(here), until_ms = monotonic_ms() + 5000;
    CHECK_OK(item_add(there, 1, NULL, &fault));
    while (db_others_version(here) == first && monotonic_ms() < until_ms)
        sleep_us(5000);
    CHECK(db_others_version(here) != first);
    db_close(there);
    db_close(here);
}
