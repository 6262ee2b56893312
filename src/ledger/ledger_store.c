/* All SQL of facts, their keys and the ledger's state. */
#include "src/ledger/ledger_store.h"

#include "lib/db/db.h"

enum {
    STATE_MARK,
    STATE_INSERT,
    STATE_SET_ZONE,
    SOURCE_GET,
    SOURCE_INSERT,
    KEYS_AFTER,
    RUN_GET,
    SLOT_GET,
    FACT_INSERT,
    FACT_GET,
    REVERSAL_INSERT,
    SURVIVOR,
    MERGE_MOVE,
    MERGE_INSERT,
    MEMBERS,
    LIST_ALL,
    LIST_PARTNER,
    LIST_OPEN_DEALS,
    LIST_IMPORT,
    LIST_AFTER,
    DAYS,
    COUNT_ALL,
    COUNT_PARTNER,
    KINDS
};

#define FACT_COLUMNS                                                                       \
    "f.id, f.partner_id, f.kind, f.at_ms, f.quantity_milli, f.amount, f.currency, f.cost," \
    " f.product_id, f.contact_id, f.external_id, f.ref, f.note, f.reverses, f.import_id,"  \
    " (SELECT s.name FROM fact_source s WHERE s.id = f.source_id) AS source,"              \
    " (SELECT p.name FROM partner p WHERE p.id = f.partner_id) AS partner_name,"           \
    " (SELECT d.name FROM product d WHERE d.id = f.product_id) AS product_name,"           \
    " (SELECT r.reversal_id FROM fact_reversal r WHERE r.fact_id = f.id) AS reversed_by"
#define COUNT_COLUMNS                                                                \
    "f.partner_id, f.kind, f.at_ms, f.quantity_milli, f.amount, f.currency, f.cost," \
    " f.product_id, f.reverses"
/* A partner and those that were merged into it. */
#define MEMBERS_OF(parameter)                               \
    "(SELECT CAST(" parameter " AS BIGINT) AS id UNION ALL" \
    " SELECT p.member_id FROM fact_partner p WHERE p.partner_id = " parameter ")"
/* The same days for PostgreSQL, which takes an index to each of them for sure. */
#define DAY_IS_BETWEEN \
    " = ANY (ARRAY(SELECT generate_series(CAST($1 AS BIGINT), CAST($2 AS BIGINT) - 1)))"
/* kinds, product, source, from, to, and what comes after a row: in every list. */
#define LIST_FILTER                                                                \
    " f.at_ms >= $3 AND f.at_ms < $4"                                              \
    " AND (f.at_ms < $5 OR (f.at_ms = $5 AND f.id < $6))"                          \
    " AND (CAST($7 AS BIGINT) = 0 OR"                                              \
    " (CAST($7 AS BIGINT) & (CAST(1 AS BIGINT) << CAST(f.kind AS INTEGER))) <> 0)" \
    " AND (CAST($8 AS BIGINT) IS NULL OR f.product_id = $8)"                       \
    " AND (CAST($9 AS BIGINT) IS NULL OR f.source_id = $9)"
/* Neither a reversal nor taken back. */
#define STANDS \
    "f.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM fact_reversal r WHERE r.fact_id = f.id)"
/* An outcome names its deal; without, the deal's own id. */
#define DEAL_OF(fact) "CASE " fact ".ref WHEN '' THEN " fact ".external_id ELSE " fact ".ref END"
#define DAYS_BETWEEN                                                    \
    "WITH RECURSIVE days (day) AS (SELECT CAST($1 AS BIGINT) UNION ALL" \
    " SELECT day + 1 FROM days WHERE day + 1 < CAST($2 AS BIGINT)) "

#define NEWEST_FIRST " ORDER BY f.at_ms DESC, f.id DESC LIMIT $10"
#define INSERT_FACT                                                                         \
    "INSERT INTO fact (id, day, partner_id, at_ms, kind, quantity_milli, amount, currency," \
    " cost, product_id, contact_id, source_id, external_id, ref, note, reverses, import_id)"

