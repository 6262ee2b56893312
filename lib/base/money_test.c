/* Tests of currencies and money. */
#include "lib/base/money.h"
#include "tests/support/test.h"

enum { ARENA_BYTES = 4096 };

static struct currency currency_of(const char *code)
{
    struct currency currency = {""};
    CHECK(currency_parse(str_from_c(code), &currency));
    return currency;
}

static struct money money_of(int64_t minor, const char *code)
{
    return (struct money){minor, currency_of(code)};
}

static void check_render(const char *expected, int64_t minor, const char *code)
{
    struct arena arena;
    struct buf buf;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&buf, &arena, MONEY_TEXT_MAX);
    money_render(money_of(minor, code), &buf);
    CHECK_STR(expected, buf_str(&buf));
    arena_finish(&arena);
}

TEST(currency_parse, takes_active_codes_in_any_case)
{
    struct currency usd = currency_of("usd");
    CHECK_STR("USD", currency_str(&usd));
    CHECK(currency_equal(usd, currency_of("USD")));
    CHECK(!currency_equal(usd, currency_of("EUR")));
    CHECK(currency_is_set(usd));
    CHECK(!currency_is_set((struct currency){""}));
}

TEST(currency_parse, refuses_what_is_none_or_has_no_minor_unit_or_was_withdrawn)
{
    static const struct str bad[] = {
        STR_INIT(""),    STR_INIT("US"),  STR_INIT("USDX"), STR_INIT("US1"), STR_INIT("AAA"),
        STR_INIT("ZZZ"), STR_INIT("XXX"), STR_INIT("XAU"),  STR_INIT("XTS"), STR_INIT("DEM"),
        STR_INIT("HRK"), STR_INIT("ANG"), STR_INIT("BGN"),  STR_INIT("ZWL"), STR_INIT("US\0")};
    struct currency currency = currency_of("CHF");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CHECK(!currency_parse(bad[i], &currency));
    CHECK_STR("CHF", currency_str(&currency));
}

/* Counts every code of three letters, so that a row out of order, which a search misses, shows. */
TEST(currency_exponent, follows_list_one_of_the_standard)
{
    int with_digits[5] = {0};
    for (int i = 0; i < 26 * 26 * 26; i++) {
        char code[4] = {(char)('A' + i / 676), (char)('A' + i / 26 % 26), (char)('A' + i % 26), 0};
        struct currency currency;
        if (currency_parse(str_from_c(code), &currency))
            with_digits[currency_exponent(currency)]++;
    }
    CHECK_INT(17, with_digits[0]);
    CHECK_INT(0, with_digits[1]);
    CHECK_INT(139, with_digits[2]);
    CHECK_INT(7, with_digits[3]);
    CHECK_INT(2, with_digits[4]);
    CHECK_INT(2, currency_exponent(currency_of("XCG")));
    CHECK_INT(0, currency_exponent(currency_of("JPY")));
    CHECK_INT(0, currency_exponent(currency_of("ISK")));
    CHECK_INT(3, currency_exponent(currency_of("KWD")));
    CHECK_INT(4, currency_exponent(currency_of("CLF")));
    CHECK_INT(2, currency_exponent(currency_of("HUF")));
}

static void check_parse(const char *text, const char *code, int64_t minor)
{
    struct money money;
    CHECK(money_parse(str_from_c(text), currency_of(code), &money));
    CHECK_INT(minor, money.minor);
    CHECK(currency_equal(money.currency, currency_of(code)));
}

TEST(money_parse, reads_minor_units)
{
    check_parse("-12.5", "USD", -1250);
    check_parse("77548570.20", "USD", 7754857020);
    check_parse("0.1000", "USD", 10);
    check_parse("1500", "JPY", 1500);
    check_parse("1500.00", "JPY", 1500);
    check_parse("1.234", "KWD", 1234);
    check_parse("-0", "EUR", 0);
}

TEST(money_parse, refuses_what_is_finer_than_the_minor_unit_or_out_of_range)
{
    struct money money = {42, {""}};
    CHECK(!money_parse(STR("1.005"), currency_of("USD"), &money));
    CHECK(!money_parse(STR("0.5"), currency_of("JPY"), &money));
    CHECK(!money_parse(STR("1,50"), currency_of("USD"), &money));
    CHECK(!money_parse(STR(""), currency_of("USD"), &money));
    CHECK(!money_parse(STR("$5"), currency_of("USD"), &money));
    CHECK(!money_parse(STR("100000000000000000"), currency_of("USD"), &money));
    CHECK_INT(42, money.minor);
}

