/* Routes of one file of an import: its rows, its mapping, and what mappings can be made of. */
#include <assert.h>

#include "src/intake/import_files.h"
#include "src/intake/import_view.h"
#include "src/intake/mapping_parse.h"

#include "lib/json/json.h"
#include "src/core/limits.h"
#include "src/core/route.h"

/* ---- mapping ---- */

static const struct field mapping_fields[] = {
    {.name = "mapping",
     .type = FIELD_JSON,
     .flags = FIELD_REQUIRED,
     .max = LIMIT_MAPPING_BYTES,
     .help = "The mapping of this file, as the import shows it."},
};
static const struct schema mapping_body =
    SCHEMA("ImportMapping", "What the columns of a file mean.", mapping_fields);

static enum err find_file(struct ctx *ctx, struct request *request, struct import *ret_import,
                          struct import_file **ret_file)
{
    struct import_id id;
    int64_t number;
    TRY(REQUEST_ID(ctx, request, "id", import, &id));
    TRY(import_get(ctx, id, ret_import));
    if (parse_int64(http_param(request->exchange, "number"), 1, LIMIT_IMPORT_FILES, &number))
        for (size_t i = 0; i < ret_import->file_count; i++)
            if (ret_import->files[i].number == number) {
                *ret_file = &ret_import->files[i];
                return OK;
            }
    return CTX_FAULT(ctx, ERR_NOT_FOUND, "file_not_found", "The import has no such file.");
}

static enum err prepare_mapping(struct ctx *ctx, struct request *request)
{
    struct import *import = ARENA_NEW(ctx->arena, struct import);
    struct import_file *file = NULL;
    TRY(find_file(ctx, request, import, &file));
    TRY(import_file_examine(ctx, &import->choices, form_text(request->body, "mapping"), file));
    import->files = file;
    import->file_count = 1;
    request->input = import;
    return OK;
}

static struct responded patch_file(struct ctx *ctx, struct request *request)
{
    const struct import *import = request->input;
    int64_t version;
    if (request_version(ctx, request, &version) != OK ||
        import_replace_file(ctx, import->id, version, import->files) != OK)
        return respond_fault(ctx, request);
    return import_answer(ctx, request, import->id);
}

/* ---- rows ---- */

static const struct field row_fields[] = {
    {.name = "row", .type = FIELD_INT, .flags = FIELD_REQUIRED, .help = "Data rows count from 1."},
    {.name = "cells",
     .type = FIELD_TEXTS,
     .flags = FIELD_REQUIRED,
     .help = "In the order of the columns; long ones are cut."},
};
static const struct schema row_schema = SCHEMA("ImportFileRow", "A row of a file.", row_fields);

static void render_row(const struct import_row *row, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_int(writer, "row", row->number);
    json_key(writer, "cells");
    json_begin_array(writer);
    for (size_t i = 0; i < row->count; i++)
        json_add_str(writer, row->cells[i]);
    json_end_array(writer);
    json_end_object(writer);
}

static struct responded list_rows(struct ctx *ctx, struct request *request)
{
    struct import import;
    struct import_file *file = NULL;
    struct import_row *rows = NULL;
    size_t count = 0;
    if (find_file(ctx, request, &import, &file) != OK ||
        import_first_rows(ctx, file, &rows, &count) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < count; i++)
        render_row(&rows[i], &request->json);
    respond_list_end(request, (struct str){NULL, 0});
    return respond_json(ctx, request, 200);
}

static struct responded remove_file(struct ctx *ctx, struct request *request)
{
    struct import import;
    struct import_file *file = NULL;
    if (find_file(ctx, request, &import, &file) != OK)
        return respond_fault(ctx, request);
    assert(file);
    if (import_remove_file(ctx, import.id, file->number) != OK)
        return respond_fault(ctx, request);
    return import_answer(ctx, request, import.id);
}

/* ---- what a row can be made into ---- */

static const struct field record_fields[] = {
    {.name = "make",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .help = "partner, contact, product or a kind of fact.",
     .example = "order"},
    {.name = "fields", .type = FIELD_TEXTS, .flags = FIELD_REQUIRED, .help = "What it can have."},
};
static const struct schema record_schema =
    SCHEMA("ImportRecord", "A record that a mapping can make of a row.", record_fields);

static void render_record(const struct mapping_record *record, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_str(writer, "make", mapping_make_name(record));
    json_key(writer, "fields");
    json_begin_array(writer);
    for (enum record_field field = 0; field < RECORD_FIELD_COUNT; field++)
        if (record_field_fits(field, record->make))
            json_add_str(writer, str_from_c(record_field_name(field)));
    json_end_array(writer);
    json_end_object(writer);
}

static struct responded list_records(struct ctx *ctx, struct request *request)
{
    struct mapping_record record = {.make = MAKE_PARTNER};
    respond_list_begin(request);
    for (; record.make < MAKE_FACT; record.make++)
        render_record(&record, &request->json);
    for (record.kind = 1; record.kind < FACT_KIND_COUNT; record.kind++)
        render_record(&record, &request->json);
    respond_list_end(request, (struct str){NULL, 0});
    return respond_json(ctx, request, 200);
}

#define TAG .tag = "Imports"

static const struct route rows[] = {
    ROUTE("GET", "/api/v1/imports/records", ROLES_STAFF, SCOPE_READ, ACCESS_READ, TAG,
          .id = "listImportRecords", .summary = "What a mapping can make of a row",
          .answer = &record_schema, .answers_list = true, .success = 200, .handle = list_records),
    ROUTE("GET", "/api/v1/imports/{id}/files/{number}/rows", ROLES_STAFF, SCOPE_READ, ACCESS_READ,
          TAG, .id = "listImportFileRows", .summary = "The first rows of a file",
          .notes = "As long as the file is kept: until it is applied or discarded.",
          .answer = &row_schema, .answers_list = true, .success = 200, .handle = list_rows),
    ROUTE("PATCH", "/api/v1/imports/{id}/files/{number}", ROLES_MANAGE, SCOPE_IMPORT, ACCESS_WRITE,
          TAG, .id = "updateImportFile", .summary = "Correct what the columns of a file mean",
          .body = &mapping_body, .answer = &import_schema, .success = 200, .needs_version = true,
          .lane = HTTP_SLOW, .prepare = prepare_mapping, .handle = patch_file),
    ROUTE("DELETE", "/api/v1/imports/{id}/files/{number}", ROLES_MANAGE, SCOPE_IMPORT, ACCESS_WRITE,
          TAG, .id = "removeImportFile", .summary = "Take a file out of an import that is open",
          .answer = &import_schema, .success = 200, .handle = remove_file),
};
const struct route_table import_file_routes = {rows, ARRAY_LEN(rows)};
