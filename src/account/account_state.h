/* The process's memory of credentials and sign-in attempts. Private to src/account. */
#ifndef SRC_ACCOUNT_ACCOUNT_STATE_H
#define SRC_ACCOUNT_ACCOUNT_STATE_H

#include "src/account/account.h"

/* After a change of users, sessions or tokens: nothing that is remembered counts any more.
 * `account` may be NULL. */
void account_forget(struct account *account);
/* Milliseconds until this address and peer may try again; 0: now. `account` may be NULL. */
int64_t account_take_attempt(struct account *account, struct str email, struct str peer,
                             int64_t now_ms);

#endif
