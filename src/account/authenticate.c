/*
 * From a credential to an actor. Most requests repeat a credential, so a small table remembers the
 * last ones for a second: long enough to spare a busy client's look-ups, short enough that a token
 * revoked by another process is dead at once.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/map.h"
#include "lib/base/rate_limit.h"
#include "src/account/account.h"
#include "src/account/account_state.h"
#include "src/account/account_store.h"

enum { CACHE_SLOTS = 256, CACHE_MS = 1000, NAME_BYTES_MAX = 255, ATTEMPT_KEYS_MAX = 10000 };

/*
 * How many attempts at once, and then how many a second. Of one peer for one address; of one peer
 * for all addresses; for one address from everywhere, so many that one peer cannot keep its owner
 * out.
 */
struct attempt_limit {
    double burst, per_second;
};
static const struct attempt_limit pair_limit = {10, 0.1}, peer_limit = {50, 0.5},
                                  email_limit = {100, 1};

struct cache_slot {
    uint8_t digest[DIGEST_BYTES];
    int64_t until_ms;
    struct actor actor; /* its name points into `name` */
    char name[NAME_BYTES_MAX + 1];
};

struct account {
    pthread_mutex_t lock;
    struct cache_slot slots[CACHE_SLOTS];
    struct rate_limit *pairs, *peers, *emails;
};

/* What a look-up asks and finds. */
struct lookup {
    const struct credential *credential;
    struct str digest;
    struct actor actor;
    int64_t expires_ms;
};

static struct rate_limit *new_limit(const struct attempt_limit *limit, uint64_t seed)
{
    return rate_limit_new(limit->per_second, limit->burst, ATTEMPT_KEYS_MAX, seed);
}

struct account *account_new(uint64_t seed)
{
    struct account *account = calloc(1, sizeof(*account));
    if (!account || pthread_mutex_init(&account->lock, NULL))
        abort();
    account->pairs = new_limit(&pair_limit, seed);
    account->peers = new_limit(&peer_limit, seed);
    account->emails = new_limit(&email_limit, seed);
    return account;
}

void account_free(struct account *account)
{
    if (!account)
        return;
    rate_limit_free(account->pairs);
    rate_limit_free(account->peers);
    rate_limit_free(account->emails);
    pthread_mutex_destroy(&account->lock);
    free(account);
}

void account_forget(struct account *account)
{
    if (!account)
        return;
    pthread_mutex_lock(&account->lock);
    for (size_t i = 0; i < CACHE_SLOTS; i++)
        account->slots[i].until_ms = 0;
    pthread_mutex_unlock(&account->lock);
}

static struct str pair_key(struct ctx *ctx, struct str email, struct str peer)
{
    struct buf key;
    buf_init(&key, ctx->arena, peer.len + email.len + 1);
    buf_add(&key, peer); /* may hold NUL */
    buf_add_char(&key, '\n');
    buf_add(&key, email);
    return buf_str(&key);
}

/* The widest limit comes last: a peer that is refused takes nothing from the owner's. */
int64_t account_take_attempt(struct ctx *ctx, struct str email, struct str peer)
{
    struct account *account = ctx->services->account;
    if (!account)
        return 0;
    int64_t wait_ms = rate_limit_take(account->pairs, pair_key(ctx, email, peer), 1, ctx->now_ms);
    if (!wait_ms)
        wait_ms = rate_limit_take(account->peers, peer, 1, ctx->now_ms);
    return wait_ms ? wait_ms : rate_limit_take(account->emails, email, 1, ctx->now_ms);
}

void account_forgive_attempts(struct ctx *ctx, struct str email, struct str peer)
{
    if (ctx->services->account)
        rate_limit_forgive(ctx->services->account->pairs, pair_key(ctx, email, peer), ctx->now_ms);
}

static struct cache_slot *slot_of(struct account *account, const uint8_t *digest)
{
    uint64_t hash;
    memcpy(&hash, digest, sizeof(hash));
    return &account->slots[hash % CACHE_SLOTS];
}

