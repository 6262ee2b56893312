/* Tests of contacts: fields, the primary one, archive, who sees whom. */
#include <stdio.h>

#include "lib/db/db.h"
#include "src/core/limits.h"
#include "tests/support/records.h"
#include "tests/support/test.h"

enum { PRIMARIES, ERASE, ADD_MANY, AUDIT_OF_CONTACTS };
static const struct query queries[] = {
    [PRIMARIES] = {"test primaries", "SELECT COUNT(*) AS n FROM contact WHERE is_primary = 1",
                   NULL},
    [ERASE] = {"test erase", "UPDATE contact SET erased_ms = 1, archived_ms = 1 WHERE id = $1",
               NULL},
    [ADD_MANY] = {"test add many",
                  "WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many"
                  " WHERE n < 500) INSERT INTO contact (id, partner_id, name, created_ms,"
                  " updated_ms) SELECT n, $1, 'Somebody', 1, 1 FROM many",
                  NULL},
    [AUDIT_OF_CONTACTS] = {"test audit of contacts",
                           "SELECT COUNT(*) AS n FROM audit WHERE subject_type = 'contact'"
                           " AND partner_id IS NOT NULL",
                           NULL},
};

static bool is_primary(struct world *world, struct contact_id id)
{
    struct contact contact;
    CHECK_OK(read_contact(world_as(world, ROLE_ADMIN), id, &contact));
    return contact.is_primary;
}

TEST(contact_create, keeps_its_fields_in_their_one_form)
{
    struct world world;
    struct contact contact;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A|country=US", PARTNER_ACTIVE);
    add_contact(&world, partner.id,
                "name= Eva  Huber|title=CEO|email=eva@Example.COM|phone=245-555-0173|"
                "mobile=+43 1 58858");
    contact = add_contact(&world, partner.id, "email=sales@example.com");
    CHECK_STR("sales@example.com", contact.fields[CONTACT_NAME]);
    CHECK_OK(make_contact(&world.ctx, partner.id, "name=Eva Huber|phone=245-555-0173", "crm:5",
                          &contact));
    CHECK_OK(read_contact(&world.ctx, contact.id, &contact));
    CHECK_STR("Eva Huber", contact.fields[CONTACT_NAME]);
    CHECK_STR("+12455550173", contact.fields[CONTACT_PHONE]);
    CHECK_STR("crm", contact.external.system);
    CHECK_STR("5", contact.external.id);
    CHECK(partner_id_equal(partner.id, contact.partner));
    CHECK_INT(1, contact.version);
    world_close(&world);
}

TEST(contact_create, names_the_field_that_is_wrong)
{
    static const char *const cases[][2] = {
        {"name", "title=CEO"},
        {"email", "name=A|email=nobody"},
        {"phone", "name=A|phone=12"},
        {"mobile", "name=A|mobile=twelve"},
    };
    struct world world;
    struct contact contact;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CHECK_ERR(ERR_INVALID, make_contact(&world.ctx, partner.id, cases[i][1], "", &contact));
        CHECK_STR(cases[i][0], str_from_c(world.ctx.fault.field));
    }
    CHECK_ERR(ERR_NOT_FOUND,
              make_contact(&world.ctx, (struct partner_id){1}, "name=A", "", &contact));
    CHECK_INT(0, world_number(&world, &queries[PRIMARIES]));
    world_close(&world);
}

TEST(contact_create, refuses_an_external_id_that_another_contact_has)
{
    struct world world;
    struct contact contact;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    CHECK_OK(make_contact(&world.ctx, partner.id, "name=Eva", "crm:1", &contact));
    CHECK_ERR(ERR_CONFLICT, make_contact(&world.ctx, partner.id, "name=Max", "CRM:1", &contact));
    CHECK_OK(make_contact(&world.ctx, partner.id, "name=Max", "shop:1", &contact));
    world_close(&world);
}

TEST(contact_create, stops_at_five_hundred)
{
    struct world world;
    struct contact contact;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    struct db_args args = DB_ARGS(db_int(partner.id.v));
    world_run(&world, &queries[ADD_MANY], &args);
    CHECK_ERR(ERR_TOO_LARGE, make_contact(&world.ctx, partner.id, "name=More", "", &contact));
    world_close(&world);
}

/* ---- the primary one ---- */

