/*
 * Random histories under the pulse, which keeps its sums: facts, reversals, mergers, partners that
 * come to groups and leave them, the clock that goes on. After every step each pulse is held
 * against one that is computed fact by fact.
 */
#include "src/metric/metric_catalogue.h"
#include "src/metric/metric_test.h"
#include "src/metric/rate.h"

enum { FACTS_MAX = 300, STEPS = 220, HISTORIES = 10, TEXT_BYTES = 4096 };

struct known_fact {
    struct fact_draft draft;
    struct fact_id id;
    int partner;
    bool reversed;
};

struct history {
    struct stage stage;
    uint64_t random;
    struct known_fact facts[FACTS_MAX];
    size_t count;
    int survivor[STAGE_PARTNERS];
    bool archived[STAGE_PARTNERS], tagged[STAGE_PARTNERS];
    int64_t usd_nano; /* since long ago; 0: no rate */
    int64_t now_ms;
    unsigned delivered;
};

static int64_t below(struct history *history, int64_t bound)
{
    history->random ^= history->random << 13;
    history->random ^= history->random >> 7;
    history->random ^= history->random << 17;
    return (int64_t)(history->random % (uint64_t)bound);
}

/* ---- what happens ---- */

static void record_one(struct history *history)
{
    static const enum fact_kind kinds[] = {FACT_ORDER, FACT_ITEM, FACT_CALL_MADE,
                                           FACT_FUNNEL_CONTACT_BY, FACT_COST};
    struct fact_draft draft = stage_fact(&history->stage, kinds[below(history, 5)]);
    int partner = (int)below(history, STAGE_PARTNERS);
    if (history->count == FACTS_MAX)
        return;
    /* Around now, a week ago, and in between. */
    draft.at_ms =
        history->now_ms - below(history, 3) * 3 * MS_PER_DAY - below(history, 2) * MS_PER_DAY;
    draft.at_ms += below(history, 40 * 60) * MS_PER_MINUTE - 20 * MS_PER_HOUR - below(history, 2);
    draft.partner = history->stage.partners[partner];
    draft.quantity_milli = below(history, 10000) - 500;
    draft.amount.minor = below(history, 100000) - 1000;
    if (below(history, 3) == 0)
        draft.amount.currency = (struct currency){"USD"};
    if (draft.kind == FACT_ITEM)
        draft.product = history->stage.products[below(history, STAGE_PRODUCTS)];
    history->facts[history->count++] =
        (struct known_fact){draft, stage_record(&history->stage, &draft), partner, false};
    history->delivered |= FACT_KIND_BIT(draft.kind);
}

static void reverse_one(struct history *history)
{
    if (!history->count)
        return;
    struct known_fact *fact = &history->facts[below(history, (int64_t)history->count)];
    if (fact->reversed)
        return;
    stage_reverse(&history->stage, fact->id);
    fact->reversed = true;
}

static void merge_one(struct history *history)
{
    int from = history->survivor[below(history, STAGE_PARTNERS)];
    int into = history->survivor[below(history, STAGE_PARTNERS)];
    if (from == into || below(history, 3))
        return;
    stage_merge(&history->stage, history->stage.partners[from], history->stage.partners[into]);
    for (int i = 0; i < STAGE_PARTNERS; i++)
        if (history->survivor[i] == from)
            history->survivor[i] = into;
}

struct edit {
    struct partner_id partner;
    bool on;
};

static enum err set_archived(struct ctx *ctx, void *arg)
{
    const struct edit *edit = arg;
    return edit->on ? partner_archive(ctx, edit->partner, 0)
                    : partner_restore(ctx, edit->partner, 0);
}

static enum err set_tag(struct ctx *ctx, void *arg)
{
    const struct edit *edit = arg;
    return edit->on ? partner_add_tag(ctx, edit->partner, STR("vip"))
                    : partner_remove_tag(ctx, edit->partner, STR("vip"));
}

static void edit_one(struct history *history, bool flags[], ctx_work *work)
{
    int partner = (int)below(history, STAGE_PARTNERS);
    struct edit edit = {history->stage.partners[partner], !flags[partner]};
    if (history->survivor[partner] != partner)
        return;
    CHECK_OK(ctx_write(world_as(&history->stage.world, ROLE_MANAGER), work, &edit));
    flags[partner] = edit.on;
}

static enum err save_rate(struct ctx *ctx, void *arg)
{
    size_t changed;
    return rate_save(ctx, arg, 1, &changed);
}

static void set_rate(struct history *history)
{
    struct rate rate = {{19000}, {"USD"}, 500000000 + below(history, 1000000000)};
    CHECK_OK(ctx_write(world_as(&history->stage.world, ROLE_ADMIN), save_rate, &rate));
    history->usd_nano = rate.nano;
}

static void go_on(struct history *history)
{
    int64_t step_ms = below(history, 90) * MS_PER_MINUTE + below(history, MS_PER_MINUTE);
    history->now_ms += below(history, 12) ? step_ms : MS_PER_DAY;
    world_set_now(&history->stage.world, history->now_ms);
}

static void take_step(struct history *history)
{
    switch (below(history, 12)) {
    case 0:
        reverse_one(history);
        break;
    case 1:
        merge_one(history);
        break;
    case 2:
        edit_one(history, history->archived, set_archived);
        break;
    case 3:
        edit_one(history, history->tagged, set_tag);
        break;
    case 4:
        go_on(history);
        break;
    case 5:
        set_rate(history);
        break;
    default:
        record_one(history);
        break;
    }
}

/* ---- the same numbers, naively ---- */

