/* Copies of databases: from a file to the engine that is tested, and on from there to a file. */
#include "lib/db/copy.h"

#include <stdio.h>

#include "lib/db/db_test.h"
#include "tests/support/database.h"
#include "tests/support/test.h"

enum { NODES = 4500, ARENA_BYTES = 16 * 1024 * 1024, TOTAL = NODES + 2 };

/* A node's parent may come after it. */
static const struct migration migrations[] = {
    {1, "nodes",
     "CREATE TABLE node (id BIGINT PRIMARY KEY, parent_id BIGINT REFERENCES node (id),"
     " name TEXT NOT NULL, note TEXT, data BYTEA);"
     "CREATE UNIQUE INDEX node_name ON node (name) WHERE name <> '';"
     "CREATE TABLE label (node_id BIGINT NOT NULL REFERENCES node (id), label TEXT NOT NULL,"
     " PRIMARY KEY (label, node_id));"
     "CREATE TABLE unused (id BIGINT PRIMARY KEY);",
     NULL},
};

enum { ADD_NODE, ADD_LABEL, GET_NODE, COUNT_NODES, RENAME, DROP_UNUSED };
static const struct query queries[] = {
    [ADD_NODE] = {"add node",
                  "INSERT INTO node (id, parent_id, name, note, data) VALUES ($1, $2, $3, $4, $5)",
                  NULL},
    [ADD_LABEL] = {"add label", "INSERT INTO label (node_id, label) VALUES ($1, $2)", NULL},
    [GET_NODE] = {"get node", "SELECT parent_id, name, note, data FROM node WHERE id = $1", NULL},
    [COUNT_NODES] = {"count nodes", "SELECT COUNT(*) AS n FROM node", NULL},
    [RENAME] = {"rename node", "UPDATE node SET note = 'changed' WHERE id = $1", NULL},
    [DROP_UNUSED] = {"drop unused", "DROP TABLE unused", NULL},
};

/* ---- two databases ---- */

struct pair {
    struct arena arena;
    struct str to_url;
    struct db *from, *to;
    struct fault fault;
};

static struct db *open_db(struct str url, bool copying)
{
    struct db_options options = {.url = url,
                                 .readers = 2,
                                 .cache_bytes = 8 * 1024 * 1024,
                                 .busy_timeout_ms = 5000,
                                 .group_rows = 100,
                                 .create = true,
                                 .copying = copying};
    struct db *db;
    struct fault fault;
    if (db_open(&options, &db, &fault) != OK ||
        db_migrate(db, migrations, ARRAY_LEN(migrations), &fault) != OK)
        test_fail(__FILE__, __LINE__, "%s %s", fault.sentence, fault.detail);
    return db;
}

static enum err add_node(struct db_conn *conn, int64_t id, int64_t parent)
{
    char name[32];
    snprintf(name, sizeof(name),
             "n\xc3\xb6"
             "de %lld",
             (long long)id);
    const struct db_value note = id % 3 ? db_null() : db_text(STR(""));
    const struct db_value data = id % 2 ? db_null() : db_bytes(STR("a\0b\xff"));
    return db_run(
        conn, &queries[ADD_NODE],
        DB_ARGS(db_int(id), db_int_or_null(parent), db_text(str_from_c(name)), note, data), NULL);
}

static enum err fill(struct db_conn *conn, void *arg)
{
    (void)arg;
    TRY(add_node(conn, INT64_MAX, 0));
    for (int64_t id = -1; id < NODES - 2; id++)
        TRY(add_node(conn, id ? id : INT64_MIN, id == 1 ? INT64_MAX : 0));
    TRY(db_run(conn, &queries[ADD_LABEL], DB_ARGS(db_int(1), db_text(STR("b"))), NULL));
    return db_run(conn, &queries[ADD_LABEL], DB_ARGS(db_int(1), db_text(STR("a"))), NULL);
}

static void open_pair(struct pair *pair)
{
    *pair = (struct pair){.to_url = test_database(test_directory())};
    arena_init(&pair->arena, ARENA_BYTES);
    pair->from = open_db(test_database_file(test_directory()), false);
    pair->to = open_db(pair->to_url, true);
    CHECK_OK(db_write(pair->from, fill, NULL, &pair->fault));
}

