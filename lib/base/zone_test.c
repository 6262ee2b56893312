/* Tests of time zones. */
#include <pthread.h>

#include <unicode/ucal.h>
#include <unicode/uenum.h>

#include "lib/base/time.h"
#include "tests/support/test.h"

static int64_t instant(const char *text)
{
    int64_t at_ms = 0;
    if (!time_parse(str_from_c(text), &at_ms))
        test_fail(__FILE__, __LINE__, "%s is refused", text);
    return at_ms;
}

static struct day day_of(const char *text)
{
    struct day day = {0};
    if (!day_parse(str_from_c(text), &day))
        test_fail(__FILE__, __LINE__, "%s is refused", text);
    return day;
}

/* The day begins at that instant, and has so many minutes. */
static void check_day(const char *name, const char *day, const char *start, int64_t minutes)
{
    struct zones *zones = zones_new();
    const struct zone *zone = zones_find(zones, str_from_c(name));
    struct day at = day_of(day);
    CHECK(zone);
    int64_t start_ms = zone_day_start_ms(zone, at);
    int64_t end_ms = zone_day_start_ms(zone, (struct day){at.v + 1});
    CHECK_INT(instant(start), start_ms);
    CHECK_INT(minutes * MS_PER_MINUTE, end_ms - start_ms);
    CHECK_INT(at.v - 1, zone_day(zone, start_ms - 1).v);
    CHECK_INT(at.v, zone_day(zone, start_ms).v);
    CHECK_INT(at.v, zone_day(zone, end_ms - 1).v);
    CHECK_INT(at.v + 1, zone_day(zone, end_ms).v);
    zones_free(zones);
}

TEST(zones_find, refuses_names_that_are_no_zones)
{
    static const struct str bad[] = {
        STR_INIT(""),
        STR_INIT("Europe/Atlantis"),
        STR_INIT("europe/vienna"),
        STR_INIT("GMT+1:23"),
        STR_INIT("GMT+5"),
        STR_INIT("UTC+1"),
        STR_INIT("Etc/Unknown"),
        STR_INIT("IST"),
        STR_INIT("ACT"),
        STR_INIT("PST"),
        STR_INIT("CST"),
        STR_INIT("SystemV/PST8"),
        STR_INIT(" UTC"),
        STR_INIT("UTC\0"),
        STR_INIT("Europe/Vienna\0x"),
        STR_INIT("Europe/"),
        STR_INIT("../UTC"),
        STR_INIT("Österreich"),
        STR_INIT("Europe/Vienna/Europe/Vienna/Europe/Vienna/Europe/Vienna/Europe/Vienna")};
    struct zones *zones = zones_new();
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (zones_find(zones, bad[i]))
            test_fail(__FILE__, __LINE__, "%.*s is taken", STR_ARG(bad[i]));
    zones_free(zones);
}

TEST(zones_find, takes_canonical_and_linked_names_and_keeps_them)
{
    static const char *const good[] = {"UTC",
                                       "Europe/Vienna",
                                       "Asia/Calcutta",
                                       "Asia/Kolkata",
                                       "US/Eastern",
                                       "Etc/GMT+5",
                                       "EST5EDT",
                                       "GB",
                                       "Asia/Kathmandu",
                                       "CET",
                                       "America/Argentina/Buenos_Aires"};
    struct zones *zones = zones_new();
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        const struct zone *zone = zones_find(zones, str_from_c(good[i]));
        if (!zone)
            test_fail(__FILE__, __LINE__, "%s is refused", good[i]);
        CHECK_STR(good[i], zone_name(zone));
        CHECK(zones_find(zones, str_from_c(good[i])) == zone);
    }
    zones_free(zones);
}

