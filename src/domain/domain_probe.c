/* One domain: first its servers' names, then their addresses, then what each of them says. */
#include "src/domain/domain_probe.h"

#include <stdlib.h>
#include <string.h>

#include "lib/dns/walk.h"

enum {
    TIMEOUT_MS = 1500,
    TRIES = 2, /* 4.5 seconds in all */
    CHANNELS_MAX = 256,
    IN_FLIGHT_MAX = 200,
    ADDRESSES_PER_NAME = 4
};

struct domain_net {
    struct dns_client *client;
    struct dns_walker *walker;
    struct entropy entropy;
    struct clock clock;
    struct domain_settings settings;
};

/* ---- the net ---- */

static void fill_random(void *self, void *bytes, size_t size_bytes)
{
    const struct entropy *entropy = self;
    entropy_fill(entropy, bytes, size_bytes);
}

struct domain_net *domain_net_new(const struct services *services,
                                  const struct domain_settings *settings)
{
    struct domain_net *net = calloc(1, sizeof(*net));
    if (!net)
        abort();
    net->entropy = services->entropy;
    net->clock = services->clock;
    net->settings = *settings;
    struct dns_client_options options = {
        .allow_private = settings->allow_private,
        .timeout_ms = TIMEOUT_MS,
        .tries = TRIES,
        .channels_max = CHANNELS_MAX,
        .in_flight_max = IN_FLIGHT_MAX,
        .per_second = (int)settings->per_second,
        .random = fill_random,
        .random_self = &net->entropy,
    };
    net->client = dns_client_new(&options);
    struct dns_walker_options walker = {
        .client = net->client,
        .clock = net->clock,
        .roots = settings->roots,
        .root_count = settings->root_count,
        .port = (uint16_t)settings->port,
        .ipv6 = dns_client_has_ipv6(),
    };
    net->walker = dns_walker_new(&walker);
    return net;
}

void domain_net_free(struct domain_net *net)
{
    if (!net)
        return;
    dns_client_free(net->client);
    dns_walker_free(net->walker);
    free(net);
}

void domain_net_turn(struct domain_net *net, int wait_ms)
{
    dns_client_turn(net->client, wait_ms);
}

void domain_net_wake(struct domain_net *net)
{
    dns_client_wake(net->client);
}

int64_t domain_net_version(const struct domain_net *net)
{
    return net->settings.version;
}

/* ---- a probe ---- */

struct probe_name {
    struct str name;
    bool above, own, in_record, is_start, is_alias;
    bool is_looked_for;
    size_t addresses;
};

struct probe_server {
    struct dns_address address;
    int name; /* its place among the names; -1: an address only */
    bool in_record, is_start, is_asked;
    struct domain_server told;
};

/* Lives in its arena. */
struct probe {
    struct domain_net *net;
    const struct domain_request *request;
    struct arena *arena;
    domain_found *found;
    void *self;
    struct domain_finding *finding;
    size_t pending; /* answers that are waited for */
    bool is_advancing, has_extras;
    struct probe_name names[DOMAIN_NAMES_MAX];
    size_t name_count;
    struct probe_server servers[DOMAIN_SERVERS_MAX];
    size_t server_count;
    uint16_t ds_tags[DNS_KEYS_MAX];
    size_t ds_count;
};

enum ask { ASK_SOA, ASK_NS, ASK_MX, ASK_KEYS, ASK_CHALLENGE };

/* One question of a probe, or one name. */
struct probe_ask {
    struct probe *probe;
    enum ask ask;
    size_t index;
};

static void advance(struct probe *probe);

static void arrived(struct probe *probe)
{
    probe->pending--;
    if (!probe->is_advancing)
        advance(probe);
}

/* ---- names and addresses ---- */

/* NULL: there are too many. */
static struct probe_name *name_for(struct probe *probe, struct str name)
{
    for (size_t i = 0; i < probe->name_count; i++)
        if (str_equal(probe->names[i].name, name))
            return &probe->names[i];
    if (probe->name_count == DOMAIN_NAMES_MAX)
        return NULL;
    struct probe_name *added = &probe->names[probe->name_count++];
    added->name = arena_str(probe->arena, name);
    return added;
}

static struct probe_server *server_for(struct probe *probe, int name,
                                       const struct dns_address *address)
{
    for (size_t i = 0; i < probe->server_count; i++) {
        struct probe_server *server = &probe->servers[i];
        if (!dns_address_equal(&server->address, address))
            continue;
        if (server->name < 0)
            server->name = name;
        if (server->name == name || name < 0)
            return server;
    }
    if (probe->server_count == DOMAIN_SERVERS_MAX)
        return NULL;
    struct probe_server *added = &probe->servers[probe->server_count++];
    added->address = *address;
    added->name = name;
    return added;
}

