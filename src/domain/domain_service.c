/*
 * The thread of the checks: those that requests wait for, a run over many partners, and the watch.
 * Names are asked in its loop; what was found is kept by jobs of the writer, which it does not wait
 * for.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/limits.h"
#include "src/domain/domain_probe.h"
#include "src/domain/domain_store.h"

enum {
    ACTIVE_MAX = 500, /* checks under way */
    RUN_MAX = 256,    /* of them those of a run */
    RUN_BATCH = 64,
    WATCH_MAX = 64,
    WATCH_BATCH = 16,
    WATCH_NEW = 1, /* partners that were never checked, a second */
    TICK_MS = 1000,
    FIRST_TICK_MS = 3000, /* a server has other things to do when it starts */
    WORK_BYTES = 4 * 1024 * 1024,
    READ_BYTES = 16 * 1024 * 1024,
    ACTOR_BYTES = 300
};

enum work_kind { WORK_WATCH, WORK_RUN };

struct domain_service {
    const struct services *services;
    bool watches;
    pthread_t thread;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t settled;
    struct domain_net *net; /* changed by the thread only */
    struct domain_ask *first, *last;
    struct domain_run run;
    struct partner_id *run_ids;
    size_t run_next;
    char run_actor[ACTOR_BYTES];
    struct user_id run_user;
    size_t kept[2]; /* works under way, by kind */
    struct domain_work *works;

    /* The thread's own. */
    atomic_bool is_stopping;
    size_t active;
    int64_t next_tick_ms;
};

/* One check of the watch or of a run. Freed on the thread, or on the writer. */
struct domain_work {
    struct domain_work *next, *previous;
    struct domain_service *service;
    enum work_kind kind;
    struct domain_ask ask;
    struct arena arena;
    struct ctx ctx;
    struct domain_case opened;
};

/* ---- the end of a work ---- */

static void unlink_work(struct domain_work *work)
{
    struct domain_service *service = work->service;
    if (work->previous)
        work->previous->next = work->next;
    else
        service->works = work->next;
    if (work->next)
        work->next->previous = work->previous;
    service->kept[work->kind]--;
    pthread_cond_broadcast(&service->settled);
}

/* Locked. */
static void count_in_run(struct domain_service *service, const struct domain_finding *finding)
{
    struct domain_run *run = &service->run;
    run->done++;
    if (finding)
        run->verdicts[finding->verdict]++;
    else
        run->failed++;
    if (run->is_running && run->done >= run->total) {
        run->is_running = run->is_stopping = false;
        run->finished_ms = clock_now_ms(&service->services->clock);
    }
}

static void end_work(struct domain_work *work, const struct domain_finding *finding)
{
    struct domain_service *service = work->service;
    pthread_mutex_lock(&service->lock);
    if (work->kind == WORK_RUN)
        count_in_run(service, finding);
    unlink_work(work);
    pthread_mutex_unlock(&service->lock);
    arena_finish(&work->arena);
    free(work);
}

static void kept(void *self, enum err result)
{
    struct domain_work *work = self;
    end_work(work, result == OK ? work->ask.finding : NULL);
}

static enum err keep(struct ctx *ctx, void *self)
{
    struct domain_work *work = self;
    return domain_record(ctx, &work->opened, work->ask.finding, work->kind == WORK_RUN);
}

static void work_done(struct domain_ask *ask)
{
    struct domain_work *work = ask->self;
    if (!ask->finding) {
        end_work(work, NULL);
        return;
    }
    ctx_write_later(&work->ctx, keep, kept, work);
}

/* ---- probes ---- */

static void probe_found(void *self, struct domain_finding *finding)
{
    struct domain_ask *ask = self;
    struct domain_service *service = ask->service;
    service->active--;
    ask->finding = atomic_load(&service->is_stopping) ? NULL : finding;
    ask->done(ask);
}

static void begin(struct domain_service *service, struct domain_ask *ask)
{
    ask->service = service;
    service->active++;
    domain_probe(service->net, &ask->request, ask->arena, probe_found, ask);
}

