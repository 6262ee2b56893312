/* When two partners look like one. Pure. Private to src/partner. */
#ifndef SRC_PARTNER_DUPLICATE_RULES_H
#define SRC_PARTNER_DUPLICATE_RULES_H

#include "src/partner/partner.h"

/*
 * Insertions, deletions, replacements and swaps of neighbouring characters that make one text the
 * other (optimal string alignment); `max` + 1 when it takes more than `max`. Of each text the first
 * LIMIT_NAME_BYTES characters count.
 */
int edit_distance(struct str a, struct str b, int max);
/* Whether two company keys (lib/norm) differ in spelling only: the longer they are, the more they
 * may; numbers must agree. False when they are equal. */
bool company_keys_close(struct str a, struct str b);
/* The characters from last to first. */
struct str text_reversed(struct str text, struct arena *arena);
/*
 * Half of a key: of two keys that one edit makes equal, one begins with the half of the other, or
 * its reverse begins with the half of the other's reverse. The bounds of a search by index.
 */
struct str key_half(struct str key);

/* What is compared of a partner. */
struct duplicate_features {
    struct partner_id id, parent;
    struct str company_key;
    struct str domain, phone, phone2;
};
/* Bits of enum duplicate_reason, but for the external ids: only an index knows those. 0 for a
 * partner and its parent: somebody keeps them apart on purpose. */
unsigned duplicate_reasons(const struct duplicate_features *a, const struct duplicate_features *b);
/* For the order of the list: the most certain have the lowest. */
int64_t duplicate_rank(unsigned reasons);

#endif
