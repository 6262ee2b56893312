/* Every migration and every statement of the product, on the engine. */
#include "src/app/schema.h"

#include "lib/db/db.h"
#include "src/app/routes.h"
#include "tests/support/test.h"
#include "tests/support/world.h"

TEST(every_statement, is_prepared_on_the_migrated_database)
{
    struct world world;
    struct fault fault;
    world_open(&world);
    for (size_t i = 0; i < all_queries_count; i++)
        if (db_prepare_all(world.services.db, all_queries[i], &fault) != OK)
            test_fail(__FILE__, __LINE__, "%s: %s", all_queries[i]->name, fault.detail);
    world_close(&world);
}

TEST(world, stays_as_it_was_when_it_is_opened_again)
{
    static const struct query users = {"users", "SELECT COUNT(*) AS n FROM user_account", NULL};
    struct world world;
    world_open(&world);
    CHECK_INT(2, world_number(&world, &users));
    world_reopen(&world);
    CHECK_INT(2, world_number(&world, &users));
    CHECK_INT(WORLD_START_MS, world_as(&world, ROLE_ADMIN)->now_ms);
    world_set_now(&world, WORLD_START_MS + 1);
    CHECK_INT(WORLD_START_MS + 1, world_as(&world, ROLE_MANAGER)->now_ms);
    CHECK(user_id_equal(world.manager, world.ctx.actor.user));
    world_close(&world);
}
