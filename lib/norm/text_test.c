/* Cleaned and folded texts, and the keys of company names. */
#include "lib/norm/norm.h"
#include "tests/support/test.h"

static struct arena *scratch(struct arena *arena)
{
    arena_init(arena, 1 << 20);
    return arena;
}

static void check_clean(const char *expected, const char *text)
{
    struct arena arena;
    CHECK_STR(expected, text_clean(str_from_c(text), scratch(&arena)));
    arena_finish(&arena);
}

static void check_fold(const char *expected, const char *text)
{
    struct arena arena;
    CHECK_STR(expected, text_fold(str_from_c(text), scratch(&arena)));
    arena_finish(&arena);
}

static void check_same_company(bool expected, const char *a, const char *b)
{
    struct arena arena;
    scratch(&arena);
    struct str key = company_key(str_from_c(a), &arena), other = company_key(str_from_c(b), &arena);
    if (str_equal(key, other) != expected)
        test_fail(__FILE__, __LINE__, "%s is \"%.*s\", %s is \"%.*s\"", a, STR_ARG(key), b,
                  STR_ARG(other));
    arena_finish(&arena);
}

TEST(text_clean, leaves_clean_text_as_it_is)
{
    check_clean("Brakes and Gears", "Brakes and Gears");
    check_clean("Gänsehäufel 漢字", "Gänsehäufel 漢字");
    check_clean("😀 a", "😀  a");
    check_clean("", "");
}

TEST(text_clean, trims_and_collapses_white_space_of_every_kind)
{
    check_clean("a b c", "  a \t b\r\nc ");
    check_clean("Ä b", "\xc2\xa0Ä\xe2\x80\x83\xe3\x80\x80 b\xe2\x80\xa8");
}

TEST(text_clean, drops_controls_and_what_turns_text_around)
{
    check_clean("ab", "a\x01\x7f"
                      "b");
    check_clean("äb", "\xef\xbb\xbfä\xe2\x80\xae"
                      "b");
}

TEST(text_clean, composes_letters_and_their_marks)
{
    check_clean("Caf\xc3\xa9", "Cafe\xcc\x81");
}

TEST(text_clean, replaces_bytes_that_are_not_utf_8)
{
    check_clean("a\xef\xbf\xbd"
                "b",
                "a\xff"
                "b");
}

TEST(text_fold, makes_words_of_small_letters_without_marks)
{
    check_fold("cafe muller", "Café-Müller");
    check_fold("o brien co", "  O'Brien & Co. ");
    check_fold("strasse", "Straße");
    check_fold("strasse", "STRASSE");
    check_fold("aland oresund lodz aesir", "Åland Øresund Łódź Æsir");
    check_fold("office 1 2", "o\xef\xac\x83"
                             "ce 1/2");
    check_fold("", "!?.");
}

TEST(text_fold, keeps_scripts_without_case)
{
    check_fold("東京 自転車", "東京　自転車");
    check_fold("привет", "ПРИВЕТ");
    check_fold("σισυφοσ", "ΣΊΣΥΦΟΣ");
}

TEST(text_fold, gives_the_same_for_composed_and_decomposed_text)
{
    check_fold("cafe", "Cafe\xcc\x81");
    check_fold("cafe", "Caf\xc3\xa9");
}

TEST(company_key, ignores_the_legal_form)
{
    check_same_company(true, "Müller GmbH", "Mueller G.m.b.H. & Co. KG");
    check_same_company(true, "Acme, Inc.", "ACME Corporation");
    check_same_company(true, "Bicicletas S.A. de C.V.", "Bicicletas");
    check_same_company(true, "Rowery Sp. z o.o.", "ROWERY");
    check_same_company(true, "Trey Pty Ltd", "Trey Limited");
}

TEST(company_key, ignores_spelling_of_and_blanks_and_marks)
{
    check_same_company(true, "Brakes & Gears", "Brakes and Gears");
    check_same_company(true, "Brakes & Gears", "BrakesGears Ltd");
    check_same_company(true, "Café Vélo", "Cafe Velo");
}

TEST(company_key, tells_other_companies_apart)
{
    check_same_company(false, "Brakes and Gears", "Gears and Brakes");
    check_same_company(false, "Progressive Sports", "Progressive Sport");
    check_same_company(false, "Inc. Magazine", "Magazine");
}

TEST(company_key, is_never_empty_for_a_name)
{
    struct arena arena;
    scratch(&arena);
    CHECK_STR("ag", company_key(STR("AG"), &arena));
    CHECK_STR("and", company_key(STR("And"), &arena));
    CHECK_STR("!!!", company_key(STR("!!!"), &arena));
    CHECK_STR("", company_key(STR("  "), &arena));
    arena_finish(&arena);
}
