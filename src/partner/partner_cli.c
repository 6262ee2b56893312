/* Commands of one partner: show, add, set, archive, restore. */
#include "src/core/command.h"
#include "src/core/limits.h"
#include "src/partner/partner_view.h"

enum { CELL_BYTES = 4096, DOCUMENT_BYTES = 1024 * 1024 };

/* What a command acts on, and what came of it. */
struct acting {
    struct command_run *run;
    struct partner_id id;
    struct partner partner;
    struct partner_marks marks;
    struct contact contact;
    bool has_contact;
    struct str json;
};

/* ---- how a partner is printed ---- */

static struct str time_text(struct ctx *ctx, int64_t at_ms)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, TIME_TEXT_MAX);
    if (at_ms)
        time_render(at_ms, &buf);
    return buf_str(&buf);
}

static struct str contact_text(struct ctx *ctx, const struct acting *acting)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, CELL_BYTES);
    for (enum contact_field field = 0; acting->has_contact && field < CONTACT_FIELD_COUNT; field++)
        if (acting->contact.fields[field].len)
            buf_format(&buf, "%s%.*s", buf.len ? ", " : "", STR_ARG(acting->contact.fields[field]));
    return buf_str(&buf);
}

static struct str tags_text(struct ctx *ctx, const struct partner_marks *marks)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, DOCUMENT_BYTES);
    for (size_t i = 0; i < marks->tag_count; i++)
        buf_format(&buf, "%s%.*s", i ? ", " : "", STR_ARG(marks->tags[i]));
    return buf_str(&buf);
}

static struct str field_text(struct ctx *ctx, const struct partner *partner,
                             enum partner_field field)
{
    if (field == PARTNER_MANAGER)
        return arena_format(ctx->arena, "%.*s <%.*s>", STR_ARG(partner->manager_name),
                            STR_ARG(partner->manager_email));
    if (field == PARTNER_PARENT)
        return partner->parent_name;
    if (field == PARTNER_PHONE || field == PARTNER_PHONE2)
        return phone_render(partner->fields[field], ctx->arena);
    return partner->fields[field];
}

static enum err print_record(struct ctx *ctx, const struct acting *acting)
{
    const struct partner *partner = &acting->partner;
    struct str keys[PARTNER_FIELD_COUNT + 9], values[PARTNER_FIELD_COUNT + 9];
    size_t count = 0;
    keys[count] = STR("id");
    values[count++] = partner_id_text(partner->id, ctx->arena);
    keys[count] = STR("status");
    values[count++] = str_from_c(partner_status_name(partner->status));
    for (enum partner_field field = 0; field < PARTNER_FIELD_COUNT; field++) {
        keys[count] = str_from_c(partner_field_name(field));
        values[count++] = field_text(ctx, partner, field);
    }
    const struct str last_keys[] = {STR("contact"),    STR("external_ids"), STR("tags"),
                                    STR("created_at"), STR("updated_at"),   STR("active_at"),
                                    STR("archived_at")};
    const struct str last_values[] = {
        contact_text(ctx, acting),
        external_ids_text(acting->marks.externals, acting->marks.external_count, ctx->arena),
        tags_text(ctx, &acting->marks),
        time_text(ctx, partner->created_ms),
        time_text(ctx, partner->updated_ms),
        time_text(ctx, partner->active_ms),
        time_text(ctx, partner->archived_ms)};
    for (size_t i = 0; i < ARRAY_LEN(last_keys); i++) {
        keys[count] = last_keys[i];
        values[count++] = last_values[i];
    }
    return command_print_record(ctx, acting->run, keys, values, count);
}

/* In the transaction that read or changed it: what is printed afterwards. */
static enum err take_picture(struct ctx *ctx, struct acting *acting)
{
    struct json_writer writer;
    struct buf json;
    int64_t version;
    TRY(partner_get(ctx, acting->id, &acting->partner));
    TRY(partner_marks_get(ctx, acting->partner.id, &acting->marks));
    TRY(contact_primary(ctx, acting->partner.id, &acting->contact, &acting->has_contact));
    buf_init(&json, ctx->arena, DOCUMENT_BYTES);
    json_writer_init(&writer, &json);
    TRY(partner_render(ctx, acting->partner.id, &writer, &version));
    acting->json = buf_str(&json);
    return OK;
}

static enum err print_partner(struct ctx *ctx, const struct acting *acting)
{
    if (acting->run->format == CLI_FORMAT_JSON)
        return command_print(acting->run,
                             arena_format(ctx->arena, "%.*s\n", STR_ARG(acting->json)));
    return print_record(ctx, acting);
}

