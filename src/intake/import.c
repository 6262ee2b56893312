/* Imports as things that are made, looked at and moved. */
#include "src/intake/import_files.h"
#include "src/intake/import_store.h"
#include "src/intake/mapping.h"

#include "src/core/audit.h"
#include "src/core/limits.h"

static enum err not_found(struct ctx *ctx)
{
    return CTX_FAULT(ctx, ERR_NOT_FOUND, "import_not_found", "There is no such import.");
}

static struct audit_subject subject_of(struct import_id id)
{
    return (struct audit_subject){"import", id.v, {0}};
}

static enum err load(struct ctx *ctx, struct import_id id, struct import *ret_import)
{
    bool found;
    TRY(import_store_get(ctx, id, ret_import, &found));
    return found ? OK : not_found(ctx);
}

/* One that may still be changed. */
static enum err load_open(struct ctx *ctx, struct import_id id, int64_t version,
                          struct import *ret_import)
{
    TRY(load(ctx, id, ret_import));
    if (version && version != ret_import->version)
        return CTX_FAULT(ctx, ERR_STALE, "stale",
                         "Somebody else changed this import in the meantime.");
    if (ret_import->state != IMPORT_OPEN)
        return CTX_FAULT(ctx, ERR_CONFLICT, "import_state",
                         "An import that is %s cannot be changed any more.",
                         import_state_name(ret_import->state));
    return import_store_files(ctx, ret_import);
}

/* ---- the order of work ---- */

/* What a record of this kind needs comes before it. */
static int64_t stage_of(const struct import_file *file, struct arena *arena)
{
    struct mapping *mapping;
    if (!file->mapping_json.len || mapping_parse(file->mapping_json, arena, &mapping, NULL) != OK)
        return INT64_MAX;
    return mapping->stage;
}

void import_order_files(struct ctx *ctx, struct import *import)
{
    int64_t stages[LIMIT_IMPORT_FILES];
    for (size_t i = 0; i < import->file_count; i++)
        stages[i] = stage_of(&import->files[i], ctx->arena);
    for (size_t i = 1; i < import->file_count; i++) {
        struct import_file file = import->files[i];
        int64_t stage = stages[i];
        size_t at = i;
        for (; at > 0 && stages[at - 1] > stage; at--) {
            import->files[at] = import->files[at - 1];
            stages[at] = stages[at - 1];
        }
        import->files[at] = file;
        stages[at] = stage;
    }
    for (size_t i = 0; i < import->file_count; i++)
        import->files[i].position = (int64_t)i + 1;
}

static enum err reorder(struct ctx *ctx, struct import *import)
{
    TRY(import_store_files(ctx, import));
    import_order_files(ctx, import);
    for (size_t i = 0; i < import->file_count; i++)
        TRY(import_store_set_position(ctx, import->id, &import->files[i]));
    return OK;
}

/* ---- making ---- */

enum err import_create(struct ctx *ctx, struct import *import)
{
    struct audit_changes changes;
    TRY(import_choices_check(ctx, &import->choices));
    import->id.v = ctx_next_id(ctx);
    import->state = IMPORT_OPEN;
    import->actor = ctx->actor.name;
    import->created_ms = ctx->now_ms;
    TRY(import_store_insert(ctx, import));
    audit_changes_init(&changes, ctx);
    for (size_t i = 0; i < import->file_count; i++) {
        if (!import->files[i].number)
            import->files[i].number = (int64_t)i + 1;
        audit_changed_text(&changes, "file", STR(""), import->files[i].name);
    }
    import_order_files(ctx, import);
    for (size_t i = 0; i < import->file_count; i++)
        TRY(import_store_insert_file(ctx, import->id, &import->files[i]));
    TRY(audit_record(ctx, subject_of(import->id), "created", &changes));
    return import_get(ctx, import->id, import);
}

static bool has_number(const struct import *import, int64_t number)
{
    for (size_t i = 0; i < import->file_count; i++)
        if (import->files[i].number == number)
            return true;
    return false;
}

/* Files come and go, so the smallest that is free: their numbers end at LIMIT_IMPORT_FILES. */
static int64_t free_number(const struct import *import)
{
    int64_t number = 1;
    while (has_number(import, number))
        number++;
    return number;
}

enum err import_add_file(struct ctx *ctx, struct import_id id, struct import_file *file)
{
    struct import import;
    TRY(load_open(ctx, id, 0, &import));
    if (import.file_count == LIMIT_IMPORT_FILES)
        return CTX_FAULT(ctx, ERR_TOO_LARGE, "files_full", "An import has at most %d files.",
                         LIMIT_IMPORT_FILES);
    for (size_t i = 0; i < import.file_count; i++)
        if (str_equal(import.files[i].digest, file->digest))
            return CTX_FAULT(ctx, ERR_CONFLICT, "file_twice",
                             "This file is in the import already.");
    file->number = free_number(&import);
    TRY(import_store_insert_file(ctx, id, file));
    return reorder(ctx, &import);
}

