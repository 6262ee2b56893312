/* Ids out of time, node and sequence, and their text. */
#include "lib/base/id.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { NODE_BITS = 10, SEQUENCE_BITS = 12, DIGITS = 13, BITS_PER_DIGIT = 5 };

/* 2024-01-01T00:00:00Z */
static const int64_t epoch_ms = INT64_C(1704067200000);
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

struct id_source {
    const struct clock *clock;
    atomic_int_fast64_t node;
    atomic_int_fast64_t last; /* time and sequence of the newest id, without the node */
};

struct id_source *id_source_new(const struct clock *clock, int node)
{
    struct id_source *source = calloc(1, sizeof(*source));
    if (!source || node < 0 || node > ID_NODE_MAX)
        abort();
    source->clock = clock;
    atomic_init(&source->node, node);
    return source;
}

void id_source_set_node(struct id_source *source, int node)
{
    if (node < 0 || node > ID_NODE_MAX)
        abort();
    atomic_store(&source->node, node);
}

void id_source_free(struct id_source *source)
{
    free(source);
}

int64_t id_next(struct id_source *source)
{
    int64_t since_ms = clock_now_ms(source->clock) - epoch_ms;
    /* A clock before the epoch counts from it: an id is never negative or 0. */
    int64_t now = since_ms > 0 ? since_ms << SEQUENCE_BITS : 0;
    int64_t last = atomic_load(&source->last), next;
    /* A full sequence runs on into the next millisecond, and so does a clock that stepped back. */
    do {
        next = now > last ? now : last + 1;
    } while (!atomic_compare_exchange_weak(&source->last, &last, next));
    int64_t time = next >> SEQUENCE_BITS, sequence = next & ((1 << SEQUENCE_BITS) - 1);
    int64_t node = atomic_load_explicit(&source->node, memory_order_relaxed);
    return time << (NODE_BITS + SEQUENCE_BITS) | node << SEQUENCE_BITS | sequence;
}

int64_t id_time_ms(int64_t id)
{
    return (id >> (NODE_BITS + SEQUENCE_BITS)) + epoch_ms;
}

int64_t id_floor(int64_t at_ms)
{
    if (at_ms <= epoch_ms)
        return 0;
    /* The bits for time end in 2093; no id is as large as what stands for later. */
    if (at_ms - epoch_ms > INT64_MAX >> (NODE_BITS + SEQUENCE_BITS))
        return INT64_MAX;
    return (at_ms - epoch_ms) << (NODE_BITS + SEQUENCE_BITS);
}

void id_format(const char *prefix, int64_t id, char ret_text[ID_TEXT_MAX])
{
    size_t len = strlen(prefix);
    if (len > ID_PREFIX_MAX)
        abort();
    memcpy(ret_text, prefix, len);
    ret_text[len++] = '_';
    uint64_t rest = (uint64_t)id;
    for (int i = DIGITS - 1; i >= 0; i--) {
        ret_text[len + (size_t)i] = alphabet[rest & 31];
        rest >>= BITS_PER_DIGIT;
    }
    ret_text[len + DIGITS] = '\0';
}

void id_render(const char *prefix, int64_t id, struct buf *buf)
{
    char text[ID_TEXT_MAX];
    id_format(prefix, id, text);
    buf_add(buf, str_from_c(text));
}

bool id_parse(const char *prefix, struct str text, int64_t *ret_id)
{
    size_t len = strlen(prefix);
    uint64_t value = 0;
    if (text.len != len + 1 + DIGITS ||
        !str_equal_nocase(str_slice(text, 0, len), str_from_c(prefix)) || text.ptr[len] != '_')
        return false;
    for (size_t i = len + 1; i < text.len; i++) {
        char c = (char)(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? text.ptr[i] + 32 : text.ptr[i]);
        const char *digit = c ? memchr(alphabet, c, 32) : NULL;
        if (!digit || value >> (64 - BITS_PER_DIGIT))
            return false;
        value = value << BITS_PER_DIGIT | (uint64_t)(digit - alphabet);
    }
    if (value == 0 || value > INT64_MAX)
        return false;
    *ret_id = (int64_t)value;
    return true;
}
