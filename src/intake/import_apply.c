/*
 * Applying: batch after batch of a file is planned here and written by a job of the writer, with
 * the place where the next one starts in the same transaction. So a crash leaves whole batches, and
 * a resumed import goes on exactly behind the last one.
 */
#include "src/intake/import_files.h"
#include "src/intake/import_run.h"
#include "src/intake/import_store.h"

#include "src/core/audit.h"
#include "src/core/limits.h"

enum { RUN_ARENA_BYTES = 1024 * 1024 * 1024, BATCH_ARENA_BYTES = 256 * 1024 * 1024 };

/* One run of one import. */
struct run {
    struct ctx *ctx;
    struct import import;
    struct arena arena; /* lives as long as the run: what it knows */
    struct references *references;
    bool keeps_orders;
    const struct import_watch *watch;
    int64_t rows_done;
    bool is_lost; /* somebody else may run it now */
};

/* One batch of one file. */
struct piece {
    struct run *run;
    struct put put;
    struct import_file after; /* the file's progress once it is written */
    const struct plan_batch *batch;
};

/* ---- writing a batch ---- */

static enum err check_goes_on(struct ctx *ctx, struct import_id id)
{
    struct import import;
    bool found;
    TRY(import_store_get(ctx, id, &import, &found));
    if (found && import.state == IMPORT_APPLYING)
        return OK;
    return CTX_FAULT(ctx, ERR_CANCELLED, "cancelled", "The import was stopped.");
}

static enum err write_tally(struct ctx *ctx, struct import_id id, const struct tally *tally)
{
    for (size_t i = 0; i < TALLY_ENTITIES; i++)
        if (tally->counts[i].entity.len)
            TRY(import_store_add_count(ctx, id, &tally->counts[i]));
    for (size_t i = 0; i < tally->skip_count; i++)
        TRY(import_store_add_skip(ctx, id, &tally->skips[i]));
    for (size_t i = 0; i < tally->bad_kept; i++)
        TRY(import_store_add_bad(ctx, id, &tally->bad[i]));
    struct import_progress_row add = {import_rows_total(&tally->rows), tally->bad_count,
                                      tally->changes};
    return import_store_progress(ctx, id, &add);
}

static size_t bad_room(const struct run *run)
{
    int64_t room = LIMIT_IMPORT_BAD_ROWS - run->import.bad_rows;
    return room > 0 ? (size_t)room : 0;
}

static enum err write_piece(struct ctx *ctx, void *arg)
{
    struct piece *piece = arg;
    struct tally tally;
    struct import_id id = piece->run->import.id;
    TRY(check_goes_on(ctx, id));
    tally_init(&tally, ctx->arena, bad_room(piece->run));
    piece->put.ctx = ctx;
    piece->put.tally = &tally;
    for (size_t i = 0; i < piece->batch->bad_count; i++)
        tally_bad(&tally, &piece->batch->bad[i]);
    for (size_t i = 0; i < piece->batch->count; i++)
        TRY(put_row(&piece->put, &piece->batch->rows[i]));
    tally_add_rows(&piece->after.outcome, &tally.rows);
    piece->after.rows_done += (int64_t)piece->batch->count;
    TRY(write_tally(ctx, id, &tally));
    TRY(import_store_file_progress(ctx, id, &piece->after));
    piece->run->import.bad_rows += tally.bad_count;
    return OK;
}

/* ---- parents ---- */

static enum err write_parents(struct ctx *ctx, void *arg)
{
    struct piece *piece = arg;
    struct tally tally;
    TRY(check_goes_on(ctx, piece->run->import.id));
    tally_init(&tally, ctx->arena, bad_room(piece->run));
    piece->put.ctx = ctx;
    piece->put.tally = &tally;
    for (size_t i = 0; i < piece->batch->count; i++) {
        const struct plan_row *row = &piece->batch->rows[i];
        piece->put.row = row;
        bool put_it = !row->refused && row->is_partner;
        for (size_t j = 0; put_it && j < row->count; j++)
            if (row->records[j].rule->make == MAKE_PARTNER)
                TRY(put_parent(&piece->put, &row->records[j]));
    }
    return write_tally(ctx, piece->run->import.id, &tally);
}

