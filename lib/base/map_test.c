/* Tests of the hash map. */
#include "lib/base/map.h"
#include "tests/support/test.h"

enum { KEYS = 20000, ARENA_BYTES = 64 * 1024 * 1024 };

TEST(map_find, gives_nothing_from_an_empty_map)
{
    struct arena arena;
    struct map map;
    arena_init(&arena, ARENA_BYTES);
    map_init(&map, &arena, 1);
    CHECK(!map_find(&map, STR("a")));
    CHECK_INT(0, map.capacity);
    arena_finish(&arena);
}

TEST(map_put, keeps_every_key_while_it_grows)
{
    struct arena arena;
    struct map map;
    arena_init(&arena, ARENA_BYTES);
    map_init(&map, &arena, test_seed());
    int *values = ARENA_ARRAY(&arena, int, KEYS);
    for (int i = 0; i < KEYS; i++)
        map_put(&map, arena_format(&arena, "key-%d", i), &values[i]);
    CHECK_INT(KEYS, map.count);
    for (int i = 0; i < KEYS; i++)
        CHECK(map_find(&map, arena_format(&arena, "key-%d", i)) == &values[i]);
    CHECK(!map_find(&map, STR("key-")));
    CHECK(!map_find(&map, STR("key-20000")));
    size_t seen = 0;
    for (size_t i = 0; i < map.capacity; i++)
        seen += map.slots[i].value != NULL;
    CHECK_INT(KEYS, seen);
    arena_finish(&arena);
}

TEST(map_put, replaces_the_value_of_an_equal_key)
{
    struct arena arena;
    struct map map;
    int one, two;
    arena_init(&arena, ARENA_BYTES);
    map_init(&map, &arena, 0);
    map_put(&map, STR(""), &one);
    map_put(&map, (struct str){NULL, 0}, &two);
    CHECK_INT(1, map.count);
    CHECK(map_find(&map, STR("")) == &two);
    arena_finish(&arena);
}

TEST(hash_bytes, tells_length_order_and_seed_apart)
{
    CHECK(hash_bytes(STR("abc"), 1) == hash_bytes(STR("abc"), 1));
    CHECK(hash_bytes(STR("abc"), 1) != hash_bytes(STR("abc"), 2));
    CHECK(hash_bytes(STR("abc"), 1) != hash_bytes(STR("abc\0"), 1));
    CHECK(hash_bytes(STR("12345678abcdefgh"), 1) != hash_bytes(STR("abcdefgh12345678"), 1));
    CHECK(hash_bytes(STR(""), 1) != hash_bytes(STR("\0"), 1));
}

/* These eight bytes once made the hash forget everything before them. */
TEST(hash_bytes, remembers_what_stands_before_any_word)
{
    CHECK(hash_bytes(STR("AAAAAAAA\x03\xED\x92\xD1\x32\x4A\xB5\xD1"), 5) !=
          hash_bytes(STR("BBBBBBBB\x03\xED\x92\xD1\x32\x4A\xB5\xD1"), 5));
}

TEST(hash_bytes, spreads_similar_keys_over_the_low_bits)
{
    unsigned used[256] = {0};
    char key[16];
    for (int i = 0; i < 256 * 64; i++) {
        snprintf(key, sizeof(key), "%09d", i);
        used[hash_bytes((struct str){key, 9}, 7) & 255]++;
    }
    for (size_t i = 0; i < ARRAY_LEN(used); i++)
        CHECK(used[i] > 20 && used[i] < 130);
}
