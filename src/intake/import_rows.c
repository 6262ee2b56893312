/* The first rows of a file, for people who decide what its columns mean. */
#include "src/intake/import_files.h"
#include "src/intake/plan.h"
#include "src/intake/tally.h"

#include <unistd.h>

#include "lib/csv/csv.h"
#include "src/core/limits.h"

static void copy_row(struct ctx *ctx, const struct csv_row *row, struct import_row *ret_row)
{
    *ret_row = (struct import_row){row->number, ARENA_ARRAY(ctx->arena, struct str, row->count),
                                   row->count};
    for (size_t i = 0; i < row->count; i++)
        ret_row->cells[i] = arena_str(ctx->arena, tally_shown(row->cells[i]));
}

/* Rows that cannot be read are left out. */
static enum err read_rows(struct ctx *ctx, struct csv_reader *reader, struct import_row *rows,
                          size_t *ret_count)
{
    const struct csv_row *row;
    size_t count = 0;
    for (int tries = 0; tries < 2 * LIMIT_IMPORT_ROWS_SHOWN; tries++) {
        enum err err = csv_next(reader, &row, &ctx->fault);
        if (plan_is_unreadable(err)) {
            fault_clear(&ctx->fault);
            continue;
        }
        TRY(err);
        if (!row || count == LIMIT_IMPORT_ROWS_SHOWN)
            break;
        copy_row(ctx, row, &rows[count++]);
    }
    *ret_count = count;
    return OK;
}

enum err import_first_rows(struct ctx *ctx, const struct import_file *file,
                           struct import_row **ret_rows, size_t *ret_count)
{
    static const struct csv_limits limits = {LIMIT_CSV_COLUMNS, LIMIT_CSV_CELL_BYTES,
                                             LIMIT_CSV_ROW_BYTES};
    struct csv_reader *reader = NULL;
    int fd;
    enum err err = file->owned ? import_files_open(ctx, file, &fd) : ERR_NOT_FOUND;
    if (err == ERR_NOT_FOUND)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "file_gone", "The file is not kept here any more.");
    TRY(err);
    *ret_rows = ARENA_ARRAY(ctx->arena, struct import_row, LIMIT_IMPORT_ROWS_SHOWN);
    err = csv_open(fd, &limits, &reader, &ctx->fault);
    if (err == OK)
        err = read_rows(ctx, reader, *ret_rows, ret_count);
    csv_close(reader);
    close(fd);
    return err;
}
