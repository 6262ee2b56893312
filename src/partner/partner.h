/* The directory: partners, their one manager, their contacts. */
#ifndef SRC_PARTNER_PARTNER_H
#define SRC_PARTNER_PARTNER_H

#include "lib/base/money.h"
#include "lib/base/time.h"
#include "lib/norm/norm.h"
#include "src/core/ctx.h"
#include "src/core/limits.h"
#include "src/core/page.h"

enum partner_status {
    PARTNER_PROSPECT,
    PARTNER_ONBOARDING,
    PARTNER_ACTIVE,
    PARTNER_SUSPENDED,
    PARTNER_ENDED,
    PARTNER_STATUS_COUNT
};
const char *partner_status_name(enum partner_status status);
MUST_CHECK bool partner_status_parse(struct str name, enum partner_status *ret_status);

/* The fields that people and files set, each as text; one function checks and normalises them. */
enum partner_field {
    PARTNER_NAME,
    PARTNER_ADDRESS_LINE1,
    PARTNER_ADDRESS_LINE2,
    PARTNER_CITY,
    PARTNER_REGION,
    PARTNER_POSTAL_CODE,
    PARTNER_COUNTRY, /* a code or a name */
    PARTNER_PHONE,   /* national (with country) or international */
    PARTNER_PHONE2,
    PARTNER_DOMAIN, /* a domain, URL or mail address; kept as registrable domain */
    PARTNER_PRIMARY_DNS,
    PARTNER_SECONDARY_DNS,
    PARTNER_SLA,
    PARTNER_TIER,
    PARTNER_MANAGER, /* user id, mail address or unambiguous name */
    PARTNER_PARENT,  /* partner id or unambiguous name */
    PARTNER_CURRENCY,
    PARTNER_LANGUAGE,
    PARTNER_TIME_ZONE,
    PARTNER_NOTE,
    PARTNER_FIELD_COUNT
};
/* "name", "address_line1", …: in the API, in files, on the command line. */
const char *partner_field_name(enum partner_field field);

struct partner {
    struct partner_id id;
    struct str fields[PARTNER_FIELD_COUNT]; /* normalised; manager and parent as printed ids, empty
                                               without */
    enum partner_status status;
    struct user_id manager;
    struct str manager_name, manager_email;
    struct partner_id parent;
    struct str parent_name;
    struct currency currency;
    struct str time_zone;
    int64_t created_ms, updated_ms;
    int64_t active_ms;   /* when it first became active; 0: never */
    int64_t archived_ms; /* 0: not */
    struct partner_id merged_into;
    int64_t version;
};

struct external_id {
    struct str system; /* "salesforce" */
    struct str id;
};

/*
 * What is to be set. A field that is given empty is cleared; manager, currency and time zone fall
 * back to the organisation's. `version`: the one that the change was made to, else ERR_STALE; 0:
 * whatever it is (imports, the shell).
 */
struct partner_change {
    int64_t version;
    struct {
        bool given;
        struct str text;
    } fields[PARTNER_FIELD_COUNT];
    struct external_id external; /* one more, as partner_add_external; empty: none */
};

/* The system in lower case, both parts cleaned and bounded; ERR_INVALID else. `fault` may be NULL.
 * Pure. */
MUST_CHECK enum err external_id_normalise(struct arena *arena, struct fault *fault,
                                          struct external_id given,
                                          struct external_id *ret_external);
/* "system:id", as people write it; false when it is not of this form. Borrowed. */
MUST_CHECK bool external_id_split(struct str text, struct external_id *ret_external);
/* "shop:349, salesforce:001": a list for people, in the arena. */
struct str external_ids_text(const struct external_id *externals, size_t count,
                             struct arena *arena);

/* ERR_NOT_FOUND also for a partner that the actor may not see. A merged partner answers as the one
 * it was merged into. */
MUST_CHECK enum err partner_get(struct ctx *ctx, struct partner_id id, struct partner *ret_partner);
/* By printed id, by external id ("system:id"), or by name: ERR_CONFLICT with the candidates in the
 * sentence when ambiguous. ERR_NOT_FOUND's sentence names those with similar names. */
MUST_CHECK enum err partner_find(struct ctx *ctx, struct str text, struct partner_id *ret_id);
/* The same without looking for similar names: for files, where nobody reads the sentence. */
MUST_CHECK enum err partner_find_exactly(struct ctx *ctx, struct str text,
                                         struct partner_id *ret_id);
