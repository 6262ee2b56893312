/* How partners and contacts look in the API. */
#include "src/partner/partner_view.h"

#include "src/core/limits.h"
#include "src/partner/partner_rules.h"

const char *const partner_status_names[] = {"prospect",  "onboarding", "active",
                                            "suspended", "ended",      NULL};

/* ---- schemas ---- */

static const struct field external_id_fields[] = {
    {.name = "system",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .max = LIMIT_SOURCE_BYTES,
     .help = "The other system, in lower case and without a colon.",
     .example = "salesforce"},
    {.name = "id",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .max = LIMIT_EXTERNAL_ID_BYTES,
     .help = "What it is called there; unique within the system.",
     .example = "001gL00000abcdeQAA"},
};
const struct schema external_id_schema =
    SCHEMA("ExternalId", "What a record is called in another system.", external_id_fields);

static const struct field contact_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "con", .flags = FIELD_REQUIRED},
    {.name = "partner_id", .type = FIELD_ID, .prefix = "ptn", .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .example = "Eva Huber"},
    {.name = "title", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "email", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "phone",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "E.164.",
     .example = "+4312345678"},
    {.name = "mobile",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "E.164."},
    {.name = "is_primary",
     .type = FIELD_BOOL,
     .flags = FIELD_REQUIRED,
     .help = "Whether it is the one to ask first. Every partner with contacts has one such."},
    {.name = "external_id",
     .type = FIELD_OBJECT,
     .schema = &external_id_schema,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "created_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "updated_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "archived_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "erased_at",
     .type = FIELD_TIME,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "When the personal data was erased at the person's wish."},
    {.name = "version", .type = FIELD_INT, .flags = FIELD_REQUIRED},
};
const struct schema contact_schema = SCHEMA("Contact", "A person at a partner.", contact_fields);

static const struct field manager_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "usr", .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "email", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct schema manager_schema =
    SCHEMA("PartnerManager", "The one user who is responsible.", manager_fields);

static const struct field parent_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "ptn", .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct schema parent_schema =
    SCHEMA("PartnerParent", "The partner above.", parent_fields);

#define TEXT_OR_NULL(name_, ...)                                                                   \
    {                                                                                              \
        .name = (name_), .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, __VA_ARGS__ \
    }

static const struct field partner_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "ptn", .flags = FIELD_REQUIRED},
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .help = "Business name.",
     .example = "Brakes and Gears"},
    {.name = "status", .type = FIELD_ENUM, .names = partner_status_names, .flags = FIELD_REQUIRED},
    TEXT_OR_NULL("address_line1", .example = "2251 Elliot Avenue"),
    TEXT_OR_NULL("address_line2"),
    TEXT_OR_NULL("city", .example = "Seattle"),
    TEXT_OR_NULL("region", .example = "Washington"),
    TEXT_OR_NULL("postal_code", .example = "98104"),
    TEXT_OR_NULL("country", .help = "ISO 3166-1 alpha-2.", .example = "US"),
    TEXT_OR_NULL("phone", .help = "E.164.", .example = "+12455550173"),
    TEXT_OR_NULL("phone2", .help = "A second telephone or fax number, E.164."),
    TEXT_OR_NULL("domain", .help = "The registrable domain.", .example = "example.com"),
    TEXT_OR_NULL("primary_dns", .help = "A name server: host name or address."),
    TEXT_OR_NULL("secondary_dns", .help = "A name server: host name or address."),
    TEXT_OR_NULL("sla", .help = "Service level agreement."),
    TEXT_OR_NULL("tier"),
    {.name = "manager", .type = FIELD_OBJECT, .schema = &manager_schema, .flags = FIELD_REQUIRED},
    {.name = "parent",
     .type = FIELD_OBJECT,
     .schema = &parent_schema,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "currency", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .help = "ISO 4217."},
    TEXT_OR_NULL("language", .help = "BCP 47.", .example = "de"),
    {.name = "time_zone",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .help = "Its days begin and end by this zone.",
     .example = "Europe/Vienna"},
    TEXT_OR_NULL("note", .help = "The vendor's own: null for a partner's user."),
    {.name = "contact",
     .type = FIELD_OBJECT,
     .schema = &contact_schema,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "The primary contact."},
    {.name = "external_ids",
     .type = FIELD_OBJECTS,
     .schema = &external_id_schema,
     .flags = FIELD_REQUIRED},
    {.name = "tags",
     .type = FIELD_TEXTS,
     .flags = FIELD_REQUIRED,
     .help = "The vendor's own: empty for a partner's user."},
    {.name = "moves",
     .type = FIELD_TEXTS,
     .names = partner_status_names,
     .flags = FIELD_REQUIRED,
     .help = "What status whoever asks may give it next."},
    {.name = "created_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "updated_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "active_at",
     .type = FIELD_TIME,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "When it first became active."},
    {.name = "archived_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "version", .type = FIELD_INT, .flags = FIELD_REQUIRED, .help = "As in the ETag."},
};
const struct schema partner_schema =
    SCHEMA("Partner", "A company that sells for, with or through the vendor.", partner_fields);

