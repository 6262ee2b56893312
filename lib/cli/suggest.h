/* The nearest of some words to one that was mistyped. Private to lib/cli. */
#ifndef LIB_CLI_SUGGEST_H
#define LIB_CLI_SUGGEST_H

#include "lib/base/str.h"

/* Collects candidates; `best` is empty while none is near enough. */
struct suggestion {
    struct str given;
    struct str best;
    size_t distance;
};
struct suggestion suggest_begin(struct str given);
void suggest_offer(struct suggestion *suggestion, const char *candidate);

#endif
