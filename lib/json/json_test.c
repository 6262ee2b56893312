/* Tests of reading JSON: what is taken, and every trap that is refused. */
#include "lib/json/json.h"
#include "tests/support/test.h"

enum { ARENA_BYTES = 64 * 1024 };

static struct json_doc *doc_of(const char *text)
{
    struct json_doc *doc = NULL;
    struct fault fault = {0};
    CHECK_OK(json_parse(str_from_c(text), &doc, &fault));
    return doc;
}

static void check_refused(struct str text, const char *sentence)
{
    struct json_doc *doc = NULL;
    struct fault fault = {0};
    CHECK_ERR(ERR_INVALID, json_parse(text, &doc, &fault));
    CHECK(doc == NULL);
    CHECK_STR("json_invalid", str_from_c(fault.code));
    if (!str_find(str_from_c(fault.sentence), str_from_c(sentence), NULL))
        test_fail(__FILE__, __LINE__, "\"%.*s\" is refused with: %s", STR_ARG(text),
                  fault.sentence);
}

TEST(json_parse, gives_every_type)
{
    struct json_doc *doc = doc_of("{\"n\":null,\"b\":true,\"i\":-7,\"r\":1.5,\"s\":\"a\\u00e9\","
                                  "\"a\":[1,2,3],\"o\":{}}");
    const struct json *root = json_root(doc);
    CHECK_INT(JSON_IS_OBJECT, json_type(root));
    CHECK_INT(7, json_count(root));
    CHECK_INT(JSON_IS_NULL, json_type(json_get(root, "n")));
    CHECK_INT(JSON_IS_BOOL, json_type(json_get(root, "b")));
    CHECK(json_bool(json_get(root, "b")));
    CHECK_INT(JSON_IS_INT, json_type(json_get(root, "i")));
    CHECK_INT(-7, json_int(json_get(root, "i")));
    CHECK_INT(JSON_IS_REAL, json_type(json_get(root, "r")));
    CHECK_INT(JSON_IS_STRING, json_type(json_get(root, "s")));
    CHECK_STR("a\xc3\xa9", json_text(json_get(root, "s")));
    CHECK_INT(JSON_IS_ARRAY, json_type(json_get(root, "a")));
    CHECK_INT(3, json_count(json_get(root, "a")));
    CHECK_INT(3, json_int(json_at(json_get(root, "a"), 2)));
    CHECK_INT(JSON_IS_OBJECT, json_type(json_get(root, "o")));
    json_doc_free(doc);
}

TEST(json_parse, takes_integers_of_64_bits_exactly)
{
    struct json_doc *doc = doc_of("[9223372036854775807,-9223372036854775808,9007199254740993]");
    CHECK_INT(INT64_MAX, json_int(json_at(json_root(doc), 0)));
    CHECK_INT(INT64_MIN, json_int(json_at(json_root(doc), 1)));
    CHECK_INT(INT64_C(9007199254740993), json_int(json_at(json_root(doc), 2)));
    json_doc_free(doc);
}

TEST(json_parse, refuses_what_other_parsers_let_pass)
{
    check_refused(STR(""), "ends too early");
    check_refused(STR("{\"a\":1"), "ends too early");
    check_refused(STR("9223372036854775808"), "number is out of range");
    check_refused(STR("-9223372036854775809"), "number is out of range");
    check_refused(STR("1e999"), "number is out of range");
    check_refused(STR("NaN"), "syntax");
    check_refused(STR("[Infinity]"), "syntax");
    check_refused(STR("01"), "syntax");
    check_refused(STR("+1"), "syntax");
    check_refused(STR("{\"a\":1,\"a\":2}"), "given twice");
    check_refused(STR("{\"a\":1,\"\\u0061\":2}"), "given twice");
    check_refused(STR("{} {}"), "something follows the end");
    check_refused(STR("[1,]"), "syntax");
    check_refused(STR("[1 /* one */]"), "syntax");
    check_refused(STR("{'a':1}"), "syntax");
    check_refused(STR("{a:1}"), "syntax");
    check_refused(STR("\xef\xbb\xbf{}"), "syntax");
}

