/*
 * The baseline: the same rows through the plain SQLite API, with what a plain program needs for the
 * same promises. A fact table, a unique index over source and external id, the index by day and
 * partner, a total per day and partner and one for the channel, all in one transaction; WAL and
 * synchronous=FULL, a large cache and late checkpoints.
 */
#ifndef TESTS_BENCH_PLAIN_H
#define TESTS_BENCH_PLAIN_H

#include "tests/bench/rows.h"

struct plain;
struct plain *plain_open(const char *path);
void plain_close(struct plain *plain);
/* Writes rows [from, to), `per_commit` in each transaction; the seconds that took. */
double plain_write(struct plain *plain, int64_t from, int64_t to, enum row_ids ids,
                   int64_t per_commit);

#endif
