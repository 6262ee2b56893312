/* All SQL that keeps search words and duplicates. */
#include "src/partner/partner_search_store.h"

#include <string.h>

#include "lib/db/db.h"
#include "src/core/limits.h"

enum {
    NAMES_MAX = 2 * (LIMIT_CONTACTS + LIMIT_EXTERNAL_IDS) * 4, /* merges may go over the limits */
    WORDS_MAX = 20000,
    PAIRS_MAX = 1000,
    EXTERNALS_BYTES = 2 * LIMIT_EXTERNAL_IDS * (LIMIT_EXTERNAL_ID_BYTES + 1),
    EXTERNAL_LENGTH_MIN = 6 /* shorter ids are counted up by every system, and meet by chance */
};

enum {
    TEXTS,
    WORDS,
    ADD_WORD,
    OLD_NAME,
    RENAME,
    REMOVE_WORD,
    FEATURES,
    EXTERNALS,
    SIGNATURE,
    SAVE_MATCH,
    REMOVE_MATCH,
    BY_DOMAIN,
    BY_PHONE,
    BY_PHONE2,
    BY_EXTERNAL,
    KEY_UP,
    KEY_DOWN,
    REVERSED_UP,
    REVERSED_DOWN,
    PAIRS_OF,
    ADD_PAIR,
    UPDATE_PAIR,
    REMOVE_PAIR,
    REMOVE_OPEN_PAIRS
};

/* What a text is, for the words of it. */
enum { TEXT_NAME, TEXT_HOST, TEXT_MAIL };

#define LIVE "p.archived_ms IS NULL AND p.merged_into IS NULL"

