/* Finding one partner by what people and files call it. */
#include "src/core/limits.h"
#include "src/partner/partner_record.h"
#include "src/partner/partner_rules.h"
#include "src/partner/partner_store.h"

enum { SENTENCE_BYTES = 1024, SIMILAR_MAX = 3, NAME_SHOWN_BYTES = 60 };

static enum err ambiguous(struct ctx *ctx, struct str text, const struct partner_candidates *found)
{
    struct buf list;
    buf_init(&list, ctx->arena, SENTENCE_BYTES);
    for (size_t i = 0; i < found->count && i < PARTNER_CANDIDATES - 1; i++)
        buf_format(&list, "%s%.*s (%.*s)", i ? ", " : "",
                   STR_ARG(partner_id_text(found->rows[i].id, ctx->arena)),
                   STR_ARG(found->rows[i].city.len ? found->rows[i].city : found->rows[i].name));
    if (found->count == PARTNER_CANDIDATES)
        buf_add(&list, STR(" and others"));
    return CTX_FAULT(ctx, ERR_CONFLICT, "partner_ambiguous",
                     "Several partners are called \"%.*s\"; give the id: %.*s.",
                     STR_ARG(str_slice(text, 0, 80)), STR_ARG(buf_str(&list)));
}

/* OK with `ret_id` unset when nobody has the name. */
static enum err find_name(struct ctx *ctx, struct str text, struct partner_id *ret_id)
{
    const struct {
        enum partner_name_kind kind;
        struct str key;
    } tries[] = {
        {PARTNER_BY_NAME, text_fold(text, ctx->arena)},
        {PARTNER_BY_COMPANY, company_key(text, ctx->arena)},
        {PARTNER_BY_ANY_NAME, text_fold(text, ctx->arena)},
    };
    struct partner_candidates found = {.count = 0};
    for (size_t i = 0; i < ARRAY_LEN(tries) && !found.count; i++)
        if (tries[i].key.len)
            TRY(partner_store_by_name(ctx, tries[i].kind, tries[i].key, &found));
    if (found.count > 1)
        return ambiguous(ctx, text, &found);
    *ret_id = found.count ? found.rows[0].id : (struct partner_id){0};
    return OK;
}

static enum err find_id(struct ctx *ctx, struct partner_id id, struct partner_id *ret_id)
{
    struct partner_brief brief;
    TRY(partner_brief(ctx, id, &brief));
    *ret_id = brief.id;
    return OK;
}

/* "system:id"; OK with `ret_id` unset when it is none, or nobody's. */
static enum err find_joined(struct ctx *ctx, struct str text, struct partner_id *ret_id)
{
    struct external_id external;
    *ret_id = (struct partner_id){0};
    if (!external_id_split(text, &external) ||
        external_id_normalise(ctx->arena, NULL, external, &external) != OK)
        return OK;
    return partner_store_by_external(ctx, external, ret_id);
}

/* OK with `ret_id` unset when nobody is called so. */
static enum err resolve(struct ctx *ctx, struct str text, struct partner_id *ret_id)
{
    struct partner_id id;
    *ret_id = (struct partner_id){0};
    if (partner_id_parse(text, &id))
        return find_id(ctx, id, ret_id);
    if (!str_is_utf8(text))
        return OK;
    TRY(find_joined(ctx, text, ret_id));
    return partner_id_is_set(*ret_id) ? OK : find_name(ctx, text, ret_id);
}

static enum err nobody(struct ctx *ctx, struct str text, struct str hint)
{
    return CTX_FAULT(ctx, ERR_NOT_FOUND, "partner_not_found", "There is no partner \"%.*s\".%.*s",
                     STR_ARG(str_slice(text, 0, 80)), STR_ARG(hint));
}

/* " Did you mean A or B?", of those whose names have words that begin so. */
static struct str similar(struct ctx *ctx, struct str text)
{
    struct buf hint;
    struct partner_filter filter = {.search = str_slice(text, 0, LIMIT_QUERY_BYTES)};
    struct partner_order order = {.sort = PARTNER_SORT_NAME};
    struct page page = {.limit = SIMILAR_MAX};
    struct partner_page found;
    buf_init(&hint, ctx->arena, SENTENCE_BYTES);
    if (!text.len || !str_is_utf8(text) || partner_list(ctx, &filter, &order, &page, &found) != OK)
        return (struct str){NULL, 0};
    for (size_t i = 0; i < found.count; i++)
        buf_format(&hint, "%s%.*s",
                   i == 0                 ? " Did you mean "
                   : i + 1 == found.count ? " or "
                                          : ", ",
                   STR_ARG(str_slice(found.rows[i].name, 0, NAME_SHOWN_BYTES)));
    if (found.count)
        buf_add_char(&hint, '?');
    return buf_str(&hint);
}

enum err partner_find_exactly(struct ctx *ctx, struct str text, struct partner_id *ret_id)
{
    struct partner_id id;
    struct str trimmed = str_trim(text);
    TRY(resolve(ctx, trimmed, &id));
    if (!partner_id_is_set(id))
        return nobody(ctx, trimmed, (struct str){NULL, 0});
    *ret_id = id;
    return OK;
}

enum err partner_find(struct ctx *ctx, struct str text, struct partner_id *ret_id)
{
    struct partner_id id;
    struct str trimmed = str_trim(text);
    TRY(resolve(ctx, trimmed, &id));
    if (!partner_id_is_set(id))
        return nobody(ctx, trimmed, similar(ctx, trimmed));
    *ret_id = id;
    return OK;
}

enum err partner_find_external(struct ctx *ctx, struct external_id external,
                               struct partner_id *ret_id)
{
    struct partner_id id;
    TRY(external_id_normalise(ctx->arena, &ctx->fault, external, &external));
    TRY(partner_store_by_external(ctx, external, &id));
    if (!partner_id_is_set(id))
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "partner_not_found",
                         "No partner has the id %.*s of %.*s.", STR_ARG(external.id),
                         STR_ARG(external.system));
    *ret_id = id;
    return OK;
}
