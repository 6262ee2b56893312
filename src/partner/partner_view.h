/* How partners and contacts look in the API. Private to src/partner. */
#ifndef SRC_PARTNER_PARTNER_VIEW_H
#define SRC_PARTNER_PARTNER_VIEW_H

#include "lib/json/json.h"
#include "src/core/form.h"
#include "src/partner/partner.h"

extern const char *const partner_status_names[]; /* NULL-terminated */
extern const struct schema partner_schema;
extern const struct schema contact_schema;
/* {"system": …, "id": …} */
extern const struct schema external_id_schema;

/* The whole record of a partner with its marks and primary contact, read now. */
MUST_CHECK enum err partner_render(struct ctx *ctx, struct partner_id id,
                                   struct json_writer *writer, int64_t *ret_version);
void contact_render(const struct contact *contact, struct json_writer *writer);

#endif
