/* Where a database is, as `db copy` and `restore` are told, and who uses it now. */
#ifndef SRC_APP_PLACE_H
#define SRC_APP_PLACE_H

#include "lib/db/db.h"
#include "src/core/ctx.h"

struct place {
    struct str url;       /* for db_open */
    struct str directory; /* of the working files; empty for a file that is in no data directory */
    bool is_file;
};

/* "sqlite:DIRECTORY", "sqlite:FILE", or "postgres://…", whose working files are in the data
 * directory of the command. `option` is named when it is none of these. */
MUST_CHECK enum err place_parse(struct ctx *ctx, const char *option, struct str text,
                                struct place *ret_place);
/* Of a target that is to be made: its directory in any case. */
MUST_CHECK enum err place_parse_target(struct ctx *ctx, const char *option, struct str text,
                                       struct place *ret_place);
/*
 * Sees that no server uses the database: ERR_CONFLICT. Of a file, none can start until place_leave
 * or the end of the process; of a shared database one can, which db_others_version tells.
 */
MUST_CHECK enum err place_hold(struct ctx *ctx, const struct place *place, struct db *db,
                               int *ret_hold);
void place_leave(int hold);

#endif
