/* What the tests of lib/db share: a database with two tables in a new directory. */
#ifndef LIB_DB_DB_TEST_H
#define LIB_DB_DB_TEST_H

#include <sys/types.h>

#include "lib/db/db.h"

enum item_query {
    ITEM_ADD,
    ITEM_ADD_SWAPPED,
    ITEM_LIST,
    ITEM_GET,
    ITEM_COUNT,
    ITEM_RENAME,
    ITEM_RETURNING,
    ITEM_ADD_DATA,
    CHILD_ADD
};
extern const struct query item_queries[];
extern const struct query_table item_query_table;
extern const struct migration item_migrations[];
enum { ITEM_MIGRATIONS = 2 };

/* For a directory of test_directory(). */
struct db_options item_options(const char *directory);
/* Open and migrated; a failed one ends the test. */
struct db *item_db(const char *directory);
/* The same on SQLite, for what only a file has. */
struct db_options item_file_options(const char *directory);
struct db *item_file_db(const char *directory);

/* Writes one item in a job of its own. `name` NULL: "item ID". */
enum err item_add(struct db *db, int64_t id, const char *name, struct fault *fault);
/* Inside a job. */
enum err item_add_in(struct db_conn *conn, int64_t id, const char *name);
int64_t item_count(struct db *db);
bool item_exists(struct db *db, int64_t id);

struct item_path {
    char text[256];
};
struct item_path item_path(const char *directory, const char *name);

/* A process of its own, which can be limited and killed. What the body returns is its exit status;
 * it must not use CHECK. */
typedef int item_child(void *arg);
pid_t item_child_start(item_child *body, void *arg);
/* The exit status, or 128 when it did not end by itself. */
int item_child_wait(pid_t pid);
int item_child_run(item_child *body, void *arg);

#endif
