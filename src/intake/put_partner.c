/* Partners out of rows: found by their id in the other system, else by name; created or changed. */
#include "src/intake/put.h"
#include "src/intake/unassigned_store.h"

static const struct {
    enum record_field record;
    enum partner_field partner;
} pairs[] = {
    {RECORD_NAME, PARTNER_NAME},
    {RECORD_ADDRESS_LINE1, PARTNER_ADDRESS_LINE1},
    {RECORD_ADDRESS_LINE2, PARTNER_ADDRESS_LINE2},
    {RECORD_CITY, PARTNER_CITY},
    {RECORD_REGION, PARTNER_REGION},
    {RECORD_POSTAL_CODE, PARTNER_POSTAL_CODE},
    {RECORD_COUNTRY, PARTNER_COUNTRY},
    {RECORD_PHONE, PARTNER_PHONE},
    {RECORD_PHONE2, PARTNER_PHONE2},
    {RECORD_DOMAIN, PARTNER_DOMAIN},
    {RECORD_PRIMARY_DNS, PARTNER_PRIMARY_DNS},
    {RECORD_SECONDARY_DNS, PARTNER_SECONDARY_DNS},
    {RECORD_SLA, PARTNER_SLA},
    {RECORD_TIER, PARTNER_TIER},
    {RECORD_MANAGER, PARTNER_MANAGER},
    {RECORD_CURRENCY, PARTNER_CURRENCY},
    {RECORD_LANGUAGE, PARTNER_LANGUAGE},
    {RECORD_TIME_ZONE, PARTNER_TIME_ZONE},
    {RECORD_NOTE, PARTNER_NOTE},
};

/* A partner on its way. */
struct making {
    const struct plan_record *record;
    struct str key; /* its id in the other system; empty: none */
    struct known known;
    struct partner_change change;
};

/* Empty cells change nothing. */
static void fill_change(struct making *making)
{
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        struct str text = making->record->texts[pairs[i].record];
        if (!text.len)
            continue;
        making->change.fields[pairs[i].partner].given = true;
        making->change.fields[pairs[i].partner].text = text;
    }
}

static enum err fill_parent(struct put *put, struct making *making)
{
    struct str text = making->record->texts[RECORD_PARENT];
    struct known parent;
    if (!text.len)
        return OK;
    TRY(references_partner(put, text, &parent));
    if (parent.state != KNOWN_REAL || parent.id == making->known.id)
        return OK;
    making->change.fields[PARTNER_PARENT].given = true;
    making->change.fields[PARTNER_PARENT].text =
        partner_id_text((struct partner_id){parent.id}, put->ctx->arena);
    return OK;
}

/* ---- who it is ---- */

static enum err find_by_name(struct put *put, struct making *making)
{
    struct partner_id id;
    enum err err = partner_find_exactly(put->ctx, making->record->texts[RECORD_NAME], &id);
    if (err == ERR_NOT_FOUND) {
        fault_clear(&put->ctx->fault);
        return OK;
    }
    TRY(err);
    making->known = (struct known){.state = KNOWN_REAL, .id = id.v};
    return OK;
}

/* A partner's own id is not its name: only what has this id counts. */
static enum err find_by_key(struct put *put, struct making *making)
{
    struct partner_id id;
    struct external_id external = {put->system, making->key};
    enum err err = partner_find_external(put->ctx, external, &id);
    if (err == ERR_NOT_FOUND) {
        fault_clear(&put->ctx->fault);
        return OK;
    }
    TRY(err);
    making->known = (struct known){.state = KNOWN_REAL, .id = id.v};
    return OK;
}

/* ---- checking ---- */

/* The field of the change that the fault names; false: none that may be left out. */
static bool drop_named_field(struct put *put, struct making *making)
{
    struct str name = str_from_c(put->ctx->fault.field);
    for (size_t i = 1; i < ARRAY_LEN(pairs); i++) {
        enum partner_field field = pairs[i].partner;
        if (!making->change.fields[field].given ||
            !str_equal(name, str_from_c(partner_field_name(field))))
            continue;
        making->change.fields[field].given = false;
        return put_drop_cell(put, making->record, pairs[i].record);
    }
    if (!making->change.fields[PARTNER_PARENT].given || !str_equal(name, STR("parent")))
        return false;
    making->change.fields[PARTNER_PARENT].given = false;
    return put_drop_cell(put, making->record, RECORD_PARENT);
}

