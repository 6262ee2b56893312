/* The commands of requests for access. */
#include "src/core/command.h"
#include "src/domain/domain_access.h"
#include "src/domain/domain_print.h"

struct deciding {
    struct command_run *run;
    struct access_requests found;
    struct access_id id;
    struct user user;
};

static enum err read_list(struct ctx *ctx, void *arg)
{
    struct deciding *deciding = arg;
    return access_list(ctx, (struct partner_id){0}, &deciding->found);
}

static enum err run_list(struct ctx *ctx, struct command_run *run)
{
    static const struct cli_column columns[] = {
        {"Id", "id", CLI_LEFT, CLI_CELL_TEXT},
        {"Partner", "partner", CLI_LEFT, CLI_CELL_TEXT},
        {"Name", "name", CLI_LEFT, CLI_CELL_TEXT},
        {"Mail address", "email", CLI_LEFT, CLI_CELL_TEXT},
        {"Asked", "asked_at", CLI_LEFT, CLI_CELL_TEXT},
    };
    struct deciding deciding = {.run = run};
    struct cli_table *table = cli_table_new(ctx->arena, columns, ARRAY_LEN(columns));
    TRY(ctx_read(ctx, read_list, &deciding));
    for (size_t i = 0; i < deciding.found.count; i++) {
        const struct access_request *row = &deciding.found.rows[i];
        const struct str cells[] = {access_id_text(row->id, ctx->arena), row->partner_name,
                                    row->name, row->email,
                                    domain_time_text(row->asked_ms, ctx->arena)};
        cli_table_add(table, cells);
    }
    return command_print_table(ctx, run, table);
}

static enum err read_id(struct ctx *ctx, struct deciding *deciding)
{
    if (access_id_parse(cli_operand(deciding->run->args, 0), &deciding->id))
        return OK;
    return CTX_FAULT(ctx, ERR_INVALID, "access_id",
                     "Give the id of a request: rapport access list.");
}

static enum err admit(struct ctx *ctx, void *arg)
{
    struct deciding *deciding = arg;
    return access_admit(ctx, deciding->id, &deciding->user);
}

static enum err refuse(struct ctx *ctx, void *arg)
{
    struct deciding *deciding = arg;
    return access_refuse(ctx, deciding->id);
}

static enum err run_admit(struct ctx *ctx, struct command_run *run)
{
    struct deciding deciding = {.run = run};
    TRY(read_id(ctx, &deciding));
    TRY(ctx_write(ctx, admit, &deciding));
    struct str keys[] = {STR("email"), STR("partner_id")};
    struct str values[] = {deciding.user.email, partner_id_text(deciding.user.partner, ctx->arena)};
    return command_print_record(ctx, run, keys, values, ARRAY_LEN(keys));
}

static enum err run_refuse(struct ctx *ctx, struct command_run *run)
{
    struct deciding deciding = {.run = run};
    TRY(read_id(ctx, &deciding));
    return ctx_write(ctx, refuse, &deciding);
}

static const struct command commands[] = {
    COMMAND("access list", "", "People of proven domains who ask for access", run_list),
    COMMAND("access admit", "ID", "Let somebody in as a user of the partner", run_admit,
            .notes =
                "Nobody has checked that the mail address is theirs: ask the partner's contact "
                "first."),
    COMMAND("access refuse", "ID", "Do not let somebody in", run_refuse),
};
const struct command_table domain_access_commands = {commands, ARRAY_LEN(commands)};
