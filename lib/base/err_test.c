/* Tests of errors and faults. */
#include "lib/base/err.h"
#include "tests/support/test.h"

TEST(err_info, knows_every_error_by_a_code_of_its_own)
{
    for (int i = 0; i < ERR_COUNT; i++) {
        const struct err_info *info = err_info((enum err)i);
        CHECK(info->code && info->code[0] && info->title && info->title[0]);
        CHECK(info->http_status >= 200 && info->http_status < 600);
        CHECK((i == OK) == (info->http_status == 200));
        CHECK((i == OK) == (info->exit_code == 0));
        for (int j = 0; j < i; j++)
            CHECK(strcmp(info->code, err_info((enum err)j)->code) != 0);
    }
}

TEST(fault_set, records_and_gives_the_error_back)
{
    struct fault fault;
    fault_clear(&fault);
    fault.row = 7;
    CHECK_ERR(ERR_CONFLICT, fault_set(&fault, ERR_CONFLICT, "won", "Deal %d is won.", 5));
    CHECK_STR("Deal 5 is won.", str_from_c(fault.sentence));
    CHECK_STR("won", str_from_c(fault.code));
    CHECK_STR("", str_from_c(fault.field));
    CHECK_INT(0, fault.row);
    CHECK_ERR(ERR_INVALID, fault_set(NULL, ERR_INVALID, "x", "%d", 1));
}

TEST(fault_set_field, names_the_field)
{
    struct fault fault;
    CHECK_ERR(ERR_INVALID,
              fault_set_field(&fault, ERR_INVALID, "country_unknown", STR("address.country"),
                              "There is no country “%s”.", "XX"));
    CHECK_STR("address.country", str_from_c(fault.field));
    CHECK_STR("There is no country “XX”.", str_from_c(fault.sentence));
}

TEST(fault_set_field, may_quote_the_fault_that_it_replaces)
{
    struct fault fault;
    CHECK_ERR(ERR_INVALID, fault_set_field(&fault, ERR_INVALID, "a", STR("name"), "Too long."));
    CHECK_ERR(ERR_INVALID, fault_set_field(&fault, ERR_INVALID, "b", str_from_c(fault.field),
                                           "Row 3: %s", fault.sentence));
    CHECK_STR("name", str_from_c(fault.field));
    CHECK_STR("Row 3: Too long.", str_from_c(fault.sentence));
}

/* `pad` letters before many characters of `character`, so that the cut falls on each of its bytes.
 */
static void check_cut(const char *character, size_t pad)
{
    char text[1200] = "";
    memset(text, 'a', pad);
    for (size_t at = pad; at < sizeof(text) - 8; at += strlen(character))
        memcpy(text + at, character, strlen(character));
    struct fault fault;
    CHECK_ERR(ERR_INVALID, fault_set_field(&fault, ERR_INVALID, "x", str_from_c(text), "%s", text));
    fault_add_detail(&fault, "%s", text);
    const char *const cut[] = {fault.field, fault.sentence, fault.detail};
    const size_t room[] = {FAULT_FIELD_MAX, FAULT_SENTENCE_MAX, FAULT_DETAIL_MAX};
    for (size_t i = 0; i < ARRAY_LEN(cut); i++) {
        size_t len = strlen(cut[i]);
        CHECK(str_is_utf8(str_from_c(cut[i])));
        CHECK(len < room[i] && len + strlen(character) >= room[i]);
    }
}

TEST(fault_set, cuts_between_characters)
{
    for (size_t pad = 0; pad < 8; pad++) {
        check_cut("a", pad);
        check_cut("\xC3\xA4", pad);
        check_cut("\xE2\x82\xAC", pad);
        check_cut("\xF0\x9F\x98\x80", pad);
    }
}

TEST(fault_add_detail, joins_details_and_leaves_the_sentence)
{
    struct fault fault;
    CHECK_ERR(ERR_IO, fault_set(&fault, ERR_IO, "disk", "The disk failed."));
    fault_add_detail(&fault, "errno %d", 5);
    fault_add_detail(&fault, "in %s", "pwrite");
    CHECK_STR("errno 5; in pwrite", str_from_c(fault.detail));
    CHECK_STR("The disk failed.", str_from_c(fault.sentence));
    fault_add_detail(NULL, "nobody %s", "listens");
}
