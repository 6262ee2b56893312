/* Routes of contacts. */
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/partner/partner_view.h"

static struct responded answer(struct ctx *ctx, struct request *request,
                               const struct contact *contact)
{
    contact_render(contact, &request->json);
    return respond_versioned(ctx, request, request->route->success, contact->version);
}

static const struct field list_fields[] = {
    PAGE_FIELDS,
    {.name = "archived",
     .type = FIELD_BOOL,
     .help = "true: those that are archived, instead of the others."},
};
static const struct schema list_schema = SCHEMA(NULL, NULL, list_fields);

static struct responded list_contacts(struct ctx *ctx, struct request *request)
{
    struct partner_id partner;
    struct page page;
    struct contact_page found;
    if (REQUEST_ID(ctx, request, "id", partner, &partner) != OK ||
        page_from_form(ctx, request->query, "created", &page) != OK ||
        contact_list(ctx, partner, form_int(request->query, "archived"), &page, &found) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < found.count; i++)
        contact_render(&found.rows[i], &request->json);
    respond_list_end(request, found.next);
    return respond_json(ctx, request, 200);
}

static struct responded get_contact(struct ctx *ctx, struct request *request)
{
    struct contact_id id;
    struct contact contact;
    if (REQUEST_ID(ctx, request, "id", contact, &id) != OK || contact_get(ctx, id, &contact) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, &contact);
}

#define PHONE_HELP "International, or national of the partner's country; kept as E.164."
#define BODY_FIELDS                                                                              \
    {.name = "name",                                                                             \
     .type = FIELD_TEXT,                                                                         \
     .flags = FIELD_NULLABLE,                                                                    \
     .max = LIMIT_NAME_BYTES,                                                                    \
     .help = "Without one, the mail address stands for it.",                                     \
     .example = "Eva Huber"},                                                                    \
        {.name = "title", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = LIMIT_NAME_BYTES}, \
        {.name = "email",                                                                        \
         .type = FIELD_TEXT,                                                                     \
         .flags = FIELD_NULLABLE,                                                                \
         .example = "eva@example.com"},                                                          \
        {.name = "phone", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .help = PHONE_HELP},      \
        {.name = "mobile", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .help = PHONE_HELP},     \
    {                                                                                            \
        .name = "is_primary", .type = FIELD_BOOL,                                                \
        .help = "true takes it from the contact that has it. The first one has it anyway."       \
    }

static const struct field draft_fields[] = {
    BODY_FIELDS,
    {.name = "external_id", .type = FIELD_OBJECT, .schema = &external_id_schema},
};
static const struct schema draft_schema =
    SCHEMA("ContactDraft", "A contact to be made.", draft_fields);
static const struct field change_fields[] = {BODY_FIELDS};
static const struct schema change_schema =
    SCHEMA("ContactChange", "What is to be changed; the rest stays.", change_fields);

static struct contact_change change_of(const struct form *body)
{
    struct contact_change change = {.primary_given = form_has(body, "is_primary"),
                                    .is_primary = form_int(body, "is_primary") != 0};
    for (enum contact_field field = 0; field < CONTACT_FIELD_COUNT; field++) {
        change.fields[field].given = form_get(body, contact_field_name(field))->given;
        change.fields[field].text = form_text(body, contact_field_name(field));
    }
    return change;
}

static struct external_id external_of(const struct form *body)
{
    const struct form_value *value = form_get(body, "external_id");
    if (!value->count)
        return (struct external_id){{NULL, 0}, {NULL, 0}};
    return (struct external_id){form_text(value->objects[0], "system"),
                                form_text(value->objects[0], "id")};
}

static struct responded post_contact(struct ctx *ctx, struct request *request)
{
    struct partner_id partner;
    struct contact contact;
    struct contact_change change = change_of(request->body);
    if (REQUEST_ID(ctx, request, "id", partner, &partner) != OK ||
        contact_create(ctx, partner, &change, external_of(request->body), &contact) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, &contact);
}

static struct responded patch_contact(struct ctx *ctx, struct request *request)
{
    struct contact_id id;
    struct contact contact;
    struct contact_change change = change_of(request->body);
    if (REQUEST_ID(ctx, request, "id", contact, &id) != OK ||
        request_version(ctx, request, &change.version) != OK ||
        contact_update(ctx, id, &change, &contact, NULL) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, &contact);
}

static struct responded change_life(struct ctx *ctx, struct request *request,
                                    enum err (*change)(struct ctx *, struct contact_id, int64_t))
{
    struct contact_id id;
    struct contact contact;
    int64_t version;
    if (REQUEST_ID(ctx, request, "id", contact, &id) != OK ||
        request_version(ctx, request, &version) != OK || change(ctx, id, version) != OK ||
        contact_get(ctx, id, &contact) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, &contact);
}

static struct responded archive_contact(struct ctx *ctx, struct request *request)
{
    return change_life(ctx, request, contact_archive);
}

static struct responded restore_contact(struct ctx *ctx, struct request *request)
{
    return change_life(ctx, request, contact_restore);
}

static const struct route routes[] = {
    ROUTE("GET", "/api/v1/partners/{id}/contacts", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ,
          .id = "listContacts", .summary = "List a partner's contacts", .tag = "Contacts",
          .notes = "The oldest first.", .query = &list_schema, .answer = &contact_schema,
          .answers_list = true, .success = 200, .handle = list_contacts),
    ROUTE("POST", "/api/v1/partners/{id}/contacts", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "createContact", .summary = "Add a contact to a partner", .tag = "Contacts",
          .body = &draft_schema, .answer = &contact_schema, .success = 201, .handle = post_contact),
    ROUTE("GET", "/api/v1/contacts/{id}", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ,
          .id = "getContact", .summary = "Read a contact", .tag = "Contacts",
          .answer = &contact_schema, .success = 200, .handle = get_contact),
    ROUTE("PATCH", "/api/v1/contacts/{id}", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "updateContact", .summary = "Change a contact", .tag = "Contacts",
          .body = &change_schema, .answer = &contact_schema, .success = 200, .needs_version = true,
          .handle = patch_contact),
    ROUTE("POST", "/api/v1/contacts/{id}/archive", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "archiveContact", .summary = "Archive a contact", .tag = "Contacts",
          .notes = "Where it was the primary one, the oldest of the others takes its place.",
          .answer = &contact_schema, .success = 200, .needs_version = true,
          .handle = archive_contact),
    ROUTE("POST", "/api/v1/contacts/{id}/restore", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "restoreContact", .summary = "Take a contact back from the archive",
          .tag = "Contacts", .answer = &contact_schema, .success = 200, .needs_version = true,
          .handle = restore_contact),
};
const struct route_table contact_routes = {routes, ARRAY_LEN(routes)};
