/* Faults for real: full disks, read-only places, damaged files. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/db/db_test.h"
#include "tests/support/test.h"

enum { NOBODY = 65534 };

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    fputs(text, file);
    fclose(file);
}

/* ---- opening ---- */

static enum err open_at(const char *directory, bool create, struct fault *fault)
{
    struct db_options options = item_file_options(directory);
    struct db *db;
    options.create = create;
    enum err err = db_open(&options, &db, fault);
    if (err == OK)
        db_close(db);
    return err;
}

TEST(db_open, makes_files_that_nobody_else_can_read)
{
    static const char *const names[] = {"rapport.db", "rapport.db-wal", "rapport.db-shm"};
    const char *directory = test_directory();
    mode_t before = umask(0);
    struct db *db = item_file_db(directory);
    umask(before);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct stat info;
        CHECK_INT(0, stat(item_path(directory, names[i]).text, &info));
        CHECK_INT(0600, info.st_mode & 0777);
    }
    db_close(db);
}

TEST(db_open, does_not_find_what_is_absent_and_makes_nothing)
{
    const char *directory = test_directory();
    struct fault fault;
    struct stat info;
    CHECK_ERR(ERR_NOT_FOUND, open_at(directory, false, &fault));
    CHECK(strstr(fault.sentence, directory));
    CHECK_INT(-1, stat(item_path(directory, "rapport.db").text, &info));
    CHECK_ERR(ERR_NOT_FOUND, open_at("/nowhere/at/all", true, &fault));
}

TEST(db_open, refuses_what_is_no_database_and_leaves_it)
{
    const char *directory = test_directory();
    struct item_path path = item_path(directory, "rapport.db");
    struct fault fault;
    struct stat info;
    write_file(path.text, "Dear Sir or Madam, this is a letter and not a database at all.\n");
    CHECK_ERR(ERR_CORRUPT, open_at(directory, true, &fault));
    CHECK_INT(0, stat(path.text, &info));
    CHECK_INT(63, info.st_size);
    unlink(path.text);
    mkdir(path.text, 0700);
    CHECK_ERR(ERR_CORRUPT, open_at(directory, true, &fault));
}

TEST(db_open, refuses_an_address_of_an_engine_it_does_not_have)
{
    struct db_options options = item_file_options(test_directory());
    struct db *db;
    struct fault fault;
    options.url = STR("oracle://localhost/rapport");
    CHECK_ERR(ERR_UNSUPPORTED, db_open(&options, &db, &fault));
}

TEST(db_migrate, refuses_the_database_of_another_program)
{
    const char *directory = test_directory();
    struct db_options options = item_file_options(directory);
    struct db *db;
    struct fault fault;
    sqlite3 *other;
    CHECK_INT(SQLITE_OK, sqlite3_open(item_path(directory, "rapport.db").text, &other));
    sqlite3_exec(other, "CREATE TABLE theirs (id INTEGER)", NULL, NULL, NULL);
    sqlite3_close(other);
    CHECK_OK(db_open(&options, &db, &fault));
    CHECK_ERR(ERR_UNSUPPORTED, db_migrate(db, item_migrations, ITEM_MIGRATIONS, &fault));
    int version = -1;
    CHECK_OK(db_version(db, &version, &fault));
    CHECK_INT(0, version);
    db_close(db);
}

/* ---- read-only ---- */

static int open_as_nobody(void *arg)
{
    const char *directory = arg;
    struct fault fault;
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        return 100;
    if (access(item_path(directory, "rapport.db").text, R_OK) != 0)
        return 101;
    enum err err = open_at(directory, false, &fault);
    return err == ERR_READ_ONLY && fault.sentence[0] ? 0 : 1 + (int)err;
}

static const char *database_with_modes(mode_t file, mode_t directory_mode)
{
    const char *directory = test_directory();
    db_close(item_file_db(directory));
    chmod(item_path(directory, "rapport.db").text, file);
    chmod(directory, directory_mode);
    return directory;
}

TEST(db_open, says_that_a_file_is_read_only)
{
    const char *directory = database_with_modes(0444, 0777);
    CHECK_INT(0, item_child_run(open_as_nobody, (void *)(uintptr_t)directory));
}

