/* Finds the command that was meant and reads its options and operands. */
#include "lib/cli/args.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/parse.h"
#include "lib/base/time.h"
#include "lib/cli/suggest.h"

/* What was given for one option. */
struct given {
    struct str *texts;
    size_t count;
    int64_t number;
};

struct cli_args {
    const struct cli_program *program;
    const struct cli_command *command;
    struct given *given; /* by option_at */
    struct str *operands;
    size_t operand_count;
};

/* The command line while it is read. */
struct reader {
    const struct cli_program *program;
    int argc, at;
    char **argv;
    struct arena *arena;
    struct fault *fault;
    struct cli_args *args;
    bool help_wanted;
};

/* ---- what is declared ---- */

const struct cli_option *option_at(const struct cli_program *program,
                                   const struct cli_command *command, size_t index)
{
    size_t own = command ? command->option_count : 0;
    if (index < own)
        return &command->options[index];
    return index - own < program->common_count ? &program->common[index - own] : NULL;
}

struct operand_range operand_range(const char *operands)
{
    struct operand_range range = {0, 0};
    struct str rest = str_from_c(operands), word;
    while (str_split(&rest, ' ', &word)) {
        if (!word.len)
            continue;
        range.least += word.ptr[0] != '[';
        if (str_find(word, STR("…"), NULL))
            range.most = SIZE_MAX;
        else if (range.most != SIZE_MAX)
            range.most++;
    }
    return range;
}

const struct cli_command *command_named(const struct cli_program *program, struct str words)
{
    for (size_t i = 0; i < program->command_count; i++)
        if (str_equal(words, str_from_c(program->commands[i].words)))
            return &program->commands[i];
    return NULL;
}

bool in_family(const struct cli_command *command, struct str family)
{
    struct str words = str_from_c(command->words);
    return words.len > family.len && words.ptr[family.len] == ' ' && str_starts_with(words, family);
}

bool is_family(const struct cli_program *program, struct str word)
{
    for (size_t i = 0; i < program->command_count; i++)
        if (in_family(&program->commands[i], word))
            return true;
    return false;
}

/* ---- options ---- */

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

