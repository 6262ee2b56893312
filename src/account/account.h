/* Users, sessions and tokens. */
#ifndef SRC_ACCOUNT_ACCOUNT_H
#define SRC_ACCOUNT_ACCOUNT_H

#include "src/core/ctx.h"

struct user {
    struct user_id id;
    struct str email;
    struct str name;
    enum role role;
    struct partner_id partner; /* role partner */
    bool disabled;
    int64_t created_ms;
    int64_t version;
};

/* ERR_NOT_FOUND. Texts in ctx's arena. */
MUST_CHECK enum err user_get(struct ctx *ctx, struct user_id id, struct user *ret_user);
/* By mail address, or by unambiguous name. */
MUST_CHECK enum err user_find(struct ctx *ctx, struct str text, struct user *ret_user);
/* Whether the user may be responsible for partners: enabled, role manager or administrator. */
MUST_CHECK enum err user_may_manage(struct ctx *ctx, struct user_id id, bool *ret_may);

/*
 * Turns a credential into an actor (on a read snapshot). ERR_UNAUTHENTICATED for one that is
 * unknown, expired or revoked. `account` in services keeps a small cache that every change of
 * users, sessions and tokens empties.
 */
MUST_CHECK enum err account_actor_of_session(struct ctx *ctx, struct str cookie,
                                             struct actor *ret_actor);
MUST_CHECK enum err account_actor_of_token(struct ctx *ctx, struct str token,
                                           struct actor *ret_actor);

/* State of the process: sign-in limits, the number of hashes computed at once. */
struct account *account_new(uint64_t seed);
void account_free(struct account *account);

#endif
