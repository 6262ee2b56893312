/* Keeps the answers of writes that carry an Idempotency-Key. */
#include "src/app/idempotency.h"

#include <string.h>

#include "src/app/idempotency_store.h"

enum { KEY_BYTES_MAX = 128, ANSWER_BYTES_MAX = 256 * 1024 };

static bool key_is_good(struct str key)
{
    for (size_t i = 0; i < key.len; i++)
        if (key.ptr[i] <= ' ' || key.ptr[i] > '~')
            return false;
    return key.len <= KEY_BYTES_MAX;
}

/* Method, path, query and body, apart: a path holds no NUL. */
static void digest_request(const struct http_exchange *exchange, uint8_t ret_digest[DIGEST_BYTES])
{
    const struct http_request *http = http_request(exchange);
    struct str name, value, end = {"", 1};
    struct digest digest;
    size_t at = 0;
    digest_init(&digest);
    digest_update(&digest, http->method);
    digest_update(&digest, http->path);
    digest_update(&digest, end);
    while (http_query_next(exchange, &at, &name, &value)) {
        digest_update(&digest, name);
        digest_update(&digest, STR("="));
        digest_update(&digest, value);
        digest_update(&digest, STR("&"));
    }
    digest_update(&digest, end);
    digest_update(&digest, http->body);
    digest_final(&digest, ret_digest);
}

enum err idempotency_read(struct call *call)
{
    struct str key = http_header(call->request.exchange, "Idempotency-Key");
    if (!key.len || call->request.route->access != ACCESS_WRITE)
        return OK;
    if (call->request.route->holds_secret)
        return CTX_FAULT(&call->ctx, ERR_INVALID, "idempotency_key",
                         "This call takes no Idempotency-Key: what it answers is never kept.");
    /* The digest cannot hold a file: another file would get the answer of the first. */
    if (call->request.route->raw_body != HTTP_BODY_NONE)
        return CTX_FAULT(&call->ctx, ERR_INVALID, "idempotency_key",
                         "An upload of a file takes no Idempotency-Key.");
    if (!key_is_good(key))
        return CTX_FAULT(&call->ctx, ERR_INVALID, "idempotency_key",
                         "Idempotency-Key takes up to %d visible ASCII characters.", KEY_BYTES_MAX);
    digest_request(call->request.exchange, call->request_digest);
    call->idempotency_key = key;
    return OK;
}

enum err idempotency_find(struct call *call, bool *ret_replayed)
{
    *ret_replayed = false;
    if (!call->idempotency_key.len)
        return OK;
    struct idempotency_row row;
    bool found;
    TRY(idempotency_store_find(&call->ctx, call->idempotency_key, &row, &found));
    if (!found)
        return OK;
    if (row.digest.len != DIGEST_BYTES ||
        memcmp(row.digest.ptr, call->request_digest, DIGEST_BYTES) != 0)
        return CTX_FAULT(&call->ctx, ERR_CONFLICT, "idempotency_reused",
                         "This Idempotency-Key was used for another request.");
    if (!row.answer.len && row.status != 204)
        return CTX_FAULT(&call->ctx, ERR_CONFLICT, "idempotency_answer",
                         "This was done by an earlier call with this key; its answer was too long "
                         "to be kept. Read what it changed.");
    http_add_header(call->request.exchange, "Idempotency-Replayed", STR("true"));
    call->request.text = row.answer;
    call->request.version = row.version;
    call->request.status = (int)row.status;
    call->request.content_type = row.answer.len ? "application/json" : NULL;
    *ret_replayed = true;
    return OK;
}

enum err idempotency_save(struct call *call)
{
    if (!call->idempotency_key.len)
        return OK;
    struct request *request = &call->request;
    struct str answer = buf_str(&request->answer);
    if (answer.len > ANSWER_BYTES_MAX) /* a repeated call is told so */
        answer = (struct str){NULL, 0};
    struct idempotency_row row = {
        .digest = {(const char *)call->request_digest, DIGEST_BYTES},
        .status = request->status,
        .version = request->version,
        .answer = answer,
    };
    return idempotency_store_save(&call->ctx, call->idempotency_key, &row);
}
