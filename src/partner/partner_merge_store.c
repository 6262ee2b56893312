/* All SQL that moves what hangs on one partner to another. */
#include "src/partner/partner_merge_store.h"

#include "lib/db/db.h"

/* MERGE_CHILDREN, the last kind, has a list only. */
enum {
    LIST = 0,
    MOVE = MERGE_KINDS,
    KEEP_PRIMARY = MOVE + MERGE_CHILDREN,
    DROP_TAGS,
    DROP_PRODUCTS
};

static const struct query queries[] = {
    [LIST + MERGE_CONTACTS] = {"merge list contacts",
                               "SELECT id, '' AS item FROM contact WHERE partner_id = $1"
                               " AND partner_id <> $2 ORDER BY id LIMIT $3",
                               NULL},
    [LIST + MERGE_EXTERNALS] = {"merge list external ids",
                                "SELECT 0 AS id, system || ':' || external_id AS item"
                                " FROM partner_external WHERE partner_id = $1"
                                " AND partner_id <> $2 ORDER BY system, external_id LIMIT $3",
                                NULL},
    [LIST + MERGE_TAGS] = {"merge list tags",
                           "SELECT 0 AS id, t.tag AS item FROM partner_tag t"
                           " WHERE t.partner_id = $1 AND NOT EXISTS (SELECT 1 FROM partner_tag o"
                           " WHERE o.partner_id = $2 AND o.tag = t.tag) ORDER BY t.tag LIMIT $3",
                           NULL},
    [LIST + MERGE_PRODUCTS] = {"merge list products",
                               "SELECT r.product_id AS id, '' AS item FROM partner_product r"
                               " WHERE r.partner_id = $1 AND NOT EXISTS (SELECT 1"
                               " FROM partner_product o WHERE o.partner_id = $2"
                               " AND o.product_id = r.product_id) ORDER BY r.product_id LIMIT $3",
                               NULL},
    [LIST + MERGE_CHILDREN] = {"merge list children",
                               "SELECT id, '' AS item FROM partner WHERE parent_id = $1"
                               " AND id <> $2 ORDER BY id LIMIT $3",
                               NULL},
    [LIST + MERGE_EARLIER] = {"merge list earlier",
                              "SELECT id, '' AS item FROM partner WHERE merged_into = $1"
                              " AND id <> $2 ORDER BY id LIMIT $3",
                              NULL},
    [MOVE + MERGE_CONTACTS] = {"merge move contacts",
                               "UPDATE contact SET partner_id = $2, version = version + 1"
                               " WHERE partner_id = $1",
                               NULL},
    [MOVE + MERGE_EXTERNALS] = {"merge move external ids",
                                "UPDATE partner_external SET partner_id = $2"
                                " WHERE partner_id = $1",
                                NULL},
    [MOVE + MERGE_TAGS] = {"merge move tags",
                           "INSERT INTO partner_tag (partner_id, tag)"
                           " SELECT CAST($2 AS BIGINT), tag FROM partner_tag WHERE partner_id = $1"
                           " ON CONFLICT DO NOTHING",
                           NULL},
    [MOVE + MERGE_PRODUCTS] = {"merge move products",
                               "INSERT INTO partner_product (partner_id, product_id)"
                               " SELECT CAST($2 AS BIGINT), product_id FROM partner_product"
                               " WHERE partner_id = $1 ON CONFLICT DO NOTHING",
                               NULL},
    [MOVE + MERGE_EARLIER] = {"merge move earlier",
                              "UPDATE partner SET merged_into = $2 WHERE merged_into = $1", NULL},
    /* A partner has one primary contact: that of the survivor stays it. */
    [KEEP_PRIMARY] = {"merge keep primary",
                      "UPDATE contact SET is_primary = 0 WHERE partner_id = $1 AND is_primary = 1"
                      " AND EXISTS (SELECT 1 FROM contact o WHERE o.partner_id = $2"
                      " AND o.is_primary = 1 AND o.archived_ms IS NULL)",
                      NULL},
    [DROP_TAGS] = {"merge drop tags", "DELETE FROM partner_tag WHERE partner_id = $1", NULL},
    [DROP_PRODUCTS] = {"merge drop products", "DELETE FROM partner_product WHERE partner_id = $1",
                       NULL},
};
const struct query_table partner_merge_queries = {"partner merge", queries, ARRAY_LEN(queries)};

static const struct {
    const char *name;
    const char *prefix; /* NULL: texts */
} kinds[MERGE_KINDS] = {
    [MERGE_CONTACTS] = {"contacts", "con"},
    [MERGE_EXTERNALS] = {"external_ids", NULL},
    [MERGE_TAGS] = {"tags", NULL},
    [MERGE_PRODUCTS] = {"products", "prd"},
    [MERGE_EARLIER] = {"merged_before", "ptn"},
    [MERGE_CHILDREN] = {"children", "ptn"},
};

const char *merge_kind_name(enum merge_kind kind)
{
    return kinds[kind].name;
}

static struct str read_item(struct ctx *ctx, struct db_rows *rows, const char *prefix)
{
    if (!prefix)
        return db_rows_copy(rows, "item", ctx->arena);
    char *text = arena_alloc(ctx->arena, ID_TEXT_MAX);
    id_format(prefix, db_rows_int(rows, "id"), text);
    return str_from_c(text);
}

enum err merge_store_list(struct ctx *ctx, enum merge_kind kind, struct merge_pair pair,
                          struct merge_list *list)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[LIST + (int)kind],
                  DB_ARGS(db_int(pair.from.v), db_int(pair.into.v), db_int(MERGE_ITEMS_MAX + 1)));
    list->items = ARENA_ARRAY(ctx->arena, struct str, MERGE_ITEMS_MAX + 1);
    for (list->count = 0; db_rows_next(rows); list->count++)
        list->items[list->count] = read_item(ctx, rows, kinds[kind].prefix);
    TRY(db_rows_close(rows));
    if (list->count > MERGE_ITEMS_MAX)
        return CTX_FAULT(ctx, ERR_TOO_LARGE, "merge_too_large",
                         "This partner has more than %d %s; they cannot be moved at once.",
                         MERGE_ITEMS_MAX, kinds[kind].name);
    return OK;
}

enum err merge_store_move(struct ctx *ctx, enum merge_kind kind, struct merge_pair pair)
{
    struct db_args both = DB_ARGS(db_int(pair.from.v), db_int(pair.into.v));
    struct db_args from = DB_ARGS(db_int(pair.from.v));
    if (kind == MERGE_CONTACTS)
        TRY(db_run(ctx->conn, &queries[KEEP_PRIMARY], both, NULL));
    TRY(db_run(ctx->conn, &queries[MOVE + (int)kind], both, NULL));
    if (kind == MERGE_TAGS)
        return db_run(ctx->conn, &queries[DROP_TAGS], from, NULL);
    if (kind == MERGE_PRODUCTS)
        return db_run(ctx->conn, &queries[DROP_PRODUCTS], from, NULL);
    return OK;
}
