/* The vendor itself: its name, point of contact and defaults. */
#include "src/organisation/organisation.h"

#include "src/account/account.h"
#include "src/core/audit.h"
#include "src/core/limits.h"
#include "src/organisation/organisation_store.h"

static const struct audit_subject subject = {.type = "organisation", .id = 1};

/* One field being set: the text as given, and what it sets. */
struct setting {
    struct ctx *ctx;
    struct organisation *organisation;
    struct str text;
};
typedef enum err set_field(const struct setting *setting);

enum err organisation_get(struct ctx *ctx, struct organisation *ret_organisation)
{
    bool found;
    TRY(organisation_store_get(ctx, ret_organisation, &found));
    return found ? OK
                 : CTX_FAULT(ctx, ERR_NOT_FOUND, "organisation_not_found",
                             "The organisation is not set up yet: run `rapport init`.");
}

/* ---- fields ---- */

static enum err set_name(const struct setting *setting)
{
    struct str name = text_clean(setting->text, setting->ctx->arena);
    if (!name.len || name.len > LIMIT_NAME_BYTES)
        return CTX_FAULT_FIELD(setting->ctx, ERR_INVALID, "name_invalid", "name",
                               "The organisation needs a name of at most %d bytes.",
                               LIMIT_NAME_BYTES);
    setting->organisation->name = name;
    return OK;
}

static enum err set_contact_name(const struct setting *setting)
{
    struct str name = text_clean(setting->text, setting->ctx->arena);
    if (name.len > LIMIT_NAME_BYTES)
        return CTX_FAULT_FIELD(setting->ctx, ERR_INVALID, "name_invalid", "contact_name",
                               "The name is longer than %d bytes.", LIMIT_NAME_BYTES);
    setting->organisation->contact_name = name;
    return OK;
}

static enum err set_contact_phone(const struct setting *setting)
{
    struct str phone = {NULL, 0};
    if (setting->text.len &&
        !phone_parse(setting->text, setting->organisation->country, setting->ctx->arena, &phone))
        return CTX_FAULT_FIELD(setting->ctx, ERR_INVALID, "phone_invalid", "contact_phone",
                               "\"%.*s\" is no phone number of the country, nor one that begins"
                               " with +.",
                               STR_ARG(str_slice(setting->text, 0, 120)));
    setting->organisation->contact_phone = phone;
    return OK;
}

static enum err set_contact_email(const struct setting *setting)
{
    struct str email = {NULL, 0};
    if (setting->text.len && !email_parse(setting->text, setting->ctx->arena, &email))
        return CTX_FAULT_FIELD(setting->ctx, ERR_INVALID, "email_invalid", "contact_email",
                               "\"%.*s\" is no mail address.",
                               STR_ARG(str_slice(setting->text, 0, 120)));
    setting->organisation->contact_email = email;
    return OK;
}

static enum err set_country(const struct setting *setting)
{
    struct country country = {{0}};
    if (setting->text.len && !country_parse(setting->text, &country))
        return CTX_FAULT_FIELD(setting->ctx, ERR_INVALID, "country_invalid", "country",
                               "\"%.*s\" is no country: give its ISO 3166 code of two letters or"
                               " its English name.",
                               STR_ARG(str_slice(setting->text, 0, 120)));
    setting->organisation->country = country;
    return OK;
}

static enum err set_currency(const struct setting *setting)
{
    if (!currency_parse(setting->text, &setting->organisation->currency))
        return CTX_FAULT_FIELD(setting->ctx, ERR_INVALID, "currency_invalid", "currency",
                               "\"%.*s\" is no ISO 4217 code of a currency, such as EUR.",
                               STR_ARG(str_slice(setting->text, 0, 120)));
    return OK;
}

static enum err set_time_zone(const struct setting *setting)
{
    const struct zone *zone = zones_find(setting->ctx->services->zones, setting->text);
    if (!zone)
        return CTX_FAULT_FIELD(setting->ctx, ERR_INVALID, "time_zone_invalid", "time_zone",
                               "\"%.*s\" is no time zone, such as Europe/Vienna.",
                               STR_ARG(str_slice(setting->text, 0, 120)));
    setting->organisation->time_zone = zone_name(zone);
    return OK;
}

static enum err set_default_manager(const struct setting *setting)
{
    struct ctx *ctx = setting->ctx;
    struct user user;
    enum err err = user_find(ctx, setting->text, &user);
    if (err == OK)
        err = user_check_manager(ctx, user.id);
    if (err == ERR_NOT_FOUND || err == ERR_CONFLICT || err == ERR_INVALID)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "default_manager_invalid", "default_manager", "%s",
                               ctx->fault.sentence);
    TRY(err);
    setting->organisation->default_manager = user.id;
    setting->organisation->default_manager_name = user.name;
    return OK;
}

