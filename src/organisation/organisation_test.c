/* Tests of the organisation: fields, versions, its default manager, its time zone. */
#include "src/organisation/organisation.h"

#include "lib/db/db.h"
#include "tests/support/records.h"
#include "tests/support/test.h"

enum { FORGET, AUDIT };
static const struct query queries[] = {
    [FORGET] = {"test forget", "DELETE FROM organisation", NULL},
    [AUDIT] = {"test audit", "SELECT COUNT(*) AS n FROM audit WHERE subject_type = 'organisation'",
               NULL},
};

struct call {
    struct organisation_change change;
    struct organisation organisation;
};

static enum err work_create(struct ctx *ctx, void *arg)
{
    struct call *call = arg;
    return organisation_create(ctx, &call->change, &call->organisation);
}

static enum err work_update(struct ctx *ctx, void *arg)
{
    struct call *call = arg;
    return organisation_update(ctx, &call->change, &call->organisation);
}

static enum err work_get(struct ctx *ctx, void *arg)
{
    struct call *call = arg;
    return organisation_get(ctx, &call->organisation);
}

static void set(struct organisation_change *change, enum organisation_field field, const char *text)
{
    change->fields[field].given = true;
    change->fields[field].text = str_from_c(text);
}

static enum err update(struct world *world, enum organisation_field field, const char *text,
                       struct organisation *ret_organisation)
{
    struct call call = {.change = {.version = 0}};
    set(&call.change, field, text);
    TRY(ctx_write(world_as(world, ROLE_ADMIN), work_update, &call));
    *ret_organisation = call.organisation;
    return OK;
}

TEST(organisation_create, is_done_once)
{
    struct world world;
    struct call call = {.change = {.version = 0}};
    world_open(&world);
    set(&call.change, ORGANISATION_NAME, " Adventure  Works ");
    set(&call.change, ORGANISATION_DEFAULT_MANAGER, "max@example.com");
    CHECK_ERR(ERR_CONFLICT, ctx_write(&world.ctx, work_create, &call));
    struct db_args none = DB_NO_ARGS;
    world_run(&world, &queries[FORGET], &none);
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(&world.ctx, work_get, &call));
    CHECK_OK(ctx_write(&world.ctx, work_create, &call));
    CHECK_OK(ctx_read(&world.ctx, work_get, &call));
    CHECK_STR("Adventure Works", call.organisation.name);
    CHECK_STR("EUR", currency_str(&call.organisation.currency));
    CHECK_STR("UTC", call.organisation.time_zone);
    CHECK(user_id_equal(world.manager, call.organisation.default_manager));
    CHECK_INT(1, world_number(&world, &queries[AUDIT]));
    world_close(&world);
}

TEST(organisation_create, needs_a_name_and_a_default_manager)
{
    struct world world;
    struct call call = {.change = {.version = 0}};
    struct db_args none = DB_NO_ARGS;
    world_open(&world);
    world_run(&world, &queries[FORGET], &none);
    set(&call.change, ORGANISATION_NAME, "Adventure Works");
    CHECK_ERR(ERR_INVALID, ctx_write(&world.ctx, work_create, &call));
    CHECK_STR("default_manager", str_from_c(world.ctx.fault.field));
    call.change = (struct organisation_change){.version = 0};
    set(&call.change, ORGANISATION_DEFAULT_MANAGER, "max@example.com");
    CHECK_ERR(ERR_INVALID, ctx_write(&world.ctx, work_create, &call));
    CHECK_STR("name", str_from_c(world.ctx.fault.field));
    world_close(&world);
}

TEST(organisation_update, keeps_the_one_point_of_contact)
{
    struct world world;
    struct call call = {.change = {.version = 0}};
    world_open(&world);
    set(&call.change, ORGANISATION_CONTACT_NAME, "Eva Huber");
    set(&call.change, ORGANISATION_CONTACT_PHONE, "01 58858");
    set(&call.change, ORGANISATION_CONTACT_EMAIL, "partners@Example.com");
    CHECK_OK(ctx_write(&world.ctx, work_update, &call));
    CHECK_OK(ctx_read(world_as_partner(&world, (struct partner_id){1}), work_get, &call));
    CHECK_STR("Eva Huber", call.organisation.contact_name);
    CHECK_STR("+43158858", call.organisation.contact_phone);
    CHECK_STR("partners@example.com", call.organisation.contact_email);
    CHECK_INT(2, call.organisation.version);
    world_close(&world);
}

