/* The sample channel that comes with the program. */
#ifndef SRC_APP_SAMPLE_H
#define SRC_APP_SAMPLE_H

#include "src/intake/intake.h"

/*
 * Not inside a transaction: imports Adventure Works (701 partners, 397 products, 3,616 orders) like
 * any other files, with its three years of orders moved so that the last was yesterday (UTC).
 * Loading it again on the same day changes nothing. `watch` may be NULL.
 */
MUST_CHECK enum err sample_load(struct ctx *ctx, const struct import_watch *watch,
                                struct import *ret_import);

#endif
