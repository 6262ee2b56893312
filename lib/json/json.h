/*
 * JSON (RFC 8259), read strictly by jansson: UTF-8 only, no duplicate keys, no NaN, no trailing
 * bytes, integers within 64 bits, bounded depth; written by a small writer of ours.
 */
#ifndef LIB_JSON_JSON_H
#define LIB_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/money.h"
#include "lib/base/str.h"

/* ---- reading ---- */

struct json; /* a value; borrowed from its document */
struct json_doc;

enum { JSON_READ_DEPTH_MAX = 64 };

/*
 * ERR_INVALID with line and column in the sentence, which never quotes the input. Objects and
 * arrays nest up to JSON_READ_DEPTH_MAX. The document is the caller's.
 */
MUST_CHECK enum err json_parse(struct str text, struct json_doc **ret_doc, struct fault *fault);
void json_doc_free(struct json_doc *doc);
const struct json *json_root(const struct json_doc *doc);

enum json_type {
    JSON_IS_NULL,
    JSON_IS_BOOL,
    JSON_IS_INT,
    JSON_IS_REAL,
    JSON_IS_STRING,
    JSON_IS_ARRAY,
    JSON_IS_OBJECT
};
/* NULL counts as JSON_IS_NULL. */
enum json_type json_type(const struct json *value);
/* false, 0, empty or NULL for a value of another type. */
bool json_bool(const struct json *value);
int64_t json_int(const struct json *value);
/* Borrowed from the document. */
struct str json_text(const struct json *value);
size_t json_count(const struct json *array_or_object);
const struct json *json_at(const struct json *array, size_t index);
/* NULL when the object has no such member. */
const struct json *json_get(const struct json *object, const char *key);
/* Walks an object: `void *it = NULL; while (json_next(object, &it, &key, &value))`. */
bool json_next(const struct json *object, void **it, struct str *ret_key,
               const struct json **ret_value);

/* The value as compact text, in the arena. */
struct str json_render(const struct json *value, struct arena *arena);
/* The same over several lines, for people to change. */
struct str json_render_lines(const struct json *value, struct arena *arena);

/* ---- writing ---- */

enum { JSON_WRITE_DEPTH_MAX = 32 };

/* Commas and nesting are its business; a misuse (a key outside an object, an unclosed array)
 * aborts. */
struct json_writer {
    struct buf *buf;
    int depth;
    bool needs_comma[JSON_WRITE_DEPTH_MAX];
    char open[JSON_WRITE_DEPTH_MAX];
    bool after_key;
};
void json_writer_init(struct json_writer *writer, struct buf *buf);
/* '{' or '[', '}' or ']'. */
void json_begin(struct json_writer *writer, char bracket);
void json_end(struct json_writer *writer, char bracket);
/* A key that comes from data. */
void json_key_str(struct json_writer *writer, struct str key);
void json_add_int(struct json_writer *writer, int64_t value);
/* NUL and bytes that are not UTF-8 are written as U+FFFD, so that what is written can be read. */
void json_add_str(struct json_writer *writer, struct str value);
/* Text that is JSON already. */
void json_add_raw(struct json_writer *writer, struct str json);
/* "2020-05-31T12:00:00.000Z" */
void json_add_time(struct json_writer *writer, int64_t at_ms);
/* A number with a fixed count of decimals: mantissa 12345, scale 2 gives 123.45. */
void json_add_decimal(struct json_writer *writer, struct decimal value);
/* "77548570.20", a string */
void json_add_money(struct json_writer *writer, struct money value);

/* ---- shorthands ---- */

static inline void json_begin_object(struct json_writer *writer)
{
    json_begin(writer, '{');
}
static inline void json_end_object(struct json_writer *writer)
{
    json_end(writer, '}');
}
static inline void json_begin_array(struct json_writer *writer)
{
    json_begin(writer, '[');
}
static inline void json_end_array(struct json_writer *writer)
{
    json_end(writer, ']');
}
static inline void json_key(struct json_writer *writer, const char *key)
{
    json_key_str(writer, str_from_c(key));
}
static inline void json_add_null(struct json_writer *writer)
{
    json_add_raw(writer, STR("null"));
}
static inline void json_add_bool(struct json_writer *writer, bool value)
{
    json_add_raw(writer, value ? STR("true") : STR("false"));
}

/* A key and its value. The _or_null ones write null for empty text or 0. */
static inline void json_put_str(struct json_writer *writer, const char *key, struct str value)
{
    json_key(writer, key);
    json_add_str(writer, value);
}
static inline void json_put_str_or_null(struct json_writer *writer, const char *key,
                                        struct str value)
{
    json_key(writer, key);
    if (value.len)
        json_add_str(writer, value);
    else
        json_add_null(writer);
}
static inline void json_put_int(struct json_writer *writer, const char *key, int64_t value)
{
    json_key(writer, key);
    json_add_int(writer, value);
}
static inline void json_put_bool(struct json_writer *writer, const char *key, bool value)
{
    json_key(writer, key);
    json_add_bool(writer, value);
}
static inline void json_put_time(struct json_writer *writer, const char *key, int64_t at_ms)
{
    json_key(writer, key);
    json_add_time(writer, at_ms);
}
static inline void json_put_time_or_null(struct json_writer *writer, const char *key, int64_t at_ms)
{
    json_key(writer, key);
    if (at_ms)
        json_add_time(writer, at_ms);
    else
        json_add_null(writer);
}
static inline void json_put_money(struct json_writer *writer, const char *key, struct money value)
{
    json_key(writer, key);
    json_add_money(writer, value);
}

#endif
