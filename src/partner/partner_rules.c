/* What a partner's fields, tags and status may be: one row declares each field. */
#include "src/partner/partner_rules.h"

#include <ctype.h>

#include "src/core/limits.h"

enum { POSTAL_CODE_BYTES = 20, TIER_BYTES = 60, EXTERNAL_IDS_TEXT_MAX = 1024 * 1024 };

/* ---- status ---- */

static const char *const status_names[] = {
    [PARTNER_PROSPECT] = "prospect", [PARTNER_ONBOARDING] = "onboarding",
    [PARTNER_ACTIVE] = "active",     [PARTNER_SUSPENDED] = "suspended",
    [PARTNER_ENDED] = "ended",
};

const char *partner_status_name(enum partner_status status)
{
    return status_names[status];
}

bool partner_status_parse(struct str name, enum partner_status *ret_status)
{
    for (enum partner_status status = 0; status < PARTNER_STATUS_COUNT; status++) {
        if (!str_equal_nocase(name, str_from_c(status_names[status])))
            continue;
        *ret_status = status;
        return true;
    }
    return false;
}

/* Taking an ended partner back is a decision above a manager's own. */
static const unsigned moves[PARTNER_STATUS_COUNT][PARTNER_STATUS_COUNT] = {
    [PARTNER_PROSPECT] = {[PARTNER_ONBOARDING] = ROLES_MANAGE,
                          [PARTNER_ACTIVE] = ROLES_MANAGE,
                          [PARTNER_ENDED] = ROLES_MANAGE},
    [PARTNER_ONBOARDING] = {[PARTNER_PROSPECT] = ROLES_MANAGE,
                            [PARTNER_ACTIVE] = ROLES_MANAGE,
                            [PARTNER_ENDED] = ROLES_MANAGE},
    [PARTNER_ACTIVE] = {[PARTNER_SUSPENDED] = ROLES_MANAGE, [PARTNER_ENDED] = ROLES_MANAGE},
    [PARTNER_SUSPENDED] = {[PARTNER_ACTIVE] = ROLES_MANAGE, [PARTNER_ENDED] = ROLES_MANAGE},
    [PARTNER_ENDED] = {[PARTNER_PROSPECT] = ROLES_ADMIN, [PARTNER_ONBOARDING] = ROLES_ADMIN},
};

unsigned partner_move_roles(enum partner_status from, enum partner_status to)
{
    return moves[from][to];
}

/* ---- fields ---- */

typedef bool read_field(const struct partner_reading *reading, struct str text,
                        struct str *ret_text);

static bool read_line(const struct partner_reading *reading, struct str text, struct str *ret_text)
{
    *ret_text = text_clean(text, reading->arena);
    return true;
}

struct str partner_clean_note(struct str text, struct arena *arena)
{
    struct buf buf;
    struct str rest = text, line;
    buf_init(&buf, arena, text.len * 3 + 1);
    while (str_split(&rest, '\n', &line)) {
        buf_add(&buf, text_clean(line, arena));
        buf_add_char(&buf, '\n');
    }
    return str_trim(buf_str(&buf));
}

static bool read_note(const struct partner_reading *reading, struct str text, struct str *ret_text)
{
    *ret_text = partner_clean_note(text, reading->arena);
    return true;
}

static bool read_country(const struct partner_reading *reading, struct str text,
                         struct str *ret_text)
{
    struct country country;
    if (!country_parse(str_trim(text), &country))
        return false;
    *ret_text = arena_str(reading->arena, country_str(&country));
    return true;
}

static bool read_phone(const struct partner_reading *reading, struct str text, struct str *ret_text)
{
    return phone_parse(str_trim(text), reading->country, reading->arena, ret_text);
}

/* A public mail provider's domain would make strangers look like one company. */
static bool read_domain(const struct partner_reading *reading, struct str text,
                        struct str *ret_text)
{
    struct str domain;
    if (!domain_parse(str_trim(text), reading->arena, &domain) || domain_is_public_mail(domain))
        return false;
    *ret_text = domain;
    return true;
}

