/* All SQL of attention. */
#include "src/attention/attention_store.h"

#include "lib/db/db.h"

enum { CHUNK_ROWS = 10000, PAIRS_MAX = 20000, DOMAINS_MAX = 20000, IMPORTS_MAX = 200 };

enum {
    PARTNERS,
    LAST_ORDER,
    HISTORY,
    CHANGED,
    PAIRS,
    PAIR_FOUND,
    IMPORTS,
    AMOUNTS,
    NAMES,
    DOMAINS,
    DOMAIN
};

static const struct query queries[] = {
    [PARTNERS] = {"attention partners",
                  "SELECT p.id, p.manager_id, p.status, p.currency, p.created_ms,"
                  " (SELECT MAX(a.id) FROM audit a WHERE a.partner_id = p.id"
                  "  AND a.user_id IS NOT NULL) AS acted"
                  " FROM partner p WHERE p.archived_ms IS NULL AND p.merged_into IS NULL"
                  " AND p.id > $1 AND p.id <= $2 ORDER BY p.id LIMIT $3",
                  NULL},
    [LAST_ORDER] = {"attention last order",
                    "SELECT day FROM rollup_channel WHERE day <= $1 AND kind = $2 AND facts > 0"
                    " ORDER BY day DESC LIMIT 1",
                    NULL},
    [HISTORY] = {"attention history", "SELECT MAX(id) AS id FROM audit", NULL},
    [CHANGED] = {"attention changed",
                 "SELECT partner_id FROM audit WHERE id > $1 AND partner_id IS NOT NULL"
                 " UNION SELECT m.id FROM audit a JOIN partner m ON m.merged_into = a.partner_id"
                 "  WHERE a.id > $1 AND a.action = 'merged'"
                 " UNION SELECT 0 FROM audit"
                 "  WHERE id > $2 AND subject_type IN ('organisation', 'rate')"
                 " ORDER BY 1 LIMIT $3",
                 NULL},
    [PAIRS] = {"attention pairs",
               "SELECT d.id, d.low_id, d.high_id FROM partner_duplicate d"
               " WHERE d.dismissed_ms IS NULL ORDER BY d.rank, d.id LIMIT $1",
               NULL},
    [PAIR_FOUND] = {"attention pair found", "SELECT found_ms FROM partner_duplicate WHERE id = $1",
                    NULL},
    [IMPORTS] = {"attention imports",
                 "SELECT i.id, COALESCE(i.finished_ms, i.created_ms) AS finished_ms, i.bad_rows,"
                 " (SELECT COUNT(*) FROM unassigned_row u WHERE u.import_id = i.id) AS unassigned,"
                 " COALESCE((SELECT f.name FROM import_file f WHERE f.import_id = i.id"
                 "  ORDER BY f.number LIMIT 1), '') AS name"
                 " FROM import i WHERE i.state = 'applied'"
                 " AND (EXISTS (SELECT 1 FROM unassigned_row u WHERE u.import_id = i.id)"
                 "  OR (i.bad_rows > 0 AND COALESCE(i.finished_ms, i.created_ms) >= $1))"
                 " ORDER BY i.id DESC LIMIT $2",
                 NULL},
    [AMOUNTS] = {"attention amounts",
                 "SELECT currency, CAST(SUM(amount) AS BIGINT) AS amount FROM unassigned_row"
                 " WHERE import_id = $1 AND entity = 'order' AND amount IS NOT NULL"
                 " GROUP BY currency ORDER BY currency LIMIT 2",
                 NULL},
    [NAMES] = {"attention names",
               "SELECT p.name AS name, COALESCE(u.name, '') AS manager_name FROM partner p"
               " LEFT JOIN user_account u ON u.id = p.manager_id WHERE p.id = $1",
               NULL},
    [DOMAINS] = {"attention domains",
                 "SELECT partner_id, alarm_ms FROM domain_state WHERE alarms <> 0"
                 " ORDER BY partner_id LIMIT $1",
                 NULL},
    [DOMAIN] = {"attention domain", "SELECT alarm_sentence FROM domain_state WHERE partner_id = $1",
                NULL},
};
const struct query_table attention_queries = {"attention", queries, ARRAY_LEN(queries)};

