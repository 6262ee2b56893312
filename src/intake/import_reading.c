/* A file of an import as a planner reads it: its mapping, its rule for partners, its zone. */
#include "src/intake/import_files.h"
#include "src/intake/import_run.h"

#include <assert.h>
#include <unistd.h>

#include "src/core/limits.h"
#include "src/organisation/organisation.h"

/* ---- which records are partners ---- */

static bool makes_partners(const struct mapping *mapping)
{
    for (size_t i = 0; i < mapping->record_count; i++)
        if (mapping->records[i].make == MAKE_PARTNER)
            return true;
    return false;
}

/* "*channel*" is what contains "channel". */
static bool is_part(struct str text)
{
    return text.len > 2 && text.ptr[0] == '*' && text.ptr[text.len - 1] == '*';
}

static struct str join_texts(struct arena *arena, const struct condition *condition)
{
    struct buf buf;
    buf_init(&buf, arena, 2000);
    for (size_t i = 0; i < condition->count; i++) {
        struct str text = condition->texts[i];
        const char *verb = is_part(text) ? "contains " : "is ";
        bool same = i > 0 && is_part(condition->texts[i - 1]) == is_part(text);
        if (is_part(text))
            text = str_slice(text, 1, text.len - 1);
        buf_format(&buf, "%s%s\"%.*s\"", i ? " or " : "", same ? "" : verb, STR_ARG(text));
    }
    return buf_str(&buf);
}

static struct str describe(struct ctx *ctx, const struct condition *rule)
{
    struct str texts = join_texts(ctx->arena, rule);
    return arena_format(ctx->arena,
                        rule->negated ? "Partners are the records but those whose %.*s %.*s."
                                      : "Partners are the records whose %.*s %.*s.",
                        STR_ARG(template_column(&rule->value)), STR_ARG(texts));
}

static enum err mapping_rule(struct ctx *ctx, const struct mapping *mapping,
                             const struct condition **ret_rule, struct str *ret_note)
{
    static const struct condition nobody;
    *ret_rule = NULL;
    *ret_note = STR("Every record is a partner.");
    if (!mapping->partner_count)
        return OK;
    for (size_t i = 0; i < mapping->partner_count; i++) {
        if (!template_is_bound(&mapping->partners[i].value))
            continue;
        *ret_rule = &mapping->partners[i];
        *ret_note = describe(ctx, &mapping->partners[i]);
        return OK;
    }
    *ret_rule = &nobody;
    *ret_note = STR("No column says which records are partners, so none is; choose a rule.");
    return OK;
}

/* "type:VALUE" or "COLUMN=VALUE" as the name of the column and the value. */
static bool split_rule(struct str text, struct str *ret_column, struct str *ret_value)
{
    size_t at;
    if (str_starts_with(text, STR("type:"))) {
        *ret_column = STR("Type");
        *ret_value = str_trim(str_slice(text, 5, text.len));
        return ret_value->len > 0;
    }
    if (!str_find_char(text, '=', &at))
        return false;
    *ret_column = str_trim(str_slice(text, 0, at));
    *ret_value = str_trim(str_slice(text, at + 1, text.len));
    return ret_column->len > 0 && ret_value->len > 0;
}

/* A column's name as a template takes it. */
static struct str escaped(struct arena *arena, struct str column)
{
    struct buf buf;
    buf_init(&buf, arena, 2 * column.len + 2);
    buf_add_char(&buf, '{');
    for (size_t i = 0; i < column.len; i++) {
        if (strchr("\\{}|", column.ptr[i]))
            buf_add_char(&buf, '\\');
        buf_add_char(&buf, column.ptr[i]);
    }
    buf_add_char(&buf, '}');
    return buf_str(&buf);
}