TEST(json_parse, refuses_texts_that_are_no_text)
{
    check_refused(STR("\"\xff\""), "UTF-8");
    check_refused(STR("\"\xed\xa0\x80\""), "UTF-8");
    check_refused(STR("\"\xc0\x80\""), "UTF-8");
    check_refused(STR("\"\\ud800\""), "syntax");
    check_refused(STR("\"a\\u0000\""), "NUL");
    check_refused(STR("{\"a\\u0000\":1}"), "NUL");
    check_refused(STR("\"a\0\""), "syntax");
    check_refused(STR("\"a\nb\""), "syntax");
}

TEST(json_parse, says_the_line_and_the_column_and_never_quotes)
{
    check_refused(STR("{\n  \"password\": \"hunter2\" \"x\"\n}"), "line 2, column ");
    struct json_doc *doc;
    struct fault fault = {0};
    CHECK_ERR(ERR_INVALID, json_parse(STR("{\"password\": hunter2}"), &doc, &fault));
    CHECK(!str_find(str_from_c(fault.sentence), STR("hunter2"), NULL));
}

TEST(json_parse, reads_64_levels_and_refuses_one_more)
{
    char deep[2 * (JSON_READ_DEPTH_MAX + 1)];
    for (int levels = JSON_READ_DEPTH_MAX; levels <= JSON_READ_DEPTH_MAX + 1; levels++) {
        struct json_doc *doc = NULL;
        struct fault fault = {0};
        memset(deep, '[', (size_t)levels);
        memset(deep + levels, ']', (size_t)levels);
        enum err err = json_parse((struct str){deep, (size_t)levels * 2}, &doc, &fault);
        CHECK_INT(levels == JSON_READ_DEPTH_MAX ? OK : ERR_INVALID, err);
        json_doc_free(doc);
    }
}

TEST(json_parse, does_not_count_brackets_in_texts)
{
    char text[256] = "\"\\\"";
    memset(text + 3, '[', 200);
    text[203] = '"';
    json_doc_free(doc_of(text));
}

TEST(json_get, answers_null_and_zero_for_what_is_not_there)
{
    struct json_doc *doc = doc_of("{\"a\":\"x\"}");
    const struct json *root = json_root(doc);
    CHECK(json_get(root, "b") == NULL);
    CHECK_INT(JSON_IS_NULL, json_type(json_get(root, "b")));
    CHECK_INT(0, json_int(json_get(root, "a")));
    CHECK(!json_bool(json_get(root, "a")));
    CHECK_INT(0, json_text(root).len);
    CHECK(json_at(root, 0) == NULL);
    CHECK(json_at(NULL, 0) == NULL);
    CHECK_INT(0, json_count(NULL));
    json_doc_free(doc);
    json_doc_free(NULL);
}

TEST(json_next, walks_members_in_the_order_of_the_text)
{
    static const char *const names[] = {"z", "a", "m", ""};
    struct json_doc *doc = doc_of("{\"z\":0,\"a\":1,\"m\":2,\"\":3}");
    void *it = NULL;
    struct str key;
    const struct json *value;
    int64_t count = 0;
    for (; json_next(json_root(doc), &it, &key, &value); count++) {
        CHECK_STR(names[count], key);
        CHECK_INT(count, json_int(value));
    }
    CHECK_INT(4, count);
    it = NULL;
    CHECK(!json_next(NULL, &it, &key, &value));
    json_doc_free(doc);
}

TEST(json_render, gives_compact_text_that_reads_the_same)
{
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct json_doc *doc = doc_of(" { \"b\" : [ 1 , 2.5 , \"\xc3\xa9\\n\" ] , \"a\" : null } ");
    CHECK_STR("{\"b\":[1,2.5,\"\xc3\xa9\\n\"],\"a\":null}", json_render(json_root(doc), &arena));
    CHECK_STR("null", json_render(NULL, &arena));
    json_doc_free(doc);
    arena_finish(&arena);
}
