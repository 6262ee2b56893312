/* The command `watch`: follows the ledger by itself, so it needs no server and bears one. */
#include <signal.h>
#include <time.h>

#include "lib/json/json.h"
#include "src/account/account.h"
#include "src/core/limits.h"
#include "src/live/live.h"
#include "src/live/live_numbers.h"
#include "src/live/live_screen.h"
#include "src/product/product.h"

enum {
    LOOK_MS = 100,
    BULK_LOOK_MS = 250,
    NUMBERS_MS = 300,
    NUMBERS_OLD_MS = 60000 /* time alone changes them */
};

struct watch {
    struct command_run *run;
    struct live_view view;
    struct live_screen *screen;
    struct fact_id position;
    bool is_bulk, numbers_due;
    int64_t numbers_ms;
};

/* ---- what is asked ---- */

static enum err read_kinds(struct ctx *ctx, const struct cli_args *args, unsigned *ret_kinds)
{
    *ret_kinds = 0;
    for (size_t i = 0; i < cli_text_count(args, "kind"); i++) {
        enum fact_kind kind;
        if (!fact_kind_parse(cli_text_at(args, "kind", i), &kind))
            return CTX_FAULT_FIELD(ctx, ERR_INVALID, "kind_invalid", "kind",
                                   "There is no kind of fact named %.*s.",
                                   STR_ARG(cli_text_at(args, "kind", i)));
        *ret_kinds |= FACT_KIND_BIT(kind);
    }
    return OK;
}

static enum err read_scope(struct ctx *ctx, const struct cli_args *args, struct metric_scope *scope)
{
    struct user user;
    if (cli_operand_count(args))
        TRY(partner_find(ctx, cli_operand(args, 0), &scope->partner));
    if (cli_has(args, "product"))
        TRY(product_find(ctx, cli_text(args, "product"), &scope->product));
    if (cli_has(args, "manager")) {
        TRY(user_find(ctx, cli_text(args, "manager"), &user));
        scope->manager = user.id;
    }
    scope->tier = cli_text(args, "tier");
    scope->country = cli_text(args, "country");
    scope->tag = cli_text(args, "tag");
    return OK;
}

static enum err read_start(struct ctx *ctx, void *arg)
{
    struct watch *watch = arg;
    const struct cli_args *args = watch->run->args;
    struct metric_scope scope = {.tier = {NULL, 0}};
    unsigned kinds;
    TRY(read_kinds(ctx, args, &kinds));
    TRY(read_scope(ctx, args, &scope));
    TRY(live_view_open(ctx, &scope, kinds, &watch->view));
    if (!cli_has(args, "after"))
        return ledger_newest(ctx, &watch->position);
    if (fact_id_parse(cli_text(args, "after"), &watch->position))
        return OK;
    return CTX_FAULT_FIELD(ctx, ERR_INVALID, "after_invalid", "after",
                           "--after takes the id of a fact, such as fct_01hx4zq8r0wkd.");
}

/* ---- what is shown ---- */

/* One event a line, as the stream has it. */
static enum err print_event(struct watch *watch, struct arena *arena, const char *event,
                            struct str json)
{
    struct json_writer writer;
    struct buf line;
    buf_init(&line, arena, LIMIT_ANSWER_BYTES);
    json_writer_init(&writer, &line);
    json_begin_object(&writer);
    json_put_str(&writer, "event", str_from_c(event));
    json_put_str(&writer, "id", fact_id_text(watch->position, arena));
    json_key(&writer, "data");
    json_add_raw(&writer, json);
    json_end_object(&writer);
    buf_add_char(&line, '\n');
    return command_print(watch->run, buf_str(&line));
}

static enum err show_fact(struct ctx *ctx, struct watch *watch, const struct live_fact *told)
{
    struct json_writer writer;
    struct buf json;
    watch->position = told->fact.id;
    if (watch->run->format != CLI_FORMAT_JSON)
        return live_screen_fact(watch->screen, told, ctx->arena);
    buf_init(&json, ctx->arena, LIMIT_ANSWER_BYTES);
    json_writer_init(&writer, &json);
    live_fact_render(told, &watch->view, &writer);
    return print_event(watch, ctx->arena, "fact", buf_str(&json));
}

static enum err show_totals(struct ctx *ctx, struct watch *watch, const struct live_totals *totals)
{
    struct json_writer writer;
    struct buf json;
    if (watch->run->format != CLI_FORMAT_JSON)
        return live_screen_totals(watch->screen, totals, ctx->now_ms, ctx->arena);
    buf_init(&json, ctx->arena, LIMIT_ANSWER_BYTES);
    json_writer_init(&writer, &json);
    live_totals_render(totals, &writer);
    return print_event(watch, ctx->arena, "totals", buf_str(&json));
}

/* ---- a look at the ledger ---- */

static enum err show_bulk(struct ctx *ctx, struct watch *watch, struct live_round *round)
{
    struct live_totals totals;
    watch->is_bulk = true;
    TRY(live_round_sum(round, &watch->view, &totals));
    watch->position = round->range.to;
    if (!totals.facts)
        return OK;
    watch->numbers_due = true;
    return show_totals(ctx, watch, &totals);
}

/* It may have been merged into another meanwhile. */
static enum err find_partner(struct ctx *ctx, struct metric_scope *scope)
{
    struct partner_brief brief;
    if (!partner_id_is_set(scope->partner))
        return OK;
    TRY(partner_brief(ctx, scope->partner, &brief));
    scope->partner = brief.id;
    return OK;
}

