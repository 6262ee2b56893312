/* What the followers' list and the feed's thread share. Private to live_followers.c and
 * live_feed.c. */
#ifndef SRC_LIVE_LIVE_STATE_H
#define SRC_LIVE_LIVE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "src/live/live_feed.h"

/* Everybody with the same view. Freed by the feed's thread only, so that it may use one unlocked.
 */
struct audience {
    struct live_view *view;
    struct live_follower **followers;
    struct http_stream **streams; /* theirs, in the same order */
    size_t count, cap;
    /* The feed's thread's own. */
    int64_t listed; /* `count`, when it was looked at last */
    bool numbers_due;
    int64_t numbers_ms; /* when they were told last, monotonic */
    int64_t told_ms;    /* when the first fact was told whose numbers are due */
    uint64_t told_at;   /* how many facts there had been when it was told anything */
    struct str held;    /* totals of this round that go out with its numbers; in the arena */
};

struct live_follower {
    struct live *live;
    struct live_rights rights; /* the actor's name is not kept */
    struct http_stream *stream;
    struct audience *audience; /* NULL: not joined */
    struct fact_id after;      /* told up to here; only while it is new */
    uint64_t number;           /* a follower's memory may be another's later */
    size_t seat;               /* in live->followers */
    size_t place;              /* in the audience, once it is not new */
    bool is_new;               /* behind the others, or ahead of them */
};

struct live {
    const struct services *services;
    pthread_t thread;
    bool stopped;

    pthread_mutex_t lock; /* of the followers; held for no longer than it takes to push */
    struct live_follower **followers;
    size_t count, cap;
    struct audience **audiences;
    size_t audience_count, audience_cap;
    uint64_t numbers;
    size_t new_count;

    /* The alarm clock: a lock of its own, so that the writer waits for nobody. */
    pthread_mutex_t wake_lock;
    pthread_cond_t wake;
    bool is_woken;
    bool is_stopping;
    atomic_bool has_followers;

    /* The thread's own. */
    struct arena arena;
    struct fact_id position;        /* of all followers that are not new */
    int64_t kinds[FACT_KIND_COUNT]; /* facts that there were at the position, where it is known */
    bool knows_kinds;
    int64_t domain_position; /* the last change at a domain that was told; 0: not known yet */
    uint64_t facts_seen;
    size_t rights_seat; /* who is to be asked next whether it still may follow */
    size_t numbers_at;  /* the audience whose numbers are next */
    int64_t rights_ms;
    bool is_bulk;

    atomic_uint_fast64_t made_facts, made_totals, made_numbers;
};

/* Not locked. Rings the alarm clock. */
void live_ring(struct live *live);
/* Locked. The follower with this number; NULL when it has left. */
struct live_follower *live_find(struct live *live, uint64_t number);
/* Locked. A follower that is new takes its place among the others of its view. */
void live_settle(struct live_follower *follower);
/* Locked, on the feed's thread, after a round. Frees audiences that nobody is in. */
void live_sweep(struct live *live);

#endif
