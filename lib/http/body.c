/* Memory grows with what really came, never with what was announced. */
#include "lib/http/body.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GROW_FIRST_BYTES = 4096 };

static const struct refusal fine = {0, NULL};
static const struct refusal too_large = {413, "The body is too large."};
static const struct refusal no_room = {503, "The server has no room for the body now."};

static struct refusal open_spool(struct http_exchange *exchange)
{
    struct str directory = str_from_c(exchange->server->options.spool_directory);
    struct str name = arena_format(&exchange->arena, "%.*s/body-XXXXXX", STR_ARG(directory));
    char *path = arena_cstr(&exchange->arena, name);
    int fd = mkstemp(path);
    if (fd < 0)
        return no_room;
    unlink(path);
    exchange->request.body_fd = fd;
    return fine;
}

struct refusal body_begin(struct http_exchange *exchange)
{
    return exchange->request.route->body == HTTP_BODY_FILE ? open_spool(exchange) : fine;
}

static bool grow(struct body *body, size_t needed, size_t max)
{
    if (needed <= body->cap)
        return true;
    size_t cap = body->cap ? body->cap : GROW_FIRST_BYTES;
    while (cap < needed)
        cap *= 2;
    if (cap > max)
        cap = max;
    char *ptr = realloc(body->ptr, cap);
    if (!ptr)
        return false;
    body->ptr = ptr;
    body->cap = cap;
    return true;
}

static struct refusal take_whole(struct http_exchange *exchange, struct str bytes)
{
    struct body *body = &exchange->body;
    size_t max = exchange->request.route->body_max_bytes;
    if (bytes.len > max - body->len)
        return too_large;
    if (!grow(body, body->len + bytes.len, max))
        return no_room;
    memcpy(body->ptr + body->len, bytes.ptr, bytes.len);
    body->len += bytes.len;
    return fine;
}

static struct refusal take_into_file(struct http_exchange *exchange, struct str bytes)
{
    int64_t room = (int64_t)exchange->request.route->body_max_bytes - exchange->body.received_bytes;
    if ((int64_t)bytes.len > room)
        return too_large;
    while (bytes.len) {
        ssize_t written = write(exchange->request.body_fd, bytes.ptr, bytes.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return no_room;
        bytes = str_slice(bytes, (size_t)written, bytes.len);
    }
    return fine;
}

static struct refusal take_into_piece(struct http_exchange *exchange, struct str bytes,
                                      size_t *ret_taken)
{
    struct body *body = &exchange->body;
    size_t max = exchange->server->options.piece_bytes;
    if (bytes.len > max - body->len)
        bytes.len = max - body->len;
    if (!grow(body, body->len + bytes.len, max))
        return no_room;
    if (bytes.len)
        memcpy(body->ptr + body->len, bytes.ptr, bytes.len);
    body->len += bytes.len;
    *ret_taken = bytes.len;
    return fine;
}

struct refusal body_take(struct http_exchange *exchange, struct str bytes, size_t *ret_taken)
{
    struct refusal refusal = too_large;
    *ret_taken = bytes.len;
    switch (exchange->request.route->body) {
    case HTTP_BODY_NONE:
        break;
    case HTTP_BODY_WHOLE:
        refusal = take_whole(exchange, bytes);
        break;
    case HTTP_BODY_FILE:
        refusal = take_into_file(exchange, bytes);
        break;
    case HTTP_BODY_PIECES:
        refusal = take_into_piece(exchange, bytes, ret_taken);
        break;
    }
    exchange->body.received_bytes += (int64_t)*ret_taken;
    return refusal;
}

struct refusal body_complete(struct http_exchange *exchange)
{
    struct http_request *request = &exchange->request;
    exchange->body.complete = true;
    request->body_bytes = exchange->body.received_bytes;
    if (request->route->body == HTTP_BODY_WHOLE)
        request->body = (struct str){exchange->body.ptr, exchange->body.len};
    if (request->route->body == HTTP_BODY_FILE && lseek(request->body_fd, 0, SEEK_SET) < 0)
        return no_room;
    return fine;
}

void body_cut_piece(struct http_exchange *exchange, bool last)
{
    size_t end = exchange->body.len;
    if (!last) {
        while (end && exchange->body.ptr[end - 1] != '\n')
            end--;
        if (!end)
            end = exchange->body.len;
    }
    exchange->piece = (struct str){exchange->body.ptr, end};
    exchange->piece_last = last;
}

void body_drop_piece(struct http_exchange *exchange)
{
    struct body *body = &exchange->body;
    body->len -= exchange->piece.len;
    if (body->len)
        memmove(body->ptr, body->ptr + exchange->piece.len, body->len);
    exchange->piece = (struct str){NULL, 0};
}

void body_release(struct http_exchange *exchange)
{
    struct body *body = &exchange->body;
    if (body->cap > BODY_KEEP_BYTES) {
        free(body->ptr);
        *body = (struct body){0};
    } else {
        *body = (struct body){.ptr = body->ptr, .cap = body->cap};
    }
    if (exchange->request.body_fd >= 0)
        close(exchange->request.body_fd);
    exchange->request.body_fd = -1;
}
