/* All SQL of the rollups and the display. */
#include "src/ledger/rollup_store.h"

#include "lib/db/db.h"

enum {
    ADD_PARTNER,
    ADD_PRODUCT,
    ADD_CHANNEL,
    ADD_KIND,
    CLEAN_PARTNER,
    CLEAN_PRODUCT,
    CLEAN_CHANNEL,
    GET_PARTNER,
    GET_PRODUCT,
    GET_CHANNEL,
    READ_ALL,
    READ_ONE,
    READ_PRODUCTS,
    READ_PRODUCTS_ONE,
    READ_CHANNEL,
    DAYS,
    EXTENT,
    KINDS,
    SPAN_PARTNER_FIRST,
    SPAN_PARTNER_LAST,
    SPAN_ALL_FIRST,
    SPAN_ALL_LAST,
    DISPLAY_INSERT,
    DISPLAY_DELETE,
    DISPLAY_MERGE,
    DISPLAY_READ,
    DISPLAY_DIFFERENCES,
    DISPLAY_CLEAR,
    DISPLAY_FILL
};

#define SUMS "facts, quantity_milli, amount, cost, costed, time_ms"
#define ADD_SUMS(table)                                                     \
    " facts = " table ".facts + excluded.facts,"                            \
    " quantity_milli = " table ".quantity_milli + excluded.quantity_milli," \
    " amount = " table ".amount + excluded.amount,"                         \
    " cost = " table ".cost + excluded.cost,"                               \
    " costed = " table ".costed + excluded.costed,"                         \
    " time_ms = " table ".time_ms + excluded.time_ms"
#define ALL_ZERO                                                                       \
    " AND facts = 0 AND quantity_milli = 0 AND amount = 0 AND cost = 0 AND costed = 0" \
    " AND time_ms = 0"
#define NOT_ZERO                                                                         \
    " AND (facts <> 0 OR quantity_milli <> 0 OR amount <> 0 OR cost <> 0 OR costed <> 0" \
    " OR time_ms <> 0)"
/* $1 and $2: days. */
#define DAYS_BETWEEN                                                    \
    "WITH RECURSIVE days (day) AS (SELECT CAST($1 AS BIGINT) UNION ALL" \
    " SELECT day + 1 FROM days WHERE day + 1 < CAST($2 AS BIGINT)) "
/* The same days for PostgreSQL, which takes an index to each of them for sure. */
#define DAY_IS_BETWEEN \
    " = ANY (ARRAY(SELECT generate_series(CAST($1 AS BIGINT), CAST($2 AS BIGINT) - 1)))"
/* $3: kinds as bits. */
#define OF_KINDS                      \
    " AND (CAST($3 AS BIGINT) = 0 OR" \
    " (CAST($3 AS BIGINT) & (CAST(1 AS BIGINT) << CAST(kind AS INTEGER))) <> 0)"
/* $4: a calendar that is left out, 0 for none; $5: what the actor may see. */
#define OF_CALENDAR " AND (CAST($4 AS BIGINT) = 0 OR calendar <> $4)"
#define VISIBLE " AND (CAST($5 AS BIGINT) = 0 OR partner_id = $5)"
/* Facts that are reversed and their reversals do not count. */
#define STILL_COUNTS                         \
    " AND f.reverses IS NULL AND NOT EXISTS" \
    " (SELECT 1 FROM fact_reversal r WHERE r.fact_id = f.id)"
#define MEMBERS                                  \
    "(SELECT CAST($6 AS BIGINT) AS id UNION ALL" \
    " SELECT p.member_id FROM fact_partner p WHERE p.partner_id = $6)"
#define SPAN_FILTER(order)                                                                        \
    " AND f.at_ms >= $3 AND f.at_ms < $4 AND f.kind = $5" STILL_COUNTS " ORDER BY f.at_ms " order \
    " LIMIT 1"
