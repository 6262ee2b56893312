/* Every command of the program, in the order of its help. */
#include "src/app/commands.h"

#include "src/account/account.h"
#include "src/attention/attention.h"
#include "src/app/openapi.h"
#include "src/app/version.h"
#include "src/core/limits.h"
#include "src/domain/domain.h"
#include "src/domain/domain_access.h"
#include "src/intake/intake.h"
#include "src/ledger/ledger.h"
#include "src/live/live.h"
#include "src/metric/metric.h"
#include "src/organisation/organisation.h"
#include "src/partner/partner.h"
#include "src/product/product.h"

static const struct command_table *const all_commands[] = {
    &init_commands,
    &serve_commands,
    &import_commands,
    &partner_list_commands,
    &partner_commands,
    &partner_bulk_commands,
    &partner_history_commands,
    &duplicate_commands,
    &partner_merge_commands,
    &contact_commands,
    &contact_privacy_commands,
    &product_commands,
    &ledger_commands,
    &metric_commands,
    &live_commands,
    &attention_commands,
    &domain_commands,
    &domain_list_commands,
    &domain_access_commands,
    &rate_commands,
    &organisation_commands,
    &account_commands,
    &doctor_commands,
    &backup_commands,
    &copy_commands,
    &export_commands,
    &document_commands,
};

static const struct cli_option common[] = {
    {"data", CLI_TEXT, "DIR", "the data directory (default: $RAPPORT_DATA, then ./rapport-data)",
     false},
    {"db", CLI_TEXT, "URL",
     "a PostgreSQL database instead of the file in the data directory (default: $RAPPORT_DB)",
     false},
    {"json", CLI_FLAG, NULL, "print JSON", false},
    {"csv", CLI_FLAG, NULL, "print CSV", false},
};

static struct cli_command cli_row(const struct command *command)
{
    return (struct cli_command){
        .words = command->words,
        .operands = command->operands,
        .summary = command->summary,
        .options = command->options,
        .option_count = command->option_count,
        .notes = command->notes,
        .row = command,
    };
}

static size_t command_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(all_commands); i++)
        count += all_commands[i]->count;
    return count;
}

struct cli_program commands_program(struct arena *arena)
{
    struct cli_command *rows = ARENA_ARRAY(arena, struct cli_command, command_count());
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(all_commands); i++)
        for (size_t j = 0; j < all_commands[i]->count; j++)
            rows[count++] = cli_row(&all_commands[i]->commands[j]);
    return (struct cli_program){
        .name = "rapport",
        .version = RAPPORT_VERSION,
        .released = RAPPORT_RELEASED,
        .summary = "Partner relationship management that a company runs itself.",
        .commands = rows,
        .command_count = count,
        .common = common,
        .common_count = ARRAY_LEN(common),
    };
}

/* ---- documents made from the rows ---- */

static enum err run_openapi(struct ctx *ctx, struct command_run *run)
{
    struct str document = openapi_render(ctx->arena);
    return command_print(run, arena_format(ctx->arena, "%.*s\n", STR_ARG(document)));
}

static enum err run_man(struct ctx *ctx, struct command_run *run)
{
    struct cli_program program = commands_program(ctx->arena);
    return command_print(run, cli_man_page(&program, ctx->arena));
}

static const struct command document_rows[] = {
    COMMAND("openapi", "", "Print the OpenAPI 3.1 document of the HTTP API", run_openapi,
            .without_data = true),
    COMMAND("man", "", "Print the manual page (rapport man | man -l -)", run_man,
            .without_data = true),
};
const struct command_table document_commands = {document_rows, ARRAY_LEN(document_rows)};
