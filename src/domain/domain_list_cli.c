/* The commands of the channel's domains: watch, list, history, settings. */
#include <time.h>

#include "lib/base/parse.h"
#include "src/core/command.h"
#include "src/core/limits.h"
#include "src/domain/domain_print.h"
#include "src/domain/domain_view.h"

enum { POLL_MS = 50, CHANGES_MAX = 500 };

static struct str kinds_text(unsigned kinds, struct arena *arena)
{
    struct str text = arena_format(arena, "%s%s%s", kinds & DOMAIN_ALARM_VERDICT ? " verdict" : "",
                                   kinds & DOMAIN_ALARM_SERVERS ? " name servers" : "",
                                   kinds & DOMAIN_ALARM_OWNER ? " ownership" : "");
    return str_trim(text);
}

static struct cli_table *change_table(struct ctx *ctx)
{
    static const struct cli_column columns[] = {
        {"When", "at", CLI_LEFT, CLI_CELL_TEXT},
        {"Partner", "partner", CLI_LEFT, CLI_CELL_TEXT},
        {"Domain", "domain", CLI_LEFT, CLI_CELL_TEXT},
        {"What", "kinds", CLI_LEFT, CLI_CELL_TEXT},
        {"Verdict", "verdict", CLI_LEFT, CLI_CELL_TEXT},
        {"In words", "sentence", CLI_LEFT, CLI_CELL_TEXT},
    };
    return cli_table_new(ctx->arena, columns, ARRAY_LEN(columns));
}

static void add_changes(struct ctx *ctx, struct cli_table *table,
                        const struct domain_change_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct domain_change *change = &page->rows[i];
        const struct str cells[] = {
            domain_time_text(change->at_ms, ctx->arena),
            change->partner_name,
            change->domain,
            kinds_text(change->kinds, ctx->arena),
            str_from_c(domain_verdict_names[change->verdict]),
            change->sentence,
        };
        cli_table_add(table, cells);
    }
}

/* ---- dns watch ---- */

struct watching {
    struct command_run *run;
    struct partner_id *ids;
    size_t count;
    int64_t newest;
    struct domain_change_page changes;
};

static enum err read_due(struct ctx *ctx, void *arg)
{
    struct watching *watching = arg;
    TRY(domain_newest_change(ctx, &watching->newest));
    return domain_run_list(ctx, !cli_has(watching->run->args, "all"), &watching->ids,
                           &watching->count);
}

static enum err read_changes(struct ctx *ctx, void *arg)
{
    struct watching *watching = arg;
    return domain_changes_after(ctx, watching->newest, CHANGES_MAX, &watching->changes);
}

static void wait_for_run(struct ctx *ctx, struct command_run *run, struct domain_service *service)
{
    struct cli_progress *progress = cli_progress_new(run->err_fd, "domains", ctx->arena);
    struct timespec pause = {0, POLL_MS * 1000000L};
    struct domain_run state;
    for (domain_run_get(service, &state); state.is_running; domain_run_get(service, &state)) {
        cli_progress_set(progress, state.done, state.total);
        nanosleep(&pause, NULL);
    }
    cli_progress_end(progress);
}

static enum err print_run(struct ctx *ctx, struct command_run *run, struct domain_service *service,
                          const struct watching *watching)
{
    struct cli_table *table = change_table(ctx);
    struct domain_run state;
    struct buf out;
    add_changes(ctx, table, &watching->changes);
    if (run->format != CLI_FORMAT_TEXT)
        return command_print_table(ctx, run, table);
    domain_run_get(service, &state);
    buf_init(&out, ctx->arena, LIMIT_LINE_BYTES);
    buf_format(&out, "%lld checked", (long long)state.done);
    for (int i = 0; i < DOMAIN_VERDICT_COUNT; i++)
        if (state.verdicts[i])
            buf_format(&out, ", %lld %s", (long long)state.verdicts[i], domain_verdict_names[i]);
    buf_format(&out, "; %zu changed\n", watching->changes.count);
    TRY(command_print(run, buf_str(&out)));
    return watching->changes.count ? command_print_table(ctx, run, table) : OK;
}

static enum err run_watch(struct ctx *ctx, struct command_run *run)
{
    struct watching watching = {.run = run};
    TRY(ctx_read(ctx, read_due, &watching));
    struct domain_service *service = domain_service_new(ctx->services, false);
    enum err err = domain_run_start(ctx, service, watching.ids, watching.count);
    if (err == OK) {
        wait_for_run(ctx, run, service);
        err = ctx_read(ctx, read_changes, &watching);
    }
    if (err == OK)
        err = print_run(ctx, run, service, &watching);
    domain_service_free(service);
    return err;
}

/* ---- dns list ---- */