static void close_pair(struct pair *pair)
{
    db_close(pair->from);
    db_close(pair->to);
    arena_finish(&pair->arena);
}

static struct db_copy_order order_of(struct pair *pair)
{
    return (struct db_copy_order){
        .from = pair->from, .to = pair->to, .source = STR("pair"), .arena = &pair->arena};
}

static void copy_all(struct pair *pair, struct db_copy_report *ret_report)
{
    struct db_copy_order order = order_of(pair);
    if (db_copy(&order, ret_report, &pair->fault) != OK)
        test_fail(__FILE__, __LINE__, "%s %s", pair->fault.sentence, pair->fault.detail);
}

static int64_t count_nodes(struct db *db)
{
    struct fault fault;
    struct db_conn *conn;
    CHECK_OK(db_reader_take(db, &fault, &conn));
    struct db_rows *rows = db_select(conn, &queries[COUNT_NODES], DB_NO_ARGS);
    int64_t count = db_rows_next(rows) ? db_rows_int(rows, "n") : -1;
    enum err err = db_rows_close(rows);
    db_reader_give(conn);
    CHECK_OK(err);
    return count;
}

/* Stops in one stage, at the first call or after some. */
struct stopper {
    enum db_copy_stage stage;
    int calls;
};

static bool stop_at(void *self, enum db_copy_stage stage, int64_t done, int64_t total)
{
    struct stopper *stopper = self;
    (void)done;
    (void)total;
    return stage != stopper->stage || stopper->calls-- > 0;
}

static void copy_until(struct pair *pair, struct stopper stopper)
{
    struct db_copy_report report;
    struct db_copy_order order = order_of(pair);
    order.progress = stop_at;
    order.self = &stopper;
    CHECK_ERR(ERR_CANCELLED, db_copy(&order, &report, &pair->fault));
}

/* As after a crash. */
static void reopen_target(struct pair *pair)
{
    db_close(pair->to);
    pair->to = open_db(pair->to_url, true);
}

/* ---- what is copied ---- */

TEST(db_copy, copies_every_value_of_every_table)
{
    struct pair pair;
    struct db_copy_report report;
    struct db_conn *conn;
    open_pair(&pair);
    copy_all(&pair, &report);
    CHECK_INT(3, report.count);
    CHECK_STR("label", report.tables[0].name);
    CHECK_INT(2, report.tables[0].rows);
    CHECK_INT(NODES, report.tables[1].rows);
    CHECK_INT(0, report.tables[2].rows);
    CHECK_INT(TOTAL, report.rows);
    CHECK_INT(TOTAL, report.copied);
    CHECK_OK(db_reader_take(pair.to, &pair.fault, &conn));
    struct db_rows *rows = db_select(conn, &queries[GET_NODE], DB_ARGS(db_int(INT64_MIN)));
    CHECK(db_rows_next(rows));
    CHECK(db_rows_is_null(rows, "parent_id"));
    CHECK_STR("n\xc3\xb6"
              "de -9223372036854775808",
              db_rows_text(rows, "name"));
    CHECK(!db_rows_is_null(rows, "data"));
    CHECK(str_equal(STR("a\0b\xff"), db_rows_text(rows, "data")));
    CHECK_OK(db_rows_close(rows));
    db_reader_give(conn);
    close_pair(&pair);
}

TEST(db_copy, has_the_same_checksums_on_the_way_back)
{
    struct pair pair;
    struct db_copy_report there, back;
    open_pair(&pair);
    copy_all(&pair, &there);
    CHECK_OK(db_copy_finish(pair.to, &pair.fault));
    struct db *file = open_db(test_database_file(test_directory()), true);
    struct db_copy_order order = order_of(&pair);
    order.from = pair.to;
    order.to = file;
    CHECK_OK(db_copy(&order, &back, &pair.fault));
    for (size_t i = 0; i < there.count; i++)
        CHECK_INT(there.tables[i].checksum, back.tables[i].checksum);
    db_close(file);
    close_pair(&pair);
}

