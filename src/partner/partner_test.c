/* Tests of partners' records: creating, changing, checking, finding, who sees what. */
#include "src/partner/partner.h"

#include <stdio.h>

#include "lib/db/db.h"
#include "src/account/account.h"
#include "src/core/audit.h"
#include "tests/support/records.h"
#include "tests/support/test.h"

enum { AUDIT_OF_PARTNERS, PARTNER_ROWS, STATUS_ROWS, MERGE, DISABLE_USER, AUDIT_BY_MANAGER };
static const struct query queries[] = {
    [AUDIT_OF_PARTNERS] = {"test audit",
                           "SELECT COUNT(*) AS n FROM audit WHERE subject_type = 'partner'", NULL},
    [PARTNER_ROWS] = {"test partners", "SELECT COUNT(*) AS n FROM partner", NULL},
    [STATUS_ROWS] = {"test statuses", "SELECT COUNT(*) AS n FROM partner_status", NULL},
    [MERGE] = {"test merge", "UPDATE partner SET merged_into = $2, archived_ms = 1 WHERE id = $1",
               NULL},
    [DISABLE_USER] = {"test disable", "UPDATE user_account SET disabled_ms = 1 WHERE id = $1",
                      NULL},
    [AUDIT_BY_MANAGER] = {"test audit by manager",
                          "SELECT COUNT(*) AS n FROM audit WHERE actor = 'max@example.com'"
                          " AND action = 'changed'",
                          NULL},
};

static void merge(struct world *world, struct partner_id from, struct partner_id into)
{
    struct db_args args = DB_ARGS(db_int(from.v), db_int(into.v));
    world_run(world, &queries[MERGE], &args);
}

/* ---- creating ---- */

TEST(partner_create, fills_what_is_not_given_from_the_organisation)
{
    struct world world;
    struct partner partner;
    world_open(&world);
    CHECK_OK(make_partner(world_as(&world, ROLE_MANAGER), "name=Acme", &partner));
    CHECK_STR("Acme", partner.fields[PARTNER_NAME]);
    CHECK_STR("AT", partner.fields[PARTNER_COUNTRY]);
    CHECK_STR("EUR", partner.fields[PARTNER_CURRENCY]);
    CHECK_STR("Europe/Vienna", partner.time_zone);
    CHECK(user_id_equal(world.manager, partner.manager));
    CHECK_STR("Max Manager", partner.manager_name);
    CHECK_INT(PARTNER_PROSPECT, partner.status);
    CHECK_INT(0, partner.active_ms);
    CHECK_INT(1, partner.version);
    world_close(&world);
}

TEST(partner_create, keeps_every_field_as_it_reads_them_back)
{
    static const char *const fields =
        "name=Brakes and Gears|address_line1=2251 Elliot Avenue|address_line2=Suite 4|city=Seattle|"
        "region=Washington|postal_code=98104|country=US|phone=245-555-0173|phone2=+43158858|"
        "domain=www.brakes.example.com|primary_dns=ns1.example.com|secondary_dns=192.0.2.1|"
        "sla=Gold 4h|tier=Gold|manager=ada@example.com|currency=USD|language=en|"
        "time_zone=America/Los_Angeles|note=likes tea";
    struct world world;
    struct partner made, read;
    world_open(&world);
    struct partner parent = add_partner(&world, "name=Group", PARTNER_ACTIVE);
    CHECK_OK(make_partner(world_as(&world, ROLE_MANAGER), fields, &made));
    CHECK_OK(change_partner(&world.ctx, &made, "parent=Group"));
    CHECK_OK(read_partner(&world.ctx, made.id, &read));
    for (enum partner_field field = 0; field < PARTNER_FIELD_COUNT; field++) {
        CHECK(read.fields[field].len > 0);
        CHECK(str_equal(made.fields[field], read.fields[field]));
    }
    CHECK_STR("+12455550173", read.fields[PARTNER_PHONE]);
    CHECK_STR("example.com", read.fields[PARTNER_DOMAIN]);
    CHECK(user_id_equal(world.admin, read.manager));
    CHECK_STR("ada@example.com", read.manager_email);
    CHECK(partner_id_equal(parent.id, read.parent));
    CHECK_STR("Group", read.parent_name);
    CHECK_STR("USD", currency_str(&read.currency));
    CHECK_INT(2, read.version);
    world_close(&world);
}

