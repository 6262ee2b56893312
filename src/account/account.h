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

/* What a request carries; each may be empty. */
struct credential {
    struct str session; /* the cookie's value */
    struct str token;   /* of `Authorization: Bearer` */
};
/*
 * Turns a credential into an actor; nobody (ROLE_PUBLIC) without one. ERR_UNAUTHENTICATED for one
 * that is unknown, expired or revoked. Called without a transaction: takes a read snapshot itself
 * when its small cache does not know the credential. Changes made through this process empty the
 * cache; those of another process count within a second.
 */
MUST_CHECK enum err account_authenticate(struct ctx *ctx, const struct credential *credential,
                                         struct actor *ret_actor);
#define ACCOUNT_SESSION_COOKIE "rapport_session"

/* State of the process: sign-in limits, the number of hashes computed at once. */
struct account *account_new(uint64_t seed);
void account_free(struct account *account);

#endif
