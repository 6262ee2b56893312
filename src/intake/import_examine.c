/*
 * Looks at a file before it is imported: what it is, how many rows it has, how its dates and
 * numbers are written, whether rows that belong together stand together.
 */
#include "src/intake/import_files.h"
#include "src/intake/import_recognise.h"
#include "src/intake/import_run.h"
#include "src/intake/mapping_parse.h"

#include <unistd.h>

#include "lib/base/map.h"
#include "lib/json/json.h"
#include "src/core/limits.h"

enum { HINTS_MAX = 64, JSON_BYTES_MAX = 1024 * 1024, EXAMINE_ARENA_BYTES = 1024 * 1024 * 1024 };

/* A column whose writing is to be found out. */
struct column_hint {
    const struct template *value;
    struct str column;
    bool is_date;
    struct value_hints hints;
};

struct examination {
    struct ctx *ctx;
    const struct import_choices *choices;
    struct import_file *file;
    struct import_reading reading;
    struct column_hint columns[HINTS_MAX];
    size_t column_count;
    struct arena arena; /* of the rows' pieces; reset now and then */
    struct arena keys;
    struct map groups; /* hashes of the groups that ended */
    struct str group;
    int64_t rows, unreadable;
    struct buf notes;
    struct json_writer writer;
};

/* ---- notes ---- */

static void note(struct examination *examination, struct str sentence)
{
    json_add_str(&examination->writer, sentence);
}

static void note_dates(struct examination *examination, const struct column_hint *column)
{
    struct arena *arena = examination->ctx->arena;
    const struct value_hints *hints = &column->hints;
    long long clear = (long long)hints->day_first + hints->month_first;
    bool chosen = examination->choices->dates.len > 0;
    bool day_first = str_equal(examination->choices->dates, STR("day_first"));
    const char *order = day_first ? "day first" : "month first";
    if (hints->day_first && hints->month_first)
        note(examination,
             arena_format(arena,
                          "%lld dates in %.*s can only be read day first and %lld only month "
                          "first; the others are read %s.",
                          (long long)hints->day_first, STR_ARG(column->column),
                          (long long)hints->month_first, order));
    else if (hints->day_first || hints->month_first)
        note(examination, arena_format(arena, "Dates in %.*s are read %s: %lld rows say so.",
                                       STR_ARG(column->column),
                                       hints->day_first ? "day first" : "month first", clear));
    else if (hints->either)
        note(examination,
             arena_format(arena, "Dates in %.*s can be read both ways; they are read %s%s.",
                          STR_ARG(column->column), order, chosen ? ", as chosen" : ""));
}

static void note_decimals(struct examination *examination, const struct column_hint *column)
{
    const struct value_hints *hints = &column->hints;
    if (hints->comma && !hints->point)
        note(examination, arena_format(examination->ctx->arena,
                                       "Numbers in %.*s have a decimal comma: %lld rows say so.",
                                       STR_ARG(column->column), (long long)hints->comma));
}

/* "A row makes order: partner {Firma}, at {Datum}." */
static void note_record(struct examination *examination, const struct mapping_record *record)
{
    struct buf line;
    const char *apart = ": ";
    buf_init(&line, examination->ctx->arena, JSON_BYTES_MAX);
    buf_format(&line, "A row makes %.*s", STR_ARG(mapping_make_name(record)));
    for (size_t i = 0; i < RECORD_FIELD_COUNT; i++) {
        if (!record->fields[i].count)
            continue;
        buf_format(&line, "%s%s %.*s", apart, record_field_name((enum record_field)i),
                   STR_ARG(record->fields[i].text));
        apart = ", ";
    }
    buf_add_char(&line, '.');
    note(examination, buf_str(&line));
}

/* Of a guess: what is made of which column, so that it can be corrected. */
static void note_proposal(struct examination *examination, const struct mapping *mapping)
{
    struct buf line;
    note(examination, arena_format(examination->ctx->arena, "%.*s.", STR_ARG(mapping->title)));
    for (size_t i = 0; i < mapping->record_count; i++)
        note_record(examination, &mapping->records[i]);
    if (!mapping->ignored_count)
        return;
    buf_init(&line, examination->ctx->arena, JSON_BYTES_MAX);
    buf_add(&line, STR("Nothing is made of"));
    for (size_t i = 0; i < mapping->ignored_count; i++)
        buf_format(&line, "%s %.*s", i ? "," : "", STR_ARG(mapping->ignored[i]));
    buf_add_char(&line, '.');
    note(examination, buf_str(&line));
}

/* ---- columns ---- */

