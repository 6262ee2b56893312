/* Tests of signing in, of tokens, and of who a credential stands for. */
#include <stdio.h>

#include "src/account/account.h"
#include "src/core/audit.h"
#include "src/core/limits.h"
#include "tests/support/test.h"
#include "tests/support/world.h"

static const char password[] = "correct horse battery";

/* A world whose manager has the password above, and whose attempts are counted. */
static enum err set_password(struct ctx *ctx, void *arg)
{
    struct world *world = arg;
    struct str hash;
    TRY(user_hash_password(ctx, STR("correct horse battery"), &hash));
    return user_set_password(ctx, world->manager, hash);
}

static void open_world(struct world *world)
{
    world_open(world);
    world->services.account = account_new(1);
    CHECK_OK(ctx_write(world_as(world, ROLE_ADMIN), set_password, world));
}

static void close_world(struct world *world)
{
    account_free(world->services.account);
    world_close(world);
}
#define SCOPED_WORLD CLEANUP(close_world) struct world

/* ---- use cases as jobs ---- */

struct attempt {
    struct str email, password, peer;
    struct user_id user;
    struct str secret;
};

static enum err check(struct ctx *ctx, void *arg)
{
    struct attempt *attempt = arg;
    return session_check(ctx, attempt->email, attempt->password, attempt->peer, &attempt->user);
}

static enum err begin(struct ctx *ctx, void *arg)
{
    struct attempt *attempt = arg;
    return session_begin(ctx, attempt->user, &attempt->secret);
}

static enum err try_password(struct world *world, const char *email, const char *given,
                             const char *peer)
{
    struct attempt attempt = {
        .email = str_from_c(email), .password = str_from_c(given), .peer = str_from_c(peer)};
    return ctx_read(world_as(world, ROLE_PUBLIC), check, &attempt);
}

static struct str signed_in(struct world *world)
{
    struct attempt attempt = {
        .email = STR(WORLD_MANAGER_EMAIL), .password = str_from_c(password), .peer = STR("peer")};
    CHECK_OK(ctx_read(world_as(world, ROLE_PUBLIC), check, &attempt));
    CHECK(user_id_equal(world->manager, attempt.user));
    CHECK_OK(ctx_write(world_as(world, ROLE_PUBLIC), begin, &attempt));
    return attempt.secret;
}

static enum err who_is(struct world *world, struct credential credential)
{
    struct ctx *ctx = world_as(world, ROLE_PUBLIC);
    struct actor actor = {0};
    TRY(account_authenticate(ctx, &credential, &actor));
    ctx->actor = actor;
    return OK;
}

static enum err end_session(struct ctx *ctx, void *secret)
{
    return session_end(ctx, *(struct str *)secret);
}

static enum err disable_manager(struct ctx *ctx, void *arg)
{
    struct world *world = arg;
    struct user user;
    struct user_change change = {.disabled_given = true, .disabled = true};
    return user_update(ctx, world->manager, 0, &change, &user);
}

/* ---- signing in ---- */

TEST(session_check, takes_the_right_password_in_any_case_of_the_address)
{
    SCOPED_WORLD world;
    open_world(&world);
    CHECK_OK(try_password(&world, "MAX@example.com", password, "a"));
    CHECK_ERR(ERR_UNAUTHENTICATED, try_password(&world, WORLD_MANAGER_EMAIL, "wrong", "a"));
    CHECK_ERR(ERR_UNAUTHENTICATED, try_password(&world, "nobody@example.com", password, "a"));
}

TEST(session_check, says_the_same_for_a_wrong_password_and_a_wrong_address)
{
    SCOPED_WORLD world;
    char sentence[FAULT_SENTENCE_MAX];
    open_world(&world);
    CHECK_ERR(ERR_UNAUTHENTICATED, try_password(&world, WORLD_MANAGER_EMAIL, "wrong", "a"));
    memcpy(sentence, world.ctx.fault.sentence, sizeof(sentence));
    CHECK_ERR(ERR_UNAUTHENTICATED, try_password(&world, "nobody@example.com", "wrong", "a"));
    CHECK_STR(sentence, str_from_c(world.ctx.fault.sentence));
}

TEST(session_check, refuses_users_without_password_and_disabled_ones)
{
    SCOPED_WORLD world;
    open_world(&world);
    CHECK_ERR(ERR_UNAUTHENTICATED, try_password(&world, WORLD_ADMIN_EMAIL, "", "a"));
    CHECK_OK(ctx_write(world_as(&world, ROLE_ADMIN), disable_manager, &world));
    CHECK_ERR(ERR_UNAUTHENTICATED, try_password(&world, WORLD_MANAGER_EMAIL, password, "a"));
}

