/* Recomputes rollups from the facts, a piece of days at a time. */
#include "src/ledger/rebuild.h"

#include "src/core/limits.h"
#include "src/core/touch.h"
#include "src/ledger/ledger_store.h"
#include "src/ledger/rollup_store.h"

/* A zone is at most a day from UTC. */
enum { ZONE_DAYS = 2 };

struct rebuild {
    struct ctx *ctx;
    const struct rebuild_scope *scope;
    struct sums *sums;
    struct rebuild_counts *counts;
    struct arena arena; /* of the places */
    struct map places;
    enum err err;
};

static enum err overflow(struct ctx *ctx)
{
    return CTX_FAULT(ctx, ERR_CORRUPT, "total_too_large",
                     "A total of the ledger is larger than it may be.");
}

/* A partner is looked up once a piece. */
static enum err place_of(struct rebuild *rebuild, struct partner_id partner,
                         const struct fact_place **ret_place)
{
    struct ctx *ctx = rebuild->ctx;
    struct str key = {(const char *)&partner.v, sizeof(partner.v)};
    struct fact_place *place = map_find(&rebuild->places, key);
    *ret_place = place;
    if (place)
        return OK;
    struct partner_brief brief;
    place = ARENA_NEW(&rebuild->arena, struct fact_place);
    TRY(ledger_store_survivor(ctx, partner, &place->partner));
    TRY(partner_brief(ctx, place->partner, &brief));
    TRY(find_zone(ctx, brief.time_zone, &place->partner_zone));
    place->organisation_zone = rebuild->scope->organisation_zone;
    map_put(&rebuild->places, arena_str(&rebuild->arena, key), place);
    *ret_place = place;
    return OK;
}

static bool is_in_scope(const struct rebuild_scope *scope, const struct sum_key *key)
{
    if (key->table == SUM_KIND || key->day < scope->from_day || key->day >= scope->to_day)
        return false;
    return !scope->partner.v || (key->table != SUM_CHANNEL && key->partner == scope->partner.v);
}

static enum err add_fact(struct rebuild *rebuild, const struct fact_draft *draft)
{
    const struct fact_place *place;
    struct fact_shares shares;
    TRY(place_of(rebuild, draft->partner, &place));
    fact_share(draft, place, &shares);
    for (size_t i = 0; i < shares.count; i++)
        if (is_in_scope(rebuild->scope, &shares.keys[i]) &&
            !sums_add(rebuild->sums, &shares.keys[i], &shares.totals[i]))
            return overflow(rebuild->ctx);
    return OK;
}

static void visit_fact(void *self, const struct fact_draft *draft)
{
    struct rebuild *rebuild = self;
    if (rebuild->err == OK)
        rebuild->err = add_fact(rebuild, draft);
    rebuild->counts->facts++;
}

static enum err count_partner(struct rebuild *rebuild, struct partner_id partner)
{
    const struct rebuild_scope *scope = rebuild->scope;
    struct count_range range = {scope->from_day - ZONE_DAYS, scope->to_day + ZONE_DAYS, partner};
    TRY(ledger_store_count(rebuild->ctx, &range, visit_fact, rebuild));
    return rebuild->err;
}

/* ---- members ---- */

struct members {
    struct arena *arena;
    struct partner_id *ids;
    size_t count, capacity;
};

static void add_member(void *self, struct partner_id partner)
{
    struct members *members = self;
    if (members->count == members->capacity) {
        size_t capacity = members->capacity ? members->capacity * 2 : 8;
        struct partner_id *ids = ARENA_ARRAY(members->arena, struct partner_id, capacity);
        if (members->count)
            memcpy(ids, members->ids, members->count * sizeof(*ids));
        members->ids = ids;
        members->capacity = capacity;
    }
    members->ids[members->count++] = partner;
}

/* One that was merged away has no facts that count for it: those of its survivor do. */
static enum err count_members(struct rebuild *rebuild)
{
    struct members members = {.arena = &rebuild->arena};
    struct partner_id survivor;
    TRY(ledger_store_survivor(rebuild->ctx, rebuild->scope->partner, &survivor));
    if (!partner_id_equal(survivor, rebuild->scope->partner))
        return OK;
    TRY(ledger_store_members(rebuild->ctx, survivor, add_member, &members));
    for (size_t i = 0; i < members.count; i++)
        TRY(count_partner(rebuild, members.ids[i]));
    return OK;
}

/* ---- what is there already ---- */

static void take_off(struct rebuild *rebuild, const struct sum *sum)
{
    struct rollup_totals negated = rollup_totals_negated(&sum->totals);
    if (rebuild->err == OK && !sums_add(rebuild->sums, &sum->key, &negated))
        rebuild->err = overflow(rebuild->ctx);
}

static void visit_row(void *self, const struct sum *sum)
{
    struct rebuild *rebuild = self;
    rebuild->counts->rows++;
    take_off(rebuild, sum);
}

