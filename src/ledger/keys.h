/*
 * Which facts may have a given source and external id: the memory half of the ledger's keys. The
 * newest facts' keys are in a hash table; older ones stand in the database in runs of KEYS_RUN, and
 * one word of bits a filter position tells for every run at once whether it may hold a key. All
 * that is said here is a hint: the fact itself decides. Private to src/ledger; see docs/adr.
 */
#ifndef SRC_LEDGER_KEYS_H
#define SRC_LEDGER_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/str.h"

enum {
    KEYS_RUN = 1 << 18,         /* keys in a run */
    KEYS_SLOTS = 1 << 12,       /* of a run: 64 keys each */
    KEYS_ENTRY_BYTES = 12,      /* 32 bits of hash, the fact's id */
    KEYS_FILTER_BITS = 1 << 22, /* 16 a key: one key in 1,800 is taken for another */
    KEYS_FILTER_BYTES = KEYS_FILTER_BITS / 8,
    KEYS_PROBES = 8
};

struct key {
    uint64_t hash;
    int64_t fact_id;
};

/* One thread at a time. */
struct keys {
    struct key *tail; /* open addressing; fact_id 0: free */
    size_t tail_count, tail_capacity;
    /* For each filter position `run_bytes` bytes: bit r is run r's. */
    uint8_t *bits;
    size_t run_bytes;
    size_t run_count;
};

void keys_init(struct keys *keys);
void keys_finish(struct keys *keys);
void keys_clear(struct keys *keys);

/* Adding a pair that is there changes nothing. */
void keys_add(struct keys *keys, struct key key);
/* How many facts of the tail have this hash; the first `max` of them are told. */
size_t keys_find(const struct keys *keys, uint64_t hash, int64_t *ret_ids, size_t max);
/* The next run at or after `from` that may hold the hash; run_count when there is none. */
size_t keys_next_run(const struct keys *keys, uint64_t hash, size_t from);

/* ---- runs ---- */

/* The tail's keys ordered by slot, ready to be written. The caller frees. */
struct key *keys_sorted(const struct keys *keys);
size_t keys_slot(uint64_t hash);
/* Writes KEYS_ENTRY_BYTES. */
void keys_entry_write(struct key key, char *entry);
/* The same of a slot's entries. */
size_t keys_entries_find(struct str entries, uint64_t hash, int64_t *ret_ids, size_t max);
/* Sets the key's bits in a filter of KEYS_FILTER_BYTES. */
void keys_filter_add(uint8_t *filter, uint64_t hash);
/* Takes the next run's filter in. False when it has another length. */
bool keys_add_run(struct keys *keys, struct str filter);
/* Drops what the newest run holds now: facts up to `last_fact_id`. */
void keys_drop_tail(struct keys *keys, int64_t last_fact_id);

#endif
