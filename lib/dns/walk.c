/* From the root down: one walk asks one server after another until a zone answers for the name or
 * hands it on. */
#include "lib/dns/walk.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/map.h"

enum {
    WALK_BYTES = 256 * 1024, /* names on the way of one walk */
    MEMORY_BYTES = 64 * 1024 * 1024,
    KNOWN_MAX = 20000, /* zones and hosts that are remembered; then it begins anew */
    KNOWN_MS_MAX = 3600 * 1000,
    KNOWN_MS_MIN = 30 * 1000, /* a bulk check asks for the same hosts many times */
    CUT_ADDRESSES = 16,
    SILENT_MAX = 3 /* servers of one zone that are waited for */
};

struct cut {
    struct dns_address servers[CUT_ADDRESSES];
    size_t count;
    int64_t until_ms;
};

struct known_host {
    struct dns_host host;
    int64_t until_ms;
};

struct walk;

struct dns_walker {
    struct dns_walker_options options;
    struct dns_address roots[CUT_ADDRESSES];
    struct arena arena; /* of what is remembered */
    struct map cuts, hosts;
    struct walk *leaders; /* walks for hosts that others may wait for */
    size_t walks;
};

enum phase { ASK, ASK_DS, ASK_AAAA };

struct waiter {
    struct waiter *next;
    dns_host_found *done;
    void *self;
};

struct walk {
    struct dns_walker *walker;
    struct arena arena;
    struct str target; /* what is looked for now */
    struct str wanted; /* what was asked for: another one behind aliases */
    bool is_delegation, is_fresh;
    enum phase phase;
    int depth, aliases;
    int *questions; /* left; the topmost walk's */
    int own_questions;

    /* The zone whose servers are asked. */
    struct str zone;
    struct cut cut;
    size_t at;
    size_t silent;
    struct str names[DNS_SERVERS_MAX]; /* of servers without an address */
    size_t name_count, name_at;

    struct dns_delegation delegation;
    struct dns_host host;
    int64_t host_ms; /* how long it may be kept */
    dns_delegated *delegated;
    dns_host_found *found;
    void *self;
    struct waiter *waiters;
    struct walk *next_leader, *previous_leader;
    bool is_leader;
};

static void step(struct walk *walk);

/* ---- what is remembered ---- */

static int64_t walker_now(const struct dns_walker *walker)
{
    return clock_now_ms(&walker->options.clock);
}

static void forget(struct dns_walker *walker)
{
    arena_reset(&walker->arena);
    map_init(&walker->cuts, &walker->arena, walker->cuts.seed);
    map_init(&walker->hosts, &walker->arena, walker->hosts.seed);
}

static void make_room(struct dns_walker *walker)
{
    if (walker->cuts.count + walker->hosts.count >= KNOWN_MAX ||
        walker->arena.used_bytes > MEMORY_BYTES / 2)
        forget(walker);
}

static void remember_cut(struct dns_walker *walker, struct str zone, const struct cut *cut)
{
    make_room(walker);
    struct cut *kept = map_find(&walker->cuts, zone);
    if (!kept) {
        kept = ARENA_NEW(&walker->arena, struct cut);
        map_put(&walker->cuts, arena_str(&walker->arena, zone), kept);
    }
    *kept = *cut;
}

static void remember_host(struct dns_walker *walker, struct str name, const struct dns_host *host,
                          int64_t until_ms)
{
    make_room(walker);
    struct known_host *kept = map_find(&walker->hosts, name);
    if (!kept) {
        kept = ARENA_NEW(&walker->arena, struct known_host);
        map_put(&walker->hosts, arena_str(&walker->arena, name), kept);
    }
    *kept = (struct known_host){*host, until_ms};
}

static const struct dns_host *known_host(const struct dns_walker *walker, struct str name)
{
    const struct known_host *known = map_find(&walker->hosts, name);
    return known && known->until_ms > walker_now(walker) ? &known->host : NULL;
}

