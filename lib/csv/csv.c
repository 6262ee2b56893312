/* The reader: opens a file, gives its rows one by one, goes on behind a bad one. */
#include "lib/csv/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/csv/detect.h"
#include "lib/csv/encoding.h"
#include "lib/csv/scan.h"
#include "lib/csv/window.h"

/* FURTHER_BYTES_MAX: how far the first letter that is not ASCII is looked for. */
enum { FURTHER_BYTES_MAX = 64 * 1024 * 1024, ARENA_EXTRA_BYTES = 1024 * 1024 };
#define NO_COLUMN SIZE_MAX

struct csv_reader {
    struct window window;
    struct csv_limits limits;
    struct scan scan;
    struct arena arena; /* the header and the arrays */
    struct csv_row header;
    struct str *cells;
    struct csv_row row;
    int64_t number;                         /* of the row before */
    int64_t line;                           /* where the next row starts */
    int64_t first_offset_bytes, first_line; /* of the first data row */
};

/* ---- faults ---- */

static struct str column_name(const struct csv_reader *reader, size_t index, char buffer[32])
{
    if (index < reader->header.count)
        return reader->header.cells[index];
    snprintf(buffer, 32, "Column %zu", index + 1);
    return str_from_c(buffer);
}

/* Says where; `column` may be beyond the header, or NO_COLUMN. */
static void blame(const struct csv_reader *reader, size_t column, struct fault *fault)
{
    char buffer[32];
    struct fault named;
    if (!fault)
        return;
    fault->row = reader->number;
    /* It cuts a long name between characters. */
    if (column != NO_COLUMN &&
        fault_set_field(&named, ERR_INVALID, "", column_name(reader, column, buffer), " ") != OK)
        memcpy(fault->column, named.field, sizeof(fault->column));
}

/* ---- rows ---- */

/* Behind the next line break, however far it is. */
static enum err go_to_next_line(struct csv_reader *reader, struct fault *fault)
{
    struct window *window = &reader->window;
    for (;;) {
        struct str text = window_text(window);
        char last = text.len ? text.ptr[text.len - 1] : '\0';
        size_t at = scan_next_line(text);
        if (at < text.len || last == '\n' || window_is_last(window)) {
            window_skip(window, at);
            reader->line++;
            return OK;
        }
        /* Behind a CR at the end an LF may follow. */
        window_skip(window, last == '\r' ? text.len - 1 : text.len);
        TRY(window_more(window, fault));
    }
}

static enum err refuse_size(const struct csv_reader *reader, struct fault *fault)
{
    enum err err = fault_set(fault, ERR_TOO_LARGE, "csv_row_too_large",
                             "The row has more than %zu bytes; perhaps a quote is not closed.",
                             reader->limits.row_bytes);
    blame(reader, NO_COLUMN, fault);
    return err;
}

static enum err refuse_quote(const struct csv_reader *reader, const char *sentence,
                             struct fault *fault)
{
    enum err err = fault_set(fault, ERR_INVALID, "csv_quote", "%s", sentence);
    blame(reader, reader->scan.count - 1, fault);
    return err;
}

/* The row has no end that can be trusted: the next line is taken for the next row. */
static enum err refuse_row(struct csv_reader *reader, enum scan_result result, struct fault *fault)
{
    size_t left = window_text(&reader->window).len;
    TRY(go_to_next_line(reader, fault));
    if (result == SCAN_QUOTED_AND_ON)
        return refuse_quote(
            reader, "Text follows a closing quote; a quote inside quotes must be doubled.", fault);
    if (result == SCAN_OPEN_QUOTE && left <= reader->limits.row_bytes)
        return refuse_quote(reader, "A quote opens here and the file ends before it closes.",
                            fault);
    return refuse_size(reader, fault);
}

