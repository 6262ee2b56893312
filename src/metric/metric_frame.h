/* A query resolved: whose facts, by which days, in which currencies. Private to src/metric. */
#ifndef SRC_METRIC_METRIC_FRAME_H
#define SRC_METRIC_METRIC_FRAME_H

#include "src/ledger/rollup.h"
#include "src/metric/metric_catalogue.h"
#include "src/metric/metric_store.h"
#include "src/metric/rate.h"

enum metric_whose { METRIC_OF_PARTNER, METRIC_OF_GROUP, METRIC_OF_CHANNEL };

struct metric_frame {
    struct ctx *ctx;
    enum metric_whose whose;
    struct metric_heading heading;
    struct partner partner;      /* of a partner */
    struct partner_ids members;  /* of a group */
    struct partner_ids archived; /* of the channel: who is not in it */
    const struct zone *zone;
    struct currency usual; /* of a sum of nothing */
    struct rate_book book;
    uint32_t wanted;
    unsigned delivered;
};

/* ERR_FORBIDDEN, ERR_NOT_FOUND, ERR_INVALID as metric.h says. */
MUST_CHECK enum err metric_frame_open(struct ctx *ctx, const struct metric_query *query,
                                      struct metric_frame *ret_frame);
/* The same without its set of partners. */
MUST_CHECK enum err metric_frame_open_bare(struct ctx *ctx, const struct metric_query *query,
                                           struct metric_frame *ret_frame);
/* Then the set: of a group its members, of the channel who is archived. */
MUST_CHECK enum err metric_frame_read_set(struct metric_frame *frame);
/* The same of a group or the channel, also where the actor sees one partner only: the list of
 * partners is sorted by it and shows no number of others. */
bool metric_frame_has(const struct metric_frame *frame, struct partner_id partner);
/* The row as it reads in this frame; NULL: there is no such number. */
const struct metric *metric_frame_row(const struct metric_frame *frame, size_t index);
bool metric_frame_wants(const struct metric_frame *frame, enum metric_formula rule);
/* Bits of the kinds that the wanted rows read. */
unsigned metric_frame_kinds(const struct metric_frame *frame);
/* Of the whole window, or of a part of it. */
int64_t metric_frame_start_ms(const struct metric_frame *frame, struct day day);
/* What the ledger is asked; without its kinds. The channel's archived partners are in it. */
struct rollup_query metric_frame_rollup(const struct metric_frame *frame,
                                        struct metric_window window);
/* The same over exactly the partners of the frame: reads every partner's rows. */
MUST_CHECK enum err metric_frame_exact(struct metric_frame *frame, struct metric_window window,
                                       struct rollup_query *ret_query);

#endif
