/*
 * Keeps what this process holds among those that share a database: the number in its ids, and, for
 * a server, the right to run the scheduled jobs. Where the database is a file, the system's locks
 * do that, and there is one server.
 */
#ifndef SRC_APP_KEEPER_H
#define SRC_APP_KEEPER_H

#include <stdatomic.h>

#include "src/core/ctx.h"

/* The lease that one server has as long as any runs. */
#define KEEPER_LEADER "leader"

struct keeper;
/* Takes a number for ids (ERR_BUSY when all are taken) and goes on keeping it on a thread.
 * `services` is borrowed; its `ids` and `leads` are set here. */
MUST_CHECK enum err keeper_new(struct services *services, bool is_server,
                               struct keeper **ret_keeper, struct fault *fault);
/* What it held is given back when the database is closed. NULL is fine. */
void keeper_free(struct keeper *keeper);

#endif
