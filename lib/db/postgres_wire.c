/* The PostgreSQL driver: statements on their way to the server, and answers on their way back. */
#include "lib/db/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/parse.h"

enum {
    /* Their answers, some 40 bytes each, must fit into the socket's buffers: nobody reads them
     * while more is sent. */
    PENDING_MAX = 256,
    MANY_ROWS_MAX = 2000,
    MANY_BYTES_MAX = 1024 * 1024,
    BINARY = 1,
    BIGINT_BYTES = 8
};

/* A pending entry of this name is the end of a batch, not a statement. */
static const char end_of_batch[] = "";
static const char begin_read[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/* ---- failures ---- */

static enum err fail(struct pg_conn *conn, const PGresult *result, const char *where)
{
    return pg_fail(conn->base.fault, conn->link, result, where);
}

static bool is_lost(const struct pg_conn *conn)
{
    return !conn->link || PQstatus(conn->link) != CONNECTION_OK;
}

static void keep(enum err *first, enum err err)
{
    if (*first == OK)
        *first = err;
}

static void clear_rows(struct pg_rows *rows)
{
    PQclear(rows->row);
    rows->row = NULL;
    free(rows->ahead.ptr);
    rows->ahead = (struct pg_bytes){NULL, 0, 0};
    rows->ahead_at = 0;
}

static void clear_collected(struct pg_rows *rows)
{
    for (size_t i = 0; i < rows->parameter_count; i++) {
        rows->columns[i].elements.len = 0;
        rows->columns[i].has_null = false;
    }
    rows->collected = 0;
}

void pg_forget(struct pg_conn *conn)
{
    for (size_t i = 0; i < conn->collecting_count; i++)
        clear_collected(conn->collecting[i]);
    conn->collecting_count = 0;
    conn->streaming = NULL;
    conn->pending = conn->pending_first = 0;
    conn->transaction = PG_OUTSIDE;
}

/* ---- answers ---- */

/* Reads the answer of one statement that returns no rows. Those behind a failed one are skipped by
 * the server, and are no failures of their own. */
static enum err read_answer(struct pg_conn *conn, const char *name)
{
    enum err err = OK;
    PGresult *result;
    while ((result = PQgetResult(conn->link))) {
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_FATAL_ERROR || status == PGRES_NONFATAL_ERROR)
            keep(&err, fail(conn, result, name));
        PQclear(result);
        if (status == PGRES_PIPELINE_SYNC || is_lost(conn))
            break;
        if (status == PGRES_EMPTY_QUERY)
            keep(&err, db_fault(conn->base.fault, ERR_INTERNAL, name, "it is empty"));
    }
    if (err == OK && is_lost(conn))
        err = fail(conn, NULL, name);
    return err;
}

static enum err read_end_of_batch(struct pg_conn *conn)
{
    PGresult *result = PQgetResult(conn->link);
    bool good = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    PQclear(result);
    return good ? OK : fail(conn, NULL, "end of batch");
}

static const char *pop_pending(struct pg_conn *conn)
{
    const char *name = conn->pending_names[conn->pending_first];
    conn->pending_first = (conn->pending_first + 1) % PENDING_MAX;
    conn->pending--;
    return name;
}

static enum err read_pending(struct pg_conn *conn)
{
    enum err first = OK;
    while (conn->pending) {
        const char *name = pop_pending(conn);
        keep(&first, name == end_of_batch ? read_end_of_batch(conn) : read_answer(conn, name));
        if (is_lost(conn))
            pg_forget(conn);
    }
    if (first != OK && conn->base.failed == OK)
        conn->base.failed = first;
    return first;
}

static void add_pending(struct pg_conn *conn, const char *name)
{
    conn->pending_names[(conn->pending_first + conn->pending) % PENDING_MAX] = name;
    conn->pending++;
}

/* The server answers what was sent so far. */
static enum err send_end_of_batch(struct pg_conn *conn)
{
    if (!PQpipelineSync(conn->link))
        return fail(conn, NULL, "end of batch");
    add_pending(conn, end_of_batch);
    return OK;
}

/* ---- a select whose rows come in ---- */

