/* The commands `fact add`, `fact list` and `fact reverse`. */
#include "lib/json/json.h"
#include "src/core/command.h"
#include "src/core/limits.h"
#include "src/ledger/fact_input.h"
#include "src/product/product.h"

enum { DOCUMENT_BYTES = 64 * 1024, CELL_BYTES = 64 };

/* ---- how facts are printed ---- */

static struct str time_text(struct ctx *ctx, int64_t at_ms)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, TIME_TEXT_MAX);
    time_render(at_ms, &buf);
    return buf_str(&buf);
}

static struct str money_text(struct ctx *ctx, bool given, struct money money)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, MONEY_TEXT_MAX);
    if (given)
        money_render(money, &buf);
    return buf_str(&buf);
}

static const struct cli_column columns[] = {
    {"Fact", "id", CLI_LEFT, CLI_CELL_TEXT},
    {"At", "at", CLI_LEFT, CLI_CELL_TEXT},
    {"Kind", "kind", CLI_LEFT, CLI_CELL_TEXT},
    {"Quantity", "quantity", CLI_RIGHT, CLI_CELL_TEXT},
    {"Amount", "amount", CLI_RIGHT, CLI_CELL_TEXT},
    {"Currency", "currency", CLI_LEFT, CLI_CELL_TEXT},
    {"Source", "source", CLI_LEFT, CLI_CELL_TEXT},
    {"External id", "external_id", CLI_LEFT, CLI_CELL_TEXT},
    {"Partner", "partner", CLI_LEFT, CLI_CELL_TEXT},
    {"Reverses", "reverses", CLI_LEFT, CLI_CELL_TEXT},
    {"Reversed by", "reversed_by", CLI_LEFT, CLI_CELL_TEXT},
};

static struct str id_or_nothing(struct ctx *ctx, struct fact_id id)
{
    return fact_id_is_set(id) ? fact_id_text(id, ctx->arena) : (struct str){NULL, 0};
}

static void add_fact(struct ctx *ctx, struct cli_table *table, const struct fact *fact)
{
    struct str *cells = ARENA_ARRAY(ctx->arena, struct str, ARRAY_LEN(columns));
    struct buf quantity;
    buf_init(&quantity, ctx->arena, CELL_BYTES);
    fact_quantity_render(fact->quantity_milli, &quantity);
    const struct str texts[ARRAY_LEN(columns)] = {
        fact_id_text(fact->id, ctx->arena),
        time_text(ctx, fact->at_ms),
        str_from_c(fact_kind_name(fact->kind)),
        buf_str(&quantity),
        money_text(ctx, fact->has_amount, fact->amount),
        fact->has_amount ? arena_str(ctx->arena, currency_str(&fact->amount.currency))
                         : (struct str){NULL, 0},
        fact->source,
        fact->external_id,
        partner_id_text(fact->partner, ctx->arena),
        id_or_nothing(ctx, fact->reverses),
        id_or_nothing(ctx, fact->reversed_by),
    };
    memcpy(cells, texts, sizeof(texts));
    cli_table_add(table, cells);
}

static enum err print_facts(struct ctx *ctx, struct command_run *run, const struct fact_page *page)
{
    struct cli_table *table = cli_table_new(ctx->arena, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < page->count; i++)
        add_fact(ctx, table, &page->rows[i]);
    return command_print_table(ctx, run, table);
}

/* ---- fact add ---- */

static const struct cli_option add_options[] = {
    {"at", CLI_TEXT, "TIME", "when it happened, such as 2026-05-31T12:00:00Z (default: now)",
     false},
    {"quantity", CLI_TEXT, "NUMBER", "units, seconds or minutes (default: 1)", false},
    {"amount", CLI_TEXT, "AMOUNT", "such as 1250.00", false},
    {"currency", CLI_TEXT, "CODE", "of amount and cost (default: the partner's)", false},
    {"cost", CLI_TEXT, "AMOUNT", "cost of goods", false},
    {"product", CLI_TEXT, "PRODUCT", "id, external id, code or name", false},
    {"contact", CLI_TEXT, "CONTACT", "id or system:id", false},
    {"source", CLI_TEXT, "NAME", "the system that says so (default: shell)", false},
    {"external-id", CLI_TEXT, "ID", "its id there (default: a new one)", false},
    {"ref", CLI_TEXT, "TEXT", "the order of an item, the deal of an outcome", false},
    {"note", CLI_TEXT, "TEXT", "a note", false},
};

struct adding {
    struct command_run *run;
    struct form_value values[FACT_FIELD_COUNT];
    struct fact_outcome outcome;
};

static void give(struct adding *adding, enum fact_field field, struct str text)
{
    adding->values[field].given = text.len > 0;
    adding->values[field].text = text;
}

