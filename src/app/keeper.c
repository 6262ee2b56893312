/* The thread that keeps the leases of a process. */
#include "src/app/keeper.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/id.h"
#include "lib/base/time.h"
#include "lib/db/db.h"
#include "src/ledger/ledger.h"

enum {
    KEEP_EVERY_S = 2,
    NAME_MAX_BYTES = 32,
    MONTHS_AHEAD = 3,
    MONTHS_EVERY_MS = 60 * 60 * 1000,
    SCRATCH_BYTES = 64 * 1024
};

struct keeper {
    struct services *services;
    bool is_server;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool stopping;
    _Atomic bool leads;
    int node;
    int64_t months_ms; /* when the ledger's months were last made; 0: never */
};

static enum err take_number(struct keeper *keeper, int node, bool *ret_taken, struct fault *fault)
{
    char name[NAME_MAX_BYTES];
    snprintf(name, sizeof(name), "node %d", node);
    return db_lease_take(keeper->services->db, name, ret_taken, fault);
}

static enum err take_node(struct keeper *keeper, struct fault *fault)
{
    for (int node = 0; node <= ID_NODE_MAX; node++) {
        bool taken = false;
        TRY(take_number(keeper, node, &taken, fault));
        if (taken) {
            keeper->node = node;
            return OK;
        }
    }
    return fault_set(fault, ERR_BUSY, "nodes", "More than %d processes use this database.",
                     ID_NODE_MAX);
}

/* A number that ran out while the database could not be reached may be somebody else's now. */
static void keep_node(struct keeper *keeper)
{
    struct fault ignored;
    bool taken = false;
    if (take_number(keeper, keeper->node, &taken, &ignored) != OK || taken)
        return;
    if (take_node(keeper, &ignored) == OK)
        id_source_set_node(keeper->services->ids, keeper->node);
}

/* Whoever cannot say that it leads does not. */
static void keep_lead(struct keeper *keeper)
{
    struct fault ignored;
    bool taken = false;
    enum err err = db_lease_take(keeper->services->db, KEEPER_LEADER, &taken, &ignored);
    atomic_store(&keeper->leads, err == OK && taken);
}

static enum err make_months(struct ctx *ctx, void *arg)
{
    return ledger_make_months(ctx, MONTHS_AHEAD, arg);
}

/* Long before they are needed. What fails is tried again in the next hour. */
static void keep_months(struct keeper *keeper)
{
    struct arena scratch;
    struct ctx ctx;
    int64_t made;
    if (keeper->months_ms && monotonic_ms() - keeper->months_ms < MONTHS_EVERY_MS)
        return;
    keeper->months_ms = monotonic_ms();
    arena_init(&scratch, SCRATCH_BYTES);
    ctx_init(&ctx, keeper->services, &scratch);
    enum err err = ctx_write(&ctx, make_months, &made);
    (void)err;
    arena_finish(&scratch);
}

static bool wait_a_while(struct keeper *keeper)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += KEEP_EVERY_S;
    pthread_mutex_lock(&keeper->lock);
    if (!keeper->stopping)
        pthread_cond_timedwait(&keeper->woken, &keeper->lock, &until);
    bool stopping = keeper->stopping;
    pthread_mutex_unlock(&keeper->lock);
    return !stopping;
}

static void *keep(void *arg)
{
    struct keeper *keeper = arg;
    do {
        keep_node(keeper);
        if (keeper->is_server)
            keep_lead(keeper);
        if (atomic_load(&keeper->leads))
            keep_months(keeper);
    } while (wait_a_while(keeper));
    return NULL;
}

enum err keeper_new(struct services *services, bool is_server, struct keeper **ret_keeper,
                    struct fault *fault)
{
    struct keeper *keeper = calloc(1, sizeof(*keeper));
    if (!keeper)
        abort();
    keeper->services = services;
    keeper->is_server = is_server;
    enum err err = take_node(keeper, fault);
    if (err != OK) {
        free(keeper);
        return err;
    }
    services->ids = id_source_new(&services->clock, keeper->node);
    services->leads = &keeper->leads;
    if (is_server)
        keep_lead(keeper);
    pthread_mutex_init(&keeper->lock, NULL);
    pthread_cond_init(&keeper->woken, NULL);
    if (pthread_create(&keeper->thread, NULL, keep, keeper))
        abort();
    *ret_keeper = keeper;
    return OK;
}

void keeper_free(struct keeper *keeper)
{
    if (!keeper)
        return;
    pthread_mutex_lock(&keeper->lock);
    keeper->stopping = true;
    pthread_cond_signal(&keeper->woken);
    pthread_mutex_unlock(&keeper->lock);
    pthread_join(keeper->thread, NULL);
    pthread_cond_destroy(&keeper->woken);
    pthread_mutex_destroy(&keeper->lock);
    keeper->services->leads = NULL;
    free(keeper);
}
