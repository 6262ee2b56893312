/* Texts with columns in them, and conditions on them. */
#include "src/intake/mapping.h"
#include "tests/support/test.h"

enum { COLUMNS = 4 };
static const struct str names[COLUMNS] = {STR_INIT("First"), STR_INIT("Last"), STR_INIT("a|b}"),
                                          STR_INIT("last")};

static void check_eval(const char *expected, const char *text, const char *const cells[COLUMNS])
{
    struct arena arena;
    struct template value = {.count = 0};
    struct fault fault = {0};
    struct str texts[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        texts[i] = str_from_c(cells[i]);
    arena_init(&arena, 1 << 20);
    if (template_parse(str_from_c(text), &arena, &value, &fault) != OK)
        test_fail(__FILE__, __LINE__, "%s", fault.sentence);
    template_bind(&value, names, COLUMNS);
    CHECK_STR(expected, template_eval(&value, texts, &arena));
    arena_finish(&arena);
}

TEST(template, puts_cells_into_text)
{
    static const char *const cells[COLUMNS] = {" Rose ", "Gonzalez", "x", ""};
    check_eval("Rose", "{First}", cells);
    check_eval("Rose Gonzalez", "{First} {Last}", cells);
    check_eval("Gonzalez/x", "{LAST}/{a\\|b\\}}", cells);
    check_eval("plain", "plain", cells);
    check_eval("{Rose}", "\\{{First}\\}", cells);
    check_eval("", "", cells);
}

TEST(template, takes_the_first_column_that_holds_something)
{
    static const char *const cells[COLUMNS] = {"NULL", "Gonzalez", "", "other"};
    check_eval("Gonzalez", "{First|Last}", cells);
    check_eval("Gonzalez", "{Nowhere|First|Last|last}", cells);
    check_eval("other", "{First|last}", cells);
}

TEST(template, is_empty_where_all_its_columns_are)
{
    static const char *const cells[COLUMNS] = {"", "NULL", "", ""};
    check_eval("", "{First}, {Last}", cells);
    check_eval("", "{Nowhere}", cells);
}

TEST(template, refuses_bad_braces)
{
    static const char *const refused[] = {"{", "}", "{}", "{a|}", "{a{b}}", "{ }", "a}b", "{a\\}"};
    struct arena arena;
    struct template value;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (template_parse(str_from_c(refused[i]), &arena, &value, NULL) != ERR_INVALID)
            test_fail(__FILE__, __LINE__, "\"%s\" is taken", refused[i]);
    arena_finish(&arena);
}

TEST(template, bounds_its_pieces_and_columns)
{
    struct arena arena;
    struct buf buf;
    struct template value;
    arena_init(&arena, 1 << 20);
    buf_init(&buf, &arena, 10000);
    for (int i = 0; i < LIMIT_TEMPLATE_PIECES; i++)
        buf_add(&buf, STR("{a}"));
    CHECK_OK(template_parse(buf_str(&buf), &arena, &value, NULL));
    buf_add(&buf, STR("{a}"));
    CHECK_ERR(ERR_INVALID, template_parse(buf_str(&buf), &arena, &value, NULL));
    buf_clear(&buf);
    buf_add(&buf, STR("{a"));
    for (int i = 0; i < LIMIT_TEMPLATE_COLUMNS; i++)
        buf_add(&buf, STR("|b"));
    buf_add(&buf, STR("}"));
    CHECK_ERR(ERR_INVALID, template_parse(buf_str(&buf), &arena, &value, NULL));
    arena_finish(&arena);
}

TEST(template, knows_its_columns_in_a_file)
{
    struct arena arena;
    struct template value;
    arena_init(&arena, 1 << 20);
    CHECK_OK(template_parse(STR("{Nowhere|Last} {First}"), &arena, &value, NULL));
    CHECK(!template_is_bound(&value));
    CHECK_STR("", template_column(&value));
    template_bind(&value, names, COLUMNS);
    CHECK(template_is_bound(&value));
    CHECK_STR("Last", template_column(&value));
    CHECK_OK(template_parse(STR("{First} {Nowhere}"), &arena, &value, NULL));
    template_bind(&value, names, COLUMNS);
    CHECK(!template_is_bound(&value));
    arena_finish(&arena);
}

static bool holds(const char *text, bool negated, const char *cell)
{
    struct arena arena;
    struct str texts[] = {str_from_c(text)}, cells[COLUMNS] = {str_from_c(cell)};
    struct condition condition = {.texts = texts, .count = 1, .negated = negated};
    arena_init(&arena, 1 << 20);
    CHECK_OK(template_parse(STR("{First}"), &arena, &condition.value, NULL));
    template_bind(&condition.value, names, COLUMNS);
    bool result = condition_holds(&condition, cells, &arena);
    arena_finish(&arena);
    return result;
}

TEST(condition, compares_without_case_and_with_stars)
{
    CHECK(holds("true", false, " TRUE "));
    CHECK(!holds("true", false, "false"));
    CHECK(!holds("true", true, "True"));
    CHECK(holds("true", true, "0"));
    CHECK(holds("*channel*", false, "Customer - Channel"));
    CHECK(holds("*channel*", false, "Channel Partner / Reseller"));
    CHECK(!holds("*channel*", false, "Customer - Direct"));
    CHECK(holds("a*b*c", false, "a-b-b-c"));
    CHECK(!holds("a*b", false, "a-b-c"));
    CHECK(holds("*", false, ""));
}

TEST(condition, knows_what_is_empty)
{
    CHECK(holds("", false, "NULL"));
    CHECK(holds("", true, "x"));
    CHECK(!holds("", true, "  "));
}