/* A cell that is no value is left out and reported; the record is made without it. */
static enum err check(struct put *put, struct making *making, bool *ret_changes)
{
    struct partner_id id = {making->known.id};
    enum err err = partner_check(put->ctx, id, &making->change, ret_changes);
    while (err != OK && put_is_row_fault(err) && drop_named_field(put, making))
        err = partner_check(put->ctx, id, &making->change, ret_changes);
    return err;
}

static enum partner_status status_of(struct put *put, const struct plan_record *record)
{
    enum partner_status status = PARTNER_PROSPECT;
    struct str text = record->texts[RECORD_STATUS];
    if (!text.len || partner_status_parse(text, &status))
        return status;
    enum err err = CTX_FAULT(put->ctx, ERR_INVALID, "status_unknown",
                             "A status is prospect, onboarding, active, suspended or ended.");
    (void)err;
    put_drop_cell(put, record, RECORD_STATUS);
    return PARTNER_PROSPECT;
}

/* ---- tags ---- */

static bool has_tag(const struct partner_marks *marks, struct str tag)
{
    for (size_t i = 0; i < marks->tag_count; i++)
        if (str_equal_nocase(marks->tags[i], tag))
            return true;
    return false;
}

static enum err add_tag(struct put *put, struct partner_id id, struct str tag)
{
    struct put_change change = {.entity = "partner", .id = id.v, .field = "tag", .new_value = tag};
    if (put->writes)
        TRY(partner_add_tag(put->ctx, id, tag));
    return put_note_change(put, &change);
}

/* Texts apart by ";". `ret_added`: the partner lacked one. */
static enum err put_tags(struct put *put, const struct making *making, struct partner_id id,
                         bool *ret_added)
{
    struct partner_marks marks = {.tag_count = 0};
    struct str rest = making->record->texts[RECORD_TAG], tag;
    *ret_added = false;
    if (!rest.len)
        return OK;
    if (partner_id_is_set(id))
        TRY(partner_marks_get(put->ctx, id, &marks));
    while (str_split(&rest, ';', &tag)) {
        tag = str_trim(tag);
        if (!tag.len || has_tag(&marks, tag))
            continue;
        *ret_added = true;
        if (partner_id_is_set(id))
            TRY(add_tag(put, id, tag));
    }
    return OK;
}

/* ---- making ---- */

static enum err write_new(struct put *put, struct making *making, enum partner_status status,
                          struct partner_id *ret_id)
{
    struct ctx *ctx = put->ctx;
    struct partner partner;
    int64_t at_ms = making->record->at_ms;
    if (making->key.len)
        making->change.external = (struct external_id){put->system, making->key};
    TRY(partner_create(ctx, &making->change, status, at_ms > ctx->now_ms ? 0 : at_ms, &partner));
    *ret_id = partner.id;
    return put_note_created(put, "partner", partner.id.v);
}

static enum err create(struct put *put, struct making *making, enum outcome *ret_outcome)
{
    struct partner_id id = {0};
    bool changes, added;
    TRY(check(put, making, &changes));
    enum partner_status status = status_of(put, making->record);
    if (put->writes)
        TRY(write_new(put, making, status, &id));
    TRY(put_tags(put, making, id, &added));
    making->known = (struct known){.state = put->writes ? KNOWN_REAL : KNOWN_NEW, .id = id.v};
    *ret_outcome = OUTCOME_CREATED;
    return OK;
}

static enum err write_change(struct put *put, const struct making *making)
{
    struct partner_id id = {making->known.id};
    struct partner before, after;
    TRY(partner_get(put->ctx, id, &before));
    TRY(partner_update(put->ctx, id, &making->change, &after, NULL));
    for (enum partner_field field = 0; field < PARTNER_FIELD_COUNT; field++) {
        struct put_change change = {"partner", id.v, partner_field_name(field),
                                    before.fields[field], after.fields[field]};
        TRY(put_note_change(put, &change));
    }
    return OK;
}

