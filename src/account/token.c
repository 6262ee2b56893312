/* API tokens: shown once, stored as digests, limited to scopes. */
#include "lib/norm/norm.h"
#include "src/account/account.h"
#include "src/account/account_state.h"
#include "src/account/account_store.h"
#include "src/core/audit.h"
#include "src/core/limits.h"

static enum err check_draft(struct ctx *ctx, const struct token_draft *draft, struct str name)
{
    if (!name.len || name.len > LIMIT_NAME_BYTES)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "name_invalid", "name", "A token needs a name.");
    if (!draft->scopes)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "scopes_missing", "scopes",
                               "A token needs a scope.");
    if (draft->expires_ms && draft->expires_ms <= ctx->now_ms)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "expires_past", "expires_at",
                               "This time is over.");
    return account_check_partner(ctx, draft->role, draft->partner);
}

enum err token_create(struct ctx *ctx, const struct token_draft *draft, struct token *ret_token,
                      struct str *ret_secret)
{
    struct str name = text_clean(draft->name, ctx->arena);
    TRY(check_draft(ctx, draft, name));
    struct token token = {
        .id = {ctx_next_id(ctx)},
        .name = name,
        .role = draft->role,
        .scopes = draft->scopes,
        .partner = draft->partner,
        .created_by = ctx->actor.name,
        .created_ms = ctx->now_ms,
        .expires_ms = draft->expires_ms,
    };
    struct str random = token_new(&ctx->services->entropy, ctx->arena);
    struct str secret = arena_format(ctx->arena, "rpt_%.*s", STR_ARG(random));
    uint8_t digest[DIGEST_BYTES];
    token_digest(secret, digest);
    TRY(token_store_insert(ctx, &token, (struct str){(const char *)digest, DIGEST_BYTES}));
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, "name", STR(""), token.name);
    audit_changed_text(&changes, "role", STR(""), str_from_c(role_name(token.role)));
    TRY(audit_record(ctx, (struct audit_subject){"token", token.id.v, {0}}, "created", &changes));
    *ret_token = token;
    *ret_secret = secret;
    return OK;
}

enum err token_revoke(struct ctx *ctx, struct token_id id)
{
    int64_t changed;
    TRY(token_store_revoke(ctx, id, &changed));
    if (!changed)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "token_not_found",
                         "There is no such token, or it is revoked already.");
    account_forget(ctx->services->account);
    return audit_record(ctx, (struct audit_subject){"token", id.v, {0}}, "revoked", NULL);
}

enum err token_list(struct ctx *ctx, const struct page *page, struct token_page *ret_page)
{
    struct token_page found = {.rows =
                                   ARENA_ARRAY(ctx->arena, struct token, (size_t)page->limit + 1)};
    TRY(token_store_list(ctx, page->has_cursor ? page->after_id : INT64_MAX, page->limit + 1,
                         &found));
    if (found.count > (size_t)page->limit) {
        found.count = (size_t)page->limit;
        found.next =
            page_cursor(ctx, "created", (struct str){NULL, 0}, 0, found.rows[found.count - 1].id.v);
    }
    *ret_page = found;
    return OK;
}
