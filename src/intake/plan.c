/*
 * Rows of a file as typed records. Rows of one group (the lines of an order) are held together
 * until the group ends: what stands on its first line only holds for all of them, its total is
 * made of them, and where one of them is bad none is taken, so that no total is short.
 */
#include "src/intake/plan.h"

#include "lib/base/map.h"
#include "src/core/limits.h"
#include "src/intake/plan_values.h"

enum { FIRST_CAP = 256, REASON_BYTES_MAX = 200 };

struct planner {
    struct plan_settings settings;
    struct csv_reader *reader;
    struct plan_style *styles;                     /* of each rule */
    enum record_field (*used)[RECORD_FIELD_COUNT]; /* fields that a rule gives */
    size_t *used_count;
    uint64_t seed;
};

/* A batch under construction. */
struct planning {
    struct planner *planner;
    struct arena *arena;
    struct plan_batch *batch;
    size_t group_first; /* index of the first row of the group that is open */
    bool group_open;
    bool group_bad; /* a row that cannot be read may belong to it */
    bool tainted;   /* the row before the next one cannot be read */
    struct str group_key;
    struct str *group_cells; /* the first values of the group's columns */
};

/* ---- growing ---- */

static void *grown(struct arena *arena, void *old, size_t *cap, size_t size_bytes)
{
    size_t new_cap = *cap ? *cap * 2 : FIRST_CAP;
    void *array = arena_alloc_array(arena, new_cap, size_bytes);
    if (*cap)
        memcpy(array, old, *cap * size_bytes);
    *cap = new_cap;
    return array;
}

static struct plan_row *add_row(struct planning *planning, int64_t number, int64_t line)
{
    struct plan_batch *batch = planning->batch;
    if (batch->count == batch->cap)
        batch->rows = grown(planning->arena, batch->rows, &batch->cap, sizeof(*batch->rows));
    struct plan_row *row = &batch->rows[batch->count++];
    *row = (struct plan_row){.number = number, .line = line};
    return row;
}

static void refuse(struct planning *planning, struct plan_row *row, struct import_bad_row bad)
{
    struct plan_batch *batch = planning->batch;
    if (batch->bad_count == batch->bad_cap)
        batch->bad = grown(planning->arena, batch->bad, &batch->bad_cap, sizeof(*batch->bad));
    bad.file = planning->planner->settings.file;
    bad.row = row->number;
    bad.line = row->line;
    bad.refused = true;
    batch->bad[batch->bad_count++] = bad;
    row->refused = true;
}

/* ---- one row ---- */

static bool all_hold(const struct mapping_record *rule, const struct str *cells,
                     struct arena *arena)
{
    for (size_t i = 0; i < rule->when_count; i++)
        if (!condition_holds(&rule->when[i], cells, arena))
            return false;
    return true;
}

static bool is_reference(enum record_field field)
{
    return field == RECORD_EXTERNAL || field == RECORD_PARTNER || field == RECORD_CONTACT ||
           field == RECORD_PRODUCT || field == RECORD_ORDER || field == RECORD_PARENT;
}

static void read_texts(struct planning *planning, size_t rule_at, const struct str *cells,
                       struct plan_record *record)
{
    const struct planner *planner = planning->planner;
    const struct mapping *mapping = planner->settings.mapping;
    for (size_t i = 0; i < planner->used_count[rule_at]; i++) {
        enum record_field field = planner->used[rule_at][i];
        struct str text =
            value_present(template_eval(&record->rule->fields[field], cells, planning->arena));
        if (is_reference(field))
            text = value_reference(text, mapping->references, planning->arena);
        record->texts[field] = arena_str(planning->arena, text);
    }
}

/* Conditions look at `condition_cells`. */
static void read_records(struct planning *planning, const struct str *cells,
                         const struct str *condition_cells, struct plan_row *row)
{
    const struct mapping *mapping = planning->planner->settings.mapping;
    row->records = ARENA_ARRAY(planning->arena, struct plan_record, mapping->record_count);
    for (size_t i = 0; i < mapping->record_count; i++) {
        const struct mapping_record *rule = &mapping->records[i];
        bool holds = all_hold(rule, condition_cells, planning->arena);
        if (!holds && !rule->withdraws)
            continue;
        struct plan_record *record = &row->records[row->count++];
        record->rule = rule;
        record->withdrawn = !holds;
        read_texts(planning, i, cells, record);
    }
}

