/* Statements of imports, their files, counts and changes. Private to src/intake. */
#ifndef SRC_INTAKE_IMPORT_STORE_H
#define SRC_INTAKE_IMPORT_STORE_H

#include "src/intake/intake.h"

MUST_CHECK enum err import_store_insert(struct ctx *ctx, const struct import *import);
MUST_CHECK enum err import_store_insert_file(struct ctx *ctx, struct import_id id,
                                             const struct import_file *file);
/* Everything but its progress. */
MUST_CHECK enum err import_store_update_file(struct ctx *ctx, struct import_id id,
                                             const struct import_file *file);
MUST_CHECK enum err import_store_delete_file(struct ctx *ctx, struct import_id id, int64_t number);
MUST_CHECK enum err import_store_set_position(struct ctx *ctx, struct import_id id,
                                              const struct import_file *file);
MUST_CHECK enum err import_store_set_choices(struct ctx *ctx, struct import_id id,
                                             const struct import_choices *choices);
/* With its instants: started, finished, run. `error` may be empty. */
MUST_CHECK enum err import_store_set_state(struct ctx *ctx, struct import_id id,
                                           enum import_state state, struct str error);
/* Without files, counts and skips. */
MUST_CHECK enum err import_store_get(struct ctx *ctx, struct import_id id,
                                     struct import *ret_import, bool *ret_found);
/* In the order of work. */
MUST_CHECK enum err import_store_files(struct ctx *ctx, struct import *import);
MUST_CHECK enum err import_store_counts(struct ctx *ctx, struct import *import);
MUST_CHECK enum err import_store_skips(struct ctx *ctx, struct import *import);
MUST_CHECK enum err import_store_list(struct ctx *ctx, int64_t before_id, int64_t limit,
                                      struct import_page *ret_page);
/* The oldest import after `after` that waits for a worker; its id is unset when there is none. */
struct import_next {
    struct import_id id;
    enum import_state state;
    struct str actor; /* who made it */
};
MUST_CHECK enum err import_store_next(struct ctx *ctx, struct import_id after,
                                      struct import_next *ret_next);

/* Whether an import still needs its copy at this path. */
/* See db_lease_take: one runner among the machines that share the database. */
MUST_CHECK enum err import_store_lease(struct ctx *ctx, struct import_id id, bool *ret_taken);
void import_store_release(struct ctx *ctx, struct import_id id);
MUST_CHECK enum err import_store_needs(struct ctx *ctx, struct str path, bool *ret_needs);

/* ---- what a batch adds ---- */

MUST_CHECK enum err import_store_file_progress(struct ctx *ctx, struct import_id id,
                                               const struct import_file *file);
struct import_progress_row {
    int64_t rows, bad_rows, changes;
};
MUST_CHECK enum err import_store_progress(struct ctx *ctx, struct import_id id,
                                          const struct import_progress_row *add);
MUST_CHECK enum err import_store_add_count(struct ctx *ctx, struct import_id id,
                                           const struct import_count *add);
MUST_CHECK enum err import_store_add_skip(struct ctx *ctx, struct import_id id,
                                          const struct import_skip *add);
MUST_CHECK enum err import_store_add_bad(struct ctx *ctx, struct import_id id,
                                         const struct import_bad_row *row);
MUST_CHECK enum err import_store_bad(struct ctx *ctx, struct import_id id, int64_t after_id,
                                     int64_t limit, struct import_bad_page *ret_page);

/* ---- what an undo takes back ---- */

struct import_change {
    int64_t id;
    struct str entity; /* "partner", "contact", "product" */
    int64_t entity_id;
    struct str field; /* empty: the record was created */
    struct str old_value, new_value;
};
MUST_CHECK enum err import_store_add_change(struct ctx *ctx, struct import_id id,
                                            const struct import_change *change);
/* The newest first, at most `limit` into `ret_changes`. */
MUST_CHECK enum err import_store_changes(struct ctx *ctx, struct import_id id, int64_t limit,
                                         struct import_change *ret_changes, size_t *ret_count);
MUST_CHECK enum err import_store_delete_change(struct ctx *ctx, int64_t change_id);
MUST_CHECK enum err import_store_count_changes(struct ctx *ctx, struct import_id id,
                                               int64_t *ret_count);
MUST_CHECK enum err import_store_mark_archived(struct ctx *ctx, const char *entity,
                                               int64_t entity_id);
/* Whether an undo archived it; the mark is gone then. */
MUST_CHECK enum err import_store_unmark_archived(struct ctx *ctx, const char *entity,
                                                 int64_t entity_id, bool *ret_marked);
MUST_CHECK enum err import_store_is_marked(struct ctx *ctx, const char *entity, int64_t entity_id,
                                           bool *ret_marked);

#endif
