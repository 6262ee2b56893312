/* The command `attention`. */
#include "src/account/account.h"
#include "src/attention/attention.h"
#include "src/core/command.h"
#include "src/core/limits.h"

static const struct cli_option options[] = {
    {"manager", CLI_TEXT, "USER", "partners of this manager: id, mail or name", false},
    {"tier", CLI_TEXT, "TIER", "partners of this tier", false},
    {"country", CLI_TEXT, "CODE", "partners in this country (ISO 3166-1, two letters)", false},
    {"tag", CLI_TEXT, "TAG", "partners with this tag", false},
    {"limit", CLI_INT, "N", "at most so many (default: 20)", false},
};

static const struct cli_column columns[] = {
    {"Who", "name", CLI_LEFT, CLI_CELL_TEXT},
    {"At stake", "at_stake", CLI_RIGHT, CLI_CELL_TEXT},
    {"Currency", "currency", CLI_LEFT, CLI_CELL_TEXT},
    {"Why", "reason", CLI_LEFT, CLI_CELL_TEXT},
    {"Since", "since", CLI_LEFT, CLI_CELL_TEXT},
    {"Manager", "manager", CLI_LEFT, CLI_CELL_TEXT},
    {"In words", "sentence", CLI_LEFT, CLI_CELL_TEXT},
    {"Id", "id", CLI_LEFT, CLI_CELL_TEXT},
};

enum { ROWS_DEFAULT = 20 };

struct listing {
    struct command_run *run;
    struct attention_page found;
};

static enum err read_listing(struct ctx *ctx, void *arg)
{
    struct listing *listing = arg;
    const struct cli_args *args = listing->run->args;
    struct attention_filter filter = {.group = {.tier = cli_text(args, "tier"),
                                                .country = cli_text(args, "country"),
                                                .tag = cli_text(args, "tag")}};
    struct page page = {.limit = cli_has(args, "limit") ? cli_int(args, "limit") : ROWS_DEFAULT};
    struct user manager;
    if (page.limit < 1 || page.limit > LIMIT_PAGE_MAX)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "limit", "limit", "--limit is 1 to %d.",
                               LIMIT_PAGE_MAX);
    if (cli_has(args, "manager")) {
        TRY(user_find(ctx, cli_text(args, "manager"), &manager));
        filter.group.manager = manager.id;
    }
    for (size_t i = 0; i < cli_operand_count(args); i++)
        TRY(attention_want(ctx, cli_operand(args, i), &filter.reasons));
    return attention_list(ctx, &filter, &page, &listing->found);
}

static struct str day_text(struct ctx *ctx, struct day day)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, TIME_TEXT_MAX);
    day_render(day, &buf);
    return buf_str(&buf);
}

static struct str stake_text(struct ctx *ctx, const struct attention_item *item)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, MONEY_TEXT_MAX);
    if (currency_is_set(item->currency) && item->stake.minor > 0)
        money_render(item->stake, &buf);
    return buf_str(&buf);
}

/* A row for each reason. */
static void add_item(struct ctx *ctx, struct cli_table *table, const struct attention_basis *basis,
                     const struct attention_item *item)
{
    struct str stake = stake_text(ctx, item);
    struct str id = partner_id_is_set(item->partner) ? partner_id_text(item->partner, ctx->arena)
                                                     : import_id_text(item->import, ctx->arena);
    for (int i = 0; i < ATTENTION_REASON_COUNT; i++) {
        enum attention_reason reason = (enum attention_reason)i;
        if (!(item->reasons & ATTENTION_BIT(reason)))
            continue;
        const struct str cells[ARRAY_LEN(columns)] = {
            item->name,
            stake,
            stake.len ? currency_str(&item->currency) : STR(""),
            str_from_c(attention_reason_names[i]),
            day_text(ctx, attention_since(ctx, basis, item, reason)),
            item->manager_name,
            attention_sentence(ctx, basis, item, reason),
            id,
        };
        cli_table_add(table, cells);
    }
}

/* Above the table: what the reader must know to understand it. */
static enum err print_basis(struct ctx *ctx, struct command_run *run,
                            const struct attention_basis *basis)
{
    if (run->format != CLI_FORMAT_TEXT)
        return OK;
    if (!basis->any_order)
        return command_print(run, STR("No source delivers orders yet: silence and sales are not "
                                      "judged.\n\n"));
    if (basis->clock.reckoned == basis->clock.today)
        return OK;
    return command_print(
        run, arena_format(ctx->arena, "Orders end on %.*s; silence and sales are as of then.\n\n",
                          STR_ARG(day_text(ctx, (struct day){basis->last_order}))));
}

static enum err run_attention(struct ctx *ctx, struct command_run *run)
{
    struct listing listing = {.run = run};
    struct cli_table *table = cli_table_new(ctx->arena, columns, ARRAY_LEN(columns));
    TRY(ctx_read(ctx, read_listing, &listing));
    cli_table_spare(table, "id");
    cli_table_spare(table, "manager");
    for (size_t i = 0; i < listing.found.count; i++)
        add_item(ctx, table, &listing.found.basis, &listing.found.rows[i]);
    TRY(print_basis(ctx, run, &listing.found.basis));
    return command_print_table(ctx, run, table);
}

static const struct command commands[] = {
    COMMAND("attention", "[REASON…]", "Who needs attention, and why", run_attention,
            .options = options, .option_count = ARRAY_LEN(options),
            .notes = "Most urgent first: by what is at stake. REASON is silent, falling, "
                     "no_action, duplicate, unassigned_rows or bad_rows; without one, all."),
};
const struct command_table attention_commands = {commands, ARRAY_LEN(commands)};
