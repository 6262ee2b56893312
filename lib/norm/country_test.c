/* Countries and languages. */
#include "lib/norm/country_table.h"
#include "lib/norm/norm.h"
#include "tests/support/test.h"

static void check_country(const char *expected, const char *text)
{
    struct country country = {0};
    bool is_one = country_parse(str_from_c(text), &country);
    if (is_one != (*expected != '\0'))
        test_fail(__FILE__, __LINE__, "\"%s\" is %s country", text, is_one ? "a" : "no");
    CHECK_STR(expected, country_str(&country));
}

TEST(country_parse, takes_codes_in_any_case)
{
    check_country("US", "US");
    check_country("AT", " at ");
    check_country("DE", "deu");
    check_country("", "QQ");
    check_country("", "QQQ");
    check_country("", "");
}

TEST(country_parse, takes_names_and_what_people_write)
{
    check_country("US", "United States");
    check_country("US", "U.S.A.");
    check_country("GB", "UK");
    check_country("GB", "England");
    check_country("DE", "Deutschland");
    check_country("AT", "ÖSTERREICH");
    check_country("CI", "Cote d'Ivoire");
    check_country("TT", "Trinidad and Tobago");
    check_country("TT", "Trinidad & Tobago");
    check_country("CN", "中国");
    check_country("", "Atlantis");
}

TEST(country_parse, knows_the_name_that_it_gives_to_each_code)
{
    size_t count = 0;
    for (const char *code; (code = country_code_at(count)); count++) {
        struct country by_code = {0}, by_name = {0};
        CHECK(country_parse(str_from_c(code), &by_code));
        CHECK(country_is_set(by_code));
        CHECK(country_parse(country_name(by_code), &by_name));
        CHECK_STR(code, country_str(&by_name));
    }
    CHECK_INT(250, count);
}

TEST(country_parse, has_its_tables_in_order)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < country_alias_count; i++) {
        struct str folded = str_from_c(country_aliases[i].folded);
        CHECK_STR(country_aliases[i].folded, text_fold(folded, &arena));
        CHECK(i == 0 || str_compare(str_from_c(country_aliases[i - 1].folded), folded) < 0);
    }
    for (size_t i = 1; i < country_entry_count; i++)
        CHECK(strcmp(country_entries[i - 1].code, country_entries[i].code) < 0);
    arena_finish(&arena);
}

static void check_language(const char *expected, const char *text)
{
    struct arena arena;
    struct str language = {0};
    arena_init(&arena, 1 << 16);
    bool is_one = language_parse(str_from_c(text), &arena, &language);
    if (is_one != (*expected != '\0'))
        test_fail(__FILE__, __LINE__, "\"%s\" is %s language", text, is_one ? "a" : "no");
    CHECK_STR(expected, language);
    arena_finish(&arena);
}

TEST(language_parse, normalises_tags)
{
    check_language("de", "DE");
    check_language("pt-BR", "pt_br");
    check_language("zh-Hant-TW", "zh-hant-tw");
    check_language("en", "en-x-private");
}

TEST(language_parse, refuses_what_is_no_language)
{
    check_language("", "");
    check_language("", "x");
    check_language("", "qqq");
    check_language("", "German");
    check_language("", "de-");
    check_language("", "de DE");
}
