/* One client, one text. */
#include "lib/http/peer.h"
#include "tests/support/test.h"

static struct str normalised(const char *text, char bytes[PEER_TEXT_MAX])
{
    return peer_normalise(str_from_c(text), bytes) ? str_from_c(bytes) : STR("none");
}

TEST(peer, has_one_text_for_one_address)
{
    char bytes[PEER_TEXT_MAX];
    CHECK_STR("192.0.2.7", normalised("192.0.2.7", bytes));
    CHECK_STR("192.0.2.7", normalised("::ffff:192.0.2.7", bytes));
    CHECK_STR("2001:db8::1", normalised("2001:0DB8:0:0:0:0:0:1", bytes));
}

TEST(peer, is_nothing_but_an_address)
{
    char bytes[PEER_TEXT_MAX];
    const char *wrong[] = {"",      "unknown",     "192.0.2", "192.0.2.7:80",
                           "[::1]", "192.0.2.256", "::1%lo0", "1.2.3.4 "};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        CHECK_STR("none", normalised(wrong[i], bytes));
    CHECK(!peer_normalise((struct str){"1.2.3.4\0", 8}, bytes));
}

TEST(peer, counts_a_network_of_IPv6_as_one_client)
{
    char a[PEER_TEXT_MAX], b[PEER_TEXT_MAX];
    CHECK(str_equal(peer_network(STR("2001:db8::1"), a), peer_network(STR("2001:db8::2:3"), b)));
    CHECK(!str_equal(peer_network(STR("2001:db8::1"), a), peer_network(STR("2001:db8:0:1::1"), b)));
    CHECK_STR("192.0.2.7", peer_network(STR("192.0.2.7"), a));
}
