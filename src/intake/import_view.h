/* How imports look in the API. Private to src/intake. */
#ifndef SRC_INTAKE_IMPORT_VIEW_H
#define SRC_INTAKE_IMPORT_VIEW_H

#include "src/core/form.h"
#include "src/core/request.h"
#include "src/intake/intake.h"

struct json_writer;
extern const struct schema import_schema, import_preview_schema, import_bad_row_schema,
    unassigned_row_schema;
void import_render(const struct import *import, struct json_writer *writer);
/* With its first bad rows. */
void import_preview_render(const struct import *import, struct json_writer *writer);
void import_bad_row_render(const struct import_bad_row *row, struct json_writer *writer);
/* The import with its version, by the route's status. */
struct responded import_answer(struct ctx *ctx, struct request *request, struct import_id id);
void unassigned_row_render(const struct unassigned_row *row, struct json_writer *writer);

#endif
