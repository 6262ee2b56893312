/* A hash table of rollup changes with a journal. */
#include "src/ledger/sums.h"

#include <stdlib.h>
#include <string.h>

enum { SUMS_FIRST = 1024 };

_Static_assert(sizeof(struct sum_key) == 32, "a key without padding");

static void *grow(void *memory, size_t count, size_t size_bytes)
{
    void *grown = realloc(memory, count * size_bytes);
    if (!grown)
        abort();
    return grown;
}

void sums_init(struct sums *sums, bool keeps_journal)
{
    *sums = (struct sums){.keeps_journal = keeps_journal};
    sums->capacity = SUMS_FIRST;
    sums->slot_count = 2 * SUMS_FIRST;
    sums->journal_capacity = SUMS_FIRST;
    sums->entries = grow(NULL, sums->capacity, sizeof(*sums->entries));
    sums->slots = grow(NULL, sums->slot_count, sizeof(*sums->slots));
    sums->journal = grow(NULL, sums->journal_capacity, sizeof(*sums->journal));
    sums_clear(sums);
}

void sums_finish(struct sums *sums)
{
    free(sums->entries);
    free(sums->slots);
    free(sums->journal);
    *sums = (struct sums){0};
}

void sums_clear(struct sums *sums)
{
    memset(sums->slots, 0, sums->slot_count * sizeof(*sums->slots));
    sums->count = 0;
    sums->journal_count = 0;
}

static size_t hash_key(const struct sum_key *key)
{
    uint64_t words[4];
    uint64_t hash = UINT64_C(0x9e3779b97f4a7c15);
    memcpy(words, key, sizeof(words));
    for (size_t i = 0; i < 4; i++) {
        hash = (hash ^ words[i]) * UINT64_C(0xff51afd7ed558ccd);
        hash ^= hash >> 32;
    }
    return (size_t)hash;
}

/* Where the key is, or the free slot where it belongs. */
static size_t find_slot(const struct sums *sums, const struct sum_key *key)
{
    size_t mask = sums->slot_count - 1;
    size_t at = hash_key(key) & mask;
    while (sums->slots[at] &&
           memcmp(&sums->entries[sums->slots[at] - 1].key, key, sizeof(*key)) != 0)
        at = (at + 1) & mask;
    return at;
}

static void enlarge(struct sums *sums)
{
    sums->capacity *= 2;
    sums->slot_count *= 2;
    sums->entries = grow(sums->entries, sums->capacity, sizeof(*sums->entries));
    sums->slots = grow(sums->slots, sums->slot_count, sizeof(*sums->slots));
    memset(sums->slots, 0, sums->slot_count * sizeof(*sums->slots));
    for (size_t i = 0; i < sums->count; i++)
        sums->slots[find_slot(sums, &sums->entries[i].key)] = (uint32_t)(i + 1);
}

static size_t find_or_add(struct sums *sums, const struct sum_key *key)
{
    size_t slot = find_slot(sums, key);
    if (sums->slots[slot])
        return sums->slots[slot] - 1;
    if (sums->count == sums->capacity) {
        enlarge(sums);
        slot = find_slot(sums, key);
    }
    sums->entries[sums->count] = (struct sum){.key = *key};
    sums->slots[slot] = (uint32_t)++sums->count;
    return sums->count - 1;
}

static void note(struct sums *sums, size_t index, const struct rollup_totals *totals)
{
    if (!sums->keeps_journal)
        return;
    if (sums->journal_count == sums->journal_capacity) {
        sums->journal_capacity *= 2;
        sums->journal = grow(sums->journal, sums->journal_capacity, sizeof(*sums->journal));
    }
    sums->journal[sums->journal_count++] = (struct sum_undo){(uint32_t)index, *totals};
}

static bool add_bounded(int64_t *sum, int64_t add)
{
    int64_t result;
    if (__builtin_add_overflow(*sum, add, &result) || result > SUM_MAX || result < -SUM_MAX)
        return false;
    *sum = result;
    return true;
}

bool rollup_totals_add(struct rollup_totals *sum, const struct rollup_totals *add)
{
    struct rollup_totals result = *sum;
    if (!add_bounded(&result.facts, add->facts) ||
        !add_bounded(&result.quantity_milli, add->quantity_milli) ||
        !add_bounded(&result.amount, add->amount) || !add_bounded(&result.cost, add->cost) ||
        !add_bounded(&result.costed, add->costed) || !add_bounded(&result.time_ms, add->time_ms))
        return false;
    *sum = result;
    return true;
}

bool sums_add(struct sums *sums, const struct sum_key *key, const struct rollup_totals *totals)
{
    size_t index = find_or_add(sums, key);
    if (!rollup_totals_add(&sums->entries[index].totals, totals))
        return false;
    note(sums, index, totals);
    return true;
}

const struct rollup_totals *sums_find(const struct sums *sums, const struct sum_key *key)
{
    uint32_t index = sums->slots[find_slot(sums, key)];
    return index ? &sums->entries[index - 1].totals : NULL;
}

size_t sums_mark(const struct sums *sums)
{
    return sums->journal_count;
}

void sums_keep(struct sums *sums)
{
    sums->journal_count = 0;
}

void sums_undo(struct sums *sums, size_t mark)
{
    while (sums->journal_count > mark) {
        const struct sum_undo *undo = &sums->journal[--sums->journal_count];
        struct rollup_totals *totals = &sums->entries[undo->index].totals;
        totals->facts -= undo->totals.facts;
        totals->quantity_milli -= undo->totals.quantity_milli;
        totals->amount -= undo->totals.amount;
        totals->cost -= undo->totals.cost;
        totals->costed -= undo->totals.costed;
        totals->time_ms -= undo->totals.time_ms;
    }
}

static int compare_int(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* As the primary keys go: by day, product, partner, kind, currency, calendar. */
static int compare(const void *left, const void *right)
{
    const struct sum_key *a = &((const struct sum *)left)->key;
    const struct sum_key *b = &((const struct sum *)right)->key;
    int order = compare_int(a->table, b->table);
    if (!order)
        order = compare_int(a->day, b->day);
    if (!order)
        order = compare_int(a->product, b->product);
    if (!order)
        order = compare_int(a->partner, b->partner);
    if (!order)
        order = compare_int(a->kind, b->kind);
    if (!order)
        order = memcmp(a->currency, b->currency, sizeof(a->currency));
    return order ? order : compare_int(a->calendar, b->calendar);
}

void sums_sort(struct sums *sums)
{
    qsort(sums->entries, sums->count, sizeof(*sums->entries), compare);
    memset(sums->slots, 0, sums->slot_count * sizeof(*sums->slots));
    for (size_t i = 0; i < sums->count; i++)
        sums->slots[find_slot(sums, &sums->entries[i].key)] = (uint32_t)(i + 1);
    sums->journal_count = 0;
}

bool rollup_totals_are_zero(const struct rollup_totals *totals)
{
    return !totals->facts && !totals->quantity_milli && !totals->amount && !totals->cost &&
           !totals->costed && !totals->time_ms;
}

struct rollup_totals rollup_totals_negated(const struct rollup_totals *totals)
{
    return (struct rollup_totals){-totals->facts, -totals->quantity_milli, -totals->amount,
                                  -totals->cost,  -totals->costed,         -totals->time_ms};
}
