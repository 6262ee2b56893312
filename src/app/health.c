/* Whether the server works, and what it counts. */
#include <unistd.h>

#include "lib/base/parse.h"
#include "lib/db/db.h"
#include "lib/http/http.h"
#include "src/app/data.h"
#include "src/app/dispatch.h"
#include "src/app/telemetry.h"
#include "src/app/version.h"
#include "src/core/route.h"
#include "src/ledger/rollup.h"
#include "src/organisation/organisation.h"

enum { METRICS_BYTES_MAX = 64 * 1024, STATM_BYTES_MAX = 256 };

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

/* Reading a row is the check: a database that does not answer is no good server. */
static struct responded get_health(struct ctx *ctx, struct request *request)
{
    struct json_writer *json = &request->json;
    struct organisation organisation;
    if (organisation_get(ctx, &organisation) != OK)
        return respond_fault(ctx, request);
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
    put_metric(buf, "http_streams", "gauge", counts.streams);
    put_metric(buf, "http_streams_dropped_total", "counter", (int64_t)counts.streams_dropped);
    put_metric(buf, "http_requests_waiting", "gauge", counts.waiting);
    put_metric(buf, "http_refused_total", "counter", (int64_t)counts.refused);
    put_metric(buf, "http_sent_bytes_total", "counter", (int64_t)counts.bytes_sent);
}

static void count_facts(void *self, const struct rollup_row *row)
{
    int64_t *facts = self;
    facts[row->kind] += row->totals.facts;
}

/* By kind, out of the channel's rollups: as many rows as days. */
static enum err put_facts(struct ctx *ctx, struct buf *buf)
{
    int64_t facts[FACT_KIND_COUNT] = {0};
    struct rollup_query query = {0};
    bool any;
    TRY(rollup_days(ctx, &query.from, &query.to, &any));
    query.to.v++;
    if (any)
        TRY(rollup_read_channel(ctx, &query, count_facts, facts));
    buf_add(buf, STR("# TYPE rapport_facts gauge\n"));
    for (int kind = 1; kind < FACT_KIND_COUNT; kind++)
        buf_format(buf, "rapport_facts{kind=\"%s\"} %lld\n", fact_kind_name((enum fact_kind)kind),
                   (long long)facts[kind]);
    return OK;
}

/* Of the whole process; 0 where the system does not tell. */
static int64_t resident_bytes(struct ctx *ctx)
{
    struct fault ignored;
    struct str text, pages;
    int64_t count;
    if (data_read(STR("/proc/self/statm"), STATM_BYTES_MAX, ctx->arena, &text, &ignored) != OK ||
        !str_split(&text, ' ', &pages) || !str_split(&text, ' ', &pages) ||
        !parse_int64(pages, 0, INT32_MAX, &count))
        return 0;
    return count * sysconf(_SC_PAGESIZE);
}

static struct responded get_metrics(struct ctx *ctx, struct request *request)
{
    struct buf buf;
    const struct telemetry *telemetry = ctx->services->telemetry;
    buf_init(&buf, ctx->arena, METRICS_BYTES_MAX);
    buf_add(&buf, STR("# TYPE rapport_info gauge\n"
                      "rapport_info{version=\"" RAPPORT_VERSION "\"} 1\n"));
    put_metric(&buf, "database_bytes", "gauge", db_size_bytes(ctx->services->db));
    put_metric(&buf, "writes_waiting", "gauge", (int64_t)db_waiting(ctx->services->db));
    put_metric(&buf, "leads", "gauge", services_lead(ctx->services));
    put_metric(&buf, "resident_memory_bytes", "gauge", resident_bytes(ctx));
    if (put_facts(ctx, &buf) != OK)
        return respond_fault(ctx, request);
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
