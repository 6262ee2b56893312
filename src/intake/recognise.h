/*
 * Which mapping a file needs, by the names of its columns: one that is known, or one that is
 * proposed by what the names are like and what stands in the first rows.
 */
#ifndef SRC_INTAKE_RECOGNISE_H
#define SRC_INTAKE_RECOGNISE_H

#include "src/intake/mapping.h"

/* What is seen of a file: its header and some of its rows, as many cells each. Borrowed. */
struct recognise_file {
    const struct str *names;
    size_t name_count;
    const struct str *const *rows;
    size_t row_count;
};

/* Enough rows to tell how dates and numbers are written. */
enum { RECOGNISE_ROWS = 200 };

/*
 * The known mapping that fits: all its columns are in the header and it can be bound; of several
 * the one that names the most columns, then the one whose fields find the most, then the first of
 * `saved`, then a built-in one. A saved mapping that is not well-formed is passed over. NULL when
 * none fits. `ret_json` (may be NULL) is its text.
 */
struct mapping *recognise_known(const struct recognise_file *file, const struct str *saved,
                                size_t saved_count, struct arena *arena, struct str *ret_json);

/*
 * A mapping proposed for a file that nobody knows, as JSON; empty when its columns are like nothing
 * that an import takes. `name` becomes the mapping's name. A guess: somebody should look at it.
 * "ignored" lists the columns that it makes nothing of.
 */
struct str recognise_propose(const struct recognise_file *file, struct str name,
                             struct arena *arena);
/* A mapping to start from where nothing can be proposed: well-formed, with all columns in it. */
struct str recognise_skeleton(const struct recognise_file *file, struct str name,
                              struct arena *arena);

#endif
