/* Fuzzes the reading of declared fields: out of JSON, out of a query's texts, and cursors. */
#include <stdlib.h>

#include "lib/json/json.h"
#include "src/core/limits.h"
#include "src/core/page.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, NAMES = 24 };

static const char *const colours[] = {"red", "green", NULL};
static const struct field inner_fields[] = {
    {.name = "a", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 20},
};
static const struct schema inner = SCHEMA(NULL, NULL, inner_fields);
static const struct field fields[] = {
    PAGE_FIELDS,
    {.name = "a", .type = FIELD_TEXT, .max = 40, .flags = FIELD_NULLABLE},
    {.name = "b", .type = FIELD_NOTE, .max = 40},
    {.name = "c", .type = FIELD_SECRET, .min = 2, .max = 20},
    {.name = "d", .type = FIELD_INT, .min = -5, .max = 5},
    {.name = "e", .type = FIELD_BOOL},
    {.name = "f", .type = FIELD_DECIMAL},
    {.name = "g", .type = FIELD_ID, .prefix = "ptn"},
    {.name = "h", .type = FIELD_ENUM, .names = colours},
    {.name = "i", .type = FIELD_TIME},
    {.name = "j", .type = FIELD_DAY},
    {.name = "k", .type = FIELD_TEXTS, .max = 20, .max_items = 4},
    {.name = "l", .type = FIELD_IDS, .prefix = "ptn", .max_items = 4},
    {.name = "m", .type = FIELD_OBJECT, .schema = &inner},
    {.name = "n", .type = FIELD_OBJECTS, .schema = &inner, .max_items = 4},
    {.name = "o", .type = FIELD_TEXT_MAP, .max = 20, .max_items = 4},
    {.name = "p", .type = FIELD_JSON, .max = 100},
};
static const struct schema schema = SCHEMA(NULL, NULL, fields);

/* What was read keeps to its bounds. */
static void check(const struct form *form)
{
    const struct form_value *count = form_get(form, "d");
    if (form_has(form, "d") && (count->integer < -5 || count->integer > 5))
        abort();
    if (!str_is_utf8(form_text(form, "a")) || form_get(form, "k")->count > 4)
        abort();
}

static void read_json(struct ctx *ctx, struct str text)
{
    struct json_doc *doc;
    const struct form *form;
    if (json_parse(text, &doc, &ctx->fault) != OK)
        return;
    enum err err = form_from_json(ctx, &schema, json_root(doc), &form);
    json_doc_free(doc);
    if (err == OK)
        check(form);
}

/* The bytes as "name=value&name=value". */
static void read_texts(struct ctx *ctx, struct str text)
{
    struct str names[NAMES], texts[NAMES], rest = text, pair;
    struct form_texts given = {names, texts, 0};
    const struct form *form;
    struct page page;
    while (given.count < NAMES && str_split(&rest, '&', &pair)) {
        size_t end = pair.len;
        str_find_char(pair, '=', &end);
        names[given.count] = str_slice(pair, 0, end);
        texts[given.count++] = str_slice(pair, end + 1, pair.len);
    }
    if (form_from_texts(ctx, &schema, &given, &form) != OK)
        return;
    check(form);
    if (page_from_form(ctx, form, "name", &page) == OK &&
        (page.limit < 1 || page.limit > LIMIT_PAGE_MAX))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct ctx ctx;
    struct services services = {.clock = clock_system()};
    struct str text = {(const char *)data, size};
    arena_init(&arena, ARENA_BYTES);
    ctx_init(&ctx, &services, &arena);
    read_json(&ctx, text);
    read_texts(&ctx, text);
    arena_finish(&arena);
    return 0;
}
