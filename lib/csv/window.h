/* Private to lib/csv: the part of a file that is being read, as UTF-8. */
#ifndef LIB_CSV_WINDOW_H
#define LIB_CSV_WINDOW_H

#include "lib/csv/csv.h"

enum { WINDOW_PIECE_BYTES = 64 * 1024 };

/* The text from `at` to `len` is decoded and not yet used; it stands at `offset_bytes` of the file.
 */
struct window {
    int fd; /* -1: the bytes */
    struct str bytes;
    int64_t size_bytes;
    enum csv_encoding encoding;
    char *text;
    size_t at, len, cap, max_bytes;
    int64_t offset_bytes;
    int64_t read_bytes; /* where the next piece is read */
};

/* What is there, at most `ret_piece->len` bytes from an offset; for the sample. */
MUST_CHECK enum err window_read(const struct window *window, int64_t offset_bytes, char *piece,
                                size_t max_bytes, size_t *ret_len);
/* Drops what was read and goes on at a place. */
void window_place(struct window *window, int64_t offset_bytes);
bool window_is_last(const struct window *window);
bool window_is_full(const struct window *window);
struct str window_text(const struct window *window);
/* Reads another piece behind the text, which moves. Not when it is full or the last. */
MUST_CHECK enum err window_more(struct window *window, struct fault *fault);
/* Goes over a part of the text that was used. */
void window_skip(struct window *window, size_t len);
void window_finish(struct window *window);

#endif
