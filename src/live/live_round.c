/* A round: what was recorded since the last one, in one snapshot, to everybody who wants it; then
 * the numbers that it changed. */
#include <string.h>

#include "lib/json/json.h"
#include "src/live/live_events.h"
#include "src/live/live_state.h"

enum {
    /* More facts in a round than a person could read are told as numbers, and less often. */
    ROUND_FACTS = 20,
    /* Numbers follow their facts at once, but no more often than this. */
    NUMBERS_MS = 200,
    NUMBERS_AUDIENCES = 64 /* in a round; the others have theirs in the next */
};

/* What one audience hears in this round. Copies, for it may go while the ledger is read. */
struct hearer {
    struct live_view view;
    bool owed;
    bool *wants; /* each of the facts */
    struct live_event event;
    bool has_event;
};

struct round {
    struct live *live;
    struct ctx *ctx;
    struct fact_range range;
    uint64_t only; /* the new listener of this number; 0: all that are not new */
    struct hearer *hearers;
    size_t count;
};

/* ---- who hears ---- */

static void gather(struct round *round)
{
    struct live *live = round->live;
    size_t count = 0;
    pthread_mutex_lock(&live->lock);
    live->round++;
    for (const struct audience *each = live->audiences; each; each = each->next)
        count++;
    round->hearers = ARENA_ARRAY(&live->arena, struct hearer, count);
    round->count = 0;
    for (struct audience *each = live->audiences; each; each = each->next) {
        each->round = live->round;
        each->index = round->count;
        round->hearers[round->count++] = (struct hearer){.view = each->view, .owed = each->owed};
    }
    pthread_mutex_unlock(&live->lock);
}

/* Locked. `fact` below 0: the event that the audience has of its own. */
static void tell(struct round *round, const struct live_event *event, const struct hearer *hearer,
                 long fact, bool for_partner)
{
    struct live *live = round->live;
    size_t count = 0;
    for (size_t i = 0; i < live->count; i++) {
        struct listener *each = &live->listeners[i];
        struct audience *audience = each->audience;
        bool meant = round->only ? each->number == round->only : !each->is_new;
        if (!meant || audience->round != live->round)
            continue;
        const struct hearer *its = &round->hearers[audience->index];
        if (fact < 0 ? its != hearer : !its->wants[fact] || its->view.is_partner != for_partner)
            continue;
        live->targets[count++] = each->who;
        audience->owed = audience->owed || event->kind == LIVE_FACT || event->kind == LIVE_TOTALS;
    }
    if (count)
        live->sink.tell(live->sink.self, live->targets, count, event);
}

static void tell_events(struct round *round)
{
    pthread_mutex_lock(&round->live->lock);
    for (size_t i = 0; i < round->count; i++)
        if (round->hearers[i].has_event)
            tell(round, &round->hearers[i].event, &round->hearers[i], -1, false);
    pthread_mutex_unlock(&round->live->lock);
}

/* ---- a few facts: each of them ---- */

static enum err choose(struct round *round, const struct fact_page *page)
{
    for (size_t i = 0; i < round->count; i++)
        round->hearers[i].wants = ARENA_ARRAY(&round->live->arena, bool, page->count);
    for (size_t f = 0; f < page->count; f++) {
        struct fact_tally what = {.kind = page->rows[f].kind};
        TRY(ledger_survivor(round->ctx, page->rows[f].partner, &what.partner));
        for (size_t i = 0; i < round->count; i++)
            TRY(live_view_wants(round->ctx, &round->hearers[i].view, &what,
                                &round->hearers[i].wants[f]));
    }
    return OK;
}

static enum err tell_facts(struct round *round, const struct fact_page *page)
{
    struct live *live = round->live;
    TRY(choose(round, page));
    pthread_mutex_lock(&live->lock);
    for (size_t f = 0; f < page->count; f++) {
        struct live_event open = live_fact_event(&page->rows[f], false, &live->arena);
        struct live_event closed = live_fact_event(&page->rows[f], true, &live->arena);
        tell(round, &open, NULL, (long)f, false);
        tell(round, &closed, NULL, (long)f, true);
    }
    pthread_mutex_unlock(&live->lock);
    return OK;
}

/* ---- many facts: how many of which kind ---- */

static enum err sum_up(struct round *round, const struct fact_tallies *tallies,
                       struct hearer *hearer)
{
    int64_t kinds[FACT_KIND_COUNT] = {0};
    for (size_t i = 0; i < tallies->count; i++) {
        const struct fact_tally *row = &tallies->rows[i];
        bool wanted;
        TRY(live_view_wants(round->ctx, &hearer->view, row, &wanted));
        if (!wanted || row->kind >= FACT_KIND_COUNT)
            continue;
        kinds[row->kind] += row->facts;
        hearer->has_event = true;
    }
    hearer->event = live_totals_event(kinds, round->range.to, &round->live->arena);
    return OK;
}

static enum err tell_totals(struct round *round)
{
    struct fact_tallies tallies;
    TRY(ledger_tally_after(round->ctx, &round->range, &tallies));
    for (size_t i = 0; i < round->count; i++)
        TRY(sum_up(round, &tallies, &round->hearers[i]));
    tell_events(round);
    round->live->thinned = true;
    return OK;
}

