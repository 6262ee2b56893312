/* Declared fields as JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
#include "lib/json/json.h"
#include "src/core/form.h"
#include "src/core/limits.h"

static void put(struct json_writer *writer, const char *key, const char *value)
{
    json_put_str(writer, key, str_from_c(value));
}

/* A type, or that type and null. */
static void put_type(struct json_writer *writer, const struct field *field, const char *type)
{
    if (!(field->flags & FIELD_NULLABLE)) {
        put(writer, "type", type);
        return;
    }
    json_key(writer, "type");
    json_begin_array(writer);
    json_add_str(writer, str_from_c(type));
    json_add_str(writer, STR("null"));
    json_end_array(writer);
}

static void put_text(struct json_writer *writer, const struct field *field, const char *format)
{
    put_type(writer, field, "string");
    if (format)
        put(writer, "format", format);
}

static void put_reference(struct json_writer *writer, const struct schema *schema)
{
    if (!schema->name) {
        schema_render(schema, writer);
        return;
    }
    struct buf *buf = writer->buf;
    json_begin_object(writer);
    json_key(writer, "$ref");
    json_add_str(writer, arena_format(buf->arena, "#/components/schemas/%s", schema->name));
    json_end_object(writer);
}

static void put_names(struct json_writer *writer, const struct field *field)
{
    json_key(writer, "enum");
    json_begin_array(writer);
    for (size_t i = 0; field->names[i]; i++)
        json_add_str(writer, str_from_c(field->names[i]));
    if (field->type == FIELD_ENUM && (field->flags & FIELD_NULLABLE))
        json_add_null(writer);
    json_end_array(writer);
}

static void put_enum(struct json_writer *writer, const struct field *field)
{
    put_type(writer, field, "string");
    put_names(writer, field);
}

static void put_items(struct json_writer *writer, const struct field *field)
{
    put_type(writer, field, "array");
    if (field->max_items)
        json_put_int(writer, "maxItems", (int64_t)field->max_items);
    json_key(writer, "items");
    if (field->type == FIELD_OBJECTS) {
        put_reference(writer, field->schema);
        return;
    }
    json_begin_object(writer);
    put(writer, "type", "string");
    if (field->names)
        put_names(writer, field);
    json_end_object(writer);
}

static void put_object(struct json_writer *writer, const struct field *field)
{
    json_key(writer, field->flags & FIELD_NULLABLE ? "oneOf" : "allOf");
    json_begin_array(writer);
    put_reference(writer, field->schema);
    if (field->flags & FIELD_NULLABLE) {
        json_begin_object(writer);
        put(writer, "type", "null");
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void put_bounds(struct json_writer *writer, const struct field *field)
{
    if (field->type == FIELD_INT) {
        if (field->min || field->max)
            json_put_int(writer, "minimum", field->min);
        if (field->max)
            json_put_int(writer, "maximum", field->max);
        return;
    }
    if (field->min)
        json_put_int(writer, "minLength", field->min);
    json_put_int(writer, "maxLength", field->max ? field->max : LIMIT_LINE_BYTES);
}

static void put_shape(struct json_writer *writer, const struct field *field)
{
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_NOTE:
        put_text(writer, field, NULL);
        put_bounds(writer, field);
        break;
    case FIELD_SECRET:
        put_text(writer, field, "password");
        put_bounds(writer, field);
        break;
    case FIELD_INT:
        put_type(writer, field, "integer");
        put_bounds(writer, field);
        break;
    case FIELD_BOOL:
        put_type(writer, field, "boolean");
        break;
    case FIELD_DECIMAL:
    case FIELD_MONEY:
        put_text(writer, field, "decimal");
        break;
    case FIELD_ID:
        put_text(writer, field, NULL);
        json_key(writer, "pattern");
        json_add_str(writer, arena_format(writer->buf->arena, "^%s_[0-9a-z]{13}$", field->prefix));
        break;
    case FIELD_ENUM:
        put_enum(writer, field);
        break;
    case FIELD_TIME:
        put_text(writer, field, "date-time");
        break;
    case FIELD_DAY:
        put_text(writer, field, "date");
        break;
    case FIELD_TEXTS:
    case FIELD_IDS:
    case FIELD_OBJECTS:
        put_items(writer, field);
        break;
    case FIELD_OBJECT:
        put_object(writer, field);
        break;
    case FIELD_TEXT_MAP:
        put_type(writer, field, "object");
        json_key(writer, "additionalProperties");
        json_begin_object(writer);
        put(writer, "type", "string");
        json_end_object(writer);
        break;
    case FIELD_JSON:
        break;
    }
}

void field_render(const struct field *field, struct json_writer *writer)
{
    json_begin_object(writer);
    put_shape(writer, field);
    if (field->flags & FIELD_READ_ONLY)
        json_put_bool(writer, "readOnly", true);
    if (field->help)
        put(writer, "description", field->help);
    json_end_object(writer);
}

static void put_required(const struct schema *schema, struct json_writer *writer)
{
    size_t required = 0;
    for (size_t i = 0; i < schema->count; i++)
        required += (schema->fields[i].flags & FIELD_REQUIRED) != 0;
    if (!required)
        return;
    json_key(writer, "required");
    json_begin_array(writer);
    for (size_t i = 0; i < schema->count; i++)
        if (schema->fields[i].flags & FIELD_REQUIRED)
            json_add_str(writer, str_from_c(schema->fields[i].name));
    json_end_array(writer);
}

void schema_render(const struct schema *schema, struct json_writer *writer)
{
    json_begin_object(writer);
    put(writer, "type", "object");
    if (schema->help)
        put(writer, "description", schema->help);
    put_required(schema, writer);
    json_key(writer, "properties");
    json_begin_object(writer);
    for (size_t i = 0; i < schema->count; i++) {
        json_key(writer, schema->fields[i].name);
        field_render(&schema->fields[i], writer);
    }
    json_end_object(writer);
    json_end_object(writer);
}
