/* Copies of databases: claiming the target, moving rows in pieces, comparing, finishing. */
#include "lib/db/copy.h"

#include <stdlib.h>
#include <sys/random.h>

#include "lib/db/copy_tables.h"

enum {
    PIECE_ROWS = 20000,
    PIECE_BYTES = 8 * 1024 * 1024,
    TELL_ROWS = 1000,
    LATER_MAX = 10000 /* statements that are put off */
};

enum {
    HAS_STATE,
    GET_SOURCE,
    CLAIM,
    IS_OURS,
    LIST_LATER,
    ADD_LATER,
    NEXT_LATER,
    LAST_LATER,
    COUNT_LATER,
    END_LATER,
    STAY
};

/* What is put off is dropped in the order of LIST_LATER and made again in the reverse one. */
static const struct query queries[] = {
    [HAS_STATE] = {"copy has state",
                   "SELECT COUNT(*) AS n FROM sqlite_master WHERE name = 'db_copy'",
                   "SELECT COUNT(*) AS n FROM information_schema.tables"
                   " WHERE table_schema = current_schema() AND table_name = 'db_copy'"},
    [GET_SOURCE] = {"copy get source", "SELECT source FROM db_copy WHERE id = 1", NULL},
    [CLAIM] = {"copy claim",
               "INSERT INTO db_copy (id, source, run) VALUES (1, $1, $2)"
               " ON CONFLICT (id) DO UPDATE SET run = excluded.run",
               NULL},
    [IS_OURS] = {"copy is ours", "SELECT COUNT(*) AS n FROM db_copy WHERE id = 1 AND run = $1",
                 NULL},
    [LIST_LATER] =
        {"copy list later",
         "SELECT 'DROP INDEX \"' || name || '\"' AS drop_sql, sql AS make_sql"
         " FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name LIMIT $1",
         "SELECT drop_sql, make_sql FROM ("
         "SELECT 1 AS kind, format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass,"
         " conname) AS drop_sql, format('ALTER TABLE %s ADD CONSTRAINT %I %s',"
         " conrelid::regclass, conname, pg_get_constraintdef(oid)) AS make_sql"
         " FROM pg_constraint WHERE contype = 'f' AND conparentid = 0"
         " AND connamespace = CAST(current_schema() AS regnamespace)"
         " UNION ALL SELECT 2, format('DROP INDEX %s', i.indexrelid::regclass),"
         " pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
         " WHERE c.relkind = 'i' AND NOT c.relispartition"
         " AND c.relnamespace = CAST(current_schema() AS regnamespace)"
         " AND NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = i.indexrelid)"
         ") s ORDER BY kind, drop_sql LIMIT CAST($1 AS BIGINT)"},
    [ADD_LATER] = {"copy add later", "INSERT INTO db_copy_later (id, make_sql) VALUES ($1, $2)",
                   NULL},
    [NEXT_LATER] = {"copy next later",
                    "SELECT id, make_sql FROM db_copy_later ORDER BY id DESC LIMIT 1", NULL},
    [LAST_LATER] = {"copy last later",
                    "SELECT CAST(COALESCE(MAX(id), 0) AS BIGINT) AS n FROM db_copy_later", NULL},
    [COUNT_LATER] = {"copy count later", "SELECT COUNT(*) AS n FROM db_copy_later", NULL},
    [END_LATER] = {"copy end later", "DELETE FROM db_copy_later WHERE id = $1", NULL},
    /* The snapshot outlasts the times when only the target works. */
    [STAY] = {"copy stay", "SELECT '' AS setting",
              "SELECT set_config('idle_in_transaction_session_timeout', '0', true) AS setting"},
};

static const char make_state[] =
    "CREATE TABLE IF NOT EXISTS db_copy"
    " (id BIGINT PRIMARY KEY, source TEXT NOT NULL, run BIGINT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS db_copy_later (id BIGINT PRIMARY KEY, make_sql TEXT NOT NULL);";
static const char drop_state[] = "DROP TABLE db_copy_later; DROP TABLE db_copy;";

