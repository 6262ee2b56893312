/* The route of the stream: what was missed is read from the ledger, then the feed goes on. */
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/live/live_event.h"
#include "src/live/live_feed.h"
#include "src/live/live_numbers.h"

static const struct field query_fields[] = {
    {.name = "partner",
     .type = FIELD_ID,
     .prefix = "ptn",
     .help = "Only facts of this partner and of those that were merged into it."},
    {.name = "manager", .type = FIELD_ID, .prefix = "usr", .help = "Partners of this manager."},
    {.name = "tier", .type = FIELD_TEXT, .help = "Partners of this tier."},
    {.name = "country",
     .type = FIELD_TEXT,
     .min = 2,
     .max = 2,
     .help = "Partners in this country: ISO 3166-1, two letters.",
     .example = "AT"},
    {.name = "tag", .type = FIELD_TEXT, .max = LIMIT_TAG_BYTES, .help = "Partners with it."},
    {.name = "product",
     .type = FIELD_ID,
     .prefix = "prd",
     .help = "Only facts that name this product."},
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

struct opening {
    const struct request *request;
    struct live_view view;
    struct fact_id after; /* the last event that the client has; unset: it has none */
    struct fact_id newest;
    struct buf text;
    bool told; /* facts, so that their numbers follow */
};

static unsigned read_kinds(const struct form *form)
{
    const struct form_value *names = form_get(form, "kind");
    unsigned kinds = 0;
    for (size_t i = 0; i < names->count; i++) {
        enum fact_kind kind;
        if (fact_kind_parse(names->texts[i], &kind))
            kinds |= FACT_KIND_BIT(kind);
    }
    return kinds;
}

static enum err read_view(struct ctx *ctx, struct opening *opening)
{
    const struct form *form = opening->request->query;
    struct metric_scope scope = {
        .partner = {form_int_or(form, "partner", 0)},
        .manager = {form_int_or(form, "manager", 0)},
        .product = {form_int_or(form, "product", 0)},
        .tier = form_text(form, "tier"),
        .country = form_text(form, "country"),
        .tag = form_text(form, "tag"),
    };
    return live_view_open(ctx, &scope, read_kinds(form), &opening->view);
}

static enum err read_after(struct ctx *ctx, struct opening *opening)
{
    struct str text = http_header(opening->request->exchange, "Last-Event-ID");
    opening->after.v = form_int_or(opening->request->query, "after", 0);
    if (!text.len || fact_id_parse(text, &opening->after))
        return OK;
    return CTX_FAULT(ctx, ERR_INVALID, "event_id_invalid",
                     "Last-Event-ID must be the id of an event, such as fct_01hx4zq8r0wkd.");
}

/* Acts as the feed: the view says what may be shown. */
static enum err read_missed(struct ctx *ctx, const struct opening *opening,
                            struct live_round *ret_round)
{
    struct actor before = ctx->actor;
    struct fact_range range = {.after = opening->after,
                               .to = opening->newest,
                               .partner = opening->view.scope.partner,
                               .kinds = opening->view.kinds,
                               .product = opening->view.scope.product};
    ctx->actor = (struct actor){.role = ROLE_ADMIN, .scopes = SCOPE_READ};
    enum err err = live_round_read(ctx, &range, LIMIT_MISSED_FACTS, ret_round);
    ctx->actor = before;
    return err;
}

/* `ret_all` false: there is too much of it, or the client knows more than this ledger does. */
static enum err put_missed(struct ctx *ctx, struct opening *opening, bool *ret_all)
{
    struct fact_range range = {.after = opening->after, .to = opening->newest};
    struct live_round round;
    int64_t count;
    *ret_all = false;
    if (opening->after.v > opening->newest.v)
        return OK;
    TRY(ledger_count_after(ctx, &range, LIMIT_MISSED_SCAN + 1, &count));
    if (count > LIMIT_MISSED_SCAN)
        return OK;
    TRY(read_missed(ctx, opening, &round));
    if (round.is_bulk)
        return OK;
    TRY(live_put_round(&opening->text, &round, &opening->view));
    opening->told = opening->text.len > 0;
    *ret_all = true;
    return OK;
}

static enum err prepare(struct ctx *ctx, void *arg)
{
    struct opening *opening = arg;
    bool all = true;
    TRY(read_view(ctx, opening));
    TRY(read_after(ctx, opening));
    TRY(ledger_newest(ctx, &opening->newest));
    if (fact_id_is_set(opening->after))
        TRY(put_missed(ctx, opening, &all));
    if (!all)
        live_put_event(&opening->text, "reload", opening->newest, STR("{}"));
    return OK;
}

static enum err put_numbers(struct ctx *ctx, struct opening *opening)
{
    const char *event;
    struct str json;
    if (!opening->told)
        return OK;
    TRY(live_numbers(ctx, &opening->view, &event, &json));
    live_put_event(&opening->text, event, opening->newest, json);
    return OK;
}

/* Its memory is its own: what the exchange holds stays for as long as the stream is open. */
static enum err open_stream(struct ctx *ctx, struct request *request,
                            struct live_follower *follower)
{
    struct opening opening = {.request = request};
    struct arena arena, *kept = ctx->arena;
    arena_init(&arena, LIMIT_ARENA_BYTES);
    buf_init(&opening.text, &arena, LIMIT_MISSED_BYTES);
    ctx->arena = &arena;
    enum err err = ctx_read(ctx, prepare, &opening);
    if (err == OK)
        err = put_numbers(ctx, &opening);
    ctx->arena = kept;
    if (err == OK) {
        live_put_event(&opening.text, "ready", opening.newest, STR("{}"));
        struct http_stream *stream =
            http_stream_open(request->exchange, LIMIT_MISSED_BYTES + LIMIT_STREAM_BYTES);
        struct http_event *event = http_event_new(buf_str(&opening.text));
        http_stream_push(&stream, 1, event);
        http_event_free(event);
        live_join(follower, stream, &opening.view, opening.newest);
        request->stream = stream;
    }
    arena_finish(&arena);
    return err;
}

static struct responded get_stream(struct ctx *ctx, struct request *request)
{
    struct live_rights rights = {.actor = ctx->actor};
    struct credential credential = credential_read(request->exchange);
    struct live_follower *follower = NULL;
    credential_mark(&credential, &rights.credential);
    enum err err = live_admit(ctx, &rights, &follower);
    if (err == OK)
        err = open_stream(ctx, request, follower);
    if (err == OK)
        return respond_stream(request, request->stream, live_leave, follower);
    if (follower)
        live_leave(follower);
    return respond_fault(ctx, request);
}

static const struct route routes[] = {
    ROUTE("GET", "/api/v1/stream", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_NONE, .id = "followFacts",
          .summary = "Follow what happens, as it happens", .tag = "Live",
          .notes =
              "Server-sent events, in the order of recording, whoever records: this server, the"
              " command line, an import. A partner, or a group (manager, tier, country, tag); a"
              " product and kinds narrow either.\n\n"
              "`fact`: a fact, as GET /api/v1/facts/{id} shows it. `report`: on a stream that names"
              " a partner, after its facts and a few times a second at most, its report as GET"
              " /api/v1/partners/{id}/report answers. `pulse`: on the others, as GET"
              " /api/v1/pulse answers, after facts and once a minute. `totals`: too many facts at"
              " once to show each: how many (`facts`), and of which kinds (`kinds`). `reload`:"
              " more was missed than is sent again, load what you show anew. `ready`: all that"
              " was missed has been sent; also now and then when nothing else was. `domain`: "
              "something"
              " changed at a partner's domain, as GET /api/v1/dns/changes shows it; `domains`: at"
              " too many at once to show each. These two have no id, and are not sent again.\n\n"
              "Everything up to an event's id has been told. Send it as Last-Event-ID, as browsers"
              " do by themselves, or as `after`, and the stream goes on without a gap or a double."
              " A comment comes when nothing else does. A stream ends when the sign-in or token"
              " does, and when its reader does not keep up: connect again.",
          .query = &stream_query, .answer_type = "text/event-stream", .success = 200,
          .handle = get_stream),
};
const struct route_table live_routes = {routes, ARRAY_LEN(routes)};
