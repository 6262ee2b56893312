/*
 * What happens, as it happens: follows the ledger, whichever process writes it, and tells everybody
 * who listens. The ledger is the truth and an event's id is its fact's, so whoever was away goes on
 * where it was, without a gap or a double.
 */
#ifndef SRC_LIVE_LIVE_H
#define SRC_LIVE_LIVE_H

#include "src/core/ctx.h"
#include "src/core/limits.h"
#include "src/ledger/ledger.h"
#include "src/metric/metric.h"

/*
 * fact: one fact, as the API shows it. totals: too many at once to tell each; how many of which
 * kinds. report: the partner's live report after a change, for those who follow one partner. pulse:
 * today's numbers after a change, for the others. reload: more was missed than is told again.
 * ready: all that was missed has been told.
 */
enum live_kind { LIVE_FACT, LIVE_TOTALS, LIVE_REPORT, LIVE_PULSE, LIVE_RELOAD, LIVE_READY };
const char *live_kind_name(enum live_kind kind);

struct live_event {
    enum live_kind kind;
    struct fact_id id; /* the last fact that it tells of; unset: of none */
    struct str json;
};

enum { LIVE_TIER_BYTES = 200 };

/* What somebody listens to. */
struct live_view {
    struct partner_id partner; /* one that was not merged away; unset: a group or the channel */
    struct user_id manager;    /* members of the group; all unset: the channel */
    char tier[LIVE_TIER_BYTES + 1], country[3], tag[LIMIT_TAG_BYTES + 1];
    unsigned kinds;  /* bits FACT_KIND_BIT; 0: all */
    bool is_partner; /* a partner's own people: not what goods cost the vendor */
};

/* How listeners are told. On the thread of the live, under its lock: must not wait. */
struct live_sink {
    void *self;
    void (*tell)(void *self, void *const *listeners, size_t count, const struct live_event *event);
    /* It listened for long enough and should come back, so that its rights are looked at again. */
    void (*end)(void *self, void *listener);
};

struct live;
/* `services` and what the sink points to are borrowed until live_free; the database is open. */
struct live *live_new(const struct services *services, const struct live_sink *sink);
/* Nobody listens any more. NULL is fine. */
void live_free(struct live *live);
/* Any thread. From the next fact after `after` on. The listener is borrowed until live_leave. */
void live_join(struct live *live, void *listener, const struct live_view *view,
               struct fact_id after);
/* Any thread. After this the sink hears of the listener no more. */
void live_leave(struct live *live, const void *listener);

/*
 * Inside a read: the facts after `after` that the view has, then LIVE_READY. LIVE_RELOAD before it
 * when they are too many, or when `after` is of a later ledger than this. Events in the context's
 * arena.
 */
struct live_missed {
    struct live_event *events;
    size_t count;
    struct fact_id newest; /* where live_join goes on */
};
MUST_CHECK enum err live_missed(struct ctx *ctx, const struct live_view *view, struct fact_id after,
                                struct live_missed *ret_missed);

/* For services->live of a server; tells streams of lib/http. */
struct live *live_server_new(const struct services *services);

struct route_table;
struct command_table;
extern const struct route_table live_routes;
extern const struct command_table live_commands;

#endif
