/* Verdict, reasons and servers as text. */
#include "src/domain/domain_print.h"

#include "src/core/limits.h"
#include "src/domain/domain_view.h"

enum { TEXT_BYTES = 256 * 1024 };

struct str domain_time_text(int64_t at_ms, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, TIME_TEXT_MAX);
    if (at_ms)
        time_render(at_ms, &buf);
    return buf_str(&buf);
}

static enum err print_json(struct ctx *ctx, struct command_run *run,
                           void (*render)(const void *thing, struct json_writer *writer),
                           const void *thing)
{
    struct json_writer writer;
    struct buf json;
    buf_init(&json, ctx->arena, LIMIT_ANSWER_BYTES);
    json_writer_init(&writer, &json);
    render(thing, &writer);
    buf_add_char(&json, '\n');
    return command_print(run, buf_str(&json));
}

static void render_finding(const void *thing, struct json_writer *writer)
{
    domain_finding_render(thing, writer);
}

static void render_proof(const void *thing, struct json_writer *writer)
{
    domain_proof_render(thing, writer);
}

/* ---- a check ---- */

static struct str lists_of(const struct domain_server *server, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, 64);
    buf_format(&buf, "%s%s%s", server->above ? " above" : "", server->own ? " zone" : "",
               server->in_record ? " record" : "");
    return str_trim(buf_str(&buf));
}

static struct str number(int64_t value, bool is_known, struct arena *arena)
{
    return is_known ? arena_format(arena, "%lld", (long long)value) : STR("");
}

static struct str latency(const struct domain_server *server, bool is_text, struct arena *arena)
{
    long long ms = (long long)((server->latency_us + 500) / 1000);
    if (!server->rcode_name.len)
        return STR("");
    return arena_format(arena, is_text ? "%lld ms" : "%lld", ms);
}

static struct cli_table *server_table(struct ctx *ctx, const struct domain_finding *finding,
                                      bool is_text)
{
    static const struct cli_column columns[] = {
        {"Name server", "name", CLI_LEFT, CLI_CELL_TEXT},
        {"Address", "address", CLI_LEFT, CLI_CELL_TEXT},
        {"State", "state", CLI_LEFT, CLI_CELL_TEXT},
        {"Serial", "serial", CLI_LEFT, CLI_CELL_NUMBER},
        {"Answers in", "latency_ms", CLI_RIGHT, CLI_CELL_NUMBER},
        {"Primary", "primary", CLI_LEFT, CLI_CELL_TEXT},
        {"Listed by", "listed", CLI_LEFT, CLI_CELL_TEXT},
    };
    struct cli_table *table = cli_table_new(ctx->arena, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < finding->server_count; i++) {
        const struct domain_server *server = &finding->servers[i];
        const struct str cells[] = {
            server->name,
            server->address,
            str_from_c(domain_server_state_names[server->state]),
            number(server->serial, server->has_soa, ctx->arena),
            latency(server, is_text, ctx->arena),
            server->is_primary ? STR("yes") : STR(""),
            lists_of(server, ctx->arena),
        };
        cli_table_add(table, cells);
    }
    return table;
}

static void put_head(struct buf *out, const struct domain_finding *finding)
{
    struct str shown = dns_name_for_people(finding->domain, out->arena);
    buf_format(out, "%.*s", STR_ARG(finding->domain));
    if (!str_equal(shown, finding->domain))
        buf_format(out, " (%.*s)", STR_ARG(cli_visible(shown, out->arena)));
    buf_format(out, ": %s\n", domain_verdict_names[finding->verdict]);
    for (size_t i = 0; i < finding->reason_count; i++) {
        const struct domain_reason *reason = &finding->reasons[i];
        buf_format(out, "\n%s: %.*s\n  To do: %.*s\n", domain_verdict_names[reason->verdict],
                   STR_ARG(cli_visible(reason->sentence, out->arena)),
                   STR_ARG(cli_visible(reason->advice, out->arena)));
    }
    if (finding->server_count)
        buf_add(out, STR("\n"));
}

