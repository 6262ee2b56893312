/* The SQLite driver: backup, check and size. */
#include "lib/db/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKUP_STEP_PAGES = 256, SUFFIX_MAX = 16 };

/* ---- check ---- */

/* The first row's first column, or nothing. */
static enum err first_text(sqlite3 *handle, const char *sql, struct fault *fault, char *ret_text)
{
    sqlite3_stmt *stmt;
    ret_text[0] = '\0';
    TRY(sqlite_fail(fault, handle, sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL), sql));
    int result = sqlite3_step(stmt);
    if (result == SQLITE_ROW)
        snprintf(ret_text, FAULT_DETAIL_MAX, "%s", (const char *)sqlite3_column_text(stmt, 0));
    enum err err = sqlite_fail(fault, handle, result, sql);
    sqlite3_finalize(stmt);
    return err;
}

enum err sqlite_check_handle(sqlite3 *handle, struct fault *fault)
{
    char text[FAULT_DETAIL_MAX];
    TRY(first_text(handle, "PRAGMA integrity_check(1)", fault, text));
    if (strcmp(text, "ok") != 0)
        return db_fault(fault, ERR_CORRUPT, "integrity", text);
    TRY(first_text(handle, "PRAGMA foreign_key_check", fault, text));
    if (text[0])
        return db_fault(fault, ERR_CORRUPT, "a row refers to none, in the table", text);
    return OK;
}

enum err sqlite_check(struct db *db, struct fault *fault)
{
    struct db_conn *conn;
    TRY(sqlite_connect(db, false, fault, &conn));
    enum err err = sqlite_check_handle(((struct sqlite_conn *)(void *)conn)->handle, fault);
    sqlite_disconnect(conn);
    return err;
}

static int64_t file_bytes(const char *path, const char *suffix)
{
    char *name = db_alloc(strlen(path) + SUFFIX_MAX);
    struct stat info;
    snprintf(name, strlen(path) + SUFFIX_MAX, "%s%s", path, suffix);
    int64_t size = stat(name, &info) == 0 ? (int64_t)info.st_size : 0;
    free(name);
    return size;
}

int64_t sqlite_size_bytes(struct db *db)
{
    return file_bytes(db->location, "") + file_bytes(db->location, "-wal");
}

/* ---- backup ---- */

/* A backup under way. */
struct backup {
    const struct db_backup_order *order;
    struct fault *fault;
    char *path;  /* where it will be */
    char *draft; /* where it is made, in the same folder */
    char *folder;
    struct sqlite_conn *from; /* inside one snapshot */
    sqlite3 *to;
};

static enum err fail_file(struct backup *backup, const char *doing)
{
    int number = errno;
    if (number == EEXIST)
        return fault_set(backup->fault, ERR_CONFLICT, "exists", "There is a file at %s already.",
                         backup->path);
    enum err err = number == ENOSPC || number == EDQUOT                     ? ERR_STORAGE_FULL
                   : number == EACCES || number == EPERM || number == EROFS ? ERR_READ_ONLY
                                                                            : ERR_IO;
    err = fault_set(backup->fault, err, "backup", "The backup cannot be written to %s: %s.",
                    backup->path, strerror(number));
    fault_add_detail(backup->fault, "%s", doing);
    return err;
}

static void name_files(struct backup *backup, struct str path)
{
    size_t room = path.len + SUFFIX_MAX;
    backup->path = db_alloc(room);
    backup->draft = db_alloc(room);
    backup->folder = db_alloc(room);
    snprintf(backup->path, room, "%.*s", STR_ARG(path));
    snprintf(backup->draft, room, "%.*s.XXXXXX", STR_ARG(path));
    snprintf(backup->folder, room, "%.*s", STR_ARG(path));
    char *slash = strrchr(backup->folder, '/');
    if (!slash)
        snprintf(backup->folder, room, ".");
    else
        slash[slash == backup->folder] = '\0';
}

