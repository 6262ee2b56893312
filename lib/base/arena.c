/* Chunks of memory, the newest first; each twice as large as the one before, up to a bound. */
#include "lib/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_FIRST_BYTES = 4096, CHUNK_LAST_BYTES = 1024 * 1024, ALIGNMENT = 16 };

struct arena_chunk {
    struct arena_chunk *older;
    size_t used;
    size_t cap;
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

struct arena_release {
    struct arena_release *older;
    void (*release)(void *thing);
    void *thing;
};

void arena_init(struct arena *arena, size_t max_bytes)
{
    *arena = (struct arena){.max_bytes = max_bytes};
}

static void run_releases(struct arena *arena)
{
    for (struct arena_release *release = arena->releases; release; release = release->older)
        release->release(release->thing);
    arena->releases = NULL;
}

void arena_finish(struct arena *arena)
{
    run_releases(arena);
    while (arena->newest) {
        struct arena_chunk *older = arena->newest->older;
        free(arena->newest);
        arena->newest = older;
    }
    arena->used_bytes = 0;
}

void arena_reset(struct arena *arena)
{
    run_releases(arena);
    while (arena->newest && arena->newest->older) {
        struct arena_chunk *chunk = arena->newest;
        arena->newest = chunk->older;
        free(chunk);
    }
    if (arena->newest)
        arena->newest->used = 0;
    arena->used_bytes = 0;
    arena->failed = false;
}

bool arena_failed(const struct arena *arena)
{
    return arena->failed;
}

static void add_chunk(struct arena *arena, size_t size_bytes)
{
    size_t cap = arena->newest ? arena->newest->cap * 2 : CHUNK_FIRST_BYTES;
    if (cap > CHUNK_LAST_BYTES)
        cap = CHUNK_LAST_BYTES;
    if (cap < size_bytes)
        cap = size_bytes;
    struct arena_chunk *chunk = malloc(sizeof(*chunk) + cap);
    if (!chunk)
        abort();
    chunk->older = arena->newest;
    chunk->used = 0;
    chunk->cap = cap;
    arena->newest = chunk;
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX / 2)
        abort();
    size_t size = (size_bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (!size)
        size = ALIGNMENT;
    if (!arena->newest || size > arena->newest->cap - arena->newest->used)
        add_chunk(arena, size);
    void *result = arena->newest->bytes + arena->newest->used;
    arena->newest->used += size;
    arena->used_bytes += size;
    if (arena->used_bytes > arena->max_bytes)
        arena->failed = true;
    return memset(result, 0, size);
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size_bytes)
{
    size_t total;
    if (__builtin_mul_overflow(count, size_bytes, &total))
        abort();
    return arena_alloc(arena, total);
}

void arena_on_release(struct arena *arena, void (*release)(void *thing), void *thing)
{
    struct arena_release *entry = ARENA_NEW(arena, struct arena_release);
    *entry = (struct arena_release){arena->releases, release, thing};
    arena->releases = entry;
}

char *arena_cstr(struct arena *arena, struct str text)
{
    char *copy = arena_alloc(arena, text.len + 1);
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

struct str arena_str(struct arena *arena, struct str text)
{
    return (struct str){arena_cstr(arena, text), text.len};
}

struct str arena_format(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        abort();
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return (struct str){text, (size_t)len};
}
