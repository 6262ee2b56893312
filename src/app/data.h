/*
 * The data directory (0700): `rapport.db` with its log beside it, `imports/` with files that are
 * not applied yet, `nodes` whose bytes are locked by the processes that use the directory, and
 * `first-sign-in` until the first administrator has another password.
 */
#ifndef SRC_APP_DATA_H
#define SRC_APP_DATA_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

/* "directory/name" in the arena. */
struct str data_path(struct arena *arena, struct str directory, const char *name);
/* Makes it, or takes an empty one. ERR_CONFLICT when something is in it. */
MUST_CHECK enum err data_make(struct str directory, struct fault *fault);
/* Makes it, unless it is there and ours: with a database elsewhere, it has working files only. */
MUST_CHECK enum err data_ensure(struct str directory, struct fault *fault);
/* Takes away again what was made in it since: for an `init` or `restore` that failed. */
void data_discard(struct str directory);
/* ERR_NOT_FOUND, with the way to make one, when there is no database in it. */
MUST_CHECK enum err data_check(struct str directory, struct fault *fault);

/*
 * A number from 0 to ID_NODE_MAX that no other process has on this directory, so that no two make
 * the same id. Held until `ret_fd` is closed or the process ends.
 */
MUST_CHECK enum err data_take_node(struct str directory, int *ret_fd, int *ret_node,
                                   struct fault *fault);

/* Takes the one place of a server on the directory whose `nodes` is `nodes_fd`; held like the
 * number. ERR_CONFLICT while another server has it. */
MUST_CHECK enum err data_take_server(struct str directory, int nodes_fd, struct fault *fault);

/* Writes a small file of the owner (0600) whole or not at all. */
MUST_CHECK enum err data_write(struct str path, struct str text, struct fault *fault);
/* The text of a file of at most `max_bytes`; ERR_NOT_FOUND, ERR_TOO_LARGE. */
MUST_CHECK enum err data_read(struct str path, size_t max_bytes, struct arena *arena,
                              struct str *ret_text, struct fault *fault);

#endif
