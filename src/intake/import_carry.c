/* Files of imports that are still to be applied, on their way to another database. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "src/intake/import_files.h"
#include "src/intake/import_piece_store.h"

enum { OWNER_ONLY_FILE = 0600, CHUNK_BYTES = 1024 * 1024 };

static enum err cannot(struct ctx *ctx, struct str name)
{
    return CTX_FAULT(ctx, ERR_IO, "file", "The import's file %.*s could not be copied.",
                     STR_ARG(str_slice(name, 0, 64)));
}

static enum err open_own(struct ctx *ctx, struct str name, int *ret_fd)
{
    struct str path = {NULL, 0};
    TRY(import_files_path(ctx, name, &path));
    *ret_fd = open(path.ptr, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, OWNER_ONLY_FILE);
    return *ret_fd >= 0 ? OK : cannot(ctx, name);
}

static enum err close_own(struct ctx *ctx, struct str name, int fd, enum err err)
{
    if (err == OK && fsync(fd))
        err = cannot(ctx, name);
    if (close(fd) && err == OK)
        err = cannot(ctx, name);
    return err;
}

static bool copy_bytes(struct ctx *ctx, int from, int to)
{
    char *bytes = arena_alloc(ctx->arena, CHUNK_BYTES);
    ssize_t got;
    while ((got = read(from, bytes, CHUNK_BYTES)) > 0)
        if (write(to, bytes, (size_t)got) != got)
            return false;
    return got == 0;
}

/* ---- out of a directory ---- */

static enum err copy_file(struct ctx *ctx, struct str name, int from)
{
    int fd;
    TRY(open_own(ctx, name, &fd));
    return close_own(ctx, name, fd, copy_bytes(ctx, from, fd) ? OK : cannot(ctx, name));
}

static enum err carry_file(struct ctx *ctx, int directory, const char *file)
{
    struct str name = arena_str(ctx->arena, str_from_c(file));
    if (!str_ends_with(name, STR(".csv")))
        return OK;
    int fd = openat(directory, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return cannot(ctx, name);
    enum err err =
        import_pieces_are_kept(ctx) ? import_pieces_save(ctx, name, fd) : copy_file(ctx, name, fd);
    close(fd);
    return err;
}

static enum err carry_files(struct ctx *ctx, struct str from)
{
    struct str path = arena_format(ctx->arena, "%.*s/imports", STR_ARG(from));
    DIR *directory = opendir(arena_cstr(ctx->arena, path));
    const struct dirent *entry;
    enum err err = OK;
    if (!directory)
        return OK; /* nothing was ever imported */
    while (err == OK && (entry = readdir(directory)))
        err = carry_file(ctx, dirfd(directory), entry->d_name);
    closedir(directory);
    return err;
}

/* ---- out of pieces ---- */

static enum err carry_pieces(struct ctx *ctx)
{
    struct str name = {NULL, 0};
    for (;;) {
        int fd;
        TRY(import_pieces_next(ctx, name, &name));
        if (!name.len)
            return OK;
        TRY(open_own(ctx, name, &fd));
        TRY(close_own(ctx, name, fd, import_pieces_fetch(ctx, name, fd)));
        import_pieces_drop(ctx, name);
    }
}

enum err import_carry(struct ctx *ctx, struct str from_directory)
{
    if (from_directory.len)
        TRY(carry_files(ctx, from_directory));
    return import_pieces_are_kept(ctx) ? OK : carry_pieces(ctx);
}
