/* The stream over HTTP: live facts, coming back, filters, what a partner may see, many at once. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/db/db.h"
#include "lib/http/wire_test.h"
#include "src/account/account.h"
#include "src/app/dispatch.h"
#include "src/live/live.h"
#include "src/ledger/ledger_test.h"

enum { SECRET_BYTES = 128, REQUEST_BYTES = 1024 };

struct station {
    struct books books;
    struct dispatch *dispatch;
    struct log log;
    struct wire wire;
    char manager[SECRET_BYTES];
    char partner[SECRET_BYTES]; /* of the first partner */
};

struct token_request {
    struct token_draft draft;
    char *text;
};

static enum err make_token(struct ctx *ctx, void *arg)
{
    struct token_request *request = arg;
    struct token token;
    struct str secret;
    TRY(token_create(ctx, &request->draft, &token, &secret));
    snprintf(request->text, SECRET_BYTES, "%.*s", STR_ARG(secret));
    return OK;
}

static void make_tokens(struct station *station)
{
    struct token_request requests[] = {
        {{.name = STR("manager"), .role = ROLE_MANAGER, .scopes = SCOPES_ALL}, station->manager},
        {{.name = STR("partner"),
          .role = ROLE_PARTNER,
          .scopes = SCOPES_ALL,
          .partner = station->books.partners[0]},
         station->partner},
    };
    for (size_t i = 0; i < ARRAY_LEN(requests); i++)
        CHECK_OK(ctx_write(world_as(&station->books.world, ROLE_ADMIN), make_token, &requests[i]));
}

static void station_open(struct station *station)
{
    struct services *services = &station->books.world.services;
    struct fault fault;
    books_open(&station->books);
    services->account = account_new(1);
    make_tokens(station);
    services->live = live_new(services);
    station->log = (struct log){STDERR_FILENO, LOG_ERROR, services->clock};
    station->dispatch = dispatch_new(services, &station->log);
    struct http_options options = wire_options(&station->wire);
    options.handler = dispatch_handler(station->dispatch);
    options.routes = dispatch_routes(station->dispatch, &options.route_count);
    options.spool_directory = station->books.world.directory;
    CHECK_OK(http_server_start(&options, &station->wire.server, &fault));
}

static void station_close(struct station *station)
{
    struct services *services = &station->books.world.services;
    struct account *account = services->account;
    http_server_stop(station->wire.server, 1000);
    live_free(services->live);
    services->live = NULL;
    dispatch_free(station->dispatch);
    books_close(&station->books);
    account_free(account);
}

/* Reads until the text has come; `ret_text` has all that came. */
static bool read_until(int fd, const char *text, struct wire_text *ret_text)
{
    ret_text->len = 0;
    while (ret_text->len < WIRE_TEXT_MAX && !wire_has(ret_text, text)) {
        ssize_t len = recv(fd, ret_text->bytes + ret_text->len, WIRE_TEXT_MAX - ret_text->len, 0);
        if (len <= 0)
            return false;
        ret_text->len += (size_t)len;
    }
    return wire_has(ret_text, text);
}

/* Opens a stream and reads up to "ready"; `after`: an event's id, or NULL. */
static int follow(struct station *station, const char *token, const char *query, const char *after,
                  struct wire_text *ret_text)
{
    char request[REQUEST_BYTES];
    int fd = wire_connect(&station->wire);
    snprintf(request, sizeof(request),
             "GET /api/v1/stream%s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n%s%s%s\r\n",
             query, token, after ? "Last-Event-ID: " : "", after ? after : "", after ? "\r\n" : "");
    wire_send(fd, request);
    CHECK(read_until(fd, "event: ready\ndata: {}\n\n", ret_text));
    CHECK(wire_has(ret_text, "Content-Type: text/event-stream\r\n"));
    return fd;
}

/* Records an order; the text is its event's line. NUL-terminated, in the world's arena. */
static const char *record(struct station *station, size_t partner, struct fact_id *ret_id)
{
    struct arena *arena = &station->books.world.arena;
    struct fact_draft draft = books_order(&station->books);
    draft.partner = station->books.partners[partner];
    draft.has_cost = true;
    draft.cost_minor = 321;
    struct fact_id id = books_record(&station->books, &draft).id;
    if (ret_id)
        *ret_id = id;
    return arena_cstr(
        arena, arena_format(arena, "id: %.*s\nevent: fact\n", STR_ARG(fact_id_text(id, arena))));
}