/* ---- the round ---- */

static enum err tell_range(struct round *round)
{
    struct fact_page page;
    if (round->range.after.v >= round->range.to.v)
        return OK;
    gather(round);
    TRY(ledger_list_after(round->ctx, &round->range, ROUND_FACTS + 1, &page));
    return page.count <= ROUND_FACTS ? tell_facts(round, &page) : tell_totals(round);
}

static bool has_old_ones(struct live *live)
{
    bool any = false;
    pthread_mutex_lock(&live->lock);
    for (size_t i = 0; i < live->count && !any; i++)
        any = !live->listeners[i].is_new;
    pthread_mutex_unlock(&live->lock);
    return any;
}

/* The next that is new and not ahead of the others: whoever joined in a snapshot that is newer than
 * this round's waits for the next. */
static bool find_new(struct live *live, uint64_t beyond, struct listener *ret_listener)
{
    bool found = false;
    pthread_mutex_lock(&live->lock);
    for (size_t i = 0; i < live->count; i++) {
        const struct listener *each = &live->listeners[i];
        if (!each->is_new || each->number <= beyond || each->after.v > live->position.v)
            continue;
        if (!found || each->number < ret_listener->number)
            *ret_listener = *each;
        found = true;
    }
    pthread_mutex_unlock(&live->lock);
    return found;
}

static void end_newness(struct live *live, uint64_t number)
{
    pthread_mutex_lock(&live->lock);
    for (size_t i = 0; i < live->count; i++)
        if (live->listeners[i].number == number)
            live->listeners[i].is_new = false;
    pthread_mutex_unlock(&live->lock);
}

static enum err read_round(struct ctx *ctx, void *arg)
{
    struct live *live = arg;
    struct round round = {.live = live, .ctx = ctx};
    struct listener joining = {0};
    TRY(ledger_newest(ctx, &round.range.to));
    round.range.after = live->position;
    if (has_old_ones(live))
        TRY(tell_range(&round));
    live->position = round.range.to;
    while (find_new(live, joining.number, &joining)) {
        round.range.after = joining.after;
        round.only = joining.number;
        TRY(tell_range(&round));
        end_newness(live, joining.number);
    }
    return OK;
}

/* ---- the numbers ---- */

static enum err read_pulse(struct ctx *ctx, void *arg)
{
    struct hearer *hearer = arg;
    struct metric_scope scope = live_view_scope(&hearer->view);
    struct metric_pulse pulse;
    struct json_writer writer;
    struct buf buf;
    TRY(metric_pulse(ctx, &scope, &pulse));
    buf_init(&buf, ctx->arena, LIMIT_ANSWER_BYTES);
    json_writer_init(&writer, &buf);
    metric_pulse_render(&pulse, &writer);
    hearer->event.json = buf_str(&buf);
    return OK;
}

/* As the actor would see them, who may be one of a partner's own people. */
static enum err read_numbers(struct ctx *ctx, struct hearer *hearer)
{
    const struct metric_days last_30 = {0};
    struct partner_id partner = hearer->view.partner;
    ctx->actor.role = hearer->view.is_partner ? ROLE_PARTNER : ROLE_ADMIN;
    ctx->actor.partner.v = hearer->view.is_partner ? partner.v : 0;
    if (!partner_id_is_set(partner)) {
        hearer->event.kind = LIVE_PULSE;
        return ctx_read(ctx, read_pulse, hearer);
    }
    hearer->event.kind = LIVE_REPORT;
    return metric_report_json(ctx, partner, &last_30, &hearer->event.json);
}

/* Forgets what an audience is owed before its numbers are read: what comes meanwhile is owed anew.
 */
static void settle(struct live *live, size_t index)
{
    pthread_mutex_lock(&live->lock);
    for (struct audience *each = live->audiences; each; each = each->next)
        if (each->round == live->round && each->index == index)
            each->owed = false;
    pthread_mutex_unlock(&live->lock);
}

static void tell_numbers(struct live *live, struct ctx *ctx)
{
    struct round round = {.live = live, .ctx = ctx};
    int told = 0;
    gather(&round);
    for (size_t i = 0; i < round.count && told < NUMBERS_AUDIENCES; i++) {
        struct hearer *hearer = &round.hearers[i];
        if (!hearer->owed)
            continue;
        settle(live, i);
        hearer->event.id = live->position;
        hearer->has_event = read_numbers(ctx, hearer) == OK;
        told++;
    }
    if (!told)
        return;
    live->numbers_ms = live_monotonic_ms();
    tell_events(&round);
}

static void begin(struct ctx *ctx, struct live *live)
{
    ctx_init(ctx, live->services, &live->arena);
    ctx->actor = (struct actor){.role = ROLE_ADMIN, .scopes = SCOPES_ALL, .name = STR("live")};
}

/* A round that failed is made up for by the next: the position stays. */
void live_round(struct live *live)
{
    struct ctx ctx;
    begin(&ctx, live);
    live->thinned = false;
    if (ctx_read(&ctx, read_round, live) != OK)
        live->thinned = true;
    if (live_monotonic_ms() - live->numbers_ms >= NUMBERS_MS) {
        begin(&ctx, live);
        tell_numbers(live, &ctx);
    }
    arena_reset(&live->arena);
}
