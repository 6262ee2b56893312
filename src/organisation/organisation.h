/* The vendor itself: its name, the one point of contact it gives all partners, and its defaults. */
#ifndef SRC_ORGANISATION_ORGANISATION_H
#define SRC_ORGANISATION_ORGANISATION_H

#include "lib/base/money.h"
#include "lib/norm/norm.h"
#include "src/core/ctx.h"

struct organisation {
    struct str name;
    struct str contact_name;  /* the point of contact */
    struct str contact_phone; /* E.164 */
    struct str contact_email;
    struct country country;   /* default for partners' phone numbers */
    struct currency currency; /* reporting currency, and default of partners */
    struct str time_zone;     /* of groups and the channel, and default of partners */
    struct user_id default_manager;
    int64_t version;
};

/* Texts in ctx's arena. ERR_NOT_FOUND before `init`. */
MUST_CHECK enum err organisation_get(struct ctx *ctx, struct organisation *ret_organisation);

#endif
