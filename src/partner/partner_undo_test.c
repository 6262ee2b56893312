/* Actions on many partners, taken back: all or none. */
#include "src/partner/partner.h"

#include "tests/support/directory.h"
#include "tests/support/test.h"

enum { COUNT = 3 };

struct acting {
    struct partner_id ids[COUNT];
    struct user_id manager;
    enum partner_status to;
    struct partner_tag_change tags;
    struct partner_action action;
    size_t partners, changed;
};

static enum err assign(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    acting->action.from = ctx_next_id(ctx);
    TRY(partner_assign(ctx, acting->ids, COUNT, acting->manager, &acting->changed));
    acting->action.to = ctx_next_id(ctx);
    return OK;
}

static enum err move(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    acting->action.from = ctx_next_id(ctx);
    TRY(partner_move_all(ctx, acting->ids, COUNT, acting->to, &acting->changed));
    acting->action.to = ctx_next_id(ctx);
    return OK;
}

static enum err tag(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    acting->action.from = ctx_next_id(ctx);
    TRY(partner_tag_all(ctx, acting->ids, COUNT, &acting->tags, &acting->changed));
    acting->action.to = ctx_next_id(ctx);
    return OK;
}

/* Leaves behind what takes the undo back. */
static enum err undo(struct ctx *ctx, void *arg)
{
    struct acting *acting = arg;
    struct partner_action action = acting->action;
    acting->action.from = ctx_next_id(ctx);
    TRY(partner_undo(ctx, &action, &acting->partners, &acting->changed));
    acting->action.to = ctx_next_id(ctx);
    return OK;
}

#define SCOPED_WORLD CLEANUP(world_close) struct world

static struct acting open_three(struct world *world)
{
    static const char *const names[COUNT] = {"Alpha", "Beta", "Gamma"};
    struct acting acting = {.partners = 0};
    world_open(world);
    for (int i = 0; i < COUNT; i++)
        acting.ids[i] = directory_add(world, names[i]);
    return acting;
}

static struct str tagged(struct world *world, struct str tag)
{
    struct partner_filter filter = {.tag = tag};
    return directory_names(world, &filter, NULL);
}

static enum err run(struct world *world, ctx_work *work, struct acting *acting)
{
    return ctx_write(world_as(world, ROLE_MANAGER), work, acting);
}

TEST(partner_undo, gives_each_partner_back_to_its_own_manager_and_again)
{
    SCOPED_WORLD world;
    struct acting acting = open_three(&world);
    directory_set(&world, acting.ids[2], PARTNER_MANAGER, WORLD_ADMIN_EMAIL);
    acting.manager = world.admin;
    CHECK_OK(run(&world, assign, &acting));
    CHECK_OK(run(&world, undo, &acting));
    CHECK_INT(2, acting.changed);
    CHECK_STR("Max Manager", directory_get(&world, acting.ids[0]).manager_name);
    CHECK_STR("Max Manager", directory_get(&world, acting.ids[1]).manager_name);
    CHECK_STR("Ada Admin", directory_get(&world, acting.ids[2]).manager_name);
    CHECK_OK(run(&world, undo, &acting));
    CHECK_STR("Ada Admin", directory_get(&world, acting.ids[0]).manager_name);
}

TEST(partner_undo, changes_nothing_when_one_was_changed_since)
{
    SCOPED_WORLD world;
    struct acting acting = open_three(&world);
    acting.manager = world.admin;
    CHECK_OK(run(&world, assign, &acting));
    directory_set(&world, acting.ids[0], PARTNER_CITY, "Wien"); /* another field is no conflict */
    directory_set(&world, acting.ids[0], PARTNER_MANAGER, WORLD_MANAGER_EMAIL);
    CHECK_ERR(ERR_CONFLICT, run(&world, undo, &acting));
    CHECK_STR("Alpha has been changed since; nothing was taken back.",
              str_from_c(world.ctx.fault.sentence));
    CHECK_STR("Ada Admin", directory_get(&world, acting.ids[1]).manager_name);
    CHECK_STR("Ada Admin", directory_get(&world, acting.ids[2]).manager_name);
}

TEST(partner_undo, takes_a_status_back_where_the_table_of_moves_has_the_way)
{
    SCOPED_WORLD world;
    struct acting acting = open_three(&world);
    acting.to = PARTNER_ONBOARDING;
    CHECK_OK(run(&world, move, &acting));
    CHECK_OK(run(&world, undo, &acting));
    CHECK_INT(PARTNER_PROSPECT, directory_get(&world, acting.ids[0]).status);
    acting.to = PARTNER_ACTIVE;
    CHECK_OK(run(&world, move, &acting));
    CHECK_ERR(ERR_CONFLICT, run(&world, undo, &acting));
    CHECK_INT(PARTNER_ACTIVE, directory_get(&world, acting.ids[0]).status);
}

TEST(partner_undo, takes_only_those_tags_back_that_the_action_brought)
{
    static const struct str vip[] = {{"vip", 3}}, both[] = {{"vip", 3}, {"key account", 11}};
    SCOPED_WORLD world;
    struct acting acting = open_three(&world), first = acting;
    first.tags = (struct partner_tag_change){.add = vip, .add_count = 1};
    CHECK_OK(run(&world, tag, &first));
    acting.tags = (struct partner_tag_change){.add = both, .add_count = 2};
    CHECK_OK(run(&world, tag, &acting));
    CHECK_OK(run(&world, undo, &acting));
    CHECK_INT(COUNT, acting.changed);
    CHECK_STR("Alpha;Beta;Gamma;", tagged(&world, STR("vip")));
    CHECK_STR("", tagged(&world, STR("key account")));
    CHECK_OK(run(&world, undo, &acting));
    CHECK_STR("Alpha;Beta;Gamma;", tagged(&world, STR("key account")));
}

TEST(partner_undo, is_for_who_did_it)
{
    SCOPED_WORLD world;
    struct acting acting = open_three(&world);
    acting.manager = world.admin;
    CHECK_OK(run(&world, assign, &acting));
    CHECK_ERR(ERR_NOT_FOUND, ctx_write(world_as(&world, ROLE_ADMIN), undo, &acting));
    acting.action = (struct partner_action){1, 2};
    CHECK_ERR(ERR_NOT_FOUND, run(&world, undo, &acting));
}
