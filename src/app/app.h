/* The process: what it opens on a data directory, and how the nouns are wired to each other. */
#ifndef SRC_APP_APP_H
#define SRC_APP_APP_H

#include "src/core/ctx.h"

struct app_options {
    struct str directory;
    struct str db_url; /* of PostgreSQL; empty: the file in the directory */
    bool create;       /* make the database of a new directory */
    bool server;       /* apply queued imports, count requests */
    bool copying;      /* the target of `db copy` */
};

/* Opened once; `services` is what every context borrows. */
struct app;
/* Brings the database to this version's tables first. ERR_NOT_FOUND without data, ERR_UNSUPPORTED
 * for the data of a newer version. */
MUST_CHECK enum err app_open(const struct app_options *options, struct app **ret_app,
                             struct fault *fault);
/* Lets what was begun finish. NULL is fine. */
void app_close(struct app *app);
const struct services *app_services(const struct app *app);

/* The services of a command without data: time, randomness and zones. */
struct services app_bare_services(struct str directory, struct str db_url);
/* Who works at the shell: may do everything, and the audit names the system's user. */
struct actor app_shell_actor(struct arena *arena);

#endif
