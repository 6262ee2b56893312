/* What the commands print about imports. */
#include "src/intake/import_report.h"
#include "src/intake/import_view.h"

#include "lib/json/json.h"
#include "src/core/limits.h"

enum { BAD_ROWS_SHOWN = 20 };

static struct str number(struct ctx *ctx, int64_t value)
{
    return arena_format(ctx->arena, "%lld", (long long)value);
}

static struct str counted(struct ctx *ctx, int64_t value)
{
    return cli_group_digits(number(ctx, value), ctx->arena);
}

/* ---- tables ---- */

static const struct cli_column count_columns[] = {
    {"Record", "entity", CLI_LEFT, CLI_CELL_TEXT},
    {"Created", "created", CLI_RIGHT, CLI_CELL_NUMBER},
    {"Updated", "updated", CLI_RIGHT, CLI_CELL_NUMBER},
    {"Unchanged", "unchanged", CLI_RIGHT, CLI_CELL_NUMBER},
    {"Unassigned", "unassigned", CLI_RIGHT, CLI_CELL_NUMBER},
    {"Refused", "refused", CLI_RIGHT, CLI_CELL_NUMBER},
};

static struct cli_table *count_table(struct ctx *ctx, const struct import *import)
{
    struct cli_table *table = cli_table_new(ctx->arena, count_columns, ARRAY_LEN(count_columns));
    for (size_t i = 0; i < import->count_count; i++) {
        const struct import_count *count = &import->counts[i];
        const struct str cells[] = {
            count->entity,
            number(ctx, count->created),
            number(ctx, count->updated),
            number(ctx, count->unchanged),
            number(ctx, count->unassigned),
            number(ctx, count->refused),
        };
        cli_table_add(table, cells);
    }
    return table;
}

static const struct cli_column bad_columns[] = {
    {"File", "file", CLI_RIGHT, CLI_CELL_NUMBER},  {"Row", "row", CLI_RIGHT, CLI_CELL_NUMBER},
    {"Column", "column", CLI_LEFT, CLI_CELL_TEXT}, {"Value", "value", CLI_LEFT, CLI_CELL_TEXT},
    {"What", "what", CLI_LEFT, CLI_CELL_TEXT},     {"Reason", "reason", CLI_LEFT, CLI_CELL_TEXT},
};

static struct cli_table *bad_table(struct ctx *ctx, const struct import_bad_row *rows, size_t count)
{
    struct cli_table *table = cli_table_new(ctx->arena, bad_columns, ARRAY_LEN(bad_columns));
    for (size_t i = 0; i < count; i++) {
        const struct str cells[] = {
            number(ctx, rows[i].file),
            number(ctx, rows[i].row),
            rows[i].column,
            rows[i].value,
            rows[i].refused ? STR("row refused") : STR("cell left out"),
            rows[i].reason,
        };
        cli_table_add(table, cells);
    }
    return table;
}

/* ---- the report ---- */

static void add_notes(struct buf *out, struct str notes_json)
{
    struct json_doc *doc;
    if (!notes_json.len || json_parse(notes_json, &doc, NULL) != OK)
        return;
    const struct json *notes = json_root(doc);
    for (size_t i = 0; i < json_count(notes); i++)
        buf_format(out, "  %.*s\n", STR_ARG(cli_visible(json_text(json_at(notes, i)), out->arena)));
    json_doc_free(doc);
}

static void add_files(struct ctx *ctx, struct buf *out, const struct import *import)
{
    for (size_t i = 0; i < import->file_count; i++) {
        const struct import_file *file = &import->files[i];
        const struct str what = file->mapping_name.len ? cli_visible(file->mapping_name, ctx->arena)
                                                       : STR("not recognised");
        buf_format(out, "%lld. %.*s: %.*s%s, %.*s rows, %.*s, %.*s\n", (long long)file->number,
                   STR_ARG(cli_visible(file->name, ctx->arena)), STR_ARG(what),
                   file->proposed ? " (a proposal)" : "", STR_ARG(counted(ctx, file->rows)),
                   STR_ARG(file->encoding), STR_ARG(file->separator));
        add_notes(out, file->notes_json);
    }
}

