/*
 * Changes of the rollups, summed in memory until they are written: one entry for each row that is
 * touched, and a journal that takes a failed job's share out again. Private to src/ledger.
 */
#ifndef SRC_LEDGER_SUMS_H
#define SRC_LEDGER_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/ledger/rollup.h"

/* A total of one row never goes beyond ±2^61, so that the tables' own check (±2^62) never meets a
 * sum that 64 bits cannot hold. */
#define SUM_MAX (INT64_C(1) << 61)

enum sum_table { SUM_PARTNER, SUM_PRODUCT, SUM_CHANNEL, SUM_KIND };

/* The key of a rollup row; without padding, compared and hashed as bytes. */
struct sum_key {
    int64_t partner;
    int64_t product;
    int32_t day;
    char currency[4];
    uint8_t table; /* enum sum_table */
    uint8_t kind;
    uint8_t calendar; /* enum rollup_calendar */
    uint8_t zero[5];
};

struct sum {
    struct sum_key key;
    struct rollup_totals totals;
};

struct sum_undo {
    uint32_t index;
    struct rollup_totals totals;
};

struct sums {
    struct sum *entries;
    size_t count, capacity;
    uint32_t *slots; /* index + 1; 0: free */
    size_t slot_count;
    struct sum_undo *journal;
    size_t journal_count, journal_capacity;
    bool keeps_journal;
};

void sums_init(struct sums *sums, bool keeps_journal);
void sums_finish(struct sums *sums);
/* Forgets everything, keeps the memory. */
void sums_clear(struct sums *sums);
/* False, with nothing changed, when the sum would leave ±SUM_MAX. */
MUST_CHECK bool sums_add(struct sums *sums, const struct sum_key *key,
                         const struct rollup_totals *totals);
/* NULL when there is none. Borrowed until the next addition. */
const struct rollup_totals *sums_find(const struct sums *sums, const struct sum_key *key);
/* Where the journal stands. */
size_t sums_mark(const struct sums *sums);
/* Takes back all that was added since the mark. */
void sums_undo(struct sums *sums, size_t mark);
/* What stands stays: the journal begins anew. */
void sums_keep(struct sums *sums);
/* In the order of the tables' keys, for writing neighbours together. Ends the journal. */
void sums_sort(struct sums *sums);

bool rollup_totals_are_zero(const struct rollup_totals *totals);
/* Every member with the opposite sign; within ±SUM_MAX that cannot overflow. */
struct rollup_totals rollup_totals_negated(const struct rollup_totals *totals);

#endif
