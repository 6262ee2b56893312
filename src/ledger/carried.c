/* A set of pairs: open addressing, emptied when it is full. */
#include "src/ledger/carried.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/map.h"

enum { CARRIED_FIRST = 1024 };

static void allocate(struct carried *carried, size_t capacity)
{
    carried->pairs = calloc(capacity, sizeof(*carried->pairs));
    carried->capacity = capacity;
    carried->count = 0;
    if (!carried->pairs)
        abort();
}

void carried_init(struct carried *carried)
{
    allocate(carried, CARRIED_FIRST);
}

void carried_finish(struct carried *carried)
{
    free(carried->pairs);
    *carried = (struct carried){0};
}

void carried_clear(struct carried *carried)
{
    memset(carried->pairs, 0, carried->capacity * sizeof(*carried->pairs));
    carried->count = 0;
}

static bool place(struct carried *carried, struct carried_pair pair)
{
    struct str bytes = {(const char *)&pair, sizeof(pair)};
    size_t mask = carried->capacity - 1;
    size_t at = (size_t)hash_bytes(bytes, 1) & mask;
    while (carried->pairs[at].partner) {
        if (memcmp(&carried->pairs[at], &pair, sizeof(pair)) == 0)
            return false;
        at = (at + 1) & mask;
    }
    carried->pairs[at] = pair;
    carried->count++;
    return true;
}

static void enlarge(struct carried *carried)
{
    struct carried old = *carried;
    allocate(carried, old.capacity * 2);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.pairs[i].partner)
            place(carried, old.pairs[i]);
    free(old.pairs);
}

bool carried_add(struct carried *carried, int64_t partner, int64_t product)
{
    if (carried->count >= CARRIED_MAX)
        carried_clear(carried);
    if (carried->count * 2 >= carried->capacity)
        enlarge(carried);
    return place(carried, (struct carried_pair){partner, product});
}
