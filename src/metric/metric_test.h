/* What the tests of metrics share: a world with a ledger, partners in zones and groups of their
 * own, products, and jobs that record facts. */
#ifndef SRC_METRIC_METRIC_TEST_H
#define SRC_METRIC_METRIC_TEST_H

#include "src/core/touch.h"
#include "src/metric/metric.h"
#include "src/partner/partner.h"
#include "tests/support/test.h"
#include "tests/support/world.h"

enum { STAGE_PARTNERS = 6, STAGE_PRODUCTS = 3, STAGE_ZONES = 6 };

/* Partners P0 to P5: zones as below, tier "gold" for the even ones, country AT for the first three
 * and DE for the others, tag "vip" for P1 and P2. All are prospects since WORLD_START_MS − 400
 * days. */
struct stage {
    struct world world;
    struct partner_id partners[STAGE_PARTNERS];
    struct product_id products[STAGE_PRODUCTS];
    int next; /* of external ids */
};
extern const char *const stage_zones[STAGE_ZONES];

void stage_open(struct stage *stage);
void stage_close(struct stage *stage);

/* A draft of the first partner at WORLD_START_MS with an external id of its own, of 12.50 EUR. */
struct fact_draft stage_fact(struct stage *stage, enum fact_kind kind);
/* Each in a job of its own; a failure ends the test. */
struct fact_id stage_record(struct stage *stage, const struct fact_draft *draft);
void stage_reverse(struct stage *stage, struct fact_id id);
void stage_merge(struct stage *stage, struct partner_id from, struct partner_id into);
void stage_activate(struct stage *stage, struct partner_id partner, int64_t at_ms);
void stage_archive(struct stage *stage, struct partner_id partner);
/* Runs a use case as the role; the result is its error. */
enum err stage_read(struct stage *stage, ctx_work *work, void *arg);

/* The value of a metric as text: "no data", or the values of each currency: "12.50 EUR, 3 USD". */
struct str stage_value(struct stage *stage, const char *code, const struct metric_query *query);

#endif
