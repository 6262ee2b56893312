/* Routes of the organisation. */
#include "src/core/audit.h"
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/organisation/organisation.h"

static const struct field contact_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "phone",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "E.164.",
     .example = "+4312345678"},
    {.name = "email", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
static const struct schema contact_schema = SCHEMA(
    "PointOfContact", "The one person, phone and mail address for all partners.", contact_fields);

static const struct field manager_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "usr", .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct schema manager_schema =
    SCHEMA("DefaultManager", "Who is responsible for a partner until somebody is assigned.",
           manager_fields);

static const struct field organisation_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .example = "Adventure Works"},
    {.name = "point_of_contact",
     .type = FIELD_OBJECT,
     .schema = &contact_schema,
     .flags = FIELD_REQUIRED},
    {.name = "country",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "ISO 3166-1 alpha-2; of phone numbers in national notation."},
    {.name = "currency",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .help = "The reporting currency, ISO 4217.",
     .example = "USD"},
    {.name = "time_zone",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .help = "The days of groups and of the channel begin and end by this zone.",
     .example = "Europe/Vienna"},
    {.name = "default_manager",
     .type = FIELD_OBJECT,
     .schema = &manager_schema,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "null for a partner's user."},
    {.name = "version", .type = FIELD_INT, .flags = FIELD_REQUIRED},
};
static const struct schema organisation_schema =
    SCHEMA("Organisation", "The vendor itself.", organisation_fields);

static void put_manager(struct json_writer *writer, const struct organisation *organisation)
{
    json_begin_object(writer);
    json_put_str(writer, "id", user_id_text(organisation->default_manager, writer->buf->arena));
    json_put_str(writer, "name", organisation->default_manager_name);
    json_end_object(writer);
}

static struct responded answer(struct ctx *ctx, struct request *request,
                               const struct organisation *organisation)
{
    struct json_writer *writer = &request->json;
    json_begin_object(writer);
    json_put_str(writer, "name", organisation->name);
    json_key(writer, "point_of_contact");
    json_begin_object(writer);
    json_put_str_or_null(writer, "name", organisation->contact_name);
    json_put_str_or_null(writer, "phone", organisation->contact_phone);
    json_put_str_or_null(writer, "email", organisation->contact_email);
    json_end_object(writer);
    json_put_str_or_null(writer, "country", country_str(&organisation->country));
    json_put_str(writer, "currency", currency_str(&organisation->currency));
    json_put_str(writer, "time_zone", organisation->time_zone);
    json_key(writer, "default_manager");
    if (ctx_partner_scope(ctx) == 0)
        put_manager(writer, organisation);
    else
        json_add_null(writer);
    json_put_int(writer, "version", organisation->version);
    json_end_object(writer);
    return respond_versioned(ctx, request, 200, organisation->version);
}

static struct responded get_organisation(struct ctx *ctx, struct request *request)
{
    struct organisation organisation;
    if (organisation_get(ctx, &organisation) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, &organisation);
}

static const struct field change_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .max = LIMIT_NAME_BYTES},
    {.name = "country",
     .type = FIELD_TEXT,
     .flags = FIELD_NULLABLE,
     .max = LIMIT_NAME_BYTES,
     .help = "ISO 3166-1 alpha-2, or an English name.",
     .example = "AT"},
    {.name = "contact_name",
     .type = FIELD_TEXT,
     .flags = FIELD_NULLABLE,
     .max = LIMIT_NAME_BYTES,
     .help = "The point of contact of all partners."},
    {.name = "contact_phone",
     .type = FIELD_TEXT,
     .flags = FIELD_NULLABLE,
     .help = "International, or national of the country; kept as E.164."},
    {.name = "contact_email", .type = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {.name = "currency",
     .type = FIELD_TEXT,
     .max = 3,
     .help = "The reporting currency, ISO 4217.",
     .example = "USD"},
    {.name = "time_zone", .type = FIELD_TEXT, .max = 64, .example = "Europe/Vienna"},
    {.name = "default_manager",
     .type = FIELD_TEXT,
     .help = "A user's id, mail address or unambiguous name."},
};
static const struct schema change_schema = SCHEMA(
    "OrganisationChange", "What is to be changed; null clears, the rest stays.", change_fields);

static struct responded patch_organisation(struct ctx *ctx, struct request *request)
{
    const struct form *body = request->body;
    struct organisation organisation;
    struct organisation_change change = {.version = 0};
    for (enum organisation_field field = 0; field < ORGANISATION_FIELD_COUNT; field++) {
        change.fields[field].given = form_get(body, organisation_field_name(field))->given;
        change.fields[field].text = form_text(body, organisation_field_name(field));
    }
    if (request_version(ctx, request, &change.version) != OK ||
        organisation_update(ctx, &change, &organisation) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, &organisation);
}

/* ---- history ---- */

static const struct field history_fields[] = {PAGE_FIELDS};
static const struct schema history_schema = SCHEMA(NULL, NULL, history_fields);

static struct responded get_history(struct ctx *ctx, struct request *request)
{
    struct page page;
    struct audit_page found;
    if (page_from_form(ctx, request->query, "history", &page) != OK ||
        audit_list(ctx, (struct partner_id){0}, &page, &found) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < found.count; i++)
        audit_render(&found.rows[i], &request->json);
    respond_list_end(request, found.next);
    return respond_json(ctx, request, 200);
}

static const struct route routes[] = {
    ROUTE("GET", "/api/v1/organisation", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ,
          .id = "getOrganisation", .summary = "Read the organisation", .tag = "Organisation",
          .notes = "With the one point of contact of all partners.", .answer = &organisation_schema,
          .success = 200, .handle = get_organisation),
    ROUTE("PATCH", "/api/v1/organisation", ROLES_ADMIN, SCOPE_ADMINISTRATION, ACCESS_WRITE,
          .id = "updateOrganisation", .summary = "Change the organisation", .tag = "Organisation",
          .body = &change_schema, .answer = &organisation_schema, .success = 200,
          .needs_version = true, .handle = patch_organisation),
    ROUTE("GET", "/api/v1/history", ROLES_ADMIN, SCOPE_READ, ACCESS_READ, .id = "getHistory",
          .summary = "Read the history of everything", .tag = "Organisation",
          .notes = "Every change of the organisation, users, tokens, partners, contacts, products,"
                   " facts and imports: who, when, what it was, what it is. The newest first.",
          .query = &history_schema, .answer = &audit_schema, .answers_list = true, .success = 200,
          .handle = get_history),
};
const struct route_table organisation_routes = {routes, ARRAY_LEN(routes)};
