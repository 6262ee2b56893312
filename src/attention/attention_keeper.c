/*
 * Keeps the table made: reading every partner and two years of its orders takes seconds where there
 * are very many, and no request is to wait for that. A thread makes a new table beside the old one,
 * at the start, on a new day and when too much has changed to be looked at one by one.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "src/attention/attention_table.h"
#include "src/core/limits.h"

enum {
    LOOK_MS = 60000, /* for a new day */
    /* Small directories are ready at once, so that the first request rather waits so long. */
    FIRST_WAIT_MS = 300,
    /* Makes take at most a part of one core. */
    REST_TIMES = 4
};

struct attention *attention_new(void)
{
    struct attention *attention = calloc(1, sizeof(*attention));
    pthread_condattr_t attributes;
    if (!attention || pthread_mutex_init(&attention->lock, NULL) ||
        pthread_condattr_init(&attributes) ||
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) ||
        pthread_cond_init(&attention->rung, &attributes) ||
        pthread_cond_init(&attention->made, &attributes))
        abort();
    pthread_condattr_destroy(&attributes);
    return attention;
}

void attention_free(struct attention *attention)
{
    if (!attention)
        return;
    attention_stop(attention);
    attention_table_free(&attention->table);
    pthread_cond_destroy(&attention->rung);
    pthread_cond_destroy(&attention->made);
    pthread_mutex_destroy(&attention->lock);
    free(attention);
}

static struct timespec after_ms(int64_t ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    ms += at.tv_nsec / 1000000;
    at.tv_sec += ms / MS_PER_SECOND;
    at.tv_nsec = (long)(ms % MS_PER_SECOND) * 1000000 + at.tv_nsec % 1000000;
    return at;
}

/* ---- the thread ---- */

struct making {
    struct attention *attention;
    struct attention_table table;
};

static enum err make(struct ctx *ctx, void *arg)
{
    struct making *making = arg;
    return attention_table_make(ctx, &making->table, &making->attention->stopping);
}

static void swap(struct attention *attention, struct attention_table *table)
{
    pthread_mutex_lock(&attention->lock);
    struct attention_table old = attention->table;
    attention->table = *table;
    attention->table.basis.time_zone = str_from_c(attention->table.zone);
    pthread_cond_broadcast(&attention->made);
    pthread_mutex_unlock(&attention->lock);
    *table = old;
}

static enum err look(struct ctx *ctx, void *arg)
{
    struct making *making = arg;
    bool is_of_today;
    pthread_mutex_lock(&making->attention->lock);
    enum err err = attention_table_is_of_today(ctx, &making->attention->table, &is_of_today);
    pthread_mutex_unlock(&making->attention->lock);
    TRY(err);
    return is_of_today ? OK : make(ctx, making);
}

/* The milliseconds it took; a failure is made up for at the next look. */
static int64_t work(struct attention *attention, struct arena *arena, bool is_rung)
{
    struct making making = {.attention = attention};
    struct ctx ctx;
    int64_t began_ms = monotonic_ms();
    arena_reset(arena);
    ctx_init(&ctx, attention->services, arena);
    ctx.actor = (struct actor){.role = ROLE_ADMIN, .scopes = SCOPE_READ, .name = STR("attention")};
    enum err err = ctx_read(&ctx, is_rung ? make : look, &making);
    if (err == OK && making.table.valid)
        swap(attention, &making.table);
    attention_table_free(&making.table);
    pthread_mutex_lock(&attention->lock);
    attention->is_making = false;
    pthread_mutex_unlock(&attention->lock);
    return monotonic_ms() - began_ms;
}

/* Until something urgent is rung for, or for so long. */
static void rest(struct attention *attention, int64_t took_ms)
{
    int64_t ms = took_ms * REST_TIMES;
    struct timespec until = after_ms(ms > ATTENTION_AGE_MS ? ms : ATTENTION_AGE_MS);
    int waited = 0;
    pthread_mutex_lock(&attention->lock);
    while (!attention->is_urgent && !atomic_load(&attention->stopping) && !waited)
        waited = pthread_cond_timedwait(&attention->rung, &attention->lock, &until);
    pthread_mutex_unlock(&attention->lock);
}

/* Until it is rung for, or until it is time to look for a new day. */
static bool wait_for_ring(struct attention *attention)
{
    struct timespec until = after_ms(LOOK_MS);
    int waited = 0;
    pthread_mutex_lock(&attention->lock);
    while (!attention->is_rung && !atomic_load(&attention->stopping) && !waited)
        waited = pthread_cond_timedwait(&attention->rung, &attention->lock, &until);
    bool is_rung = attention->is_rung;
    attention->is_rung = attention->is_urgent = false;
    attention->is_making = true;
    pthread_mutex_unlock(&attention->lock);
    return is_rung;
}

static void *keep(void *arg)
{
    struct attention *attention = arg;
    struct arena arena;
    bool is_rung = true;
    arena_init(&arena, LIMIT_JOB_ARENA_BYTES);
    while (!atomic_load(&attention->stopping)) {
        int64_t took_ms = work(attention, &arena, is_rung);
        if (is_rung)
            rest(attention, took_ms);
        is_rung = wait_for_ring(attention);
    }
    arena_finish(&arena);
    return NULL;
}

void attention_keep(struct attention *attention, const struct services *services)
{
    attention->services = services;
    attention->is_making = true;
    if (pthread_create(&attention->thread, NULL, keep, attention))
        abort();
}

void attention_stop(struct attention *attention)
{
    if (!attention || !attention->services)
        return;
    pthread_mutex_lock(&attention->lock);
    atomic_store(&attention->stopping, true);
    pthread_cond_signal(&attention->rung);
    pthread_mutex_unlock(&attention->lock);
    pthread_join(attention->thread, NULL);
    attention->services = NULL;
}

/* ---- those who read ---- */

static void ring(struct attention *attention, enum attention_age age)
{
    if (age == ATTENTION_FRESH || (age == ATTENTION_OVER && attention->is_making))
        return;
    attention->is_rung = true;
    attention->is_urgent |= age == ATTENTION_OVER;
    pthread_cond_signal(&attention->rung);
}

static enum err wait_for_first(struct ctx *ctx, struct attention *attention)
{
    struct timespec until = after_ms(FIRST_WAIT_MS);
    int waited = 0;
    if (!attention->table.valid)
        ring(attention, ATTENTION_OVER);
    while (!attention->table.valid && !waited)
        waited = pthread_cond_timedwait(&attention->made, &attention->lock, &until);
    return attention->table.valid
               ? OK
               : CTX_FAULT(ctx, ERR_BUSY, "attention_not_ready",
                           "Every partner is looked at for the first time since the server "
                           "started; ask again in some seconds.");
}

enum err attention_refresh(struct ctx *ctx, struct attention *attention)
{
    enum attention_age age;
    if (!attention->services)
        return attention_table_refresh(ctx, &attention->table, true, &age);
    TRY(wait_for_first(ctx, attention));
    TRY(attention_table_refresh(ctx, &attention->table, false, &age));
    ring(attention, age);
    return OK;
}
