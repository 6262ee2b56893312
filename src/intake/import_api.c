/* Routes of imports. */
#include "src/intake/import_files.h"
#include "src/intake/import_view.h"

#include <unistd.h>

#include "src/core/limits.h"
#include "src/core/route.h"

#define CHOICE_FIELDS                                                                       \
    {.name = "partners",                                                                    \
     .type = FIELD_TEXT,                                                                    \
     .flags = FIELD_NULLABLE,                                                               \
     .help = "Which records are partners: all, type:VALUE or COLUMN=VALUE. Without it the " \
             "mapping's rule.",                                                             \
     .example = "type:Customer - Channel"},                                                 \
        {.name = "dates",                                                                   \
         .type = FIELD_TEXT,                                                                \
         .flags = FIELD_NULLABLE,                                                           \
         .help = "day_first or month_first, where a column can be read both ways.",         \
         .example = "day_first"},                                                           \
    {                                                                                       \
        .name = "currency", .type = FIELD_TEXT, .flags = FIELD_NULLABLE,                    \
        .help = "Of amounts without one. Without it the organisation's.", .example = "USD"  \
    }

static const struct field file_name_field[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .min = 1,
     .max = LIMIT_NAME_BYTES,
     .help = "What the file is called.",
     .example = "Account.csv"},
};
static const struct schema file_query = SCHEMA(NULL, NULL, file_name_field);

static const struct field create_fields[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .min = 1,
     .max = LIMIT_NAME_BYTES,
     .help = "What the file is called.",
     .example = "Account.csv"},
    CHOICE_FIELDS,
};
static const struct schema create_query = SCHEMA(NULL, NULL, create_fields);

static struct import_choices choices_of(const struct form *form)
{
    return (struct import_choices){form_text(form, "partners"), form_text(form, "dates"),
                                   form_text(form, "currency")};
}

static void wake(struct ctx *ctx)
{
    if (ctx->services->intake)
        intake_wake(ctx->services->intake);
}

/* ---- files ---- */

/* Keeps a copy of the body and looks at it; a body that is no table leaves nothing. */
static enum err take_file(struct ctx *ctx, struct request *request,
                          const struct import_choices *choices)
{
    struct import_file *file = ARENA_NEW(ctx->arena, struct import_file);
    const struct http_request *http = http_request(request->exchange);
    TRY(import_choices_check(ctx, choices));
    file->name = form_text(request->query, "name");
    TRY(import_keep_file(ctx, http->body_fd, file));
    enum err err = import_file_examine(ctx, choices, (struct str){NULL, 0}, file);
    if (err != OK)
        import_drop_file(ctx, file);
    request->input = file;
    return err;
}

static enum err prepare_create(struct ctx *ctx, struct request *request)
{
    struct import_choices choices = choices_of(request->query);
    return take_file(ctx, request, &choices);
}

static struct responded create_import(struct ctx *ctx, struct request *request)
{
    struct import import = {
        .choices = choices_of(request->query), .files = request->input, .file_count = 1};
    if (import_create(ctx, &import) == OK)
        return import_answer(ctx, request, import.id);
    import_drop_file(ctx, request->input);
    return respond_fault(ctx, request);
}

static enum err prepare_file(struct ctx *ctx, struct request *request)
{
    struct import import;
    struct import_id id;
    TRY(REQUEST_ID(ctx, request, "id", import, &id));
    TRY(import_get(ctx, id, &import));
    return take_file(ctx, request, &import.choices);
}

static struct responded add_file(struct ctx *ctx, struct request *request)
{
    struct import_id id;
    if (REQUEST_ID(ctx, request, "id", import, &id) == OK &&
        import_add_file(ctx, id, request->input) == OK)
        return import_answer(ctx, request, id);
    import_drop_file(ctx, request->input);
    return respond_fault(ctx, request);
}

/* ---- reading ---- */

static const struct field list_fields[] = {PAGE_FIELDS};
static const struct schema list_query = SCHEMA(NULL, NULL, list_fields);

static struct responded list_imports(struct ctx *ctx, struct request *request)
{
    struct page page;
    struct import_page found;
    if (page_from_form(ctx, request->query, "imports", &page) != OK ||
        import_list(ctx, &page, &found) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < found.count; i++)
        import_render(&found.rows[i], &request->json);
    respond_list_end(request, found.next);
    return respond_json(ctx, request, 200);
}

