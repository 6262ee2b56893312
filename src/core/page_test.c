/* Tests of cursors. */
#include "src/core/page.h"

#include "src/core/limits.h"
#include "tests/support/test.h"

enum { ARENA_BYTES = 1024 * 1024 };

static const struct field fields[] = {PAGE_FIELDS};
static const struct schema schema = SCHEMA(NULL, NULL, fields);

struct asking {
    struct services services;
    struct arena arena;
    struct ctx ctx;
    struct page page;
};

static void asking_open(struct asking *asking)
{
    *asking = (struct asking){.services = {.clock = clock_system()}};
    arena_init(&asking->arena, ARENA_BYTES);
    ctx_init(&asking->ctx, &asking->services, &asking->arena);
}

static void asking_close(struct asking *asking)
{
    arena_finish(&asking->arena);
}
#define SCOPED_ASKING CLEANUP(asking_close) struct asking

static enum err ask(struct asking *asking, const char *name, struct str text, const char *order)
{
    const struct form *form;
    struct str names = str_from_c(name);
    TRY(form_from_texts(&asking->ctx, &schema, &(struct form_texts){&names, &text, 1}, &form));
    return page_from_form(&asking->ctx, form, order, &asking->page);
}

TEST(page_from_form, takes_a_limit_within_its_bounds)
{
    SCOPED_ASKING asking;
    asking_open(&asking);
    CHECK_OK(ask(&asking, "limit", STR("500"), "name"));
    CHECK_INT(500, asking.page.limit);
    CHECK(!asking.page.has_cursor);
    CHECK_ERR(ERR_INVALID, ask(&asking, "limit", STR("501"), "name"));
    CHECK_ERR(ERR_INVALID, ask(&asking, "limit", STR("0"), "name"));
}

TEST(page_cursor, comes_back_as_the_row_it_was_made_of)
{
    SCOPED_ASKING asking;
    asking_open(&asking);
    struct str cursor =
        page_cursor(&asking.ctx, "-sales", STR("M\xc3\xbcller & Co"), INT64_MIN, INT64_MAX);
    CHECK_OK(ask(&asking, "cursor", cursor, "-sales"));
    CHECK(asking.page.has_cursor);
    CHECK_INT(LIMIT_PAGE_DEFAULT, asking.page.limit);
    CHECK_STR("M\xc3\xbcller & Co", asking.page.after_text);
    CHECK_INT(INT64_MIN, asking.page.after_int);
    CHECK_INT(INT64_MAX, asking.page.after_id);
}

TEST(page_cursor, belongs_to_one_order)
{
    SCOPED_ASKING asking;
    asking_open(&asking);
    struct str cursor = page_cursor(&asking.ctx, "name", STR("a"), 0, 1);
    CHECK_ERR(ERR_INVALID, ask(&asking, "cursor", cursor, "-name"));
    CHECK_STR("cursor_invalid", str_from_c(asking.ctx.fault.code));
    CHECK_STR("cursor", str_from_c(asking.ctx.fault.field));
}

TEST(page_cursor, is_refused_when_it_is_made_up)
{
    static const struct str made_up[] = {
        STR_INIT("x"),
        STR_INIT("!!!!"),
        STR_INIT("bmFtZQ"),           /* "name" */
        STR_INIT("bmFtZQphCjAK"),     /* an empty id */
        STR_INIT("bmFtZQphCjAKLTE"),  /* a negative id */
        STR_INIT("bmFtZQphCnoKMQ"),   /* "z" for a number */
        STR_INIT("bmFtZQr_CjAKMQ"),   /* bytes that are no text */
        STR_INIT("bmFtZQphCjAKMQ=="), /* padding */
    };
    SCOPED_ASKING asking;
    asking_open(&asking);
    for (size_t i = 0; i < ARRAY_LEN(made_up); i++)
        CHECK_ERR(ERR_INVALID, ask(&asking, "cursor", made_up[i], "name"));
    CHECK_OK(ask(&asking, "cursor", STR("bmFtZQphCjAKMQ"), "name"));
}
