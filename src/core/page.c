/* Cursors: base64url of "order\ntext\ninteger\nid". Opaque to clients, checked when they come back.
 */
#include "src/core/page.h"

#include <sodium.h>

#include "lib/base/buf.h"
#include "lib/base/parse.h"
#include "src/core/limits.h"

enum { CURSOR_BYTES_MAX = 2048 };

static enum err bad_cursor(struct ctx *ctx)
{
    return CTX_FAULT_FIELD(ctx, ERR_INVALID, "cursor_invalid", "cursor",
                           "The cursor does not belong to this list; start again without it.");
}

static bool decode(struct ctx *ctx, struct str cursor, struct str *ret_text)
{
    size_t len = 0;
    unsigned char *bytes = arena_alloc(ctx->arena, cursor.len + 1);
    if (sodium_base642bin(bytes, cursor.len, cursor.ptr, cursor.len, NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING))
        return false;
    *ret_text = (struct str){(const char *)bytes, len};
    return str_is_utf8(*ret_text);
}

static enum err read_cursor(struct ctx *ctx, struct str cursor, struct str *ret_order,
                            struct page *page)
{
    struct str rest, integer, id;
    bool good = decode(ctx, cursor, &rest) && str_split(&rest, '\n', ret_order) &&
                str_split(&rest, '\n', &page->after_text) && str_split(&rest, '\n', &integer) &&
                str_split(&rest, '\n', &id) &&
                parse_int64(integer, INT64_MIN, INT64_MAX, &page->after_int) &&
                parse_int64(id, 0, INT64_MAX, &page->after_id);
    if (!good)
        return bad_cursor(ctx);
    page->has_cursor = true;
    return OK;
}

enum err page_from_form(struct ctx *ctx, const struct form *form, const char *order,
                        struct page *ret_page)
{
    struct page page = {.limit = form_int_or(form, "limit", LIMIT_PAGE_DEFAULT)};
    if (form_has(form, "cursor")) {
        struct str got_order = {NULL, 0};
        TRY(read_cursor(ctx, form_text(form, "cursor"), &got_order, &page));
        if (!str_equal(got_order, str_from_c(order)))
            return bad_cursor(ctx);
    }
    *ret_page = page;
    return OK;
}

enum err page_continue(struct ctx *ctx, struct str next, struct page *page)
{
    struct str order;
    return read_cursor(ctx, next, &order, page);
}

struct str page_cursor(struct ctx *ctx, const char *order, struct str text, int64_t integer,
                       int64_t id)
{
    struct buf plain;
    buf_init(&plain, ctx->arena, CURSOR_BYTES_MAX);
    buf_format(&plain, "%s\n%.*s\n%lld\n%lld", order, STR_ARG(text), (long long)integer,
               (long long)id);
    size_t cap = sodium_base64_ENCODED_LEN(plain.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *encoded = arena_alloc(ctx->arena, cap);
    sodium_bin2base64(encoded, cap, (const unsigned char *)plain.ptr, plain.len,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_from_c(encoded);
}