#define SPAN_OF_PARTNER(order)                                                         \
    DAYS_BETWEEN "SELECT f.at_ms FROM days CROSS JOIN " MEMBERS " m CROSS JOIN fact f" \
                 " WHERE f.day = days.day AND f.partner_id = m.id" SPAN_FILTER(order)
#define SPAN_OF_PARTNER_POSTGRES(order)                     \
    "SELECT f.at_ms FROM fact f WHERE f.day" DAY_IS_BETWEEN \
    " AND f.partner_id = ANY (ARRAY" MEMBERS ")" SPAN_FILTER(order)
#define SPAN_OF_ALL(order)                                                                        \
    "SELECT f.at_ms FROM fact f WHERE f.day >= $1 AND f.day < $2"                                 \
    " AND f.at_ms >= $3 AND f.at_ms < $4 AND f.kind = $5" STILL_COUNTS " ORDER BY f.at_ms " order \
    " LIMIT 1"
/* The switches that the ledger holds: of the surviving partner, not reversed. */
#define SWITCHES                                                                        \
    "SELECT COALESCE(p.partner_id, f.partner_id) AS partner_id, f.product_id, f.at_ms," \
    " f.id AS fact_id, CASE WHEN f.kind = 6 THEN 1 ELSE 0 END AS is_on"                 \
    " FROM fact f LEFT JOIN fact_partner p ON p.member_id = f.partner_id"               \
    " WHERE f.kind IN (6, 7)" STILL_COUNTS

#define INSERT_PARTNER \
    "INSERT INTO rollup_partner (day, partner_id, kind, currency, calendar, " SUMS ")"
#define ON_PARTNER                                                                     \
    " ON CONFLICT (day, partner_id, kind, currency, calendar) DO UPDATE SET" ADD_SUMS( \
        "rollup_partner")
#define INSERT_PRODUCT \
    "INSERT INTO rollup_product (day, partner_id, kind, currency, calendar, " SUMS ", product_id)"
#define ON_PRODUCT                                                                                 \
    " ON CONFLICT (day, product_id, partner_id, kind, currency, calendar) DO UPDATE SET" ADD_SUMS( \
        "rollup_product")
#define INSERT_CHANNEL "INSERT INTO rollup_channel (day, kind, currency, " SUMS ")"
#define ON_CHANNEL " ON CONFLICT (day, kind, currency) DO UPDATE SET" ADD_SUMS("rollup_channel")

#define READ_ONE_COLUMNS "SELECT r.day, partner_id, kind, currency, calendar, " SUMS
#define READ_ONE_FILTER                                          \
    " AND partner_id = $6" OF_KINDS OF_CALENDAR VISIBLE NOT_ZERO \
    " ORDER BY r.day, kind, currency, calendar"
#define READ_PRODUCT_COLUMNS "SELECT r.day, product_id, partner_id, kind, currency, calendar, " SUMS
#define READ_PRODUCT_FILTER                                      \
    " AND product_id = $7" OF_KINDS OF_CALENDAR VISIBLE NOT_ZERO \
    " AND (CAST($6 AS BIGINT) = 0 OR partner_id = $6)"           \
    " ORDER BY r.day, partner_id, kind, currency, calendar"