static bool is_word(const char *word, const char *one, const char *other)
{
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

static enum err unknown_option(const struct reader *reader, struct str name)
{
    const struct cli_command *command = reader->args->command;
    const struct cli_option *option;
    struct suggestion near = suggest_begin(name);
    for (size_t i = 0; (option = option_at(reader->program, command, i)); i++)
        suggest_offer(&near, option->name);
    if (near.best.len)
        return fault_set(reader->fault, ERR_INVALID, "option_unknown",
                         "There is no option --%.*s here. Did you mean --%.*s?", STR_ARG(name),
                         STR_ARG(near.best));
    return fault_set(reader->fault, ERR_INVALID, "option_unknown",
                     "There is no option %s here; --help lists them.", reader->argv[reader->at]);
}

static bool find_option(const struct reader *reader, struct str name, size_t *ret_index)
{
    const struct cli_option *option;
    for (size_t i = 0; (option = option_at(reader->program, reader->args->command, i)); i++) {
        if (!str_equal(name, str_from_c(option->name)))
            continue;
        *ret_index = i;
        return true;
    }
    return false;
}

static enum err check_value(const struct reader *reader, const struct cli_option *option,
                            struct str text, int64_t *ret_number)
{
    struct day day;
    switch (option->type) {
    case CLI_FLAG:
    case CLI_TEXT:
        return OK;
    case CLI_INT:
        if (parse_int64(text, INT64_MIN, INT64_MAX, ret_number))
            return OK;
        return fault_set(reader->fault, ERR_INVALID, "option_value",
                         "--%s takes a whole number, not “%.*s”.", option->name, STR_ARG(text));
    case CLI_DAY:
        if (!day_parse(text, &day))
            return fault_set(reader->fault, ERR_INVALID, "option_value",
                             "--%s takes a day such as 2026-05-31, not “%.*s”.", option->name,
                             STR_ARG(text));
        *ret_number = day.v;
        return OK;
    }
    return OK;
}

static enum err keep_value(const struct reader *reader, const struct cli_option *option,
                           struct given *given, struct str text)
{
    if (given->count && !option->repeats)
        return fault_set(reader->fault, ERR_INVALID, "option_repeated",
                         "--%s is given more than once.", option->name);
    TRY(check_value(reader, option, text, &given->number));
    if (!given->texts)
        given->texts = ARENA_ARRAY(reader->arena, struct str, (size_t)reader->argc);
    given->texts[given->count++] = text;
    return OK;
}

static enum err read_flag(const struct reader *reader, const struct cli_option *option,
                          struct given *given, bool has_value)
{
    if (has_value)
        return fault_set(reader->fault, ERR_INVALID, "option_value", "--%s takes no value.",
                         option->name);
    return keep_value(reader, option, given, STR("yes"));
}

/* The value that stands in the next word. */
static enum err take_value(struct reader *reader, const struct cli_option *option,
                           struct str *ret_value)
{
    const char *next = reader->at + 1 < reader->argc ? reader->argv[reader->at + 1] : "--";
    if (strncmp(next, "--", 2) == 0)
        return fault_set(reader->fault, ERR_INVALID, "option_value", "--%s needs a value: --%s=%s.",
                         option->name, option->name, option->value_name);
    reader->at++;
    *ret_value = str_from_c(next);
    return OK;
}

/* The option at reader->at, and its value. */
static enum err read_option(struct reader *reader)
{
    const char *word = reader->argv[reader->at];
    struct str text = str_from_c(word + (word[1] == '-' ? 2 : 1));
    size_t end = text.len, index;
    if (is_word(word, "--help", "-h")) {
        reader->help_wanted = true;
        return OK;
    }
    bool has_value = str_find_char(text, '=', &end);
    struct str name = str_slice(text, 0, end);
    struct str value = str_slice(text, end + 1, text.len);
    if (word[1] != '-' || !find_option(reader, name, &index))
        return unknown_option(reader, name);
    const struct cli_option *option = option_at(reader->program, reader->args->command, index);
    struct given *given = &reader->args->given[index];
    if (option->type == CLI_FLAG)
        return read_flag(reader, option, given, has_value);
    if (!has_value)
        TRY(take_value(reader, option, &value));
    return keep_value(reader, option, given, value);
}

/* ---- operands ---- */

static enum err check_operands(const struct reader *reader)
{
    const struct cli_args *args = reader->args;
    const struct cli_command *command = args->command;
    struct operand_range range = operand_range(command->operands);
    if (args->operand_count < range.least)
        return fault_set(reader->fault, ERR_INVALID, "operand_missing",
                         "Something is missing: %s %s %s", reader->program->name, command->words,
                         command->operands);
    if (args->operand_count > range.most)
        return fault_set(reader->fault, ERR_INVALID, "operand_extra",
                         "“%.*s” is one too many: %s %s %s", STR_ARG(args->operands[range.most]),
                         reader->program->name, command->words, command->operands);
    return OK;
}

static enum err read_rest(struct reader *reader)
{
    struct cli_args *args = reader->args;
    bool options_end = false;
    for (; reader->at < reader->argc; reader->at++) {
        const char *word = reader->argv[reader->at];
        if (!options_end && strcmp(word, "--") == 0)
            options_end = true;
        else if (!options_end && is_option(word))
            TRY(read_option(reader));
        else
            args->operands[args->operand_count++] = str_from_c(word);
    }
    return reader->help_wanted ? OK : check_operands(reader);
}

/* ---- the command ---- */

static enum err family_alone(const struct reader *reader, struct str family)
{
    struct buf members;
    buf_init(&members, reader->arena, FAULT_SENTENCE_MAX);
    for (size_t i = 0; i < reader->program->command_count; i++) {
        const struct cli_command *command = &reader->program->commands[i];
        if (in_family(command, family))
            buf_format(&members, "%s%s", members.len ? ", " : "", command->words + family.len + 1);
    }
    return fault_set(reader->fault, ERR_INVALID, "command_unknown", "%s %.*s needs one of: %.*s.",
                     reader->program->name, STR_ARG(family), STR_ARG(buf_str(&members)));
}

static enum err unknown_command(const struct reader *reader, struct str words)
{
    struct suggestion near = suggest_begin(words);
    for (size_t i = 0; i < reader->program->command_count; i++)
        suggest_offer(&near, reader->program->commands[i].words);
    if (near.best.len)
        return fault_set(reader->fault, ERR_INVALID, "command_unknown",
                         "There is no command “%.*s”. Did you mean “%.*s”?", STR_ARG(words),
                         STR_ARG(near.best));
    return fault_set(reader->fault, ERR_INVALID, "command_unknown",
                     "There is no command “%.*s”; %s help lists them.", STR_ARG(words),
                     reader->program->name);
}

/* The word at reader->at and, in a family, the next one. */
static struct str command_words(const struct reader *reader)
{
    struct str first = str_from_c(reader->argv[reader->at]);
    const char *second = reader->at + 1 < reader->argc ? reader->argv[reader->at + 1] : NULL;
    if (!is_family(reader->program, first) || !second || is_option(second))
        return first;
    struct str both = arena_format(reader->arena, "%.*s %s", STR_ARG(first), second);
    bool alone = command_named(reader->program, first) != NULL;
    return alone && !command_named(reader->program, both) ? first : both;
}

/* The common options before the command. */
static enum err skip_to_command(struct reader *reader)
{
    while (reader->at < reader->argc && is_option(reader->argv[reader->at])) {
        TRY(read_option(reader));
        reader->at++;
    }
    return OK;
}

static enum err write_help(const struct reader *reader, int out_fd, struct str words)
{
    struct str help = cli_help(reader->program, words, reader->arena);
    if (!help.len)
        return unknown_command(reader, words);
    return cli_write(out_fd, help);
}

/* The words after `help`. */
static struct str help_topic(const struct reader *reader)
{
    struct buf topic;
    buf_init(&topic, reader->arena, FAULT_SENTENCE_MAX);
    for (int i = reader->at + 1; i < reader->argc; i++)
        buf_format(&topic, "%s%s", topic.len ? " " : "", reader->argv[i]);
    return buf_str(&topic);
}

static bool help_follows(const struct reader *reader)
{
    for (int i = reader->at; i < reader->argc; i++)
        if (is_word(reader->argv[i], "--help", "-h"))
            return true;
    return false;
}

/* Sets the command and moves behind its words. */
static enum err find_command(struct reader *reader)
{
    struct str words = command_words(reader);
    const struct cli_command *command = command_named(reader->program, words);
    if (!command)
        return is_family(reader->program, words) ? family_alone(reader, words)
                                                 : unknown_command(reader, words);
    /* The values of the common options move behind the command's own. */
    struct given *common = reader->args->given;
    size_t own = command->option_count;
    reader->args->given =
        ARENA_ARRAY(reader->arena, struct given, own + reader->program->common_count);
    memcpy(reader->args->given + own, common, reader->program->common_count * sizeof(*common));
    reader->args->command = command;
    reader->at += str_find_char(words, ' ', NULL) ? 2 : 1;
    return OK;
}

/* Whether the line asks for help or the version before it names a command. */
static bool asks_only(const struct reader *reader)
{
    return reader->help_wanted || reader->at >= reader->argc ||
           strcmp(reader->argv[reader->at], "help") == 0;
}

static enum err read_line(struct reader *reader, int out_fd)
{
    TRY(skip_to_command(reader));
    if (asks_only(reader))
        return write_help(reader, out_fd, help_topic(reader));
    struct str words = command_words(reader);
    if (!command_named(reader->program, words) && is_family(reader->program, words) &&
        help_follows(reader))
        return write_help(reader, out_fd, words);
    TRY(find_command(reader));
    reader->args->operands = ARENA_ARRAY(reader->arena, struct str, (size_t)reader->argc);
    TRY(read_rest(reader));
    if (!reader->help_wanted)
        return OK;
    return write_help(reader, out_fd, str_from_c(reader->args->command->words));
}

enum err cli_parse(const struct cli_program *program, const struct cli_line *line,
                   struct arena *arena, struct cli_args **ret_args, struct fault *fault)
{
    struct reader reader = {program, line->argc, 1, line->argv, arena, fault, NULL, false};
    *ret_args = NULL;
    if (line->argc == 2 && is_word(line->argv[1], "--version", "-V"))
        return cli_write(line->out_fd,
                         arena_format(arena, "%s %s\n", program->name, program->version));
    reader.args = ARENA_NEW(arena, struct cli_args);
    reader.args->program = program;
    reader.args->given = ARENA_ARRAY(arena, struct given, program->common_count);
    TRY(read_line(&reader, line->out_fd));
    if (!reader.help_wanted && reader.args->command)
        *ret_args = reader.args;
    return OK;
}

/* ---- what was given ---- */

const struct cli_command *cli_command(const struct cli_args *args)
{
    return args->command;
}

static const struct given *given_for(const struct cli_args *args, const char *name)
{
    const struct cli_option *option;
    for (size_t i = 0; (option = option_at(args->program, args->command, i)); i++)
        if (strcmp(option->name, name) == 0)
            return &args->given[i];
    abort();
}

bool cli_has(const struct cli_args *args, const char *option)
{
    return given_for(args, option)->count > 0;
}

struct str cli_text(const struct cli_args *args, const char *option)
{
    return cli_text_at(args, option, 0);
}

int64_t cli_int(const struct cli_args *args, const char *option)
{
    return given_for(args, option)->number;
}

size_t cli_text_count(const struct cli_args *args, const char *option)
{
    return given_for(args, option)->count;
}

struct str cli_text_at(const struct cli_args *args, const char *option, size_t index)
{
    const struct given *given = given_for(args, option);
    return index < given->count ? given->texts[index] : (struct str){NULL, 0};
}

size_t cli_operand_count(const struct cli_args *args)
{
    return args->operand_count;
}

struct str cli_operand(const struct cli_args *args, size_t index)
{
    return index < args->operand_count ? args->operands[index] : (struct str){NULL, 0};
}