static void end_stream(struct pg_rows *rows)
{
    struct pg_conn *conn = pg_conn_of(rows->base.conn);
    conn->streaming = NULL;
    if (is_lost(conn)) {
        pg_forget(conn);
        return;
    }
    enum err err = read_answer(conn, rows->base.query->name);
    keep(&err, read_end_of_batch(conn));
    keep(&rows->base.err, err);
}

/* How many rows it changed; 0 for what changes none. */
static int64_t count_of(PGresult *result)
{
    int64_t count;
    return parse_int64(str_from_c(PQcmdTuples(result)), 0, INT64_MAX, &count) ? count : 0;
}

/* The next row that comes in; NULL at the end. */
static PGresult *receive(struct pg_rows *rows)
{
    struct pg_conn *conn = pg_conn_of(rows->base.conn);
    PGresult *result = PQgetResult(conn->link);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_SINGLE_TUPLE)
        return result;
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        rows->changed = count_of(result);
    else if (status != PGRES_PIPELINE_ABORTED || rows->base.err == OK)
        keep(&rows->base.err, fail(conn, result, rows->base.query->name));
    PQclear(result);
    end_stream(rows);
    return NULL;
}

/* What libpq keeps of a row is many times as large as what is in it. */
static void add_ahead(struct pg_rows *rows, const PGresult *row)
{
    for (int i = 0; i < PQnfields(row); i++) {
        uint32_t len = PQgetisnull(row, 0, i) ? UINT32_MAX : (uint32_t)PQgetlength(row, 0, i);
        pg_bytes_add(&rows->ahead, &len, sizeof(len));
        if (len != UINT32_MAX)
            pg_bytes_add(&rows->ahead, PQgetvalue(row, 0, i), len);
    }
}

/* Reads the rest of the running select into memory, for another statement wants the connection. */
static void read_ahead(struct pg_conn *conn)
{
    struct pg_rows *rows = conn->streaming;
    PGresult *row;
    while (conn->streaming && (row = receive(rows))) {
        add_ahead(rows, row);
        PQclear(row);
    }
}

static void take_ahead(struct pg_rows *rows)
{
    for (size_t i = 0; i < rows->base.column_count; i++) {
        uint32_t len;
        memcpy(&len, rows->ahead.ptr + rows->ahead_at, sizeof(len));
        rows->ahead_at += sizeof(len);
        bool is_null = len == UINT32_MAX;
        rows->cells[i] =
            (struct pg_cell){rows->ahead.ptr + rows->ahead_at, is_null ? 0 : len, is_null};
        rows->ahead_at += rows->cells[i].len;
    }
}

static void take_row(struct pg_rows *rows)
{
    for (size_t i = 0; i < rows->base.column_count; i++)
        rows->cells[i] = (struct pg_cell){PQgetvalue(rows->row, 0, (int)i),
                                          (size_t)PQgetlength(rows->row, 0, (int)i),
                                          PQgetisnull(rows->row, 0, (int)i)};
}

void pg_next(struct pg_rows *rows)
{
    PQclear(rows->row);
    rows->row = NULL;
    rows->base.on_row = rows->ahead_at < rows->ahead.len;
    if (rows->base.on_row) {
        take_ahead(rows);
        return;
    }
    if (pg_conn_of(rows->base.conn)->streaming == rows)
        rows->row = receive(rows);
    rows->base.on_row = rows->row != NULL;
    if (rows->row)
        take_row(rows);
}

void pg_stop(struct pg_rows *rows)
{
    struct pg_conn *conn = pg_conn_of(rows->base.conn);
    PGresult *row;
    while (conn->streaming == rows && (row = receive(rows)))
        PQclear(row);
    clear_rows(rows);
    rows->is_sent = false;
}

/* ---- sending ---- */

struct message {
    const char *values[PG_PARAMETERS_MAX];
    int lengths[PG_PARAMETERS_MAX], formats[PG_PARAMETERS_MAX];
};

static enum err send_message(struct pg_rows *rows, const struct message *message)
{
    struct pg_conn *conn = pg_conn_of(rows->base.conn);
    if (PQsendQueryPrepared(conn->link, rows->name, (int)rows->parameter_count, message->values,
                            message->lengths, message->formats, BINARY))
        return OK;
    return fail(conn, NULL, rows->base.query->name);
}