TEST(db_open, says_that_a_folder_is_read_only)
{
    const char *directory = database_with_modes(0666, 0555);
    int status = item_child_run(open_as_nobody, (void *)(uintptr_t)directory);
    chmod(directory, 0700);
    CHECK_INT(0, status);
}

/* ---- damage ---- */

static const char *database_with_items(int64_t count)
{
    const char *directory = test_directory();
    struct db *db = item_file_db(directory);
    struct fault fault;
    for (int64_t id = 1; id <= count; id++)
        CHECK_OK(item_add(db, id, NULL, &fault));
    db_close(db);
    return directory;
}

enum { DAMAGED_ITEMS = 2000, PAGE_BYTES = 4096 };

static enum err read_all(struct db *db, struct fault *fault)
{
    struct db_conn *conn;
    TRY(db_reader_take(db, fault, &conn));
    struct db_rows *rows = db_select(conn, &item_queries[ITEM_LIST], DB_ARGS(db_int(INT64_MAX)));
    while (db_rows_next(rows))
        db_rows_int(rows, "id");
    enum err err = db_rows_close(rows);
    db_reader_give(conn);
    return err;
}

static void check_damage(const char *directory)
{
    struct db_options options = item_file_options(directory);
    struct db *db;
    struct fault fault;
    CHECK_OK(db_open(&options, &db, &fault));
    CHECK_ERR(ERR_CORRUPT, read_all(db, &fault));
    CHECK_INT(ERR_CORRUPT, fault.err);
    CHECK_ERR(ERR_CORRUPT, db_check(db, &fault));
    CHECK(fault.detail[0]);
    CHECK_ERR(ERR_CORRUPT,
              db_backup(db, str_from_c(item_path(directory, "copy.db").text), NULL, NULL, &fault));
    struct stat info;
    CHECK_INT(-1, stat(item_path(directory, "copy.db").text, &info));
    db_close(db);
}

TEST(damage, of_a_page_is_told)
{
    const char *directory = database_with_items(DAMAGED_ITEMS);
    int fd = open(item_path(directory, "rapport.db").text, O_RDWR);
    struct stat info;
    CHECK_INT(0, fstat(fd, &info));
    char noise[PAGE_BYTES];
    memset(noise, 0x5A, sizeof(noise));
    for (off_t page = 6; page < info.st_size / PAGE_BYTES; page++)
        CHECK_INT(PAGE_BYTES, pwrite(fd, noise, PAGE_BYTES, page * PAGE_BYTES));
    close(fd);
    check_damage(directory);
}

TEST(damage, of_a_file_that_was_cut_off_is_told)
{
    const char *directory = database_with_items(DAMAGED_ITEMS);
    struct stat info;
    struct item_path path = item_path(directory, "rapport.db");
    CHECK_INT(0, stat(path.text, &info));
    CHECK_INT(0, truncate(path.text, info.st_size / PAGE_BYTES / 2 * PAGE_BYTES));
    struct fault fault;
    CHECK_ERR(ERR_CORRUPT, open_at(directory, false, &fault));
    CHECK_INT(ERR_CORRUPT, fault.err);
}

/* ---- a full disk ---- */

/* Nothing the process writes may grow over this; like a full disk, the write fails. */
static void limit_files(rlim_t max_bytes)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = max_bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* Adds items until one fails: how many were acknowledged. */
static int64_t add_until_failure(struct db *db, enum err *ret_err)
{
    struct fault fault;
    int64_t id = 1;
    while ((*ret_err = item_add(db, id, NULL, &fault)) == OK)
        id++;
    return id - 1;
}

static bool has_exactly(struct db *db, int64_t count)
{
    return item_count(db) == count && item_exists(db, count) && !item_exists(db, count + 1);
}

/* What is as it must be after a write failed for want of room, and once there is room again. */
static int check_full(struct db *db, int64_t added)
{
    struct fault fault;
    if (!has_exactly(db, added))
        return 2;
    if (item_add(db, added + 1, NULL, &fault) != ERR_STORAGE_FULL ||
        !strstr(fault.sentence, "nothing was changed"))
        return 3;
    return has_exactly(db, added) ? 0 : 4;
}

