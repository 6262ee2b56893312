/* Names, addresses and messages: what is taken, and what is refused. */
#include "lib/dns/message.h"

#include "tests/support/test.h"

/* A test that fails leaves its arena to the end of the process. */
static struct arena *scratch(struct arena *arena)
{
    arena_init(arena, 1024 * 1024);
    return arena;
}

TEST(dns_name, is_lower_case_without_the_last_dot)
{
    struct arena arena;
    struct str name;
    CHECK(dns_name_parse(STR(" NS1.Example.COM. "), scratch(&arena), &name));
    CHECK_STR("ns1.example.com", name);
    CHECK(dns_name_parse(STR("_rapport.example.com"), &arena, &name));
    CHECK(dns_name_parse(STR("com"), &arena, &name));
    arena_finish(&arena);
}

TEST(dns_name, of_other_letters_becomes_ascii_and_is_shown_as_it_was)
{
    struct arena arena;
    struct str name;
    CHECK(dns_name_parse(STR("Bücher.example"), scratch(&arena), &name));
    CHECK_STR("xn--bcher-kva.example", name);
    CHECK_STR("bücher.example", dns_name_for_people(name, &arena));
    CHECK_STR("example.com", dns_name_for_people(STR("example.com"), &arena));
    arena_finish(&arena);
}

TEST(dns_name, that_is_none_is_refused)
{
    static const char *const bad[] = {"",     ".",         "a..b",    ".a",  "a b",
                                      "a/b",  "\\065.com", "a\xff.b", "a,b", "*.example.com",
                                      "a\tb", "a:53"};
    struct arena arena;
    struct str name;
    char label[70];
    scratch(&arena);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CHECK(!dns_name_parse(str_from_c(bad[i]), &arena, &name));
    memset(label, 'a', sizeof(label));
    CHECK(dns_name_parse((struct str){label, 63}, &arena, &name));
    CHECK(!dns_name_parse((struct str){label, 64}, &arena, &name));
    arena_finish(&arena);
}

TEST(dns_name, is_within_its_zones_at_whole_labels_only)
{
    CHECK(dns_name_is_within(STR("a.example.com"), STR("example.com")));
    CHECK(dns_name_is_within(STR("example.com"), STR("example.com")));
    CHECK(dns_name_is_within(STR("example.com"), STR("")));
    CHECK(!dns_name_is_within(STR("badexample.com"), STR("example.com")));
    CHECK(!dns_name_is_within(STR("com"), STR("example.com")));
    CHECK_STR("com", dns_name_parent(STR("example.com")));
    CHECK_STR("", dns_name_parent(STR("com")));
    CHECK_INT(2, dns_name_labels(STR("example.com")));
    CHECK_INT(0, dns_name_labels(STR("")));
}

TEST(dns_address, has_a_port_of_its_own_or_the_usual_one)
{
    struct arena arena;
    struct dns_address address;
    scratch(&arena);
    CHECK(dns_address_parse(STR("192.0.2.1"), 53, &address));
    CHECK_INT(53, address.port);
    CHECK(dns_address_parse(STR("192.0.2.1:5300"), 53, &address));
    CHECK_INT(5300, address.port);
    CHECK(dns_address_parse(STR("2001:db8::1"), 53, &address));
    CHECK_INT(6, address.family);
    CHECK(dns_address_parse(STR("[2001:DB8:0::1]:99"), 53, &address));
    CHECK_INT(99, address.port);
    CHECK_STR("2001:db8::1", dns_address_text(&address, &arena));
    arena_finish(&arena);
}

TEST(dns_address, that_is_none_is_refused)
{
    static const char *const bad[] = {
        "",          "192.0.2",       "192.0.2.1:",      "192.0.2.1:0",   "192.0.2.1:65536",
        "[::1",      "[::1]5300",     "[::1]:",          "ns1.test",      "192.0.2.1:a",
        "1.2.3.4.5", "2001:db8::1::", "192.0.2.1%lo:53", "192.0.2.1 : 5", "127.1"};
    struct dns_address address;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (dns_address_parse(str_from_c(bad[i]), 53, &address))
            test_fail(__FILE__, __LINE__, "\"%s\" is an address", bad[i]);
}

