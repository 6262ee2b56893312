/* All SQL of groups and conversions. */
#include "src/metric/metric_store.h"

#include <stdlib.h>

#include "lib/db/db.h"

/* Of one partner, over all time: ten a day for two centuries. */
enum { CHUNK_ROWS = 10000, DEALS_MAX = 800000 };

enum {
    MEMBERS,
    ARCHIVED,
    MERGED,
    CONVERSIONS,
    CONVERSION_OF,
    ACTIVATIONS,
    ACTIVATION_OF,
    NAME,
    PRODUCT,
    DEALS
};

#define CONVERSION_COLUMNS                                                                   \
    "SELECT p.id AS id, CAST(MIN(s.at_ms) AS BIGINT) AS since_ms, p.active_ms AS active_ms," \
    " (SELECT CAST(MIN(e.at_ms) AS BIGINT) FROM partner_status e"                            \
    "   WHERE e.partner_id = p.id AND e.to_status = 'ended') AS ended_ms"                    \
    " FROM partner p JOIN partner_status s ON s.partner_id = p.id"                           \
    " WHERE s.to_status IN ('prospect', 'onboarding')"                                       \
    " AND (p.active_ms IS NULL OR p.active_ms >= $2)"                                        \
    " AND NOT EXISTS (SELECT 1 FROM partner_status x WHERE x.partner_id = p.id"              \
    "  AND x.to_status = 'ended' AND x.at_ms < $2)"
#define CONVERSION_GROUP " GROUP BY p.id, p.active_ms HAVING MIN(s.at_ms) < $3 ORDER BY p.id"

static const struct query queries[] = {
    [MEMBERS] = {"metric members",
                 "SELECT p.id AS id FROM partner p"
                 " WHERE p.archived_ms IS NULL AND p.merged_into IS NULL AND p.id > $1"
                 " AND (CAST($2 AS BIGINT) = 0 OR p.id = $2)"
                 " AND (CAST($3 AS BIGINT) = 0 OR p.manager_id = $3)"
                 " AND (CAST($4 AS TEXT) = '' OR p.tier = $4)"
                 " AND (CAST($5 AS TEXT) = '' OR p.country = $5)"
                 " AND (CAST($6 AS TEXT) = '' OR EXISTS (SELECT 1 FROM partner_tag t"
                 "  WHERE t.partner_id = p.id AND t.tag = $6))"
                 " ORDER BY p.id LIMIT $7",
                 NULL},
    [ARCHIVED] = {"metric archived",
                  "SELECT id FROM partner WHERE archived_ms IS NOT NULL AND merged_into IS NULL"
                  " AND id > $1 ORDER BY id LIMIT $2",
                  NULL},
    [MERGED] = {"metric merged",
                "SELECT member_id AS id, partner_id FROM fact_partner WHERE member_id > $1"
                " ORDER BY member_id LIMIT $2",
                NULL},
    [CONVERSIONS] =
        {"metric conversions",
         CONVERSION_COLUMNS
         " AND p.archived_ms IS NULL AND p.merged_into IS NULL AND p.id > $1" CONVERSION_GROUP
         " LIMIT $4",
         NULL},
    [CONVERSION_OF] = {"metric conversion of",
                       CONVERSION_COLUMNS " AND p.id = $1" CONVERSION_GROUP " LIMIT $4", NULL},
    [ACTIVATIONS] = {"metric activations",
                     "SELECT id, active_ms FROM partner WHERE archived_ms IS NULL"
                     " AND merged_into IS NULL AND id > $1 AND active_ms >= $2 AND active_ms < $3"
                     " ORDER BY id LIMIT $4",
                     NULL},
    [ACTIVATION_OF] = {"metric activation of",
                       "SELECT id, active_ms FROM partner WHERE id = $1 AND active_ms >= $2"
                       " AND active_ms < $3 ORDER BY id LIMIT $4",
                       NULL},
    [DEALS] = {"metric deals",
               "WITH RECURSIVE days (day) AS (SELECT MIN(day) FROM fact UNION ALL"
               " SELECT day + 1 FROM days WHERE day < (SELECT MAX(day) FROM fact))"
               " SELECT f.kind AS kind, f.ref AS ref, f.external_id AS external_id"
               " FROM days CROSS JOIN (SELECT CAST($1 AS BIGINT) AS id UNION ALL"
               "  SELECT p.member_id FROM fact_partner p WHERE p.partner_id = $1) m"
               " CROSS JOIN fact f WHERE f.day = days.day AND f.partner_id = m.id"
               " AND f.kind IN ($2, $3, $4) AND f.reverses IS NULL AND NOT EXISTS"
               " (SELECT 1 FROM fact_reversal r WHERE r.fact_id = f.id) LIMIT $5",
               NULL},
    [NAME] = {"metric partner name", "SELECT name FROM partner WHERE id = $1", NULL},
    [PRODUCT] = {"metric product name", "SELECT name, code FROM product WHERE id = $1", NULL},
};
const struct query_table metric_queries = {"metric", queries, ARRAY_LEN(queries)};