/* One run of one copy. */
struct copy {
    const struct db_copy_order *order;
    struct fault *fault;
    struct db_conn *source; /* in the snapshot */
    struct copy_tables tables;
    struct copy_sum *sums; /* of the source's tables */
    bool *resumed;         /* the target had rows of it before */
    struct db_value *values;
    int64_t run; /* of this process: another one that claims the target ends it */
    int64_t done, total, copied;
    bool stopped;
    bool has_put_off; /* in this run */
};

static enum err read_number(struct db_conn *conn, const struct query *query, struct db_args args,
                            int64_t *ret_number)
{
    struct db_rows *rows = db_select(conn, query, args);
    int64_t number = db_rows_next(rows) ? db_rows_int(rows, "n") : 0;
    TRY(db_rows_close(rows));
    *ret_number = number;
    return OK;
}

static enum err run_script(struct db_conn *conn, const char *sql)
{
    const struct migration script = {0, "copy", sql, NULL};
    return conn->db->driver->script(conn, &script);
}

/* Notes a row, and now and then asks whether to go on. */
static bool tell(struct copy *copy, enum db_copy_stage stage)
{
    const struct db_copy_order *order = copy->order;
    copy->done++;
    if (order->progress && copy->done % TELL_ROWS == 0)
        copy->stopped = !order->progress(order->self, stage, copy->done, copy->total);
    return !copy->stopped;
}

static enum err stop(struct copy *copy)
{
    return fault_set(copy->fault, ERR_CANCELLED, "copy_stopped",
                     "The copy was stopped after %lld rows.", (long long)copy->copied);
}

/* ---- the target ---- */

struct later {
    const char *drop_sql;
    struct str make_sql;
};

static enum err read_later(struct db_conn *conn, struct arena *arena, struct later *ret_later,
                           int64_t *ret_count)
{
    struct db_rows *rows = db_select(conn, &queries[LIST_LATER], DB_ARGS(db_int(LATER_MAX)));
    int64_t count = 0;
    while (db_rows_next(rows)) {
        ret_later[count].drop_sql = arena_cstr(arena, db_rows_text(rows, "drop_sql"));
        ret_later[count++].make_sql = db_rows_copy(rows, "make_sql", arena);
    }
    *ret_count = count;
    return db_rows_close(rows);
}

/*
 * Before the first row of a run: rows go in several times as fast, and in any order of tables. Also
 * what an earlier run has made again already.
 */
static enum err put_off(struct db_conn *conn, struct copy *copy)
{
    int64_t count = 0, last = 0;
    if (copy->has_put_off)
        return OK;
    struct later *later = ARENA_ARRAY(copy->order->arena, struct later, LATER_MAX);
    TRY(read_later(conn, copy->order->arena, later, &count));
    TRY(read_number(conn, &queries[LAST_LATER], DB_NO_ARGS, &last));
    for (int64_t i = 0; i < count; i++) {
        TRY(db_run(conn, &queries[ADD_LATER],
                   DB_ARGS(db_int(last + i + 1), db_text(later[i].make_sql)), NULL));
        TRY(run_script(conn, later[i].drop_sql));
    }
    copy->has_put_off = true;
    return OK;
}

static enum err check_source(struct db_conn *conn, struct str source)
{
    struct db_rows *rows = db_select(conn, &queries[GET_SOURCE], DB_NO_ARGS);
    bool same = db_rows_next(rows) && str_equal(db_rows_text(rows, "source"), source);
    TRY(db_rows_close(rows));
    return same ? OK
                : fault_set(conn->fault, ERR_CONFLICT, "copy_other",
                            "The target holds an unfinished copy of something else.");
}

static enum err has_state(struct db_conn *conn, bool *ret_has)
{
    int64_t tables;
    TRY(read_number(conn, &queries[HAS_STATE], DB_NO_ARGS, &tables));
    *ret_has = tables > 0;
    return OK;
}

/* From here on no other process that copied into this target can go on. */
static enum err claim(struct db_conn *conn, void *arg)
{
    struct copy *copy = arg;
    bool has = false;
    TRY(has_state(conn, &has));
    TRY(has ? check_source(conn, copy->order->source) : run_script(conn, make_state));
    return db_run(conn, &queries[CLAIM], DB_ARGS(db_text(copy->order->source), db_int(copy->run)),
                  NULL);
}

