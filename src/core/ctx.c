/* Contexts, and the way from a context to a transaction. */
#include "src/core/ctx.h"

#include <stdatomic.h>

#include "lib/base/id.h"
#include "lib/db/db.h"
#include "src/core/touch.h"

bool services_lead(const struct services *services)
{
    return !services->leads || atomic_load(services->leads);
}

void ctx_init(struct ctx *ctx, const struct services *services, struct arena *arena)
{
    *ctx = (struct ctx){.services = services, .arena = arena};
    ctx->now_ms = clock_now_ms(&services->clock);
    ctx->actor.role = ROLE_PUBLIC;
}

int64_t ctx_next_id(struct ctx *ctx)
{
    return id_next(ctx->services->ids);
}

int64_t ctx_partner_scope(const struct ctx *ctx)
{
    if (ctx->actor.role == ROLE_PARTNER || ctx->actor.role == ROLE_PUBLIC)
        return ctx->actor.partner.v ? ctx->actor.partner.v : -1;
    return 0;
}

enum err ctx_read(struct ctx *ctx, ctx_work *work, void *arg)
{
    ctx->stand = touch_stand_of(ctx->services);
    TRY(db_reader_take(ctx->services->db, &ctx->fault, &ctx->conn));
    enum err err = work(ctx, arg);
    db_reader_give(ctx->conn);
    ctx->conn = NULL;
    return err;
}

struct write_call {
    struct ctx *ctx;
    ctx_work *work;
    void *arg;
};

static enum err run_write(struct db_conn *conn, void *arg)
{
    struct write_call *call = arg;
    call->ctx->conn = conn;
    enum err err = call->work(call->ctx, call->arg);
    call->ctx->conn = NULL;
    if (err == OK && arena_failed(call->ctx->arena))
        return CTX_FAULT(call->ctx, ERR_MEMORY, "memory",
                         "This needs more memory than one request may use.");
    return err;
}

enum err ctx_write(struct ctx *ctx, ctx_work *work, void *arg)
{
    struct write_call call = {ctx, work, arg};
    return db_write(ctx->services->db, run_write, &call, &ctx->fault);
}
