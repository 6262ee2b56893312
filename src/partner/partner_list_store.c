/*
 * All SQL of the list of partners. A page is made in two steps: the places of its rows (key and id)
 * in one of the orders, then what is shown of each. The places come by a walk in the order of an
 * index, or from the partners that an index has for one restriction (`partner_list.c` chooses).
 */
#include "src/partner/partner_list_store.h"

#include "lib/db/db.h"
#include "src/core/limits.h"

/* The statement's number of an order: walk or from a source, up or down. */
enum { UP, DOWN, FROM_UP, FROM_DOWN, PER_SORT };
enum {
    PLACES = 0,
    COUNT = LIST_SORT_COUNT * PER_SORT,
    COUNT_FROM,
    PARTNERS,
    HITS = PARTNERS, /* + the source, from LIST_FROM_WORD to LIST_FROM_STATUS */
    ROW = HITS + LIST_FROM_SELF,
    TAGS,
    PRODUCTS,
    FITS,
    HITS_UP,
    HITS_DOWN
};

#define STATUS_BIT                                                                       \
    "CASE p.status WHEN 'prospect' THEN 1 WHEN 'onboarding' THEN 2 WHEN 'active' THEN 4" \
    " WHEN 'suspended' THEN 8 ELSE 16 END"

/* Every statement takes these: $1 to $10 restrict, $11 to $26 are words and their ends. */
#define WORD(from, to)                                                             \
    " AND (CAST(" from " AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM partner_word w" \
    " WHERE w.partner_id = p.id AND w.word >= " from " AND w.word < " to "))"
#define LATER_WORDS    \
    WORD("$13", "$14") \
    WORD("$15", "$16") \
    WORD("$17", "$18") WORD("$19", "$20") WORD("$21", "$22") WORD("$23", "$24") WORD("$25", "$26")
/* Tags are the vendor's own: by them a partner's user finds nothing. */
#define RESTRICTIONS                                                              \
    " (CAST($1 AS BIGINT) = 0 OR p.id = $1) AND p.merged_into IS NULL"            \
    " AND (CAST($2 AS BIGINT) IS NULL OR p.manager_id = $2)"                      \
    " AND (CAST($3 AS BIGINT) & " STATUS_BIT ") <> 0"                             \
    " AND (CAST($4 AS TEXT) IS NULL OR p.country = $4)"                           \
    " AND (CAST($5 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM partner_product r" \
    " WHERE r.partner_id = p.id AND r.product_id = $5))"                          \
    " AND (CAST($6 AS TEXT) IS NULL OR (CAST($1 AS BIGINT) = 0 AND EXISTS"        \
    " (SELECT 1 FROM partner_tag t WHERE t.partner_id = p.id AND t.tag = $6)))"   \
    " AND (CAST($7 AS TEXT) IS NULL OR p.tier = $7)"                              \
    " AND (CAST($8 AS BIGINT) IS NULL OR p.parent_id = $8)"                       \
    " AND (CAST($9 AS BIGINT) = 0 OR NOT EXISTS (SELECT 1 FROM contact c"         \
    " WHERE c.partner_id = p.id AND c.archived_ms IS NULL))"                      \
    " AND (CAST($10 AS BIGINT) = 2"                                               \
    " OR (p.archived_ms IS NULL) = (CAST($10 AS BIGINT) = 0))"
#define FIRST_WORD(start)                                                              \
    " AND (" start "CAST($11 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM partner_word w" \
    " WHERE w.partner_id = p.id AND w.word >= $11 AND w.word < $12))"

#define WALK " FROM partner p JOIN user_account manager ON manager.id = p.manager_id WHERE"
#define WALK_FILTER RESTRICTIONS FIRST_WORD("") LATER_WORDS

/* Only the branch of the source that is given yields rows. CROSS JOIN: SQLite takes it as the order
 * of the loops. */