static void add_addresses(struct probe *probe, struct probe_name *name,
                          const struct dns_address *addresses, size_t count)
{
    int index = (int)(name - probe->names);
    for (size_t i = 0; i < count && name->addresses < ADDRESSES_PER_NAME; i++)
        name->addresses += server_for(probe, index, &addresses[i]) != NULL;
}

static void host_found(void *self, const struct dns_host *host)
{
    struct probe_ask *asked = self;
    struct probe *probe = asked->probe;
    struct probe_name *name = &probe->names[asked->index];
    name->is_alias = host->is_alias;
    add_addresses(probe, name, host->addresses, host->count);
    arrived(probe);
}

static struct probe_ask *new_ask(struct probe *probe, enum ask ask, size_t index)
{
    struct probe_ask *asked = ARENA_NEW(probe->arena, struct probe_ask);
    *asked = (struct probe_ask){probe, ask, index};
    probe->pending++;
    return asked;
}

static void look_for_names(struct probe *probe)
{
    for (size_t i = 0; i < probe->name_count; i++) {
        struct probe_name *name = &probe->names[i];
        if (name->is_looked_for)
            continue;
        name->is_looked_for = true;
        if (!name->addresses)
            dns_walk_host(probe->net->walker, name->name, probe->request->is_fresh, host_found,
                          new_ask(probe, ASK_SOA, i));
    }
}

/* ---- what a server says ---- */

static enum domain_server_state state_without_answer(enum dns_outcome outcome)
{
    switch (outcome) {
    case DNS_GARBAGE:
        return DOMAIN_SERVER_GARBLED;
    case DNS_FORBIDDEN:
        return DOMAIN_SERVER_FORBIDDEN;
    case DNS_ANSWERED:
    case DNS_TIMED_OUT:
    case DNS_UNREACHABLE:
    case DNS_CANCELLED:
        break;
    }
    return DOMAIN_SERVER_SILENT;
}

static void keep_soa(struct probe *probe, const struct probe_server *server,
                     const struct dns_soa *soa)
{
    struct domain_finding *finding = probe->finding;
    bool is_primary = server->name >= 0 && str_equal(probe->names[server->name].name, soa->mname);
    if (finding->has_soa && !is_primary)
        return;
    finding->has_soa = true;
    finding->mname = arena_str(probe->arena, soa->mname);
    finding->rname = arena_str(probe->arena, soa->rname);
    finding->serial = soa->serial;
    finding->refresh_s = soa->refresh_s;
    finding->retry_s = soa->retry_s;
    finding->expire_s = soa->expire_s;
    finding->minimum_s = soa->minimum_s;
}

/* The signature that ends last. */
static void keep_signature(struct probe *probe, const struct dns_message *message, uint16_t covers)
{
    struct domain_finding *finding = probe->finding;
    for (size_t i = 0; i < message->count; i++) {
        const struct dns_record *record = &message->records[i];
        if (record->section != DNS_ANSWER || record->type != DNS_TYPE_RRSIG ||
            record->covers != covers)
            continue;
        int64_t ends_ms = record->expires_s * MS_PER_SECOND;
        finding->has_signature = true;
        if (ends_ms > finding->signature_ends_ms)
            finding->signature_ends_ms = ends_ms;
    }
}

static void take_soa(struct probe *probe, struct probe_server *server,
                     const struct dns_message *message)
{
    struct domain_server *told = &server->told;
    const struct dns_record *soa =
        dns_message_find(message, DNS_ANSWER, probe->finding->domain, DNS_TYPE_SOA);
    told->rcode = message->rcode;
    told->rcode_name = str_from_c(dns_rcode_name(message->rcode));
    if (message->rcode == DNS_NO_ERROR && !message->is_authoritative)
        told->rcode_name = STR("an answer without authority");
    if (message->rcode != DNS_NO_ERROR || !message->is_authoritative || !soa) {
        told->state = DOMAIN_SERVER_LAME;
        return;
    }
    told->state = DOMAIN_SERVER_GOOD;
    told->has_soa = true;
    told->serial = soa->soa.serial;
    told->refresh_s = soa->soa.refresh_s;
    keep_soa(probe, server, &soa->soa);
    keep_signature(probe, message, DNS_TYPE_SOA);
}

static void take_servers(struct probe *probe, const struct dns_message *message)
{
    for (size_t i = 0; message->is_authoritative && i < message->count; i++) {
        const struct dns_record *record = &message->records[i];
        if (record->section != DNS_ANSWER || record->type != DNS_TYPE_NS ||
            !str_equal(record->name, probe->finding->domain))
            continue;
        struct probe_name *name = name_for(probe, record->target);
        if (name)
            name->own = true;
    }
}