/* ---- a file ---- */

static enum err tell(struct run *run)
{
    enum err err = import_keep_lock(run->ctx, run->import.id);
    run->is_lost = err != OK;
    TRY(err);
    return import_watch_tell(run->ctx, run->watch, run->rows_done, run->import.rows);
}

/* The context of a batch: the run's, with memory of its own. */
static struct ctx batch_ctx(const struct run *run, struct arena *arena)
{
    struct ctx ctx = *run->ctx;
    ctx.arena = arena;
    ctx.now_ms = clock_now_ms(&ctx.services->clock);
    return ctx;
}

static enum err write_batch(struct run *run, ctx_work *work, struct piece *piece,
                            struct arena *arena)
{
    struct ctx ctx = batch_ctx(run, arena);
    enum err err = ctx_write(&ctx, work, piece);
    if (err != OK)
        run->ctx->fault = ctx.fault;
    return err;
}

static struct piece piece_of(struct run *run, const struct import_file *file,
                             const struct import_reading *reading, const struct plan_batch *batch)
{
    struct piece piece = {.run = run, .after = *file, .batch = batch};
    piece.put = import_put(&run->import, file, reading);
    piece.put.writes = true;
    piece.put.references = run->references;
    piece.put.keeps_orders = run->keeps_orders;
    return piece;
}

static enum err apply_next(struct run *run, const struct import_reading *reading,
                           struct import_file *file, struct arena *arena)
{
    struct plan_batch batch;
    struct plan_place place = {file->row_number, file->offset_bytes, LIMIT_IMPORT_BATCH_ROWS};
    TRY(planner_next(reading->planner, &place, arena, &batch, &run->ctx->fault));
    struct piece piece = piece_of(run, file, reading, &batch);
    piece.after.row_number = batch.row_number;
    piece.after.offset_bytes = batch.offset_bytes;
    piece.after.done = batch.end && !reading->has_parents;
    TRY(write_batch(run, write_piece, &piece, arena));
    run->rows_done += (int64_t)batch.count;
    *file = piece.after;
    file->done = batch.end;
    return tell(run);
}

static enum err apply_rows(struct run *run, const struct import_reading *reading,
                           struct import_file *file)
{
    struct arena arena;
    enum err err = OK;
    arena_init(&arena, BATCH_ARENA_BYTES);
    /* Where only the parents are missing, the rows are all there. */
    bool rows_left = file->rows_done < file->rows || !file->rows_done;
    while (rows_left && !file->done && err == OK) {
        err = apply_next(run, reading, file, &arena);
        arena_reset(&arena);
    }
    arena_finish(&arena);
    return err;
}

static enum err second_look(struct run *run, const struct import_reading *reading,
                            const struct import_file *file)
{
    struct arena arena;
    struct plan_batch batch = {.end = false};
    enum err err = OK;
    arena_init(&arena, BATCH_ARENA_BYTES);
    while (!batch.end && err == OK) {
        struct plan_place place = {batch.row_number, batch.offset_bytes, LIMIT_IMPORT_BATCH_ROWS};
        arena_reset(&arena);
        err = planner_next(reading->planner, &place, &arena, &batch, &run->ctx->fault);
        struct piece piece = piece_of(run, file, reading, &batch);
        if (err == OK)
            err = write_batch(run, write_parents, &piece, &arena);
        if (err == OK)
            err = tell(run);
    }
    arena_finish(&arena);
    return err;
}

struct finish {
    struct run *run;
    struct import_file *file;
};

static enum err write_file_end(struct ctx *ctx, void *arg)
{
    struct finish *finish = arg;
    finish->file->done = true;
    return import_store_file_progress(ctx, finish->run->import.id, finish->file);
}

struct opening {
    struct run *run;
    const struct import_file *file;
    struct import_reading *reading;
};

static enum err open_reading(struct ctx *ctx, void *arg)
{
    struct opening *opening = arg;
    return import_reading_open(ctx, &opening->run->import.choices, opening->file, opening->reading);
}