static void add_rows(struct ctx *ctx, struct buf *out, const struct import_rows *rows)
{
    buf_format(out, "Rows: %.*s = %.*s created + %.*s updated + %.*s unchanged + ",
               STR_ARG(counted(ctx, import_rows_total(rows))), STR_ARG(counted(ctx, rows->created)),
               STR_ARG(counted(ctx, rows->updated)), STR_ARG(counted(ctx, rows->unchanged)));
    buf_format(out, "%.*s skipped + %.*s unassigned + %.*s refused\n",
               STR_ARG(counted(ctx, rows->skipped)), STR_ARG(counted(ctx, rows->unassigned)),
               STR_ARG(counted(ctx, rows->refused)));
}

static void add_skips(struct ctx *ctx, struct buf *out, const struct import *import)
{
    for (size_t i = 0; i < import->skip_count; i++)
        buf_format(out, "Skipped %.*s: %.*s\n", STR_ARG(counted(ctx, import->skips[i].rows)),
                   STR_ARG(cli_visible(import->skips[i].reason, ctx->arena)));
}

/* All that a preview knows, for nothing keeps them; the first of those that an import has kept. */
static void add_bad(struct ctx *ctx, struct buf *out, const struct import *import, bool preview)
{
    size_t shown = import->first_bad_count;
    if (!import->bad_rows)
        return;
    if (!preview && shown > BAD_ROWS_SHOWN)
        shown = BAD_ROWS_SHOWN;
    buf_format(out, "\n%.*s bad rows and cells", STR_ARG(counted(ctx, import->bad_rows)));
    buf_add(out, shown ? STR(":\n") : STR("\n"));
    if (shown)
        buf_add(out,
                cli_table_render(bad_table(ctx, import->first_bad, shown), 0, false, ctx->arena));
    int64_t more = import->bad_rows - (int64_t)shown;
    if (more > 0 && preview)
        buf_format(out, "and %.*s more.\n", STR_ARG(counted(ctx, more)));
    else if (more > 0)
        buf_format(out, "All of them: rapport import bad-rows %.*s\n",
                   STR_ARG(import_id_text(import->id, ctx->arena)));
}

static void add_end(struct ctx *ctx, struct buf *out, const struct import *import, bool preview)
{
    struct str id = import_id_text(import->id, ctx->arena);
    if (preview) {
        buf_add(out, STR("\nNothing was imported.\n"));
        return;
    }
    buf_format(out, "\nImport %.*s is %s", STR_ARG(id), import_state_name(import->state));
    if (import->rows_per_second)
        buf_format(out, " (%.*s rows/s)", STR_ARG(counted(ctx, import->rows_per_second)));
    buf_add(out, STR(".\n"));
    if (import->error.len)
        buf_format(out, "%.*s\n", STR_ARG(cli_visible(import->error, ctx->arena)));
    if (import->state == IMPORT_APPLIED && !import->changes)
        buf_add(out, STR("Nothing was new: it changed nothing.\n"));
    if (import->outcome.unassigned)
        buf_format(out, "Rows that belong to nobody: rapport import unassigned %.*s\n",
                   STR_ARG(id));
}

static enum err print_text(struct ctx *ctx, struct command_run *run, const struct import *import,
                           bool preview)
{
    struct buf out;
    buf_init(&out, ctx->arena, LIMIT_ANSWER_BYTES);
    add_files(ctx, &out, import);
    if (import->count_count) {
        buf_add_char(&out, '\n');
        buf_add(&out, cli_table_render(count_table(ctx, import), 0, run->is_terminal, ctx->arena));
    }
    buf_add_char(&out, '\n');
    add_rows(ctx, &out, &import->outcome);
    add_skips(ctx, &out, import);
    add_bad(ctx, &out, import, preview);
    add_end(ctx, &out, import, preview);
    return command_print(run, buf_str(&out));
}

static enum err print_json(struct ctx *ctx, struct command_run *run, const struct import *import,
                           bool preview)
{
    struct buf out;
    struct json_writer writer;
    buf_init(&out, ctx->arena, LIMIT_ANSWER_BYTES);
    json_writer_init(&writer, &out);
    if (preview)
        import_preview_render(import, &writer);
    else
        import_render(import, &writer);
    buf_add_char(&out, '\n');
    return command_print(run, buf_str(&out));
}

