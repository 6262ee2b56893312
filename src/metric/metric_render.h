/* How numbers look in JSON, and the schemas that describe it. Private to src/metric. */
#ifndef SRC_METRIC_METRIC_RENDER_H
#define SRC_METRIC_METRIC_RENDER_H

#include "lib/json/json.h"
#include "src/core/form.h"
#include "src/metric/metric.h"

extern const struct schema metric_schema;        /* a row of the catalogue */
extern const struct schema metric_values_schema; /* all values of a query */
extern const struct schema metric_pulse_schema;
extern const struct schema metric_series_schema;
extern const struct schema metric_leader_schema;  /* one partner of a ranking */
extern const struct schema metric_product_schema; /* one product of a ranking */

/* By enum metric_step; NULL-terminated. */
extern const char *const metric_step_names[];

void metric_render(const struct metric *metric, struct json_writer *writer);
void metric_values_render(const struct metric_values *values, struct json_writer *writer);
void metric_series_render(const struct metric_series *series, struct json_writer *writer);
void metric_leader_render(const struct metric_leader *leader, struct json_writer *writer);
void metric_product_render(const struct metric_leader *leader, struct json_writer *writer);

void metric_report_render(const struct metric_report *report, struct json_writer *writer);
extern const struct schema metric_report_schema;

/* Members of an open object: "window", "scope" … */
void metric_heading_put(const struct metric_heading *heading, struct json_writer *writer);
/* One value with its formula, window and link. */
void metric_result_render(const struct metric_result *result, const struct metric_heading *heading,
                          struct json_writer *writer);
/* Where the facts of a metric are: a path with its query. */
struct str metric_facts_path(const struct metric *metric, const struct metric_heading *heading,
                             struct arena *arena);
/* A number as text; empty for "no data" or for several currencies. */
struct str metric_result_text(const struct metric_result *result, struct arena *arena);

#endif
