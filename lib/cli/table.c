/* Tables as text for people. */
#include "lib/cli/cli.h"

#include <assert.h>
#include <string.h>

#include "lib/cli/width.h"

enum { TABLE_BYTES_MAX = 64 * 1024 * 1024, GAP = 2, COLUMN_LEAST = 8, ROWS_FIRST = 16 };

struct cli_table {
    struct arena *arena;
    const struct cli_column *columns;
    size_t column_count;
    bool *spare; /* may be left out of text */
    const struct str **rows;
    size_t row_count, row_room;
};

struct cli_table *cli_table_new(struct arena *arena, const struct cli_column *columns, size_t count)
{
    struct cli_table *table = ARENA_NEW(arena, struct cli_table);
    *table = (struct cli_table){.arena = arena, .columns = columns, .column_count = count};
    table->spare = ARENA_ARRAY(arena, bool, count);
    return table;
}

void cli_table_spare(struct cli_table *table, const char *key)
{
    size_t i = 0;
    while (i < table->column_count && strcmp(table->columns[i].key, key) != 0)
        i++;
    assert(i < table->column_count);
    table->spare[i] = true;
}

static void make_room(struct cli_table *table)
{
    if (table->row_count < table->row_room)
        return;
    size_t room = table->row_room ? table->row_room * 2 : ROWS_FIRST;
    const struct str **rows = ARENA_ARRAY(table->arena, const struct str *, room);
    for (size_t i = 0; i < table->row_count; i++)
        rows[i] = table->rows[i];
    table->rows = rows;
    table->row_room = room;
}

void cli_table_add(struct cli_table *table, const struct str *cells)
{
    make_room(table);
    struct str *row = ARENA_ARRAY(table->arena, struct str, table->column_count);
    for (size_t i = 0; i < table->column_count; i++)
        row[i] = cells[i];
    table->rows[table->row_count++] = row;
}

const struct cli_column *cli_table_columns(const struct cli_table *table, size_t *ret_count)
{
    *ret_count = table->column_count;
    return table->columns;
}

size_t cli_table_rows(const struct cli_table *table)
{
    return table->row_count;
}

const struct str *cli_table_row(const struct cli_table *table, size_t index)
{
    return index < table->row_count ? table->rows[index] : NULL;
}

struct str cli_visible(struct str text, struct arena *arena)
{
    return width_visible(text, arena);
}

/* ---- numbers ---- */

static bool is_digits(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len > 0;
}

struct str cli_group_digits(struct str number, struct arena *arena)
{
    size_t point = number.len;
    bool negative = number.len && number.ptr[0] == '-';
    str_find_char(number, '.', &point);
    struct str whole = str_slice(number, negative, point);
    struct str rest = str_slice(number, point, number.len);
    if (!is_digits(whole) || (rest.len && !is_digits(str_slice(rest, 1, rest.len))))
        return number;
    struct buf buf;
    buf_init(&buf, arena, number.len * 2);
    if (negative)
        buf_add_char(&buf, '-');
    for (size_t i = 0; i < whole.len; i++) {
        if (i > 0 && (whole.len - i) % 3 == 0)
            buf_add_char(&buf, ',');
        buf_add_char(&buf, whole.ptr[i]);
    }
    buf_add(&buf, rest);
    return buf_str(&buf);
}

/* ---- layout ---- */

/* A table on its way to text. */
struct layout {
    const struct cli_table *table;
    struct arena *arena;
    size_t *widths;
    bool *left_out;     /* columns */
    struct str **cells; /* as shown; in the same places as the table's */
};

static struct str shown_cell(const struct layout *layout, size_t row, size_t column)
{
    struct str cell = layout->table->rows[row][column];
    if (!cell.len)
        return STR("–");
    if (layout->table->columns[column].align == CLI_RIGHT)
        cell = cli_group_digits(cell, layout->arena);
    return width_visible(cell, layout->arena);
}

