/* Statements of a person's rights. Private to src/partner. */
#ifndef SRC_PARTNER_CONTACT_PRIVACY_STORE_H
#define SRC_PARTNER_CONTACT_PRIVACY_STORE_H

#include "lib/json/json.h"
#include "src/partner/partner.h"

/* An array of the facts that name the contact, oldest first. */
MUST_CHECK enum err privacy_store_put_facts(struct ctx *ctx, struct contact_id id,
                                            struct json_writer *writer);
/* The row without the person. */
MUST_CHECK enum err privacy_store_erase(struct ctx *ctx, struct contact_id id, struct str name);

#endif
