/* What the server counts about itself, for /metrics. */
#ifndef SRC_APP_TELEMETRY_H
#define SRC_APP_TELEMETRY_H

#include <stdint.h>

struct dispatch;
struct http_server;

/* Filled by `rapport serve` before the first request. */
struct telemetry {
    struct dispatch *dispatch;
    struct http_server *server;
    int64_t started_ms;
};

struct route_table;
extern const struct route_table health_routes;

#endif
