/* The commands of one domain: check, determine, prove. */
#include "lib/json/json.h"
#include "src/core/command.h"
#include "src/core/limits.h"
#include "src/domain/domain_print.h"
#include "src/domain/domain_view.h"

/* What a command works on. */
struct checking {
    struct command_run *run;
    struct domain_settings settings;
    struct domain_request request;
    struct domain_case opened;
    struct domain_finding *finding;
    struct domain_proof proof;
    bool is_of_partner;
    bool changed;
};

/* ---- dns check ---- */

static enum err read_check(struct ctx *ctx, void *arg)
{
    struct checking *checking = arg;
    const struct cli_args *args = checking->run->args;
    TRY(domain_settings_get(ctx, &checking->settings));
    if (!cli_has(args, "partner"))
        return domain_request_read(ctx, &checking->settings, cli_operand(args, 0),
                                   cli_text(args, "server"), &checking->request);
    struct partner_id partner;
    TRY(partner_find(ctx, cli_text(args, "partner"), &partner));
    TRY(domain_case_open(ctx, partner, false, &checking->opened));
    checking->request = checking->opened.request;
    checking->is_of_partner = true;
    return OK;
}

static enum err record(struct ctx *ctx, void *arg)
{
    const struct checking *checking = arg;
    return domain_record(ctx, &checking->opened, checking->finding, true);
}

static enum err run_check(struct ctx *ctx, struct command_run *run)
{
    struct checking checking = {.run = run};
    bool has_domain = cli_operand_count(run->args) > 0;
    if (has_domain == cli_has(run->args, "partner"))
        return CTX_FAULT(ctx, ERR_INVALID, "dns_check", "Give a domain, or --partner.");
    if (cli_has(run->args, "partner") && cli_has(run->args, "server"))
        return CTX_FAULT(ctx, ERR_INVALID, "dns_check",
                         "--server goes with a domain; a partner's domain is checked from the zone "
                         "above.");
    TRY(ctx_read(ctx, read_check, &checking));
    domain_check_now(ctx, &checking.settings, &checking.request, &checking.finding);
    if (checking.is_of_partner)
        TRY(ctx_write(ctx, record, &checking));
    return domain_print_finding(ctx, run, checking.finding);
}

/* ---- dns determine ---- */

static enum err read_determine(struct ctx *ctx, void *arg)
{
    struct checking *checking = arg;
    struct partner_id partner;
    TRY(domain_settings_get(ctx, &checking->settings));
    TRY(partner_find(ctx, cli_operand(checking->run->args, 0), &partner));
    TRY(domain_case_open(ctx, partner, true, &checking->opened));
    checking->request = checking->opened.request;
    return OK;
}

static enum err fill(struct ctx *ctx, void *arg)
{
    struct checking *checking = arg;
    return domain_fill(ctx, checking->opened.partner.id, checking->finding,
                       !cli_has(checking->run->args, "fill"), &checking->changed);
}

static enum err print_filled(struct ctx *ctx, const struct checking *checking)
{
    const struct domain_finding *finding = checking->finding;
    if (checking->run->format != CLI_FORMAT_TEXT)
        return OK;
    if (!finding->primary_dns.len)
        return command_print(checking->run, STR("\nNothing was found for the record.\n"));
    return command_print(
        checking->run,
        arena_format(ctx->arena, "\n%s primary DNS %.*s, secondary DNS %.*s.\n",
                     checking->changed ? "The record now says:" : "For the record:",
                     STR_ARG(finding->primary_dns),
                     STR_ARG(finding->secondary_dns.len ? finding->secondary_dns : STR("–"))));
}

static enum err run_determine(struct ctx *ctx, struct command_run *run)
{
    struct checking checking = {.run = run};
    TRY(ctx_read(ctx, read_determine, &checking));
    domain_check_now(ctx, &checking.settings, &checking.request, &checking.finding);
    if (cli_has(run->args, "fill") || cli_has(run->args, "fill-empty"))
        TRY(ctx_write(ctx, fill, &checking));
    TRY(domain_print_finding(ctx, run, checking.finding));
    return print_filled(ctx, &checking);
}