/* In a group: what a row leaves empty has the first value that the group has there. */
static const struct str *group_cells(struct planning *planning, const struct csv_row *row)
{
    if (!planning->planner->settings.mapping->group.count)
        return row->cells;
    struct str *merged = ARENA_ARRAY(planning->arena, struct str, row->count);
    if (planning->group_first == planning->batch->count || !planning->group_cells) {
        planning->group_cells = ARENA_ARRAY(planning->arena, struct str, row->count);
    }
    for (size_t i = 0; i < row->count; i++) {
        struct str *first = &planning->group_cells[i];
        merged[i] = row->cells[i];
        if (!value_present(row->cells[i]).len)
            merged[i] = *first;
        else if (!first->len)
            *first = arena_str(planning->arena, row->cells[i]);
    }
    return merged;
}

static void read_row(struct planning *planning, const struct csv_row *cells)
{
    const struct plan_settings *settings = &planning->planner->settings;
    const struct mapping *mapping = settings->mapping;
    const struct str *seen = group_cells(planning, cells);
    struct plan_row *row = add_row(planning, cells->number, cells->line);
    for (size_t i = 0; i < mapping->skip_count && !row->skip.len; i++)
        if (condition_holds(&mapping->skip[i], seen, planning->arena))
            row->skip = mapping->skip[i].reason.len ? mapping->skip[i].reason
                                                    : STR("left out by the mapping");
    if (row->skip.len)
        return;
    row->is_partner =
        !settings->partner_rule || condition_holds(settings->partner_rule, seen, planning->arena);
    read_records(planning, cells->cells, seen, row);
}

/* ---- a group ---- */

static bool is_inherited(enum record_field field)
{
    return field == RECORD_PARTNER || field == RECORD_CONTACT || field == RECORD_AT ||
           field == RECORD_CURRENCY || field == RECORD_ORDER || field == RECORD_REF;
}

static void inherit(struct planning *planning)
{
    const struct planner *planner = planning->planner;
    struct plan_batch *batch = planning->batch;
    struct str(*first)[RECORD_FIELD_COUNT] =
        arena_alloc_array(planning->arena, planner->settings.mapping->record_count, sizeof(*first));
    for (size_t i = planning->group_first; i < batch->count; i++) {
        for (size_t j = 0; j < batch->rows[i].count; j++) {
            struct plan_record *record = &batch->rows[i].records[j];
            struct str *values = first[record->rule - planner->settings.mapping->records];
            for (enum record_field field = 0; field < RECORD_FIELD_COUNT; field++) {
                if (!is_inherited(field))
                    continue;
                struct str *text = &record->texts[field];
                if (!values[field].len)
                    values[field] = *text;
                else if (!text->len)
                    *text = values[field];
            }
        }
    }
}

static void type_row(struct planning *planning, struct plan_row *row)
{
    const struct planner *planner = planning->planner;
    for (size_t i = 0; i < row->count && !row->refused; i++) {
        struct plan_record *record = &row->records[i];
        size_t rule_at = (size_t)(record->rule - planner->settings.mapping->records);
        struct plan_bad_cell cell =
            plan_type_record(&planner->settings, &planner->styles[rule_at], record);
        if (!cell.reason.len || record->withdrawn)
            continue;
        refuse(planning, row,
               (struct import_bad_row){
                   .column = template_column(&record->rule->fields[cell.field]),
                   .value = record->texts[cell.field],
                   .reason = cell.reason,
               });
    }
}

/* Where a line of a group is bad, none of the group is taken. */
static void refuse_group(struct planning *planning)
{
    struct plan_batch *batch = planning->batch;
    const struct plan_row *bad = NULL;
    for (size_t i = planning->group_first; i < batch->count && !bad; i++)
        bad = batch->rows[i].refused ? &batch->rows[i] : NULL;
    if (!bad && !planning->group_bad)
        return;
    struct str reason = STR("A row beside it cannot be read and may belong to the same group.");
    if (bad)
        reason = arena_format(planning->arena,
                              "Row %lld of the same group is refused, so none of it is taken.",
                              (long long)bad->number);
    for (size_t i = planning->group_first; i < batch->count; i++) {
        struct plan_row *row = &batch->rows[i];
        if (!row->refused && !row->skip.len)
            refuse(planning, row, (struct import_bad_row){.reason = reason});
    }
}

