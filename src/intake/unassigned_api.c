/* Routes of rows that belong to nobody. */
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/intake/import_view.h"

static const struct field list_fields[] = {
    PAGE_FIELDS,
    {.name = "owner",
     .type = FIELD_TEXT,
     .max = LIMIT_EXTERNAL_ID_BYTES,
     .help = "Only rows that name this owner."},
};
static const struct schema list_query = SCHEMA(NULL, NULL, list_fields);

static struct responded answer_list(struct ctx *ctx, struct request *request, struct import_id id)
{
    struct unassigned_filter filter = {id, form_text(request->query, "owner")};
    struct page page;
    struct unassigned_page found;
    if (page_from_form(ctx, request->query, "unassigned", &page) != OK ||
        unassigned_list(ctx, &filter, &page, &found) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < found.count; i++)
        unassigned_row_render(&found.rows[i], &request->json);
    respond_list_end(request, found.next);
    return respond_json(ctx, request, 200);
}

static struct responded list_all(struct ctx *ctx, struct request *request)
{
    return answer_list(ctx, request, (struct import_id){0});
}

static struct responded list_of_import(struct ctx *ctx, struct request *request)
{
    struct import_id id;
    if (REQUEST_ID(ctx, request, "id", import, &id) != OK)
        return respond_fault(ctx, request);
    return answer_list(ctx, request, id);
}

static const struct field assign_fields[] = {
    {.name = "partner_id", .type = FIELD_ID, .prefix = "ptn", .flags = FIELD_REQUIRED},
    {.name = "ids",
     .type = FIELD_TEXTS,
     .max = 20,
     .max_items = LIMIT_UNASSIGNED_ASSIGN,
     .help = "These rows; or all of an owner, for now and for later imports:"},
    {.name = "system", .type = FIELD_TEXT, .max = LIMIT_SOURCE_BYTES, .example = "salesforce"},
    {.name = "owner", .type = FIELD_TEXT, .max = LIMIT_EXTERNAL_ID_BYTES},
};
static const struct schema assign_body =
    SCHEMA("UnassignedChoice", "Which rows become the partner's.", assign_fields);
static const struct field report_fields[] = {
    {.name = "assigned", .type = FIELD_INT, .flags = FIELD_REQUIRED},
    {.name = "left",
     .type = FIELD_INT,
     .flags = FIELD_REQUIRED,
     .help = "Rows of the owner that are still to do: call again."},
};
static const struct schema report_schema =
    SCHEMA("UnassignedReport", "What was assigned.", report_fields);

static enum err read_ids(struct ctx *ctx, const struct form *body, struct unassigned_choice *choice)
{
    const struct form_value *value = form_get(body, "ids");
    int64_t *ids = ARENA_ARRAY(ctx->arena, int64_t, value->count);
    for (size_t i = 0; i < value->count; i++)
        if (!parse_int64(value->texts[i], 1, INT64_MAX, &ids[i]))
            return CTX_FAULT_FIELD(ctx, ERR_INVALID, "id_invalid", "ids",
                                   "An id is a number, as the list gives it.");
    choice->ids = ids;
    choice->count = value->count;
    return OK;
}

static struct responded assign(struct ctx *ctx, struct request *request)
{
    struct unassigned_report report;
    struct unassigned_choice choice = {.system = form_text(request->body, "system"),
                                       .owner = form_text(request->body, "owner")};
    struct partner_id partner = {form_int(request->body, "partner_id")};
    if (read_ids(ctx, request->body, &choice) != OK ||
        unassigned_assign(ctx, &choice, partner, &report) != OK)
        return respond_fault(ctx, request);
    json_begin_object(&request->json);
    json_put_int(&request->json, "assigned", report.assigned);
    json_put_int(&request->json, "left", report.left);
    json_end_object(&request->json);
    return respond_json(ctx, request, 200);
}

static uint32_t assign_weight(const struct request *request)
{
    return (uint32_t)form_get(request->body, "ids")->count + 1;
}

#define TAG .tag = "Imports"

static const struct route rows[] = {
    ROUTE("GET", "/api/v1/unassigned", ROLES_STAFF, SCOPE_READ, ACCESS_READ, TAG,
          .id = "listUnassignedRows", .summary = "Rows of all imports that belong to nobody",
          .query = &list_query, .answer = &unassigned_row_schema, .answers_list = true,
          .success = 200, .handle = list_all),
    ROUTE("GET", "/api/v1/imports/{id}/unassigned", ROLES_STAFF, SCOPE_READ, ACCESS_READ, TAG,
          .id = "listImportUnassignedRows", .summary = "Rows of an import that belong to nobody",
          .query = &list_query, .answer = &unassigned_row_schema, .answers_list = true,
          .success = 200, .handle = list_of_import),
    ROUTE("POST", "/api/v1/unassigned/assign", ROLES_MANAGE, SCOPE_IMPORT, ACCESS_WRITE, TAG,
          .id = "assignUnassignedRows", .summary = "Give rows that belong to nobody to a partner",
          .body = &assign_body, .answer = &report_schema, .success = 200, .handle = assign,
          .weight = assign_weight),
};
const struct route_table unassigned_routes = {rows, ARRAY_LEN(rows)};
