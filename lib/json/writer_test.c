/* Tests of writing JSON. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/json/json.h"
#include "tests/support/test.h"

enum { ARENA_BYTES = 64 * 1024, TEXT_BYTES = 32 * 1024 };

struct page {
    struct arena arena;
    struct buf buf;
    struct json_writer json;
};

static void page_open(struct page *page)
{
    arena_init(&page->arena, ARENA_BYTES);
    buf_init(&page->buf, &page->arena, TEXT_BYTES);
    json_writer_init(&page->json, &page->buf);
}

static void page_close(struct page *page)
{
    arena_finish(&page->arena);
}
#define SCOPED_PAGE CLEANUP(page_close) struct page

static void check_text(const char *expected, struct str text)
{
    SCOPED_PAGE page;
    page_open(&page);
    json_add_str(&page.json, text);
    CHECK_STR(expected, buf_str(&page.buf));
    struct json_doc *doc = NULL;
    CHECK_OK(json_parse(buf_str(&page.buf), &doc, NULL));
    json_doc_free(doc);
}

TEST(json_writer, keeps_commas_and_nesting)
{
    SCOPED_PAGE page;
    page_open(&page);
    json_begin_object(&page.json);
    json_put_int(&page.json, "a", INT64_MIN);
    json_key(&page.json, "b");
    json_begin_array(&page.json);
    json_begin_object(&page.json);
    json_end_object(&page.json);
    json_begin_array(&page.json);
    json_end_array(&page.json);
    json_add_null(&page.json);
    json_add_bool(&page.json, false);
    json_add_raw(&page.json, STR("{\"x\":1}"));
    json_end_array(&page.json);
    json_put_bool(&page.json, "c", true);
    json_key_str(&page.json, STR("d\""));
    json_add_int(&page.json, 7);
    json_end_object(&page.json);
    CHECK_STR("{\"a\":-9223372036854775808,\"b\":[{},[],null,false,{\"x\":1}],\"c\":true,"
              "\"d\\\"\":7}",
              buf_str(&page.buf));
}

TEST(json_writer, escapes_what_a_text_must_not_hold)
{
    check_text("\"\"", (struct str){NULL, 0});
    check_text("\"a\\\"b\\\\c/\"", STR("a\"b\\c/"));
    check_text("\"\\n\\r\\t\\u0001\\u001f\x7f\"", STR("\n\r\t\x01\x1f\x7f"));
    check_text("\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
               STR("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
}

TEST(json_writer, replaces_what_is_not_utf8)
{
    check_text("\"a\xef\xbf\xbd"
               "b\"",
               STR("a\xff"
                   "b"));
    check_text("\"\xef\xbf\xbd\xef\xbf\xbd\"", STR("\xc0\x80"));
    check_text("\"\xef\xbf\xbd\"", STR("\xc3"));
    check_text("\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"", STR("\xed\xa0\x80"));
    check_text("\"a\xef\xbf\xbd\"", STR("a\0"));
}

static void check_decimal(const char *expected, int64_t mantissa, int scale)
{
    SCOPED_PAGE page;
    page_open(&page);
    json_add_decimal(&page.json, (struct decimal){mantissa, scale});
    CHECK_STR(expected, buf_str(&page.buf));
}

TEST(json_writer, writes_decimals_with_all_their_places)
{
    check_decimal("123.45", 12345, 2);
    check_decimal("0.05", 5, 2);
    check_decimal("-0.05", -5, 2);
    check_decimal("0.00", 0, 2);
    check_decimal("0", 0, 0);
    check_decimal("-7", -7, 0);
    check_decimal("1.000", 1000, 3);
    check_decimal("-9.223372036854775808", INT64_MIN, 18);
}

TEST(json_writer, puts_money_and_times_as_texts)
{
    SCOPED_PAGE page;
    page_open(&page);
    struct money money = {7754857020, {""}};
    CHECK(currency_parse(STR("USD"), &money.currency));
    json_begin_object(&page.json);
    json_put_money(&page.json, "sales", money);
    json_put_time(&page.json, "at", INT64_C(1590926400000));
    json_put_time_or_null(&page.json, "never", 0);
    json_put_str_or_null(&page.json, "nothing", STR(""));
    json_put_str_or_null(&page.json, "text", STR("x"));
    json_end_object(&page.json);
    CHECK_STR("{\"sales\":\"77548570.20\",\"at\":\"2020-05-31T12:00:00.000Z\",\"never\":null,"
              "\"nothing\":null,\"text\":\"x\"}",
              buf_str(&page.buf));
}

TEST(json_writer, leaves_an_overflow_to_the_buffer)
{
    SCOPED_PAGE page;
    page_open(&page);
    buf_init(&page.buf, &page.arena, 8);
    json_add_str(&page.json, STR("more than eight bytes"));
    CHECK(page.buf.overflowed);
}

/* Runs the misuse in a child; true when it died of an abort. */
static bool aborts(void (*misuse)(struct json_writer *json))
{
    pid_t child = fork();
    if (child == 0) {
        SCOPED_PAGE page;
        page_open(&page);
        if (!freopen("/dev/null", "w", stderr))
            _exit(0);
        misuse(&page.json);
        _exit(0);
    }
    int status = 0;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void value_without_key(struct json_writer *json)
{
    json_begin_object(json);
    json_add_int(json, 1);
}

static void key_in_array(struct json_writer *json)
{
    json_begin_array(json);
    json_key(json, "a");
}

static void wrong_end(struct json_writer *json)
{
    json_begin_array(json);
    json_end_object(json);
}

static void two_roots(struct json_writer *json)
{
    json_add_int(json, 1);
    json_add_int(json, 2);
}

static void key_without_value(struct json_writer *json)
{
    json_begin_object(json);
    json_key(json, "a");
    json_end_object(json);
}

static void too_deep(struct json_writer *json)
{
    for (int i = 0; i < JSON_WRITE_DEPTH_MAX; i++)
        json_begin_array(json);
}

TEST(json_writer, aborts_when_it_is_misused)
{
    CHECK(aborts(value_without_key));
    CHECK(aborts(key_in_array));
    CHECK(aborts(wrong_end));
    CHECK(aborts(two_roots));
    CHECK(aborts(key_without_value));
    CHECK(aborts(too_deep));
}
