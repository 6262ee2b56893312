/* Settings, a partner's case, and what a check leaves behind. */
#include "src/domain/domain_state.h"

#include "lib/base/map.h"
#include "src/core/audit.h"
#include "src/core/touch.h"
#include "src/domain/domain_view.h"

enum {
    MAILS_MAX = 20,
    ROOTS_BYTES = 1024,
    FINDING_BYTES = 256 * 1024,
    SENTENCE_BYTES = 2000,
    HOURS_MAX = 24 * 30,
    PER_SECOND_MAX = 10000
};

/* ---- settings ---- */

static const struct domain_settings defaults = {
    .watch = true,
    .every_hours = DOMAIN_EVERY_HOURS,
    .per_second = DOMAIN_PER_SECOND,
    .port = DNS_PORT,
    .version = 1,
};

static void read_roots(struct str text, struct domain_settings *settings)
{
    struct str rest = text, piece;
    while (text.len && settings->root_count < DOMAIN_ROOTS_MAX && str_split(&rest, ' ', &piece))
        settings->root_count += dns_address_parse(piece, (uint16_t)settings->port,
                                                  &settings->roots[settings->root_count]);
}

enum err domain_settings_get(struct ctx *ctx, struct domain_settings *ret_settings)
{
    struct domain_setting_row row = {.settings = defaults};
    bool found;
    TRY(domain_store_settings(ctx, &row, &found));
    read_roots(row.roots, &row.settings);
    *ret_settings = row.settings;
    return OK;
}

struct str domain_roots_text(const struct domain_settings *settings, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, ROOTS_BYTES);
    for (size_t i = 0; i < settings->root_count; i++)
        buf_format(&buf, "%s%.*s", i ? " " : "",
                   STR_ARG(dns_address_text(&settings->roots[i], arena)));
    return buf_str(&buf);
}

static enum err check_settings(struct ctx *ctx, const struct domain_settings *settings)
{
    if (settings->every_hours < 1 || settings->every_hours > HOURS_MAX)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "every_hours", "every_hours",
                               "Checks are 1 to %d hours apart.", HOURS_MAX);
    if (settings->per_second < 0 || settings->per_second > PER_SECOND_MAX)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "per_second", "per_second",
                               "One server is asked 1 to %d times a second; 0: without a limit.",
                               PER_SECOND_MAX);
    if (settings->port < 1 || settings->port > UINT16_MAX)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "port", "port", "A port is 1 to 65535.");
    return OK;
}

static enum err audit_settings(struct ctx *ctx, const struct domain_settings *before,
                               const struct domain_settings *after)
{
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    audit_changed_int(&changes, "dns_watch", before->watch, after->watch);
    audit_changed_int(&changes, "dns_fill", before->fill, after->fill);
    audit_changed_int(&changes, "dns_admit", before->admit, after->admit);
    audit_changed_int(&changes, "dns_allow_private", before->allow_private, after->allow_private);
    audit_changed_int(&changes, "dns_every_hours", before->every_hours, after->every_hours);
    audit_changed_int(&changes, "dns_per_second", before->per_second, after->per_second);
    audit_changed_int(&changes, "dns_port", before->port, after->port);
    audit_changed_text(&changes, "dns_roots", domain_roots_text(before, ctx->arena),
                       domain_roots_text(after, ctx->arena));
    if (!changes.count)
        return OK;
    return audit_record(ctx, (struct audit_subject){"organisation", 1, {0}}, "changed", &changes);
}

enum err domain_settings_set(struct ctx *ctx, const struct domain_settings *settings,
                             struct domain_settings *ret_settings)
{
    struct domain_settings before;
    struct domain_setting_row row = {.settings = *settings};
    TRY(check_settings(ctx, settings));
    TRY(domain_settings_get(ctx, &before));
    if (settings->version && settings->version != before.version)
        return CTX_FAULT(ctx, ERR_STALE, "stale",
                         "Somebody else changed these settings in the meantime.");
    row.settings.version = before.version + 1;
    row.roots = domain_roots_text(settings, ctx->arena);
    TRY(audit_settings(ctx, &before, settings));
    TRY(domain_store_set_settings(ctx, &row));
    return domain_settings_get(ctx, ret_settings);
}

/* ---- what is asked ---- */

