/* Saved views: how a user left a list, under a name, to come back to it. Each user's own. */
#ifndef SRC_VIEW_VIEW_H
#define SRC_VIEW_VIEW_H

#include "src/core/ctx.h"

enum {
    VIEW_LIST_BYTES = 40,
    VIEW_NAME_BYTES = 80,
    VIEW_QUERY_BYTES = 2048, /* filters of the page's own address */
    VIEW_MAX = 100           /* of one user: a menu, not an archive */
};

struct view {
    struct view_id id;
    struct str list;  /* which: "partners"; lower-case letters, digits, '-' and '_' */
    struct str name;  /* unique within the user's views of the list */
    struct str query; /* what the page keeps: opaque to the server */
    int64_t created_ms, updated_ms;
    int64_t version;
};
struct views {
    struct view *rows; /* by list and name */
    size_t count;
};

/*
 * All use cases: ERR_INVALID for an actor that is no user (tokens, the shell), since a view is a
 * person's; ERR_NOT_FOUND for a view of somebody else.
 */
/* `list` empty: of all lists. */
MUST_CHECK enum err view_list(struct ctx *ctx, struct str list, struct views *ret_views);
/* Inside a write, as the others. ERR_CONFLICT for a name that the list has, ERR_TOO_LARGE over
 * VIEW_MAX, ERR_INVALID with the field. */
MUST_CHECK enum err view_create(struct ctx *ctx, const struct view *draft, struct view *ret_view);
/* What is not given stays. ERR_STALE. */
struct view_change {
    int64_t version;
    bool has_name, has_query;
    struct str name, query;
};
MUST_CHECK enum err view_update(struct ctx *ctx, struct view_id id,
                                const struct view_change *change, struct view *ret_view);
MUST_CHECK enum err view_delete(struct ctx *ctx, struct view_id id);

struct query_table;
struct route_table;
extern const struct query_table view_queries;
extern const struct route_table view_routes;

#endif
