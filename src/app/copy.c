/* `rapport db copy`: a whole installation from one engine to the other. */
#include <signal.h>

#include "lib/db/copy.h"
#include "src/app/app.h"
#include "src/app/commands.h"
#include "src/app/data.h"
#include "src/app/place.h"
#include "src/app/schema.h"
#include "src/intake/intake.h"
#include "src/ledger/ledger.h"
#include "src/organisation/organisation.h"

enum { CACHE_BYTES = 64 * 1024 * 1024, BUSY_TIMEOUT_MS = 10000 };

/* What the person at the terminal sees and does meanwhile. */
struct watch {
    struct command_run *run;
    struct arena *arena;
    struct cli_progress *bar;
    const char *unit;
    sigset_t signals;
    bool stopped;
};

/* One run of the command. */
struct copying {
    struct ctx *ctx; /* the command's, without data */
    struct command_run *run;
    struct place from, to;
    struct db *source;
    int64_t source_version; /* see db_others_version; before the copy began */
    struct watch watch;
    struct db_copy_report report;
    struct ledger_report totals;
    int64_t took_ms;
};

/* ---- watching ---- */

/* Before any thread is made. */
static void block_signals(struct watch *watch)
{
    sigemptyset(&watch->signals);
    sigaddset(&watch->signals, SIGINT);
    sigaddset(&watch->signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &watch->signals, NULL);
}

static bool goes_on(struct watch *watch)
{
    const struct timespec at_once = {0};
    if (sigtimedwait(&watch->signals, NULL, &at_once) > 0)
        watch->stopped = true;
    return !watch->stopped;
}

static void end_bar(struct watch *watch)
{
    if (watch->bar)
        cli_progress_end(watch->bar);
    watch->bar = NULL;
    watch->unit = NULL;
}

static void show(struct watch *watch, const char *unit, int64_t done, int64_t total)
{
    if (watch->unit != unit) {
        end_bar(watch);
        watch->bar = cli_progress_new(watch->run->err_fd, unit, watch->arena);
        watch->unit = unit;
    }
    cli_progress_set(watch->bar, done, total);
}

static bool show_copy(void *self, enum db_copy_stage stage, int64_t done, int64_t total)
{
    static const char *const units[DB_COPY_STAGE_COUNT] = {
        [DB_COPY_ROWS] = "rows copied",
        [DB_COPY_COMPARE] = "rows compared",
        [DB_COPY_INDEXES] = "indexes",
    };
    show(self, units[stage], done, total);
    return goes_on(self);
}

static bool show_totals(void *self, int64_t done, int64_t total)
{
    show(self, "days of totals", done, total);
    return goes_on(self);
}

/* ---- the source ---- */

static enum err check_version(struct copying *copying)
{
    struct ctx *ctx = copying->ctx;
    int version, ours = (int)schema_migration_count;
    TRY(db_version(copying->source, &version, &ctx->fault));
    if (version == 0)
        return CTX_FAULT(ctx, ERR_INVALID, "source", "The source is no database of Rapport.");
    if (version < ours)
        return CTX_FAULT(ctx, ERR_CONFLICT, "source_old",
                         "The source has the tables of an older version. Let this version bring"
                         " them up to date first, for example with `rapport doctor`.");
    return version == ours ? OK
                           : CTX_FAULT(ctx, ERR_UNSUPPORTED, "source_newer",
                                       "The source belongs to a newer version: use that one.");
}

static enum err read_organisation(struct ctx *ctx, void *organisation)
{
    return organisation_get(ctx, organisation);
}

/* An installation is the one that was made at that instant, wherever its file lies. */
static enum err name_source(struct copying *copying, struct str *ret_name)
{
    struct ctx *ctx = copying->ctx, inside;
    struct organisation organisation;
    struct services services = app_bare_services(copying->from.directory, copying->from.url);
    services.db = copying->source;
    ctx_init(&inside, &services, ctx->arena);
    inside.actor = ctx->actor;
    if (ctx_read(&inside, read_organisation, &organisation) != OK)
        return CTX_FAULT(ctx, ERR_INVALID, "source", "The source is no installation of Rapport.");
    *ret_name =
        arena_format(ctx->arena, "organisation made at %lld", (long long)organisation.created_ms);
    return OK;
}

