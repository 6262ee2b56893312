/* Files of imports: copies in the data directory, digests, locks. */
#include "src/intake/import_files.h"
#include "src/intake/import_piece_store.h"
#include "src/intake/import_run.h"
#include "src/intake/import_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/core/limits.h"

enum { CHUNK_BYTES = 1024 * 1024, OWNER_ONLY_DIRECTORY = 0700, OWNER_ONLY_FILE = 0600 };

static enum err io_fault(struct ctx *ctx, const char *what, struct str path)
{
    enum err err = errno == ENOSPC || errno == EDQUOT ? ERR_STORAGE_FULL
                   : errno == EROFS                   ? ERR_READ_ONLY
                                                      : ERR_IO;
    enum err set = CTX_FAULT(ctx, err, "file", "%.*s cannot be %s: %s.",
                             STR_ARG(str_slice(path, 0, 160)), what, strerror(errno));
    (void)set; /* it is err, which an analyser cannot know */
    return err;
}

enum err import_files_path(struct ctx *ctx, struct str name, struct str *ret_path)
{
    struct str directory =
        arena_format(ctx->arena, "%.*s/imports", STR_ARG(ctx->services->data_directory));
    if (mkdir(arena_cstr(ctx->arena, directory), OWNER_ONLY_DIRECTORY) && errno != EEXIST)
        return io_fault(ctx, "made", directory);
    struct str path = arena_format(ctx->arena, "%.*s/%.*s", STR_ARG(directory), STR_ARG(name));
    *ret_path = (struct str){arena_cstr(ctx->arena, path), path.len};
    return OK;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t written = write(fd, bytes, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        len -= (size_t)written;
    }
    return true;
}

static bool copy_all(struct ctx *ctx, int from, int to)
{
    char *chunk = arena_alloc(ctx->arena, CHUNK_BYTES);
    if (lseek(from, 0, SEEK_SET) < 0)
        return false;
    for (;;) {
        ssize_t len = read(from, chunk, CHUNK_BYTES);
        if (len < 0 && errno == EINTR)
            continue;
        if (len <= 0)
            return len == 0 && fsync(to) == 0;
        if (!write_all(to, chunk, (size_t)len))
            return false;
    }
}

/* "…/0123abc.csv" → "0123abc.csv" */
static struct str name_of(struct str path)
{
    size_t start = path.len;
    while (start > 0 && path.ptr[start - 1] != '/')
        start--;
    return str_slice(path, start, path.len);
}

enum err import_keep_file(struct ctx *ctx, int fd, struct import_file *file)
{
    struct str path = {NULL, 0};
    struct str name = arena_format(ctx->arena, "%llx.csv", (unsigned long long)ctx_next_id(ctx));
    TRY(import_files_path(ctx, name, &path));
    int copy = open(path.ptr, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, OWNER_ONLY_FILE);
    if (copy < 0)
        return io_fault(ctx, "made", path);
    enum err err = copy_all(ctx, fd, copy) ? OK : io_fault(ctx, "written", path);
    if (close(copy) && err == OK)
        err = io_fault(ctx, "written", path);
    if (err == OK && import_pieces_are_kept(ctx))
        err = import_pieces_save(ctx, name, fd);
    if (err != OK)
        unlink(path.ptr);
    file->path = path;
    file->owned = true;
    return err;
}

void import_drop_file(struct ctx *ctx, const struct import_file *file)
{
    struct str path = file->path;
    if (!file->owned || import_files_path(ctx, name_of(file->path), &path) != OK)
        return;
    unlink(arena_cstr(ctx->arena, path));
    if (import_pieces_are_kept(ctx))
        import_pieces_drop(ctx, name_of(path));
}

/* Another server has taken the file in: a copy of our own is made, whole or not at all. */
static enum err fetch(struct ctx *ctx, struct str path)
{
    struct str part =
        arena_format(ctx->arena, "%.*s.%llx", STR_ARG(path), (unsigned long long)ctx_next_id(ctx));
    const char *part_path = arena_cstr(ctx->arena, part);
    int fd = open(part_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, OWNER_ONLY_FILE);
    if (fd < 0)
        return io_fault(ctx, "made", part);
    enum err err = import_pieces_fetch(ctx, name_of(path), fd);
    if (close(fd) && err == OK)
        err = io_fault(ctx, "written", part);
    if (err == OK && rename(part_path, arena_cstr(ctx->arena, path)))
        err = io_fault(ctx, "written", path);
    if (err != OK)
        unlink(part_path);
    return err;
}

/* Where the file is on this machine. */
static enum err find(struct ctx *ctx, const struct import_file *file, struct str *ret_path)
{
    *ret_path = file->path;
    if (!file->owned)
        return OK;
    TRY(import_files_path(ctx, name_of(file->path), ret_path));
    if (!import_pieces_are_kept(ctx) || access(arena_cstr(ctx->arena, *ret_path), F_OK) == 0)
        return OK;
    return fetch(ctx, *ret_path);
}

