/* All SQL of products. */
#include "src/product/product_store.h"

#include "lib/db/db.h"
#include "src/core/limits.h"

enum {
    GET,
    BY_EXTERNAL,
    BY_CODE,
    BY_NAME,
    LIST,
    LIST_CARRIED,
    INSERT,
    UPDATE,
    EXTERNALS,
    ADD_EXTERNAL,
    CARRY,
    CARRY_SEEN,
    DROP
};

/* What the vendor pays is its own: a partner's user gets no cost. */
#define COLUMNS(scope)                                                                   \
    "SELECT p.id, p.name, p.name_key, p.code, p.category, p.subcategory,"                \
    " CASE WHEN CAST(" scope " AS BIGINT) = 0 THEN p.cost END AS cost, p.cost_currency," \
    " p.created_ms, p.archived_ms, p.version"
#define SCOPE(scope)                                                                   \
    " AND (CAST(" scope " AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM partner_product own" \
    " WHERE own.product_id = p.id AND own.partner_id = " scope "))"
/* $2 scope, $3 archived, $4 and $5 the last row, $6 and $7 the span of the prefix, $8 limit. */
#define PAGE                                                             \
    " (p.name_key, p.id) > ($4, $5) AND p.name_key >= $6"                \
    " AND ($7 = '' OR p.name_key < $7)"                                  \
    " AND (p.archived_ms IS NOT NULL) = (CAST($3 AS BIGINT) = 1)" SCOPE( \
        "$2") " ORDER BY p.name_key, p.id LIMIT $8"

#define CARRY_ROW "INSERT INTO partner_product (partner_id, product_id)"

static const struct query queries[] = {
    [GET] = {"product get", COLUMNS("$2") " FROM product p WHERE p.id = $1" SCOPE("$2"), NULL},
    [BY_EXTERNAL] = {"product by external id",
                     COLUMNS("$3") " FROM product_external e JOIN product p ON p.id = e.product_id"
                                   " WHERE e.system = $1 AND e.external_id = $2" SCOPE("$3"),
                     NULL},
    [BY_CODE] = {"product by code",
                 COLUMNS("$2") " FROM product p WHERE p.code = $1 AND p.code <> ''"
                               " AND p.archived_ms IS NULL" SCOPE("$2"),
                 NULL},
    [BY_NAME] = {"product by name",
                 COLUMNS("$2") " FROM product p WHERE p.name_key = $1"
                               " AND p.archived_ms IS NULL" SCOPE("$2") " ORDER BY p.id LIMIT 4",
                 NULL},
    [LIST] = {"product list", COLUMNS("$2") " FROM product p WHERE CAST($1 AS BIGINT) = 0 AND" PAGE,
              NULL},
    [LIST_CARRIED] = {"product list carried",
                      COLUMNS("$2") " FROM partner_product c JOIN product p ON p.id = c.product_id"
                                    " WHERE c.partner_id = $1 AND" PAGE,
                      NULL},
    [INSERT] = {"product insert",
                "INSERT INTO product (id, version, name, name_key, code, category, subcategory,"
                " cost, cost_currency, created_ms, archived_ms) VALUES ($1, $2, $3, $4, $5, $6, $7,"
                " $8, $9, $10, $11)",
                NULL},
    [UPDATE] = {"product update",
                "UPDATE product SET version = version + 1, name = $3, name_key = $4, code = $5,"
                " category = $6, subcategory = $7, cost = $8, cost_currency = $9,"
                " created_ms = $10, archived_ms = $11 WHERE id = $1 AND version = $2",
                NULL},
    [EXTERNALS] = {"product externals",
                   "SELECT system, external_id FROM product_external WHERE product_id = $1"
                   " ORDER BY system, external_id LIMIT $2",
                   NULL},
    [ADD_EXTERNAL] = {"product add external",
                      "INSERT INTO product_external (system, external_id, product_id)"
                      " VALUES ($1, $2, $3)",
                      NULL},
    [CARRY] = {"product carry", CARRY_ROW " VALUES ($1, $2) ON CONFLICT DO NOTHING", NULL},
    /* The same for those whom facts bring along: nobody asks whether it was new. */
    [CARRY_SEEN] = {"product carry seen", CARRY_ROW " VALUES ($1, $2) ON CONFLICT DO NOTHING",
                    CARRY_ROW
                    " SELECT * FROM unnest(" DB_INTS(1) ", " DB_INTS(2) ")"
                                                                        " ON CONFLICT DO NOTHING"},
    [DROP] = {"product drop",
              "DELETE FROM partner_product WHERE partner_id = $1 AND product_id = $2", NULL},
};
const struct query_table product_queries = {"product", queries, ARRAY_LEN(queries)};

static void read_product(struct ctx *ctx, struct db_rows *rows, struct product *ret_product)
{
    struct arena *arena = ctx->arena;
    *ret_product = (struct product){
        .id = {db_rows_int(rows, "id")},
        .name = db_rows_copy(rows, "name", arena),
        .code = db_rows_copy(rows, "code", arena),
        .category = db_rows_copy(rows, "category", arena),
        .subcategory = db_rows_copy(rows, "subcategory", arena),
        .cost = {.minor = db_rows_int(rows, "cost")},
        .created_ms = db_rows_int(rows, "created_ms"),
        .archived_ms = db_rows_int(rows, "archived_ms"),
        .version = db_rows_int(rows, "version"),
    };
    ret_product->has_cost =
        !db_rows_is_null(rows, "cost") &&
        currency_parse(db_rows_text(rows, "cost_currency"), &ret_product->cost.currency);
}

