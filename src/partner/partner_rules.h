/* What a partner's fields, tags and status may be. Pure. Private to src/partner. */
#ifndef SRC_PARTNER_PARTNER_RULES_H
#define SRC_PARTNER_PARTNER_RULES_H

#include "src/partner/partner.h"

/* What the text of a field is read with. */
struct partner_reading {
    struct country country; /* whose national phone numbers are understood */
    struct zones *zones;
    struct arena *arena;
    struct fault *fault;
};

/*
 * The one normal form of a field's text, in the arena; empty text stays empty. ERR_INVALID names
 * the field. Manager and parent are only cleaned: who they are is looked up.
 */
MUST_CHECK enum err partner_normalise(const struct partner_reading *reading,
                                      enum partner_field field, struct str text,
                                      struct str *ret_text);
/* A note of several lines, each cleaned. */
struct str partner_clean_note(struct str text, struct arena *arena);
/* One line of at most LIMIT_TAG_BYTES without a comma, which separates tags in a filter. */
MUST_CHECK enum err partner_normalise_tag(struct arena *arena, struct fault *fault, struct str text,
                                          struct str *ret_tag);
/* The roles (bits) that may make the move; 0: there is no such move. */
unsigned partner_move_roles(enum partner_status from, enum partner_status to);

#endif
