/*
 * The baseline on PostgreSQL: the same rows through plain libpq, with the product's indexes: COPY
 * into a staging table, and from there facts and totals of partner and channel, in one transaction.
 */
#ifndef TESTS_BENCH_PLAIN_POSTGRES_H
#define TESTS_BENCH_PLAIN_POSTGRES_H

#include "tests/bench/rows.h"

struct plain_postgres;
/* An empty database of that name at the server. */
void plain_postgres_create(const char *server, const char *name);
/* "postgres:///NAME?…": lives as long as the program. */
const char *plain_postgres_url(const char *server, const char *name);
/* A connection to it, with the tables made. */
struct plain_postgres *plain_postgres_open(const char *url);
void plain_postgres_close(struct plain_postgres *plain);
/* Writes rows [from, to), `per_commit` in each transaction; the seconds that took. */
double plain_postgres_write(struct plain_postgres *plain, int64_t from, int64_t to,
                            enum row_ids ids, int64_t per_commit);
/* One partner's totals of `days` days from `day` on by one prepared statement; the seconds. */
double plain_postgres_read(struct plain_postgres *plain, int partner, int64_t day, int64_t days);

#endif
