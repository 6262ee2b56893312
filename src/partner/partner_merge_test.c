/* Merging: everything moves, nothing is lost, and nonsense is refused. */
#include "lib/db/db.h"
#include "src/core/audit.h"
#include "src/partner/partner.h"
#include "tests/support/directory.h"
#include "tests/support/test.h"

struct merging {
    struct partner_id from, into;
    struct partner survivor;
    struct partner_id heard_from, heard_into;
};

static enum err merge(struct ctx *ctx, void *arg)
{
    struct merging *merging = arg;
    return partner_merge(ctx, merging->from, merging->into, &merging->survivor);
}

static struct partner merged(struct world *world, struct partner_id from, struct partner_id into)
{
    struct merging merging = {.from = from, .into = into};
    struct ctx *ctx = world_as(world, ROLE_MANAGER);
    if (ctx_write(ctx, merge, &merging) != OK)
        test_fail(__FILE__, __LINE__, "%s (%s)", ctx->fault.sentence, ctx->fault.detail);
    return merging.survivor;
}

static enum err refused(struct world *world, struct partner_id from, struct partner_id into)
{
    struct merging merging = {.from = from, .into = into};
    return ctx_write(world_as(world, ROLE_MANAGER), merge, &merging);
}

/* ---- what moves ---- */

struct reading {
    struct partner_id id;
    struct contact_page contacts;
    struct partner_marks marks;
    struct audit_page history;
    struct partner_id found;
    const char *text;
};

static enum err read_all(struct ctx *ctx, void *arg)
{
    struct reading *reading = arg;
    struct page page = {.limit = 100};
    TRY(contact_list(ctx, reading->id, false, &page, &reading->contacts));
    TRY(audit_list(ctx, reading->id, &page, &reading->history));
    return partner_marks_get(ctx, reading->id, &reading->marks);
}

static struct reading read_partner(struct world *world, struct partner_id id)
{
    struct reading reading = {.id = id};
    CHECK_OK(ctx_read(world_as(world, ROLE_ADMIN), read_all, &reading));
    return reading;
}

TEST(partner_merge, moves_contacts_and_keeps_one_primary)
{
    struct world world;
    world_open(&world);
    struct partner_id from = directory_add(&world, "Alpha"), into = directory_add(&world, "Beta");
    struct contact_id eva = directory_add_contact(&world, from, "Eva", "");
    struct contact_id max = directory_add_contact(&world, into, "Max", "");
    merged(&world, from, into);
    struct reading after = read_partner(&world, into);
    CHECK_INT(2, after.contacts.count);
    CHECK(contact_id_equal(eva, after.contacts.rows[0].id));
    CHECK(!after.contacts.rows[0].is_primary);
    CHECK(contact_id_equal(max, after.contacts.rows[1].id));
    CHECK(after.contacts.rows[1].is_primary);
    world_close(&world);
}

TEST(partner_merge, gives_a_survivor_without_contacts_the_primary_one)
{
    struct world world;
    world_open(&world);
    struct partner_id from = directory_add(&world, "Alpha"), into = directory_add(&world, "Beta");
    directory_add_contact(&world, from, "Eva", "");
    merged(&world, from, into);
    CHECK(read_partner(&world, into).contacts.rows[0].is_primary);
    world_close(&world);
}

TEST(partner_merge, moves_external_ids_and_tags)
{
    struct world world;
    world_open(&world);
    struct partner_id from = directory_add(&world, "Alpha"), into = directory_add(&world, "Beta");
    directory_add_external(&world, from, "salesforce", "001A");
    directory_add_external(&world, into, "salesforce", "001B");
    directory_add_tag(&world, from, "gold");
    directory_add_tag(&world, from, "vip");
    directory_add_tag(&world, into, "vip");
    merged(&world, from, into);
    struct reading after = read_partner(&world, into);
    CHECK_INT(2, after.marks.external_count);
    CHECK_STR("001A", after.marks.externals[0].id);
    CHECK_INT(2, after.marks.tag_count);
    CHECK_STR("gold", after.marks.tags[0]);
    world_close(&world);
}

TEST(partner_merge, moves_products_users_and_tokens)
{
    static const struct query product = {
        "test product",
        "INSERT INTO product (id, name, name_key, created_ms) VALUES (7, 'P', 'p', 0)", NULL};
    static const struct query carry = {
        "test carry", "INSERT INTO partner_product (partner_id, product_id) VALUES ($1, 7)", NULL};
    static const struct query user = {
        "test user",
        "INSERT INTO user_account (id, email, name, role, partner_id, created_ms)"
        " VALUES (99, 'p@example.com', 'P', 'partner', $1, 0)",
        NULL};
    static const struct query left = {
        "test left",
        "SELECT (SELECT COUNT(*) FROM user_account WHERE partner_id = p.merged_into)"
        " * 10 + (SELECT COUNT(*) FROM partner_product WHERE partner_id ="
        " p.merged_into) AS n FROM partner p WHERE p.merged_into IS NOT NULL",
        NULL};
    struct world world;
    world_open(&world);
    struct partner_id from = directory_add(&world, "Alpha"), into = directory_add(&world, "Beta");
    struct db_args none = DB_NO_ARGS, of_from = DB_ARGS(db_int(from.v));
    world_run(&world, &product, &none);
    world_run(&world, &carry, &of_from);
    world_run(&world, &user, &of_from);
    merged(&world, from, into);
    CHECK_INT(11, world_number(&world, &left));
    world_close(&world);
}

