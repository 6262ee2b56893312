/* Commands of products: list, show, add, set, carry, archive, restore. */
#include "src/core/command.h"
#include "src/core/limits.h"
#include "src/product/product.h"

/* What a command acts on, and what came of it. */
struct acting {
    struct command_run *run;
    struct product_id id;
    struct product product;
    struct external_id *externals;
    size_t external_count;
    struct cli_table *table;
};

static struct str cost_text(struct ctx *ctx, const struct product *product)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, MONEY_TEXT_MAX);
    if (product->has_cost)
        money_render(product->cost, &buf);
    return buf_str(&buf);
}

/* ---- product list ---- */

static const struct cli_column columns[] = {
    {"Name", "name", CLI_LEFT, CLI_CELL_TEXT},
    {"Code", "code", CLI_LEFT, CLI_CELL_TEXT},
    {"Category", "category", CLI_LEFT, CLI_CELL_TEXT},
    {"Subcategory", "subcategory", CLI_LEFT, CLI_CELL_TEXT},
    {"Cost", "cost", CLI_RIGHT, CLI_CELL_TEXT},
    {"Currency", "currency", CLI_LEFT, CLI_CELL_TEXT},
    {"Id", "id", CLI_LEFT, CLI_CELL_TEXT},
};

static void add_row(struct ctx *ctx, struct cli_table *table, const struct product *product)
{
    const struct str cells[] = {product->name,
                                product->code,
                                product->category,
                                product->subcategory,
                                cost_text(ctx, product),
                                currency_str(&product->cost.currency),
                                product_id_text(product->id, ctx->arena)};
    cli_table_add(table, cells);
}

static enum err list_all(struct ctx *ctx, struct acting *acting,
                         const struct product_filter *filter)
{
    struct page page = {.limit = LIMIT_PAGE_MAX};
    struct product_page found;
    do {
        TRY(product_list(ctx, filter, &page, &found));
        for (size_t i = 0; i < found.count; i++)
            add_row(ctx, acting->table, &found.rows[i]);
        if (!found.count)
            break;
        const struct product *last = &found.rows[found.count - 1];
        page.has_cursor = true;
        page.after_text = text_fold(last->name, ctx->arena);
        page.after_id = last->id.v;
    } while (found.next.len);
    return OK;
}

static enum err list(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    const struct cli_args *args = acting->run->args;
    struct product_filter filter = {.prefix = cli_text(args, "prefix"),
                                    .archived = cli_has(args, "archived")};
    if (cli_has(args, "partner"))
        TRY(partner_find(ctx, cli_text(args, "partner"), &filter.partner));
    return list_all(ctx, acting, &filter);
}

static enum err run_list(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run,
                            .table = cli_table_new(ctx->arena, columns, ARRAY_LEN(columns))};
    TRY(ctx_read(ctx, list, &acting));
    return command_print_table(ctx, run, acting.table);
}

/* ---- one product ---- */

static enum err print_product(struct ctx *ctx, const struct acting *acting)
{
    const struct product *product = &acting->product;
    const struct str keys[] = {STR("id"),       STR("name"),         STR("code"),
                               STR("category"), STR("subcategory"),  STR("cost"),
                               STR("currency"), STR("external_ids"), STR("archived")};
    const struct str values[] = {
        product_id_text(product->id, ctx->arena),
        product->name,
        product->code,
        product->category,
        product->subcategory,
        cost_text(ctx, product),
        currency_str(&product->cost.currency),
        external_ids_text(acting->externals, acting->external_count, ctx->arena),
        product->archived_ms ? STR("yes") : (struct str){NULL, 0}};
    return command_print_record(ctx, acting->run, keys, values, ARRAY_LEN(keys));
}

/* In the transaction that read or changed it: what is printed afterwards. */
static enum err take_picture(struct ctx *ctx, struct acting *acting)
{
    TRY(product_get(ctx, acting->id, &acting->product));
    return product_externals(ctx, acting->id, &acting->externals, &acting->external_count);
}

static enum err find_operand(struct ctx *ctx, struct acting *acting)
{
    return product_find(ctx, cli_operand(acting->run->args, 0), &acting->id);
}

static enum err show(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    TRY(find_operand(ctx, acting));
    return take_picture(ctx, acting);
}

static enum err run_show(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_read(ctx, show, &acting));
    return print_product(ctx, &acting);
}

/* ---- product add, product set ---- */

#define FIELD_OPTIONS                                                                    \
    {"code", CLI_TEXT, "TEXT", "the article number; unique", false},                     \
        {"category", CLI_TEXT, "TEXT", "category", false},                               \
        {"subcategory", CLI_TEXT, "TEXT", "subcategory", false},                         \
        {"cost", CLI_TEXT, "AMOUNT", "standard cost of goods for one unit", false},      \
    {                                                                                    \
        "currency", CLI_TEXT, "CODE", "of the cost (default: the organisation's)", false \
    }
