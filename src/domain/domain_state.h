/* What the files of the domains share. Private to src/domain. */
#ifndef SRC_DOMAIN_DOMAIN_STATE_H
#define SRC_DOMAIN_DOMAIN_STATE_H

#include "src/domain/domain_store.h"

/* The text of TXT that the proof waits for; empty: none is open, or it is of another domain. */
MUST_CHECK enum err domain_open_challenge(struct ctx *ctx, struct partner_id partner,
                                          struct str domain, struct str *ret_text);
/* Inside a write, after a check that looked for it: verifies, or notes that it is missing. A
 * change is told by `ret_sentence`, and `ret_lost` says whether it is for the worse. */
MUST_CHECK enum err domain_proof_step(struct ctx *ctx, struct partner_id partner,
                                      const struct domain_finding *finding,
                                      struct str *ret_sentence, bool *ret_lost);

#endif
