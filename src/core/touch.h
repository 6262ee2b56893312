/*
 * What this process has changed, so that answers kept in memory are compared with it before they
 * are given again. Changes of other processes: see db_others_version.
 */
#ifndef SRC_CORE_TOUCH_H
#define SRC_CORE_TOUCH_H

#include <stdint.h>

#include "src/core/ctx.h"

struct touches;
struct touches *touches_new(void);
void touches_free(struct touches *touches);

/*
 * Inside a write: the partner's numbers or record change. Counts once the write is on disk, before
 * it is answered; of a write that is rolled back it only makes a kept answer be made again. Nothing
 * where services->touches is NULL.
 */
void touch_partner(struct ctx *ctx, struct partner_id partner);
/* The same where it is the record, or whose totals its facts count in: groups may have changed. */
void touch_record(struct ctx *ctx, struct partner_id partner);
/* Something that many partners' answers depend on changes: rates, products, the organisation. */
void touch_everything(struct ctx *ctx);
/* A fact of a kind (under 32) is written: the first since the process began counts as
 * touch_everything, because "no data" becomes 0 for all partners. */
void touch_kind(struct ctx *ctx, unsigned kind);

/* Where the changes stand. Two partners may share a mark, which is never wrong, only wasteful. */
struct touch_mark {
    uint64_t everything, partner;
    int64_t others;
};
/* Take it before the read snapshot; what was made from that snapshot is good as long as the mark
 * stays equal. Any thread, a few loads. */
struct touch_mark touch_mark_of(const struct services *services, struct partner_id partner);
bool touch_mark_equal(struct touch_mark a, struct touch_mark b);

/* Where the changes of records stand, facts aside. ctx_read takes it before the snapshot: what was
 * made of records in that read is good as long as the stand stays equal. */
struct touch_stand touch_stand_of(const struct services *services);
bool touch_stand_equal(struct touch_stand a, struct touch_stand b);

/* Before the first write: `committed(self)` is called on the writer after each group of writes that
 * is on disk, when the marks are raised; quick. */
void touches_listen(struct touches *touches, void (*committed)(void *self), void *self);

struct db_hooks;
/* Adds itself to the hooks of the writer; `hooks` are done first. */
void touches_hook(struct touches *touches, struct db_hooks *hooks);

#endif
