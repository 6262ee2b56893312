/* Reads declared fields out of JSON or texts. */
#include "src/core/form.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/id.h"
#include "lib/base/parse.h"
#include "lib/json/json.h"
#include "lib/norm/norm.h"
#include "src/core/ctx.h"
#include "src/core/limits.h"

enum { PATH_BYTES = FAULT_FIELD_MAX, DECIMAL_SCALE_MAX = 9, FORM_DEPTH_MAX = 6 };

/* One field being read: where it stands, for the fault. */
struct reader {
    struct ctx *ctx;
    const struct field *field;
    struct str path;
    int depth;
};

/* Where an object stands in the body. */
struct place {
    struct str path;
    int depth;
};
static enum err read_object(struct ctx *ctx, const struct schema *schema, const struct json *object,
                            struct place place, const struct form **ret_form);

static enum err wrong(const struct reader *reader, const char *what)
{
    return fault_set_field(&reader->ctx->fault, ERR_INVALID, "field_invalid", reader->path,
                           "%.*s must be %s.", STR_ARG(reader->path), what);
}

static int64_t max_bytes(const struct field *field)
{
    return field->max ? field->max : LIMIT_LINE_BYTES;
}

static enum err check_length(const struct reader *reader, struct str text)
{
    const struct field *field = reader->field;
    if ((int64_t)text.len > max_bytes(field))
        return fault_set_field(&reader->ctx->fault, ERR_INVALID, "field_too_long", reader->path,
                               "%.*s is longer than %lld bytes.", STR_ARG(reader->path),
                               (long long)max_bytes(field));
    if ((int64_t)text.len < field->min)
        return fault_set_field(&reader->ctx->fault, ERR_INVALID, "field_too_short", reader->path,
                               "%.*s needs at least %lld bytes.", STR_ARG(reader->path),
                               (long long)field->min);
    return OK;
}

/* Line breaks and tabs stay in a note; other control characters go. */
static struct str clean_note(struct str text, struct arena *arena)
{
    char *copy = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c >= 0x20 ? c != 0x7f : c == '\n' || c == '\t')
            copy[len++] = text.ptr[i];
    }
    return str_trim((struct str){copy, len});
}

static enum err read_text(const struct reader *reader, struct str text, struct str *ret_text)
{
    struct arena *arena = reader->ctx->arena;
    if (!str_is_utf8(text))
        return wrong(reader, "UTF-8 text without NUL");
    TRY(check_length(reader, text));
    if (reader->field->type == FIELD_NOTE)
        *ret_text = clean_note(text, arena);
    else if (reader->field->type == FIELD_SECRET)
        *ret_text = arena_str(arena, text);
    else
        *ret_text = text_clean(text, arena);
    return OK;
}

static enum err read_enum(const struct reader *reader, struct str text, struct form_value *value)
{
    struct buf names;
    buf_init(&names, reader->ctx->arena, FAULT_SENTENCE_MAX);
    for (int i = 0; reader->field->names[i]; i++) {
        struct str name = str_from_c(reader->field->names[i]);
        if (str_equal(name, text)) {
            value->integer = i;
            value->text = name;
            return OK;
        }
        buf_format(&names, "%s%s", i ? ", " : "one of ", reader->field->names[i]);
    }
    buf_add_char(&names, '\0');
    return wrong(reader, names.ptr);
}

static enum err read_number(const struct reader *reader, int64_t number, struct form_value *value)
{
    const struct field *field = reader->field;
    bool bounded = field->min || field->max;
    if (bounded && (number < field->min || number > field->max))
        return fault_set_field(&reader->ctx->fault, ERR_INVALID, "field_out_of_range", reader->path,
                               "%.*s must be from %lld to %lld.", STR_ARG(reader->path),
                               (long long)field->min, (long long)field->max);
    value->integer = number;
    return OK;
}

static enum err read_decimal(const struct reader *reader, struct str text, struct form_value *value)
{
    if (!parse_decimal(text, DECIMAL_SCALE_MAX, &value->decimal))
        return wrong(reader, "a decimal number such as \"12.50\"");
    value->text = arena_str(reader->ctx->arena, text);
    return OK;
}