static enum err apply_file(struct run *run, struct import_file *file)
{
    struct import_reading reading;
    struct opening opening = {run, file, &reading};
    struct finish finish = {run, file};
    TRY(ctx_read(run->ctx, open_reading, &opening));
    enum err err = apply_rows(run, &reading, file);
    if (err == OK && reading.has_parents) {
        err = second_look(run, &reading, file);
        if (err == OK)
            err = ctx_write(run->ctx, write_file_end, &finish);
    }
    import_reading_close(&reading);
    return err;
}

/* ---- the run ---- */

static enum err load(struct ctx *ctx, struct import_id id, struct import *ret_import)
{
    bool found;
    TRY(import_store_get(ctx, id, ret_import, &found));
    if (!found)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "import_not_found", "There is no such import.");
    return import_store_files(ctx, ret_import);
}

static enum err begin(struct ctx *ctx, void *arg)
{
    struct run *run = arg;
    struct import import;
    TRY(load(ctx, run->import.id, &import));
    bool resumes = import.state == IMPORT_APPLYING;
    if (!resumes && !import_state_may_become(import.state, IMPORT_APPLYING))
        return CTX_FAULT(ctx, ERR_CONFLICT, "import_state", "An import that is %s is not applied.",
                         import_state_name(import.state));
    TRY(import_store_set_state(ctx, import.id, IMPORT_APPLYING, STR("")));
    TRY(import_refers_to_orders(ctx, &import, &run->keeps_orders));
    run->import = import;
    run->rows_done = import.rows_done;
    struct audit_subject subject = {"import", import.id.v, {0}};
    return resumes ? OK : audit_record(ctx, subject, "applied", NULL);
}

struct ending {
    struct run *run;
    enum import_state state;
    struct str error;
};

/* Somebody may have stopped it meanwhile: then it is as they left it. */
static enum err end(struct ctx *ctx, void *arg)
{
    struct ending *ending = arg;
    struct import import;
    TRY(load(ctx, ending->run->import.id, &import));
    if (import.state != IMPORT_APPLYING)
        return OK;
    return import_store_set_state(ctx, import.id, ending->state, ending->error);
}

/* The state says how it went; the error that stopped it stays the answer. */
static enum err settle(struct run *run, enum err err)
{
    struct ctx *ctx = run->ctx;
    struct fault fault = ctx->fault;
    struct ending ending = {.run = run, .state = IMPORT_APPLIED};
    if (run->is_lost || (err == ERR_CANCELLED && run->watch && run->watch->goes_on_later))
        return err;
    if (err != OK) {
        ending.state = err == ERR_CANCELLED ? IMPORT_CANCELLED : IMPORT_FAILED;
        ending.error = arena_str(ctx->arena, str_from_c(fault.sentence));
    }
    enum err end_err = ctx_write(ctx, end, &ending);
    if (err != OK) {
        ctx->fault = fault;
        return err;
    }
    for (size_t i = 0; i < run->import.file_count && end_err == OK; i++)
        import_drop_file(ctx, &run->import.files[i]);
    return end_err;
}

static enum err apply_files(struct run *run)
{
    enum err err = tell(run);
    for (size_t i = 0; i < run->import.file_count && err == OK; i++)
        if (!run->import.files[i].done)
            err = apply_file(run, &run->import.files[i]);
    return err;
}

enum err import_apply(struct ctx *ctx, struct import_id id, const struct import_watch *watch)
{
    int lock;
    struct run run = {.ctx = ctx, .watch = watch, .import = {.id = id}};
    TRY(import_lock(ctx, id, &lock));
    arena_init(&run.arena, RUN_ARENA_BYTES);
    run.references = references_new(&run.arena, entropy_uint64(&ctx->services->entropy));
    enum err err = ctx_write(ctx, begin, &run);
    if (err == OK)
        err = settle(&run, apply_files(&run));
    arena_finish(&run.arena);
    import_unlock(ctx, id, lock, err == OK);
    return err;
}
