/* Commands of contacts: list, show, add, set, archive, restore. */
#include "src/core/command.h"
#include "src/core/limits.h"
#include "src/partner/partner_view.h"

enum { DOCUMENT_BYTES = 64 * 1024 };

/* What a command acts on, and what came of it. */
struct acting {
    struct command_run *run;
    struct contact contact;
    struct cli_table *table;
};

/* ---- contact list ---- */

static const struct cli_column columns[] = {
    {"Name", "name", CLI_LEFT, CLI_CELL_TEXT},
    {"Title", "title", CLI_LEFT, CLI_CELL_TEXT},
    {"Mail address", "email", CLI_LEFT, CLI_CELL_TEXT},
    {"Phone", "phone", CLI_LEFT, CLI_CELL_TEXT},
    {"Mobile", "mobile", CLI_LEFT, CLI_CELL_TEXT},
    {"Primary", "primary", CLI_LEFT, CLI_CELL_TEXT},
    {"Id", "id", CLI_LEFT, CLI_CELL_TEXT},
};

static void add_row(struct ctx *ctx, struct cli_table *table, const struct contact *contact)
{
    const struct str cells[] = {contact->fields[CONTACT_NAME],
                                contact->fields[CONTACT_TITLE],
                                contact->fields[CONTACT_EMAIL],
                                phone_render(contact->fields[CONTACT_PHONE], ctx->arena),
                                phone_render(contact->fields[CONTACT_MOBILE], ctx->arena),
                                contact->is_primary ? STR("yes") : (struct str){NULL, 0},
                                contact_id_text(contact->id, ctx->arena)};
    cli_table_add(table, cells);
}

/* A partner has at most as many as a page. */
static enum err list(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    struct partner_id partner;
    struct page page = {.limit = LIMIT_PAGE_MAX};
    struct contact_page found;
    TRY(partner_find(ctx, cli_operand(acting->run->args, 0), &partner));
    TRY(contact_list(ctx, partner, cli_has(acting->run->args, "archived"), &page, &found));
    for (size_t i = 0; i < found.count; i++)
        add_row(ctx, acting->table, &found.rows[i]);
    return OK;
}

static enum err run_list(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run,
                            .table = cli_table_new(ctx->arena, columns, ARRAY_LEN(columns))};
    TRY(ctx_read(ctx, list, &acting));
    return command_print_table(ctx, run, acting.table);
}

/* ---- one contact ---- */

static enum err print_contact(struct ctx *ctx, struct command_run *run,
                              const struct contact *contact)
{
    struct json_writer writer;
    struct buf json;
    if (run->format == CLI_FORMAT_JSON) {
        buf_init(&json, ctx->arena, DOCUMENT_BYTES);
        json_writer_init(&writer, &json);
        contact_render(contact, &writer);
        buf_add_char(&json, '\n');
        return command_print(run, buf_str(&json));
    }
    struct str keys[CONTACT_FIELD_COUNT + 4], values[CONTACT_FIELD_COUNT + 4];
    size_t count = 0;
    keys[count] = STR("id");
    values[count++] = contact_id_text(contact->id, ctx->arena);
    keys[count] = STR("partner_id");
    values[count++] = partner_id_text(contact->partner, ctx->arena);
    for (enum contact_field field = 0; field < CONTACT_FIELD_COUNT; field++) {
        keys[count] = str_from_c(contact_field_name(field));
        values[count++] = contact->fields[field];
    }
    keys[count] = STR("primary");
    values[count++] = contact->is_primary ? STR("yes") : (struct str){NULL, 0};
    keys[count] = STR("archived");
    values[count++] = contact->archived_ms ? STR("yes") : (struct str){NULL, 0};
    return command_print_record(ctx, run, keys, values, count);
}

/* By id or external id: names of people are not unique. */
static enum err find_operand(struct ctx *ctx, struct acting *acting)
{
    struct str text = cli_operand(acting->run->args, 0);
    struct contact_id id;
    struct external_id external;
    if (external_id_split(text, &external))
        return contact_find_external(ctx, external, &acting->contact);
    if (contact_id_parse(text, &id))
        return contact_get(ctx, id, &acting->contact);
    return CTX_FAULT(ctx, ERR_INVALID, "contact_invalid",
                     "CONTACT is an id (con_…) or an external id (salesforce:003).");
}

static enum err show(struct ctx *ctx, void *arg)
{
    return find_operand(ctx, arg);
}

