/* The verdict of one check, and what follows from it. */
#include "src/domain/domain_rules.h"

#include "lib/base/compiler.h"
#include "lib/base/time.h"

const char *const domain_verdict_names[] = {"healthy",        "mismatch",    "out_of_step",
                                            "lame",           "unreachable", "not_delegated",
                                            "no_such_domain", NULL};
const char *const domain_dnssec_names[] = {"unsigned", "signed",  "not_anchored",
                                           "broken",   "expired", NULL};
const char *const domain_server_state_names[] = {
    "authoritative", "not_authoritative", "garbled", "silent", "forbidden", "no_address", NULL};

enum { NAMES_BYTES = 8 * 1024, FIRST_DATED_SERIAL = 1980 };

bool domain_verdict_parse(struct str name, enum domain_verdict *ret_verdict)
{
    for (int i = 0; i < DOMAIN_VERDICT_COUNT; i++) {
        if (str_equal(name, str_from_c(domain_verdict_names[i]))) {
            *ret_verdict = (enum domain_verdict)i;
            return true;
        }
    }
    return false;
}

/* ---- serials ---- */

bool domain_serial_is_newer(uint32_t a, uint32_t b)
{
    return a != b && (uint32_t)(a - b) < UINT32_C(0x80000000);
}

int64_t domain_serial_latest_ms(uint32_t serial, int64_t now_ms)
{
    struct civil civil = {(int)(serial / 1000000), (int)(serial / 10000 % 100),
                          (int)(serial / 100 % 100)};
    int64_t seconds_ms = (int64_t)serial * MS_PER_SECOND;
    if (civil.year >= FIRST_DATED_SERIAL && civil.month >= 1 && civil.month <= 12 &&
        civil.day >= 1 && civil.day <= 31) {
        /* Two days on: it is a day of whoever wrote it, anywhere. */
        int64_t end_ms = ((int64_t)day_from_civil(civil).v + 2) * MS_PER_DAY;
        return end_ms <= now_ms + 2 * MS_PER_DAY ? end_ms : 0;
    }
    bool is_instant = seconds_ms > INT64_C(946684800000) && seconds_ms <= now_ms + MS_PER_DAY;
    return is_instant ? seconds_ms : 0;
}

/* ---- reasons ---- */

struct judging {
    struct domain_finding *finding;
    struct arena *arena;
};

static void add(struct judging *judging, const struct domain_reason *reason)
{
    struct domain_finding *finding = judging->finding;
    if (finding->reason_count == DOMAIN_REASONS_MAX)
        return;
    finding->reasons[finding->reason_count++] = *reason;
    if (reason->verdict > finding->verdict)
        finding->verdict = reason->verdict;
}

#define SAY(judging, code_, verdict_, server_, advice_, ...)                             \
    add((judging),                                                                       \
        &(struct domain_reason){.code = (code_),                                         \
                                .verdict = (verdict_),                                   \
                                .server = (server_),                                     \
                                .sentence = arena_format((judging)->arena, __VA_ARGS__), \
                                .advice = STR(advice_)})

/* "ns1.example.com (192.0.2.1)" */
static struct str label_of(struct judging *judging, const struct domain_server *server)
{
    if (!server->name.len)
        return server->address;
    if (!server->address.len)
        return server->name;
    return arena_format(judging->arena, "%.*s (%.*s)", STR_ARG(server->name),
                        STR_ARG(server->address));
}

static bool is_listed(const struct domain_server *server)
{
    return server->above || server->own || server->is_start;
}

