/* The same rows on PostgreSQL: facts and reports beside plain libpq, and two servers beside one. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/metric/metric.h"
#include "tests/bench/plain_postgres.h"
#include "tests/bench/product.h"

enum {
    PER_COMMIT = 1000,
    PATH_BYTES = 300,
    NAME_BYTES = 32,
    PART = 5, /* the last fifth is measured */
    READS = 500,
    DAYS = 30,
    DAY_MS = 86400000,
    ARENA_BYTES = 64 * 1024 * 1024
};

struct place {
    const char *server;
    char directory[PATH_BYTES];
    const char *url;
};

static void make_place(struct place *place, const char *name)
{
    snprintf(place->directory, sizeof(place->directory), "%s/%s", bench_directory(), name);
    plain_postgres_create(place->server, name);
    place->url = plain_postgres_url(place->server, name);
}

/* ---- facts ---- */

static double plain_rate(struct plain_postgres *plain, enum row_ids ids)
{
    int64_t facts = bench_facts(), part = facts / PART;
    plain_postgres_write(plain, 0, facts - part, ids, PER_COMMIT);
    return (double)part / plain_postgres_write(plain, facts - part, facts, ids, PER_COMMIT);
}

static double product_rate(struct product *product, enum row_ids ids)
{
    int64_t facts = bench_facts(), part = facts / PART;
    product_record(product, 0, facts - part, ids, PER_COMMIT);
    return (double)part / product_record(product, facts - part, facts, ids, PER_COMMIT);
}

static void print_facts(const char *name, double product, double plain)
{
    bench_print(&(struct bench_figure){.name = name,
                                       .value = product,
                                       .unit = "facts/s",
                                       .baseline_name = "plain libpq, COPY and upsert",
                                       .baseline = plain,
                                       .goal = 0.5});
}

/* ---- reports ---- */

static double read_report(const struct product *product, struct arena *arena, int partner)
{
    struct ctx ctx;
    struct metric_days days = {0};
    struct str json;
    arena_reset(arena);
    ctx_init(&ctx, product->services, arena);
    ctx.actor = (struct actor){.role = ROLE_ANALYST, .scopes = SCOPES_ALL};
    ctx.now_ms = ROWS_START_MS + bench_facts() / ROWS_PER_DAY * DAY_MS;
    double began = bench_now_s();
    if (metric_report_json(&ctx, product->partners[partner], &days, &json) != OK)
        bench_fail("%s %s", ctx.fault.sentence, ctx.fault.detail);
    return bench_now_s() - began;
}

static void measure_reports(const struct product *product, struct plain_postgres *plain)
{
    struct bench_times ours = {0}, bare = {0};
    struct arena arena;
    int64_t last_day = ROWS_START_MS / DAY_MS + bench_facts() / ROWS_PER_DAY;
    arena_init(&arena, ARENA_BYTES);
    for (int i = 0; i < READS; i++) {
        int partner = i % ROWS_PARTNERS;
        bench_times_add(&bare, plain_postgres_read(plain, partner, last_day - DAYS, DAYS));
        bench_times_add(&ours, read_report(product, &arena, partner));
    }
    bench_print(&(struct bench_figure){.name = "a partner's report made anew, p50",
                                       .value = bench_times_ms(&ours, 0.5),
                                       .unit = "ms",
                                       .baseline_name = "one prepared statement on its totals",
                                       .baseline = bench_times_ms(&bare, 0.5),
                                       .goal = 2,
                                       .at_most = true});
    arena_finish(&arena);
    bench_times_finish(&ours);
    bench_times_finish(&bare);
}

/* ---- two servers ---- */

struct writing {
    struct product *product;
    int64_t from, to;
};

static void *write_half(void *arg)
{
    const struct writing *writing = arg;
    product_record(writing->product, writing->from, writing->to, ROW_IDS_ORDERED, PER_COMMIT);
    return NULL;
}

static void measure_servers(struct product *first, const struct place *place, double one)
{
    char directory[PATH_BYTES + NAME_BYTES];
    struct product second;
    int64_t from = bench_facts(), half = bench_facts() / PART / 2;
    pthread_t thread;
    snprintf(directory, sizeof(directory), "%s-second", place->directory);
    product_join(first, directory, &second);
    struct writing writings[] = {{first, from, from + half},
                                 {&second, from + half, from + 2 * half}};
    double began = bench_now_s();
    if (pthread_create(&thread, NULL, write_half, &writings[1]))
        bench_fail("no thread");
    write_half(&writings[0]);
    pthread_join(thread, NULL);
    double took = bench_now_s() - began;
    bench_print(&(struct bench_figure){.name = "facts of two servers at once",
                                       .value = (double)(2 * half) / took,
                                       .unit = "facts/s",
                                       .baseline_name = "one server",
                                       .baseline = one});
    product_close(&second);
}

int main(void)
{
    struct place place = {.server = getenv("BENCH_POSTGRES")}, bare = place;
    bench_title("PostgreSQL, %d facts a commit, %lld facts", PER_COMMIT, (long long)bench_facts());
    if (!place.server) {
        bench_note("not measured: BENCH_POSTGRES names no server");
        return 0;
    }
    static const char *const names[] = {"ordered ids", "random ids"};
    static const char *const places[][2] = {{"plain_ordered", "product_ordered"},
                                            {"plain_random", "product_random"}};
    for (enum row_ids ids = ROW_IDS_ORDERED; ids <= ROW_IDS_RANDOM; ids++) {
        struct product product;
        make_place(&bare, places[ids][0]);
        make_place(&place, places[ids][1]);
        struct plain_postgres *plain = plain_postgres_open(bare.url);
        double plain_facts = plain_rate(plain, ids);
        product_make_on(place.directory, place.url, ROWS_PARTNERS, &product);
        double product_facts = product_rate(&product, ids);
        print_facts(names[ids], product_facts, plain_facts);
        if (ids == ROW_IDS_ORDERED) {
            measure_reports(&product, plain);
            measure_servers(&product, &place, product_facts);
        }
        product_close(&product);
        plain_postgres_close(plain);
    }
    bench_end();
    return 0;
}
