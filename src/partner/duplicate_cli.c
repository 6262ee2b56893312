/* The command `partner duplicates`. */
#include "src/core/command.h"
#include "src/core/limits.h"
#include "src/partner/partner.h"

static const struct cli_column columns[] = {
    {"Reasons", "reasons", CLI_LEFT, CLI_CELL_TEXT}, {"First", "a", CLI_LEFT, CLI_CELL_TEXT},
    {"City", "a_city", CLI_LEFT, CLI_CELL_TEXT},     {"Id", "a_id", CLI_LEFT, CLI_CELL_TEXT},
    {"Second", "b", CLI_LEFT, CLI_CELL_TEXT},        {"City", "b_city", CLI_LEFT, CLI_CELL_TEXT},
    {"Id", "b_id", CLI_LEFT, CLI_CELL_TEXT},         {"Pair", "id", CLI_LEFT, CLI_CELL_TEXT},
};

struct listing {
    struct command_run *run;
    struct cli_table *table;
};

static struct str reasons_text(struct ctx *ctx, unsigned reasons)
{
    struct buf text;
    buf_init(&text, ctx->arena, LIMIT_LINE_BYTES);
    for (unsigned bit = DUPLICATE_DOMAIN; bit <= DUPLICATE_SPELLING; bit <<= 1)
        if (reasons & bit)
            buf_format(&text, "%s%s", text.len ? ", " : "",
                       duplicate_reason_name((enum duplicate_reason)bit));
    return buf_str(&text);
}

static void add_pair(struct ctx *ctx, struct cli_table *table, const struct duplicate *pair)
{
    const struct str cells[ARRAY_LEN(columns)] = {
        reasons_text(ctx, pair->reasons),
        pair->a_name,
        pair->a_city,
        partner_id_text(pair->a, ctx->arena),
        pair->b_name,
        pair->b_city,
        partner_id_text(pair->b, ctx->arena),
        duplicate_id_text(pair->id, ctx->arena),
    };
    cli_table_add(table, cells);
}

static enum err read_pairs(struct ctx *ctx, void *arg)
{
    struct listing *listing = arg;
    const struct cli_args *args = listing->run->args;
    struct duplicate_filter filter = {.dismissed = cli_has(args, "dismissed")};
    struct page page = {.limit = LIMIT_PAGE_MAX};
    struct duplicate_page found;
    if (cli_operand_count(args))
        TRY(partner_find(ctx, cli_operand(args, 0), &filter.partner));
    TRY(duplicate_list(ctx, &filter, &page, &found));
    for (size_t i = 0; i < found.count; i++)
        add_pair(ctx, listing->table, &found.rows[i]);
    return OK;
}

static enum err run_duplicates(struct ctx *ctx, struct command_run *run)
{
    struct listing listing = {run, cli_table_new(ctx->arena, columns, ARRAY_LEN(columns))};
    TRY(ctx_read(ctx, read_pairs, &listing));
    return command_print_table(ctx, run, listing.table);
}

/* ---- judgement ---- */

static enum err judge(struct ctx *ctx, void *arg)
{
    const struct command_run *run = arg;
    struct duplicate_id id;
    if (!duplicate_id_parse(cli_operand(run->args, 0), &id))
        return CTX_FAULT(ctx, ERR_INVALID, "pair_invalid",
                         "PAIR is an id that `partner duplicates` shows.");
    return cli_has(run->args, "reopen") ? duplicate_reopen(ctx, id) : duplicate_dismiss(ctx, id);
}

static enum err run_distinct(struct ctx *ctx, struct command_run *run)
{
    return ctx_write(ctx, judge, run);
}

static const struct cli_option list_options[] = {
    {"dismissed", CLI_FLAG, NULL, "those that were judged to be two", false},
};
static const struct cli_option distinct_options[] = {
    {"reopen", CLI_FLAG, NULL, "take it back", false},
};
static const struct command commands[] = {
    COMMAND("partner duplicates", "[PARTNER]", "Show partners that may be one", run_duplicates,
            .options = list_options, .option_count = ARRAY_LEN(list_options),
            .notes =
                "The most certain 500, of all or of one partner. Join two with `partner merge`,"
                " or say with `partner distinct` that they are two."),
    COMMAND("partner distinct", "PAIR", "Say that two partners are not the same", run_distinct,
            .options = distinct_options, .option_count = ARRAY_LEN(distinct_options)),
};
const struct command_table duplicate_commands = {commands, ARRAY_LEN(commands)};