static enum err find_operand(struct ctx *ctx, struct acting *acting)
{
    return partner_find(ctx, cli_operand(acting->run->args, 0), &acting->id);
}

/* ---- partner show ---- */

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
    return print_partner(ctx, &acting);
}

/* ---- partner add, partner set ---- */

static const char *const option_names[PARTNER_FIELD_COUNT] = {
    [PARTNER_NAME] = "name",
    [PARTNER_ADDRESS_LINE1] = "address-line1",
    [PARTNER_ADDRESS_LINE2] = "address-line2",
    [PARTNER_CITY] = "city",
    [PARTNER_REGION] = "region",
    [PARTNER_POSTAL_CODE] = "postal-code",
    [PARTNER_COUNTRY] = "country",
    [PARTNER_PHONE] = "phone",
    [PARTNER_PHONE2] = "phone2",
    [PARTNER_DOMAIN] = "domain",
    [PARTNER_PRIMARY_DNS] = "primary-dns",
    [PARTNER_SECONDARY_DNS] = "secondary-dns",
    [PARTNER_SLA] = "sla",
    [PARTNER_TIER] = "tier",
    [PARTNER_MANAGER] = "manager",
    [PARTNER_PARENT] = "parent",
    [PARTNER_CURRENCY] = "currency",
    [PARTNER_LANGUAGE] = "language",
    [PARTNER_TIME_ZONE] = "time-zone",
    [PARTNER_NOTE] = "note",
};
#define FIELD_OPTIONS                                                                             \
    {"address-line1", CLI_TEXT, "TEXT", "first line of the address", false},                      \
        {"address-line2", CLI_TEXT, "TEXT", "second line of the address", false},                 \
        {"city", CLI_TEXT, "TEXT", "city", false},                                                \
        {"region", CLI_TEXT, "TEXT", "state, province or region", false},                         \
        {"postal-code", CLI_TEXT, "TEXT", "postal code", false},                                  \
        {"country", CLI_TEXT, "COUNTRY", "ISO 3166 code of two letters, or English name", false}, \
        {"phone", CLI_TEXT, "NUMBER", "international, or national of the country", false},        \
        {"phone2", CLI_TEXT, "NUMBER", "a second telephone or fax number", false},                \
        {"domain", CLI_TEXT, "DOMAIN", "domain, web address or mail address of it", false},       \
        {"primary-dns", CLI_TEXT, "SERVER", "primary name server", false},                        \
        {"secondary-dns", CLI_TEXT, "SERVER", "secondary name server", false},                    \
        {"sla", CLI_TEXT, "TEXT", "service level agreement", false},                              \
        {"tier", CLI_TEXT, "TEXT", "tier", false},                                                \
        {"manager", CLI_TEXT, "USER", "who is responsible: mail address, id or name", false},     \
        {"parent", CLI_TEXT, "PARTNER", "the partner above", false},                              \
        {"currency", CLI_TEXT, "CODE", "ISO 4217 code", false},                                   \
        {"language", CLI_TEXT, "TAG", "language, such as de or pt-BR", false},                    \
        {"time-zone", CLI_TEXT, "ZONE", "time zone, such as Europe/Vienna", false},               \
        {"note", CLI_TEXT, "TEXT", "a note of the vendor's own", false},                          \
    {                                                                                             \
        "external", CLI_TEXT, "SYSTEM:ID", "what it is called in another system", true            \
    }

static const struct cli_option add_options[] = {
    FIELD_OPTIONS,
    {"status", CLI_TEXT, "STATUS", "prospect (default), onboarding, active, suspended, ended",
     false},
    {"since", CLI_DAY, "DAY", "the day (UTC) since when it has the status (default: now)", false},
    {"tag", CLI_TEXT, "TAG", "a tag", true},
};
static const struct cli_option set_options[] = {
    {"name", CLI_TEXT, "TEXT", "business name", false},
    FIELD_OPTIONS,
    {"no-external", CLI_TEXT, "SYSTEM:ID", "what it is no longer called there", true},
};

static struct partner_change change_of(const struct cli_args *args, enum partner_field first)
{
    struct partner_change change = {.version = 0};
    for (enum partner_field field = first; field < PARTNER_FIELD_COUNT; field++) {
        change.fields[field].given = cli_has(args, option_names[field]);
        change.fields[field].text = cli_text(args, option_names[field]);
    }
    return change;
}

typedef enum err change_external(struct ctx *ctx, struct partner_id id,
                                 struct external_id external);

