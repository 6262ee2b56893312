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
    fault_clear(&ctx->fault);
    return OK;
}

enum err fact_row_fail(struct ctx *ctx, const struct fact_row *row)
{
    return fault_set_field(&ctx->fault, ERR_INVALID, row->refusal.code, row->refusal.field, "%.*s",
                           STR_ARG(row->refusal.sentence));
}

/* ---- drafts ---- */

/* Where rows are read into: one set of values, of which only what has to wait is copied. */
struct reading {
    struct ctx *ctx;
    struct fact_references *references;
    struct form_value values[FACT_FIELD_COUNT];
};

static enum err make_draft(struct reading *reading, struct fact_row *row)
{
    struct ctx *ctx = reading->ctx;
    enum err err = fact_input_draft(ctx, reading->references, reading->values, &row->draft);
    if (err == OK)
        return OK;
    if (err != ERR_BUSY || ctx->conn)
        return refuse_row(ctx, row, err);
    row->values = ARENA_ARRAY(ctx->arena, struct form_value, FACT_FIELD_COUNT);
    memcpy(row->values, reading->values, sizeof(reading->values));
    return OK;
}

struct resolving {
    struct fact_references *references;
    struct fact_rows *rows;
};

static enum err resolve(struct ctx *ctx, void *arg)
{
    struct resolving *resolving = arg;
    for (size_t i = 0; i < resolving->rows->count; i++) {
        struct fact_row *row = &resolving->rows->rows[i];
        if (!row->values)
            continue;
        enum err err = fact_input_draft(ctx, resolving->references, row->values, &row->draft);
        row->values = NULL;
        if (err != OK)
            TRY(refuse_row(ctx, row, err));
    }
    return OK;
}

enum err fact_rows_resolve(struct ctx *ctx, struct fact_references *references,
                           struct fact_rows *rows)
{
    struct resolving resolving = {references, rows};
    for (size_t i = 0; i < rows->count; i++)
        if (rows->rows[i].values)
            return ctx_read(ctx, resolve, &resolving);
    return OK;
}

/* ---- lines ---- */

static enum err read_line(struct reading *reading, struct str line, struct fact_row *row)
{
    struct ctx *ctx = reading->ctx;
    enum err err = OK;
    if (line.len > LIMIT_FACT_LINE_BYTES)
        err = CTX_FAULT(ctx, ERR_TOO_LARGE, "line_too_long",
                        "This line is longer than %d bytes; a fact is not.", LIMIT_FACT_LINE_BYTES);
    if (err == OK)
        err = fact_reader_read(ctx, line, reading->values);
    return err == OK ? make_draft(reading, row) : refuse_row(ctx, row, err);
}

enum err fact_rows_of_lines(struct ctx *ctx, struct fact_references *references, struct str text,
                            struct fact_rows *ret_rows, int64_t *lines)
{
    size_t most = text.len / LINE_BYTES_MIN + ROWS_SPARE;
    struct reading reading = {.ctx = ctx, .references = references};
    struct fact_rows rows = {.rows = ARENA_ARRAY(ctx->arena, struct fact_row, most)};
    struct str rest = text, line;
    fact_references_trim(references);
    while (str_split(&rest, '\n', &line)) {
        /* What follows the last line break is a line only when there is something. */
        *lines += rest.ptr || line.len;
        line = str_trim(line);
        if (!line.len)
            continue;
        if (rows.count == most)
            return CTX_FAULT(ctx, ERR_INVALID, "no_facts",
                             "These lines are too short to be facts.");
        struct fact_row *row = &rows.rows[rows.count++];
        row->number = *lines;
        TRY(read_line(&reading, line, row));
    }
    *ret_rows = rows;
    return OK;
}

/* ---- documents ---- */

/* All at once by the quick reader; false, perhaps half way, when it gives up on any. */
static bool read_quickly(struct reading *reading, struct str text, struct fact_rows *rows,
                         size_t most, bool *ret_is_array)
{
    struct str rest = str_trim(text);
    *ret_is_array = rest.len && rest.ptr[0] == '[';
    if (*ret_is_array)
        rest = str_slice(rest, 1, rest.len);
    for (rows->count = 0; rows->count < most;) {
        struct fact_row *row = &rows->rows[rows->count++];
        *row = (struct fact_row){.number = (int64_t)rows->count};
        if (!fact_reader_take(&rest, reading->ctx->arena, reading->values) ||
            make_draft(reading, row) != OK)
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

static enum err read_values(struct reading *reading, const struct json *root,
                            struct fact_rows *rows, bool is_array)
{
    struct ctx *ctx = reading->ctx;
    rows->count = is_array ? json_count(root) : 1;
    rows->rows = ARENA_ARRAY(ctx->arena, struct fact_row, rows->count);
    for (size_t i = 0; i < rows->count && !arena_failed(ctx->arena); i++) {
        struct fact_row *row = &rows->rows[i];
        const struct json *object = is_array ? json_at(root, i) : root;
        row->number = (int64_t)i + 1;
        enum err err = fact_reader_read_json(ctx, object, reading->values);
        TRY(err == OK ? make_draft(reading, row) : refuse_row(ctx, row, err));
    }
    return OK;
}

static enum err read_slowly(struct reading *reading, struct str text, struct fact_rows *rows,
                            bool *ret_is_array)
{
    struct json_doc *doc;
    fault_clear(&reading->ctx->fault);
    TRY(json_parse(text, &doc, &reading->ctx->fault));
    const struct json *root = json_root(doc);
    *ret_is_array = json_type(root) == JSON_IS_ARRAY;
    enum err err = read_values(reading, root, rows, *ret_is_array);
    json_doc_free(doc);
    return err;
}

enum err fact_rows_of_json(struct ctx *ctx, struct fact_references *references, struct str text,
                           struct fact_rows *ret_rows, bool *ret_is_array)
{
    size_t most = text.len / LINE_BYTES_MIN + 1;
    struct reading reading = {.ctx = ctx, .references = references};
    struct fact_rows rows = {.rows = ARENA_ARRAY(ctx->arena, struct fact_row, most)};
    if (!read_quickly(&reading, text, &rows, most, ret_is_array))
        TRY(read_slowly(&reading, text, &rows, ret_is_array));
    if (arena_failed(ctx->arena))
        return CTX_FAULT(ctx, ERR_TOO_LARGE, "too_many_facts",
                         "Send so many facts as application/x-ndjson, one a line.");
    *ret_rows = rows;
    return OK;
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
