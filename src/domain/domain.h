/*
 * The partners' domains: who answers for them (determine), whether they are in order (check),
 * whether they are the partner's (prove), and what changes (watch). Everything is asked at the
 * domain's own servers, from the root down. Verdicts: domain_rules.h and docs/guide/dns.md.
 */
#ifndef SRC_DOMAIN_DOMAIN_H
#define SRC_DOMAIN_DOMAIN_H

#include "lib/dns/message.h"
#include "src/core/ctx.h"
#include "src/core/page.h"
#include "src/domain/domain_rules.h"
#include "src/partner/partner.h"

/* ---- settings ---- */

enum { DOMAIN_ROOTS_MAX = 13, DOMAIN_PER_SECOND = 20, DOMAIN_EVERY_HOURS = 24 };

struct domain_settings {
    bool watch;          /* check active partners by itself */
    bool fill;           /* fill empty DNS fields of the record by itself */
    bool admit;          /* take requests for access from people of proven domains */
    bool allow_private;  /* ask loopback and private addresses */
    int64_t every_hours; /* between two checks of a partner */
    int64_t per_second;  /* questions to one server; 0: no limit */
    int64_t port;        /* at which name servers listen: 53 but in a laboratory */
    struct dns_address roots[DOMAIN_ROOTS_MAX]; /* where to begin; none: the root servers */
    size_t root_count;
    int64_t version;
};
MUST_CHECK enum err domain_settings_get(struct ctx *ctx, struct domain_settings *ret_settings);
/* Inside a write; `version` of the settings that it was made to, 0: whatever it is. */
MUST_CHECK enum err domain_settings_set(struct ctx *ctx, const struct domain_settings *settings,
                                        struct domain_settings *ret_settings);

/* ---- one check ---- */

/* What is asked. Texts are borrowed until the answer. */
struct domain_request {
    struct str domain; /* in ASCII */
    struct str server; /* a name or "address[:port]" to ask first, instead of the zone above; empty:
                          none */
    struct str record_primary, record_secondary; /* to compare; empty: none */
    struct str challenge;     /* the text of TXT to look for at every server; empty: none */
    int64_t differs_since_ms; /* see domain_past */
    bool is_fresh;            /* nothing out of memory: for a proof */
    bool falls_back;          /* to the zone above, when `server` is of no use */
};
/*
 * Checks what people give: ERR_INVALID with the field `domain` or `server`. A port of its own is
 * only for who may ask private addresses. `server` may be empty.
 */
MUST_CHECK enum err domain_request_read(struct ctx *ctx, const struct domain_settings *settings,
                                        struct str domain, struct str server,
                                        struct domain_request *ret_request);

/*
 * A partner's check, made ready inside a read: its domain (or the mail domain of its contacts),
 * what its record says, what was found before, and its open proof. With `from_record` it begins at
 * the primary DNS of the record where there is one that answers. ERR_CONFLICT when there is no
 * domain at all.
 */
struct domain_case {
    struct partner partner;
    struct domain_request request;
    struct domain_past past;
    int64_t changed_ms, alarm_ms;
    struct str alarm_sentence;
    bool domain_is_guessed; /* from the contacts */
};
MUST_CHECK enum err domain_case_open(struct ctx *ctx, struct partner_id partner, bool from_record,
                                     struct domain_case *ret_case);

/* "_rapport-challenge.example.com" */
struct str domain_challenge_name(struct str domain, struct arena *arena);

/*
 * Inside a write, after the check of a case: keeps what was found, with a row of history, a mark
 * under "needs attention" and an event where something changed; goes on with the proof; fills
 * empty fields where the settings say so. `by_person` as in domain_occasion.
 */
MUST_CHECK enum err domain_record(struct ctx *ctx, const struct domain_case *opened,
                                  const struct domain_finding *finding, bool by_person);
/* Inside a write: takes what was found into the record: the domain where it has none, primary and
 * secondary DNS. `only_empty`: leaves what is there. */
MUST_CHECK enum err domain_fill(struct ctx *ctx, struct partner_id partner,
                                const struct domain_finding *finding, bool only_empty,
                                bool *ret_changed);

/* ---- what is known ---- */

struct domain_state {
    struct partner_id partner;
    struct str partner_name, domain;
    struct user_id manager;
    struct str manager_name;
    bool is_checked;
    enum domain_verdict verdict;
    struct str name_servers, provider, first_reason;
    struct str finding_json; /* as domain_finding_render wrote it; of one partner only */
    int64_t checked_ms, next_ms, changed_ms, verified_ms;
    unsigned alarms;
    int64_t alarm_ms;
    struct str alarm_sentence;
};
/* ERR_NOT_FOUND for no such partner; without a check `is_checked` is false. */
MUST_CHECK enum err domain_state_get(struct ctx *ctx, struct partner_id partner,
                                     struct domain_state *ret_state);
/* Somebody has seen the alarm: it is over until something changes again. */
MUST_CHECK enum err domain_seen(struct ctx *ctx, struct partner_id partner);

struct domain_filter {
    int verdict; /* -1: all that were checked or have a domain */
    bool unchecked, alarmed;
    struct user_id manager;
};
struct domain_state_page {
    struct domain_state *rows;
    size_t count;
    struct str next;
};
#define DOMAIN_ORDER "name"
/* Partners with a domain, by name; without the finding's text. Staff only. */
MUST_CHECK enum err domain_list(struct ctx *ctx, const struct domain_filter *filter,
                                const struct page *page, struct domain_state_page *ret_page);
