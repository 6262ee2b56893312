/* What a contact's fields may be: one row declares each. */
#include "src/partner/contact_rules.h"

#include "src/core/limits.h"

static bool read_line(const struct partner_reading *reading, struct str text, struct str *ret_text)
{
    *ret_text = text_clean(text, reading->arena);
    return true;
}

static bool read_email(const struct partner_reading *reading, struct str text, struct str *ret_text)
{
    return email_parse(str_trim(text), reading->arena, ret_text);
}

static bool read_phone(const struct partner_reading *reading, struct str text, struct str *ret_text)
{
    return phone_parse(str_trim(text), reading->country, reading->arena, ret_text);
}

static const struct {
    const char *name;
    size_t max_bytes;
    bool (*read)(const struct partner_reading *reading, struct str text, struct str *ret_text);
    const char *code;
    const char *what; /* "…" is no WHAT */
} rules[CONTACT_FIELD_COUNT] = {
    [CONTACT_NAME] = {"name", LIMIT_NAME_BYTES, read_line, "name_invalid", "name"},
    [CONTACT_TITLE] = {"title", LIMIT_NAME_BYTES, read_line, "title_invalid", "title"},
    [CONTACT_EMAIL] = {"email", LIMIT_LINE_BYTES, read_email, "email_invalid", "mail address"},
    [CONTACT_PHONE] = {"phone", LIMIT_LINE_BYTES, read_phone, "phone_invalid",
                       "phone number of the country, nor one that begins with +"},
    [CONTACT_MOBILE] = {"mobile", LIMIT_LINE_BYTES, read_phone, "phone_invalid",
                        "phone number of the country, nor one that begins with +"},
};

const char *contact_field_name(enum contact_field field)
{
    return rules[field].name;
}

enum err contact_normalise(const struct partner_reading *reading, enum contact_field field,
                           struct str text, struct str *ret_text)
{
    struct str name = str_from_c(rules[field].name), read = {NULL, 0};
    if (text.len > rules[field].max_bytes)
        return fault_set_field(reading->fault, ERR_INVALID, rules[field].code, name,
                               "The %s is longer than %zu bytes.", rules[field].name,
                               rules[field].max_bytes);
    if (!str_is_utf8(text))
        return fault_set_field(reading->fault, ERR_INVALID, rules[field].code, name,
                               "The %s is no UTF-8 text.", rules[field].name);
    if (str_trim(text).len && !rules[field].read(reading, text, &read))
        return fault_set_field(reading->fault, ERR_INVALID, rules[field].code, name,
                               "\"%.*s\" is no %s.", STR_ARG(str_slice(text, 0, 120)),
                               rules[field].what);
    *ret_text = read;
    return OK;
}
