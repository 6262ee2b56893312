/* Text as a slice: a pointer and a length, not terminated, never owning. */
#ifndef LIB_BASE_STR_H
#define LIB_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

/* `ptr` may be NULL when `len` is 0. The bytes belong to whoever made them (mostly an arena). */
struct str {
    const char *ptr;
    size_t len;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
/* For static initialisers, where a compound literal is not a constant expression. */
#define STR_INIT(literal)               \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }
/* printf("%.*s", STR_ARG(text)) */
#define STR_ARG(text) ((int)(text).len), ((text).len ? (text).ptr : "")

/* `text` may be NULL: then the slice is empty. Borrowed. */
struct str str_from_c(const char *text);
bool str_is_empty(struct str text);
bool str_equal(struct str a, struct str b);
/* ASCII letters only; for names of headers, methods, columns. */
bool str_equal_nocase(struct str a, struct str b);
/* Byte order; <0, 0, >0. */
int str_compare(struct str a, struct str b);
bool str_starts_with(struct str text, struct str prefix);
bool str_ends_with(struct str text, struct str suffix);
/* Whether `needle` occurs; `ret_at` (may be NULL) is where first. */
bool str_find(struct str text, struct str needle, size_t *ret_at);
bool str_find_char(struct str text, char c, size_t *ret_at);
/* Bytes [from, to), both clamped to the text. */
struct str str_slice(struct str text, size_t from, size_t to);
/* Without ASCII white space at both ends. */
struct str str_trim(struct str text);
/* Takes the next piece off `*rest`; false when nothing is left (`ptr` is NULL). "a,,b" gives "a",
 * "", "b"; "a," gives "a", ""; "" gives one "". */
bool str_split(struct str *rest, char separator, struct str *ret_piece);
/* Whether it is well-formed UTF-8 without NUL (RFC 3629). */
bool str_is_utf8(struct str text);

#endif
