/* The PostgreSQL driver: backup and restore by the engine's own tools. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/db/postgres.h"

enum { WORDS_MAX = 4096, STATUS_NO_PROGRAM = 127, LINE_MAX_BYTES = 1024, SUFFIX_BYTES = 8 };

extern char **environ;

static const char password_variable[] = "PGPASSWORD=";

/* Its address as a tool takes it. What is secret goes by the environment: the words of a command
 * stand in the list of processes for everybody. */
struct address {
    char words[WORDS_MAX];
    char *password; /* "PGPASSWORD=…"; NULL: none */
    char **environment;
};

/* ---- the address ---- */

static void put_word(char *words, const char *keyword, const char *value)
{
    size_t at = strlen(words);
    at += (size_t)snprintf(words + at, WORDS_MAX - at, "%s='", keyword);
    for (; *value && at + 4 < WORDS_MAX; value++) {
        if (*value == '\'' || *value == '\\')
            words[at++] = '\\';
        words[at++] = *value;
    }
    snprintf(words + at, WORDS_MAX - at, "' ");
}

static enum err put_option(struct address *address, const PQconninfoOption *option,
                           struct fault *fault)
{
    if (strcmp(option->keyword, "sslpassword") == 0)
        return fault_set(fault, ERR_UNSUPPORTED, "address",
                         "PostgreSQL's tools cannot be given sslpassword without everybody seeing "
                         "it: use a key that needs none.");
    if (strcmp(option->keyword, "password") != 0) {
        if (strlen(address->words) + strlen(option->keyword) + 2 * strlen(option->val) + 8 >
            WORDS_MAX)
            return fault_set(fault, ERR_INVALID, "address", "The database's address is too long.");
        put_word(address->words, option->keyword, option->val);
        return OK;
    }
    size_t room = sizeof(password_variable) + strlen(option->val);
    address->password = db_alloc(room);
    snprintf(address->password, room, "%s%s", password_variable, option->val);
    return OK;
}

static enum err put_options(struct address *address, const PQconninfoOption *options,
                            struct fault *fault)
{
    for (const PQconninfoOption *each = options; each->keyword; each++)
        if (each->val)
            TRY(put_option(address, each, fault));
    return OK;
}

/* Ours with the password. */
static void make_environment(struct address *address)
{
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    address->environment = db_alloc((count + 2) * sizeof(char *));
    for (size_t i = 0; i < count; i++)
        if (!address->password ||
            strncmp(environ[i], password_variable, sizeof(password_variable) - 1) != 0)
            address->environment[kept++] = environ[i];
    address->environment[kept] = address->password;
}

static void address_finish(struct address *address)
{
    free(address->password);
    free(address->environment);
}

/* To be finished when it is OK. */
static enum err address_read(const struct db *db, struct address *ret_address, struct fault *fault)
{
    char *message = NULL;
    struct address address = {.password = NULL};
    PQconninfoOption *options = PQconninfoParse(db->location, &message);
    if (!options) {
        enum err set = db_fault(fault, ERR_INVALID, "address", message ? message : "wrong");
        (void)set; /* it is this one, which an analysis of this file alone cannot know */
        PQfreemem(message);
        return ERR_INVALID;
    }
    enum err err = put_options(&address, options, fault);
    PQconninfoFree(options);
    if (err != OK) {
        address_finish(&address);
        return err;
    }
    make_environment(&address);
    *ret_address = address;
    return OK;
}

/* ---- tools ---- */

struct tool {
    const char *const *words;
    char **environment;
    FILE *output; /* instead of ours; NULL: ours */
};

