/*
 * The life of one request. On a worker: who is it, may it, what does it ask. Then the route's code
 * in a read snapshot, or on the writer in a savepoint; a write is answered after its commit.
 */
#include "src/app/dispatch.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/db/db.h"
#include "lib/json/json.h"
#include "src/account/account.h"
#include "src/app/compress.h"
#include "src/app/dispatch_pieces.h"
#include "src/app/idempotency.h"
#include "src/app/page.h"
#include "src/app/routes.h"
#include "src/core/limits.h"

enum { QUERY_FIELDS_MAX = 64 };

struct dispatch {
    const struct services *services;
    const struct log *log;
    struct http_route *routes;
    size_t route_count;
    atomic_uint_fast64_t by_class[6];
    atomic_uint_fast64_t duration_us;
};

static const struct schema no_fields = {NULL, NULL, NULL, 0};

static struct call *call_of_job(struct db_job *job)
{
    return (struct call *)(void *)((char *)job - offsetof(struct call, job));
}

void call_answer(struct call *call)
{
    struct request *request = &call->request;
    struct http_exchange *exchange = request->exchange;
    if (request->version) {
        struct str tag = arena_format(call->ctx.arena, "\"%lld\"", (long long)request->version);
        http_add_header(exchange, "ETag", tag);
    }
    if (request->status == 401)
        http_add_header(exchange, "WWW-Authenticate", STR("Bearer"));
    http_add_header(exchange, "Cache-Control", STR("no-store"));
    http_add_header(exchange, "X-Content-Type-Options", STR("nosniff"));
    /* Data is no page: it runs nothing, and no other site embeds it. */
    http_add_header(exchange, "Content-Security-Policy",
                    STR("default-src 'none'; frame-ancestors 'none'"));
    http_add_header(exchange, "Cross-Origin-Resource-Policy", STR("same-origin"));
    if (request->stream) {
        http_answer_stream(exchange);
        return;
    }
    struct str body = request->text.len ? request->text : buf_str(&request->answer);
    http_answer(exchange, request->status, request->content_type, compress_answer(call, body));
}

void call_refuse(struct call *call)
{
    respond_fault(&call->ctx, &call->request);
    call_answer(call);
}

/* ---- who, and may it ---- */

/*
 * A browser sends the cookie by itself, so a change without a token must come from our own page:
 * SameSite keeps other sites out, and this refuses what slips through (a sister subdomain, an old
 * browser). Signing in too: nobody is to work in an account that another site chose.
 */
static enum err check_origin(struct call *call, const struct credential *credential)
{
    const struct http_exchange *exchange = call->request.exchange;
    const char *method = call->request.route->method;
    if (credential->token.len || strcmp(method, "GET") == 0)
        return OK;
    struct str site = http_header(exchange, "Sec-Fetch-Site");
    struct str origin = http_header(exchange, "Origin");
    size_t scheme_end;
    bool same = !site.len || str_equal(site, STR("same-origin")) || str_equal(site, STR("none"));
    if (same && origin.len)
        same =
            str_find(origin, STR("://"), &scheme_end) &&
            str_equal(str_slice(origin, scheme_end + 3, origin.len), http_header(exchange, "Host"));
    return same ? OK
                : CTX_FAULT(&call->ctx, ERR_FORBIDDEN, "cross_site",
                            "This change came from another site and was refused.");
}

static enum err check_rights(struct call *call)
{
    const struct route *route = call->request.route;
    const struct actor *actor = &call->ctx.actor;
    if (!(route->roles & (unsigned)actor->role)) {
        if (actor->role == ROLE_PUBLIC)
            return CTX_FAULT(&call->ctx, ERR_UNAUTHENTICATED, "sign_in", "Sign in first.");
        return CTX_FAULT(&call->ctx, ERR_FORBIDDEN, "role", "The role %s may not do this.",
                         role_name(actor->role));
    }
    if (actor->role != ROLE_PUBLIC && ((unsigned)route->scope & ~actor->scopes))
        return CTX_FAULT(&call->ctx, ERR_FORBIDDEN, "scope", "This token needs the scope %s.",
                         scope_name(route->scope));
    return OK;
}

static enum err guard(struct call *call)
{
    struct credential credential = credential_read(call->request.exchange);
    enum err err = account_authenticate(&call->ctx, &credential, &call->ctx.actor);
    /* A dead cookie must not keep anybody from signing in again. */
    if (err == ERR_UNAUTHENTICATED && (call->request.route->roles & ROLE_PUBLIC)) {
        fault_clear(&call->ctx.fault);
        call->ctx.actor = (struct actor){.role = ROLE_PUBLIC};
        return check_origin(call, &credential);
    }
    TRY(err);
    TRY(check_rights(call));
    return check_origin(call, &credential);
}