static struct currency currency_of(struct str text)
{
    struct currency currency = {""};
    if (text.len && !currency_parse(text, &currency))
        return (struct currency){""};
    return currency;
}

static struct attention_partner read_partner(struct db_rows *rows)
{
    int64_t acted = db_rows_int(rows, "acted");
    struct str status = db_rows_text(rows, "status");
    return (struct attention_partner){
        .id = {db_rows_int(rows, "id")},
        .manager = {db_rows_int(rows, "manager_id")},
        .currency = currency_of(db_rows_text(rows, "currency")),
        .looked_after = !str_equal(status, STR("suspended")) && !str_equal(status, STR("ended")),
        .acted_ms = acted ? id_time_ms(acted) : db_rows_int(rows, "created_ms"),
    };
}

enum err attention_store_partners(struct ctx *ctx, struct partner_id only,
                                  attention_partner_visit *visit, void *self)
{
    int64_t after = only.v ? only.v - 1 : 0, last = only.v ? only.v : INT64_MAX, count;
    do {
        count = 0;
        struct db_rows *rows = db_select(ctx->conn, &queries[PARTNERS],
                                         DB_ARGS(db_int(after), db_int(last), db_int(CHUNK_ROWS)));
        for (; db_rows_next(rows); count++) {
            struct attention_partner partner = read_partner(rows);
            after = partner.id.v;
            visit(self, &partner);
        }
        TRY(db_rows_close(rows));
    } while (count == CHUNK_ROWS);
    return OK;
}

enum err attention_store_last_order(struct ctx *ctx, struct day today, struct day *ret_day,
                                    bool *ret_any)
{
    enum { ORDER = 1 };
    struct db_rows *rows =
        db_select(ctx->conn, &queries[LAST_ORDER], DB_ARGS(db_int(today.v), db_int(ORDER)));
    bool any = db_rows_next(rows);
    struct day day = {any ? (int32_t)db_rows_int(rows, "day") : 0};
    TRY(db_rows_close(rows));
    *ret_day = day;
    *ret_any = any;
    return OK;
}

static enum err read_one(struct db_rows *rows, const char *column, int64_t *ret_number)
{
    int64_t number = db_rows_next(rows) ? db_rows_int(rows, column) : 0;
    TRY(db_rows_close(rows));
    *ret_number = number;
    return OK;
}

enum err attention_store_history(struct ctx *ctx, int64_t *ret_audit)
{
    return read_one(db_select(ctx->conn, &queries[HISTORY], DB_NO_ARGS), "id", ret_audit);
}

enum err attention_store_pair_found(struct ctx *ctx, struct duplicate_id id, int64_t *ret_ms)
{
    return read_one(db_select(ctx->conn, &queries[PAIR_FOUND], DB_ARGS(db_int(id.v))), "found_ms",
                    ret_ms);
}

enum err attention_store_changed(struct ctx *ctx, const struct attention_since *since,
                                 struct attention_changed *changed)
{
    struct db_rows *rows = db_select(
        ctx->conn, &queries[CHANGED],
        DB_ARGS(db_int(since->partners), db_int(since->all), db_int((int64_t)since->most + 1)));
    for (size_t count = 0; db_rows_next(rows); count++) {
        int64_t id = db_rows_int(rows, "partner_id");
        changed->all |= id == 0 || count == since->most;
        if (id && changed->count < changed->cap)
            changed->ids[changed->count++].v = id;
    }
    return db_rows_close(rows);
}

