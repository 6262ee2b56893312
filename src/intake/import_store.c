/* All SQL of imports, their files, counts and changes. */
#include "src/intake/import_store.h"

#include "lib/db/db.h"
#include "src/core/limits.h"

enum {
    INSERT,
    INSERT_FILE,
    UPDATE_FILE,
    DELETE_FILE,
    SET_POSITION,
    SET_CHOICES,
    SET_STATE,
    TOUCH,
    GET,
    FILES,
    COUNTS,
    SKIPS,
    LIST,
    NEXT,
    NEEDS,
    FILE_PROGRESS,
    PROGRESS,
    ADD_COUNT,
    ADD_SKIP,
    ADD_BAD,
    BAD
};

/* clang-format off */
#define SUM(column) ", CAST(COALESCE(SUM(f." column "), 0) AS BIGINT) AS " column
#define IMPORT_SELECT                                                                           \
    "SELECT i.id, i.state, i.partners, i.dates, i.currency, i.actor, i.created_ms,"             \
    " i.started_ms, i.finished_ms, i.run_started_ms, i.run_updated_ms, i.run_rows, i.bad_rows," \
    " i.changes, i.error, i.version"                                                            \
    SUM("total_rows") SUM("rows_done") SUM("created") SUM("updated") SUM("unchanged")           \
    SUM("skipped") SUM("unassigned") SUM("refused")                                             \
    ", MIN(f.name) AS first_file, COUNT(f.number) AS file_total"                                \
    " FROM import i LEFT JOIN import_file f ON f.import_id = i.id"
/* clang-format on */

