/* Tests of the names of roles and scopes. */
#include "src/core/actor.h"
#include "tests/support/test.h"

TEST(role_parse, takes_back_every_name_but_public)
{
    static const enum role roles[] = {ROLE_PARTNER, ROLE_ANALYST, ROLE_MANAGER, ROLE_ADMIN};
    enum role role = ROLE_PUBLIC;
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        CHECK(role_parse(str_from_c(role_name(roles[i])), &role));
        CHECK_INT(roles[i], role);
    }
    CHECK(!role_parse(STR("public"), &role));
    CHECK(!role_parse(STR("Manager"), &role));
    CHECK(!role_parse(STR(""), &role));
    CHECK_INT(ROLE_ADMIN, role);
}

TEST(scope_parse, takes_back_every_name_but_none)
{
    unsigned all = 0;
    for (unsigned bit = SCOPE_READ; bit & SCOPES_ALL; bit <<= 1) {
        enum scope scope = SCOPE_NONE;
        CHECK(scope_parse(str_from_c(scope_name((enum scope)bit)), &scope));
        CHECK_INT(bit, scope);
        all |= (unsigned)scope;
    }
    CHECK_INT(SCOPES_ALL, all);
    enum scope scope = SCOPE_READ;
    CHECK(!scope_parse(STR("none"), &scope));
    CHECK(!scope_parse(STR("everything"), &scope));
    CHECK_INT(SCOPE_READ, scope);
}