static const struct query queries[] =
    {
        [STATE_MARK] = {"ledger mark",
                        "SELECT s.time_zone, s.key_seed, (SELECT MAX(f.id) FROM fact f) AS last_id,"
                        " (SELECT MAX(r.run) FROM fact_key_run r) AS last_run"
                        " FROM ledger_state s WHERE s.id = 1",
                        NULL},
        [STATE_INSERT] = {"ledger make",
                          "INSERT INTO ledger_state (id, time_zone, key_seed) VALUES (1, $1, $2)",
                          NULL},
        [STATE_SET_ZONE] = {"ledger set zone",
                            "UPDATE ledger_state SET time_zone = $1 WHERE id = 1", NULL},
        [SOURCE_GET] = {"source get", "SELECT id FROM fact_source WHERE name = $1", NULL},
        [SOURCE_INSERT] =
            {"source insert",
             "INSERT INTO fact_source (id, name)"
             " SELECT COALESCE(MAX(s.id), 0) + 1, CAST($1 AS TEXT) FROM fact_source s",
             NULL},
        [KEYS_AFTER] = {"ledger keys after",
                        "SELECT id, source_id, external_id FROM fact WHERE id > $1 ORDER BY id",
                        NULL},
        [RUN_GET] = {"ledger run", "SELECT last_fact_id, filter FROM fact_key_run WHERE run = $1",
                     NULL},
        [SLOT_GET] = {"ledger slot", "SELECT entries FROM fact_key WHERE slot = $1", NULL},
        [FACT_INSERT] =
            {
                "fact insert",
                INSERT_FACT " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
                            " $14, $15, $16, $17)",
                /* clang-format off */
                     INSERT_FACT " SELECT * FROM unnest("
                     DB_INTS(1) ", " DB_INTS(2) ", " DB_INTS(3) ", " DB_INTS(4) ", "
                     DB_INTS(5) ", " DB_INTS(6) ", " DB_INTS(7) ", " DB_TEXTS(8) ", "
                     DB_INTS(9) ", " DB_INTS(10) ", " DB_INTS(11) ", " DB_INTS(12) ", "
                     DB_TEXTS(13) ", " DB_TEXTS(14) ", " DB_TEXTS(15) ", " DB_INTS(16) ", "
                     DB_INTS(17) ")"},
        /* clang-format on */
        [FACT_GET] = {"fact get",
                      "SELECT " FACT_COLUMNS " FROM fact f WHERE f.id = $1"
                      " AND (CAST($2 AS BIGINT) = 0 OR f.partner_id IN " MEMBERS_OF("$2") ")",
                      NULL},
        [REVERSAL_INSERT] = {"reversal insert",
                             "INSERT INTO fact_reversal (fact_id, reversal_id) VALUES ($1, $2)",
                             NULL},
        [SURVIVOR] = {"fact survivor", "SELECT partner_id FROM fact_partner WHERE member_id = $1",
                      NULL},
        [MERGE_MOVE] = {"fact merge move",
                        "UPDATE fact_partner SET partner_id = $2 WHERE partner_id = $1", NULL},
        [MERGE_INSERT] = {"fact merge insert",
                          "INSERT INTO fact_partner (member_id, partner_id) VALUES ($1, $2)"
                          " ON CONFLICT (member_id) DO UPDATE SET partner_id = excluded.partner_id",
                          NULL},
        [MEMBERS] = {"fact members", "SELECT m.id FROM " MEMBERS_OF("$1") " m ORDER BY m.id", NULL},
        [LIST_ALL] = {"fact list",
                      "SELECT " FACT_COLUMNS " FROM fact f WHERE f.id IN ("
                      "SELECT f.id FROM fact f WHERE f.day >= $1 AND f.day < $2 AND" LIST_FILTER
                      " ORDER BY f.at_ms DESC, f.id DESC LIMIT $10)"
                      " ORDER BY f.at_ms DESC, f.id DESC LIMIT $10",
                      NULL},
        /* Which rows, by the index alone; then all of these few. */
        [LIST_PARTNER] =
            {"fact list of partner",
             "SELECT " FACT_COLUMNS " FROM fact f WHERE f.id IN (" DAYS_BETWEEN
             "SELECT f.id FROM days CROSS JOIN " MEMBERS_OF(
                 "$11") " m CROSS JOIN fact f"
                        " WHERE f.day = days.day AND f.partner_id = m.id AND" LIST_FILTER
                            NEWEST_FIRST ")" NEWEST_FIRST,
             "SELECT " FACT_COLUMNS " FROM fact f WHERE f.id = ANY (ARRAY("
             "SELECT f.id FROM fact f WHERE f.day" DAY_IS_BETWEEN
             " AND f.partner_id = ANY (ARRAY" MEMBERS_OF("$11") ") AND" LIST_FILTER NEWEST_FIRST
                                                                "))" NEWEST_FIRST},
        /* clang-format off */
    [LIST_OPEN_DEALS] =
        {"fact list of open deals",
         "SELECT " FACT_COLUMNS " FROM fact f WHERE f.id IN (" DAYS_BETWEEN
         ", past (day) AS (SELECT MIN(day) FROM fact UNION ALL"
         " SELECT day + 1 FROM past WHERE day < (SELECT MAX(day) FROM fact)),"
         " ended (name) AS (SELECT " DEAL_OF("f") " FROM past CROSS JOIN " MEMBERS_OF("$11") " m"
         " CROSS JOIN fact f WHERE f.day = past.day AND f.partner_id = m.id"
         " AND f.kind IN ($12, $13) AND " STANDS ")"
         " SELECT f.id FROM days CROSS JOIN " MEMBERS_OF("$11") " m CROSS JOIN fact f"
         " WHERE f.day = days.day AND f.partner_id = m.id AND" LIST_FILTER " AND " STANDS
         " AND f.external_id NOT IN (SELECT name FROM ended)"
         " AND " DEAL_OF("f") " NOT IN (SELECT name FROM ended)"
         " ORDER BY f.at_ms DESC, f.id DESC LIMIT $10)"
         " ORDER BY f.at_ms DESC, f.id DESC LIMIT $10",
         NULL},
        /* clang-format on */
        [LIST_IMPORT] = {"fact list of import",
                         "SELECT " FACT_COLUMNS " FROM fact f WHERE f.import_id = $1 AND f.id > $2"
                         " AND f.reverses IS NULL ORDER BY f.id LIMIT $3",
                         NULL},
        /* clang-format off */
    [LIST_AFTER] = {"fact list after",
                    "SELECT " FACT_COLUMNS " FROM fact f WHERE f.id > $1 AND f.id <= $2"
                    " AND (CAST($3 AS BIGINT) = 0 OR f.partner_id IN " MEMBERS_OF("$3") ")"
                    " AND (CAST($4 AS BIGINT) = 0 OR"
                    " (CAST($4 AS BIGINT) & (CAST(1 AS BIGINT) << CAST(f.kind AS INTEGER))) <> 0)"
                    " AND (CAST($5 AS BIGINT) = 0 OR f.product_id = $5)"
                    " ORDER BY f.id LIMIT $6",
                    NULL},
        /* clang-format on */
        [DAYS] = {"fact days",
                  "SELECT (SELECT MIN(day) FROM fact) AS first_day,"
                  " (SELECT MAX(day) FROM fact) AS last_day",
                  NULL},
        [COUNT_ALL] = {"fact count",
                       "SELECT " COUNT_COLUMNS " FROM fact f WHERE f.day >= $1 AND f.day < $2"
                       " ORDER BY f.day, f.partner_id",
                       NULL},
        [COUNT_PARTNER] = {"fact count of partner",
                           DAYS_BETWEEN
                           "SELECT " COUNT_COLUMNS " FROM days CROSS JOIN fact f"
                           " WHERE f.day = days.day AND f.partner_id = $3 ORDER BY f.day",
                           "SELECT " COUNT_COLUMNS " FROM fact f WHERE f.day" DAY_IS_BETWEEN
                           " AND f.partner_id = $3 ORDER BY f.day"},
        [KINDS] =
            {"fact kinds",
             "SELECT kind, COUNT(*) AS facts FROM fact GROUP BY kind ORDER BY kind LIMIT 1000",
             NULL},
};
const struct query_table ledger_queries = {"ledger", queries, ARRAY_LEN(queries)};

