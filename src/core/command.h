/* One row declares a command; help and the manual page come from these rows. */
#ifndef SRC_CORE_COMMAND_H
#define SRC_CORE_COMMAND_H

#include "lib/cli/cli.h"
#include "src/core/ctx.h"

/* What a command gets besides its context. */
struct command_run {
    const struct cli_args *args;
    enum cli_format format; /* --json, --csv */
    int out_fd, err_fd;
    bool is_terminal; /* out_fd */
};

struct command {
    const char *words;
    const char *operands;
    const char *summary;
    const struct cli_option *options;
    size_t option_count;
    const char *notes;
    /* The data directory is not opened first: the context has its path, time and randomness only.
     */
    bool without_data;
    /* SIGINT and SIGTERM are blocked before anything is opened: it takes them itself, and ends. */
    bool waits_for_signals;
    enum err (*run)(struct ctx *ctx, struct command_run *run);
};
#define COMMAND(words_, operands_, summary_, run_, ...)                                   \
    {                                                                                     \
        .words = (words_), .operands = (operands_), .summary = (summary_), .run = (run_), \
        __VA_ARGS__                                                                       \
    }

/* What each *_cli.c exports: `const struct command_table partner_commands;` */
struct command_table {
    const struct command *commands;
    size_t count;
};

/* The options --from and --to, for commands over a window. */
#define COMMAND_WINDOW_OPTIONS                                                         \
    {"from", CLI_DAY, "DAY", "first day of the window (default: 30 days ago)", false}, \
    {                                                                                  \
        "to", CLI_DAY, "DAY", "day after the last one (default: tomorrow)", false      \
    }

/* Writes text, a line, or a table in the format that was asked for. ERR_IO when the output is
 * closed. */
MUST_CHECK enum err command_print(struct command_run *run, struct str text);
MUST_CHECK enum err command_print_table(struct ctx *ctx, struct command_run *run,
                                        const struct cli_table *table);
/* One JSON document where --json was given, else the table of its fields: key and value pairs. */
MUST_CHECK enum err command_print_record(struct ctx *ctx, struct command_run *run,
                                         const struct str *keys, const struct str *values,
                                         size_t count);

#endif