static enum err take_off_rows(struct rebuild *rebuild)
{
    const struct rebuild_scope *scope = rebuild->scope;
    struct rollup_range range = {
        .from_day = scope->from_day, .to_day = scope->to_day, .partner = scope->partner};
    TRY(rollup_store_read(rebuild->ctx, SUM_PARTNER, &range, visit_row, rebuild));
    TRY(rollup_store_read(rebuild->ctx, SUM_PRODUCT, &range, visit_row, rebuild));
    if (!scope->partner.v)
        TRY(rollup_store_read(rebuild->ctx, SUM_CHANNEL, &range, visit_row, rebuild));
    return rebuild->err;
}

/* Facts of this group are in the ledger already, their sums are not in the rollups yet. */
static void take_off_pending(struct rebuild *rebuild)
{
    const struct ledger *ledger = rebuild->ctx->services->ledger;
    if (!ledger_store_is_write(rebuild->ctx))
        return;
    for (size_t i = 0; i < ledger->sums.count; i++)
        if (is_in_scope(rebuild->scope, &ledger->sums.entries[i].key))
            take_off(rebuild, &ledger->sums.entries[i]);
}

enum err rebuild_compare(struct ctx *ctx, const struct rebuild_scope *scope, struct sums *ret_sums,
                         struct rebuild_counts *counts)
{
    struct rebuild rebuild = {.ctx = ctx, .scope = scope, .sums = ret_sums, .counts = counts};
    arena_init(&rebuild.arena, LIMIT_JOB_ARENA_BYTES);
    map_init(&rebuild.places, &rebuild.arena, 0);
    enum err err = scope->partner.v ? count_members(&rebuild)
                                    : count_partner(&rebuild, (struct partner_id){0});
    if (err == OK)
        err = take_off_rows(&rebuild);
    take_off_pending(&rebuild);
    arena_finish(&rebuild.arena);
    return err == OK ? rebuild.err : err;
}

/* ---- setting right ---- */

static enum err write_piece(struct ctx *ctx, const struct rebuild_scope *scope, struct sums *sums,
                            int64_t *differences)
{
    struct rebuild_counts counts = {0};
    sums_clear(sums);
    TRY(rebuild_compare(ctx, scope, sums, &counts));
    sums_sort(sums);
    for (size_t i = 0; i < sums->count; i++) {
        if (rollup_totals_are_zero(&sums->entries[i].totals))
            continue;
        TRY(rollup_store_add(ctx->conn, &sums->entries[i]));
        (*differences)++;
    }
    return OK;
}

enum err rebuild_scope_now(struct ctx *ctx, const struct rebuild_scope *scope,
                           int64_t *ret_differences)
{
    struct rebuild_scope piece = *scope;
    struct sums sums;
    int64_t days;
    enum err err = OK;
    *ret_differences = 0;
    if (partner_id_is_set(scope->partner))
        touch_record(ctx, scope->partner);
    else
        touch_everything(ctx);
    TRY(rebuild_step(ctx, &days));
    if (scope->partner.v)
        days = scope->to_day - scope->from_day;
    sums_init(&sums, false);
    for (int64_t day = scope->from_day; day < scope->to_day && err == OK; day += days) {
        piece.from_day = day;
        piece.to_day = day + days < scope->to_day ? day + days : scope->to_day;
        err = write_piece(ctx, &piece, &sums, ret_differences);
    }
    sums_finish(&sums);
    return err;
}

enum err rebuild_days(struct ctx *ctx, int64_t *ret_from, int64_t *ret_to, bool *ret_any)
{
    struct rollup_days_found rows;
    int64_t first = 0, last = 0;
    bool facts;
    TRY(ledger_store_days(ctx, &first, &last, &facts));
    TRY(rollup_store_extent(ctx, &rows));
    if (rows.any && (!facts || rows.first < first))
        first = rows.first;
    if (rows.any && (!facts || rows.last > last))
        last = rows.last;
    *ret_any = facts || rows.any;
    *ret_from = first - ZONE_DAYS;
    *ret_to = last + 1 + ZONE_DAYS;
    return OK;
}

enum err rebuild_step(struct ctx *ctx, int64_t *ret_days)
{
    int64_t facts[FACT_KIND_COUNT] = {0}, all = 0, from, to;
    bool any;
    TRY(rollup_store_kinds(ctx, facts));
    TRY(rebuild_days(ctx, &from, &to, &any));
    for (size_t kind = 0; kind < FACT_KIND_COUNT; kind++)
        all += facts[kind];
    int64_t days = any && all > 0 ? REBUILD_FACTS * (to - from) / all : 1;
    if (days < 1)
        days = 1;
    *ret_days = days < REBUILD_DAYS_MAX ? days : REBUILD_DAYS_MAX;
    return OK;
}
