/* `rapport backup` and `rapport restore`: the database as one file, made while it is in use. */
#include <fcntl.h>
#include <unistd.h>

#include "lib/db/db.h"
#include "src/app/app.h"
#include "src/app/commands.h"
#include "src/app/data.h"
#include "src/app/schema.h"
#include "src/organisation/organisation.h"

enum { COPY_BYTES = 1024 * 1024, BUSY_TIMEOUT_MS = 10000 };

static void show_progress(void *self, int64_t done, int64_t total)
{
    cli_progress_set(self, done, total);
}

static enum err run_backup(struct ctx *ctx, struct command_run *run)
{
    struct str file = cli_operand(run->args, 0);
    struct cli_progress *progress = cli_progress_new(run->err_fd, "pages", ctx->arena);
    enum err err = db_backup(ctx->services->db, file, show_progress, progress, &ctx->fault);
    cli_progress_end(progress);
    TRY(err);
    return command_print(run, arena_format(ctx->arena, "Wrote and checked %.*s.\n", STR_ARG(file)));
}

static enum err copy_bytes(struct ctx *ctx, int from, int to)
{
    char *bytes = arena_alloc(ctx->arena, COPY_BYTES);
    ssize_t got;
    while ((got = read(from, bytes, COPY_BYTES)) > 0)
        if (cli_write(to, (struct str){bytes, (size_t)got}) != OK)
            return CTX_FAULT(ctx, ERR_STORAGE_FULL, "restore", "The copy could not be written.");
    if (got < 0 || fsync(to))
        return CTX_FAULT(ctx, ERR_IO, "restore", "The copy could not be read or written.");
    return OK;
}

static enum err copy_file(struct ctx *ctx, struct str from, struct str to)
{
    int source = open(arena_cstr(ctx->arena, from), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (source < 0)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "restore", "There is no backup %.*s to read.",
                         STR_ARG(from));
    int target = open(arena_cstr(ctx->arena, to), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum err err = target < 0 ? CTX_FAULT(ctx, ERR_IO, "restore", "Cannot write %.*s.", STR_ARG(to))
                              : copy_bytes(ctx, source, target);
    close(source);
    if (target >= 0)
        close(target);
    return err;
}

static enum err read_organisation(struct ctx *ctx, void *organisation)
{
    return organisation_get(ctx, organisation);
}

/* A database without an organisation, such as an empty file, is no backup of ours. */
static enum err check_content(struct ctx *ctx, const struct services *services)
{
    struct ctx inside;
    struct organisation organisation;
    ctx_init(&inside, services, ctx->arena);
    inside.actor = ctx->actor;
    if (ctx_read(&inside, read_organisation, &organisation) != OK)
        return CTX_FAULT(ctx, ERR_INVALID, "restore", "This is no backup of Rapport's data.");
    return db_check(services->db, &ctx->fault);
}

/* Opens it as the server would, so that what cannot be used is told now. */
static enum err check_copy(struct ctx *ctx)
{
    struct app *app;
    struct app_options options = {.directory = ctx->services->data_directory,
                                  .db_url = ctx->services->db_url};
    TRY(app_open(&options, &app, &ctx->fault));
    enum err err = check_content(ctx, app_services(app));
    app_close(app);
    return err;
}

static enum err restore_file(struct ctx *ctx, struct str file)
{
    struct str directory = ctx->services->data_directory;
    TRY(data_make(directory, &ctx->fault));
    enum err err = copy_file(ctx, file, data_path(ctx->arena, directory, "rapport.db"));
    if (err == OK)
        err = check_copy(ctx);
    if (err != OK)
        data_discard(directory);
    return err;
}

static enum err restore_server(struct ctx *ctx, struct str file)
{
    struct db_options options = {.url = ctx->services->db_url, .busy_timeout_ms = BUSY_TIMEOUT_MS};
    TRY(db_restore(&options, file, &ctx->fault));
    return check_copy(ctx);
}

static enum err run_restore(struct ctx *ctx, struct command_run *run)
{
    struct str file = cli_operand(run->args, 0), to = ctx->services->data_directory;
    bool is_server = ctx->services->db_url.len > 0;
    if (is_server)
        to = STR("the database"); /* its address may hold a password */
    TRY(is_server ? restore_server(ctx, file) : restore_file(ctx, file));
    return command_print(run, arena_format(ctx->arena, "Restored %.*s into %.*s and checked it.\n",
                                           STR_ARG(file), STR_ARG(to)));
}

static const struct command backup_rows[] = {
    COMMAND("backup", "FILE",
            "Copy the database into a file while it is in use, and check the copy", run_backup,
            .notes = "Refuses a file that exists. Of a PostgreSQL database (--db) it makes an "
                     "archive with\nPostgreSQL's own pg_dump."),
    COMMAND("restore", "FILE", "Make a data directory, or the contents of --db, out of a backup",
            run_restore, .without_data = true,
            .notes = "Refuses a directory or database that is not empty."),
};
const struct command_table backup_commands = {backup_rows, ARRAY_LEN(backup_rows)};