TEST(organisation_update, names_the_field_that_is_wrong_and_changes_nothing)
{
    static const struct {
        enum organisation_field field;
        const char *text;
    } cases[] = {
        {ORGANISATION_NAME, ""},
        {ORGANISATION_COUNTRY, "Atlantis"},
        {ORGANISATION_CONTACT_PHONE, "12"},
        {ORGANISATION_CONTACT_EMAIL, "nobody"},
        {ORGANISATION_CURRENCY, ""},
        {ORGANISATION_CURRENCY, "XXZ"},
        {ORGANISATION_TIME_ZONE, "Mars/X"},
        {ORGANISATION_DEFAULT_MANAGER, "nobody"},
        {ORGANISATION_DEFAULT_MANAGER, ""},
        {ORGANISATION_NAME, "not\xff utf-8"},
    };
    struct world world;
    struct organisation organisation;
    world_open(&world);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CHECK_ERR(ERR_INVALID, update(&world, cases[i].field, cases[i].text, &organisation));
        CHECK_STR(organisation_field_name(cases[i].field), str_from_c(world.ctx.fault.field));
    }
    CHECK_INT(0, world_number(&world, &queries[AUDIT]));
    world_close(&world);
}

TEST(organisation_update, takes_only_somebody_who_may_be_responsible_as_default)
{
    struct world world;
    struct organisation organisation;
    world_open(&world);
    add_user(&world, "ann@example.com", "Ann Analyst", ROLE_ANALYST);
    CHECK_ERR(ERR_INVALID,
              update(&world, ORGANISATION_DEFAULT_MANAGER, "ann@example.com", &organisation));
    CHECK_OK(update(&world, ORGANISATION_DEFAULT_MANAGER, "Ada Admin", &organisation));
    CHECK(user_id_equal(world.admin, organisation.default_manager));
    struct partner partner = add_partner(&world, "name=A", PARTNER_PROSPECT);
    CHECK(user_id_equal(world.admin, partner.manager));
    world_close(&world);
}

TEST(organisation_update, refuses_a_change_to_a_version_that_is_past)
{
    struct world world;
    struct call call = {.change = {.version = 1}};
    world_open(&world);
    set(&call.change, ORGANISATION_NAME, "New name");
    CHECK_OK(ctx_write(&world.ctx, work_update, &call));
    set(&call.change, ORGANISATION_NAME, "Newer name");
    CHECK_ERR(ERR_STALE, ctx_write(&world.ctx, work_update, &call));
    call.change.version = 2;
    set(&call.change, ORGANISATION_NAME, "New name");
    CHECK_OK(ctx_write(&world.ctx, work_update, &call));
    CHECK_INT(2, call.organisation.version);
    CHECK_INT(1, world_number(&world, &queries[AUDIT]));
    world_close(&world);
}

static int zone_changes;

static enum err hear_zone(struct ctx *ctx)
{
    (void)ctx;
    zone_changes++;
    return OK;
}

TEST(organisation_update, tells_when_the_days_of_the_channel_move)
{
    static const struct organisation_listener listener = {hear_zone};
    struct world world;
    struct organisation organisation;
    world_open(&world);
    world.services.organisation_listener = &listener;
    zone_changes = 0;
    CHECK_OK(update(&world, ORGANISATION_NAME, "New name", &organisation));
    CHECK_OK(update(&world, ORGANISATION_TIME_ZONE, "Europe/Vienna", &organisation));
    CHECK_INT(0, zone_changes);
    CHECK_OK(update(&world, ORGANISATION_TIME_ZONE, "Asia/Tokyo", &organisation));
    CHECK_INT(1, zone_changes);
    CHECK_STR("Asia/Tokyo", organisation.time_zone);
    world_close(&world);
}
