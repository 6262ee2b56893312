/* Tests of declared fields: what is read, what is refused, and with which path. */
#include "src/core/form.h"

#include "lib/json/json.h"
#include "src/core/ctx.h"
#include "src/core/limits.h"
#include "tests/support/test.h"

enum { ARENA_BYTES = 16 * 1024 * 1024 };

static const char *const colours[] = {"red", "green", NULL};

static const struct field contact_fields[] = {
    {.name = "email", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 20},
};
static const struct schema contact_schema = SCHEMA(NULL, NULL, contact_fields);

static const struct field fields[] = {
    {.name = "name", .type = FIELD_TEXT, .min = 2, .max = 10},
    {.name = "note", .type = FIELD_NOTE, .max = 40, .flags = FIELD_NULLABLE},
    {.name = "secret", .type = FIELD_SECRET, .max = 20},
    {.name = "count", .type = FIELD_INT, .min = 1, .max = 9},
    {.name = "any", .type = FIELD_INT},
    {.name = "flag", .type = FIELD_BOOL},
    {.name = "rate", .type = FIELD_DECIMAL},
    {.name = "amount", .type = FIELD_MONEY},
    {.name = "id", .type = FIELD_ID, .prefix = "ptn"},
    {.name = "colour", .type = FIELD_ENUM, .names = colours},
    {.name = "at", .type = FIELD_TIME},
    {.name = "day", .type = FIELD_DAY},
    {.name = "tags", .type = FIELD_TEXTS, .max = 5, .max_items = 3},
    {.name = "colours", .type = FIELD_TEXTS, .names = colours, .max_items = 3},
    {.name = "ids", .type = FIELD_IDS, .prefix = "ptn", .max_items = 3},
    {.name = "contact", .type = FIELD_OBJECT, .schema = &contact_schema},
    {.name = "contacts", .type = FIELD_OBJECTS, .schema = &contact_schema, .max_items = 3},
    {.name = "map", .type = FIELD_TEXT_MAP, .max = 10, .max_items = 2},
    {.name = "json", .type = FIELD_JSON, .max = 40},
    {.name = "made_at", .type = FIELD_TIME, .flags = FIELD_READ_ONLY},
};
static const struct schema schema = SCHEMA("Thing", NULL, fields);

static const struct field needy_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct schema needy_schema = SCHEMA(NULL, NULL, needy_fields);

/* One reading. */
struct reading {
    struct services services;
    struct arena arena;
    struct ctx ctx;
    const struct form *form;
};

static void reading_open(struct reading *reading)
{
    *reading = (struct reading){.services = {.clock = clock_system()}};
    arena_init(&reading->arena, ARENA_BYTES);
    ctx_init(&reading->ctx, &reading->services, &reading->arena);
}

static void reading_close(struct reading *reading)
{
    arena_finish(&reading->arena);
}
#define SCOPED_READING CLEANUP(reading_close) struct reading

static enum err read_json(struct reading *reading, const struct schema *wanted, const char *text)
{
    struct json_doc *doc;
    reading_open(reading);
    CHECK_OK(json_parse(str_from_c(text), &doc, NULL));
    enum err err = form_from_json(&reading->ctx, wanted, json_root(doc), &reading->form);
    /* A form keeps nothing of the document. */
    json_doc_free(doc);
    return err;
}

static void check_refused(const char *text, const char *field, const char *code)
{
    SCOPED_READING reading;
    enum err err = read_json(&reading, &schema, text);
    if (err != ERR_INVALID || !str_equal(str_from_c(field), str_from_c(reading.ctx.fault.field)) ||
        !str_equal(str_from_c(code), str_from_c(reading.ctx.fault.code)))
        test_fail(__FILE__, __LINE__, "%s gives %s at \"%s\": %s", text,
                  reading.ctx.fault.code ? reading.ctx.fault.code : "nothing",
                  reading.ctx.fault.field, reading.ctx.fault.sentence);
}

TEST(form_from_json, reads_one_value_of_every_type)
{
    SCOPED_READING reading;
    CHECK_OK(read_json(&reading, &schema,
                       "{\"name\":\" Caf\\u0065\\u0301 x\",\"note\":\"a\\n\\tb\\u0007\","
                       "\"secret\":\" s \",\"count\":9,\"any\":-9223372036854775808,"
                       "\"flag\":true,\"rate\":\"1.50\",\"amount\":\"-3.25\",\"colour\":\"green\","
                       "\"at\":\"2020-05-31T14:00:00+02:00\",\"day\":\"2020-05-31\"}"));
    const struct form *form = reading.form;
    CHECK_STR("Caf\xc3\xa9 x", form_text(form, "name"));
    CHECK_STR("a\n\tb", form_text(form, "note"));
    CHECK_STR(" s ", form_text(form, "secret"));
    CHECK_INT(9, form_int(form, "count"));
    CHECK_INT(INT64_MIN, form_int(form, "any"));
    CHECK_INT(1, form_int(form, "flag"));
    CHECK_INT(150, form_get(form, "rate")->decimal.mantissa);
    CHECK_INT(2, form_get(form, "rate")->decimal.scale);
    CHECK_STR("-3.25", form_text(form, "amount"));
    CHECK_INT(1, form_int(form, "colour"));
    CHECK_STR("green", form_text(form, "colour"));
    CHECK_INT(INT64_C(1590926400000), form_int(form, "at"));
    CHECK_INT(18413, form_int(form, "day"));
}

