/* Routes of a person's rights. */
#include "src/core/audit.h"
#include "src/core/route.h"
#include "src/partner/partner_view.h"

static const struct field partner_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "ptn", .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct schema data_partner_schema = SCHEMA(NULL, NULL, partner_fields);

static const struct field fact_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "fct", .flags = FIELD_REQUIRED},
    {.name = "at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "source", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "external_id", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct schema data_fact_schema = SCHEMA(NULL, NULL, fact_fields);

static const struct field data_fields[] = {
    {.name = "contact", .type = FIELD_OBJECT, .schema = &contact_schema, .flags = FIELD_REQUIRED},
    {.name = "partner",
     .type = FIELD_OBJECT,
     .schema = &data_partner_schema,
     .flags = FIELD_REQUIRED},
    {.name = "history",
     .type = FIELD_OBJECTS,
     .schema = &audit_schema,
     .flags = FIELD_REQUIRED,
     .help = "Every change of the record, oldest first."},
    {.name = "facts",
     .type = FIELD_OBJECTS,
     .schema = &data_fact_schema,
     .flags = FIELD_REQUIRED,
     .help = "What happened that names this contact."},
};
static const struct schema data_schema =
    SCHEMA("PersonalData", "Everything that is kept about a contact.", data_fields);

static struct responded get_personal_data(struct ctx *ctx, struct request *request)
{
    struct contact_id id;
    struct str json;
    if (REQUEST_ID(ctx, request, "id", contact, &id) != OK ||
        contact_personal_data(ctx, id, &json) != OK)
        return respond_fault(ctx, request);
    json_add_raw(&request->json, json);
    return respond_json(ctx, request, 200);
}

static struct responded post_erase(struct ctx *ctx, struct request *request)
{
    struct contact_id id;
    struct contact contact;
    if (REQUEST_ID(ctx, request, "id", contact, &id) != OK ||
        contact_erase(ctx, id, &contact) != OK)
        return respond_fault(ctx, request);
    contact_render(&contact, &request->json);
    return respond_versioned(ctx, request, 200, contact.version);
}

static const struct route routes[] = {
    ROUTE("GET", "/api/v1/contacts/{id}/personal-data", ROLES_MANAGE, SCOPE_READ, ACCESS_READ,
          .id = "getPersonalData", .summary = "Export everything that is kept about a contact",
          .tag = "Contacts", .answer = &data_schema, .success = 200, .lane = HTTP_SLOW,
          .handle = get_personal_data),
    ROUTE("POST", "/api/v1/contacts/{id}/erase", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "eraseContact", .summary = "Erase a contact's personal data for ever",
          .tag = "Contacts",
          .notes = "Values are replaced in the record and in its history, and the contact is"
                   " archived. Facts stay and refer to a record without a person. The external id"
                   " stays, so that an import does not bring the person back.",
          .answer = &contact_schema, .success = 200, .handle = post_erase),
};
const struct route_table contact_privacy_routes = {routes, ARRAY_LEN(routes)};