static const struct query queries[] = {
    [INSERT] = {"import insert",
                "INSERT INTO import (id, state, partners, dates, currency, actor, created_ms)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                NULL},
    [INSERT_FILE] = {"import insert file",
                     "INSERT INTO import_file (import_id, number, position, name, path, owned,"
                     " size_bytes, digest, mapping_name, mapping, proposed, encoding, separator,"
                     " columns, notes, analysis, total_rows) VALUES ($1, $2, $3, $4, $5, $6, $7,"
                     " $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
                     NULL},
    [UPDATE_FILE] = {"import update file",
                     "UPDATE import_file SET position = $3, name = $4, path = $5, owned = $6,"
                     " size_bytes = $7, digest = $8, mapping_name = $9, mapping = $10,"
                     " proposed = $11, encoding = $12, separator = $13, columns = $14, notes = $15,"
                     " analysis = $16, total_rows = $17 WHERE import_id = $1 AND number = $2",
                     NULL},
    [DELETE_FILE] = {"import delete file",
                     "DELETE FROM import_file WHERE import_id = $1 AND number = $2", NULL},
    [SET_POSITION] = {"import set position",
                      "UPDATE import_file SET position = $3 WHERE import_id = $1 AND number = $2",
                      NULL},
    [SET_CHOICES] = {"import set choices",
                     "UPDATE import SET partners = $2, dates = $3, currency = $4,"
                     " version = version + 1 WHERE id = $1",
                     NULL},
    [SET_STATE] = {"import set state",
                   "UPDATE import SET state = $2, error = $3, version = version + 1,"
                   " started_ms = CASE WHEN $2 = 'applying' THEN COALESCE(started_ms,"
                   " CAST($4 AS BIGINT)) ELSE started_ms END,"
                   " finished_ms = CASE WHEN $2 IN ('applied', 'failed', 'cancelled', 'undone',"
                   " 'discarded') THEN CAST($4 AS BIGINT) ELSE NULL END,"
                   " run_started_ms = CASE WHEN $2 IN ('applying', 'undoing')"
                   " THEN CAST($4 AS BIGINT) ELSE run_started_ms END,"
                   " run_updated_ms = CASE WHEN $2 IN ('applying', 'undoing')"
                   " THEN CAST($4 AS BIGINT) ELSE run_updated_ms END,"
                   " run_rows = CASE WHEN $2 IN ('applying', 'undoing') THEN 0 ELSE run_rows END"
                   " WHERE id = $1",
                   NULL},
    [TOUCH] = {"import touch", "UPDATE import SET version = version + 1 WHERE id = $1", NULL},
    [GET] = {"import get", IMPORT_SELECT " WHERE i.id = $1 GROUP BY i.id", NULL},
    [FILES] = {"import files",
               "SELECT number, position, name, path, owned, size_bytes, digest, mapping_name,"
               " mapping, proposed, encoding, separator, columns, notes, analysis, total_rows,"
               " rows_done, row_number, offset_bytes, done, created, updated, unchanged, skipped,"
               " unassigned, refused FROM import_file WHERE import_id = $1"
               " ORDER BY position, number LIMIT $2",
               NULL},
    [COUNTS] = {"import counts",
                "SELECT entity, created, updated, unchanged, unassigned, refused"
                " FROM import_count WHERE import_id = $1 ORDER BY CASE entity"
                " WHEN 'partner' THEN 1 WHEN 'contact' THEN 2 WHEN 'product' THEN 3 ELSE 4 END,"
                " entity LIMIT $2",
                NULL},
    [SKIPS] = {"import skips",
               "SELECT reason, skipped_rows FROM import_skip WHERE import_id = $1"
               " ORDER BY reason LIMIT $2",
               NULL},
    [LIST] = {"import list",
              IMPORT_SELECT " WHERE i.id < $1 GROUP BY i.id ORDER BY i.id DESC LIMIT $2", NULL},
    [NEXT] = {"import next",
              "SELECT id, state, actor FROM import WHERE state IN ('queued', 'applying', 'undoing')"
              " AND id > $1 ORDER BY id LIMIT 1",
              NULL},
    [NEEDS] = {"import needs",
               "SELECT f.number FROM import_file f JOIN import i ON i.id = f.import_id"
               " WHERE f.path = $1 AND f.owned = 1"
               " AND i.state NOT IN ('applied', 'undone', 'discarded') LIMIT 1",
               NULL},
    [FILE_PROGRESS] = {"import file progress",
                       "UPDATE import_file SET rows_done = $3, row_number = $4, offset_bytes = $5,"
                       " done = $6, created = $7, updated = $8, unchanged = $9, skipped = $10,"
                       " unassigned = $11, refused = $12 WHERE import_id = $1 AND number = $2",
                       NULL},
    [PROGRESS] = {"import progress",
                  "UPDATE import SET run_rows = run_rows + $2, bad_rows = bad_rows + $3,"
                  " changes = changes + $4, run_updated_ms = $5 WHERE id = $1",
                  NULL},
    [ADD_COUNT] = {"import add count",
                   "INSERT INTO import_count (import_id, entity, created, updated, unchanged,"
                   " unassigned, refused) VALUES ($1, $2, $3, $4, $5, $6, $7)"
                   " ON CONFLICT (import_id, entity) DO UPDATE SET"
                   " created = import_count.created + excluded.created,"
                   " updated = import_count.updated + excluded.updated,"
                   " unchanged = import_count.unchanged + excluded.unchanged,"
                   " unassigned = import_count.unassigned + excluded.unassigned,"
                   " refused = import_count.refused + excluded.refused",
                   NULL},
    [ADD_SKIP] = {"import add skip",
                  "INSERT INTO import_skip (import_id, reason, skipped_rows) VALUES ($1, $2, $3)"
                  " ON CONFLICT (import_id, reason) DO UPDATE SET"
                  " skipped_rows = import_skip.skipped_rows + excluded.skipped_rows",
                  NULL},
    [ADD_BAD] = {"import add bad row",
                 "INSERT INTO import_bad_row (id, import_id, file, file_row, line, column_name,"
                 " cell, reason, refused) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                 NULL},
    [BAD] = {"import bad rows",
             "SELECT id, file, file_row, line, column_name, cell, reason, refused"
             " FROM import_bad_row WHERE import_id = $1 AND id > $2 ORDER BY id LIMIT $3",
             NULL},
};
const struct query_table import_queries = {"import", queries, ARRAY_LEN(queries)};

static enum err run(struct ctx *ctx, int query, struct db_args args)
{
    return db_run(ctx->conn, &queries[query], args, NULL);
}

/* ---- imports ---- */

enum err import_store_insert(struct ctx *ctx, const struct import *import)
{
    const struct import_choices *choices = &import->choices;
    return run(ctx, INSERT,
               DB_ARGS(db_int(import->id.v), db_text(str_from_c(import_state_name(import->state))),
                       db_text(choices->partners), db_text(choices->dates),
                       db_text(choices->currency), db_text(import->actor),
                       db_int(import->created_ms)));
}

static enum err write_file(struct ctx *ctx, int query, struct import_id id,
                           const struct import_file *file)
{
    TRY(run(ctx, query,
            DB_ARGS(db_int(id.v), db_int(file->number), db_int(file->position), db_text(file->name),
                    db_text(file->path), db_int(file->owned), db_int(file->size_bytes),
                    db_text(file->digest), db_text(file->mapping_name), db_text(file->mapping_json),
                    db_int(file->proposed), db_text(file->encoding), db_text(file->separator),
                    db_text(file->columns_json), db_text(file->notes_json),
                    db_text(file->analysis_json), db_int(file->rows))));
    return run(ctx, TOUCH, DB_ARGS(db_int(id.v)));
}

enum err import_store_insert_file(struct ctx *ctx, struct import_id id,
                                  const struct import_file *file)
{
    return write_file(ctx, INSERT_FILE, id, file);
}

enum err import_store_update_file(struct ctx *ctx, struct import_id id,
                                  const struct import_file *file)
{
    return write_file(ctx, UPDATE_FILE, id, file);
}

enum err import_store_delete_file(struct ctx *ctx, struct import_id id, int64_t number)
{
    TRY(run(ctx, DELETE_FILE, DB_ARGS(db_int(id.v), db_int(number))));
    return run(ctx, TOUCH, DB_ARGS(db_int(id.v)));
}

enum err import_store_set_position(struct ctx *ctx, struct import_id id,
                                   const struct import_file *file)
{
    return run(ctx, SET_POSITION,
               DB_ARGS(db_int(id.v), db_int(file->number), db_int(file->position)));
}

enum err import_store_set_choices(struct ctx *ctx, struct import_id id,
                                  const struct import_choices *choices)
{
    return run(ctx, SET_CHOICES,
               DB_ARGS(db_int(id.v), db_text(choices->partners), db_text(choices->dates),
                       db_text(choices->currency)));
}

enum err import_store_set_state(struct ctx *ctx, struct import_id id, enum import_state state,
                                struct str error)
{
    return run(ctx, SET_STATE,
               DB_ARGS(db_int(id.v), db_text(str_from_c(import_state_name(state))), db_text(error),
                       db_int(clock_now_ms(&ctx->services->clock))));
}

static struct import_rows read_outcome(struct db_rows *rows)
{
    return (struct import_rows){
        .created = db_rows_int(rows, "created"),
        .updated = db_rows_int(rows, "updated"),
        .unchanged = db_rows_int(rows, "unchanged"),
        .skipped = db_rows_int(rows, "skipped"),
        .unassigned = db_rows_int(rows, "unassigned"),
        .refused = db_rows_int(rows, "refused"),
    };
}

static void read_import(struct ctx *ctx, struct db_rows *rows, struct import *ret_import)
{
    struct arena *arena = ctx->arena;
    *ret_import = (struct import){
        .id = {db_rows_int(rows, "id")},
        .choices = {db_rows_copy(rows, "partners", arena), db_rows_copy(rows, "dates", arena),
                    db_rows_copy(rows, "currency", arena)},
        .actor = db_rows_copy(rows, "actor", arena),
        .created_ms = db_rows_int(rows, "created_ms"),
        .started_ms = db_rows_int(rows, "started_ms"),
        .finished_ms = db_rows_int(rows, "finished_ms"),
        .rows = db_rows_int(rows, "total_rows"),
        .rows_done = db_rows_int(rows, "rows_done"),
        .outcome = read_outcome(rows),
        .bad_rows = db_rows_int(rows, "bad_rows"),
        .changes = db_rows_int(rows, "changes"),
        .first_file = db_rows_copy(rows, "first_file", arena),
        .file_total = db_rows_int(rows, "file_total"),
        .error = db_rows_copy(rows, "error", arena),
        .version = db_rows_int(rows, "version"),
    };
    int64_t run_ms = db_rows_int(rows, "run_updated_ms") - db_rows_int(rows, "run_started_ms");
    if (run_ms > 0)
        ret_import->rows_per_second = db_rows_int(rows, "run_rows") * MS_PER_SECOND / run_ms;
    if (!import_state_parse(db_rows_text(rows, "state"), &ret_import->state))
        ret_import->state = IMPORT_FAILED;
}

enum err import_store_get(struct ctx *ctx, struct import_id id, struct import *ret_import,
                          bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[GET], DB_ARGS(db_int(id.v)));
    bool found = db_rows_next(rows);
    if (found)
        read_import(ctx, rows, ret_import);
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

static void read_file(struct ctx *ctx, struct db_rows *rows, struct import_file *ret_file)
{
    struct arena *arena = ctx->arena;
    *ret_file = (struct import_file){
        .number = db_rows_int(rows, "number"),
        .position = db_rows_int(rows, "position"),
        .name = db_rows_copy(rows, "name", arena),
        .path = db_rows_copy(rows, "path", arena),
        .owned = db_rows_int(rows, "owned") == 1,
        .size_bytes = db_rows_int(rows, "size_bytes"),
        .digest = db_rows_copy(rows, "digest", arena),
        .mapping_name = db_rows_copy(rows, "mapping_name", arena),
        .mapping_json = db_rows_copy(rows, "mapping", arena),
        .proposed = db_rows_int(rows, "proposed") == 1,
        .encoding = db_rows_copy(rows, "encoding", arena),
        .separator = db_rows_copy(rows, "separator", arena),
        .columns_json = db_rows_copy(rows, "columns", arena),
        .notes_json = db_rows_copy(rows, "notes", arena),
        .analysis_json = db_rows_copy(rows, "analysis", arena),
        .rows = db_rows_int(rows, "total_rows"),
        .outcome = read_outcome(rows),
        .rows_done = db_rows_int(rows, "rows_done"),
        .row_number = db_rows_int(rows, "row_number"),
        .offset_bytes = db_rows_int(rows, "offset_bytes"),
        .done = db_rows_int(rows, "done") == 1,
    };
}

enum err import_store_files(struct ctx *ctx, struct import *import)
{
    struct import_file *files = ARENA_ARRAY(ctx->arena, struct import_file, LIMIT_IMPORT_FILES);
    size_t count = 0;
    struct db_rows *rows = db_select(ctx->conn, &queries[FILES],
                                     DB_ARGS(db_int(import->id.v), db_int(LIMIT_IMPORT_FILES)));
    while (count < LIMIT_IMPORT_FILES && db_rows_next(rows))
        read_file(ctx, rows, &files[count++]);
    TRY(db_rows_close(rows));
    import->files = files;
    import->file_count = count;
    return OK;
}

enum { KINDS_MAX = 32, SKIPS_MAX = 200 };

enum err import_store_counts(struct ctx *ctx, struct import *import)
{
    struct import_count *counts = ARENA_ARRAY(ctx->arena, struct import_count, KINDS_MAX);
    size_t count = 0;
    struct db_rows *rows =
        db_select(ctx->conn, &queries[COUNTS], DB_ARGS(db_int(import->id.v), db_int(KINDS_MAX)));
    while (count < KINDS_MAX && db_rows_next(rows))
        counts[count++] = (struct import_count){
            .entity = db_rows_copy(rows, "entity", ctx->arena),
            .created = db_rows_int(rows, "created"),
            .updated = db_rows_int(rows, "updated"),
            .unchanged = db_rows_int(rows, "unchanged"),
            .unassigned = db_rows_int(rows, "unassigned"),
            .refused = db_rows_int(rows, "refused"),
        };
    TRY(db_rows_close(rows));
    import->counts = counts;
    import->count_count = count;
    return OK;
}

enum err import_store_skips(struct ctx *ctx, struct import *import)
{
    struct import_skip *skips = ARENA_ARRAY(ctx->arena, struct import_skip, SKIPS_MAX);
    size_t count = 0;
    struct db_rows *rows =
        db_select(ctx->conn, &queries[SKIPS], DB_ARGS(db_int(import->id.v), db_int(SKIPS_MAX)));
    while (count < SKIPS_MAX && db_rows_next(rows))
        skips[count++] = (struct import_skip){db_rows_copy(rows, "reason", ctx->arena),
                                              db_rows_int(rows, "skipped_rows")};
    TRY(db_rows_close(rows));
    import->skips = skips;
    import->skip_count = count;
    return OK;
}

enum err import_store_list(struct ctx *ctx, int64_t before_id, int64_t limit,
                           struct import_page *ret_page)
{
    size_t count = 0;
    struct db_rows *rows =
        db_select(ctx->conn, &queries[LIST], DB_ARGS(db_int(before_id), db_int(limit)));
    while (db_rows_next(rows))
        read_import(ctx, rows, &ret_page->rows[count++]);
    TRY(db_rows_close(rows));
    ret_page->count = count;
    return OK;
}

enum err import_store_next(struct ctx *ctx, struct import_id after, struct import_next *ret_next)
{
    struct import_next next = {.state = IMPORT_QUEUED};
    struct db_rows *rows = db_select(ctx->conn, &queries[NEXT], DB_ARGS(db_int(after.v)));
    if (db_rows_next(rows) && import_state_parse(db_rows_text(rows, "state"), &next.state)) {
        next.id.v = db_rows_int(rows, "id");
        next.actor = db_rows_copy(rows, "actor", ctx->arena);
    }
    TRY(db_rows_close(rows));
    *ret_next = next;
    return OK;
}

enum err import_store_needs(struct ctx *ctx, struct str path, bool *ret_needs)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[NEEDS], DB_ARGS(db_text(path)));
    bool needs = db_rows_next(rows);
    TRY(db_rows_close(rows));
    *ret_needs = needs;
    return OK;
}

