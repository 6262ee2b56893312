/* Events as JSON. */
#include "src/live/live_events.h"

#include "lib/json/json.h"

enum { EVENT_BYTES_MAX = 64 * 1024 };

const char *live_kind_name(enum live_kind kind)
{
    switch (kind) {
    case LIVE_FACT:
        return "fact";
    case LIVE_TOTALS:
        return "totals";
    case LIVE_REPORT:
        return "report";
    case LIVE_PULSE:
        return "pulse";
    case LIVE_RELOAD:
        return "reload";
    case LIVE_READY:
        return "ready";
    }
    return "";
}

struct live_event live_fact_event(const struct fact *fact, bool for_partner, struct arena *arena)
{
    struct json_writer writer;
    struct fact shown = *fact;
    struct buf buf;
    if (for_partner) {
        shown.has_cost = false;
        shown.cost_minor = 0;
    }
    buf_init(&buf, arena, EVENT_BYTES_MAX);
    json_writer_init(&writer, &buf);
    fact_render(&shown, &writer);
    return (struct live_event){LIVE_FACT, fact->id, buf_str(&buf)};
}

struct live_event live_totals_event(const int64_t kinds[FACT_KIND_COUNT], struct fact_id id,
                                    struct arena *arena)
{
    struct json_writer writer;
    struct buf buf;
    int64_t facts = 0;
    buf_init(&buf, arena, EVENT_BYTES_MAX);
    json_writer_init(&writer, &buf);
    json_begin_object(&writer);
    json_key(&writer, "kinds");
    json_begin_object(&writer);
    for (int kind = 1; kind < FACT_KIND_COUNT; kind++) {
        facts += kinds[kind];
        if (kinds[kind])
            json_put_int(&writer, fact_kind_name((enum fact_kind)kind), kinds[kind]);
    }
    json_end_object(&writer);
    json_put_int(&writer, "facts", facts);
    json_end_object(&writer);
    return (struct live_event){LIVE_TOTALS, id, buf_str(&buf)};
}

struct live_event live_mark_event(enum live_kind kind, struct fact_id id)
{
    return (struct live_event){kind, id, STR("{}")};
}
