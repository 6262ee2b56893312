/* How much a client wants a coding. */
#include "lib/http/http.h"
#include "tests/support/test.h"

static int weight(const char *accept_encoding, const char *coding)
{
    return http_coding_weight(str_from_c(accept_encoding), str_from_c(coding));
}

TEST(http_coding_weight, is_all_for_a_coding_without_one)
{
    CHECK_INT(1000, weight("gzip", "gzip"));
    CHECK_INT(1000, weight("deflate , GZIP", "gzip"));
    CHECK_INT(1000, weight("br;level=9", "br"));
}

TEST(http_coding_weight, is_read_in_thousandths)
{
    CHECK_INT(500, weight("br;q=0.5", "br"));
    CHECK_INT(1, weight("br ; Q=0.001", "br"));
    CHECK_INT(1000, weight("br;q=1.000", "br"));
    CHECK_INT(0, weight("br;q=0.000, *", "br"));
}

TEST(http_coding_weight, goes_by_the_star_for_what_is_not_named)
{
    CHECK_INT(300, weight("*;q=0.3, br", "gzip"));
    CHECK_INT(0, weight("br", "gzip"));
    CHECK_INT(0, weight("", "gzip"));
}

TEST(http_coding_weight, wants_identity_least_but_wants_it)
{
    CHECK_INT(1, weight("", "identity"));
    CHECK_INT(1, weight("br", "identity"));
    CHECK_INT(0, weight("br, *;q=0", "identity"));
    CHECK_INT(0, weight("identity;q=0, *", "identity"));
}

TEST(http_coding_weight, takes_one_that_is_none_as_not_given)
{
    CHECK_INT(1000, weight("br;q=high", "br"));
    CHECK_INT(1000, weight("br;q=7", "br"));
    CHECK_INT(1000, weight("br;q=-1", "br"));
    CHECK_INT(1000, weight("br;q=0.12345", "br"));
    CHECK_INT(1000, weight("br;q=999999999999999999", "br"));
    CHECK_INT(0, weight(";;,,=;q=1", "br"));
}
