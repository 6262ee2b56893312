/* What the ledger's tests share: a world with a ledger, partners in zones of their own, and jobs
 * that the writer commits as one group. */
#ifndef SRC_LEDGER_LEDGER_TEST_H
#define SRC_LEDGER_LEDGER_TEST_H

#include "src/ledger/rollup.h"
#include "src/partner/partner.h"
#include "tests/support/test.h"
#include "tests/support/world.h"

enum { BOOKS_PARTNERS = 6, BOOKS_PRODUCTS = 4 };

struct books {
    struct world world;
    struct partner_id
        partners[BOOKS_PARTNERS]; /* Vienna, Vienna, Auckland, Honolulu, UTC, Kolkata */
    struct product_id products[BOOKS_PRODUCTS];
    int next; /* of external ids */
};
void books_open(struct books *books);
void books_close(struct books *books);
/* As after a restart: nothing is remembered. */
void books_reopen(struct books *books);

/* An order of 12.50 EUR of the first partner at WORLD_START_MS, with an external id of its own. */
struct fact_draft books_order(struct books *books);
/* Records in a job of its own; a failure ends the test. */
struct fact_outcome books_record(struct books *books, const struct fact_draft *draft);
enum err books_try(struct books *books, const struct fact_draft *draft,
                   struct fact_outcome *ret_outcome);
struct fact_id books_reverse(struct books *books, struct fact_id id);
/* A partner's change of its time zone, and a merger, with what the directory does about them. */
void books_set_zone(struct books *books, struct partner_id partner, const char *zone);
void books_merge(struct books *books, struct partner_id from, struct partner_id into);
/* The same inside a job. */
enum err books_change_zone(struct ctx *ctx, struct partner_id partner, const char *zone);
enum err books_change_owner(struct ctx *ctx, struct partner_id from, struct partner_id into);
/* What the doctor finds. */
struct ledger_report books_examine(struct books *books, bool repair);
/* Σ over all days: of one partner by its own days, or (unset) of everybody by the organisation's.
 */
struct rollup_totals books_totals(struct books *books, struct partner_id partner,
                                  enum fact_kind kind);
struct rollup_totals books_channel(struct books *books, enum fact_kind kind);

/* Work that is committed together with the other jobs of the group. */
struct books_job {
    ctx_work *work;
    void *arg;
    enum err result;
};
/* Runs the jobs in one group of the writer; each result is set. */
void books_group(struct books *books, struct books_job *jobs, size_t count);

#endif