TEST(partner_merge, moves_history_and_names_what_moved)
{
    struct world world;
    world_open(&world);
    struct partner_id from = directory_add(&world, "Alpha"), into = directory_add(&world, "Beta");
    struct contact_id eva = directory_add_contact(&world, from, "Eva", "");
    merged(&world, from, into);
    struct reading after = read_partner(&world, into);
    bool names_contact = false, created_alpha = false, merged_row = false;
    for (size_t i = 0; i < after.history.count; i++) {
        const struct audit_entry *row = &after.history.rows[i];
        names_contact |= str_equal(row->action, STR("took over")) &&
                         str_find(row->changes_json, contact_id_text(eva, &world.arena), NULL);
        created_alpha |= row->subject_id == from.v && str_equal(row->action, STR("created"));
        merged_row |= row->subject_id == from.v && str_equal(row->action, STR("merged"));
    }
    CHECK(names_contact);
    CHECK(created_alpha);
    CHECK(merged_row);
    world_close(&world);
}

/* ---- fields ---- */

TEST(partner_merge, fills_what_the_survivor_lacks_and_keeps_what_it_has)
{
    struct world world;
    world_open(&world);
    struct partner_id from = directory_add(&world, "Alpha"), into = directory_add(&world, "Beta");
    directory_set(&world, from, PARTNER_DOMAIN, "alpha.com");
    directory_set(&world, from, PARTNER_TIER, "Gold");
    directory_set(&world, from, PARTNER_PHONE, "+12455550173");
    directory_set(&world, from, PARTNER_CITY, "Wien");
    directory_set(&world, from, PARTNER_NOTE, "Pays late.");
    directory_set(&world, into, PARTNER_TIER, "Silver");
    directory_set(&world, into, PARTNER_PHONE, "+12455550199");
    directory_set(&world, into, PARTNER_NOTE, "Nice people.");
    struct partner after = merged(&world, from, into);
    CHECK_STR("Beta", after.fields[PARTNER_NAME]);
    CHECK_STR("alpha.com", after.fields[PARTNER_DOMAIN]);
    CHECK_STR("Silver", after.fields[PARTNER_TIER]);
    CHECK_STR("+12455550199", after.fields[PARTNER_PHONE]);
    CHECK_STR("+12455550173", after.fields[PARTNER_PHONE2]);
    CHECK_STR("Wien", after.fields[PARTNER_CITY]);
    CHECK_STR("Nice people.\nPays late.", after.fields[PARTNER_NOTE]);
    world_close(&world);
}

TEST(partner_merge, does_not_mix_two_addresses)
{
    struct world world;
    world_open(&world);
    struct partner_id from = directory_add(&world, "Alpha"), into = directory_add(&world, "Beta");
    directory_set(&world, from, PARTNER_CITY, "Wien");
    directory_set(&world, from, PARTNER_POSTAL_CODE, "1010");
    directory_set(&world, into, PARTNER_CITY, "Graz");
    struct partner after = merged(&world, from, into);
    CHECK_STR("Graz", after.fields[PARTNER_CITY]);
    CHECK_STR("", after.fields[PARTNER_POSTAL_CODE]);
    world_close(&world);
}

/* ---- the survivor answers ---- */

static enum err find(struct ctx *ctx, void *arg)
{
    struct reading *reading = arg;
    return partner_find(ctx, str_from_c(reading->text), &reading->found);
}

TEST(partner_merge, lets_the_merged_one_answer_as_the_survivor)
{
    struct world world;
    world_open(&world);
    struct partner_id from = directory_add(&world, "Alpha"), into = directory_add(&world, "Beta");
    struct partner_id last = directory_add(&world, "Gamma");
    directory_add_external(&world, from, "crm", "A-1");
    merged(&world, from, into);
    CHECK(partner_id_equal(into, directory_get(&world, from).id));
    merged(&world, into, last);
    CHECK(partner_id_equal(last, directory_get(&world, from).id));
    const char *const texts[] = {"Alpha", "Beta", "crm:A-1"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct reading reading = {.text = texts[i]};
        CHECK_OK(ctx_read(world_as(&world, ROLE_MANAGER), find, &reading));
        CHECK(partner_id_equal(last, reading.found));
    }
    CHECK_STR("Gamma;", directory_search(&world, "alpha"));
    CHECK_STR("Gamma;", directory_search(&world, "a-1"));
    struct partner_filter all = {.archived = PARTNERS_ALL};
    CHECK_STR("Gamma;", directory_names(&world, &all, "name"));
    world_close(&world);
}