#define SOURCE(source)                                                                       \
    " FROM (SELECT partner_id AS id FROM partner_word"                                       \
    " WHERE CAST(" source " AS BIGINT) = 1 AND word >= $11 AND word < $12"                   \
    " UNION SELECT id FROM partner WHERE CAST(" source " AS BIGINT) = 2 AND manager_id = $2" \
    " UNION SELECT partner_id FROM partner_tag WHERE CAST(" source " AS BIGINT) = 3"         \
    " AND tag = $6"                                                                          \
    " UNION SELECT partner_id FROM partner_product WHERE CAST(" source " AS BIGINT) = 4"     \
    " AND product_id = $5"                                                                   \
    " UNION SELECT id FROM partner WHERE CAST(" source " AS BIGINT) = 5 AND parent_id = $8"  \
    " UNION SELECT id FROM partner WHERE CAST(" source " AS BIGINT) = 6 AND country = $4"    \
    " UNION SELECT id FROM partner WHERE CAST(" source " AS BIGINT) = 7 AND tier = $7"       \
    " UNION SELECT id FROM partner WHERE CAST(" source " AS BIGINT) = 8"                     \
    " AND status = CASE CAST($3 AS BIGINT) WHEN 1 THEN 'prospect' WHEN 2 THEN 'onboarding'"  \
    " WHEN 4 THEN 'active' WHEN 8 THEN 'suspended' ELSE 'ended' END"                         \
    " UNION SELECT id FROM partner WHERE CAST(" source " AS BIGINT) = 9 AND id = $1) s"      \
    " CROSS JOIN partner p CROSS JOIN user_account manager"                                  \
    " WHERE p.id = s.id AND manager.id = p.manager_id AND"
#define SOURCE_FILTER(source) \
    RESTRICTIONS FIRST_WORD("CAST(" source " AS BIGINT) = 1 OR ") LATER_WORDS

/* $27 and $28: the place before; $29: how many. */
#define SELECT_PLACES(key) "SELECT p.id, " key " AS sort_key"
#define AFTER(key, type) \
    " AND (" key ", p.id) > (CAST($27 AS " type "), $28) ORDER BY " key ", p.id LIMIT $29"
#define BEFORE(key, type)                                                                  \
    " AND (" key ", p.id) < (CAST($27 AS " type "), $28) ORDER BY " key " DESC, p.id DESC" \
    " LIMIT $29"
#define FROM_SOURCE SOURCE("$30") SOURCE_FILTER("$30")
#define SORT(sort, name, key, type)                                                               \
    [(sort)*PER_SORT +                                                                            \
        UP] = {"list by " name, SELECT_PLACES(key) WALK WALK_FILTER AFTER(key, type), NULL},      \
        [(sort)*PER_SORT + DOWN] = {"list by " name ", descending",                               \
                                    SELECT_PLACES(key) WALK WALK_FILTER BEFORE(key, type), NULL}, \
        [(sort)*PER_SORT + FROM_UP] = {"list from a source by " name,                             \
                                       SELECT_PLACES(key) FROM_SOURCE AFTER(key, type), NULL},    \
        [(sort)*PER_SORT + FROM_DOWN] = {"list from a source by " name ", descending",            \
                                         SELECT_PLACES(key) FROM_SOURCE BEFORE(key, type), NULL}

/* Words that are rare enough are joined by their index alone: $1 and $2 the rarest, $6 to $19 the
 * others; $3 and $4 the place before; $5 how many. */
#define JOINED(from, to)                                                           \
    " AND (CAST(" from " AS TEXT) IS NULL OR w.partner_id IN (SELECT v.partner_id" \
    " FROM partner_word v WHERE v.word >= " from " AND v.word < " to "))"
#define HITS_BY_NAME                                                                        \
    "SELECT w.partner_id AS id, w.name_key AS sort_key FROM partner_word w"                 \
    " WHERE w.word >= $1 AND w.word < $2" JOINED("$6", "$7") JOINED("$8", "$9")             \
        JOINED("$10", "$11") JOINED("$12", "$13") JOINED("$14", "$15") JOINED("$16", "$17") \
            JOINED("$18", "$19")

#define HITS_OF(source, name, rows)                                                               \
    [HITS + (source)] = {"list hits of " name, "SELECT COUNT(*) AS n FROM (" rows " LIMIT $2) t", \
                         NULL}

