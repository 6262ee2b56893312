/* `rapport init`: a data directory with the organisation and its first administrator. */
#include "src/account/account.h"
#include "src/app/app.h"
#include "src/app/commands.h"
#include "src/app/data.h"
#include "src/app/first_sign_in.h"
#include "src/app/sample.h"
#include "src/organisation/organisation.h"

struct first {
    const struct cli_args *args;
    struct str email, password, hash;
    struct organisation organisation;
    struct import sample;
    int err_fd;
};

static void set_field(struct organisation_change *change, enum organisation_field field,
                      struct str text)
{
    change->fields[field].given = text.len > 0;
    change->fields[field].text = text;
}

/* What was said, or what the sample channel is called; empty: the organisation's own default. */
static struct str said(const struct first *first, const char *option)
{
    static const char *const samples[][2] = {
        {"name", "Adventure Works Cycles"},
        {"admin", "admin@example.com"},
        {"admin-name", "Administrator"},
        {"country", "US"},
        {"currency", "USD"},
        {"time-zone", "America/Los_Angeles"},
    };
    if (cli_has(first->args, option) || !cli_has(first->args, "sample"))
        return cli_text(first->args, option);
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        if (strcmp(samples[i][0], option) == 0)
            return str_from_c(samples[i][1]);
    return (struct str){NULL, 0};
}

static enum err write_first(struct ctx *ctx, void *arg)
{
    struct first *first = arg;
    struct user user;
    struct user_draft draft = {
        .email = first->email,
        .name = said(first, "admin-name"),
        .role = ROLE_ADMIN,
        .hash = first->hash,
    };
    TRY(user_add(ctx, &draft, &user));
    struct organisation_change change = {0};
    set_field(&change, ORGANISATION_NAME, said(first, "name"));
    set_field(&change, ORGANISATION_COUNTRY, said(first, "country"));
    set_field(&change, ORGANISATION_CURRENCY, said(first, "currency"));
    set_field(&change, ORGANISATION_TIME_ZONE, said(first, "time-zone"));
    set_field(&change, ORGANISATION_CONTACT_NAME, user.name);
    set_field(&change, ORGANISATION_CONTACT_EMAIL, user.email);
    set_field(&change, ORGANISATION_DEFAULT_MANAGER, user_id_text(user.id, ctx->arena));
    return organisation_create(ctx, &change, &first->organisation);
}

static bool show_progress(void *bar, int64_t rows_done, int64_t rows)
{
    cli_progress_set(bar, rows_done, rows);
    return true;
}

static enum err load_sample(struct ctx *ctx, struct first *first)
{
    struct cli_progress *bar = cli_progress_new(first->err_fd, "rows", ctx->arena);
    struct import_watch watch = {.progress = show_progress, .self = bar};
    enum err err = sample_load(ctx, &watch, &first->sample);
    cli_progress_end(bar);
    return err;
}

static enum err fill(struct ctx *ctx, struct first *first)
{
    first->email = said(first, "admin");
    first->password = first_password(ctx);
    TRY(user_hash_password(ctx, first->password, &first->hash));
    TRY(ctx_write(ctx, write_first, first));
    if (cli_has(first->args, "sample"))
        TRY(load_sample(ctx, first));
    return first_sign_in_keep(ctx, ctx->services->data_directory, first->email, first->password);
}

static enum err make_inside(struct ctx *ctx, struct first *first)
{
    struct app *app;
    struct app_options options = {.directory = ctx->services->data_directory,
                                  .db_url = ctx->services->db_url,
                                  .create = true};
    struct ctx inside;
    TRY(app_open(&options, &app, &ctx->fault));
    ctx_init(&inside, app_services(app), ctx->arena);
    inside.actor = ctx->actor;
    enum err err = fill(&inside, first);
    app_close(app);
    ctx->fault = inside.fault;
    return err;
}

static enum err check_given(struct ctx *ctx, const struct cli_args *args)
{
    if (cli_has(args, "sample"))
        return OK;
    if (!cli_has(args, "name"))
        return CTX_FAULT(ctx, ERR_INVALID, "name_missing",
                         "Say whose data it is: --name \"Your company\".");
    if (!cli_has(args, "admin"))
        return CTX_FAULT(ctx, ERR_INVALID, "admin_missing",
                         "Name the first administrator's mail address: --admin you@company.com.");
    return OK;
}

static enum err make_place(struct ctx *ctx, struct str directory)
{
    return ctx->services->db_url.len ? data_ensure(directory, &ctx->fault)
                                     : data_make(directory, &ctx->fault);
}

static enum err run_init(struct ctx *ctx, struct command_run *run)
{
    struct first first = {.args = run->args, .err_fd = run->err_fd};
    struct str directory = ctx->services->data_directory;
    TRY(check_given(ctx, run->args));
    TRY(make_place(ctx, directory));
    enum err err = make_inside(ctx, &first);
    if (err != OK) {
        if (!ctx->services->db_url.len)
            data_discard(directory);
        return err;
    }
    const struct organisation *made = &first.organisation;
    return command_print(run, arena_format(ctx->arena,
                                           "Made %.*s for %.*s (%.3s, %.*s).\n"
                                           "Sign in as %.*s with the password %.*s and change it.\n"
                                           "Start it with: rapport serve\n",
                                           STR_ARG(directory), STR_ARG(made->name),
                                           made->currency.code, STR_ARG(made->time_zone),
                                           STR_ARG(first.email), STR_ARG(first.password)));
}

static const struct cli_option init_options[] = {
    {"name", CLI_TEXT, "NAME", "name of the organisation", false},
    {"admin", CLI_TEXT, "MAIL", "mail address of the first administrator", false},
    {"admin-name", CLI_TEXT, "NAME", "the administrator's name", false},
    {"country", CLI_TEXT, "CODE", "ISO 3166 code; partners' default", false},
    {"currency", CLI_TEXT, "CODE", "ISO 4217 code of reports (default: EUR)", false},
    {"time-zone", CLI_TEXT, "ZONE", "IANA zone of the organisation (default: UTC)", false},
    {"sample", CLI_FLAG, NULL, "fill it with the sample channel, Adventure Works Cycles", false},
};
static const struct command init_rows[] = {
    COMMAND("init", "", "Make a data directory or the tables of --db, and the first administrator",
            run_init, .without_data = true, .options = init_options,
            .option_count = ARRAY_LEN(init_options)),
};
const struct command_table init_commands = {init_rows, ARRAY_LEN(init_rows)};