TEST(partner_create, needs_a_business_name)
{
    struct world world;
    struct partner partner;
    world_open(&world);
    CHECK_ERR(ERR_INVALID,
              make_partner(world_as(&world, ROLE_MANAGER), "city=Wien|name= \t ", &partner));
    CHECK_STR("name", str_from_c(world.ctx.fault.field));
    CHECK_INT(0, world_number(&world, &queries[PARTNER_ROWS]));
    CHECK_INT(0, world_number(&world, &queries[AUDIT_OF_PARTNERS]));
    world_close(&world);
}

TEST(partner_create, names_the_field_that_is_wrong_and_changes_nothing)
{
    static const char *const cases[][2] = {
        {"country", "name=A|country=Atlantis"},
        {"phone", "name=A|phone=12"},
        {"phone2", "name=A|phone2=x"},
        {"domain", "name=A|domain=co.uk"},
        {"primary_dns", "name=A|primary_dns=-"},
        {"secondary_dns", "name=A|secondary_dns=a b"},
        {"manager", "name=A|manager=nobody"},
        {"parent", "name=A|parent=Nobody"},
        {"currency", "name=A|currency=XXZ"},
        {"language", "name=A|language=!"},
        {"time_zone", "name=A|time_zone=Mars/X"},
    };
    struct world world;
    struct partner partner;
    world_open(&world);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CHECK_ERR(ERR_INVALID, make_partner(world_as(&world, ROLE_MANAGER), cases[i][1], &partner));
        CHECK_STR(cases[i][0], str_from_c(world.ctx.fault.field));
        CHECK(world.ctx.fault.sentence[0]);
    }
    CHECK_INT(0, world_number(&world, &queries[PARTNER_ROWS]));
    world_close(&world);
}

TEST(partner_create, reads_national_numbers_by_the_partners_country)
{
    struct world world;
    world_open(&world);
    struct partner here = add_partner(&world, "name=A|phone=01 58858", PARTNER_PROSPECT);
    struct partner there =
        add_partner(&world, "name=B|country=Germany|phone=030 901820", PARTNER_PROSPECT);
    struct partner nowhere =
        add_partner(&world, "name=C|country=|phone=01 58858", PARTNER_PROSPECT);
    CHECK_STR("+43158858", here.fields[PARTNER_PHONE]);
    CHECK_STR("+4930901820", there.fields[PARTNER_PHONE]);
    CHECK_STR("+43158858", nowhere.fields[PARTNER_PHONE]);
    CHECK_STR("", nowhere.fields[PARTNER_COUNTRY]);
    world_close(&world);
}

TEST(partner_create, remembers_since_when_an_active_partner_is_one)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    CHECK_INT(PARTNER_ACTIVE, partner.status);
    CHECK_INT(WORLD_START_MS, partner.active_ms);
    CHECK_INT(1, world_number(&world, &queries[STATUS_ROWS]));
    world_close(&world);
}

/* ---- managers ---- */

TEST(partner_manager, is_an_enabled_manager_or_administrator)
{
    struct world world;
    world_open(&world);
    struct user_id analyst = add_user(&world, "ann@example.com", "Ann Analyst", ROLE_ANALYST);
    struct user_id gone = add_user(&world, "gus@example.com", "Gus Gone", ROLE_MANAGER);
    struct db_args args = DB_ARGS(db_int(gone.v));
    world_run(&world, &queries[DISABLE_USER], &args);
    struct partner partner = add_partner(&world, "name=A", PARTNER_PROSPECT);
    CHECK_ERR(ERR_INVALID, change_partner(&world.ctx, &partner, "manager=Ann Analyst"));
    CHECK_STR("manager", str_from_c(world.ctx.fault.field));
    CHECK_ERR(ERR_INVALID, change_partner(&world.ctx, &partner, "manager=gus@example.com"));
    CHECK_OK(change_partner(&world.ctx, &partner, "manager=Ada Admin"));
    CHECK(user_id_equal(world.admin, partner.manager));
    CHECK(!user_id_equal(analyst, partner.manager));
    world_close(&world);
}

TEST(partner_manager, falls_back_to_the_default_when_it_is_cleared)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A|manager=Ada Admin", PARTNER_PROSPECT);
    CHECK(user_id_equal(world.admin, partner.manager));
    CHECK_OK(change_partner(&world.ctx, &partner, "manager="));
    CHECK(user_id_equal(world.manager, partner.manager));
    world_close(&world);
}

