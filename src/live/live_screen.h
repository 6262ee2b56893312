/*
 * What `rapport watch` shows: on a terminal the numbers on top and the newest facts under them,
 * else a line for each. Private to src/live.
 */
#ifndef SRC_LIVE_LIVE_SCREEN_H
#define SRC_LIVE_LIVE_SCREEN_H

#include "src/core/command.h"
#include "src/live/live_event.h"

struct live_screen;
/* On a terminal it takes the whole screen until live_screen_close. */
struct live_screen *live_screen_open(const struct command_run *run, const struct live_view *view);
/* Gives the terminal back. NULL is fine. */
void live_screen_close(struct live_screen *screen);
bool live_screen_is_terminal(const struct live_screen *screen);

/* ERR_IO when nobody reads any more. */
MUST_CHECK enum err live_screen_fact(struct live_screen *screen, const struct live_fact *told,
                                     struct arena *scratch);
MUST_CHECK enum err live_screen_totals(struct live_screen *screen, const struct live_totals *totals,
                                       int64_t now_ms, struct arena *scratch);
/* One of them. On a terminal what stands on top from now on, else a line. */
MUST_CHECK enum err live_screen_pulse(struct live_screen *screen, const struct metric_pulse *pulse,
                                      struct arena *scratch);
MUST_CHECK enum err live_screen_report(struct live_screen *screen,
                                       const struct metric_report *report, int64_t now_ms,
                                       struct arena *scratch);
/* On a terminal: draws what has changed since. */
MUST_CHECK enum err live_screen_draw(struct live_screen *screen, struct arena *scratch);

#endif