static struct responded get_import(struct ctx *ctx, struct request *request)
{
    struct import_id id;
    if (REQUEST_ID(ctx, request, "id", import, &id) != OK)
        return respond_fault(ctx, request);
    return import_answer(ctx, request, id);
}

static struct responded list_bad_rows(struct ctx *ctx, struct request *request)
{
    struct import_id id;
    struct page page;
    struct import_bad_page found;
    if (REQUEST_ID(ctx, request, "id", import, &id) != OK ||
        page_from_form(ctx, request->query, "bad_rows", &page) != OK ||
        import_bad_rows(ctx, id, &page, &found) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < found.count; i++)
        import_bad_row_render(&found.rows[i], &request->json);
    respond_list_end(request, found.next);
    return respond_json(ctx, request, 200);
}

static struct responded preview(struct ctx *ctx, struct request *request)
{
    struct import_id id;
    struct import import;
    if (REQUEST_ID(ctx, request, "id", import, &id) != OK || import_get(ctx, id, &import) != OK ||
        import_preview(ctx, &import, NULL) != OK)
        return respond_fault(ctx, request);
    import_preview_render(&import, &request->json);
    return respond_json(ctx, request, 200);
}

/* ---- choices ---- */

static const struct field choice_fields[] = {CHOICE_FIELDS};
static const struct schema choice_body =
    SCHEMA("ImportChoices", "What is decided for a whole import.", choice_fields);

/* The choice where it is given (null: none), else what it was. */
static struct str chosen(const struct form *form, const char *name, struct str before)
{
    return form_get(form, name)->given ? form_text(form, name) : before;
}

/* The notes of every file say what the choices make of it. */
static enum err prepare_choices(struct ctx *ctx, struct request *request)
{
    struct import *import = ARENA_NEW(ctx->arena, struct import);
    struct import_id id;
    const struct form *body = request->body;
    TRY(REQUEST_ID(ctx, request, "id", import, &id));
    TRY(import_get(ctx, id, import));
    struct import_choices *choices = &import->choices;
    choices->partners = chosen(body, "partners", choices->partners);
    choices->dates = chosen(body, "dates", choices->dates);
    choices->currency = chosen(body, "currency", choices->currency);
    TRY(import_choices_check(ctx, choices));
    for (size_t i = 0; i < import->file_count; i++)
        if (import->files[i].mapping_json.len)
            TRY(import_file_examine(ctx, choices, import->files[i].mapping_json,
                                    &import->files[i]));
    request->input = import;
    return OK;
}

static enum err store_choices(struct ctx *ctx, const struct import *import, int64_t version)
{
    TRY(import_set_choices(ctx, import->id, version, &import->choices));
    for (size_t i = 0; i < import->file_count; i++)
        TRY(import_replace_file(ctx, import->id, 0, &import->files[i]));
    return OK;
}

static struct responded patch_import(struct ctx *ctx, struct request *request)
{
    const struct import *import = request->input;
    int64_t version;
    if (request_version(ctx, request, &version) != OK || store_choices(ctx, import, version) != OK)
        return respond_fault(ctx, request);
    return import_answer(ctx, request, import->id);
}

/* ---- moving ---- */

static struct responded move(struct ctx *ctx, struct request *request, enum import_state to)
{
    struct import_id id;
    if (REQUEST_ID(ctx, request, "id", import, &id) != OK || import_move(ctx, id, to) != OK)
        return respond_fault(ctx, request);
    wake(ctx);
    return import_answer(ctx, request, id);
}

static struct responded apply_import(struct ctx *ctx, struct request *request)
{
    return move(ctx, request, IMPORT_QUEUED);
}

static struct responded cancel_import(struct ctx *ctx, struct request *request)
{
    return move(ctx, request, IMPORT_CANCELLED);
}

static struct responded undo_import(struct ctx *ctx, struct request *request)
{
    return move(ctx, request, IMPORT_UNDOING);
}

static struct responded discard_import(struct ctx *ctx, struct request *request)
{
    struct import_id id;
    if (REQUEST_ID(ctx, request, "id", import, &id) != OK ||
        import_move(ctx, id, IMPORT_DISCARDED) != OK)
        return respond_fault(ctx, request);
    return respond_empty(ctx, request);
}

#define TAG .tag = "Imports"

