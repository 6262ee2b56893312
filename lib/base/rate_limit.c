/*
 * Token buckets in sets of a few slots: a key's hash picks the set, so memory and the work of one
 * call are bounded whatever keys come. In a full set the fullest bucket gives way: forgetting it
 * gives its owner the least.
 */
#include "lib/base/rate_limit.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "lib/base/map.h"

enum { SLOTS_IN_SET = 8 };

/* The key is kept as its seeded hash: nobody outside can make two keys meet. */
struct bucket {
    uint64_t hash; /* 0: free */
    double tokens;
    int64_t at_ms;
};

struct rate_limit {
    pthread_mutex_t lock;
    double per_ms;
    double burst;
    uint64_t seed;
    size_t set_count;
    struct bucket buckets[];
};

struct rate_limit *rate_limit_new(double per_second, double burst, size_t keys_max, uint64_t seed)
{
    size_t sets = keys_max / SLOTS_IN_SET + 1;
    struct rate_limit *limit =
        calloc(1, sizeof(*limit) + sets * SLOTS_IN_SET * sizeof(struct bucket));
    if (!limit || pthread_mutex_init(&limit->lock, NULL))
        abort();
    limit->per_ms = per_second / 1000;
    limit->burst = burst;
    limit->seed = seed;
    limit->set_count = sets;
    return limit;
}

void rate_limit_free(struct rate_limit *limit)
{
    if (!limit)
        return;
    pthread_mutex_destroy(&limit->lock);
    free(limit);
}

static void refill(const struct rate_limit *limit, struct bucket *bucket, int64_t now_ms)
{
    if (now_ms <= bucket->at_ms)
        return;
    bucket->tokens =
        fmin(limit->burst, bucket->tokens + (double)(now_ms - bucket->at_ms) * limit->per_ms);
    bucket->at_ms = now_ms;
}

static struct bucket *find_bucket(struct rate_limit *limit, uint64_t hash, int64_t now_ms)
{
    struct bucket *set = &limit->buckets[hash % limit->set_count * SLOTS_IN_SET];
    struct bucket *victim = &set[0];
    for (size_t i = 0; i < SLOTS_IN_SET; i++) {
        if (set[i].hash == hash) {
            refill(limit, &set[i], now_ms);
            return &set[i];
        }
        if (set[i].hash)
            refill(limit, &set[i], now_ms);
        if (victim->hash && (!set[i].hash || set[i].tokens > victim->tokens))
            victim = &set[i];
    }
    *victim = (struct bucket){.hash = hash, .tokens = limit->burst, .at_ms = now_ms};
    return victim;
}

static struct bucket *bucket_of(struct rate_limit *limit, struct str key, int64_t now_ms)
{
    uint64_t hash = hash_bytes(key, limit->seed);
    return find_bucket(limit, hash ? hash : 1, now_ms);
}

int64_t rate_limit_take(struct rate_limit *limit, struct str key, double cost, int64_t now_ms)
{
    int64_t wait_ms = 0;
    pthread_mutex_lock(&limit->lock);
    struct bucket *bucket = bucket_of(limit, key, now_ms);
    if (bucket->tokens >= cost)
        bucket->tokens -= cost;
    else
        wait_ms = 1 + (int64_t)((cost - bucket->tokens) / limit->per_ms);
    pthread_mutex_unlock(&limit->lock);
    return wait_ms;
}

void rate_limit_forgive(struct rate_limit *limit, struct str key, int64_t now_ms)
{
    pthread_mutex_lock(&limit->lock);
    bucket_of(limit, key, now_ms)->tokens = limit->burst;
    pthread_mutex_unlock(&limit->lock);
}
