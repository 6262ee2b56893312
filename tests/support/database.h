/*
 * Where a test's database is: a file in its directory, or, when TEST_POSTGRES is the address of a
 * PostgreSQL server, a new database there, so that the same tests run on both engines.
 */
#ifndef TESTS_SUPPORT_DATABASE_H
#define TESTS_SUPPORT_DATABASE_H

#include <stdbool.h>

#include "lib/base/str.h"

/* The same address each time for the same directory of test_directory(). Lives until the test ends.
 */
struct str test_database(const char *directory);
/* A directory whose database has the tables of all migrations from the first moment on. */
struct str test_database_migrated(const char *directory);
/* A file whatever engine is tested, for what only a file has. */
struct str test_database_file(const char *directory);
bool test_on_postgres(void);
/* After each test. */
void test_databases_drop(void);

#endif