static bool read_name_server(const struct partner_reading *reading, struct str text,
                             struct str *ret_text)
{
    return name_server_parse(str_trim(text), reading->arena, ret_text);
}

static bool read_currency(const struct partner_reading *reading, struct str text,
                          struct str *ret_text)
{
    struct currency currency;
    if (!currency_parse(str_trim(text), &currency))
        return false;
    *ret_text = arena_str(reading->arena, currency_str(&currency));
    return true;
}

static bool read_language(const struct partner_reading *reading, struct str text,
                          struct str *ret_text)
{
    return language_parse(str_trim(text), reading->arena, ret_text);
}

static bool read_zone(const struct partner_reading *reading, struct str text, struct str *ret_text)
{
    const struct zone *zone = zones_find(reading->zones, str_trim(text));
    if (!zone)
        return false;
    *ret_text = zone_name(zone);
    return true;
}

struct field_rule {
    const char *name;
    size_t max_bytes;
    read_field *read;
    const char *code;
    const char *what; /* "…" is no WHAT */
};

static const struct field_rule rules[PARTNER_FIELD_COUNT] = {
    [PARTNER_NAME] = {"name", LIMIT_NAME_BYTES, read_line, "name_invalid", "name"},
    [PARTNER_ADDRESS_LINE1] = {"address_line1", LIMIT_LINE_BYTES, read_line, "address_invalid",
                               "line of an address"},
    [PARTNER_ADDRESS_LINE2] = {"address_line2", LIMIT_LINE_BYTES, read_line, "address_invalid",
                               "line of an address"},
    [PARTNER_CITY] = {"city", LIMIT_NAME_BYTES, read_line, "city_invalid", "city"},
    [PARTNER_REGION] = {"region", LIMIT_NAME_BYTES, read_line, "region_invalid", "region"},
    [PARTNER_POSTAL_CODE] = {"postal_code", POSTAL_CODE_BYTES, read_line, "postal_code_invalid",
                             "postal code"},
    [PARTNER_COUNTRY] = {"country", LIMIT_NAME_BYTES, read_country, "country_invalid",
                         "country: give its ISO 3166 code of two letters or its English name"},
    [PARTNER_PHONE] = {"phone", LIMIT_NAME_BYTES, read_phone, "phone_invalid",
                       "phone number of the country, nor one that begins with +"},
    [PARTNER_PHONE2] = {"phone2", LIMIT_NAME_BYTES, read_phone, "phone_invalid",
                        "phone number of the country, nor one that begins with +"},
    [PARTNER_DOMAIN] = {"domain", LIMIT_LINE_BYTES, read_domain, "domain_invalid",
                        "domain that a company registered, such as example.com"},
    [PARTNER_PRIMARY_DNS] = {"primary_dns", LIMIT_LINE_BYTES, read_name_server,
                             "name_server_invalid", "name server: give a host name or an address"},
    [PARTNER_SECONDARY_DNS] = {"secondary_dns", LIMIT_LINE_BYTES, read_name_server,
                               "name_server_invalid",
                               "name server: give a host name or an address"},
    [PARTNER_SLA] = {"sla", LIMIT_NAME_BYTES, read_line, "sla_invalid", "service level agreement"},
    [PARTNER_TIER] = {"tier", TIER_BYTES, read_line, "tier_invalid", "tier"},
    [PARTNER_MANAGER] = {"manager", LIMIT_LINE_BYTES, read_line, "manager_invalid", "manager"},
    [PARTNER_PARENT] = {"parent", LIMIT_LINE_BYTES, read_line, "parent_invalid", "partner"},
    [PARTNER_CURRENCY] = {"currency", LIMIT_NAME_BYTES, read_currency, "currency_invalid",
                          "ISO 4217 code of a currency, such as EUR"},
    [PARTNER_LANGUAGE] = {"language", LIMIT_NAME_BYTES, read_language, "language_invalid",
                          "language tag, such as de or pt-BR"},
    [PARTNER_TIME_ZONE] = {"time_zone", LIMIT_NAME_BYTES, read_zone, "time_zone_invalid",
                           "time zone, such as Europe/Vienna"},
    [PARTNER_NOTE] = {"note", LIMIT_NOTE_BYTES, read_note, "note_invalid", "note"},
};