/* At most one row. */
static enum err read_one(struct ctx *ctx, struct db_rows *rows, struct product *ret_product,
                         bool *ret_found)
{
    bool found = db_rows_next(rows);
    if (found)
        read_product(ctx, rows, ret_product);
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

enum err product_store_get(struct ctx *ctx, struct product_id id, struct product *ret_product,
                           bool *ret_found)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[GET], DB_ARGS(db_int(id.v), db_int(ctx_partner_scope(ctx))));
    return read_one(ctx, rows, ret_product, ret_found);
}

enum err product_store_by_external(struct ctx *ctx, struct external_id external,
                                   struct product *ret_product, bool *ret_found)
{
    struct db_rows *rows = db_select(
        ctx->conn, &queries[BY_EXTERNAL],
        DB_ARGS(db_text(external.system), db_text(external.id), db_int(ctx_partner_scope(ctx))));
    return read_one(ctx, rows, ret_product, ret_found);
}

enum err product_store_by_code(struct ctx *ctx, struct str code, struct product *ret_product,
                               bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[BY_CODE],
                                     DB_ARGS(db_text(code), db_int(ctx_partner_scope(ctx))));
    return read_one(ctx, rows, ret_product, ret_found);
}

enum err product_store_by_name(struct ctx *ctx, struct str name_key,
                               struct product ret_products[PRODUCT_CANDIDATES], size_t *ret_count)
{
    size_t count = 0;
    struct db_rows *rows = db_select(ctx->conn, &queries[BY_NAME],
                                     DB_ARGS(db_text(name_key), db_int(ctx_partner_scope(ctx))));
    while (count < PRODUCT_CANDIDATES && db_rows_next(rows))
        read_product(ctx, rows, &ret_products[count++]);
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

/* The first key after all that begin with `prefix`; keys are UTF-8, in which 0xff is no byte. */
static struct str end_of_prefix(struct ctx *ctx, struct str prefix)
{
    if (!prefix.len)
        return prefix;
    return arena_format(ctx->arena, "%.*s\xf4\x8f\xbf\xbf", STR_ARG(prefix));
}

enum err product_store_list(struct ctx *ctx, const struct product_query *query,
                            struct product_page *page)
{
    int which = partner_id_is_set(query->partner) ? LIST_CARRIED : LIST;
    struct db_rows *rows = db_select(
        ctx->conn, &queries[which],
        DB_ARGS(db_int(query->partner.v), db_int(ctx_partner_scope(ctx)), db_int(query->archived),
                db_text(query->after_name), db_int(query->after_id), db_text(query->prefix),
                db_text(end_of_prefix(ctx, query->prefix)), db_int(query->limit)));
    while (db_rows_next(rows))
        read_product(ctx, rows, &page->rows[page->count++]);
    return db_rows_close(rows);
}

/* The parameters of both the insert and the update. */
static enum err run_record(struct ctx *ctx, int query, const struct product *product,
                           int64_t *ret_changed)
{
    struct str currency =
        product->has_cost ? currency_str(&product->cost.currency) : (struct str){NULL, 0};
    return db_run(ctx->conn, &queries[query],
                  DB_ARGS(db_int(product->id.v), db_int(product->version), db_text(product->name),
                          db_text(text_fold(product->name, ctx->arena)), db_text(product->code),
                          db_text(product->category), db_text(product->subcategory),
                          product->has_cost ? db_int(product->cost.minor) : db_null(),
                          db_text(currency), db_int(product->created_ms),
                          db_int_or_null(product->archived_ms)),
                  ret_changed);
}

enum err product_store_insert(struct ctx *ctx, const struct product *product)
{
    return run_record(ctx, INSERT, product, NULL);
}

enum err product_store_update(struct ctx *ctx, const struct product *product)
{
    int64_t changed;
    TRY(run_record(ctx, UPDATE, product, &changed));
    return changed ? OK
                   : CTX_FAULT(ctx, ERR_STALE, "stale",
                               "Somebody else changed this product in the meantime.");
}

enum err product_store_externals(struct ctx *ctx, struct product_id id,
                                 struct external_id *ret_externals, size_t *ret_count)
{
    size_t count = 0;
    struct db_rows *rows = db_select(ctx->conn, &queries[EXTERNALS],
                                     DB_ARGS(db_int(id.v), db_int(LIMIT_EXTERNAL_IDS)));
    while (db_rows_next(rows)) {
        ret_externals[count].system = db_rows_copy(rows, "system", ctx->arena);
        ret_externals[count++].id = db_rows_copy(rows, "external_id", ctx->arena);
    }
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

enum err product_store_add_external(struct ctx *ctx, struct product_id id,
                                    struct external_id external)
{
    return db_run(ctx->conn, &queries[ADD_EXTERNAL],
                  DB_ARGS(db_text(external.system), db_text(external.id), db_int(id.v)), NULL);
}

enum err product_store_carry(struct ctx *ctx, struct product_id product, struct partner_id partner,
                             int64_t *ret_changed)
{
    int query = ret_changed ? CARRY : CARRY_SEEN;
    return db_run(ctx->conn, &queries[query], DB_ARGS(db_int(partner.v), db_int(product.v)),
                  ret_changed);
}

enum err product_store_drop(struct ctx *ctx, struct product_id product, struct partner_id partner,
                            int64_t *ret_changed)
{
    return db_run(ctx->conn, &queries[DROP], DB_ARGS(db_int(partner.v), db_int(product.v)),
                  ret_changed);
}