/* The nearest zone above that is known; of a delegation never the name's own. */
static void begin_at_known(struct walk *walk)
{
    struct dns_walker *walker = walk->walker;
    int64_t now = walker_now(walker);
    struct str zone = walk->is_delegation ? dns_name_parent(walk->target) : walk->target;
    walk->at = walk->silent = walk->name_count = walk->name_at = 0;
    walk->phase = ASK;
    for (; zone.len; zone = dns_name_parent(zone)) {
        const struct cut *cut = map_find(&walker->cuts, zone);
        if (cut && cut->until_ms > now) {
            walk->zone = zone;
            walk->cut = *cut;
            return;
        }
    }
    /* Not every walk asks the same root server first. */
    size_t first = hash_bytes(walk->target, 0) % walker->options.root_count;
    walk->zone = STR("");
    walk->cut.count = walker->options.root_count;
    for (size_t i = 0; i < walk->cut.count; i++)
        walk->cut.servers[i] = walker->roots[(first + i) % walk->cut.count];
}

/* ---- the end of a walk ---- */

static void unlead(struct walk *walk)
{
    if (!walk->is_leader)
        return;
    if (walk->previous_leader)
        walk->previous_leader->next_leader = walk->next_leader;
    else
        walk->walker->leaders = walk->next_leader;
    if (walk->next_leader)
        walk->next_leader->previous_leader = walk->previous_leader;
    walk->is_leader = false;
}

static void free_walk(struct walk *walk)
{
    walk->walker->walks--;
    arena_finish(&walk->arena);
    free(walk);
}

static void finish_host(struct walk *walk)
{
    struct dns_host host = walk->host;
    if (host.count)
        host.outcome = DNS_FOUND;
    if (host.outcome != DNS_NO_ANSWER)
        remember_host(walk->walker, walk->wanted, &host, walker_now(walk->walker) + walk->host_ms);
    unlead(walk);
    walk->found(walk->self, &host);
    while (walk->waiters) {
        struct waiter *waiter = walk->waiters;
        walk->waiters = waiter->next;
        waiter->done(waiter->self, &host);
        free(waiter);
    }
    free_walk(walk);
}

static void finish(struct walk *walk, enum dns_walk_outcome outcome)
{
    if (!walk->is_delegation) {
        walk->host.outcome = outcome;
        finish_host(walk);
        return;
    }
    walk->delegation.outcome = outcome;
    walk->delegation.parent = walk->zone;
    walk->delegated(walk->self, &walk->delegation);
    free_walk(walk);
}

/* ---- reading an answer ---- */

static int64_t kept_ms(uint32_t ttl_s)
{
    int64_t ms = (int64_t)ttl_s * MS_PER_SECOND;
    if (ms > KNOWN_MS_MAX)
        return KNOWN_MS_MAX;
    return ms < KNOWN_MS_MIN ? KNOWN_MS_MIN : ms;
}

static bool may_ask(const struct walk *walk, const struct dns_record *record)
{
    if (record->type == DNS_TYPE_AAAA)
        return walk->walker->options.ipv6;
    return record->type == DNS_TYPE_A;
}

static struct dns_address at_port(const struct walk *walk, const struct dns_address *address)
{
    struct dns_address there = *address;
    there.port = walk->walker->options.port;
    return there;
}

/* Addresses beside the names of servers count only where the asked zone may know them. */
static void add_glue(struct walk *walk, const struct dns_message *message,
                     struct dns_server_name *server)
{
    if (!dns_name_is_within(server->name, walk->zone))
        return;
    for (size_t i = 0; i < message->count && server->count < DNS_ADDRESSES_MAX; i++) {
        const struct dns_record *record = &message->records[i];
        if (record->section == DNS_ADDITIONAL && may_ask(walk, record) &&
            str_equal(record->name, server->name))
            server->addresses[server->count++] = at_port(walk, &record->address);
    }
}

/* The servers of `zone` that a section names. */
static void read_servers(struct walk *walk, const struct dns_message *message,
                         enum dns_section section, struct str zone)
{
    struct dns_delegation *delegation = &walk->delegation;
    delegation->count = 0;
    for (size_t i = 0; i < message->count && delegation->count < DNS_SERVERS_MAX; i++) {
        const struct dns_record *record = &message->records[i];
        if (record->section != section || record->type != DNS_TYPE_NS ||
            !str_equal(record->name, zone))
            continue;
        struct dns_server_name *server = &delegation->servers[delegation->count++];
        *server = (struct dns_server_name){.name = arena_str(&walk->arena, record->target)};
        add_glue(walk, message, server);
    }
}

