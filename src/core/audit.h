/* The history of every change: who, when, what it was, what it is. Written in the transaction of
 * the change. */
#ifndef SRC_CORE_AUDIT_H
#define SRC_CORE_AUDIT_H

#include "lib/base/buf.h"
#include "src/core/ctx.h"
#include "src/core/page.h"

/* Collects the fields that really change. Lives in the context's arena. */
struct audit_changes {
    struct ctx *ctx;
    struct buf json; /* {"phone":{"old":"…","new":"…"}, …} */
    size_t count;
};
void audit_changes_init(struct audit_changes *changes, struct ctx *ctx);
/* Does nothing when both are equal. */
void audit_changed_text(struct audit_changes *changes, const char *field, struct str old_value,
                        struct str new_value);
void audit_changed_int(struct audit_changes *changes, const char *field, int64_t old_value,
                       int64_t new_value);
/* Instants, kept as RFC 3339; 0 as empty text. */
void audit_changed_time(struct audit_changes *changes, const char *field, int64_t old_ms,
                        int64_t new_ms);

struct audit_subject {
    const char *type; /* "partner", "contact", "user", "organisation", "import", "fact" */
    int64_t id;
    struct partner_id partner; /* whose history it is part of; unset: the organisation's */
};
/* `action`: "created", "changed", "status", "assigned", "merged", "archived", "erased", … `changes`
 * may be NULL. */
MUST_CHECK enum err audit_record(struct ctx *ctx, struct audit_subject subject, const char *action,
                                 const struct audit_changes *changes);

struct audit_entry {
    struct audit_id id;
    int64_t at_ms;
    struct str actor; /* name at the time */
    struct user_id user;
    struct str subject_type;
    int64_t subject_id;
    struct str action;
    struct str changes_json;
};
struct audit_page {
    struct audit_entry *rows;
    size_t count;
    struct str next; /* the cursor of the next page; empty: none */
};
/* Newest first. `partner` unset: the whole channel's. */
MUST_CHECK enum err audit_list(struct ctx *ctx, struct partner_id partner, const struct page *page,
                               struct audit_page *ret_page);
/* Replaces personal data: removes the old and new values of every entry about this subject, keeps
 * who, when and which fields. */
MUST_CHECK enum err audit_erase_values(struct ctx *ctx, const char *type, int64_t id);

/* The history of one partner becomes part of another's, after a merge; subjects stay what they
 * were.
 */
MUST_CHECK enum err audit_move_partner(struct ctx *ctx, struct partner_id from,
                                       struct partner_id into);
/* Everything about one subject, oldest first, at most `limit` rows: for a person who asks what is
 * kept. */
MUST_CHECK enum err audit_list_subject(struct ctx *ctx, const char *type, int64_t id, int64_t limit,
                                       struct audit_page *ret_page);

extern const struct schema audit_schema;
void audit_render(const struct audit_entry *entry, struct json_writer *writer);
struct query_table;
extern const struct query_table audit_queries;

#endif
