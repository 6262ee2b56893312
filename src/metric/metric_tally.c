/* Counts by a 64-bit id. */
#include "src/metric/metric_tally.h"

enum { CAPACITY_FIRST = 64 };

void metric_tally_init(struct metric_tally *tally, struct arena *arena)
{
    *tally = (struct metric_tally){.arena = arena, .capacity = CAPACITY_FIRST};
    tally->slots = ARENA_ARRAY(arena, struct metric_tally_slot, tally->capacity);
}

static struct metric_tally_slot *slot_of(const struct metric_tally *tally, int64_t id)
{
    /* Ids differ in their low bits (a sequence) and high bits (time): mix both. */
    uint64_t hash = (uint64_t)id * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(hash >> 32) & (tally->capacity - 1);
    while (tally->slots[at].id && tally->slots[at].id != id)
        at = (at + 1) & (tally->capacity - 1);
    return &tally->slots[at];
}

static void grow(struct metric_tally *tally)
{
    struct metric_tally old = *tally;
    tally->capacity *= 2;
    tally->slots = ARENA_ARRAY(tally->arena, struct metric_tally_slot, tally->capacity);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].id)
            *slot_of(tally, old.slots[i].id) = old.slots[i];
}

struct metric_tally_slot *metric_tally_of(struct metric_tally *tally, int64_t id)
{
    struct metric_tally_slot *slot = slot_of(tally, id);
    if (slot->id)
        return slot;
    if (tally->used * 2 >= tally->capacity) {
        grow(tally);
        slot = slot_of(tally, id);
    }
    tally->used++;
    slot->id = id;
    return slot;
}
