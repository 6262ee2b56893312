/* Events as JSON. Private to src/live. */
#ifndef SRC_LIVE_LIVE_EVENTS_H
#define SRC_LIVE_LIVE_EVENTS_H

#include "src/live/live.h"

/* All in the arena. */
struct live_event live_fact_event(const struct fact *fact, bool for_partner, struct arena *arena);
/* `kinds` by enum fact_kind; `id` is the last fact's. */
struct live_event live_totals_event(const int64_t kinds[FACT_KIND_COUNT], struct fact_id id,
                                    struct arena *arena);
/* Without content. */
struct live_event live_mark_event(enum live_kind kind, struct fact_id id);

#endif
