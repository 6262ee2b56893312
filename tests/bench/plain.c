/* The baseline: the same rows through the plain SQLite API. */
#include "tests/bench/plain.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { BEGIN, COMMIT, INSERT, ADD_PARTNER, ADD_CHANNEL, STATEMENTS };

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
    "PRAGMA wal_autocheckpoint = 16384; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;"
    "CREATE TABLE fact (id INTEGER PRIMARY KEY, day BIGINT NOT NULL, partner_id BIGINT NOT NULL,"
    " at_ms BIGINT NOT NULL, kind BIGINT NOT NULL, quantity_milli BIGINT NOT NULL, amount BIGINT,"
    " currency TEXT NOT NULL, cost BIGINT, product_id BIGINT, contact_id BIGINT,"
    " source_id BIGINT NOT NULL, external_id TEXT NOT NULL, ref TEXT NOT NULL,"
    " note TEXT NOT NULL, reverses BIGINT, import_id BIGINT);"
    "CREATE UNIQUE INDEX fact_external ON fact (source_id, external_id);"
    "CREATE INDEX fact_day ON fact (day, partner_id, at_ms, kind);"
    "CREATE TABLE rollup_partner (day BIGINT NOT NULL, partner_id BIGINT NOT NULL,"
    " kind BIGINT NOT NULL, currency TEXT NOT NULL, facts BIGINT NOT NULL,"
    " quantity_milli BIGINT NOT NULL, amount BIGINT NOT NULL, time_ms BIGINT NOT NULL,"
    " PRIMARY KEY (day, partner_id, kind, currency)) WITHOUT ROWID;"
    "CREATE TABLE rollup_channel (day BIGINT NOT NULL, kind BIGINT NOT NULL,"
    " currency TEXT NOT NULL, facts BIGINT NOT NULL, quantity_milli BIGINT NOT NULL,"
    " amount BIGINT NOT NULL, time_ms BIGINT NOT NULL,"
    " PRIMARY KEY (day, kind, currency)) WITHOUT ROWID;";

#define ADD_SUMS                                                  \
    " DO UPDATE SET facts = facts + excluded.facts,"              \
    " quantity_milli = quantity_milli + excluded.quantity_milli," \
    " amount = amount + excluded.amount, time_ms = time_ms + excluded.time_ms"

static const char *const texts[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [INSERT] = "INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, 'EUR', NULL, NULL, NULL, 1, ?, ?, '',"
               " NULL, NULL)",
    [ADD_PARTNER] = "INSERT INTO rollup_partner VALUES (?, ?, ?, 'EUR', 1, ?, ?, ?)"
                    " ON CONFLICT (day, partner_id, kind, currency)" ADD_SUMS,
    [ADD_CHANNEL] = "INSERT INTO rollup_channel VALUES (?, ?, 'EUR', ?, ?, ?, ?)"
                    " ON CONFLICT (day, kind, currency)" ADD_SUMS,
};

/* What a commit adds to the channel, for each kind; of one day. */
struct channel_sums {
    int64_t day;
    int64_t facts[ROWS_KINDS], quantity[ROWS_KINDS], amount[ROWS_KINDS], time_ms[ROWS_KINDS];
};

struct plain {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    struct channel_sums sums;
};

static void check(const struct plain *plain, bool is_right)
{
    if (!is_right)
        bench_fail("plain SQLite: %s", sqlite3_errmsg(plain->db));
}

struct plain *plain_open(const char *path)
{
    struct plain *plain = calloc(1, sizeof(*plain));
    if (!plain)
        abort();
    check(plain, sqlite3_open(path, &plain->db) == SQLITE_OK);
    check(plain, sqlite3_exec(plain->db, schema, NULL, NULL, NULL) == SQLITE_OK);
    for (int i = 0; i < STATEMENTS; i++)
        check(plain, sqlite3_prepare_v2(plain->db, texts[i], -1, &plain->statements[i], NULL) ==
                         SQLITE_OK);
    return plain;
}

void plain_close(struct plain *plain)
{
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(plain->statements[i]);
    sqlite3_close(plain->db);
    free(plain);
}

static void run(struct plain *plain, int which, const int64_t *values, int count)
{
    sqlite3_stmt *stmt = plain->statements[which];
    for (int i = 0; i < count; i++)
        sqlite3_bind_int64(stmt, i + 1, values[i]);
    check(plain, sqlite3_step(stmt) == SQLITE_DONE);
    sqlite3_reset(stmt);
}

static void write_channel(struct plain *plain)
{
    struct channel_sums *sums = &plain->sums;
    for (int i = 0; i < ROWS_KINDS; i++)
        if (sums->facts[i])
            run(plain, ADD_CHANNEL,
                (int64_t[]){sums->day, row_kind_numbers[i], sums->facts[i], sums->quantity[i],
                            sums->amount[i], sums->time_ms[i]},
                6);
    *sums = (struct channel_sums){0};
}

static void sum_channel(struct plain *plain, const struct row *row, int64_t day)
{
    struct channel_sums *sums = &plain->sums;
    if (sums->day != day)
        write_channel(plain);
    sums->day = day;
    sums->facts[row->kind]++;
    sums->quantity[row->kind] += row->quantity * 1000;
    sums->amount[row->kind] += row->amount_minor;
    sums->time_ms[row->kind] += row->at_ms % 86400000;
}

static void write_row(struct plain *plain, const struct row *row)
{
    sqlite3_stmt *insert = plain->statements[INSERT];
    int64_t day = row->at_ms / 86400000, kind = row_kind_numbers[row->kind];
    sqlite3_bind_text(insert, 8, row->external_id, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 9, row->ref, -1, SQLITE_STATIC);
    run(plain, INSERT,
        (int64_t[]){row->number + 1, day, row->partner, row->at_ms, kind, row->quantity * 1000,
                    row->amount_minor},
        7);
    run(plain, ADD_PARTNER,
        (int64_t[]){day, row->partner, kind, row->quantity * 1000, row->amount_minor,
                    row->at_ms % 86400000},
        6);
    sum_channel(plain, row, day);
}

double plain_write(struct plain *plain, int64_t from, int64_t to, enum row_ids ids,
                   int64_t per_commit)
{
    double began = bench_now_s();
    for (int64_t first = from; first < to; first += per_commit) {
        int64_t end = first + per_commit < to ? first + per_commit : to;
        run(plain, BEGIN, NULL, 0);
        for (int64_t number = first; number < end; number++) {
            struct row row;
            row_make(number, ids, &row);
            write_row(plain, &row);
        }
        write_channel(plain);
        run(plain, COMMIT, NULL, 0);
    }
    return bench_now_s() - began;
}