static bool has_fact(const struct history *history, const struct metric_scope *scope,
                     const struct known_fact *fact)
{
    int partner = history->survivor[fact->partner];
    if (fact->reversed || (product_id_is_set(scope->product) &&
                           !product_id_equal(scope->product, fact->draft.product)))
        return false;
    if (partner_id_is_set(scope->partner))
        return partner_id_equal(scope->partner, history->stage.partners[partner]);
    return !history->archived[partner] && (!scope->tier.len || partner % 2 == 0) &&
           (!scope->tag.len || history->tagged[partner]);
}

static void sum_up(struct history *history, const struct metric_scope *scope, int64_t from_ms,
                   int64_t to_ms, struct metric_sums *ret_sums)
{
    struct currency euro = {"EUR"};
    metric_sums_init(ret_sums, &history->stage.world.arena, euro, euro);
    ret_sums->delivered = history->delivered;
    for (size_t i = 0; i < history->count; i++) {
        const struct fact_draft *draft = &history->facts[i].draft;
        struct metric_sum sum = {.facts = 1,
                                 .quantity_milli = draft->quantity_milli,
                                 .amount_minor = draft->amount.minor};
        bool is_euro = currency_equal(draft->amount.currency, euro);
        if (draft->at_ms >= from_ms && draft->at_ms < to_ms &&
            has_fact(history, scope, &history->facts[i]))
            CHECK(metric_sums_add(ret_sums, (int)draft->kind, draft->amount.currency, &sum,
                                  is_euro ? METRIC_RATE_ONE : history->usd_nano));
    }
}

/* ---- the comparison ---- */

static void describe(struct buf *buf, const struct metric_result *result)
{
    buf_format(buf, "%s of %lld:", result->metric->code, (long long)result->n);
    for (size_t i = 0; i < result->count; i++) {
        buf_add_char(buf, ' ');
        metric_value_render(&result->values[i], result->metric->unit, buf);
        buf_add(buf, currency_str(&result->values[i].currency));
    }
    if (result->has_reporting) {
        buf_add(buf, STR(" = "));
        metric_value_render(&result->reporting, result->metric->unit, buf);
    }
    buf_add_char(buf, '\n');
}

static void check_part(struct history *history, const struct metric_values *values,
                       const struct metric_sums *sums)
{
    struct buf expected, actual;
    struct arena *arena = &history->stage.world.arena;
    buf_init(&expected, arena, TEXT_BYTES);
    buf_init(&actual, arena, TEXT_BYTES);
    for (size_t i = 0; i < values->count; i++) {
        struct metric_result result;
        metric_evaluate(values->results[i].metric, sums, &result);
        describe(&expected, &result);
        describe(&actual, &values->results[i]);
    }
    CHECK(values->count > 5 && !expected.overflowed);
    CHECK_STR(arena_cstr(arena, buf_str(&expected)), buf_str(&actual));
}

struct beat {
    struct metric_scope scope;
    struct metric_pulse pulse;
};

static enum err feel(struct ctx *ctx, void *arg)
{
    struct beat *beat = arg;
    return metric_pulse(ctx, &beat->scope, &beat->pulse);
}

static void check_scope(struct history *history, const struct metric_scope *scope)
{
    struct beat beat = {.scope = *scope};
    struct metric_sums sums;
    CHECK_OK(stage_read(&history->stage, feel, &beat));
    const struct zone *zone =
        zones_find(history->stage.world.services.zones, beat.pulse.today.heading.time_zone);
    struct day today = beat.pulse.today.heading.window.from;
    int64_t starts[] = {zone_day_start_ms(zone, today),
                        zone_day_start_ms(zone, (struct day){today.v + 1}),
                        zone_day_start_ms(zone, (struct day){today.v - 7}),
                        zone_day_start_ms(zone, (struct day){today.v - 6})};
    int64_t until_ms = starts[2] + (history->now_ms - starts[0]) / MS_PER_MINUTE * MS_PER_MINUTE;
    CHECK_INT(zone_day(zone, history->now_ms).v, today.v);
    sum_up(history, scope, starts[0], starts[1], &sums);
    check_part(history, &beat.pulse.today, &sums);
    sum_up(history, scope, starts[2], starts[3], &sums);
    check_part(history, &beat.pulse.last_week, &sums);
    sum_up(history, scope, starts[2], until_ms < starts[3] ? until_ms : starts[3], &sums);
    check_part(history, &beat.pulse.last_week_so_far, &sums);
}

static void check_all(struct history *history)
{
    struct partner_id one = history->stage.partners[history->survivor[0]];
    const struct metric_scope scopes[] = {{.tier = STR("gold")},
                                          {.tag = STR("vip")},
                                          {.product = history->stage.products[0]},
                                          {.tier = STR("gold"), .tag = STR("vip")},
                                          {.partner = one},
                                          {.country = STR("")}};
    for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
        if (below(history, 3) == 0)
            check_scope(history, &scopes[i]);
}

static void run_history(uint64_t seed)
{
    static struct history history;
    history = (struct history){.random = seed, .now_ms = WORLD_START_MS};
    stage_open(&history.stage);
    for (int i = 0; i < STAGE_PARTNERS; i++)
        history.survivor[i] = i;
    history.tagged[1] = history.tagged[2] = true;
    for (int i = 0; i < STEPS; i++) {
        take_step(&history);
        check_all(&history);
    }
    stage_close(&history.stage);
}

TEST(metric_pulse, is_what_the_facts_say_after_every_step_of_a_random_history)
{
    for (uint64_t seed = 1; seed <= HISTORIES; seed++)
        run_history(seed * UINT64_C(0x9e3779b97f4a7c15));
}
