/* Routes of users and tokens. */
#include "src/account/account_view.h"
#include "src/core/limits.h"
#include "src/core/route.h"

/* ---- users ---- */

static const struct field page_fields[] = {PAGE_FIELDS};
static const struct schema page_schema = SCHEMA(NULL, NULL, page_fields);

static struct responded answer_users(struct ctx *ctx, struct request *request,
                                     const struct user_page *found,
                                     void (*render)(const struct user *, struct json_writer *))
{
    respond_list_begin(request);
    for (size_t i = 0; i < found->count; i++)
        render(&found->rows[i], &request->json);
    respond_list_end(request, found->next);
    return respond_json(ctx, request, 200);
}

static struct responded list_users(struct ctx *ctx, struct request *request)
{
    struct page page;
    struct user_page found;
    if (page_from_form(ctx, request->query, "email", &page) != OK ||
        user_list(ctx, &page, &found) != OK)
        return respond_fault(ctx, request);
    return answer_users(ctx, request, &found, user_render);
}

static struct responded list_managers(struct ctx *ctx, struct request *request)
{
    struct page page;
    struct user_page found;
    if (page_from_form(ctx, request->query, "managers", &page) != OK ||
        user_list_managers(ctx, &page, &found) != OK)
        return respond_fault(ctx, request);
    return answer_users(ctx, request, &found, manager_render);
}

static struct responded answer_user(struct ctx *ctx, struct request *request,
                                    const struct user *user)
{
    user_render(user, &request->json);
    return respond_versioned(ctx, request, request->route->success ? request->route->success : 200,
                             user->version);
}

static struct responded get_user(struct ctx *ctx, struct request *request)
{
    struct user_id id;
    struct user user;
    if (REQUEST_ID(ctx, request, "id", user, &id) != OK || user_get(ctx, id, &user) != OK)
        return respond_fault(ctx, request);
    return answer_user(ctx, request, &user);
}

static const struct field draft_fields[] = {
    {.name = "email",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .max = 254,
     .help = "What one signs in with.",
     .example = "eva@example.com"},
    {.name = "name", .type = FIELD_TEXT, .max = LIMIT_NAME_BYTES, .example = "Eva Huber"},
    {.name = "role",
     .type = FIELD_ENUM,
     .names = account_role_names,
     .flags = FIELD_REQUIRED,
     .example = "manager"},
    {.name = "partner_id",
     .type = FIELD_ID,
     .prefix = "ptn",
     .help = "For the role partner: the only one it sees."},
    {.name = "password",
     .type = FIELD_SECRET,
     .max = PASSWORD_MAX_LEN,
     .help = "Without one nobody can sign in as this user until one is set."},
};
static const struct schema draft_schema = SCHEMA("UserDraft", "A user to be made.", draft_fields);

/* The role that a name of account_role_names means. */
static enum role role_of(const struct form *form, const char *field)
{
    enum role role = ROLE_PUBLIC;
    return role_parse(form_text(form, field), &role) ? role : ROLE_PUBLIC;
}

/* Hashing takes long, so it is done before the writer's turn. Leaves the hash, or NULL. */
static enum err hash_password(struct ctx *ctx, struct request *request)
{
    struct str *hash = ARENA_NEW(ctx->arena, struct str);
    if (!form_has(request->body, "password"))
        return OK;
    TRY(user_hash_password(ctx, form_text(request->body, "password"), hash));
    request->input = hash;
    return OK;
}

static struct responded post_user(struct ctx *ctx, struct request *request)
{
    const struct str *hash = request->input;
    struct user user;
    struct user_draft draft = {
        .email = form_text(request->body, "email"),
        .name = form_text(request->body, "name"),
        .role = role_of(request->body, "role"),
        .partner = {form_int(request->body, "partner_id")},
        .hash = hash ? *hash : (struct str){NULL, 0},
    };
    if (user_add(ctx, &draft, &user) != OK)
        return respond_fault(ctx, request);
    return answer_user(ctx, request, &user);
}

static const struct field change_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .max = LIMIT_NAME_BYTES},
    {.name = "role", .type = FIELD_ENUM, .names = account_role_names},
    {.name = "disabled",
     .type = FIELD_BOOL,
     .help = "true ends all sessions and keeps the user from signing in."},
};
static const struct schema change_schema =
    SCHEMA("UserChange", "What is to be changed; the rest stays.", change_fields);

static struct responded patch_user(struct ctx *ctx, struct request *request)
{
    struct user_id id;
    struct user user;
    int64_t version;
    const struct form *body = request->body;
    struct user_change change = {
        .name_given = form_has(body, "name"),
        .role_given = form_has(body, "role"),
        .disabled_given = form_has(body, "disabled"),
        .name = form_text(body, "name"),
        .role = role_of(body, "role"),
        .disabled = form_int(body, "disabled") != 0,
    };
    if (REQUEST_ID(ctx, request, "id", user, &id) != OK ||
        request_version(ctx, request, &version) != OK ||
        user_update(ctx, id, version, &change, &user) != OK)
        return respond_fault(ctx, request);
    return answer_user(ctx, request, &user);
}

static const struct field password_fields[] = {
    {.name = "password",
     .type = FIELD_SECRET,
     .flags = FIELD_REQUIRED,
     .max = PASSWORD_MAX_LEN,
     .help = "10 to 256 bytes, and not a well-known one."},
};
static const struct schema password_schema = SCHEMA("NewPassword", NULL, password_fields);

static struct responded put_password(struct ctx *ctx, struct request *request)
{
    struct user_id id;
    const struct str *hash = request->input;
    if (REQUEST_ID(ctx, request, "id", user, &id) != OK || user_set_password(ctx, id, *hash) != OK)
        return respond_fault(ctx, request);
    return respond_empty(ctx, request);
}

