/* Facts over HTTP, from the socket to the disk and back. */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/db/db.h"
#include "lib/http/wire_test.h"
#include "src/account/account.h"
#include "src/app/dispatch.h"
#include "src/ledger/ledger_test.h"

struct shop {
    struct books books;
    struct dispatch *dispatch;
    struct log log;
    struct wire wire;
    char token[128];
};

static enum err make_token(struct ctx *ctx, void *arg)
{
    struct shop *shop = arg;
    struct token token;
    struct str secret;
    struct token_draft draft = {.name = STR("test"), .role = ROLE_MANAGER, .scopes = SCOPES_ALL};
    TRY(token_create(ctx, &draft, &token, &secret));
    snprintf(shop->token, sizeof(shop->token), "%.*s", STR_ARG(secret));
    return OK;
}

static void shop_open(struct shop *shop)
{
    struct services *services = &shop->books.world.services;
    struct fault fault;
    books_open(&shop->books);
    services->account = account_new(1);
    CHECK_OK(ctx_write(world_as(&shop->books.world, ROLE_ADMIN), make_token, shop));
    shop->log = (struct log){STDERR_FILENO, LOG_ERROR, services->clock};
    shop->dispatch = dispatch_new(services, &shop->log);
    struct http_options options = {.address = STR("127.0.0.1:0"),
                                   .handler = dispatch_handler(shop->dispatch),
                                   .quick_workers = 2,
                                   .slow_workers = 1,
                                   .queue_max = 64,
                                   .connections_max = 64,
                                   .connections_peer_max = 64,
                                   .header_bytes_max = 8192,
                                   .arena_bytes_max = 16 * 1024 * 1024,
                                   .piece_bytes = 64 * 1024,
                                   .header_deadline_ms = 5000,
                                   .body_deadline_ms = 5000,
                                   .idle_timeout_ms = 5000,
                                   .spool_directory = shop->books.world.directory};
    options.routes = dispatch_routes(shop->dispatch, &options.route_count);
    CHECK_OK(http_server_start(&options, &shop->wire.server, &fault));
}

static void shop_close(struct shop *shop)
{
    struct account *account = shop->books.world.services.account;
    http_server_stop(shop->wire.server, 1000);
    dispatch_free(shop->dispatch);
    books_close(&shop->books);
    account_free(account);
}

