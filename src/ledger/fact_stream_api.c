/* POST /api/v1/facts: what the three forms of its body have in common, and how each is answered. */
#include "src/ledger/fact_stream_api.h"

#include "src/core/limits.h"
#include "src/ledger/fact_stream.h"

/* One request. */
struct stream {
    struct request *request;
    bool is_document; /* JSON; else lines */
    bool is_array;
    struct buf document; /* what came of it before the last piece */
    int64_t lines;
    struct fact_references references;
};

static void release_stream(void *thing)
{
    struct stream *stream = thing;
    fact_references_finish(&stream->references);
}

static struct str media_type(const struct request *request)
{
    struct str type = http_header(request->exchange, "Content-Type");
    size_t end = type.len;
    str_find_char(type, ';', &end);
    return str_trim(str_slice(type, 0, end));
}

static enum err begin(struct ctx *ctx, struct request *request, void **ret_state)
{
    struct stream *stream = ARENA_NEW(ctx->arena, struct stream);
    struct str type = media_type(request);
    stream->request = request;
    stream->is_document = str_equal_nocase(type, STR("application/json"));
    if (!stream->is_document && !str_equal_nocase(type, STR("application/x-ndjson")) &&
        !str_equal_nocase(type, STR("application/jsonl")))
        return CTX_FAULT(ctx, ERR_UNSUPPORTED, "media_type",
                         "Send facts as application/json or application/x-ndjson.");
    buf_init(&stream->document, ctx->arena, LIMIT_FACTS_BODY_BYTES);
    fact_references_init(&stream->references);
    arena_on_release(ctx->arena, release_stream, stream);
    *ret_state = stream;
    return OK;
}

/* ---- reading ---- */

/* A piece that does not end its last line is one line that is longer than any fact. */
static enum err read_lines(struct ctx *ctx, struct stream *stream, struct str piece, bool last,
                           struct fact_rows *rows)
{
    if (!last && piece.len && piece.ptr[piece.len - 1] != '\n')
        return CTX_FAULT(ctx, ERR_TOO_LARGE, "line_too_long",
                         "Line %lld is longer than %d bytes; a fact is not.",
                         (long long)stream->lines + 1, LIMIT_FACT_LINE_BYTES);
    return fact_rows_of_lines(ctx, &stream->references, piece, rows, &stream->lines);
}

static enum err keep_piece(struct ctx *ctx, struct stream *stream, struct str piece)
{
    buf_add(&stream->document, piece);
    if (!stream->document.overflowed)
        return OK;
    return CTX_FAULT(ctx, ERR_TOO_LARGE, "body_too_large",
                     "The document is too large; send facts as application/x-ndjson, one a line.");
}

static enum err read_document(struct ctx *ctx, struct stream *stream, struct str piece,
                              struct fact_rows *rows)
{
    struct str text = piece;
    if (stream->document.len) {
        TRY(keep_piece(ctx, stream, piece));
        text = buf_str(&stream->document);
    }
    return fact_rows_of_json(ctx, &stream->references, text, rows, &stream->is_array);
}

static bool is_single(const struct stream *stream)
{
    return stream->is_document && !stream->is_array;
}

static enum err prepare(struct ctx *ctx, void *state, struct str piece, bool last, void **ret_work)
{
    struct stream *stream = state;
    if (stream->is_document && !last)
        return keep_piece(ctx, stream, piece);
    struct fact_rows *rows = ARENA_NEW(ctx->arena, struct fact_rows);
    TRY(stream->is_document ? read_document(ctx, stream, piece, rows)
                            : read_lines(ctx, stream, piece, last, rows));
    TRY(fact_rows_resolve(ctx, &stream->references, rows));
    if (is_single(stream) && rows->rows[0].refusal.code)
        return fact_row_fail(ctx, &rows->rows[0]);
    *ret_work = rows->count || stream->is_document ? rows : NULL;
    return OK;
}

/* ---- recording and answering ---- */

static enum err check_single(struct ctx *ctx, const struct fact_row *row)
{
    if (row->refusal.code)
        return fact_row_fail(ctx, row);
    if (row->outcome.result != FACT_DIFFERS)
        return OK;
    return CTX_FAULT_FIELD(ctx, ERR_CONFLICT, "fact_differs", "external_id",
                           "This source and external id were recorded with another content, as"
                           " %.*s.",
                           STR_ARG(fact_id_text(row->outcome.id, ctx->arena)));
}

static enum err apply(struct ctx *ctx, void *state, void *work)
{
    struct fact_rows *rows = work;
    TRY(fact_rows_record(ctx, rows));
    return is_single(state) ? check_single(ctx, &rows->rows[0]) : OK;
}

static uint32_t weight(const void *work)
{
    const struct fact_rows *rows = work;
    return (uint32_t)rows->count;
}

static void render_lines(const struct fact_rows *rows, struct buf *answer)
{
    for (size_t i = 0; i < rows->count; i++) {
        struct json_writer writer;
        json_writer_init(&writer, answer);
        fact_row_render(&rows->rows[i], &writer);
        buf_add_char(answer, '\n');
    }
}

static void render_array(const struct fact_rows *rows, struct buf *answer)
{
    struct json_writer writer;
    json_writer_init(&writer, answer);
    json_begin_object(&writer);
    json_key(&writer, "items");
    json_begin_array(&writer);
    for (size_t i = 0; i < rows->count; i++)
        fact_row_render(&rows->rows[i], &writer);
    json_end_array(&writer);
    json_end_object(&writer);
}

static void render(struct ctx *ctx, void *state, void *work, struct buf *answer)
{
    struct stream *stream = state;
    const struct fact_rows *rows = work;
    struct json_writer writer;
    (void)ctx;
    if (!stream->is_document) {
        render_lines(rows, answer);
        return;
    }
    stream->request->content_type = "application/json";
    if (stream->is_array) {
        render_array(rows, answer);
        return;
    }
    if (rows->rows[0].outcome.result == FACT_RECORDED)
        stream->request->status = 201;
    json_writer_init(&writer, answer);
    fact_row_render(&rows->rows[0], &writer);
}

const struct piece_handler fact_stream = {
    .begin = begin, .prepare = prepare, .apply = apply, .weight = weight, .render = render};