static enum err check_ours(struct db_conn *conn, const struct copy *copy)
{
    int64_t ours;
    TRY(read_number(conn, &queries[IS_OURS], DB_ARGS(db_int(copy->run)), &ours));
    return ours ? OK
                : fault_set(conn->fault, ERR_CONFLICT, "copy_taken_over",
                            "Another process copies into the same target now.");
}

/* ---- one table ---- */

/* The source's rows on their way; the first is read before a piece begins, for it may take long. */
struct flow {
    struct copy *copy;
    const struct copy_table *table;
    struct db_rows *rows;
    struct copy_sum *sum;
    bool on_row;
};

static void next(struct flow *flow)
{
    flow->on_row = db_rows_next(flow->rows);
    if (flow->on_row)
        copy_row_read(flow->table, flow->rows, flow->copy->values);
}

/* Of the row in hand. */
static int64_t row_bytes(const struct flow *flow)
{
    size_t bytes = flow->table->column_count * sizeof(int64_t);
    for (size_t i = 0; i < flow->table->column_count; i++)
        bytes += flow->copy->values[i].type == DB_INT ? 0 : flow->copy->values[i].bytes.len;
    return (int64_t)bytes;
}

static void count(struct flow *flow)
{
    copy_sum_add(flow->sum, flow->copy->values, flow->table->column_count);
}

/* One transaction of the target. */
static enum err copy_piece(struct db_conn *conn, void *arg)
{
    struct flow *flow = arg;
    struct copy *copy = flow->copy;
    int64_t bytes = 0;
    TRY(check_ours(conn, copy));
    TRY(put_off(conn, copy));
    for (int64_t rows = 0; flow->on_row && rows < PIECE_ROWS && bytes < PIECE_BYTES; rows++) {
        const struct db_args args = {copy->values, flow->table->column_count};
        TRY(db_run(conn, &flow->table->insert, args, NULL));
        count(flow);
        bytes += row_bytes(flow);
        copy->copied++;
        bool goes_on = tell(copy, DB_COPY_ROWS);
        next(flow);
        if (!goes_on)
            break;
    }
    return OK;
}

/* The source's order is the same each time: what the target has are the first rows. */
static enum err copy_flow(struct flow *flow, int64_t there)
{
    struct copy *copy = flow->copy;
    for (next(flow); flow->on_row && flow->sum->rows < there; next(flow)) {
        count(flow);
        if (!tell(copy, DB_COPY_ROWS))
            return stop(copy);
    }
    while (flow->on_row && !copy->stopped) {
        int64_t copied = copy->copied;
        enum err err = db_write(copy->order->to, copy_piece, flow, copy->fault);
        if (err != OK) {
            copy->copied = copied;
            return err;
        }
    }
    return copy->stopped ? stop(copy) : OK;
}

static enum err count_target(struct copy *copy, const struct copy_table *table, int64_t *ret_rows)
{
    struct db_conn *conn;
    TRY(db_reader_take(copy->order->to, copy->fault, &conn));
    enum err err = read_number(conn, &table->count, DB_NO_ARGS, ret_rows);
    db_reader_give(conn);
    return err;
}

static enum err copy_table(struct copy *copy, size_t at)
{
    const struct copy_table *table = &copy->tables.tables[at];
    int64_t there = 0;
    TRY(count_target(copy, table, &there));
    copy->sums[at] = (struct copy_sum){0};
    copy->resumed[at] = there > 0;
    struct flow flow = {
        .copy = copy,
        .table = table,
        .rows = db_select(copy->source, &table->read, DB_NO_ARGS),
        .sum = &copy->sums[at],
    };
    enum err err = copy_flow(&flow, there);
    enum err closed = db_rows_close(flow.rows);
    return err != OK ? err : closed;
}

/* ---- comparing ---- */

static enum err sum_rows(struct copy *copy, struct db_conn *conn, const struct copy_table *table,
                         struct copy_sum *ret_sum)
{
    struct db_rows *rows = db_select(conn, &table->look, DB_NO_ARGS);
    while (!copy->stopped && db_rows_next(rows)) {
        copy_row_read(table, rows, copy->values);
        copy_sum_add(ret_sum, copy->values, table->column_count);
        (void)tell(copy, DB_COPY_COMPARE);
    }
    TRY(db_rows_close(rows));
    return copy->stopped ? stop(copy) : OK;
}

