/* Statements of users, sessions and tokens. Private to src/account. */
#ifndef SRC_ACCOUNT_ACCOUNT_STORE_H
#define SRC_ACCOUNT_ACCOUNT_STORE_H

#include "src/account/account.h"

MUST_CHECK enum err user_store_insert(struct ctx *ctx, const struct user *user, struct str hash);
MUST_CHECK enum err user_store_update(struct ctx *ctx, const struct user *user);
MUST_CHECK enum err user_store_set_hash(struct ctx *ctx, struct user_id id, struct str hash);
MUST_CHECK enum err user_store_get(struct ctx *ctx, struct user_id id, struct user *ret_user,
                                   bool *ret_found);
MUST_CHECK enum err user_store_by_email(struct ctx *ctx, struct str email, struct user *ret_user,
                                        struct str *ret_hash, bool *ret_found);
/* At most two: enough to see that a name is ambiguous. */
MUST_CHECK enum err user_store_by_name(struct ctx *ctx, struct str name, struct user ret_users[2],
                                       size_t *ret_count);
/* Fills ret_page->rows, which has room for `limit`, and its count. */
MUST_CHECK enum err user_store_list(struct ctx *ctx, struct str after_email, int64_t limit,
                                    struct user_page *ret_page);
MUST_CHECK enum err user_store_list_managers(struct ctx *ctx, struct str after_email, int64_t limit,
                                             struct user_page *ret_page);
MUST_CHECK enum err user_store_count_admins(struct ctx *ctx, int64_t *ret_count);

MUST_CHECK enum err session_store_insert(struct ctx *ctx, struct str digest, struct user_id user,
                                         int64_t expires_ms);
MUST_CHECK enum err session_store_delete(struct ctx *ctx, struct str digest);
MUST_CHECK enum err session_store_delete_of(struct ctx *ctx, struct user_id user);
/* The enabled user of a session that has not expired. */
MUST_CHECK enum err session_store_user(struct ctx *ctx, struct str digest, struct user *ret_user,
                                       int64_t *ret_expires_ms, bool *ret_found);

MUST_CHECK enum err token_store_insert(struct ctx *ctx, const struct token *token,
                                       struct str digest);
MUST_CHECK enum err token_store_revoke(struct ctx *ctx, struct token_id id, int64_t *ret_changed);
MUST_CHECK enum err token_store_find(struct ctx *ctx, struct str digest, struct token *ret_token,
                                     bool *ret_found);
/* Fills ret_page->rows, which has room for `limit`, and its count. */
MUST_CHECK enum err token_store_list(struct ctx *ctx, int64_t before_id, int64_t limit,
                                     struct token_page *ret_page);

/* Printed ids of those whose partner was changed. */
struct moved_accounts {
    struct arena *arena;
    struct str *ids;
    size_t count, cap;
};
MUST_CHECK enum err user_store_move(struct ctx *ctx, struct partner_id from, struct partner_id into,
                                    struct moved_accounts *moved);
MUST_CHECK enum err token_store_move(struct ctx *ctx, struct partner_id from,
                                     struct partner_id into, struct moved_accounts *moved);

#endif