static enum err send_bound(struct pg_rows *rows)
{
    struct message message;
    for (size_t i = 0; i < rows->parameter_count; i++) {
        const struct pg_parameter *parameter = &rows->parameters[i];
        message.values[i] = parameter->is_null ? NULL : rows->bound.ptr + parameter->offset;
        message.lengths[i] = (int)parameter->len;
        message.formats[i] = BINARY;
    }
    return send_message(rows, &message);
}

/* An array begins with its shape: dimensions, whether any is NULL, type, length, first index. */
static void put_array(struct pg_rows *rows, size_t at, struct pg_bytes *ret_array)
{
    const struct pg_column *column = &rows->columns[at];
    pg_bytes_add_int32(ret_array, 1);
    pg_bytes_add_int32(ret_array, column->has_null);
    pg_bytes_add_int32(ret_array, pg_element_type(rows->parameters[at].type));
    pg_bytes_add_int32(ret_array, (uint32_t)rows->collected);
    pg_bytes_add_int32(ret_array, 1);
    pg_bytes_add(ret_array, column->elements.ptr, column->elements.len);
}

/* Reads the answers to all that was sent. */
static enum err settle_sent(struct pg_conn *conn)
{
    if (conn->streaming)
        read_ahead(conn);
    if (!conn->pending)
        return OK;
    if (!is_lost(conn))
        TRY(send_end_of_batch(conn));
    return read_pending(conn);
}

/* Makes room for one more that nobody waits for, and for the end of its batch. */
static enum err make_room(struct pg_conn *conn)
{
    if (conn->streaming)
        read_ahead(conn);
    return conn->pending < PENDING_MAX - 4 ? OK : settle_sent(conn);
}

static enum err send_later(struct pg_rows *rows)
{
    struct pg_conn *conn = pg_conn_of(rows->base.conn);
    TRY(make_room(conn));
    TRY(send_bound(rows));
    add_pending(conn, rows->base.query->name);
    return OK;
}

static enum err send_arrays(struct pg_rows *rows)
{
    rows->bound.len = 0;
    for (size_t i = 0; i < rows->parameter_count; i++) {
        struct pg_parameter *parameter = &rows->parameters[i];
        parameter->is_null = false;
        parameter->offset = rows->bound.len;
        put_array(rows, i, &rows->bound);
        parameter->len = rows->bound.len - parameter->offset;
    }
    clear_collected(rows);
    return send_later(rows);
}

static enum err send_collected(struct pg_conn *conn)
{
    size_t count = conn->collecting_count;
    conn->collecting_count = 0;
    for (size_t i = 0; i < count; i++)
        TRY(send_arrays(conn->collecting[i]));
    return OK;
}

enum err pg_settle(struct pg_conn *conn)
{
    TRY(send_collected(conn));
    return settle_sent(conn);
}

enum err pg_send_words(struct pg_conn *conn, const char *sql)
{
    TRY(send_collected(conn));
    TRY(make_room(conn));
    if (!PQsendQueryParams(conn->link, sql, 0, NULL, NULL, NULL, NULL, BINARY))
        return fail(conn, NULL, sql);
    add_pending(conn, sql);
    return OK;
}

enum err pg_flush_words(struct pg_conn *conn)
{
    return send_end_of_batch(conn);
}

enum err pg_send_later(struct pg_rows *rows)
{
    TRY(send_collected(pg_conn_of(rows->base.conn)));
    return send_later(rows);
}

/* The result of one that returns rows, read whole. */
static enum err receive_whole(struct pg_conn *conn, const char *sql, PGresult **ret_result)
{
    PGresult *result = PQgetResult(conn->link);
    ExecStatusType status = PQresultStatus(result);
    enum err err = status == PGRES_TUPLES_OK ? OK : fail(conn, result, sql);
    if (!is_lost(conn))
        keep(&err, read_answer(conn, sql));
    if (!is_lost(conn))
        keep(&err, read_end_of_batch(conn));
    if (err == OK)
        *ret_result = result;
    else
        PQclear(result);
    return err;
}

enum err pg_exchange(struct pg_conn *conn, const char *sql, PGresult **ret_result)
{
    TRY(send_collected(conn));
    TRY(make_room(conn));
    if (!PQsendQueryParams(conn->link, sql, 0, NULL, NULL, NULL, NULL, BINARY) ||
        !PQpipelineSync(conn->link))
        return fail(conn, NULL, sql);
    enum err err = read_pending(conn);
    if (is_lost(conn))
        return err != OK ? err : fail(conn, NULL, sql);
    enum err received = receive_whole(conn, sql, ret_result);
    return err != OK ? err : received;
}

