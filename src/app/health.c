/* Whether the server works, and what it counts. */
#include "lib/db/db.h"
#include "lib/http/http.h"
#include "src/app/dispatch.h"
#include "src/app/telemetry.h"
#include "src/app/version.h"
#include "src/core/route.h"

enum { METRICS_BYTES_MAX = 64 * 1024 };

static const struct field health_fields[] = {
    {.name = "status", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .example = "ok"},
    {.name = "version", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "database",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .help = "The engine that answered.",
     .example = "SQLite 3.40.1"},
};
static const struct schema health_schema =
    SCHEMA("Health", "The server works and its database answers.", health_fields);

/* The read snapshot around it is the check: a database that does not answer is a 503. */
static struct responded get_health(struct ctx *ctx, struct request *request)
{
    struct json_writer *json = &request->json;
    json_begin_object(json);
    json_put_str(json, "status", STR("ok"));
    json_put_str(json, "version", STR(RAPPORT_VERSION));
    json_put_str(json, "database", str_from_c(db_engine(ctx->services->db)));
    json_end_object(json);
    return respond_json(ctx, request, 200);
}

/* One metric in Prometheus' text format, version 0.0.4. */
static void put_metric(struct buf *buf, const char *name, const char *type, int64_t value)
{
    buf_format(buf, "# TYPE rapport_%s %s\nrapport_%s %lld\n", name, type, name, (long long)value);
}

static void put_requests(struct buf *buf, struct dispatch *dispatch)
{
    static const char *const classes[] = {"gone", "1xx", "2xx", "3xx", "4xx", "5xx"};
    struct dispatch_counts counts;
    dispatch_counts(dispatch, &counts);
    buf_add(buf, STR("# TYPE rapport_http_requests_total counter\n"));
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        buf_format(buf, "rapport_http_requests_total{class=\"%s\"} %llu\n", classes[i],
                   (unsigned long long)counts.by_class[i]);
    buf_format(buf,
               "# TYPE rapport_http_request_seconds_total counter\n"
               "rapport_http_request_seconds_total %.6f\n",
               (double)counts.duration_us / 1e6);
}

static void put_connections(struct buf *buf, struct http_server *server)
{
    struct http_counts counts;
    http_server_counts(server, &counts);
    put_metric(buf, "http_connections", "gauge", counts.connections);
    put_metric(buf, "http_requests_waiting", "gauge", counts.waiting);
    put_metric(buf, "http_refused_total", "counter", (int64_t)counts.refused);
    put_metric(buf, "http_sent_bytes_total", "counter", (int64_t)counts.bytes_sent);
}

static struct responded get_metrics(struct ctx *ctx, struct request *request)
{
    struct buf buf;
    const struct telemetry *telemetry = ctx->services->telemetry;
    buf_init(&buf, ctx->arena, METRICS_BYTES_MAX);
    buf_add(&buf, STR("# TYPE rapport_info gauge\n"
                      "rapport_info{version=\"" RAPPORT_VERSION "\"} 1\n"));
    put_metric(&buf, "database_bytes", "gauge", db_size_bytes(ctx->services->db));
    if (telemetry) {
        put_metric(&buf, "start_time_seconds", "gauge", telemetry->started_ms / MS_PER_SECOND);
        put_requests(&buf, telemetry->dispatch);
        put_connections(&buf, telemetry->server);
    }
    return respond_text(ctx, request, 200, "text/plain; version=0.0.4", buf_str(&buf));
}

static const struct route routes[] = {
    ROUTE("GET", "/healthz", ROLES_ANYONE, SCOPE_NONE, ACCESS_READ, .id = "getHealth",
          .summary = "Whether the server works", .tag = "Service", .answer = &health_schema,
          .success = 200, .handle = get_health),
    ROUTE("GET", "/metrics", ROLES_STAFF, SCOPE_READ, ACCESS_READ, .id = "getMetrics",
          .summary = "Counters for Prometheus", .tag = "Service", .success = 200,
          .answer_type = "text/plain", .handle = get_metrics),
};
const struct route_table health_routes = {routes, ARRAY_LEN(routes)};
