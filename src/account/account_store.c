/* All SQL of users, sessions and tokens. */
#include "src/account/account_store.h"

#include <string.h>

#include "lib/db/db.h"

enum {
    USER_INSERT,
    USER_UPDATE,
    USER_SET_HASH,
    USER_GET,
    USER_BY_EMAIL,
    USER_BY_NAME,
    USER_LIST,
    USER_LIST_MANAGERS,
    USER_COUNT_ADMINS,
    SESSION_INSERT,
    SESSION_EXPIRE,
    SESSION_DELETE,
    SESSION_DELETE_OF,
    SESSION_USER,
    TOKEN_INSERT,
    TOKEN_REVOKE,
    TOKEN_FIND,
    TOKEN_LIST,
    USER_MOVE,
    TOKEN_MOVE
};

#define USER_COLUMNS                                                                             \
    "u.id, u.email, u.name, u.role, u.partner_id, u.password_hash, u.disabled_ms, u.created_ms," \
    " u.version"
#define TOKEN_COLUMNS \
    "id, name, role, scopes, partner_id, created_by, created_ms, expires_ms, revoked_ms"

static const struct query queries[] = {
    [USER_INSERT] = {"user insert",
                     "INSERT INTO user_account (id, email, name, role, partner_id, password_hash,"
                     " created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                     NULL},
    [USER_UPDATE] = {"user update",
                     "UPDATE user_account SET name = $2, role = $3, disabled_ms = $4,"
                     " version = version + 1 WHERE id = $1",
                     NULL},
    [USER_SET_HASH] = {"user set hash",
                       "UPDATE user_account SET password_hash = $2, version = version + 1"
                       " WHERE id = $1",
                       NULL},
    [USER_GET] = {"user get", "SELECT " USER_COLUMNS " FROM user_account u WHERE u.id = $1", NULL},
    [USER_BY_EMAIL] = {"user by email",
                       "SELECT " USER_COLUMNS " FROM user_account u WHERE u.email = $1", NULL},
    [USER_BY_NAME] = {"user by name",
                      "SELECT " USER_COLUMNS " FROM user_account u WHERE lower(u.name) = lower($1)"
                      " ORDER BY u.id LIMIT 2",
                      NULL},
    [USER_LIST] = {"user list",
                   "SELECT " USER_COLUMNS " FROM user_account u WHERE u.email > $1"
                   " ORDER BY u.email LIMIT $2",
                   NULL},
    [USER_LIST_MANAGERS] = {"user list managers",
                            "SELECT " USER_COLUMNS " FROM user_account u WHERE u.email > $1"
                            " AND u.role IN ('manager', 'administrator')"
                            " AND u.disabled_ms IS NULL ORDER BY u.email LIMIT $2",
                            NULL},
    [USER_COUNT_ADMINS] = {"user count admins",
                           "SELECT COUNT(*) AS n FROM user_account"
                           " WHERE role = 'administrator' AND disabled_ms IS NULL",
                           NULL},
    [SESSION_INSERT] = {"session insert",
                        "INSERT INTO session (digest, user_id, created_ms, expires_ms)"
                        " VALUES ($1, $2, $3, $4)",
                        NULL},
    [SESSION_EXPIRE] = {"session expire", "DELETE FROM session WHERE expires_ms <= $1", NULL},
    [SESSION_DELETE] = {"session delete", "DELETE FROM session WHERE digest = $1", NULL},
    [SESSION_DELETE_OF] = {"session delete of", "DELETE FROM session WHERE user_id = $1", NULL},
    [SESSION_USER] = {"session user",
                      "SELECT " USER_COLUMNS ", s.expires_ms AS expires_ms FROM session s"
                      " JOIN user_account u ON u.id = s.user_id"
                      " WHERE s.digest = $1 AND s.expires_ms > $2 AND u.disabled_ms IS NULL",
                      NULL},
    [TOKEN_INSERT] = {"token insert",
                      "INSERT INTO api_token (id, name, digest, role, scopes, partner_id,"
                      " created_by, created_ms, expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $7,"
                      " $8, $9)",
                      NULL},
    [TOKEN_REVOKE] = {"token revoke",
                      "UPDATE api_token SET revoked_ms = $2 WHERE id = $1 AND revoked_ms IS NULL",
                      NULL},
    [TOKEN_FIND] = {"token find",
                    "SELECT " TOKEN_COLUMNS " FROM api_token WHERE digest = $1"
                    " AND revoked_ms IS NULL AND (expires_ms IS NULL OR expires_ms > $2)",
                    NULL},
    [TOKEN_LIST] = {"token list",
                    "SELECT " TOKEN_COLUMNS " FROM api_token WHERE id < $1"
                    " ORDER BY id DESC LIMIT $2",
                    NULL},
    [USER_MOVE] = {"user move",
                   "UPDATE user_account SET partner_id = $2, version = version + 1"
                   " WHERE partner_id = $1 RETURNING id",
                   NULL},
    [TOKEN_MOVE] = {"token move",
                    "UPDATE api_token SET partner_id = $2 WHERE partner_id = $1 RETURNING id",
                    NULL},
};
const struct query_table account_queries = {"account", queries, ARRAY_LEN(queries)};

static enum err run(struct ctx *ctx, int query, struct db_args args)
{
    return db_run(ctx->conn, &queries[query], args, NULL);
}

/* ---- users ---- */

enum err user_store_insert(struct ctx *ctx, const struct user *user, struct str hash)
{
    return run(ctx, USER_INSERT,
               DB_ARGS(db_int(user->id.v), db_text(user->email), db_text(user->name),
                       db_text(str_from_c(role_name(user->role))), db_int_or_null(user->partner.v),
                       db_text(hash), db_int(user->created_ms)));
}

enum err user_store_update(struct ctx *ctx, const struct user *user)
{
    return run(ctx, USER_UPDATE,
               DB_ARGS(db_int(user->id.v), db_text(user->name),
                       db_text(str_from_c(role_name(user->role))),
                       db_int_or_null(user->disabled ? ctx->now_ms : 0)));
}

enum err user_store_set_hash(struct ctx *ctx, struct user_id id, struct str hash)
{
    return run(ctx, USER_SET_HASH, DB_ARGS(db_int(id.v), db_text(hash)));
}

static void read_user(struct ctx *ctx, struct db_rows *rows, struct user *ret_user)
{
    *ret_user = (struct user){
        .id = {db_rows_int(rows, "id")},
        .email = db_rows_copy(rows, "email", ctx->arena),
        .name = db_rows_copy(rows, "name", ctx->arena),
        .partner = {db_rows_int(rows, "partner_id")},
        .disabled = !db_rows_is_null(rows, "disabled_ms"),
        .has_password = db_rows_text(rows, "password_hash").len > 0,
        .created_ms = db_rows_int(rows, "created_ms"),
        .version = db_rows_int(rows, "version"),
    };
    if (!role_parse(db_rows_text(rows, "role"), &ret_user->role))
        ret_user->role = ROLE_PUBLIC;
}

enum err user_store_get(struct ctx *ctx, struct user_id id, struct user *ret_user, bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[USER_GET], DB_ARGS(db_int(id.v)));
    bool found = db_rows_next(rows);
    if (found)
        read_user(ctx, rows, ret_user);
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

enum err user_store_by_email(struct ctx *ctx, struct str email, struct user *ret_user,
                             struct str *ret_hash, bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[USER_BY_EMAIL], DB_ARGS(db_text(email)));
    bool found = db_rows_next(rows);
    if (found) {
        read_user(ctx, rows, ret_user);
        *ret_hash = db_rows_copy(rows, "password_hash", ctx->arena);
    }
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

enum err user_store_by_name(struct ctx *ctx, struct str name, struct user ret_users[2],
                            size_t *ret_count)
{
    size_t count = 0;
    struct db_rows *rows = db_select(ctx->conn, &queries[USER_BY_NAME], DB_ARGS(db_text(name)));
    while (db_rows_next(rows))
        read_user(ctx, rows, &ret_users[count++]);
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

static enum err read_users(struct ctx *ctx, struct db_rows *rows, struct user_page *ret_page)
{
    size_t count = 0;
    while (db_rows_next(rows))
        read_user(ctx, rows, &ret_page->rows[count++]);
    TRY(db_rows_close(rows));
    ret_page->count = count;
    return OK;
}

enum err user_store_list(struct ctx *ctx, struct str after_email, int64_t limit,
                         struct user_page *ret_page)
{
    return read_users(
        ctx,
        db_select(ctx->conn, &queries[USER_LIST], DB_ARGS(db_text(after_email), db_int(limit))),
        ret_page);
}

enum err user_store_list_managers(struct ctx *ctx, struct str after_email, int64_t limit,
                                  struct user_page *ret_page)
{
    return read_users(ctx,
                      db_select(ctx->conn, &queries[USER_LIST_MANAGERS],
                                DB_ARGS(db_text(after_email), db_int(limit))),
                      ret_page);
}

enum err user_store_count_admins(struct ctx *ctx, int64_t *ret_count)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[USER_COUNT_ADMINS], DB_NO_ARGS);
    int64_t count = db_rows_next(rows) ? db_rows_int(rows, "n") : 0;
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

/* ---- sessions ---- */

enum err session_store_insert(struct ctx *ctx, struct str digest, struct user_id user,
                              int64_t expires_ms)
{
    TRY(run(ctx, SESSION_EXPIRE, DB_ARGS(db_int(ctx->now_ms))));
    return run(ctx, SESSION_INSERT,
               DB_ARGS(db_bytes(digest), db_int(user.v), db_int(ctx->now_ms), db_int(expires_ms)));
}

enum err session_store_delete(struct ctx *ctx, struct str digest)
{
    return run(ctx, SESSION_DELETE, DB_ARGS(db_bytes(digest)));
}

enum err session_store_delete_of(struct ctx *ctx, struct user_id user)
{
    return run(ctx, SESSION_DELETE_OF, DB_ARGS(db_int(user.v)));
}

enum err session_store_user(struct ctx *ctx, struct str digest, struct user *ret_user,
                            int64_t *ret_expires_ms, bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[SESSION_USER],
                                     DB_ARGS(db_bytes(digest), db_int(ctx->now_ms)));
    bool found = db_rows_next(rows);
    if (found) {
        read_user(ctx, rows, ret_user);
        *ret_expires_ms = db_rows_int(rows, "expires_ms");
    }
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

/* ---- tokens ---- */

enum err token_store_insert(struct ctx *ctx, const struct token *token, struct str digest)
{
    return run(ctx, TOKEN_INSERT,
               DB_ARGS(db_int(token->id.v), db_text(token->name), db_bytes(digest),
                       db_text(str_from_c(role_name(token->role))), db_int(token->scopes),
                       db_int_or_null(token->partner.v), db_text(token->created_by),
                       db_int(token->created_ms), db_int_or_null(token->expires_ms)));
}

enum err token_store_revoke(struct ctx *ctx, struct token_id id, int64_t *ret_changed)
{
    return db_run(ctx->conn, &queries[TOKEN_REVOKE], DB_ARGS(db_int(id.v), db_int(ctx->now_ms)),
                  ret_changed);
}

static void read_token(struct ctx *ctx, struct db_rows *rows, struct token *ret_token)
{
    *ret_token = (struct token){
        .id = {db_rows_int(rows, "id")},
        .name = db_rows_copy(rows, "name", ctx->arena),
        .scopes = (unsigned)db_rows_int(rows, "scopes") & SCOPES_ALL,
        .partner = {db_rows_int(rows, "partner_id")},
        .created_by = db_rows_copy(rows, "created_by", ctx->arena),
        .created_ms = db_rows_int(rows, "created_ms"),
        .expires_ms = db_rows_int(rows, "expires_ms"),
        .revoked_ms = db_rows_int(rows, "revoked_ms"),
    };
    if (!role_parse(db_rows_text(rows, "role"), &ret_token->role))
        ret_token->role = ROLE_PUBLIC;
}

enum err token_store_find(struct ctx *ctx, struct str digest, struct token *ret_token,
                          bool *ret_found)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[TOKEN_FIND], DB_ARGS(db_bytes(digest), db_int(ctx->now_ms)));
    bool found = db_rows_next(rows);
    if (found)
        read_token(ctx, rows, ret_token);
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

