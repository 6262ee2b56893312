/* Commands of a person's rights: contact export, contact erase. */
#include "src/core/command.h"
#include "src/partner/partner.h"

struct asking {
    struct command_run *run;
    struct contact_id id;
    struct str json;
    struct contact contact;
};

static enum err read_id(struct ctx *ctx, struct asking *asking)
{
    if (contact_id_parse(cli_operand(asking->run->args, 0), &asking->id))
        return OK;
    return CTX_FAULT(ctx, ERR_INVALID, "contact_invalid", "CONTACT is an id such as con_….");
}

static enum err export(struct ctx *ctx, void *arg) {
    struct asking *asking = arg; TRY(read_id(ctx, asking));
    return contact_personal_data(ctx, asking->id, &asking->json);
}

static enum err run_export(struct ctx *ctx, struct command_run *run)
{
    struct asking asking = {.run = run};
    TRY(ctx_read(ctx, export, &asking));
    return command_print(run, arena_format(ctx->arena, "%.*s\n", STR_ARG(asking.json)));
}

static enum err erase(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    TRY(read_id(ctx, asking));
    return contact_erase(ctx, asking->id, &asking->contact);
}

static enum err run_erase(struct ctx *ctx, struct command_run *run)
{
    struct asking asking = {.run = run};
    if (!cli_has(run->args, "yes"))
        return CTX_FAULT(ctx, ERR_INVALID, "not_confirmed",
                         "This cannot be undone; say --yes to do it.");
    TRY(ctx_write(ctx, erase, &asking));
    struct buf at;
    buf_init(&at, ctx->arena, TIME_TEXT_MAX);
    time_render(asking.contact.erased_ms, &at);
    const struct str keys[] = {STR("contact"), STR("erased_at")};
    const struct str values[] = {contact_id_text(asking.id, ctx->arena), buf_str(&at)};
    return command_print_record(ctx, run, keys, values, ARRAY_LEN(keys));
}

static const struct cli_option erase_options[] = {
    {"yes", CLI_FLAG, NULL, "do it: it cannot be undone", false},
};
static const struct command commands[] = {
    COMMAND("contact export", "CONTACT", "Print everything that is kept about a person (JSON)",
            run_export),
    COMMAND("contact erase", "CONTACT", "Erase a person's data for ever", run_erase,
            .options = erase_options, .option_count = ARRAY_LEN(erase_options),
            .notes = "Values are replaced in the record and in its history; facts stay without the"
                     " person."),
};
const struct command_table contact_privacy_commands = {commands, ARRAY_LEN(commands)};
