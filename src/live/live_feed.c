/*
 * The thread that follows the ledger. A round reads what was recorded since the last one, in one
 * snapshot, and pushes each audience its events. Own commits wake it at once; those of other
 * processes are seen by looking, ten times a second while anybody follows.
 */
#include <stdlib.h>
#include <time.h>

#include "lib/base/time.h"
#include "lib/json/json.h"
#include "src/core/limits.h"
#include "src/domain/domain.h"
#include "src/live/live_event.h"
#include "src/live/live_numbers.h"
#include "src/live/live_state.h"

enum {
    LOOK_MS = 100,
    /* Between two rounds, and between two reports or pulses of an audience. Each costs a wake-up of
     * every stream, so with many of them there is more time between. */
    PAUSE_MS = 25,
    PAUSE_STREAMS_PER_MS = 100,
    BULK_PAUSE_MS = 250,
    BULK_STREAMS_PER_MS = 8,
    NUMBERS_MS = 300,
    NUMBERS_STREAMS_PER_MS = 2,
    NUMBERS_OLD_MS = 60000,   /* time alone changes a pulse: the day goes on */
    NUMBERS_BUDGET_MS = 25,   /* of a round, for making them; the others' wait for the next */
    TOLD_STREAMS_PER_MS = 20, /* so many streams have their fact in a millisecond */
    /* An audience that was not told anything for so many facts learns where the ledger is, so that
     * coming back does not read all of them. */
    QUIET_FACTS = 10000,
    DOMAINS_MAX = 50, /* changes at domains at once; more are told as one word */
    /* Everybody is asked again within two seconds. */
    RIGHTS_MS = 100,
    RIGHTS_PARTS = 20
};

/* ---- pushing ---- */

static void push(struct live *live, const struct audience *audience, struct str text)
{
    if (!text.len)
        return;
    struct http_event *event = http_event_new(text);
    pthread_mutex_lock(&live->lock);
    http_stream_push(audience->streams, audience->count, event);
    pthread_mutex_unlock(&live->lock);
    http_event_free(event);
}

static void count_round(struct live *live, const struct live_round *round)
{
    atomic_uint_fast64_t *made = round->is_bulk ? &live->made_totals : &live->made_facts;
    atomic_fetch_add(made, 1);
    live->is_bulk = live->is_bulk || round->is_bulk;
}

/* Audiences that somebody has joined; later ones wait for the next round. In the arena. */
static struct audience **list_audiences(struct live *live, size_t *ret_count)
{
    size_t count = 0;
    pthread_mutex_lock(&live->lock);
    struct audience **list = ARENA_ARRAY(&live->arena, struct audience *, live->audience_count);
    for (size_t i = 0; i < live->audience_count; i++) {
        struct audience *each = live->audiences[i];
        each->listed = (int64_t)each->count;
        if (each->listed)
            list[count++] = each;
    }
    pthread_mutex_unlock(&live->lock);
    *ret_count = count;
    return list;
}

/* ---- a round ---- */

/* The numbers of an audience are told this seldom. */
static bool are_old(const struct audience *audience, int64_t now_ms)
{
    return now_ms - audience->numbers_ms >= NUMBERS_MS + audience->listed / NUMBERS_STREAMS_PER_MS;
}

/* Totals wait for the numbers where those follow at once: each costs a wake-up of every stream. */
static void tell_audience(struct live *live, struct audience *audience, struct buf *text,
                          bool is_bulk)
{
    if (text->len) {
        if (!audience->numbers_due)
            audience->told_ms = monotonic_ms();
        audience->numbers_due = true;
        audience->told_at = live->facts_seen;
        if (is_bulk && are_old(audience, monotonic_ms())) {
            audience->held = arena_str(&live->arena, buf_str(text));
            return;
        }
    } else if (audience->told_at > live->facts_seen) {
        audience->told_at = live->facts_seen;
    } else if (live->facts_seen - audience->told_at >= QUIET_FACTS) {
        live_put_event(text, "ready", live->position, STR("{}"));
        audience->told_at = live->facts_seen;
    }
    push(live, audience, buf_str(text));
}

