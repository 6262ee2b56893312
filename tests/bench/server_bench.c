/*
 * The server under load: facts in batches and one by one, a partner's report, start and memory; at
 * first and when the ledger is ten times as full; beside plain SQLite and a bare libmicrohttpd.
 */
#include <stdio.h>

#include "lib/base/time.h"
#include "tests/bench/plain.h"
#include "tests/bench/process.h"
#include "tests/bench/requests.h"

enum {
    PER_COMMIT = 1000,
    PER_REQUEST = 2000,
    BATCH_CONNECTIONS = 4,
    CLIENTS = 64,
    GROWTH = 10,
    READS = 20000,
    SINGLES_MAX = 100000,
    REPORT_DAYS = 30,
    PATH_BYTES = 300
};

/* What was measured at one size of the ledger. */
struct stage {
    double batch_rate;
    double report_rate, report_fresh_rate;
    double hello_rate; /* right before, so that both met the same machine */
    double report_p99_ms;
};

struct bench {
    char directory[PATH_BYTES];
    struct product product;
    struct process server;
    enum row_ids ids;
    int64_t facts; /* so many are in it */
};

/* ---- baselines ---- */

static double plain_rate(enum row_ids ids)
{
    char path[PATH_BYTES];
    int64_t facts = bench_facts();
    snprintf(path, sizeof(path), "%s/plain-%d.db", bench_directory(), ids);
    struct plain *plain = plain_open(path);
    double rate = (double)facts / plain_write(plain, 0, facts, ids, PER_COMMIT);
    plain_close(plain);
    return rate;
}

static void hello_path(void *self, int64_t number, char *ret_path, size_t size_bytes)
{
    (void)self;
    (void)number;
    snprintf(ret_path, size_bytes, "/hello");
}

static double hello_rate(void)
{
    struct process hello = process_hello();
    struct reads reads = {.count = READS * 5, .path = hello_path};
    struct load_result result = reads_run(&reads, hello.port, CLIENTS);
    process_stop(&hello);
    bench_times_finish(&result.times);
    return (double)result.requests / result.seconds;
}

/* ---- facts ---- */

static double post_facts(struct bench *bench, int64_t to, int64_t per_request, int connections,
                         struct bench_times *ret_times)
{
    struct fact_posts posts = {.product = &bench->product,
                               .ids = bench->ids,
                               .next = bench->facts,
                               .end = to,
                               .per_request = per_request};
    int64_t count = to - bench->facts;
    struct load_result result = fact_posts_run(&posts, bench->server.port, connections);
    bench->facts = to;
    if (ret_times)
        *ret_times = result.times;
    else
        bench_times_finish(&result.times);
    return (double)count / result.seconds;
}

/* Fills the ledger up to `at` facts; the rate of the last part of them. */
static double batch_rate_at(struct bench *bench, int64_t at)
{
    int64_t part = at / GROWTH < bench_facts() / 2 ? at / 2 : at / GROWTH;
    post_facts(bench, at - part, PER_REQUEST, BATCH_CONNECTIONS, NULL);
    return post_facts(bench, at, PER_REQUEST, BATCH_CONNECTIONS, NULL);
}

static void measure_singles(struct bench *bench, double plain)
{
    int64_t count = bench_facts() / 4 < SINGLES_MAX ? bench_facts() / 4 : SINGLES_MAX;
    struct bench_times times;
    double cpu = process_cpu_s(&bench->server), client_cpu = bench_cpu_s();
    double rate = post_facts(bench, bench->facts + count, 1, CLIENTS, &times);
    cpu = process_cpu_s(&bench->server) - cpu;
    client_cpu = bench_cpu_s() - client_cpu;
    bench_print(&(struct bench_figure){.name = "one fact a request, 64 clients",
                                       .value = rate,
                                       .unit = "facts/s",
                                       .baseline_name = "plain SQLite, 1000 a commit",
                                       .baseline = plain,
                                       .goal = 0.4});
    bench_note("p50 %.2f ms, p99 %.2f ms, slowest %.1f ms", bench_times_ms(&times, 0.5),
               bench_times_ms(&times, 0.99), bench_times_ms(&times, 1));
    bench_note("each took %.1f us of CPU in the server and %.1f us in the client",
               cpu / (double)count * 1e6, client_cpu / (double)count * 1e6);
    bench_times_finish(&times);
}

/* ---- reports ---- */

struct report_range {
    const struct bench *bench;
    char window[64];
};

static void report_path(void *self, int64_t number, char *ret_path, size_t size_bytes)
{
    const struct report_range *range = self;
    char partner[ID_TEXT_MAX];
    id_format("ptn", range->bench->product.partners[number % ROWS_PARTNERS].v, partner);
    snprintf(ret_path, size_bytes, "/api/v1/partners/%s/report%s", partner, range->window);
}

/* The last days that have facts. */
static void set_window(const struct bench *bench, struct report_range *ret_range)
{
    struct day last = {(int32_t)(ROWS_START_MS / MS_PER_DAY + bench->facts / ROWS_PER_DAY + 1)};
    struct civil to = day_to_civil(last);
    last.v -= REPORT_DAYS;
    struct civil from = day_to_civil(last);
    ret_range->bench = bench;
    snprintf(ret_range->window, sizeof(ret_range->window), "?from=%04d-%02d-%02d&to=%04d-%02d-%02d",
             from.year % 10000, from.month % 100, from.day % 100, to.year % 10000, to.month % 100,
             to.day % 100);
}