TEST(zone_day_start_ms, follows_days_of_23_24_and_25_hours)
{
    check_day("UTC", "2020-05-31", "2020-05-31T00:00:00Z", 1440);
    check_day("Europe/Vienna", "2024-03-31", "2024-03-30T23:00:00Z", 1380);
    check_day("Europe/Vienna", "2024-10-27", "2024-10-26T22:00:00Z", 1500);
    check_day("America/New_York", "2150-06-01", "2150-06-01T04:00:00Z", 1440);
    check_day("Australia/Lord_Howe", "2024-10-06", "2024-10-05T13:30:00Z", 1410);
}

TEST(zone_day_start_ms, follows_days_whose_midnight_is_skipped)
{
    check_day("America/Sao_Paulo", "2017-10-15", "2017-10-15T03:00:00Z", 1380);
    check_day("Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00Z", 1380);
    check_day("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00Z", 1500);
}

TEST(zone_day_start_ms, follows_quarter_hours_and_the_time_before_1970)
{
    check_day("Asia/Kathmandu", "2024-01-01", "2023-12-31T18:15:00Z", 1440);
    check_day("Asia/Kathmandu", "1986-01-01", "1985-12-31T18:30:00Z", 1425);
    check_day("Europe/Vienna", "1920-04-05", "1920-04-04T23:00:00Z", 1380);
    check_day("America/New_York", "1945-08-15", "1945-08-15T04:00:00Z", 1440);
    check_day("Africa/Monrovia", "1960-01-01", "1960-01-01T00:44:30Z", 1440);
}

TEST(zone_day_start_ms, gives_no_time_to_a_day_that_was_skipped)
{
    struct zones *zones = zones_new();
    const struct zone *apia = zones_find(zones, STR("Pacific/Apia"));
    int64_t change = instant("2011-12-30T10:00:00Z");
    CHECK(apia);
    CHECK_INT(change, zone_day_start_ms(apia, day_of("2011-12-30")));
    CHECK_INT(change, zone_day_start_ms(apia, day_of("2011-12-31")));
    CHECK_INT(day_of("2011-12-29").v, zone_day(apia, change - 1).v);
    CHECK_INT(day_of("2011-12-31").v, zone_day(apia, change).v);
    zones_free(zones);
}

/* At 00:01 clocks went back to 23:01 of the day before. */
TEST(zone_day, never_goes_back_to_yesterday)
{
    struct zones *zones = zones_new();
    const struct zone *zone = zones_find(zones, STR("America/St_Johns"));
    CHECK(zone);
    int64_t midnight = instant("2006-10-29T02:30:00Z");
    int64_t today = day_of("2006-10-29").v;
    CHECK_INT(midnight, zone_day_start_ms(zone, day_of("2006-10-29")));
    CHECK_INT(today - 1, zone_day(zone, midnight - 1).v);
    for (int minute = 0; minute < 120; minute++)
        CHECK_INT(today, zone_day(zone, midnight + (int64_t)minute * MS_PER_MINUTE).v);
    zones_free(zones);
}

TEST(zone_local_ms, moves_skipped_times_forward_and_takes_the_first_of_two)
{
    struct zones *zones = zones_new();
    const struct zone *vienna = zones_find(zones, STR("Europe/Vienna"));
    const struct zone *paulo = zones_find(zones, STR("America/Sao_Paulo"));
    const struct zone *apia = zones_find(zones, STR("Pacific/Apia"));
    int64_t half_past_two = 2 * MS_PER_HOUR + MS_PER_HOUR / 2;
    CHECK(vienna && paulo && apia);
    CHECK_INT(instant("2024-06-01T07:00:00Z"),
              zone_local_ms(vienna, day_of("2024-06-01"), 9 * MS_PER_HOUR));
    CHECK_INT(instant("2024-03-31T01:30:00Z"),
              zone_local_ms(vienna, day_of("2024-03-31"), half_past_two));
    CHECK_INT(instant("2024-10-27T00:30:00Z"),
              zone_local_ms(vienna, day_of("2024-10-27"), half_past_two));
    CHECK_INT(instant("2017-10-15T03:00:00Z"), zone_local_ms(paulo, day_of("2017-10-15"), 0));
    CHECK_INT(instant("2011-12-30T22:00:00Z"),
              zone_local_ms(apia, day_of("2011-12-30"), 12 * MS_PER_HOUR));
    zones_free(zones);
}