static const struct query queries[] = {
    SORT(PARTNER_SORT_NAME, "name", "p.name_key", "TEXT"),
    SORT(PARTNER_SORT_STATUS, "status", STATUS_BIT, "BIGINT"),
    SORT(PARTNER_SORT_COUNTRY, "country", "p.country", "TEXT"),
    SORT(PARTNER_SORT_CITY, "city", "p.city", "TEXT"),
    SORT(PARTNER_SORT_MANAGER, "manager", "manager.name", "TEXT"),
    SORT(PARTNER_SORT_TIER, "tier", "p.tier", "TEXT"),
    SORT(PARTNER_SORT_DOMAIN, "domain", "p.domain", "TEXT"),
    SORT(PARTNER_SORT_CREATED, "created", "p.created_ms", "BIGINT"),
    SORT(PARTNER_SORT_UPDATED, "updated", "p.updated_ms", "BIGINT"),
    SORT(PARTNER_SORT_ACTIVE, "active", "COALESCE(p.active_ms, 0)", "BIGINT"),
    SORT(LIST_SORT_ID, "id", "p.id", "BIGINT"),
    [COUNT] = {"list count", "SELECT COUNT(*) AS n" WALK WALK_FILTER, NULL},
    [COUNT_FROM] = {"list count from a source",
                    "SELECT COUNT(*) AS n" SOURCE("$27") SOURCE_FILTER("$27"), NULL},
    [PARTNERS] = {"list partners", "SELECT COUNT(*) AS n FROM partner", NULL},
    [HITS + LIST_FROM_WORD] = {"list hits of a word",
                               "SELECT COUNT(*) AS n FROM (SELECT 1 FROM partner_word"
                               " WHERE word >= $1 AND word < $3 LIMIT $2) t",
                               NULL},
    HITS_OF(LIST_FROM_MANAGER, "a manager", "SELECT 1 FROM partner WHERE manager_id = $1"),
    HITS_OF(LIST_FROM_TAG, "a tag", "SELECT 1 FROM partner_tag WHERE tag = $1"),
    HITS_OF(LIST_FROM_PRODUCT, "a product", "SELECT 1 FROM partner_product WHERE product_id = $1"),
    HITS_OF(LIST_FROM_PARENT, "a parent", "SELECT 1 FROM partner WHERE parent_id = $1"),
    HITS_OF(LIST_FROM_COUNTRY, "a country", "SELECT 1 FROM partner WHERE country = $1"),
    HITS_OF(LIST_FROM_TIER, "a tier", "SELECT 1 FROM partner WHERE tier = $1"),
    HITS_OF(LIST_FROM_STATUS, "a status", "SELECT 1 FROM partner WHERE status = $1"),
    [FITS] = {"list fits", "SELECT p.id FROM partner p WHERE p.id = $27 AND" WALK_FILTER, NULL},
    [HITS_UP] = {"list hits by name",
                 HITS_BY_NAME " AND (w.name_key, w.partner_id) > ($3, $4)"
                              " ORDER BY w.name_key, w.partner_id LIMIT $5",
                 NULL},
    [HITS_DOWN] = {"list hits by name, descending",
                   HITS_BY_NAME " AND (w.name_key, w.partner_id) < ($3, $4)"
                                " ORDER BY w.name_key DESC, w.partner_id DESC LIMIT $5",
                   NULL},
    [ROW] = {"list row",
             "SELECT p.id, p.name, p.status, p.tier, p.city, p.region, p.country, p.domain,"
             " p.phone, p.manager_id, manager.name AS manager_name, p.parent_id,"
             " parent.name AS parent_name, c.id AS contact_id, c.name AS contact_name,"
             " c.email AS contact_email, c.phone AS contact_phone, p.created_ms, p.updated_ms,"
             " p.active_ms, p.archived_ms, p.version FROM partner p"
             " JOIN user_account manager ON manager.id = p.manager_id"
             " LEFT JOIN partner parent ON parent.id = p.parent_id"
             " LEFT JOIN contact c ON c.partner_id = p.id AND c.is_primary = 1"
             " AND c.archived_ms IS NULL"
             " WHERE p.id = $1 AND (CAST($2 AS BIGINT) = 0 OR p.id = $2)",
             NULL},
    [TAGS] = {"list tags",
              "SELECT tag FROM partner_tag WHERE partner_id = $1 AND CAST($2 AS BIGINT) = 0"
              " ORDER BY tag LIMIT $3",
              NULL},
    [PRODUCTS] = {"list products",
                  "SELECT id FROM product WHERE (code = $1 OR name_key = $2)"
                  " AND (CAST($3 AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM partner_product r"
                  " WHERE r.product_id = product.id AND r.partner_id = $3))"
                  " ORDER BY id LIMIT 2",
                  NULL},
};
const struct query_table partner_list_queries = {"partner list", queries, ARRAY_LEN(queries)};