static void put_tail(struct buf *out, const struct domain_finding *finding)
{
    if (finding->has_soa)
        buf_format(out, "\nzone      version %u, refreshed every %u s, primary %.*s\n",
                   finding->serial, finding->refresh_s,
                   STR_ARG(cli_visible(finding->mname, out->arena)));
    if (finding->mail_count)
        buf_add(out, STR("mail      "));
    for (size_t i = 0; i < finding->mail_count; i++)
        buf_format(out, "%s%.*s", i ? ", " : "",
                   STR_ARG(cli_visible(finding->mail[i].host, out->arena)));
    if (finding->mail_count)
        buf_add(out, STR("\n"));
    if (finding->has_soa)
        buf_format(out, "DNSSEC    %s\n", domain_dnssec_names[finding->dnssec]);
    if (finding->provider.len)
        buf_format(out, "provider  %.*s\n", STR_ARG(finding->provider));
}

enum err domain_print_finding(struct ctx *ctx, struct command_run *run,
                              const struct domain_finding *finding)
{
    struct buf out;
    if (run->format == CLI_FORMAT_JSON)
        return print_json(ctx, run, render_finding, finding);
    if (run->format == CLI_FORMAT_CSV)
        return command_print_table(ctx, run, server_table(ctx, finding, false));
    buf_init(&out, ctx->arena, TEXT_BYTES);
    put_head(&out, finding);
    TRY(command_print(run, buf_str(&out)));
    if (finding->server_count)
        TRY(command_print_table(ctx, run, server_table(ctx, finding, true)));
    buf_clear(&out);
    put_tail(&out, finding);
    return command_print(run, buf_str(&out));
}

/* ---- a proof ---- */

static void put_servers_without(struct buf *out, const struct domain_finding *finding)
{
    for (size_t i = 0; i < finding->server_count; i++) {
        const struct domain_server *server = &finding->servers[i];
        if (!server->has_challenge && (server->above || server->own))
            buf_format(out, "It is not at %.*s (%.*s): %s.\n", STR_ARG(server->name),
                       STR_ARG(server->address), domain_server_state_names[server->state]);
    }
}

static void put_proof(struct buf *out, const struct domain_proof *proof,
                      const struct domain_finding *finding)
{
    struct arena *arena = out->arena;
    buf_format(out, "%.*s: %s\n", STR_ARG(proof->domain), domain_proof_state_names[proof->state]);
    if (proof->state == DOMAIN_PROOF_VERIFIED)
        buf_format(out, "Proven at %.*s. The record must stay; it is looked for at every check.\n",
                   STR_ARG(domain_time_text(proof->verified_ms, arena)));
    if (proof->state == DOMAIN_PROOF_PENDING || proof->missing_since_ms)
        buf_format(out, "\nThe partner sets this record in its zone:\n\n  %.*s. TXT \"%.*s\"\n\n",
                   STR_ARG(proof->record_name), STR_ARG(proof->record_text));
    if (proof->state == DOMAIN_PROOF_PENDING)
        buf_format(out, "It must have been seen by %.*s. Look for it with the same command.\n",
                   STR_ARG(domain_time_text(proof->expires_ms, arena)));
    if (finding && (proof->state == DOMAIN_PROOF_PENDING || proof->missing_since_ms))
        put_servers_without(out, finding);
}

enum err domain_print_proof(struct ctx *ctx, struct command_run *run,
                            const struct domain_proof *proof, const struct domain_finding *finding)
{
    struct buf out;
    if (run->format == CLI_FORMAT_JSON)
        return print_json(ctx, run, render_proof, proof);
    if (run->format == CLI_FORMAT_CSV) {
        struct str keys[] = {STR("state"), STR("record_name"), STR("record_text")};
        struct str values[] = {str_from_c(domain_proof_state_names[proof->state]),
                               proof->record_name, proof->record_text};
        return command_print_record(ctx, run, keys, values, ARRAY_LEN(keys));
    }
    if (proof->state == DOMAIN_PROOF_NONE)
        return command_print(run, STR("No proof is open.\n"));
    buf_init(&out, ctx->arena, TEXT_BYTES);
    put_proof(&out, proof, finding);
    return command_print(run, buf_str(&out));
}
