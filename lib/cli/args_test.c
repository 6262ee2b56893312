/* Tests of reading a command line, and of help. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/cli/cli.h"
#include "tests/support/test.h"

enum { ARENA_BYTES = 1024 * 1024, WORDS_MAX = 16 };

static const struct cli_option list_options[] = {
    {"manager", CLI_TEXT, "USER", "only those of this manager", false},
    {"tag", CLI_TEXT, "TAG", "only those with this tag", true},
    {"limit", CLI_INT, "N", "at most so many", false},
    {"from", CLI_DAY, "DAY", "since this day", false},
};
static const struct cli_command commands[] = {
    {"import", "FILE…", "take files in", NULL, 0,
     "Exit codes:\n  2  a file is wrong\n.csv or Caf\xc3\xa9-\"x\"\n", NULL},
    {"partner list", "", "list partners", list_options, ARRAY_LEN(list_options), NULL, NULL},
    {"partner show", "PARTNER", "show one partner", NULL, 0, NULL, NULL},
    {"partner assign", "MANAGER [PARTNER…]", "give partners to a manager", NULL, 0, NULL, NULL},
    {"import undo", "IMPORT", "take an import back", NULL, 0, NULL, NULL},
    {"report", "[PARTNER]", "the numbers of one partner", NULL, 0, NULL, NULL},
};
static const struct cli_option common[] = {
    {"data", CLI_TEXT, "DIR", "the data directory", false},
    {"json", CLI_FLAG, NULL, "as JSON", false},
};
static const struct cli_program program = {
    "rapport",           "1.2.3", "2026-11-25",     "partners and their numbers", commands,
    ARRAY_LEN(commands), common,  ARRAY_LEN(common)};

/* One line given to the parser. */
struct parsed {
    struct arena arena;
    char *words[WORDS_MAX];
    struct cli_args *args;
    struct fault fault;
    enum err err;
    struct str output;
};

static void parsed_finish(struct parsed *parsed)
{
    arena_finish(&parsed->arena);
}
#define SCOPED_PARSED CLEANUP(parsed_finish) struct parsed

static struct str read_all(int fd, struct arena *arena)
{
    char *bytes = arena_alloc(arena, ARENA_BYTES / 2);
    ssize_t len = pread(fd, bytes, ARENA_BYTES / 2, 0);
    return (struct str){bytes, len > 0 ? (size_t)len : 0};
}

/* The words of `line` are separated by spaces. */
static void parse(struct parsed *parsed, const char *line)
{
    int argc = 0;
    FILE *out = tmpfile();
    CHECK(out != NULL);
    *parsed = (struct parsed){0};
    arena_init(&parsed->arena, ARENA_BYTES * 2);
    struct str rest = str_from_c(line), word;
    parsed->words[argc++] = arena_cstr(&parsed->arena, STR("rapport"));
    while (str_split(&rest, ' ', &word) && argc < WORDS_MAX)
        if (word.len)
            parsed->words[argc++] = arena_cstr(&parsed->arena, word);
    struct cli_line given = {argc, parsed->words, fileno(out)};
    parsed->err = cli_parse(&program, &given, &parsed->arena, &parsed->args, &parsed->fault);
    parsed->output = read_all(fileno(out), &parsed->arena);
    fclose(out);
}

static void check_command(const char *line, const char *words)
{
    SCOPED_PARSED parsed;
    parse(&parsed, line);
    CHECK_OK(parsed.err);
    CHECK(parsed.args != NULL);
    CHECK_STR(words, str_from_c(cli_command(parsed.args)->words));
}

static void check_refused(const char *line, const char *sentence)
{
    SCOPED_PARSED parsed;
    parse(&parsed, line);
    CHECK_ERR(ERR_INVALID, parsed.err);
    CHECK(parsed.args == NULL);
    CHECK_STR(sentence, str_from_c(parsed.fault.sentence));
}

static void check_prints(const char *line, const char *text)
{
    SCOPED_PARSED parsed;
    parse(&parsed, line);
    CHECK_OK(parsed.err);
    CHECK(parsed.args == NULL);
    if (!str_find(parsed.output, str_from_c(text), NULL))
        test_fail(__FILE__, __LINE__, "%s prints:\n%.*s", line, STR_ARG(parsed.output));
}

TEST(cli_parse, finds_commands_of_one_and_of_two_words)
{
    check_command("import a.csv", "import");
    check_command("import undo 7", "import undo");
    check_command("partner list", "partner list");
    check_command("--json partner list", "partner list");
    check_command("--data /tmp/x partner show Brakes", "partner show");
    check_command("report", "report");
}