static int start(const struct tool *tool, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (tool->output)
        posix_spawn_file_actions_adddup2(&actions, fileno(tool->output), STDOUT_FILENO);
    int failed = posix_spawnp(ret_pid, tool->words[0], &actions, NULL,
                              (char *const *)(uintptr_t)tool->words, tool->environment);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static enum err run(const struct tool *tool, struct fault *fault)
{
    pid_t pid;
    int status = 0;
    int failed = start(tool, &pid);
    while (failed == 0 && waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            failed = errno;
    bool is_missing =
        failed == ENOENT || (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_NO_PROGRAM);
    if (is_missing)
        return fault_set(fault, ERR_UNSUPPORTED, "tool_missing",
                         "This needs PostgreSQL's own %s, which is not installed: on Debian, "
                         "apt install postgresql-client.",
                         tool->words[0]);
    if (failed || !WIFEXITED(status) || WEXITSTATUS(status))
        return fault_set(fault, ERR_IO, "tool", "%s failed; its own words stand above.",
                         tool->words[0]);
    return OK;
}

/* ---- backup ---- */

struct archive {
    char *path, *draft;
};

static void archive_init(struct archive *archive, struct str path)
{
    archive->path = db_alloc(path.len + 1);
    archive->draft = db_alloc(path.len + SUFFIX_BYTES);
    snprintf(archive->path, path.len + 1, "%.*s", STR_ARG(path));
    snprintf(archive->draft, path.len + SUFFIX_BYTES, "%.*s.XXXXXX", STR_ARG(path));
}

static void archive_finish(struct archive *archive)
{
    free(archive->path);
    free(archive->draft);
}

static enum err fail_file(const struct archive *archive, struct fault *fault)
{
    int number = errno;
    if (number == EEXIST)
        return fault_set(fault, ERR_CONFLICT, "exists", "There is a file at %s already.",
                         archive->path);
    enum err err = number == ENOSPC || number == EDQUOT                     ? ERR_STORAGE_FULL
                   : number == EACCES || number == EPERM || number == EROFS ? ERR_READ_ONLY
                                                                            : ERR_IO;
    return fault_set(fault, err, "backup", "The backup cannot be written to %s: %s.", archive->path,
                     strerror(number));
}

/* Of the owner only; in the same folder, so that it can be linked to its name. */
static enum err make_draft(struct archive *archive, struct fault *fault)
{
    struct stat info;
    if (lstat(archive->path, &info) == 0) {
        errno = EEXIST;
        return fail_file(archive, fault);
    }
    int fd = mkstemp(archive->draft);
    if (fd < 0)
        return fail_file(archive, fault);
    close(fd);
    return OK;
}

/* Leases are of processes that live now. pg_restore reads the whole archive to nowhere: a check. */
static enum err dump(const struct address *address, const struct archive *archive,
                     struct fault *fault)
{
    const char *const dump_words[] = {
        "pg_dump",  "--format=custom", "--no-password", "--exclude-table-data=db_lease",
        "--dbname", address->words,    "--file",        archive->draft,
        NULL};
    const char *const check_words[] = {"pg_restore", "--file=/dev/null", archive->draft, NULL};
    TRY(run(&(struct tool){dump_words, address->environment, NULL}, fault));
    TRY(run(&(struct tool){check_words, address->environment, NULL}, fault));
    return link(archive->draft, archive->path) == 0 ? OK : fail_file(archive, fault);
}

enum err pg_backup(struct db *db, const struct db_backup_order *order, struct fault *fault)
{
    struct archive archive;
    struct address address;
    TRY(address_read(db, &address, fault));
    archive_init(&archive, order->path);
    enum err err = make_draft(&archive, fault);
    if (err == OK) {
        err = dump(&address, &archive, fault);
        unlink(archive.draft);
    }
    archive_finish(&archive);
    address_finish(&address);
    return err;
}

/* ---- restore ---- */

/* What an extension brought does not count. */
static const char find_relation[] =
    "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'"
    " AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')"
    " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') LIMIT 1";

static enum err check_empty(const struct db *db, struct fault *fault)
{
    PGconn *link;
    TRY(pg_open_link(db, true, fault, &link));
    PGresult *result = PQexec(link, find_relation);
    enum err err = OK;
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        err = pg_fail(fault, link, result, "restore");
    else if (PQntuples(result))
        err = fault_set(fault, ERR_CONFLICT, "database_filled",
                        "The database is not empty; nothing was changed. Name an empty one.");
    PQclear(result);
    PQfinish(link);
    return err;
}

static enum err check_file(const char *path, struct fault *fault)
{
    struct stat info;
    if (stat(path, &info) || !S_ISREG(info.st_mode))
        return fault_set(fault, ERR_NOT_FOUND, "restore", "There is no backup %s to read.", path);
    return OK;
}

/* The table of contents names our own table. */
static bool names_ours(FILE *contents)
{
    char line[LINE_MAX_BYTES];
    bool found = false;
    rewind(contents);
    while (!found && fgets(line, sizeof(line), contents))
        found = strstr(line, " TABLE ") && strstr(line, " db_migration ");
    return found;
}

static enum err check_contents(const char *path, const struct address *address, struct fault *fault)
{
    const char *const words[] = {"pg_restore", "--list", path, NULL};
    FILE *contents = tmpfile();
    if (!contents)
        return fault_set(fault, ERR_IO, "restore", "No temporary file can be made: %s.",
                         strerror(errno));
    enum err err = run(&(struct tool){words, address->environment, contents}, fault);
    bool is_ours = err == OK && names_ours(contents);
    fclose(contents);
    if (err == ERR_UNSUPPORTED || is_ours)
        return err;
    return fault_set(fault, ERR_INVALID, "restore", "%s is no backup of such a database.", path);
}

static enum err restore_from(const struct db *db, const char *path, const struct address *address,
                             struct fault *fault)
{
    const char *const words[] = {"pg_restore", "--single-transaction", "--exit-on-error",
                                 "--no-owner", "--no-privileges",      "--no-password",
                                 "--dbname",   address->words,         path,
                                 NULL};
    TRY(check_file(path, fault));
    TRY(check_contents(path, address, fault));
    TRY(check_empty(db, fault));
    return run(&(struct tool){words, address->environment, NULL}, fault);
}

enum err pg_restore(const struct db *db, struct str path, struct fault *fault)
{
    struct archive archive;
    struct address address;
    TRY(address_read(db, &address, fault));
    archive_init(&archive, path);
    enum err err = restore_from(db, archive.path, &address, fault);
    archive_finish(&archive);
    address_finish(&address);
    return err;
}
