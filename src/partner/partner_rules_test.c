/* Tests of the rules of partners: fields, tags, external ids, the table of moves. */
#include "src/partner/partner_rules.h"

#include "tests/support/test.h"

enum { ARENA_BYTES = 1024 * 1024 };

/* The roles that may make each move, as the life of a partner goes. */
static unsigned expected_roles(enum partner_status from, enum partner_status to)
{
    static const struct {
        enum partner_status from, to;
        unsigned roles;
    } allowed[] = {
        {PARTNER_PROSPECT, PARTNER_ONBOARDING, ROLES_MANAGE},
        {PARTNER_PROSPECT, PARTNER_ACTIVE, ROLES_MANAGE},
        {PARTNER_PROSPECT, PARTNER_ENDED, ROLES_MANAGE},
        {PARTNER_ONBOARDING, PARTNER_PROSPECT, ROLES_MANAGE},
        {PARTNER_ONBOARDING, PARTNER_ACTIVE, ROLES_MANAGE},
        {PARTNER_ONBOARDING, PARTNER_ENDED, ROLES_MANAGE},
        {PARTNER_ACTIVE, PARTNER_SUSPENDED, ROLES_MANAGE},
        {PARTNER_ACTIVE, PARTNER_ENDED, ROLES_MANAGE},
        {PARTNER_SUSPENDED, PARTNER_ACTIVE, ROLES_MANAGE},
        {PARTNER_SUSPENDED, PARTNER_ENDED, ROLES_MANAGE},
        {PARTNER_ENDED, PARTNER_PROSPECT, ROLES_ADMIN},
        {PARTNER_ENDED, PARTNER_ONBOARDING, ROLES_ADMIN},
    };
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        if (allowed[i].from == from && allowed[i].to == to)
            return allowed[i].roles;
    return 0;
}

TEST(partner_move_roles, says_for_every_pair_who_may)
{
    for (enum partner_status from = 0; from < PARTNER_STATUS_COUNT; from++)
        for (enum partner_status to = 0; to < PARTNER_STATUS_COUNT; to++)
            if (partner_move_roles(from, to) != expected_roles(from, to))
                test_fail(__FILE__, __LINE__, "%s to %s: roles %u", partner_status_name(from),
                          partner_status_name(to), partner_move_roles(from, to));
}

TEST(partner_move_roles, lets_nobody_move_who_only_reads)
{
    for (enum partner_status from = 0; from < PARTNER_STATUS_COUNT; from++)
        for (enum partner_status to = 0; to < PARTNER_STATUS_COUNT; to++)
            CHECK(!(partner_move_roles(from, to) & (ROLE_PUBLIC | ROLE_PARTNER | ROLE_ANALYST)));
}

TEST(partner_status, is_read_by_the_name_it_is_written_with)
{
    for (enum partner_status status = 0; status < PARTNER_STATUS_COUNT; status++) {
        enum partner_status read = PARTNER_STATUS_COUNT;
        CHECK(partner_status_parse(str_from_c(partner_status_name(status)), &read));
        CHECK_INT(status, read);
    }
    enum partner_status status = PARTNER_ENDED;
    CHECK(!partner_status_parse(STR("retired"), &status));
    CHECK_INT(PARTNER_ENDED, status);
}

/* ---- fields ---- */

struct field_case {
    enum partner_field field;
    const char *country;
    const char *given;
    const char *kept; /* NULL: refused */
};

static void check_field(const struct partner_reading *reading, const struct field_case *row)
{
    struct str kept = STR("untouched");
    enum err err = partner_normalise(reading, row->field, str_from_c(row->given), &kept);
    if (row->kept && (err != OK || !str_equal(kept, str_from_c(row->kept))))
        test_fail(__FILE__, __LINE__, "%s \"%s\" becomes \"%.*s\" (%s)",
                  partner_field_name(row->field), row->given, STR_ARG(kept), err_info(err)->code);
    if (row->kept)
        return;
    if (err != ERR_INVALID || !str_equal(kept, STR("untouched")) ||
        !str_equal(str_from_c(reading->fault->field), str_from_c(partner_field_name(row->field))))
        test_fail(__FILE__, __LINE__, "%s takes \"%s\" as \"%.*s\"", partner_field_name(row->field),
                  row->given, STR_ARG(kept));
}

static void check_fields(const struct field_case *rows, size_t count)
{
    struct arena arena;
    struct fault fault;
    arena_init(&arena, ARENA_BYTES);
    struct zones *zones = zones_new();
    for (size_t i = 0; i < count; i++) {
        struct partner_reading reading = {.zones = zones, .arena = &arena, .fault = &fault};
        if (rows[i].country)
            CHECK(country_parse(str_from_c(rows[i].country), &reading.country));
        fault_clear(&fault);
        check_field(&reading, &rows[i]);
    }
    zones_free(zones);
    arena_finish(&arena);
}

