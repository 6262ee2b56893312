/* How imports look in the API. */
#include "src/intake/import_view.h"

#include "lib/json/json.h"
#include "src/core/limits.h"
#include "src/core/route.h"

#define NEEDED .flags = FIELD_REQUIRED
#define NULLABLE .flags = FIELD_REQUIRED | FIELD_NULLABLE
#define COUNT(name_)                               \
    {                                              \
        .name = (name_), .type = FIELD_INT, NEEDED \
    }

/* ---- schemas ---- */

static const char *const state_names[] = {"open",      "queued",  "applying", "applied",   "failed",
                                          "cancelled", "undoing", "undone",   "discarded", NULL};

static const struct field outcome_fields[] = {COUNT("created"),    COUNT("updated"),
                                              COUNT("unchanged"),  COUNT("skipped"),
                                              COUNT("unassigned"), COUNT("refused")};
static const struct schema outcome_schema =
    SCHEMA("ImportRows", "What became of the rows; the members add up to the rows that were read.",
           outcome_fields);

static const struct field count_fields[] = {
    {.name = "entity",
     .type = FIELD_TEXT,
     NEEDED,
     .help = "partner, contact, product, or the kind of a fact.",
     .example = "order"},
    COUNT("created"),
    COUNT("updated"),
    COUNT("unchanged"),
    COUNT("unassigned"),
    COUNT("refused")};
static const struct schema count_schema =
    SCHEMA("ImportCount", "What became of the records of one kind.", count_fields);

static const struct field skip_fields[] = {
    {.name = "reason", .type = FIELD_TEXT, NEEDED, .example = "not a partner"}, COUNT("rows")};
static const struct schema skip_schema =
    SCHEMA("ImportSkip", "Rows of which nothing was made.", skip_fields);

static const struct field file_fields[] = {
    {.name = "number", .type = FIELD_INT, NEEDED, .help = "In the order of arrival, from 1."},
    {.name = "position", .type = FIELD_INT, NEEDED, .help = "In the order of work, from 1."},
    {.name = "name", .type = FIELD_TEXT, NEEDED, .example = "Account.csv"},
    {.name = "size_bytes", .type = FIELD_INT, NEEDED},
    {.name = "mapping_name",
     .type = FIELD_TEXT,
     NULLABLE,
     .help = "What the file was recognised as; null: not recognised, and it needs a mapping."},
    {.name = "mapping", .type = FIELD_JSON, NULLABLE, .help = "The mapping in force."},
    {.name = "proposed",
     .type = FIELD_BOOL,
     NEEDED,
     .help = "The mapping is a guess that somebody should look at."},
    {.name = "encoding", .type = FIELD_TEXT, NEEDED, .example = "UTF-8"},
    {.name = "separator", .type = FIELD_TEXT, NEEDED, .example = "comma"},
    {.name = "columns", .type = FIELD_TEXTS, NEEDED},
    {.name = "notes", .type = FIELD_TEXTS, NEEDED, .help = "How the file is read, in sentences."},
    {.name = "rows", .type = FIELD_INT, NEEDED},
    {.name = "rows_done", .type = FIELD_INT, NEEDED},
    {.name = "done", .type = FIELD_BOOL, NEEDED},
    {.name = "outcome", .type = FIELD_OBJECT, NEEDED, .schema = &outcome_schema},
};
static const struct schema file_schema = SCHEMA("ImportFile", "A file of an import.", file_fields);

#define IMPORT_FIELDS                                                                             \
    {.name = "id", .type = FIELD_ID, .prefix = "imp", NEEDED},                                    \
        {.name = "state", .type = FIELD_ENUM, .names = state_names, NEEDED},                      \
        {.name = "partners",                                                                      \
         .type = FIELD_TEXT,                                                                      \
         NULLABLE,                                                                                \
         .help = "The rule for which records are partners; null: the mapping's."},                \
        {.name = "dates", .type = FIELD_TEXT, NULLABLE, .help = "day_first or month_first."},     \
        {.name = "currency", .type = FIELD_TEXT, NULLABLE, .help = "Of amounts without one."},    \
        {.name = "first_file",                                                                    \
         .type = FIELD_TEXT,                                                                      \
         NULLABLE,                                                                                \
         .help = "The name of one of its files: the first by the alphabet."},                     \
        COUNT("file_total"), {.name = "actor", .type = FIELD_TEXT, NEEDED},                       \
        {.name = "created_at", .type = FIELD_TIME, NEEDED},                                       \
        {.name = "started_at", .type = FIELD_TIME, NULLABLE},                                     \
        {.name = "finished_at", .type = FIELD_TIME, NULLABLE}, COUNT("rows"), COUNT("rows_done"), \
        COUNT("rows_per_second"),                                                                 \
        {.name = "outcome", .type = FIELD_OBJECT, NEEDED, .schema = &outcome_schema},             \
        COUNT("bad_rows"),                                                                        \
        {.name = "changes",                                                                       \
         .type = FIELD_INT,                                                                       \
         NEEDED,                                                                                  \
         .help = "Records created, changed or newly kept; 0: the import brought nothing new."},   \
        {.name = "error", .type = FIELD_TEXT, NULLABLE, .help = "Why it failed."},                \
        {.name = "files", .type = FIELD_OBJECTS, NEEDED, .schema = &file_schema},                 \
        {.name = "counts", .type = FIELD_OBJECTS, NEEDED, .schema = &count_schema},               \
        {.name = "skips", .type = FIELD_OBJECTS, NEEDED, .schema = &skip_schema},                 \
    {                                                                                             \
        .name = "version", .type = FIELD_INT, NEEDED                                              \
    }