static enum err count_facts(struct live_round *round, uint64_t *facts_seen)
{
    int64_t count = round->all ? round->all->facts : (int64_t)round->count;
    if (round->is_bulk && !round->all)
        TRY(ledger_count_after(round->ctx, &round->range, QUIET_FACTS, &count));
    *facts_seen += (uint64_t)count;
    return OK;
}

/* How many facts of each kind came since the position. False: not known. */
static bool compare_kinds(struct live *live, const int64_t *kinds, struct live_totals *ret_since)
{
    bool is_known = live->knows_kinds;
    *ret_since = (struct live_totals){0};
    for (int kind = 0; kind < FACT_KIND_COUNT; kind++) {
        ret_since->kinds[kind] = kinds[kind] - live->kinds[kind];
        ret_since->facts += ret_since->kinds[kind];
        /* A doctor has set them right. */
        is_known = is_known && ret_since->kinds[kind] >= 0;
        live->kinds[kind] = kinds[kind];
    }
    live->knows_kinds = true;
    return is_known;
}

/* Everything up to `newest`; the position is there then. Where nobody listens, an empty round. */
static enum err read_round(struct ctx *ctx, struct live *live, struct fact_id newest, bool listens,
                           struct live_round *ret_round)
{
    struct fact_range range = {.after = live->position, .to = newest};
    struct live_totals *since = ARENA_NEW(ctx->arena, struct live_totals);
    int64_t kinds[FACT_KIND_COUNT] = {0};
    TRY(ledger_count_kinds(ctx, kinds));
    bool is_known = compare_kinds(live, kinds, since);
    live->position = newest;
    *ret_round = (struct live_round){.ctx = ctx, .range = range};
    if (!listens)
        return OK;
    if (!is_known || since->facts <= LIVE_ROUND_FACTS)
        return live_round_read(ctx, &range, LIVE_ROUND_FACTS, ret_round);
    live_round_of_bulk(ctx, &range, since, ret_round);
    return OK;
}

static enum err tell_all(struct ctx *ctx, struct live *live, struct fact_id newest)
{
    struct live_round round;
    struct buf text;
    size_t count;
    struct audience **audiences = list_audiences(live, &count);
    TRY(read_round(ctx, live, newest, count > 0, &round));
    if (live_round_is_empty(&round))
        return OK;
    TRY(count_facts(&round, &live->facts_seen));
    buf_init(&text, ctx->arena, LIMIT_STREAM_BYTES / 2);
    for (size_t i = 0; i < count; i++) {
        buf_clear(&text);
        TRY(live_put_round(&text, &round, audiences[i]->view));
        tell_audience(live, audiences[i], &text, round.is_bulk);
    }
    count_round(live, &round);
    return OK;
}

/* ---- who came since the last round ---- */

struct newcomer {
    uint64_t number;
    struct fact_id after;
    struct audience *audience;
};

/* The next one that is not ahead of the others: whoever joined in a snapshot that is newer than
 * this round's waits for the next. */
static bool find_newcomer(struct live *live, struct newcomer *newcomer)
{
    const struct live_follower *next = NULL;
    pthread_mutex_lock(&live->lock);
    for (size_t i = 0; live->new_count && i < live->count; i++) {
        const struct live_follower *each = live->followers[i];
        if (each->is_new && each->number > newcomer->number && each->after.v <= live->position.v &&
            (!next || each->number < next->number))
            next = each;
    }
    if (next)
        *newcomer = (struct newcomer){next->number, next->after, next->audience};
    pthread_mutex_unlock(&live->lock);
    return next != NULL;
}

static void settle(struct live *live, const struct newcomer *newcomer, struct str text)
{
    struct http_event *event = http_event_new(text);
    pthread_mutex_lock(&live->lock);
    struct live_follower *follower = live_find(live, newcomer->number);
    if (follower) {
        http_stream_push(&follower->stream, 1, event);
        live_settle(follower);
    }
    pthread_mutex_unlock(&live->lock);
    http_event_free(event);
}