static const char *id_text(struct station *station, struct fact_id id)
{
    struct arena *arena = &station->books.world.arena;
    return arena_cstr(arena, fact_id_text(id, arena));
}

static enum err record_many(struct ctx *ctx, void *arg)
{
    struct station *station = arg;
    struct fact_outcome outcome;
    for (int i = 0; i < 1200; i++) {
        struct fact_draft draft = books_order(&station->books);
        draft.partner = station->books.partners[i % 3 == 0 ? 0 : 1];
        TRY(ledger_record(ctx, &draft, &outcome));
    }
    return OK;
}

static enum err add_tag(struct ctx *ctx, void *arg)
{
    const struct station *station = arg;
    return partner_add_tag(ctx, station->books.partners[1], STR("gold"));
}

TEST(live_stream, tells_of_a_fact_when_it_is_recorded)
{
    struct station station = {0};
    struct wire_text text;
    station_open(&station);
    int fd = follow(&station, station.manager, "", NULL, &text);
    const char *event = record(&station, 1, NULL);
    CHECK(read_until(fd, "\"reversed_by\":null,\"import\":null}\n\n", &text));
    CHECK(wire_has(&text, event));
    CHECK(wire_has(&text, "\"kind\":\"order\"") && wire_has(&text, "\"amount\":\"12.50\""));
    wire_close(&fd);
    station_close(&station);
}

TEST(live_stream, goes_on_after_the_last_event_without_a_gap_or_a_double)
{
    struct station station = {0};
    struct wire_text text;
    struct fact_id first;
    station_open(&station);
    const char *seen = record(&station, 0, &first);
    const char *missed = record(&station, 1, NULL);
    int fd = follow(&station, station.manager, "", id_text(&station, first), &text);
    CHECK(!wire_has(&text, seen) && wire_has(&text, missed));
    const char *live = record(&station, 2, NULL);
    CHECK(read_until(fd, live, &text));
    CHECK(!wire_has(&text, missed));
    wire_close(&fd);
    station_close(&station);
}

TEST(live_stream, says_reload_when_too_much_was_missed_or_the_event_is_of_a_later_ledger)
{
    struct station station = {0};
    struct wire_text text;
    struct fact_id first;
    station_open(&station);
    record(&station, 0, &first);
    CHECK_OK(ctx_write(world_as(&station.books.world, ROLE_MANAGER), record_many, &station));
    int fd = follow(&station, station.manager, "", id_text(&station, first), &text);
    CHECK(wire_has(&text, "event: reload\ndata: {}\n\n") && !wire_has(&text, "event: fact"));
    wire_close(&fd);
    fd = follow(&station, station.manager, "", "fct_7zzzzzzzzzzzz", &text);
    CHECK(wire_has(&text, "event: reload\n"));
    wire_close(&fd);
    station_close(&station);
}

TEST(live_stream, tells_many_facts_as_totals)
{
    struct station station = {0};
    struct wire_text text;
    station_open(&station);
    char query[64];
    snprintf(query, sizeof(query), "?partner=%s",
             partner_id_text(station.books.partners[0], &station.books.world.arena).ptr);
    int all = follow(&station, station.manager, "", NULL, &text);
    int one = follow(&station, station.manager, query, NULL, &text);
    int orders = follow(&station, station.manager, "?kind=order,visit", NULL, &text);
    CHECK_OK(ctx_write(world_as(&station.books.world, ROLE_MANAGER), record_many, &station));
    CHECK(
        read_until(all, "event: totals\ndata: {\"facts\":1200,\"kinds\":{\"order\":1200}}", &text));
    CHECK(!wire_has(&text, "event: fact\n"));
    CHECK(read_until(one, "event: totals\ndata: {\"facts\":400,\"kinds\":{\"order\":400}}", &text));
    CHECK(read_until(orders, "event: totals\ndata: {\"facts\":1200,", &text));
    wire_close(&all);
    wire_close(&one);
    wire_close(&orders);
    station_close(&station);
}

TEST(live_stream, keeps_to_the_partner_and_the_kinds_that_are_asked_for)
{
    struct station station = {0};
    struct wire_text text;
    char query[64];
    station_open(&station);
    books_merge(&station.books, station.books.partners[0], station.books.partners[1]);
    snprintf(query, sizeof(query), "?partner=%s",
             partner_id_text(station.books.partners[0], &station.books.world.arena).ptr);
    int merged = follow(&station, station.manager, query, NULL, &text);
    int calls = follow(&station, station.manager, "?kind=call.made,visit", NULL, &text);
    const char *other = record(&station, 2, NULL);
    const char *own = record(&station, 1, NULL);
    CHECK(read_until(merged, own, &text));
    CHECK(!wire_has(&text, other));
    struct fact_draft visit = books_order(&station.books);
    visit.kind = FACT_VISIT;
    visit.has_amount = false;
    books_record(&station.books, &visit);
    CHECK(read_until(calls, "\"kind\":\"visit\"", &text));
    CHECK(!wire_has(&text, own));
    wire_close(&merged);
    wire_close(&calls);
    station_close(&station);
}