/* ERR_NOT_FOUND. */
MUST_CHECK enum err partner_find_external(struct ctx *ctx, struct external_id external,
                                          struct partner_id *ret_id);

/*
 * Needs a name. Manager, currency, country and time zone default to the organisation's; status is
 * prospect unless given. `at_ms`: when it became so (an import knows; 0: now).
 */
MUST_CHECK enum err partner_create(struct ctx *ctx, const struct partner_change *change,
                                   enum partner_status status, int64_t at_ms,
                                   struct partner *ret_partner);
/* Sets `ret_changed` (may be NULL) when anything differed. */
MUST_CHECK enum err partner_update(struct ctx *ctx, struct partner_id id,
                                   const struct partner_change *change, struct partner *ret_partner,
                                   bool *ret_changed);
/*
 * What partner_update would do, on any connection and without writing: ERR_INVALID as it would, and
 * whether anything would differ. `id` unset: what partner_create would check.
 */
MUST_CHECK enum err partner_check(struct ctx *ctx, struct partner_id id,
                                  const struct partner_change *change, bool *ret_changes);
/* Out of every list and total from now on; nothing is deleted. Version 0: whatever it is. */
MUST_CHECK enum err partner_archive(struct ctx *ctx, struct partner_id id, int64_t version);
MUST_CHECK enum err partner_restore(struct ctx *ctx, struct partner_id id, int64_t version);
/* By the table of moves; ERR_CONFLICT otherwise. Moving to active the first time records the fact
 * `partner.converted` through `partner_became_active`. */
MUST_CHECK enum err partner_move(struct ctx *ctx, struct partner_id id, int64_t version,
                                 enum partner_status to, int64_t at_ms);
/* One action, an audit row each; at most LIMIT_BULK_PARTNERS. All or none. */
MUST_CHECK enum err partner_assign(struct ctx *ctx, const struct partner_id *ids, size_t count,
                                   struct user_id manager, size_t *ret_changed);
/*
 * The user may be responsible no longer: the user's partners go to the organisation's default
 * manager, with an audit row each. ERR_CONFLICT when the user is that manager.
 */
MUST_CHECK enum err partner_manager_left(struct ctx *ctx, struct user_id user);

/* What hangs on a partner's record. */
struct partner_marks {
    struct external_id *externals;
    size_t external_count;
    struct str *tags;
    size_t tag_count;
};
/* Tags are the vendor's own: a partner's user gets none. */
MUST_CHECK enum err partner_marks_get(struct ctx *ctx, struct partner_id id,
                                      struct partner_marks *ret_marks);
/* Nothing when it has it already; ERR_CONFLICT when another partner has it. */
MUST_CHECK enum err partner_add_external(struct ctx *ctx, struct partner_id id,
                                         struct external_id external);
/* ERR_NOT_FOUND when it is not this partner's. */
MUST_CHECK enum err partner_remove_external(struct ctx *ctx, struct partner_id id,
                                            struct external_id external);
/* Nothing when it has it already. */
MUST_CHECK enum err partner_add_tag(struct ctx *ctx, struct partner_id id, struct str tag);
/* Nothing when it has it not. */
MUST_CHECK enum err partner_remove_tag(struct ctx *ctx, struct partner_id id, struct str tag);
/* These and no others. */
MUST_CHECK enum err partner_set_externals(struct ctx *ctx, struct partner_id id,
                                          const struct external_id *externals, size_t count);
MUST_CHECK enum err partner_set_tags(struct ctx *ctx, struct partner_id id, const struct str *tags,
                                     size_t count);

/* What the ledger asks for each fact: one small select by the primary key. */
struct partner_brief {
    struct partner_id id; /* the surviving one after merges */
    struct currency currency;
    struct str time_zone;
};
MUST_CHECK enum err partner_brief(struct ctx *ctx, struct partner_id id,
                                  struct partner_brief *ret_brief);

/*
 * What later nouns do in the same transaction when a partner changes. src/app puts one into the
 * services; the ledger's moves rollups and records the conversion.
 */
struct partner_listener {
    enum err (*became_active)(struct ctx *ctx, const struct partner *partner, int64_t at_ms);
    /* Facts keep the partner they were recorded for; totals move to the surviving one. */
    enum err (*merged)(struct ctx *ctx, struct partner_id from, struct partner_id into);
    /* Its days begin at other instants now: its rollups are made anew. */
    enum err (*zone_changed)(struct ctx *ctx, struct partner_id id);
};

