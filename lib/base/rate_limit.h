/* How often something may happen: requests of an address, attempts to sign in. */
#ifndef LIB_BASE_RATE_LIMIT_H
#define LIB_BASE_RATE_LIMIT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/str.h"

/* Token buckets by key, a bounded number of them; thread-safe. */
struct rate_limit;
struct rate_limit *rate_limit_new(double per_second, double burst, size_t keys_max, uint64_t seed);
void rate_limit_free(struct rate_limit *limit);
/* Takes `cost` tokens; when they are not there takes none and returns the milliseconds until they
 * are; else 0. */
int64_t rate_limit_take(struct rate_limit *limit, struct str key, double cost, int64_t now_ms);
/* The key's bucket is full again. */
void rate_limit_forgive(struct rate_limit *limit, struct str key, int64_t now_ms);

#endif
