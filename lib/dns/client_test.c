/* The client and the walk, against a name server that misbehaves in every way that we know. */
#include "lib/dns/client.h"

#include "lib/dns/walk.h"
#include "tests/support/hostile_dns.h"
#include "tests/support/test.h"

enum { TIMEOUT_MS = 150, TURN_MS = 1000, TURNS_MAX = 2000 };

static void predictable(void *self, void *bytes, size_t size_bytes)
{
    uint64_t *state = self;
    for (size_t i = 0; i < size_bytes; i++) {
        *state = *state * 6364136223846793005U + 1442695040888963407U;
        ((uint8_t *)bytes)[i] = (uint8_t)(*state >> 56);
    }
}

static struct dns_client *client_new(uint64_t *seed, size_t channels, int per_second)
{
    struct dns_client_options options = {
        .allow_private = true,
        .timeout_ms = TIMEOUT_MS,
        .tries = 2,
        .channels_max = channels,
        .in_flight_max = 200,
        .per_second = per_second,
        .random = predictable,
        .random_self = seed,
    };
    *seed = test_seed();
    return dns_client_new(&options);
}

struct got {
    int answers;
    enum dns_outcome outcome;
    int rcode;
    bool is_authoritative;
    size_t records;
    uint32_t serial;
};

static void remember(void *self, const struct dns_reply *reply)
{
    struct got *got = self;
    got->answers++;
    got->outcome = reply->outcome;
    if (!reply->message)
        return;
    got->rcode = reply->message->rcode;
    got->is_authoritative = reply->message->is_authoritative;
    got->records = reply->message->count;
    const struct dns_record *soa =
        dns_message_find(reply->message, DNS_ANSWER, STR("shop.test"), DNS_TYPE_SOA);
    got->serial = soa ? soa->soa.serial : 0;
}

static void run(struct dns_client *client)
{
    for (int turns = 0; dns_client_pending(client); turns++) {
        CHECK(turns < TURNS_MAX);
        dns_client_turn(client, TURN_MS);
    }
}

static struct got ask(enum hostile_way way, enum dns_type type)
{
    struct got got = {0};
    uint64_t seed;
    struct hostile_dns *server = hostile_dns_start(way, "127.0.0.1", 0);
    struct dns_client *client = client_new(&seed, 4, 0);
    struct dns_question question = {
        .server = hostile_dns_address(server), .name = STR("shop.test"), .type = type};
    dns_client_ask(client, &question, remember, &got);
    CHECK_INT(0, got.answers); /* never before a turn */
    run(client);
    CHECK_INT(1, got.answers);
    dns_client_free(client);
    hostile_dns_stop(server);
    return got;
}

TEST(dns_client, gets_the_soa_of_an_honest_server)
{
    struct got got = ask(HOSTILE_HONEST, DNS_TYPE_SOA);
    CHECK_INT(DNS_ANSWERED, got.outcome);
    CHECK(got.is_authoritative);
    CHECK_INT(1, got.serial);
}

TEST(dns_client, waits_no_longer_than_its_tries_for_who_says_nothing)
{
    CHECK_INT(DNS_TIMED_OUT, ask(HOSTILE_SILENT, DNS_TYPE_SOA).outcome);
}

TEST(dns_client, takes_a_refusal_for_what_it_is)
{
    struct got got = ask(HOSTILE_REFUSES, DNS_TYPE_SOA);
    CHECK_INT(DNS_ANSWERED, got.outcome);
    CHECK_INT(DNS_REFUSED, got.rcode);
}

TEST(dns_client, sees_who_answers_without_authority)
{
    struct got got = ask(HOSTILE_CACHE, DNS_TYPE_SOA);
    CHECK_INT(DNS_ANSWERED, got.outcome);
    CHECK(!got.is_authoritative);
}

TEST(dns_client, takes_no_answer_that_fits_no_question_of_ours)
{
    CHECK(ask(HOSTILE_WRONG_ID, DNS_TYPE_SOA).outcome != DNS_ANSWERED);
    CHECK(ask(HOSTILE_OTHER_NAME, DNS_TYPE_SOA).outcome != DNS_ANSWERED);
    CHECK(ask(HOSTILE_OTHER_ADDRESS, DNS_TYPE_SOA).outcome != DNS_ANSWERED);
    CHECK(ask(HOSTILE_ECHO, DNS_TYPE_SOA).outcome != DNS_ANSWERED);
}

TEST(dns_client, takes_an_answer_that_comes_after_the_first_wait)
{
    CHECK_INT(DNS_ANSWERED, ask(HOSTILE_LATE, DNS_TYPE_SOA).outcome);
}

TEST(dns_client, goes_over_to_tcp_when_the_answer_was_cut)
{
    struct got got = ask(HOSTILE_TRUNCATES, DNS_TYPE_SOA);
    CHECK_INT(DNS_ANSWERED, got.outcome);
    CHECK_INT(1, got.serial);
}

