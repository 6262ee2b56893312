/* The route of the stream: what was missed is read from the ledger, then the live goes on. */
#include <string.h>

#include "lib/http/http.h"
#include "lib/json/json.h"
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/live/live.h"

enum {
    EVENTS_BYTES_MAX = 1024 * 1024, /* of what was missed, or of one report */
    WAITING_BYTES_MAX = 2 * EVENTS_BYTES_MAX
};

static const struct field query_fields[] = {
    {.name = "partner",
     .type = FIELD_ID,
     .prefix = "ptn",
     .help = "Only facts of this partner and of those that were merged into it."},
    {.name = "manager",
     .type = FIELD_ID,
     .prefix = "usr",
     .help = "Only partners of this manager."},
    {.name = "tier",
     .type = FIELD_TEXT,
     .max = LIVE_TIER_BYTES,
     .help = "Only partners of this tier."},
    {.name = "country",
     .type = FIELD_TEXT,
     .min = 2,
     .max = 2,
     .help = "Only partners in this country: ISO 3166-1, two letters.",
     .example = "AT"},
    {.name = "tag", .type = FIELD_TEXT, .max = LIMIT_TAG_BYTES, .help = "Only partners with it."},
    {.name = "kind",
     .type = FIELD_TEXTS,
     .max = 40,
     .max_items = FACT_KIND_COUNT,
     .names = fact_kind_names,
     .help = "Only these kinds, separated by commas.",
     .example = "order,deal.won"},
    {.name = "after",
     .type = FIELD_ID,
     .prefix = "fct",
     .help = "Go on after this event, as with the header Last-Event-ID, which goes before it."},
};
static const struct schema stream_query = SCHEMA(NULL, NULL, query_fields);

/* ---- events as text (WHATWG HTML, server-sent events) ---- */

static void put_event(struct buf *buf, const struct live_event *event)
{
    char id[ID_TEXT_MAX];
    if (fact_id_is_set(event->id)) {
        id_format("fct", event->id.v, id);
        buf_format(buf, "id: %s\n", id);
    }
    buf_format(buf, "event: %s\ndata: ", live_kind_name(event->kind));
    buf_add(buf, event->json);
    buf_add(buf, STR("\n\n"));
}

static void tell_streams(void *self, void *const *listeners, size_t count,
                         const struct live_event *event)
{
    (void)self;
    struct arena arena;
    struct buf buf;
    arena_init(&arena, WAITING_BYTES_MAX);
    buf_init(&buf, &arena, EVENTS_BYTES_MAX);
    put_event(&buf, event);
    struct http_event *shared = http_event_new(buf_str(&buf));
    http_stream_push((struct http_stream *const *)listeners, count, shared);
    http_event_free(shared);
    arena_finish(&arena);
}

static void end_stream(void *self, void *listener)
{
    (void)self;
    http_stream_end(listener);
}

struct live *live_server_new(const struct services *services)
{
    static const struct live_sink streams = {NULL, tell_streams, end_stream};
    return live_new(services, &streams);
}

/* ---- the request ---- */

static void copy_text(char *to, struct str text)
{
    memcpy(to, text.ptr ? text.ptr : "", text.len);
    to[text.len] = '\0';
}

static enum err check_scope(struct ctx *ctx, const struct live_view *view)
{
    bool group = user_id_is_set(view->manager) || view->tier[0] || view->country[0] || view->tag[0];
    int64_t scope = ctx_partner_scope(ctx);
    if (scope && view->partner.v != scope)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "partner_not_found", "There is no such partner.");
    if (scope && group)
        return CTX_FAULT(ctx, ERR_FORBIDDEN, "group",
                         "Numbers of groups are for the vendor's own staff.");
    if (group && partner_id_is_set(view->partner))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "partner_and_group", "partner",
                               "Ask for one partner or for a group, not for both.");
    return OK;
}

