/* The frame of the benches. */
#include "tests/bench/bench.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/parse.h"

enum { PATH_BYTES = 256, FACTS_DEFAULT = 200000, FACTS_FULL = 1000000 };

/* One process, one directory. */
static char directory[PATH_BYTES];

void bench_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fflush(stdout);
    fprintf(stderr, "bench: ");
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
    bench_end();
    exit(1);
}

bool bench_is_full(void)
{
    const char *full = getenv("BENCH_FULL");
    return full && full[0] && full[0] != '0';
}

int64_t bench_facts(void)
{
    const char *text = getenv("BENCH_FACTS");
    int64_t facts;
    if (text && parse_int64(str_from_c(text), 1000, 1000000000, &facts))
        return facts;
    return bench_is_full() ? FACTS_FULL : FACTS_DEFAULT;
}

const char *bench_directory(void)
{
    const char *base = getenv("BENCH_DIRECTORY");
    if (directory[0])
        return directory;
    snprintf(directory, sizeof(directory), "%s/rapport-bench-XXXXXX", base ? base : "/var/tmp");
    if (!mkdtemp(directory))
        bench_fail("no directory can be made at %s", directory);
    return directory;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void bench_end(void)
{
    if (directory[0])
        nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    directory[0] = '\0';
}

double bench_now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds_of(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double bench_cpu_s(void)
{
    return seconds_of(RUSAGE_SELF) + seconds_of(RUSAGE_CHILDREN);
}

/* ---- printing ---- */

void bench_title(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("\n");
    vprintf(format, args);
    printf("\n");
    fflush(stdout);
    va_end(args);
}

void bench_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("      ");
    vprintf(format, args);
    printf("\n");
    fflush(stdout);
    va_end(args);
}

static void print_number(double value)
{
    printf(value >= 1000 ? "%12.0f" : value >= 10 ? "%12.1f" : "%12.2f", value);
}

static void print_goal(const struct bench_figure *figure, double share)
{
    if (figure->goal <= 0)
        return;
    bool met = figure->at_most ? share <= figure->goal : share >= figure->goal;
    printf("  goal %s %.2f: %s", figure->at_most ? "<=" : ">=", figure->goal,
           met ? "met" : "MISSED");
}

void bench_print(const struct bench_figure *figure)
{
    printf("  %-46s", figure->name);
    print_number(figure->value);
    printf(" %-7s", figure->unit);
    if (figure->baseline_name) {
        double share = figure->baseline > 0 ? figure->value / figure->baseline : 0;
        printf(" | %-34s", figure->baseline_name);
        print_number(figure->baseline);
        printf("  x%.2f", share);
        print_goal(figure, share);
    }
    printf("\n");
    fflush(stdout);
}

/* ---- durations ---- */

void bench_times_add(struct bench_times *times, double seconds)
{
    if (times->count == times->capacity) {
        times->capacity = times->capacity ? times->capacity * 2 : 1024;
        times->us = realloc(times->us, times->capacity * sizeof(times->us[0]));
        if (!times->us)
            abort();
    }
    times->us[times->count++] = (uint32_t)(seconds * 1e6);
}

static int compare_us(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

double bench_times_ms(struct bench_times *times, double share)
{
    if (!times->count)
        return 0;
    qsort(times->us, times->count, sizeof(times->us[0]), compare_us);
    size_t at = (size_t)(share * (double)(times->count - 1) + 0.5);
    return times->us[at] / 1e3;
}

void bench_times_finish(struct bench_times *times)
{
    free(times->us);
    *times = (struct bench_times){0};
}

uint64_t bench_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}
