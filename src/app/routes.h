/* Every route and every command of the product. */
#ifndef SRC_APP_ROUTES_H
#define SRC_APP_ROUTES_H

#include <stddef.h>

struct route;
struct route_table;
struct query_table;

extern const struct route_table *const all_routes[];
extern const size_t all_routes_count;
extern const struct query_table *const all_queries[];
extern const size_t all_queries_count;

/* The number of rows over all tables, and the row at `index` (NULL past the end). */
size_t route_count(void);
const struct route *route_at(size_t index);

#endif
