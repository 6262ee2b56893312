/* Tests of arenas. */
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "tests/support/test.h"

enum { MIB = 1024 * 1024 };

static bool is_zero(const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i])
            return false;
    return true;
}

/* Allocates many sizes, checks each for zeros and alignment, and dirties it. */
static bool fill(struct arena *arena)
{
    for (size_t size = 0; size < 5000; size += 7) {
        unsigned char *bytes = arena_alloc(arena, size);
        if ((uintptr_t)bytes % alignof(max_align_t) || !is_zero(bytes, size))
            return false;
        memset(bytes, 0xAA, size);
    }
    return true;
}

TEST(arena_alloc, gives_zeroed_aligned_memory_also_after_a_reset)
{
    struct arena arena;
    arena_init(&arena, 64 * MIB);
    CHECK(fill(&arena));
    arena_reset(&arena);
    CHECK_INT(0, arena.used_bytes);
    CHECK(fill(&arena));
    CHECK(!arena_failed(&arena));
    arena_finish(&arena);
}

TEST(arena_alloc, zeroes_large_pieces_again_after_a_reset)
{
    struct arena arena;
    arena_init(&arena, 64 * MIB);
    unsigned char *large = arena_alloc(&arena, MIB);
    CHECK(is_zero(large, MIB));
    memset(large, 0xAA, MIB);
    arena_reset(&arena);
    CHECK(is_zero(arena_alloc(&arena, MIB), MIB));
    arena_finish(&arena);
}

TEST(arena_alloc, serves_past_the_maximum_and_stays_failed)
{
    struct arena arena;
    arena_init(&arena, 64);
    arena_alloc(&arena, 64);
    CHECK(!arena_failed(&arena));
    char *past = arena_alloc(&arena, 1000);
    memset(past, 1, 1000);
    CHECK(arena_failed(&arena));
    arena_alloc(&arena, 1);
    CHECK(arena_failed(&arena));
    arena_reset(&arena);
    CHECK(!arena_failed(&arena));
    arena_finish(&arena);
}

TEST(arena_alloc, never_gives_one_pointer_twice)
{
    struct arena arena;
    arena_init(&arena, MIB);
    CHECK(arena_alloc(&arena, 0) != arena_alloc(&arena, 0));
    arena_finish(&arena);
}

struct witness {
    char order[4];
    size_t count;
};

struct mark {
    struct witness *witness;
    char letter;
};

static void note(void *thing)
{
    struct mark *mark = thing;
    mark->witness->order[mark->witness->count++] = mark->letter;
}

TEST(arena_on_release, runs_newest_first_and_once)
{
    struct witness witness = {.count = 0};
    struct arena arena;
    arena_init(&arena, MIB);
    for (char letter = 'a'; letter <= 'c'; letter++) {
        struct mark *mark = ARENA_NEW(&arena, struct mark);
        *mark = (struct mark){&witness, letter};
        arena_on_release(&arena, note, mark);
    }
    arena_reset(&arena);
    CHECK_STR("cba", str_from_c(witness.order));
    arena_finish(&arena);
    CHECK_INT(3, witness.count);
}

TEST(arena_str, copies_text_that_then_may_change)
{
    struct arena arena;
    arena_init(&arena, MIB);
    char source[] = "text";
    struct str copy = arena_str(&arena, str_from_c(source));
    const char *terminated = arena_cstr(&arena, (struct str){source, 2});
    source[0] = '#';
    CHECK_STR("text", copy);
    CHECK_STR("te", str_from_c(terminated));
    CHECK_STR("", arena_str(&arena, (struct str){NULL, 0}));
    arena_finish(&arena);
}

TEST(arena_format, makes_text_of_any_length)
{
    struct arena arena;
    arena_init(&arena, MIB);
    CHECK_STR("7-seven", arena_format(&arena, "%d-%s", 7, "seven"));
    CHECK_INT(9000, arena_format(&arena, "%9000d", 1).len);
    arena_finish(&arena);
}