/* Only what the rule sums; the rest is the first row's. */
static bool add_up(struct plan_record *sum, const struct plan_record *add)
{
    const struct template *fields = sum->rule->fields;
    if (fields[RECORD_SUM_QUANTITY].count &&
        !int64_add(sum->quantity_milli, add->quantity_milli, &sum->quantity_milli))
        return false;
    if (!fields[RECORD_SUM].count)
        return true;
    sum->has_amount |= add->has_amount;
    sum->has_cost |= add->has_cost;
    return int64_add(sum->amount_minor, add->amount_minor, &sum->amount_minor) &&
           int64_add(sum->cost_minor, add->cost_minor, &sum->cost_minor);
}

/* Takes the record out of its row. */
static void drop_record(struct plan_row *row, size_t at)
{
    row->count--;
    memmove(&row->records[at], &row->records[at + 1], (row->count - at) * sizeof(row->records[0]));
}

/* The first record of the rule stays and takes the sum of the others. */
static void merge_rule(struct planning *planning, const struct mapping_record *rule)
{
    struct plan_batch *batch = planning->batch;
    struct plan_record *kept = NULL;
    for (size_t i = planning->group_first; i < batch->count; i++) {
        struct plan_row *row = &batch->rows[i];
        size_t at = 0;
        while (at < row->count && row->records[at].rule != rule)
            at++;
        if (at == row->count)
            continue;
        if (!kept) {
            kept = &row->records[at];
            continue;
        }
        if (!add_up(kept, &row->records[at]))
            refuse(planning, row,
                   (struct import_bad_row){.reason = STR("The total of the group "
                                                         "is too large.")});
        drop_record(row, at);
    }
}

/* "id" the first time, "id#2" the second. */
static struct str repeat_number(struct arena *arena, struct map *seen, struct str external)
{
    int *times = map_find(seen, external);
    if (!times) {
        times = ARENA_NEW(arena, int);
        map_put(seen, external, times);
    }
    return ++*times == 1 ? external : arena_format(arena, "%.*s#%d", STR_ARG(external), *times);
}

/* Two lines of an order may be the same article at the same price: each is one of its own. */
static void number_repeats(struct planning *planning)
{
    struct plan_batch *batch = planning->batch;
    struct map seen;
    map_init(&seen, planning->arena, planning->planner->seed);
    for (size_t i = planning->group_first; i < batch->count; i++) {
        for (size_t j = 0; j < batch->rows[i].count; j++) {
            struct plan_record *record = &batch->rows[i].records[j];
            struct str *external = &record->texts[RECORD_EXTERNAL];
            if (record->rule->make == MAKE_FACT && !record->rule->once && external->len)
                *external = repeat_number(planning->arena, &seen, *external);
        }
    }
}

static void finish_group(struct planning *planning)
{
    const struct mapping *mapping = planning->planner->settings.mapping;
    struct plan_batch *batch = planning->batch;
    if (!planning->group_open)
        return;
    planning->group_open = false;
    if (mapping->group.count) {
        inherit(planning);
        number_repeats(planning);
    }
    for (size_t i = planning->group_first; i < batch->count; i++)
        type_row(planning, &batch->rows[i]);
    if (!mapping->group.count)
        return;
    refuse_group(planning);
    for (size_t i = 0; i < mapping->record_count; i++)
        if (mapping->records[i].once)
            merge_rule(planning, &mapping->records[i]);
}

/* Whether the row opens a new group. */
static bool is_new_group(const struct planning *planning, struct str key)
{
    if (!planning->group_open)
        return true;
    return !planning->planner->settings.mapping->group.count || !key.len ||
           !str_equal(key, planning->group_key);
}

static void open_group(struct planning *planning, struct str key)
{
    planning->group_open = true;
    planning->group_first = planning->batch->count;
    planning->group_key = arena_str(planning->arena, key);
    planning->group_bad = planning->tainted;
}

/* ---- the rows of a batch ---- */

bool plan_is_unreadable(enum err err)
{
    return err == ERR_INVALID || err == ERR_TOO_LARGE;
}