static enum err make_draft(struct backup *backup)
{
    struct stat info;
    if (lstat(backup->path, &info) == 0) {
        errno = EEXIST;
        return fail_file(backup, "look");
    }
    int fd = mkstemp(backup->draft);
    if (fd < 0) {
        backup->draft[0] = '\0';
        return fail_file(backup, "create");
    }
    close(fd);
    return OK;
}

static enum err begin_snapshot(struct backup *backup, struct db *db)
{
    struct db_conn *conn;
    TRY(sqlite_connect(db, false, backup->fault, &conn));
    backup->from = (struct sqlite_conn *)(void *)conn;
    int result = sqlite3_exec(backup->from->handle, "BEGIN; SELECT COUNT(*) FROM sqlite_master",
                              NULL, NULL, NULL);
    return sqlite_fail(backup->fault, backup->from->handle, result, "snapshot");
}

static enum err open_draft(struct backup *backup)
{
    int result = sqlite3_open_v2(backup->draft, &backup->to,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_exec(backup->to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF",
                              NULL, NULL, NULL);
    return sqlite_fail(backup->fault, backup->to, result, "open");
}

static void tell_progress(const struct backup *backup, sqlite3_backup *copy)
{
    int64_t total = sqlite3_backup_pagecount(copy);
    if (backup->order->progress)
        backup->order->progress(backup->order->self, total - sqlite3_backup_remaining(copy), total);
}

static enum err copy_pages(struct backup *backup)
{
    sqlite3_backup *copy = sqlite3_backup_init(backup->to, "main", backup->from->handle, "main");
    if (!copy)
        return sqlite_fail(backup->fault, backup->to, sqlite3_errcode(backup->to), "copy");
    int result;
    do {
        result = sqlite3_backup_step(copy, BACKUP_STEP_PAGES);
        tell_progress(backup, copy);
    } while (result == SQLITE_OK);
    result = sqlite3_backup_finish(copy);
    return sqlite_fail(backup->fault, backup->to, result, "copy");
}

static enum err sync_path(struct backup *backup, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0;
    enum err err = failed ? fail_file(backup, "sync") : OK;
    if (fd >= 0)
        close(fd);
    return err;
}

/* Not by rename, which would replace a file that has come there in the meantime. */
static enum err publish(struct backup *backup)
{
    TRY(sync_path(backup, backup->draft));
    if (link(backup->draft, backup->path) != 0)
        return fail_file(backup, "link");
    enum err err = sync_path(backup, backup->folder);
    if (err != OK)
        unlink(backup->path);
    return err;
}

/* Ended before the check, which may take long: the log cannot start anew while it is held. */
static void end_snapshot(struct backup *backup)
{
    if (backup->from)
        sqlite_disconnect(&backup->from->base);
    backup->from = NULL;
}

static enum err make_backup(struct backup *backup, struct db *db)
{
    TRY(make_draft(backup));
    TRY(begin_snapshot(backup, db));
    TRY(open_draft(backup));
    TRY(copy_pages(backup));
    end_snapshot(backup);
    TRY(sqlite_check_handle(backup->to, backup->fault));
    sqlite3_close(backup->to);
    backup->to = NULL;
    return publish(backup);
}

static void remove_side_file(const char *draft, const char *suffix)
{
    char *name = db_alloc(strlen(draft) + SUFFIX_MAX);
    snprintf(name, strlen(draft) + SUFFIX_MAX, "%s%s", draft, suffix);
    unlink(name);
    free(name);
}

static void finish_backup(struct backup *backup)
{
    sqlite3_close(backup->to);
    end_snapshot(backup);
    if (backup->draft[0]) {
        unlink(backup->draft);
        remove_side_file(backup->draft, "-wal");
        remove_side_file(backup->draft, "-shm");
    }
    free(backup->path);
    free(backup->draft);
    free(backup->folder);
}

enum err sqlite_backup(struct db *db, const struct db_backup_order *order, struct fault *fault)
{
    struct backup backup = {.order = order, .fault = fault};
    name_files(&backup, order->path);
    enum err err = make_backup(&backup, db);
    finish_backup(&backup);
    return err;
}
