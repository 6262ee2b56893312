/* Routes of actions on many partners. */
#include "src/account/account.h"
#include "src/core/route.h"
#include "src/partner/partner_filter.h"
#include "src/partner/partner_record.h"
#include "src/partner/partner_view.h"

#define WHICH_FIELDS                                                                          \
    {.name = "ids",                                                                           \
     .type = FIELD_IDS,                                                                       \
     .prefix = "ptn",                                                                         \
     .max_items = LIMIT_BULK_PARTNERS,                                                        \
     .help = "The partners; or give a filter."},                                              \
    {                                                                                         \
        .name = "filter", .type = FIELD_OBJECT, .schema = &partner_filter_schema,             \
        .help = "All partners that the list shows for it, at most 10,000. An empty filter is" \
                " every partner."                                                             \
    }

static const struct field changed_fields[] = {
    {.name = "partners",
     .type = FIELD_INT,
     .flags = FIELD_REQUIRED,
     .help = "How many were named, or left by the filter."},
    {.name = "changed",
     .type = FIELD_INT,
     .flags = FIELD_REQUIRED,
     .help = "How many really changed; each has a row in its history."},
};
static const struct schema changed_schema =
    SCHEMA("PartnersChanged", "What an action on many partners did.", changed_fields);

struct which {
    struct partner_id *ids;
    size_t count;
};

static enum err read_which(struct ctx *ctx, const struct form *body, struct which *ret_which)
{
    const struct form_value *ids = form_get(body, "ids");
    const struct form_value *filter = form_get(body, "filter");
    struct partner_filter read;
    if (ids->given == filter->given)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "which_partners", "ids",
                               "Give either the ids of the partners or a filter.");
    if (filter->given) {
        TRY(partner_filter_read(ctx, filter->objects[0], &read));
        return partner_list_ids(ctx, &read, &ret_which->ids, &ret_which->count);
    }
    ret_which->count = ids->count;
    ret_which->ids = ARENA_ARRAY(ctx->arena, struct partner_id, ids->count);
    for (size_t i = 0; i < ids->count; i++)
        ret_which->ids[i].v = ids->ids[i];
    return OK;
}

static struct responded answer(struct ctx *ctx, struct request *request, const struct which *which,
                               size_t changed)
{
    json_begin_object(&request->json);
    json_put_int(&request->json, "partners", (int64_t)which->count);
    json_put_int(&request->json, "changed", (int64_t)changed);
    json_end_object(&request->json);
    return respond_json(ctx, request, 200);
}

static uint32_t weight(const struct request *request)
{
    size_t count = form_get(request->body, "ids")->count;
    return count ? (uint32_t)count : LIMIT_PAGE_MAX;
}

/* ---- assign ---- */

static const struct field assign_fields[] = {
    WHICH_FIELDS,
    {.name = "manager",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .help = "Who is responsible from now on: a user's id, mail address or unambiguous name."},
};
static const struct schema assign_schema =
    SCHEMA("PartnersAssign", "Partners and their next manager.", assign_fields);

static enum err assign(struct ctx *ctx, const struct form *body, const struct which *which,
                       size_t *ret_changed)
{
    struct user user;
    enum err err = user_find(ctx, form_text(body, "manager"), &user);
    if (err != OK)
        return partner_blame(ctx, err, "manager_invalid", "manager");
    return partner_assign(ctx, which->ids, which->count, user.id, ret_changed);
}

static struct responded post_assign(struct ctx *ctx, struct request *request)
{
    struct which which = {0};
    size_t changed = 0;
    if (read_which(ctx, request->body, &which) != OK ||
        assign(ctx, request->body, &which, &changed) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, &which, changed);
}

/* ---- status ---- */

static const struct field status_fields[] = {
    WHICH_FIELDS,
    {.name = "status", .type = FIELD_ENUM, .names = partner_status_names, .flags = FIELD_REQUIRED},
};
static const struct schema status_schema =
    SCHEMA("PartnersStatus", "Partners and their next status.", status_fields);

static struct responded post_status(struct ctx *ctx, struct request *request)
{
    struct which which = {0};
    size_t changed = 0;
    enum partner_status to = (enum partner_status)form_int(request->body, "status");
    if (read_which(ctx, request->body, &which) != OK ||
        partner_move_all(ctx, which.ids, which.count, to, &changed) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, &which, changed);
}

/* ---- tags ---- */

static const struct field tag_fields[] = {
    WHICH_FIELDS,
    {.name = "add", .type = FIELD_TEXTS, .max = LIMIT_TAG_BYTES, .max_items = LIMIT_TAGS},
    {.name = "remove", .type = FIELD_TEXTS, .max = LIMIT_TAG_BYTES, .max_items = LIMIT_TAGS},
};
static const struct schema tag_schema =
    SCHEMA("PartnersTag", "Partners, the tags that they get and those that they lose.", tag_fields);

static struct responded post_tags(struct ctx *ctx, struct request *request)
{
    const struct form_value *add = form_get(request->body, "add");
    const struct form_value *remove = form_get(request->body, "remove");
    struct partner_tag_change change = {add->texts, add->count, remove->texts, remove->count};
    struct which which = {0};
    size_t changed = 0;
    if (read_which(ctx, request->body, &which) != OK ||
        partner_tag_all(ctx, which.ids, which.count, &change, &changed) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, &which, changed);
}

#define NOTES "All or none: when one partner refuses, nothing is changed."
static const struct route routes[] = {
    ROUTE("POST", "/api/v1/partners/assign", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "assignPartners", .summary = "Give many partners to one manager", .tag = "Partners",
          .notes = NOTES, .body = &assign_schema, .answer = &changed_schema, .success = 200,
          .weight = weight, .handle = post_assign),
    ROUTE("POST", "/api/v1/partners/status", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "movePartners", .summary = "Move many partners to one status", .tag = "Partners",
          .notes = NOTES, .body = &status_schema, .answer = &changed_schema, .success = 200,
          .weight = weight, .handle = post_status),
    ROUTE("POST", "/api/v1/partners/tags", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "tagPartners", .summary = "Add tags to many partners, or take them away",
          .tag = "Partners", .notes = NOTES, .body = &tag_schema, .answer = &changed_schema,
          .success = 200, .weight = weight, .handle = post_tags),
};
const struct route_table partner_bulk_routes = {routes, ARRAY_LEN(routes)};
