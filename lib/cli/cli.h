/* The command line: declared commands and options, tables in three forms, a progress bar. */
#ifndef LIB_CLI_CLI_H
#define LIB_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

/* ---- commands ---- */

enum cli_option_type { CLI_FLAG, CLI_TEXT, CLI_INT, CLI_DAY };

/* One option: `--from DAY`. A text option may be given several times where `repeats`. */
struct cli_option {
    const char *name; /* without the dashes */
    enum cli_option_type type;
    const char *value_name; /* "DAY"; NULL for a flag */
    const char *help;
    bool repeats;
};

struct cli_args;

/* One command: `partner list`. `words` of two words make a family whose help lists its members. */
struct cli_command {
    const char *words;
    const char
        *operands; /* "PARTNER [FILE…]" as help prints it: […] optional, … repeated; "" for none */
    const char *summary; /* one line */
    const struct cli_option *options;
    size_t option_count;
    const char *notes; /* paragraphs below the options in help: examples, exit codes; may be NULL */
    const void *row;   /* the product's own part of the row */
};

struct cli_program {
    const char *name;
    const char *version;
    const char *released; /* "2026-11-25"; for the manual page */
    const char *summary;
    const struct cli_command *commands;
    size_t command_count;
    const struct cli_option *common; /* taken by every command, also before its words */
    size_t common_count;
};

/* What main was given, and where help goes. */
struct cli_line {
    int argc;
    char **argv;
    int out_fd;
};

/*
 * Finds the command and reads options and operands (options anywhere, `--` ends them,
 * `--name=value` too). `*ret_args` NULL and OK: help or version was asked for and has been written
 * to `out_fd`. ERR_INVALID: unknown command (with the nearest one named), unknown option,
 * missing or bad value, too few or too many operands.
 */
MUST_CHECK enum err cli_parse(const struct cli_program *program, const struct cli_line *line,
                              struct arena *arena, struct cli_args **ret_args, struct fault *fault);
/* What was asked for: never NULL. */
const struct cli_command *cli_command(const struct cli_args *args);
bool cli_has(const struct cli_args *args, const char *option);
/* Empty, 0 when not given. Asking for an option that the command does not declare aborts. */
struct str cli_text(const struct cli_args *args, const char *option);
int64_t cli_int(const struct cli_args *args, const char *option);
size_t cli_text_count(const struct cli_args *args, const char *option);
struct str cli_text_at(const struct cli_args *args, const char *option, size_t index);
size_t cli_operand_count(const struct cli_args *args);
/* Empty when absent. */
struct str cli_operand(const struct cli_args *args, size_t index);
/* Help of one command, of a family ("partner"), or of the program (""), as text; empty when there
 * is none. */
struct str cli_help(const struct cli_program *program, struct str words, struct arena *arena);
/* The manual page, as mdoc(7). */
struct str cli_man_page(const struct cli_program *program, struct arena *arena);

/* ---- tables ---- */

enum cli_format { CLI_FORMAT_TEXT, CLI_FORMAT_JSON, CLI_FORMAT_CSV };
enum cli_align { CLI_LEFT, CLI_RIGHT };

struct cli_column {
    const char *title;    /* "Sales"; for people */
    const char *key;      /* "sales"; for JSON and CSV */
    enum cli_align align; /* numbers stand at the right, in text with their thousands apart */
    enum { CLI_CELL_TEXT, CLI_CELL_NUMBER } json; /* a number is written without quotes in JSON */
};

struct cli_table;
struct cli_table *cli_table_new(struct arena *arena, const struct cli_column *columns,
                                size_t count);
/* Cells in the order of the columns; an empty cell is null in JSON, "–" in text. Texts are
 * borrowed. */
void cli_table_add(struct cli_table *table, const struct str *cells);
/* In text this column gives way first: columns marked so are left out, the last of them first, as
 * long as the table is too wide. Aborts when there is no such key. */
void cli_table_spare(struct cli_table *table, const char *key);
const struct cli_column *cli_table_columns(const struct cli_table *table, size_t *ret_count);
size_t cli_table_rows(const struct cli_table *table);
/* Borrowed; NULL past the end. */
const struct str *cli_table_row(const struct cli_table *table, size_t index);
/*
 * As text: aligned by display width, cut to `width_columns` (0: not cut), the header bold where
 * `is_terminal`. Every control character of a cell is made visible, so that data never drives the
 * terminal. JSON and CSV are src/core's (command_print_table).
 */
struct str cli_table_render(const struct cli_table *table, int width_columns, bool is_terminal,
                            struct arena *arena);
/* Columns of the terminal, 0 when `fd` is none. */
int cli_terminal_width(int fd);
/* Its lines. */
int cli_terminal_height(int fd);
/* The text with every control character, mark of direction and bad byte made visible. Borrowed or
 * in the arena. */
struct str cli_visible(struct str text, struct arena *arena);
/* Thousands apart for people: "77,548,570.20". A text that is no number stays. */
struct str cli_group_digits(struct str number, struct arena *arena);

/* ---- progress ---- */

/* A bar on one line of a terminal: "  62 %  ██████▏    35,800/57,851 rows  41,200 rows/s  0:01
 * left". Nothing where `fd` is no terminal. */
struct cli_progress;
struct cli_progress *cli_progress_new(int fd, const char *unit, struct arena *arena);
/* At most ten redraws a second. `total` 0: not known yet. */
void cli_progress_set(struct cli_progress *progress, int64_t done, int64_t total);
/* Clears the line. */
void cli_progress_end(struct cli_progress *progress);

enum { CLI_SECRET_MAX = 1024 };
/*
 * Reads a line of at most CLI_SECRET_MAX bytes from stdin, without echo and with the prompt on
 * stderr where it is a terminal; wipe it after use. ERR_CANCELLED for Ctrl-C, ERR_INVALID when
 * nothing comes.
 */
MUST_CHECK enum err cli_read_secret(const char *prompt, struct arena *arena, struct str *ret_secret,
                                    struct fault *fault);
/* All of the bytes, or ERR_IO. */
MUST_CHECK enum err cli_write(int fd, struct str text);

#endif
