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
    {.name = "undo",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "For POST /api/v1/partners/undo; null where nothing changed.",
     .example = "aud_0amz6frsc0000.aud_0amz6frsc0001"},
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

struct outcome {
    size_t partners, changed;
    struct partner_action action;
};

static struct outcome begin(struct ctx *ctx)
{
    return (struct outcome){.action.from = ctx_next_id(ctx)};
}

static struct str undo_text(struct ctx *ctx, const struct outcome *outcome)
{
    struct audit_id from = {outcome->action.from}, to = {ctx_next_id(ctx)};
    if (!outcome->changed)
        return STR("");
    return arena_format(ctx->arena, "%.*s.%.*s", STR_ARG(audit_id_text(from, ctx->arena)),
                        STR_ARG(audit_id_text(to, ctx->arena)));
}

static struct responded answer(struct ctx *ctx, struct request *request,
                               const struct outcome *outcome)
{
    json_begin_object(&request->json);
    json_put_int(&request->json, "partners", (int64_t)outcome->partners);
    json_put_int(&request->json, "changed", (int64_t)outcome->changed);
    json_put_str_or_null(&request->json, "undo", undo_text(ctx, outcome));
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
    struct outcome outcome = begin(ctx);
    if (read_which(ctx, request->body, &which) != OK ||
        assign(ctx, request->body, &which, &outcome.changed) != OK)
        return respond_fault(ctx, request);
    outcome.partners = which.count;
    return answer(ctx, request, &outcome);
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
    struct outcome outcome = begin(ctx);
    enum partner_status to = (enum partner_status)form_int(request->body, "status");
    if (read_which(ctx, request->body, &which) != OK ||
        partner_move_all(ctx, which.ids, which.count, to, &outcome.changed) != OK)
        return respond_fault(ctx, request);
    outcome.partners = which.count;
    return answer(ctx, request, &outcome);
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
    struct outcome outcome = begin(ctx);
    if (read_which(ctx, request->body, &which) != OK ||
        partner_tag_all(ctx, which.ids, which.count, &change, &outcome.changed) != OK)
        return respond_fault(ctx, request);
    outcome.partners = which.count;
    return answer(ctx, request, &outcome);
}

/* ---- undo ---- */

static const struct field undo_fields[] = {
    {.name = "undo",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .max = 2 * ID_TEXT_MAX,
     .help = "What the answer of the action named."},
};
static const struct schema undo_schema =
    SCHEMA("PartnersUndo", "An action on many partners that is taken back.", undo_fields);

static enum err read_action(struct ctx *ctx, struct str text, struct partner_action *ret_action)
{
    struct str first;
    struct audit_id from, to;
    if (!str_split(&text, '.', &first) || !audit_id_parse(first, &from) ||
        !audit_id_parse(text, &to) || from.v >= to.v)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "undo_invalid", "undo",
                               "This names no action; take what its answer said.");
    *ret_action = (struct partner_action){from.v, to.v};
    return OK;
}

static struct responded post_undo(struct ctx *ctx, struct request *request)
{
    struct partner_action action;
    struct outcome outcome = begin(ctx);
    if (read_action(ctx, form_text(request->body, "undo"), &action) != OK ||
        partner_undo(ctx, &action, &outcome.partners, &outcome.changed) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, &outcome);
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
    ROUTE("POST", "/api/v1/partners/undo", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "undoPartners", .summary = "Take an action on many partners back",
          .tag = "Partners",
          .notes = "Manager, status and tags become what they were, for who did it. All or none: "
                   "when somebody has changed the same of one of them since, or a status has no "
                   "way back, nothing is changed (409). The undo can be taken back as well. A "
                   "merge cannot.",
          .body = &undo_schema, .answer = &changed_schema, .success = 200, .handle = post_undo),
};
const struct route_table partner_bulk_routes = {routes, ARRAY_LEN(routes)};
