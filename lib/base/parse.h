/* The one parser for numbers and flags. All refuse empty text, white space and trailing bytes. */
#ifndef LIB_BASE_PARSE_H
#define LIB_BASE_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/compiler.h"
#include "lib/base/str.h"

/* Decimal digits with an optional sign; false when malformed or outside [min, max]. */
MUST_CHECK bool parse_int64(struct str text, int64_t min, int64_t max, int64_t *ret_value);

/*
 * A decimal as mantissa * 10^-scale: "-12.50" is {-1250, 2}. Optional sign, digits, one point.
 * False when malformed, with more than 18 digits of mantissa, or with a scale over `max_scale`
 * after trailing zeros of the fraction are dropped (down to scale 0).
 */
struct decimal {
    int64_t mantissa;
    int scale;
};
MUST_CHECK bool parse_decimal(struct str text, int max_scale, struct decimal *ret_value);

/* true/false, yes/no, 1/0, t/f, y/n in any case. */
MUST_CHECK bool parse_bool(struct str text, bool *ret_value);

#endif
