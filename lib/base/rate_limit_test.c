/* The limit of rate: what a caller may rely on, with the time in the test's hand. */
#include <stdio.h>

#include "lib/base/rate_limit.h"
#include "tests/support/test.h"

static void release_limit(struct rate_limit **limit)
{
    rate_limit_free(*limit);
}

#define SCOPED_LIMIT CLEANUP(release_limit) struct rate_limit *

TEST(rate_limit, gives_a_burst_and_then_one_token_at_a_time)
{
    SCOPED_LIMIT limit = rate_limit_new(2, 3, 100, test_seed());
    for (int i = 0; i < 3; i++)
        CHECK_INT(0, rate_limit_take(limit, STR("a"), 1, 1000));
    CHECK(rate_limit_take(limit, STR("a"), 1, 1000) >= 500);
    CHECK(rate_limit_take(limit, STR("a"), 1, 1499) > 0);
    CHECK_INT(0, rate_limit_take(limit, STR("a"), 1, 1510));
    CHECK(rate_limit_take(limit, STR("a"), 1, 1510) > 0);
}

TEST(rate_limit, takes_nothing_when_it_refuses)
{
    SCOPED_LIMIT limit = rate_limit_new(1, 5, 100, test_seed());
    CHECK(rate_limit_take(limit, STR("a"), 6, 0) > 0);
    CHECK_INT(0, rate_limit_take(limit, STR("a"), 5, 0));
}

TEST(rate_limit, keeps_one_key_from_spending_for_another)
{
    SCOPED_LIMIT limit = rate_limit_new(1, 1, 100, test_seed());
    CHECK_INT(0, rate_limit_take(limit, STR("a"), 1, 0));
    CHECK_INT(0, rate_limit_take(limit, STR("b"), 1, 0));
    CHECK(rate_limit_take(limit, STR("a"), 1, 0) > 0);
}

TEST(rate_limit, is_not_moved_by_a_clock_that_steps_back)
{
    SCOPED_LIMIT limit = rate_limit_new(1000, 1, 100, test_seed());
    CHECK_INT(0, rate_limit_take(limit, STR("a"), 1, 1000000));
    CHECK(rate_limit_take(limit, STR("a"), 1, 10) > 0);
}

TEST(rate_limit, remembers_a_spent_key_while_many_others_pass)
{
    SCOPED_LIMIT limit = rate_limit_new(0.001, 10, 64, test_seed());
    CHECK_INT(0, rate_limit_take(limit, STR("spent"), 10, 0));
    for (int i = 0; i < 10000; i++) {
        char key[16];
        int len = snprintf(key, sizeof(key), "other-%d", i);
        CHECK_INT(0, rate_limit_take(limit, (struct str){key, (size_t)len}, 1, 0));
    }
    CHECK(rate_limit_take(limit, STR("spent"), 1, 0) > 0);
}
