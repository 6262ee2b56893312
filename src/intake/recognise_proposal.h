/* A proposal under construction: the roles of the columns as the values of a mapping, and its JSON.
 * Private to src/intake. */
#ifndef SRC_INTAKE_RECOGNISE_PROPOSAL_H
#define SRC_INTAKE_RECOGNISE_PROPOSAL_H

#include "src/intake/recognise_columns.h"

struct proposal {
    struct arena *arena;
    struct json_writer writer;
    struct column_roles roles;
    bool used[COLUMN_COUNT]; /* stands in a value */
};

bool proposal_has(const struct proposal *proposal, enum column_role role);
/* A column's name as a mapping writes it: "a|b" is "a\|b". */
struct str proposal_column(const struct proposal *proposal, size_t column);

/* "{A}" of the first of the roles that has a column; empty: none has. */
struct str proposal_first_of(struct proposal *proposal, const enum column_role *roles,
                             size_t count);
#define PROPOSAL_VALUE(proposal, ...)                                      \
    proposal_first_of((proposal), (const enum column_role[]){__VA_ARGS__}, \
                      ARRAY_LEN(((const enum column_role[]){__VA_ARGS__})))
/* "{A|B}": the second where a row has nothing in the first. */
struct str proposal_either_of(struct proposal *proposal, enum column_role first,
                              enum column_role second);
struct str proposal_partner(struct proposal *proposal);
struct str proposal_product(struct proposal *proposal);
bool proposal_has_company_data(const struct proposal *proposal);

/* Members of the JSON; nothing where the value is empty. */
void proposal_put(struct proposal *proposal, const char *field, struct str value);
void proposal_begin_record(struct proposal *proposal, const char *make);
void proposal_begin_fields(struct proposal *proposal);
void proposal_end_record(struct proposal *proposal);
/* "when": one condition; `texts` apart by commas. */
void proposal_put_when(struct proposal *proposal, struct str value, const char *is,
                       const char *texts);
/* The record of a partner with its name, address and numbers; the caller ends it. */
void proposal_begin_partner(struct proposal *proposal, struct str key, struct str name);

/* Rows that are orders or their lines. */
bool proposal_are_orders(struct proposal *proposal);
void proposal_put_orders(struct proposal *proposal);
/* Rows that tell of sales without the number of an order; with the data of the partner that made
 * them there are partners in them too. */
bool proposal_are_sales(struct proposal *proposal);
void proposal_put_sales(struct proposal *proposal);

#endif