static enum err show_round(struct ctx *ctx, void *arg)
{
    struct watch *watch = arg;
    struct fact_range range = {.after = watch->position};
    struct live_round round;
    TRY(find_partner(ctx, &watch->view.scope));
    TRY(ledger_newest(ctx, &range.to));
    TRY(live_round_read(ctx, &range, LIVE_ROUND_FACTS, &round));
    if (round.is_bulk)
        return show_bulk(ctx, watch, &round);
    for (size_t i = 0; i < round.count; i++) {
        bool wants;
        TRY(live_round_wants(&round, &watch->view, i, &wants));
        if (!wants)
            continue;
        watch->numbers_due = true;
        TRY(show_fact(ctx, watch, &round.facts[i]));
    }
    if (range.to.v > watch->position.v)
        watch->position = range.to;
    return OK;
}

static enum err draw_numbers(struct ctx *ctx, void *arg)
{
    static const struct metric_days usual;
    struct watch *watch = arg;
    struct metric_pulse pulse;
    struct metric_report report;
    if (live_view_is_partner(&watch->view)) {
        TRY(metric_report_read(ctx, watch->view.scope.partner, &usual, &report));
        return live_screen_report(watch->screen, &report, ctx->now_ms, ctx->arena);
    }
    TRY(metric_pulse(ctx, &watch->view.scope, &pulse));
    return live_screen_pulse(watch->screen, &pulse, ctx->arena);
}

/* A line before all others, so that one sees that it lives. */
static enum err show_first(struct ctx *ctx, struct watch *watch)
{
    if (watch->run->format != CLI_FORMAT_TEXT || live_screen_is_terminal(watch->screen))
        return OK;
    return ctx_read(ctx, draw_numbers, watch);
}

static enum err show_numbers(struct ctx *ctx, struct watch *watch)
{
    int64_t age_ms = monotonic_ms() - watch->numbers_ms;
    const char *event;
    struct str json;
    if (age_ms < (watch->numbers_due ? NUMBERS_MS : NUMBERS_OLD_MS))
        return OK;
    watch->numbers_due = false;
    watch->numbers_ms = monotonic_ms();
    if (live_screen_is_terminal(watch->screen))
        return ctx_read(ctx, draw_numbers, watch);
    if (watch->run->format != CLI_FORMAT_JSON)
        return OK;
    TRY(live_numbers(ctx, &watch->view, &event, &json));
    return print_event(watch, ctx->arena, event, json);
}

static enum err look(const struct ctx *base, struct watch *watch, struct arena *arena)
{
    struct ctx ctx;
    ctx_init(&ctx, base->services, arena);
    ctx.actor = base->actor;
    watch->is_bulk = false;
    enum err err = ctx_read(&ctx, show_round, watch);
    if (err == OK)
        err = show_numbers(&ctx, watch);
    if (err == OK)
        err = live_screen_draw(watch->screen, arena);
    arena_reset(arena);
    return err;
}

/* False: it is to end. */
static bool sleep_on(const struct watch *watch)
{
    struct timespec pause = {0, (watch->is_bulk ? BULK_LOOK_MS : LOOK_MS) * 1000000L};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return sigtimedwait(&signals, NULL, &pause) < 0;
}

static enum err run_watch(struct ctx *ctx, struct command_run *run)
{
    struct watch watch = {.run = run, .numbers_due = true};
    struct arena arena;
    if (run->format == CLI_FORMAT_CSV)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "no_csv", "csv",
                               "What is watched has no end, so there is no --csv; take --json.");
    TRY(ctx_read(ctx, read_start, &watch));
    arena_init(&arena, LIMIT_JOB_ARENA_BYTES);
    watch.screen = live_screen_open(run, &watch.view);
    enum err err = show_first(ctx, &watch);
    while (err == OK) {
        err = look(ctx, &watch, &arena);
        if (err == OK && !sleep_on(&watch))
            break;
    }
    live_screen_close(watch.screen);
    arena_finish(&arena);
    return err;
}

static const struct cli_option options[] = {
    {"manager", CLI_TEXT, "USER", "partners of this manager: id, mail or name", false},
    {"tier", CLI_TEXT, "TIER", "partners of this tier", false},
    {"country", CLI_TEXT, "CODE", "partners in this country", false},
    {"tag", CLI_TEXT, "TAG", "partners with this tag", false},
    {"product", CLI_TEXT, "PRODUCT", "only facts of this product: id, code or name", false},
    {"kind", CLI_TEXT, "KIND", "only facts of this kind; may be repeated", true},
    {"after", CLI_TEXT, "FACT", "go on after this fact (default: the last one)", false},
};
static const struct command commands[] = {
    COMMAND("watch", "[PARTNER]", "Follow what happens, as it happens", run_watch,
            .options = options, .option_count = ARRAY_LEN(options), .waits_for_signals = true,
            .notes = "Without a partner or group the whole channel. On a terminal today's numbers"
                     " (a partner's: its last 30 days) stand on top and the newest facts under"
                     " them; elsewhere they are the first line and each fact is another. With "
                     "--json each line is an event as"
                     " GET /api/v1/stream has it. Sees what any process records, whether a server"
                     " runs or not. Ctrl-C ends it."),
};
const struct command_table live_commands = {commands, ARRAY_LEN(commands)};
