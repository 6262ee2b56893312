/* Writing: comma, CRLF, quotes where needed. */
#include <string.h>

#include "lib/base/parse.h"
#include "lib/csv/csv.h"

static bool is_formula(struct str cell)
{
    struct decimal number;
    if (!cell.len || !memchr("=+-@\t\r", cell.ptr[0], 6))
        return false;
    return !parse_decimal(cell, 18, &number);
}

static bool needs_quotes(struct str cell)
{
    if (!cell.len)
        return false;
    if (cell.ptr[0] == ' ' || cell.ptr[cell.len - 1] == ' ')
        return true;
    for (size_t i = 0; i < cell.len; i++)
        if (memchr(",\"\r\n", cell.ptr[i], 4))
            return true;
    return false;
}

void csv_write_cell(struct buf *buf, struct str cell, bool first)
{
    bool is_quoted = needs_quotes(cell);
    if (!first)
        buf_add_char(buf, ',');
    if (is_quoted)
        buf_add_char(buf, '"');
    if (is_formula(cell))
        buf_add_char(buf, '\'');
    if (!is_quoted) {
        buf_add(buf, cell);
        return;
    }
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] == '"')
            buf_add_char(buf, '"');
        buf_add_char(buf, cell.ptr[i]);
    }
    buf_add_char(buf, '"');
}

void csv_write_end(struct buf *buf)
{
    buf_add(buf, STR("\r\n"));
}
