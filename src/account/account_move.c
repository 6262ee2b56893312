/* Users and tokens of a partner that was merged into another. */
#include "src/account/account_state.h"
#include "src/account/account_store.h"

enum err account_move_partner(struct ctx *ctx, struct partner_id from, struct partner_id into,
                              struct str **ret_ids, size_t *ret_count)
{
    struct moved_accounts moved = {.arena = ctx->arena};
    TRY(user_store_move(ctx, from, into, &moved));
    TRY(token_store_move(ctx, from, into, &moved));
    account_forget(ctx->services->account);
    *ret_ids = moved.ids;
    *ret_count = moved.count;
    return OK;
}