static bool judge_delegation(struct judging *judging)
{
    const struct domain_finding *finding = judging->finding;
    struct str domain = finding->domain, nobody = STR("");
    switch (finding->delegation) {
    case DOMAIN_DELEGATED:
        return true;
    case DOMAIN_NO_NAME:
        SAY(judging, "no_such_domain", DOMAIN_NO_SUCH_DOMAIN, nobody,
            "Look for a typing mistake in the partner's domain. If there is none, call the "
            "partner: "
            "its registration may have ended.",
            "The zone \"%.*s\" says that %.*s does not exist.", STR_ARG(finding->parent),
            STR_ARG(domain));
        return false;
    case DOMAIN_UNDELEGATED:
        SAY(judging, "not_delegated", DOMAIN_NOT_DELEGATED, nobody,
            "Take the registered domain into the partner's record; if this is it, the partner must "
            "have its registrar enter its name servers.",
            "%.*s is there, but the zone \"%.*s\" names no name servers for it.", STR_ARG(domain),
            STR_ARG(finding->parent));
        return false;
    case DOMAIN_NO_PARENT:
        SAY(judging, "parent_silent", DOMAIN_UNREACHABLE, nobody,
            "Check again. If other domains have this too, this machine cannot send to port 53 (UDP "
            "and TCP) of the internet: tell your administrator.",
            "No server of the zones above %.*s gave a usable answer.", STR_ARG(domain));
        return false;
    }
    return true;
}

/* Some server of a domain that has any said something. */
static bool is_reached(const struct domain_finding *finding)
{
    for (size_t i = 0; i < finding->server_count; i++)
        if (finding->servers[i].state <= DOMAIN_SERVER_GARBLED && is_listed(&finding->servers[i]))
            return true;
    return false;
}

static bool judge_reached(struct judging *judging)
{
    const struct domain_finding *finding = judging->finding;
    struct str nobody = STR("");
    size_t listed = 0, forbidden = 0;
    if (is_reached(finding))
        return true;
    for (size_t i = 0; i < finding->server_count; i++) {
        listed += is_listed(&finding->servers[i]);
        forbidden += finding->servers[i].state == DOMAIN_SERVER_FORBIDDEN;
    }
    if (forbidden)
        SAY(judging, "private_address", DOMAIN_UNREACHABLE, nobody,
            "Such servers are not reached from the internet. For a name server of your own network "
            "an administrator can allow it: rapport dns settings --allow-private yes.",
            "%zu of the %zu name servers of %.*s have a private address, which is not asked.",
            forbidden, listed, STR_ARG(finding->domain));
    else
        SAY(judging, "all_silent", DOMAIN_UNREACHABLE, nobody,
            "Tell the partner: with its name servers its web site and its mail are down. If many "
            "partners have this at once, look at this machine's own network first.",
            "No name server of %.*s answered (%zu listed).", STR_ARG(finding->domain), listed);
    return false;
}

static void judge_server(struct judging *judging, const struct domain_server *server)
{
    struct str who = label_of(judging, server), domain = judging->finding->domain;
    switch (server->state) {
    case DOMAIN_SERVER_GOOD:
        break;
    case DOMAIN_SERVER_LAME:
        SAY(judging, "server_not_authoritative", DOMAIN_LAME, server->name,
            "Its operator must load the zone, or the server must leave the list of name servers at "
            "the registrar and in the zone.",
            "%.*s is listed for %.*s, but does not answer for it (%.*s).", STR_ARG(who),
            STR_ARG(domain), STR_ARG(server->rcode_name));
        break;
    case DOMAIN_SERVER_GARBLED:
        SAY(judging, "server_garbled", DOMAIN_LAME, server->name,
            "Tell its operator; what listens there is no sound name server.",
            "%.*s answers with something that is no DNS message.", STR_ARG(who));
        break;
    case DOMAIN_SERVER_SILENT:
        SAY(judging, "server_silent", DOMAIN_LAME, server->name,
            "Tell its operator that it is down or blocked. If it was given up, it must leave the "
            "list of name servers at the registrar and in the zone.",
            "%.*s is listed for %.*s, but does not answer.", STR_ARG(who), STR_ARG(domain));
        break;
    case DOMAIN_SERVER_FORBIDDEN:
        SAY(judging, "private_address", DOMAIN_LAME, server->name,
            "A private address is of no use on the internet: the name needs a public one.",
            "%.*s has a private address, which is not asked.", STR_ARG(who));
        break;
    case DOMAIN_SERVER_NO_ADDRESS:
        SAY(judging, "server_no_address", DOMAIN_LAME, server->name,
            "The name must get an address, or leave the list of name servers.",
            "%.*s is listed for %.*s, but has no address.", STR_ARG(who), STR_ARG(domain));
        break;
    case DOMAIN_SERVER_STATE_COUNT:
        break;
    }
    if (server->is_alias)
        SAY(judging, "server_alias", DOMAIN_HEALTHY, server->name,
            "Its operator should list the real name: some resolvers do not follow aliases here.",
            "%.*s is an alias of another name.", STR_ARG(who));
}

