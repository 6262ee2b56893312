/*
 * Random histories in zones with leaps of the clock: facts, reversals, mergers, archived partners.
 * Every metric of every scope is held against one that is computed from the list of the facts, fact
 * by fact.
 */
#include "src/metric/metric_catalogue.h"
#include "src/metric/metric_store.h"
#include "src/metric/metric_test.h"
#include "src/metric/rate.h"

enum { FACTS_MAX = 400, ROUNDS = 12, WINDOW_CHOICES = 90 };

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
    int64_t active_ms[STAGE_PARTNERS];
    bool archived[STAGE_PARTNERS];
    int64_t rates[200]; /* of USD, by days since the first, where one is set */
    unsigned delivered;
};

static const int64_t rate_base_day = (WORLD_START_MS / MS_PER_DAY) - 100;

static uint64_t next_random(struct history *history)
{
    history->random ^= history->random << 13;
    history->random ^= history->random >> 7;
    history->random ^= history->random << 17;
    return history->random;
}

static int64_t below(struct history *history, int64_t bound)
{
    return (int64_t)(next_random(history) % (uint64_t)bound);
}

/* ---- what happens ---- */

static struct fact_draft random_fact(struct history *history)
{
    static const char currencies[3][4] = {"EUR", "USD", "EUR"};
    struct fact_draft draft = stage_fact(&history->stage, FACT_ORDER);
    if (below(history, 3) > 0)
        draft.kind = (enum fact_kind)(1 + below(history, FACT_PARTNER_CONVERTED - 1));
    /* 80 days around the start, which hold leaps of the clock; half hours, so midnights too. */
    draft.at_ms += (below(history, 80 * 48) - 70 * 48) * 30 * MS_PER_MINUTE - below(history, 2);
    draft.quantity_milli = below(history, 10000) - 500;
    draft.has_amount = below(history, 4) > 0 || draft.kind == FACT_COST;
    draft.has_cost = draft.kind == FACT_ITEM && below(history, 2) == 0;
    draft.amount.minor = below(history, 1000000) - 1000;
    draft.cost_minor = draft.has_cost ? below(history, 100000) : 0;
    memcpy(draft.amount.currency.code, currencies[below(history, 3)], 4);
    if (!draft.has_amount)
        draft.has_cost = false;
    if (!draft.has_amount)
        draft.amount = (struct money){0};
    bool display = draft.kind == FACT_DISPLAY_ON || draft.kind == FACT_DISPLAY_OFF;
    if (display || (draft.kind == FACT_ITEM && below(history, 4)))
        draft.product = history->stage.products[below(history, STAGE_PRODUCTS)];
    return draft;
}

static void remember(struct history *history, const struct fact_draft *draft, struct fact_id id,
                     int partner)
{
    history->facts[history->count++] = (struct known_fact){*draft, id, partner, false};
    history->delivered |= FACT_KIND_BIT(draft->kind);
}

static void record_one(struct history *history)
{
    struct fact_draft draft = random_fact(history);
    int partner = (int)below(history, STAGE_PARTNERS);
    draft.partner = history->stage.partners[partner];
    remember(history, &draft, stage_record(&history->stage, &draft), partner);
}

static void reverse_one(struct history *history)
{
    if (!history->count)
        return;
    struct known_fact *fact = &history->facts[below(history, (int64_t)history->count)];
    if (fact->reversed || !fact->id.v)
        return;
    stage_reverse(&history->stage, fact->id);
    fact->reversed = true;
}

static void activate_one(struct history *history)
{
    int partner = (int)below(history, STAGE_PARTNERS);
    if (history->active_ms[partner] || history->survivor[partner] != partner)
        return;
    int64_t at_ms = WORLD_START_MS - below(history, 60 * 24) * MS_PER_HOUR;
    stage_activate(&history->stage, history->stage.partners[partner], at_ms);
    history->active_ms[partner] = at_ms;
    struct fact_draft draft = {.partner = history->stage.partners[partner],
                               .kind = FACT_PARTNER_CONVERTED,
                               .at_ms = at_ms,
                               .quantity_milli = 1000};
    remember(history, &draft, (struct fact_id){0}, partner);
}

