/*
 * People of a proven domain who ask for access to their company's page: somebody of the vendor lets
 * them in, or does not. Nobody has checked that the mail address is theirs, so nothing opens by
 * itself.
 */
#ifndef SRC_DOMAIN_DOMAIN_ACCESS_H
#define SRC_DOMAIN_DOMAIN_ACCESS_H

#include "src/account/account.h"
#include "src/domain/domain.h"

enum { ACCESS_OPEN_MAX = 50 }; /* requests of one partner that wait; more are not taken */

struct access_draft {
    struct str email, name;
    struct str hash; /* of the password that they chose */
};
/*
 * Inside a write. Takes the request where the settings allow it, the domain of the address is
 * proven and nobody has asked or is a user with it; else does nothing, and says nothing of it:
 * whoever asks learns nothing of partners and users. ERR_INVALID for a bad address.
 */
MUST_CHECK enum err access_ask(struct ctx *ctx, const struct access_draft *draft);

struct access_request {
    struct access_id id;
    struct partner_id partner;
    struct str partner_name, domain, email, name;
    int64_t asked_ms;
    struct str hash; /* for access_admit only */
};
struct access_requests {
    struct access_request *rows;
    size_t count;
};
/* Those that wait, oldest first; partner unset: of all. Staff only. */
MUST_CHECK enum err access_list(struct ctx *ctx, struct partner_id partner,
                                struct access_requests *ret_requests);
/* Inside a write: a user of the partner, with the password that they chose. ERR_CONFLICT when the
 * domain is no longer proven. */
MUST_CHECK enum err access_admit(struct ctx *ctx, struct access_id id, struct user *ret_user);
MUST_CHECK enum err access_refuse(struct ctx *ctx, struct access_id id);

extern const struct query_table domain_access_queries;
extern const struct route_table domain_access_routes;
extern const struct command_table domain_access_commands;

#endif
