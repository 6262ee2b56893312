/* Reading: jansson behind our types. A `struct json` is jansson's value, a document its root. */
#include "lib/json/json.h"

/* jansson's type has the name of our function. */
#define json_type jansson_type
#include <jansson.h>
#undef json_type

/* ---- parsing ---- */

/* Whether the brackets nest deeper than we read; jansson itself would go on to 2,048. */
static bool too_deep(struct str text)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            depth++;
        else if (!quoted && (c == '}' || c == ']'))
            depth--;
        if (depth > JSON_READ_DEPTH_MAX)
            return true;
    }
    return false;
}

/* Our own words: jansson's quote the input, which may hold a password. */
static const char *complaint(enum json_error_code code)
{
    switch ((int)code) {
    case json_error_invalid_utf8:
        return "the text is not UTF-8";
    case json_error_premature_end_of_input:
        return "it ends too early";
    case json_error_end_of_input_expected:
        return "something follows the end";
    case json_error_duplicate_key:
        return "a name is given twice in one object";
    case json_error_numeric_overflow:
        return "a number is out of range";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a text holds a NUL character";
    default:
        return "the syntax is wrong";
    }
}

static enum err refuse(const json_error_t *error, struct fault *fault)
{
    if (json_error_code(error) == json_error_out_of_memory)
        return fault_set(fault, ERR_MEMORY, "memory", "There is no memory for this document.");
    return fault_set(fault, ERR_INVALID, "json_invalid", "This is no JSON: line %d, column %d: %s.",
                     error->line, error->column, complaint(json_error_code(error)));
}

static enum err refuse_depth(struct fault *fault)
{
    return fault_set(fault, ERR_INVALID, "json_invalid",
                     "This JSON nests deeper than the %d levels that are read.",
                     JSON_READ_DEPTH_MAX);
}

enum err json_parse(struct str text, struct json_doc **ret_doc, struct fault *fault)
{
    json_error_t error;
    if (too_deep(text))
        return refuse_depth(fault);
    json_t *root = json_loadb(text.len ? text.ptr : "", text.len,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!root)
        return refuse(&error, fault);
    *ret_doc = (struct json_doc *)root;
    return OK;
}

void json_doc_free(struct json_doc *doc)
{
    json_decref((json_t *)doc);
}

const struct json *json_root(const struct json_doc *doc)
{
    return (const struct json *)doc;
}

/* ---- values ---- */

static const json_t *value_of(const struct json *value)
{
    return (const json_t *)value;
}

enum json_type json_type(const struct json *value)
{
    if (!value)
        return JSON_IS_NULL;
    switch (json_typeof(value_of(value))) {
    case JSON_OBJECT:
        return JSON_IS_OBJECT;
    case JSON_ARRAY:
        return JSON_IS_ARRAY;
    case JSON_STRING:
        return JSON_IS_STRING;
    case JSON_INTEGER:
        return JSON_IS_INT;
    case JSON_REAL:
        return JSON_IS_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return JSON_IS_BOOL;
    case JSON_NULL:
        return JSON_IS_NULL;
    }
    return JSON_IS_NULL;
}

bool json_bool(const struct json *value)
{
    return json_is_true(value_of(value));
}

int64_t json_int(const struct json *value)
{
    return json_integer_value(value_of(value));
}

struct str json_text(const struct json *value)
{
    return (struct str){json_string_value(value_of(value)), json_string_length(value_of(value))};
}

size_t json_count(const struct json *array_or_object)
{
    const json_t *value = value_of(array_or_object);
    return json_is_array(value) ? json_array_size(value) : json_object_size(value);
}

const struct json *json_at(const struct json *array, size_t index)
{
    return (const struct json *)json_array_get(value_of(array), index);
}

const struct json *json_get(const struct json *object, const char *key)
{
    return (const struct json *)json_object_get(value_of(object), key);
}

bool json_next(const struct json *object, void **it, struct str *ret_key,
               const struct json **ret_value)
{
    /* The iterator's functions take no const, but change nothing. */
    json_t *map = (json_t *)(uintptr_t)object;
    void *next = *it ? json_object_iter_next(map, *it) : json_object_iter(map);
    if (!next)
        return false;
    *it = next;
    *ret_key = (struct str){json_object_iter_key(next), json_object_iter_key_len(next)};
    *ret_value = (const struct json *)json_object_iter_value(next);
    return true;
}

/* ---- as text ---- */

static int add_to_buf(const char *bytes, size_t size, void *buf)
{
    buf_add(buf, (struct str){bytes, size});
    return 0;
}

static struct str render(const struct json *value, size_t flags, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, SIZE_MAX / 2);
    if (value && json_dump_callback(value_of(value), add_to_buf, &buf, flags) == 0)
        return buf_str(&buf);
    return STR("null");
}

struct str json_render(const struct json *value, struct arena *arena)
{
    return render(value, JSON_COMPACT | JSON_ENCODE_ANY, arena);
}

struct str json_render_lines(const struct json *value, struct arena *arena)
{
    return render(value, JSON_INDENT(2) | JSON_ENCODE_ANY, arena);
}