static void read_keys(struct walk *walk, const struct dns_message *message,
                      enum dns_section section)
{
    struct dns_delegation *delegation = &walk->delegation;
    for (size_t i = 0; i < message->count; i++) {
        const struct dns_record *record = &message->records[i];
        if (record->section != section || record->type != DNS_TYPE_DS ||
            !str_equal(record->name, walk->target))
            continue;
        delegation->is_signed = true;
        if (delegation->key_count < DNS_KEYS_MAX)
            delegation->key_tags[delegation->key_count++] = record->key_tag;
    }
}

/* Down, and towards the name: whatever else an answer hands on to is ignored. */
static const struct dns_record *find_referral(const struct walk *walk,
                                              const struct dns_message *message)
{
    for (size_t i = 0; i < message->count; i++) {
        const struct dns_record *record = &message->records[i];
        if (record->section == DNS_AUTHORITY && record->type == DNS_TYPE_NS &&
            dns_name_is_within(walk->target, record->name) &&
            dns_name_is_within(record->name, walk->zone) && record->name.len > walk->zone.len)
            return record;
    }
    return NULL;
}

static void go_down(struct walk *walk, const struct dns_message *message,
                    const struct dns_record *referral)
{
    struct str zone = arena_str(&walk->arena, referral->name);
    struct cut cut = {.until_ms = walker_now(walk->walker) + kept_ms(referral->ttl_s)};
    read_servers(walk, message, DNS_AUTHORITY, zone);
    walk->name_count = walk->name_at = walk->at = walk->silent = 0;
    for (size_t i = 0; i < walk->delegation.count; i++) {
        const struct dns_server_name *server = &walk->delegation.servers[i];
        if (!server->count)
            walk->names[walk->name_count++] = server->name;
        for (size_t j = 0; j < server->count && cut.count < CUT_ADDRESSES; j++)
            cut.servers[cut.count++] = server->addresses[j];
    }
    walk->delegation.count = 0;
    walk->zone = zone;
    walk->cut = cut;
    if (cut.count)
        remember_cut(walk->walker, zone, &cut);
    step(walk);
}

static void take_referral(struct walk *walk, const struct dns_message *message,
                          const struct dns_record *referral)
{
    if (!walk->is_delegation || !str_equal(referral->name, walk->target)) {
        go_down(walk, message, referral);
        return;
    }
    read_servers(walk, message, DNS_AUTHORITY, walk->target);
    read_keys(walk, message, DNS_AUTHORITY);
    finish(walk, DNS_FOUND);
}

/* True: an address stood in it. */
static bool take_addresses(struct walk *walk, const struct dns_message *message, enum dns_type type)
{
    struct dns_host *host = &walk->host;
    bool found = false;
    for (size_t i = 0; i < message->count && host->count < DNS_ADDRESSES_MAX; i++) {
        const struct dns_record *record = &message->records[i];
        if (record->section != DNS_ANSWER || record->type != type ||
            !str_equal(record->name, walk->target))
            continue;
        host->addresses[host->count++] = at_port(walk, &record->address);
        walk->host_ms = kept_ms(record->ttl_s);
        found = true;
    }
    return found;
}

/* The same servers know the other kind of address. */
static void go_on_with_aaaa(struct walk *walk, enum dns_walk_outcome outcome)
{
    walk->host.outcome = outcome;
    if (walk->phase == ASK_AAAA || !walk->walker->options.ipv6) {
        finish(walk, outcome);
        return;
    }
    walk->phase = ASK_AAAA;
    walk->at--;
    step(walk);
}

static void take_host_answer(struct walk *walk, const struct dns_message *message)
{
    enum dns_type type = walk->phase == ASK_AAAA ? DNS_TYPE_AAAA : DNS_TYPE_A;
    const struct dns_record *alias =
        dns_message_find(message, DNS_ANSWER, walk->target, DNS_TYPE_CNAME);
    if (take_addresses(walk, message, type)) {
        go_on_with_aaaa(walk, DNS_FOUND);
    } else if (alias && walk->aliases < DNS_WALK_ALIASES_MAX) {
        walk->aliases++;
        walk->host.is_alias = true;
        walk->target = arena_str(&walk->arena, alias->target);
        begin_at_known(walk);
        step(walk);
    } else if (alias) {
        finish(walk, DNS_NO_ANSWER);
    } else {
        go_on_with_aaaa(walk, DNS_NO_RECORD);
    }
}