static void merge_one(struct history *history)
{
    int from = (int)below(history, STAGE_PARTNERS), into = (int)below(history, STAGE_PARTNERS);
    from = history->survivor[from];
    into = history->survivor[into];
    if (from == into)
        return;
    stage_merge(&history->stage, history->stage.partners[from], history->stage.partners[into]);
    for (int i = 0; i < STAGE_PARTNERS; i++)
        if (history->survivor[i] == from)
            history->survivor[i] = into;
}

static enum err save_rates(struct ctx *ctx, void *arg)
{
    size_t changed;
    return rate_save(ctx, arg, 1, &changed);
}

static void set_rate(struct history *history)
{
    int64_t at = below(history, (int64_t)ARRAY_LEN(history->rates));
    struct rate rate = {
        {(int32_t)(rate_base_day + at)}, {"USD"}, 500000000 + below(history, 1000000000)};
    CHECK_OK(ctx_write(world_as(&history->stage.world, ROLE_ADMIN), save_rates, &rate));
    history->rates[at] = rate.nano;
}

/* ---- the same numbers, naively ---- */

struct naive {
    struct history *history;
    struct metric_scope scope;
    const struct zone *zone;
    struct metric_window window;
    struct metric_sums sums;
};

static bool has_partner(const struct naive *naive, int partner)
{
    const struct history *history = naive->history;
    const struct metric_scope *scope = &naive->scope;
    if (partner_id_is_set(scope->partner))
        return partner_id_equal(scope->partner, history->stage.partners[partner]);
    bool gold = partner % 2 == 0, austrian = partner < 3, vip = partner == 1 || partner == 2;
    return !history->archived[partner] && (!scope->tier.len || gold) &&
           (!scope->country.len || austrian) && (!scope->tag.len || vip);
}

static bool has_fact(const struct naive *naive, const struct known_fact *fact)
{
    return !fact->reversed && has_partner(naive, naive->history->survivor[fact->partner]) &&
           (!product_id_is_set(naive->scope.product) ||
            product_id_equal(naive->scope.product, fact->draft.product));
}

static bool in_window(const struct naive *naive, int64_t at_ms)
{
    int32_t day = zone_day(naive->zone, at_ms).v;
    return day >= naive->window.from.v && day < naive->window.to.v;
}

static int64_t rate_of(const struct naive *naive, const struct fact_draft *draft)
{
    int64_t at = zone_day(naive->zone, draft->at_ms).v - rate_base_day;
    if (strcmp(draft->amount.currency.code, "EUR") == 0)
        return METRIC_RATE_ONE;
    for (; at >= 0; at--)
        if (at < (int64_t)ARRAY_LEN(naive->history->rates) && naive->history->rates[at])
            return naive->history->rates[at];
    return 0;
}

static void add_fact(struct naive *naive, const struct known_fact *fact)
{
    const struct fact_draft *draft = &fact->draft;
    struct metric_sum sum = {
        .facts = 1,
        .quantity_milli = draft->quantity_milli,
        .amount_minor = draft->has_amount ? draft->amount.minor : 0,
        .cost_minor = draft->has_cost ? draft->cost_minor : 0,
        .costed_minor = draft->has_cost && draft->has_amount ? draft->amount.minor : 0,
        .at_ms_sum = draft->at_ms,
    };
    CHECK(metric_sums_add(&naive->sums, (int)draft->kind, draft->amount.currency, &sum,
                          rate_of(naive, draft)));
}

static void add_orders(struct naive *naive)
{
    const struct history *history = naive->history;
    struct metric_beside *beside = &naive->sums.beside;
    bool sold[STAGE_PARTNERS] = {false};
    bool product = product_id_is_set(naive->scope.product);
    for (size_t i = 0; i < history->count; i++) {
        const struct known_fact *fact = &history->facts[i];
        int64_t at_ms = fact->draft.at_ms;
        if (!has_fact(naive, fact) || !in_window(naive, at_ms))
            continue;
        sold[history->survivor[fact->partner]] |=
            fact->draft.kind == (product ? FACT_ITEM : FACT_ORDER);
        if (fact->draft.kind != FACT_ORDER)
            continue;
        if (!beside->has_span || at_ms < beside->first_order_ms)
            beside->first_order_ms = at_ms;
        if (!beside->has_span || at_ms > beside->last_order_ms)
            beside->last_order_ms = at_ms;
        beside->has_span = true;
    }
    for (int i = 0; i < STAGE_PARTNERS; i++)
        beside->partners_selling += sold[i];
}