/* False: checks under other settings go on still. */
static bool use_settings(struct domain_service *service, const struct domain_settings *settings)
{
    if (domain_net_version(service->net) == settings->version)
        return true;
    if (service->active)
        return false;
    struct domain_net *net = domain_net_new(service->services, settings), *old = service->net;
    pthread_mutex_lock(&service->lock);
    service->net = net;
    pthread_mutex_unlock(&service->lock);
    domain_net_free(old);
    return true;
}

static struct domain_ask *take_ask(struct domain_service *service)
{
    pthread_mutex_lock(&service->lock);
    struct domain_ask *ask = service->first;
    if (ask) {
        service->first = ask->next;
        if (!ask->next)
            service->last = NULL;
    }
    pthread_mutex_unlock(&service->lock);
    return ask;
}

static void put_back(struct domain_service *service, struct domain_ask *ask)
{
    pthread_mutex_lock(&service->lock);
    ask->next = service->first;
    service->first = ask;
    if (!service->last)
        service->last = ask;
    pthread_mutex_unlock(&service->lock);
}

static void begin_asked(struct domain_service *service)
{
    struct domain_ask *ask;
    while (service->active < ACTIVE_MAX && (ask = take_ask(service))) {
        if (!use_settings(service, &ask->settings)) {
            put_back(service, ask);
            return;
        }
        begin(service, ask);
    }
}

void domain_service_ask(struct domain_service *service, struct domain_ask *ask)
{
    ask->next = NULL;
    pthread_mutex_lock(&service->lock);
    if (service->last)
        service->last->next = ask;
    else
        service->first = ask;
    service->last = ask;
    domain_net_wake(service->net);
    pthread_mutex_unlock(&service->lock);
}

/* ---- works ---- */

/* Partners whose checks begin, read in one snapshot. */
struct batch {
    struct domain_service *service;
    enum work_kind kind;
    struct domain_settings settings;
    struct partner_id ids[RUN_BATCH];
    size_t count;
    struct domain_work *works[RUN_BATCH];
    size_t work_count;
};

static struct domain_work *work_new(struct domain_service *service, enum work_kind kind)
{
    struct domain_work *work = calloc(1, sizeof(*work));
    if (!work)
        abort();
    work->service = service;
    work->kind = kind;
    arena_init(&work->arena, WORK_BYTES);
    ctx_init(&work->ctx, service->services, &work->arena);
    work->ctx.actor =
        (struct actor){.role = ROLE_ADMIN, .scopes = SCOPES_ALL, .name = STR("dns watch")};
    work->ask = (struct domain_ask){.arena = &work->arena, .done = work_done, .self = work};
    pthread_mutex_lock(&service->lock);
    if (kind == WORK_RUN) {
        work->ctx.actor.name = arena_str(&work->arena, str_from_c(service->run_actor));
        work->ctx.actor.user = service->run_user;
    }
    work->next = service->works;
    if (service->works)
        service->works->previous = work;
    service->works = work;
    service->kept[kind]++;
    pthread_mutex_unlock(&service->lock);
    return work;
}

static bool is_under_way(struct domain_service *service, struct partner_id partner)
{
    bool found = false;
    pthread_mutex_lock(&service->lock);
    for (const struct domain_work *work = service->works; work && !found; work = work->next)
        found = partner_id_equal(work->opened.partner.id, partner);
    pthread_mutex_unlock(&service->lock);
    return found;
}

static void open_work(struct ctx *ctx, struct batch *batch, struct partner_id partner)
{
    struct domain_work *work = work_new(batch->service, batch->kind);
    work->ctx.conn = ctx->conn;
    enum err err = domain_case_open(&work->ctx, partner, false, &work->opened);
    work->ctx.conn = NULL;
    if (err != OK) {
        end_work(work, NULL);
        return;
    }
    work->ask.settings = batch->settings;
    work->ask.request = work->opened.request;
    batch->works[batch->work_count++] = work;
}

static enum err open_works(struct ctx *ctx, struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->kind == WORK_RUN || !is_under_way(batch->service, batch->ids[i]))
            open_work(ctx, batch, batch->ids[i]);
    return OK;
}

