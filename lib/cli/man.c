/* The manual page in the language of mdoc(7), from the declarations. */
#include <unicode/utf8.h>

#include "lib/base/time.h"
#include "lib/cli/args.h"

enum { PAGE_BYTES_MAX = 512 * 1024 };

/* A character that roff would take as its own, or that is not ASCII. */
static void add_character(struct buf *buf, UChar32 c, bool begins_line)
{
    if (c == '\\')
        buf_add(buf, STR("\\e"));
    else if (c == '-')
        buf_add(buf, STR("\\-"));
    else if (c == '"')
        buf_add(buf, STR("\\(dq"));
    else if ((c == '.' || c == '\'') && begins_line)
        buf_format(buf, "\\&%c", (char)c);
    else if (c >= 0x80)
        buf_format(buf, "\\[u%04X]", (unsigned)c);
    else
        buf_add_char(buf, (char)c);
}

static void add_escaped(struct buf *buf, struct str text)
{
    const uint8_t *bytes = (const uint8_t *)text.ptr;
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        UChar32 c;
        U8_NEXT(bytes, at, text.len, c);
        if (c >= 0)
            add_character(buf, c, from == 0);
    }
}

/* Lines of text; an empty one begins a paragraph, an indented one is shown as it is. */
static void add_paragraphs(struct buf *buf, const char *text)
{
    struct str rest = str_from_c(text), line;
    bool literal = false;
    while (str_split(&rest, '\n', &line)) {
        bool indented = line.len && line.ptr[0] == ' ';
        if (indented && !literal)
            buf_add(buf, STR(".Bd -literal -compact\n"));
        if (literal && !indented)
            buf_add(buf, STR(".Ed\n"));
        literal = indented;
        if (!line.len) {
            buf_add(buf, STR(".Pp\n"));
            continue;
        }
        add_escaped(buf, line);
        buf_add_char(buf, '\n');
    }
    if (literal)
        buf_add(buf, STR(".Ed\n"));
}

/* "November 25, 2026" */
static void add_date(struct buf *buf, const char *released)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    struct day day;
    if (!day_parse(str_from_c(released), &day))
        return;
    struct civil civil = day_to_civil(day);
    buf_format(buf, ".Dd %s %d, %d\n", months[civil.month - 1], civil.day, civil.year);
}

static void add_upper(struct buf *buf, const char *name)
{
    for (; *name; name++)
        buf_add_char(buf, *name >= 'a' && *name <= 'z' ? (char)(*name - 32) : *name);
}

/* `.It Fl Fl from Ar DAY` is how mdoc writes an option of two dashes. */
static void add_option(struct buf *buf, const struct cli_option *option)
{
    buf_add(buf, STR(".It Fl Fl "));
    add_escaped(buf, str_from_c(option->name));
    if (option->type != CLI_FLAG)
        buf_format(buf, " Ar %s%s", option->value_name, option->repeats ? " ..." : "");
    buf_add_char(buf, '\n');
    add_paragraphs(buf, option->help);
}

static void add_options(struct buf *buf, const struct cli_option *options, size_t count)
{
    if (!count)
        return;
    buf_add(buf, STR(".Bl -tag -width Ds\n"));
    for (size_t i = 0; i < count; i++)
        add_option(buf, &options[i]);
    buf_add(buf, STR(".El\n"));
}

/* "PARTNER [FILE…]" as arguments and optional arguments. */
static void add_operands(struct buf *buf, const char *operands)
{
    struct str rest = str_from_c(operands), word;
    while (str_split(&rest, ' ', &word)) {
        if (!word.len)
            continue;
        bool optional = word.ptr[0] == '[';
        size_t end = word.len;
        bool repeated = str_find(word, STR("…"), &end);
        if (!repeated && optional)
            end = word.len - 1;
        buf_format(buf, "%s Ar %.*s%s", optional ? " Op" : "",
                   STR_ARG(str_slice(word, optional, end)), repeated ? " ..." : "");
    }
}

static void add_command(struct buf *buf, const struct cli_command *command)
{
    buf_format(buf, ".Ss %s\n.Nm\n.Cm %s", command->words, command->words);
    add_operands(buf, command->operands);
    buf_add(buf, STR("\n.Pp\n"));
    add_paragraphs(buf, command->summary);
    add_options(buf, command->options, command->option_count);
    if (command->notes) {
        buf_add(buf, STR(".Pp\n"));
        add_paragraphs(buf, command->notes);
    }
}

static void add_exit_codes(struct buf *buf)
{
    static const char *const meanings[] = {
        "Done.",        "The program failed.",          "Wrong input.",   "Not found.",
        "Not allowed.", "Conflict with what is there.", "Busy, or full.", NULL};
    buf_add(buf, STR(".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n"));
    for (int i = 0; meanings[i]; i++)
        buf_format(buf, ".It %d\n%s\n", i, meanings[i]);
    buf_add(buf, STR(".El\n"));
}

struct str cli_man_page(const struct cli_program *program, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, PAGE_BYTES_MAX);
    add_date(&buf, program->released);
    buf_add(&buf, STR(".Dt "));
    add_upper(&buf, program->name);
    buf_format(&buf, " 1\n.Os\n.Sh NAME\n.Nm %s\n.Nd ", program->name);
    add_paragraphs(&buf, program->summary);
    buf_add(&buf, STR(".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar options\n.Op Ar operands\n"
                      ".Sh OPTIONS\nEvery command takes these:\n.Pp\n"));
    add_options(&buf, program->common, program->common_count);
    buf_add(&buf, STR(".Sh COMMANDS\n"));
    for (size_t i = 0; i < program->command_count; i++)
        add_command(&buf, &program->commands[i]);
    add_exit_codes(&buf);
    return buf_str(&buf);
}