static enum err check_source(struct copying *copying)
{
    struct ctx *ctx = copying->ctx;
    enum db_copy_state state;
    TRY(check_version(copying));
    TRY(db_copy_look(copying->source, ctx->arena, &state, &ctx->fault));
    return state == DB_COPY_UNFINISHED
               ? CTX_FAULT(ctx, ERR_CONFLICT, "source_unfinished",
                           "The source is itself a copy that is not finished.")
               : OK;
}

/* ---- the target ---- */

static enum err look_at(struct copying *copying, struct db *db)
{
    struct ctx *ctx = copying->ctx;
    enum db_copy_state state;
    TRY(db_copy_look(db, ctx->arena, &state, &ctx->fault));
    return state == DB_COPY_FILLED
               ? CTX_FAULT(ctx, ERR_CONFLICT, "target_filled",
                           "The target is not empty; nothing was changed. Name an empty database.")
               : OK;
}

static struct db_options options_of(const struct place *place)
{
    return (struct db_options){.url = place->url,
                               .readers = 2,
                               .cache_bytes = CACHE_BYTES,
                               .busy_timeout_ms = BUSY_TIMEOUT_MS};
}

static enum err check_target(struct copying *copying)
{
    struct ctx *ctx = copying->ctx;
    struct db_options options = options_of(&copying->to);
    struct db *db;
    enum err err = db_open(&options, &db, &ctx->fault);
    if (err == ERR_NOT_FOUND)
        return copying->to.is_file ? data_make(copying->to.directory, &ctx->fault) : OK;
    TRY(err);
    err = look_at(copying, db);
    db_close(db);
    return err;
}

/* ---- copying ---- */

static enum err copy_tables(struct copying *copying, struct db *target)
{
    struct ctx *ctx = copying->ctx;
    struct db_copy_order order = {.from = copying->source,
                                  .to = target,
                                  .progress = show_copy,
                                  .self = &copying->watch,
                                  .arena = ctx->arena};
    int64_t began_ms = monotonic_ms();
    TRY(name_source(copying, &order.source));
    TRY(db_copy(&order, &copying->report, &ctx->fault));
    copying->took_ms = monotonic_ms() - began_ms;
    return OK;
}

/* As `rapport doctor` does. A total that differs differs in the source too. */
static enum err check_totals(struct copying *copying, const struct services *services)
{
    struct ctx *ctx = copying->ctx, inside;
    struct ledger_doctor_options how = {.progress = show_totals, .self = &copying->watch};
    TRY(db_check(services->db, &ctx->fault));
    ctx_init(&inside, services, ctx->arena);
    inside.actor = ctx->actor;
    enum err err = ledger_doctor(&inside, &how, &copying->totals);
    if (err != OK)
        ctx->fault = inside.fault;
    return err;
}

/* What is there is one consistent state all the same, but not the last one. */
static enum err check_unchanged(struct copying *copying)
{
    if (db_others_version(copying->source) == copying->source_version)
        return OK;
    return CTX_FAULT(copying->ctx, ERR_CONFLICT, "source_changed",
                     "Somebody wrote to the source meanwhile. Stop every server and command that"
                     " uses it, and run the same command again: it copies what has changed.");
}

static enum err carry_imports(struct copying *copying, const struct services *services)
{
    struct ctx inside;
    struct str directory = {NULL, 0};
    if (copying->from.is_file)
        directory = copying->from.directory;
    ctx_init(&inside, services, copying->ctx->arena);
    inside.actor = copying->ctx->actor;
    enum err err = import_carry(&inside, directory);
    if (err != OK)
        copying->ctx->fault = inside.fault;
    return err;
}

static enum err copy_into(struct copying *copying, const struct services *services)
{
    TRY(copy_tables(copying, services->db));
    TRY(check_totals(copying, services));
    TRY(check_unchanged(copying));
    TRY(carry_imports(copying, services));
    return db_copy_finish(services->db, &copying->ctx->fault);
}

static enum err open_target(struct copying *copying)
{
    struct app *app;
    struct app_options options = {
        .directory = copying->to.directory, .create = true, .copying = true};
    if (!copying->to.is_file)
        options.db_url = copying->to.url;
    TRY(check_target(copying));
    TRY(app_open(&options, &app, &copying->ctx->fault));
    enum err err = copy_into(copying, app_services(app));
    app_close(app);
    return err;
}

