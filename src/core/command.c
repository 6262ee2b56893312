/* What every command prints with. */
#include "src/core/command.h"

#include "lib/csv/csv.h"
#include "lib/json/json.h"
#include "src/core/limits.h"

enum err command_print(struct command_run *run, struct str text)
{
    return cli_write(run->out_fd, text);
}

enum err command_print_table(struct ctx *ctx, struct command_run *run,
                             const struct cli_table *table)
{
    int width = run->is_terminal ? cli_terminal_width(run->out_fd) : 0;
    return command_print(run,
                         cli_table_render(table, run->format, width, run->is_terminal, ctx->arena));
}

static void record_as_text(struct buf *out, const struct str *keys, const struct str *values,
                           size_t count)
{
    size_t widest = 0;
    for (size_t i = 0; i < count; i++)
        widest = keys[i].len > widest ? keys[i].len : widest;
    for (size_t i = 0; i < count; i++) {
        struct str value = values[i].len ? values[i] : STR("–");
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
    return command_print(run, buf_str(&out));
}