static enum err tell_newcomers(struct ctx *ctx, struct live *live)
{
    struct newcomer newcomer = {0};
    struct buf text;
    buf_init(&text, ctx->arena, LIMIT_STREAM_BYTES / 2);
    while (find_newcomer(live, &newcomer)) {
        struct fact_range range = {.after = newcomer.after, .to = live->position};
        struct live_round round;
        TRY(live_round_read(ctx, &range, LIVE_ROUND_FACTS, &round));
        buf_clear(&text);
        TRY(live_put_round(&text, &round, newcomer.audience->view));
        if (text.len)
            newcomer.audience->numbers_due = true;
        settle(live, &newcomer, buf_str(&text));
    }
    return OK;
}

/* ---- changes at domains ---- */

static bool is_told_of(const struct live_view *view, const struct domain_change *change)
{
    if (live_view_is_partner(view))
        return partner_id_equal(view->scope.partner, change->partner);
    return !partner_id_is_set(view->only) || partner_id_equal(view->only, change->partner);
}

static void put_domains(struct buf *text, const struct domain_change_page *page,
                        const struct live_view *view)
{
    struct json_writer writer;
    struct buf json;
    if (page->count > DOMAINS_MAX) {
        live_put_event(text, "domains", (struct fact_id){0}, STR("{}"));
        return;
    }
    for (size_t i = 0; i < page->count; i++) {
        if (!is_told_of(view, &page->rows[i]))
            continue;
        buf_init(&json, text->arena, LIMIT_STREAM_BYTES / 2);
        json_writer_init(&writer, &json);
        domain_change_render(&page->rows[i], &writer);
        live_put_event(text, "domain", (struct fact_id){0}, buf_str(&json));
    }
}

static enum err tell_domains(struct ctx *ctx, struct live *live)
{
    struct domain_change_page page;
    struct buf text;
    size_t count;
    int64_t newest;
    TRY(domain_newest_change(ctx, &newest));
    int64_t after = live->domain_position;
    live->domain_position = newest ? newest : 1;
    if (!after || newest <= after)
        return OK;
    TRY(domain_changes_after(ctx, after, DOMAINS_MAX + 1, &page));
    struct audience **audiences = list_audiences(live, &count);
    buf_init(&text, ctx->arena, LIMIT_STREAM_BYTES / 2);
    for (size_t i = 0; i < count; i++) {
        buf_clear(&text);
        put_domains(&text, &page, audiences[i]->view);
        if (!text.overflowed)
            push(live, audiences[i], buf_str(&text));
    }
    return OK;
}

static enum err run_round(struct ctx *ctx, void *arg)
{
    struct live *live = arg;
    struct fact_id newest, before = live->position;
    TRY(ledger_newest(ctx, &newest));
    enum err err = tell_all(ctx, live, newest);
    /* A round that failed is made up for by the next. */
    if (err != OK) {
        live->position = before;
        live->knows_kinds = false;
    }
    TRY(err);
    TRY(tell_domains(ctx, live));
    return tell_newcomers(ctx, live);
}

/* ---- numbers ---- */

/* Facts come before numbers, which are ten times as long, also where many are told. */
static bool needs_numbers(const struct audience *audience, int64_t now_ms)
{
    if (audience->held.len)
        return true;
    if (!audience->numbers_due)
        return now_ms - audience->numbers_ms >= NUMBERS_OLD_MS;
    return are_old(audience, now_ms) &&
           now_ms - audience->told_ms >= audience->listed / TOLD_STREAMS_PER_MS;
}

static enum err tell_numbers_of(struct ctx *ctx, struct live *live, struct audience *audience)
{
    const char *event;
    struct str json;
    struct buf text;
    audience->numbers_due = false;
    audience->numbers_ms = monotonic_ms();
    TRY(live_numbers(ctx, audience->view, &event, &json));
    buf_init(&text, ctx->arena, LIMIT_STREAM_BYTES / 2);
    buf_add(&text, audience->held);
    live_put_event(&text, event, live->position, json);
    if (text.overflowed)
        return OK;
    push(live, audience, buf_str(&text));
    audience->held.len = 0;
    atomic_fetch_add(&live->made_numbers, 1);
    return OK;
}

