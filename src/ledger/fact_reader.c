/* One pass over a fact's JSON, with lib/json behind it. */
#include "src/ledger/fact_reader.h"

#include <string.h>

#include "lib/base/parse.h"
#include "lib/json/json.h"
#include "lib/norm/norm.h"
#include "src/core/limits.h"

#define OPTIONAL_TEXT(name_, max_, ...)                                                          \
    {                                                                                            \
        .name = (name_), .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = (max_), __VA_ARGS__ \
    }

static const struct field fields[FACT_FIELD_COUNT] = {
    [FACT_FIELD_PARTNER] = {.name = "partner",
                            .type = FIELD_TEXT,
                            .flags = FIELD_REQUIRED,
                            .min = 1,
                            .max = LIMIT_NAME_BYTES,
                            .help = "The partner's id, or its id elsewhere as \"system:id\".",
                            .example = "adventureworks:320"},
    [FACT_FIELD_KIND] = {.name = "kind",
                         .type = FIELD_ENUM,
                         .flags = FIELD_REQUIRED,
                         .names = fact_kind_names,
                         .help = "What happened."},
    [FACT_FIELD_AT] = {.name = "at",
                       .type = FIELD_TIME,
                       .flags = FIELD_REQUIRED,
                       .help = "When it happened.",
                       .example = "2026-05-31T12:00:00Z"},
    [FACT_FIELD_QUANTITY] = {.name = "quantity",
                             .type = FIELD_DECIMAL,
                             .flags = FIELD_NULLABLE,
                             .help = "Units, seconds or minutes, as the kind has it; up to three"
                                     " decimals. Default: 1.",
                             .example = "3"},
    [FACT_FIELD_AMOUNT] = {.name = "amount",
                           .type = FIELD_MONEY,
                           .flags = FIELD_NULLABLE,
                           .help = "A decimal in quotes.",
                           .example = "1250.00"},
    [FACT_FIELD_CURRENCY] =
        OPTIONAL_TEXT("currency", 3, .help = "ISO 4217, of amount and cost.", .example = "USD"),
    [FACT_FIELD_COST] = {.name = "cost",
                         .type = FIELD_MONEY,
                         .flags = FIELD_NULLABLE,
                         .help = "Cost of goods, for the margin.",
                         .example = "800.00"},
    [FACT_FIELD_PRODUCT] =
        OPTIONAL_TEXT("product", LIMIT_NAME_BYTES, .help = "The product's id, or \"system:id\".",
                      .example = "adventureworks:214"),
    [FACT_FIELD_CONTACT] =
        OPTIONAL_TEXT("contact", LIMIT_NAME_BYTES, .help = "The contact's id, or \"system:id\"."),
    [FACT_FIELD_SOURCE] = {.name = "source",
                           .type = FIELD_TEXT,
                           .flags = FIELD_REQUIRED,
                           .min = 1,
                           .max = LIMIT_SOURCE_BYTES,
                           .help = "The system that says so.",
                           .example = "shop"},
    [FACT_FIELD_EXTERNAL_ID] = {.name = "external_id",
                                .type = FIELD_TEXT,
                                .flags = FIELD_REQUIRED,
                                .min = 1,
                                .max = LIMIT_EXTERNAL_ID_BYTES,
                                .help = "Its id there. A source and external id count once, for"
                                        " ever.",
                                .example = "SO43659"},
    [FACT_FIELD_REF] = OPTIONAL_TEXT("ref", LIMIT_LINE_BYTES,
                                     .help = "The order of an item, the deal of an outcome.",
                                     .example = "SO43659"),
    [FACT_FIELD_NOTE] = {.name = "note",
                         .type = FIELD_NOTE,
                         .flags = FIELD_NULLABLE,
                         .max = LIMIT_NOTE_BYTES},
};
const struct schema fact_draft_schema =
    SCHEMA("FactDraft", "Something that happened at a partner.", fields);

/* ---- the pass ---- */

struct pass {
    const char *at, *end;
    struct arena *arena;
};

static void skip_space(struct pass *pass)
{
    while (pass->at < pass->end &&
           (*pass->at == ' ' || *pass->at == '\n' || *pass->at == '\r' || *pass->at == '\t'))
        pass->at++;
}

static bool take_char(struct pass *pass, char c)
{
    skip_space(pass);
    if (pass->at == pass->end || *pass->at != c)
        return false;
    pass->at++;
    return true;
}

/* What a text needs beyond being copied. */
struct traits {
    bool escaped; /* has a backslash */
    bool foreign; /* has bytes outside of ASCII */
    bool unclean; /* white space other than single spaces inside, or DEL */
};

/* The bytes between quotes; false for control characters and where it does not end. */
static bool take_string(struct pass *pass, struct str *ret_text, struct traits *ret_traits)
{
    struct traits traits = {0};
    unsigned char before = ' ';
    if (!take_char(pass, '"'))
        return false;
    const char *from = pass->at;
    for (; pass->at < pass->end && *pass->at != '"'; pass->at++) {
        unsigned char c = (unsigned char)*pass->at;
        if (c < 0x20)
            return false;
        if (c == '\\') {
            traits.escaped = true;
            if (++pass->at == pass->end)
                return false;
        }
        traits.foreign = traits.foreign || c >= 0x80;
        traits.unclean = traits.unclean || c == 0x7f || (c == ' ' && before == ' ');
        before = c;
    }
    *ret_text = (struct str){from, (size_t)(pass->at - from)};
    traits.unclean = traits.unclean || (ret_text->len && before == ' ');
    *ret_traits = traits;
    return pass->at < pass->end && *pass->at++ == '"';
}

