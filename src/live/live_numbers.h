/* The numbers that facts change, as the page reads them elsewhere: a partner's report, or the
 * pulse of a group or the channel. Private to src/live. */
#ifndef SRC_LIVE_LIVE_NUMBERS_H
#define SRC_LIVE_LIVE_NUMBERS_H

#include "src/live/live_view.h"

/* Without a transaction. `ret_event` is "report" or "pulse". The JSON lives as long as the
 * context's arena. */
MUST_CHECK enum err live_numbers(struct ctx *ctx, const struct live_view *view,
                                 const char **ret_event, struct str *ret_json);

#endif
