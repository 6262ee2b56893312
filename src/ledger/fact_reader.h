/*
 * Reads facts as JSON, quickly. What is plainly good is read here in one pass; whatever is not (an
 * escape of the rarer kind, a field that is unknown, a number where a text belongs, a mistake) is
 * left to lib/json and the form, whose verdict and words are the same for every document of the
 * API. So this reader may give up on anything, and must never take what they refuse. Private to
 * src/ledger.
 */
#ifndef SRC_LEDGER_FACT_READER_H
#define SRC_LEDGER_FACT_READER_H

#include "src/core/form.h"
#include "src/ledger/ledger.h"

/* In the order of fact_draft_schema. */
enum fact_field {
    FACT_FIELD_PARTNER,
    FACT_FIELD_KIND,
    FACT_FIELD_AT,
    FACT_FIELD_QUANTITY,
    FACT_FIELD_AMOUNT,
    FACT_FIELD_CURRENCY,
    FACT_FIELD_COST,
    FACT_FIELD_PRODUCT,
    FACT_FIELD_CONTACT,
    FACT_FIELD_SOURCE,
    FACT_FIELD_EXTERNAL_ID,
    FACT_FIELD_REF,
    FACT_FIELD_NOTE,
    FACT_FIELD_COUNT
};
extern const struct schema fact_draft_schema;

/*
 * Takes one object off the front of `*rest`, with the white space around it, into
 * FACT_FIELD_COUNT values as form_from_json would give them. Texts are borrowed from `*rest` or in
 * the arena. False, with `*rest` where it was, when it gives up.
 */
bool fact_reader_take(struct str *rest, struct arena *arena, struct form_value *ret_values);
/* One object and nothing else: by fact_reader_take, or else by lib/json. ERR_INVALID. */
MUST_CHECK enum err fact_reader_read(struct ctx *ctx, struct str text,
                                     struct form_value *ret_values);
/* The same for an element of a document that lib/json has parsed. */
struct json;
MUST_CHECK enum err fact_reader_read_json(struct ctx *ctx, const struct json *object,
                                          struct form_value *ret_values);

#endif
