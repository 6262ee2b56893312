/* RFC 4180, as bytes of UTF-8: separators, quotes and line breaks are ASCII. */
#include "lib/csv/scan.h"

#include <string.h>

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

/* Length of the line break at a place where there is one; 0: a CR whose LF may be to come. */
static size_t break_len(struct str text, size_t at, bool is_last)
{
    if (text.ptr[at] == '\n')
        return 1;
    if (at + 1 < text.len)
        return text.ptr[at + 1] == '\n' ? 2 : 1;
    return is_last ? 1 : 0;
}

/* To the separator or break behind a cell that has no quotes; a quote inside is a letter. */
static size_t plain_end(const struct scan *scan, struct str text, size_t at)
{
    while (at < text.len && text.ptr[at] != scan->separator && !is_break(text.ptr[at]))
        at++;
    return at;
}

/* From behind the opening quote to the closing one. */
static enum scan_result quoted_end(struct str text, bool is_last, struct scan_cell *cell)
{
    size_t at = cell->from;
    for (;;) {
        const char *quote = at < text.len ? memchr(text.ptr + at, '"', text.len - at) : NULL;
        if (!quote)
            return is_last ? SCAN_OPEN_QUOTE : SCAN_MORE;
        cell->to = (size_t)(quote - text.ptr);
        if (cell->to + 1 == text.len)
            return is_last ? SCAN_ROW : SCAN_MORE;
        if (quote[1] != '"')
            return SCAN_ROW;
        cell->has_quotes_inside = true;
        at = cell->to + 2;
    }
}

/* Fills `cell`; `ret_end` is where the separator, the break or the end of the text stands. */
static enum scan_result scan_cell(struct scan *scan, struct str text, bool is_last,
                                  struct scan_cell *cell, size_t *ret_end)
{
    if (cell->from == text.len || text.ptr[cell->from] != '"') {
        *ret_end = cell->to = plain_end(scan, text, cell->from);
        return SCAN_ROW;
    }
    cell->from++;
    scan->has_quotes = true;
    enum scan_result result = quoted_end(text, is_last, cell);
    if (result != SCAN_ROW)
        return result;
    *ret_end = cell->to + 1;
    if (*ret_end == text.len)
        return SCAN_ROW;
    char next = text.ptr[*ret_end];
    return next == scan->separator || is_break(next) ? SCAN_ROW : SCAN_QUOTED_AND_ON;
}

enum scan_result scan_row(struct scan *scan, struct str text, bool is_last)
{
    size_t at = 0;
    scan->is_blank = true;
    scan->has_quotes = false;
    for (scan->count = 0;; at++) {
        struct scan_cell cell = {.from = at};
        enum scan_result result = scan_cell(scan, text, is_last, &cell, &at);
        if (scan->count < scan->cells_max)
            scan->cells[scan->count] = cell;
        scan->count++;
        if (result != SCAN_ROW)
            return result;
        scan->is_blank = scan->is_blank && cell.to == cell.from;
        if (at == text.len) {
            scan->end = at;
            return is_last ? SCAN_ROW : SCAN_MORE;
        }
        if (is_break(text.ptr[at])) {
            size_t len = break_len(text, at, is_last);
            scan->end = at + len;
            return len ? SCAN_ROW : SCAN_MORE;
        }
    }
}

int64_t scan_lines(struct str text)
{
    int64_t lines = 0;
    char before = 0;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.ptr[i] == '\n' ? before != '\r' : text.ptr[i] == '\r';
        before = text.ptr[i];
    }
    return lines;
}

size_t scan_next_line(struct str text)
{
    for (size_t at = 0; at < text.len; at++)
        if (is_break(text.ptr[at]))
            return at + break_len(text, at, true);
    return text.len;
}

struct str scan_cell_text(const struct scan_cell *cell, char *text)
{
    char *start = text + cell->from;
    size_t len = cell->to - cell->from;
    if (!cell->has_quotes_inside)
        return (struct str){start, len};
    size_t kept = 0;
    for (size_t i = 0; i < len; i++) {
        start[kept++] = start[i];
        i += start[i] == '"';
    }
    return (struct str){start, kept};
}