enum err import_remove_file(struct ctx *ctx, struct import_id id, int64_t number)
{
    struct import import;
    struct audit_changes changes;
    TRY(load_open(ctx, id, 0, &import));
    for (size_t i = 0; i < import.file_count; i++) {
        if (import.files[i].number != number)
            continue;
        TRY(import_store_delete_file(ctx, id, number));
        import_drop_file(ctx, &import.files[i]);
        audit_changes_init(&changes, ctx);
        audit_changed_text(&changes, "file", import.files[i].name, STR(""));
        return audit_record(ctx, subject_of(id), "changed", &changes);
    }
    return CTX_FAULT(ctx, ERR_NOT_FOUND, "file_not_found", "The import has no such file.");
}

enum err import_replace_file(struct ctx *ctx, struct import_id id, int64_t version,
                             const struct import_file *file)
{
    struct import import;
    TRY(load_open(ctx, id, version, &import));
    TRY(import_store_update_file(ctx, id, file));
    return reorder(ctx, &import);
}

enum err import_set_choices(struct ctx *ctx, struct import_id id, int64_t version,
                            const struct import_choices *choices)
{
    struct import import;
    struct audit_changes changes;
    TRY(load_open(ctx, id, version, &import));
    TRY(import_choices_check(ctx, choices));
    TRY(import_store_set_choices(ctx, id, choices));
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, "partners", import.choices.partners, choices->partners);
    audit_changed_text(&changes, "dates", import.choices.dates, choices->dates);
    audit_changed_text(&changes, "currency", import.choices.currency, choices->currency);
    return changes.count ? audit_record(ctx, subject_of(id), "changed", &changes) : OK;
}

static enum err check_ready(struct ctx *ctx, struct import *import)
{
    TRY(import_store_files(ctx, import));
    if (!import->file_count)
        return CTX_FAULT(ctx, ERR_CONFLICT, "files_missing", "The import has no file yet.");
    for (size_t i = 0; i < import->file_count; i++)
        if (!import->files[i].mapping_json.len)
            return CTX_FAULT(ctx, ERR_CONFLICT, "mapping_missing",
                             "%.*s is not recognised; give a mapping for it.",
                             STR_ARG(str_slice(import->files[i].name, 0, 160)));
    return OK;
}

static enum err discard(struct ctx *ctx, struct import *import)
{
    TRY(import_store_files(ctx, import));
    for (size_t i = 0; i < import->file_count; i++)
        import_drop_file(ctx, &import->files[i]);
    return OK;
}

enum err import_move(struct ctx *ctx, struct import_id id, enum import_state to)
{
    struct import import;
    TRY(load(ctx, id, &import));
    if (!import_state_may_become(import.state, to))
        return CTX_FAULT(ctx, ERR_CONFLICT, "import_state",
                         "An import that is %s cannot become %s.", import_state_name(import.state),
                         import_state_name(to));
    if (to == IMPORT_QUEUED)
        TRY(check_ready(ctx, &import));
    if (to == IMPORT_DISCARDED)
        TRY(discard(ctx, &import));
    TRY(import_store_set_state(ctx, id, to, STR("")));
    return audit_record(ctx, subject_of(id), import_state_name(to), NULL);
}

/* ---- reading ---- */

enum err import_get(struct ctx *ctx, struct import_id id, struct import *ret_import)
{
    struct import import;
    TRY(load(ctx, id, &import));
    TRY(import_store_files(ctx, &import));
    TRY(import_store_counts(ctx, &import));
    TRY(import_store_skips(ctx, &import));
    *ret_import = import;
    return OK;
}

enum err import_list(struct ctx *ctx, const struct page *page, struct import_page *ret_page)
{
    struct import_page found = {
        .rows = ARENA_ARRAY(ctx->arena, struct import, (size_t)page->limit + 1)};
    int64_t before_id = page->has_cursor ? page->after_id : INT64_MAX;
    TRY(import_store_list(ctx, before_id, page->limit + 1, &found));
    if (found.count > (size_t)page->limit) {
        found.count = (size_t)page->limit;
        found.next =
            page_cursor(ctx, "imports", (struct str){NULL, 0}, 0, found.rows[found.count - 1].id.v);
    }
    *ret_page = found;
    return OK;
}

enum err import_bad_rows(struct ctx *ctx, struct import_id id, const struct page *page,
                         struct import_bad_page *ret_page)
{
    struct import import;
    struct import_bad_page found = {
        .rows = ARENA_ARRAY(ctx->arena, struct import_bad_row, (size_t)page->limit + 1)};
    TRY(load(ctx, id, &import));
    TRY(import_store_bad(ctx, id, page->has_cursor ? page->after_id : 0, page->limit + 1, &found));
    if (found.count > (size_t)page->limit) {
        found.count = (size_t)page->limit;
        found.next =
            page_cursor(ctx, "bad_rows", (struct str){NULL, 0}, 0, found.rows[found.count - 1].id);
    }
    *ret_page = found;
    return OK;
}
