/* `rapport doctor`, the ledger's part: everything that is derived from the facts is computed anew
 * and held against what stands there. */
#include "src/ledger/rebuild.h"

#include "src/core/touch.h"
#include "src/ledger/ledger_store.h"
#include "src/ledger/rollup_store.h"
#include "src/organisation/organisation.h"

struct doctor {
    const struct ledger_doctor_options *options;
    struct ledger_report *report;
    struct rebuild_scope scope; /* the piece in hand */
    int64_t to_day, days;
    bool any;
};

static void note(struct doctor *doctor, struct str words)
{
    if (!doctor->report->differences)
        doctor->report->first = words;
    doctor->report->differences++;
}

/* ---- the zone ---- */

static enum err read_zone(struct ctx *ctx, void *arg)
{
    struct doctor *doctor = arg;
    struct ledger_mark mark;
    struct organisation organisation;
    TRY(ledger_store_mark(ctx, &mark));
    if (!mark.exists)
        return OK;
    TRY(organisation_get(ctx, &organisation));
    TRY(find_zone(ctx, mark.time_zone, &doctor->scope.organisation_zone));
    if (str_equal(mark.time_zone, organisation.time_zone))
        return OK;
    note(doctor, arena_format(ctx->arena,
                              "The rollups have the days of %.*s, the organisation those of "
                              "%.*s.",
                              STR_ARG(mark.time_zone), STR_ARG(organisation.time_zone)));
    return OK;
}

static enum err write_zone(struct ctx *ctx, void *arg)
{
    struct doctor *doctor = arg;
    TRY(ledger_organisation_listener.zone_changed(ctx));
    doctor->report->repaired++;
    return OK;
}

static enum err examine_zone(struct ctx *ctx, struct doctor *doctor)
{
    struct ledger_report *report = doctor->report;
    TRY(ctx_read(ctx, read_zone, doctor));
    if (!report->differences || !doctor->options->repair)
        return OK;
    TRY(ctx_write(ctx, write_zone, doctor));
    int64_t differences = report->differences;
    struct str first = report->first;
    TRY(ctx_read(ctx, read_zone, doctor));
    report->differences = differences;
    report->first = first;
    return OK;
}

/* ---- the rollups ---- */

static struct str describe(struct ctx *ctx, const struct sum *sum)
{
    struct buf text;
    const struct sum_key *key = &sum->key;
    buf_init(&text, ctx->arena, 400);
    buf_add(&text, STR("The totals "));
    if (key->table != SUM_CHANNEL) {
        buf_add(&text, STR("of "));
        partner_id_render((struct partner_id){key->partner}, &text);
    } else {
        buf_add(&text, STR("of the channel"));
    }
    if (key->table == SUM_PRODUCT) {
        buf_add(&text, STR(" and "));
        product_id_render((struct product_id){key->product}, &text);
    }
    buf_add(&text, STR(" on "));
    day_render((struct day){key->day}, &text);
    buf_format(&text, " (%s %s) miss %lld facts, quantity %lld, amount %lld, cost %lld.",
               fact_kind_name((enum fact_kind)key->kind), key->currency,
               (long long)sum->totals.facts, (long long)sum->totals.quantity_milli,
               (long long)sum->totals.amount, (long long)sum->totals.cost);
    return buf_str(&text);
}

static enum err read_piece(struct ctx *ctx, void *arg)
{
    struct doctor *doctor = arg;
    struct rebuild_counts counts = {0};
    struct sums sums;
    sums_init(&sums, false);
    enum err err = rebuild_compare(ctx, &doctor->scope, &sums, &counts);
    for (size_t i = 0; i < sums.count && err == OK; i++) {
        const struct sum *sum = &sums.entries[i];
        if (!rollup_totals_are_zero(&sum->totals))
            note(doctor, doctor->report->differences ? (struct str){NULL, 0} : describe(ctx, sum));
    }
    sums_finish(&sums);
    doctor->report->rows += counts.rows;
    return err;
}

static enum err write_piece(struct ctx *ctx, void *arg)
{
    struct doctor *doctor = arg;
    int64_t repaired;
    TRY(rebuild_scope_now(ctx, &doctor->scope, &repaired));
    doctor->report->repaired += repaired;
    return OK;
}

static enum err examine_piece(struct ctx *ctx, struct doctor *doctor)
{
    int64_t before = doctor->report->differences;
    TRY(ctx_read(ctx, read_piece, doctor));
    if (doctor->report->differences == before || !doctor->options->repair)
        return OK;
    return ctx_write(ctx, write_piece, doctor);
}

static enum err read_extent(struct ctx *ctx, void *arg)
{
    struct doctor *doctor = arg;
    int64_t facts[FACT_KIND_COUNT] = {0};
    TRY(rebuild_days(ctx, &doctor->scope.from_day, &doctor->to_day, &doctor->any));
    TRY(rebuild_step(ctx, &doctor->days));
    TRY(ledger_store_kinds(ctx, facts));
    for (size_t kind = 0; kind < FACT_KIND_COUNT; kind++)
        doctor->report->facts += facts[kind];
    return OK;
}

static enum err tell_progress(struct ctx *ctx, const struct doctor *doctor, int64_t from_day)
{
    int64_t all = doctor->to_day - from_day, done = doctor->scope.to_day - from_day;
    if (!doctor->options->progress || doctor->options->progress(doctor->options->self, done, all))
        return OK;
    return CTX_FAULT(ctx, ERR_CANCELLED, "cancelled", "The examination was stopped.");
}

