/*
 * Copies every row of every table of one database into another, on the same engine or the other.
 * Tables and columns are read from the catalogues, so none can be forgotten. Tables whose names
 * begin with "db_" are lib/db's own state and stay where they are.
 *
 * The target's foreign keys and indexes are put off until the rows are there; what is put off
 * stands in the target itself. So a copy that was stopped or killed at any moment is gone on with
 * by running it again, and until db_copy_finish nobody else opens the target.
 */
#ifndef LIB_DB_COPY_H
#define LIB_DB_COPY_H

#include "lib/db/db.h"

enum db_copy_state {
    DB_COPY_EMPTY,      /* no rows; perhaps not even tables */
    DB_COPY_UNFINISHED, /* the target of a copy that was stopped */
    DB_COPY_FILLED
};
/* Statements stay in the arena: it must outlive the database. */
MUST_CHECK enum err db_copy_look(struct db *db, struct arena *arena, enum db_copy_state *ret_state,
                                 struct fault *fault);

enum db_copy_stage { DB_COPY_ROWS, DB_COPY_COMPARE, DB_COPY_INDEXES, DB_COPY_STAGE_COUNT };
/* Called at least every thousand rows. False stops: what was copied stays. */
typedef bool db_copy_progress(void *self, enum db_copy_stage stage, int64_t done, int64_t total);

struct db_copy_order {
    struct db *from;   /* only read, in one snapshot */
    struct db *to;     /* opened with db_options.copying, and migrated to the same version */
    struct str source; /* says what `from` is, the same each time: an unfinished copy of another
                          source is refused */
    db_copy_progress *progress; /* NULL: none */
    void *self;
    struct arena *arena; /* keeps the statements and the report: it must outlive both databases */
};

struct db_copy_table {
    struct str name;
    int64_t rows;
    uint64_t checksum; /* of all values of all rows, in any order; both sides had the same */
};
struct db_copy_report {
    const struct db_copy_table *tables; /* by name */
    size_t count;
    int64_t rows;   /* in all of them */
    int64_t copied; /* by this run */
};

/*
 * Copies what the target does not have yet, reads both sides and compares them, and makes what was
 * put off. ERR_UNSUPPORTED when the two have not the same tables; ERR_CONFLICT for an unfinished
 * copy of something else, or when another process copies into the same target;
 * ERR_CANCELLED; ERR_CORRUPT when a table differs though it was copied in one go.
 */
MUST_CHECK enum err db_copy(const struct db_copy_order *order, struct db_copy_report *ret_report,
                            struct fault *fault);
/* From now on the target is a database like any other. */
MUST_CHECK enum err db_copy_finish(struct db *to, struct fault *fault);

#endif
