/* Reading and writing separated values. */
#include "lib/csv/csv.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/parse.h"
#include "tests/support/test.h"

static const struct csv_limits limits = {.columns = 20, .cell_bytes = 1000, .row_bytes = 4000};

static struct csv_reader *open_text(struct str text)
{
    struct csv_reader *reader = NULL;
    struct fault fault = {0};
    if (csv_open_bytes(text, &limits, &reader, &fault) != OK)
        test_fail(__FILE__, __LINE__, "%s", fault.sentence);
    return reader;
}

static enum err open_error(struct str text, struct fault *fault)
{
    struct csv_reader *reader = NULL;
    enum err err = csv_open_bytes(text, &limits, &reader, fault);
    if (err == OK)
        csv_close(reader);
    return err;
}

static const struct csv_row *next(struct csv_reader *reader)
{
    const struct csv_row *row = NULL;
    struct fault fault = {0};
    if (csv_next(reader, &row, &fault) != OK)
        test_fail(__FILE__, __LINE__, "%s", fault.sentence);
    return row;
}

/* All cells of the file joined: "|" between cells, "/" behind a row, "!" for a bad one. */
static void check_rows(const char *expected, struct str text)
{
    struct arena arena;
    struct buf buf;
    struct csv_reader *reader = open_text(text);
    const struct csv_row *row;
    arena_init(&arena, 1 << 20);
    buf_init(&buf, &arena, 1 << 16);
    for (;;) {
        enum err err = csv_next(reader, &row, NULL);
        if (err == OK && !row)
            break;
        for (size_t i = 0; err == OK && i < row->count; i++) {
            buf_add(&buf, i ? STR("|") : STR(""));
            buf_add(&buf, row->cells[i]);
        }
        buf_add(&buf, err == OK ? STR("/") : STR("!"));
    }
    csv_close(reader);
    CHECK_STR(expected, buf_str(&buf));
    arena_finish(&arena);
}

TEST(csv, reads_plain_rows_with_any_line_break)
{
    check_rows("1|2/3|4/", STR("a,b\n1,2\n3,4\n"));
    check_rows("1|2/3|4/", STR("a,b\r\n1,2\r\n3,4"));
    check_rows("1|2/3|4/", STR("a,b\r1,2\r3,4\r"));
    check_rows("1|/|4/", STR("a,b\n1,\n,4"));
    check_rows("", STR("a,b"));
}

TEST(csv, reads_quoted_cells_with_separators_quotes_and_breaks)
{
    check_rows("1,5|x \"y\"\nz\r\n/", STR("a,b\n\"1,5\",\"x \"\"y\"\"\nz\r\n\"\n"));
    check_rows("|\"/", STR("a,b\n\"\",\"\"\"\"\n"));
    check_rows("5\" pipe| \"x\"/", STR("a,b\n5\" pipe, \"x\"\n"));
}

TEST(csv, skips_rows_that_hold_nothing_and_counts_them)
{
    struct csv_reader *reader = open_text(STR("\n\na,b\n\n1,2\n,\n\"\",\n3,4\n\n"));
    CHECK_INT(3, csv_header(reader)->line);
    const struct csv_row *row = next(reader);
    CHECK_INT(2, row->number);
    CHECK_INT(5, row->line);
    row = next(reader);
    CHECK_INT(5, row->number);
    CHECK_INT(8, row->line);
    CHECK(!next(reader));
    CHECK(!next(reader));
    csv_close(reader);
}

TEST(csv, trims_names_and_gives_one_to_a_column_without)
{
    struct csv_reader *reader = open_text(STR(" Id ,,\"Na\"\"me\",\"Other, name\"\n"));
    const struct csv_row *header = csv_header(reader);
    CHECK_INT(4, header->count);
    CHECK_STR("Id", header->cells[0]);
    CHECK_STR("Column 2", header->cells[1]);
    CHECK_STR("Na\"me", header->cells[2]);
    CHECK_STR("Other, name", header->cells[3]);
    CHECK_INT(0, header->number);
    csv_close(reader);
}

TEST(csv, refuses_two_columns_of_one_name)
{
    struct fault fault = {0};
    CHECK_ERR(ERR_INVALID, open_error(STR("a,b,a\n1,2,3\n"), &fault));
    CHECK_STR("csv_column_twice", str_from_c(fault.code));
}

