/* Planned rows become records. */
#include "src/intake/put.h"

#include "src/intake/import_store.h"

bool put_is_row_fault(enum err err)
{
    return err == ERR_INVALID || err == ERR_NOT_FOUND || err == ERR_CONFLICT ||
           err == ERR_TOO_LARGE || err == ERR_FORBIDDEN || err == ERR_UNSUPPORTED;
}

static void add_bad(struct put *put, const struct plan_record *record, struct str column,
                    struct str value)
{
    struct import_bad_row bad = {
        .file = put->file,
        .row = put->row->number,
        .line = put->row->line,
        .column = column,
        .value = value,
        .reason = str_from_c(put->ctx->fault.sentence),
        .refused = !record,
    };
    tally_bad(put->tally, &bad);
    fault_clear(&put->ctx->fault);
}

enum err put_refuse(struct put *put, const struct plan_record *record, enum err err,
                    enum outcome *ret_outcome)
{
    enum record_field field;
    struct str column = {NULL, 0}, value = {NULL, 0};
    if (err == OK || !put_is_row_fault(err))
        return err;
    if (record_field_parse(str_from_c(put->ctx->fault.field), &field)) {
        column = template_column(&record->rule->fields[field]);
        value = record->texts[field];
    }
    add_bad(put, NULL, column, value);
    *ret_outcome = OUTCOME_REFUSED;
    return OK;
}

bool put_drop_cell(struct put *put, const struct plan_record *record, enum record_field field)
{
    if (!record->texts[field].len)
        return false;
    add_bad(put, record, template_column(&record->rule->fields[field]), record->texts[field]);
    return true;
}

/* ---- what an undo takes back ---- */

enum err put_note_change(struct put *put, const struct put_change *change)
{
    if (!put->writes || (change->field[0] && str_equal(change->old_value, change->new_value)))
        return OK;
    struct import_change row = {
        .entity = str_from_c(change->entity),
        .entity_id = change->id,
        .field = str_from_c(change->field),
        .old_value = change->old_value,
        .new_value = change->new_value,
    };
    return import_store_add_change(put->ctx, put->import, &row);
}

enum err put_note_created(struct put *put, const char *entity, int64_t id)
{
    struct put_change change = {.entity = entity, .id = id, .field = ""};
    return put_note_change(put, &change);
}

enum err put_is_undone(struct put *put, const char *entity, int64_t id, bool *ret_undone)
{
    return import_store_is_marked(put->ctx, entity, id, ret_undone);
}

enum err put_note_revived(struct put *put, const char *entity, int64_t id)
{
    bool marked;
    if (!put->writes)
        return OK;
    TRY(import_store_unmark_archived(put->ctx, entity, id, &marked));
    return put_note_created(put, entity, id);
}

/* ---- rows ---- */

static enum err put_record(struct put *put, const struct plan_record *record,
                           enum outcome *ret_outcome)
{
    switch (record->rule->make) {
    case MAKE_PARTNER:
        return put_partner(put, record, ret_outcome);
    case MAKE_CONTACT:
        return put_contact(put, record, ret_outcome);
    case MAKE_PRODUCT:
        return put_product(put, record, ret_outcome);
    case MAKE_FACT:
        break;
    }
    return put_fact(put, record, ret_outcome);
}

enum err put_row(struct put *put, const struct plan_row *row)
{
    enum outcome greatest = row->refused ? OUTCOME_REFUSED : OUTCOME_NONE;
    struct str reason = row->skip;
    put->row = row;
    for (size_t i = 0; i < row->count; i++) {
        enum outcome outcome = OUTCOME_REFUSED;
        const struct plan_record *record = &row->records[i];
        if (!row->refused)
            TRY(put_record(put, record, &outcome));
        if (outcome == OUTCOME_NONE && record->rule->make == MAKE_PARTNER)
            reason = STR("not a partner");
        tally_record(put->tally, record->rule, outcome);
        greatest = outcome > greatest ? outcome : greatest;
    }
    tally_row(put->tally, greatest, reason);
    return OK;
}