TEST(cli_parse, reads_options_anywhere_and_in_both_forms)
{
    SCOPED_PARSED parsed;
    parse(&parsed, "--data=d partner list --manager=Eva --limit -5 --tag a --from 2026-05-31 "
                   "--tag=b --json");
    CHECK_OK(parsed.err);
    CHECK_STR("d", cli_text(parsed.args, "data"));
    CHECK_STR("Eva", cli_text(parsed.args, "manager"));
    CHECK_INT(-5, cli_int(parsed.args, "limit"));
    CHECK_INT(20604, cli_int(parsed.args, "from"));
    CHECK_INT(2, cli_text_count(parsed.args, "tag"));
    CHECK_STR("a", cli_text_at(parsed.args, "tag", 0));
    CHECK_STR("b", cli_text_at(parsed.args, "tag", 1));
    CHECK_STR("", cli_text_at(parsed.args, "tag", 2));
    CHECK(cli_has(parsed.args, "json"));
}

TEST(cli_parse, tells_what_was_not_given)
{
    SCOPED_PARSED parsed;
    parse(&parsed, "partner list");
    CHECK_OK(parsed.err);
    CHECK(!cli_has(parsed.args, "json"));
    CHECK_STR("", cli_text(parsed.args, "manager"));
    CHECK_INT(0, cli_int(parsed.args, "limit"));
    CHECK_INT(0, cli_operand_count(parsed.args));
    CHECK_STR("", cli_operand(parsed.args, 0));
}

TEST(cli_parse, takes_operands_among_options_and_after_two_dashes)
{
    SCOPED_PARSED parsed;
    parse(&parsed, "import a.csv --json - -- --odd.csv");
    CHECK_OK(parsed.err);
    CHECK_INT(3, cli_operand_count(parsed.args));
    CHECK_STR("a.csv", cli_operand(parsed.args, 0));
    CHECK_STR("-", cli_operand(parsed.args, 1));
    CHECK_STR("--odd.csv", cli_operand(parsed.args, 2));
}

TEST(cli_parse, names_the_command_that_was_meant)
{
    check_refused("improt x", "There is no command “improt”. Did you mean “import”?");
    check_refused("partner lst", "There is no command “partner lst”. Did you mean “partner list”?");
    check_refused("frobnicate", "There is no command “frobnicate”; rapport help lists them.");
    check_refused("partner", "rapport partner needs one of: list, show, assign.");
}

TEST(cli_parse, refuses_options_that_are_wrong)
{
    check_refused("partner list --manger x",
                  "There is no option --manger here. Did you mean --manager?");
    check_refused("report --zzz", "There is no option --zzz here; --help lists them.");
    check_refused("report -x", "There is no option -x here; --help lists them.");
    check_refused("partner list --limit x", "--limit takes a whole number, not “x”.");
    check_refused("partner list --from 2026-02-30",
                  "--from takes a day such as 2026-05-31, not “2026-02-30”.");
    check_refused("partner list --manager", "--manager needs a value: --manager=USER.");
    check_refused("partner list --manager --json", "--manager needs a value: --manager=USER.");
    check_refused("report --json=1", "--json takes no value.");
    check_refused("partner list --limit 1 --limit 2", "--limit is given more than once.");
}

TEST(cli_parse, counts_operands)
{
    check_refused("partner show", "Something is missing: rapport partner show PARTNER");
    check_refused("import", "Something is missing: rapport import FILE…");
    check_refused("report a b", "“b” is one too many: rapport report [PARTNER]");
    check_refused("partner list x", "“x” is one too many: rapport partner list ");
    check_command("partner assign Eva", "partner assign");
    check_command("partner assign Eva a b c", "partner assign");
}

TEST(cli_parse, prints_help_where_it_is_asked_for)
{
    check_prints("", "Usage: rapport COMMAND [OPTION…]");
    check_prints("help", "partner assign  give partners to a manager");
    check_prints("--help", "--data DIR");
    check_prints("help partner", "Usage: rapport partner COMMAND [OPTION…]");
    check_prints("partner --help", "list partners");
    check_prints("help partner list", "--manager USER  only those of this manager");
    check_prints("partner show -h", "Usage: rapport partner show PARTNER [OPTION…]");
    check_prints("import --help", "Exit codes:\n  2  a file is wrong\n");
    check_prints("import --help", "Usage: rapport import COMMAND [OPTION…]");
    check_prints("help import", "  import undo  take an import back\n");
    check_prints("--version", "rapport 1.2.3\n");
    check_refused("help improt", "There is no command “improt”. Did you mean “import”?");
}

TEST(cli_man_page, shows_every_command_and_option)
{
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct str page = cli_man_page(&program, &arena);
    CHECK(str_starts_with(page, STR(".Dd November 25, 2026\n.Dt RAPPORT 1\n")));
    CHECK(str_find(page, STR(".Cm partner assign Ar MANAGER Op Ar PARTNER ...\n"), NULL));
    CHECK(str_find(page, STR(".It Fl Fl tag Ar TAG ...\n"), NULL));
    CHECK(str_find(page, STR(".It Fl Fl json\n"), NULL));
    CHECK(str_find(page, STR("\\&.csv or Caf\\[u00E9]\\-\\(dqx\\(dq"), NULL));
    arena_finish(&arena);
}
