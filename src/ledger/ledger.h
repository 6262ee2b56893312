/*
 * The ledger: what happened at each partner, never changed, and the rollups that are exact in the
 * same transaction. See METRICS in docs/ for what each kind means.
 */
#ifndef SRC_LEDGER_LEDGER_H
#define SRC_LEDGER_LEDGER_H

#include "lib/base/money.h"
#include "src/core/ctx.h"
#include "src/core/page.h"
#include "src/partner/partner.h"

/* Stored as these numbers: append only. */
enum fact_kind {
    FACT_ORDER = 1,
    FACT_ITEM = 2,
    FACT_CALL_MADE = 3,
    FACT_CALL_RECEIVED = 4,
    FACT_VISIT = 5,
    FACT_DISPLAY_ON = 6,
    FACT_DISPLAY_OFF = 7,
    FACT_SHELF_SOLD = 8,
    FACT_FUNNEL_CALL = 9,
    FACT_FUNNEL_CONTACT_TO = 10,
    FACT_FUNNEL_CONTACT_BY = 11,
    FACT_DEAL_REGISTERED = 12,
    FACT_DEAL_WON = 13,
    FACT_DEAL_LOST = 14,
    FACT_ACCOUNT_OPENED = 15,
    FACT_COST = 16,
    FACT_PARTNER_CONVERTED = 17,
    FACT_KIND_COUNT
};
/* "order", "call.made", … */
const char *fact_kind_name(enum fact_kind kind);
MUST_CHECK bool fact_kind_parse(struct str name, enum fact_kind *ret_kind);

/* A fact as it comes in. Texts are borrowed for the call. */
struct fact_draft {
    struct partner_id partner;
    enum fact_kind kind;
    int64_t at_ms;
    int64_t quantity_milli; /* thousandths of the kind's unit; 1000 where nothing is given */
    bool has_amount;
    struct money amount;
    bool has_cost;
    int64_t cost_minor; /* cost of goods of an item, in the amount's currency */
    struct product_id product;
    struct contact_id contact;
    struct str source;      /* "salesforce", "shop"; required */
    struct str external_id; /* unique within the source; required */
    struct str ref;         /* the order of an item, the deal of an outcome; may be empty */
    struct str note;
    struct fact_id reverses; /* set by ledger_reverse only */
    struct import_id import; /* the import that brought it */
};

enum fact_result { FACT_RECORDED, FACT_REPEATED, FACT_DIFFERS };
/*
 * FACT_REPEATED: this source and external id were recorded before with the same content; nothing is
 * written. FACT_DIFFERS: with another content; nothing is written, and the caller says so for the
 * row.
 */
struct fact_outcome {
    enum fact_result result;
    struct fact_id id; /* of the new fact, or of the one that was there */
};

/* Inside a write. Rollup changes are summed in services->ledger and written once for all facts of a
 * group. */
MUST_CHECK enum err ledger_record(struct ctx *ctx, const struct fact_draft *draft,
                                  struct fact_outcome *ret_outcome);
/* What ledger_record would do, on any connection and without writing: the same checks, the same
 * result. */
MUST_CHECK enum err ledger_check(struct ctx *ctx, const struct fact_draft *draft,
                                 struct fact_outcome *ret_outcome);
/* Records the reversal of a fact, once; ERR_CONFLICT when it is reversed already or is a reversal
 * itself. */
MUST_CHECK enum err ledger_reverse(struct ctx *ctx, struct fact_id id, struct str note,
                                   struct import_id import, struct fact_id *ret_id);

/* ---- state of the process ---- */

/* `services` is borrowed. Its hooks go to db_set_hooks. */
struct ledger *ledger_new(const struct services *services);
void ledger_free(struct ledger *ledger);
/* Records `partner.converted`, moves and rebuilds rollups. */
extern const struct partner_listener ledger_partner_listener;
struct db_hooks;
void ledger_hooks(struct ledger *ledger, struct db_hooks *ret_hooks);

#endif