static enum err give_decimal(struct ctx *ctx, struct adding *adding, enum fact_field field,
                             const char *option)
{
    struct str text = cli_text(adding->run->args, option);
    give(adding, field, text);
    if (!text.len || parse_decimal(text, 9, &adding->values[field].decimal))
        return OK;
    return fault_set_field(&ctx->fault, ERR_INVALID, "field_invalid", str_from_c(option),
                           "--%s takes a decimal number such as 12.50.", option);
}

static enum err read_kind(struct ctx *ctx, struct str text, struct adding *adding)
{
    enum fact_kind kind;
    struct buf names;
    if (fact_kind_parse(text, &kind)) {
        adding->values[FACT_FIELD_KIND].integer = kind - 1;
        return OK;
    }
    buf_init(&names, ctx->arena, FAULT_SENTENCE_MAX);
    for (enum fact_kind known = FACT_ORDER; known < FACT_KIND_COUNT; known++)
        buf_format(&names, "%s%s", known > FACT_ORDER ? ", " : "", fact_kind_name(known));
    return CTX_FAULT(ctx, ERR_INVALID, "kind_unknown", "The kind of a fact is one of %.*s.",
                     STR_ARG(buf_str(&names)));
}

static enum err read_time(struct ctx *ctx, struct adding *adding)
{
    struct str text = cli_text(adding->run->args, "at");
    int64_t *at_ms = &adding->values[FACT_FIELD_AT].integer;
    *at_ms = ctx->now_ms;
    if (!text.len || time_parse(text, at_ms))
        return OK;
    return CTX_FAULT(ctx, ERR_INVALID, "time_invalid",
                     "--at takes a time such as 2026-05-31T12:00:00Z.");
}

static enum err read_product(struct ctx *ctx, struct adding *adding)
{
    struct product_id id;
    struct str text = cli_text(adding->run->args, "product");
    if (!text.len)
        return OK;
    TRY(product_find(ctx, text, &id));
    give(adding, FACT_FIELD_PRODUCT, product_id_text(id, ctx->arena));
    return OK;
}

static enum err read_partner(struct ctx *ctx, struct adding *adding)
{
    const struct cli_args *args = adding->run->args;
    struct partner_id id;
    struct partner_brief brief;
    TRY(partner_find(ctx, cli_operand(args, 0), &id));
    TRY(partner_brief(ctx, id, &brief));
    give(adding, FACT_FIELD_PARTNER, partner_id_text(id, ctx->arena));
    give(adding, FACT_FIELD_CURRENCY,
         cli_has(args, "currency") ? cli_text(args, "currency")
                                   : arena_str(ctx->arena, currency_str(&brief.currency)));
    return OK;
}

static enum err read_adding(struct ctx *ctx, struct adding *adding)
{
    const struct cli_args *args = adding->run->args;
    TRY(read_partner(ctx, adding));
    TRY(read_kind(ctx, cli_operand(args, 1), adding));
    TRY(read_time(ctx, adding));
    TRY(give_decimal(ctx, adding, FACT_FIELD_QUANTITY, "quantity"));
    TRY(give_decimal(ctx, adding, FACT_FIELD_AMOUNT, "amount"));
    TRY(give_decimal(ctx, adding, FACT_FIELD_COST, "cost"));
    TRY(read_product(ctx, adding));
    give(adding, FACT_FIELD_CONTACT, cli_text(args, "contact"));
    give(adding, FACT_FIELD_SOURCE,
         cli_has(args, "source") ? cli_text(args, "source") : STR("shell"));
    give(adding, FACT_FIELD_EXTERNAL_ID,
         cli_has(args, "external-id")
             ? cli_text(args, "external-id")
             : arena_format(ctx->arena, "%lld", (long long)ctx_next_id(ctx)));
    give(adding, FACT_FIELD_REF, cli_text(args, "ref"));
    give(adding, FACT_FIELD_NOTE, cli_text(args, "note"));
    return OK;
}

static enum err add(struct ctx *ctx, void *arg)
{
    struct adding *adding = arg;
    struct fact_references references;
    struct fact_draft draft;
    TRY(read_adding(ctx, adding));
    fact_references_init(&references);
    enum err err = fact_input_draft(ctx, &references, adding->values, &draft);
    fact_references_finish(&references);
    TRY(err);
    return ledger_record(ctx, &draft, &adding->outcome);
}

static enum err run_add(struct ctx *ctx, struct command_run *run)
{
    struct adding adding = {.run = run};
    TRY(ctx_write(ctx, add, &adding));
    const struct fact_outcome *outcome = &adding.outcome;
    if (outcome->result == FACT_DIFFERS)
        return CTX_FAULT(ctx, ERR_CONFLICT, "fact_differs",
                         "This source and external id were recorded with another content, as %.*s.",
                         STR_ARG(fact_id_text(outcome->id, ctx->arena)));
    const struct str keys[] = {STR("id"), STR("result")};
    const struct str values[] = {fact_id_text(outcome->id, ctx->arena),
                                 outcome->result == FACT_RECORDED ? STR("recorded")
                                                                  : STR("repeated")};
    return command_print_record(ctx, run, keys, values, ARRAY_LEN(keys));
}