static void add_column(struct examination *examination, const struct template *value, bool is_date)
{
    struct str column = template_column(value);
    if (!column.len || examination->column_count == HINTS_MAX)
        return;
    for (size_t i = 0; i < examination->column_count; i++)
        if (str_equal(examination->columns[i].column, column))
            return;
    examination->columns[examination->column_count++] =
        (struct column_hint){.value = value, .column = column, .is_date = is_date};
}

static void add_columns(struct examination *examination)
{
    static const enum record_field numbers[] = {
        RECORD_QUANTITY, RECORD_AMOUNT, RECORD_UNIT_PRICE, RECORD_SUM,  RECORD_SUM_QUANTITY,
        RECORD_REFUNDED, RECORD_GROSS,  RECORD_SHIPPING,   RECORD_COST, RECORD_UNIT_COST};
    const struct mapping *mapping = examination->reading.mapping;
    for (size_t i = 0; i < mapping->record_count; i++) {
        add_column(examination, &mapping->records[i].fields[RECORD_AT], true);
        for (size_t j = 0; j < ARRAY_LEN(numbers); j++)
            add_column(examination, &mapping->records[i].fields[numbers[j]], false);
    }
}

/* {"CloseDate":"month_first"}: what the cells themselves say. */
static struct str render_analysis(struct examination *examination)
{
    struct buf buf;
    struct json_writer writer;
    buf_init(&buf, examination->ctx->arena, JSON_BYTES_MAX);
    json_writer_init(&writer, &buf);
    json_begin_object(&writer);
    for (size_t i = 0; i < examination->column_count; i++) {
        const struct column_hint *column = &examination->columns[i];
        const struct value_hints *hints = &column->hints;
        struct str says = {NULL, 0};
        if (column->is_date && !hints->day_first != !hints->month_first)
            says = hints->day_first ? STR("day_first") : STR("month_first");
        if (!column->is_date && !hints->comma != !hints->point)
            says = hints->comma ? STR("comma") : STR("point");
        json_key_str(&writer, column->column);
        json_add_str(&writer, says);
    }
    json_end_object(&writer);
    return buf_str(&buf);
}

/* ---- rows ---- */

static enum err scattered(struct examination *examination, const struct csv_row *row)
{
    return CTX_FAULT(examination->ctx, ERR_INVALID, "rows_scattered",
                     "The rows of %.*s do not stand together (row %lld); sort the file by %.*s.",
                     STR_ARG(str_slice(examination->group, 0, 60)), (long long)row->number,
                     STR_ARG(template_column(&examination->reading.mapping->group)));
}

/* A group that ended must not come again: its total would be short. */
static enum err check_group(struct examination *examination, const struct csv_row *row)
{
    const struct template *group = &examination->reading.mapping->group;
    if (!group->count)
        return OK;
    struct str key = value_present(template_eval(group, row->cells, &examination->arena));
    if (str_equal(key, examination->group))
        return OK;
    examination->group = arena_str(&examination->keys, key);
    if (!key.len)
        return OK;
    if (map_find(&examination->groups, key))
        return scattered(examination, row);
    map_put(&examination->groups, examination->group, examination);
    return OK;
}

static enum err look_at_row(struct examination *examination, const struct csv_row *row)
{
    for (size_t i = 0; i < examination->column_count; i++) {
        struct column_hint *column = &examination->columns[i];
        struct str text =
            value_present(template_eval(column->value, row->cells, &examination->arena));
        if (text.len && column->is_date)
            value_hint_date(&column->hints, text);
        else if (text.len)
            value_hint_decimal(&column->hints, text);
    }
    return check_group(examination, row);
}

static enum err look_at_rows(struct examination *examination)
{
    struct fault *fault = &examination->ctx->fault;
    const struct csv_row *row;
    for (;;) {
        enum err err = csv_next(examination->reading.reader, &row, fault);
        if (plan_is_unreadable(err)) {
            examination->unreadable++;
            examination->rows++;
            fault_clear(fault);
            continue;
        }
        TRY(err);
        if (!row)
            return OK;
        examination->rows++;
        if (examination->reading.mapping)
            TRY(look_at_row(examination, row));
        arena_reset(&examination->arena);
    }
}

/* ---- the header ---- */

static struct str render_columns(struct ctx *ctx, const struct csv_row *header)
{
    struct buf buf;
    struct json_writer writer;
    buf_init(&buf, ctx->arena, LIMIT_CSV_ROW_BYTES * 2);
    json_writer_init(&writer, &buf);
    json_begin_array(&writer);
    for (size_t i = 0; i < header->count; i++)
        json_add_str(&writer, header->cells[i]);
    json_end_array(&writer);
    return buf_str(&buf);
}

static struct str separator_name(char separator)
{
    return separator == ';'    ? STR("semicolon")
           : separator == '\t' ? STR("tab")
           : separator == '|'  ? STR("bar")
                               : STR("comma");
}

