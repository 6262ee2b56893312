/* Routes of partners' records. */
#include "src/core/audit.h"
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/partner/partner_view.h"

/* The record as it is now, with its version. */
static struct responded answer(struct ctx *ctx, struct request *request, struct partner_id id)
{
    int64_t version;
    if (partner_render(ctx, id, &request->json, &version) != OK)
        return respond_fault(ctx, request);
    return respond_versioned(ctx, request, request->route->success, version);
}

static struct responded get_partner(struct ctx *ctx, struct request *request)
{
    struct partner_id id;
    if (REQUEST_ID(ctx, request, "id", partner, &id) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, id);
}

/* ---- creating and changing ---- */

#define TEXT_OR_NULL(name_, max_, ...)                                                           \
    {                                                                                            \
        .name = (name_), .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = (max_), __VA_ARGS__ \
    }
#define PHONE_HELP "International, or national of the partner's country; kept as E.164."
#define BODY_FIELDS                                                                               \
    TEXT_OR_NULL("address_line1", LIMIT_LINE_BYTES, .example = "2251 Elliot Avenue"),             \
        TEXT_OR_NULL("address_line2", LIMIT_LINE_BYTES, .help = NULL),                            \
        TEXT_OR_NULL("city", LIMIT_NAME_BYTES, .example = "Seattle"),                             \
        TEXT_OR_NULL("region", LIMIT_NAME_BYTES, .example = "Washington"),                        \
        TEXT_OR_NULL("postal_code", 20, .example = "98104"),                                      \
        TEXT_OR_NULL("country", LIMIT_NAME_BYTES,                                                 \
                     .help = "ISO 3166-1 alpha-2, or an English name.", .example = "US"),         \
        TEXT_OR_NULL("phone", LIMIT_NAME_BYTES, .help = PHONE_HELP, .example = "245-555-0173"),   \
        TEXT_OR_NULL("phone2", LIMIT_NAME_BYTES,                                                  \
                     .help = "A second telephone or fax number. " PHONE_HELP),                    \
        TEXT_OR_NULL("domain", LIMIT_LINE_BYTES,                                                  \
                     .help = "A domain, web address or mail address; kept as the registrable"     \
                             " domain. Not one of a public mail provider.",                       \
                     .example = "https://www.example.com/"),                                      \
        TEXT_OR_NULL("primary_dns", LIMIT_LINE_BYTES,                                             \
                     .help = "A name server: host name or address."),                             \
        TEXT_OR_NULL("secondary_dns", LIMIT_LINE_BYTES,                                           \
                     .help = "A name server: host name or address."),                             \
        TEXT_OR_NULL("sla", LIMIT_NAME_BYTES, .help = "Service level agreement."),                \
        TEXT_OR_NULL("tier", 60, .example = "Gold"),                                              \
        TEXT_OR_NULL("manager", LIMIT_LINE_BYTES,                                                 \
                     .help = "A user's id, mail address or unambiguous name; null: the"           \
                             " organisation's default."),                                         \
        TEXT_OR_NULL("parent", LIMIT_LINE_BYTES,                                                  \
                     .help = "A partner's id, external id (\"system:id\") or unambiguous name."), \
        TEXT_OR_NULL("currency", 3, .help = "ISO 4217; null: the organisation's.",                \
                     .example = "USD"),                                                           \
        TEXT_OR_NULL("language", 35, .help = "BCP 47.", .example = "de"),                         \
        TEXT_OR_NULL("time_zone", 64, .help = "null: the organisation's.",                        \
                     .example = "America/Los_Angeles"),                                           \
        {.name = "note", .type = FIELD_NOTE, .flags = FIELD_NULLABLE, .max = LIMIT_NOTE_BYTES},   \
        {.name = "external_ids",                                                                  \
         .type = FIELD_OBJECTS,                                                                   \
         .schema = &external_id_schema,                                                           \
         .max_items = LIMIT_EXTERNAL_IDS,                                                         \
         .help = "All of them: those that are not named are removed."},                           \
    {                                                                                             \
        .name = "tags", .type = FIELD_TEXTS, .max = LIMIT_TAG_BYTES, .max_items = LIMIT_TAGS,     \
        .help = "All of them: those that are not named are removed."                              \
    }