struct leaving {
    struct user_id id;
    struct user_change change;
    struct user user;
};

static enum err work_leave(struct ctx *ctx, void *arg)
{
    struct leaving *leaving = arg;
    return user_update(ctx, leaving->id, 0, &leaving->change, &leaving->user);
}

TEST(partner_manager, is_the_default_one_when_the_one_it_had_leaves)
{
    struct world world;
    world_open(&world);
    world.services.manager_left = partner_manager_left;
    struct user_id eva = add_user(&world, "eva@example.com", "Eva Huber", ROLE_MANAGER);
    struct user_id ida = add_user(&world, "ida@example.com", "Ida Info", ROLE_MANAGER);
    struct partner a = add_partner(&world, "name=A|manager=Eva Huber", PARTNER_ACTIVE);
    struct partner b = add_partner(&world, "name=B|manager=Ida Info", PARTNER_ACTIVE);
    struct partner merged = add_partner(&world, "name=C|manager=Eva Huber", PARTNER_ACTIVE);
    merge(&world, merged.id, b.id);
    struct leaving leaving = {.id = eva, .change = {.disabled_given = true, .disabled = true}};
    CHECK_OK(ctx_write(world_as(&world, ROLE_ADMIN), work_leave, &leaving));
    CHECK_OK(read_partner(&world.ctx, a.id, &a));
    CHECK(user_id_equal(world.manager, a.manager));
    CHECK_OK(read_partner(&world.ctx, b.id, &b));
    CHECK(user_id_equal(ida, b.manager));
    leaving = (struct leaving){.id = ida, .change = {.role_given = true, .role = ROLE_ANALYST}};
    CHECK_OK(ctx_write(&world.ctx, work_leave, &leaving));
    CHECK_OK(read_partner(&world.ctx, b.id, &b));
    CHECK(user_id_equal(world.manager, b.manager));
    world_close(&world);
}

TEST(partner_manager, does_not_leave_while_the_organisation_names_it_the_default)
{
    struct world world;
    world_open(&world);
    world.services.manager_left = partner_manager_left;
    struct leaving leaving = {.id = world.manager,
                              .change = {.disabled_given = true, .disabled = true}};
    CHECK_ERR(ERR_CONFLICT, ctx_write(world_as(&world, ROLE_ADMIN), work_leave, &leaving));
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    CHECK(user_id_equal(world.manager, partner.manager));
    world_close(&world);
}

/* ---- changing ---- */

TEST(partner_update, sets_and_clears_what_is_given_and_leaves_the_rest)
{
    struct world world;
    world_open(&world);
    struct partner partner =
        add_partner(&world, "name=A|city=Wien|tier=Gold|currency=USD", PARTNER_PROSPECT);
    CHECK_OK(change_partner(&world.ctx, &partner, "tier=|city=Graz|currency="));
    CHECK_STR("Graz", partner.fields[PARTNER_CITY]);
    CHECK_STR("", partner.fields[PARTNER_TIER]);
    CHECK_STR("EUR", currency_str(&partner.currency));
    CHECK_STR("A", partner.fields[PARTNER_NAME]);
    world_close(&world);
}

TEST(partner_update, refuses_to_lose_the_name)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_PROSPECT);
    CHECK_ERR(ERR_INVALID, change_partner(&world.ctx, &partner, "name="));
    world_close(&world);
}

TEST(partner_update, refuses_a_change_to_a_version_that_is_past)
{
    struct world world;
    world_open(&world);
    struct partner mine = add_partner(&world, "name=A", PARTNER_PROSPECT), theirs = mine;
    CHECK_OK(change_partner(&world.ctx, &theirs, "city=Graz"));
    CHECK_ERR(ERR_STALE, change_partner(&world.ctx, &mine, "city=Linz"));
    CHECK_OK(read_partner(&world.ctx, mine.id, &mine));
    CHECK_STR("Graz", mine.fields[PARTNER_CITY]);
    CHECK_INT(2, mine.version);
    world_close(&world);
}

