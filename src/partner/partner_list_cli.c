/* The command `partner list`, and the filter of other commands. */
#include "src/partner/partner_list_cli.h"

#include "src/partner/partner_filter.h"

enum { LIST_DEFAULT = 100 };

/* ---- the filter ---- */

static const struct {
    const char *option, *field;
} filter_options[] = {
    {"search", "search"},     {NULL, "manager"},      {"status", "status"},
    {"country", "country"},   {"product", "product"}, {"tag", "tag"},
    {"tier", "tier"},         {"parent", "parent"},   {"without-contact", "without_contact"},
    {"archived", "archived"},
};

static const char *option_at(size_t index, const char *manager)
{
    return filter_options[index].option ? filter_options[index].option : manager;
}

bool partner_filter_given(const struct cli_args *args, const char *manager)
{
    for (size_t i = 0; i < ARRAY_LEN(filter_options); i++)
        if (cli_has(args, option_at(i, manager)))
            return true;
    return false;
}

/* Several values as one list. */
static struct str option_text(struct ctx *ctx, const struct cli_args *args, const char *option)
{
    struct buf text;
    size_t count = cli_text_count(args, option);
    buf_init(&text, ctx->arena, LIMIT_LINE_BYTES * 4);
    for (size_t i = 0; i < count; i++)
        buf_format(&text, "%s%.*s", i ? "," : "", STR_ARG(cli_text_at(args, option, i)));
    return buf_str(&text);
}

enum err partner_filter_from_args(struct ctx *ctx, const struct cli_args *args, const char *manager,
                                  struct partner_filter *ret_filter)
{
    struct str names[ARRAY_LEN(filter_options)], texts[ARRAY_LEN(filter_options)];
    struct form_texts given = {names, texts, 0};
    const struct form *form;
    for (size_t i = 0; i < ARRAY_LEN(filter_options); i++) {
        const char *option = option_at(i, manager);
        if (!cli_has(args, option))
            continue;
        names[given.count] = str_from_c(filter_options[i].field);
        bool is_flag = str_equal(names[given.count], STR("without_contact"));
        texts[given.count++] = is_flag ? STR("true") : option_text(ctx, args, option);
    }
    TRY(form_from_texts(ctx, &partner_filter_schema, &given, &form));
    return partner_filter_read(ctx, form, ret_filter);
}

/* ---- partner list ---- */

static const struct cli_column columns[] = {
    {"Name", "name", CLI_LEFT, CLI_CELL_TEXT},
    {"Status", "status", CLI_LEFT, CLI_CELL_TEXT},
    {"City", "city", CLI_LEFT, CLI_CELL_TEXT},
    {"Country", "country", CLI_LEFT, CLI_CELL_TEXT},
    {"Manager", "manager", CLI_LEFT, CLI_CELL_TEXT},
    {"Contact", "contact", CLI_LEFT, CLI_CELL_TEXT},
    {"Domain", "domain", CLI_LEFT, CLI_CELL_TEXT},
    {"Id", "id", CLI_LEFT, CLI_CELL_TEXT},
    {"Value", "value", CLI_RIGHT, CLI_CELL_TEXT},
    {"Currency", "currency", CLI_LEFT, CLI_CELL_TEXT},
};
enum { COLUMNS = ARRAY_LEN(columns), COLUMNS_WITHOUT_METRIC = COLUMNS - 2 };

struct listing {
    struct command_run *run;
    struct arena *arena; /* of the table: the rows' own goes */
    struct cli_table *table;
    int64_t count, limit;
};

static enum err add_row(void *self, const struct partner_row *row)
{
    struct listing *listing = self;
    if (listing->count++ == listing->limit)
        return ERR_CANCELLED; /* enough: partner_list_each stops */
    const struct str cells[COLUMNS] = {row->name,         row->status,
                                       row->city,         row->country,
                                       row->manager_name, row->contact_name,
                                       row->domain,       partner_id_text(row->id, listing->arena),
                                       row->metric_value, currency_str(&row->metric_currency)};
    struct str kept[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        kept[i] = arena_str(listing->arena, cells[i]);
    cli_table_add(listing->table, kept);
    return OK;
}

static enum err read_order(struct ctx *ctx, const struct cli_args *args,
                           struct partner_order *ret_order)
{
    *ret_order = (struct partner_order){
        .metric = {.from_given = cli_has(args, "from"), .to_given = cli_has(args, "to")}};
    if (ret_order->metric.from_given)
        ret_order->metric.from.v = (int32_t)cli_int(args, "from");
    if (ret_order->metric.to_given)
        ret_order->metric.to.v = (int32_t)cli_int(args, "to");
    return partner_order_parse(ctx, cli_text(args, "sort"), ret_order);
}

static enum err read_list(struct ctx *ctx, void *arg)
{
    struct listing *listing = arg;
    const struct cli_args *args = listing->run->args;
    struct partner_filter filter;
    struct partner_order order;
    TRY(read_order(ctx, args, &order));
    TRY(partner_filter_from_args(ctx, args, "manager", &filter));
    bool with_metric = order.sort == PARTNER_SORT_METRIC;
    listing->table =
        cli_table_new(ctx->arena, columns, with_metric ? COLUMNS : COLUMNS_WITHOUT_METRIC);
    enum err err = partner_list_each(ctx, &filter, &order, add_row, listing);
    return err == ERR_CANCELLED ? OK : err;
}

static enum err run_list(struct ctx *ctx, struct command_run *run)
{
    struct listing listing = {.run = run, .arena = ctx->arena, .limit = LIST_DEFAULT};
    if (cli_has(run->args, "limit"))
        listing.limit = cli_int(run->args, "limit");
    if (cli_has(run->args, "all"))
        listing.limit = INT64_MAX;
    if (listing.limit < 1)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "limit_invalid", "limit",
                               "--limit takes a number from 1.");
    TRY(ctx_read(ctx, read_list, &listing));
    TRY(command_print_table(ctx, run, listing.table));
    if (listing.count <= listing.limit || run->format != CLI_FORMAT_TEXT)
        return OK;
    return command_print(run,
                         arena_format(ctx->arena, "The first %lld; more with --limit or --all.\n",
                                      (long long)listing.limit));
}

static const struct cli_option list_options[] = {
    PARTNER_FILTER_OPTIONS("manager"),
    {"sort", CLI_TEXT, "COLUMN",
     "name, status, country, city, manager, tier, domain, created, updated, active, or a metric;"
     " -COLUMN: descending",
     false},
    COMMAND_WINDOW_OPTIONS,
    {"limit", CLI_INT, "ROWS", "at most so many (default: 100)", false},
    {"all", CLI_FLAG, NULL, "all of them", false},
};

static const struct command commands[] = {
    COMMAND("partner list", "", "List and search partners", run_list, .options = list_options,
            .option_count = ARRAY_LEN(list_options),
            .notes = "Partners that every option is true of. Examples:\n"
                     "  rapport partner list --search \"bike sea\"\n"
                     "  rapport partner list --manager max@example.com --sort=-sales --limit 20\n"
                     "  rapport partner list --status active --country US --csv --all"),
};
const struct command_table partner_list_commands = {commands, ARRAY_LEN(commands)};
