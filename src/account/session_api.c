/* Routes of signing in and out, and of one's own account. */
#include "src/account/account_view.h"
#include "src/core/limits.h"
#include "src/core/route.h"

static const struct field sign_in_fields[] = {
    {.name = "email",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .max = 254,
     .example = "eva@example.com"},
    {.name = "password", .type = FIELD_SECRET, .flags = FIELD_REQUIRED, .max = PASSWORD_MAX_LEN},
};
static const struct schema sign_in_schema = SCHEMA("SignIn", NULL, sign_in_fields);

static const struct field session_fields[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .help = "The user's name, or the token's."},
    {.name = "role", .type = FIELD_ENUM, .names = account_role_names, .flags = FIELD_REQUIRED},
    {.name = "scopes", .type = FIELD_TEXTS, .names = account_scope_names, .flags = FIELD_REQUIRED},
    {.name = "partner_id",
     .type = FIELD_ID,
     .prefix = "ptn",
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "The only partner that is seen; null: the whole channel."},
    {.name = "user_id",
     .type = FIELD_ID,
     .prefix = "usr",
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "null for a token."},
    {.name = "email", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
static const struct schema session_schema =
    SCHEMA("Session", "Who is asking, and what that allows.", session_fields);

struct credential credential_read(const struct http_exchange *exchange)
{
    struct credential credential = {.session = http_cookie(exchange, ACCOUNT_SESSION_COOKIE)};
    struct str header = http_header(exchange, "Authorization");
    if (header.len > 7 && str_equal_nocase(str_slice(header, 0, 7), STR("Bearer ")))
        credential.token = str_trim(str_slice(header, 7, header.len));
    if (credential.token.len)
        credential.session = (struct str){NULL, 0};
    return credential;
}

/* The cookie is for the page only: no script reads it and no other site's request carries it. */
static void set_cookie(struct ctx *ctx, struct request *request, struct str secret)
{
    bool secure = http_request(request->exchange)->tls;
    int64_t age = secret.len ? (int64_t)LIMIT_SESSION_DAYS * (MS_PER_DAY / MS_PER_SECOND) : 0;
    http_add_header(request->exchange, "Set-Cookie",
                    arena_format(ctx->arena,
                                 "%s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Strict%s",
                                 ACCOUNT_SESSION_COOKIE, STR_ARG(secret), (long long)age,
                                 secure ? "; Secure" : ""));
}

static struct str optional_text(bool is_set, struct str text)
{
    return is_set ? text : (struct str){NULL, 0};
}

static struct responded answer_actor(struct ctx *ctx, struct request *request,
                                     const struct actor *actor, const struct user *user)
{
    struct json_writer *writer = &request->json;
    json_begin_object(writer);
    json_put_str(writer, "name", user ? user->name : actor->name);
    json_put_str(writer, "role", str_from_c(role_name(actor->role)));
    json_key(writer, "scopes");
    scopes_render(actor->scopes, writer);
    json_put_str_or_null(writer, "partner_id",
                         optional_text(partner_id_is_set(actor->partner),
                                       partner_id_text(actor->partner, ctx->arena)));
    json_put_str_or_null(
        writer, "user_id",
        optional_text(user_id_is_set(actor->user), user_id_text(actor->user, ctx->arena)));
    json_put_str_or_null(writer, "email", user ? user->email : (struct str){NULL, 0});
    json_end_object(writer);
    return respond_json(ctx, request, request->route->success ? request->route->success : 200);
}

/* On a worker of the slow lane: verifying costs 20 ms. Leaves the user's id. */
static enum err check_sign_in(struct ctx *ctx, struct request *request)
{
    struct user_id *id = ARENA_NEW(ctx->arena, struct user_id);
    TRY(session_check(ctx, form_text(request->body, "email"), form_text(request->body, "password"),
                      http_client(request->exchange), id));
    request->input = id;
    return OK;
}

static struct responded post_session(struct ctx *ctx, struct request *request)
{
    const struct user_id *id = request->input;
    struct user user;
    struct str secret;
    if (user_get(ctx, *id, &user) != OK || session_begin(ctx, *id, &secret) != OK)
        return respond_fault(ctx, request);
    set_cookie(ctx, request, secret);
    struct actor actor = {user.role, SCOPES_ALL, user.id, {0}, user.partner, user.email};
    return answer_actor(ctx, request, &actor, &user);
}

static struct responded get_session(struct ctx *ctx, struct request *request)
{
    struct user user;
    if (!user_id_is_set(ctx->actor.user))
        return answer_actor(ctx, request, &ctx->actor, NULL);
    if (user_get(ctx, ctx->actor.user, &user) != OK)
        return respond_fault(ctx, request);
    return answer_actor(ctx, request, &ctx->actor, &user);
}

static enum err needs_session(struct ctx *ctx)
{
    return user_id_is_set(ctx->actor.user)
               ? OK
               : CTX_FAULT(ctx, ERR_FORBIDDEN, "no_session",
                           "This is for people who signed in; a token has neither a session nor a "
                           "password.");
}

static struct responded delete_session(struct ctx *ctx, struct request *request)
{
    if (needs_session(ctx) != OK ||
        session_end(ctx, http_cookie(request->exchange, ACCOUNT_SESSION_COOKIE)) != OK)
        return respond_fault(ctx, request);
    set_cookie(ctx, request, (struct str){NULL, 0});
    return respond_empty(ctx, request);
}

static const struct field own_password_fields[] = {
    {.name = "current_password",
     .type = FIELD_SECRET,
     .flags = FIELD_REQUIRED,
     .max = PASSWORD_MAX_LEN},
    {.name = "password",
     .type = FIELD_SECRET,
     .flags = FIELD_REQUIRED,
     .max = PASSWORD_MAX_LEN,
     .help = "10 to 256 bytes, and not a well-known one."},
};
static const struct schema own_password_schema = SCHEMA("OwnPassword", NULL, own_password_fields);

/* On a worker: the current password is checked like a sign-in. Leaves the new one's hash. */
static enum err check_own_password(struct ctx *ctx, struct request *request)
{
    struct user user;
    struct user_id checked;
    struct str *hash = ARENA_NEW(ctx->arena, struct str);
    TRY(needs_session(ctx));
    TRY(user_get(ctx, ctx->actor.user, &user));
    enum err err = session_check(ctx, user.email, form_text(request->body, "current_password"),
                                 http_client(request->exchange), &checked);
    /* The session stays good, so this must not look like a sign-in that ended. */
    if (err == ERR_UNAUTHENTICATED)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "password_wrong", "current_password",
                               "This is not your current password.");
    TRY(err);
    TRY(user_hash_password(ctx, form_text(request->body, "password"), hash));
    request->input = hash;
    return OK;
}