static void add_unreadable(struct planning *planning, const struct fault *fault)
{
    struct str reason = arena_str(planning->arena, str_from_c(fault->sentence));
    struct str column = arena_str(planning->arena, str_from_c(fault->column));
    bool grouped = planning->planner->settings.mapping->group.count > 0;
    if (grouped)
        planning->group_bad = true;
    finish_group(planning);
    struct plan_row *row = add_row(planning, fault->row, 0);
    refuse(planning, row, (struct import_bad_row){.column = column, .reason = reason});
    planning->tainted = grouped;
}

static enum err too_many_lines(const struct csv_row *row, struct fault *fault)
{
    enum err err = fault_set(fault, ERR_TOO_LARGE, "group_too_large",
                             "More than %d rows belong together with row %lld.",
                             LIMIT_IMPORT_GROUP_ROWS, (long long)row->number);
    fault->row = row->number;
    return err;
}

static enum err take_row(struct planning *planning, const struct csv_row *row,
                         const struct plan_place *place, bool *ret_full, struct fault *fault)
{
    struct plan_batch *batch = planning->batch;
    const struct mapping *mapping = planning->planner->settings.mapping;
    struct str key = {NULL, 0};
    if (mapping->group.count)
        key = value_present(template_eval(&mapping->group, row->cells, planning->arena));
    if (is_new_group(planning, key)) {
        finish_group(planning);
        /* A row that cannot be read tells no place: the batch ends behind one that can. */
        bool at_place = batch->count && batch->rows[batch->count - 1].number == batch->row_number;
        *ret_full = batch->count >= place->rows && at_place;
        if (*ret_full)
            return OK;
        open_group(planning, key);
    }
    if (batch->count - planning->group_first >= LIMIT_IMPORT_GROUP_ROWS)
        return too_many_lines(row, fault);
    planning->tainted = false;
    read_row(planning, row);
    batch->row_number = row->number;
    batch->offset_bytes = row->offset_bytes;
    return OK;
}

static enum err go_to(struct planner *planner, const struct plan_place *place, struct fault *fault)
{
    int64_t offset_bytes = place->offset_bytes;
    if (!offset_bytes)
        offset_bytes = csv_header(planner->reader)->offset_bytes;
    return csv_seek(planner->reader, offset_bytes, place->row_number, fault);
}

enum err planner_next(struct planner *planner, const struct plan_place *place, struct arena *arena,
                      struct plan_batch *ret_batch, struct fault *fault)
{
    struct planning planning = {.planner = planner, .arena = arena, .batch = ret_batch};
    const struct csv_row *row;
    bool full = false;
    *ret_batch =
        (struct plan_batch){.row_number = place->row_number, .offset_bytes = place->offset_bytes};
    TRY(go_to(planner, place, fault));
    while (!full) {
        enum err err = csv_next(planner->reader, &row, fault);
        if (plan_is_unreadable(err)) {
            add_unreadable(&planning, fault);
            continue;
        }
        TRY(err);
        if (!row)
            break;
        TRY(take_row(&planning, row, place, &full, fault));
    }
    finish_group(&planning);
    ret_batch->end = !full;
    if (arena_failed(arena))
        return fault_set(fault, ERR_MEMORY, "memory", "The rows of this file are too large.");
    return OK;
}

/* ---- the planner ---- */

enum err planner_new(struct arena *arena, const struct plan_settings *settings,
                     struct csv_reader *reader, struct planner **ret_planner, struct fault *fault)
{
    const struct mapping *mapping = settings->mapping;
    struct planner *planner = ARENA_NEW(arena, struct planner);
    planner->settings = *settings;
    planner->reader = reader;
    planner->seed = settings->seed;
    planner->styles = ARENA_ARRAY(arena, struct plan_style, mapping->record_count);
    planner->used_count = ARENA_ARRAY(arena, size_t, mapping->record_count);
    planner->used = arena_alloc_array(arena, mapping->record_count, sizeof(*planner->used));
    for (size_t i = 0; i < mapping->record_count; i++) {
        TRY(plan_style_read(settings, &mapping->records[i], &planner->styles[i], fault));
        for (enum record_field field = 0; field < RECORD_FIELD_COUNT; field++)
            if (mapping->records[i].fields[field].count)
                planner->used[i][planner->used_count[i]++] = field;
    }
    *ret_planner = planner;
    return OK;
}
