/* Search as one types among many partners, over HTTP, beside the engine's own full-text index. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "tests/bench/process.h"
#include "tests/bench/requests.h"

enum { PARTNERS = 10000, PARTNERS_FULL = 100000, SEARCHES = 4000, CLIENTS = 2, PATH_BYTES = 300 };

static int partner_count(void)
{
    return bench_is_full() ? PARTNERS_FULL : PARTNERS;
}

/* What somebody has typed so far: the beginning of one word, of two, or a number. */
static void typed(int64_t number, char text[64])
{
    uint64_t random = (uint64_t)number * UINT64_C(0x9E3779B97F4A7C15) + 1;
    struct partner_name name =
        product_partner_name((int)(bench_random(&random) % (uint64_t)partner_count()));
    char first[64], second[64];
    size_t space = strcspn(name.text, " ");
    snprintf(first, sizeof(first), "%.*s", (int)(1 + random % space), name.text);
    snprintf(second, sizeof(second), "%.*s", (int)(1 + (random >> 8) % 5), name.text + space + 1);
    if (number % 3 == 0)
        snprintf(text, 64, "%s", first);
    else if (number % 3 == 1)
        snprintf(text, 64, "%.8s %.8s", first, second);
    else
        snprintf(text, 64, "%05d", (int)(random % (uint64_t)partner_count()));
}

/* ---- baseline: FTS5, prefixes, no rank ---- */

static void check(sqlite3 *db, bool is_right)
{
    if (!is_right)
        bench_fail("plain SQLite: %s", sqlite3_errmsg(db));
}

static void fill_plain(sqlite3 *db)
{
    sqlite3_stmt *insert;
    check(db,
          sqlite3_exec(db, "CREATE VIRTUAL TABLE search USING fts5(name, prefix='1 2 3'); BEGIN",
                       NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_prepare_v2(db, "INSERT INTO search (rowid, name) VALUES (?, ?)", -1, &insert, NULL);
    for (int number = 0; number < partner_count(); number++) {
        struct partner_name name = product_partner_name(number);
        sqlite3_bind_int(insert, 1, number + 1);
        sqlite3_bind_text(insert, 2, name.text, -1, SQLITE_STATIC);
        check(db, sqlite3_step(insert) == SQLITE_DONE);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    check(db, sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
}

/* "gol bi" becomes "gol* bi*". */
static void to_match(const char *text, char match[128])
{
    size_t len = 0;
    for (const char *at = text;; at++) {
        if (*at == ' ' || !*at)
            match[len++] = '*';
        match[len++] = *at;
        if (!*at)
            break;
    }
}

static void search_plain(sqlite3 *db, struct bench_times *times)
{
    sqlite3_stmt *select;
    check(db, sqlite3_prepare_v2(db, "SELECT rowid, name FROM search WHERE search MATCH ? LIMIT 50",
                                 -1, &select, NULL) == SQLITE_OK);
    for (int64_t number = 0; number < SEARCHES; number++) {
        char text[64], match[128];
        typed(number, text);
        to_match(text, match);
        double began = bench_now_s();
        sqlite3_bind_text(select, 1, match, -1, SQLITE_STATIC);
        while (sqlite3_step(select) == SQLITE_ROW)
            sqlite3_column_text(select, 1);
        sqlite3_reset(select);
        bench_times_add(times, bench_now_s() - began);
    }
    sqlite3_finalize(select);
}

static void measure_plain(struct bench_times *times)
{
    char path[PATH_BYTES];
    sqlite3 *db;
    snprintf(path, sizeof(path), "%s/search.db", bench_directory());
    check(NULL, sqlite3_open(path, &db) == SQLITE_OK);
    fill_plain(db);
    search_plain(db, times);
    sqlite3_close(db);
}

/* ---- the product ---- */

static void search_path(void *self, int64_t number, char *ret_path, size_t size_bytes)
{
    char text[64];
    (void)self;
    typed(number, text);
    for (char *at = text; *at; at++)
        if (*at == ' ')
            *at = '+';
    snprintf(ret_path, size_bytes, "/api/v1/partners?search=%s", text);
}

static struct load_result measure_product(void)
{
    static struct product product;
    char directory[PATH_BYTES];
    snprintf(directory, sizeof(directory), "%s/search", bench_directory());
    product_make(directory, partner_count(), &product);
    product_close(&product);
    struct process server = process_serve(directory);
    struct reads reads = {.token = product.token, .count = SEARCHES, .path = search_path};
    double cpu = process_cpu_s(&server);
    struct load_result result = reads_run(&reads, server.port, CLIENTS);
    bench_note("%.2f ms of the server's CPU each", (process_cpu_s(&server) - cpu) / SEARCHES * 1e3);
    process_stop(&server);
    return result;
}

int main(void)
{
    struct bench_times plain = {0};
    bench_title("Search among %d partners, %d clients", partner_count(), CLIENTS);
    measure_plain(&plain);
    struct load_result result = measure_product();
    double p99_ms = bench_times_ms(&result.times, 0.99);
    bench_print(&(struct bench_figure){.name = "search as one types, p50",
                                       .value = bench_times_ms(&result.times, 0.5),
                                       .unit = "ms",
                                       .baseline_name = "FTS5 by prefix, no HTTP",
                                       .baseline = bench_times_ms(&plain, 0.5)});
    bench_print(&(struct bench_figure){.name = "search as one types, p99",
                                       .value = p99_ms,
                                       .unit = "ms",
                                       .baseline_name = "FTS5 by prefix, no HTTP",
                                       .baseline = bench_times_ms(&plain, 0.99)});
    bench_print(&(struct bench_figure){.name = "search as one types, p99",
                                       .value = p99_ms,
                                       .unit = "ms",
                                       .baseline_name = "what one does not notice",
                                       .baseline = 10,
                                       .goal = 1,
                                       .at_most = true});
    bench_end();
    return 0;
}