TEST(partner_normalise, keeps_each_field_in_its_one_form)
{
    static const struct field_case rows[] = {
        {PARTNER_NAME, NULL, "  Brakes \t and  Gears ", "Brakes and Gears"},
        {PARTNER_CITY, NULL, "Wien", "Wien"},
        {PARTNER_COUNTRY, NULL, "us", "US"},
        {PARTNER_COUNTRY, NULL, "United States", "US"},
        {PARTNER_COUNTRY, NULL, "", ""},
        {PARTNER_PHONE, "US", "245-555-0173", "+12455550173"},
        {PARTNER_PHONE, "AT", "01 58858", "+43158858"},
        {PARTNER_PHONE2, NULL, "+43 1 58858", "+43158858"},
        {PARTNER_DOMAIN, NULL, "https://www.Shop.Example.co.uk/x?y", "example.co.uk"},
        {PARTNER_DOMAIN, NULL, "sales@example.com", "example.com"},
        {PARTNER_DOMAIN, NULL,
         "b\xc3\xbc"
         "cher.example.de",
         "example.de"},
        {PARTNER_PRIMARY_DNS, NULL, "NS1.Example.COM", "ns1.example.com"},
        {PARTNER_SECONDARY_DNS, NULL, "2001:DB8:0:0::1", "2001:db8::1"},
        {PARTNER_CURRENCY, NULL, "usd", "USD"},
        {PARTNER_LANGUAGE, NULL, "pt-br", "pt-BR"},
        {PARTNER_TIME_ZONE, NULL, "Europe/Vienna", "Europe/Vienna"},
        {PARTNER_TIER, NULL, " Gold ", "Gold"},
        {PARTNER_NOTE, NULL, " one\r\n\r\ntwo  words \n", "one\n\ntwo words"},
    };
    check_fields(rows, ARRAY_LEN(rows));
}

TEST(partner_normalise, refuses_what_a_field_cannot_be)
{
    static const struct field_case rows[] = {
        {PARTNER_NAME, NULL, "not\xff utf-8", NULL},
        {PARTNER_COUNTRY, NULL, "Atlantis", NULL},
        {PARTNER_COUNTRY, NULL, "XX", NULL},
        {PARTNER_PHONE, "US", "12", NULL},
        {PARTNER_PHONE, NULL, "245-555-0173", NULL},
        {PARTNER_PHONE2, "US", "call me", NULL},
        {PARTNER_DOMAIN, NULL, "localhost", NULL},
        {PARTNER_DOMAIN, NULL, "co.uk", NULL},
        {PARTNER_DOMAIN, NULL, "somebody@gmail.com", NULL},
        {PARTNER_PRIMARY_DNS, NULL, "no server", NULL},
        {PARTNER_CURRENCY, NULL, "XXZ", NULL},
        {PARTNER_LANGUAGE, NULL, "german language", NULL},
        {PARTNER_TIME_ZONE, NULL, "Europe/Atlantis", NULL},
        {PARTNER_POSTAL_CODE, NULL, "123456789012345678901", NULL},
    };
    check_fields(rows, ARRAY_LEN(rows));
}

TEST(partner_normalise, bounds_every_field)
{
    static char long_text[5001];
    memset(long_text, 'a', sizeof(long_text) - 1);
    for (enum partner_field field = 0; field < PARTNER_FIELD_COUNT; field++) {
        struct field_case row = {field, NULL, long_text, NULL};
        check_fields(&row, 1);
    }
}

/* ---- tags and external ids ---- */

TEST(partner_normalise_tag, takes_one_line_without_a_comma)
{
    struct arena arena;
    struct fault fault;
    struct str tag;
    arena_init(&arena, ARENA_BYTES);
    CHECK_OK(partner_normalise_tag(&arena, &fault, STR(" key  account "), &tag));
    CHECK_STR("key account", tag);
    CHECK_ERR(ERR_INVALID, partner_normalise_tag(&arena, &fault, STR(""), &tag));
    CHECK_ERR(ERR_INVALID, partner_normalise_tag(&arena, &fault, STR("a,b"), &tag));
    CHECK_ERR(ERR_INVALID,
              partner_normalise_tag(&arena, &fault,
                                    STR("1234567890123456789012345678901234567890123456789012345678"
                                        "901"),
                                    &tag));
    arena_finish(&arena);
}

TEST(external_id, has_a_system_in_lower_case_and_an_id_as_it_is)
{
    struct arena arena;
    struct fault fault;
    struct external_id external, split;
    arena_init(&arena, ARENA_BYTES);
    CHECK(external_id_split(STR("SalesForce:001:Ab"), &split));
    CHECK_OK(external_id_normalise(&arena, &fault, split, &external));
    CHECK_STR("salesforce", external.system);
    CHECK_STR("001:Ab", external.id);
    CHECK(!external_id_split(STR("salesforce"), &split));
    CHECK(!external_id_split(STR(":1"), &split));
    CHECK(!external_id_split(STR("salesforce:"), &split));
    arena_finish(&arena);
}

TEST(external_id, needs_both_parts)
{
    struct arena arena;
    struct fault fault;
    struct external_id external;
    arena_init(&arena, ARENA_BYTES);
    CHECK_ERR(
        ERR_INVALID,
        external_id_normalise(&arena, &fault, (struct external_id){STR(" "), STR("1")}, &external));
    CHECK_ERR(ERR_INVALID,
              external_id_normalise(&arena, &fault, (struct external_id){STR("a:b"), STR("1")},
                                    &external));
    CHECK_ERR(ERR_INVALID, external_id_normalise(
                               &arena, &fault, (struct external_id){STR("a"), STR("")}, &external));
    arena_finish(&arena);
}
