/* Counters of changes, raised when a group of writes is on disk. */
#include "src/core/touch.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "lib/db/db.h"

/* A power of two; 32 KiB of counters. */
enum { SLOTS = 4096 };

struct touches {
    atomic_uint_fast64_t everything, records;
    atomic_uint_fast64_t slots[SLOTS];
    /* The writer's own: what the running group touched. */
    uint16_t pending[SLOTS];
    size_t pending_count;
    bool is_pending[SLOTS];
    bool everything_pending, records_pending;
    /* Kinds of facts that are on disk, that the running group wrote, and that its running job did.
     */
    uint32_t kinds, kinds_of_group, kinds_of_job;
    struct db_hooks inner;
    void (*committed)(void *self); /* NULL: nobody listens */
    void *listener;
};

struct touches *touches_new(void)
{
    struct touches *touches = calloc(1, sizeof(*touches));
    if (!touches)
        abort();
    return touches;
}

void touches_free(struct touches *touches)
{
    free(touches);
}

static size_t slot_of(struct partner_id partner)
{
    return (size_t)(((uint64_t)partner.v * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (SLOTS - 1);
}

void touch_partner(struct ctx *ctx, struct partner_id partner)
{
    struct touches *touches = ctx->services->touches;
    size_t slot = slot_of(partner);
    if (!touches || touches->is_pending[slot])
        return;
    touches->is_pending[slot] = true;
    touches->pending[touches->pending_count++] = (uint16_t)slot;
}

void touch_record(struct ctx *ctx, struct partner_id partner)
{
    touch_partner(ctx, partner);
    if (ctx->services->touches)
        ctx->services->touches->records_pending = true;
}

void touch_everything(struct ctx *ctx)
{
    if (ctx->services->touches)
        ctx->services->touches->everything_pending = true;
}

void touch_kind(struct ctx *ctx, unsigned kind)
{
    struct touches *touches = ctx->services->touches;
    uint32_t bit = UINT32_C(1) << kind;
    if (!touches || (touches->kinds & bit))
        return;
    touches->kinds_of_job |= bit;
    touches->everything_pending = true;
}

struct touch_mark touch_mark_of(const struct services *services, struct partner_id partner)
{
    struct touch_mark mark = {.others = db_others_version(services->db)};
    const struct touches *touches = services->touches;
    if (touches) {
        mark.everything = atomic_load(&touches->everything);
        mark.partner = atomic_load(&touches->slots[slot_of(partner)]);
    }
    return mark;
}

bool touch_mark_equal(struct touch_mark a, struct touch_mark b)
{
    return a.everything == b.everything && a.partner == b.partner && a.others == b.others;
}

struct touch_stand touch_stand_of(const struct services *services)
{
    struct touch_stand stand = {.others = db_others_version(services->db)};
    const struct touches *touches = services->touches;
    if (touches) {
        stand.everything = atomic_load(&touches->everything);
        stand.records = atomic_load(&touches->records);
    }
    return stand;
}

bool touch_stand_equal(struct touch_stand a, struct touch_stand b)
{
    return a.everything == b.everything && a.records == b.records && a.others == b.others;
}

/* ---- on the writer ---- */

static void publish(struct touches *touches)
{
    if (touches->everything_pending)
        atomic_fetch_add(&touches->everything, 1);
    if (touches->records_pending)
        atomic_fetch_add(&touches->records, 1);
    touches->everything_pending = false;
    touches->records_pending = false;
    while (touches->pending_count) {
        size_t slot = touches->pending[--touches->pending_count];
        touches->is_pending[slot] = false;
        atomic_fetch_add(&touches->slots[slot], 1);
    }
}

static void job_began(void *self)
{
    struct touches *touches = self;
    touches->kinds_of_job = 0;
    if (touches->inner.job_began)
        touches->inner.job_began(touches->inner.self);
}

static void job_ended(void *self, bool kept)
{
    struct touches *touches = self;
    if (kept)
        touches->kinds_of_group |= touches->kinds_of_job;
    if (touches->inner.job_ended)
        touches->inner.job_ended(touches->inner.self, kept);
}

static enum err before_commit(void *self, struct db_conn *conn)
{
    const struct touches *touches = self;
    return touches->inner.before_commit ? touches->inner.before_commit(touches->inner.self, conn)
                                        : OK;
}

static void group_ended(void *self, bool committed)
{
    struct touches *touches = self;
    publish(touches);
    if (committed)
        touches->kinds |= touches->kinds_of_group;
    touches->kinds_of_group = 0;
    if (touches->inner.group_ended)
        touches->inner.group_ended(touches->inner.self, committed);
    if (committed && touches->committed)
        touches->committed(touches->listener);
}

static void others_committed(void *self)
{
    const struct touches *touches = self;
    if (touches->committed)
        touches->committed(touches->listener);
}

void touches_listen(struct touches *touches, void (*committed)(void *self), void *self)
{
    touches->committed = committed;
    touches->listener = self;
}

void touches_hook(struct touches *touches, struct db_hooks *hooks)
{
    touches->inner = *hooks;
    *hooks = (struct db_hooks){.self = touches,
                               .job_began = job_began,
                               .job_ended = job_ended,
                               .before_commit = before_commit,
                               .group_ended = group_ended,
                               .others_committed = others_committed};
}
