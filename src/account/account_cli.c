/* Commands of users and tokens. */
#include <unistd.h>

#include "src/account/account_view.h"
#include "src/core/command.h"
#include "src/core/limits.h"

/* ---- users ---- */

static struct str yes_or_nothing(bool value)
{
    return value ? STR("yes") : (struct str){NULL, 0};
}

static struct str partner_text(struct ctx *ctx, struct partner_id partner)
{
    return partner_id_is_set(partner) ? partner_id_text(partner, ctx->arena)
                                      : (struct str){NULL, 0};
}

static struct str day_text(struct ctx *ctx, int64_t at_ms)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, TIME_TEXT_MAX);
    if (at_ms)
        day_render((struct day){(int32_t)(at_ms / MS_PER_DAY)}, &buf);
    return buf_str(&buf);
}

static const struct cli_column user_columns[] = {
    {"Mail address", "email", CLI_LEFT, CLI_CELL_TEXT},
    {"Name", "name", CLI_LEFT, CLI_CELL_TEXT},
    {"Role", "role", CLI_LEFT, CLI_CELL_TEXT},
    {"Partner", "partner_id", CLI_LEFT, CLI_CELL_TEXT},
    {"Disabled", "disabled", CLI_LEFT, CLI_CELL_TEXT},
    {"Id", "id", CLI_LEFT, CLI_CELL_TEXT},
};

static void add_user(struct ctx *ctx, struct cli_table *table, const struct user *user)
{
    const struct str cells[] = {user->email,
                                user->name,
                                str_from_c(role_name(user->role)),
                                partner_text(ctx, user->partner),
                                yes_or_nothing(user->disabled),
                                user_id_text(user->id, ctx->arena)};
    cli_table_add(table, cells);
}

static enum err all_users(struct ctx *ctx, void *table)
{
    struct page page = {.limit = LIMIT_PAGE_MAX};
    struct user_page found;
    do {
        TRY(user_list(ctx, &page, &found));
        for (size_t i = 0; i < found.count; i++)
            add_user(ctx, table, &found.rows[i]);
        if (found.count)
            page.after_text = found.rows[found.count - 1].email;
        page.has_cursor = true;
    } while (found.next.len);
    return OK;
}

static enum err run_user_list(struct ctx *ctx, struct command_run *run)
{
    struct cli_table *table = cli_table_new(ctx->arena, user_columns, ARRAY_LEN(user_columns));
    TRY(ctx_read(ctx, all_users, table));
    return command_print_table(ctx, run, table);
}

static enum err print_user(struct ctx *ctx, struct command_run *run, const struct user *user,
                           struct str password)
{
    const struct str keys[] = {STR("id"),         STR("email"),    STR("name"),    STR("role"),
                               STR("partner_id"), STR("disabled"), STR("password")};
    const struct str values[] = {user_id_text(user->id, ctx->arena),
                                 user->email,
                                 user->name,
                                 str_from_c(role_name(user->role)),
                                 partner_text(ctx, user->partner),
                                 yes_or_nothing(user->disabled),
                                 password};
    return command_print_record(ctx, run, keys, values, ARRAY_LEN(keys) - !password.len);
}

/* From the terminal twice, from anything else once, or a new one with --generate. */
static enum err take_password(struct ctx *ctx, struct command_run *run, struct str *ret_password)
{
    struct str password, again;
    if (cli_has(run->args, "generate")) {
        *ret_password = user_generate_password(ctx);
        return OK;
    }
    TRY(cli_read_secret("New password: ", ctx->arena, &password, &ctx->fault));
    if (isatty(STDIN_FILENO)) {
        TRY(cli_read_secret("Once more: ", ctx->arena, &again, &ctx->fault));
        if (!secret_equal(password, again))
            return CTX_FAULT(ctx, ERR_INVALID, "password_differs", "The two are not the same.");
    }
    *ret_password = password;
    return OK;
}