/* A value that arrives as one text. */
static enum err read_scalar(const struct reader *reader, struct str text, struct form_value *value)
{
    struct day day;
    bool flag;
    switch (reader->field->type) {
    case FIELD_TEXT:
    case FIELD_NOTE:
    case FIELD_SECRET:
        return read_text(reader, text, &value->text);
    case FIELD_MONEY:
    case FIELD_DECIMAL:
        return read_decimal(reader, text, value);
    case FIELD_ENUM:
        return read_enum(reader, text, value);
    case FIELD_ID:
        return id_parse(reader->field->prefix, text, &value->integer)
                   ? OK
                   : wrong(reader, "the id of such an object");
    case FIELD_TIME:
        return time_parse(text, &value->integer)
                   ? OK
                   : wrong(reader, "a time such as \"2026-05-31T12:00:00Z\"");
    case FIELD_DAY:
        if (!day_parse(text, &day))
            return wrong(reader, "a day such as \"2026-05-31\"");
        value->integer = day.v;
        return OK;
    case FIELD_INT:
        if (!parse_int64(text, INT64_MIN, INT64_MAX, &value->integer))
            return wrong(reader, "a whole number");
        return read_number(reader, value->integer, value);
    case FIELD_BOOL:
        if (!parse_bool(text, &flag))
            return wrong(reader, "true or false");
        value->integer = flag;
        return OK;
    case FIELD_TEXTS:
    case FIELD_IDS:
    case FIELD_OBJECT:
    case FIELD_OBJECTS:
    case FIELD_TEXT_MAP:
    case FIELD_JSON:
        break;
    }
    return wrong(reader, "of another type");
}

static enum err check_count(const struct reader *reader, size_t count)
{
    if (count > reader->field->max_items)
        return fault_set_field(&reader->ctx->fault, ERR_INVALID, "field_too_many", reader->path,
                               "%.*s takes at most %zu entries.", STR_ARG(reader->path),
                               reader->field->max_items);
    return OK;
}

static struct reader item_reader(const struct reader *reader, size_t index)
{
    struct reader item = *reader;
    item.path = arena_format(reader->ctx->arena, "%.*s[%zu]", STR_ARG(reader->path), index);
    return item;
}

static enum err read_item(const struct reader *reader, struct str text, struct form_value *value,
                          size_t index)
{
    if (reader->field->type == FIELD_IDS) {
        int64_t *ids = (int64_t *)(uintptr_t)value->ids;
        return id_parse(reader->field->prefix, text, &ids[index])
                   ? OK
                   : wrong(reader, "the id of such an object");
    }
    struct str *texts = (struct str *)(uintptr_t)value->texts;
    struct form_value chosen = {0};
    if (!reader->field->names)
        return read_text(reader, text, &texts[index]);
    TRY(read_enum(reader, text, &chosen));
    texts[index] = chosen.text;
    return OK;
}

static void make_list(const struct reader *reader, struct form_value *value, size_t count)
{
    struct arena *arena = reader->ctx->arena;
    value->count = count;
    value->texts = ARENA_ARRAY(arena, struct str, count);
    value->ids = ARENA_ARRAY(arena, int64_t, count);
}

static enum err read_list(const struct reader *reader, const struct json *list,
                          struct form_value *value)
{
    if (json_type(list) != JSON_IS_ARRAY)
        return wrong(reader, "an array");
    size_t count = json_count(list);
    TRY(check_count(reader, count));
    make_list(reader, value, count);
    for (size_t i = 0; i < count; i++) {
        struct reader item = item_reader(reader, i);
        if (json_type(json_at(list, i)) != JSON_IS_STRING)
            return wrong(&item, "a text");
        TRY(read_item(&item, json_text(json_at(list, i)), value, i));
    }
    return OK;
}

static enum err read_objects(const struct reader *reader, const struct json *json,
                             struct form_value *value)
{
    bool many = reader->field->type == FIELD_OBJECTS;
    if (json_type(json) != (many ? JSON_IS_ARRAY : JSON_IS_OBJECT))
        return wrong(reader, many ? "an array of objects" : "an object");
    size_t count = many ? json_count(json) : 1;
    if (many)
        TRY(check_count(reader, count));
    const struct form **objects = ARENA_ARRAY(reader->ctx->arena, const struct form *, count);
    for (size_t i = 0; i < count; i++) {
        struct str path = many ? item_reader(reader, i).path : reader->path;
        struct place place = {path, reader->depth + 1};
        TRY(read_object(reader->ctx, reader->field->schema, many ? json_at(json, i) : json, place,
                        &objects[i]));
    }
    value->count = count;
    value->objects = objects;
    return OK;
}

