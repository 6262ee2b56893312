/* Time zones: their transitions are read from ICU once and searched without it. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "lib/base/map.h"
#include "lib/base/time.h"

enum { ZONE_NAME_MAX = 64, TRANSITIONS_MAX = 1024, ZONES_ARENA_BYTES = 64 * 1024 * 1024 };

/* From `from_ms` on the local clock is `offset_ms` ahead of UTC. */
struct transition {
    int64_t from_ms;
    int64_t offset_ms;
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

/* Whether the name is one of the time zone database's; ICU takes custom ones ("GMT+1:23") and
 * unknown ones as GMT too. */
static bool is_known(const UChar *name)
{
    UErrorCode status = U_ZERO_ERROR;
    UBool is_system = 0;
    UChar canonical[ZONE_NAME_MAX];
    ucal_getCanonicalTimeZoneID(name, -1, canonical, ZONE_NAME_MAX, &is_system, &status);
    return U_SUCCESS(status) && is_system;
}

static int64_t offset_at(UCalendar *calendar, int64_t at_ms)
{
    UErrorCode status = U_ZERO_ERROR;
    ucal_setMillis(calendar, (UDate)at_ms, &status);
    int32_t offset = ucal_get(calendar, UCAL_ZONE_OFFSET, &status) +
                     ucal_get(calendar, UCAL_DST_OFFSET, &status);
    return U_SUCCESS(status) ? offset : 0;
}

static size_t read_transitions(UCalendar *calendar, struct transition *transitions)
{
    size_t count = 1;
    transitions[0] = (struct transition){INT64_MIN, offset_at(calendar, TIME_MIN_MS)};
    for (int64_t at_ms = TIME_MIN_MS; count < TRANSITIONS_MAX;) {
        UErrorCode status = U_ZERO_ERROR;
        UDate next;
        ucal_setMillis(calendar, (UDate)at_ms, &status);
        UBool found =
            ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &next, &status);
        if (U_FAILURE(status) || !found || next >= (UDate)TIME_MAX_MS)
            break;
        at_ms = (int64_t)next;
        transitions[count++] = (struct transition){at_ms, offset_at(calendar, at_ms)};
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
    if (!is_known(wide))
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

static int64_t zone_offset_ms(const struct zone *zone, int64_t at_ms)
{
    size_t low = 0, high = zone->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->transitions[middle].from_ms <= at_ms)
            low = middle;
        else
            high = middle;
    }
    return zone->transitions[low].offset_ms;
}

struct day zone_day(const struct zone *zone, int64_t at_ms)
{
    int64_t local = at_ms + zone_offset_ms(zone, at_ms);
    int64_t day = local / MS_PER_DAY - (local % MS_PER_DAY < 0);
    return (struct day){(int32_t)day};
}

int64_t zone_local_ms(const struct zone *zone, struct day day, int64_t ms_of_day)
{
    int64_t local = (int64_t)day.v * MS_PER_DAY + ms_of_day;
    int64_t before = zone_offset_ms(zone, local - MS_PER_DAY),
            after = zone_offset_ms(zone, local + MS_PER_DAY);
    int64_t early = local - before, late = local - after;
    bool early_is_real = zone_offset_ms(zone, early) == before;
    bool late_is_real = zone_offset_ms(zone, late) == after;
    if (early_is_real && late_is_real)
        return early < late ? early : late;
    /* Neither: a spring change skips this time; the old offset moves it forward by the gap. */
    return late_is_real ? late : early;
}

int64_t zone_day_start_ms(const struct zone *zone, struct day day)
{
    int64_t start = zone_local_ms(zone, day, 0);
    int64_t offset = zone_offset_ms(zone, start);
    /* Where midnight is skipped, the day begins at the change itself. */
    if (start + offset > (int64_t)day.v * MS_PER_DAY && zone_day(zone, start - 1).v == day.v)
        return start - (start + offset - (int64_t)day.v * MS_PER_DAY);
    return start;
}
