/* Users and tokens as JSON, and the schemas that document them. */
#include "src/account/account_view.h"

#include "src/core/limits.h"

const char *const account_role_names[] = {"partner", "analyst", "manager", "administrator", NULL};
const char *const account_scope_names[] = {"read",   "facts",          "directory",
                                           "import", "administration", NULL};

static const struct field user_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "usr", .flags = FIELD_REQUIRED},
    {.name = "email", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .example = "eva@example.com"},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .example = "Eva Huber"},
    {.name = "role",
     .type = FIELD_ENUM,
     .names = account_role_names,
     .flags = FIELD_REQUIRED,
     .example = "manager"},
    {.name = "partner_id",
     .type = FIELD_ID,
     .prefix = "ptn",
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "The only partner that a user of the role partner sees."},
    {.name = "disabled", .type = FIELD_BOOL, .flags = FIELD_REQUIRED, .help = "Cannot sign in."},
    {.name = "has_password", .type = FIELD_BOOL, .flags = FIELD_REQUIRED},
    {.name = "created_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "version",
     .type = FIELD_INT,
     .min = 1,
     .flags = FIELD_REQUIRED,
     .help = "What If-Match takes, in quotes."},
};
const struct schema user_schema = SCHEMA("User", "Somebody who can sign in.", user_fields);

static const struct field manager_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "usr", .flags = FIELD_REQUIRED},
    {.name = "email", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
const struct schema manager_schema =
    SCHEMA("Manager", "Somebody who can be responsible for partners.", manager_fields);

#define TOKEN_FIELDS                                                                       \
    {.name = "id", .type = FIELD_ID, .prefix = "tok", .flags = FIELD_REQUIRED},            \
        {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},                     \
        {.name = "role",                                                                   \
         .type = FIELD_ENUM,                                                               \
         .names = account_role_names,                                                      \
         .flags = FIELD_REQUIRED},                                                         \
        {.name = "scopes",                                                                 \
         .type = FIELD_TEXTS,                                                              \
         .names = account_scope_names,                                                     \
         .flags = FIELD_REQUIRED,                                                          \
         .help = "What it may be used for, on top of its role."},                          \
        {.name = "partner_id",                                                             \
         .type = FIELD_ID,                                                                 \
         .prefix = "ptn",                                                                  \
         .flags = FIELD_REQUIRED | FIELD_NULLABLE},                                        \
        {.name = "created_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},               \
        {.name = "created_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},               \
        {.name = "expires_at",                                                             \
         .type = FIELD_TIME,                                                               \
         .flags = FIELD_REQUIRED | FIELD_NULLABLE,                                         \
         .help = "null: it never expires."},                                               \
    {                                                                                      \
        .name = "revoked_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED | FIELD_NULLABLE \
    }

static const struct field token_fields[] = {TOKEN_FIELDS};
const struct schema token_schema =
    SCHEMA("Token", "A credential for programs. Its secret is not kept.", token_fields);

static const struct field token_created_fields[] = {
    TOKEN_FIELDS,
    {.name = "secret",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .help = "Shown this once. Send it as `Authorization: Bearer SECRET`."},
};
const struct schema token_created_schema =
    SCHEMA("TokenCreated", "A new token with its secret.", token_created_fields);

static void put_partner(struct json_writer *writer, struct partner_id partner)
{
    struct str text = {NULL, 0};
    if (partner_id_is_set(partner))
        text = partner_id_text(partner, writer->buf->arena);
    json_put_str_or_null(writer, "partner_id", text);
}

void user_render(const struct user *user, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_str(writer, "id", user_id_text(user->id, writer->buf->arena));
    json_put_str(writer, "email", user->email);
    json_put_str(writer, "name", user->name);
    json_put_str(writer, "role", str_from_c(role_name(user->role)));
    put_partner(writer, user->partner);
    json_put_bool(writer, "disabled", user->disabled);
    json_put_bool(writer, "has_password", user->has_password);
    json_put_time(writer, "created_at", user->created_ms);
    json_put_int(writer, "version", user->version);
    json_end_object(writer);
}

void manager_render(const struct user *user, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_str(writer, "id", user_id_text(user->id, writer->buf->arena));
    json_put_str(writer, "email", user->email);
    json_put_str(writer, "name", user->name);
    json_end_object(writer);
}

struct str scopes_text(unsigned scopes, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, LIMIT_LINE_BYTES);
    for (unsigned scope = SCOPE_READ; scope & SCOPES_ALL; scope <<= 1)
        if (scopes & scope)
            buf_format(&buf, "%s%s", buf.len ? "," : "", scope_name((enum scope)scope));
    return buf_str(&buf);
}

void scopes_render(unsigned scopes, struct json_writer *writer)
{
    json_begin_array(writer);
    for (unsigned scope = SCOPE_READ; scope & SCOPES_ALL; scope <<= 1)
        if (scopes & scope)
            json_add_str(writer, str_from_c(scope_name((enum scope)scope)));
    json_end_array(writer);
}

void token_render(const struct token *token, struct str secret, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_str(writer, "id", token_id_text(token->id, writer->buf->arena));
    json_put_str(writer, "name", token->name);
    json_put_str(writer, "role", str_from_c(role_name(token->role)));
    json_key(writer, "scopes");
    scopes_render(token->scopes, writer);
    put_partner(writer, token->partner);
    json_put_str(writer, "created_by", token->created_by);
    json_put_time(writer, "created_at", token->created_ms);
    json_put_time_or_null(writer, "expires_at", token->expires_ms);
    json_put_time_or_null(writer, "revoked_at", token->revoked_ms);
    if (secret.len)
        json_put_str(writer, "secret", secret);
    json_end_object(writer);
}
