/* Tests of the parsers for numbers and flags. */
#include "lib/base/parse.h"
#include "tests/support/test.h"

TEST(parse_int64, takes_the_whole_range)
{
    int64_t value;
    CHECK(parse_int64(STR("9223372036854775807"), INT64_MIN, INT64_MAX, &value));
    CHECK(value == INT64_MAX);
    CHECK(parse_int64(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &value));
    CHECK(value == INT64_MIN);
    CHECK(parse_int64(STR("+007"), 7, 7, &value));
    CHECK_INT(7, value);
}

TEST(parse_int64, refuses_everything_else_and_leaves_the_output)
{
    static const struct str bad[] = {STR_INIT(""),
                                     STR_INIT("-"),
                                     STR_INIT("+"),
                                     STR_INIT(" 1"),
                                     STR_INIT("1 "),
                                     STR_INIT("1\0"),
                                     STR_INIT("1.0"),
                                     STR_INIT("0x1"),
                                     STR_INIT("--1"),
                                     STR_INIT("1e3"),
                                     STR_INIT("1,0"),
                                     STR_INIT("\n1"),
                                     STR_INIT("-+1"),
                                     STR_INIT("١"),
                                     STR_INIT("51"),
                                     STR_INIT("-51"),
                                     STR_INIT("9223372036854775808"),
                                     STR_INIT("-9223372036854775809"),
                                     STR_INIT("99999999999999999999999999")};
    int64_t value = 42;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CHECK(!parse_int64(bad[i], -50, 50, &value));
    CHECK(!parse_int64(STR("9223372036854775808"), INT64_MIN, INT64_MAX, &value));
    CHECK(!parse_int64(STR("-9223372036854775809"), INT64_MIN, INT64_MAX, &value));
    CHECK_INT(42, value);
}

static void check_decimal(const char *text, int max_scale, int64_t mantissa, int scale)
{
    struct decimal value = {-1, -1};
    CHECK(parse_decimal(str_from_c(text), max_scale, &value));
    CHECK_INT(mantissa, value.mantissa);
    CHECK_INT(scale, value.scale);
}

TEST(parse_decimal, keeps_the_digits_as_written)
{
    check_decimal("-12.50", 2, -1250, 2);
    check_decimal("0", 2, 0, 0);
    check_decimal("-0.00", 2, 0, 2);
    check_decimal("+7", 0, 7, 0);
    check_decimal(".5", 3, 5, 1);
    check_decimal("0000000000000000000000001.5", 3, 15, 1);
    check_decimal("999999999999999999", 0, 999999999999999999, 0);
    check_decimal("0.000000000000000001", 18, 1, 18);
}

TEST(parse_decimal, drops_zeros_past_the_scale)
{
    check_decimal("12.5000", 2, 1250, 2);
    check_decimal("12.5000", 1, 125, 1);
    check_decimal("3.000000000000000000000000", 0, 3, 0);
}

TEST(parse_decimal, refuses_everything_else_and_leaves_the_output)
{
    static const struct str bad[] = {STR_INIT(""),
                                     STR_INIT("."),
                                     STR_INIT("-"),
                                     STR_INIT("-."),
                                     STR_INIT("5."),
                                     STR_INIT("1.2.3"),
                                     STR_INIT("1.234"),
                                     STR_INIT(" 1"),
                                     STR_INIT("1 "),
                                     STR_INIT("1e2"),
                                     STR_INIT("1,5"),
                                     STR_INIT("1_0"),
                                     STR_INIT("inf"),
                                     STR_INIT("nan"),
                                     STR_INIT("0x1p3"),
                                     STR_INIT("--1"),
                                     STR_INIT("1.-5"),
                                     STR_INIT("1\0"),
                                     STR_INIT("1234567890123456789"),
                                     STR_INIT("12345678901234567.89")};
    struct decimal value = {42, 1};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CHECK(!parse_decimal(bad[i], 2, &value));
    CHECK_INT(42, value.mantissa);
}

TEST(parse_bool, takes_the_words_in_any_case)
{
    static const struct str yes[] = {STR_INIT("true"), STR_INIT("TRUE"), STR_INIT("Yes"),
                                     STR_INIT("1"),    STR_INIT("t"),    STR_INIT("Y")};
    static const struct str no[] = {STR_INIT("false"), STR_INIT("False"), STR_INIT("NO"),
                                    STR_INIT("0"),     STR_INIT("F"),     STR_INIT("n")};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        bool value = false;
        CHECK(parse_bool(yes[i], &value) && value);
        value = true;
        CHECK(parse_bool(no[i], &value) && !value);
    }
}

TEST(parse_bool, refuses_other_words)
{
    bool value = true;
    CHECK(!parse_bool(STR(""), &value));
    CHECK(!parse_bool(STR("on"), &value));
    CHECK(!parse_bool(STR("true "), &value));
    CHECK(!parse_bool(STR("2"), &value));
    CHECK(value);
}