TEST(partner_update, writes_nothing_when_nothing_differs)
{
    struct world world;
    world_open(&world);
    struct partner partner =
        add_partner(&world, "name=A|country=AT|phone=01 58858|manager=", PARTNER_PROSPECT);
    CHECK_OK(change_partner(&world.ctx, &partner,
                            "name= A |country=Austria|phone=+43 1 58858|manager=Max Manager"));
    CHECK_INT(1, partner.version);
    CHECK_INT(1, world_number(&world, &queries[AUDIT_OF_PARTNERS]));
    world_close(&world);
}

TEST(partner_parent, never_stands_below_itself)
{
    struct world world;
    world_open(&world);
    struct partner a = add_partner(&world, "name=A", PARTNER_PROSPECT);
    struct partner b = add_partner(&world, "name=B|parent=A", PARTNER_PROSPECT);
    struct partner c = add_partner(&world, "name=C|parent=B", PARTNER_PROSPECT);
    CHECK(partner_id_equal(b.id, c.parent));
    CHECK_ERR(ERR_INVALID, change_partner(&world.ctx, &a, "parent=A"));
    CHECK_ERR(ERR_INVALID, change_partner(&world.ctx, &a, "parent=C"));
    CHECK_STR("parent", str_from_c(world.ctx.fault.field));
    CHECK_OK(change_partner(&world.ctx, &c, "parent=A"));
    CHECK_OK(change_partner(&world.ctx, &c, "parent="));
    CHECK(!partner_id_is_set(c.parent));
    CHECK_OK(change_partner(&world.ctx, &a, "parent=C"));
    world_close(&world);
}

TEST(partner_parent, stands_in_chains_of_a_bounded_length)
{
    struct world world;
    char fields[64];
    struct partner partner;
    world_open(&world);
    add_partner(&world, "name=P0", PARTNER_PROSPECT);
    for (int i = 1; i < 16; i++) {
        snprintf(fields, sizeof(fields), "name=P%d|parent=P%d", i, i - 1);
        CHECK_OK(make_partner(&world.ctx, fields, &partner));
    }
    CHECK_ERR(ERR_INVALID, make_partner(&world.ctx, "name=P16|parent=P15", &partner));
    CHECK_STR("parent", str_from_c(world.ctx.fault.field));
    world_close(&world);
}

/* ---- checking ---- */

TEST(partner_check, says_what_an_update_would_do_without_doing_it)
{
    struct world world;
    bool changes = false;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A|city=Wien", PARTNER_PROSPECT);
    CHECK_OK(check_partner(&world.ctx, partner.id, "city=Graz", &changes));
    CHECK(changes);
    CHECK_OK(check_partner(&world.ctx, partner.id, "city=Wien|manager=Max Manager", &changes));
    CHECK(!changes);
    CHECK_ERR(ERR_INVALID, check_partner(&world.ctx, partner.id, "phone=12", &changes));
    CHECK_OK(read_partner(&world.ctx, partner.id, &partner));
    CHECK_STR("Wien", partner.fields[PARTNER_CITY]);
    CHECK_INT(1, partner.version);
    world_close(&world);
}

TEST(partner_check, checks_a_new_partner_as_creating_it_would)
{
    struct world world;
    struct partner_id none = {0};
    bool changes = false;
    world_open(&world);
    CHECK_OK(check_partner(world_as(&world, ROLE_MANAGER), none, "name=A", &changes));
    CHECK(changes);
    CHECK_ERR(ERR_INVALID, check_partner(&world.ctx, none, "city=Wien", &changes));
    CHECK_ERR(ERR_INVALID, check_partner(&world.ctx, none, "name=A|parent=Nobody", &changes));
    CHECK_INT(0, world_number(&world, &queries[PARTNER_ROWS]));
    world_close(&world);
}

/* ---- history ---- */

TEST(partner_history, holds_who_changed_what_and_what_it_was)
{
    struct world world;
    size_t at;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A|city=Wien", PARTNER_PROSPECT);
    CHECK_OK(
        change_partner(world_as(&world, ROLE_MANAGER), &partner, "city=Graz|manager=Ada Admin"));
    CHECK_INT(1, world_number(&world, &queries[AUDIT_BY_MANAGER]));
    struct audit_page found;
    struct page page = {.limit = 10};
    struct db_conn *conn;
    CHECK_OK(db_reader_take(world.services.db, &world.ctx.fault, &conn));
    world.ctx.conn = conn;
    enum err err = audit_list(&world.ctx, partner.id, &page, &found);
    db_reader_give(conn);
    CHECK_OK(err);
    CHECK_INT(2, found.count);
    CHECK_STR("changed", found.rows[0].action);
    CHECK_STR("created", found.rows[1].action);
    CHECK(str_find(found.rows[0].changes_json, STR("\"city\":{\"old\":\"Wien\",\"new\":\"Graz\"}"),
                   &at));
    CHECK(str_find(found.rows[0].changes_json,
                   STR("\"manager_name\":{\"old\":\"Max Manager\",\"new\":\"Ada Admin\"}"), &at));
    CHECK(str_find(found.rows[1].changes_json,
                   STR("\"status\":{\"old\":\"\",\"new\":\"prospect\"}"), &at));
    world_close(&world);
}

