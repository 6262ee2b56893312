/* The data directory and the small files in it. */
#include "src/app/data.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/id.h"

enum { PATH_BYTES_MAX = 4096, SERVER_BYTE = ID_NODE_MAX + 1 };

struct str data_path(struct arena *arena, struct str directory, const char *name)
{
    return arena_format(arena, "%.*s/%s", STR_ARG(directory), name);
}

/* For system calls. A path over the system's own limit becomes one that is nowhere. */
struct path {
    char text[PATH_BYTES_MAX];
};

static struct path path_join(struct str directory, const char *name)
{
    struct path path = {""};
    int len = snprintf(path.text, sizeof(path.text), "%.*s%s", STR_ARG(directory), name);
    if (len < 0 || (size_t)len >= sizeof(path.text))
        path.text[0] = '\0';
    return path;
}

static enum err system_fault(struct fault *fault, const char *what, struct str path)
{
    enum err err = ERR_IO;
    if (errno == ENOSPC || errno == EDQUOT)
        err = ERR_STORAGE_FULL;
    else if (errno == EACCES || errno == EPERM || errno == EROFS)
        err = ERR_READ_ONLY;
    return fault_set(fault, err, "file", "Cannot %s %.*s: %s.", what, STR_ARG(path),
                     strerror(errno));
}

static bool is_empty(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory)
        return false;
    size_t entries = 0;
    while (readdir(directory))
        entries++;
    closedir(directory);
    return entries == 2; /* "." and ".." */
}

/* Its owner could put anything in the place of our files, also where we are root. */
static enum err check_owner(struct path path, struct str directory, struct fault *fault)
{
    struct stat status;
    if (stat(path.text, &status))
        return system_fault(fault, "read", directory);
    if (status.st_uid == geteuid())
        return OK;
    return fault_set(fault, ERR_CONFLICT, "data_foreign",
                     "%.*s belongs to another user; nothing was changed. Run this as its owner, "
                     "or name another directory.",
                     STR_ARG(directory));
}

enum err data_make(struct str directory, struct fault *fault)
{
    struct path path = path_join(directory, "");
    if (mkdir(path.text, 0700) == 0)
        return OK;
    if (errno != EEXIST)
        return system_fault(fault, "make", directory);
    if (!is_empty(path.text))
        return fault_set(fault, ERR_CONFLICT, "data_exists",
                         "%.*s exists and is not empty; nothing was changed.", STR_ARG(directory));
    TRY(check_owner(path, directory, fault));
    return chmod(path.text, 0700) == 0 ? OK : system_fault(fault, "take", directory);
}

enum err data_ensure(struct str directory, struct fault *fault)
{
    struct path path = path_join(directory, "");
    if (mkdir(path.text, 0700) == 0)
        return OK;
    return errno == EEXIST ? check_owner(path, directory, fault)
                           : system_fault(fault, "make", directory);
}

/* Removes a directory that has files only, with them. */
static void remove_files_of(struct path path)
{
    DIR *directory = opendir(path.text);
    const struct dirent *entry;
    if (!directory)
        return;
    while ((entry = readdir(directory)))
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    rmdir(path.text);
}

void data_discard(struct str directory)
{
    static const char *const names[] = {"/rapport.db", "/rapport.db-wal", "/rapport.db-shm",
                                        "/nodes", "/first-sign-in"};
    remove_files_of(path_join(directory, "/imports"));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        remove(path_join(directory, names[i]).text);
    rmdir(path_join(directory, "").text);
}

enum err data_check(struct str directory, struct fault *fault)
{
    struct path path = path_join(directory, "/rapport.db");
    if (access(path.text, F_OK) == 0)
        return OK;
    return fault_set(fault, ERR_NOT_FOUND, "data_missing",
                     "There is no Rapport data in %.*s; make it with `rapport init`, or name "
                     "another directory with --data.",
                     STR_ARG(directory));
}

/* Locks one byte of `nodes`; false while another process has it. */
static bool take_byte(int fd, int at)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};
    return fcntl(fd, F_SETLK, &lock) == 0;
}

enum err data_take_node(struct str directory, int *ret_fd, int *ret_node, struct fault *fault)
{
    struct path path = path_join(directory, "/nodes");
    int fd = open(path.text, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return system_fault(fault, "open", str_from_c(path.text));
    for (int node = 0; node <= ID_NODE_MAX; node++) {
        if (take_byte(fd, node)) {
            *ret_fd = fd;
            *ret_node = node;
            return OK;
        }
    }
    close(fd);
    return fault_set(fault, ERR_BUSY, "nodes", "More than %d processes use %.*s.", ID_NODE_MAX,
                     STR_ARG(directory));
}

enum err data_take_server(struct str directory, int nodes_fd, struct fault *fault)
{
    if (take_byte(nodes_fd, SERVER_BYTE))
        return OK;
    return fault_set(fault, ERR_CONFLICT, "server", "Another server uses %.*s already.",
                     STR_ARG(directory));
}

static bool write_all(int fd, struct str text)
{
    while (text.len) {
        ssize_t written = write(fd, text.ptr, text.len);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            text = str_slice(text, (size_t)written, text.len);
    }
    return fsync(fd) == 0;
}

enum err data_write(struct str path, struct str text, struct fault *fault)
{
    struct path final = path_join(path, ""), fresh = path_join(path, ".new");
    int fd = open(fresh.text, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return system_fault(fault, "write", path);
    bool good = write_all(fd, text);
    good = close(fd) == 0 && good;
    if (good && rename(fresh.text, final.text) == 0)
        return OK;
    enum err err = system_fault(fault, "write", path);
    unlink(fresh.text);
    return err;
}

/* Up to `max_bytes`, or -1. */
static ssize_t read_up_to(int fd, char *bytes, size_t max_bytes)
{
    size_t len = 0;
    while (len < max_bytes) {
        ssize_t got = read(fd, bytes + len, max_bytes - len);
        if (got < 0 && errno != EINTR)
            return -1;
        if (got == 0)
            break;
        if (got > 0)
            len += (size_t)got;
    }
    return (ssize_t)len;
}

enum err data_read(struct str path, size_t max_bytes, struct arena *arena, struct str *ret_text,
                   struct fault *fault)
{
    struct path system_path = path_join(path, "");
    int fd = open(system_path.text, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return fault_set(fault, ERR_NOT_FOUND, "file", "There is no file %.*s.", STR_ARG(path));
    if (fd < 0)
        return system_fault(fault, "read", path);
    char *bytes = arena_alloc(arena, max_bytes + 1);
    ssize_t len = read_up_to(fd, bytes, max_bytes + 1);
    enum err err = len < 0 ? system_fault(fault, "read", path) : OK;
    close(fd);
    TRY(err);
    if ((size_t)len > max_bytes)
        return fault_set(fault, ERR_TOO_LARGE, "file", "%.*s is larger than %zu bytes.",
                         STR_ARG(path), max_bytes);
    *ret_text = (struct str){bytes, (size_t)len};
    return OK;
}
