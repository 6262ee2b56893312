/* Which route a method and path find. */
#include "lib/http/router.h"
#include "tests/support/test.h"

static const struct http_route routes[] = {
    {.method = "GET", .path = "/"},
    {.method = "GET", .path = "/api/partners"},
    {.method = "POST", .path = "/api/partners"},
    {.method = "GET", .path = "/api/partners/{id}"},
    {.method = "POST", .path = "/api/partners/merge"},
    {.method = "PUT", .path = "/api/partners/{partner}/tags/{tag}"},
};

static void release_router(struct router **router)
{
    router_free(*router);
}

static struct route_match find(const char *method, const char *path)
{
    CLEANUP(release_router) struct router *router = router_new(routes, ARRAY_LEN(routes));
    struct route_match match = {0};
    router_find(router, router_method(str_from_c(method)), str_from_c(path), &match);
    return match;
}

TEST(router, finds_literals_and_parameters)
{
    CHECK(find("GET", "/").route == &routes[0]);
    CHECK(find("POST", "/api/partners").route == &routes[2]);
    struct route_match match = find("PUT", "/api/partners/ptn_1/tags/gold");
    CHECK(match.route == &routes[5]);
    CHECK_STR("ptn_1", match.params[router_param_index(match.route, STR("partner"))]);
    CHECK_STR("gold", match.params[router_param_index(match.route, STR("tag"))]);
    CHECK_INT(-1, router_param_index(match.route, STR("id")));
}

TEST(router, prefers_a_literal_but_falls_back_to_the_parameter)
{
    CHECK(find("POST", "/api/partners/merge").route == &routes[4]);
    CHECK(find("GET", "/api/partners/merge").route == &routes[3]);
}

TEST(router, answers_HEAD_with_GET)
{
    CHECK(find("HEAD", "/api/partners").route == &routes[1]);
    CHECK(!find("HEAD", "/api/partners/a/tags/b").route);
}

TEST(router, knows_no_path_with_an_empty_segment)
{
    CHECK_INT(0, find("GET", "/api/partners/").allowed);
    CHECK_INT(0, find("GET", "/api").allowed);
    CHECK_INT(0, find("GET", "/api/partners/a/b").allowed);
}

TEST(router, lists_the_methods_of_a_path)
{
    struct arena arena;
    arena_init(&arena, 1000);
    struct route_match match = find("DELETE", "/api/partners/merge");
    CHECK(!match.route);
    CHECK_STR("GET, HEAD, POST", router_allow(match.allowed, &arena));
    arena_finish(&arena);
}
