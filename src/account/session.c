/* Signing in and out. */
#include "src/account/account.h"
#include "src/account/account_state.h"
#include "src/account/account_store.h"
#include "src/core/audit.h"
#include "src/core/limits.h"

static struct str digest_of(struct ctx *ctx, struct str secret)
{
    uint8_t *digest = arena_alloc(ctx->arena, DIGEST_BYTES);
    token_digest(secret, digest);
    return (struct str){(const char *)digest, DIGEST_BYTES};
}

enum err account_limit(struct ctx *ctx, struct str email, struct str peer)
{
    int64_t wait_ms = account_take_attempt(ctx, account_email_key(ctx->arena, email), peer);
    if (!wait_ms)
        return OK;
    return CTX_FAULT(ctx, ERR_TOO_MANY, "sign_in_limit",
                     "Too many attempts; try again in %lld seconds.",
                     (long long)(wait_ms / MS_PER_SECOND + 1));
}

enum err session_check(struct ctx *ctx, struct str email, struct str password, struct str peer,
                       struct user_id *ret_user)
{
    struct user user;
    struct str hash;
    bool found;
    struct str key = account_email_key(ctx->arena, email);
    TRY(account_limit(ctx, email, peer));
    TRY(user_store_by_email(ctx, key, &user, &hash, &found));
    bool usable = found && !user.disabled && hash.len;
    /* The same work for an address that nobody has, so that time does not tell. */
    bool right = usable ? password_verify(hash, password) : password_verify_nobody(password);
    if (!right)
        return CTX_FAULT(ctx, ERR_UNAUTHENTICATED, "sign_in_failed",
                         "The mail address or the password is wrong.");
    account_forgive_attempts(ctx, key, peer);
    *ret_user = user.id;
    return OK;
}

/* Whoever signs in is nobody until then, and it is its deed. */
static enum err record_sign_in(struct ctx *ctx, struct user_id id)
{
    struct actor before = ctx->actor;
    struct user user;
    TRY(user_get(ctx, id, &user));
    ctx->actor.user = id;
    ctx->actor.name = user.email;
    enum err err = audit_record(ctx, (struct audit_subject){"user", id.v, {0}}, "signed in", NULL);
    ctx->actor = before;
    return err;
}

enum err session_begin(struct ctx *ctx, struct user_id user, struct str *ret_secret)
{
    struct str secret = token_new(&ctx->services->entropy, ctx->arena);
    int64_t expires_ms = ctx->now_ms + (int64_t)LIMIT_SESSION_DAYS * MS_PER_DAY;
    TRY(session_store_insert(ctx, digest_of(ctx, secret), user, expires_ms));
    TRY(record_sign_in(ctx, user));
    *ret_secret = secret;
    return OK;
}

enum err session_end(struct ctx *ctx, struct str secret)
{
    account_forget(ctx->services->account);
    return session_store_delete(ctx, digest_of(ctx, secret));
}
