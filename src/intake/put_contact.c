/* Contacts out of rows. */
#include "src/intake/put.h"
#include "src/intake/put_contact.h"
#include "src/intake/unassigned_store.h"

#include "lib/json/json.h"

static const enum record_field record_fields[CONTACT_FIELD_COUNT] = {
    [CONTACT_NAME] = RECORD_NAME,     [CONTACT_TITLE] = RECORD_TITLE,
    [CONTACT_EMAIL] = RECORD_EMAIL,   [CONTACT_PHONE] = RECORD_PHONE,
    [CONTACT_MOBILE] = RECORD_MOBILE,
};

/* A contact on its way. */
struct making {
    const struct plan_record *record;
    struct external_id external;
    struct contact_id id;
    struct known partner;
    struct contact_change change;
};

/* Without an id of its own it is told apart by its partner and its mail address or name. */
static struct external_id external_of(struct put *put, const struct plan_record *record)
{
    struct str id = record->texts[RECORD_EXTERNAL];
    struct str person = record->texts[RECORD_EMAIL];
    if (!person.len)
        person = record->texts[RECORD_NAME];
    if (!id.len)
        id = arena_format(put->ctx->arena, "%.*s/%.*s",
                          STR_ARG(str_slice(record->texts[RECORD_PARTNER], 0, 40)),
                          STR_ARG(str_slice(person, 0, 75)));
    return (struct external_id){put->system, id};
}

static void fill_change(struct making *making)
{
    for (enum contact_field field = 0; field < CONTACT_FIELD_COUNT; field++) {
        struct str text = making->record->texts[record_fields[field]];
        making->change.fields[field].given = text.len > 0;
        making->change.fields[field].text = text;
    }
}

/* ---- one that belongs to nobody ---- */

struct str contact_fields_render(const struct str *fields, struct arena *arena)
{
    struct buf buf;
    struct json_writer writer;
    buf_init(&buf, arena, 64 * 1024);
    json_writer_init(&writer, &buf);
    json_begin_object(&writer);
    for (enum contact_field field = 0; field < CONTACT_FIELD_COUNT; field++)
        if (fields[field].len)
            json_put_str(&writer, contact_field_name(field), fields[field]);
    json_end_object(&writer);
    return buf_str(&buf);
}

static enum err keep(struct put *put, const struct making *making, enum outcome *ret_outcome)
{
    bool is_new = false;
    struct str fields[CONTACT_FIELD_COUNT];
    for (enum contact_field field = 0; field < CONTACT_FIELD_COUNT; field++)
        fields[field] = making->record->texts[record_fields[field]];
    struct unassigned row = {
        .import = put->import,
        .file = put->file,
        .row = put->row->number,
        .entity = STR("contact"),
        .system = put->system,
        .owner = making->record->texts[RECORD_PARTNER],
        .fields_json = contact_fields_render(fields, put->ctx->arena),
        .draft = {.source = put->system, .external_id = making->external.id},
    };
    if (put->writes)
        TRY(unassigned_store_keep(put->ctx, &row, &is_new));
    put->tally->changes += is_new;
    *ret_outcome = OUTCOME_UNASSIGNED;
    return OK;
}

/* ---- making ---- */

static bool drop_named_field(struct put *put, struct making *making)
{
    struct str name = str_from_c(put->ctx->fault.field);
    for (enum contact_field field = CONTACT_TITLE; field < CONTACT_FIELD_COUNT; field++) {
        if (!making->change.fields[field].given ||
            !str_equal(name, str_from_c(contact_field_name(field))))
            continue;
        making->change.fields[field].given = false;
        return put_drop_cell(put, making->record, record_fields[field]);
    }
    return false;
}

static enum err check(struct put *put, struct making *making, bool *ret_changes)
{
    struct partner_id partner = {making->partner.id};
    enum err err = contact_check(put->ctx, making->id, partner, &making->change, ret_changes);
    while (err != OK && put_is_row_fault(err) && drop_named_field(put, making))
        err = contact_check(put->ctx, making->id, partner, &making->change, ret_changes);
    return err;
}