enum err attention_store_pairs(struct ctx *ctx, struct attention_pairs *ret_pairs)
{
    struct attention_pairs pairs = {.rows =
                                        ARENA_ARRAY(ctx->arena, struct attention_pair, PAIRS_MAX)};
    struct db_rows *rows = db_select(ctx->conn, &queries[PAIRS], DB_ARGS(db_int(PAIRS_MAX)));
    while (db_rows_next(rows))
        pairs.rows[pairs.count++] = (struct attention_pair){{db_rows_int(rows, "id")},
                                                            {db_rows_int(rows, "low_id")},
                                                            {db_rows_int(rows, "high_id")}};
    TRY(db_rows_close(rows));
    *ret_pairs = pairs;
    return OK;
}

/* Money of several currencies is no one amount. */
static enum err read_amount(struct ctx *ctx, struct attention_imported *import)
{
    int count = 0;
    struct db_rows *rows = db_select(ctx->conn, &queries[AMOUNTS], DB_ARGS(db_int(import->id.v)));
    for (; db_rows_next(rows); count++) {
        import->currency = currency_of(db_rows_text(rows, "currency"));
        import->amount_minor = db_rows_int(rows, "amount");
    }
    TRY(db_rows_close(rows));
    if (count > 1) {
        import->currency = (struct currency){""};
        import->amount_minor = 0;
    }
    return OK;
}

enum err attention_store_imports(struct ctx *ctx, int64_t bad_since_ms,
                                 struct attention_imports *ret_imports)
{
    struct attention_imports imports = {
        .rows = ARENA_ARRAY(ctx->arena, struct attention_imported, IMPORTS_MAX)};
    struct db_rows *rows =
        db_select(ctx->conn, &queries[IMPORTS], DB_ARGS(db_int(bad_since_ms), db_int(IMPORTS_MAX)));
    while (db_rows_next(rows)) {
        struct attention_imported *import = &imports.rows[imports.count++];
        import->id.v = db_rows_int(rows, "id");
        import->name = db_rows_copy(rows, "name", ctx->arena);
        import->finished_ms = db_rows_int(rows, "finished_ms");
        import->unassigned = db_rows_int(rows, "unassigned");
        import->bad_rows = import->finished_ms >= bad_since_ms ? db_rows_int(rows, "bad_rows") : 0;
    }
    TRY(db_rows_close(rows));
    for (size_t i = 0; i < imports.count; i++)
        TRY(read_amount(ctx, &imports.rows[i]));
    *ret_imports = imports;
    return OK;
}

enum err attention_store_domains(struct ctx *ctx, struct attention_domains *ret_domains)
{
    struct attention_domains domains = {.count = 0};
    domains.rows = ARENA_ARRAY(ctx->arena, struct attention_domain, DOMAINS_MAX);
    struct db_rows *rows = db_select(ctx->conn, &queries[DOMAINS], DB_ARGS(db_int(DOMAINS_MAX)));
    while (db_rows_next(rows))
        domains.rows[domains.count++] = (struct attention_domain){{db_rows_int(rows, "partner_id")},
                                                                  db_rows_int(rows, "alarm_ms")};
    *ret_domains = domains;
    return db_rows_close(rows);
}

enum err attention_store_domain(struct ctx *ctx, struct partner_id partner,
                                struct str *ret_sentence)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[DOMAIN], DB_ARGS(db_int(partner.v)));
    *ret_sentence = STR("");
    if (db_rows_next(rows))
        *ret_sentence = db_rows_copy(rows, "alarm_sentence", ctx->arena);
    return db_rows_close(rows);
}

enum err attention_store_names(struct ctx *ctx, struct attention_item *item)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[NAMES], DB_ARGS(db_int(item->partner.v)));
    if (db_rows_next(rows)) {
        item->name = db_rows_copy(rows, "name", ctx->arena);
        item->manager_name = db_rows_copy(rows, "manager_name", ctx->arena);
    }
    return db_rows_close(rows);
}