static const struct query queries[] = {
    [TEXTS] = {"search texts",
               "SELECT kind, text FROM ("
               "SELECT 0 AS kind, p.name AS text FROM partner p"
               " WHERE p.id = $1 AND p.merged_into IS NULL"
               " UNION ALL SELECT 1, p.domain FROM partner p"
               " WHERE p.id = $1 AND p.merged_into IS NULL"
               " UNION ALL SELECT 0, p.name FROM partner p WHERE p.merged_into = $1"
               " UNION ALL SELECT 1, p.domain FROM partner p WHERE p.merged_into = $1"
               " UNION ALL SELECT 0, c.name FROM contact c"
               " WHERE c.partner_id = $1 AND c.archived_ms IS NULL"
               " UNION ALL SELECT 2, c.email FROM contact c"
               " WHERE c.partner_id = $1 AND c.archived_ms IS NULL"
               " UNION ALL SELECT 0, e.external_id FROM partner_external e"
               " WHERE e.partner_id = $1) t WHERE t.text <> '' ORDER BY kind, text LIMIT $2",
               NULL},
    [WORDS] = {"search words",
               "SELECT word FROM partner_word WHERE partner_id = $1 ORDER BY word LIMIT $2", NULL},
    [ADD_WORD] = {"search add word",
                  "INSERT INTO partner_word (word, partner_id, name_key)"
                  " SELECT CAST($1 AS TEXT), p.id, p.name_key FROM partner p WHERE p.id = $2",
                  NULL},
    /* All words of a partner have the same: one tells. */
    [OLD_NAME] = {"search old name",
                  "SELECT w.word FROM partner_word w JOIN partner p ON p.id = w.partner_id"
                  " WHERE w.partner_id = $1 AND w.word = (SELECT MIN(v.word) FROM partner_word v"
                  " WHERE v.partner_id = $1) AND w.name_key <> p.name_key",
                  NULL},
    [RENAME] = {"search rename",
                "UPDATE partner_word SET name_key = (SELECT p.name_key FROM partner p"
                " WHERE p.id = $1) WHERE partner_id = $1",
                NULL},
    [REMOVE_WORD] = {"search remove word",
                     "DELETE FROM partner_word WHERE word = $1 AND partner_id = $2", NULL},
    [FEATURES] = {"match features",
                  "SELECT p.id, p.parent_id, p.company_key, p.domain, p.phone, p.phone2"
                  " FROM partner p WHERE p.id = $1 AND " LIVE,
                  NULL},
    [EXTERNALS] = {"match externals",
                   "SELECT external_id FROM partner_external WHERE partner_id = $1"
                   " ORDER BY system, external_id LIMIT $2",
                   NULL},
    [SIGNATURE] = {"match signature", "SELECT signature FROM partner_match WHERE partner_id = $1",
                   NULL},
    [SAVE_MATCH] = {"match save",
                    "INSERT INTO partner_match (partner_id, company_key, reversed_key, signature)"
                    " VALUES ($1, $2, $3, $4) ON CONFLICT (partner_id) DO UPDATE SET"
                    " company_key = excluded.company_key, reversed_key = excluded.reversed_key,"
                    " signature = excluded.signature",
                    NULL},
    [REMOVE_MATCH] = {"match remove", "DELETE FROM partner_match WHERE partner_id = $1", NULL},
    [BY_DOMAIN] = {"match by domain",
                   "SELECT p.id FROM partner p WHERE p.domain = $1 AND p.id <> $2 AND " LIVE
                   " ORDER BY p.id LIMIT $3",
                   NULL},
    [BY_PHONE] = {"match by phone",
                  "SELECT p.id FROM partner p WHERE p.phone = $1 AND p.id <> $2 AND " LIVE
                  " ORDER BY p.id LIMIT $3",
                  NULL},
    [BY_PHONE2] = {"match by second phone",
                   "SELECT p.id FROM partner p WHERE p.phone2 = $1 AND p.id <> $2 AND " LIVE
                   " ORDER BY p.id LIMIT $3",
                   NULL},
    [BY_EXTERNAL] = {"match by external id",
                     "SELECT DISTINCT o.partner_id AS id FROM partner_external e"
                     " JOIN partner_external o ON o.external_id = e.external_id"
                     " AND o.partner_id <> e.partner_id AND o.system <> e.system"
                     " JOIN partner p ON p.id = o.partner_id"
                     " WHERE e.partner_id = $1 AND length(e.external_id) >= $2 AND " LIVE
                     " ORDER BY o.partner_id LIMIT $3",
                     NULL},
    [KEY_UP] = {"match key up",
                "SELECT partner_id, company_key AS match_key FROM partner_match"
                " WHERE company_key >= $1 AND company_key < $2 AND partner_id <> $3"
                " ORDER BY company_key, partner_id LIMIT $4",
                NULL},
    [KEY_DOWN] = {"match key down",
                  "SELECT partner_id, company_key AS match_key FROM partner_match"
                  " WHERE company_key < $1 AND company_key >= $2 AND partner_id <> $3"
                  " ORDER BY company_key DESC, partner_id DESC LIMIT $4",
                  NULL},
    [REVERSED_UP] = {"match reversed up",
                     "SELECT partner_id, reversed_key AS match_key FROM partner_match"
                     " WHERE reversed_key >= $1 AND reversed_key < $2 AND partner_id <> $3"
                     " ORDER BY reversed_key, partner_id LIMIT $4",
                     NULL},
    [REVERSED_DOWN] = {"match reversed down",
                       "SELECT partner_id, reversed_key AS match_key FROM partner_match"
                       " WHERE reversed_key < $1 AND reversed_key >= $2 AND partner_id <> $3"
                       " ORDER BY reversed_key DESC, partner_id DESC LIMIT $4",
                       NULL},
    [PAIRS_OF] = {"duplicate pairs of",
                  "SELECT id, high_id AS other_id, reasons, dismissed_ms FROM partner_duplicate"
                  " WHERE low_id = $1"
                  " UNION ALL SELECT id, low_id, reasons, dismissed_ms FROM partner_duplicate"
                  " WHERE high_id = $1 ORDER BY id LIMIT $2",
                  NULL},
    [ADD_PAIR] = {"duplicate add",
                  "INSERT INTO partner_duplicate (id, low_id, high_id, reasons, rank, found_ms)"
                  " VALUES ($1, $2, $3, $4, $5, $6)",
                  NULL},
    [UPDATE_PAIR] = {"duplicate update",
                     "UPDATE partner_duplicate SET reasons = $2, rank = $3 WHERE id = $1", NULL},
    [REMOVE_PAIR] = {"duplicate remove", "DELETE FROM partner_duplicate WHERE id = $1", NULL},
    [REMOVE_OPEN_PAIRS] = {"duplicate remove open",
                           "DELETE FROM partner_duplicate"
                           " WHERE (low_id = $1 OR high_id = $1) AND dismissed_ms IS NULL",
                           NULL},
};
const struct query_table partner_search_queries = {"partner search", queries, ARRAY_LEN(queries)};

static enum err run(struct ctx *ctx, int query, struct db_args args)
{
    return db_run(ctx->conn, &queries[query], args, NULL);
}

/* ---- words ---- */

enum err search_store_read(struct ctx *ctx, struct partner_id id, struct search_words *words)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[TEXTS], DB_ARGS(db_int(id.v), db_int(NAMES_MAX)));
    while (db_rows_next(rows)) {
        struct str text = db_rows_copy(rows, "text", words->arena);
        int64_t kind = db_rows_int(rows, "kind");
        if (kind == TEXT_HOST)
            search_words_add_host(words, text);
        else if (kind == TEXT_MAIL)
            search_words_add_mail(words, text);
        else
            search_words_add_text(words, text);
    }
    return db_rows_close(rows);
}

