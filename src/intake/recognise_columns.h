/* Which column of a file has which role. Private to src/intake. */
#ifndef SRC_INTAKE_RECOGNISE_COLUMNS_H
#define SRC_INTAKE_RECOGNISE_COLUMNS_H

#include "src/intake/recognise.h"
#include "src/intake/recognise_names_rules.h"

struct column_roles {
    const struct recognise_file *file;
    int columns[COLUMN_COUNT];  /* -1: none */
    int likeness[COLUMN_COUNT]; /* of the column's name to what the role is called; 0: guessed */
};

/* Gives each role the column whose name is most like it and whose cells are what it needs. */
void column_roles_find(const struct recognise_file *file, struct arena *arena,
                       struct column_roles *ret_roles);
/*
 * Gives columns whose names say nothing a role by their cells: mail addresses, currencies, days,
 * telephone numbers, domains, amounts, and the name of a company; only roles that no column has.
 */
void column_roles_guess(struct column_roles *roles);
bool column_roles_have(const struct column_roles *roles, enum column_role role);
/* Whether some value stands in two rows of the column. */
bool column_roles_repeat(const struct column_roles *roles, enum column_role role);
/* How the dates and the numbers of the columns that have a role are written. */
struct value_hints column_roles_hints(const struct column_roles *roles);

#endif
