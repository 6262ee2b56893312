/* Domains in JSON. */
#include "src/domain/domain_view.h"

const char *domain_verdict_words(enum domain_verdict verdict)
{
    static const char *const words[] = {
        "healthy",     "mismatched",    "out of step",          "lame",
        "unreachable", "not delegated", "gone (no such domain)"};
    return words[verdict];
}

/* ---- one check ---- */

static const char *role_of(const struct domain_finding *finding, const struct domain_server *server)
{
    if (server->is_primary)
        return "primary";
    if (server->above || server->own)
        return finding->has_soa ? "secondary" : "listed";
    return "other";
}

static void put_server(const struct domain_finding *finding, const struct domain_server *server,
                       struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_str_or_null(writer, "name", server->name);
    json_put_str_or_null(writer, "address", server->address);
    json_put_str(writer, "role", str_from_c(role_of(finding, server)));
    json_put_str(writer, "state", str_from_c(domain_server_state_names[server->state]));
    json_put_str_or_null(writer, "response", server->rcode_name);
    json_key(writer, "serial");
    if (server->has_soa)
        json_add_int(writer, server->serial);
    else
        json_add_null(writer);
    json_key(writer, "latency_us");
    if (server->rcode_name.len)
        json_add_int(writer, server->latency_us);
    else
        json_add_null(writer);
    json_put_bool(writer, "listed_above", server->above);
    json_put_bool(writer, "listed_in_zone", server->own);
    json_put_bool(writer, "in_record", server->in_record);
    json_end_object(writer);
}