/* ---- serials ---- */

/* The primary where it answers, else whoever has the newest version. */
static const struct domain_server *newest_of(const struct domain_finding *finding)
{
    const struct domain_server *newest = NULL;
    for (size_t i = 0; i < finding->server_count; i++) {
        const struct domain_server *server = &finding->servers[i];
        if (!server->has_soa || !is_listed(server))
            continue;
        if (server->is_primary)
            return server;
        if (!newest || domain_serial_is_newer(server->serial, newest->serial))
            newest = server;
    }
    return newest;
}

static bool is_overdue(const struct domain_finding *finding, uint32_t serial, uint32_t refresh_s)
{
    int64_t refresh_ms = (int64_t)refresh_s * MS_PER_SECOND;
    int64_t latest_ms = domain_serial_latest_ms(serial, finding->checked_ms);
    bool by_serial = latest_ms && finding->checked_ms - latest_ms > refresh_ms;
    bool by_past =
        finding->differs_since_ms && finding->checked_ms - finding->differs_since_ms > refresh_ms;
    return by_serial || by_past;
}

static void judge_serials(struct judging *judging)
{
    struct domain_finding *finding = judging->finding;
    const struct domain_server *newest = newest_of(finding);
    for (size_t i = 0; newest && i < finding->server_count; i++) {
        const struct domain_server *server = &finding->servers[i];
        if (!server->has_soa || !is_listed(server) || server->serial == newest->serial)
            continue;
        struct str who = label_of(judging, server), primary = label_of(judging, newest);
        finding->serials_differ = true;
        if (is_overdue(finding, newest->serial, newest->refresh_s))
            SAY(judging, "serial_stale", DOMAIN_OUT_OF_STEP, server->name,
                "Its operator must find out why it does not take the zone from the primary: the "
                "address to take it from, the transfer key, or a firewall.",
                "%.*s has version %u of the zone, %.*s has %u, for longer than the refresh time of "
                "%u seconds.",
                STR_ARG(who), server->serial, STR_ARG(primary), newest->serial, newest->refresh_s);
        else
            SAY(judging, "serial_differs", DOMAIN_HEALTHY, server->name,
                "Nothing yet: a change needs up to the refresh time to arrive everywhere.",
                "%.*s has version %u of the zone, %.*s has %u: a change is on its way.",
                STR_ARG(who), server->serial, STR_ARG(primary), newest->serial);
    }
}

/* ---- the record, and the zone above ---- */

static bool is_server(const struct domain_server *server, struct str text)
{
    return str_equal(server->name, text) || str_equal(server->address, text);
}

static bool is_known(const struct domain_finding *finding, struct str text)
{
    if (str_equal(finding->mname, text))
        return true;
    for (size_t i = 0; i < finding->server_count; i++)
        if (is_listed(&finding->servers[i]) && is_server(&finding->servers[i], text))
            return true;
    return false;
}

static bool is_the_primary(const struct domain_finding *finding, struct str text)
{
    if (str_equal(finding->mname, text))
        return true;
    for (size_t i = 0; i < finding->server_count; i++)
        if (finding->servers[i].is_primary && is_server(&finding->servers[i], text))
            return true;
    return false;
}

static void judge_field(struct judging *judging, const char *code, const char *field,
                        struct str value)
{
    const struct domain_finding *finding = judging->finding;
    if (!value.len || is_known(finding, value))
        return;
    SAY(judging, code, DOMAIN_MISMATCH, value,
        "Take over what was found (the button on the partner's DNS, or rapport dns determine "
        "PARTNER --fill). If the partner did not tell you of a move, ask.",
        "The record names %.*s as %s; the name servers of %.*s are %.*s.", STR_ARG(value), field,
        STR_ARG(finding->domain), STR_ARG(finding->name_servers));
}