static int check_room_again(struct db *db, int64_t added)
{
    struct fault fault;
    if (item_add(db, added + 1, NULL, &fault) != OK || !has_exactly(db, added + 1))
        return 5;
    return db_check(db, &fault) == OK ? 0 : 6;
}

static int fill_a_limited_file(void *arg)
{
    struct fault fault;
    enum err err;
    struct db_options options = item_file_options(arg);
    struct db *db;
    if (db_open(&options, &db, &fault) != OK)
        return 1;
    limit_files(200 * 1024);
    int64_t added = add_until_failure(db, &err);
    int status = err == ERR_STORAGE_FULL && added >= 10 ? check_full(db, added) : 7;
    limit_files(RLIM_INFINITY);
    if (status == 0)
        status = check_room_again(db, added);
    db_close(db);
    return status;
}

TEST(full_disk, is_told_and_loses_nothing_and_the_next_write_after_it_works)
{
    const char *directory = database_with_items(0);
    CHECK_INT(0, item_child_run(fill_a_limited_file, (void *)(uintptr_t)directory));
}

/* A job of many rows, which meets the full disk before its commit or at it. */
static enum err add_too_many(struct db_conn *conn, void *arg)
{
    (void)arg;
    for (int64_t id = 100; id < 40000; id++)
        TRY(item_add_in(conn, id, NULL));
    return OK;
}

static int write_a_large_job(void *arg)
{
    struct fault fault;
    struct db_options options = item_file_options(arg);
    struct db *db;
    options.cache_bytes = 256 * 1024; /* small, so that pages are written before the commit */
    if (db_open(&options, &db, &fault) != OK || item_add(db, 1, NULL, &fault) != OK)
        return 1;
    limit_files(1024 * 1024);
    if (db_write(db, add_too_many, NULL, &fault) != ERR_STORAGE_FULL || !has_exactly(db, 1))
        return 2;
    if (item_add(db, 2, NULL, &fault) != OK || !has_exactly(db, 2))
        return 3;
    db_close(db);
    return 0;
}

TEST(full_disk, takes_back_a_large_job_and_leaves_room_for_a_small_one)
{
    const char *directory = database_with_items(0);
    CHECK_INT(0, item_child_run(write_a_large_job, (void *)(uintptr_t)directory));
}

/* Linux only, and not in POSIX. */
int unshare(int flags);
enum { PRIVATE_USERS_AND_MOUNTS = 0x10020000, PRIVATE_MOUNTS = 0x20000, NOT_ALLOWED = 99 };

static bool mount_small_disk(const char *directory)
{
    if (unshare(PRIVATE_MOUNTS) != 0 && unshare(PRIVATE_USERS_AND_MOUNTS) != 0)
        return false;
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", directory, "tmpfs", 0, "size=1m") == 0;
}

static int fill_a_small_disk(void *arg)
{
    const char *directory = arg;
    struct fault fault;
    enum err err;
    if (!mount_small_disk(directory))
        return NOT_ALLOWED;
    struct db_options options = item_file_options(directory);
    struct item_path ballast = item_path(directory, "ballast");
    struct db *db;
    int fd = open(ballast.text, O_WRONLY | O_CREAT, 0600);
    if (fd < 0 || posix_fallocate(fd, 0, 500 * 1024) != 0 || close(fd) != 0)
        return 8;
    if (db_open(&options, &db, &fault) != OK ||
        db_migrate(db, item_migrations, ITEM_MIGRATIONS, &fault) != OK)
        return 1;
    int64_t added = add_until_failure(db, &err);
    int status = err == ERR_STORAGE_FULL && added >= 10 ? check_full(db, added) : 7;
    unlink(ballast.text);
    if (status == 0)
        status = check_room_again(db, added);
    db_close(db);
    return status;
}

/* Where the system lets nobody mount, the limited file above stands for it. */
TEST(full_disk, is_told_on_a_disk_that_really_is_full)
{
    int status = item_child_run(fill_a_small_disk, (void *)(uintptr_t)test_directory());
    CHECK(status == 0 || status == NOT_ALLOWED);
}