enum err import_files_open(struct ctx *ctx, const struct import_file *file, int *ret_fd)
{
    struct stat status;
    struct str path = {NULL, 0};
    TRY(find(ctx, file, &path));
    /* A pipe without a writer would keep it waiting. */
    int fd = open(arena_cstr(ctx->arena, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "file_missing", "There is no file %.*s.",
                         STR_ARG(str_slice(file->path, 0, 200)));
    if (fd < 0)
        return io_fault(ctx, "opened", file->path);
    enum err err = fstat(fd, &status) ? io_fault(ctx, "read", file->path) : OK;
    if (err == OK && !S_ISREG(status.st_mode))
        err = CTX_FAULT(ctx, ERR_INVALID, "file_kind", "%.*s is no ordinary file.",
                        STR_ARG(str_slice(file->path, 0, 200)));
    if (err == OK && status.st_size > LIMIT_IMPORT_FILE_BYTES)
        err = CTX_FAULT(
            ctx, ERR_TOO_LARGE, "file_too_large", "%.*s is larger than %d MB; split it.",
            STR_ARG(str_slice(file->path, 0, 160)), LIMIT_IMPORT_FILE_BYTES / 1000 / 1000);
    if (err != OK) {
        close(fd);
        return err;
    }
    *ret_fd = fd;
    return OK;
}

enum err import_files_digest(struct ctx *ctx, int fd, int64_t *ret_size_bytes,
                             struct str *ret_digest)
{
    struct digest digest;
    uint8_t bytes[DIGEST_BYTES];
    char *chunk = arena_alloc(ctx->arena, CHUNK_BYTES);
    int64_t size_bytes = 0;
    digest_init(&digest);
    if (lseek(fd, 0, SEEK_SET) < 0)
        return io_fault(ctx, "read", STR("The file"));
    for (;;) {
        ssize_t len = read(fd, chunk, CHUNK_BYTES);
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0)
            return io_fault(ctx, "read", STR("The file"));
        if (len == 0)
            break;
        digest_update(&digest, (struct str){chunk, (size_t)len});
        size_bytes += len;
    }
    digest_final(&digest, bytes);
    *ret_size_bytes = size_bytes;
    *ret_digest = hex_encode(bytes, sizeof(bytes), ctx->arena);
    return OK;
}

enum err import_files_read(struct ctx *ctx, struct str path, size_t max_bytes, struct str *ret_text)
{
    int fd = -1;
    struct import_file file = {.path = path};
    TRY(import_files_open(ctx, &file, &fd));
    char *text = arena_alloc(ctx->arena, max_bytes + 1);
    size_t len = 0;
    ssize_t got = 1;
    while (got > 0 && len <= max_bytes) {
        got = read(fd, text + len, max_bytes + 1 - len);
        len += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    if (got < 0)
        return io_fault(ctx, "read", path);
    if (len > max_bytes)
        return CTX_FAULT(ctx, ERR_TOO_LARGE, "file_too_large", "%.*s is larger than %zu bytes.",
                         STR_ARG(str_slice(path, 0, 200)), max_bytes);
    *ret_text = (struct str){text, len};
    return OK;
}

/* ---- sweeping ---- */

static enum err sweep_one(struct ctx *ctx, const char *name)
{
    struct str path = {NULL, 0};
    struct stat status;
    bool needs = true;
    if (!str_ends_with(str_from_c(name), STR(".csv")))
        return OK;
    TRY(import_files_path(ctx, str_from_c(name), &path));
    if (stat(path.ptr, &status) ||
        (int64_t)status.st_mtime * MS_PER_SECOND > ctx->now_ms - MS_PER_DAY)
        return OK;
    TRY(import_store_needs(ctx, path, &needs));
    if (!needs)
        unlink(path.ptr);
    return OK;
}

enum err import_files_sweep(struct ctx *ctx)
{
    struct str path = {NULL, 0};
    struct dirent *entry;
    enum err err = OK;
    TRY(import_files_path(ctx, STR("."), &path));
    DIR *directory = opendir(path.ptr);
    if (!directory)
        return io_fault(ctx, "read", path);
    while (err == OK && (entry = readdir(directory)))
        err = sweep_one(ctx, entry->d_name);
    closedir(directory);
    if (import_pieces_are_kept(ctx))
        import_pieces_sweep(ctx);
    return err;
}

/* ---- locks ---- */

static enum err lock_path(struct ctx *ctx, struct import_id id, struct str *ret_path)
{
    struct str text = import_id_text(id, ctx->arena);
    return import_files_path(ctx, arena_format(ctx->arena, "%.*s.lock", STR_ARG(text)), ret_path);
}

static enum err import_is_running(struct ctx *ctx)
{
    return CTX_FAULT(ctx, ERR_BUSY, "import_running", "This import is running already.");
}

/* Among the machines that share a database. */
static enum err take_lease(struct ctx *ctx, struct import_id id)
{
    bool taken = false;
    TRY(import_store_lease(ctx, id, &taken));
    return taken ? OK : import_is_running(ctx);
}

enum err import_keep_lock(struct ctx *ctx, struct import_id id)
{
    return take_lease(ctx, id);
}

enum err import_lock(struct ctx *ctx, struct import_id id, int *ret_fd)
{
    struct str path = {NULL, 0};
    TRY(lock_path(ctx, id, &path));
    int fd = open(path.ptr, O_RDWR | O_CREAT | O_CLOEXEC, OWNER_ONLY_FILE);
    if (fd < 0)
        return io_fault(ctx, "made", path);
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        close(fd);
        return import_is_running(ctx);
    }
    enum err err = take_lease(ctx, id);
    if (err != OK) {
        close(fd);
        return err;
    }
    *ret_fd = fd;
    return OK;
}

void import_unlock(struct ctx *ctx, struct import_id id, int fd, bool is_finished)
{
    struct str path = {NULL, 0};
    if (is_finished && lock_path(ctx, id, &path) == OK)
        unlink(path.ptr);
    import_store_release(ctx, id);
    close(fd);
}
