/*
 * Use cases of the directory for tests, each in a transaction of its own, as whoever the context
 * is. Fields are given as "name=Acme|country=US|phone="; one that is empty is cleared.
 */
#ifndef TESTS_SUPPORT_RECORDS_H
#define TESTS_SUPPORT_RECORDS_H

#include "src/partner/partner.h"
#include "src/product/product.h"
#include "tests/support/world.h"

struct partner_change partner_fields(const char *fields);
struct contact_change contact_fields(const char *fields);
struct product_change product_fields(const char *fields);

/* Made by the administrator; a failure ends the test. */
struct partner add_partner(struct world *world, const char *fields, enum partner_status status);
struct contact add_contact(struct world *world, struct partner_id partner, const char *fields);
struct product add_product(struct world *world, const char *fields);
struct user_id add_user(struct world *world, const char *email, const char *name, enum role role);

/* ---- partners ---- */

MUST_CHECK enum err make_partner(struct ctx *ctx, const char *fields, struct partner *ret_partner);
/* To the version that `partner` has, which becomes what it is then. */
MUST_CHECK enum err change_partner(struct ctx *ctx, struct partner *partner, const char *fields);
MUST_CHECK enum err check_partner(struct ctx *ctx, struct partner_id id, const char *fields,
                                  bool *ret_changes);
MUST_CHECK enum err read_partner(struct ctx *ctx, struct partner_id id,
                                 struct partner *ret_partner);
MUST_CHECK enum err find_partner(struct ctx *ctx, const char *text, struct partner_id *ret_id);
MUST_CHECK enum err move_partner(struct ctx *ctx, struct partner_id id, enum partner_status to,
                                 int64_t at_ms);
/* partner_archive or partner_restore. */
typedef enum err partner_life(struct ctx *ctx, struct partner_id id, int64_t version);
MUST_CHECK enum err live_partner(struct ctx *ctx, partner_life *life, struct partner_id id,
                                 int64_t version);
/* partner_add_tag or partner_remove_tag. */
typedef enum err partner_tagging(struct ctx *ctx, struct partner_id id, struct str tag);
MUST_CHECK enum err tag_partner(struct ctx *ctx, partner_tagging *tagging, struct partner_id id,
                                const char *tag);
/* partner_add_external or partner_remove_external; `text` is "system:id". */
typedef enum err partner_externing(struct ctx *ctx, struct partner_id id,
                                   struct external_id external);
MUST_CHECK enum err extern_partner(struct ctx *ctx, partner_externing *externing,
                                   struct partner_id id, const char *text);
MUST_CHECK enum err read_marks(struct ctx *ctx, struct partner_id id,
                               struct partner_marks *ret_marks);

/* ---- contacts ---- */

/* `external` is "system:id", or empty. */
MUST_CHECK enum err make_contact(struct ctx *ctx, struct partner_id partner, const char *fields,
                                 const char *external, struct contact *ret_contact);
MUST_CHECK enum err change_contact(struct ctx *ctx, struct contact *contact, const char *fields);
MUST_CHECK enum err read_contact(struct ctx *ctx, struct contact_id id,
                                 struct contact *ret_contact);
MUST_CHECK enum err make_primary(struct ctx *ctx, struct contact_id id);
MUST_CHECK enum err unmake_primary(struct ctx *ctx, struct contact_id id);
/* contact_archive or contact_restore. */
typedef enum err contact_life(struct ctx *ctx, struct contact_id id, int64_t version);
MUST_CHECK enum err live_contact(struct ctx *ctx, contact_life *life, struct contact_id id,
                                 int64_t version);

/* ---- products ---- */

MUST_CHECK enum err make_product(struct ctx *ctx, const char *fields, const char *external,
                                 struct product *ret_product);
MUST_CHECK enum err change_product(struct ctx *ctx, struct product *product, const char *fields);
MUST_CHECK enum err save_product(struct ctx *ctx, const char *fields, const char *external,
                                 struct product_saved *ret_saved);
MUST_CHECK enum err read_product(struct ctx *ctx, struct product_id id,
                                 struct product *ret_product);
MUST_CHECK enum err find_product(struct ctx *ctx, const char *text, struct product_id *ret_id);
typedef enum err product_life(struct ctx *ctx, struct product_id id, int64_t version);
MUST_CHECK enum err live_product(struct ctx *ctx, product_life *life, struct product_id id,
                                 int64_t version);
MUST_CHECK enum err carry_product(struct ctx *ctx, struct product_id product,
                                  struct partner_id partner, bool carried);

#endif
