/* The program: reads the command line, runs one command, tells how it ended. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/app/app.h"
#include "src/app/commands.h"
#include "src/core/limits.h"

enum { TOLD_BYTES = 64 * 1024 };

static struct str data_directory(const struct cli_args *args)
{
    const char *environment = getenv("RAPPORT_DATA");
    if (cli_has(args, "data"))
        return cli_text(args, "data");
    return environment && environment[0] ? str_from_c(environment) : STR("rapport-data");
}

static struct str database_url(const struct cli_args *args)
{
    const char *environment = getenv("RAPPORT_DB");
    if (cli_has(args, "db"))
        return cli_text(args, "db");
    return str_from_c(environment ? environment : "");
}

static enum cli_format format_of(const struct cli_args *args)
{
    if (cli_has(args, "json"))
        return CLI_FORMAT_JSON;
    return cli_has(args, "csv") ? CLI_FORMAT_CSV : CLI_FORMAT_TEXT;
}

static enum err run_with(const struct command *command, const struct cli_args *args,
                         const struct services *services, struct ctx *ctx)
{
    struct command_run run = {
        .args = args,
        .format = format_of(args),
        .out_fd = STDOUT_FILENO,
        .err_fd = STDERR_FILENO,
        .is_terminal = isatty(STDOUT_FILENO),
    };
    struct arena *arena = ctx->arena;
    ctx_init(ctx, services, arena);
    ctx->actor = app_shell_actor(arena);
    return command->run(ctx, &run);
}

/* Before any thread is made, so that none of them is interrupted. */
static void block_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

static enum err run_command(const struct command *command, const struct cli_args *args,
                            struct ctx *ctx)
{
    struct str directory = data_directory(args), url = database_url(args);
    if (command->without_data) {
        struct services bare = app_bare_services(directory, url);
        return run_with(command, args, &bare, ctx);
    }
    struct app *app;
    struct app_options options = {.directory = directory, .db_url = url};
    if (command->waits_for_signals)
        block_signals();
    TRY(app_open(&options, &app, &ctx->fault));
    enum err err = run_with(command, args, app_services(app), ctx);
    app_close(app);
    return err;
}

/* Whoever read our output has seen enough: `rapport partner list --all | head`. */
static bool reader_is_gone(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR);
}

static void tell(const struct fault *fault)
{
    if (fault->err == ERR_IO && !fault->sentence[0] && reader_is_gone())
        return;
    const char *sentence = fault->sentence[0] ? fault->sentence : err_info(fault->err)->title;
    struct arena arena; /* the command's may be full */
    arena_init(&arena, TOLD_BYTES);
    /* It may repeat what a stranger named a file or a partner: nothing of it steers the terminal.
     */
    struct str told = cli_visible(str_from_c(sentence), &arena);
    struct str detail = cli_visible(str_from_c(fault->detail), &arena);
    fprintf(stderr, detail.len ? "rapport: %.*s (%.*s)\n" : "rapport: %.*s\n", STR_ARG(told),
            STR_ARG(detail));
    arena_finish(&arena);
}

static enum err run(int argc, char **argv, struct ctx *ctx)
{
    struct cli_program program = commands_program(ctx->arena);
    struct cli_line line = {argc, argv, STDOUT_FILENO};
    struct cli_args *args;
    TRY(crypt_init());
    TRY(cli_parse(&program, &line, ctx->arena, &args, &ctx->fault));
    return args ? run_command(cli_command(args)->row, args, ctx) : OK;
}

int main(int argc, char **argv)
{
    struct arena arena;
    struct ctx ctx = {.arena = &arena};
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file over its limit is an error, not the end */
    arena_init(&arena, LIMIT_JOB_ARENA_BYTES);
    enum err err = run(argc, argv, &ctx);
    if (err != OK) {
        ctx.fault.err = err;
        tell(&ctx.fault);
    }
    arena_finish(&arena);
    return err_info(err)->exit_code;
}