static void lay_out(struct layout *layout)
{
    const struct cli_table *table = layout->table;
    layout->widths = ARENA_ARRAY(layout->arena, size_t, table->column_count);
    layout->left_out = ARENA_ARRAY(layout->arena, bool, table->column_count);
    layout->cells = ARENA_ARRAY(layout->arena, struct str *, table->row_count);
    for (size_t i = 0; i < table->column_count; i++)
        layout->widths[i] = width_of(str_from_c(table->columns[i].title));
    for (size_t row = 0; row < table->row_count; row++) {
        layout->cells[row] = ARENA_ARRAY(layout->arena, struct str, table->column_count);
        for (size_t i = 0; i < table->column_count; i++) {
            struct str cell = shown_cell(layout, row, i);
            size_t width = width_of(cell);
            layout->cells[row][i] = cell;
            if (width > layout->widths[i])
                layout->widths[i] = width;
        }
    }
}

static size_t total_width(const struct layout *layout)
{
    size_t total = 0;
    for (size_t i = 0; i < layout->table->column_count; i++)
        if (!layout->left_out[i])
            total += layout->widths[i] + (total ? GAP : 0);
    return total;
}

/* The widest column of texts that may still shrink; the count of columns when none may. */
static size_t widest_text(const struct layout *layout)
{
    size_t widest = layout->table->column_count, width = COLUMN_LEAST;
    for (size_t i = 0; i < layout->table->column_count; i++) {
        if (layout->table->columns[i].align != CLI_LEFT || layout->left_out[i] ||
            layout->widths[i] <= width)
            continue;
        widest = i;
        width = layout->widths[i];
    }
    return widest;
}

static void leave_out(struct layout *layout, size_t columns)
{
    for (size_t i = layout->table->column_count; i > 0 && total_width(layout) > columns; i--)
        layout->left_out[i - 1] = layout->table->spare[i - 1];
}

static void shrink_to(struct layout *layout, size_t columns)
{
    leave_out(layout, columns);
    size_t widest = widest_text(layout);
    while (total_width(layout) > columns && widest < layout->table->column_count) {
        layout->widths[widest]--;
        widest = widest_text(layout);
    }
}

static bool is_last(const struct layout *layout, size_t column)
{
    for (size_t i = column + 1; i < layout->table->column_count; i++)
        if (!layout->left_out[i])
            return false;
    return true;
}

static void add_cell(struct buf *line, const struct layout *layout, size_t column, struct str cell)
{
    size_t width = layout->widths[column];
    struct str shown = width_cut(cell, width, layout->arena);
    size_t padding = width - width_of(shown);
    bool right = layout->table->columns[column].align == CLI_RIGHT;
    if (line->len)
        width_add_spaces(line, GAP);
    if (right)
        width_add_spaces(line, padding);
    buf_add(line, shown);
    if (!right && !is_last(layout, column))
        width_add_spaces(line, padding);
}

/* A line of the table, cut where even the shrunk columns do not fit. */
static void add_line(struct buf *out, const struct layout *layout, const struct str *cells,
                     size_t columns)
{
    struct buf line;
    buf_init(&line, layout->arena, TABLE_BYTES_MAX);
    for (size_t i = 0; i < layout->table->column_count; i++)
        if (!layout->left_out[i])
            add_cell(&line, layout, i, cells[i]);
    buf_add(out, columns ? width_cut(buf_str(&line), columns, layout->arena) : buf_str(&line));
}

struct str cli_table_render(const struct cli_table *table, int width_columns, bool is_terminal,
                            struct arena *arena)
{
    struct layout layout = {.table = table, .arena = arena};
    size_t columns = width_columns > 0 ? (size_t)width_columns : 0;
    struct buf out;
    buf_init(&out, arena, TABLE_BYTES_MAX);
    lay_out(&layout);
    if (columns)
        shrink_to(&layout, columns);
    struct str *titles = ARENA_ARRAY(arena, struct str, table->column_count);
    for (size_t i = 0; i < table->column_count; i++)
        titles[i] = str_from_c(table->columns[i].title);
    buf_add(&out, is_terminal ? STR("\033[1m") : STR(""));
    add_line(&out, &layout, titles, columns);
    buf_add(&out, is_terminal ? STR("\033[0m\n") : STR("\n"));
    for (size_t row = 0; row < table->row_count; row++) {
        add_line(&out, &layout, layout.cells[row], columns);
        buf_add_char(&out, '\n');
    }
    if (!table->row_count)
        buf_add(&out, STR("(none)\n"));
    return buf_str(&out);
}
