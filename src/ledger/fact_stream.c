/* Rows of facts: split, read, resolved, recorded, told. */
#include "src/ledger/fact_stream.h"

#include "lib/json/json.h"
#include "src/core/limits.h"

/* No fact fits into fewer bytes; lines that are all shorter are something else. */
enum { LINE_BYTES_MIN = 32, ROWS_SPARE = 64 };

/* ---- refusals ---- */

/* What is wrong with one row; the others go on. */
static bool is_of_row(enum err err)
{
    return err == ERR_INVALID || err == ERR_NOT_FOUND || err == ERR_CONFLICT ||
           err == ERR_TOO_LARGE;
}

static enum err refuse_row(struct ctx *ctx, struct fact_row *row, enum err err)
{
    if (!is_of_row(err))
        return err;
    row->refusal = (struct fact_refusal){
        .code = ctx->fault.code,
        .field = arena_str(ctx->arena, str_from_c(ctx->fault.field)),
        .sentence = arena_str(ctx->arena, str_from_c(ctx->fault.sentence)),
    };
    row->values = NULL;
    fault_clear(&ctx->fault);
    return OK;
}

enum err fact_row_fail(struct ctx *ctx, const struct fact_row *row)
{
    return fault_set_field(&ctx->fault, ERR_INVALID, row->refusal.code, row->refusal.field, "%.*s",
                           STR_ARG(row->refusal.sentence));
}

/* ---- reading ---- */

static struct form_value *new_values(struct ctx *ctx)
{
    return ARENA_ARRAY(ctx->arena, struct form_value, FACT_FIELD_COUNT);
}

static enum err read_line(struct ctx *ctx, struct str line, struct fact_row *row)
{
    enum err err = OK;
    row->values = new_values(ctx);
    if (line.len > LIMIT_FACT_LINE_BYTES)
        err = CTX_FAULT(ctx, ERR_TOO_LARGE, "line_too_long",
                        "This line is longer than %d bytes; a fact is not.", LIMIT_FACT_LINE_BYTES);
    if (err == OK)
        err = fact_reader_read(ctx, line, row->values);
    return err == OK ? OK : refuse_row(ctx, row, err);
}

enum err fact_rows_of_lines(struct ctx *ctx, struct str text, int64_t first,
                            struct fact_rows *ret_rows, int64_t *ret_lines)
{
    size_t most = text.len / LINE_BYTES_MIN + ROWS_SPARE;
    struct fact_rows rows = {.rows = ARENA_ARRAY(ctx->arena, struct fact_row, most)};
    int64_t lines = 0;
    struct str rest = text, line;
    while (str_split(&rest, '\n', &line)) {
        lines += rest.ptr || line.len;
        line = str_trim(line);
        if (!line.len)
            continue;
        if (rows.count == most)
            return CTX_FAULT(ctx, ERR_INVALID, "no_facts",
                             "These lines are too short to be facts.");
        struct fact_row *row = &rows.rows[rows.count++];
        row->number = first + lines - 1;
        TRY(read_line(ctx, line, row));
    }
    *ret_rows = rows;
    *ret_lines = lines;
    return OK;
}

/* ---- documents ---- */

/* All at once by the quick reader; false when it gives up on any. */
static bool read_quickly(struct ctx *ctx, struct str text, struct fact_rows *rows, size_t most,
                         bool *ret_is_array)
{
    struct str rest = str_trim(text);
    *ret_is_array = rest.len && rest.ptr[0] == '[';
    if (*ret_is_array)
        rest = str_slice(rest, 1, rest.len);
    for (rows->count = 0; rows->count < most;) {
        struct fact_row *row = &rows->rows[rows->count++];
        *row = (struct fact_row){.values = new_values(ctx), .number = (int64_t)rows->count};
        if (!fact_reader_take(&rest, ctx->arena, row->values))
            return false;
        if (!*ret_is_array)
            return !rest.len;
        if (rest.len == 1 && rest.ptr[0] == ']')
            return true;
        if (!rest.len || rest.ptr[0] != ',')
            return false;
        rest = str_slice(rest, 1, rest.len);
    }
    return false;
}

