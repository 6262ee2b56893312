/* Tests of the kept answers. */
#include "src/app/idempotency.h"

#include "tests/support/test.h"
#include "tests/support/world.h"

enum { TOO_LONG_BYTES = 300 * 1024 };

static enum err save(struct ctx *ctx, void *arg)
{
    struct call *call = arg;
    call->ctx = *ctx;
    return idempotency_save(call);
}

static enum err find(struct ctx *ctx, void *arg)
{
    struct call *call = arg;
    bool replayed;
    call->ctx = *ctx;
    enum err err = idempotency_find(call, &replayed);
    ctx->fault = call->ctx.fault;
    return err;
}

TEST(idempotency_find, says_so_where_the_answer_was_too_long_to_be_kept)
{
    CLEANUP(world_close) struct world world;
    struct call call = {.idempotency_key = STR("key"), .request.status = 200};
    world_open(&world);
    buf_init(&call.request.answer, &world.arena, TOO_LONG_BYTES);
    for (int i = 0; i < TOO_LONG_BYTES; i++)
        buf_add_char(&call.request.answer, ' ');
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), save, &call));
    CHECK_ERR(ERR_CONFLICT, ctx_write(world_as(&world, ROLE_MANAGER), find, &call));
    CHECK_STR("idempotency_answer", str_from_c(world.ctx.fault.code));
}