TEST(csv, refuses_an_empty_file_and_one_that_is_not_text)
{
    struct fault fault = {0};
    CHECK_ERR(ERR_INVALID, open_error(STR(""), &fault));
    CHECK_STR("csv_empty", str_from_c(fault.code));
    CHECK_ERR(ERR_INVALID, open_error(STR("\xef\xbb\xbf\r\n\r\n"), &fault));
    CHECK_STR("csv_empty", str_from_c(fault.code));
    CHECK_ERR(ERR_INVALID, open_error(STR("PK\x03\x04\x00\x00 a,b\n\x00\x00\x01"), &fault));
    CHECK_STR("csv_not_text", str_from_c(fault.code));
}

TEST(csv, refuses_rows_of_another_length_with_row_and_column_and_goes_on)
{
    struct fault fault = {0};
    const struct csv_row *row;
    struct csv_reader *reader = open_text(STR("id,name,city\n1,A\n2,B,C,D\n3,E,F\n"));
    CHECK_ERR(ERR_INVALID, csv_next(reader, &row, &fault));
    CHECK_INT(1, fault.row);
    CHECK_STR("city", str_from_c(fault.column));
    CHECK_STR("The row has 2 cells; the header has 3.", str_from_c(fault.sentence));
    CHECK_ERR(ERR_INVALID, csv_next(reader, &row, &fault));
    CHECK_INT(2, fault.row);
    CHECK_STR("Column 4", str_from_c(fault.column));
    CHECK_INT(3, csv_line(reader));
    row = next(reader);
    CHECK_INT(3, row->number);
    CHECK_INT(4, row->line);
    csv_close(reader);
}

TEST(csv, refuses_a_bad_quote_and_goes_on_with_the_next_line)
{
    struct fault fault = {0};
    const struct csv_row *row;
    struct csv_reader *reader = open_text(STR("a,b\n1,\"x\"y\n2,3\n4,\"z\n5,6\n"));
    CHECK_ERR(ERR_INVALID, csv_next(reader, &row, &fault));
    CHECK_STR("csv_quote", str_from_c(fault.code));
    CHECK_STR("b", str_from_c(fault.column));
    CHECK_STR("2", next(reader)->cells[0]);
    CHECK_ERR(ERR_INVALID, csv_next(reader, &row, &fault));
    CHECK_INT(3, fault.row);
    CHECK_STR("b", str_from_c(fault.column));
    row = next(reader);
    CHECK_STR("5", row->cells[0]);
    CHECK_INT(5, row->line);
    csv_close(reader);
}

TEST(csv, refuses_bytes_that_do_not_decode)
{
    struct fault fault = {0};
    const struct csv_row *row;
    struct csv_reader *reader = open_text(STR("\xef\xbb\xbf"
                                              "a,b\n1,\xc3\x28\n\xe2\x82\xac,4\n"));
    CHECK_ERR(ERR_INVALID, csv_next(reader, &row, &fault));
    CHECK_STR("csv_bytes", str_from_c(fault.code));
    CHECK_STR("b", str_from_c(fault.column));
    CHECK_STR("\xe2\x82\xac", next(reader)->cells[0]);
    csv_close(reader);
}

/* ---- limits ---- */

/* "a,b\n" and then the pieces. */
static struct str made(struct buf *buf, const char *before, size_t letters, const char *after)
{
    buf_clear(buf);
    buf_add(buf, str_from_c(before));
    for (size_t i = 0; i < letters; i++)
        buf_add_char(buf, 'x');
    buf_add(buf, str_from_c(after));
    return buf_str(buf);
}

static void check_made(const char *expected, const char *before, size_t letters, const char *after)
{
    struct arena arena;
    struct buf buf;
    arena_init(&arena, 16 << 20);
    buf_init(&buf, &arena, 8 << 20);
    check_rows(expected, made(&buf, before, letters, after));
    arena_finish(&arena);
}

TEST(csv, refuses_what_is_over_a_limit_and_goes_on)
{
    check_made("!3|4/", "a,b\n1,", 1001, "\n3,4\n");
    check_made("!3|4/", "a,b\n1,", 5000, "\n3,4\n");
    check_made("!3|4/", "a,b\n1,", 1 << 20, "\r\n3,4\r\n");
    check_made("!3|4/", "a,b\n1,\"", 1 << 20, "\n3,4\n");
    check_made("!3|4/1|2/", "a,b\n1,\"", 5000, "\n3,4\n1,2\n");
    check_made("!", "a,b\n1,\"", 1 << 20, "");
}

