/* Phone numbers, by libphonenumber. */
#include <pthread.h>

#include "lib/norm/norm.h"
#include "lib/norm/phone_library.h"
#include "tests/support/test.h"

static bool is_parsed_as(const char *expected, const char *country_code, const char *text)
{
    struct arena arena;
    struct str e164 = {0};
    struct country country = {0};
    arena_init(&arena, 1 << 16);
    bool has_country = country_parse(str_from_c(country_code), &country);
    bool is_number = has_country == (*country_code != '\0') &&
                     phone_parse(str_from_c(text), country, &arena, &e164);
    bool is_expected = is_number == (*expected != '\0') && str_equal(e164, str_from_c(expected));
    arena_finish(&arena);
    return is_expected;
}

TEST(phone_parse, takes_national_notation_with_a_country)
{
    CHECK(is_parsed_as("+12455550173", "US", "245-555-0173"));
    CHECK(is_parsed_as("+15127576000", "US", "(512) 757-6000"));
    CHECK(is_parsed_as("+4315133330", "AT", "01 / 513 33 30"));
    CHECK(is_parsed_as("+33142685300", "FR", "01 42 68 53 00"));
    CHECK(is_parsed_as("+390669812345", "IT", "06 6981 2345"));
}

TEST(phone_parse, takes_international_notation_without_a_country)
{
    CHECK(is_parsed_as("+12455550173", "", "+1 245-555-0173"));
    CHECK(is_parsed_as("+4315133330", "US", "+43 1 5133330"));
    CHECK(is_parsed_as("", "", "245-555-0173"));
}

TEST(phone_parse, cuts_an_extension_off)
{
    CHECK(is_parsed_as("+15127576000", "US", "(512) 757-6000 x123"));
    CHECK(is_parsed_as("+15127576000", "US", "512.757.6000 ext. 4"));
}

TEST(phone_parse, refuses_what_has_not_the_right_length)
{
    CHECK(is_parsed_as("", "US", "757-6000"));
    CHECK(is_parsed_as("", "US", "512-757-60001"));
    CHECK(is_parsed_as("", "FR", "1 (11) 500 555-0132"));
    CHECK(is_parsed_as("", "US", ""));
    CHECK(is_parsed_as("", "US", "n/a"));
    CHECK(is_parsed_as("", "US", "call the front desk"));
    CHECK(is_parsed_as("", "US", "+999 12345678"));
}

TEST(phone_parse, refuses_a_very_long_text)
{
    char text[300];
    memset(text, '5', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    CHECK(is_parsed_as("", "US", text));
}

TEST(phone_render, groups_digits)
{
    struct arena arena;
    arena_init(&arena, 1 << 16);
    CHECK_STR("+1 245-555-0173", phone_render(STR("+12455550173"), &arena));
    CHECK_STR("no number", phone_render(STR("no number"), &arena));
    CHECK_STR("", phone_render(STR(""), &arena));
    arena_finish(&arena);
}

static size_t below(uint64_t *random, size_t end)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(*random >> 33) % end;
}

/* A number as it may be written in North America, or nearly so. */
static struct str scribbled(uint64_t *random, struct arena *arena)
{
    static const char *const starts[] = {"", "", "1", "1 ", "+1", "+1 ", "+1-", "1-", "0", "+"};
    static const char *const opens[] = {"", "", "("}, *const closes[] = {"", "", ")"};
    static const char *const gaps[] = {"", "-", " ", ".", "--", "/"};
    size_t area = below(random, ARRAY_LEN(opens));
    return arena_format(arena, "%s%s%03zu%s%s%03zu%s%04zu",
                        starts[below(random, ARRAY_LEN(starts))], opens[area], below(random, 1000),
                        closes[below(random, 8) ? area : 0], gaps[below(random, ARRAY_LEN(gaps))],
                        below(random, 1000), gaps[below(random, ARRAY_LEN(gaps))],
                        below(random, 10000));
}

TEST(phone_parse, agrees_with_the_library_where_it_does_without)
{
    uint64_t random = test_seed();
    for (int i = 0; i < 5000; i++) {
        struct arena arena;
        struct country country = {0};
        char expected[PHONE_TEXT_MAX] = "";
        struct str e164 = {NULL, 0};
        arena_init(&arena, 1 << 16);
        struct str text = scribbled(&random, &arena);
        CHECK(country_parse(i % 3 ? STR("US") : i % 2 ? STR("CA") : STR("AT"), &country));
        bool is_number = phone_library_parse(text.ptr, text.len, country.code, expected);
        if (phone_parse(text, country, &arena, &e164) != is_number)
            test_fail(__FILE__, __LINE__, "\"%.*s\" is %s by the library", STR_ARG(text),
                      is_number ? expected : "nothing");
        CHECK_STR(is_number ? expected : "", e164);
        arena_finish(&arena);
    }
}

static void *parse_often(void *arg)
{
    bool *ret_good = arg;
    *ret_good = true;
    for (int i = 0; i < 200; i++)
        *ret_good = *ret_good && is_parsed_as("+12455550173", "US", "245-555-0173") &&
                    is_parsed_as("+4315133330", "AT", "01 / 513 33 30");
    return NULL;
}

TEST(phone_parse, works_on_many_threads)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    bool good[THREADS];
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, parse_often, &good[i]) == 0);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    for (int i = 0; i < THREADS; i++)
        CHECK(good[i]);
}
