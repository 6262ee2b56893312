/* Time zones: their transitions are read from ICU once and searched without it. */
#include "lib/base/time.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "lib/base/map.h"

enum { ZONE_NAME_MAX = 64, TRANSITIONS_MAX = 1024, ZONES_ARENA_BYTES = 64 * 1024 * 1024 };

/*
 * From `from_ms` on the local clock is `offset_ms` ahead of UTC. `first_day` is the day that holds
 * `from_ms`. Where a clock that is put back shows yesterday again (St. John's did so at 00:01),
 * that still counts to the day that has begun: so days never go back, and each is one span of time.
 */
struct transition {
    int64_t from_ms;
    int64_t offset_ms;
    int64_t first_day;
};

struct zone {
    struct str name;
    size_t count;
    struct transition *transitions; /* ascending; the first from the beginning of time */
};

struct zones {
    pthread_mutex_t lock;
    struct arena arena;
    struct map by_name;
};

struct zones *zones_new(void)
{
    struct zones *zones = calloc(1, sizeof(*zones));
    if (!zones || pthread_mutex_init(&zones->lock, NULL))
        abort();
    arena_init(&zones->arena, ZONES_ARENA_BYTES);
    map_init(&zones->by_name, &zones->arena, 0);
    return zones;
}

void zones_free(struct zones *zones)
{
    if (!zones)
        return;
    arena_finish(&zones->arena);
    pthread_mutex_destroy(&zones->lock);
    free(zones);
}

/* ICU adds old three-letter names of its own ("IST", "ACT") and reads them as one of the places
 * that use them; the time zone database has these only. */
static bool is_ambiguous(struct str name)
{
    static const struct str known[] = {
        STR_INIT("CET"), STR_INIT("EET"), STR_INIT("EST"), STR_INIT("GMT"), STR_INIT("HST"),
        STR_INIT("MET"), STR_INIT("MST"), STR_INIT("PRC"), STR_INIT("ROC"), STR_INIT("ROK"),
        STR_INIT("UCT"), STR_INIT("UTC"), STR_INIT("WET"),
    };
    if (name.len != 3)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_equal(name, known[i]))
            return false;
    return true;
}

/* Whether the name is one of the time zone database's; ICU takes custom ones ("GMT+1:23") and
 * unknown ones as GMT too. */
static bool is_known(struct str name, const UChar *wide)
{
    UErrorCode status = U_ZERO_ERROR;
    UBool is_system = 0;
    UChar canonical[ZONE_NAME_MAX];
    if (is_ambiguous(name) || str_starts_with(name, STR("SystemV/")) ||
        str_equal(name, STR("Etc/Unknown")))
        return false;
    ucal_getCanonicalTimeZoneID(wide, -1, canonical, ZONE_NAME_MAX, &is_system, &status);
    return U_SUCCESS(status) && is_system;
}

static int64_t day_of(int64_t local_ms)
{
    return local_ms / MS_PER_DAY - (local_ms % MS_PER_DAY < 0);
}

static int64_t offset_at(UCalendar *calendar, int64_t at_ms)
{
    UErrorCode status = U_ZERO_ERROR;
    ucal_setMillis(calendar, (UDate)at_ms, &status);
    int32_t offset = ucal_get(calendar, UCAL_ZONE_OFFSET, &status) +
                     ucal_get(calendar, UCAL_DST_OFFSET, &status);
    return U_SUCCESS(status) ? offset : 0;
}

static struct transition transition_after(const struct transition *before, int64_t from_ms,
                                          int64_t offset_ms)
{
    int64_t last_day = day_of(from_ms - 1 + before->offset_ms);
    int64_t first_day = day_of(from_ms + offset_ms);
    return (struct transition){from_ms, offset_ms, first_day > last_day ? first_day : last_day};
}

/* False when ICU knows of none before the end of our time. */
static bool next_transition(UCalendar *calendar, int64_t after_ms, int64_t *ret_from_ms)
{
    UErrorCode status = U_ZERO_ERROR;
    UDate next = 0;
    ucal_setMillis(calendar, (UDate)after_ms, &status);
    UBool found = ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &next, &status);
    if (U_FAILURE(status) || !found || next >= (UDate)TIME_MAX_MS)
        return false;
    *ret_from_ms = (int64_t)next;
    return true;
}