bool list_sort_is_text(int sort)
{
    return sort == PARTNER_SORT_NAME || sort == PARTNER_SORT_COUNTRY || sort == PARTNER_SORT_CITY ||
           sort == PARTNER_SORT_MANAGER || sort == PARTNER_SORT_TIER || sort == PARTNER_SORT_DOMAIN;
}

bool list_sort_is_indexed(int sort)
{
    return sort != PARTNER_SORT_STATUS && sort != PARTNER_SORT_MANAGER &&
           sort != PARTNER_SORT_ACTIVE;
}

/* ---- what is counted ---- */

static enum err read_count(struct db_rows *rows, int64_t *ret_count)
{
    int64_t count = db_rows_next(rows) ? db_rows_int(rows, "n") : 0;
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

/* The name of the one status that the bits have. */
static const char *only_status(unsigned bits)
{
    enum partner_status status = PARTNER_PROSPECT;
    while (status < PARTNER_ENDED && bits != PARTNER_STATUS_BIT(status))
        status++;
    return partner_status_name(status);
}

static struct db_value source_value(const struct list_filter *filter, enum list_source source)
{
    const struct partner_filter *given = filter->given;
    switch (source) {
    case LIST_FROM_MANAGER:
        return db_int(given->manager.v);
    case LIST_FROM_TAG:
        return db_text(given->tag);
    case LIST_FROM_PRODUCT:
        return db_int(given->product.v);
    case LIST_FROM_PARENT:
        return db_int(given->parent.v);
    case LIST_FROM_COUNTRY:
        return db_text(country_str(&given->country));
    case LIST_FROM_TIER:
        return db_text(given->tier);
    case LIST_FROM_STATUS:
        return db_text(str_from_c(only_status(given->statuses)));
    case LIST_WALK:
    case LIST_FROM_WORD:
    case LIST_FROM_SELF:
        break;
    }
    return db_int(0);
}

enum err list_store_hits(struct ctx *ctx, const struct list_filter *filter,
                         const struct list_restriction *restriction, int64_t limit,
                         int64_t *ret_hits)
{
    enum list_source source = restriction->source;
    if (source != LIST_FROM_WORD)
        return read_count(db_select(ctx->conn, &queries[HITS + source],
                                    DB_ARGS(source_value(filter, source), db_int(limit))),
                          ret_hits);
    return read_count(db_select(ctx->conn, &queries[HITS + source],
                                DB_ARGS(db_text(filter->words[restriction->word]), db_int(limit),
                                        db_text(filter->ends[restriction->word]))),
                      ret_hits);
}

enum err list_store_partners(struct ctx *ctx, int64_t *ret_count)
{
    return read_count(db_select(ctx->conn, &queries[PARTNERS], DB_NO_ARGS), ret_count);
}

/* ---- the filter as parameters ---- */

enum { WORDS_AT = 10, FILTER_ARGS = WORDS_AT + 2 * LIMIT_SEARCH_WORDS, PLACE_ARGS = 4 };
/* The second word's place is HITS_WORDS_AT + 2: after the first word, the place and the limit. */
enum { HITS_WORDS_AT = 3, HITS_ARGS = HITS_WORDS_AT + 2 * LIMIT_SEARCH_WORDS };

static void fill_filter(struct ctx *ctx, const struct list_filter *filter,
                        struct db_value values[FILTER_ARGS])
{
    const struct partner_filter *given = filter->given;
    const unsigned every_status = (1U << PARTNER_STATUS_COUNT) - 1;
    values[0] = db_int(ctx_partner_scope(ctx));
    values[1] = db_int_or_null(given->manager.v);
    values[2] = db_int(given->statuses ? given->statuses : every_status);
    values[3] = db_text_or_null(country_str(&given->country));
    values[4] = db_int_or_null(given->product.v);
    values[5] = db_text_or_null(given->tag);
    values[6] = db_text_or_null(given->tier);
    values[7] = db_int_or_null(given->parent.v);
    values[8] = db_int(given->without_contact);
    values[9] = db_int(given->archived);
    for (size_t i = 0; i < LIMIT_SEARCH_WORDS; i++) {
        bool used = i < filter->word_count;
        values[WORDS_AT + 2 * i] = used ? db_text(filter->words[i]) : db_null();
        values[WORDS_AT + 2 * i + 1] = used ? db_text(filter->ends[i]) : db_null();
    }
}

enum err list_store_count(struct ctx *ctx, const struct list_filter *filter, int64_t *ret_count)
{
    struct db_value values[FILTER_ARGS + 1];
    bool walks = filter->source == LIST_WALK;
    fill_filter(ctx, filter, values);
    values[FILTER_ARGS] = db_int(filter->source);
    struct db_args args = {values, walks ? FILTER_ARGS : FILTER_ARGS + 1};
    return read_count(db_select(ctx->conn, &queries[walks ? COUNT : COUNT_FROM], args), ret_count);
}

/* ---- places ---- */

struct list_place list_start(const struct list_order *order)
{
    /* U+10FFFF is above every text that is kept. */
    if (order->descending)
        return (struct list_place){{INT64_MAX}, STR("\xf4\x8f\xbf\xbf"), INT64_MAX};
    return (struct list_place){{-1}, STR(""), INT64_MIN};
}

static int places_query(const struct list_filter *filter, const struct list_order *order)
{
    bool walks = filter->source == LIST_WALK;
    int variant = walks ? (order->descending ? DOWN : UP) : order->descending ? FROM_DOWN : FROM_UP;
    return PLACES + order->sort * PER_SORT + variant;
}

enum err list_store_places(struct ctx *ctx, const struct list_filter *filter,
                           const struct list_order *order, const struct list_place *after,
                           struct list_places *places)
{
    struct db_value values[FILTER_ARGS + PLACE_ARGS];
    bool is_text = list_sort_is_text(order->sort);
    fill_filter(ctx, filter, values);
    values[FILTER_ARGS] = is_text ? db_text(after->text) : db_int(after->number);
    values[FILTER_ARGS + 1] = db_int(after->id.v);
    values[FILTER_ARGS + 2] = db_int((int64_t)places->limit);
    values[FILTER_ARGS + 3] = db_int(filter->source);
    struct db_args args = {values, FILTER_ARGS + PLACE_ARGS - (filter->source == LIST_WALK)};
    struct db_rows *rows = db_select(ctx->conn, &queries[places_query(filter, order)], args);
    places->count = 0;
    while (db_rows_next(rows)) {
        struct list_place *place = &places->rows[places->count++];
        *place = (struct list_place){.id = {db_rows_int(rows, "id")}};
        if (is_text)
            place->text = db_rows_copy(rows, "sort_key", ctx->arena);
        else
            place->number = db_rows_int(rows, "sort_key");
    }
    return db_rows_close(rows);
}

enum err list_store_hits_by_name(struct ctx *ctx, const struct list_filter *filter, bool descending,
                                 const struct list_place *after, struct list_places *places)
{
    struct db_value values[HITS_ARGS] = {db_text(filter->words[0]), db_text(filter->ends[0]),
                                         db_text(after->text), db_int(after->id.v),
                                         db_int((int64_t)places->limit)};
    for (size_t i = 1; i < LIMIT_SEARCH_WORDS; i++) {
        bool joined = i < filter->rare_words;
        values[HITS_WORDS_AT + 2 * i] = joined ? db_text(filter->words[i]) : db_null();
        values[HITS_WORDS_AT + 2 * i + 1] = joined ? db_text(filter->ends[i]) : db_null();
    }
    struct db_rows *rows = db_select(ctx->conn, &queries[descending ? HITS_DOWN : HITS_UP],
                                     (struct db_args){values, HITS_ARGS});
    for (places->count = 0; db_rows_next(rows); places->count++)
        places->rows[places->count] = (struct list_place){
            {db_rows_int(rows, "id")}, db_rows_copy(rows, "sort_key", ctx->arena), 0};
    return db_rows_close(rows);
}

enum err list_store_fits(struct ctx *ctx, const struct list_filter *filter, struct partner_id id,
                         bool *ret_fits)
{
    struct db_value values[FILTER_ARGS + 1];
    fill_filter(ctx, filter, values);
    for (size_t i = 0; i < 2 * filter->rare_words; i++)
        values[WORDS_AT + i] = db_null();
    values[FILTER_ARGS] = db_int(id.v);
    struct db_rows *rows =
        db_select(ctx->conn, &queries[FITS], (struct db_args){values, FILTER_ARGS + 1});
    *ret_fits = db_rows_next(rows);
    return db_rows_close(rows);
}

/* ---- what is shown ---- */

static void read_row(struct ctx *ctx, struct db_rows *rows, struct partner_row *row)
{
    struct arena *arena = ctx->arena;
    *row = (struct partner_row){
        .id = {db_rows_int(rows, "id")},
        .name = db_rows_copy(rows, "name", arena),
        .status = db_rows_copy(rows, "status", arena),
        .tier = db_rows_copy(rows, "tier", arena),
        .city = db_rows_copy(rows, "city", arena),
        .region = db_rows_copy(rows, "region", arena),
        .country = db_rows_copy(rows, "country", arena),
        .domain = db_rows_copy(rows, "domain", arena),
        .phone = db_rows_copy(rows, "phone", arena),
        .manager = {db_rows_int(rows, "manager_id")},
        .manager_name = db_rows_copy(rows, "manager_name", arena),
        .parent = {db_rows_int(rows, "parent_id")},
        .parent_name = db_rows_copy(rows, "parent_name", arena),
        .contact = {db_rows_int(rows, "contact_id")},
        .contact_name = db_rows_copy(rows, "contact_name", arena),
        .contact_email = db_rows_copy(rows, "contact_email", arena),
        .contact_phone = db_rows_copy(rows, "contact_phone", arena),
        .created_ms = db_rows_int(rows, "created_ms"),
        .updated_ms = db_rows_int(rows, "updated_ms"),
        .active_ms = db_rows_int(rows, "active_ms"),
        .archived_ms = db_rows_int(rows, "archived_ms"),
        .version = db_rows_int(rows, "version"),
    };
}

static enum err read_tags(struct ctx *ctx, struct partner_row *row)
{
    struct str tags[LIMIT_TAGS];
    struct db_rows *rows =
        db_select(ctx->conn, &queries[TAGS],
                  DB_ARGS(db_int(row->id.v), db_int(ctx_partner_scope(ctx)), db_int(LIMIT_TAGS)));
    size_t count = 0;
    while (db_rows_next(rows))
        tags[count++] = db_rows_copy(rows, "tag", ctx->arena);
    TRY(db_rows_close(rows));
    row->tags = ARENA_ARRAY(ctx->arena, struct str, count);
    for (row->tag_count = 0; row->tag_count < count; row->tag_count++)
        row->tags[row->tag_count] = tags[row->tag_count];
    return OK;
}

enum err list_store_row(struct ctx *ctx, struct partner_id id, struct partner_row *ret_row,
                        bool *ret_found)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[ROW], DB_ARGS(db_int(id.v), db_int(ctx_partner_scope(ctx))));
    bool found = db_rows_next(rows);
    if (found)
        read_row(ctx, rows, ret_row);
    TRY(db_rows_close(rows));
    *ret_found = found;
    return found ? read_tags(ctx, ret_row) : OK;
}

enum err list_store_products(struct ctx *ctx, struct str text, struct product_id ret_ids[2],
                             size_t *ret_count)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[PRODUCTS],
                                     DB_ARGS(db_text(text), db_text(text_fold(text, ctx->arena)),
                                             db_int(ctx_partner_scope(ctx))));
    size_t count = 0;
    while (db_rows_next(rows))
        ret_ids[count++].v = db_rows_int(rows, "id");
    *ret_count = count;
    return db_rows_close(rows);
}
