/* Filters: parsed once, compared, copied. */
#include "src/live/live_view.h"

#include <stdlib.h>
#include <string.h>

enum err live_view_open(struct ctx *ctx, const struct metric_scope *scope, unsigned kinds,
                        struct live_view *ret_view)
{
    struct live_view view = {.scope = *scope, .kinds = kinds, .only = {ctx_partner_scope(ctx)}};
    struct partner_id asked = scope->partner;
    struct partner_brief brief;
    TRY(metric_scope_check(ctx, &view.scope));
    if (partner_id_is_set(view.only) && partner_id_is_set(asked) &&
        !partner_id_equal(asked, view.only))
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "partner_not_found", "There is no such partner.");
    if (partner_id_is_set(view.scope.partner)) {
        TRY(partner_brief(ctx, view.scope.partner, &brief));
        view.scope.partner = brief.id;
    }
    *ret_view = view;
    return OK;
}

bool live_view_equal(const struct live_view *a, const struct live_view *b)
{
    return a->kinds == b->kinds && partner_id_equal(a->only, b->only) &&
           partner_id_equal(a->scope.partner, b->scope.partner) &&
           user_id_equal(a->scope.manager, b->scope.manager) &&
           product_id_equal(a->scope.product, b->scope.product) &&
           str_equal(a->scope.tier, b->scope.tier) &&
           str_equal(a->scope.country, b->scope.country) && str_equal(a->scope.tag, b->scope.tag);
}

static struct str put_text(char **at, struct str text)
{
    struct str copy = {*at, text.len};
    if (text.len)
        memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return copy;
}

struct live_view *live_view_new(const struct live_view *view)
{
    const struct metric_scope *scope = &view->scope;
    struct live_view *copy =
        malloc(sizeof(*copy) + scope->tier.len + scope->country.len + scope->tag.len);
    if (!copy)
        abort();
    char *at = (char *)(copy + 1);
    *copy = *view;
    copy->scope.tier = put_text(&at, scope->tier);
    copy->scope.country = put_text(&at, scope->country);
    copy->scope.tag = put_text(&at, scope->tag);
    return copy;
}

bool live_view_has_kind(const struct live_view *view, enum fact_kind kind)
{
    return !view->kinds || (view->kinds & FACT_KIND_BIT(kind));
}

bool live_view_is_partner(const struct live_view *view)
{
    return partner_id_is_set(view->scope.partner);
}

struct actor live_view_actor(const struct live_view *view)
{
    bool one = partner_id_is_set(view->only);
    return (struct actor){.role = one ? ROLE_PARTNER : ROLE_ANALYST,
                          .scopes = SCOPE_READ,
                          .partner = view->only,
                          .name = STR("stream")};
}
