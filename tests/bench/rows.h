/* The facts that every bench writes: the same rows through the product and through plain SQLite. */
#ifndef TESTS_BENCH_ROWS_H
#define TESTS_BENCH_ROWS_H

#include "tests/bench/bench.h"

enum { ROWS_PARTNERS = 1000, ROWS_PER_DAY = 5000, ROWS_KINDS = 6 };
/* 2020-01-01T00:00:00Z; so many facts a day follow each other from there on. */
#define ROWS_START_MS INT64_C(1577836800000)

enum row_ids { ROW_IDS_ORDERED, ROW_IDS_RANDOM };

struct row {
    int64_t number; /* from 0 */
    int64_t at_ms;
    int partner; /* below ROWS_PARTNERS */
    int kind;    /* below ROWS_KINDS */
    int64_t quantity;
    int64_t amount_minor;
    char external_id[40];
    char ref[32];
};
/* Deterministic in number and order of ids. */
void row_make(int64_t number, enum row_ids ids, struct row *ret_row);
/* Names of the ledger's kinds, and their numbers there. */
extern const char *const row_kind_names[ROWS_KINDS];
extern const int row_kind_numbers[ROWS_KINDS];

#endif
