/* All SQL of the exchange rates. */
#include "src/metric/rate_store.h"

#include "lib/db/db.h"
#include "src/metric/metric.h"

enum { FIND, PUT, DELETE, LIST, COUNT_OF, HISTORY, LATEST };

static const struct query queries[] = {
    [FIND] = {"rate find",
              "SELECT nano FROM exchange_rate WHERE reporting = $1 AND currency = $2 AND day = $3",
              NULL},
    [PUT] = {"rate put",
             "INSERT INTO exchange_rate (reporting, currency, day, nano) VALUES ($1, $2, $3, $4)"
             " ON CONFLICT (reporting, currency, day) DO UPDATE SET nano = excluded.nano",
             NULL},
    [DELETE] = {"rate delete",
                "DELETE FROM exchange_rate WHERE reporting = $1 AND currency = $2 AND day = $3",
                NULL},
    [LIST] = {"rate list",
              "SELECT day, currency, nano FROM exchange_rate WHERE reporting = $1"
              " AND (CAST($2 AS TEXT) = '' OR currency = $2) AND day >= $3 AND day < $4"
              " AND (day < $5 OR (day = $5 AND currency > $6))"
              " ORDER BY day DESC, currency LIMIT $7",
              NULL},
    [COUNT_OF] = {"rate count",
                  "SELECT COUNT(*) AS n FROM exchange_rate WHERE reporting = $1 AND currency = $2"
                  " AND day < $3",
                  NULL},
    [HISTORY] = {"rate history",
                 "SELECT day, nano FROM exchange_rate WHERE reporting = $1 AND currency = $2"
                 " AND day < $3 ORDER BY day LIMIT $4",
                 NULL},
    [LATEST] = {"rate latest",
                "SELECT nano FROM exchange_rate WHERE reporting = $1 AND currency = $2"
                " AND day <= $3 ORDER BY day DESC LIMIT 1",
                NULL},
};
const struct query_table rate_queries = {"rate", queries, ARRAY_LEN(queries)};

static struct db_value currency_value(const struct currency *currency)
{
    return db_text(currency_str(currency));
}

enum err rate_store_find(struct ctx *ctx, struct currency reporting, const struct rate *rate,
                         int64_t *ret_nano)
{
    struct db_rows *rows = db_select(
        ctx->conn, &queries[FIND],
        DB_ARGS(currency_value(&reporting), currency_value(&rate->currency), db_int(rate->day.v)));
    int64_t nano = db_rows_next(rows) ? db_rows_int(rows, "nano") : 0;
    TRY(db_rows_close(rows));
    *ret_nano = nano;
    return OK;
}

enum err rate_store_put(struct ctx *ctx, struct currency reporting, const struct rate *rate)
{
    if (!rate->nano)
        return db_run(ctx->conn, &queries[DELETE],
                      DB_ARGS(currency_value(&reporting), currency_value(&rate->currency),
                              db_int(rate->day.v)),
                      NULL);
    return db_run(ctx->conn, &queries[PUT],
                  DB_ARGS(currency_value(&reporting), currency_value(&rate->currency),
                          db_int(rate->day.v), db_int(rate->nano)),
                  NULL);
}

enum err rate_store_list(struct ctx *ctx, struct currency reporting,
                         const struct rate_filter *filter, const struct rate_place *after,
                         struct rate_page *page)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[LIST],
                  DB_ARGS(currency_value(&reporting), currency_value(&filter->currency),
                          db_int(filter->from.v), db_int(filter->to.v), db_int(after->day.v),
                          db_text(after->currency), db_int(page->limit)));
    while (db_rows_next(rows)) {
        struct rate *rate = &page->rows[page->count];
        rate->day.v = (int32_t)db_rows_int(rows, "day");
        rate->nano = db_rows_int(rows, "nano");
        if (currency_parse(db_rows_text(rows, "currency"), &rate->currency))
            page->count++;
    }
    return db_rows_close(rows);
}

static enum err count_of(struct ctx *ctx, struct currency reporting, struct currency currency,
                         struct day to, int64_t *ret_count)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[COUNT_OF],
                  DB_ARGS(currency_value(&reporting), currency_value(&currency), db_int(to.v)));
    int64_t count = db_rows_next(rows) ? db_rows_int(rows, "n") : 0;
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

enum err rate_store_history(struct ctx *ctx, struct currency reporting, struct currency currency,
                            struct day to, struct rate_page *ret_rates)
{
    int64_t count;
    TRY(count_of(ctx, reporting, currency, to, &count));
    struct rate_page found = {.rows = ARENA_ARRAY(ctx->arena, struct rate, (size_t)count + 1)};
    struct db_rows *rows = db_select(ctx->conn, &queries[HISTORY],
                                     DB_ARGS(currency_value(&reporting), currency_value(&currency),
                                             db_int(to.v), db_int(count)));
    while (db_rows_next(rows))
        found.rows[found.count++] =
            (struct rate){{(int32_t)db_rows_int(rows, "day")}, currency, db_rows_int(rows, "nano")};
    TRY(db_rows_close(rows));
    *ret_rates = found;
    return OK;
}

enum err rate_store_latest(struct ctx *ctx, struct currency reporting, struct currency currency,
                           struct day day, int64_t *ret_nano)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[LATEST],
                  DB_ARGS(currency_value(&reporting), currency_value(&currency), db_int(day.v)));
    int64_t nano = db_rows_next(rows) ? db_rows_int(rows, "nano") : 0;
    TRY(db_rows_close(rows));
    *ret_nano = nano;
    return OK;
}