/* Finds the next row that is not blank; `ret_text` is it, NULL at the end of the file. */
static enum err find_row(struct csv_reader *reader, char **ret_text, struct fault *fault)
{
    struct window *window = &reader->window;
    for (;;) {
        struct str text = window_text(window);
        bool is_last = window_is_last(window);
        if (text.len == 0 && is_last) {
            *ret_text = NULL;
            return OK;
        }
        enum scan_result result = scan_row(&reader->scan, text, is_last);
        if (result == SCAN_MORE && !window_is_full(window)) {
            TRY(window_more(window, fault));
            continue;
        }
        reader->number++;
        reader->row.line = reader->line;
        if (result != SCAN_ROW || reader->scan.end > reader->limits.row_bytes)
            return refuse_row(reader, result, fault);
        reader->line +=
            reader->scan.has_quotes ? scan_lines(str_slice(text, 0, reader->scan.end)) : 1;
        window_skip(window, reader->scan.end);
        *ret_text = window->text + window->at - reader->scan.end;
        if (!reader->scan.is_blank)
            return OK;
    }
}

static bool is_plain(const char *text, size_t len)
{
    unsigned char all = 0, zero = 0;
    for (size_t i = 0; i < len; i++) {
        all |= (unsigned char)text[i];
        zero |= text[i] == '\0';
    }
    return all < 0x80 && !zero;
}

static size_t cells_kept(const struct csv_reader *reader)
{
    const struct scan *scan = &reader->scan;
    return scan->count < scan->cells_max ? scan->count : scan->cells_max;
}

static enum err refuse_bytes(struct csv_reader *reader, const char *text, struct fault *fault)
{
    size_t column = 0;
    for (size_t i = 0; i < cells_kept(reader); i++) {
        const struct scan_cell *cell = &reader->scan.cells[i];
        if (!str_is_utf8((struct str){text + cell->from, cell->to - cell->from}))
            column = i;
    }
    enum err err = fault_set(fault, ERR_INVALID, "csv_bytes", "The bytes are no %s text.",
                             csv_encoding_name(reader->window.encoding));
    blame(reader, column, fault);
    return err;
}

static enum err refuse_cell(struct csv_reader *reader, size_t column, struct fault *fault)
{
    enum err err = fault_set(fault, ERR_TOO_LARGE, "csv_cell_too_large",
                             "The cell has more than %zu bytes.", reader->limits.cell_bytes);
    blame(reader, column, fault);
    return err;
}

/* Checks the row that was found and fills the cells. */
static enum err read_cells(struct csv_reader *reader, char *text, struct fault *fault)
{
    const struct scan *scan = &reader->scan;
    if (!is_plain(text, scan->end) && !str_is_utf8((struct str){text, scan->end}))
        return refuse_bytes(reader, text, fault);
    for (size_t i = 0; i < cells_kept(reader); i++) {
        reader->cells[i] = scan_cell_text(&scan->cells[i], text);
        if (reader->cells[i].len > reader->limits.cell_bytes)
            return refuse_cell(reader, i, fault);
    }
    return OK;
}

static enum err refuse_count(struct csv_reader *reader, struct fault *fault)
{
    size_t count = reader->scan.count, expected = reader->header.count;
    enum err err = fault_set(fault, ERR_INVALID, "csv_cell_count",
                             "The row has %zu cell%s; the header has %zu.", count,
                             count == 1 ? "" : "s", expected);
    blame(reader, count < expected ? count : expected, fault);
    return err;
}

enum err csv_next(struct csv_reader *reader, const struct csv_row **ret_row, struct fault *fault)
{
    char *text = NULL;
    TRY(find_row(reader, &text, fault));
    if (!text) {
        *ret_row = NULL;
        return OK;
    }
    if (reader->scan.count != reader->header.count)
        return refuse_count(reader, fault);
    TRY(read_cells(reader, text, fault));
    reader->row.cells = reader->cells;
    reader->row.count = reader->scan.count;
    reader->row.number = reader->number;
    reader->row.offset_bytes = reader->window.offset_bytes;
    *ret_row = &reader->row;
    return OK;
}

/* ---- opening ---- */

