/* The list's filter as people give it, in a query, a body or a command. Private to src/partner. */
#ifndef SRC_PARTNER_PARTNER_FILTER_H
#define SRC_PARTNER_PARTNER_FILTER_H

#include "src/core/form.h"
#include "src/core/limits.h"
#include "src/partner/partner.h"

extern const char *const partner_archived_names[]; /* as enum partner_archived; NULL-terminated */

/* The fields of a filter, for a schema. */
#define PARTNER_FILTER_FIELDS                                                                    \
    {.name = "search",                                                                           \
     .type = FIELD_TEXT,                                                                         \
     .max = LIMIT_QUERY_BYTES,                                                                   \
     .help = "Every word begins a word of a name, domain, contact, mail address or external id;" \
             " case, accents and punctuation do not count.",                                     \
     .example = "bike seat"},                                                                    \
        {.name = "manager",                                                                      \
         .type = FIELD_TEXT,                                                                     \
         .help = "The responsible user: id, mail address or unambiguous name."},                 \
        {.name = "status",                                                                       \
         .type = FIELD_TEXTS,                                                                    \
         .max = 20,                                                                              \
         .max_items = PARTNER_STATUS_COUNT,                                                      \
         .help = "One of these: prospect, onboarding, active, suspended, ended.",                \
         .example = "active"},                                                                   \
        {.name = "country",                                                                      \
         .type = FIELD_TEXT,                                                                     \
         .help = "ISO 3166-1 alpha-2, or an English name.",                                      \
         .example = "US"},                                                                       \
        {.name = "product",                                                                      \
         .type = FIELD_TEXT,                                                                     \
         .help = "Carries it: a product's id, code or unambiguous name."},                       \
        {.name = "tag", .type = FIELD_TEXT, .max = LIMIT_TAG_BYTES, .help = "Has this tag."},    \
        {.name = "tier", .type = FIELD_TEXT, .max = LIMIT_NAME_BYTES, .example = "Gold"},        \
        {.name = "parent",                                                                       \
         .type = FIELD_TEXT,                                                                     \
         .help = "Stands directly below it: id, external id or unambiguous name."},              \
        {.name = "without_contact",                                                              \
         .type = FIELD_BOOL,                                                                     \
         .help = "true: only those without any contact."},                                       \
    {                                                                                            \
        .name = "archived", .type = FIELD_ENUM, .names = partner_archived_names,                 \
        .help = "Whether to list those that are archived, too or only; default: no."             \
    }

/* The same fields as a schema by itself. */
extern const struct schema partner_filter_schema;

/* Of a form whose schema has these fields. ERR_INVALID with the field. */
MUST_CHECK enum err partner_filter_read(struct ctx *ctx, const struct form *form,
                                        struct partner_filter *ret_filter);

#endif