static const struct field import_fields[] = {IMPORT_FIELDS};
const struct schema import_schema =
    SCHEMA("Import", "Files that are taken in. In a list: without files, counts and skips.",
           import_fields);

static const struct field bad_row_fields[] = {
    {.name = "file", .type = FIELD_INT, NEEDED},
    {.name = "row", .type = FIELD_INT, NEEDED, .help = "Data rows count from 1."},
    {.name = "line", .type = FIELD_INT, NULLABLE, .help = "Of the file."},
    {.name = "column", .type = FIELD_TEXT, NULLABLE},
    {.name = "value", .type = FIELD_TEXT, NULLABLE},
    {.name = "reason", .type = FIELD_TEXT, NEEDED},
    {.name = "refused",
     .type = FIELD_BOOL,
     NEEDED,
     .help = "The row was refused; false: only the cell was left out."},
};
const struct schema import_bad_row_schema =
    SCHEMA("ImportBadRow", "A row that was refused, or a cell that was left out.", bad_row_fields);

static const struct field preview_fields[] = {
    IMPORT_FIELDS,
    {.name = "first_bad_rows", .type = FIELD_OBJECTS, NEEDED, .schema = &import_bad_row_schema},
};
const struct schema import_preview_schema =
    SCHEMA("ImportPreview", "What the import would do.", preview_fields);

static const struct field unassigned_fields[] = {
    {.name = "id", .type = FIELD_TEXT, NEEDED},
    {.name = "import_id", .type = FIELD_ID, .prefix = "imp", NEEDED},
    {.name = "file", .type = FIELD_INT, NEEDED},
    {.name = "row", .type = FIELD_INT, NEEDED},
    {.name = "entity", .type = FIELD_TEXT, NEEDED, .example = "deal.won"},
    {.name = "system", .type = FIELD_TEXT, NEEDED, .example = "salesforce"},
    {.name = "owner",
     .type = FIELD_TEXT,
     NULLABLE,
     .help = "The reference in the file that is no partner."},
    {.name = "owner_name", .type = FIELD_TEXT, NULLABLE},
    {.name = "external_id", .type = FIELD_TEXT, NEEDED},
    {.name = "at", .type = FIELD_TIME, NULLABLE},
    {.name = "amount", .type = FIELD_MONEY, NULLABLE},
    {.name = "currency", .type = FIELD_TEXT, NULLABLE},
    {.name = "note", .type = FIELD_TEXT, NULLABLE},
};
const struct schema unassigned_row_schema =
    SCHEMA("UnassignedRow", "A row that belongs to nobody yet.", unassigned_fields);

/* ---- rendering ---- */

static void put_json(struct json_writer *writer, const char *key, struct str json,
                     struct str otherwise)
{
    json_key(writer, key);
    json_add_raw(writer, json.len ? json : otherwise);
}

static void put_outcome(struct json_writer *writer, const struct import_rows *rows)
{
    json_key(writer, "outcome");
    json_begin_object(writer);
    json_put_int(writer, "created", rows->created);
    json_put_int(writer, "updated", rows->updated);
    json_put_int(writer, "unchanged", rows->unchanged);
    json_put_int(writer, "skipped", rows->skipped);
    json_put_int(writer, "unassigned", rows->unassigned);
    json_put_int(writer, "refused", rows->refused);
    json_end_object(writer);
}

static void render_file(const struct import_file *file, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_int(writer, "number", file->number);
    json_put_int(writer, "position", file->position);
    json_put_str(writer, "name", file->name);
    json_put_int(writer, "size_bytes", file->size_bytes);
    json_put_str_or_null(writer, "mapping_name", file->mapping_name);
    put_json(writer, "mapping", file->mapping_json, STR("null"));
    json_put_bool(writer, "proposed", file->proposed);
    json_put_str(writer, "encoding", file->encoding);
    json_put_str(writer, "separator", file->separator);
    put_json(writer, "columns", file->columns_json, STR("[]"));
    put_json(writer, "notes", file->notes_json, STR("[]"));
    json_put_int(writer, "rows", file->rows);
    json_put_int(writer, "rows_done", file->rows_done);
    json_put_bool(writer, "done", file->done);
    put_outcome(writer, &file->outcome);
    json_end_object(writer);
}