/* Whether the last switch before the end of the window put it on. */
static bool is_on(const struct naive *naive, int partner, struct product_id product)
{
    const struct history *history = naive->history;
    int64_t to_ms = zone_day_start_ms(naive->zone, naive->window.to);
    const struct known_fact *last = NULL;
    for (size_t i = 0; i < history->count; i++) {
        const struct known_fact *fact = &history->facts[i];
        bool display = fact->draft.kind == FACT_DISPLAY_ON || fact->draft.kind == FACT_DISPLAY_OFF;
        if (display && has_fact(naive, fact) && history->survivor[fact->partner] == partner &&
            product_id_equal(fact->draft.product, product) && fact->draft.at_ms < to_ms &&
            (!last || fact->draft.at_ms >= last->draft.at_ms))
            last = fact;
    }
    return last && last->draft.kind == FACT_DISPLAY_ON;
}

static int64_t first_order_since(const struct naive *naive, int partner, int64_t active_ms)
{
    const struct history *history = naive->history;
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < history->count; i++) {
        const struct known_fact *fact = &history->facts[i];
        if (fact->draft.kind == FACT_ORDER && !fact->reversed &&
            history->survivor[fact->partner] == partner &&
            zone_day(naive->zone, fact->draft.at_ms).v >= zone_day(naive->zone, active_ms).v &&
            fact->draft.at_ms < first)
            first = fact->draft.at_ms;
    }
    return first;
}