static const struct route rows[] = {
    ROUTE("GET", "/api/v1/imports", ROLES_STAFF, SCOPE_READ, ACCESS_READ, TAG, .id = "listImports",
          .summary = "List imports, newest first", .query = &list_query, .answer = &import_schema,
          .answers_list = true, .success = 200, .handle = list_imports),
    ROUTE("POST", "/api/v1/imports", ROLES_MANAGE, SCOPE_IMPORT, ACCESS_WRITE, TAG,
          .id = "createImport", .summary = "Send the first file of an import",
          .notes = "The body is the file itself: separated values in UTF-8, UTF-16 or "
                   "Windows-1252. The answer says what it was recognised as; nothing is taken "
                   "in before the import is applied.",
          .query = &create_query, .answer = &import_schema, .success = 201,
          .raw_body = HTTP_BODY_FILE, .raw_type = "text/csv",
          .body_max_bytes = LIMIT_IMPORT_FILE_BYTES, .lane = HTTP_SLOW, .prepare = prepare_create,
          .handle = create_import),
    ROUTE("GET", "/api/v1/imports/{id}", ROLES_STAFF, SCOPE_READ, ACCESS_READ, TAG,
          .id = "getImport", .summary = "State, progress and counts of an import",
          .answer = &import_schema, .success = 200, .handle = get_import),
    ROUTE("PATCH", "/api/v1/imports/{id}", ROLES_MANAGE, SCOPE_IMPORT, ACCESS_WRITE, TAG,
          .id = "updateImport", .summary = "Choose how the files of an open import are read",
          .body = &choice_body, .answer = &import_schema, .success = 200, .needs_version = true,
          .lane = HTTP_SLOW, .prepare = prepare_choices, .handle = patch_import),
    ROUTE("DELETE", "/api/v1/imports/{id}", ROLES_MANAGE, SCOPE_IMPORT, ACCESS_WRITE, TAG,
          .id = "discardImport", .summary = "Discard an import that was never applied",
          .success = 204, .handle = discard_import),
    ROUTE("POST", "/api/v1/imports/{id}/files", ROLES_MANAGE, SCOPE_IMPORT, ACCESS_WRITE, TAG,
          .id = "addImportFile", .summary = "Send one more file of an import",
          .notes = "Files are put in the right order by themselves.", .query = &file_query,
          .answer = &import_schema, .success = 201, .raw_body = HTTP_BODY_FILE,
          .raw_type = "text/csv", .body_max_bytes = LIMIT_IMPORT_FILE_BYTES, .lane = HTTP_SLOW,
          .prepare = prepare_file, .handle = add_file),
    ROUTE("POST", "/api/v1/imports/{id}/preview", ROLES_MANAGE, SCOPE_IMPORT, ACCESS_READ, TAG,
          .id = "previewImport", .summary = "What the import would do",
          .notes = "Runs every row without writing anything.", .answer = &import_preview_schema,
          .success = 200, .lane = HTTP_SLOW, .handle = preview),
    ROUTE("POST", "/api/v1/imports/{id}/apply", ROLES_MANAGE, SCOPE_IMPORT, ACCESS_WRITE, TAG,
          .id = "applyImport", .summary = "Apply an import, or go on with one that stopped",
          .notes = "The server works on it; read the import for its progress.",
          .answer = &import_schema, .success = 202, .handle = apply_import),
    ROUTE("POST", "/api/v1/imports/{id}/cancel", ROLES_MANAGE, SCOPE_IMPORT, ACCESS_WRITE, TAG,
          .id = "cancelImport",
          .summary = "Stop an import; what is in stays, and it can go on or be undone",
          .answer = &import_schema, .success = 200, .handle = cancel_import),
    ROUTE("POST", "/api/v1/imports/{id}/undo", ROLES_MANAGE, SCOPE_IMPORT, ACCESS_WRITE, TAG,
          .id = "undoImport", .summary = "Take an import back",
          .notes = "Its facts are reversed, records it created are archived, fields it changed "
                   "are set back unless somebody changed them since.",
          .answer = &import_schema, .success = 202, .handle = undo_import),
    ROUTE("GET", "/api/v1/imports/{id}/bad-rows", ROLES_STAFF, SCOPE_READ, ACCESS_READ, TAG,
          .id = "listImportBadRows", .summary = "Rows that were refused and cells left out",
          .query = &list_query, .answer = &import_bad_row_schema, .answers_list = true,
          .success = 200, .handle = list_bad_rows),
};
const struct route_table import_routes = {rows, ARRAY_LEN(rows)};