/* The role of --role; ERR_INVALID names all of them. */
static enum err take_role(struct ctx *ctx, const struct command_run *run, enum role *ret_role)
{
    struct str text = cli_text(run->args, "role");
    if (role_parse(text, ret_role))
        return OK;
    return CTX_FAULT(ctx, ERR_INVALID, "role_unknown",
                     "--role takes administrator, manager, analyst or partner.");
}

static enum err take_partner(struct ctx *ctx, const struct command_run *run,
                             struct partner_id *ret_partner)
{
    struct str text = cli_text(run->args, "partner");
    *ret_partner = (struct partner_id){0};
    return text.len ? ctx->services->find_partner(ctx, text, ret_partner) : OK;
}

/* A user to be made, and what became of it. */
struct user_adding {
    struct command_run *run;
    struct user_draft draft;
    struct user user;
};

static enum err write_user(struct ctx *ctx, void *arg)
{
    struct user_adding *adding = arg;
    TRY(take_partner(ctx, adding->run, &adding->draft.partner));
    return user_add(ctx, &adding->draft, &adding->user);
}

static enum err run_user_add(struct ctx *ctx, struct command_run *run)
{
    struct user_adding adding = {
        .run = run,
        .draft = {.email = cli_operand(run->args, 0), .name = cli_text(run->args, "name")},
    };
    struct str password = {NULL, 0};
    TRY(take_role(ctx, run, &adding.draft.role));
    if (!cli_has(run->args, "no-password")) {
        TRY(take_password(ctx, run, &password));
        TRY(user_hash_password(ctx, password, &adding.draft.hash));
    }
    TRY(ctx_write(ctx, write_user, &adding));
    bool shown = cli_has(run->args, "generate");
    return print_user(ctx, run, &adding.user, shown ? password : (struct str){NULL, 0});
}

/* A password to be set. */
struct password_setting {
    struct str user_text, hash;
    struct user user;
};

static enum err write_password(struct ctx *ctx, void *arg)
{
    struct password_setting *setting = arg;
    TRY(user_find(ctx, setting->user_text, &setting->user));
    return user_set_password(ctx, setting->user.id, setting->hash);
}

static enum err read_user(struct ctx *ctx, void *arg)
{
    struct password_setting *setting = arg;
    return user_find(ctx, setting->user_text, &setting->user);
}

static enum err run_user_passwd(struct ctx *ctx, struct command_run *run)
{
    struct password_setting setting = {.user_text = cli_operand(run->args, 0)};
    struct str password = {NULL, 0};
    TRY(ctx_read(ctx, read_user, &setting));
    TRY(take_password(ctx, run, &password));
    TRY(user_hash_password(ctx, password, &setting.hash));
    TRY(ctx_write(ctx, write_password, &setting));
    bool shown = cli_has(run->args, "generate");
    return print_user(ctx, run, &setting.user, shown ? password : (struct str){NULL, 0});
}

/* A change of one user, found by what was typed. */
struct user_changing {
    struct str user_text;
    struct user_change change;
    struct user user;
};

static enum err write_change(struct ctx *ctx, void *arg)
{
    struct user_changing *changing = arg;
    TRY(user_find(ctx, changing->user_text, &changing->user));
    return user_update(ctx, changing->user.id, 0, &changing->change, &changing->user);
}

static enum err change_user(struct ctx *ctx, struct command_run *run,
                            const struct user_change *change)
{
    struct user_changing changing = {.user_text = cli_operand(run->args, 0), .change = *change};
    TRY(ctx_write(ctx, write_change, &changing));
    return print_user(ctx, run, &changing.user, (struct str){NULL, 0});
}

static enum err run_user_disable(struct ctx *ctx, struct command_run *run)
{
    return change_user(ctx, run, &(struct user_change){.disabled_given = true, .disabled = true});
}

static enum err run_user_enable(struct ctx *ctx, struct command_run *run)
{
    return change_user(ctx, run, &(struct user_change){.disabled_given = true});
}