static const struct query queries[] =
    {
        /* clang-format off */
    [ADD_PARTNER] = {"rollup add of partner",
                     INSERT_PARTNER " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
                     ON_PARTNER,
                     INSERT_PARTNER " SELECT * FROM unnest("
                     DB_INTS(1) ", " DB_INTS(2) ", " DB_INTS(3) ", " DB_TEXTS(4) ", "
                     DB_INTS(5) ", " DB_INTS(6) ", " DB_INTS(7) ", " DB_INTS(8) ", "
                     DB_INTS(9) ", " DB_INTS(10) ", " DB_INTS(11) ")" ON_PARTNER},
    [ADD_PRODUCT] = {"rollup add of product",
                     INSERT_PRODUCT " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
                     ON_PRODUCT,
                     INSERT_PRODUCT " SELECT * FROM unnest("
                     DB_INTS(1) ", " DB_INTS(2) ", " DB_INTS(3) ", " DB_TEXTS(4) ", "
                     DB_INTS(5) ", " DB_INTS(6) ", " DB_INTS(7) ", " DB_INTS(8) ", "
                     DB_INTS(9) ", " DB_INTS(10) ", " DB_INTS(11) ", " DB_INTS(12) ")"
                     ON_PRODUCT},
    [ADD_CHANNEL] = {"rollup add of channel",
                     INSERT_CHANNEL " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)" ON_CHANNEL,
                     INSERT_CHANNEL " SELECT * FROM unnest("
                     DB_INTS(1) ", " DB_INTS(2) ", " DB_TEXTS(3) ", " DB_INTS(4) ", "
                     DB_INTS(5) ", " DB_INTS(6) ", " DB_INTS(7) ", " DB_INTS(8) ", "
                     DB_INTS(9) ")" ON_CHANNEL},
        /* clang-format on */
        [ADD_KIND] = {"rollup add of kind",
                      "INSERT INTO rollup_kind (kind, facts) VALUES ($1, $2) ON CONFLICT (kind)"
                      " DO UPDATE SET facts = rollup_kind.facts + excluded.facts",
                      NULL},
        [CLEAN_PARTNER] = {"rollup clean of partner",
                           "DELETE FROM rollup_partner WHERE day = $1 AND partner_id = $2"
                           " AND kind = $3 AND currency = $4 AND calendar = $5" ALL_ZERO,
                           NULL},
        [CLEAN_PRODUCT] = {"rollup clean of product",
                           "DELETE FROM rollup_product WHERE day = $1 AND partner_id = $2"
                           " AND kind = $3 AND currency = $4 AND calendar = $5"
                           " AND product_id = $6" ALL_ZERO,
                           NULL},
        [CLEAN_CHANNEL] = {"rollup clean of channel",
                           "DELETE FROM rollup_channel WHERE day = $1 AND kind = $2"
                           " AND currency = $3" ALL_ZERO,
                           NULL},
        [GET_PARTNER] = {"rollup get of partner",
                         "SELECT " SUMS " FROM rollup_partner WHERE day = $1 AND partner_id = $2"
                         " AND kind = $3 AND currency = $4 AND calendar = $5",
                         NULL},
        [GET_PRODUCT] = {"rollup get of product",
                         "SELECT " SUMS " FROM rollup_product WHERE day = $1 AND partner_id = $2"
                         " AND kind = $3 AND currency = $4 AND calendar = $5 AND product_id = $6",
                         NULL},
        [GET_CHANNEL] = {"rollup get of channel",
                         "SELECT " SUMS " FROM rollup_channel WHERE day = $1 AND kind = $2"
                         " AND currency = $3",
                         NULL},
        [READ_ALL] = {"rollup read",
                      "SELECT day, partner_id, kind, currency, calendar, " SUMS
                      " FROM rollup_partner"
                      " WHERE day >= $1 AND day < $2" OF_KINDS OF_CALENDAR VISIBLE NOT_ZERO
                      " ORDER BY day, partner_id, kind, currency, calendar",
                      NULL},
        [READ_ONE] = {"rollup read of partner",
                      DAYS_BETWEEN READ_ONE_COLUMNS " FROM days CROSS JOIN rollup_partner r"
                                                    " WHERE r.day = days.day" READ_ONE_FILTER,
                      READ_ONE_COLUMNS
                      " FROM rollup_partner r WHERE r.day" DAY_IS_BETWEEN READ_ONE_FILTER},
        [READ_PRODUCTS] = {"rollup read of products",
                           "SELECT day, product_id, partner_id, kind, currency, calendar, " SUMS
                           " FROM rollup_product WHERE day >= $1 AND day < $2" OF_KINDS OF_CALENDAR
                               VISIBLE NOT_ZERO " AND (CAST($6 AS BIGINT) = 0 OR partner_id = $6)"
                           " ORDER BY day, product_id, partner_id, kind, currency, calendar",
                           NULL},
        [READ_PRODUCTS_ONE] =
            {"rollup read of product",
             DAYS_BETWEEN READ_PRODUCT_COLUMNS " FROM days CROSS JOIN rollup_product r"
                                               " WHERE r.day = days.day" READ_PRODUCT_FILTER,
             READ_PRODUCT_COLUMNS
             " FROM rollup_product r WHERE r.day" DAY_IS_BETWEEN READ_PRODUCT_FILTER},
        [READ_CHANNEL] = {"rollup read of channel",
                          "SELECT day, kind, currency, " SUMS " FROM rollup_channel"
                          " WHERE day >= $1 AND day < $2" OF_KINDS NOT_ZERO
                          " ORDER BY day, kind, currency",
                          NULL},
        [DAYS] = {"rollup days",
                  "SELECT (SELECT MIN(day) FROM rollup_partner) AS first_day,"
                  " (SELECT MAX(day) FROM rollup_partner) AS last_day",
                  NULL},
        [EXTENT] = {"rollup extent",
                    "SELECT MIN(d.first_day) AS first_day, MAX(d.last_day) AS last_day FROM ("
                    "SELECT (SELECT MIN(day) FROM rollup_partner) AS first_day,"
                    " (SELECT MAX(day) FROM rollup_partner) AS last_day UNION ALL"
                    " SELECT (SELECT MIN(day) FROM rollup_product),"
                    " (SELECT MAX(day) FROM rollup_product) UNION ALL"
                    " SELECT (SELECT MIN(day) FROM rollup_channel),"
                    " (SELECT MAX(day) FROM rollup_channel)) d",
                    NULL},
        [KINDS] = {"rollup kinds", "SELECT kind, facts FROM rollup_kind ORDER BY kind LIMIT 1000",
                   NULL},
        [SPAN_PARTNER_FIRST] = {"fact first of partner", SPAN_OF_PARTNER("ASC"),
                                SPAN_OF_PARTNER_POSTGRES("ASC")},
        [SPAN_PARTNER_LAST] = {"fact last of partner", SPAN_OF_PARTNER("DESC"),
                               SPAN_OF_PARTNER_POSTGRES("DESC")},
        [SPAN_ALL_FIRST] = {"fact first", SPAN_OF_ALL("ASC"), NULL},
        [SPAN_ALL_LAST] = {"fact last", SPAN_OF_ALL("DESC"), NULL},
        [DISPLAY_INSERT] =
            {"display insert",
             "INSERT INTO display_event (partner_id, product_id, at_ms, fact_id, is_on)"
             " VALUES ($1, $2, $3, $4, $5)",
             NULL},
        [DISPLAY_DELETE] = {"display delete",
                            "DELETE FROM display_event WHERE partner_id = $1 AND product_id = $2"
                            " AND at_ms = $3 AND fact_id = $4",
                            NULL},
        [DISPLAY_MERGE] = {"display merge",
                           "UPDATE display_event SET partner_id = $2 WHERE partner_id = $1", NULL},
        [DISPLAY_READ] = {"display read",
                          "SELECT e.partner_id, e.product_id, e.at_ms FROM display_event e"
                          " WHERE e.is_on = 1 AND e.at_ms <= $1"
                          " AND (CAST($2 AS BIGINT) = 0 OR e.partner_id = $2)"
                          " AND (CAST($3 AS BIGINT) = 0 OR e.partner_id = $3)"
                          " AND NOT EXISTS (SELECT 1 FROM display_event n"
                          " WHERE n.partner_id = e.partner_id AND n.product_id = e.product_id"
                          " AND n.at_ms <= $1 AND (n.at_ms > e.at_ms"
                          " OR (n.at_ms = e.at_ms AND n.fact_id > e.fact_id)))"
                          " ORDER BY e.partner_id, e.product_id",
                          NULL},
        [DISPLAY_DIFFERENCES] = {"display differences",
                                 "SELECT (SELECT COUNT(*) FROM (" SWITCHES " EXCEPT"
                                 " SELECT partner_id, product_id, at_ms, fact_id, is_on"
                                 " FROM display_event) missing) +"
                                 " (SELECT COUNT(*) FROM (SELECT partner_id, product_id, at_ms,"
                                 " fact_id, is_on FROM display_event EXCEPT " SWITCHES
                                 ") extra) AS n",
                                 NULL},
        [DISPLAY_CLEAR] = {"display clear", "DELETE FROM display_event", NULL},
        [DISPLAY_FILL] =
            {"display fill",
             "INSERT INTO display_event (partner_id, product_id, at_ms, fact_id, is_on) " SWITCHES,
             NULL},
};
const struct query_table rollup_queries = {"rollup", queries, ARRAY_LEN(queries)};