static const char *lease_name(struct ctx *ctx, struct import_id id)
{
    struct str text = import_id_text(id, ctx->arena);
    return arena_cstr(ctx->arena, arena_format(ctx->arena, "import %.*s", STR_ARG(text)));
}

enum err import_store_lease(struct ctx *ctx, struct import_id id, bool *ret_taken)
{
    return db_lease_take(ctx->services->db, lease_name(ctx, id), ret_taken, &ctx->fault);
}

void import_store_release(struct ctx *ctx, struct import_id id)
{
    db_lease_give(ctx->services->db, lease_name(ctx, id));
}

/* ---- what a batch adds ---- */

enum err import_store_file_progress(struct ctx *ctx, struct import_id id,
                                    const struct import_file *file)
{
    const struct import_rows *outcome = &file->outcome;
    return run(ctx, FILE_PROGRESS,
               DB_ARGS(db_int(id.v), db_int(file->number), db_int(file->rows_done),
                       db_int(file->row_number), db_int(file->offset_bytes), db_int(file->done),
                       db_int(outcome->created), db_int(outcome->updated),
                       db_int(outcome->unchanged), db_int(outcome->skipped),
                       db_int(outcome->unassigned), db_int(outcome->refused)));
}

enum err import_store_progress(struct ctx *ctx, struct import_id id,
                               const struct import_progress_row *add)
{
    return run(ctx, PROGRESS,
               DB_ARGS(db_int(id.v), db_int(add->rows), db_int(add->bad_rows), db_int(add->changes),
                       db_int(clock_now_ms(&ctx->services->clock))));
}

