/* Gives a file its mapping: one that is known, or a proposal. */
#include "src/intake/import_recognise.h"
#include "src/intake/import_files.h"
#include "src/intake/plan.h"
#include "src/intake/recognise.h"

#include <dirent.h>

#include "src/core/limits.h"

enum { SAVED_MAX = 200, NAME_BYTES_MAX = 60 };

/* ---- saved mappings ---- */

/* A file that cannot be read is passed over. */
static void read_saved(struct ctx *ctx, struct str directory, const char *name,
                       struct str saved[SAVED_MAX], size_t *count)
{
    struct str path = arena_format(ctx->arena, "%.*s/%s", STR_ARG(directory), name);
    if (!str_ends_with(path, STR(".json")))
        return;
    if (import_files_read(ctx, path, LIMIT_MAPPING_BYTES, &saved[*count]) == OK)
        ++*count;
    else
        fault_clear(&ctx->fault);
}

static size_t read_all_saved(struct ctx *ctx, struct str saved[SAVED_MAX])
{
    size_t count = 0;
    struct dirent *entry;
    struct str path =
        arena_format(ctx->arena, "%.*s/mappings", STR_ARG(ctx->services->data_directory));
    DIR *directory = opendir(arena_cstr(ctx->arena, path));
    if (!directory)
        return 0;
    while (count < SAVED_MAX && (entry = readdir(directory)))
        read_saved(ctx, path, entry->d_name, saved, &count);
    closedir(directory);
    return count;
}

/* ---- samples ---- */

static const struct str *copy_cells(struct arena *arena, const struct csv_row *row)
{
    struct str *cells = ARENA_ARRAY(arena, struct str, row->count);
    for (size_t i = 0; i < row->count; i++)
        cells[i] = arena_str(arena, row->cells[i]);
    return cells;
}

/* The first rows that can be read. */
static enum err read_samples(struct ctx *ctx, struct csv_reader *reader,
                             struct recognise_file *seen)
{
    const struct csv_row *row;
    const struct str **rows = ARENA_ARRAY(ctx->arena, const struct str *, RECOGNISE_ROWS);
    seen->rows = rows;
    for (int tries = 0; tries < RECOGNISE_ROWS; tries++) {
        enum err err = csv_next(reader, &row, &ctx->fault);
        if (plan_is_unreadable(err))
            continue;
        TRY(err);
        if (!row)
            break;
        rows[seen->row_count++] = copy_cells(ctx->arena, row);
    }
    fault_clear(&ctx->fault);
    return csv_seek(reader, csv_header(reader)->offset_bytes, 0, &ctx->fault);
}

/* "orders 2024.csv" gives "orders 2024". */
static struct str name_of(const struct import_file *file)
{
    size_t dot;
    struct str name = file->name;
    if (str_find_char(name, '.', &dot) && dot > 0)
        name = str_slice(name, 0, dot);
    return str_slice(name, 0, NAME_BYTES_MAX);
}

enum err import_recognise(struct ctx *ctx, struct csv_reader *reader, struct import_file *file)
{
    const struct csv_row *header = csv_header(reader);
    struct recognise_file seen = {.names = header->cells, .name_count = header->count};
    struct str *saved = ARENA_ARRAY(ctx->arena, struct str, SAVED_MAX);
    struct str json = {NULL, 0};
    TRY(read_samples(ctx, reader, &seen));
    size_t saved_count = read_all_saved(ctx, saved);
    file->proposed = !recognise_known(&seen, saved, saved_count, ctx->arena, &json);
    if (file->proposed)
        json = recognise_propose(&seen, name_of(file), ctx->arena);
    if (!json.len)
        file->skeleton_json = recognise_skeleton(&seen, name_of(file), ctx->arena);
    file->mapping_json = json;
    return OK;
}
