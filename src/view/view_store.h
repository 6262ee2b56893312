/* Statements of saved views. Private to src/view. */
#ifndef SRC_VIEW_VIEW_STORE_H
#define SRC_VIEW_VIEW_STORE_H

#include "src/view/view.h"

MUST_CHECK enum err view_store_list(struct ctx *ctx, struct user_id user, struct str list,
                                    struct views *ret_views);
MUST_CHECK enum err view_store_get(struct ctx *ctx, struct user_id user, struct view_id id,
                                   struct view *ret_view, bool *ret_found);
MUST_CHECK enum err view_store_insert(struct ctx *ctx, struct user_id user,
                                      const struct view *view);
MUST_CHECK enum err view_store_update(struct ctx *ctx, const struct view *view);
MUST_CHECK enum err view_store_delete(struct ctx *ctx, struct user_id user, struct view_id id,
                                      int64_t *ret_rows);

#endif
