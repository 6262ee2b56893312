/* Names of roles and scopes. */
#include "src/core/actor.h"

#include <stddef.h>

#include "lib/base/compiler.h"

struct role_row {
    enum role role;
    const char *name;
};

static const struct role_row role_rows[] = {
    {ROLE_PUBLIC, "public"},   {ROLE_PARTNER, "partner"},     {ROLE_ANALYST, "analyst"},
    {ROLE_MANAGER, "manager"}, {ROLE_ADMIN, "administrator"},
};

struct scope_row {
    enum scope scope;
    const char *name;
};

static const struct scope_row scope_rows[] = {
    {SCOPE_NONE, "none"},     {SCOPE_READ, "read"},
    {SCOPE_FACTS, "facts"},   {SCOPE_DIRECTORY, "directory"},
    {SCOPE_IMPORT, "import"}, {SCOPE_ADMINISTRATION, "administration"},
};

const char *role_name(enum role role)
{
    for (size_t i = 0; i < ARRAY_LEN(role_rows); i++)
        if (role_rows[i].role == role)
            return role_rows[i].name;
    return "";
}

bool role_parse(struct str name, enum role *ret_role)
{
    for (size_t i = 0; i < ARRAY_LEN(role_rows); i++) {
        if (role_rows[i].role == ROLE_PUBLIC || !str_equal(name, str_from_c(role_rows[i].name)))
            continue;
        *ret_role = role_rows[i].role;
        return true;
    }
    return false;
}

const char *scope_name(enum scope scope)
{
    for (size_t i = 0; i < ARRAY_LEN(scope_rows); i++)
        if (scope_rows[i].scope == scope)
            return scope_rows[i].name;
    return "";
}

bool scope_parse(struct str name, enum scope *ret_scope)
{
    for (size_t i = 0; i < ARRAY_LEN(scope_rows); i++) {
        if (scope_rows[i].scope == SCOPE_NONE || !str_equal(name, str_from_c(scope_rows[i].name)))
            continue;
        *ret_scope = scope_rows[i].scope;
        return true;
    }
    return false;
}
