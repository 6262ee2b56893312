/* Money: integer minor units of one ISO 4217 currency. Never a double; currencies never mix. */
#ifndef LIB_BASE_MONEY_H
#define LIB_BASE_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/compiler.h"
#include "lib/base/err.h"
#include "lib/base/parse.h"
#include "lib/base/str.h"

/* "USD". The zero value means "no currency". */
struct currency {
    char code[4];
};

/* Upper-case letters of an active ISO 4217 currency; any case is accepted. */
MUST_CHECK bool currency_parse(struct str text, struct currency *ret_currency);
bool currency_equal(struct currency a, struct currency b);
bool currency_is_set(struct currency currency);
/* Digits after the point: 2 for USD, 0 for JPY, 3 for KWD (ISO 4217 table A.1, "minor unit"). */
int currency_exponent(struct currency currency);
/* Borrowed from `currency`. */
struct str currency_str(const struct currency *currency);

struct money {
    int64_t minor;
    struct currency currency;
};

/* "-12.5" in USD is -1250. False when malformed, out of range, or finer than the minor unit. */
MUST_CHECK bool money_parse(struct str text, struct currency currency, struct money *ret_money);
/* A decimal rounded half to even to the minor unit. False when out of range. */
MUST_CHECK bool money_from_decimal(struct decimal amount, struct currency currency,
                                   struct money *ret_money);
/* False, with the output untouched, on overflow or when the currencies differ. */
MUST_CHECK bool money_add(struct money a, struct money b, struct money *ret_sum);
MUST_CHECK bool money_negate(struct money a, struct money *ret_negated);
/* a / n rounded half to even; n > 0. */
struct money money_divide(struct money a, int64_t n);
/* "77548570.20": what travels in JSON and CSV. */
void money_render(struct money money, struct buf *buf);
enum { MONEY_TEXT_MAX = 32 };

/* Checked integer sums for counts and minor units. */
MUST_CHECK bool int64_add(int64_t a, int64_t b, int64_t *ret_sum);
/* numerator / denominator rounded half to even in 128 bits; denominator > 0. False when out of
 * range. */
MUST_CHECK bool int64_divide_round(int128 numerator, int128 denominator, int64_t *ret_quotient);

#endif