static void put_reasons(const struct domain_finding *finding, struct json_writer *writer)
{
    json_key(writer, "reasons");
    json_begin_array(writer);
    for (size_t i = 0; i < finding->reason_count; i++) {
        const struct domain_reason *reason = &finding->reasons[i];
        json_begin_object(writer);
        json_put_str(writer, "code", str_from_c(reason->code));
        json_put_str(writer, "verdict", str_from_c(domain_verdict_names[reason->verdict]));
        json_put_str_or_null(writer, "server", reason->server);
        json_put_str(writer, "sentence", reason->sentence);
        json_put_str(writer, "advice", reason->advice);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void put_soa(const struct domain_finding *finding, struct json_writer *writer)
{
    json_key(writer, "soa");
    if (!finding->has_soa) {
        json_add_null(writer);
        return;
    }
    json_begin_object(writer);
    json_put_str(writer, "primary", finding->mname);
    json_put_str(writer, "contact", finding->rname);
    json_put_int(writer, "serial", finding->serial);
    json_put_int(writer, "refresh_s", finding->refresh_s);
    json_put_int(writer, "retry_s", finding->retry_s);
    json_put_int(writer, "expire_s", finding->expire_s);
    json_put_int(writer, "minimum_s", finding->minimum_s);
    json_end_object(writer);
}

void domain_finding_render(const struct domain_finding *finding, struct json_writer *writer)
{
    struct arena *arena = writer->buf->arena;
    json_begin_object(writer);
    json_put_str(writer, "domain", finding->domain);
    json_put_str(writer, "shown", dns_name_for_people(finding->domain, arena));
    json_put_time(writer, "checked_at", finding->checked_ms);
    json_put_str(writer, "verdict", str_from_c(domain_verdict_names[finding->verdict]));
    put_reasons(finding, writer);
    json_put_str_or_null(writer, "asked_first", finding->start);
    json_put_str_or_null(writer, "zone_above", finding->parent);
    json_key(writer, "name_servers");
    json_begin_array(writer);
    for (size_t i = 0; i < finding->server_count; i++)
        put_server(finding, &finding->servers[i], writer);
    json_end_array(writer);
    put_soa(finding, writer);
    json_key(writer, "mail");
    json_begin_array(writer);
    for (size_t i = 0; i < finding->mail_count; i++) {
        json_begin_object(writer);
        json_put_str(writer, "host", finding->mail[i].host);
        json_put_int(writer, "preference", finding->mail[i].preference);
        json_end_object(writer);
    }
    json_end_array(writer);
    json_put_str(writer, "dnssec", str_from_c(domain_dnssec_names[finding->dnssec]));
    json_put_str_or_null(writer, "provider", finding->provider);
    json_put_str_or_null(writer, "primary_dns", finding->primary_dns);
    json_put_str_or_null(writer, "secondary_dns", finding->secondary_dns);
    json_end_object(writer);
}

/* ---- a partner's ---- */

static void put_alarms(unsigned alarms, struct json_writer *writer)
{
    json_begin_array(writer);
    if (alarms & DOMAIN_ALARM_VERDICT)
        json_add_str(writer, STR("verdict"));
    if (alarms & DOMAIN_ALARM_SERVERS)
        json_add_str(writer, STR("name_servers"));
    if (alarms & DOMAIN_ALARM_OWNER)
        json_add_str(writer, STR("ownership"));
    json_end_array(writer);
}

static void put_common(const struct domain_state *state, struct json_writer *writer)
{
    struct arena *arena = writer->buf->arena;
    json_put_str(writer, "partner_id", partner_id_text(state->partner, arena));
    json_put_str(writer, "partner_name", state->partner_name);
    json_put_str_or_null(writer, "domain", state->domain);
    json_put_str_or_null(writer, "verdict",
                         state->is_checked ? str_from_c(domain_verdict_names[state->verdict])
                                           : STR(""));
    json_put_time_or_null(writer, "checked_at", state->checked_ms);
    json_put_time_or_null(writer, "next_check_at", state->next_ms);
    json_put_time_or_null(writer, "changed_at", state->changed_ms);
    json_put_time_or_null(writer, "verified_at", state->verified_ms);
    json_key(writer, "alarms");
    put_alarms(state->alarms, writer);
    json_put_str_or_null(writer, "alarm", state->alarm_sentence);
}

void domain_state_render(const struct domain_state *state, const struct domain_proof *proof,
                         struct json_writer *writer)
{
    json_begin_object(writer);
    put_common(state, writer);
    json_key(writer, "proof");
    if (proof && proof->state != DOMAIN_PROOF_NONE)
        domain_proof_render(proof, writer);
    else
        json_add_null(writer);
    json_key(writer, "check");
    if (state->finding_json.len)
        json_add_raw(writer, state->finding_json);
    else
        json_add_null(writer);
    json_end_object(writer);
}

void domain_row_render(const struct domain_state *state, struct json_writer *writer)
{
    json_begin_object(writer);
    put_common(state, writer);
    json_put_str(writer, "manager_id", user_id_text(state->manager, writer->buf->arena));
    json_put_str(writer, "manager_name", state->manager_name);
    json_put_str_or_null(writer, "name_servers", state->name_servers);
    json_put_str_or_null(writer, "provider", state->provider);
    json_put_str_or_null(writer, "reason", state->first_reason);
    json_end_object(writer);
}

static void put_verdicts(const int64_t *counts, struct json_writer *writer)
{
    json_key(writer, "verdicts");
    json_begin_array(writer);
    for (int i = 0; i < DOMAIN_VERDICT_COUNT; i++) {
        json_begin_object(writer);
        json_put_str(writer, "verdict", str_from_c(domain_verdict_names[i]));
        json_put_int(writer, "count", counts[i]);
        json_end_object(writer);
    }
    json_end_array(writer);
}

void domain_summary_render(const struct domain_summary *summary, struct json_writer *writer)
{
    json_begin_object(writer);
    put_verdicts(summary->verdicts, writer);
    json_put_int(writer, "unchecked", summary->unchecked);
    json_put_int(writer, "alarmed", summary->alarmed);
    json_put_int(writer, "verified", summary->verified);
    json_end_object(writer);
}

void domain_change_render(const struct domain_change *change, struct json_writer *writer)
{
    struct arena *arena = writer->buf->arena;
    json_begin_object(writer);
    json_put_time(writer, "at", change->at_ms);
    json_put_str(writer, "partner_id", partner_id_text(change->partner, arena));
    json_put_str(writer, "partner_name", change->partner_name);
    json_put_str(writer, "domain", change->domain);
    json_key(writer, "kinds");
    put_alarms(change->kinds, writer);
    json_put_str(writer, "verdict", str_from_c(domain_verdict_names[change->verdict]));
    json_put_str(writer, "sentence", change->sentence);
    json_end_object(writer);
}

void domain_proof_render(const struct domain_proof *proof, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_str(writer, "state", str_from_c(domain_proof_state_names[proof->state]));
    json_put_str_or_null(writer, "domain", proof->domain);
    json_put_str_or_null(writer, "record_name", proof->record_name);
    json_put_str_or_null(writer, "record_text", proof->record_text);
    json_put_time_or_null(writer, "created_at", proof->created_ms);
    json_put_time_or_null(writer, "expires_at", proof->verified_ms ? 0 : proof->expires_ms);
    json_put_time_or_null(writer, "verified_at", proof->verified_ms);
    json_put_time_or_null(writer, "checked_at", proof->checked_ms);
    json_put_time_or_null(writer, "missing_since", proof->missing_since_ms);
    json_end_object(writer);
}

void domain_settings_render(const struct domain_settings *settings, struct json_writer *writer)
{
    struct arena *arena = writer->buf->arena;
    json_begin_object(writer);
    json_put_bool(writer, "watch", settings->watch);
    json_put_bool(writer, "fill", settings->fill);
    json_put_bool(writer, "admit", settings->admit);
    json_put_bool(writer, "allow_private", settings->allow_private);
    json_put_int(writer, "every_hours", settings->every_hours);
    json_put_int(writer, "per_second", settings->per_second);
    json_put_int(writer, "port", settings->port);
    json_key(writer, "roots");
    json_begin_array(writer);
    for (size_t i = 0; i < settings->root_count; i++)
        json_add_str(writer, dns_address_text(&settings->roots[i], arena));
    json_end_array(writer);
    json_put_int(writer, "version", settings->version);
    json_end_object(writer);
}

void domain_run_render(const struct domain_run *run, struct json_writer *writer)
{
    json_begin_object(writer);
    json_put_bool(writer, "running", run->is_running);
    json_put_bool(writer, "stopping", run->is_stopping);
    json_put_int(writer, "total", run->total);
    json_put_int(writer, "done", run->done);
    json_put_int(writer, "failed", run->failed);
    json_put_time_or_null(writer, "started_at", run->started_ms);
    json_put_time_or_null(writer, "finished_at", run->finished_ms);
    put_verdicts(run->verdicts, writer);
    json_end_object(writer);
}
