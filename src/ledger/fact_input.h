/* From the values of a fact's fields to a draft: what they refer to is found, numbers are checked.
 * Private to src/ledger. */
#ifndef SRC_LEDGER_FACT_INPUT_H
#define SRC_LEDGER_FACT_INPUT_H

#include "lib/base/map.h"
#include "src/ledger/fact_reader.h"

/*
 * What was found already, by the text that names it. One thread at a time; stays where it is.
 */
struct fact_references {
    struct arena arena;
    struct map partners, products, contacts;
};
void fact_references_init(struct fact_references *references);
void fact_references_finish(struct fact_references *references);
/* Forgets them when they are many: between two pieces of a stream. */
void fact_references_trim(struct fact_references *references);

/*
 * ERR_INVALID with the field for what is wrong in itself, ERR_NOT_FOUND with the field for what
 * does not exist. Texts of the draft are borrowed from the values. Reads with ctx->conn what
 * `references` does not know; with ctx->conn NULL that is ERR_BUSY, and the caller comes again with
 * a connection.
 */
MUST_CHECK enum err fact_input_draft(struct ctx *ctx, struct fact_references *references,
                                     const struct form_value *values, struct fact_draft *ret_draft);

#endif