struct domain_summary {
    int64_t verdicts[DOMAIN_VERDICT_COUNT];
    int64_t unchecked, alarmed, verified;
};
MUST_CHECK enum err domain_summarise(struct ctx *ctx, struct domain_summary *ret_summary);

struct domain_change {
    int64_t id, at_ms;
    struct partner_id partner;
    struct str partner_name, domain;
    unsigned kinds; /* enum domain_alarm */
    enum domain_verdict verdict;
    struct str sentence;
};
struct domain_change_page {
    struct domain_change *rows;
    size_t count;
    struct str next;
};
#define DOMAIN_CHANGE_ORDER "newest"
/* Newest first; partner unset: of all, staff only. */
MUST_CHECK enum err domain_changes(struct ctx *ctx, struct partner_id partner,
                                   const struct page *page, struct domain_change_page *ret_page);
/* For the live stream: those after a change, oldest first. */
MUST_CHECK enum err domain_changes_after(struct ctx *ctx, int64_t after_id, size_t limit,
                                         struct domain_change_page *ret_page);
MUST_CHECK enum err domain_newest_change(struct ctx *ctx, int64_t *ret_id);
struct json_writer;
void domain_change_render(const struct domain_change *change, struct json_writer *writer);

/* ---- proof ---- */

enum domain_proof_state {
    DOMAIN_PROOF_NONE,
    DOMAIN_PROOF_PENDING,
    DOMAIN_PROOF_VERIFIED,
    DOMAIN_PROOF_EXPIRED,
    DOMAIN_PROOF_LOST
};
extern const char *const domain_proof_state_names[];
enum { DOMAIN_PROOF_DAYS = 14, DOMAIN_PROOF_GRACE_DAYS = 3 };

struct domain_proof {
    int64_t id;
    struct partner_id partner;
    struct str domain;
    enum domain_proof_state state;
    struct str record_name, record_text; /* the TXT record that the partner sets */
    int64_t created_ms, expires_ms, verified_ms, checked_ms, missing_since_ms;
};
/* The newest one of the partner's domain as it is now; state NONE without. */
MUST_CHECK enum err domain_proof_get(struct ctx *ctx, struct partner_id partner,
                                     struct domain_proof *ret_proof);
/* A new challenge of 128 random bits, which ends an older one. ERR_CONFLICT without a domain, and
 * for one that another partner has proven. */
MUST_CHECK enum err domain_proof_begin(struct ctx *ctx, struct partner_id partner,
                                       struct domain_proof *ret_proof);
MUST_CHECK enum err domain_proof_withdraw(struct ctx *ctx, struct partner_id partner);
/* The partner that has proven this domain; unset: nobody. */
MUST_CHECK enum err domain_owner(struct ctx *ctx, struct str domain, struct partner_id *ret_owner);

/* ---- asking ---- */

/* One check, here and now, on the caller's thread: for a command. Seconds. The finding is in the
 * context's arena. */
void domain_check_now(struct ctx *ctx, const struct domain_settings *settings,
                      const struct domain_request *request, struct domain_finding **ret_finding);

/*
 * A thread that checks any number of domains side by side. `watches`: it also checks active
 * partners by itself, when their time has come. `services` is borrowed; its database must be open
 * until domain_service_free.
 */
struct domain_service;
struct domain_service *domain_service_new(const struct services *services, bool watches);
/* What is being asked is given up, and nothing of it is kept. NULL is fine. */
void domain_service_free(struct domain_service *service);

/* One check in the service; the caller's memory until `done`, which is called on its thread: quick.
 */
struct domain_ask {
    struct domain_ask *next;
    struct domain_settings settings;
    struct domain_request request;
    struct arena *arena;            /* nobody else uses it until `done` */
    struct domain_finding *finding; /* NULL: given up, because the process ends */
    void (*done)(struct domain_ask *ask);
    void *self;
    struct domain_service *service; /* private */
};
void domain_service_ask(struct domain_service *service, struct domain_ask *ask);

/* A check of many partners, one at a time in a service. */
struct domain_run {
    bool is_running, is_stopping;
    int64_t total, done, started_ms, finished_ms;
    int64_t verdicts[DOMAIN_VERDICT_COUNT];
    int64_t failed; /* without a domain, or gone in the meantime */
};
enum { DOMAIN_RUN_MAX = 1000000 };
/* ERR_CONFLICT while one goes on. `ids` is copied; what it does is the deed of the context's actor.
 */
MUST_CHECK enum err domain_run_start(struct ctx *ctx, struct domain_service *service,
                                     const struct partner_id *ids, size_t count);
/* What is being asked is still kept. */
void domain_run_stop(struct domain_service *service);
void domain_run_get(struct domain_service *service, struct domain_run *ret_run);
/* Inside a read: every partner that has a domain, or those whose time has come. In the arena. */
MUST_CHECK enum err domain_run_list(struct ctx *ctx, bool only_due, struct partner_id **ret_ids,
                                    size_t *ret_count);

struct query_table;
struct route_table;
struct command_table;
extern const struct query_table domain_queries, domain_proof_queries;
extern const struct route_table domain_routes, domain_list_routes;
extern const struct command_table domain_commands, domain_list_commands;

#endif