TEST(csv, bounds_the_columns)
{
    struct fault fault = {0};
    CHECK_ERR(ERR_TOO_LARGE,
              open_error(STR("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21\n"), &fault));
    check_rows("!1|2/", STR("a,b\n1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21\n1,2\n"));
}

TEST(csv, tells_the_row_that_is_too_large)
{
    struct arena arena;
    struct buf buf;
    struct fault fault = {0};
    const struct csv_row *row;
    arena_init(&arena, 1 << 20);
    buf_init(&buf, &arena, 1 << 20);
    struct csv_reader *reader = open_text(made(&buf, "a,b\n1,2\n3,", 1001, "\n"));
    CHECK(next(reader));
    CHECK_ERR(ERR_TOO_LARGE, csv_next(reader, &row, &fault));
    CHECK_INT(2, fault.row);
    CHECK_STR("b", str_from_c(fault.column));
    csv_close(reader);
    arena_finish(&arena);
}

/* ---- separators ---- */

static void check_separator(char expected, struct str text)
{
    struct csv_reader *reader = open_text(text);
    char separator = csv_separator(reader);
    csv_close(reader);
    CHECK_INT(expected, separator);
}

TEST(csv_separator, is_the_one_that_the_rows_agree_on)
{
    check_separator(',', STR("a,b\n1,2\n"));
    check_separator(';', STR("a;b\n1,5;2,5\n3;4\n"));
    check_separator('\t', STR("a\tb, c\td\n1\t2\t3\n"));
    check_separator('|', STR("a|b\n1,2|3;4\n"));
    check_separator(',', STR("one column\nx\n"));
}

TEST(csv_separator, is_not_looked_for_inside_quotes)
{
    check_separator(',', STR("\"a;b;c\",\"d;e;f\"\n\"1;2;3\",\"4;5;6\"\n"));
    check_separator(';', STR("\"a,b\";\"c,d\";e\n\"1,2\";\"3,4\";5\n"));
    check_separator(',', STR("name,note\nx,\"1;2;3;4;5\n6;7;8;9\"\n"));
}

TEST(csv_separator, is_what_a_first_line_for_excel_says)
{
    check_rows("1,2|3/", STR("sep=;\r\na,b;c\r\n1,2;3\r\n"));
    struct csv_reader *reader = open_text(STR("sep=;\r\na,b;c\r\n1,2;3\r\n"));
    CHECK_INT(2, csv_header(reader)->line);
    csv_close(reader);
}

/* ---- encodings ---- */

/* UTF-16 with or without a mark. */
static struct str wide(struct arena *arena, const char *ascii, bool is_little, bool has_mark)
{
    struct buf buf;
    buf_init(&buf, arena, 1 << 20);
    if (has_mark)
        buf_add(&buf, is_little ? STR("\xff\xfe") : STR("\xfe\xff"));
    for (; *ascii; ascii++) {
        if (!is_little)
            buf_add_char(&buf, '\0');
        buf_add_char(&buf, *ascii);
        if (is_little)
            buf_add_char(&buf, '\0');
    }
    return buf_str(&buf);
}

static void check_encoding(enum csv_encoding expected, struct str text)
{
    struct csv_reader *reader = open_text(text);
    enum csv_encoding encoding = csv_encoding(reader);
    csv_close(reader);
    CHECK_STR(csv_encoding_name(expected), str_from_c(csv_encoding_name(encoding)));
}

TEST(csv_encoding, is_told_by_mark_or_zeros)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (int has_mark = 0; has_mark < 2; has_mark++) {
        struct str little = wide(&arena, "a;b\r\n1;2\r\n", true, has_mark);
        struct str big = wide(&arena, "a;b\r\n1;2\r\n", false, has_mark);
        check_encoding(CSV_UTF16_LE, little);
        check_encoding(CSV_UTF16_BE, big);
        check_rows("1|2/", little);
        check_rows("1|2/", big);
    }
    check_encoding(CSV_UTF8, STR("\xef\xbb\xbf"
                                 "a,b\n"));
    arena_finish(&arena);
}

TEST(csv_encoding, of_other_letters_is_utf_8_where_they_are_well_formed)
{
    check_encoding(CSV_UTF8, STR("name,city\nM\xc3\xbcller,K\xc3\xb6ln\n"));
    check_encoding(CSV_WINDOWS_1252, STR("name,city\nM\xfcller,K\xf6ln\n"));
    check_rows("M\xc3\xbcller|\xe2\x82\xac 5/", STR("name,city\nM\xfcller,\x80 5\n"));
}