static enum err read_header(struct examination *examination)
{
    struct ctx *ctx = examination->ctx;
    struct import_file *file = examination->file;
    struct csv_reader *reader = examination->reading.reader;
    file->encoding = str_from_c(csv_encoding_name(csv_encoding(reader)));
    file->separator = separator_name(csv_separator(reader));
    file->columns_json = render_columns(ctx, csv_header(reader));
    file->analysis_json = (struct str){NULL, 0};
    if (!file->mapping_json.len)
        TRY(import_recognise(ctx, reader, file));
    if (!file->mapping_json.len)
        return OK;
    TRY(import_reading_bind(ctx, examination->choices, file, &examination->reading));
    file->mapping_name = examination->reading.mapping->name;
    add_columns(examination);
    return OK;
}

/* ---- the whole ---- */

static enum err look(struct examination *examination)
{
    static const struct csv_limits limits = {LIMIT_CSV_COLUMNS, LIMIT_CSV_CELL_BYTES,
                                             LIMIT_CSV_ROW_BYTES};
    struct ctx *ctx = examination->ctx;
    struct import_file *file = examination->file;
    struct import_reading *reading = &examination->reading;
    TRY(import_files_open(ctx, file, &reading->fd));
    TRY(import_files_digest(ctx, reading->fd, &file->size_bytes, &file->digest));
    TRY(csv_open(reading->fd, &limits, &reading->reader, &ctx->fault));
    TRY(read_header(examination));
    return look_at_rows(examination);
}

static enum err conclude(struct examination *examination)
{
    struct ctx *ctx = examination->ctx;
    struct import_file *file = examination->file;
    const struct condition *rule;
    struct str sentence = {NULL, 0};
    json_begin_array(&examination->writer);
    if (file->proposed && examination->reading.mapping)
        note_proposal(examination, examination->reading.mapping);
    if (examination->reading.mapping)
        TRY(import_partner_rule(ctx, examination->choices, &examination->reading, &sentence,
                                &rule));
    if (sentence.len)
        note(examination, sentence);
    for (size_t i = 0; i < examination->column_count; i++)
        if (examination->columns[i].is_date)
            note_dates(examination, &examination->columns[i]);
        else
            note_decimals(examination, &examination->columns[i]);
    if (examination->unreadable)
        note(examination, arena_format(ctx->arena, "%lld rows cannot be read.",
                                       (long long)examination->unreadable));
    json_end_array(&examination->writer);
    file->notes_json = buf_str(&examination->notes);
    file->analysis_json = render_analysis(examination);
    file->rows = examination->rows;
    return OK;
}

enum err import_file_examine(struct ctx *ctx, const struct import_choices *choices,
                             struct str mapping_json, struct import_file *file)
{
    struct import_file examined = *file;
    struct examination *examination = ARENA_NEW(ctx->arena, struct examination);
    *examination = (struct examination){
        .ctx = ctx, .choices = choices, .file = &examined, .reading = {.fd = -1}};
    examined.mapping_json = mapping_json;
    examined.proposed = false;
    arena_init(&examination->arena, LIMIT_JOB_ARENA_BYTES);
    arena_init(&examination->keys, EXAMINE_ARENA_BYTES);
    map_init(&examination->groups, &examination->keys, entropy_uint64(&ctx->services->entropy));
    buf_init(&examination->notes, ctx->arena, JSON_BYTES_MAX);
    json_writer_init(&examination->writer, &examination->notes);
    enum err err = look(examination);
    if (err == OK)
        err = conclude(examination);
    import_reading_close(&examination->reading);
    arena_finish(&examination->keys);
    arena_finish(&examination->arena);
    if (err == OK)
        *file = examined;
    return err;
}

static bool fits(struct mapping *mapping, const struct csv_row *header)
{
    for (size_t i = 0; i < mapping->column_count; i++) {
        template_bind(&mapping->columns[i], header->cells, header->count);
        if (!template_is_bound(&mapping->columns[i]))
            return false;
    }
    return mapping->column_count > 0;
}

enum err import_file_fits(struct ctx *ctx, struct str mapping_json, const struct import_file *file,
                          bool *ret_fits)
{
    static const struct csv_limits limits = {LIMIT_CSV_COLUMNS, LIMIT_CSV_CELL_BYTES,
                                             LIMIT_CSV_ROW_BYTES};
    struct import_reading reading = {.fd = -1};
    struct mapping *mapping;
    TRY(mapping_parse(mapping_json, ctx->arena, &mapping, &ctx->fault));
    TRY(import_files_open(ctx, file, &reading.fd));
    enum err err = csv_open(reading.fd, &limits, &reading.reader, &ctx->fault);
    if (err == OK)
        *ret_fits = fits(mapping, csv_header(reading.reader));
    import_reading_close(&reading);
    return err;
}