static void tell_held(struct live *live, struct audience *audience)
{
    push(live, audience, audience->held);
    audience->held.len = 0;
}

/* Reads the numbers after the round, so they know at least its facts. */
static void tell_numbers(struct ctx *ctx, struct live *live)
{
    size_t count;
    struct audience **audiences = list_audiences(live, &count);
    int64_t start_ms = monotonic_ms();
    for (size_t i = 0; i < count && monotonic_ms() - start_ms < NUMBERS_BUDGET_MS; i++) {
        struct audience *audience = audiences[live->numbers_at++ % count];
        if (needs_numbers(audience, start_ms) && tell_numbers_of(ctx, live, audience) != OK)
            audience->numbers_due = true;
    }
    for (size_t i = 0; i < count; i++)
        tell_held(live, audiences[i]);
}

/* ---- rights ---- */

struct doubt {
    uint64_t number;
    struct live_rights rights;
    struct partner_id partner;
    bool is_lost;
};
struct doubts {
    struct doubt *rows;
    size_t count;
};

static void list_doubts(struct live *live, struct doubts *doubts)
{
    pthread_mutex_lock(&live->lock);
    size_t wanted = live->count / RIGHTS_PARTS + 1;
    doubts->rows = ARENA_ARRAY(&live->arena, struct doubt, wanted);
    for (size_t i = 0; i < wanted && i < live->count; i++) {
        const struct live_follower *each = live->followers[live->rights_seat++ % live->count];
        if (each->audience)
            doubts->rows[doubts->count++] = (struct doubt){
                each->number, each->rights, each->audience->view->scope.partner, false};
    }
    pthread_mutex_unlock(&live->lock);
}

static bool same_doubt(const struct doubt *a, const struct doubt *b)
{
    return partner_id_equal(a->partner, b->partner) &&
           a->rights.credential.is_token == b->rights.credential.is_token &&
           memcmp(a->rights.credential.digest, b->rights.credential.digest, DIGEST_BYTES) == 0;
}

/* A partner that was merged has its facts told to those who follow the one that it is now. */
static enum err judge(struct ctx *ctx, struct doubt *doubt)
{
    struct partner_brief brief = {.id = doubt->partner};
    bool holds;
    TRY(account_holds(ctx, &doubt->rights.credential, &doubt->rights.actor, &holds));
    if (partner_id_is_set(doubt->partner))
        TRY(partner_brief(ctx, doubt->partner, &brief));
    doubt->is_lost = !holds || !partner_id_equal(brief.id, doubt->partner);
    return OK;
}

static enum err judge_all(struct ctx *ctx, void *arg)
{
    struct doubts *doubts = arg;
    for (size_t i = 0; i < doubts->count; i++) {
        struct doubt *doubt = &doubts->rows[i];
        if (i && same_doubt(doubt, doubt - 1))
            doubt->is_lost = doubt[-1].is_lost;
        else
            TRY(judge(ctx, doubt));
    }
    return OK;
}

static void check_rights(struct ctx *ctx, struct live *live)
{
    struct doubts doubts = {.count = 0};
    int64_t now_ms = monotonic_ms();
    if (now_ms - live->rights_ms < RIGHTS_MS)
        return;
    live->rights_ms = now_ms;
    list_doubts(live, &doubts);
    if (!doubts.count || ctx_read(ctx, judge_all, &doubts) != OK)
        return;
    for (size_t i = 0; i < doubts.count; i++) {
        if (!doubts.rows[i].is_lost)
            continue;
        pthread_mutex_lock(&live->lock);
        const struct live_follower *follower = live_find(live, doubts.rows[i].number);
        if (follower)
            http_stream_end(follower->stream);
        pthread_mutex_unlock(&live->lock);
    }
}

/* ---- the thread ---- */