static const struct field draft_fields[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .max = LIMIT_NAME_BYTES,
     .help = "Business name.",
     .example = "Brakes and Gears"},
    {.name = "status",
     .type = FIELD_ENUM,
     .names = partner_status_names,
     .help = "Default: prospect."},
    {.name = "status_at",
     .type = FIELD_TIME,
     .help = "Since when it has the status; default: now."},
    BODY_FIELDS,
};
static const struct schema draft_schema =
    SCHEMA("PartnerDraft", "A partner to be made.", draft_fields);

static const struct field change_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .max = LIMIT_NAME_BYTES, .help = "Business name."},
    BODY_FIELDS,
};
static const struct schema change_schema =
    SCHEMA("PartnerChange", "What is to be changed; null clears, the rest stays.", change_fields);

static struct partner_change change_of(const struct form *body)
{
    struct partner_change change = {.version = 0};
    for (enum partner_field field = 0; field < PARTNER_FIELD_COUNT; field++) {
        change.fields[field].given = form_get(body, partner_field_name(field))->given;
        change.fields[field].text = form_text(body, partner_field_name(field));
    }
    return change;
}

static struct external_id external_at(const struct form *body, size_t index)
{
    const struct form *external = form_get(body, "external_ids")->objects[index];
    return (struct external_id){form_text(external, "system"), form_text(external, "id")};
}

static enum err set_marks(struct ctx *ctx, struct partner_id id, const struct form *body)
{
    const struct form_value *externals = form_get(body, "external_ids");
    const struct form_value *tags = form_get(body, "tags");
    if (externals->given) {
        struct external_id *given = ARENA_ARRAY(ctx->arena, struct external_id, externals->count);
        for (size_t i = 0; i < externals->count; i++)
            given[i] = external_at(body, i);
        TRY(partner_set_externals(ctx, id, given, externals->count));
    }
    return tags->given ? partner_set_tags(ctx, id, tags->texts, tags->count) : OK;
}

static struct responded post_partner(struct ctx *ctx, struct request *request)
{
    const struct form *body = request->body;
    struct partner_change change = change_of(body);
    struct partner partner;
    enum partner_status status = (enum partner_status)form_int_or(body, "status", PARTNER_PROSPECT);
    if (form_get(body, "external_ids")->count)
        change.external = external_at(body, 0);
    if (partner_create(ctx, &change, status, form_int(body, "status_at"), &partner) != OK ||
        set_marks(ctx, partner.id, body) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, partner.id);
}

static struct responded patch_partner(struct ctx *ctx, struct request *request)
{
    struct partner_id id;
    struct partner partner;
    struct partner_change change = change_of(request->body);
    if (REQUEST_ID(ctx, request, "id", partner, &id) != OK ||
        request_version(ctx, request, &change.version) != OK ||
        partner_update(ctx, id, &change, &partner, NULL) != OK ||
        set_marks(ctx, partner.id, request->body) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, partner.id);
}

/* ---- status, archive ---- */

static const struct field status_fields[] = {
    {.name = "status",
     .type = FIELD_ENUM,
     .names = partner_status_names,
     .flags = FIELD_REQUIRED,
     .example = "active"},
    {.name = "at", .type = FIELD_TIME, .help = "When it became so; default: now."},
};
static const struct schema status_schema =
    SCHEMA("PartnerStatusChange", "A move to another status.", status_fields);

static struct responded post_status(struct ctx *ctx, struct request *request)
{
    struct partner_id id;
    int64_t version;
    enum partner_status to = (enum partner_status)form_int(request->body, "status");
    if (REQUEST_ID(ctx, request, "id", partner, &id) != OK ||
        request_version(ctx, request, &version) != OK ||
        partner_move(ctx, id, version, to, form_int(request->body, "at")) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, id);
}

static struct responded change_life(struct ctx *ctx, struct request *request,
                                    enum err (*change)(struct ctx *, struct partner_id, int64_t))
{
    struct partner_id id;
    int64_t version;
    if (REQUEST_ID(ctx, request, "id", partner, &id) != OK ||
        request_version(ctx, request, &version) != OK || change(ctx, id, version) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, id);
}

static struct responded archive_partner(struct ctx *ctx, struct request *request)
{
    return change_life(ctx, request, partner_archive);
}

static struct responded restore_partner(struct ctx *ctx, struct request *request)
{
    return change_life(ctx, request, partner_restore);
}

/* ---- tags ---- */

