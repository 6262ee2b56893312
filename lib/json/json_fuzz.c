/* Fuzzes the reader and the writer: what was read renders to text that reads the same, and any
 * bytes written as a text are read again. */
#include <stdlib.h>

#include "lib/json/json.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, TEXT_BYTES = 16 * 1024 * 1024 };

static void walk(const struct json *value)
{
    void *it = NULL;
    struct str key;
    const struct json *member;
    if (json_type(value) == JSON_IS_STRING && !str_is_utf8(json_text(value)))
        abort();
    if (json_type(value) == JSON_IS_ARRAY)
        for (size_t i = 0; i < json_count(value); i++)
            walk(json_at(value, i));
    if (json_type(value) == JSON_IS_OBJECT)
        while (json_next(value, &it, &key, &member))
            walk(member);
}

static void read_again(struct str text, struct arena *arena)
{
    struct json_doc *first, *second;
    if (json_parse(text, &first, NULL) != OK)
        return;
    walk(json_root(first));
    struct str rendered = json_render(json_root(first), arena);
    if (json_parse(rendered, &second, NULL) != OK ||
        !str_equal(rendered, json_render(json_root(second), arena)))
        abort();
    json_doc_free(first);
    json_doc_free(second);
}

static void write_and_read(struct str bytes, struct arena *arena)
{
    struct buf buf;
    struct json_writer writer;
    struct json_doc *doc;
    buf_init(&buf, arena, TEXT_BYTES);
    json_writer_init(&writer, &buf);
    json_add_str(&writer, bytes);
    if (buf.overflowed)
        return;
    if (json_parse(buf_str(&buf), &doc, NULL) != OK)
        abort();
    if (str_is_utf8(bytes) && !str_equal(bytes, json_text(json_root(doc))))
        abort();
    json_doc_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct str bytes = {(const char *)data, size};
    arena_init(&arena, ARENA_BYTES);
    read_again(bytes, &arena);
    write_and_read(bytes, &arena);
    arena_finish(&arena);
    return 0;
}