static enum err read_due(struct ctx *ctx, void *arg)
{
    struct batch *batch = arg;
    size_t fresh = 0;
    TRY(domain_settings_get(ctx, &batch->settings));
    if (!batch->settings.watch)
        return OK;
    TRY(domain_store_due(ctx, ctx->now_ms, WATCH_BATCH, batch->ids, &batch->count));
    TRY(domain_store_new(ctx, WATCH_NEW, batch->ids + batch->count, &fresh));
    batch->count += fresh;
    return open_works(ctx, batch);
}

static enum err read_run(struct ctx *ctx, void *arg)
{
    struct batch *batch = arg;
    TRY(domain_settings_get(ctx, &batch->settings));
    return open_works(ctx, batch);
}

static void run_batch(struct domain_service *service, struct batch *batch, ctx_work *read)
{
    struct arena arena;
    struct ctx ctx;
    arena_init(&arena, READ_BYTES);
    ctx_init(&ctx, service->services, &arena);
    ctx.actor = (struct actor){.role = ROLE_ADMIN, .scopes = SCOPES_ALL, .name = STR("dns watch")};
    bool is_read = ctx_read(&ctx, read, batch) == OK;
    arena_finish(&arena);
    for (size_t i = 0; i < batch->work_count; i++) {
        /* A database that cannot be read now can be at the next tick. */
        if (is_read)
            domain_service_ask(service, &batch->works[i]->ask);
        else
            end_work(batch->works[i], NULL);
    }
}

static size_t works_of(struct domain_service *service, enum work_kind kind)
{
    pthread_mutex_lock(&service->lock);
    size_t count = service->kept[kind];
    pthread_mutex_unlock(&service->lock);
    return count;
}

static void watch(struct domain_service *service)
{
    struct batch batch = {.service = service, .kind = WORK_WATCH};
    int64_t now_ms = monotonic_ms();
    if (!service->watches || now_ms < service->next_tick_ms || !services_lead(service->services))
        return;
    service->next_tick_ms = now_ms + TICK_MS;
    if (works_of(service, WORK_WATCH) < WATCH_MAX)
        run_batch(service, &batch, read_due);
}

/* The next partners of the run; those of one that is stopped are left out. */
static void take_run(struct domain_service *service, struct batch *batch)
{
    struct domain_run *run = &service->run;
    pthread_mutex_lock(&service->lock);
    if (run->is_running && run->is_stopping && service->run_next < (size_t)run->total) {
        run->total = (int64_t)service->run_next;
        if (run->done >= run->total) {
            run->is_running = run->is_stopping = false;
            run->finished_ms = clock_now_ms(&service->services->clock);
        }
    }
    while (run->is_running && batch->count < RUN_BATCH && service->run_next < (size_t)run->total)
        batch->ids[batch->count++] = service->run_ids[service->run_next++];
    pthread_mutex_unlock(&service->lock);
}

static void go_on_with_run(struct domain_service *service)
{
    while (works_of(service, WORK_RUN) + RUN_BATCH <= RUN_MAX) {
        struct batch batch = {.service = service, .kind = WORK_RUN};
        take_run(service, &batch);
        if (!batch.count)
            return;
        run_batch(service, &batch, read_run);
    }
}

enum err domain_run_start(struct ctx *ctx, struct domain_service *service,
                          const struct partner_id *ids, size_t count)
{
    struct partner_id *copy = malloc((count ? count : 1) * sizeof(*copy));
    if (!copy)
        abort();
    if (count)
        memcpy(copy, ids, count * sizeof(*copy));
    pthread_mutex_lock(&service->lock);
    bool is_free = !service->run.is_running;
    if (is_free) {
        free(service->run_ids);
        service->run_ids = copy;
        service->run_next = 0;
        service->run_user = ctx->actor.user;
        snprintf(service->run_actor, sizeof(service->run_actor), "%.*s", STR_ARG(ctx->actor.name));
        service->run = (struct domain_run){
            .is_running = count > 0, .total = (int64_t)count, .started_ms = ctx->now_ms};
        if (!count)
            service->run.finished_ms = ctx->now_ms;
        domain_net_wake(service->net);
    }
    pthread_mutex_unlock(&service->lock);
    if (is_free)
        return OK;
    free(copy);
    return CTX_FAULT(ctx, ERR_CONFLICT, "run", "A check of many partners goes on already.");
}

