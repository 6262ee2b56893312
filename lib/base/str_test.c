/* Tests of text slices. */
#include "lib/base/str.h"
#include "tests/support/test.h"

TEST(str_equal, compares_bytes_and_takes_empty_without_pointer)
{
    struct str none = {NULL, 0};
    CHECK(str_equal(STR("abc"), STR("abc")));
    CHECK(!str_equal(STR("abc"), STR("abC")));
    CHECK(!str_equal(STR("abc"), STR("ab")));
    CHECK(str_equal(none, STR("")));
    CHECK(str_is_empty(str_from_c(NULL)));
}

TEST(str_equal_nocase, folds_ascii_letters_only)
{
    CHECK(str_equal_nocase(STR("Content-LENGTH"), STR("content-length")));
    CHECK(!str_equal_nocase(STR("\xC3\x84"), STR("\xC3\xA4")));
    CHECK(!str_equal_nocase(STR("[k"), STR("{k")));
    CHECK(!str_equal_nocase(STR("ab"), STR("abc")));
}

TEST(str_compare, orders_by_byte_and_shorter_first)
{
    CHECK(str_compare(STR("a"), STR("b")) < 0);
    CHECK(str_compare(STR("ab"), STR("a")) > 0);
    CHECK(str_compare(STR(""), (struct str){NULL, 0}) == 0);
    CHECK(str_compare(STR("z"), STR("\xC3\xA4")) < 0);
}

TEST(str_find, finds_the_first_place_or_none)
{
    size_t at = 99;
    CHECK(str_find(STR("aabab"), STR("ab"), &at));
    CHECK_INT(1, at);
    CHECK(str_find(STR("aab"), STR("aab"), &at));
    CHECK_INT(0, at);
    CHECK(str_find(STR("xxab"), STR("ab"), &at));
    CHECK_INT(2, at);
    CHECK(str_find(STR("x"), STR(""), &at));
    CHECK_INT(0, at);
    at = 99;
    CHECK(!str_find(STR("xxa"), STR("ab"), &at));
    CHECK(!str_find(STR("aaa"), STR("ab"), NULL));
    CHECK(!str_find(STR("a"), STR("ab"), &at));
    CHECK(!str_find((struct str){NULL, 0}, STR("a"), &at));
    CHECK_INT(99, at);
}

TEST(str_find_char, finds_the_first_place_or_none)
{
    size_t at = 99;
    CHECK(!str_find_char(STR("abc"), 'd', &at));
    CHECK_INT(99, at);
    CHECK(str_find_char(STR("abcb"), 'b', &at));
    CHECK_INT(1, at);
}

TEST(str_starts_with, and_ends_with_see_only_whole_affixes)
{
    CHECK(str_starts_with(STR("abc"), STR("ab")));
    CHECK(!str_starts_with(STR("ab"), STR("abc")));
    CHECK(!str_starts_with(STR("abc"), STR("b")));
    CHECK(str_ends_with(STR("abc"), STR("bc")));
    CHECK(str_ends_with(STR("abc"), STR("")));
    CHECK(!str_ends_with(STR("c"), STR("bc")));
    CHECK(!str_ends_with(STR("abc"), STR("b")));
}

TEST(str_slice, clamps_both_ends)
{
    CHECK_STR("bc", str_slice(STR("abc"), 1, 99));
    CHECK_STR("", str_slice(STR("abc"), 2, 1));
    CHECK_STR("", str_slice(STR("abc"), 9, 12));
    CHECK_STR("", str_slice((struct str){NULL, 0}, 1, 2));
}

TEST(str_trim, takes_ascii_white_space_off_both_ends)
{
    CHECK_STR("a b", str_trim(STR(" \t\r\n\v\fa b \n")));
    CHECK_STR("", str_trim(STR("  \t ")));
    CHECK_STR("\xC2\xA0", str_trim(STR("\xC2\xA0")));
}

TEST(str_split, gives_empty_pieces_between_separators)
{
    struct str rest = STR("a,,b"), piece;
    CHECK(str_split(&rest, ',', &piece));
    CHECK_STR("a", piece);
    CHECK(str_split(&rest, ',', &piece));
    CHECK_STR("", piece);
    CHECK(str_split(&rest, ',', &piece));
    CHECK_STR("b", piece);
    CHECK(!str_split(&rest, ',', &piece));
    CHECK_STR("b", piece);
}

TEST(str_split, gives_an_empty_piece_after_a_last_separator)
{
    struct str rest = STR("a,"), piece;
    CHECK(str_split(&rest, ',', &piece));
    CHECK_STR("a", piece);
    CHECK(str_split(&rest, ',', &piece));
    CHECK_STR("", piece);
    CHECK(!str_split(&rest, ',', &piece));
}

TEST(str_split, gives_one_empty_piece_of_empty_text_and_none_of_no_text)
{
    struct str rest = STR(""), piece;
    CHECK(str_split(&rest, ',', &piece));
    CHECK_STR("", piece);
    CHECK(!str_split(&rest, ',', &piece));
    rest = (struct str){NULL, 0};
    CHECK(!str_split(&rest, ',', &piece));
}

TEST(str_is_utf8, takes_every_well_formed_length)
{
    CHECK(str_is_utf8(STR("")));
    CHECK(str_is_utf8(STR("plain text longer than a word")));
    CHECK(str_is_utf8(STR("\x01\x7F")));
    CHECK(str_is_utf8(STR("\xC2\x80 \xDF\xBF")));
    CHECK(str_is_utf8(STR("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF")));
    CHECK(str_is_utf8(STR("12345678\xF0\x90\x80\x80\xF4\x8F\xBF\xBF")));
}

TEST(str_is_utf8, refuses_what_rfc_3629_refuses)
{
    static const struct str bad[] = {
        STR_INIT("\x80"),
        STR_INIT("\xC0\x80"),
        STR_INIT("\xC1\xBF"),
        STR_INIT("\xC3"),
        STR_INIT("\xC3("),
        STR_INIT("\xE0\x9F\xBF"),
        STR_INIT("\xED\xA0\x80"),
        STR_INIT("\xE2\x82"),
        STR_INIT("\xE2\x82("),
        STR_INIT("\xF0\x8F\xBF\xBF"),
        STR_INIT("\xF4\x90\x80\x80"),
        STR_INIT("\xF0\x9F\x98"),
        STR_INIT("\xF5\x80\x80\x80"),
        STR_INIT("\xFF"),
        STR_INIT("\xF0\x9F\x98("),
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CHECK(!str_is_utf8(bad[i]));
}

TEST(str_is_utf8, refuses_nul_at_every_place)
{
    char text[20];
    for (size_t at = 0; at < sizeof(text); at++) {
        memset(text, 'x', sizeof(text));
        CHECK(str_is_utf8((struct str){text, sizeof(text)}));
        text[at] = '\0';
        CHECK(!str_is_utf8((struct str){text, sizeof(text)}));
        text[at] = (char)0x80;
        CHECK(!str_is_utf8((struct str){text, sizeof(text)}));
    }
}
