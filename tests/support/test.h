/*
 * Tests are sentences: TEST(money_parse, refuses_a_third_decimal) { CHECK(!money_parse(…)); }
 * A failed CHECK reports and ends that test. Every *_test.c is linked into one runner, build/check.
 */
#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/compiler.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

struct test {
    const char *subject;
    const char *sentence;
    const char *file;
    void (*run)(void);
    struct test *next;
};

void test_register(struct test *test);
/* Ends the running test as failed. */
NORETURN void test_fail(const char *file, int line, const char *format, ...) PRINTF_LIKE(3, 4);
/* A new empty directory, removed when the runner ends. NUL-terminated, lives as long as the runner.
 */
const char *test_directory(void);
/* A seed that is printed when a test fails; set TEST_SEED to repeat. */
uint64_t test_seed(void);

#define TEST(subject_, sentence_)                                                                  \
    static void test_##subject_##_##sentence_(void);                                               \
    __attribute__((constructor)) static void test_register_##subject_##_##sentence_(void)          \
    {                                                                                              \
        static struct test test = {#subject_, #sentence_, __FILE__, test_##subject_##_##sentence_, \
                                   NULL};                                                          \
        test_register(&test);                                                                      \
    }                                                                                              \
    static void test_##subject_##_##sentence_(void)

#define CHECK(condition)                                     \
    do {                                                     \
        if (!(condition))                                    \
            test_fail(__FILE__, __LINE__, "%s", #condition); \
    } while (0)
#define CHECK_OK(call)                                                                    \
    do {                                                                                  \
        enum err check_err_ = (call);                                                     \
        if (check_err_ != OK)                                                             \
            test_fail(__FILE__, __LINE__, "%s is %s", #call, err_info(check_err_)->code); \
    } while (0)
#define CHECK_ERR(expected, call)                                                                \
    do {                                                                                         \
        enum err check_err_ = (call);                                                            \
        if (check_err_ != (expected))                                                            \
            test_fail(__FILE__, __LINE__, "%s is %s, not %s", #call, err_info(check_err_)->code, \
                      err_info(expected)->code);                                                 \
    } while (0)
#define CHECK_INT(expected, actual)                                                       \
    do {                                                                                  \
        int64_t check_expected_ = (int64_t)(expected), check_actual_ = (int64_t)(actual); \
        if (check_expected_ != check_actual_)                                             \
            test_fail(__FILE__, __LINE__, "%s is %lld, not %lld", #actual,                \
                      (long long)check_actual_, (long long)check_expected_);              \
    } while (0)
/* expected: a C string; actual: a struct str. */
#define CHECK_STR(expected, actual)                                                  \
    do {                                                                             \
        struct str check_expected_ = str_from_c(expected), check_actual_ = (actual); \
        if (!str_equal(check_expected_, check_actual_))                              \
            test_fail(__FILE__, __LINE__, "%s is \"%.*s\", not \"%.*s\"", #actual,   \
                      STR_ARG(check_actual_), STR_ARG(check_expected_));             \
    } while (0)

#endif
