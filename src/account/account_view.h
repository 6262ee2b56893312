/* How users and tokens look in the API. Private to src/account. */
#ifndef SRC_ACCOUNT_ACCOUNT_VIEW_H
#define SRC_ACCOUNT_ACCOUNT_VIEW_H

#include "lib/json/json.h"
#include "src/account/account.h"
#include "src/core/form.h"

/* The names of the roles that an account can have, and of all scopes; NULL-terminated. */
extern const char *const account_role_names[];
extern const char *const account_scope_names[];

extern const struct schema user_schema, manager_schema, token_schema, token_created_schema;
void user_render(const struct user *user, struct json_writer *writer);
void manager_render(const struct user *user, struct json_writer *writer);
/* `secret` empty: not shown. */
void token_render(const struct token *token, struct str secret, struct json_writer *writer);
/* "read,facts" */
struct str scopes_text(unsigned scopes, struct arena *arena);
void scopes_render(unsigned scopes, struct json_writer *writer);

#endif
