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

/* In the context's arena, which `done` may free. */
struct later_write {
    struct db_job job;
    struct write_call call;
    ctx_done *done;
    void *arg;
};

static struct later_write *later_of(struct db_job *job)
{
    return (struct later_write *)(void *)((char *)job - offsetof(struct later_write, job));
}

static enum err run_later(struct db_conn *conn, struct db_job *job)
{
    return run_write(conn, &later_of(job)->call);
}

static void later_done(struct db_job *job, enum err result)
{
    const struct later_write *later = later_of(job);
    later->done(later->arg, result);
}

void ctx_write_later(struct ctx *ctx, ctx_work *work, ctx_done *done, void *arg)
{
    struct later_write *later = ARENA_NEW(ctx->arena, struct later_write);
    later->call = (struct write_call){ctx, work, arg};
    later->done = done;
    later->arg = arg;
    later->job.run = run_later;
    later->job.done = later_done;
    later->job.fault = &ctx->fault;
    later->job.weight = 1;
    db_submit(ctx->services->db, &later->job);
}
