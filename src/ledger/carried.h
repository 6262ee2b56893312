/* Which partners are known to carry which products, so that a fact need not ask again. Private to
 * src/ledger. */
#ifndef SRC_LEDGER_CARRIED_H
#define SRC_LEDGER_CARRIED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CARRIED_MAX = 1 << 19 };

struct carried_pair {
    int64_t partner, product; /* partner 0: free */
};

/* At most CARRIED_MAX pairs; what is forgotten is asked again. */
struct carried {
    struct carried_pair *pairs;
    size_t count, capacity;
};
void carried_init(struct carried *carried);
void carried_finish(struct carried *carried);
void carried_clear(struct carried *carried);
/* Whether the pair is new here; it is known from now on. */
bool carried_add(struct carried *carried, int64_t partner, int64_t product);

#endif
