/* Backups: while others write, checked, never over something, nothing left of a failed one. */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/db/db_test.h"
#include "tests/support/test.h"

enum { ITEMS = 1500 };

static int count_files(const char *directory)
{
    int count = 0;
    DIR *dir = opendir(directory);
    CHECK(dir != NULL);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count - 2;
}

static enum err add_items(struct db_conn *conn, void *arg)
{
    int64_t first = *(const int64_t *)arg;
    for (int64_t i = 0; i < ITEMS; i++)
        TRY(item_add_in(conn, first + i, NULL));
    return OK;
}

static struct db *filled_db(const char *directory)
{
    struct db *db = item_file_db(directory);
    struct fault fault;
    CHECK_OK(db_write(db, add_items, &(int64_t){1}, &fault));
    return db;
}

static enum err backup_to(struct db *db, const char *path, struct fault *fault)
{
    return db_backup(db, str_from_c(path), NULL, NULL, fault);
}

struct progress {
    int calls;
    int64_t last, total;
    bool fell;
};

static void note_progress(void *self, int64_t done, int64_t total)
{
    struct progress *progress = self;
    progress->fell = progress->fell || done < progress->last || done > total;
    progress->last = done;
    progress->total = total;
    progress->calls++;
}

TEST(db_backup, is_a_database_with_all_rows_and_tells_its_progress)
{
    const char *from = test_directory(), *to = test_directory();
    struct db *db = filled_db(from);
    struct fault fault;
    struct progress progress = {0};
    struct stat info;
    struct item_path path = item_path(to, "rapport.db");
    CHECK_OK(db_backup(db, str_from_c(path.text), note_progress, &progress, &fault));
    CHECK(progress.calls > 0 && !progress.fell);
    CHECK_INT(progress.total, progress.last);
    CHECK_INT(0, stat(path.text, &info));
    CHECK_INT(progress.total * 4096, info.st_size);
    CHECK_INT(0600, info.st_mode & 0777);
    CHECK_INT(1, count_files(to));
    struct db *copy = item_file_db(to);
    CHECK_INT(ITEMS, item_count(copy));
    CHECK_OK(db_check(copy, &fault));
    CHECK_OK(item_add(copy, ITEMS + 1, NULL, &fault));
    CHECK_INT(ITEMS, item_count(db));
    db_close(copy);
    db_close(db);
}

struct steady {
    struct db *db;
    atomic_bool stop;
    int failures;
    int64_t next;
};

static enum err add_pair(struct db_conn *conn, void *arg)
{
    const struct steady *steady = arg;
    TRY(item_add_in(conn, steady->next, NULL));
    return item_add_in(conn, steady->next + 1, NULL);
}

static void *write_steadily(void *arg)
{
    struct steady *steady = arg;
    struct fault fault;
    while (!atomic_load(&steady->stop)) {
        steady->failures += db_write(steady->db, add_pair, steady, &fault) != OK;
        steady->next += 2;
    }
    return NULL;
}

TEST(db_backup, is_one_moment_while_others_write)
{
    struct db *db = filled_db(test_directory());
    struct steady steady = {.db = db, .next = 2 * ITEMS};
    struct fault fault;
    pthread_t thread;
    enum err errs[3];
    const char *to[3];
    for (int i = 0; i < 3; i++)
        to[i] = test_directory();
    pthread_create(&thread, NULL, write_steadily, &steady);
    for (int i = 0; i < 3; i++)
        errs[i] = backup_to(db, item_path(to[i], "rapport.db").text, &fault);
    atomic_store(&steady.stop, true);
    pthread_join(thread, NULL);
    CHECK_INT(0, steady.failures);
    int64_t last = ITEMS;
    for (int i = 0; i < 3; i++) {
        CHECK_OK(errs[i]);
        struct db *copy = item_file_db(to[i]);
        int64_t count = item_count(copy);
        CHECK(count >= last && (count - ITEMS) % 2 == 0);
        last = count;
        db_close(copy);
    }
    db_close(db);
}

TEST(db_backup, refuses_a_path_that_exists)
{
    const char *to = test_directory();
    struct db *db = filled_db(test_directory());
    struct fault fault;
    struct stat info;
    struct item_path path = item_path(to, "precious");
    FILE *file = fopen(path.text, "w");
    CHECK(file != NULL);
    fputs("precious", file);
    fclose(file);
    CHECK_ERR(ERR_CONFLICT, backup_to(db, path.text, &fault));
    CHECK(strstr(fault.sentence, path.text));
    CHECK_INT(0, stat(path.text, &info));
    CHECK_INT(8, info.st_size);
    CHECK_INT(1, count_files(to));
    db_close(db);
}

TEST(db_backup, says_when_the_folder_is_absent)
{
    struct db *db = filled_db(test_directory());
    struct fault fault;
    CHECK_ERR(ERR_IO, backup_to(db, "/nowhere/at/all.db", &fault));
    CHECK(strstr(fault.sentence, "/nowhere/at/all.db"));
    db_close(db);
}

struct places {
    const char *from, *to;
};

static int backup_on_a_full_disk(void *arg)
{
    const struct places *places = arg;
    struct db_options options = item_file_options(places->from);
    struct rlimit limit = {.rlim_cur = 60 * 1024, .rlim_max = RLIM_INFINITY};
    struct db *db;
    struct fault fault;
    if (db_open(&options, &db, &fault) != OK)
        return 1;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    enum err err = backup_to(db, item_path(places->to, "copy.db").text, &fault);
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    if (err != ERR_STORAGE_FULL || item_count(db) != ITEMS)
        return 2;
    db_close(db);
    return 0;
}

TEST(db_backup, leaves_nothing_when_the_disk_is_full)
{
    struct places places = {test_directory(), test_directory()};
    db_close(filled_db(places.from));
    CHECK_INT(0, item_child_run(backup_on_a_full_disk, &places));
    CHECK_INT(0, count_files(places.to));
    CHECK_INT(1, count_files(places.from));
}

TEST(db_size_bytes, counts_the_log_too)
{
    const char *directory = test_directory();
    struct db *db = filled_db(directory);
    struct stat file, log;
    CHECK_INT(0, stat(item_path(directory, "rapport.db").text, &file));
    CHECK_INT(0, stat(item_path(directory, "rapport.db-wal").text, &log));
    CHECK_INT(file.st_size + log.st_size, db_size_bytes(db));
    CHECK(str_starts_with(str_from_c(db_engine(db)), STR("SQLite 3.")));
    db_close(db);
}