TEST(live_stream, sends_the_numbers_that_a_fact_has_changed)
{
    struct station station = {0};
    struct wire_text text;
    char query[64];
    station_open(&station);
    snprintf(query, sizeof(query), "?partner=%s",
             partner_id_text(station.books.partners[0], &station.books.world.arena).ptr);
    int one = follow(&station, station.manager, query, NULL, &text);
    int all = follow(&station, station.manager, "", NULL, &text);
    struct fact_draft draft = books_order(&station.books);
    draft.partner = station.books.partners[0];
    draft.at_ms = clock_now_ms(&station.books.world.services.clock);
    books_record(&station.books, &draft);
    CHECK(read_until(one, "\"sales_orders\":{\"number\":\"1\",\"value\":\"12.50\"", &text));
    CHECK(read_until(all, "\"formula\":\"number of orders\",\"unit\":\"count\",\"value\":\"1\"",
                     &text));
    wire_close(&one);
    wire_close(&all);
    station_close(&station);
}

TEST(live_stream, keeps_to_the_group_that_is_asked_for)
{
    struct station station = {0};
    struct wire_text text;
    station_open(&station);
    CHECK_OK(ctx_write(world_as(&station.books.world, ROLE_MANAGER), add_tag, &station));
    int tagged = follow(&station, station.manager, "?tag=gold", NULL, &text);
    const char *other = record(&station, 0, NULL);
    const char *own = record(&station, 1, NULL);
    CHECK(read_until(tagged, own, &text));
    CHECK(!wire_has(&text, other));
    wire_close(&tagged);
    station_close(&station);
}

TEST(live_stream, shows_a_partner_its_own_facts_and_no_cost)
{
    struct station station = {0};
    struct wire_text text;
    struct fact_id first;
    station_open(&station);
    record(&station, 0, &first);
    const char *foreign = record(&station, 1, NULL);
    const char *missed = record(&station, 0, NULL);
    int fd = follow(&station, station.partner, "", id_text(&station, first), &text);
    CHECK(wire_has(&text, missed) && !wire_has(&text, foreign) && !wire_has(&text, "3.21"));
    foreign = record(&station, 1, NULL);
    const char *own = record(&station, 0, NULL);
    CHECK(read_until(fd, "\"import\":null}\n\n", &text));
    CHECK(wire_has(&text, own) && !wire_has(&text, foreign) && !wire_has(&text, "3.21"));
    wire_close(&fd);
    station_close(&station);
}

static int refused(struct station *station, const char *token, const char *rest)
{
    char request[REQUEST_BYTES];
    snprintf(request, sizeof(request),
             "GET /api/v1/stream%s\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", rest, token);
    return wire_status(&station->wire, request);
}

TEST(live_stream, refuses_what_is_no_event_nobodys_token_and_another_partner)
{
    struct station station = {0};
    char foreign[128];
    station_open(&station);
    snprintf(foreign, sizeof(foreign), "?partner=%s HTTP/1.1",
             partner_id_text(station.books.partners[1], &station.books.world.arena).ptr);
    int invalid = err_info(ERR_INVALID)->http_status;
    CHECK_INT(401, refused(&station, "nobody", " HTTP/1.1"));
    CHECK_INT(404, refused(&station, station.partner, foreign));
    CHECK_INT(invalid, refused(&station, station.manager, " HTTP/1.1\r\nLast-Event-ID: 7"));
    CHECK_INT(invalid, refused(&station, station.manager, "?kind=nonsense HTTP/1.1"));
    station_close(&station);
}

TEST(live_stream, stops_with_the_server_and_leaves_nobody_behind)
{
    struct station station = {0};
    struct wire_text text;
    station_open(&station);
    int fds[20];
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        fds[i] = follow(&station, station.manager, "", NULL, &text);
    record(&station, 0, NULL);
    station_close(&station);
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        CHECK(wire_is_closed(fds[i]));
        wire_close(&fds[i]);
    }
}
