/* The life of a request and its answer. */
#include "lib/http/exchange.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/time.h"
#include "lib/http/body.h"
#include "lib/http/peer.h"
#include "lib/http/stream_socket.h"

enum { IDLE_EXCHANGES_MAX = 1024, OWN_ID_LEN = 16 };

static int64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- begin and end, on the event thread ---- */

static struct http_exchange *take_idle(struct http_server *server)
{
    struct http_exchange *exchange = server->idle;
    if (exchange) {
        server->idle = exchange->next_idle;
        server->idle_count--;
        return exchange;
    }
    exchange = calloc(1, sizeof(*exchange));
    if (!exchange)
        abort();
    arena_init(&exchange->arena, server->options.arena_bytes_max);
    return exchange;
}

/* Unique in this process: an odd step walks through all numbers. */
static void make_id(struct http_exchange *exchange)
{
    static const char digits[] = "0123456789abcdef";
    struct http_server *server = exchange->server;
    uint64_t number = server->seed + ++server->ids_made * UINT64_C(0x9e3779b97f4a7c15);
    for (int i = 0; i < OWN_ID_LEN; i++, number >>= 4)
        exchange->id[i] = digits[number & 15];
    exchange->id[OWN_ID_LEN] = '\0';
    exchange->request.id = (struct str){exchange->id, OWN_ID_LEN};
}

struct http_exchange *exchange_begin(struct http_server *server, struct MHD_Connection *mhd,
                                     struct connection *connection, const char *target)
{
    struct http_exchange *exchange = take_idle(server);
    struct body kept = exchange->body;
    memset(exchange, 0, offsetof(struct http_exchange, arena));
    exchange->body = kept;
    exchange->server = server;
    exchange->mhd = mhd;
    exchange->connection = connection;
    exchange->request.body_fd = -1;
    exchange->request.peer = str_from_c(connection->peer);
    exchange->request.tls = connection->tls;
    exchange->answer.headers_end = &exchange->answer.headers;
    exchange->raw_target = arena_str(&exchange->arena, str_from_c(target));
    exchange->target_at = target;
    exchange->started_us = monotonic_us();
    make_id(exchange);
    server->active++;
    return exchange;
}

static bool is_head(const struct http_exchange *exchange)
{
    return str_equal(exchange->request.method, STR("HEAD"));
}

/* The status that went out in full; 0: none did. */
static int status_sent(const struct http_exchange *exchange, enum MHD_RequestTerminationCode how)
{
    if (exchange->step == STEP_DONE && exchange->stream)
        return exchange->answer.status;
    if (exchange->step == STEP_DONE)
        return how == MHD_REQUEST_TERMINATED_COMPLETED_OK ? exchange->answer.status : 0;
    int said_status = exchange->connection->said_status;
    if (said_status)
        return said_status;
    /* What libmicrohttpd refused by itself. */
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->mhd, MHD_CONNECTION_INFO_HTTP_STATUS);
    return info ? (int)info->http_status : 0;
}

static void keep_or_free(struct http_exchange *exchange)
{
    struct http_server *server = exchange->server;
    body_release(exchange);
    arena_reset(&exchange->arena);
    if (server->idle_count == IDLE_EXCHANGES_MAX) {
        exchange_free(exchange);
        return;
    }
    exchange->next_idle = server->idle;
    server->idle = exchange;
    server->idle_count++;
}

void exchange_end(struct http_exchange *exchange, enum MHD_RequestTerminationCode how)
{
    struct http_server *server = exchange->server;
    const struct http_handler *handler = &server->options.handler;
    int64_t now_us = monotonic_us();
    int status = status_sent(exchange, how);
    bool has_body = status && !is_head(exchange);
    int64_t sent_bytes = has_body ? exchange->answer.size_bytes : 0;
    connection_allow_until(exchange->connection, now_us / 1000 + server->options.idle_timeout_ms,
                           false);
    atomic_fetch_add_explicit(&server->requests, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&server->bytes_sent, (uint64_t)sent_bytes, memory_order_relaxed);
    if (handler->finished)
        handler->finished(handler->self, exchange, status, sent_bytes,
                          now_us - exchange->started_us);
    stream_free(exchange->stream);
    if (exchange->answer.response)
        MHD_destroy_response(exchange->answer.response);
    keep_or_free(exchange);
    server->active--;
}

void exchange_free(struct http_exchange *exchange)
{
    arena_finish(&exchange->arena);
    free(exchange->body.ptr);
    free(exchange);
}