static enum err add_orphan(struct db_conn *conn, void *arg)
{
    (void)arg;
    return add_node(conn, NODES, NODES + 1);
}

static enum err add_namesake(struct db_conn *conn, void *arg)
{
    (void)arg;
    return db_run(conn, &queries[ADD_NODE],
                  DB_ARGS(db_int(NODES + 5), db_null(),
                          db_text(STR("n\xc3\xb6"
                                      "de 7")),
                          db_null(), db_null()),
                  NULL);
}

TEST(db_copy, keeps_the_foreign_keys_and_the_unique_indexes)
{
    struct pair pair;
    struct db_copy_report report;
    open_pair(&pair);
    copy_all(&pair, &report);
    CHECK_OK(db_copy_finish(pair.to, &pair.fault));
    db_close(pair.to);
    pair.to = open_db(pair.to_url, false);
    CHECK_ERR(ERR_CONFLICT, db_write(pair.to, add_orphan, NULL, &pair.fault));
    CHECK_ERR(ERR_CONFLICT, db_write(pair.to, add_namesake, NULL, &pair.fault));
    CHECK_INT(NODES, count_nodes(pair.to));
    close_pair(&pair);
}

/* ---- in several runs ---- */

TEST(db_copy, goes_on_where_it_was_stopped)
{
    struct pair pair;
    struct db_copy_report report;
    open_pair(&pair);
    copy_until(&pair, (struct stopper){DB_COPY_ROWS, 1});
    int64_t there = count_nodes(pair.to);
    CHECK(there > 0 && there < NODES);
    reopen_target(&pair);
    copy_until(&pair, (struct stopper){DB_COPY_COMPARE, 2});
    copy_until(&pair, (struct stopper){DB_COPY_INDEXES, 0});
    reopen_target(&pair);
    copy_all(&pair, &report);
    CHECK_INT(0, report.copied);
    CHECK_INT(TOTAL, report.rows);
    CHECK_INT(NODES, count_nodes(pair.to));
    close_pair(&pair);
}

static enum err change_first(struct db_conn *conn, void *arg)
{
    (void)arg;
    return db_run(conn, &queries[RENAME], DB_ARGS(db_int(INT64_MIN)), NULL);
}

TEST(db_copy, copies_a_table_anew_that_changed_between_two_runs)
{
    struct pair pair;
    struct db_copy_report report;
    open_pair(&pair);
    copy_until(&pair, (struct stopper){DB_COPY_ROWS, 1});
    CHECK_OK(db_write(pair.from, change_first, NULL, &pair.fault));
    copy_all(&pair, &report);
    CHECK_INT(TOTAL, report.rows);
    CHECK(report.copied >= NODES);
    close_pair(&pair);
}

/* A new node at the end, and a label of it in a table that is copied before. */
static enum err add_labelled(struct db_conn *conn, void *arg)
{
    TRY(change_first(conn, arg));
    TRY(add_node(conn, NODES, 1));
    return db_run(conn, &queries[ADD_LABEL], DB_ARGS(db_int(NODES), db_text(STR("c"))), NULL);
}

TEST(db_copy, takes_changes_up_after_its_indexes_were_made_and_keeps_them)
{
    struct pair pair;
    struct db_copy_report report;
    open_pair(&pair);
    copy_all(&pair, &report);
    CHECK_OK(db_write(pair.from, add_labelled, NULL, &pair.fault));
    reopen_target(&pair);
    copy_all(&pair, &report);
    CHECK_INT(TOTAL + 2, report.rows);
    CHECK_OK(db_copy_finish(pair.to, &pair.fault));
    db_close(pair.to);
    pair.to = open_db(pair.to_url, false);
    CHECK_ERR(ERR_CONFLICT, db_write(pair.to, add_namesake, NULL, &pair.fault));
    close_pair(&pair);
}

