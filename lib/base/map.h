/* A hash map from bytes to a pointer, in an arena. */
#ifndef LIB_BASE_MAP_H
#define LIB_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/str.h"

struct map_slot {
    struct str key;
    uint64_t hash;
    void *value;
};

/* Iterate with `for (i = 0; i < map.capacity; i++) if (map.slots[i].value)`. Open data, one thread
 * at a time. */
struct map {
    struct arena *arena;
    struct map_slot *slots;
    size_t capacity;
    size_t count;
    uint64_t seed;
};

/* `seed` should be random where keys come from outside. */
void map_init(struct map *map, struct arena *arena, uint64_t seed);
/* NULL when absent. */
void *map_find(const struct map *map, struct str key);
/* Sets or replaces. The key's bytes are borrowed for the life of the map; `value` must not be NULL.
 */
void map_put(struct map *map, struct str key, void *value);
/* 64 bits, seeded, not cryptographic. */
uint64_t hash_bytes(struct str bytes, uint64_t seed);

#endif