static enum err run(struct ctx *ctx, int query, struct db_args args)
{
    return db_run(ctx->conn, &queries[query], args, NULL);
}

/* The first column of the only row; 0 without one. */
static enum err select_int(struct ctx *ctx, int query, struct db_args args, const char *column,
                           int64_t *ret_value)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[query], args);
    int64_t value = db_rows_next(rows) ? db_rows_int(rows, column) : 0;
    TRY(db_rows_close(rows));
    *ret_value = value;
    return OK;
}

/* ---- state ---- */

bool ledger_store_is_write(const struct ctx *ctx)
{
    return db_conn_is_writer(ctx->conn);
}

int64_t ledger_store_others_changes(struct ctx *ctx)
{
    return db_others_changes(ctx->services->db);
}

enum err ledger_store_mark(struct ctx *ctx, struct ledger_mark *ret_mark)
{
    struct ledger_mark mark = {0};
    struct db_rows *rows = db_select(ctx->conn, &queries[STATE_MARK], DB_NO_ARGS);
    if (db_rows_next(rows)) {
        mark.exists = true;
        mark.time_zone = db_rows_copy(rows, "time_zone", ctx->arena);
        mark.key_seed = (uint64_t)db_rows_int(rows, "key_seed");
        mark.last_fact_id = db_rows_int(rows, "last_id");
        mark.run_count = db_rows_int(rows, "last_run");
    }
    TRY(db_rows_close(rows));
    *ret_mark = mark;
    return OK;
}