enum err token_store_list(struct ctx *ctx, int64_t before_id, int64_t limit,
                          struct token_page *ret_page)
{
    size_t count = 0;
    struct db_rows *rows =
        db_select(ctx->conn, &queries[TOKEN_LIST], DB_ARGS(db_int(before_id), db_int(limit)));
    while (db_rows_next(rows))
        read_token(ctx, rows, &ret_page->rows[count++]);
    TRY(db_rows_close(rows));
    ret_page->count = count;
    return OK;
}

/* ---- a partner that was merged ---- */

static void add_moved(struct moved_accounts *moved, struct str id)
{
    if (moved->count == moved->cap) {
        size_t cap = moved->cap ? moved->cap * 2 : 16;
        struct str *more = ARENA_ARRAY(moved->arena, struct str, cap);
        if (moved->count)
            memcpy(more, moved->ids, moved->count * sizeof(*more));
        moved->ids = more;
        moved->cap = cap;
    }
    moved->ids[moved->count++] = id;
}

enum err user_store_move(struct ctx *ctx, struct partner_id from, struct partner_id into,
                         struct moved_accounts *moved)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[USER_MOVE], DB_ARGS(db_int(from.v), db_int(into.v)));
    while (db_rows_next(rows))
        add_moved(moved, user_id_text((struct user_id){db_rows_int(rows, "id")}, moved->arena));
    return db_rows_close(rows);
}

enum err token_store_move(struct ctx *ctx, struct partner_id from, struct partner_id into,
                          struct moved_accounts *moved)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[TOKEN_MOVE], DB_ARGS(db_int(from.v), db_int(into.v)));
    while (db_rows_next(rows))
        add_moved(moved, token_id_text((struct token_id){db_rows_int(rows, "id")}, moved->arena));
    return db_rows_close(rows);
}