TEST(form_from_json, reads_lists_and_objects)
{
    SCOPED_READING reading;
    CHECK_OK(read_json(&reading, &schema,
                       "{\"tags\":[\"a\",\" b \"],\"colours\":[\"red\"],"
                       "\"ids\":[\"ptn_0000000000001\",\"ptn_000000000000z\"],"
                       "\"contact\":{\"email\":\"x\"},\"contacts\":[{\"email\":\"y\"}],"
                       "\"map\":{\"k\":\"v\"},\"json\":{\"a\":[1,null]}}"));
    const struct form *form = reading.form;
    CHECK_INT(2, form_get(form, "tags")->count);
    CHECK_STR("b", form_get(form, "tags")->texts[1]);
    CHECK_STR("red", form_get(form, "colours")->texts[0]);
    CHECK_INT(31, form_get(form, "ids")->ids[1]);
    CHECK_STR("x", form_text(form_get(form, "contact")->objects[0], "email"));
    CHECK_STR("y", form_text(form_get(form, "contacts")->objects[0], "email"));
    CHECK_STR("k", form_get(form, "map")->keys[0]);
    CHECK_STR("v", form_get(form, "map")->texts[0]);
    CHECK_STR("{\"a\":[1,null]}", form_text(form, "json"));
}

TEST(form_has, tells_given_null_and_absent_apart)
{
    SCOPED_READING reading;
    CHECK_OK(read_json(&reading, &schema, "{\"note\":null,\"count\":3}"));
    CHECK(form_get(reading.form, "note")->given);
    CHECK(form_get(reading.form, "note")->null);
    CHECK(!form_has(reading.form, "note"));
    CHECK(!form_get(reading.form, "name")->given);
    CHECK_INT(3, form_int_or(reading.form, "count", 7));
    CHECK_INT(7, form_int_or(reading.form, "any", 7));
}

TEST(form_from_json, refuses_wrong_types_and_names_the_field)
{
    check_refused("{\"name\":7}", "name", "field_invalid");
    check_refused("{\"name\":null}", "name", "field_invalid");
    check_refused("{\"name\":[\"x\"]}", "name", "field_invalid");
    check_refused("{\"count\":\"3\"}", "count", "field_invalid");
    check_refused("{\"count\":3.5}", "count", "field_invalid");
    check_refused("{\"flag\":1}", "flag", "field_invalid");
    check_refused("{\"flag\":\"true\"}", "flag", "field_invalid");
    check_refused("{\"amount\":12.5}", "amount", "field_invalid");
    check_refused("{\"amount\":\"12,5\"}", "amount", "field_invalid");
    check_refused("{\"rate\":\"1e3\"}", "rate", "field_invalid");
    check_refused("{\"colour\":\"blue\"}", "colour", "field_invalid");
    check_refused("{\"at\":\"2020-05-31\"}", "at", "field_invalid");
    check_refused("{\"day\":\"2020-02-30\"}", "day", "field_invalid");
    check_refused("{\"id\":\"usr_0000000000001\"}", "id", "field_invalid");
    check_refused("{\"id\":5}", "id", "field_invalid");
    check_refused("{\"tags\":\"a\"}", "tags", "field_invalid");
    check_refused("{\"contact\":[]}", "contact", "field_invalid");
    check_refused("{\"contacts\":{}}", "contacts", "field_invalid");
    check_refused("{\"map\":[]}", "map", "field_invalid");
}

TEST(form_from_json, refuses_what_is_out_of_bounds)
{
    check_refused("{\"name\":\"x\"}", "name", "field_too_short");
    check_refused("{\"name\":\"12345678901\"}", "name", "field_too_long");
    check_refused("{\"count\":0}", "count", "field_out_of_range");
    check_refused("{\"count\":10}", "count", "field_out_of_range");
    check_refused("{\"tags\":[\"a\",\"b\",\"c\",\"d\"]}", "tags", "field_too_many");
    check_refused("{\"map\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}}", "map", "field_too_many");
    check_refused("{\"json\":\"0123456789012345678901234567890123456789\"}", "json",
                  "field_too_long");
}

TEST(form_from_json, gives_the_path_of_a_nested_field)
{
    check_refused("{\"tags\":[\"a\",\"123456\"]}", "tags[1]", "field_too_long");
    check_refused("{\"tags\":[\"a\",5]}", "tags[1]", "field_invalid");
    check_refused("{\"colours\":[\"red\",\"blue\"]}", "colours[1]", "field_invalid");
    check_refused("{\"ids\":[\"ptn_x\"]}", "ids[0]", "field_invalid");
    check_refused("{\"contact\":{\"mail\":\"x\"}}", "contact.mail", "field_unknown");
    check_refused("{\"contacts\":[{\"email\":\"x\"},{}]}", "contacts[1].email", "field_missing");
    check_refused("{\"contacts\":[7]}", "contacts[0]", "object_expected");
    check_refused("{\"map\":{\"k\":7}}", "map.k", "field_invalid");
}

