/* What became of rows and records, counted in memory. Private to src/intake. */
#ifndef SRC_INTAKE_TALLY_H
#define SRC_INTAKE_TALLY_H

#include "src/intake/intake.h"
#include "src/intake/mapping.h"

/* In the order of importance: a row counts by the greatest of its records. */
enum outcome {
    OUTCOME_NONE, /* nothing was to be made */
    OUTCOME_UNCHANGED,
    OUTCOME_UNASSIGNED,
    OUTCOME_UPDATED,
    OUTCOME_CREATED,
    OUTCOME_REFUSED
};

enum { TALLY_FACTS = 3, TALLY_ENTITIES = TALLY_FACTS + FACT_KIND_COUNT, TALLY_SKIPS = 64 };

/* Bad rows live in `arena`, at most `bad_max` of them; `bad_count` counts on. */
struct tally {
    struct arena *arena;
    struct import_count counts[TALLY_ENTITIES];
    struct import_rows rows;
    struct import_skip skips[TALLY_SKIPS];
    size_t skip_count;
    struct import_bad_row *bad;
    size_t bad_kept, bad_cap, bad_max;
    int64_t bad_count;
    int64_t changes;
};

void tally_init(struct tally *tally, struct arena *arena, size_t bad_max);
void tally_record(struct tally *tally, const struct mapping_record *rule, enum outcome outcome);
/* `reason` counts where the outcome is OUTCOME_NONE; borrowed. */
void tally_row(struct tally *tally, enum outcome outcome, struct str reason);
/* Texts are copied, the value cut. */
void tally_bad(struct tally *tally, const struct import_bad_row *bad);
void tally_add_rows(struct import_rows *sum, const struct import_rows *add);
/* "partner", "contact", "product", or the fact's kind. Static. */
struct str tally_entity(const struct mapping_record *rule);

/* At most 200 bytes of a cell, cut between characters: borrowed. */
struct str tally_shown(struct str text);

#endif
