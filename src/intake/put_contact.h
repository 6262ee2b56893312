/* A contact's fields as they are kept while it belongs to nobody. Private to src/intake. */
#ifndef SRC_INTAKE_PUT_CONTACT_H
#define SRC_INTAKE_PUT_CONTACT_H

#include "src/partner/partner.h"

/* {"name":"…","email":"…"}; empty ones are left out. `fields` has CONTACT_FIELD_COUNT texts. */
struct str contact_fields_render(const struct str *fields, struct arena *arena);

#endif
