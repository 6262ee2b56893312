/* Keeps by what a partner is found, and which partners may be the same, with every change. */
#include "src/partner/partner_search.h"

#include "src/partner/partner_search_store.h"

enum {
    /* A domain or number that more partners share than this is no evidence: a franchise. */
    SHARED_MAX = 20,
    /* Neighbours in the order of company keys that are compared, on each side. */
    NEIGHBOURS = 24
};

/* ---- words ---- */

/* Both in byte order: adds what is only in `now`, removes what is only in `before`. */
static enum err write_words(struct ctx *ctx, struct partner_id id,
                            const struct search_words *before, const struct search_words *now)
{
    size_t i = 0, j = 0;
    while (i < before->count || j < now->count) {
        int order = i == before->count ? 1
                    : j == now->count  ? -1
                                       : str_compare(before->words[i], now->words[j]);
        if (order < 0)
            TRY(search_store_remove(ctx, id, before->words[i]));
        if (order > 0)
            TRY(search_store_add(ctx, id, now->words[j]));
        i += order <= 0;
        j += order >= 0;
    }
    return OK;
}

static enum err refresh_words(struct ctx *ctx, struct partner_id id)
{
    struct search_words before, now;
    TRY(search_store_rename(ctx, id));
    search_words_init(&before, ctx->arena);
    search_words_init(&now, ctx->arena);
    TRY(search_store_words(ctx, id, &before));
    TRY(search_store_read(ctx, id, &now));
    search_words_sort(&now);
    return write_words(ctx, id, &before, &now);
}

/* ---- duplicates ---- */

/* All that a pair depends on: equal signatures need no new look. */
static enum err signature_of(struct ctx *ctx, const struct duplicate_features *features,
                             struct str *ret_signature)
{
    struct str externals;
    TRY(match_store_externals(ctx, features->id, &externals));
    *ret_signature = arena_format(ctx->arena, "%.*s\n%.*s\n%.*s\n%.*s\n%lld\n%.*s",
                                  STR_ARG(features->company_key), STR_ARG(features->domain),
                                  STR_ARG(features->phone), STR_ARG(features->phone2),
                                  (long long)features->parent.v, STR_ARG(externals));
    return OK;
}

/* Clears a domain that is no evidence. */
static enum err add_by_domain(struct ctx *ctx, struct duplicate_features *features,
                              struct match_candidates *candidates)
{
    size_t seen = 0, count = candidates->count;
    if (!features->domain.len || domain_is_public_mail(features->domain))
        return OK;
    TRY(match_store_by_domain(ctx, features, SHARED_MAX + 1, candidates, &seen));
    if (seen > SHARED_MAX) {
        candidates->count = count;
        features->domain = (struct str){NULL, 0};
    }
    return OK;
}

static enum err add_by_phone(struct ctx *ctx, struct partner_id id, struct str phone,
                             struct match_candidates *candidates)
{
    return phone.len ? match_store_by_phone(ctx, id, phone, SHARED_MAX, candidates) : OK;
}

static enum err find_candidates(struct ctx *ctx, struct duplicate_features *features,
                                const struct match_pairs *known,
                                struct match_candidates *candidates)
{
    TRY(add_by_domain(ctx, features, candidates));
    TRY(add_by_phone(ctx, features->id, features->phone, candidates));
    TRY(add_by_phone(ctx, features->id, features->phone2, candidates));
    TRY(match_store_by_external(ctx, features->id, SHARED_MAX, candidates));
    TRY(match_store_by_name(ctx, features, NEIGHBOURS, candidates));
    for (size_t i = 0; i < known->count; i++)
        match_candidates_add(candidates, known->rows[i].other, 0);
    return OK;
}

static struct match_pair *pair_with(const struct match_pairs *pairs, struct partner_id other)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (partner_id_equal(pairs->rows[i].other, other))
            return &pairs->rows[i];
    return NULL;
}

static enum err judge(struct ctx *ctx, const struct duplicate_features *features,
                      struct partner_id other_id, unsigned reasons, const struct match_pairs *known)
{
    struct duplicate_features other;
    bool found;
    TRY(match_store_features(ctx, other_id, &other, &found));
    if (!found)
        return OK;
    if (partner_id_equal(features->parent, other.id) ||
        partner_id_equal(other.parent, features->id))
        reasons = 0;
    reasons |= duplicate_reasons(features, &other);
    if (!reasons)
        return OK;
    struct match_pair *pair = pair_with(known, other_id);
    if (!pair)
        return pair_store_insert(ctx, features->id, other_id, reasons);
    pair->seen = true;
    return pair->reasons == reasons ? OK : pair_store_update(ctx, pair->id, reasons);
}

static enum err look(struct ctx *ctx, struct duplicate_features *features)
{
    struct match_candidates candidates = {.arena = ctx->arena};
    struct match_pairs known;
    TRY(pair_store_of(ctx, features->id, &known));
    TRY(find_candidates(ctx, features, &known, &candidates));
    for (size_t i = 0; i < candidates.count; i++)
        TRY(judge(ctx, features, candidates.rows[i].id, candidates.rows[i].reasons, &known));
    for (size_t i = 0; i < known.count; i++)
        if (!known.rows[i].seen && !known.rows[i].dismissed)
            TRY(pair_store_remove(ctx, known.rows[i].id));
    return OK;
}

static enum err refresh_duplicates(struct ctx *ctx, struct partner_id id)
{
    struct duplicate_features features;
    struct str before, now;
    bool found;
    TRY(match_store_features(ctx, id, &features, &found));
    TRY(match_store_signature(ctx, id, &before));
    if (!found && !before.len)
        return OK;
    if (!found) {
        TRY(match_store_remove(ctx, id));
        return pair_store_remove_open(ctx, id);
    }
    TRY(signature_of(ctx, &features, &now));
    if (str_equal(before, now))
        return OK;
    TRY(match_store_save(ctx, &features, now));
    return look(ctx, &features);
}

enum err partner_search_refresh(struct ctx *ctx, struct partner_id id)
{
    TRY(refresh_words(ctx, id));
    return refresh_duplicates(ctx, id);
}
