/* Keeps the search words and the duplicates of a partner. Private to src/partner. */
#ifndef SRC_PARTNER_PARTNER_SEARCH_H
#define SRC_PARTNER_PARTNER_SEARCH_H

#include "src/partner/partner.h"

/*
 * Call it in the transaction of every change of a partner's record, external ids, contacts or
 * archiving, after the change is written: it reads them back, brings the words by which the partner
 * is found up to date, and looks for partners that may be the same. Cheap when nothing of that
 * differs.
 */
MUST_CHECK enum err partner_search_refresh(struct ctx *ctx, struct partner_id id);

#endif