static enum err read_values(struct ctx *ctx, const struct json *root, struct fact_rows *rows,
                            bool is_array)
{
    rows->count = is_array ? json_count(root) : 1;
    rows->rows = ARENA_ARRAY(ctx->arena, struct fact_row, rows->count);
    for (size_t i = 0; i < rows->count; i++) {
        struct fact_row *row = &rows->rows[i];
        *row = (struct fact_row){.values = new_values(ctx), .number = (int64_t)i + 1};
        enum err err = fact_reader_read_json(ctx, is_array ? json_at(root, i) : root, row->values);
        if (err != OK)
            TRY(refuse_row(ctx, row, err));
    }
    return arena_failed(ctx->arena) ? ERR_MEMORY : OK;
}

static enum err read_slowly(struct ctx *ctx, struct str text, struct fact_rows *rows,
                            bool *ret_is_array)
{
    struct json_doc *doc;
    TRY(json_parse(text, &doc, &ctx->fault));
    const struct json *root = json_root(doc);
    *ret_is_array = json_type(root) == JSON_IS_ARRAY;
    enum err err = read_values(ctx, root, rows, *ret_is_array);
    json_doc_free(doc);
    return err;
}

enum err fact_rows_of_json(struct ctx *ctx, struct str text, struct fact_rows *ret_rows,
                           bool *ret_is_array)
{
    size_t most = text.len / LINE_BYTES_MIN + 1;
    struct fact_rows rows = {.rows = ARENA_ARRAY(ctx->arena, struct fact_row, most)};
    if (!read_quickly(ctx, text, &rows, most, ret_is_array))
        TRY(read_slowly(ctx, text, &rows, ret_is_array));
    if (arena_failed(ctx->arena))
        return CTX_FAULT(ctx, ERR_TOO_LARGE, "too_many_facts",
                         "Send so many facts as application/x-ndjson, one a line.");
    *ret_rows = rows;
    return OK;
}

/* ---- resolving ---- */

struct resolving {
    struct fact_references *references;
    struct fact_rows *rows;
    bool waits; /* some row needs a connection */
};

static enum err resolve_row(struct ctx *ctx, struct resolving *resolving, struct fact_row *row)
{
    enum err err = fact_input_draft(ctx, resolving->references, row->values, &row->draft);
    if (err == ERR_BUSY && !ctx->conn) {
        resolving->waits = true;
        return OK;
    }
    if (err != OK)
        return refuse_row(ctx, row, err);
    row->values = NULL;
    return OK;
}

static enum err resolve(struct ctx *ctx, void *arg)
{
    struct resolving *resolving = arg;
    for (size_t i = 0; i < resolving->rows->count; i++)
        if (resolving->rows->rows[i].values)
            TRY(resolve_row(ctx, resolving, &resolving->rows->rows[i]));
    return OK;
}

enum err fact_rows_resolve(struct ctx *ctx, struct fact_references *references,
                           struct fact_rows *rows)
{
    struct resolving resolving = {.references = references, .rows = rows};
    fact_references_trim(references);
    TRY(resolve(ctx, &resolving));
    return resolving.waits ? ctx_read(ctx, resolve, &resolving) : OK;
}

/* ---- recording ---- */

enum err fact_rows_record(struct ctx *ctx, struct fact_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        struct fact_row *row = &rows->rows[i];
        if (row->refusal.code)
            continue;
        enum err err = ledger_record(ctx, &row->draft, &row->outcome);
        if (err != OK)
            TRY(refuse_row(ctx, row, err));
    }
    return OK;
}

/* ---- results ---- */

const char *fact_row_result(const struct fact_row *row)
{
    if (row->refusal.code)
        return "refused";
    switch (row->outcome.result) {
    case FACT_RECORDED:
        return "recorded";
    case FACT_REPEATED:
        return "repeated";
    case FACT_DIFFERS:
        break;
    }
    return "differs";
}

void fact_row_render(const struct fact_row *row, struct json_writer *writer)
{
    char id[ID_TEXT_MAX];
    json_begin_object(writer);
    json_put_int(writer, "row", row->number);
    json_put_str(writer, "result", str_from_c(fact_row_result(row)));
    if (row->refusal.code) {
        json_put_str(writer, "code", str_from_c(row->refusal.code));
        json_put_str_or_null(writer, "field", row->refusal.field);
        json_put_str(writer, "detail", row->refusal.sentence);
    } else {
        id_format("fct", row->outcome.id.v, id);
        json_put_str(writer, "id", str_from_c(id));
    }
    json_end_object(writer);
}