/* Country stands before phone, whose national notation it decides. */
static const struct {
    const char *name;
    set_field *set;
} fields[ORGANISATION_FIELD_COUNT] = {
    [ORGANISATION_NAME] = {"name", set_name},
    [ORGANISATION_COUNTRY] = {"country", set_country},
    [ORGANISATION_CONTACT_NAME] = {"contact_name", set_contact_name},
    [ORGANISATION_CONTACT_PHONE] = {"contact_phone", set_contact_phone},
    [ORGANISATION_CONTACT_EMAIL] = {"contact_email", set_contact_email},
    [ORGANISATION_CURRENCY] = {"currency", set_currency},
    [ORGANISATION_TIME_ZONE] = {"time_zone", set_time_zone},
    [ORGANISATION_DEFAULT_MANAGER] = {"default_manager", set_default_manager},
};

const char *organisation_field_name(enum organisation_field field)
{
    return fields[field].name;
}

/* ---- changes ---- */

static enum err apply(struct ctx *ctx, const struct organisation_change *change,
                      struct organisation *organisation)
{
    for (enum organisation_field field = 0; field < ORGANISATION_FIELD_COUNT; field++) {
        if (!change->fields[field].given)
            continue;
        struct setting setting = {ctx, organisation, str_trim(change->fields[field].text)};
        if (setting.text.len > LIMIT_LINE_BYTES || !str_is_utf8(setting.text))
            return fault_set_field(
                &ctx->fault, ERR_INVALID, "field_invalid", str_from_c(fields[field].name),
                "%s must be UTF-8 text of at most %d bytes.", fields[field].name, LIMIT_LINE_BYTES);
        TRY(fields[field].set(&setting));
    }
    return OK;
}

static void differences(struct audit_changes *changes, const struct organisation *before,
                        const struct organisation *after)
{
    struct arena *arena = changes->ctx->arena;
    audit_changed_text(changes, "name", before->name, after->name);
    audit_changed_text(changes, "contact_name", before->contact_name, after->contact_name);
    audit_changed_text(changes, "contact_phone", before->contact_phone, after->contact_phone);
    audit_changed_text(changes, "contact_email", before->contact_email, after->contact_email);
    audit_changed_text(changes, "country", country_str(&before->country),
                       country_str(&after->country));
    audit_changed_text(changes, "currency", currency_str(&before->currency),
                       currency_str(&after->currency));
    audit_changed_text(changes, "time_zone", before->time_zone, after->time_zone);
    if (user_id_equal(before->default_manager, after->default_manager))
        return;
    audit_changed_text(changes, "default_manager",
                       user_id_is_set(before->default_manager)
                           ? user_id_text(before->default_manager, arena)
                           : STR(""),
                       user_id_text(after->default_manager, arena));
    audit_changed_text(changes, "default_manager_name", before->default_manager_name,
                       after->default_manager_name);
}

static enum err check_required(struct ctx *ctx, const struct organisation *organisation)
{
    if (!organisation->name.len)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "name_missing", "name",
                               "The organisation needs a name.");
    if (!user_id_is_set(organisation->default_manager))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "default_manager_missing", "default_manager",
                               "The organisation needs a default manager.");
    return OK;
}

enum err organisation_create(struct ctx *ctx, const struct organisation_change *change,
                             struct organisation *ret_organisation)
{
    static const struct organisation nothing;
    struct organisation organisation = {.currency = {"EUR"}, .time_zone = STR("UTC"), .version = 1};
    struct organisation other;
    struct audit_changes changes;
    bool found;
    TRY(organisation_store_get(ctx, &other, &found));
    if (found)
        return CTX_FAULT(ctx, ERR_CONFLICT, "organisation_exists",
                         "The organisation is set up already.");
    TRY(apply(ctx, change, &organisation));
    TRY(check_required(ctx, &organisation));
    TRY(organisation_store_insert(ctx, &organisation));
    audit_changes_init(&changes, ctx);
    differences(&changes, &nothing, &organisation);
    TRY(audit_record(ctx, subject, "created", &changes));
    *ret_organisation = organisation;
    return OK;
}

static enum err tell_zone_changed(struct ctx *ctx)
{
    const struct organisation_listener *listener = ctx->services->organisation_listener;
    return listener && listener->zone_changed ? listener->zone_changed(ctx) : OK;
}

enum err organisation_update(struct ctx *ctx, const struct organisation_change *change,
                             struct organisation *ret_organisation)
{
    struct organisation before, after;
    struct audit_changes changes;
    TRY(organisation_get(ctx, &before));
    if (change->version && change->version != before.version)
        return CTX_FAULT(ctx, ERR_STALE, "stale",
                         "Somebody else changed the organisation in the meantime.");
    after = before;
    TRY(apply(ctx, change, &after));
    audit_changes_init(&changes, ctx);
    differences(&changes, &before, &after);
    if (changes.count) {
        TRY(organisation_store_update(ctx, &after));
        TRY(audit_record(ctx, subject, "changed", &changes));
        after.version++;
    }
    if (!str_equal(before.time_zone, after.time_zone))
        TRY(tell_zone_changed(ctx));
    *ret_organisation = after;
    return OK;
}
