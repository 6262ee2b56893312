/* Takes a request in: checks its head, finds its route, reads its body, hands it to the workers. */
#include "lib/http/receive.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/base/rate_limit.h"
#include "lib/base/time.h"
#include "lib/http/body.h"
#include "lib/http/peer.h"

enum {
    /* What is read for nothing so that a refused client gets the answer and may stay connected. */
    DROP_BYTES_MAX = 1024 * 1024,
    BUSY_RETRY_MS = 1000
};

static const struct refusal fine = {0, NULL};
static const struct refusal busy = {503, "The server has too much to do; try again."};

/* ---- the head as libmicrohttpd has it ---- */

struct head_fields {
    struct head_field rows[HEAD_FIELDS_MAX];
    size_t count;
};

/* lint: parameters: libmicrohttpd calls it so. */
static enum MHD_Result take_field(void *self, enum MHD_ValueKind kind, const char *name,
                                  size_t name_len, const char *value, size_t value_len)
{
    struct head_fields *fields = self;
    (void)kind;
    if (fields->count == HEAD_FIELDS_MAX)
        return MHD_NO;
    fields->rows[fields->count++] = (struct head_field){
        .name = {name, name_len},
        .value = {value ? value : name + name_len, value_len},
    };
    return MHD_YES;
}

/* Most requests have few, and a stream keeps its exchange for long. */
static int keep_fields(struct http_exchange *exchange)
{
    struct head_fields found;
    found.count = 0;
    int count = MHD_get_connection_values_n(exchange->mhd, MHD_HEADER_KIND, take_field, &found);
    struct head_field *kept = ARENA_ARRAY(&exchange->arena, struct head_field, found.count);
    memcpy(kept, found.rows, found.count * sizeof(*kept));
    exchange->fields = kept;
    exchange->field_count = found.count;
    return count;
}

static struct refusal read_fields(struct http_exchange *exchange, struct head *head)
{
    static const struct refusal too_large = {431, "The request's headers are too large."};
    const struct http_options *options = &exchange->server->options;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    int count = keep_fields(exchange);
    head->fields = exchange->fields;
    head->field_count = exchange->field_count;
    head->size_bytes = info ? info->header_size : 0;
    if (exchange->raw_target.len > options->header_bytes_max / 2)
        return (struct refusal){414, "The address is too long."};
    bool too_many = (size_t)count > HEAD_FIELDS_MAX;
    return too_many || head->size_bytes > options->header_bytes_max ? too_large : fine;
}

static struct refusal read_head(struct http_exchange *exchange, const char *method,
                                const char *version)
{
    struct head head = {
        .bytes = method,
        .target = {exchange->target_at, exchange->raw_target.len},
        .version = version,
    };
    exchange->is_old = strcmp(version, "HTTP/1.0") == 0;
    struct refusal refusal = read_fields(exchange, &head);
    if (!refusal.status)
        refusal = head_check(&head, &exchange->framing);
    if (refusal.status)
        exchange->field_count = 0;
    return refusal;
}

/* ---- what the request says ---- */

static void read_id(struct http_exchange *exchange)
{
    struct str id = http_header(exchange, "X-Request-Id");
    if (!id.len || id.len > REQUEST_ID_MAX)
        return;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '_' || c == '-';
        if (!good)
            return;
    }
    memcpy(exchange->id, id.ptr, id.len);
    exchange->request.id = (struct str){exchange->id, id.len};
}

/* Proxies append, so only what the trusted one wrote counts: the last. */
static struct str last_of_header(const struct http_exchange *exchange, struct str name)
{
    struct str last = {NULL, 0}, piece;
    for (size_t i = 0; i < exchange->field_count; i++)
        if (str_equal_nocase(exchange->fields[i].name, name))
            last = exchange->fields[i].value;
    struct str rest = last;
    while (str_split(&rest, ',', &piece))
        last = piece;
    return str_trim(last);
}

