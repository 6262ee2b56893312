/* Partners and contacts for tests, made by the use cases themselves. */
#ifndef TESTS_SUPPORT_DIRECTORY_H
#define TESTS_SUPPORT_DIRECTORY_H

#include "src/partner/partner.h"
#include "tests/support/world.h"

/* Each runs as the manager, in a write of its own; a failure ends the test. */
struct partner_id directory_add(struct world *world, const char *name);
/* Sets a field; NULL or "" clears it. */
void directory_set(struct world *world, struct partner_id id, enum partner_field field,
                   const char *text);
struct contact_id directory_add_contact(struct world *world, struct partner_id partner,
                                        const char *name, const char *email);
void directory_add_external(struct world *world, struct partner_id id, const char *system,
                            const char *external_id);
void directory_add_tag(struct world *world, struct partner_id id, const char *tag);
void directory_move(struct world *world, struct partner_id id, enum partner_status to);
void directory_archive(struct world *world, struct partner_id id);
void directory_restore(struct world *world, struct partner_id id);
struct partner_id directory_merge(struct world *world, struct partner_id from,
                                  struct partner_id into);
/* The record as the administrator reads it. */
struct partner directory_get(struct world *world, struct partner_id id);

/* The names of the first rows, each followed by ";". By name unless `sort` is given. */
struct str directory_names(struct world *world, const struct partner_filter *filter,
                           const char *sort);
/* The same for a search alone. */
struct str directory_search(struct world *world, const char *search);

#endif
