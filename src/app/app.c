/* Opens the process's parts in order, and closes them in reverse. */
#include "src/app/app.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/id.h"
#include "lib/db/db.h"
#include "src/account/account.h"
#include "src/app/data.h"
#include "src/app/keeper.h"
#include "src/app/schema.h"
#include "src/app/telemetry.h"
#include "src/attention/attention.h"
#include "src/core/touch.h"
#include "src/domain/domain.h"
#include "src/intake/intake.h"
#include "src/ledger/ledger.h"
#include "src/live/live.h"
#include "src/metric/metric.h"
#include "src/partner/partner.h"

enum {
    READERS = 8,
    /* Readers get an eighth each: a search of 100,000 partners reads pages all over the index. */
    CACHE_BYTES = 256 * 1024 * 1024,
    BUSY_TIMEOUT_MS = 10000, /* a bulk import's batch of another process is shorter */
    GROUP_ROWS = 4000,
    STATEMENT_TIMEOUT_MS = 10 * 60 * 1000, /* a reading statement that nobody can still wait for */
    SCRATCH_BYTES = 64 * 1024,
    REPORT_BYTES = 64 * 1024 * 1024 /* some 5,000 partners' reports */
};

struct app {
    struct services services;
    struct telemetry telemetry;
    struct keeper *keeper;
    int node_fd;
    char *directory, *db_url;
};

const struct services *app_services(const struct app *app)
{
    return &app->services;
}

struct services app_bare_services(struct str directory, struct str db_url)
{
    return (struct services){.clock = clock_system(),
                             .entropy = entropy_system(),
                             .data_directory = directory,
                             .db_url = db_url};
}

static struct str file_url(struct arena *scratch, struct str directory)
{
    struct str file = data_path(scratch, directory, "rapport.db");
    return arena_format(scratch, "sqlite:%.*s", STR_ARG(file));
}

static enum err open_database(struct app *app, struct arena *scratch, const struct app_options *how,
                              struct fault *fault)
{
    struct str url = app->services.db_url;
    struct db_options options = {
        .url = url.len ? url : file_url(scratch, app->services.data_directory),
        .readers = READERS,
        .cache_bytes = CACHE_BYTES,
        .busy_timeout_ms = BUSY_TIMEOUT_MS,
        .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
        .group_rows = GROUP_ROWS,
        .create = how->create,
        .copying = how->copying,
    };
    enum err err = db_open(&options, &app->services.db, fault);
    if (err == ERR_NOT_FOUND && url.len)
        return fault_set(fault, ERR_NOT_FOUND, "data_missing",
                         "There is no Rapport data in this database; make it with `rapport init`.");
    TRY(err);
    return db_migrate(app->services.db, schema_migrations, schema_migration_count, fault);
}

static void open_ledger(struct services *services, bool is_server)
{
    struct db_hooks hooks;
    services->ledger = ledger_new(services);
    services->partner_listener = &ledger_partner_listener;
    services->organisation_listener = &ledger_organisation_listener;
    services->partner_metrics = &metric_partner_metrics;
    services->find_partner = partner_find;
    ledger_hooks(services->ledger, &hooks);
    services->touches = touches_new();
    touches_hook(services->touches, &hooks);
    if (is_server) {
        services->live = live_new(services);
        touches_listen(services->touches, live_wake, services->live);
    }
    db_set_hooks(services->db, &hooks);
}

/* Among the processes of this directory. Those of a shared database know of each other there. */
static enum err take_place(struct app *app, const struct app_options *options, int *ret_node,
                           struct fault *fault)
{
    struct str directory = app->services.data_directory;
    if (options->db_url.len)
        return data_ensure(directory, fault);
    if (!options->create)
        TRY(data_check(directory, fault));
    TRY(data_take_node(directory, &app->node_fd, ret_node, fault));
    return options->server ? data_take_server(directory, app->node_fd, fault) : OK;
}

static enum err open_parts(struct app *app, const struct app_options *options, struct fault *fault)
{
    struct services *services = &app->services;
    int node = 0;
    TRY(take_place(app, options, &node, fault));
    struct arena scratch;
    arena_init(&scratch, SCRATCH_BYTES);
    enum err err = open_database(app, &scratch, options, fault);
    arena_finish(&scratch);
    TRY(err);
    if (db_is_shared(services->db))
        TRY(keeper_new(services, options->server, &app->keeper, fault));
    else
        services->ids = id_source_new(&services->clock, node);
    services->zones = zones_new();
    services->account = account_new(entropy_uint64(&services->entropy));
    services->find_partner = partner_find;
    services->manager_left = partner_manager_left;
    open_ledger(services, options->server);
    if (options->server) {
        services->metrics = metrics_new(REPORT_BYTES);
        services->attention = attention_new();
        services->telemetry = &app->telemetry;
        services->intake = intake_new(services);
        services->domain = domain_service_new(services, true);
        attention_keep(services->attention, services);
    }
    return OK;
}

static char *copy(struct str text)
{
    char *bytes = malloc(text.len + 1);
    if (!bytes)
        abort();
    if (text.len)
        memcpy(bytes, text.ptr, text.len);
    return bytes;
}

enum err app_open(const struct app_options *options, struct app **ret_app, struct fault *fault)
{
    struct app *app = calloc(1, sizeof(*app));
    if (!app)
        abort();
    app->directory = copy(options->directory);
    app->db_url = copy(options->db_url);
    app->services = app_bare_services((struct str){app->directory, options->directory.len},
                                      (struct str){app->db_url, options->db_url.len});
    app->node_fd = -1;
    enum err err = open_parts(app, options, fault);
    if (err != OK) {
        app_close(app);
        return err;
    }
    *ret_app = app;
    return OK;
}

void app_close(struct app *app)
{
    if (!app)
        return;
    struct services *services = &app->services;
    domain_service_free(services->domain);
    intake_free(services->intake);
    attention_stop(services->attention);
    live_stop(services->live);
    keeper_free(app->keeper);
    db_close(services->db);
    live_free(services->live);
    ledger_free(services->ledger);
    metrics_free(services->metrics);
    attention_free(services->attention);
    account_free(services->account);
    touches_free(services->touches);
    zones_free(services->zones);
    id_source_free(services->ids);
    if (app->node_fd >= 0)
        close(app->node_fd);
    free(app->directory);
    free(app->db_url);
    free(app);
}

struct actor app_shell_actor(struct arena *arena)
{
    const struct passwd *user = getpwuid(getuid());
    struct str name = user ? arena_format(arena, "shell:%s", user->pw_name)
                           : arena_format(arena, "shell:%lld", (long long)getuid());
    return (struct actor){.role = ROLE_ADMIN, .scopes = SCOPES_ALL, .name = name};
}
