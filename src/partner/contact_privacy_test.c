/* A person's rights: what is shown, and that nothing of an erased person is left. */
#include "lib/db/db.h"
#include "src/partner/partner.h"
#include "tests/support/directory.h"
#include "tests/support/test.h"

struct asking {
    struct contact_id id;
    struct str json;
    struct contact contact;
};

static enum err export(struct ctx *ctx, void *arg) {
    struct asking *asking = arg; return contact_personal_data(ctx, asking->id, &asking->json);
}

static enum err erase(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    return contact_erase(ctx, asking->id, &asking->contact);
}

static void add_fact(struct world *world, struct partner_id partner, struct contact_id contact)
{
    static const struct query source = {
        "test source", "INSERT INTO fact_source (id, name) VALUES (1, 'calls')", NULL};
    static const struct query fact = {
        "test fact",
        "INSERT INTO fact (id, day, partner_id, at_ms, kind, quantity_milli, currency,"
        " contact_id, source_id, external_id, ref, note)"
        " VALUES (5, 1, $1, 86400000, 3, 1000, '', $2, 1, 'call-77', '', '')",
        NULL};
    struct db_args none = DB_NO_ARGS, args = DB_ARGS(db_int(partner.v), db_int(contact.v));
    world_run(world, &source, &none);
    world_run(world, &fact, &args);
}

TEST(contact_personal_data, has_the_record_its_history_and_its_facts)
{
    struct world world;
    world_open(&world);
    struct partner_id partner = directory_add(&world, "Alpha");
    struct asking asking = {.id = directory_add_contact(&world, partner, "Eva Huber", "eva@x.org")};
    add_fact(&world, partner, asking.id);
    CHECK_OK(ctx_read(world_as(&world, ROLE_MANAGER), export, &asking));
    const char *const parts[] = {"\"name\":\"Eva Huber\"",      "\"email\":\"eva@x.org\"",
                                 "\"name\":\"Alpha\"",          "\"action\":\"created\"",
                                 "\"external_id\":\"call-77\"", "\"source\":\"calls\""};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        CHECK(str_find(asking.json, str_from_c(parts[i]), NULL));
    world_close(&world);
}

TEST(contact_erase, leaves_nothing_of_the_person)
{
    static const struct query facts = {
        "test facts", "SELECT COUNT(*) AS n FROM fact WHERE contact_id IS NOT NULL", NULL};
    static const struct query words = {
        "test words", "SELECT COUNT(*) AS n FROM partner_word WHERE word IN ('eva', 'huber')",
        NULL};
    struct world world;
    world_open(&world);
    struct partner_id partner = directory_add(&world, "Alpha");
    struct asking asking = {.id = directory_add_contact(&world, partner, "Eva Huber", "eva@x.org")};
    add_fact(&world, partner, asking.id);
    CHECK_INT(2, world_number(&world, &words));
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), erase, &asking));
    CHECK(asking.contact.erased_ms != 0);
    CHECK(asking.contact.archived_ms != 0);
    CHECK_STR("Erased contact", asking.contact.fields[CONTACT_NAME]);
    CHECK_OK(ctx_read(world_as(&world, ROLE_MANAGER), export, &asking));
    CHECK(!str_find(asking.json, STR("Huber"), NULL));
    CHECK(!str_find(asking.json, STR("eva@x.org"), NULL));
    CHECK(str_find(asking.json, STR("\"action\":\"erased\""), NULL));
    CHECK_INT(0, world_number(&world, &words));
    CHECK_INT(1, world_number(&world, &facts));
    CHECK_STR("", directory_search(&world, "huber"));
    world_close(&world);
}

static enum err rename_contact(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    struct contact_change change = {.fields[CONTACT_NAME] = {true, STR("Eva Huber")}};
    return contact_update(ctx, asking->id, &change, &asking->contact, NULL);
}

TEST(contact_erase, is_for_ever)
{
    struct world world;
    world_open(&world);
    struct partner_id partner = directory_add(&world, "Alpha");
    struct asking asking = {.id = directory_add_contact(&world, partner, "Eva Huber", "")};
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), erase, &asking));
    int64_t version = asking.contact.version;
    CHECK_ERR(ERR_CONFLICT, ctx_write(world_as(&world, ROLE_MANAGER), rename_contact, &asking));
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), erase, &asking));
    CHECK_INT(version, asking.contact.version);
    world_close(&world);
}

TEST(contact_erase, gives_the_primary_contact_to_another)
{
    struct world world;
    world_open(&world);
    struct partner_id partner = directory_add(&world, "Alpha");
    struct asking asking = {.id = directory_add_contact(&world, partner, "Eva Huber", "")};
    struct contact_id max = directory_add_contact(&world, partner, "Max", "");
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), erase, &asking));
    asking.id = max;
    CHECK_OK(ctx_read(world_as(&world, ROLE_MANAGER), export, &asking));
    CHECK(str_find(asking.json, STR("\"is_primary\":true"), NULL));
    world_close(&world);
}
