/* `rapport import` of a Shopify export, beside plain SQLite writing as many facts. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/time.h"
#include "tests/bench/plain.h"
#include "tests/bench/product.h"

enum { LINES_PER_ORDER = 3, PER_COMMIT = 1000, PATH_BYTES = 300, LINE_NAME_BYTES = 16 };

static void write_header(FILE *file)
{
    fprintf(file, "Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,"
                  "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,"
                  "Billing Company,Notes,Cancelled at\n");
}

/* One row a line item; what belongs to the order stands in the first. */
static void write_order(FILE *file, int64_t number)
{
    struct row row;
    row_make(number * LINES_PER_ORDER, ROW_IDS_ORDERED, &row);
    struct civil day = day_to_civil((struct day){(int32_t)(row.at_ms / MS_PER_DAY)});
    int64_t cents = row.amount_minor;
    for (int i = 0; i < LINES_PER_ORDER; i++) {
        char head[128] = ",paid,,,,,,,";
        if (i == 0)
            snprintf(head, sizeof(head),
                     "buyer@example.com,paid,,EUR,%lld.%02lld,0.00,0.00,%lld.%02lld,"
                     "%04d-%02d-%02d 10:00:00 +0000",
                     (long long)(cents * LINES_PER_ORDER / 100),
                     (long long)(cents * LINES_PER_ORDER % 100),
                     (long long)(cents * LINES_PER_ORDER / 100),
                     (long long)(cents * LINES_PER_ORDER % 100), day.year % 10000, day.month % 100,
                     day.day % 100);
        fprintf(file, "#%lld,%s,1,Model %lld,%lld.%02lld,SKU-%lld,%s,,\n", (long long)number, head,
                (long long)(row.partner + i) % 400, (long long)cents / 100, (long long)cents % 100,
                (long long)(row.partner + i) % 400,
                i == 0 ? product_partner_name(row.partner).text : "");
    }
}

static int64_t write_file(const char *path)
{
    int64_t orders = bench_facts() / (LINES_PER_ORDER + 1);
    FILE *file = fopen(path, "w");
    if (!file)
        bench_fail("%s cannot be written", path);
    write_header(file);
    for (int64_t number = 0; number < orders; number++)
        write_order(file, number);
    fclose(file);
    return orders;
}

/* Seconds that it took. */
static double import_file(const char *directory, const char *path)
{
    const char *program = getenv("RAPPORT");
    double began = bench_now_s();
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        program = program ? program : "build/rapport";
        if (!freopen("/dev/null", "w", stdout))
            _exit(126);
        execl(program, program, "import", "--data", directory, "--yes", path, (char *)NULL);
        _exit(127);
    }
    if (waitpid(pid, &status, 0) != pid || status != 0)
        bench_fail("the import failed");
    return bench_now_s() - began;
}

static double plain_seconds(int64_t facts)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "%s/plain.db", bench_directory());
    struct plain *plain = plain_open(path);
    double seconds = plain_write(plain, 0, facts, ROW_IDS_ORDERED, PER_COMMIT);
    plain_close(plain);
    return seconds;
}

/* So that no figure is of an import that brought something else. */
static void check_facts(const char *directory, int64_t facts)
{
    char path[PATH_BYTES];
    sqlite3 *db;
    sqlite3_stmt *count;
    snprintf(path, sizeof(path), "%s/rapport.db", directory);
    sqlite3_open(path, &db);
    sqlite3_prepare_v2(db, "SELECT COUNT(*) FROM fact", -1, &count, NULL);
    int64_t there = sqlite3_step(count) == SQLITE_ROW ? sqlite3_column_int64(count, 0) : -1;
    sqlite3_finalize(count);
    sqlite3_close(db);
    if (there != facts)
        bench_fail("%lld facts were imported, not %lld", (long long)there, (long long)facts);
}

int main(void)
{
    static struct product product;
    char directory[PATH_BYTES], path[PATH_BYTES];
    snprintf(directory, sizeof(directory), "%s/import", bench_directory());
    snprintf(path, sizeof(path), "%s/orders_export.csv", bench_directory());
    product_make(directory, ROWS_PARTNERS, &product);
    product_close(&product);
    int64_t orders = write_file(path), rows = orders * LINES_PER_ORDER;
    int64_t facts = orders * (LINES_PER_ORDER + 1);
    bench_title("Import of a Shopify export: %lld rows, %lld facts", (long long)rows,
                (long long)facts);
    double plain = plain_seconds(facts);
    double first = import_file(directory, path);
    check_facts(directory, facts);
    double again = import_file(directory, path);
    check_facts(directory, facts);
    bench_print(&(struct bench_figure){.name = "rapport import, with its examination",
                                       .value = (double)rows / first,
                                       .unit = "rows/s",
                                       .baseline_name = "plain SQLite, the same facts",
                                       .baseline = (double)rows / plain});
    bench_print(&(struct bench_figure){.name = "the same file again, which changes nothing",
                                       .value = (double)rows / again,
                                       .unit = "rows/s",
                                       .baseline_name = "itself at first",
                                       .baseline = (double)rows / first});
    bench_end();
    return 0;
}
