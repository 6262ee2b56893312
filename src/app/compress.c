/* Answers that are worth it travel compressed. */
#include "src/app/compress.h"

#include <string.h>

#include <zlib.h>

#include "src/app/call.h"

/* A body in one packet gains nothing. Level 1 takes some 10 ms for a megabyte, and its bytes are a
 * tenth. */
enum { WORTH_BYTES = 1400, LEVEL = 1, WINDOW_BITS = 16 + 15, MEMORY_LEVEL = 8 };

static struct str gzip(struct str body, struct arena *arena)
{
    z_stream stream = {.avail_in = (uInt)body.len, .avail_out = (uInt)body.len};
    struct str none = {NULL, 0};
    char *packed = arena_alloc(arena, body.len);
    /* zlib does not change what it reads. */
    stream.next_in = (Bytef *)(uintptr_t)body.ptr;
    stream.next_out = (Bytef *)packed;
    if (deflateInit2(&stream, LEVEL, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY))
        return none;
    int result = deflate(&stream, Z_FINISH);
    size_t len = stream.total_out;
    deflateEnd(&stream);
    return result == Z_STREAM_END ? (struct str){packed, len} : none;
}

struct str compress_answer(struct call *call, struct str body)
{
    struct http_exchange *exchange = call->request.exchange;
    if (!str_equal(http_request(exchange)->method, STR("GET")) || body.len < WORTH_BYTES ||
        body.len > UINT32_MAX)
        return body;
    http_add_header(exchange, "Vary", STR("Accept-Encoding"));
    struct str accepted = http_header(exchange, "Accept-Encoding");
    int weight = http_coding_weight(accepted, STR("gzip"));
    if (!weight || weight < http_coding_weight(accepted, STR("identity")))
        return body;
    struct str packed = gzip(body, http_arena(exchange));
    if (!packed.len || arena_failed(http_arena(exchange)))
        return body;
    http_add_header(exchange, "Content-Encoding", STR("gzip"));
    return packed;
}