TEST(session_check, limits_attempts_of_one_peer_for_an_address_and_of_nobody_else)
{
    SCOPED_WORLD world;
    open_world(&world);
    for (int i = 0; i < 40; i++)
        CHECK_ERR(
            i < 10 ? ERR_UNAUTHENTICATED : ERR_TOO_MANY,
            try_password(&world, i % 2 ? "max@example.com" : "MAX@EXAMPLE.COM", "wrong", "a"));
    CHECK_OK(try_password(&world, WORLD_MANAGER_EMAIL, password, "b"));
    CHECK_ERR(ERR_TOO_MANY, try_password(&world, WORLD_MANAGER_EMAIL, password, "a"));
    world_set_now(&world, WORLD_START_MS + 11 * MS_PER_SECOND);
    CHECK_OK(try_password(&world, WORLD_MANAGER_EMAIL, password, "a"));
}

TEST(session_check, limits_attempts_for_an_address_from_wherever_they_come)
{
    SCOPED_WORLD world;
    char peer[16];
    int refused = 0;
    open_world(&world);
    for (int i = 0; i < 110; i++) {
        snprintf(peer, sizeof(peer), "192.0.2.%d", i);
        refused += try_password(&world, WORLD_MANAGER_EMAIL, "wrong", peer) == ERR_TOO_MANY;
    }
    CHECK_INT(10, refused);
    CHECK_ERR(ERR_TOO_MANY, try_password(&world, WORLD_MANAGER_EMAIL, password, "192.0.2.200"));
    world_set_now(&world, WORLD_START_MS + 2 * MS_PER_SECOND);
    CHECK_OK(try_password(&world, WORLD_MANAGER_EMAIL, password, "192.0.2.200"));
}

TEST(session_check, forgets_the_failures_of_a_peer_that_knows_the_password)
{
    SCOPED_WORLD world;
    open_world(&world);
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 9; i++)
            CHECK_ERR(ERR_UNAUTHENTICATED, try_password(&world, "max@example.com", "wrong", "a"));
        CHECK_OK(try_password(&world, WORLD_MANAGER_EMAIL, password, "a"));
    }
}

TEST(session_check, limits_attempts_of_one_peer_over_all_addresses)
{
    SCOPED_WORLD world;
    char email[] = "aa@example.com";
    int refused = 0;
    open_world(&world);
    for (int i = 0; i < 60; i++) {
        email[0] = (char)('a' + i % 26);
        email[1] = (char)('a' + i / 26);
        refused += try_password(&world, email, "wrong", "192.0.2.7") == ERR_TOO_MANY;
    }
    CHECK_INT(10, refused);
}

/* ---- sessions ---- */

TEST(account_authenticate, gives_nobody_without_a_credential)
{
    SCOPED_WORLD world;
    open_world(&world);
    CHECK_OK(who_is(&world, (struct credential){0}));
    CHECK_INT(ROLE_PUBLIC, world.ctx.actor.role);
    CHECK_INT(0, world.ctx.actor.scopes);
}

TEST(account_authenticate, knows_who_signed_in_until_the_session_ends)
{
    SCOPED_WORLD world;
    open_world(&world);
    struct str secret = signed_in(&world);
    CHECK_OK(who_is(&world, (struct credential){.session = secret}));
    CHECK_INT(ROLE_MANAGER, world.ctx.actor.role);
    CHECK_INT(SCOPES_ALL, world.ctx.actor.scopes);
    CHECK_STR(WORLD_MANAGER_EMAIL, world.ctx.actor.name);
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), end_session, &secret));
    CHECK_ERR(ERR_UNAUTHENTICATED, who_is(&world, (struct credential){.session = secret}));
}

struct looking {
    struct page page;
    struct audit_page found;
};

static enum err look_back(struct ctx *ctx, void *arg)
{
    struct looking *looking = arg;
    return audit_list(ctx, (struct partner_id){0}, &looking->page, &looking->found);
}

TEST(session_begin, is_in_the_history_as_the_deed_of_who_signed_in)
{
    SCOPED_WORLD world;
    struct looking looking = {.page = {.limit = 1}};
    open_world(&world);
    signed_in(&world);
    CHECK_INT(0, world.ctx.actor.user.v);
    CHECK_OK(ctx_read(world_as(&world, ROLE_ADMIN), look_back, &looking));
    CHECK_STR("signed in", looking.found.rows[0].action);
    CHECK_STR(WORLD_MANAGER_EMAIL, looking.found.rows[0].actor);
    CHECK_INT(world.manager.v, looking.found.rows[0].user.v);
}