static enum err check_name(const struct str *names, size_t index, struct fault *fault)
{
    for (size_t i = 0; i < index; i++)
        if (str_equal(names[i], names[index]))
            return fault_set(fault, ERR_INVALID, "csv_column_twice",
                             "Two columns have the name \"%.*s\".", STR_ARG(names[index]));
    return OK;
}

static enum err keep_header(struct csv_reader *reader, struct fault *fault)
{
    size_t count = reader->scan.count;
    struct str *names = ARENA_ARRAY(&reader->arena, struct str, count);
    for (size_t i = 0; i < count; i++) {
        struct str name = str_trim(reader->cells[i]);
        names[i] = name.len ? arena_str(&reader->arena, name)
                            : arena_format(&reader->arena, "Column %zu", i + 1);
        TRY(check_name(names, i, fault));
    }
    reader->header =
        (struct csv_row){names, count, 0, reader->row.line, reader->window.offset_bytes};
    return OK;
}

static enum err read_header(struct csv_reader *reader, struct fault *fault)
{
    char *text = NULL;
    TRY(find_row(reader, &text, fault));
    if (!text)
        return fault_set(fault, ERR_INVALID, "csv_empty",
                         "The file is empty; it needs a first row with the names of the columns.");
    if (reader->scan.count > reader->limits.columns)
        return fault_set(fault, ERR_TOO_LARGE, "csv_columns",
                         "The file has %zu columns; at most %zu are taken.", reader->scan.count,
                         reader->limits.columns);
    TRY(read_cells(reader, text, fault));
    TRY(keep_header(reader, fault));
    reader->number = 0;
    reader->first_offset_bytes = reader->window.offset_bytes;
    reader->first_line = reader->line;
    return OK;
}

/* A sample without other letters says nothing: the first of them decides. */
static enum err look_further(struct csv_reader *reader, struct fault *fault)
{
    char piece[WINDOW_PIECE_BYTES];
    size_t len;
    for (int64_t at = WINDOW_PIECE_BYTES; at < FURTHER_BYTES_MAX; at += (int64_t)len) {
        if (window_read(&reader->window, at, piece, sizeof(piece), &len) != OK)
            return fault_set(fault, ERR_IO, "file_unreadable", "The file cannot be read.");
        if (len == 0)
            return OK;
        struct str bytes = {piece, len};
        size_t first = 0;
        while (first < len && (unsigned char)piece[first] < 0x80)
            first++;
        if (first < len) {
            reader->window.encoding = encoding_of_bytes(str_slice(bytes, first, len));
            return OK;
        }
    }
    return OK;
}

static enum err detect(struct csv_reader *reader, struct fault *fault)
{
    char piece[WINDOW_PIECE_BYTES];
    struct window *window = &reader->window;
    size_t len = 0, skip = 0;
    if (window_read(window, 0, piece, sizeof(piece), &len) != OK)
        return fault_set(fault, ERR_IO, "file_unreadable", "The file cannot be read.");
    struct encoding_guess guess = encoding_guess((struct str){piece, len});
    if (guess.has_nul)
        return fault_set(fault, ERR_INVALID, "csv_not_text",
                         "The file is not text: it has NUL bytes. A spreadsheet must be saved as "
                         "CSV first.");
    window->encoding = guess.encoding;
    if (guess.is_ascii)
        TRY(look_further(reader, fault));
    window_place(window, (int64_t)guess.mark_bytes);
    if (!window_is_last(window))
        TRY(window_more(window, fault));
    reader->scan.separator = detect_separator(window_text(window), window_is_last(window), &skip);
    window_skip(window, skip);
    reader->line = skip ? 2 : 1;
    return OK;
}