/* ---- between the threads ---- */

void exchange_hand_over(struct http_exchange *exchange)
{
    struct http_server *server = exchange->server;
    exchange->step = STEP_AWAY;
    MHD_suspend_connection(exchange->mhd);
    work_list_add(&server->handed[exchange->request.route->lane], &exchange->work);
}

void exchange_run(void *server, struct work *work)
{
    struct http_exchange *exchange = (struct http_exchange *)(void *)work;
    const struct http_handler *handler = &((struct http_server *)server)->options.handler;
    if (exchange->request.route->body == HTTP_BODY_PIECES)
        handler->piece(handler->self, exchange, exchange->piece, exchange->piece_last);
    else
        handler->handle(handler->self, exchange);
}

/* The caller must not touch the exchange any more: the event thread has it. */
static void give_back(struct http_exchange *exchange, enum exchange_step step)
{
    exchange->next_step = step;
    mailbox_put(exchange->server->mailbox, &exchange->work);
}

void exchange_resume(struct http_exchange *exchange)
{
    exchange->step = exchange->next_step;
    MHD_resume_connection(exchange->mhd);
}

void http_piece_done(struct http_exchange *exchange)
{
    assert(exchange->step == STEP_AWAY && !exchange->piece_last);
    body_drop_piece(exchange);
    give_back(exchange, STEP_BODY);
}

/* ---- the answer ---- */

void http_add_header(struct http_exchange *exchange, const char *name, struct str value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] == '\r' || value.ptr[i] == '\n' || !value.ptr[i])
            abort();
    struct answer_header *header = ARENA_NEW(&exchange->arena, struct answer_header);
    header->name = arena_cstr(&exchange->arena, str_from_c(name));
    header->value = arena_cstr(&exchange->arena, value);
    *exchange->answer.headers_end = header;
    exchange->answer.headers_end = &header->next;
}

static void note_answer(struct http_exchange *exchange, int status, int64_t size_bytes)
{
    struct answer *answer = &exchange->answer;
    assert(!answer->status);
    answer->status = status;
    answer->size_bytes = size_bytes;
    if (exchange->step == STEP_AWAY)
        give_back(exchange, STEP_DROP);
}

static void answer_with(struct http_exchange *exchange, int status, const char *content_type,
                        struct MHD_Response *response, int64_t size_bytes)
{
    struct answer *answer = &exchange->answer;
    if (!response)
        abort();
    if (content_type)
        MHD_add_response_header(response, "Content-Type", content_type);
    for (const struct answer_header *each = answer->headers; each; each = each->next)
        MHD_add_response_header(response, each->name, each->value);
    answer->response = response;
    note_answer(exchange, status, size_bytes);
}

void http_answer(struct http_exchange *exchange, int status, const char *content_type,
                 struct str body)
{
    /* libmicrohttpd does not write to it; its parameter is older than const. */
    void *bytes = (void *)(uintptr_t)body.ptr;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.len, bytes, MHD_RESPMEM_PERSISTENT);
    answer_with(exchange, status, content_type, response, (int64_t)body.len);
}

void http_answer_file(struct http_exchange *exchange, int status, const char *content_type, int fd,
                      int64_t size_bytes)
{
    if (!size_bytes) {
        close(fd);
        http_answer(exchange, status, content_type, STR(""));
        return;
    }
    struct MHD_Response *response =
        MHD_create_response_from_fd_at_offset64((uint64_t)size_bytes, fd, 0);
    answer_with(exchange, status, content_type, response, size_bytes);
}

void http_answer_stream(struct http_exchange *exchange)
{
    /* Proxies that hold answers back until they are whole would hold this one for ever. */
    http_add_header(exchange, "X-Accel-Buffering", STR("no"));
    exchange->answer.is_stream = !exchange->connection->tls && !is_head(exchange);
    if (exchange->answer.is_stream)
        note_answer(exchange, 200, 0);
    else
        answer_with(exchange, 200, "text/event-stream", stream_response(exchange->stream), 0);
}

static void say_when(struct http_exchange *exchange)
{
    int64_t seconds = exchange->retry_after_ms / MS_PER_SECOND + 1;
    struct str text = arena_format(&exchange->arena, "%lld", (long long)seconds);
    http_add_header(exchange, "Retry-After", text);
}

