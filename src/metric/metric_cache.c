/* A bounded table of reports, the least recently used leaving first. */
#include "src/metric/metric_cache.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "src/metric/metric_pulse_book.h"

enum { BUCKETS = 8192 }; /* a power of two */

/* A report in the table and with readers. Freed when neither has it. */
struct kept {
    struct metrics *metrics;
    struct kept *next; /* in its bucket */
    struct kept *newer, *older;
    struct report_key key;
    struct report_stamp stamp;
    size_t holders;
    size_t len;
    char json[];
};

struct metrics {
    pthread_mutex_t lock;
    struct pulse_books *books;
    size_t max_bytes, used_bytes;
    struct kept *newest, *oldest;
    struct kept *buckets[BUCKETS];
};

struct metrics *metrics_new(size_t max_bytes)
{
    struct metrics *metrics = calloc(1, sizeof(*metrics));
    if (!metrics || pthread_mutex_init(&metrics->lock, NULL))
        abort();
    metrics->max_bytes = max_bytes;
    metrics->books = pulse_books_new();
    return metrics;
}

struct pulse_books *metrics_books(struct metrics *metrics)
{
    return metrics ? metrics->books : NULL;
}

static struct kept **bucket_of(struct metrics *metrics, const struct report_key *key)
{
    uint64_t hash = (uint64_t)key->partner * UINT64_C(0x9e3779b97f4a7c15);
    return &metrics->buckets[(hash >> 32) & (BUCKETS - 1)];
}

static bool same_days(const struct metric_days *a, const struct metric_days *b)
{
    return a->from_given == b->from_given && a->to_given == b->to_given &&
           (!a->from_given || a->from.v == b->from.v) && (!a->to_given || a->to.v == b->to.v);
}

static struct kept *find(struct metrics *metrics, const struct report_key *key)
{
    struct kept *kept = *bucket_of(metrics, key);
    while (kept && !(kept->key.partner == key->partner && kept->key.scope == key->scope &&
                     same_days(&kept->key.days, &key->days)))
        kept = kept->next;
    return kept;
}

static size_t size_of(const struct kept *kept)
{
    return sizeof(*kept) + kept->len;
}

static void let_go(struct kept *kept)
{
    if (--kept->holders == 0)
        free(kept);
}

static void link_newest(struct metrics *metrics, struct kept *kept)
{
    kept->newer = NULL;
    kept->older = metrics->newest;
    if (metrics->newest)
        metrics->newest->newer = kept;
    else
        metrics->oldest = kept;
    metrics->newest = kept;
}

static void unlink_from_order(struct metrics *metrics, const struct kept *kept)
{
    if (kept->newer)
        kept->newer->older = kept->older;
    else
        metrics->newest = kept->older;
    if (kept->older)
        kept->older->newer = kept->newer;
    else
        metrics->oldest = kept->newer;
    assert(metrics->newest != kept && metrics->oldest != kept);
}

static void drop(struct metrics *metrics, struct kept *kept)
{
    struct kept **at = bucket_of(metrics, &kept->key);
    while (*at != kept)
        at = &(*at)->next;
    *at = kept->next;
    unlink_from_order(metrics, kept);
    metrics->used_bytes -= size_of(kept);
    let_go(kept);
}

static void drop_oldest(struct metrics *metrics)
{
    assert(!metrics->oldest->older);
    drop(metrics, metrics->oldest);
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    while (metrics->oldest)
        drop_oldest(metrics);
    pulse_books_free(metrics->books);
    pthread_mutex_destroy(&metrics->lock);
    free(metrics);
}

static void release(void *thing)
{
    struct kept *kept = thing;
    struct metrics *metrics = kept->metrics;
    pthread_mutex_lock(&metrics->lock);
    let_go(kept);
    pthread_mutex_unlock(&metrics->lock);
}

static bool is_good(const struct kept *kept, const struct report_stamp *now)
{
    return now->until_ms < kept->stamp.until_ms && touch_mark_equal(kept->stamp.mark, now->mark);
}

bool metric_cache_take(struct metrics *metrics, const struct report_key *key,
                       const struct report_stamp *now, struct arena *arena, struct str *ret_json)
{
    if (!metrics)
        return false;
    pthread_mutex_lock(&metrics->lock);
    struct kept *kept = find(metrics, key);
    if (kept && !is_good(kept, now)) {
        drop(metrics, kept);
        kept = NULL;
    }
    if (kept) {
        kept->holders++;
        unlink_from_order(metrics, kept);
        link_newest(metrics, kept);
    }
    pthread_mutex_unlock(&metrics->lock);
    if (!kept)
        return false;
    arena_on_release(arena, release, kept);
    *ret_json = (struct str){kept->json, kept->len};
    return true;
}

void metric_cache_keep(struct metrics *metrics, const struct report_key *key,
                       const struct report_stamp *stamp, struct str json)
{
    if (!metrics || sizeof(struct kept) + json.len > metrics->max_bytes)
        return;
    struct kept *kept = malloc(sizeof(*kept) + json.len);
    if (!kept)
        return;
    *kept = (struct kept){
        .metrics = metrics, .key = *key, .stamp = *stamp, .holders = 1, .len = json.len};
    memcpy(kept->json, json.ptr, json.len);
    pthread_mutex_lock(&metrics->lock);
    struct kept *before = find(metrics, key);
    if (before)
        drop(metrics, before);
    while (metrics->oldest && metrics->used_bytes + size_of(kept) > metrics->max_bytes)
        drop_oldest(metrics);
    struct kept **bucket = bucket_of(metrics, key);
    kept->next = *bucket;
    *bucket = kept;
    link_newest(metrics, kept);
    metrics->used_bytes += size_of(kept);
    pthread_mutex_unlock(&metrics->lock);
}