TEST(partner_merge, ends_the_pair)
{
    static const struct query pairs = {"test pairs", "SELECT COUNT(*) AS n FROM partner_duplicate",
                                       NULL};
    struct world world;
    world_open(&world);
    struct partner_id from = directory_add(&world, "Fabrikam Inc.");
    struct partner_id into = directory_add(&world, "Fabrikam");
    CHECK_INT(1, world_number(&world, &pairs));
    merged(&world, from, into);
    CHECK_INT(0, world_number(&world, &pairs));
    world_close(&world);
}

/* Tells the test what it heard through this. */
static struct merging heard;

static enum err hear(struct ctx *ctx, struct partner_id from, struct partner_id into)
{
    (void)ctx;
    heard.heard_from = from;
    heard.heard_into = into;
    return OK;
}

TEST(partner_merge, tells_the_ledger)
{
    static const struct partner_listener listener = {.merged = hear};
    struct world world;
    world_open(&world);
    struct partner_id from = directory_add(&world, "Alpha"), into = directory_add(&world, "Beta");
    world.services.partner_listener = &listener;
    merged(&world, from, into);
    CHECK(partner_id_equal(from, heard.heard_from));
    CHECK(partner_id_equal(into, heard.heard_into));
    world_close(&world);
}

/* ---- the tree ---- */

TEST(partner_merge, moves_children)
{
    struct world world;
    world_open(&world);
    struct partner_id from = directory_add(&world, "Alpha"), into = directory_add(&world, "Beta");
    struct partner_id child = directory_add(&world, "Child");
    directory_set(&world, child, PARTNER_PARENT, "Alpha");
    merged(&world, from, into);
    CHECK(partner_id_equal(into, directory_get(&world, child).parent));
    world_close(&world);
}

TEST(partner_merge, takes_the_place_of_a_parent_that_is_merged_into_its_child)
{
    struct world world;
    world_open(&world);
    struct partner_id top = directory_add(&world, "Top"), from = directory_add(&world, "Alpha");
    struct partner_id middle = directory_add(&world, "Middle");
    struct partner_id into = directory_add(&world, "Beta");
    directory_set(&world, from, PARTNER_PARENT, "Top");
    directory_set(&world, middle, PARTNER_PARENT, "Alpha");
    directory_set(&world, into, PARTNER_PARENT, "Middle");
    CHECK(partner_id_equal(top, merged(&world, from, into).parent));
    CHECK(partner_id_equal(into, directory_get(&world, middle).parent));
    world_close(&world);
}

TEST(partner_merge, does_not_take_a_parent_from_below_itself)
{
    struct world world;
    world_open(&world);
    struct partner_id into = directory_add(&world, "Beta"),
                      middle = directory_add(&world, "Middle");
    struct partner_id from = directory_add(&world, "Alpha");
    directory_set(&world, middle, PARTNER_PARENT, "Beta");
    directory_set(&world, from, PARTNER_PARENT, "Middle");
    CHECK(!partner_id_is_set(merged(&world, from, into).parent));
    CHECK(partner_id_equal(into, directory_get(&world, middle).parent));
    world_close(&world);
}

/* ---- refusals ---- */

TEST(partner_merge, refuses_itself_and_what_was_merged_before)
{
    struct world world;
    world_open(&world);
    struct partner_id from = directory_add(&world, "Alpha"), into = directory_add(&world, "Beta");
    struct partner_id other = directory_add(&world, "Gamma");
    CHECK_ERR(ERR_CONFLICT, refused(&world, from, from));
    merged(&world, from, into);
    CHECK_ERR(ERR_CONFLICT, refused(&world, from, other));
    CHECK_ERR(ERR_CONFLICT, refused(&world, other, from));
    CHECK_ERR(ERR_CONFLICT, refused(&world, into, from));
    CHECK_ERR(ERR_NOT_FOUND, refused(&world, other, (struct partner_id){42}));
    world_close(&world);
}

TEST(partner_merge, refuses_an_archived_survivor)
{
    struct world world;
    world_open(&world);
    struct partner_id from = directory_add(&world, "Alpha"), into = directory_add(&world, "Beta");
    directory_archive(&world, into);
    CHECK_ERR(ERR_CONFLICT, refused(&world, from, into));
    CHECK_STR("Alpha", directory_get(&world, from).fields[PARTNER_NAME]);
    world_close(&world);
}
