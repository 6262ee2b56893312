/* Fuzzes the reader of facts: what it takes, lib/json and the form take too, with the same values.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/time.h"
#include "lib/json/json.h"
#include "src/ledger/fact_reader.h"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

static bool same_value(const struct form_value *a, const struct form_value *b)
{
    return a->given == b->given && a->null == b->null && a->integer == b->integer &&
           str_equal(a->text, b->text) && a->decimal.mantissa == b->decimal.mantissa &&
           a->decimal.scale == b->decimal.scale;
}

static void compare(struct ctx *ctx, struct str text, const struct form_value *values)
{
    struct form_value others[FACT_FIELD_COUNT];
    struct json_doc *doc;
    if (json_parse(text, &doc, &ctx->fault) != OK ||
        fact_reader_read_json(ctx, json_root(doc), others) != OK)
        abort();
    for (size_t i = 0; i < FACT_FIELD_COUNT; i++)
        if (!same_value(&values[i], &others[i]))
            abort();
    json_doc_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct services services = {.clock = clock_system()};
    struct arena arena;
    struct ctx ctx;
    struct form_value values[FACT_FIELD_COUNT];
    struct str rest = {(const char *)data, size};
    arena_init(&arena, ARENA_BYTES);
    ctx_init(&ctx, &services, &arena);
    if (fact_reader_take(&rest, &arena, values))
        compare(&ctx, (struct str){(const char *)data, size - rest.len}, values);
    arena_finish(&arena);
    return 0;
}