/* ---- contacts ---- */

static void put_external(struct json_writer *writer, struct external_id external)
{
    json_begin_object(writer);
    json_put_str(writer, "system", external.system);
    json_put_str(writer, "id", external.id);
    json_end_object(writer);
}

void contact_render(const struct contact *contact, struct json_writer *writer)
{
    struct arena *arena = writer->buf->arena;
    json_begin_object(writer);
    json_put_str(writer, "id", contact_id_text(contact->id, arena));
    json_put_str(writer, "partner_id", partner_id_text(contact->partner, arena));
    json_put_str(writer, "name", contact->fields[CONTACT_NAME]);
    for (enum contact_field field = CONTACT_TITLE; field < CONTACT_FIELD_COUNT; field++)
        json_put_str_or_null(writer, contact_field_name(field), contact->fields[field]);
    json_put_bool(writer, "is_primary", contact->is_primary);
    json_key(writer, "external_id");
    if (contact->external.id.len)
        put_external(writer, contact->external);
    else
        json_add_null(writer);
    json_put_time(writer, "created_at", contact->created_ms);
    json_put_time(writer, "updated_at", contact->updated_ms);
    json_put_time_or_null(writer, "archived_at", contact->archived_ms);
    json_put_time_or_null(writer, "erased_at", contact->erased_ms);
    json_put_int(writer, "version", contact->version);
    json_end_object(writer);
}

/* ---- partners ---- */

static void put_people(struct json_writer *writer, const struct partner *partner)
{
    json_key(writer, "manager");
    json_begin_object(writer);
    json_put_str(writer, "id", partner->fields[PARTNER_MANAGER]);
    json_put_str(writer, "name", partner->manager_name);
    json_put_str(writer, "email", partner->manager_email);
    json_end_object(writer);
    json_key(writer, "parent");
    if (!partner_id_is_set(partner->parent)) {
        json_add_null(writer);
        return;
    }
    json_begin_object(writer);
    json_put_str(writer, "id", partner->fields[PARTNER_PARENT]);
    json_put_str(writer, "name", partner->parent_name);
    json_end_object(writer);
}

static void put_fields(struct json_writer *writer, const struct partner *partner)
{
    for (enum partner_field field = PARTNER_ADDRESS_LINE1; field < PARTNER_FIELD_COUNT; field++)
        if (field == PARTNER_MANAGER)
            put_people(writer, partner);
        else if (field != PARTNER_PARENT)
            json_put_str_or_null(writer, partner_field_name(field), partner->fields[field]);
}

static void put_marks(struct json_writer *writer, const struct partner_marks *marks)
{
    json_key(writer, "external_ids");
    json_begin_array(writer);
    for (size_t i = 0; i < marks->external_count; i++)
        put_external(writer, marks->externals[i]);
    json_end_array(writer);
    json_key(writer, "tags");
    json_begin_array(writer);
    for (size_t i = 0; i < marks->tag_count; i++)
        json_add_str(writer, marks->tags[i]);
    json_end_array(writer);
}

static void put_moves(struct ctx *ctx, struct json_writer *writer, enum partner_status from)
{
    json_key(writer, "moves");
    json_begin_array(writer);
    for (int to = 0; to < PARTNER_STATUS_COUNT; to++)
        if (partner_move_roles(from, (enum partner_status)to) & (unsigned)ctx->actor.role)
            json_add_str(writer, str_from_c(partner_status_names[to]));
    json_end_array(writer);
}

enum err partner_render(struct ctx *ctx, struct partner_id id, struct json_writer *writer,
                        int64_t *ret_version)
{
    struct partner partner;
    struct partner_marks marks;
    struct contact contact;
    bool has_contact;
    TRY(partner_get(ctx, id, &partner));
    TRY(partner_marks_get(ctx, partner.id, &marks));
    TRY(contact_primary(ctx, partner.id, &contact, &has_contact));
    json_begin_object(writer);
    json_put_str(writer, "id", partner_id_text(partner.id, ctx->arena));
    json_put_str(writer, "name", partner.fields[PARTNER_NAME]);
    json_put_str(writer, "status", str_from_c(partner_status_name(partner.status)));
    put_fields(writer, &partner);
    json_key(writer, "contact");
    if (has_contact)
        contact_render(&contact, writer);
    else
        json_add_null(writer);
    put_marks(writer, &marks);
    put_moves(ctx, writer, partner.status);
    json_put_time(writer, "created_at", partner.created_ms);
    json_put_time(writer, "updated_at", partner.updated_ms);
    json_put_time_or_null(writer, "active_at", partner.active_ms);
    json_put_time_or_null(writer, "archived_at", partner.archived_ms);
    json_put_int(writer, "version", partner.version);
    json_end_object(writer);
    *ret_version = partner.version;
    return OK;
}
