/* Commands of the organisation: show, set. */
#include "src/core/command.h"
#include "src/organisation/organisation.h"

/* What a command acts on, and what came of it. */
struct acting {
    struct command_run *run;
    struct organisation organisation;
};

static enum err print_organisation(struct ctx *ctx, const struct acting *acting)
{
    const struct organisation *organisation = &acting->organisation;
    struct str keys[ORGANISATION_FIELD_COUNT];
    for (enum organisation_field field = 0; field < ORGANISATION_FIELD_COUNT; field++)
        keys[field] = str_from_c(organisation_field_name(field));
    const struct str values[ORGANISATION_FIELD_COUNT] = {
        [ORGANISATION_NAME] = organisation->name,
        [ORGANISATION_COUNTRY] = country_str(&organisation->country),
        [ORGANISATION_CONTACT_NAME] = organisation->contact_name,
        [ORGANISATION_CONTACT_PHONE] = phone_render(organisation->contact_phone, ctx->arena),
        [ORGANISATION_CONTACT_EMAIL] = organisation->contact_email,
        [ORGANISATION_CURRENCY] = currency_str(&organisation->currency),
        [ORGANISATION_TIME_ZONE] = organisation->time_zone,
        [ORGANISATION_DEFAULT_MANAGER] = organisation->default_manager_name,
    };
    return command_print_record(ctx, acting->run, keys, values, ORGANISATION_FIELD_COUNT);
}

static enum err show(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    return organisation_get(ctx, &acting->organisation);
}

static enum err run_show(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_read(ctx, show, &acting));
    return print_organisation(ctx, &acting);
}

static const char *const option_names[ORGANISATION_FIELD_COUNT] = {
    [ORGANISATION_NAME] = "name",
    [ORGANISATION_COUNTRY] = "country",
    [ORGANISATION_CONTACT_NAME] = "contact-name",
    [ORGANISATION_CONTACT_PHONE] = "contact-phone",
    [ORGANISATION_CONTACT_EMAIL] = "contact-email",
    [ORGANISATION_CURRENCY] = "currency",
    [ORGANISATION_TIME_ZONE] = "time-zone",
    [ORGANISATION_DEFAULT_MANAGER] = "default-manager",
};

static enum err set(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    const struct cli_args *args = acting->run->args;
    struct organisation_change change = {.version = 0};
    for (enum organisation_field field = 0; field < ORGANISATION_FIELD_COUNT; field++) {
        change.fields[field].given = cli_has(args, option_names[field]);
        change.fields[field].text = cli_text(args, option_names[field]);
    }
    return organisation_update(ctx, &change, &acting->organisation);
}

static enum err run_set(struct ctx *ctx, struct command_run *run)
{
    struct acting acting = {.run = run};
    TRY(ctx_write(ctx, set, &acting));
    return print_organisation(ctx, &acting);
}

static const struct cli_option set_options[] = {
    {"name", CLI_TEXT, "TEXT", "name", false},
    {"country", CLI_TEXT, "COUNTRY", "of phone numbers in national notation", false},
    {"contact-name", CLI_TEXT, "TEXT", "the point of contact of all partners", false},
    {"contact-phone", CLI_TEXT, "NUMBER", "its telephone", false},
    {"contact-email", CLI_TEXT, "ADDRESS", "its mail address", false},
    {"currency", CLI_TEXT, "CODE", "the reporting currency, ISO 4217", false},
    {"time-zone", CLI_TEXT, "ZONE", "of the days of groups and of the channel", false},
    {"default-manager", CLI_TEXT, "USER", "responsible for a partner until somebody is assigned",
     false},
};
static const struct command commands[] = {
    COMMAND("organisation show", "", "Show the organisation and its defaults", run_show),
    COMMAND("organisation set", "", "Change the organisation and its defaults", run_set,
            .options = set_options, .option_count = ARRAY_LEN(set_options),
            .notes = "What is not given stays; an empty value (--contact-name=) clears."),
};
const struct command_table organisation_commands = {commands, ARRAY_LEN(commands)};