TEST(dns_client, ends_with_what_hangs_or_floods_over_tcp)
{
    CHECK(ask(HOSTILE_HANGS_TCP, DNS_TYPE_SOA).outcome != DNS_ANSWERED);
    CHECK_INT(DNS_GARBAGE, ask(HOSTILE_GARBAGE_TCP, DNS_TYPE_SOA).outcome);
    ask(HOSTILE_TRUNCATES_TWICE, DNS_TYPE_SOA);
}

TEST(dns_client, takes_garbage_bombs_and_loops_for_garbage)
{
    CHECK_INT(DNS_GARBAGE, ask(HOSTILE_GARBAGE, DNS_TYPE_SOA).outcome);
    CHECK_INT(DNS_GARBAGE, ask(HOSTILE_POINTER_LOOP, DNS_TYPE_SOA).outcome);
    CHECK_INT(DNS_GARBAGE, ask(HOSTILE_BOMB, DNS_TYPE_SOA).outcome);
}

TEST(dns_client, asks_without_edns_who_does_not_know_it)
{
    struct got got = ask(HOSTILE_NO_EDNS, DNS_TYPE_SOA);
    CHECK_INT(DNS_ANSWERED, got.outcome);
    CHECK_INT(DNS_NO_ERROR, got.rcode);
    CHECK_INT(1, got.serial);
}

TEST(dns_client, asks_no_private_address_unless_it_may)
{
    struct got got = {0};
    uint64_t seed;
    struct hostile_dns *server = hostile_dns_start(HOSTILE_HONEST, "127.0.0.1", 0);
    struct dns_client *client = client_new(&seed, 4, 0);
    struct dns_question question = {
        .server = hostile_dns_address(server), .name = STR("shop.test"), .type = DNS_TYPE_SOA};
    dns_client_set_private(client, false);
    dns_client_ask(client, &question, remember, &got);
    run(client);
    CHECK_INT(DNS_FORBIDDEN, got.outcome);
    CHECK_INT(0, hostile_dns_questions(server));
    dns_client_set_private(client, true);
    dns_client_ask(client, &question, remember, &got);
    run(client);
    CHECK_INT(DNS_ANSWERED, got.outcome);
    dns_client_free(client);
    hostile_dns_stop(server);
}

TEST(dns_client, has_thousands_of_questions_on_their_way_over_few_channels)
{
    enum { SERVERS = 6, QUESTIONS = 3000 };
    static const char *const addresses[SERVERS] = {"127.0.0.1", "127.0.0.2", "127.0.0.3",
                                                   "127.0.0.4", "127.0.0.5", "127.0.0.6"};
    struct hostile_dns *servers[SERVERS];
    struct got got = {0};
    uint64_t seed;
    struct dns_client *client = client_new(&seed, 2, 0);
    for (int i = 0; i < SERVERS; i++)
        servers[i] = hostile_dns_start(HOSTILE_HONEST, addresses[i], 0);
    for (int i = 0; i < QUESTIONS; i++) {
        struct dns_question question = {.server = hostile_dns_address(servers[i % SERVERS]),
                                        .name = STR("shop.test"),
                                        .type = DNS_TYPE_SOA};
        dns_client_ask(client, &question, remember, &got);
    }
    CHECK_INT(QUESTIONS, dns_client_pending(client));
    run(client);
    CHECK_INT(QUESTIONS, got.answers);
    dns_client_free(client);
    for (int i = 0; i < SERVERS; i++)
        hostile_dns_stop(servers[i]);
}

TEST(dns_client, asks_one_server_no_more_often_than_it_may)
{
    enum { QUESTIONS = 10, PER_SECOND = 40 };
    struct got got = {0};
    uint64_t seed;
    struct hostile_dns *server = hostile_dns_start(HOSTILE_HONEST, "127.0.0.1", 0);
    struct dns_client *client = client_new(&seed, 4, PER_SECOND);
    struct dns_question question = {
        .server = hostile_dns_address(server), .name = STR("shop.test"), .type = DNS_TYPE_SOA};
    int64_t began = monotonic_ms();
    for (int i = 0; i < QUESTIONS; i++)
        dns_client_ask(client, &question, remember, &got);
    run(client);
    /* All but the first few wait for their turn. */
    CHECK(monotonic_ms() - began >= (QUESTIONS - PER_SECOND / 10 - 1) * 1000 / PER_SECOND);
    dns_client_free(client);
    hostile_dns_stop(server);
}

TEST(dns_client, answers_cancelled_what_is_asked_when_it_is_freed)
{
    struct got got = {0};
    uint64_t seed;
    struct hostile_dns *server = hostile_dns_start(HOSTILE_SILENT, "127.0.0.1", 0);
    struct dns_client *client = client_new(&seed, 1, 0);
    struct dns_question question = {
        .server = hostile_dns_address(server), .name = STR("shop.test"), .type = DNS_TYPE_SOA};
    dns_client_ask(client, &question, remember, &got);
    dns_client_turn(client, 0);
    question.server.port ^= 1;
    dns_client_ask(client, &question, remember, &got);
    dns_client_free(client);
    CHECK_INT(2, got.answers);
    CHECK_INT(DNS_CANCELLED, got.outcome);
    hostile_dns_stop(server);
}

