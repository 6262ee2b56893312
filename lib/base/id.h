/*
 * 64-bit ids that sort by time: 41 bits of milliseconds since 2024-01-01, 10 bits of node, 12 bits
 * of sequence. Printed as a prefix, "_" and 13 characters of Crockford's base 32:
 * "ptn_01hx4zq8r0wkd".
 */
#ifndef LIB_BASE_ID_H
#define LIB_BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/compiler.h"
#include "lib/base/str.h"
#include "lib/base/time.h"

enum { ID_PREFIX_MAX = 4, ID_TEXT_MAX = ID_PREFIX_MAX + 1 + 13 + 1, ID_NODE_MAX = 1023 };

/* Makes ids; thread-safe. A clock that steps back does not repeat an id: it goes on from the last.
 */
struct id_source;
/* `clock` is borrowed and must outlive it. node: 0 to ID_NODE_MAX. */
struct id_source *id_source_new(const struct clock *clock, int node);
void id_source_free(struct id_source *source);
int64_t id_next(struct id_source *source);
/* From now on. */
void id_source_set_node(struct id_source *source, int node);
/* The instant inside an id. */
int64_t id_time_ms(int64_t id);
/* The smallest id of an instant: `id >= id_floor(t)` means "made at t or later". */
int64_t id_floor(int64_t at_ms);

void id_render(const char *prefix, int64_t id, struct buf *buf);
/* Writes the text into `ret_text`. */
void id_format(const char *prefix, int64_t id, char ret_text[ID_TEXT_MAX]);
/* False unless prefix and digits are exact (any case). */
MUST_CHECK bool id_parse(const char *prefix, struct str text, int64_t *ret_id);

/* Declares `struct NAME_id` with NAME_id_parse, NAME_id_render, NAME_id_text, NAME_id_is_set,
 * NAME_id_equal. 0 is "none". */
#define ID_TYPE(name, prefix)                                                                \
    struct name##_id {                                                                       \
        int64_t v;                                                                           \
    };                                                                                       \
    UNUSED static inline bool name##_id_is_set(struct name##_id id)                          \
    {                                                                                        \
        return id.v != 0;                                                                    \
    }                                                                                        \
    UNUSED static inline bool name##_id_equal(struct name##_id a, struct name##_id b)        \
    {                                                                                        \
        return a.v == b.v;                                                                   \
    }                                                                                        \
    MUST_CHECK UNUSED static inline bool name##_id_parse(struct str text,                    \
                                                         struct name##_id *ret_id)           \
    {                                                                                        \
        return id_parse(prefix, text, &ret_id->v);                                           \
    }                                                                                        \
    UNUSED static inline void name##_id_render(struct name##_id id, struct buf *buf)         \
    {                                                                                        \
        id_render(prefix, id.v, buf);                                                        \
    }                                                                                        \
    UNUSED static inline struct str name##_id_text(struct name##_id id, struct arena *arena) \
    {                                                                                        \
        char *text = arena_alloc(arena, ID_TEXT_MAX);                                        \
        id_format(prefix, id.v, text);                                                       \
        return str_from_c(text);                                                             \
    }

#endif
