/* Which file of the page a path gets, and in which coding. */
#include "src/app/page.h"
#include "tests/support/test.h"

static struct page_file page;

static bool finds(const char *path)
{
    return page_find(str_from_c(path), &page);
}

TEST(page_find, gives_every_address_of_a_screen_the_one_document)
{
    CHECK(finds("/"));
    CHECK_STR("/index.html", page.path);
    CHECK(finds("/partners/ptn_0amyethhc0005"));
    CHECK_STR("/index.html", page.path);
    CHECK_STR("text/html; charset=utf-8", page.content_type);
    CHECK(!page.is_immutable);
}

TEST(page_find, gives_files_as_they_are)
{
    CHECK(finds("/favicon.svg"));
    CHECK_STR("image/svg+xml", page.content_type);
    CHECK(page.plain.len > 0);
    CHECK(str_starts_with(page.plain, STR("<svg")));
}

TEST(page_find, has_nothing_for_the_API_and_for_files_that_are_not_there)
{
    CHECK(!finds("/api"));
    CHECK(!finds("/api/v1/nothing"));
    CHECK(!finds("/_app/immutable/entry/gone.js"));
    CHECK(!finds("/_app/nothing"));
    CHECK(!finds("/wp-login.php"));
}

static const struct page_file coded = {
    .plain = STR_INIT("plain"), .gzip = STR_INIT("gz"), .brotli = STR_INIT("b")};

static enum page_coding choice(const char *accept_encoding)
{
    return page_choose(&coded, str_from_c(accept_encoding));
}

TEST(page_choose, takes_the_smallest_that_is_accepted)
{
    CHECK_INT(PAGE_PLAIN, choice(""));
    CHECK_INT(PAGE_PLAIN, choice("identity"));
    CHECK_INT(PAGE_PLAIN, choice("deflate, zstd"));
    CHECK_INT(PAGE_GZIP, choice("gzip, deflate"));
    CHECK_INT(PAGE_BROTLI, choice("gzip, deflate, br, zstd"));
    CHECK_INT(PAGE_BROTLI, choice("*"));
    CHECK_INT(PAGE_BROTLI, choice("identity, GZIP, Br"));
}

TEST(page_choose, takes_what_weighs_most)
{
    CHECK_INT(PAGE_GZIP, choice("gzip;q=1.0, br;q=0.9"));
    CHECK_INT(PAGE_GZIP, choice("br ; Q=0.5 , gzip ; Q=0.51"));
    CHECK_INT(PAGE_PLAIN, choice("identity, gzip;q=0.999"));
    CHECK_INT(PAGE_GZIP, choice("gzip, *;q=0.1"));
    CHECK_INT(PAGE_BROTLI, choice("br;q=0.001"));
}

TEST(page_choose, keeps_to_a_weight_of_nothing)
{
    CHECK_INT(PAGE_GZIP, choice("br;q=0, gzip"));
    CHECK_INT(PAGE_GZIP, choice("br; q=0.000, *"));
    CHECK_INT(PAGE_PLAIN, choice("*;q=0"));
    CHECK_INT(PAGE_PLAIN, choice("br;q=0,gzip;q=0,*"));
    CHECK_INT(PAGE_BROTLI, choice("identity;q=0, *;q=0.5"));
}

TEST(page_choose, reads_a_weight_that_is_none_as_not_given)
{
    CHECK_INT(PAGE_BROTLI, choice("br;q=high, gzip;q=0.9"));
    CHECK_INT(PAGE_BROTLI, choice("br;q=7, gzip"));
    CHECK_INT(PAGE_BROTLI, choice("br;q=-1;level=9, gzip;q=1"));
    CHECK_INT(PAGE_PLAIN, choice(";;,,=;q=1"));
}

TEST(page_choose, sends_plain_what_no_coding_makes_smaller)
{
    const struct page_file small = {.plain = STR_INIT("plain")};
    CHECK_INT(PAGE_PLAIN, page_choose(&small, STR("gzip, br")));
}
