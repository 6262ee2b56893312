/* Who acts: a signed-in user, a token, or the administrator's shell; and what each role may. */
#ifndef SRC_CORE_ACTOR_H
#define SRC_CORE_ACTOR_H

#include <stdbool.h>

#include "lib/base/str.h"
#include "src/core/ids.h"

/* Bits, so that a row can name several. */
enum role {
    ROLE_PUBLIC = 1,  /* nobody signed in */
    ROLE_PARTNER = 2, /* reads its own partner only */
    ROLE_ANALYST = 4, /* reads everything but users and tokens */
    ROLE_MANAGER = 8, /* reads and changes partners, facts, imports */
    ROLE_ADMIN = 16   /* everything */
};
enum {
    ROLES_ADMIN = ROLE_ADMIN,
    ROLES_MANAGE = ROLE_MANAGER | ROLE_ADMIN,
    ROLES_STAFF = ROLE_ANALYST | ROLES_MANAGE,
    ROLES_SIGNED_IN = ROLE_PARTNER | ROLES_STAFF,
    ROLES_ANYONE = ROLE_PUBLIC | ROLES_SIGNED_IN
};

/* What a token may be used for, on top of its role. A session has all. */
enum scope {
    SCOPE_NONE = 0,           /* rows that need no scope: sign-in, health */
    SCOPE_READ = 1,           /* every GET */
    SCOPE_FACTS = 2,          /* record and reverse facts */
    SCOPE_DIRECTORY = 4,      /* change partners, contacts, products */
    SCOPE_IMPORT = 8,         /* imports */
    SCOPE_ADMINISTRATION = 16 /* organisation, users, tokens, rates */
};
enum { SCOPES_ALL = 31 };

struct actor {
    enum role role;
    unsigned scopes;           /* bits of enum scope */
    struct user_id user;       /* unset for the shell and for nobody */
    struct token_id token;     /* set when a token is used */
    struct partner_id partner; /* set for ROLE_PARTNER: the only partner it sees */
    struct str name;           /* for the audit: a mail address, a token's name, "shell:root" */
};

/* "administrator", "manager", "analyst", "partner". */
const char *role_name(enum role role);
bool role_parse(struct str name, enum role *ret_role);
/* "read", "facts", "directory", "import", "administration". */
const char *scope_name(enum scope scope);
bool scope_parse(struct str name, enum scope *ret_scope);

#endif