static void take_mail(struct probe *probe, const struct dns_message *message)
{
    struct domain_finding *finding = probe->finding;
    for (size_t i = 0; i < message->count && finding->mail_count < DOMAIN_MAIL_MAX; i++) {
        const struct dns_record *record = &message->records[i];
        if (record->section == DNS_ANSWER && record->type == DNS_TYPE_MX)
            finding->mail[finding->mail_count++] =
                (struct domain_mail){arena_str(probe->arena, record->target), record->preference};
    }
}

static void take_keys(struct probe *probe, const struct dns_message *message)
{
    struct domain_finding *finding = probe->finding;
    for (size_t i = 0; i < message->count; i++) {
        const struct dns_record *record = &message->records[i];
        if (record->section != DNS_ANSWER || record->type != DNS_TYPE_DNSKEY)
            continue;
        finding->has_keys = true;
        for (size_t j = 0; j < probe->ds_count; j++)
            finding->ds_matches = finding->ds_matches || probe->ds_tags[j] == record->key_tag;
    }
}

static void take_challenge(struct probe *probe, struct probe_server *server,
                           const struct dns_message *message)
{
    for (size_t i = 0; message->is_authoritative && i < message->count; i++) {
        const struct dns_record *record = &message->records[i];
        if (record->section == DNS_ANSWER && record->type == DNS_TYPE_TXT &&
            str_equal(record->text, probe->request->challenge))
            server->told.has_challenge = true;
    }
}

static void take_reply(const struct probe_ask *asked, const struct dns_reply *reply)
{
    struct probe *probe = asked->probe;
    struct probe_server *server = &probe->servers[asked->index];
    if (asked->ask == ASK_SOA) {
        server->told.latency_us = reply->latency_us;
        if (!reply->message)
            server->told.state = state_without_answer(reply->outcome);
    }
    if (!reply->message)
        return;
    switch (asked->ask) {
    case ASK_SOA:
        take_soa(probe, server, reply->message);
        break;
    case ASK_NS:
        take_servers(probe, reply->message);
        break;
    case ASK_MX:
        take_mail(probe, reply->message);
        break;
    case ASK_KEYS:
        take_keys(probe, reply->message);
        break;
    case ASK_CHALLENGE:
        take_challenge(probe, server, reply->message);
        break;
    }
}

static void answered(void *self, const struct dns_reply *reply)
{
    const struct probe_ask *asked = self;
    take_reply(asked, reply);
    arrived(asked->probe);
}

static void ask_server(struct probe *probe, size_t index, enum ask ask)
{
    static const enum dns_type types[] = {[ASK_SOA] = DNS_TYPE_SOA,
                                          [ASK_NS] = DNS_TYPE_NS,
                                          [ASK_MX] = DNS_TYPE_MX,
                                          [ASK_KEYS] = DNS_TYPE_DNSKEY,
                                          [ASK_CHALLENGE] = DNS_TYPE_TXT};
    struct dns_question question = {.server = probe->servers[index].address,
                                    .name = probe->finding->domain,
                                    .type = types[ask]};
    if (ask == ASK_CHALLENGE)
        question.name = domain_challenge_name(probe->finding->domain, probe->arena);
    dns_client_ask(probe->net->client, &question, answered, new_ask(probe, ask, index));
}

static void ask_servers(struct probe *probe)
{
    for (size_t i = 0; i < probe->server_count; i++) {
        if (probe->servers[i].is_asked)
            continue;
        probe->servers[i].is_asked = true;
        ask_server(probe, i, ASK_SOA);
        ask_server(probe, i, ASK_NS);
        if (probe->request->challenge.len)
            ask_server(probe, i, ASK_CHALLENGE);
    }
}

/* What one server that answers is enough for. */
static void ask_extras(struct probe *probe)
{
    for (size_t i = 0; i < probe->server_count && !probe->has_extras; i++) {
        if (!probe->servers[i].told.has_soa)
            continue;
        probe->has_extras = true;
        ask_server(probe, i, ASK_MX);
        ask_server(probe, i, ASK_KEYS);
    }
}

/* ---- the end ---- */

static void add_finding(struct probe *probe, const struct probe_name *name,
                        const struct probe_server *server)
{
    struct domain_finding *finding = probe->finding;
    if (finding->server_count == DOMAIN_SERVERS_MAX)
        return;
    struct domain_server *added = &finding->servers[finding->server_count++];
    if (server) {
        *added = server->told;
        added->address = dns_address_text(&server->address, probe->arena);
        added->in_record = server->in_record;
        added->is_start = server->is_start;
    } else {
        *added = (struct domain_server){.state = DOMAIN_SERVER_NO_ADDRESS};
    }
    if (!name)
        return;
    added->name = name->name;
    added->above = name->above;
    added->own = name->own;
    added->in_record = added->in_record || name->in_record;
    added->is_start = added->is_start || name->is_start;
    added->is_alias = name->is_alias;
}

