/* The separator is guessed by reading the first rows with each of the four. */
#include "lib/csv/detect.h"

#include "lib/base/compiler.h"
#include "lib/csv/scan.h"

enum { ROWS_MAX = 100, COLUMNS_THAT_COUNT = 30 };

static const char separators[] = {',', ';', '\t', '|'};

static bool is_separator(char c)
{
    for (size_t i = 0; i < ARRAY_LEN(separators); i++)
        if (separators[i] == c)
            return true;
    return false;
}

struct sample {
    size_t header_cells;
    size_t rows, like_header;
};

/* A row with a bad quote counts as one that differs. */
static struct sample read_sample(struct str text, bool is_last, char separator)
{
    struct sample sample = {0};
    struct scan scan = {.separator = separator};
    while (text.len && sample.rows < ROWS_MAX) {
        enum scan_result result = scan_row(&scan, text, is_last);
        if (result == SCAN_MORE)
            break;
        bool is_row = result == SCAN_ROW;
        size_t used = is_row ? scan.end : scan_next_line(text);
        text = str_slice(text, used, text.len);
        if (is_row && scan.is_blank)
            continue;
        if (sample.rows++ == 0)
            sample.header_cells = is_row ? scan.count : 0;
        sample.like_header += is_row && scan.count == sample.header_cells;
    }
    return sample;
}

/* Rows that agree count most, then columns; one column is no table. */
static size_t score(struct sample sample)
{
    size_t columns = sample.header_cells;
    if (columns < 2 || sample.rows == 0)
        return 0;
    if (columns > COLUMNS_THAT_COUNT)
        columns = COLUMNS_THAT_COUNT;
    return 1 + 100 * sample.like_header / sample.rows + columns;
}

char detect_separator(struct str text, bool is_last, size_t *ret_skip_bytes)
{
    size_t best_score = 0;
    char best = ',';
    *ret_skip_bytes = 0;
    if (text.len >= 5 && str_equal_nocase(str_slice(text, 0, 4), STR("sep=")) &&
        is_separator(text.ptr[4])) {
        size_t line = scan_next_line(text);
        if (str_trim(str_slice(text, 5, line)).len == 0) {
            *ret_skip_bytes = line;
            return text.ptr[4];
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(separators); i++) {
        size_t its_score = score(read_sample(text, is_last, separators[i]));
        if (its_score > best_score) {
            best_score = its_score;
            best = separators[i];
        }
    }
    return best;
}
