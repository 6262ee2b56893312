/* Finding a fact by its source and external id: in memory where it may be, in the ledger whether it
 * is. */
#include "src/ledger/ledger_state.h"

#include "src/ledger/ledger_store.h"

enum { HITS_EXPECTED = 16, FILTER_ARENA_BYTES = 16 * 1024 * 1024 };

uint64_t lookup_hash(uint64_t seed, int64_t source_id, struct str external_id)
{
    return hash_bytes(external_id, seed + (uint64_t)source_id * UINT64_C(0x9e3779b97f4a7c15));
}

static uint64_t hash_of(const struct ledger *ledger, int64_t source_id, struct str external_id)
{
    return lookup_hash(ledger->key_seed, source_id, external_id);
}

static void add_key(void *self, int64_t fact_id, int64_t source_id, struct str external_id)
{
    struct ledger *ledger = self;
    keys_add(&ledger->keys, (struct key){hash_of(ledger, source_id, external_id), fact_id});
}

static enum err load_run(struct ctx *ctx, struct arena *arena, size_t run)
{
    struct ledger *ledger = ctx->services->ledger;
    struct str filter;
    int64_t last_fact_id = 0;
    TRY(ledger_store_run(ctx, (int64_t)run + 1, arena, &filter, &last_fact_id));
    if (!keys_add_run(&ledger->keys, filter))
        return CTX_FAULT(ctx, ERR_CORRUPT, "ledger_keys", "The ledger's keys are damaged.");
    if (last_fact_id > ledger->known_id)
        ledger->known_id = last_fact_id;
    keys_drop_tail(&ledger->keys, last_fact_id);
    return OK;
}

static enum err load_runs(struct ctx *ctx, size_t run_count)
{
    struct arena arena;
    enum err err = OK;
    arena_init(&arena, FILTER_ARENA_BYTES);
    for (size_t run = ctx->services->ledger->keys.run_count; run < run_count && err == OK; run++) {
        err = load_run(ctx, &arena, run);
        arena_reset(&arena);
    }
    arena_finish(&arena);
    return err;
}

static enum err refresh(struct ctx *ctx, const struct ledger_mark *mark)
{
    struct ledger *ledger = ctx->services->ledger;
    if (ledger->key_seed != mark->key_seed) {
        keys_clear(&ledger->keys);
        ledger->known_id = 0;
        ledger->key_seed = mark->key_seed;
    }
    TRY(load_runs(ctx, (size_t)mark->run_count));
    if (mark->last_fact_id <= ledger->known_id)
        return OK;
    TRY(ledger_store_keys_after(ctx, ledger->known_id, add_key, ledger));
    ledger->known_id = mark->last_fact_id;
    return OK;
}

enum err lookup_refresh(struct ctx *ctx, const struct ledger_mark *mark)
{
    struct ledger *ledger = ctx->services->ledger;
    pthread_mutex_lock(&ledger->lock);
    enum err err = refresh(ctx, mark);
    pthread_mutex_unlock(&ledger->lock);
    return err;
}

void lookup_add(struct ctx *ctx, int64_t source_id, struct str external_id, struct fact_id id)
{
    struct ledger *ledger = ctx->services->ledger;
    pthread_mutex_lock(&ledger->lock);
    add_key(ledger, id.v, source_id, external_id);
    pthread_mutex_unlock(&ledger->lock);
}

/* ---- what is looked for ---- */

struct lookup {
    uint64_t hash;
    struct str source, external_id;
    struct fact *ret_fact;
    bool found;
};

static enum err verify(struct ctx *ctx, struct lookup *lookup, const int64_t *ids, size_t count)
{
    for (size_t i = 0; i < count && !lookup->found; i++) {
        struct fact fact;
        bool exists;
        TRY(ledger_store_get(ctx, (struct fact_id){ids[i]}, &fact, &exists));
        if (!exists || !str_equal(fact.source, lookup->source) ||
            !str_equal(fact.external_id, lookup->external_id))
            continue;
        *lookup->ret_fact = fact;
        lookup->found = true;
    }
    return OK;
}

/* More hits than expected: jobs that failed again and again leave such hints. */
static enum err verify_tail(struct ctx *ctx, struct lookup *lookup, size_t count)
{
    struct ledger *ledger = ctx->services->ledger;
    size_t room = count + HITS_EXPECTED;
    int64_t *ids = ARENA_ARRAY(ctx->arena, int64_t, room);
    pthread_mutex_lock(&ledger->lock);
    count = keys_find(&ledger->keys, lookup->hash, ids, room);
    pthread_mutex_unlock(&ledger->lock);
    return verify(ctx, lookup, ids, count < room ? count : room);
}

