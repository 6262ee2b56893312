/* The baseline: the same rows through plain libpq. */
#include "tests/bench/plain_postgres.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 512, LINE_MAX = 256, NUMBER_MAX = 24, DAY_MS = 86400000 };

struct plain_postgres {
    PGconn *link;
};

static const char schema[] =
    "CREATE TABLE fact (id BIGINT NOT NULL, day BIGINT NOT NULL, partner_id BIGINT NOT NULL,"
    " at_ms BIGINT NOT NULL, kind BIGINT NOT NULL, quantity_milli BIGINT NOT NULL, amount BIGINT,"
    " currency TEXT NOT NULL, cost BIGINT, product_id BIGINT, contact_id BIGINT,"
    " source_id BIGINT NOT NULL, external_id TEXT NOT NULL, ref TEXT NOT NULL,"
    " note TEXT NOT NULL, reverses BIGINT, import_id BIGINT, PRIMARY KEY (id, partner_id));"
    "CREATE INDEX fact_day ON fact (day, partner_id, at_ms, kind);"
    "CREATE INDEX fact_import ON fact (import_id, id) WHERE import_id IS NOT NULL;"
    "CREATE TABLE rollup_partner (day BIGINT, partner_id BIGINT, kind BIGINT, currency TEXT,"
    " facts BIGINT NOT NULL, quantity_milli BIGINT NOT NULL, amount BIGINT NOT NULL,"
    " PRIMARY KEY (day, partner_id, kind, currency));"
    "CREATE TABLE rollup_channel (day BIGINT, kind BIGINT, currency TEXT,"
    " facts BIGINT NOT NULL, quantity_milli BIGINT NOT NULL, amount BIGINT NOT NULL,"
    " PRIMARY KEY (day, kind, currency));"
    "CREATE TEMP TABLE staging (id BIGINT, day BIGINT, partner_id BIGINT, at_ms BIGINT,"
    " kind BIGINT, quantity_milli BIGINT, amount BIGINT, external_id TEXT, ref TEXT)";

#define ADD_SUMS(table)                                                     \
    " DO UPDATE SET facts = " table ".facts + excluded.facts,"              \
    " quantity_milli = " table ".quantity_milli + excluded.quantity_milli," \
    " amount = " table ".amount + excluded.amount;"

static const char settle[] =
    "INSERT INTO fact SELECT id, day, partner_id, at_ms, kind, quantity_milli, amount, 'EUR', NULL,"
    " NULL, NULL, 1, external_id, ref, '', NULL, NULL FROM staging;"
    "INSERT INTO rollup_partner SELECT day, partner_id, kind, 'EUR', COUNT(*), SUM(quantity_milli),"
    " SUM(amount) FROM staging GROUP BY 1, 2, 3"
    " ON CONFLICT (day, partner_id, kind, currency)" ADD_SUMS(
        "rollup_partner") "INSERT INTO rollup_channel SELECT day, kind, 'EUR', COUNT(*), "
                          "SUM(quantity_milli),"
                          " SUM(amount) FROM staging GROUP BY 1, 2"
                          " ON CONFLICT (day, kind, currency)" ADD_SUMS(
                              "rollup_channel") "TRUNCATE staging; COMMIT";

static void check(PGconn *link, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN)
        bench_fail("plain libpq: %s", PQerrorMessage(link));
    PQclear(result);
}

static PGconn *dial(const char *url)
{
    PGconn *link = PQconnectdb(url);
    if (PQstatus(link) != CONNECTION_OK)
        bench_fail("plain libpq: %s", PQerrorMessage(link));
    return link;
}

const char *plain_postgres_url(const char *server, const char *name)
{
    char *url = malloc(TEXT_MAX);
    const char *query = strchr(server, '?');
    if (!url)
        abort();
    snprintf(url, TEXT_MAX, "postgres:///%s%s", name, query ? query : "");
    return url;
}

void plain_postgres_create(const char *server, const char *name)
{
    char sql[TEXT_MAX];
    PGconn *link = dial(server);
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s", name);
    check(link, PQexec(link, sql));
    PQfinish(link);
}

struct plain_postgres *plain_postgres_open(const char *url)
{
    struct plain_postgres *plain = calloc(1, sizeof(*plain));
    if (!plain)
        abort();
    plain->link = dial(url);
    check(plain->link, PQexec(plain->link, schema));
    check(plain->link,
          PQprepare(plain->link, "read",
                    "SELECT day, kind, currency, facts, quantity_milli, amount FROM rollup_partner"
                    " WHERE day >= $1::bigint AND day < $2::bigint AND partner_id = $3::bigint",
                    0, NULL));
    return plain;
}

void plain_postgres_close(struct plain_postgres *plain)
{
    PQfinish(plain->link);
    free(plain);
}

static void put_row(const struct plain_postgres *plain, const struct row *row)
{
    char line[LINE_MAX];
    int len = snprintf(line, sizeof(line), "%lld\t%lld\t%d\t%lld\t%d\t%lld\t%lld\t%s\t%s\n",
                       (long long)row->number + 1, (long long)(row->at_ms / DAY_MS), row->partner,
                       (long long)row->at_ms, row_kind_numbers[row->kind],
                       (long long)row->quantity * 1000, (long long)row->amount_minor,
                       row->external_id, row->ref);
    if (PQputCopyData(plain->link, line, len) != 1)
        bench_fail("plain libpq: %s", PQerrorMessage(plain->link));
}

static void write_some(struct plain_postgres *plain, int64_t from, int64_t to, enum row_ids ids)
{
    check(plain->link, PQexec(plain->link, "BEGIN"));
    check(plain->link, PQexec(plain->link, "COPY staging FROM STDIN"));
    for (int64_t number = from; number < to; number++) {
        struct row row;
        row_make(number, ids, &row);
        put_row(plain, &row);
    }
    if (PQputCopyEnd(plain->link, NULL) != 1)
        bench_fail("plain libpq: %s", PQerrorMessage(plain->link));
    for (PGresult *result; (result = PQgetResult(plain->link));)
        check(plain->link, result);
    check(plain->link, PQexec(plain->link, settle));
}

double plain_postgres_write(struct plain_postgres *plain, int64_t from, int64_t to,
                            enum row_ids ids, int64_t per_commit)
{
    double began = bench_now_s();
    for (int64_t first = from; first < to; first += per_commit)
        write_some(plain, first, first + per_commit < to ? first + per_commit : to, ids);
    return bench_now_s() - began;
}

double plain_postgres_read(struct plain_postgres *plain, int partner, int64_t day, int64_t days)
{
    char values[3][NUMBER_MAX];
    snprintf(values[0], NUMBER_MAX, "%lld", (long long)day);
    snprintf(values[1], NUMBER_MAX, "%lld", (long long)(day + days));
    snprintf(values[2], NUMBER_MAX, "%d", partner);
    const char *const arguments[] = {values[0], values[1], values[2]};
    double began = bench_now_s();
    check(plain->link, PQexecPrepared(plain->link, "read", 3, arguments, NULL, NULL, 0));
    return bench_now_s() - began;
}
