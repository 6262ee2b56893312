/* Hosts, domains, name servers, mail addresses. */
#include "lib/norm/norm.h"
#include "tests/support/test.h"

typedef bool parser(struct str text, struct arena *arena, struct str *ret_text);

static void check_parsed(parser *parse, const char *expected, const char *text)
{
    struct arena arena;
    struct str parsed = {0};
    arena_init(&arena, 1 << 16);
    bool is_good = parse(str_from_c(text), &arena, &parsed);
    if (is_good != (*expected != '\0'))
        test_fail(__FILE__, __LINE__, "\"%s\" is %s", text, is_good ? "taken" : "refused");
    CHECK_STR(expected, parsed);
    arena_finish(&arena);
}

TEST(host_parse, takes_hosts_urls_and_mail_addresses)
{
    check_parsed(host_parse, "www.example.com", " WWW.Example.com. ");
    check_parsed(host_parse, "shop.example.co.uk", "https://user:pw@shop.example.co.uk:8443/a?b#c");
    check_parsed(host_parse, "example.com", "example.com/path");
    check_parsed(host_parse, "example.com", "HTTP://example.com");
    check_parsed(host_parse, "example.com", "info@example.com");
    check_parsed(host_parse, "example.com", "mailto:info@example.com?subject=x");
}

TEST(host_parse, writes_other_letters_as_ascii)
{
    check_parsed(host_parse, "xn--mller-kva.de", "Müller.de");
    check_parsed(host_parse, "xn--strae-oqa.de", "straße.de");
    check_parsed(host_parse, "xn--mller-kva.de", "xn--mller-kva.de");
}

TEST(host_parse, refuses_what_is_no_host_name)
{
    static const char *const refused[] = {
        "",
        "localhost",
        "192.0.2.1",
        "http://[2001:db8::1]/",
        "a..com",
        "-a.com",
        "a-.com",
        "a_b.com",
        "exa mple.com",
        "example.com:port",
        "ftp://",
        "xn--\xc3\xa4.",
        "n/a",
        ".com",
        "example.123",
        "http://",
        "a,b.com",
        "xn--a.com",
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        check_parsed(host_parse, "", refused[i]);
}

TEST(host_parse, refuses_labels_and_names_that_are_too_long)
{
    char name[300];
    memset(name, 'a', sizeof(name));
    memcpy(name + 63, ".com", 5);
    check_parsed(host_parse, name, name);
    memset(name, 'a', sizeof(name));
    memcpy(name + 64, ".com", 5);
    check_parsed(host_parse, "", name);
    for (size_t i = 0; i < sizeof(name); i++)
        name[i] = i % 2 ? '.' : 'a';
    name[253] = '\0';
    check_parsed(host_parse, name, name);
    memcpy(name + 253, "aa", 3);
    check_parsed(host_parse, "", name);
}

TEST(domain_parse, cuts_at_the_public_suffix)
{
    check_parsed(domain_parse, "example.co.uk", "https://shop.example.co.uk/");
    check_parsed(domain_parse, "example.com", "rose@mail.example.com");
    check_parsed(domain_parse, "xn--mller-kva.de", "www.müller.de");
    check_parsed(domain_parse, "shop.github.io", "www.shop.github.io");
}

TEST(domain_parse, refuses_a_public_suffix)
{
    check_parsed(domain_parse, "", "co.uk");
    check_parsed(domain_parse, "", "http://com");
}

TEST(domain_is_public_mail, knows_the_large_providers)
{
    CHECK(domain_is_public_mail(STR("gmail.com")));
    CHECK(domain_is_public_mail(STR("GMX.at")));
    CHECK(!domain_is_public_mail(STR("example.com")));
    CHECK(!domain_is_public_mail(STR("")));
}

TEST(name_server_parse, takes_hosts_and_addresses)
{
    check_parsed(name_server_parse, "ns1.example.com", "NS1.example.com.");
    check_parsed(name_server_parse, "192.0.2.1", "192.0.2.1");
    check_parsed(name_server_parse, "2001:db8::1", "2001:0DB8:0:0:0:0:0:1");
}

TEST(name_server_parse, refuses_urls_and_bad_addresses)
{
    check_parsed(name_server_parse, "", "https://ns1.example.com");
    check_parsed(name_server_parse, "", "192.0.2.256");
    check_parsed(name_server_parse, "", "2001:db8:::1");
    check_parsed(name_server_parse, "", "");
}

TEST(email_parse, keeps_the_local_part_and_normalises_the_domain)
{
    check_parsed(email_parse, "Rose.O'Neil+x@edge.com", " Rose.O'Neil+x@Edge.COM ");
    check_parsed(email_parse, "info@xn--mller-kva.de", "info@müller.de");
    check_parsed(email_parse, "jörg@example.com", "jörg@example.com");
}

TEST(email_parse, refuses_what_is_no_address)
{
    static const char *const refused[] = {
        "",          "rose",        "@edge.com",      "rose@",           "rose@edge",
        ".r@ed.com", "r.@ed.com",   "r..o@ed.com",    "a b@edge.com",    "a@b@edge.com",
        "a@ed.com.", "a@192.0.2.1", "a@http://e.com", "Rose <r@ed.com>", "a@ed.com,b@ed.com",
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        check_parsed(email_parse, "", refused[i]);
}

TEST(email_parse, bounds_the_local_part_and_the_whole)
{
    char text[400];
    memset(text, 'a', sizeof(text));
    memcpy(text + 64, "@edge.com", 10);
    check_parsed(email_parse, text, text);
    memset(text, 'a', sizeof(text));
    memcpy(text + 65, "@edge.com", 10);
    check_parsed(email_parse, "", text);
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = i % 2 ? '.' : 'a';
    memcpy(text, "abcde@", 6);
    text[255] = '\0';
    check_parsed(email_parse, "", text);
}
