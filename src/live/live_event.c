/* What followers are told, as text/event-stream. */
#include "src/live/live_event.h"

#include "lib/json/json.h"

static void put_head(struct buf *buf, const char *event, struct fact_id id)
{
    char text[ID_TEXT_MAX];
    if (fact_id_is_set(id)) {
        id_format("fct", id.v, text);
        buf_format(buf, "id: %s\n", text);
    }
    buf_format(buf, "event: %s\ndata: ", event);
}

void live_fact_render(const struct live_fact *told, const struct live_view *view,
                      struct json_writer *writer)
{
    struct fact shown = told->fact;
    /* What goods cost the vendor is not for its partners. */
    if (partner_id_is_set(view->only)) {
        shown.has_cost = false;
        shown.cost_minor = 0;
    }
    fact_render(&shown, writer);
}

void live_put_fact(struct buf *buf, const struct live_fact *told, const struct live_view *view)
{
    struct json_writer writer;
    put_head(buf, "fact", told->fact.id);
    json_writer_init(&writer, buf);
    live_fact_render(told, view, &writer);
    buf_add(buf, STR("\n\n"));
}

void live_totals_render(const struct live_totals *totals, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_int(writer, "facts", totals->facts);
    json_key(writer, "kinds");
    json_begin_object(writer);
    for (int kind = 1; kind < FACT_KIND_COUNT; kind++)
        if (totals->kinds[kind])
            json_put_int(writer, fact_kind_name((enum fact_kind)kind), totals->kinds[kind]);
    json_end_object(writer);
    json_end_object(writer);
}

void live_put_totals(struct buf *buf, const struct live_totals *totals, struct fact_id id)
{
    struct json_writer writer;
    put_head(buf, "totals", id);
    json_writer_init(&writer, buf);
    live_totals_render(totals, &writer);
    buf_add(buf, STR("\n\n"));
}

void live_put_event(struct buf *buf, const char *event, struct fact_id id, struct str json)
{
    put_head(buf, event, id);
    buf_add(buf, json);
    buf_add(buf, STR("\n\n"));
}

/* And counts them. */
static enum err put_facts(struct buf *buf, struct live_round *round, const struct live_view *view,
                          struct live_totals *totals)
{
    for (size_t i = 0; i < round->count; i++) {
        enum fact_kind kind = round->facts[i].fact.kind;
        bool wants;
        TRY(live_round_wants(round, view, i, &wants));
        if (!wants)
            continue;
        live_put_fact(buf, &round->facts[i], view);
        totals->facts++;
        totals->kinds[kind]++;
    }
    return OK;
}

enum err live_put_round(struct buf *buf, struct live_round *round, const struct live_view *view)
{
    struct live_totals totals = {0};
    if (round->is_bulk)
        TRY(live_round_sum(round, view, &totals));
    else
        TRY(put_facts(buf, round, view, &totals));
    /* Few facts with long notes are many bytes. */
    if (buf->overflowed)
        buf_clear(buf);
    else if (!round->is_bulk)
        return OK;
    if (totals.facts)
        live_put_totals(buf, &totals, round->range.to);
    return OK;
}
