/* What applying, previewing and undoing share. Private to src/intake. */
#ifndef SRC_INTAKE_IMPORT_RUN_H
#define SRC_INTAKE_IMPORT_RUN_H

#include "src/intake/put.h"

/* A file that is being read. Lives in an arena of its own; close it. */
struct import_reading {
    int fd;
    struct csv_reader *reader;
    struct mapping *mapping;
    struct planner *planner;
    struct plan_settings settings;
    bool has_parents; /* a second look sets them */
};
/*
 * Opens the file, checks that it is still the one that was examined (ERR_CONFLICT), binds its
 * mapping. Needs a connection.
 */
MUST_CHECK enum err import_reading_open(struct ctx *ctx, const struct import_choices *choices,
                                        const struct import_file *file,
                                        struct import_reading *ret_reading);
void import_reading_close(struct import_reading *reading);
/* The same, without asking whether the file is as it was: for the examination itself. */
MUST_CHECK enum err import_reading_bind(struct ctx *ctx, const struct import_choices *choices,
                                        const struct import_file *file,
                                        struct import_reading *reading);

/* Which records of a file are partners: NULL, all. `*ret_note` says it in a sentence; empty where
 * the mapping makes no partners. */
MUST_CHECK enum err import_partner_rule(struct ctx *ctx, const struct import_choices *choices,
                                        const struct import_reading *reading, struct str *ret_note,
                                        const struct condition **ret_rule);

/* What a put of this file starts with; the context is the caller's to set. */
struct put import_put(const struct import *import, const struct import_file *file,
                      const struct import_reading *reading);
/* Whether a file of the import refers to orders. */
MUST_CHECK enum err import_refers_to_orders(struct ctx *ctx, const struct import *import,
                                            bool *ret_refers);

/* Calls the watch; ERR_CANCELLED when it says so. */
MUST_CHECK enum err import_watch_tell(struct ctx *ctx, const struct import_watch *watch,
                                      int64_t rows_done, int64_t rows);

/* One runner at a time, over all processes of this machine and, where machines share a database,
 * over all of them; the lock ends with the process. */
MUST_CHECK enum err import_lock(struct ctx *ctx, struct import_id id, int *ret_fd);
/* ERR_BUSY when it is lost: the database could not be reached for a while. */
MUST_CHECK enum err import_keep_lock(struct ctx *ctx, struct import_id id);
/* `is_finished`: nobody will run it again, so that its file goes too. */
void import_unlock(struct ctx *ctx, struct import_id id, int fd, bool is_finished);

#endif
