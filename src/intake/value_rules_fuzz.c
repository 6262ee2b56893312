/* Fuzzes the readers of cells: whatever a cell holds, a value keeps its bounds. */
#include <stdlib.h>

#include "src/intake/value_rules.h"

static void check(bool is_so)
{
    if (!is_so)
        abort();
}

static void check_decimal(struct str text, enum decimal_style style)
{
    struct decimal value;
    if (value_decimal(text, style, &value))
        check(value.scale >= 0 && value.scale <= VALUE_SCALE_MAX);
}

static void check_time(struct str text, enum date_order order, const struct zone *zone)
{
    struct value_time time;
    if (!value_time_parse(text, order, &time))
        return;
    check(time.civil.month >= 1 && time.civil.month <= 12);
    check(time.civil.day >= 1 && time.civil.day <= 31);
    check(time.ms_of_day >= 0 && time.ms_of_day < MS_PER_DAY);
    bool is_ours = time.civil.year >= 1900 && time.civil.year < 2200;
    int64_t at_ms = value_time_ms(&time, zone);
    if (!time.has_offset && is_ours)
        check(zone_day(zone, at_ms).v == day_from_civil(time.civil).v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct decimal seconds;
    struct value_hints hints = {0};
    struct str text = value_present((struct str){(const char *)data, size});
    struct zones *zones = zones_new();
    arena_init(&arena, 1 << 20);
    for (int style = DECIMALS_AUTO; style <= DECIMALS_COMMA; style++)
        check_decimal(text, (enum decimal_style)style);
    for (int order = DATES_AUTO; order <= DATES_MONTH_FIRST; order++)
        check_time(text, (enum date_order)order, zones_find(zones, STR("UTC")));
    if (value_duration(text, &seconds))
        check(seconds.mantissa >= 0 && seconds.scale == 0);
    value_hint_date(&hints, text);
    value_hint_decimal(&hints, text);
    check(value_reference(text, REFERENCE_SALESFORCE, &arena).len >= text.len);
    arena_finish(&arena);
    zones_free(zones);
    return 0;
}
