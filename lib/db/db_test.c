/* The database on a real file: statements, columns, failures, opening, migrations. */
#include "lib/db/db_test.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/database.h"
#include "tests/support/test.h"

const struct query item_queries[] = {
    [ITEM_ADD] = {"item add", "INSERT INTO item (id, name, note) VALUES ($1, $2, $3)", NULL},
    [ITEM_ADD_SWAPPED] = {"item add swapped",
                          "INSERT INTO item (name, id, note) VALUES ($2, $1, $2)", NULL},
    [ITEM_LIST] = {"item list", "SELECT id, name, note, data FROM item ORDER BY id LIMIT $1", NULL},
    [ITEM_GET] = {"item get", "SELECT note, name, id FROM item WHERE id = $1", NULL},
    [ITEM_COUNT] = {"item count", "SELECT COUNT(*) AS n FROM item", NULL},
    [ITEM_RENAME] = {"item rename", "UPDATE item SET note = $2 WHERE id > $1", NULL},
    [ITEM_RETURNING] = {"item returning",
                        "INSERT INTO item (id, name) VALUES ($1, 'returned') RETURNING id", NULL},
    [ITEM_ADD_DATA] = {"item add data", "INSERT INTO item (id, name, data) VALUES ($1, $2, $3)",
                       NULL},
    [CHILD_ADD] = {"child add", "INSERT INTO child (id, item_id) VALUES ($1, $2)", NULL},
};
const struct query_table item_query_table = {"item", item_queries, ARRAY_LEN(item_queries)};

const struct migration item_migrations[] = {
    {1, "items",
     "CREATE TABLE item (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, note TEXT,"
     " data BYTEA);"
     "CREATE TABLE child (id BIGINT PRIMARY KEY,"
     " item_id BIGINT NOT NULL REFERENCES item (id));",
     NULL},
    {2, "colours",
     "ALTER TABLE item ADD COLUMN colour TEXT NOT NULL DEFAULT 'red';"
     "CREATE TABLE colour (name TEXT PRIMARY KEY);",
     NULL},
};

static struct db_options options_at(struct str url)
{
    return (struct db_options){.url = url,
                               .readers = 4,
                               .cache_bytes = 8 * 1024 * 1024,
                               .busy_timeout_ms = 2000,
                               .group_rows = 100,
                               .create = true};
}

struct db_options item_options(const char *directory)
{
    return options_at(test_database(directory));
}

struct db_options item_file_options(const char *directory)
{
    return options_at(test_database_file(directory));
}

static struct db *open_migrated(const struct db_options *options)
{
    struct db *db;
    struct fault fault;
    CHECK_OK(db_open(options, &db, &fault));
    CHECK_OK(db_migrate(db, item_migrations, ITEM_MIGRATIONS, &fault));
    return db;
}

struct db *item_db(const char *directory)
{
    struct db_options options = item_options(directory);
    return open_migrated(&options);
}

struct db *item_file_db(const char *directory)
{
    struct db_options options = item_file_options(directory);
    return open_migrated(&options);
}

struct item {
    int64_t id;
    const char *name;
};

enum err item_add_in(struct db_conn *conn, int64_t id, const char *name)
{
    char text[32];
    snprintf(text, sizeof(text), "item %lld", (long long)id);
    return db_run(conn, &item_queries[ITEM_ADD],
                  DB_ARGS(db_int(id), db_text(str_from_c(name ? name : text)), db_null()), NULL);
}

static enum err add_item(struct db_conn *conn, void *arg)
{
    const struct item *item = arg;
    return item_add_in(conn, item->id, item->name);
}

enum err item_add(struct db *db, int64_t id, const char *name, struct fault *fault)
{
    return db_write(db, add_item, &(struct item){id, name}, fault);
}

int64_t item_count(struct db *db)
{
    struct fault fault;
    struct db_conn *conn;
    CHECK_OK(db_reader_take(db, &fault, &conn));
    struct db_rows *rows = db_select(conn, &item_queries[ITEM_COUNT], DB_NO_ARGS);
    int64_t count = db_rows_next(rows) ? db_rows_int(rows, "n") : -1;
    enum err err = db_rows_close(rows);
    db_reader_give(conn);
    CHECK_OK(err);
    return count;
}

bool item_exists(struct db *db, int64_t id)
{
    struct fault fault;
    struct db_conn *conn;
    CHECK_OK(db_reader_take(db, &fault, &conn));
    struct db_rows *rows = db_select(conn, &item_queries[ITEM_GET], DB_ARGS(db_int(id)));
    bool exists = db_rows_next(rows);
    enum err err = db_rows_close(rows);
    db_reader_give(conn);
    CHECK_OK(err);
    return exists;
}

