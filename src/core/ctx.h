/* The context of one request, command or job: what every use case gets. */
#ifndef SRC_CORE_CTX_H
#define SRC_CORE_CTX_H

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/time.h"
#include "lib/crypt/crypt.h"
#include "src/core/actor.h"

struct db;
struct db_conn;
struct ledger;
struct account;
struct organisation_listener;
struct partner_listener;
struct partner_metrics;
struct metrics;
struct touches;
struct intake;
struct telemetry;
struct live;
struct attention;
struct domain_service;
struct ctx;

/* What the process has: made once by src/app, borrowed by every context; each member is
 * thread-safe. */
struct services {
    struct db *db;
    struct id_source *ids;
    struct zones *zones;
    struct clock clock;
    struct entropy entropy;
    struct ledger *ledger;   /* rollup sums of the group that is being written, known keys */
    struct account *account; /* sign-in limits */
    const struct organisation_listener
        *organisation_listener; /* see src/organisation/organisation.h; NULL: nobody listens */
    const struct partner_listener
        *partner_listener; /* see src/partner/partner.h; NULL: nobody listens */
    const struct partner_metrics
        *partner_metrics;    /* see src/partner/partner.h; NULL: lists are not sorted by metrics */
    struct touches *touches; /* see src/core/touch.h; NULL: nothing is kept in memory */
    struct metrics *metrics; /* reports that are kept; NULL: none are */
    struct attention *attention;   /* what is known of every partner; NULL: read each time */
    struct intake *intake;         /* the worker of imports; NULL outside the server */
    struct telemetry *telemetry;   /* what the server counts; NULL outside the server */
    struct live *live;             /* tells open streams what happens; NULL outside the server */
    struct domain_service *domain; /* checks domains; NULL outside the server */
    /* partner_find of src/partner, for the nouns before it; NULL: nobody is found. */
    enum err (*find_partner)(struct ctx *ctx, struct str text, struct partner_id *ret_id);
    /* partner_manager_left of src/partner, when a user may be responsible no longer; NULL: nothing
     * is done. */
    enum err (*manager_left)(struct ctx *ctx, struct user_id user);
    struct str data_directory;
    struct str db_url; /* of PostgreSQL; empty: the file in the directory */
    /* Whether this process runs the scheduled jobs, see src/app/keeper.h. NULL: it does, for there
     * is no other server. */
    const _Atomic bool *leads;
};
bool services_lead(const struct services *services);

/* Where changes of records stand, see src/core/touch.h. */
struct touch_stand {
    uint64_t everything, records;
    int64_t others;
};

/*
 * `conn` is a read-only connection in one snapshot, or the writer's inside the job's savepoint;
 * NULL between the two. `fault` is set whenever a use case fails.
 */
struct ctx {
    const struct services *services;
    struct arena *arena;
    struct db_conn *conn;
    struct actor actor;
    struct str request_id;
    int64_t now_ms;           /* one instant for all that this context does */
    struct touch_stand stand; /* before the snapshot of the read was taken */
    struct fault fault;
};

void ctx_init(struct ctx *ctx, const struct services *services, struct arena *arena);
int64_t ctx_next_id(struct ctx *ctx);

/* Runs `work` with ctx->conn as a reader, or as the writer (committed on return). Waits. Not
 * nested. */
typedef enum err ctx_work(struct ctx *ctx, void *arg);
MUST_CHECK enum err ctx_read(struct ctx *ctx, ctx_work *work, void *arg);
MUST_CHECK enum err ctx_write(struct ctx *ctx, ctx_work *work, void *arg);
/* Like ctx_write, but does not wait: `done` is called on the writer's thread when the commit is on
 * disk or the work failed; quick. The context and its arena must live until then. */
typedef void ctx_done(void *arg, enum err result);
void ctx_write_later(struct ctx *ctx, ctx_work *work, ctx_done *done, void *arg);

/* Shorthand for fault_set(&ctx->fault, …). */
#define CTX_FAULT(ctx, err, code, ...) fault_set(&(ctx)->fault, (err), (code), __VA_ARGS__)
#define CTX_FAULT_FIELD(ctx, err, code, field, ...) \
    fault_set_field(&(ctx)->fault, (err), (code), STR(field), __VA_ARGS__)

/*
 * What the actor may see, as a statement's parameter: 0 for the whole channel, else its own
 * partner. Every statement that returns partners' data has `(CAST($n AS BIGINT) = 0 OR partner_id =
 * $n)`.
 */
int64_t ctx_partner_scope(const struct ctx *ctx);

#endif