/* A reading transaction begins with its first statement, in the same message. */
static enum err send_begin(struct pg_conn *conn)
{
    if (conn->transaction != PG_BEGIN_PENDING)
        return OK;
    TRY(pg_send_words(conn, begin_read));
    conn->transaction = PG_INSIDE;
    return OK;
}

static enum err send_and_wait(struct pg_rows *rows)
{
    struct pg_conn *conn = pg_conn_of(rows->base.conn);
    TRY(pg_prepare_again(rows));
    TRY(send_collected(conn));
    TRY(make_room(conn));
    TRY(send_begin(conn));
    TRY(send_bound(rows));
    if (!PQpipelineSync(conn->link))
        return fail(conn, NULL, rows->base.query->name);
    rows->changed = 0;
    enum err err = read_pending(conn);
    if (is_lost(conn))
        return err != OK ? err : fail(conn, NULL, rows->base.query->name);
    rows->base.err = err;
    conn->streaming = rows;
    PQsetSingleRowMode(conn->link);
    return OK;
}

/* A reader whose connection was lost while it was idle takes another. */
enum err pg_start(struct pg_rows *rows)
{
    struct pg_conn *conn = pg_conn_of(rows->base.conn);
    bool is_first = conn->transaction == PG_BEGIN_PENDING;
    struct fault *fault = conn->base.fault;
    struct fault ignored;
    rows->is_sent = true;
    if (is_first)
        conn->base.fault = &ignored;
    enum err err = send_and_wait(rows);
    conn->base.fault = fault;
    if (!is_first || err == OK)
        return err;
    if (!is_lost(conn))
        return send_and_wait(rows);
    TRY(pg_revive(conn));
    conn->base.failed = OK;
    conn->transaction = PG_BEGIN_PENDING;
    return send_and_wait(rows);
}

/* ---- collecting ---- */

static size_t collected_bytes(const struct pg_rows *rows)
{
    size_t bytes = 0;
    for (size_t i = 0; i < rows->parameter_count; i++)
        bytes += rows->columns[i].elements.len;
    return bytes;
}

static bool put_element(struct pg_column *column, Oid type, const struct db_value *value)
{
    struct pg_bytes *elements = &column->elements;
    size_t length_at = elements->len;
    pg_bytes_add_int32(elements, UINT32_MAX);
    if (value->type == DB_NULL) {
        column->has_null = true;
        return true;
    }
    if (!pg_put_value(elements, type, value))
        return false;
    struct pg_bytes length = {elements->ptr, length_at, elements->capacity};
    pg_bytes_add_int32(&length, (uint32_t)(elements->len - length_at - sizeof(uint32_t)));
    return true;
}

enum err pg_collect(struct pg_rows *rows, struct db_args args)
{
    struct pg_conn *conn = pg_conn_of(rows->base.conn);
    TRY(pg_prepare_again(rows));
    if (!rows->collected && conn->collecting_count == PG_COLLECTING_MAX)
        TRY(send_collected(conn));
    for (size_t i = 0; i < rows->parameter_count; i++) {
        Oid type = pg_element_type(rows->parameters[i].type);
        if (!put_element(&rows->columns[i], type, &args.values[i])) {
            clear_collected(rows);
            return db_fault(conn->base.fault, ERR_INTERNAL, rows->base.query->name,
                            "an argument has the wrong type");
        }
    }
    if (!rows->collected)
        conn->collecting[conn->collecting_count++] = rows;
    rows->collected++;
    if (rows->collected < MANY_ROWS_MAX && collected_bytes(rows) < MANY_BYTES_MAX)
        return OK;
    return send_collected(conn);
}

/* ---- preparing ---- */

static const char *text_of(const struct query *query)
{
    return query->postgres ? query->postgres : query->sql;
}