static void measure_reports(struct bench *bench, struct stage *stage)
{
    struct report_range range;
    struct reads reads = {.token = bench->product.token, .path = report_path, .self = &range};
    stage->hello_rate = hello_rate();
    set_window(bench, &range);
    reads.count = ROWS_PARTNERS;
    struct load_result fresh = reads_run(&reads, bench->server.port, CLIENTS);
    reads.count = READS;
    struct load_result again = reads_run(&reads, bench->server.port, CLIENTS);
    stage->report_fresh_rate = (double)fresh.requests / fresh.seconds;
    stage->report_rate = (double)again.requests / again.seconds;
    stage->report_p99_ms = bench_times_ms(&again.times, 0.99);
    bench_times_finish(&fresh.times);
    bench_times_finish(&again.times);
}

static void print_reports(const char *when, const struct stage *stage)
{
    char name[64];
    snprintf(name, sizeof(name), "a partner's report, %s", when);
    bench_print(&(struct bench_figure){.name = name,
                                       .value = stage->report_rate,
                                       .unit = "reads/s",
                                       .baseline_name = "bare libmicrohttpd, 1 KiB",
                                       .baseline = stage->hello_rate,
                                       .goal = 0.3});
    snprintf(name, sizeof(name), "the same, each asked for the first time");
    bench_print(&(struct bench_figure){.name = name,
                                       .value = stage->report_fresh_rate,
                                       .unit = "reads/s",
                                       .baseline_name = "bare libmicrohttpd, 1 KiB",
                                       .baseline = stage->hello_rate});
}

/* ---- one run ---- */

static void begin(struct bench *bench, enum row_ids ids)
{
    *bench = (struct bench){.ids = ids};
    snprintf(bench->directory, sizeof(bench->directory), "%s/served-%d", bench_directory(), ids);
    product_make(bench->directory, ROWS_PARTNERS, &bench->product);
    product_close(&bench->product);
    bench->server = process_serve(bench->directory);
}

static void print_batches(const struct stage *first, const struct stage *last, double plain,
                          double best)
{
    bench_print(&(struct bench_figure){.name = "facts in batches, at first",
                                       .value = first->batch_rate,
                                       .unit = "facts/s",
                                       .baseline_name = "plain SQLite, the best",
                                       .baseline = best,
                                       .goal = 0.5});
    bench_print(&(struct bench_figure){.name = "facts in batches, at first",
                                       .value = first->batch_rate,
                                       .unit = "facts/s",
                                       .baseline_name = "plain SQLite, the same ids",
                                       .baseline = plain});
    bench_print(&(struct bench_figure){.name = "facts in batches, ten times as full",
                                       .value = last->batch_rate,
                                       .unit = "facts/s",
                                       .baseline_name = "itself at first",
                                       .baseline = first->batch_rate,
                                       .goal = 0.7});
}

static void print_restart(struct bench *bench)
{
    double memory = process_memory_mib(&bench->server);
    process_stop(&bench->server);
    bench->server = process_serve(bench->directory);
    bench_print(&(struct bench_figure){.name = "start until the first answer",
                                       .value = bench->server.started_s * 1e3,
                                       .unit = "ms"});
    bench_print(&(struct bench_figure){.name = "resident memory after the load, after a start",
                                       .value = memory,
                                       .unit = "MiB",
                                       .baseline_name = "after a start",
                                       .baseline = process_memory_mib(&bench->server)});
}

static void run_ordered(double plain)
{
    struct bench bench;
    struct stage first = {0}, last = {0};
    bench_title("The server, external ids in order of time, %lld and %lld facts",
                (long long)bench_facts(), (long long)bench_facts() * GROWTH);
    begin(&bench, ROW_IDS_ORDERED);
    first.batch_rate = batch_rate_at(&bench, bench_facts());
    measure_singles(&bench, plain);
    measure_reports(&bench, &first);
    last.batch_rate = batch_rate_at(&bench, bench_facts() * GROWTH);
    measure_reports(&bench, &last);
    print_batches(&first, &last, plain, plain);
    print_reports("at first", &first);
    print_reports("ten times as full", &last);
    bench_print(&(struct bench_figure){.name = "its share of the bare one, ten times as full",
                                       .value = last.report_rate / last.hello_rate,
                                       .unit = "",
                                       .baseline_name = "at first",
                                       .baseline = first.report_rate / first.hello_rate,
                                       .goal = 0.8});
    bench_note("p99 %.2f ms at first, %.2f ms ten times as full", first.report_p99_ms,
               last.report_p99_ms);
    print_restart(&bench);
    process_stop(&bench.server);
}

static void run_random(double plain, double best)
{
    struct bench bench;
    struct stage first = {0}, last = {0};
    bench_title("The server, random external ids, %lld and %lld facts", (long long)bench_facts(),
                (long long)bench_facts() * GROWTH);
    begin(&bench, ROW_IDS_RANDOM);
    first.batch_rate = batch_rate_at(&bench, bench_facts());
    last.batch_rate = batch_rate_at(&bench, bench_facts() * GROWTH);
    print_batches(&first, &last, plain, best);
    process_stop(&bench.server);
}

int main(void)
{
    bench_title("Baselines, %lld facts", (long long)bench_facts());
    double ordered = plain_rate(ROW_IDS_ORDERED), random = plain_rate(ROW_IDS_RANDOM);
    bench_print(&(struct bench_figure){
        .name = "plain SQLite, ordered ids, 1000 a commit", .value = ordered, .unit = "facts/s"});
    bench_print(&(struct bench_figure){
        .name = "plain SQLite, random ids, 1000 a commit", .value = random, .unit = "facts/s"});
    run_ordered(ordered);
    run_random(random, ordered > random ? ordered : random);
    bench_end();
    return 0;
}