enum err import_store_add_count(struct ctx *ctx, struct import_id id,
                                const struct import_count *add)
{
    return run(ctx, ADD_COUNT,
               DB_ARGS(db_int(id.v), db_text(add->entity), db_int(add->created),
                       db_int(add->updated), db_int(add->unchanged), db_int(add->unassigned),
                       db_int(add->refused)));
}

enum err import_store_add_skip(struct ctx *ctx, struct import_id id, const struct import_skip *add)
{
    return run(ctx, ADD_SKIP, DB_ARGS(db_int(id.v), db_text(add->reason), db_int(add->rows)));
}

enum err import_store_add_bad(struct ctx *ctx, struct import_id id,
                              const struct import_bad_row *row)
{
    return run(ctx, ADD_BAD,
               DB_ARGS(db_int(ctx_next_id(ctx)), db_int(id.v), db_int(row->file), db_int(row->row),
                       db_int(row->line), db_text(row->column), db_text(row->value),
                       db_text(row->reason), db_int(row->refused)));
}

enum err import_store_bad(struct ctx *ctx, struct import_id id, int64_t after_id, int64_t limit,
                          struct import_bad_page *ret_page)
{
    size_t count = 0;
    struct arena *arena = ctx->arena;
    struct db_rows *rows =
        db_select(ctx->conn, &queries[BAD], DB_ARGS(db_int(id.v), db_int(after_id), db_int(limit)));
    while (db_rows_next(rows))
        ret_page->rows[count++] = (struct import_bad_row){
            .id = db_rows_int(rows, "id"),
            .file = db_rows_int(rows, "file"),
            .row = db_rows_int(rows, "file_row"),
            .line = db_rows_int(rows, "line"),
            .column = db_rows_copy(rows, "column_name", arena),
            .value = db_rows_copy(rows, "cell", arena),
            .reason = db_rows_copy(rows, "reason", arena),
            .refused = db_rows_int(rows, "refused") == 1,
        };
    TRY(db_rows_close(rows));
    ret_page->count = count;
    return OK;
}