static enum err run_user_set(struct ctx *ctx, struct command_run *run)
{
    struct user_change change = {
        .name_given = cli_has(run->args, "name"),
        .role_given = cli_has(run->args, "role"),
        .name = cli_text(run->args, "name"),
    };
    if (!change.name_given && !change.role_given)
        return CTX_FAULT(ctx, ERR_INVALID, "nothing_given", "Give --name or --role.");
    if (change.role_given)
        TRY(take_role(ctx, run, &change.role));
    return change_user(ctx, run, &change);
}

/* ---- tokens ---- */

static const struct cli_column token_columns[] = {
    {"Name", "name", CLI_LEFT, CLI_CELL_TEXT},
    {"Role", "role", CLI_LEFT, CLI_CELL_TEXT},
    {"Scopes", "scopes", CLI_LEFT, CLI_CELL_TEXT},
    {"Partner", "partner_id", CLI_LEFT, CLI_CELL_TEXT},
    {"Made by", "created_by", CLI_LEFT, CLI_CELL_TEXT},
    {"Made", "created", CLI_LEFT, CLI_CELL_TEXT},
    {"Expires", "expires", CLI_LEFT, CLI_CELL_TEXT},
    {"Revoked", "revoked", CLI_LEFT, CLI_CELL_TEXT},
    {"Id", "id", CLI_LEFT, CLI_CELL_TEXT},
};

static void add_token(struct ctx *ctx, struct cli_table *table, const struct token *token)
{
    const struct str cells[] = {
        token->name,
        str_from_c(role_name(token->role)),
        scopes_text(token->scopes, ctx->arena),
        partner_text(ctx, token->partner),
        token->created_by,
        day_text(ctx, token->created_ms),
        day_text(ctx, token->expires_ms),
        day_text(ctx, token->revoked_ms),
        token_id_text(token->id, ctx->arena),
    };
    cli_table_add(table, cells);
}

static enum err all_tokens(struct ctx *ctx, void *table)
{
    struct page page = {.limit = LIMIT_PAGE_MAX};
    struct token_page found;
    do {
        TRY(token_list(ctx, &page, &found));
        for (size_t i = 0; i < found.count; i++)
            add_token(ctx, table, &found.rows[i]);
        if (found.count)
            page.after_id = found.rows[found.count - 1].id.v;
        page.has_cursor = true;
    } while (found.next.len);
    return OK;
}

static enum err run_token_list(struct ctx *ctx, struct command_run *run)
{
    struct cli_table *table = cli_table_new(ctx->arena, token_columns, ARRAY_LEN(token_columns));
    TRY(ctx_read(ctx, all_tokens, table));
    return command_print_table(ctx, run, table);
}

static enum err take_scopes(struct ctx *ctx, const struct command_run *run, unsigned *ret_scopes)
{
    struct str rest = cli_text(run->args, "scopes"), name;
    unsigned scopes = 0;
    enum scope scope;
    while (rest.len && str_split(&rest, ',', &name)) {
        if (!scope_parse(str_trim(name), &scope))
            return CTX_FAULT(ctx, ERR_INVALID, "scope_unknown",
                             "--scopes takes read, facts, directory, import, administration, or "
                             "several of them with commas between.");
        scopes |= (unsigned)scope;
    }
    *ret_scopes = scopes;
    return OK;
}

/* A token to be made, and what became of it. */
struct token_making {
    struct command_run *run;
    struct token_draft draft;
    struct token token;
    struct str secret;
};

static enum err write_token(struct ctx *ctx, void *arg)
{
    struct token_making *making = arg;
    TRY(take_partner(ctx, making->run, &making->draft.partner));
    return token_create(ctx, &making->draft, &making->token, &making->secret);
}

static enum err run_token_create(struct ctx *ctx, struct command_run *run)
{
    struct token_making making = {
        .run = run,
        .draft = {.name = cli_operand(run->args, 0),
                  .expires_ms = cli_int(run->args, "expires") * MS_PER_DAY},
    };
    TRY(take_role(ctx, run, &making.draft.role));
    TRY(take_scopes(ctx, run, &making.draft.scopes));
    TRY(ctx_write(ctx, write_token, &making));
    const struct str keys[] = {STR("id"),     STR("name"),    STR("role"),
                               STR("scopes"), STR("expires"), STR("secret")};
    const struct str values[] = {
        token_id_text(making.token.id, ctx->arena), making.token.name,
        str_from_c(role_name(making.token.role)),   scopes_text(making.token.scopes, ctx->arena),
        day_text(ctx, making.token.expires_ms),     making.secret};
    return command_print_record(ctx, run, keys, values, ARRAY_LEN(keys));
}

