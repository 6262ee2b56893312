/* Mappings: read from JSON, bound to the columns of a file, written as JSON. */
#include "src/intake/mapping.h"

#include "src/core/limits.h"
#include "src/intake/mapping_parse.h"

enum { STAGE_DEFAULT = 50, STAGE_MAX = 1000, COLUMNS_MAX = LIMIT_MAPPING_TEXTS };

/* ---- reading ---- */

static enum err read_heading(struct mapping_reader *reader, struct mapping_node node,
                             struct mapping *mapping)
{
    int references = REFERENCE_PLAIN, dates = DATES_AUTO, decimals = DECIMALS_AUTO;
    TRY(mapping_read_text(reader, mapping_member(reader, node, "name"), LIMIT_NAME_BYTES,
                          &mapping->name));
    TRY(mapping_read_text(reader, mapping_member(reader, node, "title"), LIMIT_NOTE_BYTES,
                          &mapping->title));
    TRY(mapping_read_text(reader, mapping_member(reader, node, "source"), LIMIT_SOURCE_BYTES,
                          &mapping->source));
    mapping->system = mapping->source;
    TRY(mapping_read_text(reader, mapping_member(reader, node, "system"), LIMIT_SOURCE_BYTES,
                          &mapping->system));
    TRY(mapping_read_int(reader, mapping_member(reader, node, "stage"), STAGE_MAX,
                         &mapping->stage));
    TRY(mapping_read_name(reader, mapping_member(reader, node, "references"),
                          mapping_reference_names, &references));
    TRY(mapping_read_name(reader, mapping_member(reader, node, "dates"), mapping_date_names,
                          &dates));
    TRY(mapping_read_name(reader, mapping_member(reader, node, "decimals"), mapping_decimal_names,
                          &decimals));
    TRY(mapping_read_text(reader, mapping_member(reader, node, "time_zone"), LIMIT_NAME_BYTES,
                          &mapping->time_zone));
    mapping->references = (enum reference_form)references;
    mapping->dates = (enum date_order)dates;
    mapping->decimals = (enum decimal_style)decimals;
    if (!mapping->name.len)
        return mapping_refuse(reader, node, "needs a name.");
    if (!mapping->source.len)
        return mapping_refuse(reader, node, "needs a source.");
    return OK;
}

/* "A|B" is what {A|B} is in a value. */
static enum err read_column(struct mapping_reader *reader, struct mapping_node node,
                            struct template *ret_column)
{
    struct str name = {NULL, 0};
    struct fault why = {.err = OK};
    TRY(mapping_read_text(reader, node, LIMIT_LINE_BYTES, &name));
    struct str text = arena_format(reader->arena, "{%.*s}", STR_ARG(name));
    if (template_parse(text, reader->arena, ret_column, &why) == OK && ret_column->count == 1)
        return OK;
    return mapping_refuse(reader, node, "is no name of a column.");
}

static enum err read_columns(struct mapping_reader *reader, struct mapping_node node,
                             struct mapping *mapping)
{
    size_t count;
    TRY(mapping_check_array(reader, node, COLUMNS_MAX, &count));
    struct template *columns = ARENA_ARRAY(reader->arena, struct template, count);
    for (size_t i = 0; i < count; i++)
        TRY(read_column(reader, mapping_item(reader, node, i), &columns[i]));
    mapping->columns = columns;
    mapping->column_count = count;
    return OK;
}

static enum err read_records(struct mapping_reader *reader, struct mapping_node node,
                             struct mapping *mapping)
{
    size_t count;
    TRY(mapping_check_array(reader, node, LIMIT_MAPPING_RECORDS, &count));
    if (!count)
        return mapping_refuse(reader, node, "needs at least one record.");
    mapping->records = ARENA_ARRAY(reader->arena, struct mapping_record, count);
    mapping->record_count = count;
    for (size_t i = 0; i < count; i++)
        TRY(mapping_read_record(reader, mapping_item(reader, node, i), &mapping->records[i]));
    return OK;
}

static enum err check_group(struct mapping_reader *reader, struct mapping_node node,
                            const struct mapping *mapping)
{
    for (size_t i = 0; i < mapping->record_count; i++)
        if (mapping->records[i].once && !mapping->group.count)
            return mapping_refuse(reader, node,
                                  "needs a group: a record is made once for several rows.");
    return OK;
}

