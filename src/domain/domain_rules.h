/*
 * What was found out about a domain, and what it means: the verdict with its reasons, the next
 * check, what counts as a change. Pure. Definitions: docs/guide/dns.md.
 */
#ifndef SRC_DOMAIN_DOMAIN_RULES_H
#define SRC_DOMAIN_DOMAIN_RULES_H

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/str.h"

/* From good to bad: a domain's verdict is the worst that one of its reasons has. */
enum domain_verdict {
    DOMAIN_HEALTHY,
    DOMAIN_MISMATCH,       /* the record, or the zone above, differs from what the domain says */
    DOMAIN_OUT_OF_STEP,    /* a server has an old version for longer than it may */
    DOMAIN_LAME,           /* a listed server does not answer for the domain */
    DOMAIN_UNREACHABLE,    /* no server answers at all */
    DOMAIN_NOT_DELEGATED,  /* the name is there, but nobody is named for it */
    DOMAIN_NO_SUCH_DOMAIN, /* the zone above says that there is none */
    DOMAIN_VERDICT_COUNT
};
/* "healthy", …; NULL-terminated. */
extern const char *const domain_verdict_names[];
bool domain_verdict_parse(struct str name, enum domain_verdict *ret_verdict);

/* Whether answers are signed, by what is there; signatures are not verified. */
enum domain_dnssec {
    DOMAIN_UNSIGNED,
    DOMAIN_SIGNED,       /* the zone above names a key that the domain has and signs with */
    DOMAIN_NOT_ANCHORED, /* signed, but the zone above names no key */
    DOMAIN_BROKEN,       /* the zone above names a key that is not there, or nothing is signed */
    DOMAIN_EXPIRED,      /* the signature of the SOA has ended */
    DOMAIN_DNSSEC_COUNT
};
extern const char *const domain_dnssec_names[];

enum domain_server_state {
    DOMAIN_SERVER_GOOD, /* answers with authority */
    DOMAIN_SERVER_LAME, /* answers, but not with authority: see rcode */
    DOMAIN_SERVER_GARBLED,
    DOMAIN_SERVER_SILENT,
    DOMAIN_SERVER_FORBIDDEN, /* a private address, which is not asked */
    DOMAIN_SERVER_NO_ADDRESS,
    DOMAIN_SERVER_STATE_COUNT
};
extern const char *const domain_server_state_names[];

enum {
    DOMAIN_NAMES_MAX = 24,   /* of servers, from all sources */
    DOMAIN_SERVERS_MAX = 48, /* addresses of them */
    DOMAIN_MAIL_MAX = 10,
    DOMAIN_REASONS_MAX = 64,
    DOMAIN_CONFIRM_MS = 10 * 60 * 1000, /* one silence is no news: asked again after this */
    DOMAIN_BACK_OFF_MAX_MS = 7 * 24 * 3600 * 1000
};

/* One name server at one address. */
struct domain_server {
    struct str name;    /* empty: the record has an address only */
    struct str address; /* empty: it has none */
    bool above;         /* the zone above lists it */
    bool own;           /* the domain's own servers list it */
    bool in_record;     /* the partner's record names it */
    bool is_start;      /* was asked first, by wish */
    bool is_primary;    /* the SOA's MNAME */
    bool is_alias;
    enum domain_server_state state;
    int rcode;
    struct str rcode_name;
    bool has_soa;
    uint32_t serial, refresh_s;
    int64_t latency_us;
    bool has_challenge; /* its TXT has what was looked for */
};

struct domain_mail {
    struct str host;
    int preference;
};

struct domain_reason {
    const char *code;
    enum domain_verdict verdict; /* DOMAIN_HEALTHY: worth knowing only */
    struct str server;           /* whom it is about; empty: nobody */
    struct str sentence, advice;
};

enum domain_delegation { DOMAIN_DELEGATED, DOMAIN_UNDELEGATED, DOMAIN_NO_NAME, DOMAIN_NO_PARENT };

/* Everything that is known after a check. Texts are borrowed. */
struct domain_finding {
    struct str domain;
    int64_t checked_ms;
    /* Asked: */
    struct str start;                            /* the server that was to be asked first */
    struct str record_primary, record_secondary; /* of the partner's record */
    int64_t differs_since_ms; /* serials differed at the checks since then; 0: they did not */
    /* Found: */
    enum domain_delegation delegation; /* without `start` */
    struct str parent;                 /* the zone above */
    struct domain_server servers[DOMAIN_SERVERS_MAX];
    size_t server_count;
    bool has_soa; /* of the primary, or of the first server that has one */
    struct str mname, rname;
    uint32_t serial, refresh_s, retry_s, expire_s, minimum_s;
    struct domain_mail mail[DOMAIN_MAIL_MAX];
    size_t mail_count;
    bool has_ds, ds_matches, has_keys, has_signature;
    int64_t signature_ends_ms;
    /* Judged: */
    enum domain_verdict verdict;
    struct domain_reason reasons[DOMAIN_REASONS_MAX];
    size_t reason_count;
    enum domain_dnssec dnssec;
    struct str provider;                   /* by the names of the servers; empty: not known */
    struct str primary_dns, secondary_dns; /* what the record should say; may be empty */
    struct str name_servers;               /* their names in order, separated by ", " */
    bool serials_differ;
};
/* Fills what is judged. Texts in the arena. */
void domain_judge(struct domain_finding *finding, struct arena *arena);

/* Who hosts a zone whose servers have such a name; empty: not known. Static. */
struct str domain_provider(struct str name_server);
/* Serial arithmetic of RFC 1982: whether a is newer than b. */
bool domain_serial_is_newer(uint32_t a, uint32_t b);
/*
 * When a serial was given out at the latest, where it tells: a day and a count (2026112501), or
 * seconds since 1970. 0: it does not.
 */
int64_t domain_serial_latest_ms(uint32_t serial, int64_t now_ms);

/* ---- over time ---- */

enum domain_alarm { DOMAIN_ALARM_VERDICT = 1, DOMAIN_ALARM_SERVERS = 2, DOMAIN_ALARM_OWNER = 4 };

/* What is kept of a partner's domain between two checks. */
struct domain_past {
    bool is_known; /* there was a check of this domain */
    enum domain_verdict verdict,
        told_verdict; /* of the last check; the last that is in the history */
    struct str name_servers;
    int failures; /* checks in a row that found nobody */
    int64_t differs_since_ms;
    unsigned alarms;
};
struct domain_plan {
    struct domain_past now;
    unsigned changes; /* enum domain_alarm: what goes into the history */
    int64_t next_ms;
};
/*
 * `by_person`: somebody looked, so that even a first silence counts. `spread` is any number of the
 * partner's: its checks keep their own time of the day.
 */
struct domain_occasion {
    int64_t now_ms, interval_ms;
    uint64_t spread;
    bool by_person;
};
struct domain_plan domain_plan(const struct domain_past *past, const struct domain_finding *finding,
                               const struct domain_occasion *occasion);

#endif