static struct responded put_own_password(struct ctx *ctx, struct request *request)
{
    const struct str *hash = request->input;
    struct str secret;
    if (user_set_password(ctx, ctx->actor.user, *hash) != OK ||
        session_begin(ctx, ctx->actor.user, &secret) != OK)
        return respond_fault(ctx, request);
    set_cookie(ctx, request, secret);
    return respond_empty(ctx, request);
}

static const struct route routes[] = {
    ROUTE("POST", "/api/v1/session", ROLES_ANYONE, SCOPE_NONE, ACCESS_WRITE, .id = "signIn",
          .summary = "Sign in", .tag = "Session",
          .notes = "Sets the session cookie. From one client ten attempts for a mail address, "
                   "then one every ten seconds.",
          .body = &sign_in_schema, .answer = &session_schema, .success = 201, .lane = HTTP_SLOW,
          .holds_secret = true, .prepare = check_sign_in, .handle = post_session),
    ROUTE("GET", "/api/v1/session", ROLES_SIGNED_IN, SCOPE_NONE, ACCESS_READ, .id = "getSession",
          .summary = "Tell who is signed in", .tag = "Session", .answer = &session_schema,
          .handle = get_session),
    ROUTE("DELETE", "/api/v1/session", ROLES_SIGNED_IN, SCOPE_NONE, ACCESS_WRITE, .id = "signOut",
          .summary = "Sign out", .tag = "Session", .success = 204, .holds_secret = true,
          .handle = delete_session),
    ROUTE("PUT", "/api/v1/session/password", ROLES_SIGNED_IN, SCOPE_NONE, ACCESS_WRITE,
          .id = "setOwnPassword", .summary = "Change one's own password", .tag = "Session",
          .notes = "Ends all other sessions of the user.", .body = &own_password_schema,
          .success = 204, .lane = HTTP_SLOW, .holds_secret = true, .prepare = check_own_password,
          .handle = put_own_password),
};
const struct route_table session_routes = {routes, ARRAY_LEN(routes)};
