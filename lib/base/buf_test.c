/* Tests of bounded buffers. */
#include "lib/base/buf.h"
#include "tests/support/test.h"

enum { ARENA_BYTES = 1024 * 1024 };

TEST(buf_add, grows_and_keeps_what_was_there)
{
    struct arena arena;
    struct buf buf;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&buf, &arena, 10000);
    for (int i = 0; i < 1000; i++)
        buf_add(&buf, STR("0123456789"));
    CHECK(!buf.overflowed);
    CHECK_INT(10000, buf_str(&buf).len);
    for (size_t i = 0; i < buf.len; i++)
        CHECK(buf.ptr[i] == (char)('0' + i % 10));
    buf_add_char(&buf, 'x');
    CHECK(buf.overflowed);
    CHECK_INT(10000, buf.len);
    arena_finish(&arena);
}

TEST(buf_add, drops_what_does_not_fit_and_all_that_follows)
{
    struct arena arena;
    struct buf buf;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&buf, &arena, 4);
    buf_add(&buf, STR("abc"));
    buf_add(&buf, STR("de"));
    buf_add(&buf, STR("f"));
    CHECK(buf.overflowed);
    CHECK_STR("abc", buf_str(&buf));
    buf_clear(&buf);
    CHECK(!buf.overflowed);
    buf_add(&buf, STR("wxyz"));
    CHECK_STR("wxyz", buf_str(&buf));
    arena_finish(&arena);
}

TEST(buf_add_int, writes_the_whole_range)
{
    struct arena arena;
    struct buf buf;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&buf, &arena, 100);
    buf_add_int(&buf, INT64_MIN);
    buf_add_char(&buf, ' ');
    buf_add_int(&buf, 0);
    buf_add_char(&buf, ' ');
    buf_add_int(&buf, INT64_MAX);
    CHECK_STR("-9223372036854775808 0 9223372036854775807", buf_str(&buf));
    arena_finish(&arena);
}

TEST(buf_format, writes_short_and_long_and_refuses_too_long)
{
    struct arena arena;
    struct buf buf;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&buf, &arena, 1000);
    buf_format(&buf, "%s=%d;", "a", 1);
    buf_format(&buf, "%600d", 2);
    CHECK(!buf.overflowed);
    CHECK_INT(604, buf.len);
    CHECK(buf.ptr[603] == '2');
    buf_format(&buf, "%600d", 2);
    CHECK(buf.overflowed);
    CHECK_INT(604, buf.len);
    arena_finish(&arena);
}

TEST(buf_format, refuses_at_once_what_is_over_the_maximum)
{
    struct arena arena;
    struct buf buf;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&buf, &arena, 10);
    buf_format(&buf, "%600d", 2);
    CHECK(buf.overflowed);
    CHECK_INT(0, buf.len);
    CHECK_INT(0, arena.used_bytes);
    arena_finish(&arena);
}