static void judge_record(struct judging *judging)
{
    const struct domain_finding *finding = judging->finding;
    struct str primary = finding->record_primary, secondary = finding->record_secondary;
    judge_field(judging, "record_primary", "primary DNS", primary);
    judge_field(judging, "record_secondary", "secondary DNS", secondary);
    if (primary.len && secondary.len && is_known(finding, primary) &&
        !is_the_primary(finding, primary) && is_the_primary(finding, secondary))
        SAY(judging, "record_swapped", DOMAIN_MISMATCH, primary,
            "Exchange the two in the record (rapport dns determine PARTNER --fill).",
            "The record has primary and secondary DNS the other way round: the zone names %.*s as "
            "its primary.",
            STR_ARG(finding->mname));
}

static struct str join_names(struct judging *judging, bool above, bool own)
{
    const struct domain_finding *finding = judging->finding;
    struct str names[DOMAIN_SERVERS_MAX];
    struct buf buf;
    size_t count = 0;
    for (size_t i = 0; i < finding->server_count; i++) {
        const struct domain_server *server = &finding->servers[i];
        bool wanted = (above && server->above) || (own && server->own);
        for (size_t j = 0; j < count && wanted; j++)
            wanted = !str_equal(names[j], server->name);
        if (wanted && server->name.len)
            names[count++] = server->name;
    }
    buf_init(&buf, judging->arena, NAMES_BYTES);
    /* A selection in order: there are two dozen at most. */
    for (size_t i = 0; i < count; i++) {
        size_t least = i;
        for (size_t j = i + 1; j < count; j++)
            if (str_compare(names[j], names[least]) < 0)
                least = j;
        struct str name = names[least];
        names[least] = names[i];
        names[i] = name;
        buf_format(&buf, "%s%.*s", i ? ", " : "", STR_ARG(name));
    }
    return buf_str(&buf);
}

static void judge_lists(struct judging *judging)
{
    struct str above = join_names(judging, true, false), own = join_names(judging, false, true);
    if (!above.len || !own.len || str_equal(above, own))
        return;
    SAY(judging, "delegation_differs", DOMAIN_MISMATCH, ((struct str){NULL, 0}),
        "The partner must have its registrar enter the same servers as stand in its zone.",
        "The zone \"%.*s\" names %.*s; the domain's own servers name %.*s.",
        STR_ARG(judging->finding->parent), STR_ARG(above), STR_ARG(own));
}

/* ---- DNSSEC ---- */

static enum domain_dnssec dnssec_of(const struct domain_finding *finding)
{
    bool is_signed = finding->has_keys && finding->has_signature;
    if (is_signed && finding->signature_ends_ms < finding->checked_ms)
        return DOMAIN_EXPIRED;
    /* The zone above was not asked: its word is not missed. */
    if (finding->start.len)
        return is_signed ? DOMAIN_SIGNED : DOMAIN_UNSIGNED;
    if (finding->has_ds)
        return is_signed && finding->ds_matches ? DOMAIN_SIGNED : DOMAIN_BROKEN;
    return is_signed ? DOMAIN_NOT_ANCHORED : DOMAIN_UNSIGNED;
}

static void judge_dnssec(struct judging *judging)
{
    struct domain_finding *finding = judging->finding;
    struct str nobody = STR(""), domain = finding->domain;
    finding->dnssec = dnssec_of(finding);
    if (finding->dnssec == DOMAIN_BROKEN)
        SAY(judging, "dnssec_broken", DOMAIN_MISMATCH, nobody,
            "Whoever checks signatures cannot reach the domain: the DS at the registrar must be "
            "that of a key of the zone, or go.",
            "The zone \"%.*s\" says that %.*s is signed, but its key or its signatures are not "
            "there.",
            STR_ARG(finding->parent), STR_ARG(domain));
    else if (finding->dnssec == DOMAIN_EXPIRED)
        SAY(judging, "dnssec_expired", finding->has_ds ? DOMAIN_MISMATCH : DOMAIN_HEALTHY, nobody,
            "The operator must sign the zone anew; until then whoever checks signatures cannot "
            "reach it.",
            "The signature of %.*s has ended.", STR_ARG(domain));
    else if (finding->dnssec == DOMAIN_NOT_ANCHORED)
        SAY(judging, "dnssec_not_anchored", DOMAIN_HEALTHY, nobody,
            "Signing is of use once the registrar has the DS of the key.",
            "%.*s is signed, but the zone above names no key of it.", STR_ARG(domain));
}

