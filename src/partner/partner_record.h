/* The steps that every change of a record shares. Private to src/partner. */
#ifndef SRC_PARTNER_PARTNER_RECORD_H
#define SRC_PARTNER_PARTNER_RECORD_H

#include "src/core/audit.h"
#include "src/partner/partner.h"

struct audit_subject partner_subject(struct partner_id id);
enum err partner_not_found(struct ctx *ctx);
/* The record to be changed; ERR_STALE unless `version` is 0 or its own. */
MUST_CHECK enum err partner_record_open(struct ctx *ctx, struct partner_id id, int64_t version,
                                        struct partner *ret_partner);
/* What differs, field by field. */
void partner_record_differences(struct audit_changes *changes, const struct partner *before,
                                const struct partner *after);
/* Writes what differs, with its audit row, and counts the version up; nothing when nothing does.
 * `action` as audit_record. */
MUST_CHECK enum err partner_record_save(struct ctx *ctx, const struct partner *before,
                                        struct partner *after, const char *action,
                                        bool *ret_changed);
/*
 * Whether `id` (unset: a new partner) may have this external id, which may be empty: ERR_CONFLICT
 * when it belongs to another. `ret_external` is its normal form, empty when there is nothing to
 * add.
 */
MUST_CHECK enum err partner_check_external(struct ctx *ctx, struct partner_id id,
                                           struct external_id given,
                                           struct external_id *ret_external);
/* "system:id" */
struct str partner_external_text(struct ctx *ctx, struct external_id external);
/* `at_ms`, or now where it is 0; ERR_INVALID when it is not an instant up to a day from now. */
MUST_CHECK enum err partner_instant(struct ctx *ctx, int64_t at_ms, int64_t *ret_at_ms);
/* The fault that is set, as a wrong value of a field; other errors than the user's pass as they
 * are. */
enum err partner_blame(struct ctx *ctx, enum err err, const char *code, const char *field);

#endif
