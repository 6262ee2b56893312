/* The group of jobs that the writer commits together: its caches, its sums, its ids. */
#include "src/ledger/ledger_state.h"

#include <assert.h>
#include <stdlib.h>

#include "src/core/limits.h"
#include "src/ledger/ledger_store.h"
#include "src/organisation/organisation.h"

struct source_entry {
    int64_t id;
};

static void clear_caches(struct ledger *ledger)
{
    arena_reset(&ledger->arena);
    map_init(&ledger->places, &ledger->arena, 0);
    map_init(&ledger->sources, &ledger->arena, ledger->key_seed);
}

struct ledger *ledger_new(const struct services *services)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger));
    if (!ledger || pthread_mutex_init(&ledger->lock, NULL))
        abort();
    ledger->services = services;
    ledger->run_keys = KEYS_RUN;
    keys_init(&ledger->keys);
    sums_init(&ledger->sums, true);
    carried_init(&ledger->carried);
    arena_init(&ledger->arena, LIMIT_JOB_ARENA_BYTES);
    clear_caches(ledger);
    return ledger;
}

void ledger_free(struct ledger *ledger)
{
    if (!ledger)
        return;
    keys_finish(&ledger->keys);
    sums_finish(&ledger->sums);
    carried_finish(&ledger->carried);
    arena_finish(&ledger->arena);
    pthread_mutex_destroy(&ledger->lock);
    free(ledger);
}

enum err find_zone(struct ctx *ctx, struct str name, const struct zone **ret_zone)
{
    *ret_zone = zones_find(ctx->services->zones, name);
    if (*ret_zone)
        return OK;
    return CTX_FAULT(ctx, ERR_CORRUPT, "zone_unknown", "There is no time zone %.*s.",
                     STR_ARG(name));
}

/* The first fact of all: the zone of its days is written down, and a secret for the keys. */
static enum err make_state(struct ctx *ctx, struct ledger_mark *mark)
{
    struct organisation organisation;
    TRY(organisation_get(ctx, &organisation));
    mark->time_zone = organisation.time_zone;
    mark->key_seed = entropy_uint64(&ctx->services->entropy) >> 1;
    return ledger_store_make(ctx, mark);
}

/* What the caches say holds until another process writes; own changes come through the listener. */
static void renew_caches(struct ctx *ctx)
{
    struct ledger *ledger = ctx->services->ledger;
    int64_t changes = ledger_store_others_changes(ctx);
    if (changes == ledger->others_changes)
        return;
    ledger->others_changes = changes;
    carried_clear(&ledger->carried);
    clear_caches(ledger);
}

enum err group_open(struct ctx *ctx)
{
    struct ledger *ledger = ctx->services->ledger;
    struct ledger_mark mark;
    if (ledger->is_open)
        return OK;
    TRY(ledger_store_mark(ctx, &mark));
    if (!mark.exists)
        TRY(make_state(ctx, &mark));
    renew_caches(ctx);
    TRY(find_zone(ctx, mark.time_zone, &ledger->zone));
    TRY(lookup_refresh(ctx, &mark));
    if (ledger->last_id < mark.last_fact_id)
        ledger->last_id = mark.last_fact_id;
    if (!ledger->base_id)
        ledger->base_id = mark.last_fact_id;
    ledger->kept_id = mark.last_fact_id;
    ledger->job_id = mark.last_fact_id;
    ledger->is_open = true;
    return OK;
}

enum err group_place(struct ctx *ctx, struct partner_id partner, struct fact_place *ret_place)
{
    struct ledger *ledger = ctx->services->ledger;
    struct str key = {(const char *)&partner.v, sizeof(partner.v)};
    const struct fact_place *known = map_find(&ledger->places, key);
    if (known) {
        *ret_place = *known;
        return OK;
    }
    struct partner_brief brief;
    struct fact_place *place = ARENA_NEW(&ledger->arena, struct fact_place);
    TRY(partner_brief(ctx, partner, &brief));
    TRY(find_zone(ctx, brief.time_zone, &place->partner_zone));
    place->partner = brief.id;
    place->organisation_zone = ledger->zone;
    map_put(&ledger->places, arena_str(&ledger->arena, key), place);
    *ret_place = *place;
    return OK;
}

enum err group_source(struct ctx *ctx, struct str name, int64_t *ret_id)
{
    struct ledger *ledger = ctx->services->ledger;
    const struct source_entry *known = map_find(&ledger->sources, name);
    if (known) {
        *ret_id = known->id;
        return OK;
    }
    struct source_entry *entry = ARENA_NEW(&ledger->arena, struct source_entry);
    TRY(ledger_store_source(ctx, name, &entry->id));
    if (!entry->id)
        TRY(ledger_store_add_source(ctx, name, &entry->id));
    map_put(&ledger->sources, arena_str(&ledger->arena, name), entry);
    *ret_id = entry->id;
    return OK;
}

void group_forget(struct ledger *ledger)
{
    clear_caches(ledger);
}

/* Above every fact of the file, whoever's clock made that: so those that another process wrote are
 * always found as "later than the last that is known". */
int64_t group_next_id(struct ctx *ctx)
{
    struct ledger *ledger = ctx->services->ledger;
    int64_t id = ctx_next_id(ctx);
    if (id <= ledger->last_id)
        id = ledger->last_id + 1;
    ledger->last_id = id;
    ledger->job_id = id;
    return id;
}

enum err group_set_zone(struct ctx *ctx, struct str time_zone)
{
    struct ledger *ledger = ctx->services->ledger;
    const struct zone *zone;
    TRY(group_open(ctx));
    TRY(find_zone(ctx, time_zone, &zone));
    TRY(ledger_store_set_zone(ctx, time_zone));
    ledger->zone = zone;
    group_forget(ledger);
    return OK;
}

/* ---- jobs and groups ---- */

void group_job_began(struct ledger *ledger)
{
    sums_keep(&ledger->sums);
    ledger->job_id = ledger->kept_id;
}

/* After a failed job nothing that it may have seen or made is trusted: the next one reads again. */
void group_job_ended(struct ledger *ledger, bool kept)
{
    if (kept) {
        ledger->kept_id = ledger->job_id;
        return;
    }
    sums_undo(&ledger->sums, 0);
    ledger->is_open = false;
    carried_clear(&ledger->carried);
    clear_caches(ledger);
}

/* The run that was written takes over from the tail, unless a reader has taken it in since the
 * commit. */
static void take_sealed(struct ledger *ledger)
{
    if (ledger->keys.run_count > ledger->sealed_run)
        return;
    char *filter = calloc(1, KEYS_FILTER_BYTES);
    if (!filter)
        abort();
    for (size_t i = 0; i < ledger->sealed_count; i++)
        keys_filter_add((uint8_t *)filter, ledger->sealed[i].hash);
    bool taken = keys_add_run(&ledger->keys, (struct str){filter, KEYS_FILTER_BYTES});
    assert(taken);
    keys_drop_tail(&ledger->keys, ledger->kept_id);
    free(filter);
}

void group_ended(struct ledger *ledger, bool committed)
{
    pthread_mutex_lock(&ledger->lock);
    if (ledger->base_id)
        ledger->known_id = committed ? ledger->kept_id : ledger->base_id;
    if (ledger->sealed && committed)
        take_sealed(ledger);
    pthread_mutex_unlock(&ledger->lock);
    if (!committed) {
        carried_clear(&ledger->carried);
        clear_caches(ledger);
    }
    free(ledger->sealed);
    ledger->sealed = NULL;
    sums_clear(&ledger->sums);
    ledger->is_open = false;
    ledger->base_id = 0;
    ledger->kept_id = 0;
}
