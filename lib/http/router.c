/* A tree of path segments; a node holds what ends there by method, its literal children and one
 * parameter. */
#include "lib/http/router.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/buf.h"

static const struct str methods[] = {STR_INIT("GET"),    STR_INIT("HEAD"),  STR_INIT("POST"),
                                     STR_INIT("PUT"),    STR_INIT("PATCH"), STR_INIT("DELETE"),
                                     STR_INIT("OPTIONS")};
enum { METHOD_COUNT = ARRAY_LEN(methods), METHOD_GET = 1, METHOD_HEAD = 2, ALLOW_BYTES_MAX = 64 };

struct node {
    struct str segment;
    struct node *literals; /* the first child */
    struct node *next;     /* its next sibling */
    struct node *parameter;
    const struct http_route *routes[METHOD_COUNT];
    unsigned allowed;
};

struct router {
    struct arena arena;
    struct node root;
};

struct search {
    unsigned method;
    struct route_match *match;
};

unsigned router_method(struct str method)
{
    for (unsigned i = 0; i < METHOD_COUNT; i++)
        if (str_equal(methods[i], method))
            return 1U << i;
    return 0;
}

static size_t method_index(unsigned bit)
{
    size_t index = 0;
    while (!(bit >> index & 1U))
        index++;
    return index;
}

/* ---- making it ---- */

static bool is_parameter(struct str segment)
{
    return segment.len > 2 && segment.ptr[0] == '{' && segment.ptr[segment.len - 1] == '}';
}

static struct node *add_segment(struct router *router, struct node *parent, struct str segment)
{
    if (is_parameter(segment)) {
        if (!parent->parameter)
            parent->parameter = ARENA_NEW(&router->arena, struct node);
        return parent->parameter;
    }
    for (struct node *child = parent->literals; child; child = child->next)
        if (str_equal(child->segment, segment))
            return child;
    struct node *child = ARENA_NEW(&router->arena, struct node);
    child->segment = segment;
    child->next = parent->literals;
    parent->literals = child;
    return child;
}

static void add_route(struct router *router, const struct http_route *route)
{
    struct str rest = str_from_c(route->path), segment;
    unsigned method = router_method(str_from_c(route->method));
    struct node *node = &router->root;
    size_t params = 0;
    assert(rest.len && rest.ptr[0] == '/' && method);
    rest = str_slice(rest, 1, rest.len);
    while (str_split(&rest, '/', &segment)) {
        node = add_segment(router, node, segment);
        params += is_parameter(segment);
    }
    assert(params <= ROUTER_PARAMS_MAX && !(node->allowed & method));
    node->routes[method_index(method)] = route;
    node->allowed |= method;
}

struct router *router_new(const struct http_route *routes, size_t count)
{
    struct router *router = calloc(1, sizeof(*router));
    if (!router)
        abort();
    arena_init(&router->arena, SIZE_MAX);
    for (size_t i = 0; i < count; i++)
        add_route(router, &routes[i]);
    return router;
}

void router_free(struct router *router)
{
    if (router)
        arena_finish(&router->arena);
    free(router);
}

/* ---- finding ---- */

static bool take_end(const struct node *node, const struct search *search)
{
    search->match->allowed |= node->allowed;
    unsigned method = search->method;
    if (method == METHOD_HEAD && !(node->allowed & METHOD_HEAD))
        method = METHOD_GET;
    if (!(node->allowed & method))
        return false;
    search->match->route = node->routes[method_index(method)];
    return true;
}

static bool find_below(const struct node *node, struct str rest, size_t params,
                       const struct search *search)
{
    struct str segment;
    if (!str_split(&rest, '/', &segment))
        return take_end(node, search);
    for (const struct node *child = node->literals; child; child = child->next)
        if (str_equal(child->segment, segment) && find_below(child, rest, params, search))
            return true;
    if (!node->parameter || !segment.len)
        return false;
    search->match->params[params] = segment;
    return find_below(node->parameter, rest, params + 1, search);
}

void router_find(const struct router *router, unsigned method, struct str path,
                 struct route_match *ret_match)
{
    struct search search = {.method = method, .match = ret_match};
    ret_match->route = NULL;
    ret_match->allowed = 0;
    find_below(&router->root, str_slice(path, 1, path.len), 0, &search);
}

struct str router_allow(unsigned allowed, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, ALLOW_BYTES_MAX);
    if (allowed & METHOD_GET)
        allowed |= METHOD_HEAD;
    for (unsigned i = 0; i < METHOD_COUNT; i++) {
        if (!(allowed >> i & 1U))
            continue;
        if (buf.len)
            buf_add(&buf, STR(", "));
        buf_add(&buf, methods[i]);
    }
    return buf_str(&buf);
}

int router_param_index(const struct http_route *route, struct str name)
{
    struct str rest = str_from_c(route->path), segment;
    int index = 0;
    while (str_split(&rest, '/', &segment)) {
        if (!is_parameter(segment))
            continue;
        if (str_equal(str_slice(segment, 1, segment.len - 1), name))
            return index;
        index++;
    }
    return -1;
}