void exchange_refuse(struct http_exchange *exchange)
{
    const struct http_handler *handler = &exchange->server->options.handler;
    int status = exchange->refusal.status;
    struct str sentence = str_from_c(exchange->refusal.sentence);
    if (status == 404 && handler->missing && handler->missing(handler->self, exchange))
        return;
    atomic_fetch_add_explicit(&exchange->server->refused, 1, memory_order_relaxed);
    if (status == 405)
        http_add_header(exchange, "Allow", router_allow(exchange->match.allowed, &exchange->arena));
    if (status == 429 || status == 503)
        say_when(exchange);
    if (handler->refuse)
        handler->refuse(handler->self, exchange, status, sentence);
    if (!exchange->answer.status)
        http_answer(exchange, status, "text/plain; charset=utf-8", sentence);
}

/* libmicrohttpd's connection ends with this, and its memory, where the request's head was. */
static enum MHD_Result begin_stream(struct http_exchange *exchange)
{
    if (!stream_take_socket(exchange))
        return MHD_NO;
    exchange->mhd = NULL;
    exchange->fields = NULL;
    exchange->field_count = 0;
    free(exchange->body.ptr);
    exchange->body = (struct body){0};
    exchange->request.body = (struct str){NULL, 0};
    exchange->step = STEP_DONE;
    return MHD_NO;
}

enum MHD_Result exchange_respond(struct http_exchange *exchange)
{
    struct answer *answer = &exchange->answer;
    if (!connection_allow_until(exchange->connection, 0, false))
        return MHD_NO;
    if (answer->is_stream)
        return begin_stream(exchange);
    if (exchange->server->closing)
        MHD_add_response_header(answer->response, "Connection", "close");
    enum MHD_Result result =
        MHD_queue_response(exchange->mhd, (unsigned)answer->status, answer->response);
    MHD_destroy_response(answer->response);
    answer->response = NULL;
    exchange->step = STEP_DONE;
    return result;
}

/* ---- what the product reads ---- */

const struct http_request *http_request(const struct http_exchange *exchange)
{
    return &exchange->request;
}

struct arena *http_arena(struct http_exchange *exchange)
{
    return &exchange->arena;
}

void http_set_state(struct http_exchange *exchange, void *state)
{
    exchange->state = state;
}

void *http_state(const struct http_exchange *exchange)
{
    return exchange->state;
}

struct str http_header(const struct http_exchange *exchange, const char *name)
{
    struct str wanted = str_from_c(name);
    for (size_t i = 0; i < exchange->field_count; i++)
        if (str_equal_nocase(exchange->fields[i].name, wanted))
            return str_trim(exchange->fields[i].value);
    return STR("");
}

struct str http_param(const struct http_exchange *exchange, const char *name)
{
    const struct http_route *route = exchange->request.route;
    int index = route ? router_param_index(route, str_from_c(name)) : -1;
    return index < 0 ? STR("") : exchange->match.params[index];
}

static bool find_cookie(struct str cookies, struct str name, struct str *ret_value)
{
    struct str cookie;
    while (str_split(&cookies, ';', &cookie)) {
        size_t end;
        cookie = str_trim(cookie);
        if (!str_find_char(cookie, '=', &end) || !str_equal(str_slice(cookie, 0, end), name))
            continue;
        *ret_value = str_slice(cookie, end + 1, cookie.len);
        return true;
    }
    return false;
}

struct str http_client(struct http_exchange *exchange)
{
    char *bytes = arena_alloc(&exchange->arena, PEER_TEXT_MAX);
    return peer_network(exchange->request.peer, bytes);
}

struct str http_cookie(const struct http_exchange *exchange, const char *name)
{
    struct str value = STR("");
    for (size_t i = 0; i < exchange->field_count; i++)
        if (str_equal_nocase(exchange->fields[i].name, STR("Cookie")) &&
            find_cookie(exchange->fields[i].value, str_from_c(name), &value))
            break;
    return value;
}

bool http_query(const struct http_exchange *exchange, const char *name, struct str *ret_value)
{
    struct str wanted = str_from_c(name), found, value;
    size_t at = 0;
    while (http_query_next(exchange, &at, &found, &value)) {
        if (!str_equal(found, wanted))
            continue;
        *ret_value = value;
        return true;
    }
    return false;
}

bool http_query_next(const struct http_exchange *exchange, size_t *at, struct str *ret_name,
                     struct str *ret_value)
{
    if (*at >= exchange->target.query_count)
        return false;
    *ret_name = exchange->target.query[*at].name;
    *ret_value = exchange->target.query[*at].value;
    (*at)++;
    return true;
}