static enum err compare(struct copy *copy, size_t at, bool *ret_same)
{
    const struct copy_table *table = &copy->tables.tables[at];
    struct copy_sum sum = {0};
    struct db_conn *conn;
    TRY(db_reader_take(copy->order->to, copy->fault, &conn));
    enum err err = sum_rows(copy, conn, table, &sum);
    db_reader_give(conn);
    TRY(err);
    *ret_same = sum.rows == copy->sums[at].rows && sum.checksum == copy->sums[at].checksum;
    return OK;
}

static enum err empty_table(struct db_conn *conn, void *arg)
{
    const struct flow *flow = arg;
    TRY(check_ours(conn, flow->copy));
    TRY(put_off(conn, flow->copy));
    return db_run(conn, &flow->table->empty, DB_NO_ARGS, NULL);
}

/* The source has changed since an earlier run copied the first rows of this table. */
static enum err copy_anew(struct copy *copy, size_t at)
{
    struct flow flow = {.copy = copy, .table = &copy->tables.tables[at]};
    TRY(db_write(copy->order->to, empty_table, &flow, copy->fault));
    return copy_table(copy, at);
}

/* Where rows came in between those that the target has, some would come twice. */
static enum err copy_or_renew(struct copy *copy, size_t at)
{
    enum err err = copy_table(copy, at);
    return err == ERR_CONFLICT && copy->resumed[at] ? copy_anew(copy, at) : err;
}

static enum err compare_table(struct copy *copy, size_t at)
{
    bool same = false;
    TRY(compare(copy, at, &same));
    if (!same && copy->resumed[at]) {
        TRY(copy_anew(copy, at));
        TRY(compare(copy, at, &same));
    }
    return same ? OK
                : fault_set(copy->fault, ERR_CORRUPT, "copy_differs",
                            "The table %s came out different from what was copied.",
                            copy->tables.tables[at].name);
}

/* ---- a run ---- */

static enum err read_tables(struct copy *copy)
{
    struct copy_tables target;
    struct db_conn *conn;
    struct arena *arena = copy->order->arena;
    TRY(copy_tables_read(copy->source, arena, &copy->tables));
    TRY(db_reader_take(copy->order->to, copy->fault, &conn));
    enum err err = copy_tables_read(conn, arena, &target);
    db_reader_give(conn);
    TRY(err);
    TRY(copy_tables_compare(&copy->tables, &target, copy->fault));
    size_t widest = 0;
    for (size_t i = 0; i < target.count; i++)
        if (target.tables[i].column_count > widest)
            widest = target.tables[i].column_count;
    copy->values = ARENA_ARRAY(arena, struct db_value, widest + 1);
    copy->sums = ARENA_ARRAY(arena, struct copy_sum, target.count + 1);
    copy->resumed = ARENA_ARRAY(arena, bool, target.count + 1);
    return OK;
}

static enum err count_source(struct copy *copy)
{
    for (size_t i = 0; i < copy->tables.count; i++) {
        int64_t rows;
        TRY(read_number(copy->source, &copy->tables.tables[i].count, DB_NO_ARGS, &rows));
        copy->total += rows;
    }
    return OK;
}

static enum err stay(struct copy *copy)
{
    struct db_rows *rows = db_select(copy->source, &queries[STAY], DB_NO_ARGS);
    (void)db_rows_next(rows);
    return db_rows_close(rows);
}

static enum err copy_rows(struct copy *copy)
{
    TRY(stay(copy));
    TRY(read_tables(copy));
    TRY(count_source(copy));
    TRY(db_write(copy->order->to, claim, copy, copy->fault));
    for (size_t i = 0; i < copy->tables.count; i++)
        TRY(copy_or_renew(copy, i));
    copy->done = 0;
    for (size_t i = 0; i < copy->tables.count; i++)
        TRY(compare_table(copy, i));
    return OK;
}

