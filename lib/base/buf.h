/* A growing text that is born with its maximum. */
#ifndef LIB_BASE_BUF_H
#define LIB_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/str.h"

/* Lives in its arena. What does not fit is dropped and `overflowed` stays set. */
struct buf {
    struct arena *arena;
    char *ptr;
    size_t len;
    size_t cap;
    size_t max_bytes;
    bool overflowed;
};

void buf_init(struct buf *buf, struct arena *arena, size_t max_bytes);
void buf_add(struct buf *buf, struct str text);
void buf_add_char(struct buf *buf, char c);
void buf_add_int(struct buf *buf, int64_t value);
void buf_format(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
/* Empties it, keeps its memory, clears `overflowed`. */
void buf_clear(struct buf *buf);
/* What is in it; borrowed until the next change. */
struct str buf_str(const struct buf *buf);

#endif