/* Changes of name or of what counts as summer time, with the same offset, are left out. */
static size_t read_transitions(UCalendar *calendar, struct transition *transitions)
{
    size_t count = 1;
    int64_t from_ms = TIME_MIN_MS;
    transitions[0] = (struct transition){INT64_MIN, offset_at(calendar, from_ms), INT64_MIN};
    while (count < TRANSITIONS_MAX && next_transition(calendar, from_ms, &from_ms)) {
        const struct transition *before = &transitions[count - 1];
        int64_t offset_ms = offset_at(calendar, from_ms);
        if (offset_ms != before->offset_ms)
            transitions[count++] = transition_after(before, from_ms, offset_ms);
    }
    return count;
}

static struct zone *load(struct zones *zones, struct str name)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[ZONE_NAME_MAX];
    char narrow[ZONE_NAME_MAX];
    memcpy(narrow, name.ptr, name.len);
    narrow[name.len] = '\0';
    u_uastrcpy(wide, narrow);
    if (!is_known(name, wide))
        return NULL;
    UCalendar *calendar = ucal_open(wide, -1, "en", UCAL_GREGORIAN, &status);
    if (U_FAILURE(status))
        return NULL;
    struct transition found[TRANSITIONS_MAX];
    struct zone *zone = ARENA_NEW(&zones->arena, struct zone);
    zone->name = arena_str(&zones->arena, name);
    zone->count = read_transitions(calendar, found);
    zone->transitions = ARENA_ARRAY(&zones->arena, struct transition, zone->count);
    memcpy(zone->transitions, found, zone->count * sizeof(found[0]));
    ucal_close(calendar);
    return zone;
}

static bool name_is_plain(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= ' ' || name.ptr[i] > '~')
            return false;
    return name.len > 0 && name.len < ZONE_NAME_MAX;
}

const struct zone *zones_find(struct zones *zones, struct str name)
{
    if (!name_is_plain(name))
        return NULL;
    pthread_mutex_lock(&zones->lock);
    struct zone *zone = map_find(&zones->by_name, name);
    if (!zone) {
        zone = load(zones, name);
        if (zone)
            map_put(&zones->by_name, zone->name, zone);
    }
    pthread_mutex_unlock(&zones->lock);
    return zone;
}

struct str zone_name(const struct zone *zone)
{
    return zone->name;
}

static int64_t clamp(int64_t value, int64_t min, int64_t max)
{
    return value < min ? min : value > max ? max : value;
}

/* The place of the last transition at or before an instant. */
static size_t transition_at(const struct zone *zone, int64_t at_ms)
{
    size_t low = 0, high = zone->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->transitions[middle].from_ms <= at_ms)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The place of the last transition that happens before a day has begun. */
static size_t transition_before(const struct zone *zone, struct day day)
{
    size_t low = 0, high = zone->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->transitions[middle].first_day < day.v)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static int64_t end_ms(const struct zone *zone, size_t at)
{
    return at + 1 < zone->count ? zone->transitions[at + 1].from_ms : INT64_MAX;
}

struct day zone_day(const struct zone *zone, int64_t at_ms)
{
    int64_t inside_ms = clamp(at_ms, TIME_MIN_MS, TIME_MAX_MS);
    const struct transition *transition = &zone->transitions[transition_at(zone, inside_ms)];
    int64_t day = day_of(inside_ms + transition->offset_ms);
    return (struct day){(int32_t)(day > transition->first_day ? day : transition->first_day)};
}

int64_t zone_day_start_ms(const struct zone *zone, struct day day)
{
    size_t at = transition_before(zone, day);
    int64_t midnight_ms = (int64_t)day.v * MS_PER_DAY - zone->transitions[at].offset_ms;
    /* A change at or over midnight: then the day begins with the change. */
    return midnight_ms < end_ms(zone, at) ? midnight_ms : end_ms(zone, at);
}

int64_t zone_local_ms(const struct zone *zone, struct day day, int64_t ms_of_day)
{
    /* No local clock is two days away from UTC. */
    int64_t local_ms = (int64_t)day.v * MS_PER_DAY + ms_of_day;
    size_t at = transition_at(zone, local_ms - 2 * (int64_t)MS_PER_DAY);
    while (local_ms - zone->transitions[at].offset_ms >= end_ms(zone, at))
        at++;
    int64_t at_ms = local_ms - zone->transitions[at].offset_ms;
    if (at_ms >= zone->transitions[at].from_ms)
        return at_ms;
    /* A change skips this time: by the clock before, it comes as much later as was skipped. */
    return local_ms - zone->transitions[at - 1].offset_ms;
}
