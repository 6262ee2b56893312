/*
 * Files of imports where several servers share a database: their bytes are in it too, piece by
 * piece, so that any server can go on with any import. Private to src/intake.
 */
#ifndef SRC_INTAKE_IMPORT_PIECE_STORE_H
#define SRC_INTAKE_IMPORT_PIECE_STORE_H

#include "src/core/ctx.h"

/* Whether files are kept in the database too. */
bool import_pieces_are_kept(struct ctx *ctx);
/* Writes the whole file under the name of its copy, in transactions of its own. Not on the writer
 * thread. */
MUST_CHECK enum err import_pieces_save(struct ctx *ctx, struct str name, int fd);
/* Writes what was saved to `fd`. ERR_NOT_FOUND when nothing was. */
MUST_CHECK enum err import_pieces_fetch(struct ctx *ctx, struct str name, int fd);
/* The first name behind `after` that something is saved under; empty at the end. */
MUST_CHECK enum err import_pieces_next(struct ctx *ctx, struct str after, struct str *ret_name);
/* Forgets them soon, in a transaction of its own, whatever becomes of the one that goes on. */
void import_pieces_drop(struct ctx *ctx, struct str name);
/* Forgets those that are older than a day and that no import needs. */
void import_pieces_sweep(struct ctx *ctx);

#endif
