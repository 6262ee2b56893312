/* Members of a mapping's JSON. */
#include "src/intake/mapping_parse.h"

#include "src/core/limits.h"

const char *const mapping_reference_names[] = {"plain", "salesforce", NULL};
const char *const mapping_date_names[] = {"auto", "day_first", "month_first", NULL};
const char *const mapping_decimal_names[] = {"auto", "point", "comma", NULL};
const char *const mapping_only_names[] = {"any", "partner", "customer", NULL};

struct mapping_node mapping_member(struct mapping_reader *reader, struct mapping_node object,
                                   const char *name)
{
    return (struct mapping_node){json_get(object.value, name),
                                 arena_format(reader->arena, "%.*s%s%s", STR_ARG(object.path),
                                              object.path.len ? "." : "", name)};
}

struct mapping_node mapping_item(struct mapping_reader *reader, struct mapping_node array,
                                 size_t index)
{
    return (struct mapping_node){
        json_at(array.value, index),
        arena_format(reader->arena, "%.*s[%zu]", STR_ARG(array.path), index)};
}

enum err mapping_refuse(struct mapping_reader *reader, struct mapping_node node,
                        const char *sentence)
{
    struct str path = node.path.len ? node.path : STR("The mapping");
    return fault_set_field(reader->fault, ERR_INVALID, "mapping_invalid", node.path, "%.*s %s",
                           STR_ARG(path), sentence);
}

static bool is_among(struct str name, const char *const *names, int *ret_index)
{
    for (int i = 0; names[i]; i++) {
        if (str_equal(name, str_from_c(names[i]))) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

enum err mapping_check_object(struct mapping_reader *reader, struct mapping_node node,
                              const char *const *names)
{
    void *it = NULL;
    struct str key;
    const struct json *value;
    int index;
    if (json_type(node.value) != JSON_IS_OBJECT)
        return mapping_refuse(reader, node, "must be an object.");
    while (json_next(node.value, &it, &key, &value)) {
        if (is_among(key, names, &index))
            continue;
        struct mapping_node member = mapping_member(reader, node, arena_cstr(reader->arena, key));
        return mapping_refuse(reader, member, "is no member that a mapping has.");
    }
    return OK;
}

enum err mapping_check_array(struct mapping_reader *reader, struct mapping_node node, size_t max,
                             size_t *ret_count)
{
    *ret_count = 0;
    if (!node.value)
        return OK;
    if (json_type(node.value) != JSON_IS_ARRAY)
        return mapping_refuse(reader, node, "must be an array.");
    if (json_count(node.value) > max)
        return mapping_refuse(reader, node, "has too many items.");
    *ret_count = json_count(node.value);
    return OK;
}

enum err mapping_read_text(struct mapping_reader *reader, struct mapping_node node,
                           size_t max_bytes, struct str *ret_text)
{
    if (!node.value)
        return OK;
    if (json_type(node.value) != JSON_IS_STRING)
        return mapping_refuse(reader, node, "must be a text.");
    struct str text = json_text(node.value);
    if (text.len > max_bytes)
        return mapping_refuse(reader, node, "is too long.");
    *ret_text = arena_str(reader->arena, text);
    return OK;
}

enum err mapping_read_bool(struct mapping_reader *reader, struct mapping_node node, bool *ret_value)
{
    if (!node.value)
        return OK;
    if (json_type(node.value) != JSON_IS_BOOL)
        return mapping_refuse(reader, node, "must be true or false.");
    *ret_value = json_bool(node.value);
    return OK;
}

enum err mapping_read_int(struct mapping_reader *reader, struct mapping_node node, int64_t max,
                          int64_t *ret_value)
{
    if (!node.value)
        return OK;
    if (json_type(node.value) != JSON_IS_INT)
        return mapping_refuse(reader, node, "must be a whole number.");
    int64_t value = json_int(node.value);
    if (value < 1 || value > max)
        return mapping_refuse(reader, node, "is too small or too large.");
    *ret_value = value;
    return OK;
}

enum err mapping_read_name(struct mapping_reader *reader, struct mapping_node node,
                           const char *const *names, int *ret_index)
{
    if (!node.value)
        return OK;
    if (is_among(json_text(node.value), names, ret_index))
        return OK;
    struct buf buf;
    buf_init(&buf, reader->arena, FAULT_SENTENCE_MAX);
    buf_add(&buf, STR("must be one of"));
    for (int i = 0; names[i]; i++)
        buf_format(&buf, "%s %s", i ? "," : "", names[i]);
    buf_add(&buf, STR("."));
    return mapping_refuse(reader, node, arena_cstr(reader->arena, buf_str(&buf)));
}

enum err mapping_read_template(struct mapping_reader *reader, struct mapping_node node,
                               struct template *ret_template)
{
    struct str text = {NULL, 0};
    struct fault why = {.err = OK};
    TRY(mapping_read_text(reader, node, LIMIT_MAPPING_BYTES, &text));
    if (!text.len || template_parse(text, reader->arena, ret_template, &why) == OK)
        return OK;
    struct str sentence = arena_format(reader->arena, "is no value: %s", why.sentence);
    return mapping_refuse(reader, node, sentence.ptr);
}

enum err mapping_read_texts(struct mapping_reader *reader, struct mapping_node node, size_t max,
                            const struct str **ret_texts, size_t *ret_count)
{
    size_t count;
    TRY(mapping_check_array(reader, node, max, &count));
    struct str *texts = ARENA_ARRAY(reader->arena, struct str, count);
    for (size_t i = 0; i < count; i++)
        TRY(mapping_read_text(reader, mapping_item(reader, node, i), LIMIT_LINE_BYTES, &texts[i]));
    *ret_texts = texts;
    *ret_count = count;
    return OK;
}

/* ---- conditions ---- */

static enum err read_condition(struct mapping_reader *reader, struct mapping_node node,
                               struct condition *ret_condition)
{
    static const char *const names[] = {"value", "is", "is_not", "reason", NULL};
    struct mapping_node is = mapping_member(reader, node, "is");
    struct mapping_node is_not = mapping_member(reader, node, "is_not");
    TRY(mapping_check_object(reader, node, names));
    TRY(mapping_read_template(reader, mapping_member(reader, node, "value"),
                              &ret_condition->value));
    TRY(mapping_read_text(reader, mapping_member(reader, node, "reason"), LIMIT_NAME_BYTES,
                          &ret_condition->reason));
    if (!ret_condition->value.count)
        return mapping_refuse(reader, node, "needs a value.");
    if (!is.value == !is_not.value)
        return mapping_refuse(reader, node, "needs either \"is\" or \"is_not\".");
    ret_condition->negated = is_not.value != NULL;
    return mapping_read_texts(reader, ret_condition->negated ? is_not : is, LIMIT_MAPPING_TEXTS,
                              &ret_condition->texts, &ret_condition->count);
}

enum err mapping_read_conditions(struct mapping_reader *reader, struct mapping_node node,
                                 struct condition **ret_conditions, size_t *ret_count)
{
    size_t count;
    TRY(mapping_check_array(reader, node, LIMIT_MAPPING_CONDITIONS, &count));
    *ret_conditions = ARENA_ARRAY(reader->arena, struct condition, count);
    *ret_count = count;
    for (size_t i = 0; i < count; i++)
        TRY(read_condition(reader, mapping_item(reader, node, i), &(*ret_conditions)[i]));
    return OK;
}