const char *partner_field_name(enum partner_field field)
{
    return rules[field].name;
}

enum err partner_normalise(const struct partner_reading *reading, enum partner_field field,
                           struct str text, struct str *ret_text)
{
    const struct field_rule *rule = &rules[field];
    struct str name = str_from_c(rule->name), read = {NULL, 0};
    if (text.len > rule->max_bytes)
        return fault_set_field(reading->fault, ERR_INVALID, rule->code, name,
                               "The %s is longer than %zu bytes.", rule->name, rule->max_bytes);
    if (!str_is_utf8(text))
        return fault_set_field(reading->fault, ERR_INVALID, rule->code, name,
                               "The %s is no UTF-8 text.", rule->name);
    if (str_trim(text).len && !rule->read(reading, text, &read))
        return fault_set_field(reading->fault, ERR_INVALID, rule->code, name, "\"%.*s\" is no %s.",
                               STR_ARG(str_slice(text, 0, 120)), rule->what);
    if (read.len > rule->max_bytes)
        return fault_set_field(reading->fault, ERR_INVALID, rule->code, name,
                               "The %s is longer than %zu bytes.", rule->name, rule->max_bytes);
    *ret_text = read;
    return OK;
}

/* ---- tags and external ids ---- */

static bool clean_line(struct arena *arena, struct str text, size_t max_bytes, struct str *ret_text)
{
    if (text.len > max_bytes || !str_is_utf8(text))
        return false;
    *ret_text = text_clean(text, arena);
    return ret_text->len > 0 && ret_text->len <= max_bytes;
}

enum err partner_normalise_tag(struct arena *arena, struct fault *fault, struct str text,
                               struct str *ret_tag)
{
    struct str tag;
    size_t comma;
    if (!clean_line(arena, text, LIMIT_TAG_BYTES, &tag) || str_find_char(tag, ',', &comma))
        return fault_set_field(fault, ERR_INVALID, "tag_invalid", STR("tag"),
                               "A tag has 1 to %d bytes and no comma.", LIMIT_TAG_BYTES);
    *ret_tag = tag;
    return OK;
}

static bool read_system(struct arena *arena, struct str text, struct str *ret_system)
{
    struct str system;
    size_t colon;
    if (!clean_line(arena, text, LIMIT_SOURCE_BYTES, &system) || str_find_char(system, ':', &colon))
        return false;
    char *lower = arena_cstr(arena, system);
    for (size_t i = 0; i < system.len; i++)
        lower[i] = (char)tolower((unsigned char)lower[i]);
    *ret_system = (struct str){lower, system.len};
    return true;
}

enum err external_id_normalise(struct arena *arena, struct fault *fault, struct external_id given,
                               struct external_id *ret_external)
{
    struct external_id external;
    if (!read_system(arena, given.system, &external.system))
        return fault_set_field(
            fault, ERR_INVALID, "external_system_invalid", STR("external_ids.system"),
            "The name of a system has 1 to %d bytes and no colon.", LIMIT_SOURCE_BYTES);
    if (!clean_line(arena, given.id, LIMIT_EXTERNAL_ID_BYTES, &external.id))
        return fault_set_field(fault, ERR_INVALID, "external_id_invalid", STR("external_ids.id"),
                               "An external id has 1 to %d bytes.", LIMIT_EXTERNAL_ID_BYTES);
    *ret_external = external;
    return OK;
}

bool external_id_split(struct str text, struct external_id *ret_external)
{
    size_t colon;
    if (!str_find_char(text, ':', &colon) || colon == 0 || colon + 1 == text.len)
        return false;
    ret_external->system = str_slice(text, 0, colon);
    ret_external->id = str_slice(text, colon + 1, text.len);
    return true;
}

struct str external_ids_text(const struct external_id *externals, size_t count, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, EXTERNAL_IDS_TEXT_MAX);
    for (size_t i = 0; i < count; i++)
        buf_format(&buf, "%s%.*s:%.*s", i ? ", " : "", STR_ARG(externals[i].system),
                   STR_ARG(externals[i].id));
    return buf_str(&buf);
}