/* ---- who hosts it ---- */

struct str domain_provider(struct str name_server)
{
    static const struct {
        struct str part, provider;
    } providers[] = {
        {STR_INIT(".ns.cloudflare.com"), STR_INIT("Cloudflare")},
        {STR_INIT(".awsdns-"), STR_INIT("Amazon Route 53")},
        {STR_INIT(".azure-dns."), STR_INIT("Microsoft Azure DNS")},
        {STR_INIT(".googledomains.com"), STR_INIT("Google Cloud DNS")},
        {STR_INIT(".domaincontrol.com"), STR_INIT("GoDaddy")},
        {STR_INIT(".registrar-servers.com"), STR_INIT("Namecheap")},
        {STR_INIT(".ui-dns."), STR_INIT("IONOS")},
        {STR_INIT(".1und1."), STR_INIT("IONOS")},
        {STR_INIT(".ovh.net"), STR_INIT("OVHcloud")},
        {STR_INIT(".anycast.me"), STR_INIT("OVHcloud")},
        {STR_INIT(".hetzner."), STR_INIT("Hetzner")},
        {STR_INIT(".second-ns."), STR_INIT("Hetzner")},
        {STR_INIT(".gandi.net"), STR_INIT("Gandi")},
        {STR_INIT(".digitalocean.com"), STR_INIT("DigitalOcean")},
        {STR_INIT(".linode.com"), STR_INIT("Akamai")},
        {STR_INIT(".akam.net"), STR_INIT("Akamai")},
        {STR_INIT(".nsone.net"), STR_INIT("NS1")},
        {STR_INIT(".dnsimple."), STR_INIT("DNSimple")},
        {STR_INIT(".dnsmadeeasy.com"), STR_INIT("DNS Made Easy")},
        {STR_INIT(".ultradns."), STR_INIT("UltraDNS")},
        {STR_INIT(".worldnic.com"), STR_INIT("Network Solutions")},
        {STR_INIT(".wixdns.net"), STR_INIT("Wix")},
        {STR_INIT(".squarespacedns.com"), STR_INIT("Squarespace")},
        {STR_INIT(".alidns.com"), STR_INIT("Alibaba Cloud DNS")},
        {STR_INIT(".dnspod.net"), STR_INIT("Tencent DNSPod")},
        {STR_INIT(".rzone.de"), STR_INIT("STRATO")},
        {STR_INIT(".inwx.de"), STR_INIT("INWX")},
        {STR_INIT(".infomaniak.ch"), STR_INIT("Infomaniak")},
        {STR_INIT(".he.net"), STR_INIT("Hurricane Electric")},
        {STR_INIT(".bunny.net"), STR_INIT("bunny.net")},
        {STR_INIT(".vercel-dns.com"), STR_INIT("Vercel")},
    };
    for (size_t i = 0; i < ARRAY_LEN(providers); i++)
        if (str_find(name_server, providers[i].part, NULL))
            return providers[i].provider;
    return (struct str){NULL, 0};
}

/* ---- all of it ---- */

static void name_primary(struct domain_finding *finding)
{
    for (size_t i = 0; i < finding->server_count; i++) {
        struct domain_server *server = &finding->servers[i];
        server->is_primary =
            finding->has_soa && server->name.len && str_equal(server->name, finding->mname);
        if (!finding->provider.len && is_listed(server))
            finding->provider = domain_provider(server->name);
    }
}

/* The MNAME where it is one of the listed, else the first of them; and the first other one. */
static void suggest(struct domain_finding *finding)
{
    for (int wanted_primary = 1; wanted_primary >= 0; wanted_primary--) {
        for (size_t i = 0; i < finding->server_count; i++) {
            const struct domain_server *server = &finding->servers[i];
            if (!server->name.len || !is_listed(server) || server->state != DOMAIN_SERVER_GOOD ||
                server->is_primary != (bool)wanted_primary)
                continue;
            if (!finding->primary_dns.len)
                finding->primary_dns = server->name;
            else if (!finding->secondary_dns.len && !str_equal(server->name, finding->primary_dns))
                finding->secondary_dns = server->name;
        }
    }
}