/* ---- tokens ---- */

static struct responded list_tokens(struct ctx *ctx, struct request *request)
{
    struct page page;
    struct token_page found;
    if (page_from_form(ctx, request->query, "created", &page) != OK ||
        token_list(ctx, &page, &found) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < found.count; i++)
        token_render(&found.rows[i], (struct str){NULL, 0}, &request->json);
    respond_list_end(request, found.next);
    return respond_json(ctx, request, 200);
}

static const struct field token_draft_fields[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .max = LIMIT_NAME_BYTES,
     .help = "Shown in the history of what it changes.",
     .example = "shop"},
    {.name = "role",
     .type = FIELD_ENUM,
     .names = account_role_names,
     .flags = FIELD_REQUIRED,
     .example = "manager"},
    {.name = "scopes",
     .type = FIELD_TEXTS,
     .names = account_scope_names,
     .max_items = 8,
     .flags = FIELD_REQUIRED},
    {.name = "partner_id", .type = FIELD_ID, .prefix = "ptn", .help = "For the role partner."},
    {.name = "expires_at", .type = FIELD_TIME, .help = "Without it, the token never expires."},
};
static const struct schema token_draft_schema =
    SCHEMA("TokenDraft", "A token to be made.", token_draft_fields);

static unsigned scopes_of(const struct form_value *names)
{
    unsigned scopes = 0;
    enum scope scope;
    for (size_t i = 0; i < names->count; i++)
        if (scope_parse(names->texts[i], &scope))
            scopes |= (unsigned)scope;
    return scopes;
}

static struct responded post_token(struct ctx *ctx, struct request *request)
{
    struct token token;
    struct str secret;
    struct token_draft draft = {
        .name = form_text(request->body, "name"),
        .role = role_of(request->body, "role"),
        .scopes = scopes_of(form_get(request->body, "scopes")),
        .partner = {form_int(request->body, "partner_id")},
        .expires_ms = form_int(request->body, "expires_at"),
    };
    if (token_create(ctx, &draft, &token, &secret) != OK)
        return respond_fault(ctx, request);
    token_render(&token, secret, &request->json);
    return respond_json(ctx, request, 201);
}

static struct responded delete_token(struct ctx *ctx, struct request *request)
{
    struct token_id id;
    if (REQUEST_ID(ctx, request, "id", token, &id) != OK || token_revoke(ctx, id) != OK)
        return respond_fault(ctx, request);
    return respond_empty(ctx, request);
}

static const struct route routes[] = {
    ROUTE("GET", "/api/v1/managers", ROLES_STAFF, SCOPE_READ, ACCESS_READ, .id = "listManagers",
          .summary = "List who may be responsible for partners", .tag = "Users",
          .query = &page_schema, .answer = &manager_schema, .answers_list = true,
          .handle = list_managers),
    ROUTE("GET", "/api/v1/users", ROLES_ADMIN, SCOPE_READ, ACCESS_READ, .id = "listUsers",
          .summary = "List users", .tag = "Users", .query = &page_schema, .answer = &user_schema,
          .answers_list = true, .handle = list_users),
    ROUTE("POST", "/api/v1/users", ROLES_ADMIN, SCOPE_ADMINISTRATION, ACCESS_WRITE,
          .id = "createUser", .summary = "Create a user", .tag = "Users", .body = &draft_schema,
          .answer = &user_schema, .success = 201, .lane = HTTP_SLOW, .holds_secret = true,
          .prepare = hash_password, .handle = post_user),
    ROUTE("GET", "/api/v1/users/{id}", ROLES_ADMIN, SCOPE_READ, ACCESS_READ, .id = "getUser",
          .summary = "Get a user", .tag = "Users", .answer = &user_schema, .handle = get_user),
    ROUTE("PATCH", "/api/v1/users/{id}", ROLES_ADMIN, SCOPE_ADMINISTRATION, ACCESS_WRITE,
          .id = "changeUser", .summary = "Change a user", .tag = "Users",
          .notes = "The last administrator stays one. A change of role, and disabling, end the "
                   "user's sessions.",
          .body = &change_schema, .answer = &user_schema, .needs_version = true,
          .handle = patch_user),
    ROUTE("PUT", "/api/v1/users/{id}/password", ROLES_ADMIN, SCOPE_ADMINISTRATION, ACCESS_WRITE,
          .id = "setUserPassword", .summary = "Set a user's password", .tag = "Users",
          .notes = "Ends all sessions of the user.", .body = &password_schema, .success = 204,
          .lane = HTTP_SLOW, .holds_secret = true, .prepare = hash_password,
          .handle = put_password),
    ROUTE("GET", "/api/v1/tokens", ROLES_ADMIN, SCOPE_READ, ACCESS_READ, .id = "listTokens",
          .summary = "List API tokens", .tag = "Tokens", .query = &page_schema,
          .answer = &token_schema, .answers_list = true, .handle = list_tokens),
    ROUTE("POST", "/api/v1/tokens", ROLES_ADMIN, SCOPE_ADMINISTRATION, ACCESS_WRITE,
          .id = "createToken", .summary = "Create an API token", .tag = "Tokens",
          .notes = "The secret is shown in this answer only.", .body = &token_draft_schema,
          .answer = &token_created_schema, .success = 201, .holds_secret = true,
          .handle = post_token),
    ROUTE("DELETE", "/api/v1/tokens/{id}", ROLES_ADMIN, SCOPE_ADMINISTRATION, ACCESS_WRITE,
          .id = "revokeToken", .summary = "Revoke an API token", .tag = "Tokens", .success = 204,
          .handle = delete_token),
};
const struct route_table account_routes = {routes, ARRAY_LEN(routes)};