static enum err read_mapping(struct mapping_reader *reader, struct mapping_node root,
                             struct mapping *mapping)
{
    static const char *const names[] = {
        "name",     "title",     "source", "system",   "stage", "columns", "references", "dates",
        "decimals", "time_zone", "skip",   "partners", "group", "records", "ignored",    NULL};
    mapping->stage = STAGE_DEFAULT;
    TRY(mapping_check_object(reader, root, names));
    TRY(read_heading(reader, root, mapping));
    TRY(read_columns(reader, mapping_member(reader, root, "columns"), mapping));
    TRY(mapping_read_texts(reader, mapping_member(reader, root, "ignored"), LIMIT_CSV_COLUMNS,
                           &mapping->ignored, &mapping->ignored_count));
    TRY(mapping_read_conditions(reader, mapping_member(reader, root, "skip"), &mapping->skip,
                                &mapping->skip_count));
    TRY(mapping_read_conditions(reader, mapping_member(reader, root, "partners"),
                                &mapping->partners, &mapping->partner_count));
    TRY(mapping_read_template(reader, mapping_member(reader, root, "group"), &mapping->group));
    TRY(read_records(reader, mapping_member(reader, root, "records"), mapping));
    return check_group(reader, root, mapping);
}

enum err mapping_parse(struct str json, struct arena *arena, struct mapping **ret_mapping,
                       struct fault *fault)
{
    struct mapping_reader reader = {arena, fault};
    struct json_doc *doc;
    if (json.len > LIMIT_MAPPING_BYTES)
        return fault_set(fault, ERR_INVALID, "mapping_too_large", "A mapping has at most %d bytes.",
                         LIMIT_MAPPING_BYTES);
    TRY(json_parse(json, &doc, fault));
    struct mapping *mapping = ARENA_NEW(arena, struct mapping);
    struct mapping_node root = {json_root(doc), {NULL, 0}};
    enum err err = read_mapping(&reader, root, mapping);
    json_doc_free(doc);
    if (err == OK)
        *ret_mapping = mapping;
    return err;
}

/* ---- binding ---- */

static enum err refuse_columns(const struct template *value, struct fault *fault)
{
    for (size_t i = 0; i < value->count; i++) {
        struct template one = {.pieces = &value->pieces[i], .count = 1};
        if (!template_is_bound(&one))
            return fault_set(fault, ERR_INVALID, "column_missing",
                             "The file has no column \"%.*s\", which the mapping needs.",
                             STR_ARG(value->pieces[i].columns[0]));
    }
    return OK;
}

static void bind_conditions(struct condition *conditions, size_t count, const struct str *names,
                            size_t name_count)
{
    for (size_t i = 0; i < count; i++)
        template_bind(&conditions[i].value, names, name_count);
}

/* A condition that no row of this file meets, because its columns are not there. */
static bool never_holds(const struct condition *condition)
{
    bool has_columns = false;
    for (size_t i = 0; i < condition->value.count; i++)
        has_columns = has_columns || condition->value.pieces[i].count > 0;
    bool is_empty = has_columns && !template_column(&condition->value).len;
    return is_empty && !condition_holds(condition, NULL, NULL);
}

static bool is_never_made(const struct mapping_record *record)
{
    for (size_t i = 0; i < record->when_count; i++)
        if (never_holds(&record->when[i]))
            return true;
    return false;
}

/* Who a record is, whose, and when: without these every row would be refused. */
static enum err check_record(const struct mapping_record *record, struct fault *fault)
{
    static const enum record_field needed[] = {RECORD_EXTERNAL, RECORD_PARTNER, RECORD_ORDER,
                                               RECORD_AT, RECORD_NAME};
    for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
        bool is_optional = record->make == MAKE_PARTNER && needed[i] == RECORD_AT;
        if (!is_optional)
            TRY(refuse_columns(&record->fields[needed[i]], fault));
    }
    return OK;
}

static enum err bind_record(struct mapping_record *record, const struct str *names, size_t count,
                            struct fault *fault)
{
    bind_conditions(record->when, record->when_count, names, count);
    for (size_t i = 0; i < RECORD_FIELD_COUNT; i++)
        template_bind(&record->fields[i], names, count);
    return is_never_made(record) ? OK : check_record(record, fault);
}

