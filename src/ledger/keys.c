/* The tail's hash table, the runs' filters side by side, and how a run is laid out. */
#include "src/ledger/keys.h"

#include <stdlib.h>
#include <string.h>

enum { TAIL_FIRST = 4096, SLOT_SHIFT = 64 - 12, CHECK_SHIFT = 20 };

static void *allocate(size_t count, size_t size_bytes)
{
    void *memory = calloc(count, size_bytes);
    if (!memory)
        abort();
    return memory;
}

void keys_init(struct keys *keys)
{
    *keys = (struct keys){.tail_capacity = TAIL_FIRST};
    keys->tail = allocate(TAIL_FIRST, sizeof(*keys->tail));
}

void keys_finish(struct keys *keys)
{
    free(keys->tail);
    free(keys->bits);
    *keys = (struct keys){0};
}

void keys_clear(struct keys *keys)
{
    keys_finish(keys);
    keys_init(keys);
}

/* ---- the tail ---- */

static void place(struct keys *keys, struct key key)
{
    size_t mask = keys->tail_capacity - 1;
    size_t at = (size_t)key.hash & mask;
    while (keys->tail[at].fact_id) {
        if (keys->tail[at].hash == key.hash && keys->tail[at].fact_id == key.fact_id)
            return;
        at = (at + 1) & mask;
    }
    keys->tail[at] = key;
    keys->tail_count++;
}

/* A new table with the old one's keys of facts after `last_fact_id`. */
static void rebuild(struct keys *keys, size_t capacity, int64_t last_fact_id)
{
    struct key *old = keys->tail;
    size_t old_capacity = keys->tail_capacity;
    keys->tail = allocate(capacity, sizeof(*keys->tail));
    keys->tail_capacity = capacity;
    keys->tail_count = 0;
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i].fact_id > last_fact_id)
            place(keys, old[i]);
    free(old);
}

void keys_add(struct keys *keys, struct key key)
{
    if (keys->tail_count * 2 >= keys->tail_capacity)
        rebuild(keys, keys->tail_capacity * 2, 0);
    place(keys, key);
}

size_t keys_find(const struct keys *keys, uint64_t hash, int64_t *ret_ids, size_t max)
{
    size_t mask = keys->tail_capacity - 1;
    size_t count = 0;
    for (size_t at = (size_t)hash & mask; keys->tail[at].fact_id; at = (at + 1) & mask)
        if (keys->tail[at].hash == hash && count++ < max)
            ret_ids[count - 1] = keys->tail[at].fact_id;
    return count;
}

void keys_drop_tail(struct keys *keys, int64_t last_fact_id)
{
    rebuild(keys, keys->tail_capacity, last_fact_id);
}

/* ---- filters ---- */

static size_t position(uint64_t hash, unsigned probe)
{
    uint32_t first = (uint32_t)hash, step = (uint32_t)(hash >> 32) | 1;
    return (first + probe * step) & (KEYS_FILTER_BITS - 1);
}

void keys_filter_add(uint8_t *filter, uint64_t hash)
{
    for (unsigned probe = 0; probe < KEYS_PROBES; probe++) {
        size_t at = position(hash, probe);
        filter[at / 8] = (uint8_t)(filter[at / 8] | 1U << (at % 8));
    }
}

/* The eight runs of one byte: those that may hold the hash. */
static unsigned runs_of_byte(const struct keys *keys, uint64_t hash, size_t byte)
{
    unsigned runs = 0xff;
    for (unsigned probe = 0; probe < KEYS_PROBES && runs; probe++)
        runs &= keys->bits[position(hash, probe) * keys->run_bytes + byte];
    return runs;
}

/* The same for 64 runs at once: the eight positions are fetched before any is looked at. */
static uint64_t runs_of_word(const struct keys *keys, uint64_t hash, size_t byte)
{
    uint64_t words[KEYS_PROBES];
    uint64_t runs = ~UINT64_C(0);
    for (unsigned probe = 0; probe < KEYS_PROBES; probe++)
        memcpy(&words[probe], &keys->bits[position(hash, probe) * keys->run_bytes + byte],
               sizeof(words[probe]));
    for (unsigned probe = 0; probe < KEYS_PROBES; probe++)
        runs &= words[probe];
    return runs;
}

