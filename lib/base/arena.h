/* Memory of one request or job: allocated piece by piece, freed whole. */
#ifndef LIB_BASE_ARENA_H
#define LIB_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/compiler.h"
#include "lib/base/str.h"

struct arena_chunk;
struct arena_release;

/*
 * Owned by one thread at a time. Allocation never returns NULL: past `max_bytes` the arena becomes
 * `failed` (sticky) and still serves, so that callers test once, at a loop's turn, before a commit
 * or before an answer; every size that feeds an arena is bounded by its own limit first. A heap
 * that is truly empty aborts the process, which loses nothing that was acknowledged.
 */
struct arena {
    struct arena_chunk *newest;
    struct arena_release *releases;
    size_t used_bytes;
    size_t max_bytes;
    bool failed;
};

void arena_init(struct arena *arena, size_t max_bytes);
void arena_finish(struct arena *arena);
/* Frees everything but one chunk, clears `failed`. */
void arena_reset(struct arena *arena);
bool arena_failed(const struct arena *arena);

/* Calls `release(thing)` when the arena is reset or finished, newest first: for memory of other
 * libraries. */
void arena_on_release(struct arena *arena, void (*release)(void *thing), void *thing);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size_bytes);
/* count * size_bytes, checked. */
void *arena_alloc_array(struct arena *arena, size_t count, size_t size_bytes);
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc_array((arena), (count), sizeof(type)))

/* A copy of the text, in the arena. */
struct str arena_str(struct arena *arena, struct str text);
/* A NUL-terminated copy, for a C boundary. */
char *arena_cstr(struct arena *arena, struct str text);
struct str arena_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
