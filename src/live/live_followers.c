/* Who follows: coming, staying in an audience, leaving. */
#include <stdlib.h>

#include "lib/base/time.h"
#include "src/core/limits.h"
#include "src/live/live_state.h"

enum { ROOM_FIRST = 4 };

/* Grows an array of pointers. */
static void *make_room(void *array, size_t count, size_t *cap)
{
    if (count < *cap)
        return array;
    *cap = *cap ? *cap * 2 : ROOM_FIRST;
    void *grown = realloc(array, *cap * sizeof(void *));
    if (!grown)
        abort();
    return grown;
}

void live_ring(struct live *live)
{
    pthread_mutex_lock(&live->wake_lock);
    /* Once a round: a busy writer does not wake a thread for each of its groups. */
    if (!live->is_woken)
        pthread_cond_signal(&live->wake);
    live->is_woken = true;
    pthread_mutex_unlock(&live->wake_lock);
}

struct live_follower *live_find(struct live *live, uint64_t number)
{
    for (size_t i = 0; i < live->count; i++)
        if (live->followers[i]->number == number)
            return live->followers[i];
    return NULL;
}

void live_wake(void *self)
{
    struct live *live = self;
    if (atomic_load(&live->has_followers))
        live_ring(live);
}

/* ---- audiences, locked ---- */

static struct audience *find_audience(struct live *live, const struct live_view *view)
{
    for (size_t i = 0; i < live->audience_count; i++)
        if (live_view_equal(live->audiences[i]->view, view))
            return live->audiences[i];
    struct audience *audience = calloc(1, sizeof(*audience));
    if (!audience)
        abort();
    audience->view = live_view_new(view);
    audience->told_at = UINT64_MAX;
    audience->numbers_ms = monotonic_ms(); /* whoever comes has loaded them */
    live->audiences = make_room(live->audiences, live->audience_count, &live->audience_cap);
    live->audiences[live->audience_count++] = audience;
    return audience;
}

void live_settle(struct live_follower *follower)
{
    struct audience *audience = follower->audience;
    size_t cap = audience->cap;
    audience->followers = make_room(audience->followers, audience->count, &cap);
    audience->streams = make_room(audience->streams, audience->count, &audience->cap);
    audience->followers[audience->count] = follower;
    audience->streams[audience->count] = follower->stream;
    follower->place = audience->count++;
    follower->is_new = false;
    follower->live->new_count--;
}

static void unsettle(const struct live_follower *follower)
{
    struct audience *audience = follower->audience;
    size_t last = --audience->count;
    audience->followers[follower->place] = audience->followers[last];
    audience->streams[follower->place] = audience->streams[last];
    audience->followers[follower->place]->place = follower->place;
}

static bool is_awaited(const struct live *live, const struct audience *audience)
{
    if (audience->count)
        return true;
    for (size_t i = 0; live->new_count && i < live->count; i++)
        if (live->followers[i]->is_new && live->followers[i]->audience == audience)
            return true;
    return false;
}

void live_sweep(struct live *live)
{
    for (size_t i = live->audience_count; i > 0; i--) {
        struct audience *audience = live->audiences[i - 1];
        audience->held.len = 0;
        if (is_awaited(live, audience))
            continue;
        live->audiences[i - 1] = live->audiences[--live->audience_count];
        free(audience->view);
        free(audience->followers);
        free(audience->streams);
        free(audience);
    }
}

/* ---- coming and leaving ---- */

static size_t count_of(const struct live *live, const struct actor *actor)
{
    size_t count = 0;
    for (size_t i = 0; i < live->count; i++) {
        const struct actor *other = &live->followers[i]->rights.actor;
        count +=
            user_id_equal(other->user, actor->user) && token_id_equal(other->token, actor->token);
    }
    return count;
}

static enum err check_room(struct ctx *ctx, const struct live *live, const struct actor *actor)
{
    if (live->count >= LIMIT_STREAMS)
        return CTX_FAULT(ctx, ERR_BUSY, "streams_full",
                         "There are %d open streams, as many as the server keeps.", LIMIT_STREAMS);
    if (count_of(live, actor) >= LIMIT_STREAMS_ACTOR)
        return CTX_FAULT(ctx, ERR_TOO_MANY, "streams_of_actor",
                         "You have %d open streams; close one of them first.", LIMIT_STREAMS_ACTOR);
    return OK;
}

enum err live_admit(struct ctx *ctx, const struct live_rights *rights,
                    struct live_follower **ret_follower)
{
    struct live *live = ctx->services->live;
    struct live_follower *follower = calloc(1, sizeof(*follower));
    if (!follower)
        abort();
    follower->live = live;
    follower->rights = *rights;
    follower->rights.actor.name = (struct str){NULL, 0};
    pthread_mutex_lock(&live->lock);
    enum err err = check_room(ctx, live, &rights->actor);
    if (err == OK) {
        live->followers = make_room(live->followers, live->count, &live->cap);
        follower->seat = live->count;
        follower->number = ++live->numbers;
        live->followers[live->count++] = follower;
    }
    pthread_mutex_unlock(&live->lock);
    if (err != OK) {
        free(follower);
        return err;
    }
    *ret_follower = follower;
    return OK;
}

void live_join(struct live_follower *follower, struct http_stream *stream,
               const struct live_view *view, struct fact_id after)
{
    struct live *live = follower->live;
    pthread_mutex_lock(&live->lock);
    follower->stream = stream;
    follower->after = after;
    follower->is_new = true;
    follower->audience = find_audience(live, view);
    live->new_count++;
    atomic_store(&live->has_followers, true);
    pthread_mutex_unlock(&live->lock);
    live_ring(live);
}

void live_leave(void *leaving)
{
    struct live_follower *follower = leaving;
    struct live *live = follower->live;
    pthread_mutex_lock(&live->lock);
    if (follower->is_new)
        live->new_count--;
    else if (follower->audience)
        unsettle(follower);
    live->followers[follower->seat] = live->followers[--live->count];
    live->followers[follower->seat]->seat = follower->seat;
    if (!live->count)
        atomic_store(&live->has_followers, false);
    pthread_mutex_unlock(&live->lock);
    free(follower);
}
