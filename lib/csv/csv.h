/*
 * Separated values as RFC 4180 says and as the world sends them: a byte order mark, UTF-8, UTF-16
 * either way, Windows-1252; comma, semicolon, tab or bar; LF, CRLF or CR; quotes and newlines
 * inside cells.
 */
#ifndef LIB_CSV_CSV_H
#define LIB_CSV_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

enum csv_encoding { CSV_UTF8, CSV_UTF16_LE, CSV_UTF16_BE, CSV_WINDOWS_1252 };

struct csv_limits {
    size_t columns;    /* cells in a row */
    size_t cell_bytes; /* bytes in a cell, as UTF-8 */
    size_t row_bytes;  /* bytes in a row, as UTF-8 */
};

struct csv_row {
    const struct str *cells; /* UTF-8, unquoted; borrowed until the next row */
    size_t count;
    int64_t number;       /* data rows count from 1; the header is 0 */
    int64_t line;         /* line of the file on which it starts, from 1 */
    int64_t offset_bytes; /* where in the file the next row starts: csv_seek goes there */
};

/* Reads one file. One thread at a time. */
struct csv_reader;
/*
 * Looks at the first 64 KiB to find encoding and separator (and on to the first letter that is not
 * ASCII, where those have none), obeys a first line "sep=;", and reads the header row (names
 * trimmed; an empty name becomes "Column 3"). `fd` is borrowed, must be seekable, and is read from
 * its start. ERR_INVALID: not text (NUL bytes), no header, two columns of the same name;
 * ERR_TOO_LARGE: over a limit.
 */
MUST_CHECK enum err csv_open(int fd, const struct csv_limits *limits,
                             struct csv_reader **ret_reader, struct fault *fault);
/* The same over bytes that outlive the reader. */
MUST_CHECK enum err csv_open_bytes(struct str bytes, const struct csv_limits *limits,
                                   struct csv_reader **ret_reader, struct fault *fault);
void csv_close(struct csv_reader *reader);

enum csv_encoding csv_encoding(const struct csv_reader *reader);
const char *csv_encoding_name(enum csv_encoding encoding); /* "UTF-8" */
char csv_separator(const struct csv_reader *reader);
const struct csv_row *csv_header(const struct csv_reader *reader);
int64_t csv_size_bytes(const struct csv_reader *reader);
/* Of the row that csv_next gave or refused last: the line on which it starts, and where the next
 * one does. */
int64_t csv_line(const struct csv_reader *reader);
int64_t csv_offset_bytes(const struct csv_reader *reader);

/*
 * The next row, or `*ret_row` NULL at the end. Rows that hold nothing at all are skipped (their
 * numbers still count). A row with fewer or more cells than the header, an unclosed quote or bytes
 * that do not decode is ERR_INVALID, one over a limit ERR_TOO_LARGE, with row and column in the
 * fault; the reader stands behind it (where a quote is bad: at the next line) and can go on. After
 * ERR_IO it cannot.
 */
MUST_CHECK enum err csv_next(struct csv_reader *reader, const struct csv_row **ret_row,
                             struct fault *fault);
/* Goes to a place that a row gave, `number` being that row's number. Reads what is between here and
 * there, to count its lines. */
MUST_CHECK enum err csv_seek(struct csv_reader *reader, int64_t offset_bytes, int64_t number,
                             struct fault *fault);

/* ---- writing: comma, CRLF, UTF-8 without a mark ---- */

/* Writes a cell, quoted where needed. A text that a spreadsheet would run as a formula gets a
 * leading
 * ': one that begins with = + - @, their full-width forms, a tab or a line break, and is no number,
 * nor a + with one. */
void csv_write_cell(struct buf *buf, struct str cell, bool first);
void csv_write_end(struct buf *buf);

#endif
