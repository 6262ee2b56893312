/* Declared fields: one row says how a field is parsed, bounded and documented. */
#ifndef SRC_CORE_FORM_H
#define SRC_CORE_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/money.h"
#include "lib/base/str.h"
#include "lib/base/time.h"

struct json;
struct json_writer;
struct ctx;

enum field_type {
    FIELD_TEXT,   /* cleaned: NFC, one line; `max` bytes */
    FIELD_NOTE,   /* several lines; `max` bytes */
    FIELD_SECRET, /* taken byte for byte; `max` bytes; never logged or echoed */
    FIELD_INT,    /* min to max */
    FIELD_BOOL,
    FIELD_DECIMAL, /* a string: "12.50" */
    FIELD_MONEY,   /* a decimal string in the currency beside it; kept as text */
    FIELD_ID,      /* `prefix` */
    FIELD_ENUM,    /* one of `names` */
    FIELD_TIME,    /* RFC 3339 */
    FIELD_DAY,     /* "2020-05-31" */
    FIELD_TEXTS,  /* an array of texts, each up to `max` bytes, at most `max_items`; where there are
                     `names`, each one of them */
    FIELD_IDS,    /* an array of ids */
    FIELD_OBJECT, /* `schema` */
    FIELD_OBJECTS,  /* an array of `schema`, at most `max_items` */
    FIELD_TEXT_MAP, /* an object whose values are texts, at most `max_items` */
    FIELD_JSON      /* any JSON; kept as its text */
};

enum {
    FIELD_REQUIRED = 1,
    FIELD_NULLABLE = 2, /* null clears it */
    FIELD_READ_ONLY = 4 /* in answers only; refused in a body */
};

struct field {
    const char *name;
    enum field_type type;
    unsigned flags;
    int64_t min, max; /* bytes of a text, or values of a number; max 0: LIMIT_LINE_BYTES, or no
                         bound for FIELD_INT */
    size_t max_items;
    const char *prefix;          /* FIELD_ID, FIELD_IDS */
    const char *const *names;    /* FIELD_ENUM, FIELD_TEXTS; NULL-terminated */
    const struct schema *schema; /* FIELD_OBJECT, FIELD_OBJECTS */
    const char *help;            /* one sentence for the API's documentation */
    const char *example;
};

/* A JSON object's shape, or a query string's. `name` is the component in the OpenAPI document
 * ("Partner"); NULL: inline. */
struct schema {
    const char *name;
    const char *help;
    const struct field *fields;
    size_t count;
};
#define SCHEMA(name, help, fields)                  \
    {                                               \
        (name), (help), (fields), ARRAY_LEN(fields) \
    }

struct form;
struct form_value {
    bool given; /* was there, null or not */
    bool null;
    int64_t integer; /* INT, BOOL, ID, ENUM (index), TIME (ms), DAY */
    struct str text; /* TEXT, NOTE, SECRET, MONEY, JSON, ENUM (its name) */
    struct decimal decimal;
    size_t count;                      /* TEXTS, IDS, OBJECTS, TEXT_MAP */
    const struct str *texts;           /* TEXTS; values of TEXT_MAP */
    const struct str *keys;            /* TEXT_MAP */
    const int64_t *ids;                /* IDS */
    const struct form *const *objects; /* OBJECT (one), OBJECTS */
};
/* Values in the order of the schema's fields. Lives in the context's arena; keeps nothing of the
 * JSON document. */
struct form {
    const struct schema *schema;
    struct form_value *values;
};

/* ERR_INVALID with the path of the field ("contacts[2].email"): unknown member, wrong type, out of
 * bounds, required but missing. */
MUST_CHECK enum err form_from_json(struct ctx *ctx, const struct schema *schema,
                                   const struct json *object, const struct form **ret_form);
/* From names and texts, as a query string or a command line gives them; lists are separated by
 * commas. */
struct form_texts {
    const struct str *names, *texts;
    size_t count;
};
MUST_CHECK enum err form_from_texts(struct ctx *ctx, const struct schema *schema,
                                    const struct form_texts *given, const struct form **ret_form);

/* A name that the schema does not declare is our mistake: it aborts. */
const struct form_value *form_get(const struct form *form, const char *name);
bool form_has(const struct form *form, const char *name); /* given and not null */
struct str form_text(const struct form *form, const char *name);
int64_t form_int(const struct form *form, const char *name);
/* The value, or `otherwise` when not given. */
int64_t form_int_or(const struct form *form, const char *name, int64_t otherwise);

/* One field as JSON Schema. */
void field_render(const struct field *field, struct json_writer *writer);
/* The schema as JSON Schema (OpenAPI 3.1): what documentation shows is what is parsed. */
void schema_render(const struct schema *schema, struct json_writer *writer);

#endif
