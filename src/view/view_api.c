/* Routes of saved views. */
#include "src/core/route.h"
#include "src/view/view.h"

#define LIST_FIELD(flags_, help_)                                                      \
    {                                                                                  \
        .name = "list", .type = FIELD_TEXT, .flags = (flags_), .max = VIEW_LIST_BYTES, \
        .help = (help_), .example = "partners"                                         \
    }
#define NAME_FIELD(flags_)                                                             \
    {                                                                                  \
        .name = "name", .type = FIELD_TEXT, .flags = (flags_), .max = VIEW_NAME_BYTES, \
        .help = "Unique within the list.", .example = "Gold in Austria"                \
    }
#define QUERY_FIELD(flags_)                                                              \
    {                                                                                    \
        .name = "query", .type = FIELD_TEXT, .flags = (flags_), .max = VIEW_QUERY_BYTES, \
        .help = "Kept as it is; the server does not read it.",                           \
        .example = "tier=gold&country=AT&sort=-sales"                                    \
    }

static const struct field view_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "vew", .flags = FIELD_REQUIRED},
    LIST_FIELD(FIELD_REQUIRED, NULL),
    NAME_FIELD(FIELD_REQUIRED),
    QUERY_FIELD(FIELD_REQUIRED),
    {.name = "created_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "updated_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_INT, .flags = FIELD_REQUIRED},
};
static const struct schema view_schema =
    SCHEMA("View", "How a user left a list, under a name.", view_fields);

static const struct field draft_fields[] = {
    LIST_FIELD(FIELD_REQUIRED, "Which list: a-z, 0-9, - and _."),
    NAME_FIELD(FIELD_REQUIRED),
    QUERY_FIELD(FIELD_REQUIRED),
};
static const struct schema draft_schema = SCHEMA("ViewDraft", NULL, draft_fields);
static const struct field change_fields[] = {NAME_FIELD(0), QUERY_FIELD(0)};
static const struct schema change_schema =
    SCHEMA("ViewChange", "What is left out stays.", change_fields);
static const struct field list_fields[] = {LIST_FIELD(0, "Only views of this list.")};
static const struct schema list_schema = SCHEMA(NULL, NULL, list_fields);

static void put_view(struct json_writer *writer, const struct view *view)
{
    json_begin_object(writer);
    json_put_str(writer, "id", view_id_text(view->id, writer->buf->arena));
    json_put_str(writer, "list", view->list);
    json_put_str(writer, "name", view->name);
    json_put_str(writer, "query", view->query);
    json_put_time(writer, "created_at", view->created_ms);
    json_put_time(writer, "updated_at", view->updated_ms);
    json_put_int(writer, "version", view->version);
    json_end_object(writer);
}

static struct responded answer(struct ctx *ctx, struct request *request, const struct view *view)
{
    put_view(&request->json, view);
    return respond_versioned(ctx, request, request->route->success, view->version);
}

static struct responded get_views(struct ctx *ctx, struct request *request)
{
    struct views views;
    if (view_list(ctx, form_text(request->query, "list"), &views) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < views.count; i++)
        put_view(&request->json, &views.rows[i]);
    respond_list_end(request, STR(""));
    return respond_json(ctx, request, 200);
}

static struct responded post_view(struct ctx *ctx, struct request *request)
{
    struct view view, draft = {.list = form_text(request->body, "list"),
                               .name = form_text(request->body, "name"),
                               .query = form_text(request->body, "query")};
    if (view_create(ctx, &draft, &view) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, &view);
}

static struct responded patch_view(struct ctx *ctx, struct request *request)
{
    struct view_id id;
    struct view view;
    struct view_change change = {.has_name = form_has(request->body, "name"),
                                 .has_query = form_has(request->body, "query"),
                                 .name = form_text(request->body, "name"),
                                 .query = form_text(request->body, "query")};
    if (REQUEST_ID(ctx, request, "id", view, &id) != OK ||
        request_version(ctx, request, &change.version) != OK ||
        view_update(ctx, id, &change, &view) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, &view);
}

static struct responded delete_view(struct ctx *ctx, struct request *request)
{
    struct view_id id;
    if (REQUEST_ID(ctx, request, "id", view, &id) != OK || view_delete(ctx, id) != OK)
        return respond_fault(ctx, request);
    return respond_empty(ctx, request);
}

#define OWN "Each user's own: nobody else sees or changes them, and a token has none (400)."
static const struct route routes[] = {
    ROUTE("GET", "/api/v1/views", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ, .id = "listViews",
          .summary = "List one's saved views", .tag = "Views",
          .notes = OWN " At most 100, by list and name.", .query = &list_schema,
          .answer = &view_schema, .answers_list = true, .success = 200, .handle = get_views),
    ROUTE("POST", "/api/v1/views", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_WRITE, .id = "createView",
          .summary = "Save a view of a list", .tag = "Views", .notes = OWN, .body = &draft_schema,
          .answer = &view_schema, .success = 201, .handle = post_view),
    ROUTE("PATCH", "/api/v1/views/{id}", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_WRITE,
          .id = "updateView", .summary = "Rename a view, or replace its query", .tag = "Views",
          .notes = OWN, .body = &change_schema, .answer = &view_schema, .success = 200,
          .needs_version = true, .handle = patch_view),
    ROUTE("DELETE", "/api/v1/views/{id}", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_WRITE,
          .id = "deleteView", .summary = "Delete a view", .tag = "Views", .notes = OWN,
          .success = 204, .handle = delete_view),
};
const struct route_table view_routes = {routes, ARRAY_LEN(routes)};
