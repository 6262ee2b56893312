/* Statements of a connection: prepared once, found by address, run, read by column. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/db/driver.h"

enum { CACHE_FIRST_CAPACITY = 64 };

void *db_alloc(size_t size_bytes)
{
    void *memory = calloc(1, size_bytes);
    if (!memory)
        abort();
    return memory;
}

/* ---- faults ---- */

static const char *sentence_of(enum err err)
{
    if (err == ERR_CONFLICT)
        return "This contradicts what is stored: it exists already, or something depends on it.";
    if (err == ERR_STORAGE_FULL)
        return "The disk is full; nothing was changed.";
    if (err == ERR_READ_ONLY)
        return "The database cannot be written: its file, folder or disk is read-only.";
    if (err == ERR_BUSY)
        return "The database is busy; try again in a moment.";
    if (err == ERR_CORRUPT)
        return "The database is damaged, or is not one.";
    if (err == ERR_IO)
        return "The disk failed to read or write.";
    return "The database failed.";
}

enum err db_fault(struct fault *fault, enum err err, const char *where, const char *text)
{
    enum err set = fault_set(fault, err, err_info(err)->code, "%s", sentence_of(err));
    (void)set; /* it is err, which a static analysis of this file alone can follow */
    fault_add_detail(fault, "%s: %s", where, text);
    return err;
}

void db_conn_set_fault(struct db_conn *conn, struct fault *fault)
{
    conn->fault = fault;
}

bool db_conn_is_writer(const struct db_conn *conn)
{
    return conn->is_writer;
}

/* A failed statement spoils the whole job on one engine at least, so it does on all. */
static enum err keep_failure(struct db_conn *conn, enum err err)
{
    if (err != OK && conn->failed == OK)
        conn->failed = err;
    return err;
}

/* ---- the cache ---- */

static size_t slot_of(const struct statement_cache *cache, const struct query *query)
{
    uint64_t hash = (uint64_t)(uintptr_t)query * UINT64_C(0x9E3779B97F4A7C15);
    size_t at = (size_t)(hash >> 32) & (cache->capacity - 1);
    while (cache->slots[at] && cache->slots[at]->query != query)
        at = (at + 1) & (cache->capacity - 1);
    return at;
}

static void grow(struct statement_cache *cache)
{
    struct statement_cache larger = {.capacity = cache->capacity ? cache->capacity * 2
                                                                 : CACHE_FIRST_CAPACITY};
    larger.slots = db_alloc(larger.capacity * sizeof(struct db_rows *));
    larger.count = cache->count;
    for (size_t i = 0; i < cache->capacity; i++)
        if (cache->slots[i])
            larger.slots[slot_of(&larger, cache->slots[i]->query)] = cache->slots[i];
    free(cache->slots);
    *cache = larger;
}

enum err statement_find(struct db_conn *conn, const struct query *query, struct db_rows **ret_rows)
{
    struct statement_cache *cache = &conn->statements;
    if (cache->count * 2 >= cache->capacity)
        grow(cache);
    size_t at = slot_of(cache, query);
    if (!cache->slots[at]) {
        struct db_rows *rows = NULL;
        TRY(conn->db->driver->prepare(conn, query, &rows));
        cache->slots[at] = rows;
        cache->count++;
    }
    *ret_rows = cache->slots[at];
    return OK;
}

static void end_select(struct db_rows *rows)
{
    rows->conn->db->driver->reset(rows);
    rows->running = rows->on_row = false;
    rows->conn->running--;
}

void statements_reset(struct db_conn *conn)
{
    for (size_t i = 0; conn->running && i < conn->statements.capacity; i++)
        if (conn->statements.slots[i] && conn->statements.slots[i]->running)
            end_select(conn->statements.slots[i]);
}

void statements_finish(struct db_conn *conn)
{
    for (size_t i = 0; i < conn->statements.capacity; i++)
        if (conn->statements.slots[i])
            conn->db->driver->discard(conn->statements.slots[i]);
    free(conn->statements.slots);
    conn->statements = (struct statement_cache){0};
}

/* ---- running ---- */

static enum err find_and_bind(struct db_conn *conn, const struct query *query, struct db_args args,
                              bool copies, struct db_rows **ret_rows)
{
    struct db_rows *rows;
    TRY(statement_find(conn, query, &rows));
    if (rows->running)
        return db_fault(conn->fault, ERR_INTERNAL, query->name, "it is running already");
    rows->err = OK;
    rows->at_end = false;
    TRY(conn->db->driver->bind(rows, args, copies));
    *ret_rows = rows;
    return OK;
}

static enum err run(struct db_conn *conn, const struct query *query, struct db_args args,
                    int64_t *ret_changed)
{
    struct db_rows *rows;
    TRY(find_and_bind(conn, query, args, false, &rows));
    return conn->db->driver->run(rows, ret_changed);
}

enum err db_run(struct db_conn *conn, const struct query *query, struct db_args args,
                int64_t *ret_changed)
{
    return keep_failure(conn, run(conn, query, args, ret_changed));
}

static struct db_rows *stand_in(struct db_conn *conn, const struct query *query, enum err err)
{
    struct db_rows *rows = db_alloc(sizeof(*rows));
    *rows = (struct db_rows){.conn = conn, .query = query, .err = err, .is_stand_in = true};
    return rows;
}

struct db_rows *db_select(struct db_conn *conn, const struct query *query, struct db_args args)
{
    struct db_rows *rows;
    enum err err = find_and_bind(conn, query, args, true, &rows);
    if (err != OK)
        return stand_in(conn, query, err);
    rows->running = true;
    conn->running++;
    return rows;
}

bool db_rows_next(struct db_rows *rows)
{
    if (!rows->running || rows->at_end)
        return false;
    rows->conn->db->driver->step(rows);
    rows->at_end = !rows->on_row;
    rows->column_hint = 0;
    return rows->on_row;
}

enum err db_rows_close(struct db_rows *rows)
{
    enum err err = keep_failure(rows->conn, rows->err);
    if (rows->is_stand_in)
        free(rows);
    else if (rows->running)
        end_select(rows);
    return err;
}

/* ---- columns ---- */

static size_t search_column(const struct db_rows *rows, const char *column)
{
    for (size_t i = 0; i < rows->column_count; i++)
        if (strcmp(rows->columns[i], column) == 0)
            return i;
    fprintf(stderr, "The statement \"%s\" has no column %s.\n", rows->query->name, column);
    abort();
}

static size_t column_at(struct db_rows *rows, const char *column)
{
    size_t at = rows->column_hint;
    if (at >= rows->column_count || strcmp(rows->columns[at], column) != 0)
        at = search_column(rows, column);
    rows->column_hint = at + 1;
    return at;
}

int64_t db_rows_int(struct db_rows *rows, const char *column)
{
    return rows->on_row ? rows->conn->db->driver->column_int(rows, column_at(rows, column)) : 0;
}

bool db_rows_is_null(struct db_rows *rows, const char *column)
{
    return !rows->on_row || rows->conn->db->driver->column_is_null(rows, column_at(rows, column));
}

struct str db_rows_text(struct db_rows *rows, const char *column)
{
    if (!rows->on_row)
        return (struct str){NULL, 0};
    return rows->conn->db->driver->column_bytes(rows, column_at(rows, column));
}

struct str db_rows_copy(struct db_rows *rows, const char *column, struct arena *arena)
{
    return arena_str(arena, db_rows_text(rows, column));
}
