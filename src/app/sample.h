/* The sample channel that comes with the program. */
#ifndef SRC_APP_SAMPLE_H
#define SRC_APP_SAMPLE_H

#include "src/intake/intake.h"

/*
 * Not inside a transaction: imports Adventure Works (701 partners, 397 products, 3,616 orders) like
 * any other files. Loading it again changes nothing. `watch` may be NULL.
 */
MUST_CHECK enum err sample_load(struct ctx *ctx, const struct import_watch *watch,
                                struct import *ret_import);

#endif
