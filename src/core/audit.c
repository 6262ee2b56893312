/* Who changed what, when: written with the change, read as history. */
#include "src/core/audit.h"

#include "lib/json/json.h"
#include "src/core/audit_store.h"
#include "src/core/limits.h"
#include "src/core/touch.h"

enum { CHANGES_BYTES_MAX = 64 * 1024 };

static const char *const erased_text = "(erased)";

void audit_changes_init(struct audit_changes *changes, struct ctx *ctx)
{
    changes->ctx = ctx;
    changes->count = 0;
    buf_init(&changes->json, ctx->arena, CHANGES_BYTES_MAX);
    buf_add_char(&changes->json, '{');
}

/* One member of the growing object, up to its old value. */
static void begin_change(struct audit_changes *changes, const char *field)
{
    if (changes->count++)
        buf_add_char(&changes->json, ',');
    buf_format(&changes->json, "\"%s\":{\"old\":", field);
}

static void add_text(struct audit_changes *changes, struct str text)
{
    struct json_writer writer;
    json_writer_init(&writer, &changes->json);
    json_add_str(&writer, text);
}

static void add_change(struct audit_changes *changes, const char *field, struct str old_value,
                       struct str new_value)
{
    begin_change(changes, field);
    add_text(changes, old_value);
    buf_add(&changes->json, STR(",\"new\":"));
    add_text(changes, new_value);
    buf_add_char(&changes->json, '}');
}

void audit_changed_text(struct audit_changes *changes, const char *field, struct str old_value,
                        struct str new_value)
{
    if (!str_equal(old_value, new_value))
        add_change(changes, field, old_value, new_value);
}

void audit_changed_int(struct audit_changes *changes, const char *field, int64_t old_value,
                       int64_t new_value)
{
    if (old_value == new_value)
        return;
    begin_change(changes, field);
    buf_format(&changes->json, "%lld,\"new\":%lld}", (long long)old_value, (long long)new_value);
}

static struct str time_text(struct ctx *ctx, int64_t at_ms)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, TIME_TEXT_MAX);
    if (at_ms)
        time_render(at_ms, &buf);
    return buf_str(&buf);
}

void audit_changed_time(struct audit_changes *changes, const char *field, int64_t old_ms,
                        int64_t new_ms)
{
    if (old_ms != new_ms)
        add_change(changes, field, time_text(changes->ctx, old_ms),
                   time_text(changes->ctx, new_ms));
}

enum err audit_record(struct ctx *ctx, struct audit_subject subject, const char *action,
                      const struct audit_changes *changes)
{
    if (partner_id_is_set(subject.partner))
        touch_record(ctx, subject.partner);
    else
        touch_everything(ctx);
    struct audit_row row = {ctx_next_id(ctx), subject, action, STR("{}")};
    if (changes && changes->json.overflowed)
        return CTX_FAULT(ctx, ERR_TOO_LARGE, "changes_too_large",
                         "This changes more at once than the history keeps.");
    if (changes)
        row.changes_json = arena_format(ctx->arena, "%.*s}", STR_ARG(buf_str(&changes->json)));
    return audit_store_insert(ctx, &row);
}

enum err audit_list(struct ctx *ctx, struct partner_id partner, const struct page *page,
                    struct audit_page *ret_page)
{
    struct audit_page found = {
        .rows = ARENA_ARRAY(ctx->arena, struct audit_entry, (size_t)page->limit + 1)};
    int64_t before_id = page->has_cursor ? page->after_id : INT64_MAX;
    TRY(audit_store_list(ctx, partner, before_id, page->limit + 1, &found));
    if (found.count > (size_t)page->limit) {
        found.count = (size_t)page->limit;
        found.next =
            page_cursor(ctx, "history", (struct str){NULL, 0}, 0, found.rows[found.count - 1].id.v);
    }
    *ret_page = found;
    return OK;
}

