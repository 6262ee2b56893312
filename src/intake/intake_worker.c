/* The server's worker of imports: applies what is queued, undoes what is to be undone, and goes on
 * with what a crash or a stop left unfinished. */
#include "src/intake/import_files.h"
#include "src/intake/import_store.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "src/core/limits.h"

/* Another process may queue an import: it is looked for this often. */
enum { LOOK_EVERY_MS = 1000 };

struct intake {
    const struct services *services;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool wake;
    atomic_bool stopping;
};

static bool goes_on(void *self, int64_t rows_done, int64_t rows)
{
    struct intake *intake = self;
    (void)rows_done;
    (void)rows;
    return !atomic_load(&intake->stopping);
}

struct finding {
    struct import_id after;
    struct import_next next;
};

static enum err find_next(struct ctx *ctx, void *arg)
{
    struct finding *finding = arg;
    return import_store_next(ctx, finding->after, &finding->next);
}

/* What it does is the deed of whoever made the import. An import that somebody else runs is
 * theirs. */
static void work_on(struct intake *intake, struct ctx *ctx, const struct import_next *next)
{
    struct import_undo_report report;
    struct import_watch watch = {goes_on, intake, true};
    ctx->actor.name = next->actor;
    enum err err = next->state == IMPORT_UNDOING ? import_undo(ctx, next->id, &watch, &report)
                                                 : import_apply(ctx, next->id, &watch);
    (void)err; /* its state and sentence are in the import */
}

static void work_on_all(struct intake *intake)
{
    struct arena arena;
    struct finding finding = {.after = {0}};
    enum err err = OK;
    arena_init(&arena, LIMIT_JOB_ARENA_BYTES);
    while (err == OK && !atomic_load(&intake->stopping)) {
        struct ctx ctx;
        arena_reset(&arena);
        ctx_init(&ctx, intake->services, &arena);
        ctx.actor = (struct actor){.role = ROLE_ADMIN, .scopes = SCOPES_ALL, .name = STR("import")};
        err = ctx_read(&ctx, find_next, &finding);
        if (err != OK || !import_id_is_set(finding.next.id))
            break;
        work_on(intake, &ctx, &finding.next);
        finding.after = finding.next.id;
    }
    arena_finish(&arena);
}

static void wait_for_work(struct intake *intake)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LOOK_EVERY_MS / MS_PER_SECOND;
    pthread_mutex_lock(&intake->lock);
    int waited = 0;
    while (!intake->wake && !atomic_load(&intake->stopping) && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&intake->woken, &intake->lock, &until);
    intake->wake = false;
    pthread_mutex_unlock(&intake->lock);
}

static enum err sweep_files(struct ctx *ctx, void *arg)
{
    (void)arg;
    return import_files_sweep(ctx);
}

/* What cannot be swept stays until the next start. */
static void sweep(struct intake *intake)
{
    struct arena arena;
    struct ctx ctx;
    arena_init(&arena, LIMIT_ARENA_BYTES);
    ctx_init(&ctx, intake->services, &arena);
    enum err err = ctx_read(&ctx, sweep_files, NULL);
    (void)err;
    arena_finish(&arena);
}

static void *run(void *self)
{
    struct intake *intake = self;
    sweep(intake);
    while (!atomic_load(&intake->stopping)) {
        work_on_all(intake);
        wait_for_work(intake);
    }
    return NULL;
}

struct intake *intake_new(const struct services *services)
{
    struct intake *intake = calloc(1, sizeof(*intake));
    if (!intake)
        abort();
    intake->services = services;
    pthread_mutex_init(&intake->lock, NULL);
    pthread_cond_init(&intake->woken, NULL);
    if (pthread_create(&intake->thread, NULL, run, intake))
        abort();
    return intake;
}

void intake_free(struct intake *intake)
{
    if (!intake)
        return;
    atomic_store(&intake->stopping, true);
    intake_wake(intake);
    pthread_join(intake->thread, NULL);
    pthread_cond_destroy(&intake->woken);
    pthread_mutex_destroy(&intake->lock);
    free(intake);
}

void intake_wake(struct intake *intake)
{
    pthread_mutex_lock(&intake->lock);
    intake->wake = true;
    pthread_cond_signal(&intake->woken);
    pthread_mutex_unlock(&intake->lock);
}
