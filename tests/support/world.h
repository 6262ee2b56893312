/*
 * A small product for tests: a migrated database in a directory of its own, an organisation, an
 * administrator and a manager, and a context to act with.
 *
 *     struct world world;
 *     world_open(&world);
 *     CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), add_a_partner, &draft));
 *     world_close(&world);
 */
#ifndef TESTS_SUPPORT_WORLD_H
#define TESTS_SUPPORT_WORLD_H

#include <stdatomic.h>

#include "lib/base/arena.h"
#include "src/core/ctx.h"

/* 2024-05-15T12:00:00Z, a Wednesday. */
#define WORLD_START_MS INT64_C(1715774400000)
#define WORLD_ADMIN_EMAIL "ada@example.com"
#define WORLD_MANAGER_EMAIL "max@example.com"

/* Open data. `services` has what lib/ offers; a test adds the noun's own (ledger, account, …). */
struct world {
    struct services services;
    struct arena arena; /* of the context; lives until world_close */
    struct ctx ctx;
    struct user_id admin;   /* "Ada Admin" */
    struct user_id manager; /* "Max Manager", the organisation's default */
    const char *directory;
    atomic_int_fast64_t now_ms; /* 0: the real clock */
};

/* The organisation is "Test Vendor", AT, EUR, Europe/Vienna. The clock stands at WORLD_START_MS. */
void world_open(struct world *world);
void world_close(struct world *world);
/* Closes the database and opens it again, as after a restart. */
void world_reopen(struct world *world);
/* 0: from now on the real clock. Contexts made later see it. */
void world_set_now(struct world *world, int64_t now_ms);

/* A fresh context of the administrator, the manager, a nameless analyst or nobody, at this instant,
 * with every scope. It is `world->ctx`; what it made stays in the arena. */
struct ctx *world_as(struct world *world, enum role role);
/* The same for a partner's own user. */
struct ctx *world_as_partner(struct world *world, struct partner_id partner);
/* Runs one statement in a job of its own; a failure ends the test. For rows that no use case makes
 * yet. */
struct query;
struct db_args;
void world_run(struct world *world, const struct query *query, const struct db_args *args);
/* A select's first row and column, as a number; 0 without a row. The column is named n. */
int64_t world_number(struct world *world, const struct query *query);

#endif
