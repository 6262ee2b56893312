/* A small product for tests. */
#include "tests/support/world.h"

#include <stdio.h>

#include "lib/base/id.h"
#include "lib/db/db.h"
#include "src/app/schema.h"
#include "tests/support/database.h"
#include "tests/support/test.h"

enum { ARENA_BYTES = 256 * 1024 * 1024, FIRST_NODE = 1 };

enum { ADD_USER, ADD_ORGANISATION };

static const struct query queries[] = {
    [ADD_USER] = {"world add user",
                  "INSERT INTO user_account (id, email, name, role, created_ms)"
                  " VALUES ($1, $2, $3, $4, $5)",
                  NULL},
    [ADD_ORGANISATION] = {"world add organisation",
                          "INSERT INTO organisation (id, name, country, currency, time_zone,"
                          " default_manager_id, created_ms)"
                          " VALUES (1, 'Test Vendor', 'AT', 'EUR', 'Europe/Vienna', $1, $2)",
                          NULL},
};

static int64_t world_clock(void *self)
{
    struct world *world = self;
    struct clock real = clock_system();
    int64_t now_ms = atomic_load(&world->now_ms);
    return now_ms ? now_ms : clock_now_ms(&real);
}

static void open_database(struct world *world)
{
    struct fault fault;
    struct db_options options = {.url = test_database_migrated(world->directory),
                                 .readers = 4,
                                 .cache_bytes = 16 * 1024 * 1024,
                                 .busy_timeout_ms = 5000,
                                 .group_rows = 2000,
                                 .create = true};
    CHECK_OK(db_open(&options, &world->services.db, &fault));
    enum err err =
        db_migrate(world->services.db, schema_migrations, schema_migration_count, &fault);
    if (err != OK)
        test_fail(__FILE__, __LINE__, "the migration fails: %s", fault.detail);
}

/* ---- rows ---- */

struct statement {
    const struct query *query;
    const struct db_args *args;
};

static enum err run_statement(struct db_conn *conn, void *arg)
{
    const struct statement *statement = arg;
    return db_run(conn, statement->query, *statement->args, NULL);
}

void world_run(struct world *world, const struct query *query, const struct db_args *args)
{
    struct fault fault;
    struct statement statement = {query, args};
    if (db_write(world->services.db, run_statement, &statement, &fault) != OK)
        test_fail(__FILE__, __LINE__, "%s: %s", fault.sentence, fault.detail);
}

int64_t world_number(struct world *world, const struct query *query)
{
    struct fault fault;
    struct db_conn *conn;
    CHECK_OK(db_reader_take(world->services.db, &fault, &conn));
    struct db_rows *rows = db_select(conn, query, DB_NO_ARGS);
    int64_t number = db_rows_next(rows) ? db_rows_int(rows, "n") : 0;
    enum err err = db_rows_close(rows);
    db_reader_give(conn);
    CHECK_OK(err);
    return number;
}

static struct user_id add_user(struct world *world, const char *email, const char *name,
                               enum role role)
{
    struct user_id id = {id_next(world->services.ids)};
    struct db_args args =
        DB_ARGS(db_int(id.v), db_text(str_from_c(email)), db_text(str_from_c(name)),
                db_text(str_from_c(role_name(role))), db_int(WORLD_START_MS));
    world_run(world, &queries[ADD_USER], &args);
    return id;
}

static void add_organisation(struct world *world)
{
    struct db_args args = DB_ARGS(db_int(world->manager.v), db_int(WORLD_START_MS));
    world_run(world, &queries[ADD_ORGANISATION], &args);
}

/* ---- the world ---- */

void world_open(struct world *world)
{
    *world = (struct world){.directory = test_directory()};
    atomic_init(&world->now_ms, WORLD_START_MS);
    CHECK_OK(crypt_init());
    arena_init(&world->arena, ARENA_BYTES);
    world->services = (struct services){.clock = {world_clock, world},
                                        .entropy = entropy_system(),
                                        .zones = zones_new(),
                                        .data_directory = str_from_c(world->directory)};
    world->services.ids = id_source_new(&world->services.clock, FIRST_NODE);
    open_database(world);
    world->admin = add_user(world, WORLD_ADMIN_EMAIL, "Ada Admin", ROLE_ADMIN);
    world->manager = add_user(world, WORLD_MANAGER_EMAIL, "Max Manager", ROLE_MANAGER);
    add_organisation(world);
    world_as(world, ROLE_ADMIN);
}

void world_close(struct world *world)
{
    db_close(world->services.db);
    id_source_free(world->services.ids);
    zones_free(world->services.zones);
    arena_finish(&world->arena);
}

void world_reopen(struct world *world)
{
    db_close(world->services.db);
    open_database(world);
}

void world_set_now(struct world *world, int64_t now_ms)
{
    atomic_store(&world->now_ms, now_ms);
}

static struct user_id user_of(const struct world *world, enum role role)
{
    if (role == ROLE_ADMIN)
        return world->admin;
    return role == ROLE_MANAGER ? world->manager : (struct user_id){0};
}

static struct str name_of(enum role role)
{
    if (role == ROLE_ADMIN)
        return STR(WORLD_ADMIN_EMAIL);
    return role == ROLE_MANAGER ? STR(WORLD_MANAGER_EMAIL) : str_from_c(role_name(role));
}

struct ctx *world_as(struct world *world, enum role role)
{
    ctx_init(&world->ctx, &world->services, &world->arena);
    world->ctx.actor = (struct actor){.role = role, .scopes = SCOPES_ALL};
    world->ctx.actor.user = user_of(world, role);
    world->ctx.actor.name = name_of(role);
    return &world->ctx;
}

struct ctx *world_as_partner(struct world *world, struct partner_id partner)
{
    world_as(world, ROLE_PARTNER)->actor.partner = partner;
    return &world->ctx;
}