/* ---- dns prove ---- */

static enum err read_proof(struct ctx *ctx, void *arg)
{
    struct checking *checking = arg;
    struct partner_id partner;
    TRY(domain_settings_get(ctx, &checking->settings));
    TRY(partner_find(ctx, cli_operand(checking->run->args, 0), &partner));
    TRY(domain_case_open(ctx, partner, false, &checking->opened));
    TRY(domain_proof_get(ctx, partner, &checking->proof));
    checking->request = checking->opened.request;
    checking->request.is_fresh = true;
    return OK;
}

static enum err begin_proof(struct ctx *ctx, void *arg)
{
    struct checking *checking = arg;
    return domain_proof_begin(ctx, checking->opened.partner.id, &checking->proof);
}

static enum err withdraw_proof(struct ctx *ctx, void *arg)
{
    struct checking *checking = arg;
    TRY(domain_proof_withdraw(ctx, checking->opened.partner.id));
    return domain_proof_get(ctx, checking->opened.partner.id, &checking->proof);
}

static enum err record_proof(struct ctx *ctx, void *arg)
{
    struct checking *checking = arg;
    TRY(domain_record(ctx, &checking->opened, checking->finding, true));
    return domain_proof_get(ctx, checking->opened.partner.id, &checking->proof);
}

static enum err run_prove(struct ctx *ctx, struct command_run *run)
{
    struct checking checking = {.run = run};
    TRY(ctx_read(ctx, read_proof, &checking));
    if (cli_has(run->args, "withdraw")) {
        TRY(ctx_write(ctx, withdraw_proof, &checking));
    } else if (cli_has(run->args, "new") || !checking.request.challenge.len) {
        TRY(ctx_write(ctx, begin_proof, &checking));
    } else {
        domain_check_now(ctx, &checking.settings, &checking.request, &checking.finding);
        TRY(ctx_write(ctx, record_proof, &checking));
    }
    return domain_print_proof(ctx, run, &checking.proof, checking.finding);
}

/* ---- rows ---- */

static const struct cli_option check_options[] = {
    {"server", CLI_TEXT, "ADDR[:PORT]", "ask this name server first, by address or name", false},
    {"partner", CLI_TEXT, "PARTNER", "the partner's domain, compared with its record, and kept",
     false},
};
static const struct cli_option determine_options[] = {
    {"fill", CLI_FLAG, NULL, "take what was found into the record", false},
    {"fill-empty", CLI_FLAG, NULL, "only into fields that are empty", false},
};
static const struct cli_option prove_options[] = {
    {"new", CLI_FLAG, NULL, "a new challenge, which ends an older one", false},
    {"withdraw", CLI_FLAG, NULL, "give up the proof", false},
};
static const struct command commands[] = {
    COMMAND("dns check", "[DOMAIN]", "Check a domain at its own name servers", run_check,
            .options = check_options, .option_count = ARRAY_LEN(check_options),
            .notes = "Goes from the root down to the domain's name servers and asks each of them. "
                     "The verdict is healthy, mismatch, out_of_step, lame, unreachable, "
                     "not_delegated or no_such_domain, with reasons and what to do.\n\n"
                     "  rapport dns check example.com\n"
                     "  rapport dns check example.com --server ns1.example.com\n"
                     "  rapport dns check --partner \"Brakes and Gears\""),
    COMMAND("dns determine", "PARTNER", "Find a partner's name servers", run_determine,
            .options = determine_options, .option_count = ARRAY_LEN(determine_options),
            .notes = "From the primary DNS of its record where there is one, else from its domain "
                     "or the mail domain of its contacts."),
    COMMAND("dns prove", "PARTNER", "Prove that a domain is the partner's", run_prove,
            .options = prove_options, .option_count = ARRAY_LEN(prove_options),
            .notes = "The first time it prints the TXT record that the partner sets in its zone; "
                     "after that it looks for it at every name server of the domain."),
};
const struct command_table domain_commands = {commands, ARRAY_LEN(commands)};
