/* The sample channel: files that are built into the program, compressed with gzip. */
#include "src/app/sample.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "lib/cli/cli.h"

/* Of sample_data.S. */
extern const char sample_resellers[], sample_resellers_end[];
extern const char sample_products[], sample_products_end[];
extern const char sample_sales[], sample_sales_end[];

enum { SAMPLE_FILES = 3, CHUNK_BYTES = 256 * 1024, GZIP_WINDOW_BITS = 16 + 15 };

struct sample_file {
    struct str name, packed;
    bool has_days; /* of orders, in the second column */
};

struct sample {
    struct import import;
    struct import_file files[SAMPLE_FILES];
};

static enum err damaged(struct ctx *ctx)
{
    return CTX_FAULT(ctx, ERR_CORRUPT, "sample", "The sample in this program is damaged.");
}

static enum err inflate_all(struct ctx *ctx, z_stream *stream, int fd)
{
    char *chunk = arena_alloc(ctx->arena, CHUNK_BYTES);
    int result = Z_OK;
    while (result == Z_OK) {
        stream->next_out = (Bytef *)chunk;
        stream->avail_out = CHUNK_BYTES;
        result = inflate(stream, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END)
            return damaged(ctx);
        if (cli_write(fd, (struct str){chunk, CHUNK_BYTES - stream->avail_out}) != OK)
            return CTX_FAULT(ctx, ERR_STORAGE_FULL, "sample",
                             "The data directory has no room for the sample.");
    }
    return OK;
}

static enum err unpack(struct ctx *ctx, struct str packed, int fd)
{
    z_stream stream = {.avail_in = (uInt)packed.len};
    /* zlib does not change what it reads, and has no const for it without ZLIB_CONST. */
    stream.next_in = (Bytef *)(uintptr_t)packed.ptr;
    if (inflateInit2(&stream, GZIP_WINDOW_BITS) != Z_OK)
        return damaged(ctx);
    enum err err = inflate_all(ctx, &stream, fd);
    inflateEnd(&stream);
    return err;
}

/* The day of the last order in the file, and how long a day is written. */
static const struct civil last_order = {2020, 5, 31};
enum { DAY_LEN = 10 };

/* Overwrites the day that stands in the second cell of a line; one that is none, such as the
 * header's, stays. */
static void move_day(char *line, size_t len, int32_t days, struct buf *scratch)
{
    const char *comma = memchr(line, ',', len);
    size_t at = comma ? (size_t)(comma - line) + 1 : len;
    struct day day;
    if (len - at < DAY_LEN || !day_parse((struct str){line + at, DAY_LEN}, &day))
        return;
    buf_clear(scratch);
    day_render((struct day){day.v + days}, scratch);
    memcpy(line + at, buf_str(scratch).ptr, DAY_LEN);
}

static void move_days(struct ctx *ctx, char *text, size_t len, int32_t days)
{
    struct buf scratch;
    buf_init(&scratch, ctx->arena, DAY_LEN);
    while (len) {
        const char *end = memchr(text, '\n', len);
        size_t line = end ? (size_t)(end - text) + 1 : len;
        move_day(text, line, days, &scratch);
        text += line;
        len -= line;
    }
}

/* A channel whose last order was years ago shows nothing of what a report is for, so all orders
 * move by the same number of days and the last one was yesterday. */
static enum err bring_up_to_date(struct ctx *ctx, int fd)
{
    struct stat stat;
    int32_t yesterday = (int32_t)(ctx->now_ms / MS_PER_DAY) - 1;
    int32_t days = yesterday - day_from_civil(last_order).v;
    if (fstat(fd, &stat))
        return damaged(ctx);
    size_t len = (size_t)stat.st_size;
    char *text = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (text == MAP_FAILED)
        return CTX_FAULT(ctx, ERR_IO, "sample", "The sample cannot be prepared.");
    move_days(ctx, text, len, days);
    munmap(text, len);
    return OK;
}

/* Into an unnamed file, of which the import keeps its copy. */
static enum err keep(struct ctx *ctx, const struct sample_file *packed, struct import_file *file)
{
    struct str name =
        arena_format(ctx->arena, "%.*s/sample.XXXXXX", STR_ARG(ctx->services->data_directory));
    char *path = arena_cstr(ctx->arena, name);
    int fd = mkstemp(path);
    if (fd < 0)
        return CTX_FAULT(ctx, ERR_IO, "sample", "The data directory cannot be written.");
    unlink(path);
    enum err err = unpack(ctx, packed->packed, fd);
    if (err == OK && packed->has_days)
        err = bring_up_to_date(ctx, fd);
    if (err == OK)
        err = import_keep_file(ctx, fd, file);
    close(fd);
    return err;
}

static enum err examine(struct ctx *ctx, void *arg)
{
    struct sample *sample = arg;
    const struct sample_file all[SAMPLE_FILES] = {
        {STR("resellers.csv"),
         {sample_resellers, (size_t)(sample_resellers_end - sample_resellers)},
         false},
        {STR("products.csv"),
         {sample_products, (size_t)(sample_products_end - sample_products)},
         false},
        {STR("reseller_sales.csv"),
         {sample_sales, (size_t)(sample_sales_end - sample_sales)},
         true},
    };
    for (size_t i = 0; i < SAMPLE_FILES; i++) {
        struct import_file *file = &sample->files[i];
        file->name = all[i].name;
        TRY(keep(ctx, &all[i], file));
        TRY(import_file_examine(ctx, &sample->import.choices, (struct str){NULL, 0}, file));
    }
    return OK;
}

static enum err create(struct ctx *ctx, void *arg)
{
    struct sample *sample = arg;
    return import_create(ctx, &sample->import);
}

static enum err reload(struct ctx *ctx, void *arg)
{
    struct import *import = arg;
    return import_get(ctx, import->id, import);
}

enum err sample_load(struct ctx *ctx, const struct import_watch *watch, struct import *ret_import)
{
    struct sample *sample = ARENA_NEW(ctx->arena, struct sample);
    sample->import.files = sample->files;
    sample->import.file_count = SAMPLE_FILES;
    TRY(ctx_read(ctx, examine, sample));
    TRY(ctx_write(ctx, create, sample));
    TRY(import_apply(ctx, sample->import.id, watch));
    TRY(ctx_read(ctx, reload, &sample->import));
    *ret_import = sample->import;
    return OK;
}
