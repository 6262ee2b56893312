/* Instants (milliseconds UTC since 1970), days, and time zones. */
#ifndef LIB_BASE_TIME_H
#define LIB_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/compiler.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

enum { MS_PER_SECOND = 1000, MS_PER_MINUTE = 60000, MS_PER_HOUR = 3600000, MS_PER_DAY = 86400000 };
enum { TIME_TEXT_MAX = 32 };

/* Accepted instants: years 1900 to 2199. */
#define TIME_MIN_MS INT64_C(-2208988800000)
#define TIME_MAX_MS INT64_C(7258118400000)

/* A calendar day: days since 1970-01-01, in whatever zone the context says. */
struct day {
    int32_t v;
};

struct civil {
    int year, month, day; /* month and day from 1 */
};

struct day day_from_civil(struct civil civil);
struct civil day_to_civil(struct day day);
/* ISO weekday: 1 Monday to 7 Sunday. */
int day_weekday(struct day day);
/* "2020-05-31", a day that exists. */
MUST_CHECK bool day_parse(struct str text, struct day *ret_day);
void day_render(struct day day, struct buf *buf);

/* RFC 3339 with an offset or Z, fractions cut to milliseconds. */
MUST_CHECK bool time_parse(struct str text, int64_t *ret_at_ms);
/* "2020-05-31T12:00:00.000Z" */
void time_render(int64_t at_ms, struct buf *buf);
/* "Sun, 31 May 2020 12:00:00 GMT" (RFC 9110, section 5.6.7) */
void time_render_http(int64_t at_ms, struct buf *buf);

/* Time and randomness enter here, so that a test decides them. */
struct clock {
    int64_t (*now_ms)(void *self);
    void *self;
};
int64_t clock_now_ms(const struct clock *clock);
struct clock clock_system(void);
/* Milliseconds that only grow, for durations and deadlines; unrelated to the calendar. */
int64_t monotonic_ms(void);

/*
 * One IANA time zone, as a table of its transitions 1900 to 2199 read once from ICU.
 * Immutable: every thread may use it.
 */
struct zone;
/* The zones of the process; thread-safe; owns every zone it hands out until zones_free. */
struct zones;
struct zones *zones_new(void);
void zones_free(struct zones *zones);
/* NULL when there is no such canonical or linked zone ("Europe/Vienna", "UTC"). */
const struct zone *zones_find(struct zones *zones, struct str name);
struct str zone_name(const struct zone *zone);
struct day zone_day(const struct zone *zone, int64_t at_ms);
/* The first instant of the day in the zone (not always 00:00). zone_day never goes back as time
 * goes on, so a day is exactly [its start, the next day's start); a day that the zone skipped is
 * empty. */
int64_t zone_day_start_ms(const struct zone *zone, struct day day);
/* A local clock time of a day as an instant; a time that a spring change skips moves forward by as
 * much as was skipped, and of a time that happens twice it is the first. */
int64_t zone_local_ms(const struct zone *zone, struct day day, int64_t ms_of_day);

#endif
