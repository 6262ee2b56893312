/* What the ledger does around a group of jobs: writes the sums before the commit, seals a run of
 * keys when there are enough. */
#include "src/ledger/ledger_state.h"
#include "src/ledger/ledger_store.h"
#include "src/ledger/rollup_store.h"

#include <stdlib.h>

#include "lib/db/db.h"

enum { SLOT_INSERT, RUN_INSERT, SLOTS_CLEAR, RUNS_CLEAR, SET_SEED };

static const struct query queries[] = {
    [SLOT_INSERT] = {"ledger slot insert", "INSERT INTO fact_key (slot, entries) VALUES ($1, $2)",
                     NULL},
    [RUN_INSERT] = {"ledger run insert",
                    "INSERT INTO fact_key_run (run, last_fact_id, filter) VALUES ($1, $2, $3)",
                    NULL},
    [SLOTS_CLEAR] = {"ledger slots clear", "DELETE FROM fact_key", NULL},
    [RUNS_CLEAR] = {"ledger runs clear", "DELETE FROM fact_key_run", NULL},
    [SET_SEED] = {"ledger set seed", "UPDATE ledger_state SET key_seed = $1 WHERE id = 1", NULL},
};
const struct query_table ledger_group_queries = {"ledger group", queries, ARRAY_LEN(queries)};

/* ---- sealing ---- */

/* Keys in the order of their hashes. */
struct run {
    size_t number; /* from 0 */
    const struct key *keys;
    size_t count;
    int64_t last_fact_id;
};

/* The keys of one slot, from `*at` on. */
static enum err write_slot(struct db_conn *conn, const struct run *run, size_t slot, size_t *at)
{
    size_t count = 0;
    const struct key *first = &run->keys[*at];
    while (*at + count < run->count && keys_slot(first[count].hash) == slot)
        count++;
    char *entries = malloc(count * KEYS_ENTRY_BYTES + 1);
    if (!entries)
        abort();
    for (size_t i = 0; i < count; i++)
        keys_entry_write(first[i], entries + i * KEYS_ENTRY_BYTES);
    struct str bytes = {entries, count * KEYS_ENTRY_BYTES};
    int64_t number = (int64_t)(run->number * KEYS_SLOTS + slot);
    enum err err =
        db_run(conn, &queries[SLOT_INSERT], DB_ARGS(db_int(number), db_bytes(bytes)), NULL);
    free(entries);
    *at += count;
    return err;
}

static enum err write_filter(struct db_conn *conn, const struct run *run)
{
    uint8_t *filter = calloc(1, KEYS_FILTER_BYTES);
    if (!filter)
        abort();
    for (size_t i = 0; i < run->count; i++)
        keys_filter_add(filter, run->keys[i].hash);
    struct str bytes = {(const char *)filter, KEYS_FILTER_BYTES};
    enum err err = db_run(
        conn, &queries[RUN_INSERT],
        DB_ARGS(db_int((int64_t)run->number + 1), db_int(run->last_fact_id), db_bytes(bytes)),
        NULL);
    free(filter);
    return err;
}

/* Slots are written one after the other: a run is a few megabytes of neighbours. */
static enum err write_run(struct db_conn *conn, const struct run *run)
{
    size_t at = 0;
    for (size_t slot = 0; slot < KEYS_SLOTS; slot++)
        TRY(write_slot(conn, run, slot, &at));
    return write_filter(conn, run);
}

static enum err seal(struct db_conn *conn, struct ledger *ledger)
{
    pthread_mutex_lock(&ledger->lock);
    ledger->sealed = keys_sorted(&ledger->keys);
    ledger->sealed_count = ledger->keys.tail_count;
    ledger->sealed_run = ledger->keys.run_count;
    pthread_mutex_unlock(&ledger->lock);
    struct run run = {ledger->sealed_run, ledger->sealed, ledger->sealed_count, ledger->kept_id};
    return write_run(conn, &run);
}

/* ---- making all runs anew ---- */

struct rebuilding {
    struct ctx *ctx;
    uint64_t seed;
    struct keys keys; /* of the run in hand */
    size_t runs;
    enum err err;
};

static enum err end_run(struct rebuilding *rebuilding, int64_t last_fact_id)
{
    struct key *sorted = keys_sorted(&rebuilding->keys);
    struct run run = {rebuilding->runs++, sorted, rebuilding->keys.tail_count, last_fact_id};
    enum err err = write_run(rebuilding->ctx->conn, &run);
    free(sorted);
    keys_clear(&rebuilding->keys);
    return err;
}

static void rebuild_key(void *self, int64_t fact_id, int64_t source_id, struct str external_id)
{
    struct rebuilding *rebuilding = self;
    if (rebuilding->err != OK)
        return;
    uint64_t hash = lookup_hash(rebuilding->seed, source_id, external_id);
    keys_add(&rebuilding->keys, (struct key){hash, fact_id});
    if (rebuilding->keys.tail_count >= rebuilding->ctx->services->ledger->run_keys)
        rebuilding->err = end_run(rebuilding, fact_id);
}

static enum err rebuild_runs(struct ctx *ctx, uint64_t seed)
{
    struct rebuilding rebuilding = {.ctx = ctx, .seed = seed};
    keys_init(&rebuilding.keys);
    enum err err = ledger_store_keys_after(ctx, INT64_MIN, rebuild_key, &rebuilding);
    keys_finish(&rebuilding.keys);
    return err == OK ? rebuilding.err : err;
}

enum err keys_rebuild(struct ctx *ctx)
{
    struct ledger *ledger = ctx->services->ledger;
    uint64_t seed = entropy_uint64(&ctx->services->entropy) >> 1;
    TRY(db_run(ctx->conn, &queries[SLOTS_CLEAR], DB_NO_ARGS, NULL));
    TRY(db_run(ctx->conn, &queries[RUNS_CLEAR], DB_NO_ARGS, NULL));
    TRY(db_run(ctx->conn, &queries[SET_SEED], DB_ARGS(db_int((int64_t)seed)), NULL));
    TRY(rebuild_runs(ctx, seed));
    /* What is remembered belongs to the old seed: whoever needs a key next reads anew. */
    pthread_mutex_lock(&ledger->lock);
    keys_clear(&ledger->keys);
    ledger->known_id = 0;
    pthread_mutex_unlock(&ledger->lock);
    ledger->is_open = false;
    return OK;
}

/* ---- the hooks ---- */

static bool is_full(struct ledger *ledger)
{
    pthread_mutex_lock(&ledger->lock);
    bool full = ledger->base_id && ledger->keys.tail_count >= ledger->run_keys;
    pthread_mutex_unlock(&ledger->lock);
    return full;
}

static enum err before_commit(void *self, struct db_conn *conn)
{
    struct ledger *ledger = self;
    sums_sort(&ledger->sums);
    for (size_t i = 0; i < ledger->sums.count; i++)
        TRY(rollup_store_add(conn, &ledger->sums.entries[i]));
    return is_full(ledger) ? seal(conn, ledger) : OK;
}

static void job_began(void *self)
{
    group_job_began(self);
}

static void job_ended(void *self, bool kept)
{
    group_job_ended(self, kept);
}

static void ended(void *self, bool committed)
{
    group_ended(self, committed);
}

void ledger_hooks(struct ledger *ledger, struct db_hooks *ret_hooks)
{
    *ret_hooks = (struct db_hooks){.self = ledger,
                                   .job_began = job_began,
                                   .job_ended = job_ended,
                                   .before_commit = before_commit,
                                   .group_ended = ended};
}