static enum err create(struct put *put, struct making *making, enum outcome *ret_outcome)
{
    struct contact contact;
    bool changes;
    TRY(check(put, making, &changes));
    *ret_outcome = OUTCOME_CREATED;
    if (!put->writes)
        return OK;
    TRY(contact_create(put->ctx, (struct partner_id){making->partner.id}, &making->change,
                       making->external, &contact));
    TRY(references_found_owner(put, put->system, STR("contact"), making->external.id));
    return put_note_created(put, "contact", contact.id.v);
}

static enum err write_change(struct put *put, const struct making *making,
                             const struct contact *before)
{
    struct contact after;
    TRY(contact_update(put->ctx, making->id, &making->change, &after, NULL));
    for (enum contact_field field = 0; field < CONTACT_FIELD_COUNT; field++) {
        struct put_change change = {"contact", making->id.v, contact_field_name(field),
                                    before->fields[field], after.fields[field]};
        TRY(put_note_change(put, &change));
    }
    return OK;
}

static enum err change(struct put *put, struct making *making, const struct contact *before,
                       enum outcome *ret_outcome)
{
    bool changes, undone;
    TRY(put_is_undone(put, "contact", making->id.v, &undone));
    TRY(check(put, making, &changes));
    *ret_outcome = undone ? OUTCOME_CREATED : changes ? OUTCOME_UPDATED : OUTCOME_UNCHANGED;
    if (!put->writes)
        return OK;
    if (undone) {
        TRY(contact_restore(put->ctx, making->id, 0));
        TRY(put_note_revived(put, "contact", making->id.v));
    }
    return changes ? write_change(put, making, before) : OK;
}

static enum err make(struct put *put, struct making *making, enum outcome *ret_outcome)
{
    struct contact before;
    enum err err = contact_find_external(put->ctx, making->external, &before);
    fill_change(making);
    if (err == OK && before.erased_ms) {
        *ret_outcome = OUTCOME_UNCHANGED;
        return OK;
    }
    if (err == OK) {
        making->id = before.id;
        return change(put, making, &before, ret_outcome);
    }
    if (err != ERR_NOT_FOUND)
        return err;
    fault_clear(&put->ctx->fault);
    return making->partner.state == KNOWN_NOBODY ? keep(put, making, ret_outcome)
                                                 : create(put, making, ret_outcome);
}

/* In a preview: the same record again. */
static bool was_seen(struct put *put, const struct making *making, enum outcome *ret_outcome)
{
    struct arena *arena = put->ctx->arena;
    struct str texts[CONTACT_FIELD_COUNT];
    for (enum contact_field field = 0; field < CONTACT_FIELD_COUNT; field++)
        texts[field] = making->record->texts[record_fields[field]];
    struct str key = arena_format(arena, "contact\n%.*s", STR_ARG(making->external.id));
    enum seen seen = references_seen(put, key, contact_fields_render(texts, arena));
    *ret_outcome = seen == SEEN_SAME ? OUTCOME_UNCHANGED : OUTCOME_UPDATED;
    return seen != SEEN_NEVER;
}

enum err put_contact(struct put *put, const struct plan_record *record, enum outcome *ret_outcome)
{
    struct making making = {.record = record, .external = external_of(put, record)};
    *ret_outcome = OUTCOME_NONE;
    if (record->texts[RECORD_PARTNER].len)
        TRY(references_partner(put, record->texts[RECORD_PARTNER], &making.partner));
    bool known = making.partner.state != KNOWN_NOBODY;
    if (record->rule->only != ONLY_ANY && known != (record->rule->only == ONLY_PARTNER))
        return OK;
    if (!put->writes && was_seen(put, &making, ret_outcome))
        return OK;
    return put_refuse(put, record, make(put, &making, ret_outcome), ret_outcome);
}