/* ---- writing ---- */

struct table_queries {
    int add, clean, get;
};
static const struct table_queries of_table[] = {
    [SUM_PARTNER] = {ADD_PARTNER, CLEAN_PARTNER, GET_PARTNER},
    [SUM_PRODUCT] = {ADD_PRODUCT, CLEAN_PRODUCT, GET_PRODUCT},
    [SUM_CHANNEL] = {ADD_CHANNEL, CLEAN_CHANNEL, GET_CHANNEL},
};

enum { ARGUMENTS_MAX = 12 };

/* The columns of the key in the order of the statements, the product last. */
static size_t put_key(const struct sum_key *key, struct db_value *values)
{
    size_t count = 0;
    values[count++] = db_int(key->day);
    if (key->table != SUM_CHANNEL)
        values[count++] = db_int(key->partner);
    values[count++] = db_int(key->kind);
    values[count++] = db_text(str_from_c(key->currency));
    if (key->table != SUM_CHANNEL)
        values[count++] = db_int(key->calendar);
    return count;
}

static size_t put_product(const struct sum_key *key, struct db_value *values, size_t count)
{
    if (key->table == SUM_PRODUCT)
        values[count++] = db_int(key->product);
    return count;
}

static enum err add_row(struct db_conn *conn, const struct sum *sum)
{
    struct db_value values[ARGUMENTS_MAX];
    const struct rollup_totals *totals = &sum->totals;
    size_t count = put_key(&sum->key, values);
    values[count++] = db_int(totals->facts);
    values[count++] = db_int(totals->quantity_milli);
    values[count++] = db_int(totals->amount);
    values[count++] = db_int(totals->cost);
    values[count++] = db_int(totals->costed);
    values[count++] = db_int(totals->time_ms);
    count = put_product(&sum->key, values, count);
    struct db_args args = {values, count};
    return db_run(conn, &queries[of_table[sum->key.table].add], args, NULL);
}

