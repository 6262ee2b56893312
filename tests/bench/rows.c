/* The facts that every bench writes. */
#include "tests/bench/rows.h"

#include <stdio.h>

enum { MS_PER_ROW = 86400000 / ROWS_PER_DAY };

const char *const row_kind_names[ROWS_KINDS] = {"order",         "item",  "call.made",
                                                "call.received", "visit", "deal.won"};
const int row_kind_numbers[ROWS_KINDS] = {1, 2, 3, 4, 5, 13};

static uint64_t mix(uint64_t number)
{
    uint64_t state = (number + 1) * UINT64_C(0x9E3779B97F4A7C15);
    return bench_random(&state);
}

void row_make(int64_t number, enum row_ids ids, struct row *ret_row)
{
    uint64_t random = mix((uint64_t)number);
    *ret_row = (struct row){
        .number = number,
        .at_ms = ROWS_START_MS + number * MS_PER_ROW,
        .partner = (int)(random % ROWS_PARTNERS),
        .kind = (int)(random >> 20 & 7) % ROWS_KINDS,
        .quantity = 1 + (int64_t)(random >> 24 & 15),
        .amount_minor = 100 + (int64_t)(random >> 30 & 0xFFFFF),
    };
    if (ids == ROW_IDS_ORDERED)
        snprintf(ret_row->external_id, sizeof(ret_row->external_id), "2020-%016lld",
                 (long long)number);
    else
        snprintf(ret_row->external_id, sizeof(ret_row->external_id), "%016llx%08llx",
                 (unsigned long long)mix(random), (unsigned long long)number);
    snprintf(ret_row->ref, sizeof(ret_row->ref), "SO-%09lld", (long long)number / 3);
}
