/* Actions on many partners: all or none, an audit row each. */
#include "lib/db/db.h"
#include "src/partner/partner.h"
#include "tests/support/directory.h"
#include "tests/support/test.h"

struct acting {
    struct partner_id ids[8];
    size_t count;
    struct user_id manager;
    enum partner_status to;
    struct partner_tag_change tags;
    size_t changed;
};

static enum err assign(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    return partner_assign(ctx, acting->ids, acting->count, acting->manager, &acting->changed);
}

static enum err move(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    return partner_move_all(ctx, acting->ids, acting->count, acting->to, &acting->changed);
}

static enum err tag(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    return partner_tag_all(ctx, acting->ids, acting->count, &acting->tags, &acting->changed);
}

static int64_t audit_rows(struct world *world)
{
    static const struct query rows = {"test audit", "SELECT COUNT(*) AS n FROM audit", NULL};
    return world_number(world, &rows);
}

static struct acting three_partners(struct world *world)
{
    struct acting acting = {.count = 3};
    acting.ids[0] = directory_add(world, "Alpha");
    acting.ids[1] = directory_add(world, "Beta");
    acting.ids[2] = directory_add(world, "Gamma");
    return acting;
}

TEST(partner_assign, gives_many_to_one_manager_with_an_audit_row_each)
{
    struct world world;
    world_open(&world);
    struct acting acting = three_partners(&world);
    directory_set(&world, acting.ids[2], PARTNER_MANAGER, WORLD_ADMIN_EMAIL);
    int64_t before = audit_rows(&world);
    acting.manager = world.admin;
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), assign, &acting));
    CHECK_INT(2, acting.changed);
    CHECK_INT(before + 2, audit_rows(&world));
    for (size_t i = 0; i < 3; i++)
        CHECK(user_id_equal(world.admin, directory_get(&world, acting.ids[i]).manager));
    world_close(&world);
}

TEST(partner_assign, changes_nothing_when_one_is_not_there)
{
    struct world world;
    world_open(&world);
    struct acting acting = three_partners(&world);
    int64_t before = audit_rows(&world);
    acting.ids[1].v = 12345;
    acting.manager = world.admin;
    CHECK_ERR(ERR_NOT_FOUND, ctx_write(world_as(&world, ROLE_MANAGER), assign, &acting));
    CHECK(user_id_equal(world.manager, directory_get(&world, acting.ids[0]).manager));
    CHECK_INT(before, audit_rows(&world));
    world_close(&world);
}

TEST(partner_assign, refuses_who_may_not_manage)
{
    struct world world;
    world_open(&world);
    struct acting acting = three_partners(&world);
    acting.manager.v = 4711;
    struct ctx *ctx = world_as(&world, ROLE_MANAGER);
    CHECK_ERR(ERR_INVALID, ctx_write(ctx, assign, &acting));
    CHECK_STR("manager", str_from_c(ctx->fault.field));
    world_close(&world);
}

TEST(partner_assign, counts_a_partner_once_that_is_named_twice)
{
    struct world world;
    world_open(&world);
    struct acting acting = three_partners(&world);
    acting.ids[1] = acting.ids[0];
    acting.manager = world.admin;
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), assign, &acting));
    CHECK_INT(2, acting.changed);
    world_close(&world);
}

TEST(partner_move_all, moves_those_that_are_elsewhere)
{
    struct world world;
    world_open(&world);
    struct acting acting = three_partners(&world);
    directory_move(&world, acting.ids[1], PARTNER_ONBOARDING);
    acting.to = PARTNER_ONBOARDING;
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), move, &acting));
    CHECK_INT(2, acting.changed);
    for (size_t i = 0; i < 3; i++)
        CHECK_INT(PARTNER_ONBOARDING, directory_get(&world, acting.ids[i]).status);
    world_close(&world);
}

TEST(partner_move_all, names_the_partner_that_refuses_and_moves_none)
{
    struct world world;
    world_open(&world);
    struct acting acting = three_partners(&world);
    directory_move(&world, acting.ids[0], PARTNER_ONBOARDING);
    directory_move(&world, acting.ids[0], PARTNER_ACTIVE);
    acting.to = PARTNER_SUSPENDED;
    struct ctx *ctx = world_as(&world, ROLE_MANAGER);
    CHECK_ERR(ERR_CONFLICT, ctx_write(ctx, move, &acting));
    CHECK(str_starts_with(str_from_c(ctx->fault.sentence), STR("Beta: ")));
    CHECK_INT(PARTNER_ACTIVE, directory_get(&world, acting.ids[0]).status);
    world_close(&world);
}

TEST(partner_tag_all, adds_and_removes_in_one_audit_row_each)
{
    struct world world;
    world_open(&world);
    struct acting acting = three_partners(&world);
    const struct str add[] = {STR("vip"), STR("fair 2024")}, remove[] = {STR("old")};
    directory_add_tag(&world, acting.ids[0], "old");
    int64_t before = audit_rows(&world);
    acting.tags = (struct partner_tag_change){add, 2, remove, 1};
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), tag, &acting));
    CHECK_INT(3, acting.changed);
    CHECK_INT(before + 3, audit_rows(&world));
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), tag, &acting));
    CHECK_INT(0, acting.changed);
    struct partner_filter vip = {.tag = STR("vip")}, old = {.tag = STR("old")};
    CHECK_STR("Alpha;Beta;Gamma;", directory_names(&world, &vip, "name"));
    CHECK_STR("", directory_names(&world, &old, "name"));
    world_close(&world);
}
