/* Proof that a domain is the partner's: it sets a TXT record that nobody else could guess. */
#include "src/core/audit.h"
#include "src/core/touch.h"
#include "src/domain/domain_state.h"

enum { TOKEN_RANDOM_BYTES = 16 };

const char *const domain_proof_state_names[] = {"none",    "pending", "verified",
                                                "expired", "lost",    NULL};

struct str domain_challenge_name(struct str domain, struct arena *arena)
{
    return arena_format(arena, "_rapport-challenge.%.*s", STR_ARG(domain));
}

static struct str challenge_text(struct str token, struct arena *arena)
{
    return arena_format(arena, "rapport-verification=%.*s", STR_ARG(token));
}

static enum domain_proof_state state_of(const struct domain_proof_row *row, int64_t now_ms)
{
    if (row->proof.verified_ms)
        return row->ended_ms ? DOMAIN_PROOF_LOST : DOMAIN_PROOF_VERIFIED;
    if (row->ended_ms)
        return DOMAIN_PROOF_NONE;
    return now_ms < row->proof.expires_ms ? DOMAIN_PROOF_PENDING : DOMAIN_PROOF_EXPIRED;
}

/* The newest proof, if it is of the domain that the partner has now. */
static enum err open_proof(struct ctx *ctx, struct partner_id partner, struct str domain,
                           struct domain_proof_row *row)
{
    bool found;
    TRY(domain_store_proof(ctx, partner, row, &found));
    row->proof.state = DOMAIN_PROOF_NONE;
    if (!found || !str_equal(row->proof.domain, domain))
        return OK;
    row->proof.state = state_of(row, ctx->now_ms);
    row->proof.record_name = domain_challenge_name(domain, ctx->arena);
    row->proof.record_text = challenge_text(row->token, ctx->arena);
    return OK;
}

static bool is_open(const struct domain_proof_row *row)
{
    return row->proof.state == DOMAIN_PROOF_PENDING || row->proof.state == DOMAIN_PROOF_VERIFIED;
}

enum err domain_open_challenge(struct ctx *ctx, struct partner_id partner, struct str domain,
                               struct str *ret_text)
{
    struct domain_proof_row row;
    TRY(open_proof(ctx, partner, domain, &row));
    *ret_text = is_open(&row) ? row.proof.record_text : STR("");
    return OK;
}

enum err domain_proof_get(struct ctx *ctx, struct partner_id id, struct domain_proof *ret_proof)
{
    struct domain_proof_row row;
    struct partner partner;
    TRY(partner_get(ctx, id, &partner));
    TRY(open_proof(ctx, partner.id, partner.fields[PARTNER_DOMAIN], &row));
    *ret_proof = row.proof;
    return OK;
}

static enum err audit_proof(struct ctx *ctx, struct partner_id partner, const char *now,
                            struct str domain)
{
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, "domain_proof", STR(""),
                       arena_format(ctx->arena, "%s: %.*s", now, STR_ARG(domain)));
    return audit_record(ctx, (struct audit_subject){"partner", partner.v, partner}, "changed",
                        &changes);
}

static enum err check_owner(struct ctx *ctx, struct partner_id partner, struct str domain)
{
    struct partner_id owner;
    struct partner other;
    TRY(domain_store_owner(ctx, domain, &owner));
    if (!partner_id_is_set(owner) || partner_id_equal(owner, partner))
        return OK;
    TRY(partner_get(ctx, owner, &other));
    return CTX_FAULT(ctx, ERR_CONFLICT, "domain_proven",
                     "%.*s was proven by %.*s; one of the two records has the wrong domain, or "
                     "they are one partner.",
                     STR_ARG(domain), STR_ARG(other.fields[PARTNER_NAME]));
}

static enum err end_proof(struct ctx *ctx, struct domain_proof_row *row)
{
    row->ended_ms = ctx->now_ms;
    return domain_store_set_proof(ctx, row);
}

enum err domain_proof_begin(struct ctx *ctx, struct partner_id id, struct domain_proof *ret_proof)
{
    struct domain_proof_row row, added = {.ended_ms = 0};
    struct partner partner;
    uint8_t random[TOKEN_RANDOM_BYTES];
    TRY(partner_get(ctx, id, &partner));
    struct str domain = partner.fields[PARTNER_DOMAIN];
    if (!domain.len)
        return CTX_FAULT_FIELD(ctx, ERR_CONFLICT, "no_domain", "domain",
                               "The record has no domain: set it first.");
    TRY(check_owner(ctx, partner.id, domain));
    TRY(open_proof(ctx, partner.id, domain, &row));
    if (is_open(&row) || row.proof.state == DOMAIN_PROOF_EXPIRED)
        TRY(end_proof(ctx, &row));
    entropy_fill(&ctx->services->entropy, random, sizeof(random));
    added.token = hex_encode(random, sizeof(random), ctx->arena);
    added.proof = (struct domain_proof){
        .id = ctx_next_id(ctx),
        .partner = partner.id,
        .domain = domain,
        .created_ms = ctx->now_ms,
        .expires_ms = ctx->now_ms + (int64_t)DOMAIN_PROOF_DAYS * MS_PER_DAY,
    };
    TRY(domain_store_add_proof(ctx, &added));
    TRY(audit_proof(ctx, partner.id, "asked for", domain));
    touch_partner(ctx, partner.id);
    return domain_proof_get(ctx, partner.id, ret_proof);
}