/* A token does not stand for a session, nor the other way round. */
static bool recall(struct ctx *ctx, const struct lookup *lookup, struct actor *ret_actor)
{
    const uint8_t *digest = (const uint8_t *)lookup->digest.ptr;
    bool is_token = lookup->credential->token.len > 0;
    struct account *account = ctx->services->account;
    if (!account)
        return false;
    pthread_mutex_lock(&account->lock);
    const struct cache_slot *slot = slot_of(account, digest);
    bool known = slot->until_ms > ctx->now_ms && token_id_is_set(slot->actor.token) == is_token &&
                 memcmp(slot->digest, digest, DIGEST_BYTES) == 0;
    if (known) {
        *ret_actor = slot->actor;
        ret_actor->name = arena_str(ctx->arena, slot->actor.name);
    }
    pthread_mutex_unlock(&account->lock);
    return known;
}

static void remember(struct ctx *ctx, const uint8_t *digest, const struct actor *actor,
                     int64_t until_ms)
{
    struct account *account = ctx->services->account;
    if (!account || actor->name.len > NAME_BYTES_MAX)
        return;
    pthread_mutex_lock(&account->lock);
    struct cache_slot *slot = slot_of(account, digest);
    memcpy(slot->digest, digest, DIGEST_BYTES);
    slot->actor = *actor;
    memcpy(slot->name, actor->name.ptr, actor->name.len);
    slot->actor.name.ptr = slot->name;
    slot->until_ms = until_ms < ctx->now_ms + CACHE_MS ? until_ms : ctx->now_ms + CACHE_MS;
    pthread_mutex_unlock(&account->lock);
}

static enum err dead(struct ctx *ctx)
{
    return CTX_FAULT(ctx, ERR_UNAUTHENTICATED, "credential", "This sign-in is not valid any more.");
}

static enum err find_session(struct ctx *ctx, struct lookup *lookup)
{
    struct user user;
    bool found;
    TRY(session_store_user(ctx, lookup->digest, &user, &lookup->expires_ms, &found));
    if (!found)
        return dead(ctx);
    lookup->actor = (struct actor){user.role, SCOPES_ALL, user.id, {0}, user.partner, user.email};
    return OK;
}

static enum err find_token(struct ctx *ctx, struct lookup *lookup)
{
    struct token token;
    bool found;
    TRY(token_store_find(ctx, lookup->digest, &token, &found));
    if (!found)
        return dead(ctx);
    lookup->expires_ms = token.expires_ms ? token.expires_ms : INT64_MAX;
    struct str name = arena_format(ctx->arena, "token:%.*s", STR_ARG(token.name));
    lookup->actor = (struct actor){token.role, token.scopes, {0}, token.id, token.partner, name};
    return OK;
}

static enum err look_up(struct ctx *ctx, void *arg)
{
    struct lookup *lookup = arg;
    return lookup->credential->token.len ? find_token(ctx, lookup) : find_session(ctx, lookup);
}

enum err account_authenticate(struct ctx *ctx, const struct credential *credential,
                              struct actor *ret_actor)
{
    struct str secret = credential->token.len ? credential->token : credential->session;
    if (!secret.len) {
        *ret_actor = (struct actor){.role = ROLE_PUBLIC};
        return OK;
    }
    uint8_t digest[DIGEST_BYTES];
    token_digest(secret, digest);
    struct lookup lookup = {.credential = credential,
                            .digest = {(const char *)digest, DIGEST_BYTES}};
    if (recall(ctx, &lookup, ret_actor))
        return OK;
    TRY(ctx_read(ctx, look_up, &lookup));
    remember(ctx, digest, &lookup.actor, lookup.expires_ms);
    *ret_actor = lookup.actor;
    return OK;
}

void credential_mark(const struct credential *credential, struct credential_mark *ret_mark)
{
    ret_mark->is_token = credential->token.len > 0;
    token_digest(ret_mark->is_token ? credential->token : credential->session, ret_mark->digest);
}

static bool same_rights(const struct actor *a, const struct actor *b)
{
    return a->role == b->role && a->scopes == b->scopes && user_id_equal(a->user, b->user) &&
           token_id_equal(a->token, b->token) && partner_id_equal(a->partner, b->partner);
}

enum err account_holds(struct ctx *ctx, const struct credential_mark *mark,
                       const struct actor *actor, bool *ret_holds)
{
    struct lookup lookup = {.digest = {(const char *)mark->digest, DIGEST_BYTES}};
    enum err err = mark->is_token ? find_token(ctx, &lookup) : find_session(ctx, &lookup);
    if (err == ERR_UNAUTHENTICATED)
        fault_clear(&ctx->fault);
    else
        TRY(err);
    *ret_holds = err == OK && same_rights(&lookup.actor, actor);
    return OK;
}