/* The same fields, with every value replaced. */
static enum err erased_changes(struct ctx *ctx, struct str changes_json, struct str *ret_json)
{
    struct json_doc *doc;
    TRY(json_parse(changes_json, &doc, &ctx->fault));
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    struct str erased = str_from_c(erased_text);
    void *it = NULL;
    struct str key;
    const struct json *value;
    while (json_next(json_root(doc), &it, &key, &value))
        add_change(&changes, arena_cstr(ctx->arena, key), erased, erased);
    *ret_json = arena_format(ctx->arena, "%.*s}", STR_ARG(buf_str(&changes.json)));
    json_doc_free(doc);
    return OK;
}

enum err audit_erase_values(struct ctx *ctx, const char *type, int64_t id)
{
    struct audit_subject subject = {.type = type, .id = id};
    struct audit_entry entry = {0};
    bool found;
    TRY(audit_store_next_of(ctx, &subject, 0, &entry, &found));
    while (found) {
        struct str json;
        TRY(erased_changes(ctx, entry.changes_json, &json));
        TRY(audit_store_set_changes(ctx, entry.id.v, json));
        TRY(audit_store_next_of(ctx, &subject, entry.id.v, &entry, &found));
    }
    return OK;
}

enum err audit_move_partner(struct ctx *ctx, struct partner_id from, struct partner_id into)
{
    return audit_store_move_partner(ctx, from, into);
}

enum err audit_list_subject(struct ctx *ctx, const char *type, int64_t id, int64_t limit,
                            struct audit_page *ret_page)
{
    struct audit_page page = {.rows = ARENA_ARRAY(ctx->arena, struct audit_entry, (size_t)limit)};
    struct audit_subject subject = {.type = type, .id = id};
    bool found = true;
    while (found && (int64_t)page.count < limit) {
        int64_t after_id = page.count ? page.rows[page.count - 1].id.v : 0;
        TRY(audit_store_next_of(ctx, &subject, after_id, &page.rows[page.count], &found));
        page.count += found;
    }
    *ret_page = page;
    return OK;
}

static const struct field audit_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "aud", .flags = FIELD_REQUIRED},
    {.name = "at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "actor", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .help = "Who made the change."},
    {.name = "user_id",
     .type = FIELD_ID,
     .prefix = "usr",
     .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "subject", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .help = "What was changed."},
    {.name = "subject_id", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "action", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "changes",
     .type = FIELD_JSON,
     .flags = FIELD_REQUIRED,
     .help = "For each field that changed: its old and its new value."},
};
const struct schema audit_schema =
    SCHEMA("AuditEntry", "One change: who, when, what it was, what it is.", audit_fields);

static const char *subject_prefix(struct str type)
{
    static const char *const prefixes[][2] = {
        {"partner", "ptn"}, {"contact", "con"}, {"user", "usr"},   {"token", "tok"},
        {"product", "prd"}, {"fact", "fct"},    {"import", "imp"}, {"organisation", "org"},
    };
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        if (str_equal(type, str_from_c(prefixes[i][0])))
            return prefixes[i][1];
    return "obj";
}

void audit_render(const struct audit_entry *entry, struct json_writer *writer)
{
    char id[ID_TEXT_MAX];
    struct arena *arena = writer->buf->arena;
    json_begin_object(writer);
    json_put_str(writer, "id", audit_id_text(entry->id, arena));
    json_put_time(writer, "at", entry->at_ms);
    json_put_str(writer, "actor", entry->actor);
    json_put_str_or_null(writer, "user_id",
                         user_id_is_set(entry->user) ? user_id_text(entry->user, arena)
                                                     : (struct str){NULL, 0});
    json_put_str(writer, "subject", entry->subject_type);
    id_format(subject_prefix(entry->subject_type), entry->subject_id, id);
    json_put_str(writer, "subject_id", str_from_c(id));
    json_put_str(writer, "action", entry->action);
    json_key(writer, "changes");
    json_add_raw(writer, entry->changes_json);
    json_end_object(writer);
}