static enum err write_revocation(struct ctx *ctx, void *arg)
{
    struct token_id id;
    const struct str *text = arg;
    if (!token_id_parse(*text, &id))
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "token_not_found",
                         "There is no such token; `rapport token list` shows their ids.");
    return token_revoke(ctx, id);
}

static enum err run_token_revoke(struct ctx *ctx, struct command_run *run)
{
    struct str text = cli_operand(run->args, 0);
    TRY(ctx_write(ctx, write_revocation, &text));
    return command_print(run, STR("The token is revoked.\n"));
}

/* ---- rows ---- */

#define OPTION_ROLE                                                                   \
    {                                                                                 \
        "role", CLI_TEXT, "ROLE", "administrator, manager, analyst or partner", false \
    }
#define OPTION_PARTNER                                                                      \
    {                                                                                       \
        "partner", CLI_TEXT, "PARTNER", "for the role partner: the only one it sees", false \
    }
#define OPTION_GENERATE                                                                      \
    {                                                                                        \
        "generate", CLI_FLAG, NULL, "make a password and print it, instead of asking", false \
    }

static const struct cli_option user_add_options[] = {
    OPTION_ROLE,
    {"name", CLI_TEXT, "NAME", "the person's name (default: the mail address)", false},
    OPTION_PARTNER,
    OPTION_GENERATE,
    {"no-password", CLI_FLAG, NULL, "nobody can sign in until a password is set", false},
};
static const struct cli_option passwd_options[] = {OPTION_GENERATE};
static const struct cli_option user_set_options[] = {
    OPTION_ROLE,
    {"name", CLI_TEXT, "NAME", "the person's name", false},
};
static const struct cli_option token_create_options[] = {
    OPTION_ROLE,
    {"scopes", CLI_TEXT, "SCOPES",
     "what it may be used for: read, facts, directory, import, administration; commas between",
     false},
    OPTION_PARTNER,
    {"expires", CLI_DAY, "DAY", "the day on which it ends, at 00:00 UTC (default: never)", false},
};

static const struct command commands[] = {
    COMMAND("user list", "", "List who can sign in", run_user_list),
    COMMAND("user add", "EMAIL", "Add a user", run_user_add, .options = user_add_options,
            .option_count = ARRAY_LEN(user_add_options),
            .notes = "The password is asked for twice on a terminal, and else read as one line "
                     "from standard input.\n\nExample:\n"
                     "  rapport user add eva@example.com --name 'Eva Huber' --role manager"),
    COMMAND("user set", "USER", "Change a user's name or role", run_user_set,
            .options = user_set_options, .option_count = ARRAY_LEN(user_set_options)),
    COMMAND("user passwd", "USER", "Set a user's password", run_user_passwd,
            .options = passwd_options, .option_count = ARRAY_LEN(passwd_options),
            .notes = "Ends all sessions of the user."),
    COMMAND("user disable", "USER", "End a user's sessions and keep it out", run_user_disable,
            .notes = NULL),
    COMMAND("user enable", "USER", "Let a disabled user in again", run_user_enable),
    COMMAND("token create", "NAME", "Make an API token and print its secret once", run_token_create,
            .options = token_create_options, .option_count = ARRAY_LEN(token_create_options),
            .notes = "Example:\n"
                     "  rapport token create shop --role manager --scopes facts,read"),
    COMMAND("token list", "", "List API tokens", run_token_list),
    COMMAND("token revoke", "TOKEN", "End an API token at once", run_token_revoke),
};
const struct command_table account_commands = {commands, ARRAY_LEN(commands)};