static void read_forwarded(struct http_exchange *exchange)
{
    struct str trusted = exchange->server->options.trusted_proxy;
    struct http_request *request = &exchange->request;
    if (!trusted.len || !str_equal(trusted, request->peer))
        return;
    struct str client = last_of_header(exchange, STR("X-Forwarded-For"));
    struct str scheme = last_of_header(exchange, STR("X-Forwarded-Proto"));
    char *text = arena_alloc(&exchange->arena, PEER_TEXT_MAX);
    if (peer_normalise(client, text))
        request->peer = str_from_c(text);
    if (scheme.len)
        request->tls = str_equal_nocase(scheme, STR("https"));
}

static struct refusal check_rate(struct http_exchange *exchange)
{
    struct http_server *server = exchange->server;
    char key[PEER_TEXT_MAX];
    if (!server->rate)
        return fine;
    int64_t now_ms = exchange->started_us / 1000;
    int64_t wait_ms =
        rate_limit_take(server->rate, peer_network(exchange->request.peer, key), 1, now_ms);
    exchange->retry_after_ms = wait_ms;
    return wait_ms ? (struct refusal){429, "Too many requests from this address."} : fine;
}

static struct refusal find_route(struct http_exchange *exchange)
{
    struct http_request *request = &exchange->request;
    unsigned method = router_method(request->method);
    const char *wrong = target_parse(exchange->raw_target, &exchange->arena, &exchange->target);
    if (wrong)
        return (struct refusal){400, wrong};
    request->path = exchange->target.path;
    if (!method)
        return (struct refusal){501, "This method is not known here."};
    router_find(exchange->server->router, method, request->path, &exchange->match);
    request->route = exchange->match.route;
    if (request->route)
        return fine;
    if (exchange->match.allowed)
        return (struct refusal){405, "This address does not take this method."};
    return (struct refusal){404, "There is nothing at this address."};
}

static struct refusal check_body(const struct http_exchange *exchange)
{
    const struct framing *framing = &exchange->framing;
    const struct http_route *route = exchange->request.route;
    bool announced = framing->chunked || framing->has_length;
    bool any = framing->chunked || framing->length;
    switch (route->body) {
    case HTTP_BODY_NONE:
        return any ? (struct refusal){413, "This address takes no body."} : fine;
    case HTTP_BODY_WHOLE:
        break;
    case HTTP_BODY_FILE:
    case HTTP_BODY_PIECES:
        if (!announced)
            return (struct refusal){411, "Send the body with its length, or chunked."};
        break;
    }
    bool bounded = route->body != HTTP_BODY_PIECES || route->body_max_bytes;
    if (bounded && (uint64_t)framing->length > route->body_max_bytes)
        return (struct refusal){413, "The body is too large."};
    return fine;
}

static struct refusal ask_product(struct http_exchange *exchange)
{
    const struct http_handler *handler = &exchange->server->options.handler;
    int status = handler->admit ? handler->admit(handler->self, exchange) : 0;
    return status ? (struct refusal){status, "The request was refused."} : fine;
}

static struct refusal admit(struct http_exchange *exchange)
{
    read_id(exchange);
    read_forwarded(exchange);
    struct refusal refusal = check_rate(exchange);
    if (!refusal.status)
        refusal = find_route(exchange);
    if (!refusal.status)
        refusal = check_body(exchange);
    if (!refusal.status)
        refusal = ask_product(exchange);
    if (!refusal.status)
        refusal = body_begin(exchange);
    return refusal;
}

/* ---- refusing ---- */

static enum MHD_Result refuse_now(struct http_exchange *exchange, struct refusal refusal)
{
    exchange->refusal = refusal;
    if (!exchange->retry_after_ms)
        exchange->retry_after_ms = BUSY_RETRY_MS;
    exchange_refuse(exchange);
    return exchange_respond(exchange);
}

/*
 * libmicrohttpd closes the connection after an answer that comes before the body, and a client that
 * still sends would lose it; so what is small is read first. Who waits for "100 Continue" gets the
 * answer at once.
 */
static bool can_answer_later(const struct framing *framing)
{
    if (!framing->chunked && !framing->length)
        return true;
    return !framing->chunked && !framing->expects_continue && framing->length <= DROP_BYTES_MAX;
}

static int64_t body_deadline(const struct http_exchange *exchange)
{
    return monotonic_ms() + exchange->server->options.body_deadline_ms;
}