/* ---- finding ---- */

TEST(partner_find, takes_an_id_an_external_id_and_a_name_however_it_is_spelt)
{
    static const char *const names[] = {"Café-Müller GmbH", "cafe muller gmbh", "CAFÉ MÜLLER",
                                        "crm:77", "CRM:77"};
    struct world world;
    struct partner_id id;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=Café-Müller GmbH", PARTNER_ACTIVE);
    add_partner(&world, "name=Another", PARTNER_ACTIVE);
    CHECK_OK(extern_partner(&world.ctx, partner_add_external, partner.id, "crm:77"));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        CHECK_OK(find_partner(&world.ctx, names[i], &id));
        CHECK(partner_id_equal(partner.id, id));
    }
    char text[ID_TEXT_MAX];
    id_format("ptn", partner.id.v, text);
    CHECK_OK(find_partner(&world.ctx, text, &id));
    CHECK(partner_id_equal(partner.id, id));
    CHECK_ERR(ERR_NOT_FOUND, find_partner(&world.ctx, "Nobody", &id));
    CHECK_ERR(ERR_NOT_FOUND, find_partner(&world.ctx, "crm:78", &id));
    CHECK_ERR(ERR_NOT_FOUND, find_partner(&world.ctx, "", &id));
    world_close(&world);
}

TEST(partner_find, names_the_candidates_of_an_ambiguous_name)
{
    struct world world;
    struct partner_id id;
    size_t at;
    world_open(&world);
    struct partner a = add_partner(&world, "name=Acme|city=Wien", PARTNER_ACTIVE);
    struct partner b = add_partner(&world, "name=ACME|city=Graz", PARTNER_ACTIVE);
    CHECK_ERR(ERR_CONFLICT, find_partner(&world.ctx, "acme", &id));
    struct str sentence = str_from_c(world.ctx.fault.sentence);
    CHECK(str_find(sentence, partner_id_text(a.id, world.ctx.arena), &at));
    CHECK(str_find(sentence, partner_id_text(b.id, world.ctx.arena), &at));
    CHECK(str_find(sentence, STR("Graz"), &at));
    world_close(&world);
}

TEST(partner_find, says_who_has_a_similar_name_when_nobody_has_this_one)
{
    struct world world;
    struct partner_id id;
    world_open(&world);
    add_partner(&world, "name=Brakes and Gears", PARTNER_ACTIVE);
    add_partner(&world, "name=Gears and Parts Company", PARTNER_ACTIVE);
    CHECK_ERR(ERR_NOT_FOUND, find_partner(&world.ctx, "gear", &id));
    CHECK_STR("There is no partner \"gear\". Did you mean Brakes and Gears or Gears and Parts "
              "Company?",
              str_from_c(world.ctx.fault.sentence));
    CHECK_ERR(ERR_NOT_FOUND, find_partner(&world.ctx, "wheel", &id));
    CHECK_STR("There is no partner \"wheel\".", str_from_c(world.ctx.fault.sentence));
    world_close(&world);
}

TEST(partner_find, prefers_a_partner_that_is_not_archived)
{
    struct world world;
    struct partner_id id;
    world_open(&world);
    struct partner old = add_partner(&world, "name=Acme", PARTNER_ACTIVE);
    CHECK_OK(live_partner(&world.ctx, partner_archive, old.id, 0));
    CHECK_OK(find_partner(&world.ctx, "Acme", &id));
    CHECK(partner_id_equal(old.id, id));
    struct partner new = add_partner(&world, "name=Acme", PARTNER_ACTIVE);
    CHECK_OK(find_partner(&world.ctx, "Acme", &id));
    CHECK(partner_id_equal(new.id, id));
    world_close(&world);
}