enum err search_store_words(struct ctx *ctx, struct partner_id id, struct search_words *words)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[WORDS], DB_ARGS(db_int(id.v), db_int(WORDS_MAX)));
    while (db_rows_next(rows))
        search_words_keep(words, db_rows_copy(rows, "word", words->arena));
    return db_rows_close(rows);
}

enum err search_store_add(struct ctx *ctx, struct partner_id id, struct str word)
{
    return run(ctx, ADD_WORD, DB_ARGS(db_text(word), db_int(id.v)));
}

enum err search_store_rename(struct ctx *ctx, struct partner_id id)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[OLD_NAME], DB_ARGS(db_int(id.v)));
    bool renamed = db_rows_next(rows);
    TRY(db_rows_close(rows));
    return renamed ? run(ctx, RENAME, DB_ARGS(db_int(id.v))) : OK;
}

enum err search_store_remove(struct ctx *ctx, struct partner_id id, struct str word)
{
    return run(ctx, REMOVE_WORD, DB_ARGS(db_text(word), db_int(id.v)));
}

/* ---- what is compared ---- */

enum err match_store_features(struct ctx *ctx, struct partner_id id,
                              struct duplicate_features *ret_features, bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[FEATURES], DB_ARGS(db_int(id.v)));
    bool found = db_rows_next(rows);
    if (found)
        *ret_features = (struct duplicate_features){
            .id = id,
            .parent = {db_rows_int(rows, "parent_id")},
            .company_key = db_rows_copy(rows, "company_key", ctx->arena),
            .domain = db_rows_copy(rows, "domain", ctx->arena),
            .phone = db_rows_copy(rows, "phone", ctx->arena),
            .phone2 = db_rows_copy(rows, "phone2", ctx->arena),
        };
    *ret_found = found;
    return db_rows_close(rows);
}

enum err match_store_externals(struct ctx *ctx, struct partner_id id, struct str *ret_text)
{
    struct buf text;
    buf_init(&text, ctx->arena, EXTERNALS_BYTES);
    struct db_rows *rows = db_select(ctx->conn, &queries[EXTERNALS],
                                     DB_ARGS(db_int(id.v), db_int(2 * LIMIT_EXTERNAL_IDS)));
    while (db_rows_next(rows)) {
        buf_add(&text, db_rows_text(rows, "external_id"));
        buf_add_char(&text, '\n');
    }
    *ret_text = buf_str(&text);
    return db_rows_close(rows);
}

enum err match_store_signature(struct ctx *ctx, struct partner_id id, struct str *ret_signature)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[SIGNATURE], DB_ARGS(db_int(id.v)));
    *ret_signature = (struct str){NULL, 0};
    if (db_rows_next(rows))
        *ret_signature = db_rows_copy(rows, "signature", ctx->arena);
    return db_rows_close(rows);
}

enum err match_store_save(struct ctx *ctx, const struct duplicate_features *features,
                          struct str signature)
{
    return run(ctx, SAVE_MATCH,
               DB_ARGS(db_int(features->id.v), db_text(features->company_key),
                       db_text(text_reversed(features->company_key, ctx->arena)),
                       db_text(signature)));
}

enum err match_store_remove(struct ctx *ctx, struct partner_id id)
{
    return run(ctx, REMOVE_MATCH, DB_ARGS(db_int(id.v)));
}

/* ---- who may be the same ---- */

void match_candidates_add(struct match_candidates *candidates, struct partner_id id,
                          unsigned reasons)
{
    for (size_t i = 0; i < candidates->count; i++) {
        if (!partner_id_equal(candidates->rows[i].id, id))
            continue;
        candidates->rows[i].reasons |= reasons;
        return;
    }
    if (candidates->count == candidates->cap) {
        size_t cap = candidates->cap ? candidates->cap * 2 : 16;
        void *more = arena_alloc_array(candidates->arena, cap, sizeof(*candidates->rows));
        if (candidates->count)
            memcpy(more, candidates->rows, candidates->count * sizeof(*candidates->rows));
        candidates->rows = more;
        candidates->cap = cap;
    }
    candidates->rows[candidates->count].id = id;
    candidates->rows[candidates->count++].reasons = reasons;
}

static enum err add_ids(struct ctx *ctx, struct db_rows *rows, unsigned reasons,
                        struct match_candidates *candidates, size_t *ret_seen)
{
    (void)ctx;
    size_t seen = 0;
    for (; db_rows_next(rows); seen++)
        match_candidates_add(candidates, (struct partner_id){db_rows_int(rows, "id")}, reasons);
    if (ret_seen)
        *ret_seen = seen;
    return db_rows_close(rows);
}

enum err match_store_by_domain(struct ctx *ctx, const struct duplicate_features *features,
                               int64_t limit, struct match_candidates *candidates, size_t *ret_seen)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[BY_DOMAIN],
                  DB_ARGS(db_text(features->domain), db_int(features->id.v), db_int(limit)));
    return add_ids(ctx, rows, 0, candidates, ret_seen);
}

