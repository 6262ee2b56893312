/* Users, sessions and tokens. */
#ifndef SRC_ACCOUNT_ACCOUNT_H
#define SRC_ACCOUNT_ACCOUNT_H

#include "src/core/ctx.h"
#include "src/core/page.h"

/* ---- users ---- */

struct user {
    struct user_id id;
    struct str email; /* lower case; what one signs in with */
    struct str name;
    enum role role;
    struct partner_id partner; /* role partner */
    bool disabled;
    bool has_password;
    int64_t created_ms;
    int64_t version;
};

/* What is to be set; texts as given. `hash` empty: no password, so nobody can sign in as this user.
 */
struct user_draft {
    struct str email, name;
    enum role role;
    struct partner_id partner;
    struct str hash;
};
struct user_change {
    bool name_given, role_given, disabled_given;
    struct str name;
    enum role role;
    bool disabled;
};

/* ERR_CONFLICT when the address is taken; ERR_INVALID for a bad one or a partner role without a
 * partner. */
MUST_CHECK enum err user_add(struct ctx *ctx, const struct user_draft *draft,
                             struct user *ret_user);
/*
 * The last enabled administrator stays one, and the organisation's default manager may be
 * responsible: ERR_CONFLICT. The partners of a user who may be responsible no longer go to the
 * default manager. Ends the user's sessions when role or access change.
 */
MUST_CHECK enum err user_update(struct ctx *ctx, struct user_id id, int64_t version,
                                const struct user_change *change, struct user *ret_user);
/* Ends all of its sessions. */
MUST_CHECK enum err user_set_password(struct ctx *ctx, struct user_id id, struct str hash);
/* ERR_INVALID for a password that is too short, too long or well known; costs 20 ms. */
MUST_CHECK enum err user_hash_password(struct ctx *ctx, struct str password, struct str *ret_hash);
/* 100 random bits as four groups of letters that are not mistaken for others. In the arena. */
struct str user_generate_password(struct ctx *ctx);
/* ERR_NOT_FOUND. Texts in ctx's arena. */
MUST_CHECK enum err user_get(struct ctx *ctx, struct user_id id, struct user *ret_user);
/* By printed id, by mail address, or by unambiguous name (ERR_CONFLICT otherwise). */
MUST_CHECK enum err user_find(struct ctx *ctx, struct str text, struct user *ret_user);
struct user_page {
    struct user *rows;
    size_t count;
    struct str next; /* the cursor of the next page; empty: none */
};
/* By mail address. */
MUST_CHECK enum err user_list(struct ctx *ctx, const struct page *page, struct user_page *ret_page);
/* Those who may be responsible for partners: enabled managers and administrators. */
MUST_CHECK enum err user_list_managers(struct ctx *ctx, const struct page *page,
                                       struct user_page *ret_page);
/* ERR_INVALID unless enabled with the role manager or administrator: who may be responsible for
 * partners. */
MUST_CHECK enum err user_check_manager(struct ctx *ctx, struct user_id id);

/* ---- sessions ---- */

/* ERR_TOO_MANY when the address or the peer tried too often. */
MUST_CHECK enum err session_check(struct ctx *ctx, struct str email, struct str password,
                                  struct str peer, struct user_id *ret_user);
/* Counts one more attempt of this address and peer, as a sign-in does; ERR_TOO_MANY. */
MUST_CHECK enum err account_limit(struct ctx *ctx, struct str email, struct str peer);
/* Inside a write: a new session; `ret_secret` goes into the cookie and is stored only as its
 * digest. */
MUST_CHECK enum err session_begin(struct ctx *ctx, struct user_id user, struct str *ret_secret);
MUST_CHECK enum err session_end(struct ctx *ctx, struct str secret);

/* ---- tokens ---- */

struct token {
    struct token_id id;
    struct str name;
    enum role role;
    unsigned scopes;
    struct partner_id partner;
    struct str created_by;
    int64_t created_ms;
    int64_t expires_ms; /* 0: never */
    int64_t revoked_ms;
};
struct token_draft {
    struct str name;
    enum role role;
    unsigned scopes;
    struct partner_id partner;
    int64_t expires_ms;
};
/* `ret_secret` is shown once and stored only as its digest. */
MUST_CHECK enum err token_create(struct ctx *ctx, const struct token_draft *draft,
                                 struct token *ret_token, struct str *ret_secret);
MUST_CHECK enum err token_revoke(struct ctx *ctx, struct token_id id);
struct token_page {
    struct token *rows;
    size_t count;
    struct str next; /* the cursor of the next page; empty: none */
};
/* Newest first. */
MUST_CHECK enum err token_list(struct ctx *ctx, const struct page *page,
                               struct token_page *ret_page);

/* Users and tokens of one partner become another's, after a merge: their printed ids. */
MUST_CHECK enum err account_move_partner(struct ctx *ctx, struct partner_id from,
                                         struct partner_id into, struct str **ret_ids,
                                         size_t *ret_count);

/* ---- who is it ---- */

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
/* What a request carries; a token goes before a cookie. */
struct http_exchange;
struct credential credential_read(const struct http_exchange *exchange);

/* A credential without its secret, to ask later whether it still holds. */
struct credential_mark {
    uint8_t digest[DIGEST_BYTES];
    bool is_token;
};
void credential_mark(const struct credential *credential, struct credential_mark *ret_mark);
/* Inside a read: `ret_holds` says whether it would still make this actor, with all of its rights.
 */
MUST_CHECK enum err account_holds(struct ctx *ctx, const struct credential_mark *mark,
                                  const struct actor *actor, bool *ret_holds);

/* State of the process: the cache of credentials, the limits of sign-in attempts. */
struct account *account_new(uint64_t seed);
void account_free(struct account *account);

struct query_table;
struct route_table;
struct command_table;
extern const struct query_table account_queries;
extern const struct route_table account_routes, session_routes;
extern const struct command_table account_commands;

#endif