TEST(account_authenticate, forgets_a_session_when_its_days_are_over)
{
    SCOPED_WORLD world;
    open_world(&world);
    struct str secret = signed_in(&world);
    int64_t end_ms = WORLD_START_MS + (int64_t)LIMIT_SESSION_DAYS * MS_PER_DAY;
    world_set_now(&world, end_ms - 1);
    CHECK_OK(who_is(&world, (struct credential){.session = secret}));
    world_set_now(&world, end_ms);
    CHECK_ERR(ERR_UNAUTHENTICATED, who_is(&world, (struct credential){.session = secret}));
}

TEST(account_authenticate, takes_neither_another_secret_nor_one_for_the_other)
{
    SCOPED_WORLD world;
    open_world(&world);
    struct str secret = signed_in(&world);
    CHECK_ERR(ERR_UNAUTHENTICATED, who_is(&world, (struct credential){.session = STR("x")}));
    CHECK_ERR(ERR_UNAUTHENTICATED, who_is(&world, (struct credential){.token = secret}));
}

TEST(user_update, ends_the_sessions_of_a_user_that_is_disabled)
{
    SCOPED_WORLD world;
    open_world(&world);
    struct str secret = signed_in(&world);
    CHECK_OK(who_is(&world, (struct credential){.session = secret}));
    CHECK_OK(ctx_write(world_as(&world, ROLE_ADMIN), disable_manager, &world));
    CHECK_ERR(ERR_UNAUTHENTICATED, who_is(&world, (struct credential){.session = secret}));
}

TEST(user_set_password, ends_all_sessions_of_the_user)
{
    SCOPED_WORLD world;
    open_world(&world);
    struct str secret = signed_in(&world);
    CHECK_OK(ctx_write(world_as(&world, ROLE_ADMIN), set_password, &world));
    CHECK_ERR(ERR_UNAUTHENTICATED, who_is(&world, (struct credential){.session = secret}));
}

/* ---- tokens ---- */

struct making {
    struct token_draft draft;
    struct token token;
    struct str secret;
};

static enum err make(struct ctx *ctx, void *arg)
{
    struct making *making = arg;
    return token_create(ctx, &making->draft, &making->token, &making->secret);
}

static enum err revoke(struct ctx *ctx, void *id)
{
    return token_revoke(ctx, *(struct token_id *)id);
}

static struct making made(struct world *world, struct token_draft draft)
{
    struct making making = {.draft = draft};
    CHECK_OK(ctx_write(world_as(world, ROLE_ADMIN), make, &making));
    return making;
}

TEST(token_create, gives_a_secret_that_acts_within_role_and_scopes)
{
    SCOPED_WORLD world;
    open_world(&world);
    struct making making = made(&world, (struct token_draft){.name = STR("shop"),
                                                             .role = ROLE_MANAGER,
                                                             .scopes = SCOPE_FACTS | SCOPE_READ});
    CHECK(str_starts_with(making.secret, STR("rpt_")));
    CHECK_OK(who_is(&world, (struct credential){.token = making.secret}));
    CHECK_INT(ROLE_MANAGER, world.ctx.actor.role);
    CHECK_INT(SCOPE_FACTS | SCOPE_READ, world.ctx.actor.scopes);
    CHECK_STR("token:shop", world.ctx.actor.name);
    CHECK(token_id_equal(making.token.id, world.ctx.actor.token));
    CHECK(!user_id_is_set(world.ctx.actor.user));
    CHECK_ERR(ERR_UNAUTHENTICATED, who_is(&world, (struct credential){.session = making.secret}));
}

TEST(token_create, limits_a_partners_token_to_its_partner)
{
    SCOPED_WORLD world;
    open_world(&world);
    struct making making = made(&world, (struct token_draft){.name = STR("partner"),
                                                             .role = ROLE_PARTNER,
                                                             .scopes = SCOPES_ALL,
                                                             .partner = {5}});
    CHECK_OK(who_is(&world, (struct credential){.token = making.secret}));
    CHECK_INT(5, ctx_partner_scope(&world.ctx));
    world_as(&world, ROLE_PARTNER);
    CHECK_INT(-1, ctx_partner_scope(&world.ctx));
    CHECK_INT(0, ctx_partner_scope(world_as(&world, ROLE_ANALYST)));
}