TEST(dns_address, of_this_machine_and_its_networks_is_private)
{
    static const char *const private[] = {
        "127.0.0.1",       "127.9.9.9",     "10.1.2.3",   "172.16.0.1",  "172.31.255.255",
        "192.168.1.1",     "169.254.0.1",   "100.64.0.1", "0.0.0.0",     "224.0.0.251",
        "255.255.255.255", "192.0.2.7",     "::1",        "::",          "fe80::1",
        "fc00::1",         "fd12::1",       "ff02::fb",   "2001:db8::1", "::ffff:127.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1"};
    static const char *const public[] = {"198.41.0.4",       "8.8.8.8",       "172.32.0.1",
                                         "100.128.0.1",      "2001:500:2::c", "2a00:1450::1",
                                         "64:ff9b::808:808", "192.0.3.1"};
    struct dns_address address;
    for (size_t i = 0; i < ARRAY_LEN(private); i++) {
        CHECK(dns_address_parse(str_from_c(private[i]), 53, &address));
        if (!dns_address_is_private(&address))
            test_fail(__FILE__, __LINE__, "%s is public", private[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(public); i++) {
        CHECK(dns_address_parse(str_from_c(public[i]), 53, &address));
        if (dns_address_is_private(&address))
            test_fail(__FILE__, __LINE__, "%s is private", public[i]);
    }
}

/* ---- messages ---- */

/* example.test: an answer with an SOA whose names are compressed. */
static const uint8_t soa_answer[] =
    "\x12\x34\x84\x00\x00\x01\x00\x01\x00\x00\x00\x01"
    "\x07"
    "example"
    "\x04"
    "test"
    "\x00\x00\x06\x00\x01"
    "\xc0\x0c\x00\x06\x00\x01\x00\x00\x0e\x10\x00\x27"
    "\x03"
    "NS1"
    "\xc0\x0c"
    "\x0a"
    "hostmaster"
    "\xc0\x0c"
    "\x77\x35\x94\x01\x00\x00\x0e\x10\x00\x00\x02\x58\x00\x09\x3a\x80\x00\x00\x01\x2c"
    "\x00\x00\x29\x04\xd0\x01\x00\x80\x00\x00\x00";

static struct str bytes_of(const uint8_t *bytes, size_t len)
{
    return (struct str){(const char *)bytes, len};
}

TEST(dns_message, shows_the_soa_the_flags_and_the_whole_response_code)
{
    struct arena arena;
    struct dns_message message;
    CHECK(
        dns_message_parse(bytes_of(soa_answer, sizeof(soa_answer) - 1), scratch(&arena), &message));
    CHECK(message.is_response && message.is_authoritative && !message.is_truncated);
    CHECK(message.has_edns);
    CHECK_INT(0x1234, message.id);
    CHECK_INT(16, message.rcode); /* the upper bits stand in the OPT record */
    CHECK_STR("example.test", message.question);
    const struct dns_record *soa =
        dns_message_find(&message, DNS_ANSWER, STR("example.test"), DNS_TYPE_SOA);
    CHECK(soa);
    CHECK_STR("ns1.example.test", soa->soa.mname);
    CHECK_STR("hostmaster.example.test", soa->soa.rname);
    CHECK_INT(2000000001, soa->soa.serial);
    CHECK_INT(3600, soa->soa.refresh_s);
    CHECK_INT(300, soa->soa.minimum_s);
    arena_finish(&arena);
}

TEST(dns_message, cut_anywhere_is_refused)
{
    struct arena arena;
    struct dns_message message;
    scratch(&arena);
    for (size_t len = 0; len < sizeof(soa_answer) - 1; len++)
        CHECK(!dns_message_parse(bytes_of(soa_answer, len), &arena, &message));
    /* With the zero that ends the literal there is one byte too many. */
    CHECK(!dns_message_parse(bytes_of(soa_answer, sizeof(soa_answer)), &arena, &message));
    arena_finish(&arena);
}

TEST(dns_message, changed_in_any_byte_never_leaves_its_bounds)
{
    struct arena arena;
    struct dns_message message;
    uint8_t copy[sizeof(soa_answer) - 1];
    scratch(&arena);
    for (size_t at = 0; at < sizeof(copy); at++) {
        for (unsigned value = 0; value < 256; value++) {
            memcpy(copy, soa_answer, sizeof(copy));
            copy[at] = (uint8_t)value;
            arena_reset(&arena);
            if (dns_message_parse(bytes_of(copy, sizeof(copy)), &arena, &message))
                CHECK(message.count <= 2);
        }
    }
    arena_finish(&arena);
}

TEST(dns_message, with_a_pointer_to_itself_or_forward_is_refused)
{
    struct arena arena;
    struct dns_message message;
    uint8_t head[] = "\x00\x01\x80\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01";
    scratch(&arena);
    CHECK(!dns_message_parse(bytes_of(head, sizeof(head) - 1), &arena, &message));
    head[13] = 0x0e;
    CHECK(!dns_message_parse(bytes_of(head, sizeof(head) - 1), &arena, &message));
    arena_finish(&arena);
}

TEST(dns_message, has_labels_with_dots_and_bytes_escaped)
{
    struct arena arena;
    struct dns_message message;
    static const uint8_t odd[] = "\x00\x01\x80\x00\x00\x01\x00\x00\x00\x00\x00\x00"
                                 "\x04"
                                 "A.\x07\\"
                                 "\x01"
                                 "b"
                                 "\x00\x00\x01\x00\x01";
    uint8_t bytes[DNS_QUERY_BYTES_MAX];
    CHECK(dns_message_parse(bytes_of(odd, sizeof(odd) - 1), scratch(&arena), &message));
    CHECK_STR("a\\046\\007\\092.b", message.question);
    struct dns_query query = {.name = message.question, .type = DNS_TYPE_A};
    CHECK_INT(0, dns_query_render(&query, bytes)); /* nobody asks for such a name */
    arena_finish(&arena);
}

TEST(dns_query, is_read_back_as_it_was_written)
{
    struct arena arena;
    struct dns_message message;
    uint8_t bytes[DNS_QUERY_BYTES_MAX];
    struct dns_query query = {
        .id = 0xbeef, .name = STR("ns1.example.test"), .type = DNS_TYPE_TXT, .edns = true};
    size_t len = dns_query_render(&query, bytes);
    CHECK(dns_message_parse(bytes_of(bytes, len), scratch(&arena), &message));
    CHECK_INT(0xbeef, message.id);
    CHECK(!message.is_response && message.has_edns);
    CHECK_STR("ns1.example.test", message.question);
    CHECK_INT(DNS_TYPE_TXT, message.question_type);
    query = (struct dns_query){.name = STR(""), .type = DNS_TYPE_NS};
    CHECK_INT(17, dns_query_render(&query, bytes));
    arena_finish(&arena);
}