static struct responded change_tag(struct ctx *ctx, struct request *request,
                                   enum err (*change)(struct ctx *, struct partner_id, struct str))
{
    struct partner_id id;
    if (REQUEST_ID(ctx, request, "id", partner, &id) != OK ||
        change(ctx, id, http_param(request->exchange, "tag")) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, id);
}

static struct responded put_tag(struct ctx *ctx, struct request *request)
{
    return change_tag(ctx, request, partner_add_tag);
}

static struct responded delete_tag(struct ctx *ctx, struct request *request)
{
    return change_tag(ctx, request, partner_remove_tag);
}

/* ---- history ---- */

static const struct field history_fields[] = {PAGE_FIELDS};
static const struct schema history_schema = SCHEMA(NULL, NULL, history_fields);

static struct responded get_history(struct ctx *ctx, struct request *request)
{
    struct partner_id id;
    struct partner_brief brief;
    struct page page;
    struct audit_page found;
    if (REQUEST_ID(ctx, request, "id", partner, &id) != OK ||
        partner_brief(ctx, id, &brief) != OK ||
        page_from_form(ctx, request->query, "history", &page) != OK ||
        audit_list(ctx, brief.id, &page, &found) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < found.count; i++)
        audit_render(&found.rows[i], &request->json);
    respond_list_end(request, found.next);
    return respond_json(ctx, request, 200);
}

static const struct route routes[] = {
    ROUTE("POST", "/api/v1/partners", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "createPartner", .summary = "Add a partner", .tag = "Partners",
          .notes = "Manager, currency, country and time zone default to the organisation's.",
          .body = &draft_schema, .answer = &partner_schema, .success = 201, .handle = post_partner),
    ROUTE("GET", "/api/v1/partners/{id}", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ,
          .id = "getPartner", .summary = "Read a partner", .tag = "Partners",
          .notes = "A partner that was merged answers as the one it was merged into. A partner's"
                   " user reads its own record, without note and tags.",
          .answer = &partner_schema, .success = 200, .handle = get_partner),
    ROUTE("PATCH", "/api/v1/partners/{id}", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "updatePartner", .summary = "Change a partner", .tag = "Partners",
          .body = &change_schema, .answer = &partner_schema, .success = 200, .needs_version = true,
          .handle = patch_partner),
    ROUTE("POST", "/api/v1/partners/{id}/status", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "movePartner", .summary = "Move a partner to another status", .tag = "Partners",
          .notes = "From prospect: onboarding, active, ended. From onboarding: prospect, active,"
                   " ended. From active: suspended, ended. From suspended: active, ended. From"
                   " ended, by an administrator: prospect, onboarding. Becoming active for the"
                   " first time records the fact `partner.converted`.",
          .body = &status_schema, .answer = &partner_schema, .success = 200, .needs_version = true,
          .handle = post_status),
    ROUTE("POST", "/api/v1/partners/{id}/archive", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "archivePartner", .summary = "Archive a partner", .tag = "Partners",
          .notes = "It leaves every list and total; nothing is deleted.", .answer = &partner_schema,
          .success = 200, .needs_version = true, .handle = archive_partner),
    ROUTE("POST", "/api/v1/partners/{id}/restore", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "restorePartner", .summary = "Take a partner back from the archive",
          .tag = "Partners", .answer = &partner_schema, .success = 200, .needs_version = true,
          .handle = restore_partner),
    ROUTE("PUT", "/api/v1/partners/{id}/tags/{tag}", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "addPartnerTag", .summary = "Put a tag on a partner", .tag = "Partners",
          .notes = "A tag with a slash is no segment of a path: set it with the whole record.",
          .answer = &partner_schema, .success = 200, .handle = put_tag),
    ROUTE("DELETE", "/api/v1/partners/{id}/tags/{tag}", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "removePartnerTag", .summary = "Take a tag off a partner", .tag = "Partners",
          .answer = &partner_schema, .success = 200, .handle = delete_tag),
    ROUTE("GET", "/api/v1/partners/{id}/history", ROLES_STAFF, SCOPE_READ, ACCESS_READ,
          .id = "getPartnerHistory", .summary = "Read a partner's history", .tag = "Partners",
          .notes = "Every change of its record, contacts and facts: who, when, what it was, what it"
                   " is. The newest first.",
          .query = &history_schema, .answer = &audit_schema, .answers_list = true, .success = 200,
          .handle = get_history),
};
const struct route_table partner_routes = {routes, ARRAY_LEN(routes)};
