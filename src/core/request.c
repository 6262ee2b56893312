/* Answers: JSON, problems, versions. */
#include "src/core/request.h"

#include "lib/base/parse.h"
#include "src/core/limits.h"

enum err request_version(struct ctx *ctx, struct request *request, int64_t *ret_version)
{
    struct str tag = http_header(request->exchange, "If-Match");
    if (!tag.len)
        return CTX_FAULT(ctx, ERR_NO_VERSION, "version_missing",
                         "Send If-Match with the ETag of the version that you changed.");
    if (tag.len < 3 || tag.ptr[0] != '"' || tag.ptr[tag.len - 1] != '"' ||
        !parse_int64(str_slice(tag, 1, tag.len - 1), 1, INT64_MAX, ret_version))
        return CTX_FAULT(ctx, ERR_INVALID, "version_invalid",
                         "If-Match must be an ETag such as \"7\".");
    return OK;
}

static struct responded answered(struct request *request, int status, const char *content_type)
{
    request->status = status;
    request->content_type = content_type;
    return (struct responded){OK};
}

struct responded respond_json(struct ctx *ctx, struct request *request, int status)
{
    if (request->answer.overflowed || arena_failed(ctx->arena)) {
        enum err err = CTX_FAULT(ctx, ERR_MEMORY, "answer_too_large",
                                 "The answer is too large; ask for fewer rows.");
        (void)err;
        return respond_fault(ctx, request);
    }
    return answered(request, status, "application/json");
}

struct responded respond_versioned(struct ctx *ctx, struct request *request, int status,
                                   int64_t version)
{
    request->version = version;
    return respond_json(ctx, request, status);
}

struct responded respond_empty(struct ctx *ctx, struct request *request)
{
    (void)ctx;
    buf_clear(&request->answer);
    return answered(request, 204, NULL);
}

struct responded respond_text(struct ctx *ctx, struct request *request, int status,
                              const char *content_type, struct str text)
{
    (void)ctx;
    buf_clear(&request->answer);
    request->text = text;
    return answered(request, status, content_type);
}

struct responded respond_stream(struct request *request, struct http_stream *stream,
                                void (*ended)(void *state), void *state)
{
    request->stream = stream;
    request->stream_ended = ended;
    request->stream_state = state;
    return answered(request, 200, "text/event-stream");
}

static void put_c_unless_empty(struct json_writer *writer, const char *key, const char *text)
{
    if (text[0])
        json_put_str(writer, key, str_from_c(text));
}

struct responded respond_fault(struct ctx *ctx, struct request *request)
{
    const struct fault *fault = &ctx->fault;
    const struct err_info *info = err_info(fault->err == OK ? ERR_INTERNAL : fault->err);
    buf_clear(&request->answer);
    json_writer_init(&request->json, &request->answer);
    struct json_writer *writer = &request->json;
    json_begin_object(writer);
    json_put_str(writer, "type", STR("about:blank"));
    json_put_str(writer, "title", str_from_c(info->title));
    json_put_int(writer, "status", info->http_status);
    json_put_str(writer, "code", str_from_c(fault->code ? fault->code : info->code));
    json_put_str(writer, "detail", str_from_c(fault->sentence[0] ? fault->sentence : info->title));
    put_c_unless_empty(writer, "field", fault->field);
    put_c_unless_empty(writer, "column", fault->column);
    if (fault->row)
        json_put_int(writer, "row", fault->row);
    json_put_str(writer, "request_id", ctx->request_id);
    json_end_object(writer);
    request->version = 0;
    request->text = (struct str){NULL, 0};
    answered(request, info->http_status, "application/problem+json");
    return (struct responded){fault->err == OK ? ERR_INTERNAL : fault->err};
}

struct responded respond_or_fault(struct ctx *ctx, struct request *request, enum err err,
                                  int status)
{
    return err == OK ? respond_json(ctx, request, status) : respond_fault(ctx, request);
}

void respond_list_begin(struct request *request)
{
    json_begin_object(&request->json);
    json_key(&request->json, "items");
    json_begin_array(&request->json);
}

void respond_list_end(struct request *request, struct str next_cursor)
{
    json_end_array(&request->json);
    json_put_str_or_null(&request->json, "next", next_cursor);
    json_end_object(&request->json);
}
