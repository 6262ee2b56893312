/* Tests of tables: widths, cutting, and data that must not drive the terminal. */
#include "lib/cli/cli.h"
#include "lib/cli/width.h"
#include "tests/support/test.h"

enum { ARENA_BYTES = 1024 * 1024 };

static const struct cli_column columns[] = {
    {"Partner", "partner", CLI_LEFT, CLI_CELL_TEXT},
    {"City", "city", CLI_LEFT, CLI_CELL_TEXT},
    {"Sales", "sales", CLI_RIGHT, CLI_CELL_NUMBER},
};

static void check_table(const char *expected, const struct str *cells, size_t rows, int width)
{
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct cli_table *table = cli_table_new(&arena, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < rows; i++)
        cli_table_add(table, cells + i * ARRAY_LEN(columns));
    CHECK_STR(expected, cli_table_render(table, width, false, &arena));
    arena_finish(&arena);
}

TEST(cli_table, aligns_by_display_width)
{
    static const struct str cells[] = {
        STR_INIT("Brakes and Gears"), STR_INIT("Baldwin"), STR_INIT("882273.53"),
        STR_INIT("株式会社"),         STR_INIT("東京"),    STR_INIT("7"),
        STR_INIT("Müller"),           STR_INIT(""),        STR_INIT("-1234567"),
    };
    check_table("Partner           City          Sales\n"
                "Brakes and Gears  Baldwin  882,273.53\n"
                "株式会社          東京              7\n"
                "Müller            –        -1,234,567\n",
                cells, 3, 0);
}

TEST(cli_table, cuts_texts_and_never_numbers_to_the_width)
{
    static const struct str cells[] = {
        STR_INIT("Brakes and Gears"),
        STR_INIT("Baldwin Park"),
        STR_INIT("882273.53"),
    };
    check_table("Partner    City             Sales\n"
                "Brakes a…  Baldwin P…  882,273.53\n",
                cells, 1, 33);
    check_table("Partner   C…\nBrakes …  B…\n", cells, 1, 12);
}

TEST(cli_table, leaves_spare_columns_out_before_it_cuts)
{
    static const struct str cells[] = {
        STR_INIT("Brakes and Gears"),
        STR_INIT("Baldwin Park"),
        STR_INIT("882273.53"),
    };
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct cli_table *table = cli_table_new(&arena, columns, 3);
    cli_table_add(table, cells);
    cli_table_spare(table, columns[1].key);
    CHECK_STR("Partner                Sales\nBrakes and Gears  882,273.53\n",
              cli_table_render(table, 28, false, &arena));
    CHECK_STR("Partner           City               Sales\n"
              "Brakes and Gears  Baldwin Park  882,273.53\n",
              cli_table_render(table, 42, false, &arena));
    arena_finish(&arena);
}

TEST(cli_table, says_so_when_it_is_empty)
{
    check_table("Partner  City  Sales\n(none)\n", NULL, 0, 0);
}

TEST(cli_table, marks_its_header_on_a_terminal_only)
{
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct cli_table *table = cli_table_new(&arena, columns, 1);
    CHECK_STR("\033[1mPartner\033[0m\n(none)\n", cli_table_render(table, 80, true, &arena));
    arena_finish(&arena);
}

TEST(cli_table, makes_every_control_character_visible)
{
    static const struct str cells[] = {
        STR_INIT("a\033[31mb\nc\x7f"),
        STR_INIT("\xc2\x9b"
                 "x\xe2\x80\xaey\xff"),
        STR_INIT("1"),
    };
    check_table("Partner     City   Sales\n"
                "a␛[31mb␊c␡  \xef\xbf\xbdx\xef\xbf\xbdy\xef\xbf\xbd      1\n",
                cells, 1, 0);
}

TEST(cli_table, keeps_many_rows_in_order)
{
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct cli_table *table = cli_table_new(&arena, columns, 1);
    for (int i = 0; i < 100; i++) {
        struct str cell = arena_format(&arena, "%d", i);
        cli_table_add(table, &cell);
    }
    CHECK_INT(100, cli_table_rows(table));
    CHECK_STR("0", cli_table_row(table, 0)[0]);
    CHECK_STR("99", cli_table_row(table, 99)[0]);
    CHECK(cli_table_row(table, 100) == NULL);
    arena_finish(&arena);
}

TEST(cli_group_digits, sets_thousands_apart_and_leaves_what_is_no_number)
{
    static const char *const pairs[][2] = {
        {"77548570.20", "77,548,570.20"},
        {"204114", "204,114"},
        {"3616", "3,616"},
        {"999", "999"},
        {"-1234", "-1,234"},
        {"-123", "-123"},
        {"1e6", "1e6"},
        {"", ""},
        {"ptn_1", "ptn_1"},
        {"12345.", "12345."},
        {"1234 %", "1234 %"},
    };
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        CHECK_STR(pairs[i][1], cli_group_digits(str_from_c(pairs[i][0]), &arena));
    arena_finish(&arena);
}

TEST(width_of, counts_marks_as_nothing_and_wide_characters_twice)
{
    CHECK_INT(0, width_of(STR("")));
    CHECK_INT(3, width_of(STR("abc")));
    CHECK_INT(1, width_of(STR("e\xcc\x81")));
    CHECK_INT(2, width_of(STR("\xf0\x9f\x98\x80")));
    CHECK_INT(4, width_of(STR("東京")));
    CHECK_INT(1, width_of(STR("\xff")));
}
