/* Runs side by side: what was added is always found, what was not hardly ever. */
#include "src/ledger/keys.h"

#include <stdlib.h>

#include "tests/support/test.h"

static uint64_t mixed(uint64_t number)
{
    number = (number ^ (number >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ (number >> 27)) * UINT64_C(0x94d049bb133111eb);
    return number ^ (number >> 31);
}

/* A run of a few keys: the ones of (run, 0 … count - 1). */
static void add_run(struct keys *keys, uint64_t run, uint64_t count)
{
    uint8_t *filter = calloc(1, KEYS_FILTER_BYTES);
    CHECK(filter != NULL);
    for (uint64_t i = 0; i < count; i++)
        keys_filter_add(filter, mixed(run << 32 | i));
    CHECK(keys_add_run(keys, (struct str){(const char *)filter, KEYS_FILTER_BYTES}));
    free(filter);
}

TEST(keys, finds_the_run_of_a_key_among_many)
{
    enum { RUNS = 70, EACH = 50 };
    struct keys keys;
    size_t others = 0;
    keys_init(&keys);
    for (uint64_t run = 0; run < RUNS; run++) {
        add_run(&keys, run, EACH);
        CHECK_INT(run, keys_next_run(&keys, mixed(run << 32), run));
    }
    for (uint64_t run = 0; run < RUNS; run++)
        for (uint64_t i = 0; i < EACH; i++) {
            uint64_t hash = mixed(run << 32 | i);
            size_t at = keys_next_run(&keys, hash, 0);
            for (; at < run; at = keys_next_run(&keys, hash, at + 1))
                others++;
            CHECK_INT(run, at);
        }
    CHECK(others < 5);
    for (uint64_t i = 0; i < 10000; i++)
        others += keys_next_run(&keys, mixed(UINT64_C(99) << 40 | i), 0) < keys.run_count;
    CHECK(others < 10);
    keys_finish(&keys);
}

TEST(keys, keeps_the_tail_in_order_of_slots_and_drops_what_is_sealed)
{
    enum { COUNT = 20000 };
    struct keys keys;
    int64_t ids[4];
    keys_init(&keys);
    for (int64_t i = 1; i <= COUNT; i++) {
        keys_add(&keys, (struct key){mixed((uint64_t)i), i});
        keys_add(&keys, (struct key){mixed((uint64_t)i), i});
    }
    CHECK_INT(COUNT, keys.tail_count);
    struct key *sorted = keys_sorted(&keys);
    for (size_t i = 1; i < COUNT; i++)
        CHECK(keys_slot(sorted[i - 1].hash) <= keys_slot(sorted[i].hash));
    free(sorted);
    keys_drop_tail(&keys, COUNT - 10);
    CHECK_INT(10, keys.tail_count);
    CHECK_INT(0, keys_find(&keys, mixed(7), ids, 4));
    CHECK_INT(1, keys_find(&keys, mixed(COUNT), ids, 4));
    CHECK_INT(COUNT, ids[0]);
    keys_finish(&keys);
}

TEST(keys, tells_every_fact_of_one_hash)
{
    struct keys keys;
    int64_t ids[3];
    keys_init(&keys);
    for (int64_t i = 1; i <= 40; i++)
        keys_add(&keys, (struct key){5, i});
    CHECK_INT(40, keys_find(&keys, 5, ids, 3));
    char entries[2 * KEYS_ENTRY_BYTES];
    keys_entry_write((struct key){5, -7}, entries);
    keys_entry_write((struct key){5, INT64_MAX}, entries + KEYS_ENTRY_BYTES);
    CHECK_INT(2, keys_entries_find((struct str){entries, sizeof(entries)}, 5, ids, 3));
    CHECK_INT(-7, ids[0]);
    CHECK_INT(INT64_MAX, ids[1]);
    keys_finish(&keys);
}