/* The server answers for the name itself and for the zone above it, so that no referral came: the
 * zone above is asked what only it knows. */
static void take_own_zone(struct walk *walk, const struct dns_message *message)
{
    if (walk->phase == ASK_DS) {
        read_keys(walk, message, DNS_ANSWER);
        finish(walk, DNS_FOUND);
        return;
    }
    read_servers(walk, message, DNS_ANSWER, walk->target);
    if (!walk->delegation.count) {
        finish(walk, DNS_NO_RECORD);
        return;
    }
    walk->phase = ASK_DS;
    walk->at--;
    step(walk);
}

static void take_message(struct walk *walk, const struct dns_message *message)
{
    const struct dns_record *referral = find_referral(walk, message);
    bool is_own = message->is_authoritative;
    if (message->rcode == DNS_NO_SUCH_NAME && is_own && walk->phase == ASK) {
        finish(walk, DNS_NO_NAME);
    } else if (message->rcode == DNS_NO_ERROR && is_own && walk->is_delegation) {
        take_own_zone(walk, message);
    } else if (message->rcode == DNS_NO_ERROR && is_own) {
        take_host_answer(walk, message);
    } else if (message->rcode == DNS_NO_ERROR && referral && walk->phase == ASK) {
        take_referral(walk, message, referral);
    } else {
        step(walk);
    }
}

static void answered(void *self, const struct dns_reply *reply)
{
    struct walk *walk = self;
    if (reply->outcome == DNS_CANCELLED) {
        finish(walk, DNS_NO_ANSWER);
    } else if (reply->outcome == DNS_ANSWERED) {
        take_message(walk, reply->message);
    } else {
        walk->silent += reply->outcome == DNS_TIMED_OUT;
        step(walk);
    }
}

/* ---- going on ---- */

static struct walk *walk_new(struct dns_walker *walker, struct str name)
{
    struct walk *walk = calloc(1, sizeof(*walk));
    if (!walk)
        abort();
    arena_init(&walk->arena, WALK_BYTES);
    walk->walker = walker;
    walk->target = walk->wanted = arena_str(&walk->arena, name);
    walk->own_questions = DNS_WALK_QUESTIONS_MAX;
    walk->questions = &walk->own_questions;
    walk->host_ms = KNOWN_MS_MIN;
    walker->walks++;
    return walk;
}

static void server_found(void *self, const struct dns_host *host)
{
    struct walk *walk = self;
    walk->cut.count = host->count < CUT_ADDRESSES ? host->count : CUT_ADDRESSES;
    memcpy(walk->cut.servers, host->addresses, walk->cut.count * sizeof(host->addresses[0]));
    walk->at = 0;
    if (walk->cut.count)
        remember_cut(walk->walker, walk->zone, &walk->cut);
    step(walk);
}

static void find_server(struct walk *walk)
{
    struct str name = walk->names[walk->name_at++];
    const struct dns_host *known = known_host(walk->walker, name);
    if (known && !walk->is_fresh) {
        server_found(walk, known);
        return;
    }
    struct walk *inner = walk_new(walk->walker, name);
    inner->depth = walk->depth + 1;
    inner->questions = walk->questions;
    inner->is_fresh = walk->is_fresh;
    inner->found = server_found;
    inner->self = walk;
    begin_at_known(inner);
    step(inner);
}

/* When the zone above is silent about the DS, the delegation stands all the same. */
static void give_up(struct walk *walk)
{
    finish(walk, walk->phase == ASK ? DNS_NO_ANSWER
                                    : (walk->is_delegation ? DNS_FOUND : walk->host.outcome));
}