static enum err chosen_rule(struct ctx *ctx, struct str text, const struct csv_row *header,
                            struct condition **ret_rule)
{
    struct condition *rule = ARENA_NEW(ctx->arena, struct condition);
    struct str *texts = ARENA_ARRAY(ctx->arena, struct str, 1);
    struct str column;
    if (!split_rule(text, &column, &texts[0]))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "partner_rule", "partners",
                               "A rule for partners is all, type:VALUE or COLUMN=VALUE.");
    TRY(template_parse(escaped(ctx->arena, column), ctx->arena, &rule->value, &ctx->fault));
    rule->texts = texts;
    rule->count = 1;
    *ret_rule = rule;
    if (!header)
        return OK;
    template_bind(&rule->value, header->cells, header->count);
    if (template_is_bound(&rule->value))
        return OK;
    return CTX_FAULT_FIELD(ctx, ERR_INVALID, "partner_rule", "partners",
                           "The file has no column %.*s.", STR_ARG(str_slice(column, 0, 100)));
}

enum err import_choices_check(struct ctx *ctx, const struct import_choices *choices)
{
    struct condition *rule;
    struct currency currency;
    struct str partners = choices->partners, dates = choices->dates;
    if (partners.len > LIMIT_LINE_BYTES)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "partner_rule", "partners",
                               "The rule for partners is too long.");
    if (partners.len && !str_equal(partners, STR("all")))
        TRY(chosen_rule(ctx, partners, NULL, &rule));
    if (dates.len && !str_equal(dates, STR("day_first")) && !str_equal(dates, STR("month_first")))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "dates", "dates",
                               "Dates are day_first or month_first.");
    if (choices->currency.len && !currency_parse(choices->currency, &currency))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "currency", "currency", "This is no currency.");
    return OK;
}

enum err import_partner_rule(struct ctx *ctx, const struct import_choices *choices,
                             const struct import_reading *reading, struct str *ret_note,
                             const struct condition **ret_rule)
{
    struct condition *rule = NULL;
    *ret_rule = NULL;
    *ret_note = (struct str){NULL, 0};
    if (!makes_partners(reading->mapping))
        return OK;
    if (!choices->partners.len)
        return mapping_rule(ctx, reading->mapping, ret_rule, ret_note);
    *ret_note = STR("Every record is a partner, as chosen.");
    if (str_equal(choices->partners, STR("all")))
        return OK;
    TRY(chosen_rule(ctx, choices->partners, csv_header(reading->reader), &rule));
    assert(rule);
    *ret_rule = rule;
    *ret_note = describe(ctx, rule);
    return OK;
}

/* ---- opening ---- */

static enum err fill_settings(struct ctx *ctx, const struct import_choices *choices,
                              const struct import_file *file, struct import_reading *reading)
{
    struct organisation organisation;
    struct str note;
    struct zones *zones = ctx->services->zones;
    struct plan_settings *settings = &reading->settings;
    TRY(organisation_get(ctx, &organisation));
    *settings = (struct plan_settings){
        .file = file->number,
        .mapping = reading->mapping,
        .currency = organisation.currency,
        .analysis_json = file->analysis_json,
        .seed = entropy_uint64(&ctx->services->entropy),
        .dates = str_equal(choices->dates, STR("day_first"))     ? DATES_DAY_FIRST
                 : str_equal(choices->dates, STR("month_first")) ? DATES_MONTH_FIRST
                                                                 : DATES_AUTO,
    };
    if (choices->currency.len && !currency_parse(choices->currency, &settings->currency))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "currency", "currency", "This is no currency.");
    struct str zone = reading->mapping->time_zone;
    settings->zone = zones_find(zones, zone.len ? zone : organisation.time_zone);
    if (!settings->zone)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "time_zone", "time_zone",
                               "The mapping names a time zone that does not exist.");
    return import_partner_rule(ctx, choices, reading, &note, &settings->partner_rule);
}