static const struct cli_option add_options[] = {
    FIELD_OPTIONS,
    {"external", CLI_TEXT, "SYSTEM:ID", "what it is called in another system", false},
};
static const struct cli_option set_options[] = {
    {"name", CLI_TEXT, "TEXT", "name", false},
    FIELD_OPTIONS,
};

static struct product_change change_of(const struct cli_args *args, enum product_field first)
{
    struct product_change change = {.version = 0};
    for (enum product_field field = first; field < PRODUCT_FIELD_COUNT; field++) {
        change.fields[field].given = cli_has(args, product_field_name(field));
        change.fields[field].text = cli_text(args, product_field_name(field));
    }
    return change;
}

static enum err add(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    const struct cli_args *args = acting->run->args;
    struct product_change change = change_of(args, PRODUCT_CODE);
    struct external_id external = {{NULL, 0}, {NULL, 0}};
    change.fields[PRODUCT_NAME].given = true;
    change.fields[PRODUCT_NAME].text = cli_operand(args, 0);
    if (cli_has(args, "external") && !external_id_split(cli_text(args, "external"), &external))
        return CTX_FAULT(ctx, ERR_INVALID, "external_id_invalid",
                         "--external takes a system and an id, such as shop:349.");
    TRY(product_create(ctx, &change, external, &acting->product));
    acting->id = acting->product.id;
    return take_picture(ctx, acting);
}

static enum err run_add(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_write(ctx, add, &acting));
    return print_product(ctx, &acting);
}

static enum err set(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    struct product_change change = change_of(acting->run->args, PRODUCT_NAME);
    TRY(find_operand(ctx, acting));
    TRY(product_update(ctx, acting->id, &change, &acting->product, NULL));
    return take_picture(ctx, acting);
}

static enum err run_set(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_write(ctx, set, &acting));
    return print_product(ctx, &acting);
}

/* ---- product archive, product restore ---- */

static enum err archive(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    TRY(find_operand(ctx, acting));
    TRY(product_archive(ctx, acting->id, 0));
    return take_picture(ctx, acting);
}

static enum err run_archive(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_write(ctx, archive, &acting));
    return print_product(ctx, &acting);
}

static enum err restore(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    TRY(find_operand(ctx, acting));
    TRY(product_restore(ctx, acting->id, 0));
    return take_picture(ctx, acting);
}

static enum err run_restore(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_write(ctx, restore, &acting));
    return print_product(ctx, &acting);
}

/* ---- product carry ---- */

static enum err carry(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    const struct cli_args *args = acting->run->args;
    struct partner_id partner;
    struct product_filter filter;
    TRY(partner_find(ctx, cli_operand(args, 0), &partner));
    for (size_t i = 1; i < cli_operand_count(args); i++) {
        TRY(product_find(ctx, cli_operand(args, i), &acting->id));
        TRY(product_set_carried(ctx, acting->id, partner, !cli_has(args, "no-longer")));
    }
    filter = (struct product_filter){.partner = partner};
    return list_all(ctx, acting, &filter);
}

static enum err run_carry(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run,
                            .table = cli_table_new(ctx->arena, columns, ARRAY_LEN(columns))};
    TRY(ctx_write(ctx, carry, &acting));
    return command_print_table(ctx, run, acting.table);
}

static const struct cli_option carry_options[] = {
    {"no-longer", CLI_FLAG, NULL, "the partner carries them no longer", false},
};
static const struct cli_option list_options[] = {
    {"partner", CLI_TEXT, "PARTNER", "those that this partner carries", false},
    {"prefix", CLI_TEXT, "TEXT", "names that begin so, whatever the case and accents", false},
    {"archived", CLI_FLAG, NULL, "those that are archived, instead of the others", false},
};
static const struct command commands[] = {
    COMMAND("product list", "", "List products", run_list, .options = list_options,
            .option_count = ARRAY_LEN(list_options)),
    COMMAND("product show", "PRODUCT", "Show a product", run_show,
            .notes = "PRODUCT is an id, an external id (shop:349), a code, or a name that only one"
                     " product has. Of an archived one: its id."),
    COMMAND("product add", "NAME", "Add a product", run_add, .options = add_options,
            .option_count = ARRAY_LEN(add_options)),
    COMMAND("product set", "PRODUCT", "Change a product", run_set, .options = set_options,
            .option_count = ARRAY_LEN(set_options),
            .notes = "What is not given stays; an empty value (--code=) clears."),
    COMMAND("product carry", "PARTNER PRODUCT…", "Say that a partner carries products", run_carry,
            .options = carry_options, .option_count = ARRAY_LEN(carry_options),
            .notes =
                "Prints what it carries then. A product of a fact is noted without being told."),
    COMMAND("product archive", "PRODUCT", "Take a product out of every list", run_archive,
            .notes = "What was sold of it stays; product restore takes it back."),
    COMMAND("product restore", "PRODUCT", "Take a product back from the archive", run_restore),
};
const struct command_table product_commands = {commands, ARRAY_LEN(commands)};