static enum err run_show(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_read(ctx, show, &acting));
    return print_contact(ctx, run, &acting.contact);
}

/* ---- contact add, contact set ---- */

#define FIELD_OPTIONS                                                                       \
    {"name", CLI_TEXT, "TEXT", "name; without one, the mail address stands for it", false}, \
        {"title", CLI_TEXT, "TEXT", "title", false},                                        \
        {"email", CLI_TEXT, "ADDRESS", "mail address", false},                              \
        {"phone", CLI_TEXT, "NUMBER", "international, or national of the country", false},  \
        {"mobile", CLI_TEXT, "NUMBER", "international, or national of the country", false}, \
    {                                                                                       \
        "primary", CLI_FLAG, NULL, "make it the partner's primary contact", false           \
    }
static const struct cli_option set_options[] = {FIELD_OPTIONS};
static const struct cli_option add_options[] = {
    FIELD_OPTIONS,
    {"external", CLI_TEXT, "SYSTEM:ID", "what it is called in another system", false},
};

static struct contact_change change_of(const struct cli_args *args)
{
    struct contact_change change = {.primary_given = cli_has(args, "primary"), .is_primary = true};
    for (enum contact_field field = 0; field < CONTACT_FIELD_COUNT; field++) {
        change.fields[field].given = cli_has(args, contact_field_name(field));
        change.fields[field].text = cli_text(args, contact_field_name(field));
    }
    return change;
}

static enum err add(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    const struct cli_args *args = acting->run->args;
    struct contact_change change = change_of(args);
    struct external_id external = {{NULL, 0}, {NULL, 0}};
    struct partner_id partner;
    if (cli_has(args, "external") && !external_id_split(cli_text(args, "external"), &external))
        return CTX_FAULT(ctx, ERR_INVALID, "external_id_invalid",
                         "--external takes a system and an id, such as salesforce:003.");
    TRY(partner_find(ctx, cli_operand(args, 0), &partner));
    return contact_create(ctx, partner, &change, external, &acting->contact);
}

static enum err run_add(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_write(ctx, add, &acting));
    return print_contact(ctx, run, &acting.contact);
}

static enum err set(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    struct contact_change change = change_of(acting->run->args);
    TRY(find_operand(ctx, acting));
    return contact_update(ctx, acting->contact.id, &change, &acting->contact, NULL);
}

static enum err run_set(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_write(ctx, set, &acting));
    return print_contact(ctx, run, &acting.contact);
}

/* ---- contact archive, contact restore ---- */

static enum err archive(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    TRY(find_operand(ctx, acting));
    TRY(contact_archive(ctx, acting->contact.id, 0));
    return contact_get(ctx, acting->contact.id, &acting->contact);
}

static enum err run_archive(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_write(ctx, archive, &acting));
    return print_contact(ctx, run, &acting.contact);
}

static enum err restore(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    TRY(find_operand(ctx, acting));
    TRY(contact_restore(ctx, acting->contact.id, 0));
    return contact_get(ctx, acting->contact.id, &acting->contact);
}

static enum err run_restore(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_write(ctx, restore, &acting));
    return print_contact(ctx, run, &acting.contact);
}

static const struct cli_option list_options[] = {
    {"archived", CLI_FLAG, NULL, "those that are archived, instead of the others", false},
};
static const struct command commands[] = {
    COMMAND("contact list", "PARTNER", "List a partner's contacts", run_list,
            .options = list_options, .option_count = ARRAY_LEN(list_options)),
    COMMAND("contact show", "CONTACT", "Show a contact", run_show,
            .notes = "CONTACT is an id (con_…) or an external id (salesforce:003)."),
    COMMAND("contact add", "PARTNER", "Add a contact to a partner", run_add, .options = add_options,
            .option_count = ARRAY_LEN(add_options),
            .notes = "The first contact of a partner is its primary one."),
    COMMAND("contact set", "CONTACT", "Change a contact", run_set, .options = set_options,
            .option_count = ARRAY_LEN(set_options),
            .notes = "What is not given stays; an empty value (--title=) clears."),
    COMMAND("contact archive", "CONTACT", "Take a contact out of every list", run_archive,
            .notes = "Nothing is deleted; contact restore takes it back, contact erase erases."),
    COMMAND("contact restore", "CONTACT", "Take a contact back from the archive", run_restore),
};
const struct command_table contact_commands = {commands, ARRAY_LEN(commands)};