static enum err verify_run(struct ctx *ctx, struct lookup *lookup, size_t run)
{
    int64_t few[HITS_EXPECTED];
    struct slot_search search = {
        .run = run, .hash = lookup->hash, .ids = few, .max = HITS_EXPECTED};
    TRY(ledger_store_slot(ctx, &search));
    if (search.count > search.max) {
        search.max = search.count;
        search.ids = ARENA_ARRAY(ctx->arena, int64_t, search.max);
        TRY(ledger_store_slot(ctx, &search));
    }
    return verify(ctx, lookup, search.ids, search.count);
}

static size_t next_run(struct ledger *ledger, uint64_t hash, size_t from, size_t *ret_count)
{
    pthread_mutex_lock(&ledger->lock);
    size_t run = keys_next_run(&ledger->keys, hash, from);
    *ret_count = ledger->keys.run_count;
    pthread_mutex_unlock(&ledger->lock);
    return run;
}

enum err lookup_fact(struct ctx *ctx, const struct fact_key *key, struct fact *ret_fact,
                     bool *ret_found)
{
    struct ledger *ledger = ctx->services->ledger;
    struct lookup lookup = {
        .source = key->source, .external_id = key->external_id, .ret_fact = ret_fact};
    int64_t ids[HITS_EXPECTED];
    size_t run_count;
    pthread_mutex_lock(&ledger->lock);
    lookup.hash = hash_of(ledger, key->source_id, key->external_id);
    size_t count = keys_find(&ledger->keys, lookup.hash, ids, HITS_EXPECTED);
    pthread_mutex_unlock(&ledger->lock);
    if (count <= HITS_EXPECTED)
        TRY(verify(ctx, &lookup, ids, count));
    else
        TRY(verify_tail(ctx, &lookup, count));
    size_t run = next_run(ledger, lookup.hash, 0, &run_count);
    while (!lookup.found && run < run_count) {
        TRY(verify_run(ctx, &lookup, run));
        run = next_run(ledger, lookup.hash, run + 1, &run_count);
    }
    *ret_found = lookup.found;
    return OK;
}

/* ---- the doctor's view ---- */

/* Another fact with the same hash: whether it has the same key, too. */
static enum err is_double(struct ctx *ctx, struct fact_id id, int64_t other, bool *ret_double)
{
    struct fact fact, second;
    bool found, second_found;
    TRY(ledger_store_get(ctx, id, &fact, &found));
    TRY(ledger_store_get(ctx, (struct fact_id){other}, &second, &second_found));
    *ret_double = found && second_found && str_equal(fact.source, second.source) &&
                  str_equal(fact.external_id, second.external_id);
    return OK;
}

struct examination {
    struct key key;
    bool found, has_double;
};

static enum err examine(struct ctx *ctx, struct examination *examination, const int64_t *ids,
                        size_t count)
{
    for (size_t i = 0; i < count && i < HITS_EXPECTED; i++) {
        bool again = false;
        if (ids[i] == examination->key.fact_id)
            examination->found = true;
        else
            TRY(is_double(ctx, (struct fact_id){examination->key.fact_id}, ids[i], &again));
        examination->has_double = examination->has_double || again;
    }
    return OK;
}

enum err lookup_verify(struct ctx *ctx, struct key key, bool *ret_right)
{
    struct ledger *ledger = ctx->services->ledger;
    struct examination examination = {.key = key};
    int64_t ids[HITS_EXPECTED];
    size_t run_count;
    pthread_mutex_lock(&ledger->lock);
    size_t count = keys_find(&ledger->keys, key.hash, ids, HITS_EXPECTED);
    pthread_mutex_unlock(&ledger->lock);
    TRY(examine(ctx, &examination, ids, count));
    for (size_t run = next_run(ledger, key.hash, 0, &run_count); run < run_count;
         run = next_run(ledger, key.hash, run + 1, &run_count)) {
        struct slot_search search = {
            .run = run, .hash = key.hash, .ids = ids, .max = HITS_EXPECTED};
        TRY(ledger_store_slot(ctx, &search));
        TRY(examine(ctx, &examination, ids, search.count));
    }
    *ret_right = examination.found && !examination.has_double;
    return OK;
}
