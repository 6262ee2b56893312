/* The shapes of domains in the API's documentation. */
#include "src/core/form.h"
#include "src/core/limits.h"
#include "src/domain/domain_view.h"

#define NEEDED(name_, type_, help_)                                                \
    {                                                                              \
        .name = (name_), .type = (type_), .flags = FIELD_REQUIRED, .help = (help_) \
    }
#define ABSENT(name_, type_, help_)                                                 \
    {                                                                               \
        .name = (name_), .type = (type_), .flags = FIELD_REQUIRED | FIELD_NULLABLE, \
        .help = (help_)                                                             \
    }
#define VERDICT(name_, flags_, help_)                                            \
    {                                                                            \
        .name = (name_), .type = FIELD_ENUM, .flags = FIELD_REQUIRED | (flags_), \
        .names = domain_verdict_names, .help = (help_)                           \
    }
#define ROWS(name_, schema_, max_, help_)                                                     \
    {                                                                                         \
        .name = (name_), .type = FIELD_OBJECTS, .flags = FIELD_REQUIRED, .schema = (schema_), \
        .max_items = (max_), .help = (help_)                                                  \
    }

static const char *const role_names[] = {"primary", "secondary", "listed", "other", NULL};
static const char *const alarm_names[] = {"verdict", "name_servers", "ownership", NULL};

static const struct field reason_fields[] = {
    NEEDED("code", FIELD_TEXT, "Stable, for programs: server_silent, serial_stale, …"),
    VERDICT("verdict", 0, "What this reason alone would make of it; healthy: worth knowing only."),
    ABSENT("server", FIELD_TEXT, "Whom it is about."),
    NEEDED("sentence", FIELD_TEXT, "What was found."),
    NEEDED("advice", FIELD_TEXT, "What to do about it."),
};
static const struct schema reason_schema =
    SCHEMA("DomainReason", "Why a domain has its verdict, and what to do.", reason_fields);

static const struct field server_fields[] = {
    ABSENT("name", FIELD_TEXT, "null: the record has an address only."),
    ABSENT("address", FIELD_TEXT, "null: the name has none."),
    {.name = "role", .type = FIELD_ENUM, .flags = FIELD_REQUIRED, .names = role_names},
    {.name = "state",
     .type = FIELD_ENUM,
     .flags = FIELD_REQUIRED,
     .names = domain_server_state_names},
    ABSENT("response", FIELD_TEXT, "The response code of its answer."),
    ABSENT("serial", FIELD_INT, "The version of the zone that it has."),
    ABSENT("latency_us", FIELD_INT, "Of its answer, in microseconds, with repeats."),
    NEEDED("listed_above", FIELD_BOOL, "The zone above names it."),
    NEEDED("listed_in_zone", FIELD_BOOL, "The domain's own servers name it."),
    NEEDED("in_record", FIELD_BOOL, "The partner's record names it."),
};
static const struct schema server_schema =
    SCHEMA("DomainServer", "One name server at one address.", server_fields);

static const struct field soa_fields[] = {
    NEEDED("primary", FIELD_TEXT, "MNAME: where the zone is changed."),
    NEEDED("contact", FIELD_TEXT, "RNAME: a mail address whose @ is written as a dot."),
    NEEDED("serial", FIELD_INT, "The version."),
    NEEDED("refresh_s", FIELD_INT, "How often secondaries look for a new version."),
    NEEDED("retry_s", FIELD_INT, NULL),
    NEEDED("expire_s", FIELD_INT, NULL),
    NEEDED("minimum_s", FIELD_INT, NULL),
};
static const struct schema soa_schema =
    SCHEMA("DomainSoa", "What the zone says of itself.", soa_fields);

static const struct field mail_fields[] = {
    NEEDED("host", FIELD_TEXT, NULL),
    NEEDED("preference", FIELD_INT, "The lowest is tried first."),
};
static const struct schema mail_schema =
    SCHEMA("DomainMail", "A host that takes mail.", mail_fields);