static void follow(struct live *live)
{
    struct ctx ctx;
    ctx_init(&ctx, live->services, &live->arena);
    ctx.actor = (struct actor){.role = ROLE_ADMIN, .scopes = SCOPES_ALL, .name = STR("stream")};
    live->is_bulk = false;
    if (ctx_read(&ctx, run_round, live) != OK)
        live->is_bulk = true;
    tell_numbers(&ctx, live);
    check_rights(&ctx, live);
    pthread_mutex_lock(&live->lock);
    live_sweep(live);
    pthread_mutex_unlock(&live->lock);
    arena_reset(&live->arena);
}

static struct timespec after_ms(int ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / MS_PER_SECOND;
    at.tv_nsec += (long)(ms % MS_PER_SECOND) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_nsec -= 1000000000;
        at.tv_sec++;
    }
    return at;
}

/* Until it is rung for or has slept long enough; while nobody follows, only until it is rung for.
 * False: stop. */
static bool wait_for_facts(struct live *live)
{
    struct timespec until = after_ms(LOOK_MS);
    int result = 0;
    pthread_mutex_lock(&live->wake_lock);
    while (!live->is_woken && !live->is_stopping && result == 0) {
        if (atomic_load(&live->has_followers))
            result = pthread_cond_timedwait(&live->wake, &live->wake_lock, &until);
        else
            pthread_cond_wait(&live->wake, &live->wake_lock);
    }
    live->is_woken = false;
    bool is_stopping = live->is_stopping;
    pthread_mutex_unlock(&live->wake_lock);
    return !is_stopping;
}

static void pause_after(struct live *live)
{
    pthread_mutex_lock(&live->lock);
    int count = (int)live->count;
    pthread_mutex_unlock(&live->lock);
    struct timespec until = after_ms(live->is_bulk ? BULK_PAUSE_MS + count / BULK_STREAMS_PER_MS
                                                   : PAUSE_MS + count / PAUSE_STREAMS_PER_MS);
    pthread_mutex_lock(&live->wake_lock);
    while (!live->is_stopping && pthread_cond_timedwait(&live->wake, &live->wake_lock, &until) == 0)
        continue;
    pthread_mutex_unlock(&live->wake_lock);
}

static void *run_feed(void *arg)
{
    struct live *live = arg;
    while (wait_for_facts(live)) {
        follow(live);
        pause_after(live);
    }
    return NULL;
}

/* ---- life ---- */

static void init_wake(struct live *live)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) ||
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) ||
        pthread_cond_init(&live->wake, &attributes))
        abort();
    pthread_condattr_destroy(&attributes);
}

struct live *live_new(const struct services *services)
{
    struct live *live = calloc(1, sizeof(*live));
    if (!live || pthread_mutex_init(&live->lock, NULL) ||
        pthread_mutex_init(&live->wake_lock, NULL))
        abort();
    live->services = services;
    init_wake(live);
    arena_init(&live->arena, LIMIT_ARENA_BYTES);
    if (pthread_create(&live->thread, NULL, run_feed, live))
        abort();
    return live;
}

void live_stop(struct live *live)
{
    if (!live || live->stopped)
        return;
    pthread_mutex_lock(&live->wake_lock);
    live->is_stopping = true;
    pthread_cond_signal(&live->wake);
    pthread_mutex_unlock(&live->wake_lock);
    pthread_join(live->thread, NULL);
    live->stopped = true;
}

void live_free(struct live *live)
{
    if (!live)
        return;
    live_stop(live);
    live_sweep(live);
    arena_finish(&live->arena);
    pthread_cond_destroy(&live->wake);
    pthread_mutex_destroy(&live->wake_lock);
    pthread_mutex_destroy(&live->lock);
    free(live->followers);
    free(live->audiences);
    free(live);
}

void live_counts(struct live *live, struct live_counts *ret_counts)
{
    pthread_mutex_lock(&live->lock);
    ret_counts->streams = (int64_t)live->count;
    pthread_mutex_unlock(&live->lock);
    ret_counts->facts = atomic_load(&live->made_facts);
    ret_counts->totals = atomic_load(&live->made_totals);
    ret_counts->numbers = atomic_load(&live->made_numbers);
}