void domain_run_stop(struct domain_service *service)
{
    pthread_mutex_lock(&service->lock);
    service->run.is_stopping = service->run.is_running;
    domain_net_wake(service->net);
    pthread_mutex_unlock(&service->lock);
}

void domain_run_get(struct domain_service *service, struct domain_run *ret_run)
{
    pthread_mutex_lock(&service->lock);
    *ret_run = service->run;
    pthread_mutex_unlock(&service->lock);
}

enum err domain_run_list(struct ctx *ctx, bool only_due, struct partner_id **ret_ids,
                         size_t *ret_count)
{
    enum { CHUNK = 10000 };
    struct partner_id *ids = ARENA_ARRAY(ctx->arena, struct partner_id, DOMAIN_RUN_MAX);
    size_t count = 0, more = 0;
    if (only_due) {
        TRY(domain_store_due(ctx, ctx->now_ms, CHUNK, ids, &count));
        TRY(domain_store_new(ctx, CHUNK, ids + count, &more));
        count += more;
    }
    struct partner_id after = {0};
    do {
        if (only_due || count + CHUNK > DOMAIN_RUN_MAX)
            break;
        TRY(domain_store_all(ctx, after, CHUNK, ids + count, &more));
        count += more;
        after = count ? ids[count - 1] : after;
    } while (more == CHUNK);
    *ret_ids = ids;
    *ret_count = count;
    return OK;
}

/* ---- the thread ---- */

static void *run(void *self)
{
    struct domain_service *service = self;
    while (!atomic_load(&service->is_stopping)) {
        watch(service);
        go_on_with_run(service);
        begin_asked(service);
        domain_net_turn(service->net, TICK_MS);
    }
    return NULL;
}

struct domain_service *domain_service_new(const struct services *services, bool watches)
{
    /* Until the first check brings the real ones. */
    struct domain_settings none = {.port = DNS_PORT, .version = 0};
    struct domain_service *service = calloc(1, sizeof(*service));
    if (!service || pthread_mutex_init(&service->lock, NULL) ||
        pthread_cond_init(&service->settled, NULL))
        abort();
    service->services = services;
    service->watches = watches;
    service->next_tick_ms = monotonic_ms() + FIRST_TICK_MS;
    service->net = domain_net_new(services, &none);
    if (pthread_create(&service->thread, NULL, run, service))
        abort();
    return service;
}

void domain_service_free(struct domain_service *service)
{
    struct domain_ask *ask;
    if (!service)
        return;
    atomic_store(&service->is_stopping, true);
    pthread_mutex_lock(&service->lock);
    domain_net_wake(service->net);
    pthread_mutex_unlock(&service->lock);
    pthread_join(service->thread, NULL);
    domain_net_free(service->net);
    while ((ask = take_ask(service))) {
        ask->finding = NULL;
        ask->done(ask);
    }
    /* What the writer keeps still. */
    pthread_mutex_lock(&service->lock);
    while (service->works)
        pthread_cond_wait(&service->settled, &service->lock);
    pthread_mutex_unlock(&service->lock);
    pthread_cond_destroy(&service->settled);
    pthread_mutex_destroy(&service->lock);
    free(service->run_ids);
    free(service);
}

/* ---- without a service ---- */

static void found_now(void *self, struct domain_finding *finding)
{
    *(struct domain_finding **)self = finding;
}

void domain_check_now(struct ctx *ctx, const struct domain_settings *settings,
                      const struct domain_request *request, struct domain_finding **ret_finding)
{
    struct domain_net *net = domain_net_new(ctx->services, settings);
    *ret_finding = NULL;
    domain_probe(net, request, ctx->arena, found_now, ret_finding);
    while (!*ret_finding)
        domain_net_turn(net, TICK_MS);
    domain_net_free(net);
}