struct listing {
    struct command_run *run;
    struct cli_table *table;
};

static enum err read_filter(struct ctx *ctx, const struct cli_args *args,
                            struct domain_filter *filter)
{
    enum domain_verdict verdict;
    filter->verdict = -1;
    filter->alarmed = cli_has(args, "alarmed");
    if (!cli_has(args, "verdict"))
        return OK;
    if (!domain_verdict_parse(cli_text(args, "verdict"), &verdict))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "verdict", "verdict",
                               "--verdict takes healthy, mismatch, out_of_step, lame, unreachable, "
                               "not_delegated or no_such_domain.");
    filter->verdict = (int)verdict;
    return OK;
}

static void add_state(struct ctx *ctx, struct cli_table *table, const struct domain_state *state)
{
    const struct str cells[] = {
        state->partner_name,
        state->domain,
        state->is_checked ? str_from_c(domain_verdict_names[state->verdict]) : STR(""),
        domain_time_text(state->checked_ms, ctx->arena),
        state->verified_ms ? STR("yes") : STR(""),
        state->name_servers,
        state->provider,
        state->first_reason,
    };
    cli_table_add(table, cells);
}

static enum err read_list(struct ctx *ctx, void *arg)
{
    struct listing *listing = arg;
    struct domain_filter filter = {.verdict = -1};
    struct page page = {.limit = LIMIT_PAGE_MAX};
    struct domain_state_page found;
    TRY(read_filter(ctx, listing->run->args, &filter));
    do {
        TRY(domain_list(ctx, &filter, &page, &found));
        for (size_t i = 0; i < found.count; i++)
            add_state(ctx, listing->table, &found.rows[i]);
        if (found.next.len)
            TRY(page_continue(ctx, found.next, &page));
    } while (found.next.len);
    return OK;
}

static enum err run_list(struct ctx *ctx, struct command_run *run)
{
    static const struct cli_column columns[] = {
        {"Partner", "partner", CLI_LEFT, CLI_CELL_TEXT},
        {"Domain", "domain", CLI_LEFT, CLI_CELL_TEXT},
        {"Verdict", "verdict", CLI_LEFT, CLI_CELL_TEXT},
        {"Checked", "checked_at", CLI_LEFT, CLI_CELL_TEXT},
        {"Proven", "proven", CLI_LEFT, CLI_CELL_TEXT},
        {"Name servers", "name_servers", CLI_LEFT, CLI_CELL_TEXT},
        {"Provider", "provider", CLI_LEFT, CLI_CELL_TEXT},
        {"Why", "reason", CLI_LEFT, CLI_CELL_TEXT},
    };
    struct listing listing = {run, cli_table_new(ctx->arena, columns, ARRAY_LEN(columns))};
    TRY(ctx_read(ctx, read_list, &listing));
    return command_print_table(ctx, run, listing.table);
}

/* ---- dns history ---- */

static enum err read_history(struct ctx *ctx, void *arg)
{
    struct listing *listing = arg;
    struct page page = {.limit = CHANGES_MAX};
    struct domain_change_page found;
    struct partner_id partner = {0};
    if (cli_operand_count(listing->run->args))
        TRY(partner_find(ctx, cli_operand(listing->run->args, 0), &partner));
    TRY(domain_changes(ctx, partner, &page, &found));
    add_changes(ctx, listing->table, &found);
    return OK;
}

static enum err run_history(struct ctx *ctx, struct command_run *run)
{
    struct listing listing = {run, change_table(ctx)};
    TRY(ctx_read(ctx, read_history, &listing));
    return command_print_table(ctx, run, listing.table);
}

/* ---- dns settings ---- */

struct setting {
    struct command_run *run;
    struct domain_settings settings;
};

static enum err read_flag(struct ctx *ctx, const struct cli_args *args, const char *name,
                          bool *ret_flag)
{
    if (!cli_has(args, name) || parse_bool(cli_text(args, name), ret_flag))
        return OK;
    return CTX_FAULT(ctx, ERR_INVALID, "flag", "--%s takes yes or no.", name);
}

static enum err read_roots(struct ctx *ctx, const struct cli_args *args,
                           struct domain_settings *settings)
{
    size_t count = cli_text_count(args, "root");
    if (count > DOMAIN_ROOTS_MAX)
        return CTX_FAULT(ctx, ERR_INVALID, "roots", "There are at most %d --root.",
                         DOMAIN_ROOTS_MAX);
    if (count)
        settings->root_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct str text = cli_text_at(args, "root", i);
        if (str_equal(text, STR("internet")))
            continue;
        if (!dns_address_parse(text, (uint16_t)settings->port,
                               &settings->roots[settings->root_count++]))
            return CTX_FAULT(ctx, ERR_INVALID, "root", "\"%.*s\" is no address.", STR_ARG(text));
    }
    return OK;
}

