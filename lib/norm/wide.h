/* Private to lib/norm: text as ICU wants it. */
#ifndef LIB_NORM_WIDE_H
#define LIB_NORM_WIDE_H

#include <stdbool.h>
#include <unicode/unorm2.h>
#include <unicode/utypes.h>

#include "lib/base/arena.h"
#include "lib/base/str.h"

/* UTF-16 in an arena. */
struct wide {
    UChar *ptr;
    int32_t len;
};

bool wide_is_ascii(struct str text);
/* Bytes that are not UTF-8 become U+FFFD. A text of more than 1 GiB is cut. */
struct wide wide_from_str(struct str text, struct arena *arena);
struct str wide_to_str(struct wide wide, struct arena *arena);
struct wide wide_normalize(const UNormalizer2 *normalizer, struct wide wide, struct arena *arena);

#endif