TEST(partner_merged, answers_as_its_survivor_everywhere)
{
    struct world world;
    struct partner_id id;
    struct partner partner;
    world_open(&world);
    struct partner a = add_partner(&world, "name=Alpha", PARTNER_ACTIVE);
    struct partner b = add_partner(&world, "name=Beta", PARTNER_ACTIVE);
    struct partner c = add_partner(&world, "name=Gamma", PARTNER_ACTIVE);
    CHECK_OK(extern_partner(&world.ctx, partner_add_external, a.id, "crm:1"));
    merge(&world, a.id, b.id);
    CHECK_OK(read_partner(&world.ctx, a.id, &partner));
    CHECK(partner_id_equal(b.id, partner.id));
    CHECK_OK(find_partner(&world.ctx, "Alpha", &id));
    CHECK(partner_id_equal(b.id, id));
    CHECK_OK(find_partner(&world.ctx, "crm:1", &id));
    CHECK(partner_id_equal(b.id, id));
    merge(&world, b.id, c.id);
    CHECK_OK(read_partner(&world.ctx, a.id, &partner));
    CHECK(partner_id_equal(c.id, partner.id));
    world_close(&world);
}

static enum err work_brief(struct ctx *ctx, void *arg)
{
    struct partner_brief *brief = arg;
    return partner_brief(ctx, brief->id, brief);
}

TEST(partner_brief, gives_the_survivor_with_its_currency_and_time_zone)
{
    struct world world;
    world_open(&world);
    struct partner a = add_partner(&world, "name=Alpha", PARTNER_ACTIVE);
    struct partner b =
        add_partner(&world, "name=Beta|currency=USD|time_zone=Asia/Tokyo", PARTNER_ACTIVE);
    merge(&world, a.id, b.id);
    struct partner_brief brief = {.id = a.id};
    CHECK_OK(ctx_read(&world.ctx, work_brief, &brief));
    CHECK(partner_id_equal(b.id, brief.id));
    CHECK_STR("USD", currency_str(&brief.currency));
    CHECK_STR("Asia/Tokyo", brief.time_zone);
    brief.id.v = 1;
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(&world.ctx, work_brief, &brief));
    world_close(&world);
}

/* ---- what a partner's own user sees ---- */

TEST(partner_scope, is_the_partners_own_record_and_no_other)
{
    struct world world;
    struct partner partner;
    struct partner_id id;
    world_open(&world);
    struct partner own = add_partner(&world, "name=Own|note=slow payer", PARTNER_ACTIVE);
    struct partner other = add_partner(&world, "name=Other", PARTNER_ACTIVE);
    CHECK_OK(extern_partner(&world.ctx, partner_add_external, other.id, "crm:1"));
    struct ctx *ctx = world_as_partner(&world, own.id);
    CHECK_OK(read_partner(ctx, own.id, &partner));
    CHECK_STR("Max Manager", partner.manager_name);
    CHECK_STR("max@example.com", partner.manager_email);
    CHECK_ERR(ERR_NOT_FOUND, read_partner(ctx, other.id, &partner));
    CHECK_ERR(ERR_NOT_FOUND, find_partner(ctx, "Other", &id));
    CHECK_ERR(ERR_NOT_FOUND, find_partner(ctx, "crm:1", &id));
    CHECK_OK(find_partner(ctx, "Own", &id));
    struct partner_brief brief = {.id = other.id};
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(ctx, work_brief, &brief));
    world_close(&world);
}

TEST(partner_scope, hides_what_the_vendor_notes_for_itself)
{
    struct world world;
    struct partner partner;
    struct partner_marks marks;
    world_open(&world);
    struct partner own = add_partner(&world, "name=Own|note=slow payer", PARTNER_ACTIVE);
    CHECK_OK(tag_partner(&world.ctx, partner_add_tag, own.id, "at risk"));
    CHECK_OK(read_partner(&world.ctx, own.id, &partner));
    CHECK_STR("slow payer", partner.fields[PARTNER_NOTE]);
    struct ctx *ctx = world_as_partner(&world, own.id);
    CHECK_OK(read_partner(ctx, own.id, &partner));
    CHECK_STR("", partner.fields[PARTNER_NOTE]);
    CHECK_OK(read_marks(ctx, own.id, &marks));
    CHECK_INT(0, marks.tag_count);
    world_close(&world);
}