/* The worst first; those alike keep their order. */
static void sort_reasons(struct domain_finding *finding)
{
    for (size_t i = 1; i < finding->reason_count; i++) {
        struct domain_reason reason = finding->reasons[i];
        size_t at = i;
        for (; at > 0 && finding->reasons[at - 1].verdict < reason.verdict; at--)
            finding->reasons[at] = finding->reasons[at - 1];
        finding->reasons[at] = reason;
    }
}

void domain_judge(struct domain_finding *finding, struct arena *arena)
{
    struct judging judging = {finding, arena};
    finding->verdict = DOMAIN_HEALTHY;
    finding->reason_count = 0;
    name_primary(finding);
    finding->name_servers = join_names(&judging, true, true);
    if ((!finding->start.len && !judge_delegation(&judging)) || !judge_reached(&judging))
        return;
    suggest(finding);
    for (size_t i = 0; i < finding->server_count; i++)
        if (is_listed(&finding->servers[i]))
            judge_server(&judging, &finding->servers[i]);
    judge_serials(&judging);
    judge_record(&judging);
    if (!finding->start.len)
        judge_lists(&judging);
    judge_dnssec(&judging);
    sort_reasons(finding);
}

/* ---- over time ---- */

static bool is_silence(enum domain_verdict verdict)
{
    return verdict == DOMAIN_UNREACHABLE || verdict == DOMAIN_LAME;
}

static bool knows_servers(enum domain_verdict verdict)
{
    return verdict < DOMAIN_UNREACHABLE;
}

/* Twice as long after each further failure, and a little off so that partners do not keep step. */
static int64_t next_check(const struct domain_past *now, const struct domain_occasion *occasion,
                          bool was_known, bool is_confirmed)
{
    int64_t wait_ms = occasion->interval_ms, jitter_ms = occasion->interval_ms / 20;
    if (!is_confirmed)
        return occasion->now_ms + DOMAIN_CONFIRM_MS;
    for (int i = 2; i < now->failures && wait_ms < DOMAIN_BACK_OFF_MAX_MS; i++)
        wait_ms *= 2;
    if (wait_ms > DOMAIN_BACK_OFF_MAX_MS)
        wait_ms = DOMAIN_BACK_OFF_MAX_MS;
    if (!was_known)
        return occasion->now_ms + 1 + (int64_t)(occasion->spread % (uint64_t)wait_ms);
    return occasion->now_ms + wait_ms - jitter_ms / 2 +
           (int64_t)(occasion->spread % (uint64_t)(jitter_ms + 1));
}

struct domain_plan domain_plan(const struct domain_past *past, const struct domain_finding *finding,
                               const struct domain_occasion *occasion)
{
    struct domain_plan plan = {.now = *past};
    struct domain_past *now = &plan.now;
    enum domain_verdict told = past->is_known ? past->told_verdict : DOMAIN_HEALTHY;
    bool is_new_silence = is_silence(finding->verdict) && finding->verdict != told;
    bool is_confirmed = !is_new_silence || occasion->by_person || past->failures > 0;
    now->is_known = true;
    now->verdict = finding->verdict;
    now->failures = is_silence(finding->verdict) ? past->failures + 1 : 0;
    now->differs_since_ms = !finding->serials_differ ? 0
                            : past->differs_since_ms ? past->differs_since_ms
                                                     : occasion->now_ms;
    if (is_confirmed && (!past->is_known || finding->verdict != told)) {
        now->told_verdict = finding->verdict;
        plan.changes |= DOMAIN_ALARM_VERDICT;
        now->alarms &= ~(unsigned)DOMAIN_ALARM_VERDICT;
        if (finding->verdict != DOMAIN_HEALTHY)
            now->alarms |= DOMAIN_ALARM_VERDICT;
    } else if (!past->is_known) {
        now->told_verdict = DOMAIN_HEALTHY;
    }
    if (knows_servers(finding->verdict) && finding->name_servers.len) {
        if (past->name_servers.len && !str_equal(past->name_servers, finding->name_servers)) {
            plan.changes |= DOMAIN_ALARM_SERVERS;
            now->alarms |= DOMAIN_ALARM_SERVERS;
        }
        now->name_servers = finding->name_servers;
    }
    plan.next_ms = next_check(now, occasion, past->is_known, is_confirmed);
    return plan;
}
