/* Routes of one domain and of a partner's. */
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/domain/domain_view.h"

static const char *const fill_names[] = {"none", "empty", "all", NULL};
enum { FILL_NONE, FILL_EMPTY, FILL_ALL };

/* What `prepare` leaves for `ask` and `handle`. */
struct check_input {
    struct domain_ask ask;
    struct domain_case opened; /* of a partner */
    struct partner_id partner;
    int fill;
    void (*resume)(void *call);
    void *call;
};

/* ---- asking, without a worker ---- */

static void asked(struct domain_ask *ask)
{
    struct check_input *input = ask->self;
    input->resume(input->call);
}

static void ask_outside(struct ctx *ctx, struct request *request, void (*resume)(void *call),
                        void *call)
{
    struct check_input *input = request->input;
    input->ask.arena = ctx->arena;
    input->ask.done = asked;
    input->ask.self = input;
    input->resume = resume;
    input->call = call;
    if (ctx->services->domain) {
        domain_service_ask(ctx->services->domain, &input->ask);
        return;
    }
    domain_check_now(ctx, &input->ask.settings, &input->ask.request, &input->ask.finding);
    resume(call);
}

static enum err find_finding(struct ctx *ctx, const struct request *request,
                             const struct domain_finding **ret_finding)
{
    const struct check_input *input = request->input;
    if (!input->ask.finding)
        return CTX_FAULT(ctx, ERR_CANCELLED, "stopping",
                         "The server is stopping; check again in a moment.");
    *ret_finding = input->ask.finding;
    return OK;
}

/* ---- any domain ---- */

static const struct field check_body_fields[] = {
    {.name = "domain",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .max = 1000,
     .help = "Other letters than ASCII are taken by IDNA.",
     .example = "example.com"},
    {.name = "server",
     .type = FIELD_TEXT,
     .max = 300,
     .help = "Ask this name server first, by name or address, instead of the zone above.",
     .example = "ns1.example.com"},
};
static const struct schema check_body = SCHEMA("DomainCheckRequest", NULL, check_body_fields);

static enum err prepare_check(struct ctx *ctx, struct request *request)
{
    struct check_input *input = ARENA_NEW(ctx->arena, struct check_input);
    TRY(domain_settings_get(ctx, &input->ask.settings));
    TRY(domain_request_read(ctx, &input->ask.settings, form_text(request->body, "domain"),
                            form_text(request->body, "server"), &input->ask.request));
    request->input = input;
    return OK;
}

static struct responded post_check(struct ctx *ctx, struct request *request)
{
    const struct domain_finding *finding = NULL;
    enum err err = find_finding(ctx, request, &finding);
    if (err == OK)
        domain_finding_render(finding, &request->json);
    return respond_or_fault(ctx, request, err, 200);
}

/* ---- a partner's ---- */

static struct responded answer_state(struct ctx *ctx, struct request *request,
                                     struct partner_id partner)
{
    struct domain_state state;
    struct domain_proof proof;
    enum err err = domain_state_get(ctx, partner, &state);
    if (err == OK)
        err = domain_proof_get(ctx, partner, &proof);
    if (err == OK)
        domain_state_render(&state, &proof, &request->json);
    return respond_or_fault(ctx, request, err, 200);
}

static struct responded get_state(struct ctx *ctx, struct request *request)
{
    struct partner_id partner;
    if (REQUEST_ID(ctx, request, "id", partner, &partner) != OK)
        return respond_fault(ctx, request);
    return answer_state(ctx, request, partner);
}

static enum err prepare_partner(struct ctx *ctx, struct request *request, bool from_record,
                                struct check_input **ret_input)
{
    struct check_input *input = ARENA_NEW(ctx->arena, struct check_input);
    TRY(REQUEST_ID(ctx, request, "id", partner, &input->partner));
    TRY(domain_settings_get(ctx, &input->ask.settings));
    TRY(domain_case_open(ctx, input->partner, from_record, &input->opened));
    input->ask.request = input->opened.request;
    request->input = input;
    *ret_input = input;
    return OK;
}

static enum err prepare_partner_check(struct ctx *ctx, struct request *request)
{
    struct check_input *input;
    return prepare_partner(ctx, request, false, &input);
}

static struct responded post_partner_check(struct ctx *ctx, struct request *request)
{
    const struct check_input *input = request->input;
    const struct domain_finding *finding = NULL;
    if (find_finding(ctx, request, &finding) != OK ||
        domain_record(ctx, &input->opened, finding, true) != OK)
        return respond_fault(ctx, request);
    return answer_state(ctx, request, input->partner);
}

static const struct field determine_fields[] = {
    {.name = "fill",
     .type = FIELD_ENUM,
     .names = fill_names,
     .help = "What of the record is set to what was found: nothing, empty fields, or all. "
             "Default: none."},
};
static const struct schema determine_body =
    SCHEMA("DomainDetermineRequest", NULL, determine_fields);

static enum err prepare_determine(struct ctx *ctx, struct request *request)
{
    struct check_input *input;
    TRY(prepare_partner(ctx, request, true, &input));
    input->fill = (int)form_int_or(request->body, "fill", FILL_NONE);
    return OK;
}

static struct responded post_determine(struct ctx *ctx, struct request *request)
{
    const struct check_input *input = request->input;
    const struct domain_finding *finding = NULL;
    bool changed;
    enum err err = find_finding(ctx, request, &finding);
    if (err == OK && input->fill != FILL_NONE)
        err = domain_fill(ctx, input->partner, finding, input->fill == FILL_EMPTY, &changed);
    if (err == OK)
        domain_finding_render(finding, &request->json);
    return respond_or_fault(ctx, request, err, 200);
}

