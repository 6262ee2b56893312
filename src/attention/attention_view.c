/* How attention looks in JSON, and the schemas that describe it. */
#include "src/attention/attention_view.h"

#include "src/core/limits.h"

static struct str day_text(struct json_writer *writer, struct day day)
{
    struct buf buf;
    buf_init(&buf, writer->buf->arena, TIME_TEXT_MAX);
    day_render(day, &buf);
    return buf_str(&buf);
}

static struct str money_text(struct json_writer *writer, struct money money)
{
    struct buf buf;
    buf_init(&buf, writer->buf->arena, MONEY_TEXT_MAX);
    money_render(money, &buf);
    return buf_str(&buf);
}

/* ---- an item ---- */

static void put_partner(const struct attention_item *item, struct json_writer *writer)
{
    struct arena *arena = writer->buf->arena;
    json_key(writer, "partner");
    if (!partner_id_is_set(item->partner)) {
        json_add_null(writer);
        return;
    }
    json_begin_object(writer);
    json_put_str(writer, "id", partner_id_text(item->partner, arena));
    json_put_str(writer, "name", item->name);
    json_put_str(writer, "manager_id", user_id_text(item->manager, arena));
    json_put_str(writer, "manager_name", item->manager_name);
    json_end_object(writer);
}

static void put_import(const struct attention_item *item, struct json_writer *writer)
{
    json_key(writer, "import");
    if (!import_id_is_set(item->import)) {
        json_add_null(writer);
        return;
    }
    json_begin_object(writer);
    json_put_str(writer, "id", import_id_text(item->import, writer->buf->arena));
    json_put_str(writer, "name", item->name);
    json_end_object(writer);
}

/* What to open for the reason. */
static struct str link_of(const struct attention_basis *basis, const struct attention_item *item,
                          enum attention_reason reason, struct json_writer *writer)
{
    struct arena *arena = writer->buf->arena;
    struct str partner = partner_id_text(item->partner, arena);
    struct day from = {basis->clock.reckoned - (reason == ATTENTION_SILENT
                                                    ? ATTENTION_LOOK_BACK_DAYS
                                                    : 2 * ATTENTION_WINDOW_DAYS)};
    switch (reason) {
    case ATTENTION_SILENT:
    case ATTENTION_FALLING:
        return arena_format(arena, "/api/v1/metrics/sales/facts?partner=%.*s&from=%.*s&to=%.*s",
                            STR_ARG(partner), STR_ARG(day_text(writer, from)),
                            STR_ARG(day_text(writer, (struct day){basis->clock.reckoned})));
    case ATTENTION_NO_ACTION:
        return arena_format(arena, "/api/v1/partners/%.*s/history", STR_ARG(partner));
    case ATTENTION_DUPLICATE:
        return arena_format(arena, "/api/v1/duplicates?partner_id=%.*s", STR_ARG(partner));
    case ATTENTION_UNASSIGNED:
        return arena_format(arena, "/api/v1/imports/%.*s/unassigned",
                            STR_ARG(import_id_text(item->import, arena)));
    case ATTENTION_BAD_ROWS:
        return arena_format(arena, "/api/v1/imports/%.*s/bad-rows",
                            STR_ARG(import_id_text(item->import, arena)));
    case ATTENTION_DNS:
        return arena_format(arena, "/api/v1/partners/%.*s/dns", STR_ARG(partner));
    case ATTENTION_REASON_COUNT:
        break;
    }
    return STR("");
}

static void put_reasons(struct ctx *ctx, const struct attention_basis *basis,
                        const struct attention_item *item, struct json_writer *writer)
{
    json_key(writer, "reasons");
    json_begin_array(writer);
    for (int i = 0; i < ATTENTION_REASON_COUNT; i++) {
        enum attention_reason reason = (enum attention_reason)i;
        if (!(item->reasons & ATTENTION_BIT(reason)))
            continue;
        json_begin_object(writer);
        json_put_str(writer, "code", str_from_c(attention_reason_names[i]));
        json_put_str(writer, "sentence", attention_sentence(ctx, basis, item, reason));
        json_put_str(writer, "since", day_text(writer, attention_since(ctx, basis, item, reason)));
        json_put_str(writer, "link", link_of(basis, item, reason, writer));
        json_put_str_or_null(writer, "duplicate_id",
                             reason == ATTENTION_DUPLICATE
                                 ? duplicate_id_text(item->duplicate, writer->buf->arena)
                                 : STR(""));
        json_end_object(writer);
    }
    json_end_array(writer);
}

void attention_item_render(struct ctx *ctx, const struct attention_basis *basis,
                           const struct attention_item *item, struct json_writer *writer)
{
    bool has_stake = currency_is_set(item->currency) && item->stake.minor > 0;
    json_begin_object(writer);
    put_partner(item, writer);
    put_import(item, writer);
    json_put_str_or_null(writer, "at_stake", has_stake ? money_text(writer, item->stake) : STR(""));
    json_put_str_or_null(writer, "currency", has_stake ? currency_str(&item->currency) : STR(""));
    json_put_str_or_null(writer, "at_stake_reporting",
                         item->has_reporting ? money_text(writer, item->reporting) : STR(""));
    put_reasons(ctx, basis, item, writer);
    json_end_object(writer);
}

/* ---- the summary ---- */

