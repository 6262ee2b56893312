/* Finds the route of a method and a decoded path: a tree of segments, made once. Private. */
#ifndef LIB_HTTP_ROUTER_H
#define LIB_HTTP_ROUTER_H

#include "lib/http/http.h"

enum { ROUTER_PARAMS_MAX = 8 };

struct router;

struct route_match {
    const struct http_route *route;
    struct str params[ROUTER_PARAMS_MAX]; /* in the path's order; slices of it */
    unsigned allowed;                     /* methods the path has; 0: there is no such path */
};

/* The routes are borrowed. A method or path that makes no sense, or one given twice, aborts. */
struct router *router_new(const struct http_route *routes, size_t count);
void router_free(struct router *router);

/* The bit of a known method, else 0. */
unsigned router_method(struct str method);
/* HEAD finds GET. A literal segment goes before a parameter. */
void router_find(const struct router *router, unsigned method, struct str path,
                 struct route_match *ret_match);
/* "GET, HEAD, POST" in the arena. */
struct str router_allow(unsigned allowed, struct arena *arena);
/* Which of the match's params the name is; -1 when the path has none of it. */
int router_param_index(const struct http_route *route, struct str name);

#endif
