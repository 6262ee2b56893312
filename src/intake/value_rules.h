/* Cells as values: dates, numbers, flags, references, in the forms that other systems write. */
#ifndef SRC_INTAKE_VALUE_RULES_H
#define SRC_INTAKE_VALUE_RULES_H

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/parse.h"
#include "lib/base/str.h"
#include "lib/base/time.h"

enum date_order { DATES_AUTO, DATES_DAY_FIRST, DATES_MONTH_FIRST };
enum decimal_style { DECIMALS_AUTO, DECIMALS_POINT, DECIMALS_COMMA };
enum reference_form { REFERENCE_PLAIN, REFERENCE_SALESFORCE };

enum { VALUE_SCALE_MAX = 6 };

/* Trimmed, and empty for what stands for nothing: "", NULL, \N, an empty Salesforce id. */
struct str value_present(struct str cell);

/* TRUE, false, 1, 0, yes, no. */
MUST_CHECK bool value_bool(struct str text, bool *ret_value);

/*
 * Digits with a sign, thousands apart, a currency sign or code around it, or in parentheses for
 * negative: "1,234.50", "€ 1.234,50", "(12.00)", "-7". DECIMALS_AUTO takes the last separator for
 * the point, but "1,234" for a thousand. False when malformed or finer than VALUE_SCALE_MAX digits.
 */
MUST_CHECK bool value_decimal(struct str text, enum decimal_style style, struct decimal *ret_value);
/* "0:01:30" is 90 seconds, "1:30" too. */
MUST_CHECK bool value_duration(struct str text, struct decimal *ret_seconds);

/* What was written: a day, and a time of it if there was one, and an offset if there was one. */
struct value_time {
    struct civil civil;
    bool has_time;
    int64_t ms_of_day;
    bool has_offset;
    int64_t offset_ms;
};
/*
 * ISO 8601 and RFC 3339 (offset with or without colon, blank instead of T), Shopify's
 * "2024-01-15 10:30:00 -0500", "02/23/26", "23.02.2026", "02/23/26 08:55 PM", "23 Feb 2026", "Feb
 * 23, 2026", "20260223", a count of milliseconds since 1970. Two-digit years are 1970 to 2069.
 * `order` decides 02/03/26; with DATES_AUTO that is read month first, and 23/02/26 day first.
 */
MUST_CHECK bool value_time_parse(struct str text, enum date_order order,
                                 struct value_time *ret_time);
/* The instant; a time without an offset is in `zone`, a day alone is its noon there. */
int64_t value_time_ms(const struct value_time *time, const struct zone *zone);

/* Counts what the cells of a column say about how its dates or numbers are written. */
struct value_hints {
    int64_t day_first, month_first, either; /* cells that can only be read so, or both ways */
    int64_t point, comma, unclear;
};
void value_hint_date(struct value_hints *hints, struct str text);
void value_hint_decimal(struct value_hints *hints, struct str text);

/*
 * The form in which two references to one record are equal: Salesforce ids with their 18
 * characters, also before a "/"; anything else as it is. Borrowed or in the arena.
 */
struct str value_reference(struct str text, enum reference_form form, struct arena *arena);

#endif