enum err ledger_store_make(struct ctx *ctx, const struct ledger_mark *mark)
{
    return run(ctx, STATE_INSERT,
               DB_ARGS(db_text(mark->time_zone), db_int((int64_t)mark->key_seed)));
}

enum err ledger_store_set_zone(struct ctx *ctx, struct str time_zone)
{
    db_note_change(ctx->conn);
    return run(ctx, STATE_SET_ZONE, DB_ARGS(db_text(time_zone)));
}

enum err ledger_store_source(struct ctx *ctx, struct str name, int64_t *ret_id)
{
    return select_int(ctx, SOURCE_GET, DB_ARGS(db_text(name)), "id", ret_id);
}

enum err ledger_store_add_source(struct ctx *ctx, struct str name, int64_t *ret_id)
{
    TRY(run(ctx, SOURCE_INSERT, DB_ARGS(db_text(name))));
    return ledger_store_source(ctx, name, ret_id);
}

/* ---- keys ---- */

enum err ledger_store_keys_after(struct ctx *ctx, int64_t after_id, ledger_key_visit *visit,
                                 void *self)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[KEYS_AFTER], DB_ARGS(db_int(after_id)));
    while (db_rows_next(rows))
        visit(self, db_rows_int(rows, "id"), db_rows_int(rows, "source_id"),
              db_rows_text(rows, "external_id"));
    return db_rows_close(rows);
}

enum err ledger_store_run(struct ctx *ctx, int64_t run_number, struct arena *arena,
                          struct str *ret_filter, int64_t *ret_last_fact_id)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[RUN_GET], DB_ARGS(db_int(run_number)));
    *ret_filter = (struct str){NULL, 0};
    if (db_rows_next(rows)) {
        *ret_filter = db_rows_copy(rows, "filter", arena);
        *ret_last_fact_id = db_rows_int(rows, "last_fact_id");
    }
    return db_rows_close(rows);
}

enum err ledger_store_slot(struct ctx *ctx, struct slot_search *search)
{
    int64_t slot = (int64_t)(search->run * KEYS_SLOTS + keys_slot(search->hash));
    struct db_rows *rows = db_select(ctx->conn, &queries[SLOT_GET], DB_ARGS(db_int(slot)));
    search->count = 0;
    if (db_rows_next(rows))
        search->count = keys_entries_find(db_rows_text(rows, "entries"), search->hash, search->ids,
                                          search->max);
    return db_rows_close(rows);
}

/* ---- facts ---- */

/* Towards the past, also before 1970. */
static int64_t utc_day(int64_t at_ms)
{
    int64_t day = at_ms / MS_PER_DAY;
    return at_ms % MS_PER_DAY < 0 ? day - 1 : day;
}

enum err ledger_store_insert(struct ctx *ctx, const struct fact_draft *draft, int64_t source_id,
                             struct fact_id id)
{
    bool money = draft->has_amount || draft->has_cost;
    struct str currency = money ? currency_str(&draft->amount.currency) : STR("");
    return run(ctx, FACT_INSERT,
               DB_ARGS(db_int(id.v), db_int(utc_day(draft->at_ms)), db_int(draft->partner.v),
                       db_int(draft->at_ms), db_int(draft->kind), db_int(draft->quantity_milli),
                       draft->has_amount ? db_int(draft->amount.minor) : db_null(),
                       db_text(currency), draft->has_cost ? db_int(draft->cost_minor) : db_null(),
                       db_int_or_null(draft->product.v), db_int_or_null(draft->contact.v),
                       db_int(source_id), db_text(draft->external_id), db_text(draft->ref),
                       db_text(draft->note), db_int_or_null(draft->reverses.v),
                       db_int_or_null(draft->import.v)));
}