static enum err read_server(struct ctx *ctx, const struct domain_settings *settings,
                            struct str text, struct str *ret_server)
{
    struct dns_address address;
    struct str server = str_trim(text);
    *ret_server = server;
    if (!server.len)
        return OK;
    if (dns_address_parse(server, (uint16_t)settings->port, &address)) {
        if (address.port != settings->port && !settings->allow_private)
            return CTX_FAULT_FIELD(ctx, ERR_INVALID, "server_port", "server",
                                   "Name servers are asked at port %lld; an administrator can "
                                   "allow others together with private addresses.",
                                   (long long)settings->port);
        return OK;
    }
    if (!dns_name_parse(server, ctx->arena, ret_server) || !str_find_char(*ret_server, '.', NULL))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "server_invalid", "server",
                               "\"%.*s\" is neither the name nor the address of a name server.",
                               STR_ARG(str_slice(server, 0, 100)));
    return OK;
}

enum err domain_request_read(struct ctx *ctx, const struct domain_settings *settings,
                             struct str domain, struct str server,
                             struct domain_request *ret_request)
{
    struct domain_request request = {.is_fresh = false};
    if (!dns_name_parse(domain, ctx->arena, &request.domain) ||
        !str_find_char(request.domain, '.', NULL))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "domain_invalid", "domain",
                               "\"%.*s\" is no domain such as example.com.",
                               STR_ARG(str_slice(domain, 0, 100)));
    TRY(read_server(ctx, settings, server, &request.server));
    *ret_request = request;
    return OK;
}

/* The first mail domain of its contacts that is a company's own. */
static enum err guess_domain(struct ctx *ctx, struct domain_case *opened)
{
    struct str mails[MAILS_MAX];
    size_t count;
    TRY(domain_store_mail(ctx, opened->partner.id, MAILS_MAX, mails, &count));
    for (size_t i = 0; i < count; i++) {
        if (!domain_parse(mails[i], ctx->arena, &opened->request.domain) ||
            domain_is_public_mail(opened->request.domain))
            continue;
        opened->domain_is_guessed = true;
        return OK;
    }
    return CTX_FAULT(ctx, ERR_CONFLICT, "no_domain",
                     "The record has no domain, and no contact a mail address of the company's "
                     "own: set the domain first.");
}

enum err domain_case_open(struct ctx *ctx, struct partner_id partner, bool from_record,
                          struct domain_case *ret_case)
{
    struct domain_case opened = {.domain_is_guessed = false};
    struct domain_kept kept;
    bool found;
    TRY(partner_get(ctx, partner, &opened.partner));
    const struct str *fields = opened.partner.fields;
    opened.request.domain = fields[PARTNER_DOMAIN];
    if (!opened.request.domain.len)
        TRY(guess_domain(ctx, &opened));
    opened.request.record_primary = fields[PARTNER_PRIMARY_DNS];
    opened.request.record_secondary = fields[PARTNER_SECONDARY_DNS];
    if (from_record) {
        opened.request.server = fields[PARTNER_PRIMARY_DNS];
        opened.request.falls_back = true;
    }
    TRY(domain_store_kept(ctx, opened.partner.id, &kept, &found));
    if (found && str_equal(kept.domain, opened.request.domain))
        opened.request.differs_since_ms = kept.past.differs_since_ms;
    TRY(domain_open_challenge(ctx, opened.partner.id, opened.request.domain,
                              &opened.request.challenge));
    *ret_case = opened;
    return OK;
}

/* ---- what a check leaves behind ---- */

struct recording {
    struct ctx *ctx;
    const struct domain_finding *finding;
    struct domain_kept kept;
    struct domain_plan plan;
    unsigned changes;
    struct buf sentence;
};

static void say(struct recording *recording, struct str sentence)
{
    if (recording->sentence.len)
        buf_add_char(&recording->sentence, ' ');
    buf_add(&recording->sentence, sentence);
}

static void say_verdict(struct recording *recording)
{
    const struct domain_finding *finding = recording->finding;
    struct arena *arena = recording->ctx->arena;
    const char *now = domain_verdict_words(finding->verdict);
    bool was_known = recording->kept.past.is_known;
    say(recording,
        was_known
            ? arena_format(arena, "The DNS of %.*s is %s; it was %s.", STR_ARG(finding->domain),
                           now, domain_verdict_words(recording->kept.past.told_verdict))
            : arena_format(arena, "The DNS of %.*s is %s.", STR_ARG(finding->domain), now));
    if (finding->reason_count && finding->verdict != DOMAIN_HEALTHY)
        say(recording, finding->reasons[0].sentence);
}

