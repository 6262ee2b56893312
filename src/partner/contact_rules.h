/* What a contact's fields may be. Pure. Private to src/partner. */
#ifndef SRC_PARTNER_CONTACT_RULES_H
#define SRC_PARTNER_CONTACT_RULES_H

#include "src/partner/partner_rules.h"

/* The one normal form of a field's text, in the arena; empty text stays empty. ERR_INVALID names
 * the field. */
MUST_CHECK enum err contact_normalise(const struct partner_reading *reading,
                                      enum contact_field field, struct str text,
                                      struct str *ret_text);

#endif
