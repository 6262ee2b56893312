/* Bodies of any length: parse a piece on a worker, commit it on the writer, keep its results, take
 * the next. Short answers stay in memory, long ones go to a file. */
#include "src/app/dispatch_pieces.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/cli/cli.h"
#include "src/core/limits.h"

enum { PIECE_ANSWER_BYTES = 32 * 1024 * 1024, KEPT_BYTES = 256 * 1024 };

/* One streamed request. */
struct piece_run {
    void *state;
    struct arena arena; /* of the piece in hand */
    struct ctx ctx;     /* the request's, with that arena */
    void *work;
    bool last;
    int spool_fd; /* -1: the answer is still short */
    int64_t spool_bytes;
};

static void release_run(void *thing)
{
    struct piece_run *run = thing;
    arena_finish(&run->arena);
    if (run->spool_fd >= 0)
        close(run->spool_fd);
}

static enum err open_spool(struct ctx *ctx, int *ret_fd)
{
    char *path = arena_cstr(ctx->arena, arena_format(ctx->arena, "%.*s/spool-XXXXXX",
                                                     STR_ARG(ctx->services->data_directory)));
    int fd = mkstemp(path);
    if (fd < 0)
        return CTX_FAULT(ctx, ERR_STORAGE_FULL, "spool",
                         "The server cannot write its temporary files.");
    unlink(path);
    *ret_fd = fd;
    return OK;
}

static enum err write_spool(struct call *call, struct str text)
{
    TRY(cli_write(call->pieces->spool_fd, text));
    call->pieces->spool_bytes += (int64_t)text.len;
    return OK;
}

/* Adds to the answer. */
static enum err keep(struct call *call, struct str text)
{
    struct piece_run *run = call->pieces;
    struct buf *kept = &call->request.answer;
    if (run->spool_fd < 0 && kept->len + text.len <= KEPT_BYTES) {
        buf_add(kept, text);
        return OK;
    }
    if (run->spool_fd < 0) {
        TRY(open_spool(&call->ctx, &run->spool_fd));
        TRY(write_spool(call, buf_str(kept)));
        buf_clear(kept);
    }
    return write_spool(call, text);
}

static bool has_answer(const struct call *call)
{
    return call->pieces && (call->pieces->spool_fd >= 0 || call->request.answer.len > 0);
}

static enum err begin(struct call *call)
{
    TRY(call_open(call));
    struct piece_run *run = ARENA_NEW(call->ctx.arena, struct piece_run);
    run->spool_fd = -1;
    arena_init(&run->arena, LIMIT_ARENA_BYTES);
    arena_on_release(call->ctx.arena, release_run, run);
    call->request.content_type = "application/x-ndjson";
    call->request.status = call->request.route->success;
    if (call->request.route->pieces->begin)
        TRY(call->request.route->pieces->begin(&call->ctx, &call->request, &run->state));
    call->pieces = run;
    return OK;
}

/* Ends the request with what the pieces answered. */
static void end(struct call *call)
{
    struct piece_run *run = call->pieces;
    struct request *request = &call->request;
    if (!has_answer(call) && call->ctx.fault.err != OK) {
        call_refuse(call);
    } else if (run->spool_fd < 0) {
        call_answer(call);
    } else {
        int fd = run->spool_fd;
        run->spool_fd = -1;
        http_add_header(request->exchange, "Cache-Control", STR("no-store"));
        http_answer_file(request->exchange, request->status, request->content_type, fd,
                         run->spool_bytes);
    }
}

static enum err render(struct call *call)
{
    struct piece_run *run = call->pieces;
    struct buf answer;
    buf_init(&answer, &run->arena, PIECE_ANSWER_BYTES);
    call->request.route->pieces->render(&run->ctx, run->state, run->work, &answer);
    if (answer.overflowed)
        return CTX_FAULT(&call->ctx, ERR_MEMORY, "answer_too_large",
                         "The results of this part are too large.");
    return keep(call, buf_str(&answer));
}

/* A piece that fails as a whole is told as the last line of the answer: earlier pieces are
 * committed and stay. */
static void fail(struct call *call)
{
    if (has_answer(call)) {
        struct json_writer writer;
        struct buf line;
        buf_init(&line, call->ctx.arena, FAULT_SENTENCE_MAX * 8);
        json_writer_init(&writer, &line);
        json_begin_object(&writer);
        json_put_str(&writer, "result", STR("stopped"));
        json_put_str(&writer, "code", str_from_c(call->ctx.fault.code));
        json_put_str(&writer, "detail", str_from_c(call->ctx.fault.sentence));
        json_end_object(&writer);
        buf_add_char(&line, '\n');
        enum err err = keep(call, buf_str(&line));
        (void)err; /* the reader sees that the last line is missing */
    }
    end(call);
}

static struct call *call_of_job(struct db_job *job)
{
    return (struct call *)(void *)((char *)job - offsetof(struct call, job));
}

static enum err run_job(struct db_conn *conn, struct db_job *job)
{
    struct call *call = call_of_job(job);
    struct piece_run *run = call->pieces;
    run->ctx.conn = conn;
    enum err err = call->request.route->pieces->apply(&run->ctx, run->state, run->work);
    run->ctx.conn = NULL;
    return err;
}

static void job_done(struct db_job *job, enum err result)
{
    struct call *call = call_of_job(job);
    struct piece_run *run = call->pieces;
    if (result != OK) {
        call->ctx.fault = run->ctx.fault;
        fail(call);
    } else if (render(call) != OK) {
        fail(call);
    } else if (run->last) {
        end(call);
    } else {
        http_piece_done(call->request.exchange);
    }
}

static void submit(struct call *call)
{
    struct piece_run *run = call->pieces;
    call->job = (struct db_job){.run = run_job,
                                .done = job_done,
                                .fault = &run->ctx.fault,
                                .weight = call->request.route->pieces->weight(run->work)};
    db_submit(call->ctx.services->db, &call->job);
}

void dispatch_piece(struct call *call, struct str bytes, bool last)
{
    if (!call->pieces && begin(call) != OK) {
        call_refuse(call);
        return;
    }
    struct piece_run *run = call->pieces;
    arena_reset(&run->arena);
    run->ctx = call->ctx;
    run->ctx.arena = &run->arena;
    run->work = NULL;
    run->last = last;
    enum err err =
        call->request.route->pieces->prepare(&run->ctx, run->state, bytes, last, &run->work);
    if (err != OK) {
        call->ctx.fault = run->ctx.fault;
        fail(call);
    } else if (run->work) {
        submit(call);
    } else if (last) {
        end(call);
    } else {
        http_piece_done(call->request.exchange);
    }
}