/* ---- contacts ---- */

enum contact_field {
    CONTACT_NAME,
    CONTACT_TITLE,
    CONTACT_EMAIL,
    CONTACT_PHONE,
    CONTACT_MOBILE,
    CONTACT_FIELD_COUNT
};
/* "name", "title", …: in the API, in files, on the command line. */
const char *contact_field_name(enum contact_field field);
struct contact {
    struct contact_id id;
    struct partner_id partner;
    struct str fields[CONTACT_FIELD_COUNT];
    bool is_primary;
    struct external_id external;
    int64_t archived_ms, erased_ms, created_ms, updated_ms;
    int64_t version;
};
/* `version` as in partner_change. */
struct contact_change {
    int64_t version;
    struct {
        bool given;
        struct str text;
    } fields[CONTACT_FIELD_COUNT];
    bool primary_given;
    bool is_primary; /* true takes it from the one that had it */
};
/* Needs a name, or a mail address to stand for one. The first contact of a partner becomes its
 * primary one. `external` may be empty. */
MUST_CHECK enum err contact_create(struct ctx *ctx, struct partner_id partner,
                                   const struct contact_change *change, struct external_id external,
                                   struct contact *ret_contact);
MUST_CHECK enum err contact_update(struct ctx *ctx, struct contact_id id,
                                   const struct contact_change *change, struct contact *ret_contact,
                                   bool *ret_changed);
/* What contact_update (or, with `id` unset, contact_create) would do; like partner_check. Both
 * unset: a contact of a partner that is yet to be created. */
MUST_CHECK enum err contact_check(struct ctx *ctx, struct contact_id id, struct partner_id partner,
                                  const struct contact_change *change, bool *ret_changes);
MUST_CHECK enum err contact_get(struct ctx *ctx, struct contact_id id, struct contact *ret_contact);
/* The oldest of the others becomes the primary one in its place. */
MUST_CHECK enum err contact_archive(struct ctx *ctx, struct contact_id id, int64_t version);
/* ERR_CONFLICT for one that was erased. */
MUST_CHECK enum err contact_restore(struct ctx *ctx, struct contact_id id, int64_t version);
struct contact_page {
    struct contact *rows;
    size_t count;
    struct str next;
};
/* Of one partner, oldest first; those that are archived only where `archived`. */
MUST_CHECK enum err contact_list(struct ctx *ctx, struct partner_id partner, bool archived,
                                 const struct page *page, struct contact_page *ret_page);
/* `ret_found` false: the partner has no contact. */
MUST_CHECK enum err contact_primary(struct ctx *ctx, struct partner_id partner,
                                    struct contact *ret_contact, bool *ret_found);
MUST_CHECK enum err contact_find_external(struct ctx *ctx, struct external_id external,
                                          struct contact *ret_contact);

/* ---- list and search ---- */

/*
 * One metric of every partner, for sorting the list by it. The metric noun stands after this one;
 * src/app puts its table into the services.
 */
struct partner_metric_value {
    struct partner_id partner;
    int64_t key;              /* what to sort by; money in the reporting currency */
    struct str text;          /* what to show: "73522.79" */
    struct currency currency; /* of money */
};
struct partner_metric_values {
    struct partner_metric_value *rows; /* by partner id; a partner without data is absent */
    size_t count;
};
struct partner_metric_query {
    struct str code;
    bool from_given, to_given; /* default: the last 30 days */
    struct day from, to;
};
struct partner_metrics {
    bool (*exists)(struct str code);
    enum err (*values)(struct ctx *ctx, const struct partner_metric_query *query,
                       struct partner_metric_values *ret_values);
};

/* Metrics in columns of their own, in the window of `window`; read of all partners. */
struct partner_columns {
    const struct str *codes; /* borrowed */
    size_t count;
    struct partner_metric_values values[LIMIT_LIST_METRICS];
};
/* ERR_INVALID with the field `metrics`: no such metric, or too many. */
MUST_CHECK enum err partner_columns_open(struct ctx *ctx, const struct str *codes, size_t count,
                                         const struct partner_metric_query *window,
                                         struct partner_columns *ret_columns);
/* NULL: no data. */
const struct partner_metric_value *partner_columns_find(const struct partner_columns *columns,
                                                        size_t column, struct partner_id id);

