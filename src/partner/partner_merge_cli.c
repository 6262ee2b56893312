/* The command `partner merge`. */
#include "src/core/command.h"
#include "src/partner/partner.h"

struct merging {
    struct command_run *run;
    struct partner_id from;
    struct partner survivor;
};

static enum err merge(struct ctx *ctx, void *arg)
{
    struct merging *merging = arg;
    struct partner_id into;
    TRY(partner_find(ctx, cli_operand(merging->run->args, 0), &merging->from));
    TRY(partner_find(ctx, cli_operand(merging->run->args, 1), &into));
    return partner_merge(ctx, merging->from, into, &merging->survivor);
}

static enum err run_merge(struct ctx *ctx, struct command_run *run)
{
    struct merging merging = {.run = run};
    TRY(ctx_write(ctx, merge, &merging));
    const struct str keys[] = {STR("merged"), STR("into"), STR("name")};
    const struct str values[] = {partner_id_text(merging.from, ctx->arena),
                                 partner_id_text(merging.survivor.id, ctx->arena),
                                 merging.survivor.fields[PARTNER_NAME]};
    return command_print_record(ctx, run, keys, values, ARRAY_LEN(keys));
}

static const struct command commands[] = {
    COMMAND("partner merge", "FROM INTO", "Merge a partner into another", run_merge,
            .notes = "Everything of FROM moves to INTO, which keeps its own values and takes those"
                     " that it lacks. From then on FROM answers as INTO."),
};
const struct command_table partner_merge_commands = {commands, ARRAY_LEN(commands)};
