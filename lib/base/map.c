/* Open addressing with linear probing; grows at three quarters. */
#include "lib/base/map.h"

#include <string.h>

#include "lib/base/compiler.h"

enum { MAP_FIRST_SLOTS = 16 };

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint128 product;
    product = (uint128)(a ^ UINT64_C(0x9e3779b97f4a7c15)) * (b ^ UINT64_C(0xd1b54a32d192ed03));
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t hash_bytes(struct str bytes, uint64_t seed)
{
    uint64_t hash = mix(seed, bytes.len);
    size_t at = 0;
    while (at < bytes.len) {
        uint64_t word = 0;
        size_t length = bytes.len - at < sizeof(word) ? bytes.len - at : sizeof(word);
        memcpy(&word, bytes.ptr + at, length);
        /* With the seed inside, nobody who lacks it can choose a word that makes the product 0. */
        hash = mix(hash, word ^ seed);
        at += length;
    }
    return mix(hash, seed);
}

void map_init(struct map *map, struct arena *arena, uint64_t seed)
{
    *map = (struct map){.arena = arena, .seed = seed};
}

/* The slot of the key, or the empty one where it belongs. */
static struct map_slot *slot_of(struct map_slot *slots, size_t capacity, struct str key,
                                uint64_t hash)
{
    size_t at = (size_t)hash & (capacity - 1);
    while (slots[at].value && (slots[at].hash != hash || !str_equal(slots[at].key, key)))
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

void *map_find(const struct map *map, struct str key)
{
    if (!map->capacity)
        return NULL;
    return slot_of(map->slots, map->capacity, key, hash_bytes(key, map->seed))->value;
}

static void grow(struct map *map)
{
    size_t capacity = map->capacity ? map->capacity * 2 : MAP_FIRST_SLOTS;
    struct map_slot *slots = ARENA_ARRAY(map->arena, struct map_slot, capacity);
    for (size_t i = 0; i < map->capacity; i++) {
        const struct map_slot *old = &map->slots[i];
        if (old->value)
            *slot_of(slots, capacity, old->key, old->hash) = *old;
    }
    map->slots = slots;
    map->capacity = capacity;
}

void map_put(struct map *map, struct str key, void *value)
{
    if (map->count * 4 >= map->capacity * 3)
        grow(map);
    uint64_t hash = hash_bytes(key, map->seed);
    struct map_slot *slot = slot_of(map->slots, map->capacity, key, hash);
    map->count += slot->value == NULL;
    *slot = (struct map_slot){key, hash, value};
}
