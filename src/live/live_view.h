/* What one follower is told of: a filter, and what its actor may see. Private to src/live. */
#ifndef SRC_LIVE_LIVE_VIEW_H
#define SRC_LIVE_LIVE_VIEW_H

#include "src/metric/metric.h"

struct live_view {
    /* The partner is one that was not merged away. Texts are the holder's. */
    struct metric_scope scope;
    unsigned kinds;         /* bits FACT_KIND_BIT; 0: all */
    struct partner_id only; /* the only partner that the actor sees; unset: it sees the channel */
};

/* Inside a read: checks the filter against the actor's rights and resolves its partner.
 * ERR_INVALID, ERR_FORBIDDEN or ERR_NOT_FOUND as for the numbers of the same scope. */
MUST_CHECK enum err live_view_open(struct ctx *ctx, const struct metric_scope *scope,
                                   unsigned kinds, struct live_view *ret_view);
bool live_view_equal(const struct live_view *a, const struct live_view *b);
/* Copies with its texts into one block, which the caller frees. */
struct live_view *live_view_new(const struct live_view *view);
/* Partner, group and product aside. */
bool live_view_has_kind(const struct live_view *view, enum fact_kind kind);
/* Names a partner, so that it is told of reports. */
bool live_view_is_partner(const struct live_view *view);
/* Acts as somebody who sees what this view may show. */
struct actor live_view_actor(const struct live_view *view);

#endif