static void check_decimal(int64_t mantissa, int scale, int64_t minor)
{
    struct money money;
    CHECK(money_from_decimal((struct decimal){mantissa, scale}, currency_of("USD"), &money));
    CHECK_INT(minor, money.minor);
}

TEST(money_from_decimal, rounds_half_to_even)
{
    check_decimal(1005, 3, 100);
    check_decimal(1015, 3, 102);
    check_decimal(10051, 4, 101);
    check_decimal(-1005, 3, -100);
    check_decimal(-1015, 3, -102);
    check_decimal(7, 0, 700);
    check_decimal(999999999999999999, 18, 100);
    check_decimal(999999999999999999, 20, 1);
    check_decimal(-999999999999999999, 60, 0);
}

TEST(money_from_decimal, refuses_what_does_not_fit)
{
    struct money money = {42, {""}};
    CHECK(!money_from_decimal((struct decimal){INT64_MAX, 0}, currency_of("USD"), &money));
    CHECK(!money_from_decimal((struct decimal){INT64_MAX / 10, 0}, currency_of("USD"), &money));
    CHECK_INT(42, money.minor);
}

TEST(money_add, refuses_overflow_and_mixed_currencies)
{
    struct money sum = money_of(42, "USD");
    CHECK(!money_add(money_of(1, "USD"), money_of(1, "EUR"), &sum));
    CHECK(!money_add(money_of(INT64_MAX, "USD"), money_of(1, "USD"), &sum));
    CHECK(!money_add(money_of(INT64_MIN, "USD"), money_of(-1, "USD"), &sum));
    CHECK_INT(42, sum.minor);
    CHECK(money_add(money_of(-5, "EUR"), money_of(3, "EUR"), &sum));
    CHECK_INT(-2, sum.minor);
    CHECK(currency_equal(sum.currency, currency_of("EUR")));
}

TEST(money_negate, refuses_the_one_number_without_a_negative)
{
    struct money negated = money_of(42, "USD");
    CHECK(!money_negate(money_of(INT64_MIN, "USD"), &negated));
    CHECK_INT(42, negated.minor);
    CHECK(money_negate(money_of(INT64_MAX, "USD"), &negated));
    CHECK_INT(-INT64_MAX, negated.minor);
}

TEST(money_divide, rounds_half_to_even)
{
    CHECK_INT(7352279, money_divide(money_of(88227353, "USD"), 12).minor);
    CHECK_INT(2, money_divide(money_of(5, "USD"), 2).minor);
    CHECK_INT(4, money_divide(money_of(7, "USD"), 2).minor);
    CHECK_INT(-2, money_divide(money_of(-5, "USD"), 2).minor);
    CHECK_INT(INT64_MIN, money_divide(money_of(INT64_MIN, "USD"), 1).minor);
}

TEST(int64_divide_round, works_in_128_bits_and_refuses_what_does_not_fit)
{
    int64_t quotient = 42;
    CHECK(!int64_divide_round((int128)INT64_MAX + 1, 1, &quotient));
    CHECK(!int64_divide_round((int128)INT64_MAX * 2 + 1, 2, &quotient));
    CHECK_INT(42, quotient);
    CHECK(int64_divide_round((int128)INT64_MAX * INT64_MAX, INT64_MAX, &quotient));
    CHECK_INT(INT64_MAX, quotient);
    int128 largest = (((int128)1 << 126) - 1) * 2 + 1;
    CHECK(int64_divide_round(largest - 1, largest, &quotient));
    CHECK_INT(1, quotient);
    CHECK(int64_divide_round(-(largest / 2), largest, &quotient));
    CHECK_INT(0, quotient);
}

TEST(money_render, writes_the_minor_units_of_the_currency)
{
    check_render("77548570.20", 7754857020, "USD");
    check_render("0.00", 0, "USD");
    check_render("-0.05", -5, "USD");
    check_render("0", 0, "JPY");
    check_render("-1500", -1500, "JPY");
    check_render("0.001", 1, "KWD");
    check_render("1.0000", 10000, "CLF");
    check_render("-92233720368547758.08", INT64_MIN, "USD");
}

TEST(int64_add, refuses_overflow)
{
    int64_t sum = 42;
    CHECK(!int64_add(INT64_MAX, 1, &sum));
    CHECK_INT(42, sum);
    CHECK(int64_add(INT64_MAX, -1, &sum));
    CHECK_INT(INT64_MAX - 1, sum);
}
