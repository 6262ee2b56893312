/* All SQL of the pieces of import files. */
#include "src/intake/import_piece_store.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/db/db.h"
#include "src/core/limits.h"
#include "src/intake/intake.h"

enum { PIECE_BYTES = 1024 * 1024 };

enum { SAVE, FETCH, NEXT, DROP, SWEEP };

static const struct query queries[] = {
    [SAVE] = {"import piece save",
              "INSERT INTO import_piece (name, number, bytes, created_ms) VALUES ($1, $2, $3, $4)",
              NULL},
    [FETCH] = {"import piece fetch",
               "SELECT bytes FROM import_piece WHERE name = $1 AND number >= $2"
               " ORDER BY number LIMIT 1",
               NULL},
    [NEXT] = {"import piece next",
              "SELECT name FROM import_piece WHERE name > $1 ORDER BY name LIMIT 1", NULL},
    [DROP] = {"import piece drop", "DELETE FROM import_piece WHERE name = $1", NULL},
    /* A file's path ends with the name of its copy. */
    [SWEEP] = {"import piece sweep",
               "DELETE FROM import_piece WHERE created_ms < $1 AND NOT EXISTS"
               " (SELECT 1 FROM import_file f JOIN import i ON i.id = f.import_id"
               " WHERE f.owned = 1 AND i.state NOT IN ('applied', 'undone', 'discarded')"
               " AND SUBSTR(f.path, LENGTH(f.path) - LENGTH(import_piece.name) + 1) ="
               " import_piece.name)",
               NULL},
};
const struct query_table import_piece_queries = {"import pieces", queries, ARRAY_LEN(queries)};

bool import_pieces_are_kept(struct ctx *ctx)
{
    return db_is_shared(ctx->services->db);
}

/* ---- saving ---- */

struct piece {
    struct str name, bytes;
    int64_t number, now_ms;
};

static enum err save_piece(struct db_conn *conn, void *arg)
{
    const struct piece *piece = arg;
    return db_run(conn, &queries[SAVE],
                  DB_ARGS(db_text(piece->name), db_int(piece->number), db_bytes(piece->bytes),
                          db_int(piece->now_ms)),
                  NULL);
}

/* Up to a whole piece; less only at the end of the file. */
static bool read_piece(int fd, char *bytes, struct piece *piece)
{
    size_t len = 0;
    while (len < PIECE_BYTES) {
        ssize_t got = read(fd, bytes + len, PIECE_BYTES - len);
        if (got < 0 && errno != EINTR)
            return false;
        if (got == 0)
            break;
        len += got > 0 ? (size_t)got : 0;
    }
    piece->bytes = (struct str){bytes, len};
    return true;
}

enum err import_pieces_save(struct ctx *ctx, struct str name, int fd)
{
    struct piece piece = {.name = name, .now_ms = ctx->now_ms};
    char *bytes = arena_alloc(ctx->arena, PIECE_BYTES);
    if (lseek(fd, 0, SEEK_SET) < 0)
        return CTX_FAULT(ctx, ERR_IO, "file", "The file cannot be read.");
    do {
        if (!read_piece(fd, bytes, &piece))
            return CTX_FAULT(ctx, ERR_IO, "file", "The file cannot be read.");
        TRY(db_write(ctx->services->db, save_piece, &piece, &ctx->fault));
        piece.number++;
    } while (piece.bytes.len == PIECE_BYTES);
    return OK;
}

/* ---- fetching ---- */

static bool write_all(int fd, struct str bytes)
{
    while (bytes.len) {
        ssize_t written = write(fd, bytes.ptr, bytes.len);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            bytes = str_slice(bytes, (size_t)written, bytes.len);
    }
    return true;
}

static enum err fetch_piece(struct ctx *ctx, struct db_conn *conn, const struct piece *piece,
                            int fd, bool *ret_found)
{
    struct db_rows *rows =
        db_select(conn, &queries[FETCH], DB_ARGS(db_text(piece->name), db_int(piece->number)));
    bool found = db_rows_next(rows);
    bool written = !found || write_all(fd, db_rows_text(rows, "bytes"));
    TRY(db_rows_close(rows));
    *ret_found = found;
    return written ? OK : CTX_FAULT(ctx, ERR_IO, "file", "The file cannot be written.");
}

static enum err fetch_all(struct ctx *ctx, struct db_conn *conn, struct str name, int fd)
{
    struct piece piece = {.name = name};
    bool found = true;
    while (found) {
        TRY(fetch_piece(ctx, conn, &piece, fd, &found));
        piece.number += found;
    }
    return piece.number ? OK : CTX_FAULT(ctx, ERR_NOT_FOUND, "file_gone", "The file is gone.");
}

/* On a connection of its own: it may be asked in any transaction. */
enum err import_pieces_fetch(struct ctx *ctx, struct str name, int fd)
{
    struct db_conn *conn;
    TRY(db_reader_take(ctx->services->db, &ctx->fault, &conn));
    enum err err = fetch_all(ctx, conn, name, fd);
    db_reader_give(conn);
    return err;
}

enum err import_pieces_next(struct ctx *ctx, struct str after, struct str *ret_name)
{
    struct db_conn *conn;
    TRY(db_reader_take(ctx->services->db, &ctx->fault, &conn));
    struct db_rows *rows = db_select(conn, &queries[NEXT], DB_ARGS(db_text(after)));
    struct str name = {NULL, 0};
    if (db_rows_next(rows))
        name = db_rows_copy(rows, "name", ctx->arena);
    enum err err = db_rows_close(rows);
    db_reader_give(conn);
    TRY(err);
    *ret_name = name;
    return OK;
}

/* ---- forgetting ---- */

struct forgetting {
    struct db_job job;
    const struct query *query;
    int64_t before_ms;
    size_t name_len;
    char name[];
};

static struct forgetting *forgetting_of(struct db_job *job)
{
    return (struct forgetting *)(void *)job;
}

static enum err forget(struct db_conn *conn, struct db_job *job)
{
    struct forgetting *forgetting = forgetting_of(job);
    struct db_value value = forgetting->name_len
                                ? db_text((struct str){forgetting->name, forgetting->name_len})
                                : db_int(forgetting->before_ms);
    return db_run(conn, forgetting->query, DB_ARGS(value), NULL);
}

/* What was not forgotten is swept one day. */
static void forgotten(struct db_job *job, enum err result)
{
    (void)result;
    free(job);
}

static void submit(struct ctx *ctx, int query, struct str name)
{
    struct forgetting *forgetting = calloc(1, sizeof(*forgetting) + name.len);
    if (!forgetting)
        abort();
    forgetting->job = (struct db_job){.run = forget, .done = forgotten};
    forgetting->query = &queries[query];
    forgetting->before_ms = ctx->now_ms - MS_PER_DAY;
    forgetting->name_len = name.len;
    if (name.len)
        memcpy(forgetting->name, name.ptr, name.len);
    db_submit(ctx->services->db, &forgetting->job);
}

void import_pieces_drop(struct ctx *ctx, struct str name)
{
    submit(ctx, DROP, name);
}

void import_pieces_sweep(struct ctx *ctx)
{
    submit(ctx, SWEEP, (struct str){NULL, 0});
}
