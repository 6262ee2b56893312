/* A preview: every row goes through the code that would apply it, on a read snapshot. */
#include "src/intake/import_run.h"

#include "src/core/limits.h"

enum { RUN_ARENA_BYTES = 1024 * 1024 * 1024, BATCH_ARENA_BYTES = 256 * 1024 * 1024 };

struct preview {
    struct ctx *ctx;
    struct import *import;
    const struct import_watch *watch;
    struct arena arena;
    struct references *references;
    struct tally tally; /* of all files; its bad rows are in the context's arena */
    bool keeps_orders;
    int64_t rows_done;
};

static enum err look_at_batch(struct preview *preview, struct put *put,
                              const struct plan_batch *batch)
{
    for (size_t i = 0; i < batch->bad_count; i++)
        tally_bad(&preview->tally, &batch->bad[i]);
    for (size_t i = 0; i < batch->count; i++)
        TRY(put_row(put, &batch->rows[i]));
    preview->rows_done += (int64_t)batch->count;
    return import_watch_tell(preview->ctx, preview->watch, preview->rows_done,
                             preview->import->rows);
}

static enum err look_at_rows(struct preview *preview, const struct import_reading *reading,
                             struct put *put)
{
    struct arena arena;
    struct plan_batch batch = {.end = false};
    struct ctx ctx = *preview->ctx;
    enum err err = OK;
    arena_init(&arena, BATCH_ARENA_BYTES);
    ctx.arena = &arena;
    put->ctx = &ctx;
    while (!batch.end && err == OK) {
        struct plan_place place = {batch.row_number, batch.offset_bytes, LIMIT_IMPORT_BATCH_ROWS};
        arena_reset(&arena);
        err = planner_next(reading->planner, &place, &arena, &batch, &ctx.fault);
        if (err == OK)
            err = look_at_batch(preview, put, &batch);
    }
    if (err != OK && ctx.fault.err != OK)
        preview->ctx->fault = ctx.fault;
    put->ctx = NULL;
    arena_finish(&arena);
    return err;
}

static enum err look_at_file(struct preview *preview, struct import_file *file)
{
    struct import_reading reading;
    struct import_rows before = preview->tally.rows;
    TRY(import_reading_open(preview->ctx, &preview->import->choices, file, &reading));
    struct put put = import_put(preview->import, file, &reading);
    put.references = preview->references;
    put.keeps_orders = preview->keeps_orders;
    put.tally = &preview->tally;
    enum err err = look_at_rows(preview, &reading, &put);
    import_reading_close(&reading);
    const struct import_rows *after = &preview->tally.rows;
    file->outcome = (struct import_rows){
        after->created - before.created,       after->updated - before.updated,
        after->unchanged - before.unchanged,   after->skipped - before.skipped,
        after->unassigned - before.unassigned, after->refused - before.refused,
    };
    return err;
}

static void fill_counts(struct import *import, struct arena *arena, const struct tally *tally)
{
    import->counts = ARENA_ARRAY(arena, struct import_count, TALLY_ENTITIES);
    import->count_count = 0;
    for (size_t i = 0; i < TALLY_ENTITIES; i++)
        if (tally->counts[i].entity.len)
            import->counts[import->count_count++] = tally->counts[i];
    import->skips = ARENA_ARRAY(arena, struct import_skip, TALLY_SKIPS);
    import->skip_count = tally->skip_count;
    memcpy(import->skips, tally->skips, tally->skip_count * sizeof(*tally->skips));
    import->first_bad = tally->bad;
    import->first_bad_count = tally->bad_kept;
    import->bad_rows = tally->bad_count;
    import->changes = tally->changes;
    import->outcome = tally->rows;
}

enum err import_preview(struct ctx *ctx, struct import *import, const struct import_watch *watch)
{
    struct preview preview = {.ctx = ctx, .import = import, .watch = watch};
    enum err err = import_refers_to_orders(ctx, import, &preview.keeps_orders);
    tally_init(&preview.tally, ctx->arena, LIMIT_IMPORT_PREVIEW_BAD);
    arena_init(&preview.arena, RUN_ARENA_BYTES);
    preview.references = references_new(&preview.arena, entropy_uint64(&ctx->services->entropy));
    for (size_t i = 0; i < import->file_count && err == OK; i++)
        err = look_at_file(&preview, &import->files[i]);
    arena_finish(&preview.arena);
    if (err == OK)
        fill_counts(import, ctx->arena, &preview.tally);
    return err;
}
