/* Mappings: read, refused, bound, written. */
#include "src/intake/mapping.h"
#include "tests/support/test.h"

#define GOOD_TEXT                                                                             \
    "{\"name\":\"sales\",\"title\":\"Sales\",\"source\":\"shop\",\"system\":\"erp\","         \
    "\"stage\":40,\"columns\":[\"No\",\"Reseller|Partner\"],\"references\":\"salesforce\","   \
    "\"dates\":\"day_first\",\"decimals\":\"comma\",\"time_zone\":\"Europe/Vienna\","         \
    "\"skip\":[{\"value\":\"{Deleted}\",\"is\":[\"true\",\"1\"],\"reason\":\"deleted\"}],"    \
    "\"partners\":[{\"value\":\"{Type}\",\"is\":[\"*channel*\"]}],\"group\":\"{No}\","        \
    "\"records\":[{\"make\":\"order\",\"only\":\"partner\",\"withdraws\":true,"               \
    "\"when\":[{\"value\":\"{Cancelled}\",\"is\":[\"\"]}],\"fields\":{\"external\":\"{No}\"," \
    "\"partner\":\"{Reseller|Partner}\",\"at\":\"{Date}\",\"sum\":\"{Amount}\"}},"            \
    "{\"make\":\"call.made\",\"once\":true,\"quantity_divisor\":1000,\"fields\":{"            \
    "\"partner\":\"{Reseller}\",\"at\":\"{Date}\",\"quantity\":\"{Seconds}\"}}]}"

static struct mapping *parsed(struct arena *arena, struct str json)
{
    struct mapping *mapping = NULL;
    struct fault fault = {0};
    if (mapping_parse(json, arena, &mapping, &fault) != OK)
        test_fail(__FILE__, __LINE__, "%s", fault.sentence);
    return mapping;
}

TEST(mapping_parse, reads_every_member)
{
    struct arena arena;
    arena_init(&arena, 1 << 22);
    struct mapping *mapping = parsed(&arena, STR(GOOD_TEXT));
    CHECK_STR("sales", mapping->name);
    CHECK_STR("shop", mapping->source);
    CHECK_STR("erp", mapping->system);
    CHECK_INT(40, mapping->stage);
    CHECK_INT(2, mapping->column_count);
    CHECK_INT(REFERENCE_SALESFORCE, mapping->references);
    CHECK_INT(DATES_DAY_FIRST, mapping->dates);
    CHECK_INT(DECIMALS_COMMA, mapping->decimals);
    CHECK_STR("deleted", mapping->skip[0].reason);
    CHECK_INT(2, mapping->skip[0].count);
    CHECK_STR("*channel*", mapping->partners[0].texts[0]);
    CHECK_INT(2, mapping->record_count);
    CHECK_INT(FACT_ORDER, mapping->records[0].kind);
    CHECK_INT(ONLY_PARTNER, mapping->records[0].only);
    CHECK(mapping->records[0].once && mapping->records[0].withdraws);
    CHECK(mapping->records[1].once && !mapping->records[1].withdraws);
    CHECK_INT(1000, mapping->records[1].quantity_divisor);
    CHECK_INT(1, mapping->records[0].quantity_divisor);
    CHECK_STR("{Amount}", mapping->records[0].fields[RECORD_SUM].text);
    arena_finish(&arena);
}

static struct str rendered(struct arena *arena, const struct mapping *mapping)
{
    struct buf buf;
    struct json_writer writer;
    buf_init(&buf, arena, LIMIT_MAPPING_BYTES);
    json_writer_init(&writer, &buf);
    mapping_render(mapping, &writer);
    CHECK(!buf.overflowed);
    return buf_str(&buf);
}

TEST(mapping_render, writes_what_reads_as_the_same)
{
    struct arena arena;
    arena_init(&arena, 1 << 22);
    struct str once = rendered(&arena, parsed(&arena, STR(GOOD_TEXT)));
    struct str twice = rendered(&arena, parsed(&arena, once));
    CHECK(str_equal(once, twice));
    CHECK(str_find(once, STR("\"Reseller|Partner\""), NULL));
    CHECK(str_find(once, STR("\"withdraws\":true"), NULL));
    arena_finish(&arena);
}

