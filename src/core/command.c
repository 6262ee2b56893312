/* What every command prints with. */
#include "src/core/command.h"

#include "lib/base/parse.h"
#include "lib/csv/csv.h"
#include "lib/json/json.h"
#include "src/core/limits.h"

enum err command_print(struct command_run *run, struct str text)
{
    return cli_write(run->out_fd, text);
}

/* ---- tables ---- */

static bool is_json_number(struct str text)
{
    struct decimal decimal;
    bool negative = text.len && text.ptr[0] == '-';
    struct str digits = str_slice(text, negative, text.len);
    bool padded = digits.len > 1 && digits.ptr[0] == '0' && digits.ptr[1] != '.';
    return digits.len && digits.ptr[0] >= '0' && digits.ptr[0] <= '9' &&
           digits.ptr[digits.len - 1] != '.' && !padded && parse_decimal(text, 18, &decimal);
}

static void add_json_cell(struct json_writer *writer, const struct cli_column *column,
                          struct str cell)
{
    json_key(writer, column->key);
    if (!cell.len)
        json_add_null(writer);
    else if (column->json == CLI_CELL_NUMBER && is_json_number(cell))
        json_add_raw(writer, cell);
    else
        json_add_str(writer, cell);
}

static void table_as_json(struct buf *out, const struct cli_table *table)
{
    size_t count;
    struct json_writer writer;
    const struct cli_column *columns = cli_table_columns(table, &count);
    json_writer_init(&writer, out);
    json_begin_array(&writer);
    for (size_t row = 0; row < cli_table_rows(table); row++) {
        json_begin_object(&writer);
        for (size_t i = 0; i < count; i++)
            add_json_cell(&writer, &columns[i], cli_table_row(table, row)[i]);
        json_end_object(&writer);
    }
    json_end_array(&writer);
    buf_add_char(out, '\n');
}

static void table_as_csv(struct buf *out, const struct cli_table *table)
{
    size_t count;
    const struct cli_column *columns = cli_table_columns(table, &count);
    for (size_t i = 0; i < count; i++)
        csv_write_cell(out, str_from_c(columns[i].key), i == 0);
    csv_write_end(out);
    for (size_t row = 0; row < cli_table_rows(table); row++) {
        for (size_t i = 0; i < count; i++)
            csv_write_cell(out, cli_table_row(table, row)[i], i == 0);
        csv_write_end(out);
    }
}

static enum err print_buf(struct ctx *ctx, struct command_run *run, const struct buf *out)
{
    if (out->overflowed || arena_failed(ctx->arena))
        return CTX_FAULT(ctx, ERR_MEMORY, "output_too_large", "The output is too large.");
    return command_print(run, buf_str(out));
}

enum err command_print_table(struct ctx *ctx, struct command_run *run,
                             const struct cli_table *table)
{
    struct buf out;
    int width = run->is_terminal ? cli_terminal_width(run->out_fd) : 0;
    buf_init(&out, ctx->arena, LIMIT_ANSWER_BYTES);
    switch (run->format) {
    case CLI_FORMAT_TEXT:
        buf_add(&out, cli_table_render(table, width, run->is_terminal, ctx->arena));
        break;
    case CLI_FORMAT_JSON:
        table_as_json(&out, table);
        break;
    case CLI_FORMAT_CSV:
        table_as_csv(&out, table);
        break;
    }
    return print_buf(ctx, run, &out);
}

/* ---- records ---- */

static void record_as_text(struct buf *out, const struct str *keys, const struct str *values,
                           size_t count)
{
    size_t widest = 0;
    for (size_t i = 0; i < count; i++)
        widest = keys[i].len > widest ? keys[i].len : widest;
    for (size_t i = 0; i < count; i++) {
        struct str value = values[i].len ? cli_visible(values[i], out->arena) : STR("–");
        buf_format(out, "%-*.*s  %.*s\n", (int)widest, STR_ARG(keys[i]), STR_ARG(value));
    }
}

static void record_as_json(struct buf *out, const struct str *keys, const struct str *values,
                           size_t count)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_begin_object(&writer);
    for (size_t i = 0; i < count; i++) {
        json_key_str(&writer, keys[i]);
        if (values[i].len)
            json_add_str(&writer, values[i]);
        else
            json_add_null(&writer);
    }
    json_end_object(&writer);
    buf_add_char(out, '\n');
}

static void record_as_csv(struct buf *out, const struct str *keys, const struct str *values,
                          size_t count)
{
    for (size_t i = 0; i < count; i++)
        csv_write_cell(out, keys[i], i == 0);
    csv_write_end(out);
    for (size_t i = 0; i < count; i++)
        csv_write_cell(out, values[i], i == 0);
    csv_write_end(out);
}

enum err command_print_record(struct ctx *ctx, struct command_run *run, const struct str *keys,
                              const struct str *values, size_t count)
{
    struct buf out;
    buf_init(&out, ctx->arena, LIMIT_ANSWER_BYTES);
    switch (run->format) {
    case CLI_FORMAT_TEXT:
        record_as_text(&out, keys, values, count);
        break;
    case CLI_FORMAT_JSON:
        record_as_json(&out, keys, values, count);
        break;
    case CLI_FORMAT_CSV:
        record_as_csv(&out, keys, values, count);
        break;
    }
    return print_buf(ctx, run, &out);
}