/* ---- what it asks ---- */

static enum err read_query(struct call *call)
{
    const struct route *route = call->request.route;
    struct str names[QUERY_FIELDS_MAX], values[QUERY_FIELDS_MAX];
    size_t at = 0, count = 0;
    while (count < QUERY_FIELDS_MAX &&
           http_query_next(call->request.exchange, &at, &names[count], &values[count]))
        count++;
    struct form_texts given = {names, values, count};
    return form_from_texts(&call->ctx, route->query ? route->query : &no_fields, &given,
                           &call->request.query);
}

static enum err check_json_type(struct call *call)
{
    struct str type = http_header(call->request.exchange, "Content-Type");
    size_t end = type.len;
    str_find_char(type, ';', &end);
    if (str_equal_nocase(str_trim(str_slice(type, 0, end)), STR("application/json")))
        return OK;
    return CTX_FAULT(&call->ctx, ERR_UNSUPPORTED, "media_type",
                     "Send the body as application/json.");
}

static enum err read_body(struct call *call)
{
    const struct schema *schema = call->request.route->body;
    if (!schema || call->request.route->pieces)
        return OK;
    TRY(check_json_type(call));
    struct json_doc *doc;
    TRY(json_parse(http_request(call->request.exchange)->body, &doc, &call->ctx.fault));
    enum err err = form_from_json(&call->ctx, schema, json_root(doc), &call->request.body);
    json_doc_free(doc);
    return err;
}

/* ---- the route's code ---- */

static enum err work_prepare(struct ctx *ctx, void *arg)
{
    struct request *request = arg;
    return request->route->prepare(ctx, request);
}

static enum err run_handler(struct call *call)
{
    struct responded responded = call->request.route->handle(&call->ctx, &call->request);
    return responded.private_err;
}

static enum err work_read(struct ctx *ctx, void *arg)
{
    (void)ctx;
    return run_handler(arg);
}

/* On the writer. A failure rolls the savepoint back; its answer is made already. */
static enum err run_job(struct db_conn *conn, struct db_job *job)
{
    struct call *call = call_of_job(job);
    bool replayed = false;
    call->ctx.conn = conn;
    enum err err = idempotency_find(call, &replayed);
    if (err != OK)
        respond_fault(&call->ctx, &call->request);
    else if (!replayed)
        err = run_handler(call);
    if (err == OK && !replayed)
        err = idempotency_save(call);
    call->ctx.conn = NULL;
    call->answered = true;
    return err;
}

static void job_done(struct db_job *job, enum err result)
{
    struct call *call = call_of_job(job);
    bool commit_failed = result != OK && call->request.status < 400;
    if (commit_failed || !call->answered)
        respond_fault(&call->ctx, &call->request);
    call_answer(call);
}

static void submit(struct call *call)
{
    const struct route *route = call->request.route;
    call->job.run = run_job;
    call->job.done = job_done;
    call->job.fault = &call->ctx.fault;
    call->job.weight = route->weight ? route->weight(&call->request) : 1;
    db_submit(call->ctx.services->db, &call->job);
}

static void run_rest(struct call *call)
{
    const struct route *route = call->request.route;
    enum err err = OK;
    switch (route->access) {
    case ACCESS_WRITE:
        submit(call);
        return;
    case ACCESS_READ:
        err = ctx_read(&call->ctx, work_read, call);
        break;
    case ACCESS_NONE:
        err = run_handler(call);
        break;
    }
    if (err != OK && !call->request.status)
        respond_fault(&call->ctx, &call->request);
    call_answer(call);
}

static void resume(void *call)
{
    run_rest(call);
}

static void run_route(struct call *call)
{
    const struct route *route = call->request.route;
    enum err err = OK;
    if (route->prepare)
        err = ctx_read(&call->ctx, work_prepare, &call->request);
    if (err != OK)
        call_refuse(call);
    else if (route->ask)
        route->ask(&call->ctx, &call->request, resume, call);
    else
        run_rest(call);
}

/* ---- lib/http's side ---- */

struct call *call_new(struct dispatch *dispatch, struct http_exchange *exchange)
{
    struct arena *arena = http_arena(exchange);
    const struct http_request *http = http_request(exchange);
    struct call *call = ARENA_NEW(arena, struct call);
    ctx_init(&call->ctx, dispatch->services, arena);
    call->ctx.request_id = http->id;
    call->request.exchange = exchange;
    call->request.route = http->route ? http->route->row : NULL;
    buf_init(&call->request.answer, arena, LIMIT_ANSWER_BYTES);
    json_writer_init(&call->request.json, &call->request.answer);
    http_set_state(exchange, call);
    return call;
}