/* What COUNT_COLUMNS and FACT_COLUMNS share. */
static void read_numbers(struct db_rows *rows, struct fact_draft *ret_draft)
{
    *ret_draft = (struct fact_draft){
        .partner = {db_rows_int(rows, "partner_id")},
        .kind = (enum fact_kind)db_rows_int(rows, "kind"),
        .at_ms = db_rows_int(rows, "at_ms"),
        .quantity_milli = db_rows_int(rows, "quantity_milli"),
        .has_amount = !db_rows_is_null(rows, "amount"),
        .amount.minor = db_rows_int(rows, "amount"),
        .has_cost = !db_rows_is_null(rows, "cost"),
        .cost_minor = db_rows_int(rows, "cost"),
        .product = {db_rows_int(rows, "product_id")},
        .reverses = {db_rows_int(rows, "reverses")},
    };
    struct str currency = db_rows_text(rows, "currency");
    if (currency.len < sizeof(ret_draft->amount.currency.code) && currency.len)
        memcpy(ret_draft->amount.currency.code, currency.ptr, currency.len);
}

/* What goods cost the vendor is not for its partners to know. */
static void read_fact(struct ctx *ctx, struct db_rows *rows, struct fact *ret_fact)
{
    struct fact_draft numbers;
    read_numbers(rows, &numbers);
    if (ctx_partner_scope(ctx) != 0) {
        numbers.has_cost = false;
        numbers.cost_minor = 0;
    }
    *ret_fact = (struct fact){
        .id = {db_rows_int(rows, "id")},
        .partner = numbers.partner,
        .kind = numbers.kind,
        .at_ms = numbers.at_ms,
        .quantity_milli = numbers.quantity_milli,
        .has_amount = numbers.has_amount,
        .amount = numbers.amount,
        .has_cost = numbers.has_cost,
        .cost_minor = numbers.cost_minor,
        .product = numbers.product,
        .contact = {db_rows_int(rows, "contact_id")},
        .source = db_rows_copy(rows, "source", ctx->arena),
        .partner_name = db_rows_copy(rows, "partner_name", ctx->arena),
        .product_name = db_rows_copy(rows, "product_name", ctx->arena),
        .external_id = db_rows_copy(rows, "external_id", ctx->arena),
        .ref = db_rows_copy(rows, "ref", ctx->arena),
        .note = db_rows_copy(rows, "note", ctx->arena),
        .reverses = numbers.reverses,
        .reversed_by = {db_rows_int(rows, "reversed_by")},
        .import = {db_rows_int(rows, "import_id")},
    };
    ret_fact->recorded_ms = id_time_ms(ret_fact->id.v);
}

enum err ledger_store_get(struct ctx *ctx, struct fact_id id, struct fact *ret_fact,
                          bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[FACT_GET],
                                     DB_ARGS(db_int(id.v), db_int(ctx_partner_scope(ctx))));
    bool found = db_rows_next(rows);
    if (found)
        read_fact(ctx, rows, ret_fact);
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

enum err ledger_store_insert_reversal(struct ctx *ctx, struct fact_id id, struct fact_id reversal)
{
    return run(ctx, REVERSAL_INSERT, DB_ARGS(db_int(id.v), db_int(reversal.v)));
}

enum err ledger_store_survivor(struct ctx *ctx, struct partner_id partner,
                               struct partner_id *ret_survivor)
{
    int64_t survivor;
    TRY(select_int(ctx, SURVIVOR, DB_ARGS(db_int(partner.v)), "partner_id", &survivor));
    ret_survivor->v = survivor ? survivor : partner.v;
    return OK;
}

enum err ledger_store_merge(struct ctx *ctx, struct partner_id from, struct partner_id into)
{
    db_note_change(ctx->conn);
    TRY(run(ctx, MERGE_MOVE, DB_ARGS(db_int(from.v), db_int(into.v))));
    return run(ctx, MERGE_INSERT, DB_ARGS(db_int(from.v), db_int(into.v)));
}

enum err ledger_store_members(struct ctx *ctx, struct partner_id partner,
                              ledger_partner_visit *visit, void *self)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[MEMBERS], DB_ARGS(db_int(partner.v)));
    while (db_rows_next(rows))
        visit(self, (struct partner_id){db_rows_int(rows, "id")});
    return db_rows_close(rows);
}

/* ---- lists ---- */