static void render_count(const struct import_count *count, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_str(writer, "entity", count->entity);
    json_put_int(writer, "created", count->created);
    json_put_int(writer, "updated", count->updated);
    json_put_int(writer, "unchanged", count->unchanged);
    json_put_int(writer, "unassigned", count->unassigned);
    json_put_int(writer, "refused", count->refused);
    json_end_object(writer);
}

static void put_lists(const struct import *import, struct json_writer *writer)
{
    json_key(writer, "files");
    json_begin_array(writer);
    for (size_t i = 0; i < import->file_count; i++)
        render_file(&import->files[i], writer);
    json_end_array(writer);
    json_key(writer, "counts");
    json_begin_array(writer);
    for (size_t i = 0; i < import->count_count; i++)
        render_count(&import->counts[i], writer);
    json_end_array(writer);
    json_key(writer, "skips");
    json_begin_array(writer);
    for (size_t i = 0; i < import->skip_count; i++) {
        json_begin_object(writer);
        json_put_str(writer, "reason", import->skips[i].reason);
        json_put_int(writer, "rows", import->skips[i].rows);
        json_end_object(writer);
    }
    json_end_array(writer);
}

/* Without the closing brace. */
static void begin_import(const struct import *import, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_str(writer, "id", import_id_text(import->id, writer->buf->arena));
    json_put_str(writer, "state", str_from_c(import_state_name(import->state)));
    json_put_str_or_null(writer, "partners", import->choices.partners);
    json_put_str_or_null(writer, "dates", import->choices.dates);
    json_put_str_or_null(writer, "currency", import->choices.currency);
    json_put_str_or_null(writer, "first_file", import->first_file);
    json_put_int(writer, "file_total", import->file_total);
    json_put_str(writer, "actor", import->actor);
    json_put_time(writer, "created_at", import->created_ms);
    json_put_time_or_null(writer, "started_at", import->started_ms);
    json_put_time_or_null(writer, "finished_at", import->finished_ms);
    json_put_int(writer, "rows", import->rows);
    json_put_int(writer, "rows_done", import->rows_done);
    json_put_int(writer, "rows_per_second", import->rows_per_second);
    put_outcome(writer, &import->outcome);
    json_put_int(writer, "bad_rows", import->bad_rows);
    json_put_int(writer, "changes", import->changes);
    json_put_str_or_null(writer, "error", import->error);
    put_lists(import, writer);
    json_put_int(writer, "version", import->version);
}

void import_render(const struct import *import, struct json_writer *writer)
{
    begin_import(import, writer);
    json_end_object(writer);
}

void import_preview_render(const struct import *import, struct json_writer *writer)
{
    begin_import(import, writer);
    json_key(writer, "first_bad_rows");
    json_begin_array(writer);
    for (size_t i = 0; i < import->first_bad_count; i++)
        import_bad_row_render(&import->first_bad[i], writer);
    json_end_array(writer);
    json_end_object(writer);
}

void import_bad_row_render(const struct import_bad_row *row, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_int(writer, "file", row->file);
    json_put_int(writer, "row", row->row);
    json_key(writer, "line");
    if (row->line)
        json_add_int(writer, row->line);
    else
        json_add_null(writer);
    json_put_str_or_null(writer, "column", row->column);
    json_put_str_or_null(writer, "value", row->value);
    json_put_str(writer, "reason", row->reason);
    json_put_bool(writer, "refused", row->refused);
    json_end_object(writer);
}

void unassigned_row_render(const struct unassigned_row *row, struct json_writer *writer)
{
    struct arena *arena = writer->buf->arena;
    json_begin_object(writer);
    json_put_str(writer, "id", arena_format(arena, "%lld", (long long)row->id));
    json_put_str(writer, "import_id", import_id_text(row->import, arena));
    json_put_int(writer, "file", row->file);
    json_put_int(writer, "row", row->row);
    json_put_str(writer, "entity", row->entity);
    json_put_str(writer, "system", row->system);
    json_put_str_or_null(writer, "owner", row->owner);
    json_put_str_or_null(writer, "owner_name", row->owner_name);
    json_put_str(writer, "external_id", row->external_id);
    json_put_time_or_null(writer, "at", row->at_ms);
    json_key(writer, "amount");
    if (row->has_amount)
        json_add_money(writer, row->amount);
    else
        json_add_null(writer);
    json_put_str_or_null(writer, "currency", currency_str(&row->amount.currency));
    json_put_str_or_null(writer, "note", row->note);
    json_end_object(writer);
}

struct responded import_answer(struct ctx *ctx, struct request *request, struct import_id id)
{
    struct import import;
    if (import_get(ctx, id, &import) != OK)
        return respond_fault(ctx, request);
    import_render(&import, &request->json);
    return respond_versioned(ctx, request, request->route->success, import.version);
}
