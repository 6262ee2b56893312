/* Asking for access with an address of a proven domain, and being let in. */
#include "src/domain/domain_access_store.h"

#include <ctype.h>

#include "src/core/audit.h"
#include "src/core/limits.h"

static enum err read_draft(struct ctx *ctx, const struct access_draft *draft,
                           struct access_request *request)
{
    struct str email;
    if (!email_parse(draft->email, ctx->arena, &email) ||
        !domain_parse(email, ctx->arena, &request->domain))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "email_invalid", "email",
                               "This is no mail address.");
    char *lower = arena_cstr(ctx->arena, email);
    for (size_t i = 0; i < email.len; i++)
        lower[i] = (char)tolower((unsigned char)lower[i]);
    request->email = (struct str){lower, email.len};
    request->name = text_clean(draft->name, ctx->arena);
    request->hash = draft->hash;
    return OK;
}

/* `ret_wanted` false: it is let fall without a word. */
static enum err is_wanted(struct ctx *ctx, struct access_request *request, bool *ret_wanted)
{
    struct domain_settings settings;
    int64_t waiting = 0;
    bool taken = false;
    TRY(domain_settings_get(ctx, &settings));
    TRY(domain_owner(ctx, request->domain, &request->partner));
    TRY(access_store_taken(ctx, request->email, &taken));
    TRY(access_store_count(ctx, request->partner, &waiting));
    *ret_wanted = settings.admit && partner_id_is_set(request->partner) && !taken &&
                  waiting < ACCESS_OPEN_MAX;
    return OK;
}

enum err access_ask(struct ctx *ctx, const struct access_draft *draft)
{
    struct access_request request = {.asked_ms = ctx->now_ms};
    bool wanted = false;
    TRY(read_draft(ctx, draft, &request));
    TRY(is_wanted(ctx, &request, &wanted));
    if (!wanted)
        return OK;
    request.id.v = ctx_next_id(ctx);
    return access_store_add(ctx, &request);
}

enum err access_list(struct ctx *ctx, struct partner_id partner,
                     struct access_requests *ret_requests)
{
    *ret_requests = (struct access_requests){.count = 0};
    if (ctx_partner_scope(ctx))
        return CTX_FAULT(ctx, ERR_FORBIDDEN, "access", "This list is for the vendor's staff.");
    return access_store_list(ctx, partner, LIMIT_PAGE_MAX, ret_requests);
}

static enum err find_request(struct ctx *ctx, struct access_id id, struct access_request *request)
{
    bool found;
    TRY(access_store_get(ctx, id, request, &found));
    return found ? OK
                 : CTX_FAULT(ctx, ERR_NOT_FOUND, "access_not_found",
                             "There is no such request for access.");
}

static enum err audit_decision(struct ctx *ctx, const struct access_request *request,
                               const char *decision)
{
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, "access", STR(""),
                       arena_format(ctx->arena, "%s: %.*s", decision, STR_ARG(request->email)));
    return audit_record(ctx,
                        (struct audit_subject){"partner", request->partner.v, request->partner},
                        "changed", &changes);
}

enum err access_admit(struct ctx *ctx, struct access_id id, struct user *ret_user)
{
    struct access_request request = {.asked_ms = 0};
    struct partner_id owner;
    TRY(find_request(ctx, id, &request));
    TRY(domain_owner(ctx, request.domain, &owner));
    if (!partner_id_equal(owner, request.partner))
        return CTX_FAULT(ctx, ERR_CONFLICT, "domain_not_proven",
                         "%.*s is no longer proven to be the partner's: nobody is let in by it.",
                         STR_ARG(request.domain));
    struct user_draft draft = {.email = request.email,
                               .name = request.name,
                               .role = ROLE_PARTNER,
                               .partner = request.partner,
                               .hash = request.hash};
    TRY(user_add(ctx, &draft, ret_user));
    TRY(audit_decision(ctx, &request, "let in"));
    return access_store_remove(ctx, id);
}

enum err access_refuse(struct ctx *ctx, struct access_id id)
{
    struct access_request request = {.asked_ms = 0};
    TRY(find_request(ctx, id, &request));
    TRY(audit_decision(ctx, &request, "refused"));
    return access_store_remove(ctx, id);
}