static int compare_int64(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void add_partners(struct naive *naive)
{
    const struct history *history = naive->history;
    struct metric_beside *beside = &naive->sums.beside;
    int64_t durations[STAGE_PARTNERS];
    size_t count = 0;
    int64_t from_ms = zone_day_start_ms(naive->zone, naive->window.from);
    int64_t to_ms = zone_day_start_ms(naive->zone, naive->window.to);
    for (int i = 0; i < STAGE_PARTNERS; i++) {
        int64_t active_ms = history->active_ms[i];
        if (history->survivor[i] != i || !has_partner(naive, i))
            continue;
        for (int j = 0; j < STAGE_PRODUCTS; j++)
            beside->on_display += is_on(naive, i, history->stage.products[j]);
        beside->prospects_open += !active_ms || active_ms >= from_ms;
        bool now = active_ms && active_ms >= from_ms && active_ms < to_ms;
        if (now)
            durations[count++] = active_ms - (WORLD_START_MS - INT64_C(400) * MS_PER_DAY);
        bool any_time = partner_id_is_set(naive->scope.partner) && active_ms && active_ms < to_ms;
        int64_t first = now || any_time ? first_order_since(naive, i, active_ms) : INT64_MAX;
        if (first == INT64_MAX)
            continue;
        beside->first_orders++;
        beside->first_order_ms_sum += first > active_ms ? first - active_ms : 0;
    }
    qsort(durations, count, sizeof(durations[0]), compare_int64);
    beside->conversions_timed = (int64_t)count;
    if (count)
        beside->conversion_ms = (int128)durations[(count - 1) / 2] + durations[count / 2];
}

static void compute(struct naive *naive)
{
    struct history *history = naive->history;
    metric_sums_init(&naive->sums, &history->stage.world.arena, (struct currency){"EUR"},
                     (struct currency){"EUR"});
    naive->sums.delivered = history->delivered;
    for (size_t i = 0; i < history->count; i++)
        if (has_fact(naive, &history->facts[i]) && in_window(naive, history->facts[i].draft.at_ms))
            add_fact(naive, &history->facts[i]);
    add_orders(naive);
    add_partners(naive);
}

/* ---- the comparison ---- */

static void check_value(const char *code, const struct metric_value *expected,
                        const struct metric_value *actual)
{
    if (expected->number.mantissa != actual->number.mantissa ||
        expected->number.scale != actual->number.scale || expected->n != actual->n ||
        !currency_equal(expected->currency, actual->currency))
        test_fail(__FILE__, __LINE__, "%s is %lld of %lld facts, not %lld of %lld", code,
                  (long long)actual->number.mantissa, (long long)actual->n,
                  (long long)expected->number.mantissa, (long long)expected->n);
}

static void check_result(const struct naive *naive, const struct metric_result *actual)
{
    struct metric_result expected;
    const char *code = actual->metric->code;
    metric_evaluate(actual->metric, &naive->sums, &expected);
    if (expected.count != actual->count || expected.n != actual->n ||
        expected.has_reporting != actual->has_reporting)
        test_fail(__FILE__, __LINE__, "%s: %zu values of %lld facts, not %zu of %lld", code,
                  actual->count, (long long)actual->n, expected.count, (long long)expected.n);
    for (size_t i = 0; i < expected.count; i++)
        check_value(code, &expected.values[i], &actual->values[i]);
    if (expected.has_reporting)
        check_value(code, &expected.reporting, &actual->reporting);
    for (size_t i = 0; i < ARRAY_LEN(expected.companions); i++) {
        if (expected.companions[i].has != actual->companions[i].has)
            test_fail(__FILE__, __LINE__, "%s: companion %zu is %s", code, i,
                      actual->companions[i].has ? "there" : "no data");
        if (expected.companions[i].has)
            check_value(code, &expected.companions[i].value, &actual->companions[i].value);
    }
}

struct asking {
    struct metric_query query;
    struct metric_values values;
    struct metric_series series;
    enum metric_step step;
};

static enum err ask(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    TRY(metric_values(ctx, &asking->query, &asking->values));
    return metric_series(ctx, &asking->query, asking->step, &asking->series);
}

static void check_scope(struct history *history, struct metric_scope scope)
{
    struct naive naive = {.history = history, .scope = scope};
    struct asking asking = {.query = {.scope = scope},
                            .step = (enum metric_step)below(history, METRIC_STEP_COUNT)};
    struct metric_days *days = &asking.query.days;
    days->from_given = days->to_given = true;
    days->from.v = (int32_t)(WORLD_START_MS / MS_PER_DAY - below(history, WINDOW_CHOICES));
    days->to.v = days->from.v + 1 + (int32_t)below(history, WINDOW_CHOICES);
    struct ctx *ctx = world_as(&history->stage.world, ROLE_ANALYST);
    if (ctx_read(ctx, ask, &asking) != OK)
        test_fail(__FILE__, __LINE__, "%s (%s)", ctx->fault.sentence, ctx->fault.detail);
    naive.zone = zones_find(history->stage.world.services.zones, asking.values.heading.time_zone);
    naive.window = asking.values.heading.window;
    compute(&naive);
    for (size_t i = 0; i < asking.values.count; i++)
        if (!product_id_is_set(scope.product) || metric_of_product(metric_at(i)))
            check_result(&naive, &asking.values.results[i]);
    if (partner_id_is_set(scope.partner) || product_id_is_set(scope.product))
        return;
    for (size_t i = 0; i < asking.series.count; i++) {
        naive.window = asking.series.points[i].window;
        compute(&naive);
        for (size_t j = 0; j < asking.series.metric_count; j++)
            check_result(&naive, &asking.series.points[i].results[j]);
    }
}

static void check_all(struct history *history)
{
    for (int i = 0; i < STAGE_PARTNERS; i++)
        if (history->survivor[i] == i)
            check_scope(history, (struct metric_scope){.partner = history->stage.partners[i]});
    check_scope(history, (struct metric_scope){.partner = {0}});
    check_scope(history, (struct metric_scope){.tier = STR("gold")});
    check_scope(history, (struct metric_scope){.country = STR("AT"), .tag = STR("vip")});
    check_scope(history, (struct metric_scope){.manager = history->stage.world.manager});
    check_scope(history, (struct metric_scope){.product = history->stage.products[0]});
    check_scope(history,
                (struct metric_scope){.product = history->stage.products[1], .tier = STR("gold")});
}

static void live(struct history *history)
{
    for (int i = 0; i < 25; i++) {
        int64_t choice = below(history, 100);
        if (choice < 82)
            record_one(history);
        else if (choice < 92)
            reverse_one(history);
        else if (choice < 96)
            activate_one(history);
        else
            set_rate(history);
    }
}

TEST(metric_values, are_those_of_a_recomputation_from_the_facts)
{
    static struct history history;
    history = (struct history){.random = test_seed() | 1};
    stage_open(&history.stage);
    for (int i = 0; i < STAGE_PARTNERS; i++)
        history.survivor[i] = i;
    for (int round = 0; round < ROUNDS; round++) {
        live(&history);
        if (round == 5 || round == 9)
            merge_one(&history);
        if (round == 7 && history.survivor[3] == 3) {
            stage_archive(&history.stage, history.stage.partners[3]);
            history.archived[3] = true;
        }
        check_all(&history);
    }
    stage_close(&history.stage);
}
