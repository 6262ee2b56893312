/* Days and instants in the proleptic Gregorian calendar, and the clocks. */
#include "lib/base/time.h"

#include <time.h>

#include "lib/base/parse.h"

/* Days from a shifted year that begins in March, so that the leap day is last (H. Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms"). */
struct day day_from_civil(struct civil civil)
{
    int year = civil.month <= 2 ? civil.year - 1 : civil.year;
    int era = (year >= 0 ? year : year - 399) / 400;
    int year_of_era = year - era * 400;
    int month = (civil.month + 9) % 12;
    int day_of_year = (153 * month + 2) / 5 + civil.day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (struct day){era * 146097 + day_of_era - 719468};
}

struct civil day_to_civil(struct day day)
{
    int z = day.v + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int day_of_era = z - era * 146097;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month = (5 * day_of_year + 2) / 153;
    struct civil civil = {
        .year = year_of_era + era * 400 + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = day_of_year - (153 * month + 2) / 5 + 1,
    };
    return civil;
}

int day_weekday(struct day day)
{
    int weekday = (day.v + 3) % 7;
    return weekday < 0 ? weekday + 8 : weekday + 1;
}

/* `count` digits at `at`. */
static bool take_digits(struct str text, size_t at, size_t count, int max, int *ret_value)
{
    int64_t value;
    struct str digits = str_slice(text, at, at + count);
    if (digits.len != count || digits.ptr[0] < '0' || digits.ptr[0] > '9' ||
        !parse_int64(digits, 0, max, &value))
        return false;
    *ret_value = (int)value;
    return true;
}

bool day_parse(struct str text, struct day *ret_day)
{
    struct civil civil;
    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-' ||
        !take_digits(text, 0, 4, 9999, &civil.year) || !take_digits(text, 5, 2, 12, &civil.month) ||
        !take_digits(text, 8, 2, 31, &civil.day))
        return false;
    if (civil.year < 1900 || civil.year > 2199 || civil.month < 1 || civil.day < 1)
        return false;
    struct day day = day_from_civil(civil);
    struct civil back = day_to_civil(day);
    if (back.day != civil.day)
        return false;
    *ret_day = day;
    return true;
}

void day_render(struct day day, struct buf *buf)
{
    struct civil civil = day_to_civil(day);
    buf_format(buf, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
}

/* ".123" gives 123; further digits are cut. Returns the bytes taken, 0 when malformed. */
static size_t take_fraction(struct str text, int *ret_ms)
{
    int ms = 0, weight = 100;
    size_t at = 1;
    for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9'; at++) {
        ms += (text.ptr[at] - '0') * weight;
        weight /= 10;
    }
    *ret_ms = ms;
    return at > 1 ? at : 0;
}

static bool parse_offset(struct str text, int64_t *ret_offset_ms)
{
    int hours, minutes;
    if (text.len == 1 && (text.ptr[0] == 'Z' || text.ptr[0] == 'z')) {
        *ret_offset_ms = 0;
        return true;
    }
    if (text.len != 6 || (text.ptr[0] != '+' && text.ptr[0] != '-') || text.ptr[3] != ':' ||
        !take_digits(text, 1, 2, 23, &hours) || !take_digits(text, 4, 2, 59, &minutes))
        return false;
    int64_t offset = (int64_t)hours * MS_PER_HOUR + (int64_t)minutes * MS_PER_MINUTE;
    *ret_offset_ms = text.ptr[0] == '-' ? -offset : offset;
    return true;
}

bool time_parse(struct str text, int64_t *ret_at_ms)
{
    struct day day;
    int hour, minute, second, ms = 0;
    int64_t offset_ms;
    if (text.len < 20 || !day_parse(str_slice(text, 0, 10), &day) ||
        (text.ptr[10] != 'T' && text.ptr[10] != 't' && text.ptr[10] != ' ') ||
        text.ptr[13] != ':' || text.ptr[16] != ':')
        return false;
    if (!take_digits(text, 11, 2, 23, &hour) || !take_digits(text, 14, 2, 59, &minute) ||
        !take_digits(text, 17, 2, 60, &second))
        return false;
    struct str rest = str_slice(text, 19, text.len);
    if (rest.len && rest.ptr[0] == '.') {
        size_t taken = take_fraction(rest, &ms);
        if (!taken)
            return false;
        rest = str_slice(rest, taken, rest.len);
    }
    if (!parse_offset(rest, &offset_ms))
        return false;
    int64_t at_ms = (int64_t)day.v * MS_PER_DAY + (int64_t)hour * MS_PER_HOUR +
                    (int64_t)minute * MS_PER_MINUTE + (int64_t)second * MS_PER_SECOND + ms -
                    offset_ms;
    /* Leap seconds end a day of UTC; the fraction of one counts on into the next day. */
    bool leap_is_wrong = second == 60 && (at_ms - ms) % MS_PER_DAY != 0;
    if (leap_is_wrong || at_ms < TIME_MIN_MS || at_ms >= TIME_MAX_MS)
        return false;
    *ret_at_ms = at_ms;
    return true;
}

/* Of an instant in UTC. */
static struct day split_day(int64_t at_ms, int *ret_ms)
{
    int64_t day = at_ms / MS_PER_DAY, rest = at_ms % MS_PER_DAY;
    if (rest < 0) {
        rest += MS_PER_DAY;
        day--;
    }
    *ret_ms = (int)rest;
    return (struct day){(int32_t)day};
}

void time_render_http(int64_t at_ms, struct buf *buf)
{
    static const char days[][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int ms;
    struct day day = split_day(at_ms, &ms);
    struct civil civil = day_to_civil(day);
    buf_format(buf, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[day_weekday(day) - 1], civil.day,
               months[civil.month - 1], civil.year, ms / MS_PER_HOUR, ms / MS_PER_MINUTE % 60,
               ms / MS_PER_SECOND % 60);
}

void time_render(int64_t at_ms, struct buf *buf)
{
    int ms;
    struct civil civil = day_to_civil(split_day(at_ms, &ms));
    buf_format(buf, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", civil.year, civil.month, civil.day,
               ms / MS_PER_HOUR, ms / MS_PER_MINUTE % 60, ms / MS_PER_SECOND % 60,
               ms % MS_PER_SECOND);
}

int64_t clock_now_ms(const struct clock *clock)
{
    return clock->now_ms(clock->self);
}

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / 1000000;
}

static int64_t system_now_ms(void *self)
{
    (void)self;
    return read_clock(CLOCK_REALTIME);
}

struct clock clock_system(void)
{
    return (struct clock){system_now_ms, NULL};
}

int64_t monotonic_ms(void)
{
    return read_clock(CLOCK_MONOTONIC);
}