size_t keys_next_run(const struct keys *keys, uint64_t hash, size_t from)
{
    size_t run = from;
    while (run < keys->run_count) {
        bool word = run % 64 == 0 && keys->run_bytes >= 8;
        if (word && !runs_of_word(keys, hash, run / 8)) {
            run += 64;
            continue;
        }
        unsigned runs = runs_of_byte(keys, hash, run / 8) >> (run % 8);
        if (runs)
            return run + (size_t)__builtin_ctz(runs);
        run = (run / 8 + 1) * 8;
    }
    return keys->run_count;
}

/* Doubles the bytes of every position when the next run has no bit yet. */
static void widen(struct keys *keys)
{
    if (keys->run_count < keys->run_bytes * 8)
        return;
    size_t bytes = keys->run_bytes ? keys->run_bytes * 2 : 1;
    uint8_t *bits = allocate(KEYS_FILTER_BITS, bytes);
    for (size_t at = 0; keys->run_bytes && at < KEYS_FILTER_BITS; at++)
        memcpy(bits + at * bytes, keys->bits + at * keys->run_bytes, keys->run_bytes);
    free(keys->bits);
    keys->bits = bits;
    keys->run_bytes = bytes;
}

bool keys_add_run(struct keys *keys, struct str filter)
{
    if (filter.len != KEYS_FILTER_BYTES)
        return false;
    widen(keys);
    size_t byte = keys->run_count / 8;
    uint8_t bit = (uint8_t)(1U << (keys->run_count % 8));
    for (size_t at = 0; at < KEYS_FILTER_BITS; at++)
        if ((unsigned char)filter.ptr[at / 8] >> (at % 8) & 1) {
            uint8_t *cell = &keys->bits[at * keys->run_bytes + byte];
            *cell = (uint8_t)(*cell | bit);
        }
    keys->run_count++;
    return true;
}

/* ---- the layout of a run ---- */

size_t keys_slot(uint64_t hash)
{
    return (size_t)(hash >> SLOT_SHIFT);
}

static int compare(const void *left, const void *right)
{
    const struct key *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (a->fact_id > b->fact_id) - (a->fact_id < b->fact_id);
}

struct key *keys_sorted(const struct keys *keys)
{
    struct key *sorted = allocate(keys->tail_count + 1, sizeof(*sorted));
    size_t count = 0;
    for (size_t i = 0; i < keys->tail_capacity; i++)
        if (keys->tail[i].fact_id)
            sorted[count++] = keys->tail[i];
    qsort(sorted, count, sizeof(*sorted), compare);
    return sorted;
}

static uint32_t check_of(uint64_t hash)
{
    return (uint32_t)(hash >> CHECK_SHIFT);
}

/* Least significant byte first: the file may move to another machine. */
static void put_bytes(uint64_t value, size_t count, char *bytes)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = (char)(value >> (8 * i));
}

static uint64_t get_bytes(const char *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = count; i > 0; i--)
        value = value << 8 | (unsigned char)bytes[i - 1];
    return value;
}

void keys_entry_write(struct key key, char *entry)
{
    put_bytes(check_of(key.hash), 4, entry);
    put_bytes((uint64_t)key.fact_id, 8, entry + 4);
}

size_t keys_entries_find(struct str entries, uint64_t hash, int64_t *ret_ids, size_t max)
{
    size_t count = 0;
    for (size_t at = 0; at + KEYS_ENTRY_BYTES <= entries.len; at += KEYS_ENTRY_BYTES)
        if (get_bytes(entries.ptr + at, 4) == check_of(hash) && count++ < max)
            ret_ids[count - 1] = (int64_t)get_bytes(entries.ptr + at + 4, 8);
    return count;
}
