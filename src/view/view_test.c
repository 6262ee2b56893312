/* Saved views: each user's own, within their limits. */
#include "src/view/view.h"

#include "tests/support/test.h"
#include "tests/support/world.h"

#define SCOPED_WORLD CLEANUP(world_close) struct world

struct job {
    struct view view;
    struct view_change change;
    struct views views;
};

static enum err create(struct ctx *ctx, void *arg)
{
    struct job *job = arg;
    return view_create(ctx, &job->view, &job->view);
}
static enum err update(struct ctx *ctx, void *arg)
{
    struct job *job = arg;
    return view_update(ctx, job->view.id, &job->change, &job->view);
}
static enum err drop(struct ctx *ctx, void *arg)
{
    const struct job *job = arg;
    return view_delete(ctx, job->view.id);
}
static enum err list(struct ctx *ctx, void *arg)
{
    struct job *job = arg;
    return view_list(ctx, STR(""), &job->views);
}

static struct job named(const char *name)
{
    return (struct job){
        .view = {.list = STR("partners"), .name = str_from_c(name), .query = STR("tier=gold")}};
}

TEST(view_create, keeps_a_view_for_its_user_alone)
{
    SCOPED_WORLD world;
    world_open(&world);
    struct job job = named("Gold"), others = named("x");
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), create, &job));
    CHECK_OK(ctx_read(world_as(&world, ROLE_MANAGER), list, &job));
    CHECK_INT(1, job.views.count);
    CHECK_STR("tier=gold", job.views.rows[0].query);
    CHECK_OK(ctx_read(world_as(&world, ROLE_ADMIN), list, &others));
    CHECK_INT(0, others.views.count);
    others.view.id = job.view.id;
    others.change = (struct view_change){.version = 1};
    CHECK_ERR(ERR_NOT_FOUND, ctx_write(world_as(&world, ROLE_ADMIN), update, &others));
    CHECK_ERR(ERR_NOT_FOUND, ctx_write(world_as(&world, ROLE_ADMIN), drop, &others));
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), drop, &job));
    CHECK_OK(ctx_read(world_as(&world, ROLE_MANAGER), list, &job));
    CHECK_INT(0, job.views.count);
}

TEST(view_create, refuses_a_second_of_the_name_bad_lists_and_too_many)
{
    SCOPED_WORLD world;
    world_open(&world);
    struct job job = named("Gold"), again = named("Gold"), bad = named("Bad");
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), create, &job));
    CHECK_ERR(ERR_CONFLICT, ctx_write(world_as(&world, ROLE_MANAGER), create, &again));
    again.view.list = STR("facts");
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), create, &again));
    bad.view.list = STR("Partners?");
    CHECK_ERR(ERR_INVALID, ctx_write(world_as(&world, ROLE_MANAGER), create, &bad));
    for (int i = 2; i < VIEW_MAX; i++) {
        struct job more = named("x");
        more.view.name = arena_format(&world.arena, "View %d", i);
        CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), create, &more));
    }
    struct job last = named("One more");
    CHECK_ERR(ERR_TOO_LARGE, ctx_write(world_as(&world, ROLE_MANAGER), create, &last));
}

TEST(view_update, renames_and_replaces_what_is_given)
{
    SCOPED_WORLD world;
    world_open(&world);
    struct job job = named("Gold"), other = named("Silver");
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), create, &job));
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), create, &other));
    job.change = (struct view_change){.version = 1, .has_name = true, .name = STR("Best")};
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), update, &job));
    CHECK_STR("Best", job.view.name);
    CHECK_STR("tier=gold", job.view.query);
    CHECK_INT(2, job.view.version);
    CHECK_ERR(ERR_STALE, ctx_write(world_as(&world, ROLE_MANAGER), update, &job));
    job.change = (struct view_change){.version = 2, .has_name = true, .name = STR("Silver")};
    CHECK_ERR(ERR_CONFLICT, ctx_write(world_as(&world, ROLE_MANAGER), update, &job));
    job.change = (struct view_change){.version = 2, .has_query = true, .query = STR("")};
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), update, &job));
    CHECK_STR("", job.view.query);
}

TEST(view_list, is_refused_to_who_is_no_user)
{
    SCOPED_WORLD world;
    world_open(&world);
    struct job job = named("Gold");
    struct ctx *ctx = world_as(&world, ROLE_ADMIN);
    ctx->actor.user.v = 0;
    CHECK_ERR(ERR_INVALID, ctx_read(ctx, list, &job));
    CHECK_ERR(ERR_INVALID, ctx_write(ctx, create, &job));
}