static enum err hold_source(struct copying *copying)
{
    int hold;
    TRY(check_source(copying));
    TRY(place_hold(copying->ctx, &copying->from, copying->source, &hold));
    copying->source_version = db_others_version(copying->source);
    enum err err = open_target(copying);
    end_bar(&copying->watch);
    place_leave(hold);
    return err;
}

static enum err open_source(struct copying *copying)
{
    struct db_options options = options_of(&copying->from);
    TRY(db_open(&options, &copying->source, &copying->ctx->fault));
    enum err err = hold_source(copying);
    db_close(copying->source);
    return err;
}

/* ---- the command ---- */

static struct str number_text(struct arena *arena, int64_t number)
{
    return arena_format(arena, "%lld", (long long)number);
}

static enum err print_tables(struct copying *copying)
{
    static const struct cli_column columns[] = {
        {"Table", "table", CLI_LEFT, CLI_CELL_TEXT},
        {"Rows", "rows", CLI_RIGHT, CLI_CELL_NUMBER},
        {"Checksum", "checksum", CLI_LEFT, CLI_CELL_TEXT},
    };
    struct arena *arena = copying->ctx->arena;
    struct cli_table *table = cli_table_new(arena, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < copying->report.count; i++) {
        const struct db_copy_table *each = &copying->report.tables[i];
        struct str cells[] = {each->name, number_text(arena, each->rows),
                              arena_format(arena, "%016llx", (unsigned long long)each->checksum)};
        cli_table_add(table, cells);
    }
    return command_print_table(copying->ctx, copying->run, table);
}

static enum err print_sum(struct copying *copying)
{
    const struct db_copy_report *report = &copying->report;
    struct arena *arena = copying->ctx->arena;
    int64_t took_ms = copying->took_ms ? copying->took_ms : 1;
    struct str rows = cli_group_digits(number_text(arena, report->rows), arena);
    struct str rate = cli_group_digits(number_text(arena, report->copied * 1000 / took_ms), arena);
    return command_print(
        copying->run,
        arena_format(arena, "\nCopied %.*s rows (%.*s rows/s). Both sides have the same.\n",
                     STR_ARG(rows), STR_ARG(rate)));
}

static enum err tell_totals(struct copying *copying)
{
    const struct ledger_report *totals = &copying->totals;
    if (!totals->differences)
        return OK;
    return CTX_FAULT(copying->ctx, ERR_CORRUPT, "ledger_differs",
                     "Everything was copied, but %lld totals are not what the facts say, on both"
                     " sides. `rapport doctor --repair` sets them right.",
                     (long long)totals->differences);
}

static enum err read_places(struct copying *copying)
{
    struct ctx *ctx = copying->ctx;
    const struct cli_args *args = copying->run->args;
    TRY(place_parse(ctx, "from", cli_text(args, "from"), &copying->from));
    return place_parse_target(ctx, "to", cli_text(args, "to"), &copying->to);
}

static enum err run_copy(struct ctx *ctx, struct command_run *run)
{
    struct copying copying = {.ctx = ctx, .run = run, .watch = {.run = run, .arena = ctx->arena}};
    TRY(read_places(&copying));
    block_signals(&copying.watch);
    enum err err = open_source(&copying);
    if (err == ERR_CANCELLED)
        return CTX_FAULT(ctx, err, "copy_stopped",
                         "Stopped. Run the same command again: it goes on where it was.");
    TRY(err);
    TRY(print_tables(&copying));
    if (run->format == CLI_FORMAT_TEXT)
        TRY(print_sum(&copying));
    return tell_totals(&copying);
}

static const struct cli_option options[] = {
    {"from", CLI_TEXT, "PLACE", "sqlite:DIRECTORY, sqlite:FILE or postgres://…; only read", false},
    {"to", CLI_TEXT, "PLACE", "an empty postgres://… or a new sqlite:DIRECTORY", false},
};
static const struct command copy_rows[] = {
    COMMAND("db copy", "", "Copy everything from one database into another, and compare them",
            run_copy, .without_data = true, .options = options, .option_count = ARRAY_LEN(options),
            .notes =
                "Stop the servers of the source first. When it is stopped, killed or cut off, run"
                " the same\ncommand again: it goes on where it was, and until it is done nothing"
                " else opens the target."),
};
const struct command_table copy_commands = {copy_rows, ARRAY_LEN(copy_rows)};
