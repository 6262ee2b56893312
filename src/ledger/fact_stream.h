/* Facts of one request: one, an array, or a stream of lines. Private to src/ledger. */
#ifndef SRC_LEDGER_FACT_STREAM_H
#define SRC_LEDGER_FACT_STREAM_H

#include "src/ledger/fact_input.h"

/* Why a row was refused; texts are static or in the piece's arena. */
struct fact_refusal {
    const char *code; /* NULL: it was not */
    struct str field, sentence;
};

struct fact_row {
    struct form_value *values; /* what waits for a connection to become a draft; else NULL */
    struct fact_draft draft;
    struct fact_outcome outcome;
    struct fact_refusal refusal;
    int64_t number; /* the line, or the place in the array, from 1 */
};

struct fact_rows {
    struct fact_row *rows;
    size_t count;
};

/* Every line that is not blank, numbered after `*lines`, which grows by how many there were. */
MUST_CHECK enum err fact_rows_of_lines(struct ctx *ctx, struct fact_references *references,
                                       struct str text, struct fact_rows *ret_rows, int64_t *lines);
/* Of a document: one object, or an array of them. ERR_INVALID when it is neither. */
MUST_CHECK enum err fact_rows_of_json(struct ctx *ctx, struct fact_references *references,
                                      struct str text, struct fact_rows *ret_rows,
                                      bool *ret_is_array);
/* Makes drafts of the rows that wait, in a read snapshot of its own; nothing where none waits. */
MUST_CHECK enum err fact_rows_resolve(struct ctx *ctx, struct fact_references *references,
                                      struct fact_rows *rows);
/* Inside a write. What one row is refused for is that row's; any other failure ends it. */
MUST_CHECK enum err fact_rows_record(struct ctx *ctx, struct fact_rows *rows);
/* One result as a JSON object. */
void fact_row_render(const struct fact_row *row, struct json_writer *writer);
const char *fact_row_result(const struct fact_row *row);
/* The row's refusal as the failure of the whole request. */
MUST_CHECK enum err fact_row_fail(struct ctx *ctx, const struct fact_row *row);

#endif