/* The escapes of one character; "\u" and what is none give up. */
static bool unescape(struct arena *arena, struct str *text)
{
    static const char names[] = "\"\\/bfnrt", chars[] = "\"\\/\b\f\n\r\t";
    char *copy = arena_alloc(arena, text->len);
    size_t len = 0;
    for (size_t i = 0; i < text->len; i++) {
        char c = text->ptr[i];
        if (c == '\\') {
            const char *name = memchr(names, text->ptr[++i], sizeof(names) - 1);
            if (!name)
                return false;
            c = chars[name - names];
        }
        copy[len++] = c;
    }
    *text = (struct str){copy, len};
    return true;
}

/* As the form has it: bounded, then cleaned. */
static bool read_text(struct pass *pass, const struct field *field, struct str text,
                      struct traits traits, struct form_value *value)
{
    if (traits.escaped && !unescape(pass->arena, &text))
        return false;
    if ((int64_t)text.len > field->max || (int64_t)text.len < field->min)
        return false;
    if (traits.foreign && !str_is_utf8(text))
        return false;
    if (field->type == FIELD_NOTE && (traits.escaped || traits.unclean))
        return false;
    if (field->type == FIELD_TEXT && (traits.escaped || traits.foreign || traits.unclean))
        text = text_clean(text, pass->arena);
    value->text = text;
    return true;
}

static bool read_kind(struct str text, struct form_value *value)
{
    enum fact_kind kind;
    if (!fact_kind_parse(text, &kind))
        return false;
    value->integer = kind - 1;
    value->text = str_from_c(fact_kind_name(kind));
    return true;
}

static bool read_string(struct pass *pass, const struct field *field, struct form_value *value)
{
    struct str text;
    struct traits traits;
    if (!take_string(pass, &text, &traits))
        return false;
    if (field->type == FIELD_TEXT || field->type == FIELD_NOTE)
        return read_text(pass, field, text, traits, value);
    if (traits.escaped || traits.foreign)
        return false;
    if (field->type == FIELD_ENUM)
        return read_kind(text, value);
    if (field->type == FIELD_TIME)
        return time_parse(text, &value->integer);
    value->text = text;
    return parse_decimal(text, 9, &value->decimal);
}

/* A whole number for a decimal field, within what every reader of JSON takes. */
static bool read_integer(struct pass *pass, const struct field *field, struct form_value *value)
{
    enum { DIGITS_MAX = 15 };
    const char *from = pass->at;
    if (field->type != FIELD_DECIMAL && field->type != FIELD_MONEY)
        return false;
    if (pass->at < pass->end && *pass->at == '-')
        pass->at++;
    const char *digits = pass->at;
    while (pass->at < pass->end && *pass->at >= '0' && *pass->at <= '9')
        pass->at++;
    size_t count = (size_t)(pass->at - digits);
    if (!count || count > DIGITS_MAX || digits[0] == '0' || pass->at == pass->end ||
        (*pass->at != ',' && *pass->at != '}' && *pass->at != ' '))
        return false;
    value->text = (struct str){from, (size_t)(pass->at - from)};
    return parse_decimal(value->text, 9, &value->decimal);
}

static bool find_field(struct str name, size_t *ret_index)
{
    for (size_t i = 0; i < FACT_FIELD_COUNT; i++) {
        const char *known = fields[i].name;
        if (known[0] != name.ptr[0] || !str_equal(name, str_from_c(known)))
            continue;
        *ret_index = i;
        return true;
    }
    return false;
}

static bool take_member(struct pass *pass, struct form_value *values)
{
    struct str name;
    struct traits traits;
    size_t index;
    if (!take_string(pass, &name, &traits) || traits.escaped || !name.len ||
        !find_field(name, &index) || values[index].given || !take_char(pass, ':'))
        return false;
    values[index].given = true;
    skip_space(pass);
    if (pass->at == pass->end)
        return false;
    return *pass->at == '"' ? read_string(pass, &fields[index], &values[index])
                            : read_integer(pass, &fields[index], &values[index]);
}

static bool has_all(const struct form_value *values)
{
    for (size_t i = 0; i < FACT_FIELD_COUNT; i++)
        if ((fields[i].flags & FIELD_REQUIRED) && !values[i].given)
            return false;
    return true;
}

bool fact_reader_take(struct str *rest, struct arena *arena, struct form_value *ret_values)
{
    struct pass pass = {rest->ptr, rest->ptr + rest->len, arena};
    memset(ret_values, 0, FACT_FIELD_COUNT * sizeof(*ret_values));
    if (!rest->len || !take_char(&pass, '{'))
        return false;
    do {
        if (!take_member(&pass, ret_values))
            return false;
    } while (take_char(&pass, ','));
    if (!take_char(&pass, '}') || !has_all(ret_values))
        return false;
    skip_space(&pass);
    *rest = str_slice(*rest, (size_t)(pass.at - rest->ptr), rest->len);
    return true;
}

/* ---- the others ---- */

enum err fact_reader_read_json(struct ctx *ctx, const struct json *object,
                               struct form_value *ret_values)
{
    const struct form *form;
    TRY(form_from_json(ctx, &fact_draft_schema, object, &form));
    memcpy(ret_values, form->values, FACT_FIELD_COUNT * sizeof(*ret_values));
    return OK;
}

enum err fact_reader_read(struct ctx *ctx, struct str text, struct form_value *ret_values)
{
    struct str rest = text;
    struct json_doc *doc;
    if (fact_reader_take(&rest, ctx->arena, ret_values) && !rest.len)
        return OK;
    TRY(json_parse(text, &doc, &ctx->fault));
    enum err err = fact_reader_read_json(ctx, json_root(doc), ret_values);
    json_doc_free(doc);
    return err;
}
