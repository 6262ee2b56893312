/*
 * Rows of a file as typed records, made without the database: this part of an import runs beside
 * the writer. Private to src/intake.
 */
#ifndef SRC_INTAKE_PLAN_H
#define SRC_INTAKE_PLAN_H

#include "lib/csv/csv.h"
#include "src/intake/tally.h"

/* A record that a row makes. Texts are what stands in the file, trimmed; empty: nothing. */
struct plan_record {
    const struct mapping_record *rule;
    struct str texts[RECORD_FIELD_COUNT];
    /* Of facts and of a partner's status: */
    int64_t at_ms; /* 0: not given */
    int64_t quantity_milli;
    struct currency currency;
    bool has_amount, has_cost;
    int64_t amount_minor, cost_minor;
    bool withdrawn; /* what an earlier import made of it is to be reversed */
};

struct plan_row {
    int64_t number, line;
    struct str skip; /* why nothing is made of it; empty: something may be */
    bool refused;    /* its bad cells say why */
    bool is_partner; /* by the rule that is in force */
    struct plan_record *records;
    size_t count;
};

/* Everything in the arena that was handed in. */
struct plan_batch {
    struct plan_row *rows;
    size_t count, cap;
    struct import_bad_row *bad;
    size_t bad_count, bad_cap;
    /* Where the next batch starts. */
    int64_t row_number, offset_bytes;
    bool end;
};

/* How the texts of one file become values. Borrowed by the planner. */
struct plan_settings {
    int64_t file; /* its number */
    const struct mapping *mapping;
    const struct condition *partner_rule; /* NULL: every record that would be a partner is one */
    const struct zone *zone;              /* of times without an offset */
    struct currency currency;             /* of amounts without one */
    struct str analysis_json;             /* of the file */
    enum date_order dates;                /* the user's choice for ambiguous columns */
    uint64_t seed;                        /* random, for tables of what files say */
};

/* Whether the reader could not read a row and stands behind it. */
bool plan_is_unreadable(enum err err);

struct planner;
/* `reader` is borrowed and stands anywhere; the mapping is bound to its header. */
MUST_CHECK enum err planner_new(struct arena *arena, const struct plan_settings *settings,
                                struct csv_reader *reader, struct planner **ret_planner,
                                struct fault *fault);
/*
 * About `rows` rows after a place (of the batch before; all zero: the start), never a part of a
 * group. A row that cannot be read or understood is a refused row. ERR_TOO_LARGE for a group over
 * LIMIT_IMPORT_GROUP_ROWS; else errors of the operating system.
 */
struct plan_place {
    int64_t row_number, offset_bytes;
    size_t rows;
};
MUST_CHECK enum err planner_next(struct planner *planner, const struct plan_place *place,
                                 struct arena *arena, struct plan_batch *ret_batch,
                                 struct fault *fault);

#endif