struct item_path item_path(const char *directory, const char *name)
{
    struct item_path path;
    snprintf(path.text, sizeof(path.text), "%s/%s", directory, name);
    return path;
}

pid_t item_child_start(item_child *body, void *arg)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(body(arg));
    CHECK(pid > 0);
    return pid;
}

int item_child_wait(pid_t pid)
{
    int status;
    CHECK_INT(pid, waitpid(pid, &status, 0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int item_child_run(item_child *body, void *arg)
{
    return item_child_wait(item_child_start(body, arg));
}

/* ---- statements ---- */

static enum err bind_every_type(struct db_conn *conn, void *arg)
{
    (void)arg;
    return db_run(conn, &item_queries[ITEM_ADD_DATA],
                  DB_ARGS(db_int(INT64_MIN), db_text(STR("")), db_bytes(STR("\0\xff"))), NULL);
}

TEST(db_select, gives_back_every_type_as_it_was_bound)
{
    struct db *db = item_db(test_directory());
    struct db_conn *conn;
    struct fault fault;
    CHECK_OK(db_write(db, bind_every_type, NULL, &fault));
    CHECK_OK(item_add(db, 7, "seven", &fault));
    CHECK_OK(db_reader_take(db, &fault, &conn));
    struct db_rows *rows = db_select(conn, &item_queries[ITEM_LIST], DB_ARGS(db_int(9)));
    CHECK(db_rows_next(rows));
    CHECK_INT(INT64_MIN, db_rows_int(rows, "id"));
    CHECK_INT(0, db_rows_text(rows, "name").len);
    CHECK(!db_rows_is_null(rows, "name"));
    CHECK(str_equal(STR("\0\xff"), db_rows_text(rows, "data")));
    CHECK(db_rows_next(rows));
    CHECK_INT(7, db_rows_int(rows, "id"));
    CHECK_STR("seven", db_rows_text(rows, "name"));
    CHECK(db_rows_is_null(rows, "note"));
    CHECK_INT(0, db_rows_int(rows, "note"));
    CHECK(!db_rows_next(rows));
    CHECK(!db_rows_next(rows));
    CHECK_OK(db_rows_close(rows));
    db_reader_give(conn);
    db_close(db);
}

enum { NESTED_ITEMS = 1000 };

static enum err add_nested(struct db_conn *conn, void *arg)
{
    (void)arg;
    for (int64_t id = 1; id <= NESTED_ITEMS; id++)
        TRY(item_add_in(conn, id, NULL));
    return OK;
}

/* Every row of the one select while others run in between; whether all was as it must be. */
static bool walk_nested(struct db_conn *conn)
{
    struct db_rows *rows =
        db_select(conn, &item_queries[ITEM_LIST], DB_ARGS(db_int(NESTED_ITEMS + 1)));
    int64_t seen = 0;
    bool good = true;
    while (db_rows_next(rows)) {
        int64_t id = db_rows_int(rows, "id");
        struct db_rows *one = db_select(conn, &item_queries[ITEM_GET], DB_ARGS(db_int(id)));
        good = good && db_rows_next(one) && id == ++seen && db_rows_is_null(rows, "note") &&
               str_equal(db_rows_text(one, "name"), db_rows_text(rows, "name"));
        good = db_rows_close(one) == OK && good;
    }
    return db_rows_close(rows) == OK && good && seen == NESTED_ITEMS;
}

TEST(db_select, lets_other_statements_run_between_its_rows)
{
    struct db *db = item_db(test_directory());
    struct db_conn *conn;
    struct fault fault;
    CHECK_OK(db_write(db, add_nested, NULL, &fault));
    CHECK_OK(db_reader_take(db, &fault, &conn));
    bool good = walk_nested(conn);
    db_reader_give(conn);
    CHECK(good);
    db_close(db);
}

static enum err add_swapped(struct db_conn *conn, void *arg)
{
    (void)arg;
    return db_run(conn, &item_queries[ITEM_ADD_SWAPPED], DB_ARGS(db_int(5), db_text(STR("five"))),
                  NULL);
}

TEST(db_run, binds_by_number_wherever_the_parameter_stands)
{
    struct db *db = item_db(test_directory());
    struct db_conn *conn;
    struct fault fault;
    CHECK_OK(db_write(db, add_swapped, NULL, &fault));
    CHECK_OK(db_reader_take(db, &fault, &conn));
    struct db_rows *rows = db_select(conn, &item_queries[ITEM_GET], DB_ARGS(db_int(5)));
    CHECK(db_rows_next(rows));
    CHECK_INT(5, db_rows_int(rows, "id"));
    CHECK_STR("five", db_rows_text(rows, "name"));
    CHECK_STR("five", db_rows_text(rows, "note"));
    CHECK_OK(db_rows_close(rows));
    db_reader_give(conn);
    db_close(db);
}

static enum err rename_above(struct db_conn *conn, void *arg)
{
    return db_run(conn, &item_queries[ITEM_RENAME], DB_ARGS(db_int(1), db_text(STR("n"))), arg);
}

TEST(db_run, says_how_many_rows_it_changed)
{
    struct db *db = item_db(test_directory());
    struct fault fault;
    int64_t changed = -1;
    for (int64_t id = 1; id <= 4; id++)
        CHECK_OK(item_add(db, id, NULL, &fault));
    CHECK_OK(db_write(db, rename_above, &changed, &fault));
    CHECK_INT(3, changed);
    db_close(db);
}

/* ---- failures ---- */

static enum err add_child(struct db_conn *conn, void *arg)
{
    (void)arg;
    return db_run(conn, &item_queries[CHILD_ADD], DB_ARGS(db_int(1), db_int(404)), NULL);
}

TEST(db_run, tells_a_violated_key_as_a_conflict)
{
    struct db *db = item_db(test_directory());
    struct fault fault;
    CHECK_OK(item_add(db, 1, "one", &fault));
    CHECK_ERR(ERR_CONFLICT, item_add(db, 1, "other", &fault));
    CHECK_INT(ERR_CONFLICT, fault.err);
    CHECK_ERR(ERR_CONFLICT, item_add(db, 2, "one", &fault));
    CHECK_ERR(ERR_CONFLICT, db_write(db, add_child, NULL, &fault));
    CHECK(fault.sentence[0] && strstr(fault.detail, "child add"));
    CHECK_INT(1, item_count(db));
    db_close(db);
}

static enum err run_wrong(struct db_conn *conn, void *arg)
{
    return db_run(conn, arg, DB_NO_ARGS, NULL);
}

TEST(db_run, tells_a_wrong_statement_as_our_mistake)
{
    static struct query wrong[] = {
        {"no table", "DELETE FROM nowhere", NULL},
        {"two", "DELETE FROM item; DELETE FROM child", NULL},
        {"a bare parameter", "DELETE FROM item WHERE id = ?", NULL},
        {"too few arguments", "DELETE FROM item WHERE id = $1", NULL},
        {"text in double quotes", "DELETE FROM item WHERE name = \"one\"", NULL},
        {"rows", "SELECT id FROM item", NULL},
        {"empty", "", NULL},
    };
    struct db *db = item_db(test_directory());
    struct fault fault;
    CHECK_OK(item_add(db, 1, "one", &fault));
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        CHECK_ERR(ERR_INTERNAL, db_write(db, run_wrong, &wrong[i], &fault));
        CHECK(strstr(fault.detail, wrong[i].name));
    }
    CHECK_INT(1, item_count(db));
    db_close(db);
}

TEST(db_select, keeps_its_failure_for_the_close)
{
    static const struct query wrong = {"wrong", "SELECT nothing FROM nowhere", NULL};
    struct db *db = item_db(test_directory());
    struct db_conn *conn;
    struct fault fault;
    CHECK_OK(db_reader_take(db, &fault, &conn));
    struct db_rows *rows = db_select(conn, &wrong, DB_NO_ARGS);
    CHECK(!db_rows_next(rows));
    CHECK_INT(0, db_rows_int(rows, "nothing"));
    CHECK_ERR(ERR_INTERNAL, db_rows_close(rows));
    CHECK_INT(ERR_INTERNAL, fault.err);
    db_reader_give(conn);
    db_close(db);
}

TEST(db_select, refuses_a_second_run_of_a_statement_that_is_running)
{
    struct db *db = item_db(test_directory());
    struct db_conn *conn;
    struct fault fault;
    CHECK_OK(item_add(db, 1, NULL, &fault));
    CHECK_OK(db_reader_take(db, &fault, &conn));
    struct db_rows *first = db_select(conn, &item_queries[ITEM_LIST], DB_ARGS(db_int(9)));
    CHECK(db_rows_next(first));
    struct db_rows *second = db_select(conn, &item_queries[ITEM_LIST], DB_ARGS(db_int(9)));
    CHECK_ERR(ERR_INTERNAL, db_rows_close(second));
    CHECK_INT(1, db_rows_int(first, "id"));
    CHECK_OK(db_rows_close(first));
    db_reader_give(conn);
    db_close(db);
}

static enum err leave_open(struct db_conn *conn, void *arg)
{
    (void)arg;
    struct db_rows *rows = db_select(conn, &item_queries[ITEM_LIST], DB_ARGS(db_int(9)));
    return db_rows_next(rows) ? OK : ERR_INTERNAL;
}

TEST(db_select, left_open_ends_with_its_job)
{
    struct db *db = item_db(test_directory());
    struct fault fault;
    CHECK_OK(item_add(db, 1, NULL, &fault));
    CHECK_OK(db_write(db, leave_open, NULL, &fault));
    CHECK_OK(db_write(db, leave_open, NULL, &fault));
    CHECK_OK(item_add(db, 2, NULL, &fault));
    db_close(db);
}

static enum err write_as_reader(struct db_conn *conn, void *arg)
{
    (void)arg;
    return item_add_in(conn, 1, NULL);
}

TEST(db_reader_take, gives_a_connection_that_cannot_write)
{
    struct db *db = item_db(test_directory());
    struct db_conn *conn;
    struct fault fault;
    CHECK_OK(db_reader_take(db, &fault, &conn));
    CHECK(!db_conn_is_writer(conn));
    CHECK_ERR(ERR_READ_ONLY, write_as_reader(conn, NULL));
    db_reader_give(conn);
    CHECK_INT(0, item_count(db));
    db_close(db);
}

/* ---- migrations ---- */

TEST(db_migrate, applies_what_is_missing_and_nothing_twice)
{
    const char *directory = test_directory();
    struct db_options options = item_options(directory);
    struct db *db;
    struct fault fault;
    int version = -1;
    CHECK_OK(db_open(&options, &db, &fault));
    CHECK_OK(db_version(db, &version, &fault));
    CHECK_INT(0, version);
    CHECK_OK(db_migrate(db, item_migrations, 1, &fault));
    CHECK_OK(db_version(db, &version, &fault));
    CHECK_INT(1, version);
    CHECK_OK(item_add(db, 1, NULL, &fault));
    CHECK_OK(db_migrate(db, item_migrations, 2, &fault));
    CHECK_OK(db_migrate(db, item_migrations, 2, &fault));
    CHECK_OK(db_version(db, &version, &fault));
    CHECK_INT(2, version);
    CHECK_INT(1, item_count(db));
    db_close(db);
}

TEST(db_migrate, refuses_a_newer_database)
{
    struct db *db = item_db(test_directory());
    struct fault fault;
    int version;
    CHECK_ERR(ERR_UNSUPPORTED, db_migrate(db, item_migrations, 1, &fault));
    CHECK_OK(db_version(db, &version, &fault));
    CHECK_INT(2, version);
    db_close(db);
}

TEST(db_migrate, leaves_nothing_of_a_migration_that_fails)
{
    struct migration broken[] = {
        item_migrations[0],
        {2, "broken", "CREATE TABLE half (id BIGINT PRIMARY KEY); CREATE TABLE item (id TEXT);",
         NULL}};
    static struct query half = {"half", "DELETE FROM half", NULL};
    struct db_options options = item_options(test_directory());
    struct db *db;
    struct fault fault;
    int version;
    CHECK_OK(db_open(&options, &db, &fault));
    CHECK_ERR(ERR_INTERNAL, db_migrate(db, broken, 2, &fault));
    CHECK(strstr(fault.detail, "broken"));
    CHECK_OK(db_version(db, &version, &fault));
    CHECK_INT(1, version);
    CHECK_ERR(ERR_INTERNAL, db_write(db, run_wrong, &half, &fault));
    CHECK_OK(db_migrate(db, item_migrations, 2, &fault));
    db_close(db);
}

TEST(db_migrate, makes_a_number_the_key_of_its_row)
{
    static const struct query shape = {
        "shape", "SELECT sql FROM sqlite_master WHERE name IN ('item', 'colour') ORDER BY name",
        NULL};
    struct db *db = item_file_db(test_directory());
    struct db_conn *conn;
    struct fault fault;
    CHECK_OK(db_reader_take(db, &fault, &conn));
    struct db_rows *rows = db_select(conn, &shape, DB_NO_ARGS);
    CHECK(db_rows_next(rows));
    CHECK_STR("CREATE TABLE colour (name TEXT PRIMARY KEY)", db_rows_text(rows, "sql"));
    CHECK(db_rows_next(rows));
    CHECK(str_starts_with(db_rows_text(rows, "sql"),
                          STR("CREATE TABLE item (id INTEGER PRIMARY KEY, name")));
    CHECK_OK(db_rows_close(rows));
    db_reader_give(conn);
    db_close(db);
}

TEST(db_prepare_all, names_the_statement_that_is_wrong)
{
    static const struct query wrong[] = {{"right", "SELECT id FROM item", NULL},
                                         {"the wrong one", "SELECT id FROM atom", NULL}};
    static const struct query_table table = {"wrong", wrong, ARRAY_LEN(wrong)};
    struct db *db = item_db(test_directory());
    struct fault fault;
    CHECK_OK(db_prepare_all(db, &item_query_table, &fault));
    CHECK_ERR(ERR_INTERNAL, db_prepare_all(db, &table, &fault));
    CHECK(strstr(fault.detail, "the wrong one"));
    db_close(db);
}
