/* Facts a second through the ledger's use case, without HTTP, beside plain SQLite. */
#include <stdio.h>

#include "tests/bench/plain.h"
#include "tests/bench/product.h"

enum { PER_COMMIT = 1000, PATH_BYTES = 300, GROWTH = 10 };

/* What is measured at the end of a stretch: its last part. */
struct rates {
    double first, last; /* rows a second at N and at GROWTH * N facts */
};

typedef double write_rows(void *store, int64_t from, int64_t to, enum row_ids ids);

static double write_plain(void *store, int64_t from, int64_t to, enum row_ids ids)
{
    return plain_write(store, from, to, ids, PER_COMMIT);
}

static double write_product(void *store, int64_t from, int64_t to, enum row_ids ids)
{
    return product_record(store, from, to, ids, PER_COMMIT);
}

/* Fills up to `at` facts and measures the last tenth of them. */
static double rate_at(write_rows *write, void *store, int64_t from, int64_t at, enum row_ids ids)
{
    int64_t part = at / GROWTH;
    write(store, from, at - part, ids);
    return (double)part / write(store, at - part, at, ids);
}

static struct rates measure(write_rows *write, void *store, enum row_ids ids)
{
    int64_t facts = bench_facts();
    struct rates rates = {.first = rate_at(write, store, 0, facts, ids)};
    rates.last = rate_at(write, store, facts, facts * GROWTH, ids);
    return rates;
}

static struct rates measure_plain(enum row_ids ids)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "%s/plain-%d.db", bench_directory(), ids);
    struct plain *plain = plain_open(path);
    struct rates rates = measure(write_plain, plain, ids);
    plain_close(plain);
    return rates;
}

static struct rates measure_product(enum row_ids ids)
{
    char path[PATH_BYTES];
    struct product product;
    snprintf(path, sizeof(path), "%s/product-%d", bench_directory(), ids);
    product_make(path, ROWS_PARTNERS, &product);
    struct rates rates = measure(write_product, &product, ids);
    product_close(&product);
    return rates;
}

static void print(const char *name, const struct rates *product, const struct rates *plain)
{
    char text[64];
    snprintf(text, sizeof(text), "%s, at first", name);
    bench_print(&(struct bench_figure){.name = text,
                                       .value = product->first,
                                       .unit = "facts/s",
                                       .baseline_name = "plain SQLite, same ids",
                                       .baseline = plain->first});
    snprintf(text, sizeof(text), "%s, ten times as full", name);
    bench_print(&(struct bench_figure){.name = text,
                                       .value = product->last,
                                       .unit = "facts/s",
                                       .baseline_name = "plain SQLite, same ids",
                                       .baseline = plain->last});
    bench_print(&(struct bench_figure){.name = text,
                                       .value = product->last,
                                       .unit = "facts/s",
                                       .baseline_name = "itself at first",
                                       .baseline = product->first,
                                       .goal = 0.7});
}

int main(void)
{
    bench_title("The ledger without HTTP, %d facts a commit, %lld and %lld facts", PER_COMMIT,
                (long long)bench_facts(), (long long)bench_facts() * GROWTH);
    static const char *const names[] = {"ordered ids", "random ids"};
    for (enum row_ids ids = ROW_IDS_ORDERED; ids <= ROW_IDS_RANDOM; ids++) {
        struct rates plain = measure_plain(ids);
        struct rates product = measure_product(ids);
        print(names[ids], &product, &plain);
    }
    bench_end();
    return 0;
}
