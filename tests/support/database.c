/* A database for each test, on the engine that is tested. */
#include "tests/support/database.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/db/db.h"
#include "src/app/schema.h"
#include "tests/support/test.h"

enum { DATABASES_MAX = 16, TEXT_MAX = 256 };

struct database {
    bool is_on_server;
    char directory[TEXT_MAX];
    char name[TEXT_MAX];
    char url[TEXT_MAX * 2];
};

/* Like the runner: one process, one state. */
static struct {
    struct database databases[DATABASES_MAX];
    size_t count;
    int made;
    bool has_template;
} state;

static const char *server(void)
{
    return getenv("TEST_POSTGRES");
}

bool test_on_postgres(void)
{
    return server() != NULL;
}

static void admin(const char *sql)
{
    PGconn *link = PQconnectdb(server());
    PGresult *result = PQexec(link, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        fprintf(stderr, "%s: %s\n", sql, PQerrorMessage(link));
        abort();
    }
    PQclear(result);
    PQfinish(link);
}

/* The server's address with another database: it stands behind the last "/" before "?". */
static void put_url(char *url, const char *name)
{
    const char *text = server(), *query = strchr(text, '?');
    const char *path = query ? query : text + strlen(text);
    while (path > text && path[-1] != '/')
        path--;
    snprintf(url, TEXT_MAX * 2, "%.*s%s%s", (int)(path - text), text, name, query ? query : "");
}

static void create(const char *name, const char *template)
{
    char sql[TEXT_MAX * 3];
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s TEMPLATE %s", name, template);
    admin(sql);
}

static void drop(const char *name)
{
    char sql[TEXT_MAX * 2];
    snprintf(sql, sizeof(sql), "DROP DATABASE %s WITH (FORCE)", name);
    admin(sql);
}

static void template_name(char *name)
{
    snprintf(name, TEXT_MAX, "rapport_test_%ld_template", (long)getpid());
}

static void make_template(void)
{
    char name[TEXT_MAX], url[TEXT_MAX * 2];
    struct fault fault;
    struct db *db;
    if (state.has_template)
        return;
    template_name(name);
    create(name, "template0");
    put_url(url, name);
    struct db_options options = {.url = str_from_c(url),
                                 .readers = 1,
                                 .busy_timeout_ms = 5000,
                                 .group_rows = 1,
                                 .create = true};
    CHECK_OK(db_open(&options, &db, &fault));
    enum err err = db_migrate(db, schema_migrations, schema_migration_count, &fault);
    db_close(db);
    if (err != OK)
        test_fail(__FILE__, __LINE__, "the migration fails: %s %s", fault.sentence, fault.detail);
    state.has_template = true;
}

static struct database *add(const char *directory)
{
    if (state.count == DATABASES_MAX)
        abort();
    struct database *database = &state.databases[state.count++];
    database->is_on_server = false;
    snprintf(database->directory, TEXT_MAX, "%s", directory);
    snprintf(database->name, TEXT_MAX, "rapport_test_%ld_%d", (long)getpid(), state.made++);
    return database;
}

static struct str put_file_url(struct database *database)
{
    snprintf(database->url, sizeof(database->url), "sqlite:%s/rapport.db", database->directory);
    return str_from_c(database->url);
}

static struct str find_or_make(const char *directory, bool migrated)
{
    char template[TEXT_MAX];
    for (size_t i = 0; i < state.count; i++)
        if (strcmp(state.databases[i].directory, directory) == 0)
            return str_from_c(state.databases[i].url);
    struct database *database = add(directory);
    if (!test_on_postgres())
        return put_file_url(database);
    if (migrated)
        make_template();
    template_name(template);
    database->is_on_server = true;
    create(database->name, migrated ? template : "template0");
    put_url(database->url, database->name);
    return str_from_c(database->url);
}

struct str test_database(const char *directory)
{
    return find_or_make(directory, false);
}

struct str test_database_migrated(const char *directory)
{
    return find_or_make(directory, true);
}

struct str test_database_file(const char *directory)
{
    for (size_t i = 0; i < state.count; i++)
        if (strcmp(state.databases[i].directory, directory) == 0)
            return str_from_c(state.databases[i].url);
    return put_file_url(add(directory));
}

void test_databases_drop(void)
{
    for (size_t i = 0; test_on_postgres() && i < state.count; i++)
        if (state.databases[i].is_on_server)
            drop(state.databases[i].name);
    state.count = 0;
}

__attribute__((destructor)) static void drop_template(void)
{
    char name[TEXT_MAX];
    template_name(name);
    if (state.has_template)
        drop(name);
}