TEST(csv_encoding, is_found_beyond_the_sample)
{
    struct arena arena;
    struct buf buf;
    arena_init(&arena, 16 << 20);
    buf_init(&buf, &arena, 8 << 20);
    buf_add(&buf, STR("name,city\n"));
    for (int i = 0; i < 20000; i++)
        buf_add(&buf, STR("Meier,Wien\n"));
    size_t ascii = buf.len;
    buf_add(&buf, STR("M\xfcller,Graz\n"));
    check_encoding(CSV_WINDOWS_1252, buf_str(&buf));
    buf.len = ascii;
    buf_add(&buf, STR("M\xc3\xbcller,Graz\n"));
    check_encoding(CSV_UTF8, buf_str(&buf));
    arena_finish(&arena);
}

TEST(csv_encoding, decodes_pairs_and_refuses_halves_of_them)
{
    check_rows("\xf0\x9f\x98\x80|x/", STR("\xff\xfe"
                                          "a\0,\0b\0\n\0\x3d\xd8\x00\xde,\0x\0\n\0"));
    check_rows("!y|x/", STR("\xff\xfe"
                            "a\0,\0b\0\n\0\x3d\xd8,\0x\0\n\0y\0,\0x\0\n\0"));
    check_rows("!", STR("\xff\xfe"
                        "a\0,\0b\0\n\0x\0,\0y"));
}

/* ---- files ---- */

static int file_of(struct str text)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/rows.csv", test_directory());
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0);
    CHECK(write(fd, text.ptr, text.len) == (ssize_t)text.len);
    return fd;
}

/* Rows with numbers that say which they are, with breaks inside and letters of several bytes. */
static struct str many_rows(struct buf *buf, int count)
{
    buf_add(buf, STR("number,note\r\n"));
    for (int i = 1; i <= count; i++)
        buf_format(buf, "%d,\"caf\u00e9 %d\r\n\u20ac\"\r\n", i, i);
    return buf_str(buf);
}

static struct str as_utf16(struct arena *arena, struct str text)
{
    struct buf buf;
    buf_init(&buf, arena, text.len * 2 + 2);
    buf_add(&buf, STR("\xff\xfe"));
    for (size_t i = 0; i < text.len; i++) {
        unsigned c = (unsigned char)text.ptr[i];
        if (c >= 0xe0) {
            c = (c & 15) << 12 | ((unsigned char)text.ptr[i + 1] & 63U) << 6 |
                ((unsigned char)text.ptr[i + 2] & 63);
            i += 2;
        } else if (c >= 0xc0) {
            c = (c & 31) << 6 | ((unsigned char)text.ptr[i + 1] & 63);
            i++;
        }
        buf_add_char(&buf, (char)(c & 0xff));
        buf_add_char(&buf, (char)(c >> 8));
    }
    return buf_str(&buf);
}

/* Reads all, then goes back to some places and finds the same rows there. */
static void check_seek(struct str text)
{
    enum { ROWS = 9000, STEP = 700 };
    static const struct csv_limits file_limits = {5, 100, 200};
    int64_t offsets[ROWS + 1] = {0};
    struct fault fault = {0};
    struct csv_reader *reader = NULL;
    const struct csv_row *row;
    int fd = file_of(text);
    CHECK_OK(csv_open(fd, &file_limits, &reader, &fault));
    CHECK_INT((int64_t)text.len, csv_size_bytes(reader));
    offsets[0] = csv_header(reader)->offset_bytes;
    for (int i = 1; i <= ROWS; i++) {
        row = next(reader);
        CHECK_INT(i, row->number);
        CHECK_INT(2 * i, row->line);
        offsets[i] = row->offset_bytes;
    }
    CHECK(!next(reader));
    for (int64_t i = 0; i < ROWS; i += STEP) {
        int64_t to = i % 2 ? i : ROWS - 1 - i;
        CHECK_OK(csv_seek(reader, offsets[to], to, &fault));
        row = next(reader);
        CHECK_INT(to + 1, row->number);
        CHECK_INT(2 * (to + 1), row->line);
        int64_t number = 0;
        CHECK(parse_int64(row->cells[0], 0, ROWS, &number));
        CHECK_INT(to + 1, number);
    }
    CHECK_OK(csv_seek(reader, offsets[ROWS], ROWS, &fault));
    CHECK(!next(reader));
    CHECK_ERR(ERR_INVALID, csv_seek(reader, (int64_t)text.len + 1, 1, &fault));
    CHECK_ERR(ERR_INVALID, csv_seek(reader, 0, 1, &fault));
    csv_close(reader);
    close(fd);
}

