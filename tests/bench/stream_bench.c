/*
 * Open streams: how soon the last of 5,000 has what was committed, what each costs in memory, and
 * what a thousand of them take from the rate of facts; beside a bare libmicrohttpd.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/bench/process.h"
#include "tests/bench/requests.h"
#include "tests/bench/streams.h"

enum {
    STREAMS = 5000,
    STREAMS_AT_WORK = 1000,
    PER_TOKEN = 50, /* below LIMIT_STREAMS_ACTOR */
    TOKENS = STREAMS / PER_TOKEN,
    FACTS_TOLD = 60,
    RUNS = 4, /* with and without streams, in turns */
    PER_REQUEST = 2000,
    CONNECTIONS = 4,
    CLIENTS = 64,
    PATH_BYTES = 300,
    REQUEST_BYTES = 256
};
/* Long enough that the numbers of one fact are told before the next comes. */
static const double between_s = 0.6;

/* What was measured of 5,000 streams. */
struct fan {
    double median_ms, p99_ms, kib_each;
    double cpu_ms; /* of the server, for each that is told, with all else that it does meanwhile */
};

struct bench {
    char directory[PATH_BYTES];
    struct product product;
    struct process server;
    char texts[TOKENS][REQUEST_BYTES];
    struct str requests[TOKENS];
    int64_t facts;
    double alone_median_ms, alone_p99_ms; /* a fact's request while nobody listens */
};

/* ---- what makes them tell ---- */

typedef void poke(void *self);

static void pause_s(double seconds)
{
    nanosleep(&(struct timespec){.tv_nsec = (long)(seconds * 1e9)}, NULL);
}

/* From the request for it until the last stream has it, so the commit's own time is in it. */
static void tell_one(struct streams *streams, poke *make_one, void *self, struct bench_times *times)
{
    pause_s(between_s);
    streams_expect(streams);
    double began = bench_now_s();
    make_one(self);
    bench_times_add(times, streams_wait(streams) - began);
}

static void push_path(void *self, int64_t number, char *ret_path, size_t size_bytes)
{
    (void)self;
    (void)number;
    snprintf(ret_path, size_bytes, "/push");
}

static void push_bare(void *self)
{
    const struct process *bare = self;
    struct reads reads = {.count = 1, .path = push_path};
    struct load_result result = reads_run(&reads, bare->port, 1);
    bench_times_finish(&result.times);
}

static double post_facts(struct bench *bench, int64_t count, int64_t per_request, int connections)
{
    struct fact_posts posts = {.product = &bench->product,
                               .next = bench->facts,
                               .end = bench->facts + count,
                               .per_request = per_request};
    struct load_result result = fact_posts_run(&posts, bench->server.port, connections);
    bench->facts += count;
    bench_times_finish(&result.times);
    return (double)count / result.seconds;
}

static void post_one(void *self)
{
    post_facts(self, 1, 1, 1);
}

/* Most of it is the disk. */
static void measure_alone(struct bench *bench)
{
    struct bench_times times = {0};
    for (int i = 0; i < FACTS_TOLD; i++) {
        pause_s(between_s / 4);
        double began = bench_now_s();
        post_one(bench);
        bench_times_add(&times, bench_now_s() - began);
    }
    bench->alone_median_ms = bench_times_ms(&times, 0.5);
    bench->alone_p99_ms = bench_times_ms(&times, 0.99);
    bench_times_finish(&times);
}

/* ---- 5,000 streams ---- */

/* Servers and streams of both at the same time, told in turns: they meet the same machine. */
struct fans {
    struct process bare;
    struct streams *bare_streams, *own_streams;
    struct fan bare_fan, own_fan;
};

static struct streams *open_all(const struct process *server, const struct str *requests,
                                int per_request, struct fan *fan)
{
    double before = process_memory_mib(server);
    struct streams *streams = streams_open(server->port, STREAMS, requests, per_request);
    fan->kib_each = (process_memory_mib(server) - before) * 1024 / STREAMS;
    return streams;
}

static void finish_fan(const struct process *server, struct bench_times *times, struct fan *fan)
{
    fan->cpu_ms = (process_cpu_s(server) * 1000 - fan->cpu_ms) / FACTS_TOLD;
    fan->median_ms = bench_times_ms(times, 0.5);
    fan->p99_ms = bench_times_ms(times, 0.99);
    bench_times_finish(times);
}

