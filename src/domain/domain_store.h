/* Statements of domains. Private to src/domain. */
#ifndef SRC_DOMAIN_DOMAIN_STORE_H
#define SRC_DOMAIN_DOMAIN_STORE_H

#include "src/domain/domain.h"

struct domain_setting_row {
    struct domain_settings settings;
    struct str roots; /* as text */
};
MUST_CHECK enum err domain_store_settings(struct ctx *ctx, struct domain_setting_row *ret_row,
                                          bool *ret_found);
MUST_CHECK enum err domain_store_set_settings(struct ctx *ctx,
                                              const struct domain_setting_row *row);

/* What is kept of a check. */
struct domain_kept {
    struct partner_id partner;
    struct str domain;
    struct domain_past past;
    struct str provider, first_reason, finding;
    int64_t checked_ms, next_ms, changed_ms, alarm_ms;
    struct str alarm_sentence;
};
/* Without the finding. */
MUST_CHECK enum err domain_store_kept(struct ctx *ctx, struct partner_id partner,
                                      struct domain_kept *ret_kept, bool *ret_found);
MUST_CHECK enum err domain_store_keep(struct ctx *ctx, const struct domain_kept *kept);
MUST_CHECK enum err domain_store_set_alarms(struct ctx *ctx, struct partner_id partner,
                                            unsigned alarms, int64_t alarm_ms, struct str sentence);

/* Of one partner that has a domain or was checked, with the finding's text. */
MUST_CHECK enum err domain_store_state(struct ctx *ctx, struct partner_id partner,
                                       struct domain_state *ret_state, bool *ret_found);
/* A row's place in the order by name. */
struct domain_place {
    struct str key;
    int64_t id;
};
/* After `place`, which becomes that of the last row. */
MUST_CHECK enum err domain_store_list(struct ctx *ctx, const struct domain_filter *filter,
                                      struct domain_place *place, int64_t limit,
                                      struct domain_state_page *page);
MUST_CHECK enum err domain_store_summary(struct ctx *ctx, struct domain_summary *ret_summary);

/* Active partners with a domain whose time has come; those that were never checked first. */
MUST_CHECK enum err domain_store_due(struct ctx *ctx, int64_t now_ms, size_t limit,
                                     struct partner_id *ret_ids, size_t *ret_count);
MUST_CHECK enum err domain_store_new(struct ctx *ctx, size_t limit, struct partner_id *ret_ids,
                                     size_t *ret_count);
/* All that are not archived and have a domain, after an id. */
MUST_CHECK enum err domain_store_all(struct ctx *ctx, struct partner_id after, size_t limit,
                                     struct partner_id *ret_ids, size_t *ret_count);

MUST_CHECK enum err domain_store_add_change(struct ctx *ctx, const struct domain_change *change);
/* Partner unset: of all. `before_id` 0: from the newest. */
MUST_CHECK enum err domain_store_changes(struct ctx *ctx, struct partner_id partner,
                                         int64_t before_id, int64_t limit,
                                         struct domain_change_page *page);
MUST_CHECK enum err domain_store_changes_after(struct ctx *ctx, int64_t after_id, int64_t limit,
                                               struct domain_change_page *page);
MUST_CHECK enum err domain_store_newest_change(struct ctx *ctx, int64_t *ret_id);

/* A contact's mail address, to guess a domain by. */
MUST_CHECK enum err domain_store_mail(struct ctx *ctx, struct partner_id partner, int64_t limit,
                                      struct str *ret_mails, size_t *ret_count);

/* ---- proofs ---- */

struct domain_proof_row {
    struct domain_proof proof;
    struct str token;
    int64_t ended_ms;
};
MUST_CHECK enum err domain_store_proof(struct ctx *ctx, struct partner_id partner,
                                       struct domain_proof_row *ret_row, bool *ret_found);
MUST_CHECK enum err domain_store_add_proof(struct ctx *ctx, const struct domain_proof_row *row);
MUST_CHECK enum err domain_store_set_proof(struct ctx *ctx, const struct domain_proof_row *row);
/* Who has proven the domain, and has not lost it. */
MUST_CHECK enum err domain_store_owner(struct ctx *ctx, struct str domain,
                                       struct partner_id *ret_owner);

#endif
