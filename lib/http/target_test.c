/* What a request target may be. */
#include "lib/http/target.h"
#include "tests/support/test.h"

enum { ARENA_BYTES = 1024 * 1024 };

static void release_arena(struct arena *arena)
{
    arena_finish(arena);
}

static bool is_refused(const char *raw)
{
    CLEANUP(release_arena) struct arena arena;
    struct target target;
    arena_init(&arena, ARENA_BYTES);
    return target_parse(str_from_c(raw), &arena, &target) != NULL;
}

TEST(target, decodes_path_and_query)
{
    CLEANUP(release_arena) struct arena arena;
    struct target target;
    arena_init(&arena, ARENA_BYTES);
    CHECK(!target_parse(STR("/caf%C3%A9/a+b?q=x+y%2B%26&flag&&n="), &arena, &target));
    CHECK_STR("/caf\xC3\xA9/a+b", target.path);
    CHECK_INT(3, target.query_count);
    CHECK_STR("q", target.query[0].name);
    CHECK_STR("x y+&", target.query[0].value);
    CHECK_STR("flag", target.query[1].name);
    CHECK_STR("", target.query[1].value);
    CHECK_STR("n", target.query[2].name);
}

TEST(target, refuses_bad_escapes)
{
    CHECK(is_refused("/%"));
    CHECK(is_refused("/%4"));
    CHECK(is_refused("/%zz"));
    CHECK(is_refused("/a?b=%"));
    CHECK(is_refused("/a?b=%a"));
    CHECK(!is_refused("/a?b=%61"));
}

TEST(target, refuses_NUL_control_characters_and_bad_utf8)
{
    CHECK(is_refused("/a%00"));
    CHECK(is_refused("/a?b=%00"));
    CHECK(is_refused("/a%0d%0a"));
    CHECK(is_refused("/a%7f"));
    CHECK(is_refused("/a%ff"));
    CHECK(is_refused("/a?b=%c0%80"));
    CHECK(is_refused("/a\x01"));
    CHECK(is_refused("/a\xc3\xa9"));
}

TEST(target, refuses_paths_with_two_readings)
{
    CHECK(is_refused("/a//b"));
    CHECK(is_refused("//a"));
    CHECK(is_refused("/a/../b"));
    CHECK(is_refused("/a/%2e%2e"));
    CHECK(is_refused("/."));
    CHECK(is_refused("/a%2Fb"));
    CHECK(is_refused("/a%2fb"));
    CHECK(!is_refused("/a..b/c."));
}

TEST(target, refuses_all_but_the_origin_form)
{
    CHECK(is_refused(""));
    CHECK(is_refused("*"));
    CHECK(is_refused("http://example.org/"));
    CHECK(is_refused("example.org:443"));
    CHECK(is_refused("/a#b"));
}

TEST(target, refuses_a_name_given_twice_or_none)
{
    CHECK(is_refused("/a?b=1&b=2"));
    CHECK(is_refused("/a?b=1&%62=2"));
    CHECK(is_refused("/a?=2"));
}

TEST(target, refuses_more_fields_than_it_holds)
{
    char raw[1024] = "/a?";
    size_t len = 3;
    for (int i = 0; i < TARGET_QUERY_FIELDS_MAX; i++) {
        raw[len++] = (char)('a' + i % 26);
        raw[len++] = (char)('a' + i / 26);
        raw[len++] = '&';
    }
    raw[len] = '\0';
    CHECK(!is_refused(raw));
    raw[len] = 'z';
    raw[len + 1] = '\0';
    CHECK(is_refused(raw));
}