static void check_refused(const char *path, const char *json)
{
    struct arena arena;
    struct mapping *mapping;
    struct fault fault = {0};
    arena_init(&arena, 1 << 22);
    CHECK_ERR(ERR_INVALID, mapping_parse(str_from_c(json), &arena, &mapping, &fault));
    CHECK_STR(path, str_from_c(fault.field));
    arena_finish(&arena);
}

/* A mapping with one record. */
#define WITH(record) "{\"name\":\"a\",\"source\":\"b\",\"records\":[" record "]}"

TEST(mapping_parse, refuses_with_the_path_of_what_is_wrong)
{
    check_refused("", "[]");
    check_refused("", "{\"name\":\"a\",\"records\":[]}");
    check_refused("records", "{\"name\":\"a\",\"source\":\"b\"}");
    check_refused("nmae", "{\"nmae\":\"a\"}");
    check_refused("stage", "{\"name\":\"a\",\"source\":\"b\",\"stage\":0}");
    check_refused("dates", "{\"name\":\"a\",\"source\":\"b\",\"dates\":\"us\"}");
    check_refused("columns[1]", "{\"name\":\"a\",\"source\":\"b\",\"columns\":[\"x\",\"\"]}");
    check_refused("skip[0]", "{\"name\":\"a\",\"source\":\"b\",\"skip\":[{\"value\":\"{x}\"}]}");
    check_refused("records[0].make", WITH("{\"make\":\"thing\",\"fields\":{}}"));
    check_refused("records[0].fields.at",
                  WITH("{\"make\":\"order\",\"fields\":{\"partner\":\"{a}\",\"at\":\"{b\"}}"));
    check_refused("records[0].fields.tier",
                  WITH("{\"make\":\"order\",\"fields\":{\"tier\":\"{a}\"}}"));
    check_refused("records[0].fields.colour",
                  WITH("{\"make\":\"partner\",\"fields\":{\"colour\":\"{a}\"}}"));
    check_refused("records[0]", WITH("{\"make\":\"partner\",\"fields\":{\"city\":\"{a}\"}}"));
    check_refused("records[0]", WITH("{\"make\":\"order\",\"fields\":{\"partner\":\"{a}\"}}"));
    check_refused("records[0]", WITH("{\"make\":\"order\",\"withdraws\":true,\"fields\":"
                                     "{\"partner\":\"{a}\",\"at\":\"{b}\"}}"));
    check_refused("", WITH("{\"make\":\"order\",\"fields\":"
                           "{\"partner\":\"{a}\",\"at\":\"{b}\",\"sum\":\"{c}\"}}"));
}

static enum err bound(struct mapping *mapping, const char *first, const char *second,
                      struct fault *fault)
{
    struct str names[] = {str_from_c(first), str_from_c(second), STR("Reseller"), STR("Amount")};
    return mapping_bind(mapping, names, ARRAY_LEN(names), fault);
}

TEST(mapping_bind, needs_its_columns_and_what_says_who_and_when)
{
    struct arena arena;
    struct fault fault = {0};
    arena_init(&arena, 1 << 22);
    struct mapping *mapping = parsed(&arena, STR(GOOD_TEXT));
    CHECK_OK(bound(mapping, "no", "Date", &fault));
    CHECK_INT(0, mapping->group.pieces[0].cells[0]);
    CHECK_INT(2, mapping->records[0].fields[RECORD_PARTNER].pieces[0].cells[0]);
    CHECK_INT(-1, mapping->records[1].fields[RECORD_QUANTITY].pieces[0].cells[0]);
    CHECK_ERR(ERR_INVALID, bound(mapping, "Number", "Date", &fault));
    CHECK_STR("The file has no column \"No\", which the mapping needs.",
              str_from_c(fault.sentence));
    CHECK_ERR(ERR_INVALID, bound(mapping, "No", "Day", &fault));
    CHECK_STR("The file has no column \"Date\", which the mapping needs.",
              str_from_c(fault.sentence));
    arena_finish(&arena);
}

TEST(record_field, is_known_by_its_name)
{
    for (int i = 0; i < RECORD_FIELD_COUNT; i++) {
        enum record_field field;
        CHECK(record_field_parse(str_from_c(record_field_name((enum record_field)i)), &field));
        CHECK_INT(i, field);
    }
}
