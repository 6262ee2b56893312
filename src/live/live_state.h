/* Who listens to what, and how far the ledger was told. Private to src/live. */
#ifndef SRC_LIVE_LIVE_STATE_H
#define SRC_LIVE_LIVE_STATE_H

#include <pthread.h>

#include "src/live/live.h"

/* All who listen to the same: what is told to them is made once. */
struct audience {
    struct live_view view;
    size_t members;
    size_t index;   /* in the round of this number */
    uint64_t round; /* 0: in none yet */
    bool owed;      /* numbers of what it was told */
    struct audience *next;
};

struct listener {
    void *who;
    struct audience *audience;
    struct fact_id after; /* told up to here; moves only while it is new */
    bool is_new;          /* behind the others, or ahead of them */
    int64_t joined_ms;
    uint64_t number; /* the memory of who left may be another's later */
};

struct live {
    const struct services *services;
    struct live_sink sink;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct audience *audiences;
    struct listener *listeners;
    void **targets; /* as many as listeners */
    size_t count;
    size_t cap;
    uint64_t numbers;
    bool stopping;
    /* The thread's own. */
    struct arena arena;
    struct fact_id position; /* of all listeners that are not new */
    uint64_t round;
    bool thinned;
    int64_t numbers_ms; /* when numbers were told last, by the monotonic clock */
};

struct metric_scope live_view_scope(const struct live_view *view);
/* Inside a read. `what` counts in the totals of its partner. */
MUST_CHECK enum err live_view_wants(struct ctx *ctx, const struct live_view *view,
                                    const struct fact_tally *what, bool *ret_wants);

int64_t live_monotonic_ms(void);
/* On the thread: tells what was recorded since the last round, and what numbers it changed. */
void live_round(struct live *live);

#endif
