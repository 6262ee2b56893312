/*
 * The live stream: what is recorded reaches everybody who follows, in the order of recording,
 * whoever records it. The ledger is the truth and an event's id is its fact's, so a stream goes on
 * where it ended. See docs/adr/0010-the-live-stream.md.
 */
#ifndef SRC_LIVE_LIVE_H
#define SRC_LIVE_LIVE_H

#include "src/core/ctx.h"

struct live;

/* `services` is borrowed; its database must be open until live_stop. */
struct live *live_new(const struct services *services);
/* Nobody is told anything any more. Any number of times; NULL is fine. */
void live_stop(struct live *live);
/* Stops. No stream is left, and nothing is written any more. NULL is fine. */
void live_free(struct live *live);

/* Something was committed: looks at once. On the writer; quick. */
void live_wake(void *live);

struct live_counts {
    int64_t streams;
    uint64_t facts, totals, numbers; /* events that were made */
};
void live_counts(struct live *live, struct live_counts *ret_counts);

struct route_table;
struct command_table;
extern const struct route_table live_routes;
extern const struct command_table live_commands;

#endif