static enum err revive(struct put *put, const struct making *making, bool *ret_revived)
{
    TRY(put_is_undone(put, "partner", making->known.id, ret_revived));
    if (!*ret_revived || !put->writes)
        return OK;
    TRY(partner_restore(put->ctx, (struct partner_id){making->known.id}, 0));
    return put_note_revived(put, "partner", making->known.id);
}

static enum err change(struct put *put, struct making *making, enum outcome *ret_outcome)
{
    bool revived, changes, added;
    TRY(check(put, making, &changes));
    TRY(revive(put, making, &revived));
    if (changes && put->writes)
        TRY(write_change(put, making));
    TRY(put_tags(put, making, (struct partner_id){making->known.id}, &added));
    *ret_outcome = revived              ? OUTCOME_CREATED
                   : (changes || added) ? OUTCOME_UPDATED
                                        : OUTCOME_UNCHANGED;
    return OK;
}

static enum err make(struct put *put, struct making *making, enum outcome *ret_outcome)
{
    TRY(making->key.len ? find_by_key(put, making) : find_by_name(put, making));
    fill_change(making);
    TRY(fill_parent(put, making));
    return making->known.state == KNOWN_REAL ? change(put, making, ret_outcome)
                                             : create(put, making, ret_outcome);
}

/* A record that is no partner leaves its name, for the list of rows that belong to nobody. */
static enum err keep_stranger(struct put *put, const struct making *making)
{
    struct external_id external = {put->system, making->key};
    if (!put->writes || !making->key.len)
        return OK;
    return stranger_store_set(put->ctx, external, making->record->texts[RECORD_NAME]);
}

/* In a preview: the same record again. */
static bool was_seen(struct put *put, const struct making *making, enum outcome *ret_outcome)
{
    struct arena *arena = put->ctx->arena;
    struct str key = making->key.len ? making->key : making->record->texts[RECORD_NAME];
    struct buf content;
    buf_init(&content, arena, 64 * 1024);
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        buf_format(&content, "%.*s\n", STR_ARG(making->record->texts[pairs[i].record]));
    enum seen seen =
        references_seen(put, arena_format(arena, "partner\n%.*s", STR_ARG(key)), buf_str(&content));
    *ret_outcome = seen == SEEN_SAME ? OUTCOME_UNCHANGED : OUTCOME_UPDATED;
    return seen != SEEN_NEVER;
}

enum err put_partner(struct put *put, const struct plan_record *record, enum outcome *ret_outcome)
{
    struct making making = {.record = record, .key = record->texts[RECORD_EXTERNAL]};
    *ret_outcome = OUTCOME_NONE;
    if (!put->row->is_partner)
        return keep_stranger(put, &making);
    if (!put->writes && was_seen(put, &making, ret_outcome))
        return OK;
    TRY(put_refuse(put, record, make(put, &making, ret_outcome), ret_outcome));
    if (*ret_outcome != OUTCOME_REFUSED && making.key.len)
        references_set_partner(put, making.key, making.known);
    if (*ret_outcome == OUTCOME_CREATED)
        references_add_partner(put, record->texts[RECORD_NAME], making.known);
    return OK;
}

enum err put_parent(struct put *put, const struct plan_record *record)
{
    struct making making = {.record = record, .key = record->texts[RECORD_EXTERNAL]};
    bool changes;
    if (!record->texts[RECORD_PARENT].len)
        return OK;
    TRY(making.key.len ? find_by_key(put, &making) : find_by_name(put, &making));
    TRY(fill_parent(put, &making));
    if (making.known.state != KNOWN_REAL || !making.change.fields[PARTNER_PARENT].given)
        return OK;
    enum err err =
        partner_check(put->ctx, (struct partner_id){making.known.id}, &making.change, &changes);
    if (err != OK && put_is_row_fault(err)) {
        put_drop_cell(put, record, RECORD_PARENT);
        return OK;
    }
    TRY(err);
    return changes ? write_change(put, &making) : OK;
}