static enum err try_make(struct world *world, struct token_draft draft)
{
    struct making making = {.draft = draft};
    return ctx_write(world_as(world, ROLE_ADMIN), make, &making);
}

TEST(token_create, refuses_a_draft_without_name_scope_or_future)
{
    SCOPED_WORLD world;
    open_world(&world);
    struct token_draft good = {.name = STR("x"), .role = ROLE_MANAGER, .scopes = SCOPE_READ};
    struct token_draft draft = good;
    draft.name = STR(" \t");
    CHECK_ERR(ERR_INVALID, try_make(&world, draft));
    draft = good;
    draft.scopes = 0;
    CHECK_ERR(ERR_INVALID, try_make(&world, draft));
    draft = good;
    draft.expires_ms = WORLD_START_MS;
    CHECK_ERR(ERR_INVALID, try_make(&world, draft));
    draft = good;
    draft.partner.v = 5;
    CHECK_ERR(ERR_INVALID, try_make(&world, draft));
    CHECK_OK(try_make(&world, good));
}

TEST(token_revoke, ends_a_token_at_once_and_only_once)
{
    SCOPED_WORLD world;
    open_world(&world);
    struct making making =
        made(&world,
             (struct token_draft){.name = STR("shop"), .role = ROLE_MANAGER, .scopes = SCOPE_READ});
    CHECK_OK(who_is(&world, (struct credential){.token = making.secret}));
    CHECK_OK(ctx_write(world_as(&world, ROLE_ADMIN), revoke, &making.token.id));
    CHECK_ERR(ERR_UNAUTHENTICATED, who_is(&world, (struct credential){.token = making.secret}));
    CHECK_ERR(ERR_NOT_FOUND, ctx_write(world_as(&world, ROLE_ADMIN), revoke, &making.token.id));
}

TEST(token_revoke, counts_within_a_second_when_another_process_did_it)
{
    SCOPED_WORLD world;
    open_world(&world);
    struct making making =
        made(&world,
             (struct token_draft){.name = STR("shop"), .role = ROLE_MANAGER, .scopes = SCOPE_READ});
    CHECK_OK(who_is(&world, (struct credential){.token = making.secret}));
    /* Another process has another memory of credentials. */
    struct account *ours = world.services.account;
    world.services.account = NULL;
    CHECK_OK(ctx_write(world_as(&world, ROLE_ADMIN), revoke, &making.token.id));
    world.services.account = ours;
    world_set_now(&world, WORLD_START_MS + MS_PER_SECOND);
    CHECK_ERR(ERR_UNAUTHENTICATED, who_is(&world, (struct credential){.token = making.secret}));
}

TEST(account_authenticate, refuses_a_token_that_expired)
{
    SCOPED_WORLD world;
    open_world(&world);
    struct making making = made(&world, (struct token_draft){.name = STR("shop"),
                                                             .role = ROLE_MANAGER,
                                                             .scopes = SCOPE_READ,
                                                             .expires_ms = WORLD_START_MS + 500});
    CHECK_OK(who_is(&world, (struct credential){.token = making.secret}));
    world_set_now(&world, WORLD_START_MS + 500);
    CHECK_ERR(ERR_UNAUTHENTICATED, who_is(&world, (struct credential){.token = making.secret}));
}

struct listing {
    struct page page;
    struct token_page found;
};

static enum err list(struct ctx *ctx, void *arg)
{
    struct listing *listing = arg;
    return token_list(ctx, &listing->page, &listing->found);
}

TEST(token_list, gives_pages_newest_first)
{
    static const char *const names[] = {"one", "two", "three"};
    SCOPED_WORLD world;
    open_world(&world);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        made(&world, (struct token_draft){
                         .name = str_from_c(names[i]), .role = ROLE_ANALYST, .scopes = SCOPE_READ});
    struct listing first = {.page = {.limit = 2}};
    CHECK_OK(ctx_read(world_as(&world, ROLE_ADMIN), list, &first));
    CHECK_INT(2, first.found.count);
    CHECK_STR("three", first.found.rows[0].name);
    CHECK_STR(WORLD_ADMIN_EMAIL, first.found.rows[0].created_by);
    struct listing second = {
        .page = {.limit = 2, .has_cursor = true, .after_id = first.found.rows[1].id.v}};
    CHECK_OK(ctx_read(world_as(&world, ROLE_ADMIN), list, &second));
    CHECK_INT(1, second.found.count);
    CHECK_STR("one", second.found.rows[0].name);
    CHECK_INT(0, second.found.next.len);
}