static enum err clean_row(struct db_conn *conn, const struct sum_key *key)
{
    struct db_value values[ARGUMENTS_MAX];
    size_t count = put_product(key, values, put_key(key, values));
    struct db_args args = {values, count};
    return db_run(conn, &queries[of_table[key->table].clean], args, NULL);
}

enum err rollup_store_add(struct db_conn *conn, const struct sum *sum)
{
    if (rollup_totals_are_zero(&sum->totals))
        return OK;
    if (sum->key.table == SUM_KIND)
        return db_run(conn, &queries[ADD_KIND],
                      DB_ARGS(db_int(sum->key.kind), db_int(sum->totals.facts)), NULL);
    TRY(add_row(conn, sum));
    return sum->totals.facts > 0 ? OK : clean_row(conn, &sum->key);
}

static struct rollup_totals read_totals(struct db_rows *rows)
{
    return (struct rollup_totals){
        .facts = db_rows_int(rows, "facts"),
        .quantity_milli = db_rows_int(rows, "quantity_milli"),
        .amount = db_rows_int(rows, "amount"),
        .cost = db_rows_int(rows, "cost"),
        .costed = db_rows_int(rows, "costed"),
        .time_ms = db_rows_int(rows, "time_ms"),
    };
}

enum err rollup_store_get(struct ctx *ctx, const struct sum_key *key,
                          struct rollup_totals *ret_totals)
{
    struct db_value values[ARGUMENTS_MAX];
    size_t count = put_product(key, values, put_key(key, values));
    struct rollup_totals totals = {0};
    struct db_rows *rows =
        db_select(ctx->conn, &queries[of_table[key->table].get], (struct db_args){values, count});
    if (db_rows_next(rows))
        totals = read_totals(rows);
    TRY(db_rows_close(rows));
    *ret_totals = totals;
    return OK;
}

