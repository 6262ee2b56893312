/* The OpenAPI 3.1 document, made from the route rows. */
#ifndef SRC_APP_OPENAPI_H
#define SRC_APP_OPENAPI_H

#include "src/core/request.h"
#include "src/core/route.h"

/* One line of compact JSON. */
struct str openapi_render(struct arena *arena);
extern const struct route_table openapi_routes;

#endif
