/* Every partner has a manager, also when the one it had leaves. */
#include "src/core/limits.h"
#include "src/organisation/organisation.h"
#include "src/partner/partner_store.h"

enum err partner_manager_left(struct ctx *ctx, struct user_id user)
{
    struct organisation organisation;
    struct partner_id *ids = ARENA_ARRAY(ctx->arena, struct partner_id, LIMIT_BULK_PARTNERS);
    size_t count;
    TRY(organisation_get(ctx, &organisation));
    if (user_id_equal(organisation.default_manager, user))
        return CTX_FAULT(ctx, ERR_CONFLICT, "default_manager",
                         "%.*s is the organisation's default manager; make somebody else that"
                         " first.",
                         STR_ARG(organisation.default_manager_name));
    TRY(partner_store_of_manager(ctx, user, LIMIT_BULK_PARTNERS, ids, &count));
    while (count) {
        TRY(partner_assign(ctx, ids, count, organisation.default_manager, NULL));
        TRY(partner_store_of_manager(ctx, user, LIMIT_BULK_PARTNERS, ids, &count));
    }
    return OK;
}
