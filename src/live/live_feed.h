/*
 * Who follows, and the thread that tells them. A follower stands in an audience with all others of
 * the same view, so that each event is made once for all of them. Private to src/live.
 */
#ifndef SRC_LIVE_LIVE_FEED_H
#define SRC_LIVE_LIVE_FEED_H

#include "lib/http/http.h"
#include "src/account/account.h"
#include "src/live/live.h"
#include "src/live/live_view.h"

struct live_follower;

/* Who asks; copied. */
struct live_rights {
    struct credential_mark credential;
    struct actor actor;
};

/* All of these on any thread. */

/* Takes a place for a stream. ERR_TOO_MANY or ERR_BUSY when there is none. */
MUST_CHECK enum err live_admit(struct ctx *ctx, const struct live_rights *rights,
                               struct live_follower **ret_follower);
/* Tells it of every fact after `after`; the stream is borrowed until live_leave. */
void live_join(struct live_follower *follower, struct http_stream *stream,
               const struct live_view *view, struct fact_id after);
/* Gives the place back, joined or not; the stream is not touched after this. */
void live_leave(void *follower);

#endif
