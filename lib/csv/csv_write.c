/* Writing: comma, CRLF, quotes where needed. */
#include <string.h>

#include "lib/base/parse.h"
#include "lib/csv/csv.h"

/* What OWASP names, the full-width forms of East Asian keyboards with it. */
static bool begins_formula(struct str cell)
{
    static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
                                       "\xef\xbc\xa0"}; /* = + - @ */
    if (cell.len && memchr("=+-@\t\r\n", cell.ptr[0], 7))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(wide); i++)
        if (str_equal(str_slice(cell, 0, 3), str_from_c(wide[i])))
            return true;
    return false;
}

/* A telephone number is a number to a spreadsheet too, and must come back as it was. */
static bool is_number(struct str cell)
{
    struct decimal number;
    bool has_plus = cell.len > 1 && cell.ptr[0] == '+' && cell.ptr[1] >= '0' && cell.ptr[1] <= '9';
    return parse_decimal(has_plus ? str_slice(cell, 1, cell.len) : cell, 18, &number);
}

static bool is_formula(struct str cell)
{
    return begins_formula(cell) && !is_number(cell);
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
