/* Who listens, and the thread that follows the ledger while anybody does. */
#include "src/live/live.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/live/live_state.h"

enum {
    ROUND_MS = 30,
    THINNED_MS = 250,
    /* Rights are looked at when somebody begins to listen, so nobody listens for ever. */
    LISTEN_MS = 5 * 60 * 1000,
    LISTENERS_FIRST = 16
};

int64_t live_monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / 1000000;
}

/* ---- the thread ---- */

static void end_old_ones(struct live *live)
{
    int64_t now_ms = live_monotonic_ms();
    pthread_mutex_lock(&live->lock);
    for (size_t i = 0; i < live->count; i++)
        if (now_ms - live->listeners[i].joined_ms > LISTEN_MS)
            live->sink.end(live->sink.self, live->listeners[i].who);
    pthread_mutex_unlock(&live->lock);
}

static bool wait_for_listeners(struct live *live)
{
    pthread_mutex_lock(&live->lock);
    while (!live->count && !live->stopping)
        pthread_cond_wait(&live->changed, &live->lock);
    bool stopping = live->stopping;
    pthread_mutex_unlock(&live->lock);
    return !stopping;
}

static void *run(void *arg)
{
    struct live *live = arg;
    while (wait_for_listeners(live)) {
        live_round(live);
        end_old_ones(live);
        int pause_ms = live->thinned ? THINNED_MS : ROUND_MS;
        struct timespec pause = {0, (long)pause_ms * 1000 * 1000};
        nanosleep(&pause, NULL);
    }
    return NULL;
}

struct live *live_new(const struct services *services, const struct live_sink *sink)
{
    struct live *live = calloc(1, sizeof(*live));
    if (!live || pthread_mutex_init(&live->lock, NULL) || pthread_cond_init(&live->changed, NULL))
        abort();
    live->services = services;
    live->sink = *sink;
    arena_init(&live->arena, LIMIT_ARENA_BYTES);
    if (pthread_create(&live->thread, NULL, run, live))
        abort();
    return live;
}

void live_free(struct live *live)
{
    if (!live)
        return;
    pthread_mutex_lock(&live->lock);
    live->stopping = true;
    pthread_cond_signal(&live->changed);
    pthread_mutex_unlock(&live->lock);
    pthread_join(live->thread, NULL);
    arena_finish(&live->arena);
    pthread_cond_destroy(&live->changed);
    pthread_mutex_destroy(&live->lock);
    free(live->listeners);
    free(live->targets);
    free(live);
}

/* ---- who listens. Locked ---- */

static bool is_same(const struct live_view *a, const struct live_view *b)
{
    return partner_id_equal(a->partner, b->partner) && user_id_equal(a->manager, b->manager) &&
           a->kinds == b->kinds && a->is_partner == b->is_partner &&
           strcmp(a->tier, b->tier) == 0 && strcmp(a->country, b->country) == 0 &&
           strcmp(a->tag, b->tag) == 0;
}

static struct audience *join_audience(struct live *live, const struct live_view *view)
{
    struct audience *audience = live->audiences;
    while (audience && !is_same(&audience->view, view))
        audience = audience->next;
    if (!audience) {
        audience = calloc(1, sizeof(*audience));
        if (!audience)
            abort();
        audience->view = *view;
        audience->next = live->audiences;
        live->audiences = audience;
    }
    audience->members++;
    /* Whoever comes gets the numbers as they are now. */
    audience->owed = true;
    return audience;
}

static void leave_audience(struct live *live, struct audience *audience)
{
    if (--audience->members)
        return;
    struct audience **link = &live->audiences;
    while (*link != audience)
        link = &(*link)->next;
    *link = audience->next;
    free(audience);
}

static void make_room(struct live *live)
{
    if (live->count < live->cap)
        return;
    live->cap = live->cap ? live->cap * 2 : LISTENERS_FIRST;
    live->listeners = realloc(live->listeners, live->cap * sizeof(struct listener));
    live->targets = realloc(live->targets, live->cap * sizeof(void *));
    if (!live->listeners || !live->targets)
        abort();
}

void live_join(struct live *live, void *who, const struct live_view *view, struct fact_id after)
{
    pthread_mutex_lock(&live->lock);
    make_room(live);
    live->listeners[live->count++] = (struct listener){.who = who,
                                                       .audience = join_audience(live, view),
                                                       .after = after,
                                                       .is_new = true,
                                                       .joined_ms = live_monotonic_ms(),
                                                       .number = ++live->numbers};
    pthread_cond_signal(&live->changed);
    pthread_mutex_unlock(&live->lock);
}

void live_leave(struct live *live, const void *who)
{
    pthread_mutex_lock(&live->lock);
    for (size_t i = 0; i < live->count; i++) {
        if (live->listeners[i].who != who)
            continue;
        leave_audience(live, live->listeners[i].audience);
        live->listeners[i] = live->listeners[--live->count];
        break;
    }
    pthread_mutex_unlock(&live->lock);
}