/* ---- walks ---- */

struct walked {
    int calls;
    enum dns_walk_outcome outcome;
    size_t count;
    bool is_alias;
};

static void take_host(void *self, const struct dns_host *host)
{
    *(struct walked *)self = (struct walked){((struct walked *)self)->calls + 1, host->outcome,
                                             host->count, host->is_alias};
}

static void take_delegation(void *self, const struct dns_delegation *delegation)
{
    *(struct walked *)self = (struct walked){((struct walked *)self)->calls + 1,
                                             delegation->outcome, delegation->count, false};
}

static struct walked walk(enum hostile_way way, bool is_host)
{
    struct walked walked = {0};
    uint64_t seed;
    struct hostile_dns *server = hostile_dns_start(way, "127.0.0.1", 0);
    struct dns_address root = hostile_dns_address(server);
    struct dns_walker_options options = {
        .client = client_new(&seed, 4, 0),
        .clock = clock_system(),
        .roots = &root,
        .root_count = 1,
        .port = root.port,
    };
    struct dns_walker *walker = dns_walker_new(&options);
    if (is_host)
        dns_walk_host(walker, STR("shop.test"), false, take_host, &walked);
    else
        dns_walk_delegation(walker, STR("shop.test"), take_delegation, &walked);
    run(options.client);
    CHECK_INT(1, walked.calls);
    CHECK(hostile_dns_questions(server) <= 2 * DNS_WALK_QUESTIONS_MAX);
    dns_walker_free(walker);
    dns_client_free(options.client);
    hostile_dns_stop(server);
    return walked;
}

TEST(dns_walk, finds_hosts_and_delegations)
{
    struct walked host = walk(HOSTILE_HONEST, true), zone = walk(HOSTILE_HONEST, false);
    CHECK_INT(DNS_FOUND, host.outcome);
    CHECK_INT(1, host.count);
    CHECK_INT(DNS_FOUND, zone.outcome);
    CHECK_INT(1, zone.count);
}

TEST(dns_walk, tells_no_name_from_no_record)
{
    CHECK_INT(DNS_NO_NAME, walk(HOSTILE_NO_NAME, false).outcome);
    CHECK_INT(DNS_NO_RECORD, walk(HOSTILE_NO_RECORD, false).outcome);
    CHECK_INT(DNS_NO_NAME, walk(HOSTILE_NO_NAME, true).outcome);
    CHECK_INT(DNS_NO_RECORD, walk(HOSTILE_NO_RECORD, true).outcome);
}

TEST(dns_walk, ends_whatever_a_server_does)
{
    for (int way = 0; way < HOSTILE_WAYS; way++) {
        if (way == HOSTILE_HONEST || way == HOSTILE_TRUNCATES || way == HOSTILE_LATE ||
            way == HOSTILE_NO_EDNS)
            continue;
        walk((enum hostile_way)way, true);
        walk((enum hostile_way)way, false);
    }
}

TEST(dns_walk, gives_up_on_aliases_and_referrals_that_go_on_for_ever)
{
    CHECK_INT(DNS_NO_ANSWER, walk(HOSTILE_CNAME_LOOP, true).outcome);
    CHECK_INT(DNS_NO_ANSWER, walk(HOSTILE_REFERS_UP, true).outcome);
    CHECK_INT(DNS_NO_ANSWER, walk(HOSTILE_REFERS_ROUND, false).outcome);
    CHECK_INT(DNS_NO_ANSWER, walk(HOSTILE_REFERS_ON, false).outcome);
}

TEST(dns_walk, looks_for_the_same_host_once_for_all_who_ask)
{
    struct walked walked = {0};
    uint64_t seed;
    struct hostile_dns *server = hostile_dns_start(HOSTILE_HONEST, "127.0.0.1", 0);
    struct dns_address root = hostile_dns_address(server);
    struct dns_walker_options options = {
        .client = client_new(&seed, 4, 0),
        .clock = clock_system(),
        .roots = &root,
        .root_count = 1,
        .port = root.port,
    };
    struct dns_walker *walker = dns_walker_new(&options);
    for (int i = 0; i < 50; i++)
        dns_walk_host(walker, STR("shop.test"), false, take_host, &walked);
    run(options.client);
    CHECK_INT(50, walked.calls);
    CHECK_INT(1, hostile_dns_questions(server));
    dns_walk_host(walker, STR("shop.test"), false, take_host, &walked);
    CHECK_INT(51, walked.calls); /* out of memory … */
    dns_walk_host(walker, STR("shop.test"), true, take_host, &walked);
    run(options.client);
    CHECK_INT(2, hostile_dns_questions(server)); /* … unless it is to be fresh */
    dns_walker_free(walker);
    dns_client_free(options.client);
    hostile_dns_stop(server);
}