/* Sends the request and reads all until the server closes. */
static int call(struct shop *shop, const char *start, const char *type, struct str body,
                struct wire_text *ret_text)
{
    char head[512];
    int fd = wire_connect(&shop->wire);
    int len = snprintf(head, sizeof(head),
                       "%s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nConnection: close"
                       "\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                       start, shop->token, type, body.len);
    wire_send_bytes(fd, head, (size_t)len);
    wire_send_bytes(fd, body.ptr, body.len);
    int status = wire_read(fd, ret_text);
    wire_close(&fd);
    return status;
}

static int post(struct shop *shop, const char *type, const char *body, struct wire_text *ret_text)
{
    return call(shop, "POST /api/v1/facts", type, str_from_c(body), ret_text);
}

/* One fact as JSON. */
static const char *fact(struct shop *shop, const char *external_id, const char *amount)
{
    struct world *world = &shop->books.world;
    struct str partner = partner_id_text(shop->books.partners[0], &world->arena);
    return arena_format(&world->arena,
                        "{\"partner\":\"%.*s\",\"kind\":\"order\",\"at\":\"2024-05-14T10:00:00Z\","
                        "\"amount\":\"%s\",\"currency\":\"EUR\",\"source\":\"shop\","
                        "\"external_id\":\"%s\"}%c",
                        STR_ARG(partner), amount, external_id, 0)
        .ptr;
}

#define JSON "application/json"
#define LINES "application/x-ndjson"

TEST(facts_api, answers_one_fact_when_it_is_on_disk)
{
    struct shop shop = {0};
    struct wire_text text;
    shop_open(&shop);
    CHECK_INT(201, post(&shop, JSON, fact(&shop, "A", "12.50"), &text));
    CHECK(wire_has(&text, "\"result\":\"recorded\"") && wire_has(&text, "\"id\":\"fct_"));
    CHECK_INT(200, post(&shop, JSON, fact(&shop, "A", "12.50"), &text));
    CHECK(wire_has(&text, "\"result\":\"repeated\""));
    CHECK_INT(409, post(&shop, JSON, fact(&shop, "A", "12.51"), &text));
    CHECK(wire_has(&text, "\"code\":\"fact_differs\""));
    CHECK_INT(1250, books_totals(&shop.books, shop.books.partners[0], FACT_ORDER).amount);
    shop_close(&shop);
}

TEST(facts_api, refuses_one_bad_fact_with_its_field)
{
    struct shop shop = {0};
    struct wire_text text;
    int invalid = err_info(ERR_INVALID)->http_status;
    shop_open(&shop);
    CHECK_INT(invalid, post(&shop, JSON, fact(&shop, "A", "12.505"), &text));
    CHECK(wire_has(&text, "\"field\":\"amount\""));
    CHECK_INT(invalid, post(&shop, JSON, "{\"kind\":\"order\"}", &text));
    CHECK(wire_has(&text, "is missing"));
    CHECK_INT(invalid, post(&shop, JSON, "{\"kind\":", &text));
    CHECK_INT(invalid, post(&shop, JSON, "", &text));
    CHECK_INT(415, post(&shop, "text/plain", fact(&shop, "A", "12.50"), &text));
    CHECK_INT(0, books_channel(&shop.books, FACT_ORDER).facts);
    shop_close(&shop);
}

TEST(facts_api, answers_an_array_row_by_row)
{
    struct shop shop = {0};
    struct wire_text text;
    shop_open(&shop);
    struct str body = arena_format(&shop.books.world.arena, "[%s,\n%s , %s,%s]%c",
                                   fact(&shop, "A", "1.00"), fact(&shop, "A", "1.00"),
                                   fact(&shop, "A", "2.00"), fact(&shop, "", "2.00"), 0);
    CHECK_INT(200, post(&shop, JSON, body.ptr, &text));
    CHECK(wire_has(&text, "{\"items\":[{\"row\":1,\"result\":\"recorded\""));
    CHECK(wire_has(&text, "{\"row\":2,\"result\":\"repeated\""));
    CHECK(wire_has(&text, "{\"row\":3,\"result\":\"differs\""));
    CHECK(wire_has(&text, "{\"row\":4,\"result\":\"refused\""));
    CHECK_INT(200, post(&shop, JSON, "[]", &text));
    CHECK_INT(1, books_channel(&shop.books, FACT_ORDER).facts);
    shop_close(&shop);
}

/* Everything that comes until the peer closes, in the arena. */
static struct str read_all(struct shop *shop, int fd)
{
    struct buf all;
    char bytes[16384];
    buf_init(&all, &shop->books.world.arena, 8 * 1024 * 1024);
    struct pollfd waits = {.fd = fd, .events = POLLIN};
    while (poll(&waits, 1, 5000) == 1) {
        ssize_t count = read(fd, bytes, sizeof(bytes));
        if (count <= 0)
            break;
        buf_add(&all, (struct str){bytes, (size_t)count});
    }
    return buf_str(&all);
}

static size_t count_of(struct str text, struct str needle)
{
    size_t count = 0, at;
    while (str_find(text, needle, &at)) {
        count++;
        text = str_slice(text, at + needle.len, text.len);
    }
    return count;
}

TEST(facts_api, takes_a_stream_of_any_length_with_a_result_a_line)
{
    enum { FACTS = 6000 };
    struct shop shop = {0};
    char head[512], id[32];
    struct buf body;
    shop_open(&shop);
    buf_init(&body, &shop.books.world.arena, 8 * 1024 * 1024);
    for (int i = 0; i < FACTS; i++) {
        snprintf(id, sizeof(id), "N-%d", i % (FACTS - 100));
        buf_add(&body, str_from_c(fact(&shop, i == 77 ? "" : id, "1.00")));
        buf_add_char(&body, '\n');
    }
    int fd = wire_connect(&shop.wire);
    int len =
        snprintf(head, sizeof(head),
                 "POST /api/v1/facts HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
                 "Connection: close\r\nContent-Type: " LINES "\r\nContent-Length: %zu\r\n\r\n",
                 shop.token, body.len);
    wire_send_bytes(fd, head, (size_t)len);
    wire_send_bytes(fd, body.ptr, body.len);
    struct str all = read_all(&shop, fd);
    wire_close(&fd);
    CHECK_INT(FACTS, count_of(all, STR("\"result\"")));
    CHECK_INT(99, count_of(all, STR("\"repeated\"")));
    CHECK_INT(1, count_of(all, STR("\"refused\"")));
    CHECK_INT(1, count_of(all, STR("{\"row\":78,\"result\":\"refused\"")));
    CHECK_INT(FACTS - 100, books_channel(&shop.books, FACT_ORDER).facts);
    shop_close(&shop);
}

TEST(facts_api, lists_facts_and_takes_one_back)
{
    struct shop shop = {0};
    struct wire_text text;
    char path[128];
    size_t at;
    shop_open(&shop);
    CHECK_INT(201, post(&shop, JSON, fact(&shop, "A", "1.00"), &text));
    CHECK(str_find(wire_body(&text), STR("fct_"), &at));
    struct str id = str_slice(wire_body(&text), at, at + 17);
    snprintf(path, sizeof(path), "POST /api/v1/facts/%.*s/reversal", STR_ARG(id));
    CHECK_INT(201, call(&shop, path, JSON, STR("{\"note\":\"returned\"}"), &text));
    CHECK(wire_has(&text, "\"reverses\":\"fct_") && wire_has(&text, "\"note\":\"returned\""));
    CHECK_INT(409, call(&shop, path, JSON, STR("{}"), &text));
    CHECK_INT(200, call(&shop, "GET /api/v1/facts?kind=order&limit=1", JSON, STR(""), &text));
    CHECK(!wire_has(&text, "\"next\":null"));
    CHECK_INT(200, call(&shop, "GET /api/v1/facts?kind=item", JSON, STR(""), &text));
    CHECK(wire_has(&text, "{\"items\":[],\"next\":null}"));
    shop_close(&shop);
}

TEST(refusal, has_the_title_and_the_status_of_its_own)
{
    static const struct {
        int status;
        const char *title, *request;
    } cases[] = {
        {404, "Not found", "GET /api/v1/nothing HTTP/1.1\r\nHost: a\r\n\r\n"},
        {405, "Method not allowed", "DELETE /healthz HTTP/1.1\r\nHost: a\r\n\r\n"},
        {411, "Length missing", "POST /api/v1/facts HTTP/1.1\r\nHost: a\r\n\r\n"},
        {413, "Too large", "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"},
        {417, "Expectation not met",
         "POST /api/v1/session HTTP/1.1\r\nHost: a\r\nExpect: x\r\nContent-Length: 2\r\n\r\n{}"},
        {400, "The request is malformed", "GET /healthz HTTP/1.1\r\n\r\n"},
        {501, "Not implemented",
         "POST /api/v1/facts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"},
    };
    struct shop shop = {0};
    shop_open(&shop);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct wire_text text;
        char wanted[128];
        int fd = wire_connect(&shop.wire);
        wire_send(fd, cases[i].request);
        CHECK_INT(cases[i].status, wire_read(fd, &text));
        snprintf(wanted, sizeof(wanted), "\"title\":\"%s\",\"status\":%d", cases[i].title,
                 cases[i].status);
        if (!wire_has(&text, wanted))
            test_fail(__FILE__, __LINE__, "not %s: %.*s", wanted, (int)text.len, text.bytes);
        wire_close(&fd);
    }
    shop_close(&shop);
}
