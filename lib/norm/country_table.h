/* Private to lib/norm: the tables behind country_parse. */
#ifndef LIB_NORM_COUNTRY_TABLE_H
#define LIB_NORM_COUNTRY_TABLE_H

#include <stddef.h>

struct country_entry {
    char code[3];
    char alpha3[4];
    const char *name; /* English */
};
/* In the order of their codes. */
extern const struct country_entry country_entries[];
extern const size_t country_entry_count;

struct country_alias {
    const char *folded;
    char code[3];
};
/* In the order of their bytes. */
extern const struct country_alias country_aliases[];
extern const size_t country_alias_count;

#endif
