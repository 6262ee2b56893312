/* Tests of the log. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "tests/support/test.h"

enum { TEXT_BYTES = 64 * 1024 };

static int64_t noon(void *self)
{
    (void)self;
    return INT64_C(1590926400000);
}

static struct log open_log(void)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/log", test_directory());
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
    CHECK(fd >= 0);
    return (struct log){fd, LOG_INFO, {noon, NULL}};
}

/* Closes the log, too. */
static struct str read_log(const struct log *log, char text[TEXT_BYTES])
{
    ssize_t len = pread(log->fd, text, TEXT_BYTES, 0);
    close(log->fd);
    CHECK(len >= 0);
    return (struct str){text, (size_t)len};
}

TEST(log_write, writes_one_json_object_a_line)
{
    char text[TEXT_BYTES];
    struct log log = open_log();
    LOG(&log, LOG_INFO, "request", LOG_TEXT("path", STR("/a \"b\"\n\\")),
        LOG_NUMBER("status", -200));
    LOG(&log, LOG_DEBUG, "quiet", LOG_NUMBER("n", 1));
    LOG(&log, LOG_ERROR, "broken", LOG_NUMBER("n", 1));
    CHECK_STR("{\"time\":\"2020-05-31T12:00:00.000Z\",\"level\":\"info\",\"event\":\"request\","
              "\"path\":\"/a \\\"b\\\"\\u000a\\\\\",\"status\":-200}\n"
              "{\"time\":\"2020-05-31T12:00:00.000Z\",\"level\":\"error\",\"event\":\"broken\","
              "\"n\":1}\n",
              read_log(&log, text));
}

TEST(log_write, cuts_long_text_between_characters)
{
    for (size_t pad = 0; pad < 4; pad++) {
        char text[TEXT_BYTES], value[3000];
        memset(value, 'a', pad);
        for (size_t at = pad; at + 3 <= sizeof(value); at += 3)
            memcpy(value + at, "\xE2\x82\xAC", 3);
        struct log log = open_log();
        LOG(&log, LOG_INFO, "long", LOG_TEXT("text", ((struct str){value, 2900})));
        struct str line = read_log(&log, text);
        CHECK(str_is_utf8(line));
        CHECK(str_find(line, STR("aaa\xE2\x82\xAC"), NULL) == (pad == 3));
        CHECK(str_ends_with(line, STR("\xE2\x82\xAC\"}\n")));
        CHECK(line.len > 1024 && line.len < 1200);
    }
}

TEST(log_write, stays_one_whole_line_whatever_the_fields_hold)
{
    char text[TEXT_BYTES], value[2000];
    struct log_field fields[20];
    memset(value, '\x01', sizeof(value));
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        fields[i] = LOG_TEXT("text", ((struct str){value, sizeof(value)}));
    struct log log = open_log();
    log_write(&log, LOG_WARNING, "hostile", fields, ARRAY_LEN(fields));
    struct str line = read_log(&log, text);
    size_t newline = 0;
    CHECK(str_ends_with(line, STR("\",\"cut\":true}\n")));
    CHECK(str_find_char(line, '\n', &newline));
    CHECK_INT(line.len - 1, newline);
}

TEST(log_write, does_not_pass_on_bytes_that_are_no_text)
{
    char text[TEXT_BYTES];
    struct log log = open_log();
    LOG(&log, LOG_INFO, "bytes", LOG_TEXT("text", STR("a\xFF")));
    struct str line = read_log(&log, text);
    CHECK(str_is_utf8(line));
    CHECK(str_ends_with(line, STR("\"text\":\"(not UTF-8)\"}\n")));
}