enum err ledger_store_source_value(struct ctx *ctx, struct str name, struct db_value *ret_value)
{
    int64_t id = 0;
    *ret_value = db_null();
    if (!name.len)
        return OK;
    TRY(ledger_store_source(ctx, name, &id));
    *ret_value = db_int(id);
    return OK;
}

enum err ledger_store_list(struct ctx *ctx, const struct fact_filter *filter,
                           const struct fact_span *span, struct fact *rows, size_t *count)
{
    struct db_value source;
    TRY(ledger_store_source_value(ctx, filter->source, &source));
    int query = filter->open_deals ? LIST_OPEN_DEALS : filter->partner.v ? LIST_PARTNER : LIST_ALL;
    struct db_value values[] = {db_int(span->from_day),
                                db_int(span->to_day),
                                db_int(span->from_ms),
                                db_int(span->to_ms),
                                db_int(span->before_ms),
                                db_int(span->before_id),
                                db_int(filter->kinds),
                                db_int_or_null(filter->product.v),
                                source,
                                db_int(span->limit),
                                db_int(filter->partner.v),
                                db_int(FACT_DEAL_WON),
                                db_int(FACT_DEAL_LOST)};
    const size_t counts[] = {
        [LIST_ALL] = 10, [LIST_PARTNER] = 11, [LIST_OPEN_DEALS] = ARRAY_LEN(values)};
    struct db_args args = {values, counts[query]};
    struct db_rows *found = db_select(ctx->conn, &queries[query], args);
    while (db_rows_next(found))
        read_fact(ctx, found, &rows[(*count)++]);
    return db_rows_close(found);
}

enum err ledger_store_list_after(struct ctx *ctx, const struct fact_range *range, int64_t limit,
                                 struct fact_page *ret_page)
{
    struct fact_page page = {.rows = ARENA_ARRAY(ctx->arena, struct fact, (size_t)limit)};
    struct db_rows *rows =
        db_select(ctx->conn, &queries[LIST_AFTER],
                  DB_ARGS(db_int(range->after.v), db_int(range->to.v), db_int(range->partner.v),
                          db_int(range->kinds), db_int(range->product.v), db_int(limit)));
    while (db_rows_next(rows))
        read_fact(ctx, rows, &page.rows[page.count++]);
    TRY(db_rows_close(rows));
    *ret_page = page;
    return OK;
}

enum err ledger_store_list_import(struct ctx *ctx, struct import_id import, struct fact_id after,
                                  int64_t limit, struct fact_page *ret_page)
{
    struct fact_page page = {.rows = ARENA_ARRAY(ctx->arena, struct fact, (size_t)limit)};
    struct db_rows *rows = db_select(ctx->conn, &queries[LIST_IMPORT],
                                     DB_ARGS(db_int(import.v), db_int(after.v), db_int(limit)));
    while (db_rows_next(rows))
        read_fact(ctx, rows, &page.rows[page.count++]);
    TRY(db_rows_close(rows));
    *ret_page = page;
    return OK;
}

enum err ledger_store_days(struct ctx *ctx, int64_t *ret_first, int64_t *ret_last, bool *ret_any)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[DAYS], DB_NO_ARGS);
    bool any = db_rows_next(rows) && !db_rows_is_null(rows, "first_day");
    if (any) {
        *ret_first = db_rows_int(rows, "first_day");
        *ret_last = db_rows_int(rows, "last_day");
    }
    TRY(db_rows_close(rows));
    *ret_any = any;
    return OK;
}

enum err ledger_store_kinds(struct ctx *ctx, int64_t *ret_facts)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[KINDS], DB_NO_ARGS);
    while (db_rows_next(rows)) {
        int64_t kind = db_rows_int(rows, "kind");
        if (kind > 0 && kind < FACT_KIND_COUNT)
            ret_facts[kind] = db_rows_int(rows, "facts");
    }
    return db_rows_close(rows);
}

enum err ledger_store_count(struct ctx *ctx, const struct count_range *range,
                            ledger_count_visit *visit, void *self)
{
    bool one = range->partner.v != 0;
    struct db_value values[] = {db_int(range->from_day), db_int(range->to_day),
                                db_int(range->partner.v)};
    struct db_args args = {values, one ? 3 : 2};
    struct db_rows *rows = db_select(ctx->conn, &queries[one ? COUNT_PARTNER : COUNT_ALL], args);
    while (db_rows_next(rows)) {
        struct fact_draft draft;
        read_numbers(rows, &draft);
        visit(self, &draft);
    }
    return db_rows_close(rows);
}
