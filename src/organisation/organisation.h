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
    struct str default_manager_name;
    int64_t created_ms;
    int64_t version;
};

/* Texts in ctx's arena. ERR_NOT_FOUND before `init`. */
MUST_CHECK enum err organisation_get(struct ctx *ctx, struct organisation *ret_organisation);

/* The fields that people set, each as text. */
enum organisation_field {
    ORGANISATION_NAME,
    ORGANISATION_COUNTRY, /* a code or a name */
    ORGANISATION_CONTACT_NAME,
    ORGANISATION_CONTACT_PHONE, /* national (with country) or international */
    ORGANISATION_CONTACT_EMAIL,
    ORGANISATION_CURRENCY,
    ORGANISATION_TIME_ZONE,
    ORGANISATION_DEFAULT_MANAGER, /* user id, mail address or unambiguous name */
    ORGANISATION_FIELD_COUNT
};
/* "name", "contact_name", …: in the API and on the command line. */
const char *organisation_field_name(enum organisation_field field);
/* What is to be set. A field that is given empty is cleared, where it may be empty. `version`: the
 * one that the change was made to, else ERR_STALE; 0: whatever it is. */
struct organisation_change {
    int64_t version;
    struct {
        bool given;
        struct str text;
    } fields[ORGANISATION_FIELD_COUNT];
};
/* Once, by `init`: needs a name and a default manager. Currency defaults to EUR, time zone to UTC.
 * ERR_CONFLICT when there is one. */
MUST_CHECK enum err organisation_create(struct ctx *ctx, const struct organisation_change *change,
                                        struct organisation *ret_organisation);
MUST_CHECK enum err organisation_update(struct ctx *ctx, const struct organisation_change *change,
                                        struct organisation *ret_organisation);

/* What later nouns do in the same transaction; src/app puts one into the services. */
struct organisation_listener {
    /* The days of groups and the channel begin at other instants now: all rollups are made anew. */
    enum err (*zone_changed)(struct ctx *ctx);
};

struct query_table;
struct route_table;
struct command_table;
extern const struct query_table organisation_queries;
extern const struct route_table organisation_routes;
extern const struct command_table organisation_commands;

#endif