enum MHD_Result receive_head(struct http_exchange *exchange, const char *method,
                             const char *version)
{
    exchange->request.method = arena_str(&exchange->arena, str_from_c(method));
    struct refusal refusal = read_head(exchange, method, version);
    if (refusal.status)
        return refuse_now(exchange, refusal);
    if (exchange->server->closing)
        return refuse_now(exchange, (struct refusal){503, "The server is stopping."});
    refusal = admit(exchange);
    if (refusal.status && !can_answer_later(&exchange->framing))
        return refuse_now(exchange, refusal);
    exchange->refusal = refusal;
    exchange->step = refusal.status ? STEP_DROP : STEP_BODY;
    bool in_time = connection_allow_until(exchange->connection, body_deadline(exchange), true);
    return in_time ? MHD_YES : MHD_NO;
}

/* ---- the body ---- */

static enum MHD_Result drop(struct http_exchange *exchange, size_t size_bytes)
{
    exchange->body.dropped_bytes += (int64_t)size_bytes;
    if (exchange->answer.status)
        return connection_allow_until(exchange->connection, body_deadline(exchange), true) ? MHD_YES
                                                                                           : MHD_NO;
    if (exchange->body.dropped_bytes <= DROP_BYTES_MAX)
        return MHD_YES;
    connection_cut(exchange->connection, exchange->refusal.status);
    return MHD_NO;
}

static enum MHD_Result give_piece(struct http_exchange *exchange, bool last)
{
    exchange->piece_given = true;
    body_cut_piece(exchange, last);
    if (!connection_allow_until(exchange->connection, 0, false))
        return MHD_NO;
    exchange_hand_over(exchange);
    return MHD_YES;
}

static bool is_lane_full(const struct http_exchange *exchange)
{
    const struct http_server *server = exchange->server;
    enum http_lane lane = exchange->request.route->lane;
    size_t waiting = server->handed[lane].count + workers_waiting(server->lanes[lane]);
    return waiting >= server->options.queue_max;
}

enum MHD_Result receive_body(struct http_exchange *exchange, const char *bytes, size_t *size_bytes)
{
    struct str part = {bytes, *size_bytes};
    size_t taken;
    *size_bytes = 0;
    if (exchange->step != STEP_BODY)
        return drop(exchange, part.len);
    exchange->refusal = body_take(exchange, part, &taken);
    if (exchange->refusal.status) {
        exchange->step = STEP_DROP;
        return drop(exchange, part.len);
    }
    *size_bytes = part.len - taken;
    if (taken == part.len && exchange->request.route->body == HTTP_BODY_WHOLE)
        return MHD_YES;
    if (taken < part.len && !exchange->piece_given && is_lane_full(exchange)) {
        exchange->refusal = busy;
        exchange->step = STEP_DROP;
        *size_bytes = 0;
        return drop(exchange, part.len - taken);
    }
    if (taken < part.len)
        return give_piece(exchange, false);
    bool in_time = connection_allow_until(exchange->connection, body_deadline(exchange), true);
    return in_time ? MHD_YES : MHD_NO;
}

static enum MHD_Result hand_over(struct http_exchange *exchange)
{
    struct refusal refusal = body_complete(exchange);
    if (!refusal.status && !exchange->piece_given && is_lane_full(exchange))
        refusal = busy;
    if (refusal.status)
        return refuse_now(exchange, refusal);
    if (exchange->request.route->body == HTTP_BODY_PIECES)
        return give_piece(exchange, true);
    if (!connection_allow_until(exchange->connection, 0, false))
        return MHD_NO;
    exchange_hand_over(exchange);
    return MHD_YES;
}

enum MHD_Result receive_end(struct http_exchange *exchange)
{
    switch (exchange->step) {
    case STEP_HEAD:
    case STEP_AWAY:
    case STEP_DONE:
        break;
    case STEP_BODY:
        return hand_over(exchange);
    case STEP_DROP:
        return exchange->answer.status ? exchange_respond(exchange)
                                       : refuse_now(exchange, exchange->refusal);
    }
    return MHD_YES;
}