/* The server that was to be asked first was of no use. */
static void begin_above(struct probe *probe)
{
    struct domain_request *request = ARENA_NEW(probe->arena, struct domain_request);
    *request = *probe->request;
    request->server = STR("");
    domain_probe(probe->net, request, probe->arena, probe->found, probe->self);
}

static void conclude(struct probe *probe)
{
    for (size_t i = 0; i < probe->name_count; i++) {
        bool has_address = false;
        for (size_t j = 0; j < probe->server_count; j++) {
            if (probe->servers[j].name != (int)i)
                continue;
            has_address = true;
            add_finding(probe, &probe->names[i], &probe->servers[j]);
        }
        if (!has_address)
            add_finding(probe, &probe->names[i], NULL);
    }
    for (size_t j = 0; j < probe->server_count; j++)
        if (probe->servers[j].name < 0)
            add_finding(probe, NULL, &probe->servers[j]);
    domain_judge(probe->finding, probe->arena);
    if (probe->request->falls_back && probe->finding->start.len && !probe->finding->primary_dns.len)
        begin_above(probe);
    else
        probe->found(probe->self, probe->finding);
}

/* Asks whatever can be asked now; when nothing is left to wait for, that was it. */
static void advance(struct probe *probe)
{
    probe->is_advancing = true;
    size_t names;
    do {
        names = probe->name_count;
        look_for_names(probe);
        ask_servers(probe);
        ask_extras(probe);
    } while (probe->name_count != names);
    probe->is_advancing = false;
    if (!probe->pending)
        conclude(probe);
}

/* ---- the beginning ---- */

/* A name or an address of the record: known so that it can be compared. */
static void add_record(struct probe *probe, struct str text)
{
    struct dns_address address;
    if (!text.len)
        return;
    if (dns_address_parse(text, (uint16_t)probe->net->settings.port, &address)) {
        struct probe_server *server = server_for(probe, -1, &address);
        if (server)
            server->in_record = true;
        return;
    }
    struct probe_name *name = name_for(probe, text);
    if (name)
        name->in_record = true;
}

static void add_start(struct probe *probe, struct str text)
{
    struct dns_address address;
    if (dns_address_parse(text, (uint16_t)probe->net->settings.port, &address)) {
        struct probe_server *server = server_for(probe, -1, &address);
        server->is_start = true;
        return;
    }
    name_for(probe, text)->is_start = true;
}

static enum domain_delegation delegation_of(enum dns_walk_outcome outcome)
{
    switch (outcome) {
    case DNS_FOUND:
        return DOMAIN_DELEGATED;
    case DNS_NO_NAME:
        return DOMAIN_NO_NAME;
    case DNS_NO_RECORD:
        return DOMAIN_UNDELEGATED;
    case DNS_NO_ANSWER:
        break;
    }
    return DOMAIN_NO_PARENT;
}

static void take_delegation(void *self, const struct dns_delegation *delegation)
{
    struct probe *probe = self;
    struct domain_finding *finding = probe->finding;
    finding->delegation = delegation_of(delegation->outcome);
    finding->parent = arena_str(probe->arena, delegation->parent);
    finding->has_ds = delegation->is_signed;
    probe->ds_count = delegation->key_count;
    memcpy(probe->ds_tags, delegation->key_tags, sizeof(probe->ds_tags));
    for (size_t i = 0; i < delegation->count; i++) {
        const struct dns_server_name *server = &delegation->servers[i];
        struct probe_name *name = name_for(probe, server->name);
        if (!name)
            continue;
        name->above = true;
        /* Of a name inside the domain only the zone above knows the way; others are looked up. */
        if (dns_name_is_within(name->name, finding->domain))
            add_addresses(probe, name, server->addresses, server->count);
    }
    if (finding->delegation == DOMAIN_DELEGATED) {
        add_record(probe, finding->record_primary);
        add_record(probe, finding->record_secondary);
    }
    arrived(probe);
}

void domain_probe(struct domain_net *net, const struct domain_request *request, struct arena *arena,
                  domain_found *found, void *self)
{
    struct probe *probe = ARENA_NEW(arena, struct probe);
    *probe = (struct probe){.net = net, .request = request, .arena = arena};
    probe->found = found;
    probe->self = self;
    probe->finding = ARENA_NEW(arena, struct domain_finding);
    probe->finding->domain = request->domain;
    probe->finding->checked_ms = clock_now_ms(&net->clock);
    probe->finding->start = request->server;
    probe->finding->record_primary = request->record_primary;
    probe->finding->record_secondary = request->record_secondary;
    probe->finding->differs_since_ms = request->differs_since_ms;
    if (request->server.len) {
        add_start(probe, request->server);
        add_record(probe, request->record_primary);
        add_record(probe, request->record_secondary);
        advance(probe);
        return;
    }
    probe->pending++;
    dns_walk_delegation(net->walker, request->domain, take_delegation, probe);
}