static enum err open_reader(struct window window, const struct csv_limits *limits,
                            struct csv_reader **ret_reader, struct fault *fault)
{
    struct csv_reader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        abort();
    reader->window = window;
    reader->window.max_bytes = limits->row_bytes;
    reader->limits = *limits;
    arena_init(&reader->arena, limits->row_bytes + limits->columns * 128 + ARENA_EXTRA_BYTES);
    reader->scan.cells = ARENA_ARRAY(&reader->arena, struct scan_cell, limits->columns);
    reader->scan.cells_max = limits->columns;
    reader->cells = ARENA_ARRAY(&reader->arena, struct str, limits->columns);
    enum err err = detect(reader, fault);
    if (err == OK)
        err = read_header(reader, fault);
    if (err == OK)
        *ret_reader = reader;
    else
        csv_close(reader);
    return err;
}

enum err csv_open(int fd, const struct csv_limits *limits, struct csv_reader **ret_reader,
                  struct fault *fault)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode))
        return fault_set(fault, ERR_INVALID, "csv_not_a_file", "This is not a regular file.");
    struct window window = {.fd = fd, .size_bytes = stat.st_size};
    return open_reader(window, limits, ret_reader, fault);
}

enum err csv_open_bytes(struct str bytes, const struct csv_limits *limits,
                        struct csv_reader **ret_reader, struct fault *fault)
{
    struct window window = {.fd = -1, .bytes = bytes, .size_bytes = (int64_t)bytes.len};
    return open_reader(window, limits, ret_reader, fault);
}

void csv_close(struct csv_reader *reader)
{
    if (!reader)
        return;
    window_finish(&reader->window);
    arena_finish(&reader->arena);
    free(reader);
}

/* ---- seeking ---- */

/* Line breaks in a part of the file, read as it is: LF and CR are the same in all encodings, but
 * two bytes wide in UTF-16. */
static enum err count_lines(const struct csv_reader *reader, int64_t from, int64_t to,
                            int64_t *ret_lines)
{
    char piece[WINDOW_PIECE_BYTES];
    enum csv_encoding encoding = reader->window.encoding;
    bool is_wide = encoding == CSV_UTF16_LE || encoding == CSV_UTF16_BE;
    size_t step = is_wide ? 2 : 1, low = encoding == CSV_UTF16_BE ? 1 : 0, len;
    char before = '\0';
    for (*ret_lines = 0; from < to; from += (int64_t)len) {
        size_t wanted = to - from < WINDOW_PIECE_BYTES ? (size_t)(to - from) : sizeof(piece);
        TRY(window_read(&reader->window, from, piece, wanted, &len));
        for (size_t i = 0; i + step <= len; i += step) {
            char c = is_wide && piece[i + 1 - low] ? '\0' : piece[i + low];
            *ret_lines += c == '\n' ? before != '\r' : c == '\r';
            before = c;
        }
    }
    return OK;
}

enum err csv_seek(struct csv_reader *reader, int64_t offset_bytes, int64_t number,
                  struct fault *fault)
{
    int64_t from = reader->window.offset_bytes, line = reader->line, lines = 0;
    if (offset_bytes < reader->first_offset_bytes || offset_bytes > reader->window.size_bytes)
        return fault_set(fault, ERR_INVALID, "csv_place", "The file has no such place.");
    if (offset_bytes < from) {
        from = reader->first_offset_bytes;
        line = reader->first_line;
    }
    if (count_lines(reader, from, offset_bytes, &lines) != OK)
        return fault_set(fault, ERR_IO, "file_unreadable", "The file cannot be read.");
    reader->line = line + lines;
    reader->number = number;
    window_place(&reader->window, offset_bytes);
    return OK;
}

/* ---- what it is ---- */

enum csv_encoding csv_encoding(const struct csv_reader *reader)
{
    return reader->window.encoding;
}

char csv_separator(const struct csv_reader *reader)
{
    return reader->scan.separator;
}

const struct csv_row *csv_header(const struct csv_reader *reader)
{
    return &reader->header;
}

int64_t csv_size_bytes(const struct csv_reader *reader)
{
    return reader->window.size_bytes;
}

int64_t csv_line(const struct csv_reader *reader)
{
    return reader->row.line;
}

int64_t csv_offset_bytes(const struct csv_reader *reader)
{
    return reader->window.offset_bytes;
}