TEST(csv_seek, finds_a_row_again_in_every_encoding)
{
    struct arena arena;
    struct buf buf;
    arena_init(&arena, 64 << 20);
    buf_init(&buf, &arena, 8 << 20);
    struct str text = many_rows(&buf, 9000);
    check_seek(text);
    check_seek(as_utf16(&arena, text));
    /* The same in Windows-1252. */
    char *narrow = arena_alloc(&arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] == 0xe2) {
            narrow[len++] = (char)0x80;
            i += 2;
        } else if ((unsigned char)text.ptr[i] == 0xc3) {
            narrow[len++] = (char)0xe9;
            i++;
        } else {
            narrow[len++] = text.ptr[i];
        }
    }
    check_seek((struct str){narrow, len});
    arena_finish(&arena);
}

TEST(csv_open, refuses_what_is_no_file)
{
    int pipes[2];
    struct csv_reader *reader;
    CHECK(pipe(pipes) == 0);
    CHECK_ERR(ERR_INVALID, csv_open(pipes[0], &limits, &reader, NULL));
    close(pipes[0]);
    close(pipes[1]);
}

TEST(csv_open, reports_a_file_that_became_shorter)
{
    struct arena arena;
    struct buf buf;
    struct csv_reader *reader = NULL;
    const struct csv_row *row;
    enum err err = OK;
    arena_init(&arena, 64 << 20);
    buf_init(&buf, &arena, 8 << 20);
    int fd = file_of(many_rows(&buf, 20000));
    CHECK_OK(csv_open(fd, &limits, &reader, NULL));
    CHECK(ftruncate(fd, 100000) == 0);
    do
        err = csv_next(reader, &row, NULL);
    while (err == OK && row);
    CHECK_ERR(ERR_IO, err);
    csv_close(reader);
    close(fd);
    arena_finish(&arena);
}

/* ---- writing ---- */

static void check_written(const char *expected, const char *cell)
{
    struct arena arena;
    struct buf buf;
    arena_init(&arena, 1 << 16);
    buf_init(&buf, &arena, 1000);
    csv_write_cell(&buf, str_from_c(cell), true);
    CHECK_STR(expected, buf_str(&buf));
    arena_finish(&arena);
}

TEST(csv_write_cell, quotes_where_needed)
{
    check_written("plain", "plain");
    check_written("\"a,b\"", "a,b");
    check_written("\"a \"\"b\"\"\"", "a \"b\"");
    check_written("\"a\nb\"", "a\nb");
    check_written("\" a\"", " a");
    check_written("", "");
}

TEST(csv_write_cell, keeps_a_spreadsheet_from_running_a_text)
{
    check_written("'=1+1", "=1+1");
    check_written("'@SUM(A1)", "@SUM(A1)");
    check_written("\"'=A1,2\"", "=A1,2");
    check_written("-12.50", "-12.50");
    check_written("'-x", "-x");
    check_written("'+43 1 513", "+43 1 513");
    check_written("+4315333318", "+4315333318");
    check_written("'+1+cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0");
    check_written("'+", "+");
    check_written("'++1", "++1");
    check_written("\"'\n=1\"", "\n=1");
    check_written("'\t=1", "\t=1");
    check_written("'\xef\xbc\x9d"
                  "1",
                  "\xef\xbc\x9d"
                  "1");
    check_written("a=1", "a=1");
}

TEST(csv_write_cell, is_read_back)
{
    struct arena arena;
    struct buf buf;
    arena_init(&arena, 1 << 16);
    buf_init(&buf, &arena, 1000);
    csv_write_cell(&buf, STR("a"), true);
    csv_write_cell(&buf, STR("b"), false);
    csv_write_end(&buf);
    csv_write_cell(&buf, STR("x \"y\",\r\nz"), true);
    csv_write_cell(&buf, STR(" ;"), false);
    csv_write_end(&buf);
    check_rows("x \"y\",\r\nz| ;/", buf_str(&buf));
    arena_finish(&arena);
}