/* The columns of the list that it can be ordered by. */
enum partner_sort {
    PARTNER_SORT_NAME,
    PARTNER_SORT_STATUS,
    PARTNER_SORT_COUNTRY,
    PARTNER_SORT_CITY,
    PARTNER_SORT_MANAGER, /* by name */
    PARTNER_SORT_TIER,
    PARTNER_SORT_DOMAIN,
    PARTNER_SORT_CREATED,
    PARTNER_SORT_UPDATED,
    PARTNER_SORT_ACTIVE, /* when it first became active */
    PARTNER_SORT_COUNT,
    PARTNER_SORT_METRIC = PARTNER_SORT_COUNT
};
/* "name", "status", …; what `sort` takes, with "-" in front for descending. */
const char *partner_sort_name(enum partner_sort sort);

enum partner_archived { PARTNERS_NOT_ARCHIVED, PARTNERS_ARCHIVED, PARTNERS_ALL };

/* What is asked for; zero members do not restrict. A merged partner is never listed. */
struct partner_filter {
    /* Every word of it begins a word of the partner's names, domain, contacts (name, mail) or
     * external ids; letter case, accents and punctuation do not count. */
    struct str search;
    struct user_id manager;
    unsigned statuses; /* bits PARTNER_STATUS_BIT */
    struct country country;
    struct product_id product; /* carried */
    struct str tag, tier;
    struct partner_id parent;
    bool without_contact;
    enum partner_archived archived;
};
#define PARTNER_STATUS_BIT(status) (1U << (unsigned)(status))

struct partner_order {
    enum partner_sort sort;
    bool descending;
    struct partner_metric_query metric; /* PARTNER_SORT_METRIC */
};

/* "name", "-updated", "-sales": a column or a metric, "-" for descending; empty: by name. Sets what
 * it says and leaves the metric's window. ERR_INVALID with the field `sort`. */
MUST_CHECK enum err partner_order_parse(struct ctx *ctx, struct str text,
                                        struct partner_order *ret_order);
/* The same, back; for cursors. */
const char *partner_order_text(struct ctx *ctx, const struct partner_order *order);

/* A row of the list. Texts in the context's arena. */
struct partner_row {
    struct partner_id id;
    struct str name, status, tier;
    struct str city, region, country, domain, phone;
    struct user_id manager;
    struct str manager_name;
    struct partner_id parent;
    struct str parent_name;
    struct contact_id contact; /* the primary one; unset: none */
    struct str contact_name, contact_email, contact_phone;
    struct str *tags;
    size_t tag_count;
    int64_t created_ms, updated_ms, active_ms, archived_ms;
    int64_t version;
    struct str metric_value; /* PARTNER_SORT_METRIC: as text; empty: no data */
    struct currency metric_currency;
};
struct partner_page {
    struct partner_row *rows;
    size_t count;
    struct str next;
};
/* Only what the actor may see. Partners without the metric's data come last in both directions. */
MUST_CHECK enum err partner_list(struct ctx *ctx, const struct partner_filter *filter,
                                 const struct partner_order *order, const struct page *page,
                                 struct partner_page *ret_page);
/* All rows of the filter, page after page, each lent for the call; ERR_TOO_LARGE over
 * LIMIT_EXPORT_PARTNERS. Stops at the first failure of `each`. */
typedef enum err partner_each(void *self, const struct partner_row *row);
MUST_CHECK enum err partner_list_each(struct ctx *ctx, const struct partner_filter *filter,
                                      const struct partner_order *order, partner_each *each,
                                      void *self);
MUST_CHECK enum err partner_count(struct ctx *ctx, const struct partner_filter *filter,
                                  int64_t *ret_count);
/* The ids of the filter, for an action on all of them; ERR_TOO_LARGE over LIMIT_BULK_PARTNERS. */
MUST_CHECK enum err partner_list_ids(struct ctx *ctx, const struct partner_filter *filter,
                                     struct partner_id **ret_ids, size_t *ret_count);

/* ---- actions on many ---- all or none, an audit row for each partner that really changes; at
 * most LIMIT_BULK_PARTNERS ids, no matter how often one is named ---- */

/* partner_assign stands above. ERR_CONFLICT, naming the partner, where the table of moves has no
 * such move; a partner that has the status already is left alone. */