static bool sets_parents(const struct mapping *mapping)
{
    for (size_t i = 0; i < mapping->record_count; i++)
        if (mapping->records[i].make == MAKE_PARTNER &&
            mapping->records[i].fields[RECORD_PARENT].count)
            return true;
    return false;
}

enum err import_reading_bind(struct ctx *ctx, const struct import_choices *choices,
                             const struct import_file *file, struct import_reading *reading)
{
    const struct csv_row *header = csv_header(reading->reader);
    TRY(mapping_parse(file->mapping_json, ctx->arena, &reading->mapping, &ctx->fault));
    TRY(mapping_bind(reading->mapping, header->cells, header->count, &ctx->fault));
    reading->has_parents = sets_parents(reading->mapping);
    TRY(fill_settings(ctx, choices, file, reading));
    return planner_new(ctx->arena, &reading->settings, reading->reader, &reading->planner,
                       &ctx->fault);
}

static enum err check_unchanged(struct ctx *ctx, const struct import_file *file, int fd)
{
    int64_t size_bytes;
    struct str digest;
    TRY(import_files_digest(ctx, fd, &size_bytes, &digest));
    if (size_bytes == file->size_bytes && str_equal(digest, file->digest))
        return OK;
    return CTX_FAULT(ctx, ERR_CONFLICT, "file_changed",
                     "%.*s has changed since the import began; import it anew.",
                     STR_ARG(str_slice(file->name, 0, 160)));
}

enum err import_reading_open(struct ctx *ctx, const struct import_choices *choices,
                             const struct import_file *file, struct import_reading *ret_reading)
{
    static const struct csv_limits limits = {LIMIT_CSV_COLUMNS, LIMIT_CSV_CELL_BYTES,
                                             LIMIT_CSV_ROW_BYTES};
    struct import_reading reading = {.fd = -1};
    if (!file->mapping_json.len)
        return CTX_FAULT(ctx, ERR_INVALID, "mapping_missing",
                         "%.*s is not recognised; give a mapping for it.",
                         STR_ARG(str_slice(file->name, 0, 160)));
    TRY(import_files_open(ctx, file, &reading.fd));
    enum err err = check_unchanged(ctx, file, reading.fd);
    if (err == OK)
        err = csv_open(reading.fd, &limits, &reading.reader, &ctx->fault);
    if (err == OK)
        err = import_reading_bind(ctx, choices, file, &reading);
    if (err != OK) {
        import_reading_close(&reading);
        return err;
    }
    *ret_reading = reading;
    return OK;
}

void import_reading_close(struct import_reading *reading)
{
    csv_close(reading->reader);
    if (reading->fd >= 0)
        close(reading->fd);
}

struct put import_put(const struct import *import, const struct import_file *file,
                      const struct import_reading *reading)
{
    const struct mapping *mapping = reading->mapping;
    return (struct put){
        .import = import->id,
        .source = mapping->source,
        .system = mapping->system.len ? mapping->system : mapping->source,
        .digest = file->digest,
        .file = file->number,
    };
}

enum err import_refers_to_orders(struct ctx *ctx, const struct import *import, bool *ret_refers)
{
    struct mapping *mapping;
    bool refers = false;
    for (size_t i = 0; i < import->file_count && !refers; i++) {
        if (!import->files[i].mapping_json.len)
            continue;
        TRY(mapping_parse(import->files[i].mapping_json, ctx->arena, &mapping, &ctx->fault));
        for (size_t j = 0; j < mapping->record_count; j++)
            refers = refers || mapping->records[j].fields[RECORD_ORDER].count > 0;
    }
    *ret_refers = refers;
    return OK;
}

enum err import_watch_tell(struct ctx *ctx, const struct import_watch *watch, int64_t rows_done,
                           int64_t rows)
{
    if (!watch || !watch->progress || watch->progress(watch->self, rows_done, rows))
        return OK;
    return CTX_FAULT(ctx, ERR_CANCELLED, "cancelled", "The import was stopped.");
}