static void say_servers(struct recording *recording)
{
    say(recording, arena_format(recording->ctx->arena, "Its name servers are %.*s; they were %.*s.",
                                STR_ARG(recording->finding->name_servers),
                                STR_ARG(recording->kept.past.name_servers)));
}

static void say_changes(struct recording *recording)
{
    recording->changes = recording->plan.changes;
    if (recording->changes & DOMAIN_ALARM_VERDICT)
        say_verdict(recording);
    if (recording->changes & DOMAIN_ALARM_SERVERS)
        say_servers(recording);
}

static enum err step_proof(struct recording *recording)
{
    struct str sentence = STR("");
    bool lost = false;
    TRY(domain_proof_step(recording->ctx, recording->kept.partner, recording->finding, &sentence,
                          &lost));
    if (!sentence.len)
        return OK;
    say(recording, sentence);
    recording->changes |= DOMAIN_ALARM_OWNER;
    recording->plan.now.alarms &= ~(unsigned)DOMAIN_ALARM_OWNER;
    if (lost)
        recording->plan.now.alarms |= DOMAIN_ALARM_OWNER;
    return OK;
}

static enum err add_change(struct recording *recording)
{
    struct ctx *ctx = recording->ctx;
    struct domain_change change = {
        .id = ctx_next_id(ctx),
        .partner = recording->kept.partner,
        .domain = recording->finding->domain,
        .kinds = recording->changes,
        .verdict = recording->finding->verdict,
        .sentence = buf_str(&recording->sentence),
    };
    touch_partner(ctx, change.partner);
    return domain_store_add_change(ctx, &change);
}

static struct str finding_text(struct ctx *ctx, const struct domain_finding *finding)
{
    struct json_writer writer;
    struct buf buf;
    buf_init(&buf, ctx->arena, FINDING_BYTES);
    json_writer_init(&writer, &buf);
    domain_finding_render(finding, &writer);
    return buf_str(&buf);
}

static enum err keep(struct recording *recording)
{
    struct domain_kept *kept = &recording->kept;
    const struct domain_finding *finding = recording->finding;
    bool is_alarmed = recording->plan.now.alarms != 0;
    kept->past = recording->plan.now;
    kept->domain = finding->domain;
    kept->provider = finding->provider;
    kept->first_reason = finding->reason_count ? finding->reasons[0].sentence : STR("");
    kept->finding = finding_text(recording->ctx, finding);
    kept->checked_ms = finding->checked_ms;
    kept->next_ms = recording->plan.next_ms;
    if (recording->changes) {
        kept->changed_ms = finding->checked_ms;
        kept->alarm_ms = finding->checked_ms;
        kept->alarm_sentence = buf_str(&recording->sentence);
    }
    if (!is_alarmed) {
        kept->alarm_ms = 0;
        kept->alarm_sentence = STR("");
    }
    return domain_store_keep(recording->ctx, kept);
}

enum err domain_record(struct ctx *ctx, const struct domain_case *opened,
                       const struct domain_finding *finding, bool by_person)
{
    struct recording recording = {.ctx = ctx, .finding = finding};
    struct domain_settings settings;
    struct partner partner;
    bool found, changed;
    TRY(partner_get(ctx, opened->partner.id, &partner));
    TRY(domain_settings_get(ctx, &settings));
    TRY(domain_store_kept(ctx, partner.id, &recording.kept, &found));
    if (!found || !str_equal(recording.kept.domain, finding->domain))
        recording.kept = (struct domain_kept){.partner = partner.id};
    struct domain_occasion occasion = {
        .now_ms = finding->checked_ms,
        .interval_ms = settings.every_hours * MS_PER_HOUR,
        .spread = hash_bytes(finding->domain, (uint64_t)partner.id.v),
        .by_person = by_person,
    };
    buf_init(&recording.sentence, ctx->arena, SENTENCE_BYTES);
    recording.plan = domain_plan(&recording.kept.past, finding, &occasion);
    say_changes(&recording);
    TRY(step_proof(&recording));
    if (recording.changes)
        TRY(add_change(&recording));
    TRY(keep(&recording));
    if (settings.fill && !finding->start.len)
        return domain_fill(ctx, partner.id, finding, true, &changed);
    return OK;
}