enum err import_report_print(struct ctx *ctx, struct command_run *run, const struct import *import,
                             bool preview)
{
    switch (run->format) {
    case CLI_FORMAT_TEXT:
        return print_text(ctx, run, import, preview);
    case CLI_FORMAT_JSON:
        return print_json(ctx, run, import, preview);
    case CLI_FORMAT_CSV:
        break;
    }
    return command_print_table(ctx, run, count_table(ctx, import));
}

/* ---- lists ---- */

static struct str time_text(struct ctx *ctx, int64_t at_ms)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, TIME_TEXT_MAX);
    if (at_ms)
        time_render(at_ms, &buf);
    return buf_str(&buf);
}

enum err import_report_list(struct ctx *ctx, struct command_run *run,
                            const struct import_page *page)
{
    static const struct cli_column columns[] = {
        {"Id", "id", CLI_LEFT, CLI_CELL_TEXT},
        {"State", "state", CLI_LEFT, CLI_CELL_TEXT},
        {"Made", "created_at", CLI_LEFT, CLI_CELL_TEXT},
        {"By", "actor", CLI_LEFT, CLI_CELL_TEXT},
        {"Rows", "rows", CLI_RIGHT, CLI_CELL_NUMBER},
        {"Done", "rows_done", CLI_RIGHT, CLI_CELL_NUMBER},
        {"Refused", "refused", CLI_RIGHT, CLI_CELL_NUMBER},
        {"Unassigned", "unassigned", CLI_RIGHT, CLI_CELL_NUMBER},
    };
    struct cli_table *table = cli_table_new(ctx->arena, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < page->count; i++) {
        const struct import *import = &page->rows[i];
        const struct str cells[] = {
            import_id_text(import->id, ctx->arena),
            str_from_c(import_state_name(import->state)),
            time_text(ctx, import->created_ms),
            import->actor,
            number(ctx, import->rows),
            number(ctx, import->rows_done),
            number(ctx, import->outcome.refused),
            number(ctx, import->outcome.unassigned),
        };
        cli_table_add(table, cells);
    }
    return command_print_table(ctx, run, table);
}

enum err import_report_bad(struct ctx *ctx, struct command_run *run,
                           const struct import_bad_row *rows, size_t count)
{
    return command_print_table(ctx, run, bad_table(ctx, rows, count));
}

enum err import_report_unassigned(struct ctx *ctx, struct command_run *run,
                                  const struct unassigned_row *rows, size_t count)
{
    static const struct cli_column columns[] = {
        {"Id", "id", CLI_LEFT, CLI_CELL_TEXT},
        {"Row", "row", CLI_RIGHT, CLI_CELL_NUMBER},
        {"Record", "entity", CLI_LEFT, CLI_CELL_TEXT},
        {"System", "system", CLI_LEFT, CLI_CELL_TEXT},
        {"Owner", "owner", CLI_LEFT, CLI_CELL_TEXT},
        {"Name of the owner", "owner_name", CLI_LEFT, CLI_CELL_TEXT},
        {"Record's id", "external_id", CLI_LEFT, CLI_CELL_TEXT},
        {"Amount", "amount", CLI_RIGHT, CLI_CELL_TEXT},
        {"Currency", "currency", CLI_LEFT, CLI_CELL_TEXT},
    };
    struct cli_table *table = cli_table_new(ctx->arena, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < count; i++) {
        struct buf amount;
        buf_init(&amount, ctx->arena, MONEY_TEXT_MAX);
        if (rows[i].has_amount)
            money_render(rows[i].amount, &amount);
        const struct str cells[] = {
            number(ctx, rows[i].id),
            number(ctx, rows[i].row),
            rows[i].entity,
            rows[i].system,
            rows[i].owner,
            rows[i].owner_name,
            rows[i].external_id,
            buf_str(&amount),
            currency_str(&rows[i].amount.currency),
        };
        cli_table_add(table, cells);
    }
    return command_print_table(ctx, run, table);
}