static enum err describe(struct pg_conn *conn, const char *name, const char *text,
                         const char *query_name, PGresult **ret_description)
{
    if (!PQsendPrepare(conn->link, name, text, 0, NULL) ||
        !PQsendDescribePrepared(conn->link, name) || !PQpipelineSync(conn->link))
        return fail(conn, NULL, query_name);
    enum err err = read_pending(conn);
    keep(&err, read_answer(conn, query_name));
    if (is_lost(conn))
        return err;
    PGresult *description = PQgetResult(conn->link);
    if (description)
        PQclear(PQgetResult(conn->link)); /* the NULL behind it */
    keep(&err, read_end_of_batch(conn));
    if (err == OK)
        *ret_description = description;
    else
        PQclear(description);
    return err;
}

static enum err wrong(struct pg_conn *conn, const struct query *query, const char *why)
{
    return db_fault(conn->base.fault, ERR_INTERNAL, query->name, why);
}

static enum err read_columns(struct pg_rows *rows, const PGresult *description)
{
    struct db_rows *base = &rows->base;
    base->column_count = (size_t)PQnfields(description);
    base->columns = db_alloc((base->column_count + 1) * sizeof(char *));
    rows->column_types = db_alloc((base->column_count + 1) * sizeof(Oid));
    rows->cells = db_alloc((base->column_count + 1) * sizeof(struct pg_cell));
    for (size_t i = 0; i < base->column_count; i++) {
        base->columns[i] = strdup(PQfname(description, (int)i));
        rows->column_types[i] = PQftype(description, (int)i);
        if (!base->columns[i])
            abort();
        if (!pg_is_readable(rows->column_types[i]))
            return wrong(pg_conn_of(base->conn), base->query,
                         "a column is neither number nor text");
    }
    return OK;
}

static enum err read_parameters(struct pg_rows *rows, const PGresult *description)
{
    struct pg_conn *conn = pg_conn_of(rows->base.conn);
    rows->parameter_count = (size_t)PQnparams(description);
    if (rows->parameter_count > PG_PARAMETERS_MAX)
        return wrong(conn, rows->base.query, "it has too many parameters");
    size_t arrays = 0;
    for (size_t i = 0; i < rows->parameter_count; i++) {
        rows->parameters[i].type = PQparamtype(description, (int)i);
        arrays += pg_element_type(rows->parameters[i].type) != 0;
    }
    if (arrays && arrays != rows->parameter_count)
        return wrong(conn, rows->base.query, "some of its parameters are arrays, and some are not");
    rows->is_many = arrays > 0;
    if (rows->is_many)
        rows->columns = db_alloc((rows->parameter_count + 1) * sizeof(struct pg_column));
    return OK;
}

enum err pg_prepare(struct db_conn *base, const struct query *query, struct db_rows **ret_rows)
{
    struct pg_conn *conn = pg_conn_of(base);
    struct pg_rows *rows = db_alloc(sizeof(*rows));
    PGresult *description = NULL;
    rows->base.conn = base;
    rows->base.query = query;
    rows->session = conn->session;
    snprintf(rows->name, sizeof(rows->name), "s%u", conn->next_name++);
    if (conn->streaming)
        read_ahead(conn);
    enum err err = describe(conn, rows->name, text_of(query), query->name, &description);
    if (err == OK)
        err = read_columns(rows, description);
    if (err == OK)
        err = read_parameters(rows, description);
    PQclear(description);
    if (err == OK)
        *ret_rows = &rows->base;
    else
        pg_discard(&rows->base);
    return err;
}

enum err pg_prepare_again(struct pg_rows *rows)
{
    struct pg_conn *conn = pg_conn_of(rows->base.conn);
    const struct query *query = rows->base.query;
    PGresult *description = NULL;
    if (rows->session == conn->session)
        return OK;
    if (conn->streaming)
        read_ahead(conn);
    TRY(describe(conn, rows->name, text_of(query), query->name, &description));
    PQclear(description);
    rows->session = conn->session;
    return OK;
}

void pg_discard(struct db_rows *base)
{
    struct pg_rows *rows = pg_rows_of(base);
    clear_rows(rows);
    for (size_t i = 0; i < base->column_count; i++)
        free((char *)(uintptr_t)base->columns[i]);
    for (size_t i = 0; rows->columns && i < rows->parameter_count; i++)
        free(rows->columns[i].elements.ptr);
    free(base->columns);
    free(rows->column_types);
    free(rows->columns);
    free(rows->cells);
    free(rows->bound.ptr);
    free(rows);
}