static enum err take_external(struct ctx *ctx, struct str text, struct external_id *ret_external)
{
    if (external_id_split(text, ret_external))
        return OK;
    return CTX_FAULT(ctx, ERR_INVALID, "external_id_invalid",
                     "\"%.*s\" is no external id, such as salesforce:001.",
                     STR_ARG(str_slice(text, 0, 120)));
}

static enum err change_externals(struct ctx *ctx, const struct acting *acting, const char *option,
                                 change_external *change)
{
    const struct cli_args *args = acting->run->args;
    for (size_t i = 0; i < cli_text_count(args, option); i++) {
        struct external_id external;
        TRY(take_external(ctx, cli_text_at(args, option, i), &external));
        TRY(change(ctx, acting->id, external));
    }
    return OK;
}

static enum err create(struct ctx *ctx, struct acting *acting)
{
    const struct cli_args *args = acting->run->args;
    struct partner_change change = change_of(args, PARTNER_ADDRESS_LINE1);
    enum partner_status status = PARTNER_PROSPECT;
    change.fields[PARTNER_NAME].given = true;
    change.fields[PARTNER_NAME].text = cli_operand(args, 0);
    if (cli_has(args, "status") && !partner_status_parse(cli_text(args, "status"), &status))
        return CTX_FAULT(ctx, ERR_INVALID, "status_invalid",
                         "--status takes prospect, onboarding, active, suspended or ended.");
    if (cli_has(args, "external"))
        TRY(take_external(ctx, cli_text_at(args, "external", 0), &change.external));
    int64_t since_ms = cli_has(args, "since") ? cli_int(args, "since") * MS_PER_DAY : 0;
    TRY(partner_create(ctx, &change, status, since_ms, &acting->partner));
    acting->id = acting->partner.id;
    return OK;
}

static enum err add(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    const struct cli_args *args = acting->run->args;
    TRY(create(ctx, acting));
    TRY(change_externals(ctx, acting, "external", partner_add_external));
    for (size_t i = 0; i < cli_text_count(args, "tag"); i++)
        TRY(partner_add_tag(ctx, acting->id, cli_text_at(args, "tag", i)));
    return take_picture(ctx, acting);
}

static enum err run_add(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_write(ctx, add, &acting));
    return print_partner(ctx, &acting);
}

static enum err set(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    struct partner_change change = change_of(acting->run->args, PARTNER_NAME);
    TRY(find_operand(ctx, acting));
    TRY(partner_update(ctx, acting->id, &change, &acting->partner, NULL));
    TRY(change_externals(ctx, acting, "no-external", partner_remove_external));
    TRY(change_externals(ctx, acting, "external", partner_add_external));
    return take_picture(ctx, acting);
}

static enum err run_set(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_write(ctx, set, &acting));
    return print_partner(ctx, &acting);
}

/* ---- partner archive, partner restore ---- */

static enum err archive(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    TRY(find_operand(ctx, acting));
    TRY(partner_archive(ctx, acting->id, 0));
    return take_picture(ctx, acting);
}

static enum err run_archive(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_write(ctx, archive, &acting));
    return print_partner(ctx, &acting);
}

static enum err restore(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    TRY(find_operand(ctx, acting));
    TRY(partner_restore(ctx, acting->id, 0));
    return take_picture(ctx, acting);
}

static enum err run_restore(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_write(ctx, restore, &acting));
    return print_partner(ctx, &acting);
}

static const struct command commands[] = {
    COMMAND("partner show", "PARTNER", "Show a partner's record", run_show,
            .notes = "PARTNER is an id, an external id (salesforce:001), or a name that only one"
                     " partner has. With --json it is the document that the HTTP API gives."),
    COMMAND("partner add", "NAME", "Add a partner", run_add, .options = add_options,
            .option_count = ARRAY_LEN(add_options),
            .notes = "Manager, currency, country and time zone default to the organisation's.\n\n"
                     "Example: rapport partner add \"Brakes and Gears\" --country US"
                     " --phone 245-555-0173 --status active"),
    COMMAND("partner set", "PARTNER", "Change a partner's record", run_set, .options = set_options,
            .option_count = ARRAY_LEN(set_options),
            .notes = "What is not given stays; an empty value (--tier=) clears."),
    COMMAND("partner archive", "PARTNER", "Take a partner out of every list and total", run_archive,
            .notes = "Nothing is deleted; partner restore takes it back."),
    COMMAND("partner restore", "PARTNER", "Take a partner back from the archive", run_restore),
};
const struct command_table partner_commands = {commands, ARRAY_LEN(commands)};
