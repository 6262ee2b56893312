/* No table of the product is forgotten by `db copy`. */
#include "lib/db/copy.h"

#include "src/app/schema.h"
#include "tests/support/database.h"
#include "tests/support/test.h"
#include "tests/support/world.h"

static bool is_copied(const struct db_copy_report *report, struct str name)
{
    for (size_t i = 0; i < report->count; i++)
        if (str_equal(report->tables[i].name, name))
            return true;
    return false;
}

static size_t check_tables_of(const struct migration *migration,
                              const struct db_copy_report *report)
{
    static const char words[] = "CREATE TABLE ";
    struct str rest = str_from_c(migration->sql);
    size_t at, end, count = 0;
    for (; str_find(rest, str_from_c(words), &at); count++) {
        rest = str_slice(rest, at + sizeof(words) - 1, rest.len);
        CHECK(str_find(rest, STR(" "), &end));
        struct str name = str_slice(rest, 0, end);
        if (!is_copied(report, name))
            test_fail(__FILE__, __LINE__, "%.*s is not copied", STR_ARG(name));
    }
    return count;
}

static struct db *open_target(void)
{
    struct db *db;
    struct fault fault;
    struct db_options options = {.url = test_database(test_directory()),
                                 .readers = 1,
                                 .busy_timeout_ms = 5000,
                                 .create = true,
                                 .copying = true};
    CHECK_OK(db_open(&options, &db, &fault));
    CHECK_OK(db_migrate(db, schema_migrations, schema_migration_count, &fault));
    return db;
}

TEST(db_copy, has_every_table_that_the_migrations_make)
{
    struct world world;
    struct db_copy_report report;
    size_t tables = 0;
    world_open(&world);
    struct db *target = open_target();
    struct db_copy_order order = {
        .from = world.services.db, .to = target, .source = STR("world"), .arena = &world.arena};
    CHECK_OK(db_copy(&order, &report, &world.ctx.fault));
    CHECK(report.rows > 0);
    for (size_t i = 0; i < schema_migration_count; i++)
        tables += check_tables_of(&schema_migrations[i], &report);
    CHECK_INT(tables, report.count);
    db_close(target);
    world_close(&world);
}