static enum err examine_rollups(struct ctx *ctx, struct doctor *doctor)
{
    struct rebuild_scope *scope = &doctor->scope;
    TRY(ctx_read(ctx, read_extent, doctor));
    int64_t from_day = scope->from_day;
    while (doctor->any && scope->organisation_zone && scope->from_day < doctor->to_day) {
        int64_t next = scope->from_day + doctor->days;
        scope->to_day = next < doctor->to_day ? next : doctor->to_day;
        TRY(examine_piece(ctx, doctor));
        TRY(tell_progress(ctx, doctor, from_day));
        scope->from_day = scope->to_day;
    }
    return OK;
}

/* ---- the counts by kind, and the display ---- */

/* Not from memory: a job that came before in the group has its numbers there still. */
static enum err repair_kind(struct ctx *ctx, struct doctor *doctor, struct sum *sum)
{
    const struct rollup_totals *pending = sums_find(&ctx->services->ledger->sums, &sum->key);
    sum->totals.facts -= pending ? pending->facts : 0;
    doctor->report->repaired += sum->totals.facts != 0;
    return rollup_store_add(ctx->conn, sum);
}

static enum err compare_kinds(struct ctx *ctx, struct doctor *doctor, bool repair)
{
    int64_t facts[FACT_KIND_COUNT] = {0}, counted[FACT_KIND_COUNT] = {0};
    TRY(ledger_store_kinds(ctx, facts));
    TRY(rollup_store_kinds(ctx, counted));
    for (enum fact_kind kind = FACT_ORDER; kind < FACT_KIND_COUNT; kind++) {
        struct sum sum = {.key = {.table = SUM_KIND, .kind = (uint8_t)kind},
                          .totals = {.facts = facts[kind] - counted[kind]}};
        if (!sum.totals.facts)
            continue;
        if (!repair)
            note(doctor, arena_format(ctx->arena, "The number of all facts %s is off by %lld.",
                                      fact_kind_name(kind), (long long)sum.totals.facts));
        else
            TRY(repair_kind(ctx, doctor, &sum));
    }
    return OK;
}

static enum err read_rest(struct ctx *ctx, void *arg)
{
    struct doctor *doctor = arg;
    int64_t switches;
    TRY(compare_kinds(ctx, doctor, false));
    TRY(display_store_differences(ctx, &switches));
    if (switches)
        note(doctor,
             arena_format(ctx->arena, "%lld changes of the display are not those of the ledger.",
                          (long long)switches));
    return OK;
}

static enum err write_rest(struct ctx *ctx, void *arg)
{
    struct doctor *doctor = arg;
    int64_t switches;
    touch_everything(ctx);
    TRY(compare_kinds(ctx, doctor, true));
    TRY(display_store_differences(ctx, &switches));
    if (switches)
        TRY(display_store_rebuild(ctx));
    doctor->report->repaired += switches;
    return OK;
}

static enum err examine_rest(struct ctx *ctx, struct doctor *doctor)
{
    int64_t before = doctor->report->differences;
    TRY(ctx_read(ctx, read_rest, doctor));
    if (doctor->report->differences == before || !doctor->options->repair)
        return OK;
    return ctx_write(ctx, write_rest, doctor);
}

/* ---- the keys ---- */

struct key_check {
    struct ctx *ctx;
    uint64_t seed;
    int64_t wrong;
    enum err err;
};

static void check_key(void *self, int64_t fact_id, int64_t source_id, struct str external_id)
{
    struct key_check *check = self;
    bool right = true;
    struct key key = {lookup_hash(check->seed, source_id, external_id), fact_id};
    if (check->err == OK)
        check->err = lookup_verify(check->ctx, key, &right);
    check->wrong += !right;
}

static enum err read_keys(struct ctx *ctx, void *arg)
{
    struct doctor *doctor = arg;
    struct ledger_mark mark;
    TRY(ledger_store_mark(ctx, &mark));
    if (!mark.exists)
        return OK;
    TRY(lookup_refresh(ctx, &mark));
    struct key_check check = {.ctx = ctx, .seed = mark.key_seed};
    TRY(ledger_store_keys_after(ctx, INT64_MIN, check_key, &check));
    TRY(check.err);
    if (check.wrong)
        note(doctor, arena_format(ctx->arena,
                                  "%lld facts are not found by their source and external id, or"
                                  " not they alone.",
                                  (long long)check.wrong));
    return OK;
}

static enum err write_keys(struct ctx *ctx, void *arg)
{
    struct doctor *doctor = arg;
    doctor->report->repaired++;
    return keys_rebuild(ctx);
}

static enum err examine_keys(struct ctx *ctx, struct doctor *doctor)
{
    int64_t before = doctor->report->differences;
    TRY(ctx_read(ctx, read_keys, doctor));
    if (doctor->report->differences == before || !doctor->options->repair)
        return OK;
    return ctx_write(ctx, write_keys, doctor);
}

enum err ledger_doctor(struct ctx *ctx, const struct ledger_doctor_options *options,
                       struct ledger_report *ret_report)
{
    struct doctor doctor = {.options = options, .report = ret_report};
    *ret_report = (struct ledger_report){0};
    TRY(examine_zone(ctx, &doctor));
    TRY(examine_rollups(ctx, &doctor));
    TRY(examine_rest(ctx, &doctor));
    return examine_keys(ctx, &doctor);
}