MUST_CHECK enum err partner_move_all(struct ctx *ctx, const struct partner_id *ids, size_t count,
                                     enum partner_status to, size_t *ret_changed);
struct partner_tag_change {
    const struct str *add;
    size_t add_count;
    const struct str *remove;
    size_t remove_count;
};
MUST_CHECK enum err partner_tag_all(struct ctx *ctx, const struct partner_id *ids, size_t count,
                                    const struct partner_tag_change *change, size_t *ret_changed);

/* One of these actions, by the ids that were made before and after it; in between are the rows of
 * its history. */
struct partner_action {
    int64_t from, to;
};
/*
 * Takes back what this actor did: manager, status and tags become what they were. All or none:
 * ERR_CONFLICT, naming the partner, where somebody changed the same since, where it was merged, or
 * where the table of moves has no way back. ERR_NOT_FOUND for an action of somebody else. The undo
 * is an action, which can be taken back too.
 */
MUST_CHECK enum err partner_undo(struct ctx *ctx, const struct partner_action *action,
                                 size_t *ret_partners, size_t *ret_changed);

/* ---- duplicates ---- */

enum duplicate_reason {
    DUPLICATE_DOMAIN = 1,
    DUPLICATE_PHONE = 2,
    DUPLICATE_EXTERNAL_ID = 4, /* the same id in two systems */
    DUPLICATE_NAME = 8,        /* equal but for the legal form */
    DUPLICATE_SPELLING = 16    /* nearly equal */
};
/* "domain", …; NULL past the last. */
const char *duplicate_reason_name(enum duplicate_reason reason);

/* Two partners that may be one. */
struct duplicate {
    struct duplicate_id id;
    struct partner_id a, b; /* the older one first */
    struct str a_name, b_name, a_city, b_city, a_country, b_country;
    unsigned reasons; /* bits of enum duplicate_reason */
    int64_t found_ms;
    int64_t dismissed_ms; /* 0: open */
    struct str dismissed_by;
};
struct duplicate_page {
    struct duplicate *rows;
    size_t count;
    struct str next;
};
struct duplicate_filter {
    struct partner_id partner; /* unset: all */
    bool dismissed;            /* those that were judged, instead of the open ones */
};
/* The most certain first. Staff only: a partner's user gets none. */
MUST_CHECK enum err duplicate_list(struct ctx *ctx, const struct duplicate_filter *filter,
                                   const struct page *page, struct duplicate_page *ret_page);
/* "These are two": it does not come back until it is reopened. Nothing when it is so already. */
MUST_CHECK enum err duplicate_dismiss(struct ctx *ctx, struct duplicate_id id);
MUST_CHECK enum err duplicate_reopen(struct ctx *ctx, struct duplicate_id id);

/* ---- merging ---- */

/*
 * `from` becomes part of `into`: contacts, external ids, tags, products, children, users, history
 * and totals move; fields that `into` lacks are filled; facts keep the partner they were recorded
 * for. From then on `from` answers as `into`. ERR_CONFLICT when one of them was merged before, when
 * they are the same, or when `into` is archived.
 */
MUST_CHECK enum err partner_merge(struct ctx *ctx, struct partner_id from, struct partner_id into,
                                  struct partner *ret_partner);

/* ---- a person's rights ---- */

/* Everything that is kept about the contact, as one JSON object: its record, its partner, its
 * history, and the facts that name it. */
MUST_CHECK enum err contact_personal_data(struct ctx *ctx, struct contact_id id,
                                          struct str *ret_json);
/* Replaces the person's data in the record and its history, for ever; archives the contact. Facts
 * keep a reference to a record without a person. Nothing when it is done already. */
MUST_CHECK enum err contact_erase(struct ctx *ctx, struct contact_id id,
                                  struct contact *ret_contact);

struct query_table;
struct route_table;
struct command_table;
extern const struct query_table partner_queries, contact_queries;
extern const struct query_table partner_search_queries, partner_list_queries, partner_bulk_queries,
    partner_merge_queries, duplicate_queries, contact_privacy_queries;
extern const struct route_table partner_routes, contact_routes;
extern const struct route_table partner_list_routes, partner_bulk_routes, partner_merge_routes,
    duplicate_routes, contact_privacy_routes;
extern const struct command_table partner_commands, partner_history_commands, contact_commands;
extern const struct command_table partner_list_commands, partner_bulk_commands,
    partner_merge_commands, duplicate_commands, contact_privacy_commands;

#endif
