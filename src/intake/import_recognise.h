/* Gives a file its mapping: one that is known, or a proposal. Private to src/intake. */
#ifndef SRC_INTAKE_IMPORT_RECOGNISE_H
#define SRC_INTAKE_IMPORT_RECOGNISE_H

#include "lib/csv/csv.h"
#include "src/intake/intake.h"

/* A mapping file may lie in the data directory's `mappings/`: it is then recognised like the
 * built-in ones, and before them. */

/*
 * Sets mapping_json and `proposed`; mapping_json stays empty when nothing can be said; then
 * skeleton_json is set. The reader stands behind the header before and after.
 */
MUST_CHECK enum err import_recognise(struct ctx *ctx, struct csv_reader *reader,
                                     struct import_file *file);

#endif
