/* Texts of records as times, quantities and money. Private to src/intake. */
#ifndef SRC_INTAKE_PLAN_VALUES_H
#define SRC_INTAKE_PLAN_VALUES_H

#include "src/intake/plan.h"

/* How the columns of one rule are written. */
struct plan_style {
    enum date_order at;
    enum decimal_style numbers[RECORD_FIELD_COUNT];
};

/* By the mapping, the file's analysis and the user's choice. */
MUST_CHECK enum err plan_style_read(const struct plan_settings *settings,
                                    const struct mapping_record *rule, struct plan_style *ret_style,
                                    struct fault *fault);

/* A cell that does not become a value. */
struct plan_bad_cell {
    enum record_field field;
    struct str reason; /* a sentence; empty: all is well */
};
/* Fills the typed members from the texts. */
struct plan_bad_cell plan_type_record(const struct plan_settings *settings,
                                      const struct plan_style *style, struct plan_record *record);

#endif
