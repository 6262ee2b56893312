/* Fuzzes mappings: what is read is written as JSON that reads the same, and binds to any header. */
#include <stdlib.h>

#include "src/intake/mapping.h"

static void check(bool is_so)
{
    if (!is_so)
        abort();
}

static struct str rendered(const struct mapping *mapping, struct arena *arena)
{
    struct buf buf;
    struct json_writer writer;
    buf_init(&buf, arena, 16 * LIMIT_MAPPING_BYTES);
    json_writer_init(&writer, &buf);
    mapping_render(mapping, &writer);
    check(!buf.overflowed);
    return buf_str(&buf);
}

static void check_mapping(struct mapping *mapping, struct arena *arena)
{
    static const struct str names[] = {STR_INIT("a"), STR_INIT("No"), STR_INIT("Id")};
    static const struct str cells[] = {STR_INIT("1"), STR_INIT(""), STR_INIT("NULL")};
    struct mapping *again;
    struct str once = rendered(mapping, arena);
    enum err bound = mapping_bind(mapping, names, ARRAY_LEN(names), NULL);
    check(bound == OK || bound == ERR_INVALID);
    for (size_t i = 0; i < mapping->skip_count; i++)
        (void)condition_holds(&mapping->skip[i], cells, arena);
    for (size_t i = 0; i < mapping->record_count; i++)
        for (size_t j = 0; j < RECORD_FIELD_COUNT; j++)
            (void)template_eval(&mapping->records[i].fields[j], cells, arena);
    /* Escapes may make it longer than what is taken. */
    if (once.len <= LIMIT_MAPPING_BYTES) {
        check(mapping_parse(once, arena, &again, NULL) == OK);
        check(str_equal(once, rendered(again, arena)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct mapping *mapping;
    arena_init(&arena, 64 << 20);
    if (mapping_parse((struct str){(const char *)data, size}, &arena, &mapping, NULL) == OK)
        check_mapping(mapping, &arena);
    arena_finish(&arena);
    return 0;
}