static void measure_fans(struct bench *bench, struct fans *fans)
{
    static const struct str request = STR_INIT("GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    struct bench_times own = {0}, bare = {0};
    fans->bare = process_bare_streams();
    post_facts(bench, PER_REQUEST, PER_REQUEST, 1);
    measure_alone(bench);
    fans->bare_streams = open_all(&fans->bare, &request, STREAMS, &fans->bare_fan);
    fans->own_streams = open_all(&bench->server, bench->requests, PER_TOKEN, &fans->own_fan);
    fans->bare_fan.cpu_ms = process_cpu_s(&fans->bare) * 1000;
    fans->own_fan.cpu_ms = process_cpu_s(&bench->server) * 1000;
    for (int i = 0; i < FACTS_TOLD; i++) {
        tell_one(fans->bare_streams, push_bare, &fans->bare, &bare);
        tell_one(fans->own_streams, post_one, bench, &own);
    }
    finish_fan(&fans->bare, &bare, &fans->bare_fan);
    finish_fan(&bench->server, &own, &fans->own_fan);
    streams_close(fans->bare_streams);
    streams_close(fans->own_streams);
    process_stop(&fans->bare);
}

static void print_fan(const struct bench *bench, const struct fan *own, const struct fan *bare)
{
    bench_title("%d open streams, %d facts one by one", STREAMS, FACTS_TOLD);
    bench_print(&(struct bench_figure){.name = "a fact until the last stream has it, p99",
                                       .value = own->p99_ms,
                                       .unit = "ms",
                                       .baseline_name = "the goal of 150 ms",
                                       .baseline = 150,
                                       .goal = 1,
                                       .at_most = true});
    bench_print(&(struct bench_figure){.name = "the same beside the bare one, p99",
                                       .value = own->p99_ms,
                                       .unit = "ms",
                                       .baseline_name = "bare libmicrohttpd",
                                       .baseline = bare->p99_ms});
    bench_note("half of them within %.0f ms, of the bare one %.0f ms", own->median_ms,
               bare->median_ms);
    bench_note(
        "%.1f ms of the server's CPU each, with the numbers that follow; of the bare one %.1f",
        own->cpu_ms, bare->cpu_ms);
    bench_note("its request alone, while nobody listens: half within %.1f ms, p99 %.1f ms",
               bench->alone_median_ms, bench->alone_p99_ms);
    bench_print(&(struct bench_figure){.name = "memory of each stream",
                                       .value = own->kib_each,
                                       .unit = "KiB",
                                       .baseline_name = "the goal of 10 KiB",
                                       .baseline = 10,
                                       .goal = 1,
                                       .at_most = true});
    bench_print(&(struct bench_figure){.name = "the same beside the bare one",
                                       .value = own->kib_each,
                                       .unit = "KiB",
                                       .baseline_name = "bare libmicrohttpd, 4 KiB pool",
                                       .baseline = bare->kib_each});
}

/* ---- 1,000 streams at work ---- */

/* Facts of one way of posting them. The CPU is the server's: it says what streams cost also where
 * the machine is busy otherwise. */
struct work {
    double facts, seconds, cpu_s;
};
struct works {
    struct work batches, singles;
};

static void post_timed(struct bench *bench, int64_t count, int64_t per_request, int connections,
                       struct work *work)
{
    double cpu = process_cpu_s(&bench->server);
    work->seconds += (double)count / post_facts(bench, count, per_request, connections);
    work->cpu_s += process_cpu_s(&bench->server) - cpu;
    work->facts += (double)count;
}

static void post_both(struct bench *bench, struct works *works)
{
    post_timed(bench, bench_facts() / 2, PER_REQUEST, CONNECTIONS, &works->batches);
    post_timed(bench, bench_facts() / 10, 1, CLIENTS, &works->singles);
}

static void print_work(const char *name, const struct work *with, const struct work *without)
{
    bench_print(&(struct bench_figure){.name = name,
                                       .value = with->facts / with->seconds,
                                       .unit = "facts/s",
                                       .baseline_name = "without streams",
                                       .baseline = without->facts / without->seconds,
                                       .goal = 0.9});
    bench_note("%.1f us of the server's CPU each, %.1f without streams",
               with->cpu_s / with->facts * 1e6, without->cpu_s / without->facts * 1e6);
}

static void print_cost(struct bench *bench)
{
    struct works without = {.batches = {0}}, with = {.batches = {0}};
    for (int i = 0; i < RUNS; i++) {
        post_both(bench, &without);
        struct streams *streams =
            streams_open(bench->server.port, STREAMS_AT_WORK, bench->requests, PER_TOKEN);
        post_both(bench, &with);
        streams_close(streams);
        /* That they left is seen when they are told something. */
        pause_s(between_s);
        post_facts(bench, 1, 1, 1);
        pause_s(between_s);
    }
    bench_title("%d open streams, the rate of facts with and without", STREAMS_AT_WORK);
    print_work("facts in batches", &with.batches, &without.batches);
    print_work("one fact a request, 64 clients", &with.singles, &without.singles);
}

/* ---- one run ---- */

static void begin(struct bench *bench)
{
    snprintf(bench->directory, sizeof(bench->directory), "%s/streams", bench_directory());
    product_make(bench->directory, ROWS_PARTNERS, &bench->product);
    for (int i = 0; i < TOKENS; i++) {
        char token[sizeof(bench->product.token)];
        product_token(&bench->product, token);
        int len = snprintf(bench->texts[i], REQUEST_BYTES,
                           "GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                           "Authorization: Bearer %s\r\n\r\n",
                           token);
        bench->requests[i] = (struct str){bench->texts[i], (size_t)len};
    }
    product_close(&bench->product);
    bench->server = process_serve(bench->directory);
}

int main(void)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    if (!bench)
        abort();
    struct fans fans = {.bare_streams = NULL};
    begin(bench);
    measure_fans(bench, &fans);
    print_fan(bench, &fans.own_fan, &fans.bare_fan);
    print_cost(bench);
    process_stop(&bench->server);
    free(bench);
    bench_end();
    return 0;
}