static void add_id(struct ctx *ctx, struct partner_ids *ids, size_t *cap, int64_t id)
{
    if (ids->count == *cap) {
        size_t bigger = *cap ? *cap * 2 : 256;
        struct partner_id *copy = ARENA_ARRAY(ctx->arena, struct partner_id, bigger);
        for (size_t i = 0; i < ids->count; i++)
            copy[i] = ids->ids[i];
        ids->ids = copy;
        *cap = bigger;
    }
    ids->ids[ids->count++].v = id;
}

/* The id after which the next chunk goes on; INT64_MAX when there is none. */
static int64_t after_chunk(const struct partner_ids *ids, size_t before)
{
    return ids->count - before == CHUNK_ROWS ? ids->ids[ids->count - 1].v : INT64_MAX;
}

enum err metric_store_members(struct ctx *ctx, const struct metric_scope *scope,
                              struct partner_ids *ret_ids)
{
    struct partner_ids ids = {.ids = ARENA_NEW(ctx->arena, struct partner_id)};
    size_t cap = 1;
    int64_t after = 0;
    while (after != INT64_MAX) {
        size_t before = ids.count;
        struct db_rows *rows =
            db_select(ctx->conn, &queries[MEMBERS],
                      DB_ARGS(db_int(after), db_int(ctx_partner_scope(ctx)),
                              db_int(scope->manager.v), db_text(scope->tier),
                              db_text(scope->country), db_text(scope->tag), db_int(CHUNK_ROWS)));
        while (db_rows_next(rows))
            add_id(ctx, &ids, &cap, db_rows_int(rows, "id"));
        TRY(db_rows_close(rows));
        after = after_chunk(&ids, before);
    }
    *ret_ids = ids;
    return OK;
}

enum err metric_store_archived(struct ctx *ctx, struct partner_ids *ret_ids)
{
    struct partner_ids ids = {0};
    size_t cap = 0;
    int64_t after = 0;
    while (after != INT64_MAX) {
        size_t before = ids.count;
        struct db_rows *rows =
            db_select(ctx->conn, &queries[ARCHIVED], DB_ARGS(db_int(after), db_int(CHUNK_ROWS)));
        while (db_rows_next(rows))
            add_id(ctx, &ids, &cap, db_rows_int(rows, "id"));
        TRY(db_rows_close(rows));
        after = after_chunk(&ids, before);
    }
    *ret_ids = ids;
    return OK;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t left = ((const struct partner_id *)a)->v, right = ((const struct partner_id *)b)->v;
    return (left > right) - (left < right);
}

/* One chunk of mergers; the last one's id, or INT64_MAX at the end. */
static enum err add_merged_chunk(struct ctx *ctx, const struct partner_ids *survivors,
                                 struct partner_ids *all, size_t *cap, int64_t *after)
{
    int64_t rows_read = 0, last = *after;
    struct db_rows *rows =
        db_select(ctx->conn, &queries[MERGED], DB_ARGS(db_int(*after), db_int(CHUNK_ROWS)));
    for (; db_rows_next(rows); rows_read++) {
        struct partner_id survivor = {db_rows_int(rows, "partner_id")};
        last = db_rows_int(rows, "id");
        if (bsearch(&survivor, survivors->ids, survivors->count, sizeof(survivor), compare_ids))
            add_id(ctx, all, cap, last);
    }
    *after = rows_read == CHUNK_ROWS ? last : INT64_MAX;
    return db_rows_close(rows);
}

