/* Private to lib/csv: where a row and its cells begin and end. */
#ifndef LIB_CSV_SCAN_H
#define LIB_CSV_SCAN_H

#include "lib/csv/csv.h"

struct scan_cell {
    size_t from, to;        /* without the quotes around it */
    bool has_quotes_inside; /* doubled ones, to be undone */
};

enum scan_result {
    SCAN_ROW,
    SCAN_MORE,         /* the text ends before the row does */
    SCAN_OPEN_QUOTE,   /* the file ends inside quotes */
    SCAN_QUOTED_AND_ON /* a cell goes on behind its closing quote */
};

struct scan {
    char separator;
    struct scan_cell *cells;
    size_t cells_max;
    /* Of the row that was found: */
    size_t count; /* may be over cells_max: the rest was not kept; on an error, the bad cell's */
    size_t end;   /* behind its line break */
    bool is_blank;
    bool has_quotes; /* only then can a line break be inside */
};

/* The row at the start of the text; `is_last`: nothing follows the text. */
enum scan_result scan_row(struct scan *scan, struct str text, bool is_last);
/* How many line breaks there are: LF, CRLF or CR. */
int64_t scan_lines(struct str text);
/* Behind the first line break; the text's length when there is none. */
size_t scan_next_line(struct str text);
/* The cell's text; doubled quotes become single ones in place. */
struct str scan_cell_text(const struct scan_cell *cell, char *text);

#endif