TEST(db_copy, is_opened_by_nobody_before_it_is_finished)
{
    struct pair pair;
    struct fault fault;
    struct db *db;
    open_pair(&pair);
    copy_until(&pair, (struct stopper){DB_COPY_ROWS, 1});
    struct db_options options = {.url = pair.to_url, .readers = 1, .busy_timeout_ms = 5000};
    CHECK_OK(db_open(&options, &db, &fault));
    CHECK_ERR(ERR_CONFLICT, db_migrate(db, migrations, ARRAY_LEN(migrations), &fault));
    struct db_copy_report report;
    copy_all(&pair, &report);
    CHECK_ERR(ERR_CONFLICT, db_migrate(db, migrations, ARRAY_LEN(migrations), &fault));
    CHECK_OK(db_copy_finish(pair.to, &fault));
    CHECK_OK(db_migrate(db, migrations, ARRAY_LEN(migrations), &fault));
    db_close(db);
    close_pair(&pair);
}

TEST(db_copy, refuses_to_go_on_with_the_copy_of_something_else)
{
    struct pair pair;
    struct db_copy_report report;
    open_pair(&pair);
    copy_until(&pair, (struct stopper){DB_COPY_ROWS, 1});
    int64_t there = count_nodes(pair.to);
    struct db_copy_order order = order_of(&pair);
    order.source = STR("another");
    CHECK_ERR(ERR_CONFLICT, db_copy(&order, &report, &pair.fault));
    CHECK_INT(there, count_nodes(pair.to));
    close_pair(&pair);
}

/* Begins the same copy on a connection of its own, and stops it. */
static bool let_another_begin(void *self, enum db_copy_stage stage, int64_t done, int64_t total)
{
    struct pair *pair = self;
    (void)total;
    if (stage == DB_COPY_INDEXES && done == 0) {
        struct pair other = *pair;
        arena_init(&other.arena, ARENA_BYTES);
        other.to = open_db(pair->to_url, true);
        copy_until(&other, (struct stopper){DB_COPY_COMPARE, 0});
        db_close(other.to);
        arena_finish(&other.arena);
    }
    return true;
}

TEST(db_copy, ends_when_another_process_begins_the_same)
{
    struct pair pair;
    struct db_copy_report report;
    open_pair(&pair);
    struct db_copy_order order = order_of(&pair);
    order.progress = let_another_begin;
    order.self = &pair;
    CHECK_ERR(ERR_CONFLICT, db_copy(&order, &report, &pair.fault));
    CHECK_STR("copy_taken_over", str_from_c(pair.fault.code));
    close_pair(&pair);
}

/* ---- what is no target ---- */

static enum err drop_unused(struct db_conn *conn, void *arg)
{
    (void)arg;
    return db_run(conn, &queries[DROP_UNUSED], DB_NO_ARGS, NULL);
}

TEST(db_copy, refuses_databases_that_have_not_the_same_tables)
{
    struct pair pair;
    struct db_copy_report report;
    open_pair(&pair);
    CHECK_OK(db_write(pair.to, drop_unused, NULL, &pair.fault));
    struct db_copy_order order = order_of(&pair);
    CHECK_ERR(ERR_UNSUPPORTED, db_copy(&order, &report, &pair.fault));
    CHECK_INT(0, count_nodes(pair.to));
    close_pair(&pair);
}

TEST(db_copy_look, tells_empty_unfinished_and_filled_apart)
{
    struct pair pair;
    enum db_copy_state state;
    struct db_copy_report report;
    open_pair(&pair);
    CHECK_OK(db_copy_look(pair.to, &pair.arena, &state, &pair.fault));
    CHECK(state == DB_COPY_EMPTY);
    CHECK_OK(db_copy_look(pair.from, &pair.arena, &state, &pair.fault));
    CHECK(state == DB_COPY_FILLED);
    copy_until(&pair, (struct stopper){DB_COPY_ROWS, 0});
    CHECK_OK(db_copy_look(pair.to, &pair.arena, &state, &pair.fault));
    CHECK(state == DB_COPY_UNFINISHED);
    copy_all(&pair, &report);
    CHECK_OK(db_copy_finish(pair.to, &pair.fault));
    CHECK_OK(db_copy_look(pair.to, &pair.arena, &state, &pair.fault));
    CHECK(state == DB_COPY_FILLED);
    close_pair(&pair);
}