enum err match_store_by_phone(struct ctx *ctx, struct partner_id id, struct str phone,
                              int64_t limit, struct match_candidates *candidates)
{
    struct db_args args = DB_ARGS(db_text(phone), db_int(id.v), db_int(limit));
    TRY(add_ids(ctx, db_select(ctx->conn, &queries[BY_PHONE], args), 0, candidates, NULL));
    return add_ids(ctx, db_select(ctx->conn, &queries[BY_PHONE2], args), 0, candidates, NULL);
}

enum err match_store_by_external(struct ctx *ctx, struct partner_id id, int64_t limit,
                                 struct match_candidates *candidates)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[BY_EXTERNAL],
                  DB_ARGS(db_int(id.v), db_int(EXTERNAL_LENGTH_MIN), db_int(limit)));
    return add_ids(ctx, rows, DUPLICATE_EXTERNAL_ID, candidates, NULL);
}

/* Of the neighbours of `key`, those that are equal or close. */
static enum err add_close(struct db_rows *rows, struct str key, struct match_candidates *candidates)
{
    while (db_rows_next(rows)) {
        struct str other = db_rows_text(rows, "match_key");
        if (str_equal(other, key) || company_keys_close(other, key))
            match_candidates_add(candidates, (struct partner_id){db_rows_int(rows, "partner_id")},
                                 0);
    }
    return db_rows_close(rows);
}

struct neighbours {
    int up, down;
    struct partner_id id;
    struct str key;
    int64_t limit;
};

static enum err add_neighbours(struct ctx *ctx, const struct neighbours *of,
                               struct match_candidates *candidates)
{
    struct str half = key_half(of->key);
    struct db_args up = DB_ARGS(db_text(of->key), db_text(search_word_end(half, ctx->arena)),
                                db_int(of->id.v), db_int(of->limit));
    struct db_args down =
        DB_ARGS(db_text(of->key), db_text(half), db_int(of->id.v), db_int(of->limit));
    TRY(add_close(db_select(ctx->conn, &queries[of->up], up), of->key, candidates));
    return add_close(db_select(ctx->conn, &queries[of->down], down), of->key, candidates);
}

enum err match_store_by_name(struct ctx *ctx, const struct duplicate_features *features,
                             int64_t limit, struct match_candidates *candidates)
{
    struct neighbours forwards = {KEY_UP, KEY_DOWN, features->id, features->company_key, limit};
    struct neighbours backwards = {REVERSED_UP, REVERSED_DOWN, features->id,
                                   text_reversed(features->company_key, ctx->arena), limit};
    TRY(add_neighbours(ctx, &forwards, candidates));
    return add_neighbours(ctx, &backwards, candidates);
}

/* ---- pairs ---- */

enum err pair_store_of(struct ctx *ctx, struct partner_id id, struct match_pairs *ret_pairs)
{
    struct match_pairs pairs = {ARENA_ARRAY(ctx->arena, struct match_pair, PAIRS_MAX), 0};
    struct db_rows *rows =
        db_select(ctx->conn, &queries[PAIRS_OF], DB_ARGS(db_int(id.v), db_int(PAIRS_MAX)));
    while (db_rows_next(rows))
        pairs.rows[pairs.count++] = (struct match_pair){
            .id = {db_rows_int(rows, "id")},
            .other = {db_rows_int(rows, "other_id")},
            .reasons = (unsigned)db_rows_int(rows, "reasons"),
            .dismissed = !db_rows_is_null(rows, "dismissed_ms"),
        };
    *ret_pairs = pairs;
    return db_rows_close(rows);
}

enum err pair_store_insert(struct ctx *ctx, struct partner_id a, struct partner_id b,
                           unsigned reasons)
{
    int64_t low = a.v < b.v ? a.v : b.v, high = a.v < b.v ? b.v : a.v;
    return run(ctx, ADD_PAIR,
               DB_ARGS(db_int(ctx_next_id(ctx)), db_int(low), db_int(high), db_int(reasons),
                       db_int(duplicate_rank(reasons)), db_int(ctx->now_ms)));
}

enum err pair_store_update(struct ctx *ctx, struct duplicate_id id, unsigned reasons)
{
    return run(ctx, UPDATE_PAIR,
               DB_ARGS(db_int(id.v), db_int(reasons), db_int(duplicate_rank(reasons))));
}

enum err pair_store_remove(struct ctx *ctx, struct duplicate_id id)
{
    return run(ctx, REMOVE_PAIR, DB_ARGS(db_int(id.v)));
}

enum err pair_store_remove_open(struct ctx *ctx, struct partner_id id)
{
    return run(ctx, REMOVE_OPEN_PAIRS, DB_ARGS(db_int(id.v)));
}
