/* Fuzzes the reader: every row ends, keeps its limits, and is found again by csv_seek. */
#include <stdlib.h>

#include "lib/csv/csv.h"

static void check(bool is_so)
{
    if (!is_so)
        abort();
}

static void check_row(const struct csv_reader *reader, const struct csv_row *row,
                      const struct csv_limits *limits)
{
    check(row->count == csv_header(reader)->count && row->count <= limits->columns);
    check(row->line > 0 && row->offset_bytes <= csv_size_bytes(reader));
    for (size_t i = 0; i < row->count; i++)
        check(row->cells[i].len <= limits->cell_bytes && str_is_utf8(row->cells[i]));
}

/* The row behind a place is the same whether one reads on or goes there. */
static void check_again(struct csv_reader *reader, struct str bytes,
                        const struct csv_limits *limits)
{
    struct csv_reader *other;
    const struct csv_row *row, *same;
    int64_t offset_bytes = csv_offset_bytes(reader), number = csv_header(reader)->number;
    check(csv_open_bytes(bytes, limits, &other, NULL) == OK);
    for (int rows = 0; rows < 1000; rows++) {
        struct fault fault = {0};
        enum err err = csv_next(reader, &row, &fault);
        check(csv_seek(other, offset_bytes, number, NULL) == OK);
        check(csv_next(other, &same, NULL) == err);
        if (err == OK && !row)
            break;
        if (err == OK) {
            check_row(reader, row, limits);
            check(row->number == same->number && row->line == same->line);
            check(row->offset_bytes == same->offset_bytes);
            for (size_t i = 0; i < row->count; i++)
                check(str_equal(row->cells[i], same->cells[i]));
            number = row->number;
        } else {
            number = fault.row;
        }
        check(csv_offset_bytes(reader) > offset_bytes);
        offset_bytes = csv_offset_bytes(reader);
    }
    csv_close(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct csv_limits limits = {8, 40, 100};
    struct str bytes = {(const char *)data, size};
    struct csv_reader *reader;
    if (csv_open_bytes(bytes, &limits, &reader, NULL) != OK)
        return 0;
    check_again(reader, bytes, &limits);
    csv_close(reader);
    return 0;
}