/* Asks the next server of the zone. */
static void step(struct walk *walk)
{
    static const enum dns_type host_types[] = {
        [ASK] = DNS_TYPE_A, [ASK_DS] = DNS_TYPE_DS, [ASK_AAAA] = DNS_TYPE_AAAA};
    struct dns_question question = {.name = walk->target, .type = host_types[walk->phase]};
    if (walk->is_delegation && walk->phase == ASK)
        question.type = DNS_TYPE_NS;
    bool may_go_on = *walk->questions > 0 && !arena_failed(&walk->arena);
    if (may_go_on && walk->at < walk->cut.count && walk->silent < SILENT_MAX) {
        --*walk->questions;
        question.server = walk->cut.servers[walk->at++];
        dns_client_ask(walk->walker->options.client, &question, answered, walk);
    } else if (may_go_on && walk->name_at < walk->name_count && walk->depth < DNS_WALK_DEPTH_MAX &&
               walk->phase == ASK) {
        find_server(walk);
    } else {
        give_up(walk);
    }
}

/* ---- the header's ---- */

void dns_walk_delegation(struct dns_walker *walker, struct str name, dns_delegated *done,
                         void *self)
{
    struct walk *walk = walk_new(walker, name);
    walk->is_delegation = true;
    walk->delegated = done;
    walk->self = self;
    begin_at_known(walk);
    step(walk);
}

static struct walk *find_leader(const struct dns_walker *walker, struct str name)
{
    struct walk *leader = walker->leaders;
    while (leader && !str_equal(leader->wanted, name))
        leader = leader->next_leader;
    return leader;
}

/* Only walks that nobody's walk waits for are waited for, so that no two wait for each other. */
static void wait_for(struct walk *leader, dns_host_found *done, void *self)
{
    struct waiter *waiter = calloc(1, sizeof(*waiter));
    if (!waiter)
        abort();
    *waiter = (struct waiter){leader->waiters, done, self};
    leader->waiters = waiter;
}

static void lead(struct walk *walk)
{
    struct dns_walker *walker = walk->walker;
    walk->is_leader = true;
    walk->next_leader = walker->leaders;
    if (walker->leaders)
        walker->leaders->previous_leader = walk;
    walker->leaders = walk;
}

void dns_walk_host(struct dns_walker *walker, struct str name, bool is_fresh, dns_host_found *done,
                   void *self)
{
    const struct dns_host *known = is_fresh ? NULL : known_host(walker, name);
    if (known) {
        struct dns_host host = *known;
        done(self, &host);
        return;
    }
    struct walk *leader = is_fresh ? NULL : find_leader(walker, name);
    if (leader) {
        wait_for(leader, done, self);
        return;
    }
    struct walk *walk = walk_new(walker, name);
    walk->is_fresh = is_fresh;
    walk->found = done;
    walk->self = self;
    if (!is_fresh)
        lead(walk);
    begin_at_known(walk);
    step(walk);
}

/* The servers of the root zone, a to m (www.internic.net/domain/named.root). */
static const char *const root_addresses[] = {
    "198.41.0.4",   "170.247.170.2", "192.33.4.12",   "199.7.91.13",   "192.203.230.10",
    "192.5.5.241",  "192.112.36.4",  "198.97.190.53", "192.36.148.17", "192.58.128.30",
    "193.0.14.129", "199.7.83.42",   "202.12.27.33"};

static void set_roots(struct dns_walker *walker)
{
    struct dns_walker_options *options = &walker->options;
    if (options->root_count > CUT_ADDRESSES)
        options->root_count = CUT_ADDRESSES;
    for (size_t i = 0; i < options->root_count; i++)
        walker->roots[i] = options->roots[i];
    if (options->root_count)
        return;
    for (size_t i = 0; i < ARRAY_LEN(root_addresses); i++)
        options->root_count += dns_address_parse(str_from_c(root_addresses[i]), options->port,
                                                 &walker->roots[options->root_count]);
}

struct dns_walker *dns_walker_new(const struct dns_walker_options *options)
{
    struct dns_walker *walker = calloc(1, sizeof(*walker));
    if (!walker)
        abort();
    walker->options = *options;
    if (!walker->options.port)
        walker->options.port = DNS_PORT;
    set_roots(walker);
    arena_init(&walker->arena, MEMORY_BYTES);
    walker->cuts.seed = walker->hosts.seed = (uint64_t)(uintptr_t)walker ^ (uint64_t)monotonic_ms();
    forget(walker);
    return walker;
}

void dns_walker_free(struct dns_walker *walker)
{
    if (!walker)
        return;
    arena_finish(&walker->arena);
    free(walker);
}
