/* What the files of this noun share: memory of credentials and sign-in attempts, the form of
 * addresses. Private to src/account. */
#ifndef SRC_ACCOUNT_ACCOUNT_STATE_H
#define SRC_ACCOUNT_ACCOUNT_STATE_H

#include "src/account/account.h"

/* After a change of users, sessions or tokens: nothing that is remembered counts any more.
 * `account` may be NULL. */
void account_forget(struct account *account);
/* Milliseconds until this address and peer may try again; 0: now. */
int64_t account_take_attempt(struct ctx *ctx, struct str email, struct str peer);
/* After the right password: what this peer tried before for this address no longer counts. */
void account_forgive_attempts(struct ctx *ctx, struct str email, struct str peer);

/* How a mail address is kept and compared: trimmed, in lower case. In the arena. */
struct str account_email_key(struct arena *arena, struct str email);

/* ERR_INVALID unless exactly the role partner has a partner; ERR_NOT_FOUND when there is none such.
 */
MUST_CHECK enum err account_check_partner(struct ctx *ctx, enum role role,
                                          struct partner_id partner);

#endif
