/* What the ledger does around a group of jobs: writes the sums before the commit, seals a run of
 * keys when there are enough. */
#include "src/ledger/ledger_state.h"
#include "src/ledger/rollup_store.h"

#include <stdlib.h>

#include "lib/db/db.h"

enum { SLOT_INSERT, RUN_INSERT };

static const struct query queries[] = {
    [SLOT_INSERT] = {"ledger slot insert", "INSERT INTO fact_key (slot, entries) VALUES ($1, $2)",
                     NULL},
    [RUN_INSERT] = {"ledger run insert",
                    "INSERT INTO fact_key_run (run, last_fact_id, filter) VALUES ($1, $2, $3)",
                    NULL},
};
const struct query_table ledger_group_queries = {"ledger group", queries, ARRAY_LEN(queries)};

/* ---- sealing ---- */

/* The keys of one slot, from `*at` on. */
static enum err write_slot(struct db_conn *conn, const struct ledger *ledger, size_t slot,
                           size_t *at)
{
    size_t run = ledger->sealed_run, count = 0;
    const struct key *first = &ledger->sealed[*at];
    while (*at + count < ledger->sealed_count && keys_slot(first[count].hash) == slot)
        count++;
    char *entries = malloc(count * KEYS_ENTRY_BYTES + 1);
    if (!entries)
        abort();
    for (size_t i = 0; i < count; i++)
        keys_entry_write(first[i], entries + i * KEYS_ENTRY_BYTES);
    struct str bytes = {entries, count * KEYS_ENTRY_BYTES};
    enum err err =
        db_run(conn, &queries[SLOT_INSERT],
               DB_ARGS(db_int((int64_t)(run * KEYS_SLOTS + slot)), db_bytes(bytes)), NULL);
    free(entries);
    *at += count;
    return err;
}

static enum err write_filter(struct db_conn *conn, const struct ledger *ledger)
{
    uint8_t *filter = calloc(1, KEYS_FILTER_BYTES);
    if (!filter)
        abort();
    for (size_t i = 0; i < ledger->sealed_count; i++)
        keys_filter_add(filter, ledger->sealed[i].hash);
    struct str bytes = {(const char *)filter, KEYS_FILTER_BYTES};
    enum err err = db_run(
        conn, &queries[RUN_INSERT],
        DB_ARGS(db_int((int64_t)ledger->sealed_run + 1), db_int(ledger->kept_id), db_bytes(bytes)),
        NULL);
    free(filter);
    return err;
}

/* Slots are written one after the other: a run is a few megabytes of neighbours. */
static enum err seal(struct db_conn *conn, struct ledger *ledger)
{
    size_t at = 0;
    pthread_mutex_lock(&ledger->lock);
    ledger->sealed = keys_sorted(&ledger->keys);
    ledger->sealed_count = ledger->keys.tail_count;
    ledger->sealed_run = ledger->keys.run_count;
    pthread_mutex_unlock(&ledger->lock);
    for (size_t slot = 0; slot < KEYS_SLOTS; slot++)
        TRY(write_slot(conn, ledger, slot, &at));
    return write_filter(conn, ledger);
}

static bool is_full(struct ledger *ledger)
{
    pthread_mutex_lock(&ledger->lock);
    bool full = ledger->base_id && ledger->keys.tail_count >= ledger->run_keys;
    pthread_mutex_unlock(&ledger->lock);
    return full;
}

/* ---- the hooks ---- */

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