static enum err change(struct ctx *ctx, void *arg)
{
    struct setting *setting = arg;
    struct domain_settings *settings = &setting->settings;
    const struct cli_args *args = setting->run->args;
    TRY(domain_settings_get(ctx, settings));
    TRY(read_flag(ctx, args, "watch", &settings->watch));
    TRY(read_flag(ctx, args, "fill", &settings->fill));
    TRY(read_flag(ctx, args, "admit", &settings->admit));
    TRY(read_flag(ctx, args, "allow-private", &settings->allow_private));
    if (cli_has(args, "every-hours"))
        settings->every_hours = cli_int(args, "every-hours");
    if (cli_has(args, "per-second"))
        settings->per_second = cli_int(args, "per-second");
    if (cli_has(args, "port"))
        settings->port = cli_int(args, "port");
    TRY(read_roots(ctx, args, settings));
    return domain_settings_set(ctx, settings, settings);
}

static enum err show(struct ctx *ctx, void *arg)
{
    struct setting *setting = arg;
    return domain_settings_get(ctx, &setting->settings);
}

static struct str yes_or_no(bool is_so)
{
    return is_so ? STR("yes") : STR("no");
}

static bool wants_change(const struct cli_args *args)
{
    static const char *const names[] = {"watch",       "fill",       "admit", "allow-private",
                                        "every-hours", "per-second", "port",  "root"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (cli_has(args, names[i]))
            return true;
    return false;
}

static enum err run_settings(struct ctx *ctx, struct command_run *run)
{
    struct setting setting = {.run = run};
    if (wants_change(run->args))
        TRY(ctx_write(ctx, change, &setting));
    else
        TRY(ctx_read(ctx, show, &setting));
    const struct domain_settings *settings = &setting.settings;
    struct str keys[] = {STR("watch"),       STR("fill"),       STR("admit"), STR("allow_private"),
                         STR("every_hours"), STR("per_second"), STR("port"),  STR("roots")};
    struct str values[] = {
        yes_or_no(settings->watch),
        yes_or_no(settings->fill),
        yes_or_no(settings->admit),
        yes_or_no(settings->allow_private),
        arena_format(ctx->arena, "%lld", (long long)settings->every_hours),
        arena_format(ctx->arena, "%lld", (long long)settings->per_second),
        arena_format(ctx->arena, "%lld", (long long)settings->port),
        settings->root_count ? domain_roots_text(settings, ctx->arena) : STR("internet"),
    };
    return command_print_record(ctx, run, keys, values, ARRAY_LEN(keys));
}

/* ---- rows ---- */

static const struct cli_option watch_options[] = {
    {"all", CLI_FLAG, NULL, "every partner with a domain, not only those whose time has come",
     false},
};
static const struct cli_option list_options[] = {
    {"verdict", CLI_TEXT, "VERDICT", "only domains with this verdict", false},
    {"alarmed", CLI_FLAG, NULL, "only domains that need attention", false},
};
static const struct cli_option settings_options[] = {
    {"watch", CLI_TEXT, "yes|no", "the server checks active partners by itself (default: yes)",
     false},
    {"fill", CLI_TEXT, "yes|no", "fill empty DNS fields of records by itself (default: no)", false},
    {"admit", CLI_TEXT, "yes|no",
     "take requests for access from people of proven domains (default: no)", false},
    {"allow-private", CLI_TEXT, "yes|no", "ask loopback and private addresses too (default: no)",
     false},
    {"every-hours", CLI_INT, "N", "hours between two checks of a partner (default: 24)", false},
    {"per-second", CLI_INT, "N", "questions a second to one name server (default: 20; 0: no limit)",
     false},
    {"port", CLI_INT, "PORT", "where name servers listen: 53, but in a laboratory", false},
    {"root", CLI_TEXT, "ADDR", "begin at this root server; \"internet\": at those of the internet",
     true},
};
static const struct command commands[] = {
    COMMAND("dns watch", "", "Check the partners whose time has come, and say what changed",
            run_watch, .options = watch_options, .option_count = ARRAY_LEN(watch_options),
            .notes = "The server does this by itself; this is for a server that does not run, or "
                     "for now."),
    COMMAND("dns list", "", "The partners' domains, with the last verdict", run_list,
            .options = list_options, .option_count = ARRAY_LEN(list_options)),
    COMMAND("dns history", "[PARTNER]", "What changed at the partners' domains", run_history),
    COMMAND("dns settings", "", "Show or change how domains are checked", run_settings,
            .options = settings_options, .option_count = ARRAY_LEN(settings_options)),
};
const struct command_table domain_list_commands = {commands, ARRAY_LEN(commands)};