void attention_summary_render(const struct attention_summary *summary, struct json_writer *writer)
{
    const struct attention_basis *basis = &summary->basis;
    json_begin_object(writer);
    json_put_time(writer, "as_of", basis->as_of_ms);
    json_put_str(writer, "day", day_text(writer, (struct day){basis->clock.today}));
    json_put_str(writer, "reckoned_on", day_text(writer, (struct day){basis->clock.reckoned}));
    json_put_str_or_null(writer, "last_order_on",
                         basis->any_order ? day_text(writer, (struct day){basis->last_order})
                                          : STR(""));
    json_put_str(writer, "reporting_currency", currency_str(&basis->reporting));
    json_put_int(writer, "total", summary->total);
    json_key(writer, "reasons");
    json_begin_array(writer);
    for (int i = 0; i < ATTENTION_REASON_COUNT; i++) {
        enum attention_reason reason = (enum attention_reason)i;
        json_begin_object(writer);
        json_put_str(writer, "code", str_from_c(attention_reason_names[i]));
        json_put_str(writer, "formula", str_from_c(attention_formula(reason)));
        json_put_int(writer, "count", summary->items[i]);
        json_put_str_or_null(writer, "not_judged", attention_silence(basis, reason));
        json_end_object(writer);
    }
    json_end_array(writer);
    json_end_object(writer);
}

/* ---- schemas ---- */

#define TEXT(name_, help_)                                                            \
    {                                                                                 \
        .name = (name_), .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .help = (help_) \
    }
#define ABSENT(name_, type_, help_)                                                 \
    {                                                                               \
        .name = (name_), .type = (type_), .flags = FIELD_REQUIRED | FIELD_NULLABLE, \
        .help = (help_)                                                             \
    }
#define CODE                                                         \
    {                                                                \
        .name = "code", .type = FIELD_ENUM, .flags = FIELD_REQUIRED, \
        .names = attention_reason_names                              \
    }

static const struct field partner_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "ptn", .flags = FIELD_REQUIRED},
    TEXT("name", NULL),
    {.name = "manager_id", .type = FIELD_ID, .prefix = "usr", .flags = FIELD_REQUIRED},
    TEXT("manager_name", NULL),
};
static const struct schema partner_schema = SCHEMA(NULL, NULL, partner_fields);
static const struct field import_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "imp", .flags = FIELD_REQUIRED},
    TEXT("name", "Its first file."),
};
static const struct schema import_schema = SCHEMA(NULL, NULL, import_fields);
static const struct field reason_fields[] = {
    CODE,
    TEXT("sentence", "Why, with its numbers."),
    {.name = "since", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    TEXT("link", "What it was judged by: a path with its query."),
    {.name = "duplicate_id",
     .type = FIELD_ID,
     .prefix = "dup",
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "Of a duplicate: the most certain open pair."},
};
static const struct schema reason_schema =
    SCHEMA("AttentionReason", "Why something needs attention.", reason_fields);

static const struct field item_fields[] = {
    {.name = "partner",
     .type = FIELD_OBJECT,
     .schema = &partner_schema,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "null: it is an import."},
    {.name = "import",
     .type = FIELD_OBJECT,
     .schema = &import_schema,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "null: it is a partner."},
    ABSENT("at_stake", FIELD_DECIMAL, "See the formula of its reasons; null: no amount."),
    ABSENT("currency", FIELD_TEXT, "Of at_stake."),
    ABSENT("at_stake_reporting", FIELD_DECIMAL,
           "In the reporting currency, at the rate of the day that is reckoned by; null: no rate."),
    {.name = "reasons",
     .type = FIELD_OBJECTS,
     .flags = FIELD_REQUIRED,
     .schema = &reason_schema,
     .max_items = ATTENTION_REASON_COUNT},
};
const struct schema attention_item_schema =
    SCHEMA("AttentionItem", "A partner or an import that needs attention.", item_fields);

static const struct field count_fields[] = {
    CODE,
    TEXT("formula", "When it holds."),
    {.name = "count", .type = FIELD_INT, .flags = FIELD_REQUIRED, .help = "Items that have it."},
    ABSENT("not_judged", FIELD_TEXT, "Why nothing can be said about it; null: it is judged."),
};
static const struct schema count_schema =
    SCHEMA("AttentionCount", "One reason, and how many have it.", count_fields);
static const struct field summary_fields[] = {
    {.name = "as_of",
     .type = FIELD_TIME,
     .flags = FIELD_REQUIRED,
     .help = "Changes of many partners at once show within seconds."},
    {.name = "day", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .help = "Today."},
    {.name = "reckoned_on",
     .type = FIELD_DAY,
     .flags = FIELD_REQUIRED,
     .help = "The day by which silence and sales are judged: today, or the day after the channel's "
             "last order when that is more than 14 days ago."},
    ABSENT("last_order_on", FIELD_DAY, "The channel's last order; null: there is none."),
    TEXT("reporting_currency", NULL),
    {.name = "total", .type = FIELD_INT, .flags = FIELD_REQUIRED, .help = "Items with any reason."},
    {.name = "reasons",
     .type = FIELD_OBJECTS,
     .flags = FIELD_REQUIRED,
     .schema = &count_schema,
     .max_items = ATTENTION_REASON_COUNT},
};
const struct schema attention_summary_schema =
    SCHEMA("AttentionSummary", "How many need attention, by reason.", summary_fields);
