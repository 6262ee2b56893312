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

/* application/problem+json out of the context's fault, under this status and title. */
static void answer_problem(struct ctx *ctx, struct request *request, int status, const char *title)
{
    const struct fault *fault = &ctx->fault;
    struct json_writer *writer = &request->json;
    const char *code = fault->code ? fault->code : err_info(fault->err)->code;
    buf_clear(&request->answer);
    json_writer_init(writer, &request->answer);
    json_begin_object(writer);
    json_put_str(writer, "type", STR("about:blank"));
    json_put_str(writer, "title", str_from_c(title));
    json_put_int(writer, "status", status);
    json_put_str(writer, "code", str_from_c(code));
    json_put_str(writer, "detail", str_from_c(fault->sentence[0] ? fault->sentence : title));
    put_c_unless_empty(writer, "field", fault->field);
    put_c_unless_empty(writer, "column", fault->column);
    if (fault->row)
        json_put_int(writer, "row", fault->row);
    json_put_str(writer, "request_id", ctx->request_id);
    json_end_object(writer);
    request->version = 0;
    request->text = (struct str){NULL, 0};
    answered(request, status, "application/problem+json");
}

struct responded respond_fault(struct ctx *ctx, struct request *request)
{
    enum err err = ctx->fault.err == OK ? ERR_INTERNAL : ctx->fault.err;
    answer_problem(ctx, request, err_info(err)->http_status, err_info(err)->title);
    return (struct responded){err};
}

/* What lib/http refuses by itself, before any error of ours. */
static const char *title_of(int status)
{
    switch (status) {
    case 404:
        return "Not found";
    case 405:
        return "Method not allowed";
    case 408:
        return "Too slow";
    case 411:
        return "Length missing";
    case 413:
        return "Too large";
    case 414:
        return "Address too long";
    case 417:
        return "Expectation not met";
    case 429:
        return "Too many requests";
    case 431:
        return "Headers too large";
    case 501:
        return "Not implemented";
    case 503:
        return "Busy";
    case 505:
        return "HTTP version not supported";
    }
    return status < 500 ? "The request is malformed" : "Internal error";
}

struct responded respond_status(struct ctx *ctx, struct request *request, int status,
                                struct str sentence)
{
    enum err err = CTX_FAULT(ctx, ERR_INVALID, "http", "%.*s", STR_ARG(sentence));
    answer_problem(ctx, request, status, title_of(status));
    return (struct responded){err};
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
