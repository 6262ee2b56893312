/* The tables: append-only migrations, and every store's statements for the test that prepares them
 * all. */
#ifndef SRC_APP_SCHEMA_H
#define SRC_APP_SCHEMA_H

#include "lib/db/db.h"

extern const struct migration schema_migrations[];
extern const size_t schema_migration_count;

#endif