/* What ICU itself says. */
static int64_t icu_offset_ms(UCalendar *calendar, int64_t at_ms)
{
    UErrorCode status = U_ZERO_ERROR;
    ucal_setMillis(calendar, (UDate)at_ms, &status);
    return ucal_get(calendar, UCAL_ZONE_OFFSET, &status) +
           ucal_get(calendar, UCAL_DST_OFFSET, &status);
}

/* Walks the days of the zone; 0 when each is one span that meets the next, else the day. The
 * shortest are those on which a station in Antarctica was founded. */
static int32_t first_bad_day(const struct zone *zone)
{
    int64_t start_ms = zone_day_start_ms(zone, (struct day){-25560});
    for (int32_t v = -25560; v < 40000; v++) {
        int64_t next_ms = zone_day_start_ms(zone, (struct day){v + 1});
        bool empty = next_ms == start_ms;
        bool whole = next_ms - start_ms >= 14 * (int64_t)MS_PER_HOUR &&
                     zone_day(zone, start_ms).v == v && zone_day(zone, next_ms - 1).v == v &&
                     zone_day(zone, start_ms + (next_ms - start_ms) / 2).v == v;
        if (!empty && !whole)
            return v;
        start_ms = next_ms;
    }
    return 0;
}

/* Samples the zone; 0 when the days are those of the local clock by ICU, else an instant. */
static int64_t first_strange_instant(const struct zone *zone, const UChar *name)
{
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(name, -1, "en", UCAL_GREGORIAN, &status);
    int64_t strange = 0;
    for (int64_t at_ms = INT64_C(-2200000000000); at_ms < INT64_C(4000000000000) && !strange;
         at_ms += INT64_C(9876543210)) {
        int64_t local_ms = at_ms + icu_offset_ms(calendar, at_ms);
        int64_t day = local_ms / MS_PER_DAY - (local_ms % MS_PER_DAY < 0);
        if (zone_day(zone, at_ms).v != day)
            strange = at_ms;
    }
    ucal_close(calendar);
    return strange;
}

TEST(zones_find, agrees_with_icu_in_every_zone_and_every_day_is_one_span)
{
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration *names =
        ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL_LOCATION, NULL, NULL, &status);
    struct zones *zones = zones_new();
    int found = 0, bad_days = 0, strange = 0, refused = 0;
    const UChar *wide;
    while ((wide = uenum_unext(names, NULL, &status)) != NULL) {
        char name[64] = "";
        for (size_t i = 0; i < sizeof(name) - 1 && wide[i]; i++)
            name[i] = (char)wide[i];
        const struct zone *zone = zones_find(zones, str_from_c(name));
        found++;
        refused += !zone;
        bad_days += zone && first_bad_day(zone);
        strange += zone && first_strange_instant(zone, wide);
    }
    uenum_close(names);
    zones_free(zones);
    CHECK(found > 400);
    CHECK_INT(0, refused);
    CHECK_INT(0, bad_days);
    CHECK_INT(0, strange);
}

static void *find_zones(void *argument)
{
    static const char *const names[] = {"Europe/Vienna", "Asia/Beirut", "UTC", "America/New_York"};
    struct zones *zones = argument;
    intptr_t wrong = 0;
    for (size_t i = 0; i < 400; i++) {
        const struct zone *zone = zones_find(zones, str_from_c(names[i % ARRAY_LEN(names)]));
        wrong += zone_day(zone, 12 * (int64_t)MS_PER_HOUR).v != 0;
    }
    return (void *)wrong;
}

TEST(zones_find, may_be_called_by_many_threads)
{
    enum { THREADS = 4 };
    struct zones *zones = zones_new();
    pthread_t threads[THREADS];
    intptr_t wrong = 0;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, find_zones, zones);
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        wrong += (intptr_t)result;
    }
    zones_free(zones);
    CHECK_INT(0, wrong);
}