static void fill(struct partner_change *change, const struct partner *partner,
                 enum partner_field field, struct str value, bool only_empty)
{
    if (!value.len || (only_empty && partner->fields[field].len))
        return;
    change->fields[field].given = true;
    change->fields[field].text = value;
}

enum err domain_fill(struct ctx *ctx, struct partner_id id, const struct domain_finding *finding,
                     bool only_empty, bool *ret_changed)
{
    struct partner_change change = {.version = 0};
    struct partner partner, changed;
    TRY(partner_get(ctx, id, &partner));
    *ret_changed = false;
    if (!finding->primary_dns.len)
        return OK;
    fill(&change, &partner, PARTNER_DOMAIN, finding->domain, true);
    fill(&change, &partner, PARTNER_PRIMARY_DNS, finding->primary_dns, only_empty);
    fill(&change, &partner, PARTNER_SECONDARY_DNS, finding->secondary_dns, only_empty);
    return partner_update(ctx, id, &change, &changed, ret_changed);
}

/* ---- what is known ---- */

static enum err staff_only(struct ctx *ctx)
{
    if (ctx_partner_scope(ctx))
        return CTX_FAULT(ctx, ERR_FORBIDDEN, "dns", "This list is for the vendor's staff.");
    return OK;
}

enum err domain_state_get(struct ctx *ctx, struct partner_id id, struct domain_state *ret_state)
{
    struct partner partner;
    bool found;
    TRY(partner_get(ctx, id, &partner));
    TRY(domain_store_state(ctx, partner.id, ret_state, &found));
    if (!found)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "partner_not_found", "There is no such partner.");
    return OK;
}

enum err domain_seen(struct ctx *ctx, struct partner_id id)
{
    struct domain_kept kept;
    struct partner partner;
    bool found;
    TRY(partner_get(ctx, id, &partner));
    TRY(domain_store_kept(ctx, partner.id, &kept, &found));
    if (!found || !kept.past.alarms)
        return OK;
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, "dns_alarm", kept.alarm_sentence, STR(""));
    TRY(audit_record(ctx, (struct audit_subject){"partner", partner.id.v, partner.id}, "changed",
                     &changes));
    touch_partner(ctx, partner.id);
    return domain_store_set_alarms(ctx, partner.id, 0, 0, STR(""));
}

enum err domain_list(struct ctx *ctx, const struct domain_filter *filter, const struct page *page,
                     struct domain_state_page *ret_page)
{
    struct domain_place place = {page->after_text, page->after_id};
    struct domain_state_page found = {.count = 0};
    TRY(staff_only(ctx));
    TRY(domain_store_list(ctx, filter, &place, page->limit, &found));
    if (found.count == (size_t)page->limit)
        found.next = page_cursor(ctx, DOMAIN_ORDER, place.key, 0, place.id);
    *ret_page = found;
    return OK;
}

enum err domain_summarise(struct ctx *ctx, struct domain_summary *ret_summary)
{
    TRY(staff_only(ctx));
    return domain_store_summary(ctx, ret_summary);
}

enum err domain_changes(struct ctx *ctx, struct partner_id id, const struct page *page,
                        struct domain_change_page *ret_page)
{
    struct domain_change_page found = {.count = 0};
    struct partner partner = {.id = id};
    if (partner_id_is_set(id))
        TRY(partner_get(ctx, id, &partner));
    else
        TRY(staff_only(ctx));
    TRY(domain_store_changes(ctx, partner.id, page->has_cursor ? page->after_id : 0, page->limit,
                             &found));
    if (found.count == (size_t)page->limit)
        found.next =
            page_cursor(ctx, DOMAIN_CHANGE_ORDER, STR(""), 0, found.rows[found.count - 1].id);
    *ret_page = found;
    return OK;
}

enum err domain_changes_after(struct ctx *ctx, int64_t after_id, size_t limit,
                              struct domain_change_page *ret_page)
{
    *ret_page = (struct domain_change_page){.count = 0};
    return domain_store_changes_after(ctx, after_id, (int64_t)limit, ret_page);
}

enum err domain_newest_change(struct ctx *ctx, int64_t *ret_id)
{
    return domain_store_newest_change(ctx, ret_id);
}
