/* A person's rights: to know what is kept, and to be forgotten. */
#include "src/core/audit.h"
#include "src/core/limits.h"
#include "src/partner/contact_privacy_store.h"
#include "src/partner/partner_search.h"
#include "src/partner/partner_view.h"

enum { HISTORY_MAX = 10000, DATA_BYTES = 16 * 1024 * 1024 };

static const char *const nobody = "Erased contact";

/* ---- what is kept ---- */

static enum err put_partner(struct ctx *ctx, const struct contact *contact,
                            struct json_writer *writer)
{
    struct partner partner;
    TRY(partner_get(ctx, contact->partner, &partner));
    json_key(writer, "partner");
    json_begin_object(writer);
    json_put_str(writer, "id", partner_id_text(partner.id, ctx->arena));
    json_put_str(writer, "name", partner.fields[PARTNER_NAME]);
    json_end_object(writer);
    return OK;
}

static enum err put_history(struct ctx *ctx, struct contact_id id, struct json_writer *writer)
{
    struct audit_page history;
    TRY(audit_list_subject(ctx, "contact", id.v, HISTORY_MAX, &history));
    json_key(writer, "history");
    json_begin_array(writer);
    for (size_t i = 0; i < history.count; i++)
        audit_render(&history.rows[i], writer);
    json_end_array(writer);
    return OK;
}

enum err contact_personal_data(struct ctx *ctx, struct contact_id id, struct str *ret_json)
{
    struct contact contact;
    struct json_writer writer;
    struct buf json;
    TRY(contact_get(ctx, id, &contact));
    buf_init(&json, ctx->arena, DATA_BYTES);
    json_writer_init(&writer, &json);
    json_begin_object(&writer);
    json_key(&writer, "contact");
    contact_render(&contact, &writer);
    TRY(put_partner(ctx, &contact, &writer));
    TRY(put_history(ctx, id, &writer));
    json_key(&writer, "facts");
    TRY(privacy_store_put_facts(ctx, id, &writer));
    json_end_object(&writer);
    if (json.overflowed)
        return CTX_FAULT(ctx, ERR_TOO_LARGE, "personal_data_too_large",
                         "More is kept about this contact than fits into one answer.");
    *ret_json = buf_str(&json);
    return OK;
}

/* ---- to be forgotten ---- */

/* The external id stays: by it the next import knows that this person is not to come back. */
enum err contact_erase(struct ctx *ctx, struct contact_id id, struct contact *ret_contact)
{
    struct contact contact;
    TRY(contact_get(ctx, id, &contact));
    if (!contact.erased_ms) {
        TRY(contact_archive(ctx, id, 0));
        TRY(privacy_store_erase(ctx, id, str_from_c(nobody)));
        TRY(audit_erase_values(ctx, "contact", id.v));
        TRY(partner_search_refresh(ctx, contact.partner));
        struct audit_subject subject = {"contact", id.v, contact.partner};
        TRY(audit_record(ctx, subject, "erased", NULL));
    }
    return contact_get(ctx, id, ret_contact);
}