/* ---- reading ---- */

static void read_sum(struct db_rows *rows, enum sum_table table, struct sum *ret_sum)
{
    struct str currency = db_rows_text(rows, "currency");
    *ret_sum = (struct sum){.key = {.day = (int32_t)db_rows_int(rows, "day"),
                                    .table = (uint8_t)table,
                                    .kind = (uint8_t)db_rows_int(rows, "kind")},
                            .totals = read_totals(rows)};
    if (currency.len && currency.len < sizeof(ret_sum->key.currency))
        memcpy(ret_sum->key.currency, currency.ptr, currency.len);
    if (table == SUM_CHANNEL)
        return;
    ret_sum->key.partner = db_rows_int(rows, "partner_id");
    ret_sum->key.calendar = (uint8_t)db_rows_int(rows, "calendar");
    if (table == SUM_PRODUCT)
        ret_sum->key.product = db_rows_int(rows, "product_id");
}

/* The statement, and how many of the seven arguments it takes. */
static int choose(enum sum_table table, const struct rollup_range *range, size_t *ret_arguments)
{
    switch (table) {
    case SUM_CHANNEL:
    case SUM_KIND:
        *ret_arguments = 3;
        return READ_CHANNEL;
    case SUM_PRODUCT:
        *ret_arguments = range->product.v ? 7 : 6;
        return range->product.v ? READ_PRODUCTS_ONE : READ_PRODUCTS;
    case SUM_PARTNER:
        break;
    }
    *ret_arguments = range->partner.v ? 6 : 5;
    return range->partner.v ? READ_ONE : READ_ALL;
}

enum err rollup_store_read(struct ctx *ctx, enum sum_table table, const struct rollup_range *range,
                           rollup_store_visit *visit, void *self)
{
    struct db_value values[] = {db_int(range->from_day),        db_int(range->to_day),
                                db_int(range->kinds),           db_int(range->leave_out),
                                db_int(ctx_partner_scope(ctx)), db_int(range->partner.v),
                                db_int(range->product.v)};
    struct db_args args = {values, 0};
    int query = choose(table, range, &args.count);
    if (range->from_day >= range->to_day)
        return OK;
    struct db_rows *rows = db_select(ctx->conn, &queries[query], args);
    while (db_rows_next(rows)) {
        struct sum sum;
        read_sum(rows, table, &sum);
        visit(self, &sum);
    }
    return db_rows_close(rows);
}

static enum err read_days(struct ctx *ctx, int query, struct rollup_days_found *ret_days)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[query], DB_NO_ARGS);
    struct rollup_days_found days = {0};
    days.any = db_rows_next(rows) && !db_rows_is_null(rows, "first_day");
    if (days.any) {
        days.first = db_rows_int(rows, "first_day");
        days.last = db_rows_int(rows, "last_day");
    }
    TRY(db_rows_close(rows));
    *ret_days = days;
    return OK;
}