TEST(contact_primary, is_the_first_one_until_another_takes_it)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    struct contact eva = add_contact(&world, partner.id, "name=Eva");
    struct contact max = add_contact(&world, partner.id, "name=Max");
    CHECK(eva.is_primary && !max.is_primary);
    struct partner other = add_partner(&world, "name=B", PARTNER_ACTIVE);
    CHECK(add_contact(&world, other.id, "name=Ida").is_primary);
    CHECK_OK(make_primary(&world.ctx, max.id));
    CHECK(is_primary(&world, max.id) && !is_primary(&world, eva.id));
    CHECK_INT(2, world_number(&world, &queries[PRIMARIES]));
    CHECK_INT(5, world_number(&world, &queries[AUDIT_OF_CONTACTS]));
    world_close(&world);
}

TEST(contact_primary, is_not_given_up_without_a_successor)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    struct contact eva = add_contact(&world, partner.id, "name=Eva");
    CHECK_ERR(ERR_CONFLICT, unmake_primary(&world.ctx, eva.id));
    CHECK(is_primary(&world, eva.id));
    world_close(&world);
}

TEST(contact_primary, passes_to_the_oldest_when_it_is_archived)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    struct contact eva = add_contact(&world, partner.id, "name=Eva");
    struct contact max = add_contact(&world, partner.id, "name=Max");
    struct contact ida = add_contact(&world, partner.id, "name=Ida");
    CHECK_OK(live_contact(&world.ctx, contact_archive, eva.id, 0));
    CHECK(is_primary(&world, max.id) && !is_primary(&world, ida.id) && !is_primary(&world, eva.id));
    CHECK_OK(live_contact(&world.ctx, contact_restore, eva.id, 0));
    CHECK(!is_primary(&world, eva.id));
    CHECK_OK(live_contact(&world.ctx, contact_archive, ida.id, 0));
    CHECK(is_primary(&world, max.id));
    world_close(&world);
}

TEST(contact_primary, is_there_again_when_the_only_one_comes_back)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    struct contact eva = add_contact(&world, partner.id, "name=Eva");
    CHECK_OK(live_contact(&world.ctx, contact_archive, eva.id, 0));
    CHECK_INT(0, world_number(&world, &queries[PRIMARIES]));
    CHECK_ERR(ERR_CONFLICT, make_primary(&world.ctx, eva.id));
    CHECK_OK(live_contact(&world.ctx, contact_restore, eva.id, 0));
    CHECK(is_primary(&world, eva.id));
    world_close(&world);
}

/* ---- changing ---- */

TEST(contact_update, sets_and_clears_what_is_given)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    struct contact eva = add_contact(&world, partner.id, "name=Eva|title=CEO|phone=01 58858");
    CHECK_OK(change_contact(&world.ctx, &eva, "title=|email=eva@example.com"));
    CHECK_OK(read_contact(&world.ctx, eva.id, &eva));
    CHECK_STR("", eva.fields[CONTACT_TITLE]);
    CHECK_STR("eva@example.com", eva.fields[CONTACT_EMAIL]);
    CHECK_STR("+43158858", eva.fields[CONTACT_PHONE]);
    CHECK_INT(2, eva.version);
    CHECK_OK(change_contact(&world.ctx, &eva, "phone=+43 1 58858"));
    CHECK_INT(2, eva.version);
    world_close(&world);
}

TEST(contact_update, refuses_a_change_to_a_version_that_is_past)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    struct contact mine = add_contact(&world, partner.id, "name=Eva"), theirs = mine;
    CHECK_OK(change_contact(&world.ctx, &theirs, "title=CEO"));
    CHECK_ERR(ERR_STALE, change_contact(&world.ctx, &mine, "title=CTO"));
    CHECK_ERR(ERR_STALE, live_contact(&world.ctx, contact_archive, mine.id, mine.version));
    world_close(&world);
}

TEST(contact_update, refuses_one_whose_data_was_erased)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    struct contact eva = add_contact(&world, partner.id, "name=Eva");
    struct db_args args = DB_ARGS(db_int(eva.id.v));
    world_run(&world, &queries[ERASE], &args);
    CHECK_ERR(ERR_CONFLICT, change_contact(&world.ctx, &eva, "name=Eva Huber"));
    CHECK_ERR(ERR_CONFLICT, live_contact(&world.ctx, contact_restore, eva.id, 0));
    world_close(&world);
}

/* ---- lists, and who sees whom ---- */

struct list_call {
    struct partner_id partner;
    bool archived;
    struct page page;
    struct contact_page found;
};

static enum err work_list(struct ctx *ctx, void *arg)
{
    struct list_call *call = arg;
    return contact_list(ctx, call->partner, call->archived, &call->page, &call->found);
}

