/* Help as text, from the declarations. */
#include "lib/cli/args.h"
#include "lib/cli/width.h"

enum { HELP_BYTES_MAX = 256 * 1024, HELP_COLUMNS = 80, INDENT = 2, GAP = 2, FIRST_COLUMN_MAX = 28 };

/* A list of two columns. */
struct pairs {
    struct buf *buf;
    size_t first_width;
};

static void add_pair(const struct pairs *pairs, struct str first, const char *second)
{
    size_t column = INDENT + pairs->first_width + GAP;
    width_add_spaces(pairs->buf, INDENT);
    buf_add(pairs->buf, first);
    if (width_of(first) > pairs->first_width) {
        buf_add_char(pairs->buf, '\n');
        width_add_spaces(pairs->buf, column);
    } else {
        width_add_spaces(pairs->buf, pairs->first_width + GAP - width_of(first));
    }
    width_add_wrapped(pairs->buf, str_from_c(second), column, HELP_COLUMNS);
}

static size_t wider(size_t width, struct str text)
{
    size_t other = width_of(text);
    return other > width && other <= FIRST_COLUMN_MAX ? other : width;
}

/* ---- options ---- */

static struct str option_text(const struct cli_option *option, struct arena *arena)
{
    if (option->type == CLI_FLAG)
        return arena_format(arena, "--%s", option->name);
    return arena_format(arena, "--%s %s%s", option->name, option->value_name,
                        option->repeats ? "…" : "");
}

static void add_options(struct buf *buf, const struct cli_program *program,
                        const struct cli_command *command)
{
    const struct cli_option *option;
    struct arena *arena = buf->arena;
    struct pairs pairs = {buf, wider(0, STR("--help"))};
    for (size_t i = 0; (option = option_at(program, command, i)); i++)
        pairs.first_width = wider(pairs.first_width, option_text(option, arena));
    buf_add(buf, STR("\nOptions:\n"));
    for (size_t i = 0; (option = option_at(program, command, i)); i++)
        add_pair(&pairs, option_text(option, arena), option->help);
    add_pair(&pairs, STR("--help"), "show this");
}

/* ---- commands ---- */

/* Whether it belongs to what is listed: a family, or with "" the whole program. */
static bool is_listed(const struct cli_command *command, struct str family)
{
    return !family.len || in_family(command, family) ||
           str_equal(str_from_c(command->words), family);
}

static void add_commands(struct buf *buf, const struct cli_program *program, struct str family)
{
    struct pairs pairs = {buf, 0};
    for (size_t i = 0; i < program->command_count; i++)
        if (is_listed(&program->commands[i], family))
            pairs.first_width = wider(pairs.first_width, str_from_c(program->commands[i].words));
    buf_add(buf, STR("\nCommands:\n"));
    for (size_t i = 0; i < program->command_count; i++)
        if (is_listed(&program->commands[i], family))
            add_pair(&pairs, str_from_c(program->commands[i].words), program->commands[i].summary);
}

static void add_command_help(struct buf *buf, const struct cli_program *program,
                             const struct cli_command *command)
{
    buf_format(buf, "%s %s: %s\n\nUsage: %s %s%s%s [OPTION…]\n", program->name, command->words,
               command->summary, program->name, command->words, command->operands[0] ? " " : "",
               command->operands);
    add_options(buf, program, command);
    if (!command->notes)
        return;
    buf_add_char(buf, '\n');
    width_add_wrapped(buf, str_from_c(command->notes), 0, HELP_COLUMNS);
}

static void add_list_help(struct buf *buf, const struct cli_program *program, struct str family)
{
    if (!family.len)
        buf_format(buf, "%s %s: %s\n\n", program->name, program->version, program->summary);
    buf_format(buf, "Usage: %s %s [OPTION…]\n", program->name,
               family.len ? arena_cstr(buf->arena,
                                       arena_format(buf->arena, "%.*s COMMAND", STR_ARG(family)))
                          : "COMMAND");
    add_commands(buf, program, family);
    if (!family.len)
        add_options(buf, program, NULL);
    buf_format(buf, "\n`%s help COMMAND` tells more.\n", program->name);
}

struct str cli_help(const struct cli_program *program, struct str words, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, HELP_BYTES_MAX);
    const struct cli_command *command = words.len ? command_named(program, words) : NULL;
    bool family = words.len && is_family(program, words);
    if (command)
        add_command_help(&buf, program, command);
    if (command && family)
        buf_add_char(&buf, '\n');
    if (family || !words.len)
        add_list_help(&buf, program, words);
    return buf_str(&buf);
}