TEST(form_from_json, refuses_fields_that_are_unknown_or_not_theirs_to_set)
{
    check_refused("{\"nam\":\"x\"}", "nam", "field_unknown");
    check_refused("{\"made_at\":\"2020-05-31T12:00:00Z\"}", "made_at", "field_read_only");
    check_refused("[]", "", "object_expected");
    check_refused("null", "", "object_expected");
}

TEST(form_from_json, cuts_the_path_of_a_field_with_a_very_long_name)
{
    char text[4096];
    SCOPED_READING reading;
    memset(text, 'x', sizeof(text));
    memcpy(text, "{\"", 2);
    memcpy(text + sizeof(text) - 5, "\":1}", 5);
    CHECK_ERR(ERR_INVALID, read_json(&reading, &schema, text));
    CHECK_INT(FAULT_FIELD_MAX - 1, strlen(reading.ctx.fault.field));
}

TEST(form_from_json, asks_for_what_is_required)
{
    SCOPED_READING reading;
    CHECK_ERR(ERR_INVALID, read_json(&reading, &needy_schema, "{}"));
    CHECK_STR("name", str_from_c(reading.ctx.fault.field));
    CHECK_STR("name is missing.", str_from_c(reading.ctx.fault.sentence));
}

/* ---- texts ---- */

static enum err read_texts(struct reading *reading, const char *name, const char *text,
                           size_t times)
{
    struct str names[2] = {str_from_c(name), str_from_c(name)};
    struct str texts[2] = {str_from_c(text), str_from_c(text)};
    reading_open(reading);
    return form_from_texts(&reading->ctx, &schema, &(struct form_texts){names, texts, times},
                           &reading->form);
}

TEST(form_from_texts, reads_numbers_flags_and_comma_lists)
{
    SCOPED_READING count, flag, tags, none;
    CHECK_OK(read_texts(&count, "count", "4", 1));
    CHECK_INT(4, form_int(count.form, "count"));
    CHECK_OK(read_texts(&flag, "flag", "yes", 1));
    CHECK_INT(1, form_int(flag.form, "flag"));
    CHECK_OK(read_texts(&tags, "tags", "a, b,c", 1));
    CHECK_INT(3, form_get(tags.form, "tags")->count);
    CHECK_STR("b", form_get(tags.form, "tags")->texts[1]);
    CHECK_OK(read_texts(&none, "tags", "", 1));
    CHECK_INT(0, form_get(none.form, "tags")->count);
}

TEST(form_from_texts, refuses_what_is_wrong_unknown_or_given_twice)
{
    SCOPED_READING wrong, unknown, twice, many, bytes;
    CHECK_ERR(ERR_INVALID, read_texts(&wrong, "count", "x", 1));
    CHECK_STR("count", str_from_c(wrong.ctx.fault.field));
    CHECK_ERR(ERR_INVALID, read_texts(&unknown, "zzz", "1", 1));
    CHECK_STR("field_unknown", str_from_c(unknown.ctx.fault.code));
    CHECK_ERR(ERR_INVALID, read_texts(&twice, "count", "1", 2));
    CHECK_ERR(ERR_INVALID, read_texts(&many, "tags", "a,b,c,d", 1));
    CHECK_ERR(ERR_INVALID, read_texts(&bytes, "name", "ab\xff", 1));
}

/* ---- as JSON Schema ---- */

static void check_schema(size_t index, const char *expected)
{
    struct arena arena;
    struct buf buf;
    struct json_writer writer;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&buf, &arena, ARENA_BYTES / 2);
    json_writer_init(&writer, &buf);
    field_render(&fields[index], &writer);
    CHECK_STR(expected, buf_str(&buf));
    arena_finish(&arena);
}

TEST(field_render, shows_what_is_checked)
{
    check_schema(0, "{\"type\":\"string\",\"minLength\":2,\"maxLength\":10}");
    check_schema(1, "{\"type\":[\"string\",\"null\"],\"maxLength\":40}");
    check_schema(3, "{\"type\":\"integer\",\"minimum\":1,\"maximum\":9}");
    check_schema(4, "{\"type\":\"integer\"}");
    check_schema(8, "{\"type\":\"string\",\"pattern\":\"^ptn_[0-9a-z]{13}$\"}");
    check_schema(9, "{\"type\":\"string\",\"enum\":[\"red\",\"green\"]}");
    check_schema(13, "{\"type\":\"array\",\"maxItems\":3,\"items\":{\"type\":\"string\","
                     "\"enum\":[\"red\",\"green\"]}}");
    check_schema(19, "{\"type\":\"string\",\"format\":\"date-time\",\"readOnly\":true}");
}