static struct responded post_seen(struct ctx *ctx, struct request *request)
{
    struct partner_id partner;
    if (REQUEST_ID(ctx, request, "id", partner, &partner) != OK || domain_seen(ctx, partner) != OK)
        return respond_fault(ctx, request);
    return respond_empty(ctx, request);
}

/* ---- proof ---- */

static struct responded answer_proof(struct ctx *ctx, struct request *request,
                                     struct partner_id partner)
{
    struct domain_proof proof;
    enum err err = domain_proof_get(ctx, partner, &proof);
    if (err == OK)
        domain_proof_render(&proof, &request->json);
    return respond_or_fault(ctx, request, err, 200);
}

static struct responded get_proof(struct ctx *ctx, struct request *request)
{
    struct partner_id partner;
    if (REQUEST_ID(ctx, request, "id", partner, &partner) != OK)
        return respond_fault(ctx, request);
    return answer_proof(ctx, request, partner);
}

static struct responded post_proof(struct ctx *ctx, struct request *request)
{
    struct partner_id partner;
    struct domain_proof proof;
    if (REQUEST_ID(ctx, request, "id", partner, &partner) != OK ||
        domain_proof_begin(ctx, partner, &proof) != OK)
        return respond_fault(ctx, request);
    domain_proof_render(&proof, &request->json);
    return respond_json(ctx, request, 201);
}

static struct responded delete_proof(struct ctx *ctx, struct request *request)
{
    struct partner_id partner;
    if (REQUEST_ID(ctx, request, "id", partner, &partner) != OK ||
        domain_proof_withdraw(ctx, partner) != OK)
        return respond_fault(ctx, request);
    return respond_empty(ctx, request);
}

static enum err prepare_proof_check(struct ctx *ctx, struct request *request)
{
    struct check_input *input;
    TRY(prepare_partner(ctx, request, false, &input));
    input->ask.request.is_fresh = true;
    if (!input->ask.request.challenge.len)
        return CTX_FAULT(ctx, ERR_CONFLICT, "no_proof",
                         "No proof is open for this domain: begin one first.");
    return OK;
}

static struct responded post_proof_check(struct ctx *ctx, struct request *request)
{
    const struct check_input *input = request->input;
    const struct domain_finding *finding = NULL;
    if (find_finding(ctx, request, &finding) != OK ||
        domain_record(ctx, &input->opened, finding, true) != OK)
        return respond_fault(ctx, request);
    return answer_proof(ctx, request, input->partner);
}

#define PARTNER "/api/v1/partners/{id}/dns"
static const struct route routes[] = {
    ROUTE("POST", "/api/v1/dns/check", ROLES_STAFF, SCOPE_READ, ACCESS_NONE, .id = "checkDomain",
          .summary = "Check a domain", .tag = "DNS",
          .notes = "Asks the domain's own name servers, from the root down, and keeps nothing. The "
                   "answer may take seconds.",
          .body = &check_body, .answer = &domain_check_schema, .success = 200,
          .prepare = prepare_check, .ask = ask_outside, .handle = post_check),
    ROUTE("GET", PARTNER, ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ, .id = "getPartnerDns",
          .summary = "What is known of a partner's domain", .tag = "DNS",
          .answer = &domain_state_schema, .success = 200, .handle = get_state),
    ROUTE("POST", PARTNER "/check", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "checkPartnerDns", .summary = "Check a partner's domain", .tag = "DNS",
          .notes = "The domain of the record, or the mail domain of its contacts. What is found is "
                   "kept, and compared with the record. The answer may take seconds.",
          .answer = &domain_state_schema, .success = 200, .prepare = prepare_partner_check,
          .ask = ask_outside, .handle = post_partner_check),
    ROUTE("POST", PARTNER "/determine", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "determinePartnerDns", .summary = "Find a partner's name servers", .tag = "DNS",
          .notes = "From the primary DNS of its record where there is one, else from its domain or "
                   "the mail domain of its contacts. `fill` takes them into the record.",
          .body = &determine_body, .answer = &domain_check_schema, .success = 200,
          .prepare = prepare_determine, .ask = ask_outside, .handle = post_determine),
    ROUTE("POST", PARTNER "/seen", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "markPartnerDnsSeen", .summary = "The change at a partner's domain was seen",
          .tag = "DNS", .notes = "It no longer needs attention, until something changes again.",
          .success = 204, .handle = post_seen),
    ROUTE("GET", PARTNER "/proof", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ,
          .id = "getPartnerDomainProof", .summary = "Proof that the domain is the partner's",
          .tag = "DNS", .answer = &domain_proof_schema, .success = 200, .handle = get_proof),
    ROUTE("POST", PARTNER "/proof", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "beginPartnerDomainProof",
          .summary = "Ask for proof that the domain is the partner's", .tag = "DNS",
          .notes = "Answers the TXT record that the partner sets in its zone, good for 14 days. A "
                   "new one ends an older one.",
          .answer = &domain_proof_schema, .success = 201, .handle = post_proof),
    ROUTE("POST", PARTNER "/proof/check", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "checkPartnerDomainProof", .summary = "Look for the proof now", .tag = "DNS",
          .notes = "At every name server of the domain, and at no cache. Once it was seen it is "
                   "looked for at every check; gone for 3 days, it is lost.",
          .answer = &domain_proof_schema, .success = 200, .prepare = prepare_proof_check,
          .ask = ask_outside, .handle = post_proof_check),
    ROUTE("DELETE", PARTNER "/proof", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "withdrawPartnerDomainProof", .summary = "Give up the proof", .tag = "DNS",
          .success = 204, .handle = delete_proof),
};
const struct route_table domain_routes = {routes, ARRAY_LEN(routes)};