static enum err read_map(const struct reader *reader, const struct json *map,
                         struct form_value *value)
{
    if (json_type(map) != JSON_IS_OBJECT)
        return wrong(reader, "an object of texts");
    TRY(check_count(reader, json_count(map)));
    make_list(reader, value, json_count(map));
    struct str *keys = ARENA_ARRAY(reader->ctx->arena, struct str, json_count(map));
    void *it = NULL;
    struct str key;
    const struct json *member;
    for (size_t i = 0; json_next(map, &it, &key, &member); i++) {
        struct reader item = *reader;
        item.path =
            arena_format(reader->ctx->arena, "%.*s.%.*s", STR_ARG(reader->path), STR_ARG(key));
        if (json_type(member) != JSON_IS_STRING)
            return wrong(&item, "a text");
        TRY(read_text(&item, key, &keys[i]));
        TRY(read_item(&item, json_text(member), value, i));
    }
    value->keys = keys;
    return OK;
}

static enum err read_json_number(const struct reader *reader, const struct json *json,
                                 struct form_value *value)
{
    enum field_type type = reader->field->type;
    if (type == FIELD_INT)
        return read_number(reader, json_int(json), value);
    if (type == FIELD_DECIMAL || type == FIELD_MONEY) {
        struct str text = arena_format(reader->ctx->arena, "%lld", (long long)json_int(json));
        return read_decimal(reader, text, value);
    }
    return wrong(reader, "a text, not a number");
}

static enum err read_value(const struct reader *reader, const struct json *json,
                           struct form_value *value)
{
    enum field_type type = reader->field->type;
    if (type == FIELD_TEXTS || type == FIELD_IDS)
        return read_list(reader, json, value);
    if (type == FIELD_OBJECT || type == FIELD_OBJECTS)
        return read_objects(reader, json, value);
    if (type == FIELD_TEXT_MAP)
        return read_map(reader, json, value);
    if (type == FIELD_JSON) {
        value->text = json_render(json, reader->ctx->arena);
        return check_length(reader, value->text);
    }
    switch (json_type(json)) {
    case JSON_IS_STRING:
        if (type == FIELD_INT || type == FIELD_BOOL)
            return wrong(reader, type == FIELD_INT ? "a whole number" : "true or false");
        return read_scalar(reader, json_text(json), value);
    case JSON_IS_BOOL:
        value->integer = json_bool(json);
        return type == FIELD_BOOL ? OK : wrong(reader, "a text, not true or false");
    case JSON_IS_INT:
        return read_json_number(reader, json, value);
    case JSON_IS_REAL:
        return wrong(reader, type == FIELD_INT
                                 ? "a whole number"
                                 : "a text: decimals travel in quotes, such as \"12.50\"");
    case JSON_IS_NULL:
    case JSON_IS_ARRAY:
    case JSON_IS_OBJECT:
        break;
    }
    return wrong(reader, "one value");
}

static bool find_field(const struct schema *schema, struct str name, size_t *ret_index)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (!str_equal(name, str_from_c(schema->fields[i].name)))
            continue;
        *ret_index = i;
        return true;
    }
    return false;
}

static struct str join_path(struct ctx *ctx, struct str path, struct str name)
{
    return path.len ? arena_format(ctx->arena, "%.*s.%.*s", STR_ARG(path), STR_ARG(name))
                    : arena_str(ctx->arena, name);
}

static enum err unknown(struct ctx *ctx, struct str path)
{
    struct str shown = str_slice(path, 0, PATH_BYTES - 1);
    return fault_set_field(&ctx->fault, ERR_INVALID, "field_unknown", shown,
                           "There is no field %.*s here.", STR_ARG(shown));
}

static enum err check_required(struct ctx *ctx, const struct form *form, struct str path)
{
    for (size_t i = 0; i < form->schema->count; i++) {
        const struct field *field = &form->schema->fields[i];
        if (!(field->flags & FIELD_REQUIRED) || form->values[i].given)
            continue;
        struct str at = join_path(ctx, path, str_from_c(field->name));
        return fault_set_field(&ctx->fault, ERR_INVALID, "field_missing", at, "%.*s is missing.",
                               STR_ARG(at));
    }
    return OK;
}