static const struct field check_fields[] = {
    NEEDED("domain", FIELD_TEXT, "In ASCII."),
    NEEDED("shown", FIELD_TEXT, "As people write it."),
    NEEDED("checked_at", FIELD_TIME, NULL),
    VERDICT("verdict", 0, "The worst of its reasons."),
    ROWS("reasons", &reason_schema, DOMAIN_REASONS_MAX, "The worst first."),
    ABSENT("asked_first", FIELD_TEXT, "A server that was asked instead of the zone above."),
    ABSENT("zone_above", FIELD_TEXT, "The zone that delegates the domain."),
    ROWS("name_servers", &server_schema, DOMAIN_SERVERS_MAX, NULL),
    {.name = "soa",
     .type = FIELD_OBJECT,
     .schema = &soa_schema,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    ROWS("mail", &mail_schema, DOMAIN_MAIL_MAX, NULL),
    {.name = "dnssec",
     .type = FIELD_ENUM,
     .flags = FIELD_REQUIRED,
     .names = domain_dnssec_names,
     .help = "By what is there; signatures are not verified."},
    ABSENT("provider", FIELD_TEXT, "Who hosts it, where the names of its servers tell."),
    ABSENT("primary_dns", FIELD_TEXT, "What the record should say."),
    ABSENT("secondary_dns", FIELD_TEXT, "What the record should say."),
};
const struct schema domain_check_schema =
    SCHEMA("DomainCheck", "What was found out about a domain.", check_fields);

static const struct field proof_fields[] = {
    {.name = "state",
     .type = FIELD_ENUM,
     .flags = FIELD_REQUIRED,
     .names = domain_proof_state_names},
    ABSENT("domain", FIELD_TEXT, NULL),
    ABSENT("record_name", FIELD_TEXT, "The owner of the TXT record that the partner sets."),
    ABSENT("record_text", FIELD_TEXT, "Its text. It stays as long as the proof is to hold."),
    ABSENT("created_at", FIELD_TIME, NULL),
    ABSENT("expires_at", FIELD_TIME, "Until then it must have been seen once."),
    ABSENT("verified_at", FIELD_TIME, NULL),
    ABSENT("checked_at", FIELD_TIME, "When it was looked for last."),
    ABSENT("missing_since", FIELD_TIME, "It was seen, and is not any more."),
};
const struct schema domain_proof_schema =
    SCHEMA("DomainProof", "Proof that a domain is a partner's.", proof_fields);

#define COMMON_FIELDS                                                                         \
    {.name = "partner_id", .type = FIELD_ID, .prefix = "ptn", .flags = FIELD_REQUIRED},       \
        NEEDED("partner_name", FIELD_TEXT, NULL), ABSENT("domain", FIELD_TEXT, NULL),         \
        VERDICT("verdict", FIELD_NULLABLE, "Of the last check; null: there was none."),       \
        ABSENT("checked_at", FIELD_TIME, NULL), ABSENT("next_check_at", FIELD_TIME, NULL),    \
        ABSENT("changed_at", FIELD_TIME, "The last row of the history."),                     \
        ABSENT("verified_at", FIELD_TIME, "When the domain was proven to be the partner's."), \
        {.name = "alarms",                                                                    \
         .type = FIELD_TEXTS,                                                                 \
         .names = alarm_names,                                                                \
         .max = 20,                                                                           \
         .max_items = 3,                                                                      \
         .flags = FIELD_REQUIRED,                                                             \
         .help = "What needs attention."},                                                    \
        ABSENT("alarm", FIELD_TEXT, "In words.")

static const struct field state_fields[] = {
    COMMON_FIELDS,
    {.name = "proof",
     .type = FIELD_OBJECT,
     .schema = &domain_proof_schema,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "check",
     .type = FIELD_OBJECT,
     .schema = &domain_check_schema,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "The last one."},
};
const struct schema domain_state_schema =
    SCHEMA("PartnerDns", "What is known of a partner's domain.", state_fields);

static const struct field row_fields[] = {
    COMMON_FIELDS,
    {.name = "manager_id", .type = FIELD_ID, .prefix = "usr", .flags = FIELD_REQUIRED},
    NEEDED("manager_name", FIELD_TEXT, NULL),
    ABSENT("name_servers", FIELD_TEXT, "Their names, separated by commas."),
    ABSENT("provider", FIELD_TEXT, NULL),
    ABSENT("reason", FIELD_TEXT, "The first reason of the verdict."),
};
const struct schema domain_row_schema =
    SCHEMA("DomainRow", "A partner's domain in a list.", row_fields);

static const struct field count_fields[] = {
    VERDICT("verdict", 0, NULL),
    NEEDED("count", FIELD_INT, NULL),
};
static const struct schema count_schema =
    SCHEMA("DomainCount", "How many domains have a verdict.", count_fields);
static const struct field summary_fields[] = {
    ROWS("verdicts", &count_schema, DOMAIN_VERDICT_COUNT, NULL),
    NEEDED("unchecked", FIELD_INT, "Partners with a domain that was never checked."),
    NEEDED("alarmed", FIELD_INT, "Partners whose DNS needs attention."),
    NEEDED("verified", FIELD_INT, "Partners whose domain is proven."),
};
const struct schema domain_summary_schema =
    SCHEMA("DomainSummary", "The domains of the channel.", summary_fields);

static const struct field change_fields[] = {
    NEEDED("at", FIELD_TIME, NULL),
    {.name = "partner_id", .type = FIELD_ID, .prefix = "ptn", .flags = FIELD_REQUIRED},
    NEEDED("partner_name", FIELD_TEXT, NULL),
    NEEDED("domain", FIELD_TEXT, NULL),
    {.name = "kinds",
     .type = FIELD_TEXTS,
     .names = alarm_names,
     .max = 20,
     .max_items = 3,
     .flags = FIELD_REQUIRED,
     .help = "What changed."},
    VERDICT("verdict", 0, "Since then."),
    NEEDED("sentence", FIELD_TEXT, "In words."),
};
const struct schema domain_change_schema =
    SCHEMA("DomainChange", "Something that changed at a domain.", change_fields);

static const struct field settings_fields[] = {
    {.name = "watch", .type = FIELD_BOOL, .help = "Check active partners by itself."},
    {.name = "fill", .type = FIELD_BOOL, .help = "Fill empty DNS fields of records by itself."},
    {.name = "admit",
     .type = FIELD_BOOL,
     .help = "Take requests for access from people with an address in a proven domain."},
    {.name = "allow_private",
     .type = FIELD_BOOL,
     .help = "Ask loopback and private addresses, and ports of their own."},
    {.name = "every_hours", .type = FIELD_INT, .min = 1, .max = 720, .help = "Between two checks."},
    {.name = "per_second",
     .type = FIELD_INT,
     .min = 0,
     .max = 10000,
     .help = "Questions to one name server; 0: without a limit."},
    {.name = "port", .type = FIELD_INT, .min = 1, .max = 65535, .help = "Of name servers: 53."},
    {.name = "roots",
     .type = FIELD_TEXTS,
     .max = DNS_ADDRESS_TEXT_MAX,
     .max_items = DOMAIN_ROOTS_MAX,
     .help = "Addresses of root servers; none: those of the internet."},
    {.name = "version", .type = FIELD_INT, .flags = FIELD_READ_ONLY},
};
const struct schema domain_settings_schema =
    SCHEMA("DomainSettings", "How domains are checked.", settings_fields);

static const struct field run_fields[] = {
    NEEDED("running", FIELD_BOOL, NULL),
    NEEDED("stopping", FIELD_BOOL, NULL),
    NEEDED("total", FIELD_INT, NULL),
    NEEDED("done", FIELD_INT, NULL),
    NEEDED("failed", FIELD_INT, "Without a domain, or gone in the meantime."),
    ABSENT("started_at", FIELD_TIME, NULL),
    ABSENT("finished_at", FIELD_TIME, NULL),
    ROWS("verdicts", &count_schema, DOMAIN_VERDICT_COUNT, NULL),
};
const struct schema domain_run_schema =
    SCHEMA("DomainRun", "A check of many partners.", run_fields);