enum err rollup_store_days(struct ctx *ctx, struct rollup_days_found *ret_days)
{
    return read_days(ctx, DAYS, ret_days);
}

enum err rollup_store_extent(struct ctx *ctx, struct rollup_days_found *ret_days)
{
    return read_days(ctx, EXTENT, ret_days);
}

enum err rollup_store_kinds(struct ctx *ctx, int64_t *ret_facts)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[KINDS], DB_NO_ARGS);
    while (db_rows_next(rows)) {
        int64_t kind = db_rows_int(rows, "kind");
        if (kind > 0 && kind < FACT_KIND_COUNT)
            ret_facts[kind] = db_rows_int(rows, "facts");
    }
    return db_rows_close(rows);
}

enum err rollup_store_span(struct ctx *ctx, const struct span_query *query, int64_t *ret_at_ms)
{
    struct db_value values[] = {db_int(query->from_day), db_int(query->to_day),
                                db_int(query->from_ms),  db_int(query->to_ms),
                                db_int(query->kind),     db_int(query->partner.v)};
    bool one = query->partner.v != 0;
    int first = one ? SPAN_PARTNER_FIRST : SPAN_ALL_FIRST;
    int last = one ? SPAN_PARTNER_LAST : SPAN_ALL_LAST;
    struct db_args args = {values, one ? 6 : 5};
    struct db_rows *rows = db_select(ctx->conn, &queries[query->last ? last : first], args);
    int64_t at_ms = db_rows_next(rows) ? db_rows_int(rows, "at_ms") : 0;
    TRY(db_rows_close(rows));
    *ret_at_ms = at_ms;
    return OK;
}

/* ---- the display ---- */

enum err display_store_add(struct ctx *ctx, const struct fact_draft *draft,
                           struct partner_id partner, struct fact_id id)
{
    return db_run(ctx->conn, &queries[DISPLAY_INSERT],
                  DB_ARGS(db_int(partner.v), db_int(draft->product.v), db_int(draft->at_ms),
                          db_int(id.v), db_int(draft->kind == FACT_DISPLAY_ON)),
                  NULL);
}

enum err display_store_remove(struct ctx *ctx, const struct fact *fact, struct partner_id partner)
{
    return db_run(ctx->conn, &queries[DISPLAY_DELETE],
                  DB_ARGS(db_int(partner.v), db_int(fact->product.v), db_int(fact->at_ms),
                          db_int(fact->id.v)),
                  NULL);
}

enum err display_store_merge(struct ctx *ctx, struct partner_id from, struct partner_id into)
{
    return db_run(ctx->conn, &queries[DISPLAY_MERGE], DB_ARGS(db_int(from.v), db_int(into.v)),
                  NULL);
}

enum err display_store_read(struct ctx *ctx, struct partner_id partner, int64_t as_of_ms,
                            display_visit *visit, void *self)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[DISPLAY_READ],
                  DB_ARGS(db_int(as_of_ms), db_int(partner.v), db_int(ctx_partner_scope(ctx))));
    while (db_rows_next(rows)) {
        struct display_row row = {.partner = {db_rows_int(rows, "partner_id")},
                                  .product = {db_rows_int(rows, "product_id")},
                                  .since_ms = db_rows_int(rows, "at_ms")};
        visit(self, &row);
    }
    return db_rows_close(rows);
}

enum err display_store_differences(struct ctx *ctx, int64_t *ret_count)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[DISPLAY_DIFFERENCES], DB_NO_ARGS);
    int64_t count = db_rows_next(rows) ? db_rows_int(rows, "n") : 0;
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

enum err display_store_rebuild(struct ctx *ctx)
{
    TRY(db_run(ctx->conn, &queries[DISPLAY_CLEAR], DB_NO_ARGS, NULL));
    return db_run(ctx->conn, &queries[DISPLAY_FILL], DB_NO_ARGS, NULL);
}