TEST(contact_list, gives_pages_of_one_partners_contacts)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    struct partner other = add_partner(&world, "name=B", PARTNER_ACTIVE);
    struct contact eva = add_contact(&world, partner.id, "name=Eva");
    add_contact(&world, other.id, "name=Olga");
    add_contact(&world, partner.id, "name=Max");
    struct contact ida = add_contact(&world, partner.id, "name=Ida");
    struct list_call call = {.partner = partner.id, .page = {.limit = 2}};
    CHECK_OK(ctx_read(&world.ctx, work_list, &call));
    CHECK_INT(2, call.found.count);
    CHECK(contact_id_equal(eva.id, call.found.rows[0].id));
    CHECK(call.found.next.len > 0);
    call.page = (struct page){.limit = 2, .has_cursor = true, .after_id = call.found.rows[1].id.v};
    CHECK_OK(ctx_read(&world.ctx, work_list, &call));
    CHECK_INT(1, call.found.count);
    CHECK(contact_id_equal(ida.id, call.found.rows[0].id));
    CHECK_INT(0, call.found.next.len);
    CHECK_OK(live_contact(&world.ctx, contact_archive, ida.id, 0));
    call = (struct list_call){.partner = partner.id, .archived = true, .page = {.limit = 9}};
    CHECK_OK(ctx_read(&world.ctx, work_list, &call));
    CHECK_INT(1, call.found.count);
    CHECK(contact_id_equal(ida.id, call.found.rows[0].id));
    world_close(&world);
}

TEST(contact_scope, is_the_partners_own_contacts_and_no_others)
{
    struct world world;
    struct contact contact;
    world_open(&world);
    struct partner own = add_partner(&world, "name=Own", PARTNER_ACTIVE);
    struct partner other = add_partner(&world, "name=Other", PARTNER_ACTIVE);
    struct contact eva = add_contact(&world, own.id, "name=Eva");
    struct contact max = add_contact(&world, other.id, "name=Max");
    struct ctx *ctx = world_as_partner(&world, own.id);
    CHECK_OK(read_contact(ctx, eva.id, &contact));
    CHECK_ERR(ERR_NOT_FOUND, read_contact(ctx, max.id, &contact));
    struct list_call call = {.partner = other.id, .page = {.limit = 9}};
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(ctx, work_list, &call));
    call.partner = own.id;
    CHECK_OK(ctx_read(ctx, work_list, &call));
    CHECK_INT(1, call.found.count);
    world_close(&world);
}

/* ---- checking ---- */

struct check_call {
    struct contact_id id;
    struct partner_id partner;
    struct contact_change change;
    bool changes;
};

static enum err work_check(struct ctx *ctx, void *arg)
{
    struct check_call *call = arg;
    return contact_check(ctx, call->id, call->partner, &call->change, &call->changes);
}

TEST(contact_check, says_what_would_change_without_changing_it)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    struct contact eva = add_contact(&world, partner.id, "name=Eva");
    struct check_call call = {.id = eva.id, .change = contact_fields("title=CEO")};
    CHECK_OK(ctx_read(&world.ctx, work_check, &call));
    CHECK(call.changes);
    call.change = contact_fields("name=Eva");
    CHECK_OK(ctx_read(&world.ctx, work_check, &call));
    CHECK(!call.changes);
    call = (struct check_call){.change = contact_fields("name=New|phone=01 58858")};
    CHECK_OK(ctx_read(&world.ctx, work_check, &call));
    CHECK(call.changes);
    call.change = contact_fields("name=New|phone=x");
    CHECK_ERR(ERR_INVALID, ctx_read(&world.ctx, work_check, &call));
    CHECK_OK(read_contact(&world.ctx, eva.id, &eva));
    CHECK_STR("", eva.fields[CONTACT_TITLE]);
    world_close(&world);
}

static enum err work_find(struct ctx *ctx, void *arg)
{
    struct contact *contact = arg;
    return contact_find_external(ctx, contact->external, contact);
}

TEST(contact_find_external, finds_it_by_system_and_id)
{
    struct world world;
    struct contact eva;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    CHECK_OK(make_contact(&world.ctx, partner.id, "name=Eva", "crm:7", &eva));
    struct contact found = {.external = {STR("CRM"), STR("7")}};
    CHECK_OK(ctx_read(&world.ctx, work_find, &found));
    CHECK(contact_id_equal(eva.id, found.id));
    found.external = (struct external_id){STR("crm"), STR("8")};
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(&world.ctx, work_find, &found));
    world_close(&world);
}
