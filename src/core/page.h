/* Keyset pages: a limit and an opaque cursor that holds the last row's sort key and id. */
#ifndef SRC_CORE_PAGE_H
#define SRC_CORE_PAGE_H

#include "src/core/ctx.h"
#include "src/core/form.h"

struct page {
    int64_t limit;
    bool has_cursor;
    struct str after_text; /* the last row's key where the order is by text … */
    int64_t after_int;     /* … or by number */
    int64_t after_id;      /* its id, which breaks ties */
};

/* The two query fields of every list: put PAGE_FIELDS first in its schema. */
#define PAGE_FIELDS                                        \
    {.name = "limit",                                      \
     .type = FIELD_INT,                                    \
     .min = 1,                                             \
     .max = LIMIT_PAGE_MAX,                                \
     .help = "Rows on a page.",                            \
     .example = "50"},                                     \
    {                                                      \
        .name = "cursor", .type = FIELD_TEXT, .max = 1024, \
        .help = "The `next` of the page before."           \
    }

/* ERR_INVALID for a cursor that was not made here or belongs to another order. `order` names the
 * order ("name", "-sales"). */
MUST_CHECK enum err page_from_form(struct ctx *ctx, const struct form *form, const char *order,
                                   struct page *ret_page);
/* For code that walks all pages of a list: the place of the page that the list named `next`. */
MUST_CHECK enum err page_continue(struct ctx *ctx, struct str next, struct page *page);
/* The cursor after a row; text or number as the order goes. */
struct str page_cursor(struct ctx *ctx, const char *order, struct str text, int64_t integer,
                       int64_t id);

#endif
