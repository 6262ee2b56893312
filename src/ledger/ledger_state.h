/*
 * What the process remembers for the ledger: the keys it knows, and on the writer thread the sums
 * and caches of the group that is being written. Private to src/ledger.
 */
#ifndef SRC_LEDGER_LEDGER_STATE_H
#define SRC_LEDGER_LEDGER_STATE_H

#include <pthread.h>

#include "lib/base/map.h"
#include "src/ledger/carried.h"
#include "src/ledger/fact.h"
#include "src/ledger/keys.h"
#include "src/ledger/sums.h"

/* One row of the database that everything is held against. */
struct ledger_mark {
    bool exists; /* a fact was ever recorded */
    struct str time_zone;
    uint64_t key_seed;
    int64_t last_fact_id; /* 0: none */
    int64_t run_count;
};

struct ledger {
    const struct services *services;
    size_t run_keys; /* how many keys are sealed as a run: KEYS_RUN, or what a test says */

    /* Any thread, under the lock. */
    pthread_mutex_t lock;
    struct keys keys;
    uint64_t key_seed;
    int64_t known_id; /* the keys of all committed facts up to here are known */

    /* The rest is the writer thread's. */
    bool is_open; /* this group has read what others wrote */
    struct sums sums;
    struct carried carried;
    struct arena arena;      /* of the caches, which live until somebody else writes */
    struct map places;       /* partner id → struct fact_place */
    struct map sources;      /* name → struct source_entry */
    int64_t others_changes;  /* of the caches, see db_others_changes */
    const struct zone *zone; /* of the organisation, as the rollups have it */
    int64_t last_id;         /* handed out last; never twice, even when its job failed */
    int64_t base_id;         /* the last fact when the group began; 0: it has not */
    int64_t kept_id;         /* the last of the jobs that stay */
    int64_t job_id;          /* the last of the running job */
    struct key *sealed;      /* the keys of a run that this group writes */
    size_t sealed_count;
    size_t sealed_run; /* its number, from 0 */
};

/* ---- group.c: on the writer, inside a job ---- */

/* Reads what others wrote since, the first time in a group. */
MUST_CHECK enum err group_open(struct ctx *ctx);
/* Where the facts of a partner count: cached for the group. */
MUST_CHECK enum err group_place(struct ctx *ctx, struct partner_id partner,
                                struct fact_place *ret_place);
/* The number of a source; makes one. */
MUST_CHECK enum err group_source(struct ctx *ctx, struct str name, int64_t *ret_id);
/* Forgets what partners look like: after a merge or a change of a time zone. */
void group_forget(struct ledger *ledger);
int64_t group_next_id(struct ctx *ctx);
/* A new zone for the rollups, which the caller makes anew. */
MUST_CHECK enum err group_set_zone(struct ctx *ctx, struct str time_zone);

void group_job_began(struct ledger *ledger);
void group_job_ended(struct ledger *ledger, bool kept);
void group_ended(struct ledger *ledger, bool committed);

/* ---- lookup.c: any thread ---- */

/* Takes in what the connection sees and the memory does not: facts and runs. */
MUST_CHECK enum err lookup_refresh(struct ctx *ctx, const struct ledger_mark *mark);
/* The fact with this source and external id, as the connection sees it. */
struct fact_key {
    int64_t source_id;
    struct str source, external_id;
};
MUST_CHECK enum err lookup_fact(struct ctx *ctx, const struct fact_key *key, struct fact *ret_fact,
                                bool *ret_found);
/* Makes the key of a fact that is being recorded known. */
void lookup_add(struct ctx *ctx, int64_t source_id, struct str external_id, struct fact_id id);

/* Every source has its own keys. */
uint64_t lookup_hash(uint64_t seed, int64_t source_id, struct str external_id);
/* Whether a fact is found by its key, and no other fact has the same. */
MUST_CHECK enum err lookup_verify(struct ctx *ctx, struct key key, bool *ret_right);

/* ---- group_store.c ---- */

/* Inside a write: makes all runs anew, with another seed, so that every process reads them again.
 */
MUST_CHECK enum err keys_rebuild(struct ctx *ctx);

/* ---- any thread ---- */

/* The zone by its name, or ERR_CORRUPT. */
MUST_CHECK enum err find_zone(struct ctx *ctx, struct str name, const struct zone **ret_zone);

#endif
