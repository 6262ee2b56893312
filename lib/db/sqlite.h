/* Private to the SQLite driver: its connection, and how it tells failures. */
#ifndef LIB_DB_SQLITE_H
#define LIB_DB_SQLITE_H

#include <sqlite3.h>

#include "lib/db/driver.h"

struct sqlite_conn {
    struct db_conn base;
    sqlite3 *handle;
    sqlite3_stmt *control[DB_CONTROL_COUNT];
    sqlite3_stmt *data_version;
    int64_t busy_since_ms;
    int busy_limit_ms;
    int wal_pages; /* in the write-ahead log after the last commit */
    int next_checkpoint_pages;
};

/* What the engine's result means; OK for a success. */
enum err sqlite_err(sqlite3 *handle, int result);
/* The same, told to the fault with the engine's own words. `handle` may be NULL. */
MUST_CHECK enum err sqlite_fail(struct fault *fault, sqlite3 *handle, int result,
                                const char *where);
/* Opens the file and sets what holds for every connection. On failure nothing stays open. */
MUST_CHECK enum err sqlite_connect(struct db *db, bool is_writer, struct fault *fault,
                                   struct db_conn **ret_conn);
void sqlite_disconnect(struct db_conn *conn);

enum err sqlite_backup(struct db *db, const struct db_backup_order *order, struct fault *fault);
enum err sqlite_check(struct db *db, struct fault *fault);
/* Integrity and foreign keys of an open database. */
MUST_CHECK enum err sqlite_check_handle(sqlite3 *handle, struct fault *fault);
int64_t sqlite_size_bytes(struct db *db);

int64_t sqlite_others_version(struct db_conn *conn);
void sqlite_care(struct db_conn *conn, bool idle);

#endif