static enum err read_view(struct ctx *ctx, const struct form *query, struct live_view *view)
{
    const struct form_value *kinds = form_get(query, "kind");
    struct partner_brief brief;
    enum fact_kind kind;
    for (size_t i = 0; i < kinds->count; i++)
        if (fact_kind_parse(kinds->texts[i], &kind))
            view->kinds |= FACT_KIND_BIT(kind);
    view->is_partner = ctx_partner_scope(ctx) != 0;
    view->partner.v = form_int_or(query, "partner", ctx_partner_scope(ctx));
    view->manager.v = form_int_or(query, "manager", 0);
    copy_text(view->tier, form_text(query, "tier"));
    copy_text(view->country, form_text(query, "country"));
    copy_text(view->tag, form_text(query, "tag"));
    TRY(check_scope(ctx, view));
    /* A user of a partner that was merged away does not become one of the survivor. */
    if (view->is_partner || !partner_id_is_set(view->partner))
        return OK;
    TRY(partner_brief(ctx, view->partner, &brief));
    view->partner = brief.id;
    return OK;
}

static enum err read_after(struct ctx *ctx, const struct request *request, struct fact_id *after)
{
    struct str text = http_header(request->exchange, "Last-Event-ID");
    after->v = form_int_or(request->query, "after", 0);
    if (!text.len || fact_id_parse(text, after))
        return OK;
    return CTX_FAULT(ctx, ERR_INVALID, "event_id_invalid",
                     "Last-Event-ID must be the id of an event, such as fct_01hx4zq8r0wkd.");
}

static enum err prepare(struct ctx *ctx, const struct request *request, struct live_view *view,
                        struct live_missed *missed)
{
    struct fact_id after;
    TRY(read_view(ctx, request->query, view));
    TRY(read_after(ctx, request, &after));
    return live_missed(ctx, view, after, missed);
}

static void put_missed(struct ctx *ctx, const struct live_missed *missed, struct buf *buf)
{
    const struct live_event reload = {LIVE_RELOAD, missed->newest, STR("{}")};
    buf_init(buf, ctx->arena, EVENTS_BYTES_MAX);
    for (size_t i = 0; i < missed->count; i++)
        put_event(buf, &missed->events[i]);
    if (!buf->overflowed)
        return;
    buf_clear(buf);
    put_event(buf, &reload);
    put_event(buf, &missed->events[missed->count - 1]);
}

static struct responded get_stream(struct ctx *ctx, struct request *request)
{
    struct live *live = ctx->services->live;
    struct live_view view = {0};
    struct live_missed missed = {0};
    struct buf buf;
    enum err err = live ? prepare(ctx, request, &view, &missed)
                        : CTX_FAULT(ctx, ERR_UNSUPPORTED, "no_stream", "There is no stream here.");
    if (err != OK)
        return respond_fault(ctx, request);
    put_missed(ctx, &missed, &buf);
    struct http_stream *stream = http_stream_open(request->exchange, WAITING_BYTES_MAX);
    struct http_event *event = http_event_new(buf_str(&buf));
    http_stream_push(&stream, 1, event);
    http_event_free(event);
    live_join(live, stream, &view, missed.newest);
    return respond_stream(request, stream);
}

static const struct route routes[] = {
    ROUTE(
        "GET", "/api/v1/stream", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ, .id = "followFacts",
        .summary = "Follow what happens", .tag = "Facts",
        .notes =
            "Server-sent events, in the order of recording, whoever records: this server, the"
            " command line, an import.\n\n"
            "fact: a fact, as GET /api/v1/facts/{id} shows it. totals: too many at once to show"
            " each; how many (facts), and of which kinds (kinds). report: the partner's live"
            " report after a change, as GET /api/v1/partners/{id}/report answers, on streams of"
            " one partner. pulse: today's numbers after a change, as GET /api/v1/pulse answers, on"
            " the others. reload: more was missed than is sent again, load what you show anew."
            " ready: all that was missed has been sent.\n\n"
            "The id of an event is that of the last fact it tells of. Send it as Last-Event-ID,"
            " as browsers do by themselves, and the stream goes on without a gap or a double. A"
            " comment comes when nothing else does. A stream ends after five minutes, and when"
            " its reader does not keep up: connect again.",
        .query = &stream_query, .answer_type = "text/event-stream", .success = 200,
        .handle = get_stream),
};
const struct route_table live_routes = {routes, ARRAY_LEN(routes)};
