/* The roles of a file's columns as the values and members of a mapping. */
#include "src/intake/recognise_proposal.h"

bool proposal_has(const struct proposal *proposal, enum column_role role)
{
    return column_roles_have(&proposal->roles, role);
}

/* ---- values ---- */

struct str proposal_column(const struct proposal *proposal, size_t column)
{
    struct buf buf;
    struct str name = proposal->roles.file->names[column];
    buf_init(&buf, proposal->arena, 2 * name.len + 1);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c == '{' || c == '}' || c == '|' || c == '\\')
            buf_add_char(&buf, '\\');
        buf_add_char(&buf, c);
    }
    return buf_str(&buf);
}

static struct str name_of(const struct proposal *proposal, enum column_role role)
{
    return proposal_column(proposal, (size_t)proposal->roles.columns[role]);
}

struct str proposal_first_of(struct proposal *proposal, const enum column_role *roles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!proposal_has(proposal, roles[i]))
            continue;
        proposal->used[roles[i]] = true;
        struct str name = name_of(proposal, roles[i]);
        return arena_format(proposal->arena, "{%.*s}", STR_ARG(name));
    }
    return (struct str){NULL, 0};
}

struct str proposal_either_of(struct proposal *proposal, enum column_role first,
                              enum column_role second)
{
    if (!proposal_has(proposal, first) || !proposal_has(proposal, second))
        return PROPOSAL_VALUE(proposal, first, second);
    proposal->used[first] = proposal->used[second] = true;
    struct str name = name_of(proposal, first), other = name_of(proposal, second);
    return arena_format(proposal->arena, "{%.*s|%.*s}", STR_ARG(name), STR_ARG(other));
}

struct str proposal_partner(struct proposal *proposal)
{
    return proposal_either_of(proposal, COLUMN_PARTNER_KEY, COLUMN_PARTNER_NAME);
}

struct str proposal_product(struct proposal *proposal)
{
    return proposal_either_of(proposal, COLUMN_PRODUCT_KEY, COLUMN_PRODUCT_NAME);
}

bool proposal_has_company_data(const struct proposal *proposal)
{
    static const enum column_role data[] = {COLUMN_PARTNER_KEY, COLUMN_DOMAIN, COLUMN_ADDRESS_LINE1,
                                            COLUMN_POSTAL_CODE, COLUMN_CITY,   COLUMN_COUNTRY,
                                            COLUMN_TIER,        COLUMN_MANAGER};
    for (size_t i = 0; i < ARRAY_LEN(data); i++)
        if (proposal_has(proposal, data[i]))
            return true;
    return false;
}

/* ---- writing ---- */

void proposal_put(struct proposal *proposal, const char *field, struct str value)
{
    if (value.len)
        json_put_str(&proposal->writer, field, value);
}

void proposal_begin_record(struct proposal *proposal, const char *make)
{
    json_begin_object(&proposal->writer);
    json_put_str(&proposal->writer, "make", str_from_c(make));
}

void proposal_begin_fields(struct proposal *proposal)
{
    json_key(&proposal->writer, "fields");
    json_begin_object(&proposal->writer);
}

void proposal_end_record(struct proposal *proposal)
{
    json_end_object(&proposal->writer);
    json_end_object(&proposal->writer);
}

void proposal_put_when(struct proposal *proposal, struct str value, const char *is,
                       const char *texts)
{
    struct str rest = str_from_c(texts), text;
    json_key(&proposal->writer, "when");
    json_begin_array(&proposal->writer);
    json_begin_object(&proposal->writer);
    json_put_str(&proposal->writer, "value", value);
    json_key(&proposal->writer, is);
    json_begin_array(&proposal->writer);
    while (str_split(&rest, ',', &text))
        json_add_str(&proposal->writer, text);
    json_end_array(&proposal->writer);
    json_end_object(&proposal->writer);
    json_end_array(&proposal->writer);
}

static void put_address(struct proposal *proposal)
{
    proposal_put(proposal, "address_line1", PROPOSAL_VALUE(proposal, COLUMN_ADDRESS_LINE1));
    proposal_put(proposal, "address_line2", PROPOSAL_VALUE(proposal, COLUMN_ADDRESS_LINE2));
    proposal_put(proposal, "city", PROPOSAL_VALUE(proposal, COLUMN_CITY));
    proposal_put(proposal, "region", PROPOSAL_VALUE(proposal, COLUMN_REGION));
    proposal_put(proposal, "postal_code", PROPOSAL_VALUE(proposal, COLUMN_POSTAL_CODE));
    proposal_put(proposal, "country", PROPOSAL_VALUE(proposal, COLUMN_COUNTRY));
}

void proposal_begin_partner(struct proposal *proposal, struct str key, struct str name)
{
    proposal_begin_record(proposal, "partner");
    proposal_begin_fields(proposal);
    proposal_put(proposal, "external", key);
    proposal_put(proposal, "name", name);
    proposal_put(proposal, "status", STR("active"));
    put_address(proposal);
    proposal_put(proposal, "phone", PROPOSAL_VALUE(proposal, COLUMN_PHONE));
    proposal_put(proposal, "phone2", PROPOSAL_VALUE(proposal, COLUMN_FAX));
    proposal_put(proposal, "domain", PROPOSAL_VALUE(proposal, COLUMN_DOMAIN));
    proposal_put(proposal, "tier", PROPOSAL_VALUE(proposal, COLUMN_TIER));
}