static struct form *form_new(struct ctx *ctx, const struct schema *schema)
{
    struct form *form = ARENA_NEW(ctx->arena, struct form);
    form->schema = schema;
    form->values = ARENA_ARRAY(ctx->arena, struct form_value, schema->count);
    return form;
}

static enum err read_member(const struct reader *reader, const struct json *member,
                            struct form_value *value)
{
    value->given = true;
    if (reader->field->flags & FIELD_READ_ONLY)
        return fault_set_field(&reader->ctx->fault, ERR_INVALID, "field_read_only", reader->path,
                               "%.*s cannot be set.", STR_ARG(reader->path));
    if (json_type(member) != JSON_IS_NULL)
        return read_value(reader, member, value);
    value->null = true;
    return reader->field->flags & FIELD_NULLABLE ? OK : wrong(reader, "given a value, not null");
}

static enum err read_object(struct ctx *ctx, const struct schema *schema, const struct json *object,
                            struct place place, const struct form **ret_form)
{
    struct str path = place.path;
    if (json_type(object) != JSON_IS_OBJECT || place.depth > FORM_DEPTH_MAX)
        return fault_set_field(&ctx->fault, ERR_INVALID, "object_expected", path,
                               "%s must be a JSON object.", path.len ? "This" : "The body");
    struct form *form = form_new(ctx, schema);
    void *it = NULL;
    struct str key;
    const struct json *member;
    while (json_next(object, &it, &key, &member)) {
        size_t index;
        struct str at = join_path(ctx, path, key);
        if (!find_field(schema, key, &index))
            return unknown(ctx, at);
        struct reader reader = {ctx, &schema->fields[index], at, place.depth};
        TRY(read_member(&reader, member, &form->values[index]));
    }
    TRY(check_required(ctx, form, path));
    *ret_form = form;
    return OK;
}

enum err form_from_json(struct ctx *ctx, const struct schema *schema, const struct json *object,
                        const struct form **ret_form)
{
    return read_object(ctx, schema, object, (struct place){{NULL, 0}, 0}, ret_form);
}

static enum err read_comma_list(const struct reader *reader, struct str text,
                                struct form_value *value)
{
    size_t count = text.len ? 1 : 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == ',';
    TRY(check_count(reader, count));
    make_list(reader, value, count);
    struct str rest = text, piece;
    for (size_t i = 0; i < count && str_split(&rest, ',', &piece); i++) {
        struct reader item = item_reader(reader, i);
        TRY(read_item(&item, str_trim(piece), value, i));
    }
    return OK;
}

enum err form_from_texts(struct ctx *ctx, const struct schema *schema,
                         const struct form_texts *given, const struct form **ret_form)
{
    struct form *form = form_new(ctx, schema);
    for (size_t i = 0; i < given->count; i++) {
        struct str name = given->names[i], text = given->texts[i];
        size_t index;
        if (!find_field(schema, name, &index))
            return unknown(ctx, name);
        struct reader reader = {ctx, &schema->fields[index], name, 0};
        struct form_value *value = &form->values[index];
        if (value->given)
            return wrong(&reader, "given once");
        value->given = true;
        bool list = reader.field->type == FIELD_TEXTS || reader.field->type == FIELD_IDS;
        TRY(list ? read_comma_list(&reader, text, value) : read_scalar(&reader, text, value));
    }
    TRY(check_required(ctx, form, (struct str){NULL, 0}));
    *ret_form = form;
    return OK;
}

const struct form_value *form_get(const struct form *form, const char *name)
{
    size_t index;
    if (!find_field(form->schema, str_from_c(name), &index))
        abort();
    return &form->values[index];
}

bool form_has(const struct form *form, const char *name)
{
    const struct form_value *value = form_get(form, name);
    return value->given && !value->null;
}

struct str form_text(const struct form *form, const char *name)
{
    return form_get(form, name)->text;
}

int64_t form_int(const struct form *form, const char *name)
{
    return form_get(form, name)->integer;
}

int64_t form_int_or(const struct form *form, const char *name, int64_t otherwise)
{
    return form_has(form, name) ? form_int(form, name) : otherwise;
}
