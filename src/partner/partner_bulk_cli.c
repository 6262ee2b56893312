/* Commands on many partners: assign, move, tag. */
#include "src/account/account.h"
#include "src/core/limits.h"
#include "src/partner/partner_list_cli.h"

/* What a command acts on, and what came of it. */
struct acting {
    struct command_run *run;
    size_t first_operand; /* that names a partner */
    const char *manager;  /* the name of the filter's option */
    struct partner_id *ids;
    size_t count;
    size_t changed;
};

static enum err find_operands(struct ctx *ctx, struct acting *acting, size_t count)
{
    acting->count = count;
    acting->ids = ARENA_ARRAY(ctx->arena, struct partner_id, count);
    for (size_t i = 0; i < count; i++)
        TRY(partner_find(ctx, cli_operand(acting->run->args, acting->first_operand + i),
                         &acting->ids[i]));
    return OK;
}

static enum err find_partners(struct ctx *ctx, struct acting *acting)
{
    const struct cli_args *args = acting->run->args;
    size_t operands = cli_operand_count(args) - acting->first_operand;
    bool filtered = partner_filter_given(args, acting->manager);
    struct partner_filter filter;
    if (filtered == (operands > 0))
        return CTX_FAULT(ctx, ERR_INVALID, "which_partners",
                         "Name the partners, or choose them with options such as --search.");
    if (!filtered)
        return find_operands(ctx, acting, operands);
    TRY(partner_filter_from_args(ctx, args, acting->manager, &filter));
    return partner_list_ids(ctx, &filter, &acting->ids, &acting->count);
}

static enum err print_changed(struct ctx *ctx, const struct acting *acting)
{
    const struct str keys[] = {STR("partners"), STR("changed")};
    const struct str values[] = {arena_format(ctx->arena, "%zu", acting->count),
                                 arena_format(ctx->arena, "%zu", acting->changed)};
    return command_print_record(ctx, acting->run, keys, values, ARRAY_LEN(keys));
}

/* ---- partner assign ---- */

static enum err assign(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    struct user user;
    TRY(user_find(ctx, cli_text(acting->run->args, "manager"), &user));
    TRY(find_partners(ctx, acting));
    return partner_assign(ctx, acting->ids, acting->count, user.id, &acting->changed);
}

static enum err run_assign(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run, .manager = "from-manager"};
    if (!cli_has(run->args, "manager"))
        return CTX_FAULT(ctx, ERR_INVALID, "manager_missing", "Say to whom with --manager.");
    TRY(ctx_write(ctx, assign, &acting));
    return print_changed(ctx, &acting);
}

/* ---- partner move ---- */

static enum err move(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    enum partner_status to;
    if (!partner_status_parse(cli_operand(acting->run->args, 0), &to))
        return CTX_FAULT(ctx, ERR_INVALID, "status_invalid",
                         "STATUS is prospect, onboarding, active, suspended or ended.");
    TRY(find_partners(ctx, acting));
    return partner_move_all(ctx, acting->ids, acting->count, to, &acting->changed);
}

static enum err run_move(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run, .first_operand = 1, .manager = "manager"};
    TRY(ctx_write(ctx, move, &acting));
    return print_changed(ctx, &acting);
}

/* ---- partner tag ---- */

static const struct str *texts_of(struct ctx *ctx, const struct cli_args *args, const char *option,
                                  size_t *ret_count)
{
    size_t count = cli_text_count(args, option);
    struct str *texts = ARENA_ARRAY(ctx->arena, struct str, count);
    for (size_t i = 0; i < count; i++)
        texts[i] = cli_text_at(args, option, i);
    *ret_count = count;
    return texts;
}

static enum err tag(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    struct partner_tag_change change;
    change.add = texts_of(ctx, acting->run->args, "add", &change.add_count);
    change.remove = texts_of(ctx, acting->run->args, "remove", &change.remove_count);
    if (!change.add_count && !change.remove_count)
        return CTX_FAULT(ctx, ERR_INVALID, "tags_missing", "Give tags with --add or --remove.");
    TRY(find_partners(ctx, acting));
    return partner_tag_all(ctx, acting->ids, acting->count, &change, &acting->changed);
}

static enum err run_tag(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run, .manager = "manager"};
    TRY(ctx_write(ctx, tag, &acting));
    return print_changed(ctx, &acting);
}

static const struct cli_option assign_options[] = {
    {"manager", CLI_TEXT, "USER", "who is responsible from now on: mail address, name or id",
     false},
    PARTNER_FILTER_OPTIONS("from-manager"),
};
static const struct cli_option move_options[] = {PARTNER_FILTER_OPTIONS("manager")};
static const struct cli_option tag_options[] = {
    {"add", CLI_TEXT, "TAG", "a tag that they get", true},
    {"remove", CLI_TEXT, "TAG", "a tag that they lose", true},
    PARTNER_FILTER_OPTIONS("manager"),
};

#define NOTES                                                                          \
    "Name the partners (id, external id or unambiguous name), or choose them with the" \
    " options of `partner list`. All or none: when one refuses, nothing is changed."
static const struct command commands[] = {
    COMMAND("partner assign", "[PARTNER…]", "Give partners to a manager", run_assign,
            .options = assign_options, .option_count = ARRAY_LEN(assign_options),
            .notes =
                NOTES "\n\nExamples:\n"
                      "  rapport partner assign \"Brakes and Gears\" --manager eva@example.com\n"
                      "  rapport partner assign --from-manager max@example.com --manager eva"
                      "@example.com"),
    COMMAND("partner move", "STATUS [PARTNER…]", "Move partners to a status", run_move,
            .options = move_options, .option_count = ARRAY_LEN(move_options), .notes = NOTES),
    COMMAND("partner tag", "[PARTNER…]", "Add tags to partners, or take them away", run_tag,
            .options = tag_options, .option_count = ARRAY_LEN(tag_options), .notes = NOTES),
};
const struct command_table partner_bulk_commands = {commands, ARRAY_LEN(commands)};
