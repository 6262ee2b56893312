/* Private to lib/csv: which bytes are which characters. */
#ifndef LIB_CSV_ENCODING_H
#define LIB_CSV_ENCODING_H

#include "lib/csv/csv.h"

struct encoding_guess {
    enum csv_encoding encoding;
    size_t mark_bytes; /* of the byte order mark */
    bool is_ascii;     /* nothing in the sample told UTF-8 from Windows-1252 */
    bool has_nul;      /* not text at all */
};

/* What the first bytes of a file say. */
struct encoding_guess encoding_guess(struct str sample);
/* UTF-8 or Windows-1252 by whatever is not ASCII in the bytes. */
enum csv_encoding encoding_of_bytes(struct str bytes);

/* A byte becomes up to three. */
enum { ENCODING_GROWTH = 3 };
/*
 * Writes UTF-8 into `out`, of which there are ENCODING_GROWTH times as many bytes as in `bytes`,
 * and returns how many bytes it took: a character that is not whole is left, unless `is_last`. What
 * does not decode becomes bytes that are no UTF-8, so that one later check finds it.
 */
size_t encoding_decode(enum csv_encoding encoding, struct str bytes, bool is_last, char *out,
                       size_t *ret_len);
/* How many bytes of the file the decoded text was. */
size_t encoding_source_bytes(enum csv_encoding encoding, struct str text);

#endif
