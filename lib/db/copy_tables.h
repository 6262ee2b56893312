/* Private to lib/db: the tables of a database as its catalogue has them, and the statements that
 * move their rows. */
#ifndef LIB_DB_COPY_TABLES_H
#define LIB_DB_COPY_TABLES_H

#include "lib/db/driver.h"

struct copy_column {
    const char *name;
    enum db_type type;
};

/* Statements for both engines: they differ in how many rows an insert takes. */
struct copy_table {
    const char *name;
    const struct copy_column *columns;
    size_t column_count;
    struct query read;   /* in the order of the key, the same each time */
    struct query look;   /* in any order */
    struct query count;  /* n */
    struct query insert; /* a parameter for each column */
    struct query empty;
};

struct copy_tables {
    const struct copy_table *tables; /* by name */
    size_t count;
};

/* In the arena. ERR_UNSUPPORTED for a column whose type cannot be copied, or a table without key.
 */
MUST_CHECK enum err copy_tables_read(struct db_conn *conn, struct arena *arena,
                                     struct copy_tables *ret_tables);
/* ERR_UNSUPPORTED, with the first difference, when they are not the same. */
MUST_CHECK enum err copy_tables_compare(const struct copy_tables *from,
                                        const struct copy_tables *to, struct fault *fault);

/* How many rows, and the sum of a hash of each. */
struct copy_sum {
    int64_t rows;
    uint64_t checksum;
};
/* Fills `ret_values` (one for each column, borrowed until the next row) from the row. */
void copy_row_read(const struct copy_table *table, struct db_rows *rows,
                   struct db_value *ret_values);
void copy_sum_add(struct copy_sum *sum, const struct db_value *values, size_t count);

#endif