enum err call_open(struct call *call)
{
    TRY(guard(call));
    TRY(read_query(call));
    return read_body(call);
}

static void handle(void *self, struct http_exchange *exchange)
{
    struct call *call = call_new(self, exchange);
    if (call_open(call) != OK || idempotency_read(call) != OK)
        call_refuse(call);
    else
        run_route(call);
}

static void piece(void *self, struct http_exchange *exchange, struct str bytes, bool last)
{
    struct call *call = http_state(exchange);
    dispatch_piece(call ? call : call_new(self, exchange), bytes, last);
}

/* lib/http refused by itself: the same kind of body as ours. */
static void refuse(void *self, struct http_exchange *exchange, int status, struct str sentence)
{
    struct call *call = call_new(self, exchange);
    respond_status(&call->ctx, &call->request, status, sentence);
    call_answer(call);
}

static bool missing(void *self, struct http_exchange *exchange)
{
    (void)self;
    return page_answer(exchange);
}

static void finished(void *self, struct http_exchange *exchange, int status, int64_t sent_bytes,
                     int64_t duration_us)
{
    struct dispatch *dispatch = self;
    const struct http_request *http = http_request(exchange);
    const struct call *call = http_state(exchange);
    struct str actor = call ? call->ctx.actor.name : (struct str){NULL, 0};
    if (call && call->request.stream)
        call->request.stream_ended(call->request.stream_state);
    const char *detail = call ? call->ctx.fault.detail : "";
    atomic_fetch_add(&dispatch->by_class[status / 100 < 6 ? status / 100 : 5], 1);
    atomic_fetch_add(&dispatch->duration_us, (uint64_t)duration_us);
    /* What has no call is a file of the page. */
    enum log_level level = status >= 500 ? LOG_ERROR : call ? LOG_INFO : LOG_DEBUG;
    LOG(dispatch->log, level, "request", LOG_TEXT("id", http->id), LOG_TEXT("method", http->method),
        LOG_TEXT("path", http->path), LOG_NUMBER("status", status), LOG_NUMBER("bytes", sent_bytes),
        LOG_NUMBER("duration_us", duration_us), LOG_TEXT("peer", http->peer),
        LOG_TEXT("actor", actor), LOG_TEXT("detail", str_from_c(detail)));
}

static void fill_route(struct http_route *http, const struct route *route)
{
    size_t max = route->body_max_bytes ? route->body_max_bytes : LIMIT_BODY_BYTES;
    enum http_body body = route->body && !route->pieces ? HTTP_BODY_WHOLE : route->raw_body;
    *http = (struct http_route){
        .method = route->method,
        .path = route->path,
        .body = body,
        .lane = route->lane,
        .body_max_bytes = body == HTTP_BODY_NONE || body == HTTP_BODY_PIECES ? 0 : max,
        .row = route,
    };
}

struct dispatch *dispatch_new(const struct services *services, const struct log *log)
{
    struct dispatch *dispatch = calloc(1, sizeof(*dispatch));
    size_t count = route_count();
    struct http_route *routes = calloc(count, sizeof(*routes));
    if (!dispatch || !routes)
        abort();
    *dispatch =
        (struct dispatch){.services = services, .log = log, .routes = routes, .route_count = count};
    for (size_t i = 0; i < count; i++)
        fill_route(&routes[i], route_at(i));
    return dispatch;
}

void dispatch_free(struct dispatch *dispatch)
{
    if (dispatch)
        free(dispatch->routes);
    free(dispatch);
}

const struct http_route *dispatch_routes(const struct dispatch *dispatch, size_t *ret_count)
{
    *ret_count = dispatch->route_count;
    return dispatch->routes;
}

struct http_handler dispatch_handler(struct dispatch *dispatch)
{
    return (struct http_handler){.self = dispatch,
                                 .handle = handle,
                                 .piece = piece,
                                 .missing = missing,
                                 .refuse = refuse,
                                 .finished = finished};
}

void dispatch_counts(struct dispatch *dispatch, struct dispatch_counts *ret_counts)
{
    for (size_t i = 0; i < ARRAY_LEN(ret_counts->by_class); i++)
        ret_counts->by_class[i] = atomic_load(&dispatch->by_class[i]);
    ret_counts->duration_us = atomic_load(&dispatch->duration_us);
}