/* ---- fact list ---- */

static const struct cli_option list_options[] = {
    {"partner", CLI_TEXT, "PARTNER", "of this partner: id, external id or name", false},
    {"kind", CLI_TEXT, "KIND", "of this kind; may be repeated", true},
    {"product", CLI_TEXT, "PRODUCT", "that name this product", false},
    {"source", CLI_TEXT, "NAME", "of this source", false},
    {"from", CLI_DAY, "DAY", "first day (UTC)", false},
    {"to", CLI_DAY, "DAY", "day after the last one (UTC)", false},
    {"open-deals", CLI_FLAG, NULL, "deals of the partner, neither won nor lost", false},
    {"limit", CLI_INT, "COUNT", "at most so many (default: 50)", false},
};

struct listing {
    struct command_run *run;
    struct fact_page page;
};

static enum err read_filter(struct ctx *ctx, const struct cli_args *args,
                            struct fact_filter *ret_filter)
{
    struct fact_filter filter = {.source = cli_text(args, "source"),
                                 .from_ms = cli_int(args, "from") * MS_PER_DAY,
                                 .to_ms = cli_int(args, "to") * MS_PER_DAY,
                                 .open_deals = cli_has(args, "open-deals")};
    if (cli_has(args, "partner"))
        TRY(partner_find(ctx, cli_text(args, "partner"), &filter.partner));
    if (cli_has(args, "product"))
        TRY(product_find(ctx, cli_text(args, "product"), &filter.product));
    for (size_t i = 0; i < cli_text_count(args, "kind"); i++) {
        struct adding kind = {0};
        TRY(read_kind(ctx, cli_text_at(args, "kind", i), &kind));
        filter.kinds |= FACT_KIND_BIT(kind.values[FACT_FIELD_KIND].integer + 1);
    }
    *ret_filter = filter;
    return OK;
}

static enum err list(struct ctx *ctx, void *arg)
{
    struct listing *listing = arg;
    const struct cli_args *args = listing->run->args;
    struct page page = {.limit =
                            cli_has(args, "limit") ? cli_int(args, "limit") : LIMIT_PAGE_DEFAULT};
    struct fact_filter filter;
    if (page.limit < 1 || page.limit > LIMIT_EXPORT_PARTNERS)
        return CTX_FAULT(ctx, ERR_INVALID, "limit", "--limit takes a number from 1 to %d.",
                         LIMIT_EXPORT_PARTNERS);
    TRY(read_filter(ctx, args, &filter));
    return ledger_list(ctx, &filter, &page, &listing->page);
}

static enum err run_list(struct ctx *ctx, struct command_run *run)
{
    struct listing listing = {.run = run};
    TRY(ctx_read(ctx, list, &listing));
    return print_facts(ctx, run, &listing.page);
}

/* ---- fact reverse ---- */

static const struct cli_option reverse_options[] = {
    {"note", CLI_TEXT, "TEXT", "why it is taken back", false},
};

struct reversing {
    struct command_run *run;
    struct fact reversal;
};

static enum err reverse(struct ctx *ctx, void *arg)
{
    struct reversing *reversing = arg;
    struct fact_id id, reversal;
    if (!fact_id_parse(cli_operand(reversing->run->args, 0), &id))
        return CTX_FAULT(ctx, ERR_INVALID, "id_invalid", "This is no id of a fact.");
    TRY(ledger_reverse(ctx, id, cli_text(reversing->run->args, "note"), (struct import_id){0},
                       &reversal));
    return ledger_get(ctx, reversal, &reversing->reversal);
}

static enum err run_reverse(struct ctx *ctx, struct command_run *run)
{
    struct reversing reversing = {.run = run};
    TRY(ctx_write(ctx, reverse, &reversing));
    struct fact_page page = {.rows = &reversing.reversal, .count = 1};
    return print_facts(ctx, run, &page);
}

static const struct command commands[] = {
    COMMAND("fact add", "PARTNER KIND", "Record a fact", run_add, .options = add_options,
            .option_count = ARRAY_LEN(add_options),
            .notes = "    rapport fact add \"Brakes and Gears\" order --amount 1250.00 \\\n"
                     "        --at 2026-05-31T12:00:00Z --source shop --external-id SO1\n\n"
                     "A source and external id count once: the same command again records"
                     " nothing."),
    COMMAND("fact list", "", "List facts, newest first", run_list, .options = list_options,
            .option_count = ARRAY_LEN(list_options)),
    COMMAND("fact reverse", "FACT", "Take a fact back: it counts no more", run_reverse,
            .options = reverse_options, .option_count = ARRAY_LEN(reverse_options)),
};
const struct command_table ledger_commands = {commands, ARRAY_LEN(commands)};
