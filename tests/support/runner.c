/* Runs the registered tests whose "subject sentence" contains the argument; each in this process,
 * in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <ftw.h>

#include "lib/base/parse.h"
#include "tests/support/database.h"
#include "tests/support/test.h"

enum { DIRECTORIES_MAX = 512, PATH_BYTES_MAX = 128 };

/* A test runner is one process with one state; product code has no such thing. */
static struct {
    struct test *first;
    jmp_buf stop;
    uint64_t seed;
    char directories[DIRECTORIES_MAX][PATH_BYTES_MAX];
    size_t directory_count;
} runner;

void test_register(struct test *test)
{
    test->next = runner.first;
    runner.first = test;
}

void test_fail(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("\n    %s:%d: ", file, line);
    vprintf(format, args);
    va_end(args);
    printf(" (TEST_SEED=%llu)\n", (unsigned long long)runner.seed);
    longjmp(runner.stop, 1);
}

uint64_t test_seed(void)
{
    return runner.seed;
}

const char *test_directory(void)
{
    const char *base = getenv("TMPDIR");
    if (runner.directory_count == DIRECTORIES_MAX)
        abort();
    char *path = runner.directories[runner.directory_count++];
    snprintf(path, PATH_BYTES_MAX, "%s/rapport-test-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(path))
        abort();
    return path;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

static void remove_directories(void)
{
    for (size_t i = 0; i < runner.directory_count; i++)
        nftw(runner.directories[i], remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static bool run_one(struct test *test)
{
    if (setjmp(runner.stop))
        return false;
    test->run();
    return true;
}

int main(int argc, char **argv)
{
    const char *wanted = argc > 1 ? argv[1] : "";
    const char *seed = getenv("TEST_SEED");
    int64_t given = 0;
    runner.seed = seed && parse_int64(str_from_c(seed), 0, INT64_MAX, &given) ? (uint64_t)given
                                                                              : (uint64_t)getpid();
    int passed = 0, failed = 0;
    for (struct test *test = runner.first; test; test = test->next) {
        char name[512];
        snprintf(name, sizeof(name), "%s %s", test->subject, test->sentence);
        if (!strstr(name, wanted) && !strstr(test->file, wanted))
            continue;
        fflush(stdout);
        bool good = run_one(test);
        test_databases_drop();
        if (good) {
            passed++;
        } else {
            failed++;
            printf("  FAILED %s (%s)\n", name, test->file);
        }
    }
    remove_directories();
    printf("%d passed, %d failed\n", passed, failed);
    return failed || !passed;
}
