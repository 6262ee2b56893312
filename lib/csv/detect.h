/* Private to lib/csv: which separator a text has. */
#ifndef LIB_CSV_DETECT_H
#define LIB_CSV_DETECT_H

#include "lib/csv/csv.h"

/*
 * By the rows at the start of the text: the separator that gives the header more than one cell and
 * the rows as many. A comma when there is none. `ret_skip_bytes`: of a first line "sep=;", as Excel
 * writes it.
 */
char detect_separator(struct str text, bool is_last, size_t *ret_skip_bytes);

#endif
