/*
 * Planned rows become records: written on the writer, or only looked at for a preview. Private to
 * src/intake.
 */
#ifndef SRC_INTAKE_PUT_H
#define SRC_INTAKE_PUT_H

#include "src/intake/plan.h"
#include "src/product/product.h"

/* What a reference in a file stands for. */
enum known_state { KNOWN_NOBODY, KNOWN_REAL, KNOWN_NEW /* a preview's: it would be created */ };
struct known {
    enum known_state state;
    int64_t id;
    int64_t partners; /* how many the run had created when it looked */
};

/* What one run of an import knows: references that it looked up, and (in a preview) the records
 * that it would have made. */
struct references;
struct references *references_new(struct arena *arena, uint64_t seed);

/* One file of one run. */
struct put {
    struct ctx *ctx; /* its arena is the batch's */
    bool writes;     /* false: a preview on a read snapshot */
    struct import_id import;
    struct str source, system;
    struct str digest; /* of the file: names facts that have no id of their own */
    int64_t file;
    struct references *references;
    struct tally *tally;
    bool keeps_orders;          /* a later file refers to orders */
    const struct plan_row *row; /* the one in hand */
};

/* Makes the row's records and counts them. Fails for errors of the system only; what is wrong with
 * the row is in the tally. */
MUST_CHECK enum err put_row(struct put *put, const struct plan_row *row);
/* The second look at a file: parents that stand behind their children. Counts nothing. */
MUST_CHECK enum err put_parent(struct put *put, const struct plan_record *record);

/* ---- the parts ---- */

MUST_CHECK enum err put_partner(struct put *put, const struct plan_record *record,
                                enum outcome *ret_outcome);
MUST_CHECK enum err put_contact(struct put *put, const struct plan_record *record,
                                enum outcome *ret_outcome);
MUST_CHECK enum err put_product(struct put *put, const struct plan_record *record,
                                enum outcome *ret_outcome);
MUST_CHECK enum err put_fact(struct put *put, const struct plan_record *record,
                             enum outcome *ret_outcome);

/* Whether the row is to blame and not the system. */
bool put_is_row_fault(enum err err);
/* Turns the fault that is set into a refused row (OUTCOME_REFUSED); other errors pass. */
MUST_CHECK enum err put_refuse(struct put *put, const struct plan_record *record, enum err err,
                               enum outcome *ret_outcome);
/* The cell that the fault names is left out. False: it names none that may be. */
bool put_drop_cell(struct put *put, const struct plan_record *record, enum record_field field);
/* What an undo takes back; nothing in a preview. */
MUST_CHECK enum err put_note_created(struct put *put, const char *entity, int64_t id);
/* Whether an undo archived the record; then it may come back. */
MUST_CHECK enum err put_is_undone(struct put *put, const char *entity, int64_t id,
                                  bool *ret_undone);
/* It comes back: its mark is gone, and an undo of this import archives it again. The caller
 * restores it. Nothing in a preview. */
MUST_CHECK enum err put_note_revived(struct put *put, const char *entity, int64_t id);
struct put_change {
    const char *entity;
    int64_t id;
    const char *field;
    struct str old_value, new_value;
};
MUST_CHECK enum err put_note_change(struct put *put, const struct put_change *change);

/* A record that was kept because it belonged to nobody has been made: it leaves that list. Nothing
 * in a preview. */
MUST_CHECK enum err references_found_owner(struct put *put, struct str source, struct str entity,
                                           struct str external_id);

/* ---- references ---- */

MUST_CHECK enum err references_partner(struct put *put, struct str text, struct known *ret_known);
void references_set_partner(struct put *put, struct str text, struct known known);
/* One that is new: whoever was nobody may be this one now. */
void references_add_partner(struct put *put, struct str name, struct known known);
/* One that nobody knows is created with the reference for its name. */
MUST_CHECK enum err references_product(struct put *put, struct str text, struct known *ret_known);
void references_set_product(struct put *put, struct str text, struct known known);
/* Unset where it is unknown. */
MUST_CHECK enum err references_contact(struct put *put, struct str text,
                                       struct contact_id *ret_contact);

/* An order that an item refers to. */
struct known_order {
    bool found;
    struct known partner;
    struct str owner; /* where the partner is nobody */
    int64_t at_ms;
};
MUST_CHECK enum err references_order(struct put *put, struct str text,
                                     struct known_order *ret_order);
void references_set_order(struct put *put, struct str text, const struct known_order *order);

/* Whether the record was met before in this preview: never, with the same content, or another. */
enum seen { SEEN_NEVER, SEEN_SAME, SEEN_OTHER };
enum seen references_seen(struct put *put, struct str key, struct str content);

#endif
