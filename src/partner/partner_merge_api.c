/* The route that merges two partners. */
#include "src/core/route.h"
#include "src/partner/partner_view.h"

static const struct field merge_fields[] = {
    {.name = "into",
     .type = FIELD_ID,
     .prefix = "ptn",
     .flags = FIELD_REQUIRED,
     .help = "The partner that stays."},
};
static const struct schema merge_schema =
    SCHEMA("PartnerMerge", "Into which partner the other is merged.", merge_fields);

static struct responded post_merge(struct ctx *ctx, struct request *request)
{
    struct partner_id from, into = {form_int(request->body, "into")};
    struct partner survivor;
    int64_t version;
    if (REQUEST_ID(ctx, request, "id", partner, &from) != OK ||
        partner_merge(ctx, from, into, &survivor) != OK ||
        partner_render(ctx, survivor.id, &request->json, &version) != OK)
        return respond_fault(ctx, request);
    return respond_versioned(ctx, request, 200, version);
}

static const struct route routes[] = {
    ROUTE("POST", "/api/v1/partners/{id}/merge", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "mergePartner", .summary = "Merge a partner into another", .tag = "Partners",
          .notes = "Contacts, external ids, tags, products, children, users, history and totals"
                   " move; fields that the other lacks are filled. From then on the merged one"
                   " answers as the other. The history of the other names everything that moved.",
          .body = &merge_schema, .answer = &partner_schema, .success = 200, .handle = post_merge),
};
const struct route_table partner_merge_routes = {routes, ARRAY_LEN(routes)};