/* What was put off, each in a transaction of its own: some take long. */
static enum err make_one(struct db_conn *conn, void *arg)
{
    struct copy *copy = arg;
    TRY(check_ours(conn, copy));
    struct db_rows *rows = db_select(conn, &queries[NEXT_LATER], DB_NO_ARGS);
    bool found = db_rows_next(rows);
    int64_t id = found ? db_rows_int(rows, "id") : 0;
    const char *sql = arena_cstr(copy->order->arena, db_rows_text(rows, "make_sql"));
    TRY(db_rows_close(rows));
    if (!found)
        return OK;
    TRY(run_script(conn, sql));
    return db_run(conn, &queries[END_LATER], DB_ARGS(db_int(id)), NULL);
}

static enum err count_later(struct copy *copy, int64_t *ret_count)
{
    struct db_conn *conn;
    TRY(db_reader_take(copy->order->to, copy->fault, &conn));
    enum err err = read_number(conn, &queries[COUNT_LATER], DB_NO_ARGS, ret_count);
    db_reader_give(conn);
    return err;
}

/* The engine that plans by what it has counted counts now. */
static enum err analyze(struct db_conn *conn, void *arg)
{
    static const struct migration script = {0, "copy analyze", "", "ANALYZE"};
    (void)arg;
    return conn->db->driver->script(conn, &script);
}

static enum err make_later(struct copy *copy)
{
    const struct db_copy_order *order = copy->order;
    int64_t total = 0;
    TRY(count_later(copy, &total));
    for (int64_t done = 0; done < total; done++) {
        if (order->progress && !order->progress(order->self, DB_COPY_INDEXES, done, total))
            return stop(copy);
        TRY(db_write(order->to, make_one, copy, copy->fault));
    }
    return db_write(order->to, analyze, NULL, copy->fault);
}

static void report(const struct copy *copy, struct db_copy_report *ret_report)
{
    struct db_copy_table *tables =
        ARENA_ARRAY(copy->order->arena, struct db_copy_table, copy->tables.count + 1);
    *ret_report = (struct db_copy_report){tables, copy->tables.count, 0, copy->copied};
    for (size_t i = 0; i < copy->tables.count; i++) {
        tables[i] = (struct db_copy_table){str_from_c(copy->tables.tables[i].name),
                                           copy->sums[i].rows, copy->sums[i].checksum};
        ret_report->rows += copy->sums[i].rows;
    }
}

enum err db_copy(const struct db_copy_order *order, struct db_copy_report *ret_report,
                 struct fault *fault)
{
    struct copy copy = {.order = order, .fault = fault};
    if (getrandom(&copy.run, sizeof(copy.run), 0) != sizeof(copy.run))
        abort();
    TRY(db_reader_take(order->from, fault, &copy.source));
    enum err err = copy_rows(&copy);
    db_reader_give(copy.source);
    TRY(err);
    TRY(make_later(&copy));
    report(&copy, ret_report);
    return OK;
}

static enum err finish(struct db_conn *conn, void *arg)
{
    (void)arg;
    return run_script(conn, drop_state);
}

enum err db_copy_finish(struct db *to, struct fault *fault)
{
    return db_write(to, finish, NULL, fault);
}

/* ---- looking ---- */

static enum err has_rows(struct db_conn *conn, struct arena *arena, bool *ret_has)
{
    struct copy_tables tables;
    TRY(copy_tables_read(conn, arena, &tables));
    *ret_has = false;
    for (size_t i = 0; i < tables.count && !*ret_has; i++) {
        struct db_rows *rows = db_select(conn, &tables.tables[i].look, DB_NO_ARGS);
        *ret_has = db_rows_next(rows);
        TRY(db_rows_close(rows));
    }
    return OK;
}

static enum err look(struct db_conn *conn, struct arena *arena, enum db_copy_state *ret_state)
{
    bool has = false;
    TRY(has_state(conn, &has));
    if (has) {
        *ret_state = DB_COPY_UNFINISHED;
        return OK;
    }
    TRY(has_rows(conn, arena, &has));
    *ret_state = has ? DB_COPY_FILLED : DB_COPY_EMPTY;
    return OK;
}

enum err db_copy_look(struct db *db, struct arena *arena, enum db_copy_state *ret_state,
                      struct fault *fault)
{
    struct db_conn *conn;
    TRY(db_reader_take(db, fault, &conn));
    enum err err = look(conn, arena, ret_state);
    db_reader_give(conn);
    return err;
}