enum err mapping_bind(struct mapping *mapping, const struct str *names, size_t count,
                      struct fault *fault)
{
    for (size_t i = 0; i < mapping->column_count; i++) {
        template_bind(&mapping->columns[i], names, count);
        TRY(refuse_columns(&mapping->columns[i], fault));
    }
    bind_conditions(mapping->skip, mapping->skip_count, names, count);
    bind_conditions(mapping->partners, mapping->partner_count, names, count);
    template_bind(&mapping->group, names, count);
    TRY(refuse_columns(&mapping->group, fault));
    for (size_t i = 0; i < mapping->record_count; i++)
        TRY(bind_record(&mapping->records[i], names, count, fault));
    return OK;
}

/* ---- writing ---- */

static void put_text(struct json_writer *writer, const char *key, struct str text)
{
    if (text.len)
        json_put_str(writer, key, text);
}

/* The default, the first name, is left out. */
static void put_name(struct json_writer *writer, const char *key, const char *const *names,
                     int index)
{
    if (index)
        json_put_str(writer, key, str_from_c(names[index]));
}

static void put_conditions(struct json_writer *writer, const char *key,
                           const struct condition *conditions, size_t count)
{
    if (!count)
        return;
    json_key(writer, key);
    json_begin_array(writer);
    for (size_t i = 0; i < count; i++) {
        json_begin_object(writer);
        json_put_str(writer, "value", conditions[i].value.text);
        json_key(writer, conditions[i].negated ? "is_not" : "is");
        json_begin_array(writer);
        for (size_t j = 0; j < conditions[i].count; j++)
            json_add_str(writer, conditions[i].texts[j]);
        json_end_array(writer);
        put_text(writer, "reason", conditions[i].reason);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void put_record(struct json_writer *writer, const struct mapping_record *record)
{
    bool is_sum = record->fields[RECORD_SUM].count || record->fields[RECORD_SUM_QUANTITY].count;
    json_begin_object(writer);
    json_put_str(writer, "make", mapping_make_name(record));
    put_name(writer, "only", mapping_only_names, (int)record->only);
    if (record->once && !is_sum)
        json_put_bool(writer, "once", true);
    if (record->withdraws)
        json_put_bool(writer, "withdraws", true);
    if (record->quantity_divisor > 1)
        json_put_int(writer, "quantity_divisor", record->quantity_divisor);
    put_conditions(writer, "when", record->when, record->when_count);
    json_key(writer, "fields");
    json_begin_object(writer);
    for (size_t i = 0; i < RECORD_FIELD_COUNT; i++)
        put_text(writer, record_field_name((enum record_field)i), record->fields[i].text);
    json_end_object(writer);
    json_end_object(writer);
}

static void put_columns(struct json_writer *writer, const struct mapping *mapping)
{
    json_key(writer, "columns");
    json_begin_array(writer);
    for (size_t i = 0; i < mapping->column_count; i++) {
        struct str text = mapping->columns[i].text;
        json_add_str(writer, str_slice(text, 1, text.len - 1));
    }
    json_end_array(writer);
}

static void put_ignored(struct json_writer *writer, const struct mapping *mapping)
{
    if (!mapping->ignored_count)
        return;
    json_key(writer, "ignored");
    json_begin_array(writer);
    for (size_t i = 0; i < mapping->ignored_count; i++)
        json_add_str(writer, mapping->ignored[i]);
    json_end_array(writer);
}

void mapping_render(const struct mapping *mapping, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_str(writer, "name", mapping->name);
    put_text(writer, "title", mapping->title);
    json_put_str(writer, "source", mapping->source);
    if (!str_equal(mapping->system, mapping->source))
        json_put_str(writer, "system", mapping->system);
    json_put_int(writer, "stage", mapping->stage);
    put_columns(writer, mapping);
    put_name(writer, "references", mapping_reference_names, (int)mapping->references);
    put_name(writer, "dates", mapping_date_names, (int)mapping->dates);
    put_name(writer, "decimals", mapping_decimal_names, (int)mapping->decimals);
    put_text(writer, "time_zone", mapping->time_zone);
    put_conditions(writer, "skip", mapping->skip, mapping->skip_count);
    put_conditions(writer, "partners", mapping->partners, mapping->partner_count);
    put_text(writer, "group", mapping->group.text);
    json_key(writer, "records");
    json_begin_array(writer);
    for (size_t i = 0; i < mapping->record_count; i++)
        put_record(writer, &mapping->records[i]);
    json_end_array(writer);
    put_ignored(writer, mapping);
    json_end_object(writer);
}