enum err domain_proof_withdraw(struct ctx *ctx, struct partner_id id)
{
    struct domain_proof_row row;
    struct partner partner;
    bool found;
    TRY(partner_get(ctx, id, &partner));
    TRY(domain_store_proof(ctx, partner.id, &row, &found));
    if (!found || row.ended_ms)
        return OK;
    TRY(end_proof(ctx, &row));
    touch_partner(ctx, partner.id);
    return audit_proof(ctx, partner.id, "withdrawn", row.proof.domain);
}

enum err domain_owner(struct ctx *ctx, struct str domain, struct partner_id *ret_owner)
{
    return domain_store_owner(ctx, domain, ret_owner);
}

/* ---- after a check ---- */

/* At every server that answers for the domain: one that was taken over alone proves nothing. */
static bool is_proven(const struct domain_finding *finding, bool *ret_somebody_answers)
{
    size_t good = 0, with = 0;
    for (size_t i = 0; i < finding->server_count; i++) {
        const struct domain_server *server = &finding->servers[i];
        if (server->state != DOMAIN_SERVER_GOOD || !(server->above || server->own))
            continue;
        good++;
        with += server->has_challenge;
    }
    *ret_somebody_answers = good > 0;
    return good > 0 && with == good;
}

static enum err verify(struct ctx *ctx, struct domain_proof_row *row, struct str *ret_sentence)
{
    struct partner_id owner;
    TRY(domain_store_owner(ctx, row->proof.domain, &owner));
    if (partner_id_is_set(owner) && !partner_id_equal(owner, row->proof.partner))
        return OK;
    row->proof.verified_ms = ctx->now_ms;
    TRY(audit_proof(ctx, row->proof.partner, "verified", row->proof.domain));
    *ret_sentence =
        arena_format(ctx->arena, "%.*s is proven to be the partner's.", STR_ARG(row->proof.domain));
    return OK;
}

/* A record that is away for a moment is no change of hands. */
static enum err miss(struct ctx *ctx, struct domain_proof_row *row, struct str *ret_sentence,
                     bool *ret_lost)
{
    struct domain_proof *proof = &row->proof;
    if (!proof->missing_since_ms)
        proof->missing_since_ms = ctx->now_ms;
    if (ctx->now_ms - proof->missing_since_ms < (int64_t)DOMAIN_PROOF_GRACE_DAYS * MS_PER_DAY)
        return OK;
    row->ended_ms = ctx->now_ms;
    *ret_lost = true;
    *ret_sentence = arena_format(ctx->arena,
                                 "The proof that %.*s is the partner's is gone from its name "
                                 "servers for %d days: the domain may have changed hands.",
                                 STR_ARG(proof->domain), DOMAIN_PROOF_GRACE_DAYS);
    return audit_proof(ctx, proof->partner, "lost", proof->domain);
}

enum err domain_proof_step(struct ctx *ctx, struct partner_id partner,
                           const struct domain_finding *finding, struct str *ret_sentence,
                           bool *ret_lost)
{
    struct domain_proof_row row;
    bool somebody_answers;
    TRY(open_proof(ctx, partner, finding->domain, &row));
    bool is_proof = is_proven(finding, &somebody_answers);
    /* What was asked for before this challenge was made says nothing about it. */
    bool was_asked = row.proof.created_ms <= finding->checked_ms && !finding->start.len;
    if (!is_open(&row) || !was_asked || !somebody_answers)
        return OK;
    row.proof.checked_ms = finding->checked_ms;
    if (is_proof)
        row.proof.missing_since_ms = 0;
    if (is_proof && row.proof.state == DOMAIN_PROOF_PENDING)
        TRY(verify(ctx, &row, ret_sentence));
    else if (!is_proof && row.proof.state == DOMAIN_PROOF_VERIFIED)
        TRY(miss(ctx, &row, ret_sentence, ret_lost));
    return domain_store_set_proof(ctx, &row);
}