enum err metric_store_add_merged(struct ctx *ctx, struct partner_ids *ids)
{
    struct partner_ids all = *ids;
    size_t cap = ids->count;
    int64_t after = 0;
    while (after != INT64_MAX && ids->count)
        TRY(add_merged_chunk(ctx, ids, &all, &cap, &after));
    if (all.count > ids->count)
        qsort(all.ids, all.count, sizeof(all.ids[0]), compare_ids);
    *ids = all;
    return OK;
}

struct visitor {
    conversion_visit *visit;
    void *self;
};

/* One chunk; `*after` becomes the last id, or INT64_MAX at the end. */
static enum err visit_chunk(struct ctx *ctx, int query, const struct conversion_query *asked,
                            int64_t *after, struct visitor *visitor)
{
    int64_t count = 0, last = *after;
    bool has_since = query == CONVERSIONS || query == CONVERSION_OF;
    struct db_rows *rows = db_select(
        ctx->conn, &queries[query],
        DB_ARGS(db_int(*after), db_int(asked->from_ms), db_int(asked->to_ms), db_int(CHUNK_ROWS)));
    for (; db_rows_next(rows); count++) {
        last = db_rows_int(rows, "id");
        struct conversion conversion = {.partner = {last},
                                        .active_ms = db_rows_int(rows, "active_ms")};
        if (has_since) {
            conversion.since_ms = db_rows_int(rows, "since_ms");
            conversion.ended_ms = db_rows_int(rows, "ended_ms");
        }
        visitor->visit(visitor->self, &conversion);
    }
    TRY(db_rows_close(rows));
    *after = count == CHUNK_ROWS ? last : INT64_MAX;
    return OK;
}

static enum err visit_all(struct ctx *ctx, int query, const struct conversion_query *asked,
                          struct visitor *visitor)
{
    int64_t after = 0;
    while (after != INT64_MAX)
        TRY(visit_chunk(ctx, query, asked, &after, visitor));
    return OK;
}

enum err metric_store_conversions(struct ctx *ctx, const struct conversion_query *query,
                                  conversion_visit *visit, void *self)
{
    struct visitor visitor = {visit, self};
    int64_t id = query->partner.v;
    return id ? visit_chunk(ctx, CONVERSION_OF, query, &id, &visitor)
              : visit_all(ctx, CONVERSIONS, query, &visitor);
}

enum err metric_store_activations(struct ctx *ctx, const struct conversion_query *query,
                                  conversion_visit *visit, void *self)
{
    struct visitor visitor = {visit, self};
    int64_t id = query->partner.v;
    return id ? visit_chunk(ctx, ACTIVATION_OF, query, &id, &visitor)
              : visit_all(ctx, ACTIVATIONS, query, &visitor);
}

enum err metric_store_deals(struct ctx *ctx, struct partner_id partner, deal_visit *visit,
                            void *self)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[DEALS],
                  DB_ARGS(db_int(partner.v), db_int(FACT_DEAL_REGISTERED), db_int(FACT_DEAL_WON),
                          db_int(FACT_DEAL_LOST), db_int(DEALS_MAX)));
    while (db_rows_next(rows)) {
        struct deal_row row = {.kind = (enum fact_kind)db_rows_int(rows, "kind"),
                               .deal = db_rows_text(rows, "ref"),
                               .external_id = db_rows_text(rows, "external_id")};
        if (!row.deal.len)
            row.deal = row.external_id;
        visit(self, &row);
    }
    return db_rows_close(rows);
}

enum err metric_store_name(struct ctx *ctx, struct partner_id id, struct str *ret_name)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[NAME], DB_ARGS(db_int(id.v)));
    struct str name = db_rows_next(rows) ? db_rows_copy(rows, "name", ctx->arena) : STR("");
    TRY(db_rows_close(rows));
    *ret_name = name;
    return OK;
}

enum err metric_store_product(struct ctx *ctx, struct product_id id, struct str *ret_name,
                              struct str *ret_code)
{
    struct str name = STR(""), code = STR("");
    struct db_rows *rows = db_select(ctx->conn, &queries[PRODUCT], DB_ARGS(db_int(id.v)));
    if (db_rows_next(rows)) {
        name = db_rows_copy(rows, "name", ctx->arena);
        code = db_rows_copy(rows, "code", ctx->arena);
    }
    TRY(db_rows_close(rows));
    *ret_name = name;
    *ret_code = code;
    return OK;
}
