/* Server-sent events as text. Private to src/live. */
#ifndef SRC_LIVE_LIVE_EVENT_H
#define SRC_LIVE_LIVE_EVENT_H

#include "src/live/live_round.h"

/* "fact": as GET /api/v1/facts/{id} shows it to the view's actor. */
void live_put_fact(struct buf *buf, const struct live_fact *told, const struct live_view *view);
/* The same without the event around it. */
struct json_writer;
void live_fact_render(const struct live_fact *told, const struct live_view *view,
                      struct json_writer *writer);
/* "totals": how many, and of which kinds; everything up to `id` is told. */
void live_put_totals(struct buf *buf, const struct live_totals *totals, struct fact_id id);
void live_totals_render(const struct live_totals *totals, struct json_writer *writer);
/* An event with this JSON; `id` may be unset. "ready" and "reload" have {}. */
void live_put_event(struct buf *buf, const char *event, struct fact_id id, struct str json);
/* What a round has for the view; nothing where it has nothing. `buf` is empty before. Facts that do
 * not fit into it are told as totals. */
MUST_CHECK enum err live_put_round(struct buf *buf, struct live_round *round,
                                   const struct live_view *view);

#endif
