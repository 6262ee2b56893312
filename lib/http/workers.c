/* One queue, one lock, one condition; a sleeper is only woken when there is one. */
#include "lib/http/workers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct work *first;
    struct work **end;
    atomic_size_t waiting; /* changed under the lock */
    size_t sleeping;
    bool stopping;
    void (*run)(void *self, struct work *work);
    void *self;
    int thread_count;
    pthread_t threads[];
};

/* NULL when it is time to end. */
static struct work *take(struct workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    while (!workers->first && !workers->stopping) {
        workers->sleeping++;
        pthread_cond_wait(&workers->wake, &workers->lock);
        workers->sleeping--;
    }
    struct work *work = workers->first;
    if (work) {
        workers->first = work->next;
        workers->waiting--;
        if (!workers->first)
            workers->end = &workers->first;
    }
    pthread_mutex_unlock(&workers->lock);
    return work;
}

static void *run_worker(void *arg)
{
    struct workers *workers = arg;
    struct work *work;
    while ((work = take(workers)))
        workers->run(workers->self, work);
    return NULL;
}

struct workers *workers_new(int threads, void (*run)(void *self, struct work *work), void *self)
{
    struct workers *workers = calloc(1, sizeof(*workers) + (size_t)threads * sizeof(pthread_t));
    if (!workers || pthread_mutex_init(&workers->lock, NULL) ||
        pthread_cond_init(&workers->wake, NULL))
        abort();
    workers->end = &workers->first;
    workers->run = run;
    workers->self = self;
    while (workers->thread_count < threads) {
        if (pthread_create(&workers->threads[workers->thread_count], NULL, run_worker, workers)) {
            workers_free(workers);
            return NULL;
        }
        workers->thread_count++;
    }
    return workers;
}

void workers_free(struct workers *workers)
{
    if (!workers)
        return;
    pthread_mutex_lock(&workers->lock);
    workers->stopping = true;
    pthread_cond_broadcast(&workers->wake);
    pthread_mutex_unlock(&workers->lock);
    for (int i = 0; i < workers->thread_count; i++)
        pthread_join(workers->threads[i], NULL);
    pthread_cond_destroy(&workers->wake);
    pthread_mutex_destroy(&workers->lock);
    free(workers);
}

void work_list_add(struct work_list *list, struct work *work)
{
    work->next = NULL;
    if (list->last)
        list->last->next = work;
    else
        list->first = work;
    list->last = work;
    list->count++;
}

void workers_add(struct workers *workers, struct work_list *list)
{
    if (!list->count)
        return;
    pthread_mutex_lock(&workers->lock);
    *workers->end = list->first;
    workers->end = &list->last->next;
    workers->waiting += list->count;
    size_t wake = workers->sleeping < list->count ? workers->sleeping : list->count;
    pthread_mutex_unlock(&workers->lock);
    while (wake--)
        pthread_cond_signal(&workers->wake);
    *list = (struct work_list){0};
}

size_t workers_waiting(const struct workers *workers)
{
    return atomic_load_explicit(&workers->waiting, memory_order_relaxed);
}
